/* SPDX-License-Identifier: Apache-2.0 */
/* The table for people: what its parts share. */
#ifndef WTR_EXPORT_TABLE_H
#define WTR_EXPORT_TABLE_H

#include "export/columns.h"
#include "export/format.h"

enum {
    WTR_TABLE_FINDINGS = 20,  /* that are listed; the rest are counted */
    WTR_TABLE_COMMANDS = 256, /* whose frames are remembered */
};

/* Where a command stands, so that what it may have caused can name its frame. */
struct wtr_table_command {
    struct wtr_id id;
    uint32_t source;
    uint64_t frame;
};

struct wtr_table {
    struct wtr_columns columns;
    struct wtr_buffer names; /* the sources' names, each with its NUL, as they may be shown */
    size_t source_count;
    struct wtr_buffer findings; /* the lines of the first ones */
    uint64_t finding_count;
    struct wtr_table_command commands[WTR_TABLE_COMMANDS]; /* a ring */
    size_t next_command;
    uint64_t images; /* that were shown */
    bool headed;
    bool closed;
    bool true_time;     /* some times are on a scale whose offset is known */
    bool relative_time; /* some are not */
    bool device_time;   /* some are those of a device that stored them */
};

/* A time in the zone of the options: date, time of day to the microsecond (cut, not rounded), and offset. */
void wtr_table_time(struct wtr_buffer *out, const struct wtr_writer_options *options, int64_t time_ns);
/* A place: the frame, and the bytes as offset and length; the source's number where there are several. */
void wtr_table_place(struct wtr_buffer *out, const struct wtr_table *table, const struct wtr_evidence *at);

extern const struct wtr_column wtr_table_event_columns[];
enum { WTR_TABLE_EVENT_COLUMNS = 7 };
/* Makes the cells of an event's row. */
void wtr_table_event(struct wtr_table *table, const struct wtr_writer_options *options,
                     const struct wtr_event *event);
/* Remembers a command's place. */
void wtr_table_note(struct wtr_table *table, const struct wtr_event *event);

/* What a dump is made of. */
void wtr_table_image(struct wtr_writer *w, const struct wtr_image_record *image);
void wtr_table_volume(struct wtr_writer *w, const struct wtr_volume_record *volume);
void wtr_table_entry(struct wtr_writer *w, const struct wtr_entry_record *entry);

/* The end of the page: what was counted, what was read, and what that means. */
void wtr_table_close(struct wtr_writer *w, const struct wtr_summary *summary);

#endif
