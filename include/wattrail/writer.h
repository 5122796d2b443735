/* SPDX-License-Identifier: Apache-2.0 */
/** @file writer.h Records and messages to text. */
#ifndef WATTRAIL_WRITER_H
#define WATTRAIL_WRITER_H

#include "wattrail/export.h"
#include "wattrail/record.h"
#include "wattrail/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Turns records into one output format. Opaque. */
typedef struct wtr_writer wtr_writer;

/** Takes text to its destination; a result other than 0 is a failure to write. */
typedef int wtr_write_fn(void *payload, const char *data, size_t length);

/** How many seconds east of UTC a zone is at a time, for zones whose offset changes with the season. */
typedef int wtr_zone_fn(void *payload, int64_t time_ns);

/** How a writer shows things, and which events. Initialise with wtr_writer_options_init. Later versions add
 * members at the end. */
struct wtr_writer_options {
    size_t size;           /**< sizeof(struct wtr_writer_options), set by wtr_writer_options_init */
    int zone_offset_s;     /**< table only: seconds east of UTC in which times are shown */
    const char *zone_name; /**< table only: the zone's name as shown; NULL: UTC */
    bool colour;           /**< table only: terminal colours */
    unsigned width;        /**< table only: columns of the terminal; 0: as wide as needed */
    const char *kind;      /**< show only events whose kind matches this glob ('*', '?'); NULL: all */
    const char *device;    /**< show only events of this device; NULL: all */
    bool has_from, has_to; /**< show only events that may lie within from_ns … to_ns: an event is left out
                                if its bounds exclude that, and an open bound excludes nothing */
    int64_t from_ns, to_ns;
    wtr_zone_fn *zone_offset; /**< table only: used in place of zone_offset_s; may be NULL */
    void *zone_payload;       /**< handed to `zone_offset` */
};

/** Sets the defaults. */
WTR_API void wtr_writer_options_init(struct wtr_writer_options *options);

/** Names of the formats that wtr_writer_new knows ("table", "jsonl", "csv"), NULL beyond the last; what each
 * is for. */
WTR_API const char *wtr_writer_format(size_t index, const char **purpose);

/** Makes a writer. `options` may be NULL; they and their texts are copied. WTR_E_ARGUMENT for a format that
 * is not known, and for a `kind` that matches none of the kinds there are. */
WTR_API enum wtr_status wtr_writer_new(wtr_writer **w, const char *format,
                                       const struct wtr_writer_options *options, wtr_write_fn *write,
                                       void *payload);
/** Writes one record; WTR_E_WRITE if the destination failed. The filters leave out events alone; with a
 * filter the header and the summary say so. A record for which the format has no place (in CSV all but
 * events) is passed over. After a failure every further call fails in the same way. */
WTR_API enum wtr_status wtr_writer_record(wtr_writer *w, const struct wtr_record *record);
/** Writes one protocol message; WTR_E_ARGUMENT for a format that has no form for it (CSV). */
WTR_API enum wtr_status wtr_writer_message(wtr_writer *w, const struct wtr_message_record *message);
/** Writes one device; WTR_E_ARGUMENT for a format that has no form for it (CSV). */
WTR_API enum wtr_status wtr_writer_device(wtr_writer *w, const struct wtr_device_record *device);
/** Writes what a dump is made of; WTR_E_ARGUMENT for a format that has no form for it (CSV). */
WTR_API enum wtr_status wtr_writer_image(wtr_writer *w, const struct wtr_image_record *image);
WTR_API enum wtr_status wtr_writer_volume(wtr_writer *w, const struct wtr_volume_record *volume);
WTR_API enum wtr_status wtr_writer_entry(wtr_writer *w, const struct wtr_entry_record *entry);
/** Hands over what is still held back. */
WTR_API enum wtr_status wtr_writer_finish(wtr_writer *w);
/** Frees the writer without writing. NULL is allowed. */
WTR_API void wtr_writer_free(wtr_writer *w);

#ifdef __cplusplus
}
#endif

#endif
