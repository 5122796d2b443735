/* SPDX-License-Identifier: Apache-2.0 */
/* The closing statement of the table: how much there is, what of the evidence was read, and what the absence
 * of an event means. */
#include "export/table.h"

#include "export/filter.h"
#include "export/visible.h"

/* "1 finding", "2 findings". */
static void put_count(struct wtr_buffer *out, uint64_t n, const char *one, const char *many)
{
    wtr_put_uint(out, n);
    wtr_put_char(out, ' ');
    wtr_put_z(out, n == 1 ? one : many);
}

static void put_totals(struct wtr_writer *w, const struct wtr_summary *s)
{
    struct wtr_buffer *out = &w->out;
    wtr_put_char(out, '\n');
    if (wtr_filter_is_on(&w->options)) {
        wtr_put_uint(out, w->events_written);
        wtr_put_z(out, " shown of ");
    }
    put_count(out, s->events, "event, ", "events, ");
    put_count(out, s->copies, "copy, ", "copies, ");
    put_count(out, s->findings, "finding\n", "findings\n");
}

static void put_findings(struct wtr_writer *w)
{
    const struct wtr_table *table = w->state;
    if (table->finding_count == 0)
        return;
    wtr_put_z(&w->out, "\nfindings (what could not be read, or was missing):\n");
    wtr_put_text(&w->out, wtr_buffer_text(&table->findings));
    if (table->finding_count > WTR_TABLE_FINDINGS) {
        wtr_put_z(&w->out, "  and ");
        wtr_put_uint(&w->out, table->finding_count - WTR_TABLE_FINDINGS);
        wtr_put_z(&w->out, " more, which the format jsonl lists\n");
    }
}

/* ---- one source */

/* Joins what there is with commas behind a heading, and ends the line. */
struct list {
    struct wtr_buffer *out;
    const char *heading;
    bool any;
};

static void begin_item(struct list *list)
{
    wtr_put_z(list->out, list->any ? ", " : list->heading);
    list->any = true;
}

static void list_count(struct list *list, uint64_t n, const char *one, const char *many)
{
    if (n == 0)
        return;
    begin_item(list);
    put_count(list->out, n, one, many);
}

static void end_list(const struct list *list)
{
    if (list->any)
        wtr_put_char(list->out, '\n');
}

static void put_extent(struct wtr_writer *w, const struct wtr_source_summary *s)
{
    wtr_put_z(&w->out, "  SHA-256: ");
    wtr_put_visible(&w->out, wtr_text_of(s->sha256, strnlen(s->sha256, sizeof s->sha256)));
    wtr_put_z(&w->out, "\n  ");
    if (s->frames || !s->bytes) /* a dump has none */
        put_count(&w->out, s->frames, "frame, ", "frames, ");
    put_count(&w->out, s->bytes, "byte", "bytes");
    if (s->has_time) {
        wtr_put_z(&w->out, ", from ");
        wtr_table_time(&w->out, &w->options, s->first_ns);
        wtr_put_z(&w->out, " to ");
        wtr_table_time(&w->out, &w->options, s->last_ns);
    }
    wtr_put_char(&w->out, '\n');
}

static void put_loss(struct wtr_buffer *out, const struct wtr_source_summary *s)
{
    struct list list = {out, "  lost: ", false};
    if (s->drops_known)
        list_count(&list, s->dropped, "packet dropped by the capture", "packets dropped by the capture");
    list_count(&list, s->snapped, "frame cut by the capture", "frames cut by the capture");
    list_count(&list, s->gaps, "gap in followed streams", "gaps in followed streams");
    list_count(&list, s->lost_bytes, "byte missing in them", "bytes missing in them");
    list_count(&list, s->fragments_lost, "IP fragment without its rest", "IP fragments without their rest");
    list_count(&list, s->evicted, "connection given up for want of room",
               "connections given up for want of room");
    end_list(&list);
    if (!s->drops_known)
        wtr_put_z(out, "  whether the capture dropped packets: it does not say\n");
}

