/* SPDX-License-Identifier: Apache-2.0 */
/* Widths are learnt from the first rows alone, so that a timeline of any length is shown as it comes. Colours
 * are those of ECMA-48's SGR: bold, faint. */
#include "export/columns.h"

#include "export/visible.h"

enum { HELD_ROWS = 200, GAP = 2, NARROWEST = 12 };

void wtr_columns_free(struct wtr_columns *c)
{
    wtr_buffer_free(&c->row);
    wtr_buffer_free(&c->held);
}

void wtr_columns_end_cell(struct wtr_columns *c)
{
    wtr_put_char(&c->row, '\0');
}

static void put_spaces(struct wtr_buffer *out, size_t n)
{
    for (; n > 0; n--)
        wtr_put_char(out, ' ');
}

static const char *style_on(enum wtr_row_style style)
{
    return style == WTR_ROW_STRONG ? "\033[1m" : style == WTR_ROW_SOFT ? "\033[2m" : "";
}

/* One row of `count` cells, each ended by a NUL. Spaces are written only before a cell that has text. */
static void put_row(const struct wtr_columns *c, const char *cells, enum wtr_row_style style,
                    struct wtr_buffer *out)
{
    bool dressed = c->colour && style != WTR_ROW_PLAIN;
    size_t missing = 0;
    if (dressed)
        wtr_put_z(out, style_on(style));
    for (size_t i = 0; i < c->count; i++) {
        struct wtr_text cell = wtr_text_z(cells);
        size_t width = wtr_visible_width(cell);
        if (cell.length) {
            put_spaces(out, missing);
            wtr_put_text(out, cell);
            missing = 0;
        }
        missing += (width < c->widths[i] ? c->widths[i] - width : 0) + GAP;
        cells += cell.length + 1;
    }
    wtr_put_z(out, dressed ? "\033[0m\n" : "\n");
}

static size_t whole_width(const struct wtr_columns *c)
{
    size_t sum = 0;
    for (size_t i = 0; i < c->count; i++)
        sum += c->widths[i] + GAP;
    return sum - GAP;
}

/* Takes from the widest columns until the row fits the terminal, as far as that goes. */
static void fit_terminal(struct wtr_columns *c)
{
    while (c->width && whole_width(c) > c->width) {
        size_t widest = 0;
        for (size_t i = 1; i < c->count; i++)
            if (c->widths[i] > c->widths[widest])
                widest = i;
        if (c->widths[widest] <= NARROWEST)
            return;
        c->widths[widest]--;
    }
}

static void learn_widths(struct wtr_columns *c, const char *cells)
{
    for (size_t i = 0; i < c->count; i++) {
        struct wtr_text cell = wtr_text_z(cells);
        size_t width = wtr_visible_width(cell);
        if (width > c->columns[i].most)
            width = c->columns[i].most;
        if (width > c->widths[i])
            c->widths[i] = width;
        cells += cell.length + 1;
    }
}

static void put_titles(struct wtr_columns *c, struct wtr_buffer *out)
{
    for (size_t i = 0; i < c->count; i++)
        wtr_put(&c->row, c->columns[i].title, strlen(c->columns[i].title) + 1);
    if (c->row.failed)
        out->failed = true;
    else
        put_row(c, c->row.data, WTR_ROW_STRONG, out);
    wtr_buffer_clear(&c->row);
}

void wtr_columns_flush(struct wtr_columns *c, struct wtr_buffer *out)
{
    if (c->rows == 0)
        return;
    if (!c->settled) {
        c->settled = true;
        fit_terminal(c);
        put_titles(c, out);
    }
    const char *at = c->held.data;
    for (; c->rows > 0; c->rows--) {
        const char *cells = at + 1;
        put_row(c, cells, (enum wtr_row_style) * at, out);
        at = cells;
        for (size_t i = 0; i < c->count; i++)
            at += strlen(at) + 1;
    }
    wtr_buffer_clear(&c->held);
}

void wtr_columns_end_row(struct wtr_columns *c, enum wtr_row_style style, struct wtr_buffer *out)
{
    wtr_put_char(&c->held, (char)style);
    wtr_put_text(&c->held, wtr_buffer_text(&c->row));
    if (c->row.failed || c->held.failed) {
        out->failed = true;
        return;
    }
    c->rows++;
    if (!c->settled) {
        if (c->rows == 1)
            for (size_t i = 0; i < c->count; i++)
                c->widths[i] = strlen(c->columns[i].title);
        learn_widths(c, c->row.data);
    }
    wtr_buffer_clear(&c->row);
    if (c->settled || c->rows == HELD_ROWS)
        wtr_columns_flush(c, out);
}
