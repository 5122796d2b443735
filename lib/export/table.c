/* SPDX-License-Identifier: Apache-2.0 */
/* The table for people: a heading, rows in columns, and at the end what was and was not read. It is for
 * looking at, not for other programs. Texts of the evidence are shown with every unseen character spelt out.
 */
#include "export/table.h"

#include "export/filter.h"
#include "export/visible.h"
#include "export/words.h"

static const struct wtr_column message_columns[] = {
    {"time", 36}, {"from", 28}, {"to", 28}, {"message", 20}, {"fields", 100}, {"evidence", 28},
};

static const struct wtr_column device_columns[] = {
    {"device", 32}, {"vendor", 16},    {"model", 28},      {"firmware", 24},  {"names", 60},
    {"MAC", 40},    {"addresses", 40}, {"first seen", 36}, {"last seen", 36}, {"events", 10},
};

static void set_columns(struct wtr_writer *w, const struct wtr_column *columns, size_t count)
{
    struct wtr_table *table = w->state;
    if (table->columns.columns)
        return;
    table->columns.columns = columns;
    table->columns.count = count;
    table->columns.colour = w->options.colour;
    table->columns.width = w->options.width;
}

/* ---- heading */

static void put_source(struct wtr_table *table, struct wtr_buffer *out, const struct wtr_source *source)
{
    size_t start = table->names.length;
    wtr_put_visible(&table->names, wtr_text_z(source->name));
    wtr_put_char(&table->names, '\0');
    wtr_put_z(out, "source ");
    wtr_put_uint(out, table->source_count++);
    wtr_put_z(out, ": ");
    if (!table->names.failed)
        wtr_put_z(out, table->names.data + start);
    wtr_put_z(out, " (");
    wtr_put_z(out, source->type ? source->type : "type not known");
    if (source->size) {
        wtr_put_z(out, ", ");
        wtr_put_uint(out, source->size);
        wtr_put_z(out, " bytes");
    }
    wtr_put_z(out,
              source->compressed ? ", gzip-compressed: offsets count in the uncompressed file)\n" : ")\n");
}

static void put_limit(struct wtr_writer *w, const char *words, const char *text)
{
    if (!text)
        return;
    wtr_put_z(&w->out, words);
    wtr_put_visible(&w->out, wtr_text_z(text));
    wtr_put_char(&w->out, '\n');
}

static void put_time_limit(struct wtr_writer *w, const char *words, bool given, int64_t time_ns)
{
    if (!given)
        return;
    wtr_put_z(&w->out, words);
    wtr_table_time(&w->out, &w->options, time_ns);
    wtr_put_char(&w->out, '\n');
}

static void put_header(struct wtr_writer *w, const struct wtr_header *header)
{
    struct wtr_table *table = w->state;
    const struct wtr_writer_options *o = &w->options;
    table->headed = true;
    wtr_put_z(&w->out, header->tool);
    wtr_put_char(&w->out, '\n');
    for (size_t i = 0; i < header->source_count; i++)
        put_source(table, &w->out, &header->sources[i]);
    wtr_put_z(&w->out, "times: ");
    wtr_put_visible(&w->out, wtr_text_z(o->zone_name ? o->zone_name : "UTC"));
    wtr_put_char(&w->out, '\n');
    wtr_put_z(&w->out, table->source_count > 1 ? "evidence: source:frame" : "evidence: frame");
    wtr_put_z(&w->out, " @offset+length of the bytes\n");
    put_limit(w, "only packets that pass: ", header->filter);
    put_limit(w, "only events of the kind: ", o->kind);
    put_limit(w, "only events of the device: ", o->device);
    put_time_limit(w, "only events that may lie at or after: ", o->has_from, o->from_ns);
    put_time_limit(w, "only events that may lie at or before: ", o->has_to, o->to_ns);
    if (header->reveal_secrets)
        wtr_put_z(&w->out, "secrets are shown\n");
    wtr_put_char(&w->out, '\n');
}

/* ---- rows */

static enum wtr_row_style style_of(const struct wtr_event *e)
{
    if (e->retained || e->past || e->change == WTR_CHANGE_SAME)
        return WTR_ROW_SOFT;
    return e->kind == WTR_KIND_POWER_STATE || e->kind == WTR_KIND_POWER_COMMAND ? WTR_ROW_STRONG
                                                                                : WTR_ROW_PLAIN;
}

static void put_event(struct wtr_writer *w, const struct wtr_event *e, bool shown)
{
    struct wtr_table *table = w->state;
    wtr_table_note(table, e);
    if (!shown)
        return;
    set_columns(w, wtr_table_event_columns, WTR_TABLE_EVENT_COLUMNS);
    wtr_table_event(table, &w->options, e);
    wtr_columns_end_row(&table->columns, style_of(e), &w->out);
    if (wtr_text_starts(e->time_scale, "capture:"))
        table->relative_time = true;
    else if (e->stored)
        table->device_time = true;
    else
        table->true_time = true;
}

