/* SPDX-License-Identifier: Apache-2.0 */
/* Beken's code layer, RBL headers and the radio's area; the images are those of captures/flash-tuya/make.py.
 */
#include "damage.h"

#include "flash/bk_crc.h"
#include "flash/formats.h"
#include "flash/rbl.h"

static uint8_t image[DAMAGE_ROOM];

#define EXPECT(text, part) cr_assert(strstr(text, part), "lacks: %s\n%s", part, text)

/* 640 bytes of code are 20 units; the header begins at 20 * 34 = 680 = 0x2a8 and takes three. */
Test(bk_crc, finds_the_header_behind_the_sums)
{
    struct store_lines lines = {0};
    size_t size = damage_load("bk_crc/layer", image);
    struct wtr_flash_find find = wtr_flash_bk_crc.probe(image, size, 0, NULL);
    cr_assert_eq(size, 23 * 34);
    cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
    cr_assert_eq(find.length, size);
    const char *text = store_read(&lines, &wtr_flash_bk_crc, image, size, 0x11000);
    EXPECT(text, "live app ok header @0x112a8+96: hex 52424c00");
    cr_assert_eq(lines.findings, 0, "%s", text);
    cr_assert_str_eq(wtr_flash_bk_crc.kind(&(struct wtr_volume){.span = {image, size, NULL, 0, NULL}}),
                     "BK72xx");
    wtr_buffer_free(&lines.text);
}

Test(bk_crc, begins_anywhere_in_a_unit)
{
    size_t size = damage_load("bk_crc/layer", image);
    for (size_t skip = 1; skip < WTR_BK_UNIT; skip++) {
        struct wtr_flash_find find = wtr_flash_bk_crc.probe(image + skip, size - skip, 0, NULL);
        cr_assert(find.bid == WTR_FLASH_CERTAIN && find.length == size - skip, "%zu", skip);
    }
}

Test(bk_crc, every_unit_keeps_its_place)
{
    struct wtr_gather gather = {0};
    size_t size = damage_load("bk_crc/layer", image);
    const struct wtr_piece piece = {.length = size, .offset = 500};
    const struct wtr_span span = {image, size, &piece, 1, NULL};
    cr_assert(wtr_bk_undo(&gather, &span, 0, 20));
    struct wtr_span undone = wtr_gather_span(&gather, &wtr_bk_undone);
    cr_assert_eq(undone.length, 640);
    for (size_t at = 0; at < 640; at++) {
        cr_assert_eq(undone.bytes[at], (uint8_t)(at * 7));
        cr_assert_eq(wtr_span_locate(&undone, at, 1).offset, 500 + at / 32 * 34 + at % 32);
    }
    cr_assert(!wtr_bk_undo(&gather, &span, 0, 24));
    wtr_gather_free(&gather);
}

Test(bk_crc, damage)
{
    const struct damage_limit limit = {.lost = 1};
    damage_flip(&wtr_flash_bk_crc, "bk_crc/layer", &limit);
    damage_cut(&wtr_flash_bk_crc, "bk_crc/layer", 1);
}

struct built {
    uint32_t s;
    size_t count;
};

static void hear(void *payload, const struct wtr_entry *entry)
{
    struct built *built = payload;
    built->s = ((const struct wtr_rbl *)entry->body)->built_s;
    built->count++;
}

Test(rbl, gives_the_build_time)
{
    struct built built = {0};
    struct store_lines lines = {.each = hear, .payload = &built};
    size_t size = damage_load("bk_crc/package", image);
    struct wtr_flash_find find = wtr_flash_rbl.probe(image, size, 0, NULL);
    cr_assert(find.bid == WTR_FLASH_CERTAIN && find.length == size);
    const char *text = store_read(&lines, &wtr_flash_rbl, image, size, 0x12a000);
    EXPECT(text, "live app ok header @0x12a000+96: ");
    cr_assert_eq(built.s, 1653480000);
    for (size_t at = 0; at < 96; at++) {
        built.count = 0;
        image[at] ^= 0x10;
        store_read(&lines, &wtr_flash_rbl, image, size, 0);
        cr_assert_eq(built.count, 0, "byte %zu", at);
        cr_assert_eq(wtr_flash_rbl.probe(image, size, 0, NULL).bid, WTR_FLASH_NO);
        image[at] ^= 0x10;
    }
    wtr_buffer_free(&lines.text);
}

Test(bk_tlv, gives_the_mac)
{
    struct store_lines lines = {0};
    size_t size = damage_load("bk_crc/radio", image);
    cr_assert_eq(wtr_flash_bk_tlv.probe(image, size, 0, NULL).bid, WTR_FLASH_CERTAIN);
    const char *text = store_read(&lines, &wtr_flash_bk_tlv, image, size, 0x1d0000);
    /* "TLV", total, a group's head, an item of 4 bytes, then this one: 8 + 8 + 12 + 8 = 36. */
    EXPECT(text, "live 0x11111102 none mac @0x1d0024+6: hex fc671f00002b\n");
    cr_assert_eq(lines.entries, 4, "%s", text);
    cr_assert_eq(lines.findings, 0, "%s", text);
    wtr_buffer_free(&lines.text);
    const struct damage_limit limit = {.lost = 4, .false_ = 2};
    damage_flip(&wtr_flash_bk_tlv, "bk_crc/radio", &limit);
    damage_cut(&wtr_flash_bk_tlv, "bk_crc/radio", 1);
}
