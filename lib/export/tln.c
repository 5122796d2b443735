/* SPDX-License-Identifier: Apache-2.0 */
/* TLN, five fields a line: Time|Source|Host|User|Description. The time is in whole seconds since 1970; so
 * that no fraction is lost the description begins with the exact one. A '|' of the evidence is written as
 * \u{7c}. */
#include "export/format.h"
#include "export/line.h"
#include "export/listing.h"

static void put_place(struct wtr_writer *w, const struct wtr_event *e)
{
    wtr_line(&w->out, " [");
    wtr_listing_text(&w->out, wtr_writer_source(w, e->evidence.source), '|');
    if (e->evidence.frame) {
        wtr_line(&w->out, " frame ");
        wtr_line_uint(&w->out, e->evidence.frame);
    }
    wtr_line(&w->out, " offset ");
    wtr_line_uint(&w->out, e->evidence.offset);
    wtr_line(&w->out, " event ");
    wtr_line(&w->out, e->id.text);
    wtr_line(&w->out, "]\n");
}

static void put_event(struct wtr_writer *w, const struct wtr_event *e)
{
    int64_t time_ns;
    if (!wtr_listing_time(e, &time_ns)) {
        w->undated++;
        return;
    }
    wtr_line_int(&w->out, wtr_listing_seconds(time_ns));
    wtr_line(&w->out, e->evidence.frame ? "|NET|" : "|FLASH|");
    wtr_listing_text(&w->out, e->device, '|');
    wtr_line(&w->out, "||");
    wtr_put_time(&w->out, time_ns);
    wtr_line(&w->out, "; ");
    wtr_listing_meaning(&w->out, e);
    wtr_line(&w->out, "; ");
    wtr_listing_text(&w->out, e->message, '|');
    put_place(w, e);
}

static void put_record(struct wtr_writer *w, const struct wtr_record *record, bool shown)
{
    if (record->type == WTR_RECORD_EVENT && shown)
        put_event(w, record->as.event);
}

const struct wtr_format wtr_format_tln = {
    .name = "tln",
    .purpose = "five fields a line, in whole seconds, for older timeline tools",
    .record = put_record,
    .limits = "gives an event one time in whole seconds, and has no place for bounds, values, findings, "
              "windows, the summary and copies",
};
