/* SPDX-License-Identifier: Apache-2.0 */
/* What a dump is made of, as rows of the table. */
#include "export/table.h"

#include "export/visible.h"
#include "export/words.h"

static const struct wtr_column volume_columns[] = {
    {"volume", 28}, {"label", 16},   {"type", 12},  {"offset", 12},
    {"length", 12}, {"entries", 10}, {"notes", 60},
};

static const struct wtr_column entry_columns[] = {
    {"volume", 24}, {"path", 48},  {"type", 12},     {"state", 12}, {"order", 28},
    {"check", 12},  {"length", 8}, {"evidence", 28}, {"notes", 48},
};

static void set_columns(struct wtr_writer *w, const struct wtr_column *columns, size_t count)
{
    struct wtr_table *table = w->state;
    table->columns.columns = columns;
    table->columns.count = count;
    table->columns.colour = w->options.colour;
    table->columns.width = w->options.width;
}

static void put_hex(struct wtr_buffer *out, uint64_t value)
{
    static const char digits[] = "0123456789abcdef";
    int shift = 60;
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    wtr_put_z(out, "0x");
    for (; shift >= 0; shift -= 4)
        wtr_put_char(out, digits[value >> shift & 15]);
}

void wtr_table_image(struct wtr_writer *w, const struct wtr_image_record *image)
{
    struct wtr_table *table = w->state;
    struct wtr_buffer *out = &w->out;
    wtr_columns_flush(&table->columns, out);
    wtr_put_z(out, table->images ? "\nimage " : "image ");
    if (table->source_count > 1) {
        wtr_put_uint(out, image->source);
        wtr_put_char(out, ':');
    }
    wtr_put_uint(out, image->image);
    wtr_put_z(out, ": ");
    wtr_put_visible(out, image->kind);
    wtr_put_z(out, ", ");
    wtr_put_uint(out, image->length);
    wtr_put_z(out, " bytes at ");
    put_hex(out, image->offset);
    wtr_put_z(out, image->encrypted ? ", encryption fits (esp32-flash)\n" : "\n");
    table->images++;
}

static void put_note(struct wtr_buffer *out, bool *any, const char *note)
{
    wtr_put_z(out, *any ? ", " : "");
    wtr_put_z(out, note);
    *any = true;
}

static void put_count(struct wtr_buffer *out, bool *any, uint64_t n, const char *what)
{
    if (n == 0)
        return;
    put_note(out, any, "");
    wtr_put_uint(out, n);
    wtr_put_z(out, what);
}

static void volume_notes(struct wtr_buffer *out, const struct wtr_volume_record *v)
{
    bool any = false;
    if (v->format.length == 0)
        put_note(out, &any, "not read");
    if (!v->certain)
        put_note(out, &any, "fits, not certain");
    if (v->contested)
        put_note(out, &any, "another reading fits, too");
    if (v->encrypted)
        put_note(out, &any, "enciphered by the chip");
    if (v->depth)
        put_note(out, &any, "within another");
    if (v->whole > v->length)
        put_count(out, &any, v->whole - v->length, " bytes are missing");
    put_count(out, &any, v->entries - v->live, " not live");
    put_count(out, &any, v->failed, " unsound");
    put_count(out, &any, v->findings, v->findings == 1 ? " finding" : " findings");
}

void wtr_table_volume(struct wtr_writer *w, const struct wtr_volume_record *v)
{
    struct wtr_table *table = w->state;
    struct wtr_columns *c = &table->columns;
    set_columns(w, volume_columns, sizeof volume_columns / sizeof *volume_columns);
    wtr_put_visible(&c->row, v->name);
    wtr_columns_end_cell(c);
    wtr_put_visible(&c->row, v->label);
    wtr_columns_end_cell(c);
    wtr_put_visible(&c->row, v->type);
    wtr_columns_end_cell(c);
    put_hex(&c->row, v->offset);
    wtr_columns_end_cell(c);
    put_hex(&c->row, v->length);
    wtr_columns_end_cell(c);
    wtr_put_uint(&c->row, v->entries);
    wtr_columns_end_cell(c);
    volume_notes(&c->row, v);
    wtr_columns_end_cell(c);
    wtr_columns_end_row(c, WTR_ROW_PLAIN, &w->out);
}

static void put_order(struct wtr_buffer *out, const struct wtr_entry_order *order)
{
    if (order->basis == WTR_ORDER_PROBABLE)
        wtr_put_z(out, "probably ");
    wtr_put_visible(out, order->scope);
    wtr_put_z(out, order->scope.length ? " " : "");
    if (order->has_sequence)
        wtr_put_uint(out, order->sequence);
}

static void entry_notes(struct wtr_buffer *out, const struct wtr_entry_record *e)
{
    bool any = false;
    if (e->secret)
        put_note(out, &any, "secret");
    if (e->attributed)
        put_note(out, &any, "name by size and shape");
    if (e->mixed)
        put_note(out, &any, "parts of different generations");
    if (e->encryption)
        put_note(out, &any, e->encryption);
    if (e->part_count)
        put_count(out, &any, e->part_count, " pieces");
}

void wtr_table_entry(struct wtr_writer *w, const struct wtr_entry_record *e)
{
    struct wtr_table *table = w->state;
    struct wtr_columns *c = &table->columns;
    set_columns(w, entry_columns, sizeof entry_columns / sizeof *entry_columns);
    wtr_put_visible(&c->row, e->volume);
    wtr_columns_end_cell(c);
    wtr_put_visible(&c->row, e->path);
    wtr_columns_end_cell(c);
    wtr_put_z(&c->row, e->type ? e->type : "");
    wtr_columns_end_cell(c);
    wtr_put_z(&c->row, wtr_word_entry_state(e->state));
    wtr_columns_end_cell(c);
    put_order(&c->row, &e->order);
    wtr_columns_end_cell(c);
    wtr_put_z(&c->row, e->check ? e->check : "");
    wtr_put_z(&c->row, e->check ? " " : "");
    wtr_put_z(&c->row, wtr_word_integrity(e->integrity));
    wtr_columns_end_cell(c);
    wtr_put_uint(&c->row, e->value.length);
    wtr_columns_end_cell(c);
    wtr_table_place(&c->row, table, &e->evidence);
    wtr_columns_end_cell(c);
    entry_notes(&c->row, e);
    wtr_columns_end_cell(c);
    wtr_columns_end_row(c, e->state == WTR_ENTRY_LIVE ? WTR_ROW_PLAIN : WTR_ROW_SOFT, &w->out);
}