static void put_unread(struct wtr_buffer *out, const struct wtr_source_summary *s)
{
    struct list list = {out, "  not read: ", false};
    list_count(&list, s->encrypted_frames, "encrypted frame", "encrypted frames");
    list_count(&list, s->unread_frames, "frame of a kind that is not read",
               "frames of kinds that are not read");
    list_count(&list, s->bad_frames, "frame with unsound headers", "frames with unsound headers");
    list_count(&list, s->filtered, "frame left out by the filter", "frames left out by the filter");
    end_list(&list);
}

static void put_read(struct wtr_buffer *out, const struct wtr_source_summary *s)
{
    struct list list = {out, "  read: ", false};
    list_count(&list, s->flows, "TCP connection", "TCP connections");
    if (s->flows) {
        wtr_put_z(out, " (followed: ");
        wtr_put_uint(out, s->followed);
        wtr_put_char(out, ')');
    }
    for (size_t i = 0; i < s->coverage_count; i++) {
        begin_item(&list);
        wtr_put_z(out, s->coverage[i].decoder);
        wtr_put_char(out, ' ');
        wtr_put_uint(out, s->coverage[i].records);
        if (s->coverage[i].errors) {
            wtr_put_z(out, " (errors: ");
            wtr_put_uint(out, s->coverage[i].errors);
            wtr_put_char(out, ')');
        }
    }
    end_list(&list);
    struct list odd = {out, "  repeated: ", false};
    list_count(&odd, s->repeated, "segment", "segments");
    list_count(&odd, s->altered, "segment with other bytes than before",
               "segments with other bytes than before");
    end_list(&odd);
}

static void put_clock(struct wtr_buffer *out, const struct wtr_source_summary *s)
{
    if (!s->clock_related)
        return;
    bool behind = s->clock_offset_ns < 0;
    wtr_put_z(out, "  clock: ");
    wtr_put_micro(out, (behind ? -s->clock_offset_ns : s->clock_offset_ns) / 1000);
    wtr_put_z(out, behind ? " s behind source " : " s ahead of source ");
    wtr_put_uint(out, s->clock_scale);
    wtr_put_z(out, "'s, give or take ");
    wtr_put_micro(out, (s->clock_uncertainty_ns + 999) / 1000);
    wtr_put_z(out, " s, by ");
    put_count(out, s->clock_shared, "message", "messages");
    wtr_put_z(out, " that both saw; its events stand on that scale\n");
}

static void put_source(struct wtr_writer *w, size_t number, const char *name,
                       const struct wtr_source_summary *s)
{
    struct wtr_buffer *out = &w->out;
    wtr_put_z(out, "\nsource ");
    wtr_put_uint(out, number);
    wtr_put_z(out, name ? ": " : "");
    wtr_put_z(out, name ? name : "");
    wtr_put_z(out, s->complete ? ": complete\n" : ": NOT COMPLETE\n");
    put_extent(w, s);
    put_clock(out, s);
    put_read(out, s);
    put_loss(out, s);
    put_unread(out, s);
}

/* ---- what it means */

static void put_meaning(struct wtr_writer *w)
{
    const struct wtr_table *table = w->state;
    if (table->images) {
        wtr_put_z(&w->out, "\nThat an entry is not there does not say that it never was.\n");
        return;
    }
    wtr_put_z(&w->out,
              "\nThat there is no event means something only within the times above, in what was read.\n");
    if (table->device_time)
        wtr_put_z(&w->out,
                  "What a dump dates is dated by the device's own clock; what it does not date stands in the "
                  "order in which it was written, as far as that is known.\n");
    if (!table->true_time && (table->relative_time || !table->device_time))
        wtr_put_z(&w->out,
                  "Times are those of the clock that captured: offset from true time not determined.\n");
    else if (table->relative_time)
        wtr_put_z(&w->out, "Of sources without an anchored clock: offset from true time not determined.\n");
}

void wtr_table_close(struct wtr_writer *w, const struct wtr_summary *summary)
{
    struct wtr_table *table = w->state;
    const char *name = table->names.data;
    table->closed = true;
    put_totals(w, summary);
    put_findings(w);
    for (size_t i = 0; i < summary->source_count; i++) {
        bool named = i < table->source_count && name && !table->names.failed;
        put_source(w, i, named ? name : NULL, &summary->sources[i]);
        if (named)
            name += strlen(name) + 1;
    }
    put_meaning(w);
}
