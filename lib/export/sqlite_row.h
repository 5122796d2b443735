/* SPDX-License-Identifier: Apache-2.0 */
/* A database in the making: opening it under a temporary name, rows by their columns in order, and its bytes
 * once it is whole. The first failure stays: every later call does nothing. */
#ifndef WTR_EXPORT_SQLITE_ROW_H
#define WTR_EXPORT_SQLITE_ROW_H

#include "base/text.h"
#include "export/sqlite_schema.h"
#include "wattrail/status.h"

struct sqlite3;
struct sqlite3_stmt;

/* Zero-initialise. */
struct wtr_sqlite {
    struct sqlite3 *database;
    struct sqlite3_stmt *inserts[WTR_SQLITE_TABLES];
    struct sqlite3_stmt *row; /* the one in the making */
    int column;               /* of it, filled so far */
    struct wtr_buffer path;
    struct wtr_buffer visible;
    enum wtr_status failure;
};

/* Makes an empty database in the directory (NULL: $TMPDIR, else /tmp), with its tables. */
void wtr_sqlite_open(struct wtr_sqlite *s, const char *directory);
/* Removes it, whole or not. */
void wtr_sqlite_close(struct wtr_sqlite *s);

void wtr_sqlite_row(struct wtr_sqlite *s, enum wtr_sqlite_table table);
void wtr_sqlite_int(struct wtr_sqlite *s, int64_t value);
/* Numbers of SQLite are signed: what does not fit is its greatest. */
void wtr_sqlite_uint(struct wtr_sqlite *s, uint64_t value);
void wtr_sqlite_real(struct wtr_sqlite *s, double value);
void wtr_sqlite_null(struct wtr_sqlite *s);
/* Text that is not UTF-8 is made visible (visible.h); empty text with data NULL is null. Borrowed until the
 * row ends. */
void wtr_sqlite_text(struct wtr_sqlite *s, struct wtr_text text);
/* The same, as a blob where it is not UTF-8. */
void wtr_sqlite_bytes(struct wtr_sqlite *s, struct wtr_text bytes);
/* NULL is null. */
void wtr_sqlite_z(struct wtr_sqlite *s, const char *text);
void wtr_sqlite_end_row(struct wtr_sqlite *s);

/* Makes indexes and views, and hands the file's bytes on in order. */
void wtr_sqlite_finish(struct wtr_sqlite *s, int (*write)(void *payload, const char *data, size_t length),
                       void *payload);

#endif
