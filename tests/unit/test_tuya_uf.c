/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's file area. tests/fuzz/corpus/tuya_uf/area is captures/flash-tuya/make.py's: RLY_STAT written as 1,
 * 0, 1 into blocks 2, 3, 4, then oem_cfg, a day_energy that is deleted again, logseq0; ten blocks. */
#include "damage.h"
#include "every.h"

#include "vendor/tuya/flash_uf.h"

static uint8_t image[DAMAGE_ROOM];
enum { BLOCK = WTR_TUYA_UF_BLOCK };

static const char *lines_of(struct store_lines *lines, size_t size)
{
    return store_read(lines, &wtr_tuya_uf, image, size, 0x1d2000);
}

#define EXPECT(text, part) cr_assert(strstr(text, part), "lacks: %s\n%s", part, text)

Test(tuya_uf, gives_files_and_what_they_held_before)
{
    struct store_lines lines = {0};
    const char *text = lines_of(&lines, damage_load("tuya_uf/area", image));
    cr_assert_eq(lines.findings, 0, "%s", text);
    /* Eight blocks in the ring: block 4 is the present one, so that 3 is the one before it (7 of 0..7). */
    EXPECT(text, "live RLY_STAT none file RLY_STAT/7 exact @0x1d6000+3: hex 010000\n");
    EXPECT(text, "stale RLY_STAT none RLY_STAT/5 probable attributed @0x1d4000+3: hex 010000\n");
    /* All zeros: not said to be anybody's. */
    EXPECT(text, "stale - none @0x1d5000+3: hex 000000\n");
    EXPECT(text, "deleted day_energy none file @0x1d8000+84: hex 000102");
    EXPECT(text, "live logseq0 none file logseq0/7 exact @0x1d9000+48: mqtt | 2.3.3 | 05-05 22:05:32");
    cr_assert_eq(lines.entries, 6, "%s", text);
    wtr_buffer_free(&lines.text);
}

Test(tuya_uf, either_copy_of_the_index_does)
{
    struct store_lines lines = {0};
    size_t size = damage_load("tuya_uf/area", image);
    for (size_t copy = 0; copy < 2; copy++) {
        memset(image + copy * BLOCK, 0, 4);
        struct wtr_flash_find find = wtr_tuya_uf.probe(image, size, (1 - copy) * BLOCK, NULL);
        cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
        cr_assert_eq(find.before, copy == 0 ? BLOCK : 0);
        cr_assert_eq(find.length, size);
        const char *text = lines_of(&lines, size);
        EXPECT(text, "live RLY_STAT none file RLY_STAT/7 exact @0x1d6000+3: hex 010000\n");
        cr_assert_eq(lines.findings, 1, "%s", text);
        damage_load("tuya_uf/area", image);
    }
    wtr_buffer_free(&lines.text);
}

/* A wrong sum in both: what both have alike is believed, what they have not is shown as failed. */
Test(tuya_uf, neither_copy_of_the_index_is_sound)
{
    struct store_lines lines = {0};
    size_t size = damage_load("tuya_uf/area", image);
    image[8] ^= 1;
    image[BLOCK + 9] ^= 1;
    image[16 + 32] ^= 1; /* the size of the first file, in one copy */
    const char *text = lines_of(&lines, size);
    EXPECT(text, "live RLY_STAT failed file @0x1d6000+2: hex 0100\n");
    EXPECT(text, "live oem_cfg none file oem_cfg/7 exact @0x1d7000+");
    cr_assert_eq(lines.findings, 2, "%s", text);
    wtr_buffer_free(&lines.text);
}

/* On BK7231T blocks 11 to 18 stand 44 KiB before block 0. */
Test(tuya_uf, two_runs)
{
    const size_t before = WTR_TUYA_UF_BEFORE_T, size = before + 11 * (size_t)BLOCK;
    struct store_lines lines = {0};
    size_t area = damage_load("tuya_uf/area", image);
    memmove(image + before, image, area);
    memset(image, 0xff, before);
    memset(image + before + area, 0xff, size - before - area);
    memset(image + 2 * BLOCK, 0, 3); /* block 13 */
    image[2 * BLOCK] = 1;
    memset(image + 9 * BLOCK, 0x11, 3); /* between the runs: another's */
    size_t keys = damage_load("tuya_kv/store", image + size);
    struct wtr_flash_find find = wtr_tuya_uf.probe(image, size + keys, before, NULL);
    cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
    cr_assert_eq(find.before, before);
    cr_assert_eq(find.length, size);
    const char *text = lines_of(&lines, size);
    EXPECT(text, "live RLY_STAT none file RLY_STAT/16 exact @0x1e1000+3: hex 010000\n");
    EXPECT(text, "stale RLY_STAT none RLY_STAT/8 probable attributed @0x1d4000+3: hex 010000\n");
    cr_assert(!strstr(text, "111111"), "%s", text);
    wtr_buffer_free(&lines.text);
}

/* The contents have no sum: a changed byte changes one file and no other. */
Test(tuya_uf, a_changed_byte_costs_what_it_touches, .timeout = 500)
{
    const struct damage_limit limit = {.lost = 1, .false_ = 1};
    damage_flip(&wtr_tuya_uf, "tuya_uf/area", &limit);
}

Test(tuya_uf, is_cut_anywhere, .timeout = 500)
{
    damage_cut(&wtr_tuya_uf, "tuya_uf/area", EVERY(11));
}
