/* SPDX-License-Identifier: Apache-2.0 */
/* LittleFS on volumes of sixteen blocks of 512 bytes that littlefs's own source wrote:
 *
 *     set conf9.json {"a":1}, give it the time 1700000000, set it to {"a":2}, set gone.txt and delete it,
 * make directory d, set d/state to on and off, set d/old, move it to new, set .settings to 1, 2, 3 and 4, set
 * big (1100 bytes), set d/state to on
 *
 * Setting makes an empty file first and then replaces its content. The root was compacted when .settings was
 * set to 2. */
#include "flash/formats.h"

#include "flash_damage.h"
#include "store_seed.h"

#include <criterion/criterion.h>

enum { BLOCK = 512 };

static uint8_t image[SEED_MAX];
static struct store_lines lines;

static const char *lines_of(size_t size)
{
    return store_read(&lines, &wtr_flash_littlefs, image, size, 0);
}

Test(littlefs, what_is_there_and_what_was)
{
    const char *text = lines_of(seed_load("littlefs/pairs", image));
    SEED_HAS(text, "superseded conf9.json ok file pair 0,1/8589934594 exact @0x274+7: {\"a\":1}\n");
    SEED_HAS(text, "deleted gone.txt ok file pair 0,1/8589934598 exact @0x304+4: gone\n");
    SEED_HAS(text, "superseded .settings ok file pair 0,1/8589934603 exact @0x3f4+1: 1\n");
    SEED_HAS(text, "superseded .settings ok file pair 0,1/12884901888 exact @0x7d+1: 2\n");
    SEED_HAS(text, "superseded .settings ok file pair 0,1/12884901889 exact @0xb4+1: 3\n");
    SEED_HAS(text, "live .settings ok file pair 0,1/12884901890 exact @0xd4+1: 4\n");
    SEED_HAS(text, "live d ok dir ");
    SEED_HAS(text, "superseded d/state ok file pair 2,15/4294967299 exact @0x1e74+3: off\n");
    SEED_HAS(text, "live d/state ok file pair 2,15/4294967303 exact @0x1f14+2: on\n");
    SEED_HAS(text, "deleted d/old ok file pair 2,15/4294967301 exact @0x1ec4+3: abc\n");
    SEED_HAS(text, "live new ok file ");
    cr_assert_eq(lines.findings, 0, "%s", text);
    cr_assert_eq(lines.entries, 20, "%s", text);
}

/* A content that a compaction carried over keeps the place in the order of the commit that wrote it. */
Test(littlefs, a_copy_is_no_new_writing)
{
    const char *text = lines_of(seed_load("littlefs/pairs", image));
    SEED_HAS(text, "live conf9.json ok file pair 0,1/8589934596 exact @0x46+7: {\"a\":2}\n");
    cr_assert_eq(strstr(strstr(text, "{\"a\":2}") + 1, "{\"a\":2}"), NULL, "%s", text);
}

static void check_big(void *payload, const struct wtr_entry *e)
{
    bool *seen = payload;
    if (wtr_text_is(e->path, "conf9.json") && e->state == WTR_ENTRY_LIVE)
        cr_assert(e->has_written && e->written_s == 1700000000);
    if (!wtr_text_is(e->path, "big") || e->state != WTR_ENTRY_LIVE)
        return;
    *seen = true;
    cr_assert(e->span.length == 1100 && e->integrity == WTR_INTEGRITY_NONE && e->span.piece_count == 3);
    for (size_t i = 0; i < 1100; i++)
        cr_assert_eq(e->span.bytes[i], 97 + (i * 7 + i / 256) % 26, "byte %zu", i);
    for (size_t i = 0; i < e->span.piece_count; i++) {
        const struct wtr_piece *p = &e->span.pieces[i];
        cr_assert_arr_eq(e->span.bytes + p->at, image + p->offset, p->length);
    }
}

Test(littlefs, a_file_in_blocks_and_a_time)
{
    bool seen = false;
    lines.each = check_big;
    lines.payload = &seen;
    lines_of(seed_load("littlefs/version20", image));
    cr_assert(seen);
    lines.each = NULL;
}

