/* SPDX-License-Identifier: Apache-2.0 */
/* What an output format is to the writer: one constant struct, named once in registry.c. */
#ifndef WTR_EXPORT_FORMAT_H
#define WTR_EXPORT_FORMAT_H

#include "base/text.h"
#include "wattrail/writer.h"

/* A format appends to the writer's `out`; the writer checks that for failure, counts, and hands it on. */
struct wtr_format {
    const char *name;
    const char *purpose;
    size_t state_size; /* of `wtr_writer.state`, zeroed when the writer is made; 0: none */
    /* `shown` is false for an event that the filters left out: it may be remembered and is not written. */
    void (*record)(struct wtr_writer *w, const struct wtr_record *record, bool shown);
    /* NULL: the format has no form for them. */
    void (*message)(struct wtr_writer *w, const struct wtr_message_record *message);
    void (*device)(struct wtr_writer *w, const struct wtr_device_record *device);
    void (*image)(struct wtr_writer *w, const struct wtr_image_record *image);
    void (*volume)(struct wtr_writer *w, const struct wtr_volume_record *volume);
    void (*entry)(struct wtr_writer *w, const struct wtr_entry_record *entry);
    void (*finish)(struct wtr_writer *w); /* NULL: nothing is held back */
    void (*close)(void *state);           /* frees what the state holds; NULL: nothing */
};

struct wtr_writer {
    const struct wtr_format *format;
    struct wtr_writer_options options; /* its texts are the writer's own copies */
    struct wtr_buffer kind, device, zone_name;
    wtr_write_fn *write;
    void *payload;
    struct wtr_buffer out;
    uint64_t events_written;
    enum wtr_status failure; /* WTR_OK as long as nothing failed */
    void *state;
};

extern const struct wtr_format wtr_format_table;
extern const struct wtr_format wtr_format_jsonl;
extern const struct wtr_format wtr_format_csv;

/* NULL beyond the last. */
const struct wtr_format *wtr_format_at(size_t index);
/* NULL: there is none of that name. */
const struct wtr_format *wtr_format_named(const char *name);

#endif
