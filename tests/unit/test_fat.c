/* SPDX-License-Identifier: Apache-2.0 */
/* FAT12 on volumes that mkfs.fat and mtools wrote, plain and laid out under ESP-IDF's wear levelling after
 * twelve moves of its dummy sector (two more than a round):
 *
 *     STATE.TXT relay=on, log/a-longer-name.txt (1300 bytes), log/removed-file.txt and GONE.TXT written and
 *     removed, KEEP.TXT hello world (where GONE.TXT was), LAST.TXT written and removed; all of 2024-05-06
 *     07:08:10 */
#include "every.h"
#include "flash/formats.h"
#include "flash/wear.h"

#include "store_seed.h"

#include <criterion/criterion.h>

static uint8_t image[SEED_MAX];
static struct store_lines lines;

static const char *lines_of(size_t size)
{
    return store_read(&lines, &wtr_flash_fat, image, size, 0);
}

static void expect_files(const char *text)
{
    SEED_HAS(text, "live STATE.TXT none file @");
    SEED_HAS(text, "+8: relay=on\n");
    SEED_HAS(text, "live KEEP.TXT none file @");
    SEED_HAS(text, "+11: hello world\n");
    SEED_HAS(text, "live log/a-longer-name.txt none file @");
    SEED_HAS(text, "+1300: ah");
    SEED_HAS(text, "deleted ?AST.TXT none file mixed @");
    cr_assert_eq(lines.entries, 6, "%s", text);
    cr_assert_eq(lines.findings, 0, "%s", text);
}

Test(fat, plain)
{
    expect_files(lines_of(seed_load("fat/plain", image)));
}

Test(fat, under_wear_levelling)
{
    expect_files(lines_of(seed_load("fat/moved", image)));
}

/* Of a removed file the long name is whole; its cluster is another file's by now. */
Test(fat, a_removed_file_whose_cluster_is_in_use)
{
    const char *text = lines_of(seed_load("fat/plain", image));
    SEED_HAS(text, "deleted log/removed-file.txt failed file mixed @0x0+0: hex \n");
}

static void check_times(void *payload, const struct wtr_entry *e)
{
    size_t *files = payload;
    const struct wtr_fat_times *times = e->body;
    if (!e->type || strcmp(e->type, "file") != 0)
        return;
    *files += 1;
    cr_assert(!e->has_written);
    cr_assert_eq(times->written_date, (2024 - 1980) << 9 | 5 << 5 | 6);
    cr_assert_eq(times->written_time, 7 << 11 | 8 << 5 | 10 / 2);
}

Test(fat, times_stay_as_they_are)
{
    size_t files = 0;
    lines.each = check_times;
    lines.payload = &files;
    lines_of(seed_load("fat/moved", image));
    cr_assert_eq(files, 5);
    lines.each = NULL;
}

/* One copy of the state is as good as two. */
Test(fat, a_damaged_state)
{
    size_t size = seed_load("fat/moved", image);
    struct wtr_wear wear;
    cr_assert(wtr_wear_find(&wear, image, size, 0, size));
    cr_assert(wear.sectors == 9 && wear.turn == 1 && wear.dummy == 2 && wear.end == size);
    image[10 * WTR_FLASH_SECTOR + 5] ^= 1;
    expect_files(lines_of(size));
    image[11 * WTR_FLASH_SECTOR + 5] ^= 1; /* both */
    const char *text = lines_of(size);
    cr_assert(!strstr(text, " none "), "%s", text);
}

/* Table and copy differ: the one that leads to the whole file counts. */
Test(fat, either_table)
{
    size_t size = seed_load("fat/plain", image);
    for (size_t table = 0; table < 2; table++) {
        size_t length = (size_t)(image[22] | image[23] << 8) * 512;
        image[512 + table * length + 3 * 2] ^= 0x10;
        const char *text = lines_of(size);
        SEED_HAS(text, "live log/a-longer-name.txt none file @");
        SEED_HAS(text, "the allocation table and its copy differ");
        image[512 + table * length + 3 * 2] ^= 0x10;
    }
}

Test(fat, is_found_where_its_boot_sector_is)
{
    static uint8_t around[SEED_MAX + WTR_FLASH_SECTOR];
    memset(around, 0xff, sizeof around);
    size_t size = seed_load("fat/moved", around + WTR_FLASH_SECTOR);
    bool found = false;
    for (size_t at = 0; at < size + WTR_FLASH_SECTOR; at += WTR_FLASH_SECTOR) {
        struct wtr_flash_find find = wtr_flash_fat.probe(around, size + WTR_FLASH_SECTOR, at, NULL);
        if (find.bid == WTR_FLASH_NO)
            continue;
        cr_assert(!found && find.bid == WTR_FLASH_CERTAIN);
        cr_assert(at - find.before == WTR_FLASH_SECTOR && find.length == size);
        found = true;
    }
    cr_assert(found);
    seed_found(&wtr_flash_fat, "fat/plain", 0, SEED_MAX);
}

static size_t count_live(const char *text)
{
    static const char *const files[] = {": relay=on\n", ": hello world\n", "live log none dir ",
                                        "+1300: ahovcjqxelszgn"};
    size_t n = 0;
    for (size_t i = 0; i < 4; i++)
        n += strstr(text, files[i]) != NULL;
    return n;
}

/* Contents, names and slots have no check. What one changed byte costs: in a table nothing, since there are
 * two; behind the tables one file, or the directory that two are in; before them perhaps all. */
Test(fat, every_byte, .timeout = 500)
{
    size_t size = seed_load("fat/plain", image);
    size_t tables = 512, length = (size_t)(image[22] | image[23] << 8) * 512;
    for (size_t at = 0; at < size; at++) {
        static const uint8_t masks[] = {0xff, 0x01, 0x80};
        image[at] ^= masks[at % 3];
        const char *text = lines_of(size);
        image[at] ^= masks[at % 3];
        if (at < tables)
            continue;
        size_t lost = at < tables + 2 * length ? 0 : 2;
        cr_assert_geq(count_live(text) + lost, 4, "a change at %zu:\n%s", at, text);
        if (at < tables + 2 * length)
            cr_assert(!strstr(text, "live STATE.TXT failed") && !strstr(text, "live KEEP.TXT failed"));
    }
}

/* A volume that ends early gives no other content than the whole one as sound. */
Test(fat, every_length, .timeout = 500)
{
    size_t size = seed_load("fat/moved", image);
    for (size_t cut = 0; cut < size; cut += cut % 512 < 4 ? 1 : EVERY(127)) {
        uint8_t *copy = malloc(cut ? cut : 1);
        memcpy(copy, image, cut);
        const char *text = store_read(&lines, &wtr_flash_fat, copy, cut, 0);
        for (const char *line = text; (line = strstr(line, "live ")) != NULL; line++)
            cr_assert(!strstr(line, " none file ") || count_live(text) == 4, "cut at %zu:\n%s", cut, text);
        free(copy);
    }
}