static void put_message(struct wtr_writer *w, const struct wtr_message_record *m)
{
    struct wtr_table *table = w->state;
    struct wtr_columns *c = &table->columns;
    set_columns(w, message_columns, sizeof message_columns / sizeof *message_columns);
    if (m->has_time)
        wtr_table_time(&c->row, &w->options, m->time_ns);
    wtr_columns_end_cell(c);
    wtr_put_visible(&c->row, m->src);
    wtr_columns_end_cell(c);
    wtr_put_visible(&c->row, m->dst);
    wtr_columns_end_cell(c);
    wtr_put_z(&c->row, m->protocol);
    wtr_put_char(&c->row, ' ');
    wtr_put_z(&c->row, m->type);
    wtr_columns_end_cell(c);
    wtr_put_visible(&c->row, m->fields);
    wtr_columns_end_cell(c);
    wtr_table_place(&c->row, table, &m->evidence);
    wtr_columns_end_cell(c);
    wtr_columns_end_row(c, WTR_ROW_PLAIN, &w->out);
    table->relative_time = true;
}

static void put_list(struct wtr_columns *c, const struct wtr_text *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            wtr_put_z(&c->row, ", ");
        wtr_put_visible(&c->row, list[i]);
    }
    wtr_columns_end_cell(c);
}

static void put_seen(struct wtr_columns *c, const struct wtr_writer_options *options, bool known,
                     int64_t time_ns)
{
    if (known)
        wtr_table_time(&c->row, options, time_ns);
    wtr_columns_end_cell(c);
}

static void put_device(struct wtr_writer *w, const struct wtr_device_record *d)
{
    struct wtr_table *table = w->state;
    struct wtr_columns *c = &table->columns;
    set_columns(w, device_columns, sizeof device_columns / sizeof *device_columns);
    put_list(c, &d->device, 1);
    put_list(c, &d->vendor, 1);
    put_list(c, &d->model, 1);
    put_list(c, &d->firmware, 1);
    put_list(c, d->names, d->name_count);
    put_list(c, d->macs, d->mac_count);
    put_list(c, d->ips, d->ip_count);
    put_seen(c, &w->options, d->has_time, d->first_ns);
    put_seen(c, &w->options, d->has_time, d->last_ns);
    wtr_put_uint(&c->row, d->events);
    wtr_columns_end_cell(c);
    wtr_columns_end_row(c, WTR_ROW_PLAIN, &w->out);
    table->relative_time = true;
}

static void note_finding(struct wtr_table *table, const struct wtr_finding *f)
{
    struct wtr_buffer *out = &table->findings;
    if (table->finding_count++ >= WTR_TABLE_FINDINGS)
        return;
    wtr_put_z(out, "  ");
    wtr_table_place(out, table, &f->evidence);
    wtr_put_z(out, "  ");
    wtr_put_visible(out, f->message);
    wtr_put_char(out, '\n');
}

/* ---- the format */

static void put_record(struct wtr_writer *w, const struct wtr_record *record, bool shown)
{
    struct wtr_table *table = w->state;
    switch (record->type) {
    case WTR_RECORD_HEADER:
        put_header(w, record->as.header);
        break;
    case WTR_RECORD_EVENT:
        put_event(w, record->as.event, shown);
        break;
    case WTR_RECORD_FINDING:
        note_finding(table, record->as.finding);
        break;
    case WTR_RECORD_WINDOW:
        break;
    case WTR_RECORD_SUMMARY:
        wtr_columns_flush(&table->columns, &w->out);
        wtr_table_close(w, record->as.summary);
        break;
    }
    w->out.failed |= table->names.failed || table->findings.failed;
}

static void finish(struct wtr_writer *w)
{
    struct wtr_table *table = w->state;
    wtr_columns_flush(&table->columns, &w->out);
    if (table->headed && !table->closed)
        wtr_put_z(&w->out, "\nINCOMPLETE: what should stand here was never read.\n");
}

static void close_state(void *state)
{
    struct wtr_table *table = state;
    wtr_columns_free(&table->columns);
    wtr_buffer_free(&table->names);
    wtr_buffer_free(&table->findings);
}

const struct wtr_format wtr_format_table = {
    .name = "table",
    .purpose = "aligned columns and a closing statement, for reading",
    .state_size = sizeof(struct wtr_table),
    .record = put_record,
    .message = put_message,
    .device = put_device,
    .image = wtr_table_image,
    .volume = wtr_table_volume,
    .entry = wtr_table_entry,
    .finish = finish,
    .close = close_state,
};
