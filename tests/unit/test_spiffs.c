/* SPDX-License-Identifier: Apache-2.0 */
/* SPIFFS on volumes of four blocks of 4 KiB that SPIFFS's own source wrote, built as ESP-IDF, Arduino and
 * Mongoose OS build it:
 *
 *     set conf9.json to {"a":1}, (ESP-IDF's alone:) give it the time 1700000000, set it to {"a":2}, set
 * gone.txt and remove it, append ++ to conf9.json, set big (600 bytes) */
#include "flash/formats.h"

#include "flash_damage.h"
#include "store_seed.h"

#include <criterion/criterion.h>

enum { PAGE = 256, BLOCK = 4096 };

static uint8_t image[SEED_MAX];
static struct store_lines lines;

static const char *lines_of(size_t size)
{
    return store_read(&lines, &wtr_flash_spiffs, image, size, 0);
}

Test(spiffs, what_is_there_and_what_was)
{
    const char *text = lines_of(seed_load("spiffs/idf", image));
    SEED_HAS(text, "superseded conf9.json none file block 0/1 exact @0x205+7: {\"a\":1}\n");
    SEED_HAS(text, "superseded conf9.json none file block 0/4 exact @0x505+7: {\"a\":2}\n");
    SEED_HAS(text, "deleted gone.txt none file block 0/6 exact @0x705+4: gone\n");
    SEED_HAS(text, "live conf9.json none file block 0/8 exact @0x505+9: {\"a\":2}++\n");
    SEED_HAS(text, "live big none file block 0/9 exact @0xa05+600: ah");
    cr_assert(lines.entries == 6 && lines.findings == 0, "%s", text);
}

/* Names and metadata are of other lengths, and nothing says so but the lists of pages. */
Test(spiffs, other_builds)
{
    static const char *const seeds[] = {"spiffs/arduino", "spiffs/mongoose", "spiffs/nolength"};
    for (size_t i = 0; i < 3; i++) {
        const char *text = lines_of(seed_load(seeds[i], image));
        SEED_HAS(text, "superseded conf9.json none file block 0/1 exact @0x205+7: {\"a\":1}\n");
        SEED_HAS(text, "deleted gone.txt none file block 0/5 exact @0x605+4: gone\n");
        SEED_HAS(text, "live conf9.json none file block 0/7 exact @0x405+9: {\"a\":2}++\n");
        cr_assert(lines.entries == 5 && lines.findings == 0, "%s: %s", seeds[i], text);
    }
}

static void check_time(void *payload, const struct wtr_entry *e)
{
    size_t *dated = payload;
    if (!e->has_written)
        return;
    cr_assert(wtr_text_is(e->path, "conf9.json") && e->written_s == 1700000000);
    *dated += 1;
}

/* When a file's time alone is written anew, an earlier content is not dated by it. */
Test(spiffs, times)
{
    size_t dated = 0;
    lines.each = check_time;
    lines.payload = &dated;
    lines_of(seed_load("spiffs/idf", image));
    cr_assert_eq(dated, 2); /* {"a":2} and what was appended to it */
    lines.each = NULL;
}

Test(spiffs, a_damaged_table_loses_no_page)
{
    size_t size = seed_load("spiffs/idf", image);
    memset(image, 0x55, 32);
    const char *text = lines_of(size);
    SEED_HAS(text, "live big none file block 0/9 exact @0xa05+600: ah");
    SEED_HAS(text, "a page that its block's table contradicts");
}

/* A list that leads astray: the page with the file's number and place is taken, and it is said. */
Test(spiffs, a_damaged_list_is_held_against_the_pages)
{
    size_t size = seed_load("spiffs/idf", image);
    image[9 * PAGE + 50 + 2] = 0x20; /* big's second page */
    const char *text = lines_of(size);
    SEED_HAS(text, "live big none file block 0/9 exact @0xa05+600: ah");
    SEED_HAS(text, "finding @0x900+256 a list that does not name its file's page\n");
    image[11 * PAGE + 2] = 9; /* and that page's place */
    text = lines_of(size);
    SEED_HAS(text, "live big failed file ");
    SEED_HAS(text, "stale big none page block 0/11 exact attributed @0xb05+251: pwdkr");
}

Test(spiffs, a_removed_header_leaves_nameless_pages)
{
    size_t size = seed_load("spiffs/idf", image);
    memset(image + 6 * PAGE, 0xff, PAGE); /* gone.txt's list */
    const char *text = lines_of(size);
    SEED_HAS(text, "stale - none page block 0/7 exact @0x705+251: hex 676f6e65ff"); /* whose, nobody knows */
}

Test(spiffs, is_found_at_its_blocks)
{
    /* The last block's mark alone says too little. */
    static uint8_t around[SEED_MAX + BLOCK];
    memset(around, 0xff, sizeof around);
    size_t size = seed_load("spiffs/mongoose", around + BLOCK);
    for (size_t block = 0; block < 3; block++) {
        struct wtr_flash_find find =
            wtr_flash_spiffs.probe(around, size + BLOCK, BLOCK + block * BLOCK, NULL);
        cr_assert(find.bid == WTR_FLASH_CERTAIN && find.before == block * BLOCK && find.length == size,
                  "block %zu: %d %zu %zu", block, find.bid, find.before, find.length);
    }
    cr_assert_eq(wtr_flash_spiffs.probe(around, size + BLOCK, 0, NULL).bid, WTR_FLASH_NO);
}

/* Contents, names and lengths have no check. Tables and lists do: they are held against each other. */
static bool may_change(const char *fact, size_t at)
{
    size_t page = at / PAGE, in_page = at % PAGE;
    static const bool lists[16] = {[1] = true, [3] = true, [4] = true, [6] = true, [8] = true, [9] = true};
    if (at >= BLOCK || page == 0)
        return false;
    if (strstr(fact, " page: ") || strncmp(fact, ": ", 2) == 0)
        return true;
    return lists[page] ? in_page >= 8 && in_page < 45 : in_page >= 5;
}

/* A page that lost its place is shown for itself, under its file's name or without one. */
static bool may_show(const char *fact, size_t at)
{
    return may_change(fact, at) || strstr(fact, "hex ") != NULL || strlen(fact) > 200;
}

Test(spiffs, every_byte_and_every_length, .timeout = 500)
{
    size_t size = seed_load("spiffs/idf", image);
    damage_flip_all(&wtr_flash_spiffs, image, size, 6, may_show);
    damage_cut_all(&wtr_flash_spiffs, image, size, may_show);
}
