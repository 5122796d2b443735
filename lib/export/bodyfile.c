/* SPDX-License-Identifier: Apache-2.0 */
/* The bodyfile of The Sleuth Kit 3, which mactime lists:
 * MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime.
 *
 * mactime makes a row of its own for each time that is not set, so all four are equal; it drops a line whose
 * name holds a '|', so that is written as \u{7c}; and it merges lines of one second, inode and name, so the
 * event's number in this file stands in both. */
#include "export/format.h"
#include "export/line.h"
#include "export/listing.h"

struct state {
    uint64_t lines;
};

static void put_name(struct wtr_writer *w, const struct wtr_event *e)
{
    const struct state *s = w->state;
    wtr_line(&w->out, "[smart plug] ");
    wtr_listing_meaning(&w->out, e);
    wtr_line(&w->out, ": ");
    wtr_listing_text(&w->out, e->message, '|');
    wtr_line(&w->out, " (");
    wtr_listing_text(&w->out, wtr_writer_source(w, e->evidence.source), '|');
    if (e->evidence.frame) {
        wtr_line(&w->out, " frame ");
        wtr_line_uint(&w->out, e->evidence.frame);
    }
    wtr_line(&w->out, " offset ");
    wtr_line_uint(&w->out, e->evidence.offset);
    wtr_line(&w->out, " line ");
    wtr_line_uint(&w->out, s->lines);
    wtr_line(&w->out, ")");
}

static void put_event(struct wtr_writer *w, const struct wtr_event *e)
{
    struct state *s = w->state;
    int64_t time_ns;
    if (!wtr_listing_time(e, &time_ns)) {
        w->undated++;
        return;
    }
    s->lines++;
    wtr_line(&w->out, "0|");
    put_name(w, e);
    wtr_line(&w->out, "|");
    wtr_line_uint(&w->out, s->lines);
    wtr_line(&w->out, "|r/----------|0|0|0");
    for (int i = 0; i < 4; i++) {
        wtr_line(&w->out, "|");
        wtr_line_int(&w->out, wtr_listing_seconds(time_ns));
    }
    wtr_line(&w->out, "\n");
}

static void put_record(struct wtr_writer *w, const struct wtr_record *record, bool shown)
{
    if (record->type == WTR_RECORD_EVENT && shown)
        put_event(w, record->as.event);
}

const struct wtr_format wtr_format_bodyfile = {
    .name = "bodyfile",
    .purpose = "for mactime, in whole seconds: the least of all",
    .state_size = sizeof(struct state),
    .record = put_record,
    .limits = "lists events as if they were files, each with one time in whole seconds, and has no place for "
              "bounds, values, findings, windows, the summary and copies",
};
