/* SPDX-License-Identifier: Apache-2.0 */
/* The output formats, in the order in which they are offered. */
#include "export/format.h"

static const struct wtr_format *const formats[] = {
    &wtr_format_table,  &wtr_format_jsonl, &wtr_format_csv,      &wtr_format_timesketch,
    &wtr_format_l2tcsv, &wtr_format_tln,   &wtr_format_bodyfile, &wtr_format_sqlite,
};

enum { FORMATS = sizeof formats / sizeof formats[0] };

const struct wtr_format *wtr_format_at(size_t index)
{
    return index < FORMATS ? formats[index] : NULL;
}

const struct wtr_format *wtr_format_named(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

const char *wtr_writer_format(size_t index, const char **purpose)
{
    const struct wtr_format *format = wtr_format_at(index);
    if (format && purpose)
        *purpose = format->purpose;
    return format ? format->name : NULL;
}
