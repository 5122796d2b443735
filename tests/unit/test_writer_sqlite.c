/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite form where things go wrong: nowhere to make it, nowhere to write it, bytes that are not UTF-8.
 * What it holds is compared with the canonical lines in tests/evidence/sqlite.py. */
#include "writer_page.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/wattrail-test-XXXXXX";

static void set_up(void)
{
    cr_assert(mkdtemp(folder));
}

static unsigned files_in_folder(void)
{
    unsigned count = 0;
    DIR *open = opendir(folder);
    for (const struct dirent *entry; open && (entry = readdir(open));)
        count += entry->d_name[0] != '.';
    closedir(open);
    return count;
}

static void tear_down(void)
{
    cr_expect_eq(files_in_folder(), 0, "nothing is left behind");
    rmdir(folder);
}

TestSuite(sqlite, .init = set_up, .fini = tear_down);

static void open_page(struct page *page, const char *directory)
{
    struct wtr_writer_options options;
    wtr_writer_options_init(&options);
    options.temporary = directory;
    page_open(page, "sqlite", &options);
}

static enum wtr_status put(struct page *page, const struct wtr_event *event)
{
    const struct wtr_record record = {.type = WTR_RECORD_EVENT, .as.event = event};
    return wtr_writer_record(page->writer, &record);
}

/* The only value that the query gives of the database on the page, as text. */
static void expect_value(const struct page *page, const char *query, const char *value)
{
    char path[sizeof folder + 8];
    sqlite3 *database = NULL;
    sqlite3_stmt *row = NULL;
    snprintf(path, sizeof path, "%s/a.db", folder);
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(page->text.data, 1, page->text.length, file) == page->text.length);
    fclose(file);
    cr_assert_eq(sqlite3_open(path, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(database, query, -1, &row, NULL), SQLITE_OK, "%s", query);
    cr_assert_eq(sqlite3_step(row), SQLITE_ROW);
    cr_expect_str_eq((const char *)sqlite3_column_text(row, 0), value);
    sqlite3_finalize(row);
    sqlite3_close(database);
    unlink(path);
}

Test(sqlite, without_events)
{
    struct page page;
    open_page(&page, folder);
    page_text(&page);
    expect_value(&page, "SELECT count(*) FROM event", "0");
    page_close(&page);
}

Test(sqlite, bytes_that_are_no_text)
{
    static const struct wtr_raw raw[] = {{{"\xfe", 1}, {"\xff\0x", 3}, WTR_RAW_TEXT}};
    struct page page;
    struct wtr_event e = sample_event();
    e.raw = raw;
    e.channel = T("\xff");
    open_page(&page, folder);
    cr_assert_eq(put(&page, &e), WTR_OK);
    page_text(&page);
    expect_value(&page, "SELECT hex(name) || ' ' || hex(value) || ' ' || typeof(value) FROM event_raw",
                 "FE FF0078 blob");
    expect_value(&page, "SELECT channel FROM event", "\\x{ff}");
    page_close(&page);
}

Test(sqlite, nowhere_to_make_it)
{
    struct page page;
    const struct wtr_event e = sample_event();
    open_page(&page, "/nowhere/at/all");
    cr_expect_eq(put(&page, &e), WTR_E_WRITE);
    cr_expect_eq(put(&page, &e), WTR_E_WRITE);
    cr_expect_eq(wtr_writer_finish(page.writer), WTR_E_WRITE);
    cr_expect_eq(page.text.length, 0);
    page_close(&page);
}

Test(sqlite, nowhere_to_write_it)
{
    struct page page;
    const struct wtr_event e = sample_event();
    open_page(&page, folder);
    for (int i = 0; i < 2000; i++)
        cr_assert_eq(put(&page, &e), WTR_OK);
    page.writes_before_failure = 1;
    cr_expect_eq(wtr_writer_finish(page.writer), WTR_E_WRITE);
    page_close(&page);
}

Test(sqlite, given_up)
{
    struct page page;
    const struct wtr_event e = sample_event();
    open_page(&page, folder);
    cr_assert_eq(put(&page, &e), WTR_OK);
    page_close(&page);
}
