/* SPDX-License-Identifier: Apache-2.0 */
/* The filters. A filter by time must not hide what may lie within, so it goes by an event's bounds. */
#include "export/filter.h"

#include "base/text.h"

bool wtr_glob_match(const char *glob, const char *text)
{
    const char *star = NULL; /* behind the last '*' */
    const char *retry = NULL;
    while (*text) {
        if (*glob == '*') {
            star = ++glob;
            retry = text;
        } else if (*glob == '?' || *glob == *text) {
            glob++;
            text++;
        } else if (star) {
            glob = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

bool wtr_filter_kind_known(const char *glob)
{
    for (int kind = 0; kind < WTR_KIND_COUNT; kind++)
        if (wtr_glob_match(glob, wtr_kind_name((enum wtr_kind)kind)))
            return true;
    return false;
}

bool wtr_filter_is_on(const struct wtr_writer_options *options)
{
    return options->kind || options->device || options->has_from || options->has_to;
}

bool wtr_filter_passes(const struct wtr_writer_options *options, const struct wtr_event *event)
{
    if (options->kind) {
        const char *kind = wtr_kind_name(event->kind);
        if (!kind || !wtr_glob_match(options->kind, kind))
            return false;
    }
    if (options->device && !wtr_text_is(event->device, options->device))
        return false;
    if (options->has_from && event->latest.known && event->latest.time_ns < options->from_ns)
        return false;
    return !(options->has_to && event->earliest.known && event->earliest.time_ns > options->to_ns);
}
