/* SPDX-License-Identifier: Apache-2.0 */
/* The seventeen columns of log2timeline (version 2). A time is a date in American order and whole seconds;
 * the exact one stands in `extra`. The format knows no quotes: a ',' within a field is written as ';'. */
#include "export/format.h"
#include "export/line.h"
#include "export/listing.h"
#include "export/visible.h"
#include "export/words.h"

struct state {
    struct wtr_buffer cell;
    bool headed;
};

static void put_cell(struct wtr_writer *w, struct wtr_text text)
{
    size_t start = w->out.length;
    if (text.length > 0)
        wtr_put_visible(&w->out, text);
    else
        wtr_line(&w->out, "-");
    for (size_t i = start; i < w->out.length; i++)
        if (w->out.data[i] == ',')
            w->out.data[i] = ';';
    wtr_line(&w->out, ",");
}

/* "MM/DD/YYYY,hh:mm:ss,UTC,": parts of RFC 3339's "YYYY-MM-DDThh:mm:ss". */
static void put_time(struct wtr_writer *w, struct state *s, int64_t time_ns)
{
    wtr_buffer_clear(&s->cell);
    wtr_put_time(&s->cell, time_ns);
    if (s->cell.failed)
        return;
    const char *text = s->cell.data;
    wtr_put(&w->out, text + 5, 2);
    wtr_line(&w->out, "/");
    wtr_put(&w->out, text + 8, 2);
    wtr_line(&w->out, "/");
    wtr_put(&w->out, text, 4);
    wtr_line(&w->out, ",");
    wtr_put(&w->out, text + 11, 8);
    wtr_line(&w->out, ",UTC,M...,");
}

static void put_extra(struct wtr_writer *w, const struct wtr_event *e, int64_t time_ns)
{
    wtr_line(&w->out, "time_ns: ");
    wtr_line_int(&w->out, time_ns);
    wtr_line(&w->out, "; event: ");
    wtr_line(&w->out, e->id.text);
    wtr_line(&w->out, "; certainty: ");
    wtr_line(&w->out, wtr_word_certainty(e->certainty));
    if (e->evidence.frame) {
        wtr_line(&w->out, "; frame: ");
        wtr_line_uint(&w->out, e->evidence.frame);
    }
    wtr_line(&w->out, "; offset: ");
    wtr_line_uint(&w->out, e->evidence.offset);
    wtr_line(&w->out, "; length: ");
    wtr_line_uint(&w->out, e->evidence.length);
    wtr_line(&w->out, "\n");
}

/* source, sourcetype, type, user, host, short, desc, version, filename, inode, notes, format, extra */
static void put_event(struct wtr_writer *w, const struct wtr_event *e)
{
    struct state *s = w->state;
    int64_t time_ns;
    if (!wtr_listing_time(e, &time_ns)) {
        w->undated++;
        return;
    }
    put_time(w, s, time_ns);
    wtr_line(&w->out, e->evidence.frame ? "NET,Smart plug traffic," : "FLASH,Smart plug storage,");
    wtr_buffer_clear(&s->cell);
    wtr_listing_meaning(&s->cell, e);
    put_cell(w, wtr_buffer_text(&s->cell));
    wtr_line(&w->out, "-,");
    put_cell(w, e->device);
    put_cell(w, wtr_text_z(wtr_word_kind(e->kind)));
    put_cell(w, e->message);
    wtr_line(&w->out, "2,");
    put_cell(w, wtr_writer_source(w, e->evidence.source));
    wtr_line(&w->out, "-,-,");
    put_cell(w, e->path);
    put_extra(w, e, time_ns);
}

static void put_names(struct wtr_writer *w)
{
    struct state *s = w->state;
    if (!s->headed)
        wtr_line(&w->out, "date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc,version,"
                          "filename,inode,notes,format,extra\n");
    s->headed = true;
}

static void put_record(struct wtr_writer *w, const struct wtr_record *record, bool shown)
{
    struct state *s = w->state;
    put_names(w);
    if (record->type == WTR_RECORD_EVENT && shown)
        put_event(w, record->as.event);
    w->out.failed |= s->cell.failed;
}

static void close_state(void *state)
{
    struct state *s = state;
    wtr_buffer_free(&s->cell);
}

const struct wtr_format wtr_format_l2tcsv = {
    .name = "l2tcsv",
    .purpose = "seventeen columns of log2timeline, in whole seconds",
    .state_size = sizeof(struct state),
    .record = put_record,
    .finish = put_names,
    .close = close_state,
    .limits = "gives an event one time in whole seconds, and has no place for bounds, values, findings, "
              "windows, the summary and copies",
};