Test(littlefs, a_commit_that_fails_is_not_believed)
{
    size_t size = seed_load("littlefs/pairs", image);
    image[0xb4] ^= 1; /* .settings as 3 */
    const char *text = lines_of(size);
    SEED_HAS(text, "superseded .settings failed file pair 0,1/12884901889 exact @0xb4+1: 2\n");
    SEED_HAS(text, "live .settings ok file pair 0,1/12884901890 exact @0xd4+1: 4\n");
    SEED_HAS(text, "finding @0x0+512 a commit whose checksum does not hold\n");
}

/* The newer block of the root is unreadable: what littlefs would give is the older one's state. */
Test(littlefs, the_older_block_stands_in)
{
    size_t size = seed_load("littlefs/pairs", image);
    memset(image, 0, BLOCK);
    const char *text = lines_of(size);
    SEED_HAS(text, "live .settings ok file pair 0,1/8589934603 exact @0x3f4+1: 1\n");
    SEED_HAS(text, "live d/state ok file ");
    cr_assert_gt(lines.findings, 0);
}

/* What no directory refers to any more keeps its names. */
Test(littlefs, blocks_that_nothing_refers_to)
{
    size_t size = seed_load("littlefs/pairs", image);
    memset(image, 0xff, 2 * BLOCK);
    memcpy(image, image + 15 * BLOCK, 0); /* the directory's block stays where it is */
    static uint8_t whole[SEED_MAX];
    seed_load("littlefs/pairs", whole);
    memcpy(image, whole, 0x46); /* a superblock, and a root that is not whole */
    const char *text = lines_of(size);
    SEED_HAS(text, "stale state ok file block 15/3 exact attributed @0x1e74+3: off\n");
    cr_assert(!strstr(text, "live "), "%s", text);
}

/* Where the dump ends early the rest is read all the same. */
Test(littlefs, a_dump_that_ends_early)
{
    seed_load("littlefs/pairs", image);
    const char *text = lines_of(8 * BLOCK);
    SEED_HAS(text, "live .settings ok file ");
    SEED_HAS(text, "the dump ends before the file system does");
    SEED_HAS(text, "a directory's blocks that can't be read");
    cr_assert(!strstr(text, "d/state"), "%s", text);
}

/* A directory that contains itself is visited once. */
Test(littlefs, pointers_in_a_circle)
{
    size_t size = seed_load("littlefs/pairs", image);
    for (size_t at = 15 * BLOCK; at + 8 <= 16 * BLOCK; at++)
        cr_assert(memcmp(image + at, "\0\0\0\0\1\0\0\0", 8) != 0);
    memcpy(image + 15 * (size_t)BLOCK, image + 0, BLOCK);
    const char *text = lines_of(size); /* d's block says what the root's says: d in d */
    SEED_HAS(text, "a pair of blocks that is in two directories");
    SEED_HAS(text, "live d/d ok dir ");
    cr_assert(!strstr(text, "d/d/"), "%s", text);
}

Test(littlefs, is_found_at_its_first_block_and_at_its_second)
{
    static uint8_t two[2 * SEED_MAX];
    size_t size = seed_load("littlefs/pairs", two + WTR_FLASH_SECTOR);
    struct wtr_flash_find find =
        wtr_flash_littlefs.probe(two, size + WTR_FLASH_SECTOR, WTR_FLASH_SECTOR, NULL);
    cr_assert(find.bid == WTR_FLASH_CERTAIN && find.before == 0 && find.length == size);
    find = wtr_flash_littlefs.probe(two, size + WTR_FLASH_SECTOR, WTR_FLASH_SECTOR + BLOCK, NULL);
    cr_assert(find.bid == WTR_FLASH_CERTAIN && find.before == BLOCK && find.length == size);
    two[WTR_FLASH_SECTOR + 8] ^= 1;
    find = wtr_flash_littlefs.probe(two, size + WTR_FLASH_SECTOR, WTR_FLASH_SECTOR, NULL);
    cr_assert_eq(find.bid, WTR_FLASH_NO);
}

/* Contents in blocks of their own have no checksum; names outside their directory are said to be probable. */
static bool may_change(const char *fact, size_t at)
{
    (void)at;
    return strncmp(fact, "big: ", 5) == 0 || strncmp(fact, "state: ", 7) == 0 ||
           strncmp(fact, "old: ", 5) == 0;
}

Test(littlefs, every_byte_and_every_length, .timeout = 500)
{
    size_t size = seed_load("littlefs/pairs", image);
    damage_flip_all(&wtr_flash_littlefs, image, size, 13, may_change);
    damage_cut_all(&wtr_flash_littlefs, image, size, may_change);
}
