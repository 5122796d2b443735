/* SPDX-License-Identifier: Apache-2.0 */
/* The tables and views of the SQLite form (docs/sqlite.md), and the order of their columns. */
#ifndef WTR_EXPORT_SQLITE_SCHEMA_H
#define WTR_EXPORT_SQLITE_SCHEMA_H

/* What makes an empty database: pragmas and tables. */
extern const char wtr_sqlite_tables[];
/* What is made once all rows are in: indexes and views. */
extern const char wtr_sqlite_indexes[];

/* One for each table that is filled. */
enum wtr_sqlite_table {
    WTR_SQLITE_HEADER,
    WTR_SQLITE_SOURCE,
    WTR_SQLITE_SOURCE_SUMMARY,
    WTR_SQLITE_COVERAGE,
    WTR_SQLITE_EVENT,
    WTR_SQLITE_VALUE,
    WTR_SQLITE_RAW,
    WTR_SQLITE_ORIGIN,
    WTR_SQLITE_LINK,
    WTR_SQLITE_STORAGE,
    WTR_SQLITE_TEXT,
    WTR_SQLITE_FINDING,
    WTR_SQLITE_WINDOW,
    WTR_SQLITE_SUMMARY,
    WTR_SQLITE_TABLES,
};

/* How a row gets in; its parameters are the columns in order. */
extern const char *const wtr_sqlite_inserts[WTR_SQLITE_TABLES];

#endif
