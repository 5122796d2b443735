/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite wants a file that it can seek in, and results go to streams: the database is made under a temporary
 * name that nobody else can open, and then copied out. */
#include "export/sqlite_row.h"

#include "export/visible.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024 };

static void keep(struct wtr_sqlite *s, int code)
{
    bool good = code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW;
    if (!good && s->failure == WTR_OK)
        s->failure = code == SQLITE_NOMEM ? WTR_E_MEMORY : WTR_E_WRITE;
}

static bool name_file(struct wtr_sqlite *s, const char *directory)
{
    const char *place = directory ? directory : getenv("TMPDIR");
    wtr_put_z(&s->path, place && *place ? place : "/tmp");
    wtr_put_z(&s->path, "/wattrail-XXXXXX");
    wtr_put(&s->path, "", 1);
    if (s->path.failed)
        return false;
    int file = mkstemp(s->path.data);
    if (file >= 0)
        close(file);
    return file >= 0;
}

void wtr_sqlite_open(struct wtr_sqlite *s, const char *directory)
{
    if (!name_file(s, directory)) {
        s->failure = s->path.failed ? WTR_E_MEMORY : WTR_E_WRITE;
        wtr_buffer_clear(&s->path);
        return;
    }
    keep(s, sqlite3_open_v2(s->path.data, &s->database, SQLITE_OPEN_READWRITE, NULL));
    if (s->failure == WTR_OK)
        keep(s, sqlite3_exec(s->database, wtr_sqlite_tables, NULL, NULL, NULL));
    for (int i = 0; i < WTR_SQLITE_TABLES && s->failure == WTR_OK; i++)
        keep(s, sqlite3_prepare_v2(s->database, wtr_sqlite_inserts[i], -1, &s->inserts[i], NULL));
}

static void close_database(struct wtr_sqlite *s)
{
    for (int i = 0; i < WTR_SQLITE_TABLES; i++) {
        sqlite3_finalize(s->inserts[i]);
        s->inserts[i] = NULL;
    }
    keep(s, sqlite3_close(s->database));
    s->database = NULL;
}

void wtr_sqlite_close(struct wtr_sqlite *s)
{
    close_database(s);
    if (s->path.length > 0)
        unlink(s->path.data);
    wtr_buffer_free(&s->path);
    wtr_buffer_free(&s->visible);
}

void wtr_sqlite_row(struct wtr_sqlite *s, enum wtr_sqlite_table table)
{
    s->row = s->failure == WTR_OK ? s->inserts[table] : NULL;
    s->column = 0;
    wtr_buffer_clear(&s->visible);
}

void wtr_sqlite_int(struct wtr_sqlite *s, int64_t value)
{
    if (s->row)
        keep(s, sqlite3_bind_int64(s->row, ++s->column, value));
}

void wtr_sqlite_uint(struct wtr_sqlite *s, uint64_t value)
{
    wtr_sqlite_int(s, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void wtr_sqlite_real(struct wtr_sqlite *s, double value)
{
    if (s->row)
        keep(s, sqlite3_bind_double(s->row, ++s->column, value));
}

void wtr_sqlite_null(struct wtr_sqlite *s)
{
    if (s->row)
        keep(s, sqlite3_bind_null(s->row, ++s->column));
}

static void bind_text(struct wtr_sqlite *s, struct wtr_text text)
{
    if (!text.data)
        wtr_sqlite_null(s);
    else if (s->row)
        keep(s,
             sqlite3_bind_text64(s->row, ++s->column, text.data, text.length, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void wtr_sqlite_text(struct wtr_sqlite *s, struct wtr_text text)
{
    if (!text.data || wtr_utf8_valid(text.data, text.length)) {
        bind_text(s, text);
        return;
    }
    wtr_buffer_clear(&s->visible);
    wtr_put_visible(&s->visible, text);
    if (s->visible.failed && s->failure == WTR_OK)
        s->failure = WTR_E_MEMORY;
    bind_text(s, wtr_buffer_text(&s->visible));
}

void wtr_sqlite_bytes(struct wtr_sqlite *s, struct wtr_text bytes)
{
    if (!bytes.data || wtr_utf8_valid(bytes.data, bytes.length))
        bind_text(s, bytes);
    else if (s->row)
        keep(s, sqlite3_bind_blob64(s->row, ++s->column, bytes.data, bytes.length, SQLITE_TRANSIENT));
}

void wtr_sqlite_z(struct wtr_sqlite *s, const char *text)
{
    bind_text(s, text ? wtr_text_z(text) : (struct wtr_text){NULL, 0});
}

void wtr_sqlite_end_row(struct wtr_sqlite *s)
{
    if (!s->row)
        return;
    keep(s, sqlite3_step(s->row));
    sqlite3_reset(s->row);
    sqlite3_clear_bindings(s->row);
}

static void copy_out(struct wtr_sqlite *s, int (*write)(void *payload, const char *data, size_t length),
                     void *payload)
{
    int file = open(s->path.data, O_RDONLY | O_CLOEXEC);
    char *chunk = malloc(CHUNK);
    ssize_t n = -1;
    if (!chunk)
        s->failure = WTR_E_MEMORY;
    while (chunk && file >= 0 && (n = read(file, chunk, CHUNK)) > 0 && s->failure == WTR_OK)
        if (write(payload, chunk, (size_t)n) != 0)
            s->failure = WTR_E_WRITE;
    if (n < 0 && s->failure == WTR_OK)
        s->failure = WTR_E_WRITE;
    if (file >= 0)
        close(file);
    free(chunk);
}

void wtr_sqlite_finish(struct wtr_sqlite *s, int (*write)(void *payload, const char *data, size_t length),
                       void *payload)
{
    if (s->failure == WTR_OK)
        keep(s, sqlite3_exec(s->database, wtr_sqlite_indexes, NULL, NULL, NULL));
    close_database(s);
    if (s->failure == WTR_OK)
        copy_out(s, write, payload);
}
