/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns for people. The first rows are held back to learn how wide the columns are; later rows are
 * written at once with those widths. Nothing is ever cut short: a cell that is too long pushes what follows.
 */
#ifndef WTR_EXPORT_COLUMNS_H
#define WTR_EXPORT_COLUMNS_H

#include "base/text.h"

enum { WTR_MAX_COLUMNS = 10 };

struct wtr_column {
    const char *title;
    unsigned most; /* columns of the terminal that it may claim */
};

enum wtr_row_style { WTR_ROW_PLAIN, WTR_ROW_STRONG, WTR_ROW_SOFT };

/* Zero-initialise, set `columns`, `count`, `colour` and `width`. */
struct wtr_columns {
    const struct wtr_column *columns;
    size_t count; /* at most WTR_MAX_COLUMNS */
    bool colour;
    unsigned width; /* of the terminal, 0: not known */

    struct wtr_buffer row;  /* the cells of the row that is being made, each ended by a NUL */
    struct wtr_buffer held; /* rows, each its style and then its cells */
    size_t rows;            /* that are held */
    bool settled;           /* the widths hold, and the titles are written */
    size_t widths[WTR_MAX_COLUMNS];
};

/* To make a row: for each column append visible text (visible.h) to `row` and end the cell; then end the row.
 */
void wtr_columns_end_cell(struct wtr_columns *c);
void wtr_columns_end_row(struct wtr_columns *c, enum wtr_row_style style, struct wtr_buffer *out);
/* Writes what is held back. Without any row nothing is written. */
void wtr_columns_flush(struct wtr_columns *c, struct wtr_buffer *out);
void wtr_columns_free(struct wtr_columns *c);

#endif
