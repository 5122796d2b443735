/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota's settings in sectors and backups: found by their own marks, each by itself, whatever else is
 * damaged. */
#include "every.h"
#include "flash_lines.h"
#include "tasmota_copies.h"
#include "vendor/tasmota/flash_settings.h"
#include "vendor/tasmota/flash_store.h"

#include <criterion/criterion.h>

enum { SECTORS = 4, IMAGE = SECTORS * COPY, V13 = 0x0D030000 };

static struct flash_lines lines;

/* Quick power cycles, then the saves 9, 7 and 8. */
static void make_image(uint8_t image[IMAGE])
{
    static const uint32_t flags[] = {9, 7, 8};
    memset(image, 0xFF, IMAGE);
    copy_put32(image, 0, 0xFFA55AFF);
    memset(image + 4, 0, 8);
    for (size_t i = 0; i < 3; i++) {
        uint8_t *copy = image + (i + 1) * COPY;
        copy_begin(copy, V13, flags[i], 1700000000 + flags[i]);
        copy_seal(copy);
    }
}

Test(tasmota_flash_store, reads_each_copy_in_the_order_of_its_save)
{
    static uint8_t image[IMAGE];
    make_image(image);
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_tasmota_sectors, image, IMAGE, 0xF3000),
                     "quick-power-cycles live none @0+32\n"
                     "settings live ok/crc32 save_flag:9/exact @4096+4096\n"
                     "settings superseded ok/crc32 save_flag:7/exact @8192+4096\n"
                     "settings superseded ok/crc32 save_flag:8/exact @12288+4096\n");
}

Test(tasmota_flash_store, is_found_by_its_marks_with_the_sector_before_it)
{
    static uint8_t image[IMAGE];
    make_image(image);
    struct wtr_flash_find find = flash_probe(&wtr_tasmota_sectors, image, IMAGE, COPY);
    cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
    cr_assert_eq(find.before, COPY);
    cr_assert_eq(find.length, IMAGE);
    cr_assert_eq(flash_probe(&wtr_tasmota_sectors, image, IMAGE, 0).bid, WTR_FLASH_NO);
    image[COPY + 100] ^= 1;
    find = flash_probe(&wtr_tasmota_sectors, image, 2 * COPY, COPY);
    cr_assert_eq(find.bid, WTR_FLASH_MAYBE, "a damaged copy alone");
    memset(image, 0xFF, IMAGE);
    cr_assert_eq(flash_probe(&wtr_tasmota_sectors, image, IMAGE, COPY).bid, WTR_FLASH_NO);
    memset(image, 0, IMAGE);
    cr_assert_eq(flash_probe(&wtr_tasmota_sectors, image, IMAGE, COPY).bid, WTR_FLASH_NO);
}

/* On chips of 2 and 4 MiB one slot lies far from the others. */
Test(tasmota_flash_store, one_copy_of_the_image_is_live)
{
    enum { FAR = 40 };
    static uint8_t image[FAR * COPY + COPY];
    memset(image, 0xFF, sizeof image);
    copy_begin(image, V13, 30, 0);
    copy_begin(image + FAR * COPY, V13, 31, 0);
    copy_seal(image);
    copy_seal(image + FAR * COPY);
    cr_assert_eq(flash_probe(&wtr_tasmota_sectors, image, sizeof image, 0).length, COPY);
    cr_assert_str_eq(flash_read_within(&lines, &wtr_tasmota_sectors, image, sizeof image, 0, COPY),
                     "settings superseded ok/crc32 save_flag:30/exact @0+4096\n");
    cr_assert_str_eq(flash_read_within(&lines, &wtr_tasmota_sectors, image, sizeof image, FAR * COPY, COPY),
                     "settings live ok/crc32 save_flag:31/exact @0+4096\n");
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, word)); at++)
        n++;
    return n;
}

Test(tasmota_flash_store, a_flipped_bit_costs_its_own_copy_alone)
{
    static uint8_t image[IMAGE];
    make_image(image);
    for (size_t i = COPY; i < IMAGE; i++) {
        uint8_t bit = (uint8_t)(1 << (i % 8));
        image[i] ^= bit;
        const char *read = flash_read_lines(&lines, &wtr_tasmota_sectors, image, IMAGE, 0);
        cr_assert_null(strstr(read, "!!"), "byte %zu: %s", i, read);
        cr_assert_eq(count(read, " ok/crc32"), 2, "byte %zu: %s", i, read);
        cr_assert_eq(count(read, " live ok/"), 1, "byte %zu: %s", i, read);
        image[i] ^= bit;
    }
}

Test(tasmota_flash_store, a_cut_costs_what_is_cut_off)
{
    static uint8_t image[IMAGE];
    make_image(image);
    for (size_t length = 0; length < IMAGE;
         length += length % COPY < 8 || length % COPY > COPY - 8 ? 1 : 97) {
        const char *read = flash_read_lines(&lines, &wtr_tasmota_sectors, image, length, 0);
        size_t whole = length < COPY ? 0 : length / COPY - 1;
        cr_assert_null(strstr(read, "!!"), "length %zu: %s", length, read);
        cr_assert_eq(count(read, "settings "), whole, "length %zu: %s", length, read);
        (void)flash_probe(&wtr_tasmota_sectors, image, length, length > COPY ? COPY : 0);
    }
}

Test(tasmota_flash_store, older_releases_have_a_weak_sum_or_none)
{
    static uint8_t image[2 * COPY];
    memset(image, 0xFF, sizeof image);
    copy_begin(image, 0x06040100, 41, 0);
    memset(image + 0xE00, 0xFF, COPY - 0xE00);
    copy_seal_old(image, 0xE00);
    copy_begin(image + COPY, 0x050C0000, 40, 0);
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_tasmota_sectors, image, sizeof image, 0),
                     "settings live weak/sum16 save_flag:41/exact @0+3584\n"
                     "settings superseded none save_flag:40/exact @4096+1648\n");
    image[0x300] ^= 1;
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_tasmota_sectors, image, COPY, 0),
                     "finding @0+3584 the check of these settings does not hold\n"
                     "settings stale failed/sum16 @0+3584\n");
}

Test(tasmota_flash_store, the_sum_of_6_6_0_7_covers_all)
{
    static uint8_t copy[COPY];
    struct wtr_tasmota_settings settings;
    copy_begin(copy, 0x06060008, 3, 0);
    copy[0xFF0] = 7;
    copy_seal_old(copy, 0xE00);
    cr_assert(wtr_tasmota_settings_open(&settings, copy, COPY));
    cr_assert_eq(settings.integrity, WTR_INTEGRITY_FAILED);
    copy_seal_old(copy, COPY);
    cr_assert(wtr_tasmota_settings_open(&settings, copy, COPY));
    cr_assert_eq(settings.integrity, WTR_INTEGRITY_WEAK);
}

/* ---- backups */

static void encipher(uint8_t *file, size_t length, size_t first)
{
    for (size_t i = first; i < length; i++)
        file[i] ^= (uint8_t)(0x5A + i);
}

Test(tasmota_flash_store, a_backup_is_opened_in_place)
{
    static uint8_t file[COPY];
    copy_begin(file, V13, 16, 1713885257);
    copy_seal(file);
    encipher(file, COPY, 2);
    struct wtr_flash_find find = flash_probe(&wtr_tasmota_backup, file, COPY, 0);
    cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
    cr_assert_eq(find.length, COPY);
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_tasmota_backup, file, COPY, 0),
                     "settings live ok/crc32 save_flag:16/exact @0+4096\n");
    for (size_t i = 0; i < COPY; i++) {
        file[i] ^= 0x10;
        const char *read = flash_read_lines(&lines, &wtr_tasmota_backup, file, COPY, 0);
        cr_assert_null(strstr(read, " ok/"), "byte %zu: %s", i, read);
        cr_assert_null(strstr(read, "!!"), "byte %zu: %s", i, read);
        file[i] ^= 0x10;
    }
    for (size_t length = 0; length < COPY; length += EVERY(61))
        cr_assert_neq(flash_probe(&wtr_tasmota_backup, file, length, 0).bid, WTR_FLASH_CERTAIN);
}

/* "/.settings" and two drivers' files, one of 20 bytes with its check, one of 16 without. */
static size_t make_list(uint8_t *file)
{
    static const uint8_t checked[20] = {0xD8, 0x76, 0x70, 0x92, 'd', 'r', 'i', 'v', 'e', 'r'};
    size_t at = 16;
    memset(file, 0, 8192);
    memcpy(file, "/.settings", 10);
    copy_begin(file + at, V13, 5, 0);
    copy_seal(file + at);
    at += COPY;
    memcpy(file + at, "/.drvset012", 11);
    copy_put16(file, at + 14, sizeof checked);
    memcpy(file + at + 16, checked, sizeof checked);
    at += 16 + 32;
    memcpy(file + at, "/.drvset000", 11);
    copy_put16(file, at + 14, 16);
    at += 16 + 32;
    copy_put16(file, 14, (uint32_t)at);
    encipher(file, at, 18);
    return at;
}

Test(tasmota_flash_store, a_backup_of_several_files)
{
    static uint8_t file[8192];
    size_t length = make_list(file);
    cr_assert_eq(flash_probe(&wtr_tasmota_backup, file, length, 0).bid, WTR_FLASH_CERTAIN);
    const char *read = flash_read_lines(&lines, &wtr_tasmota_backup, file, length, 0);
    cr_assert_str_eq(read, "settings live ok/crc32 save_flag:5/exact @16+4096\n"
                           "/.drvset012 live ok/crc32 @4128+20\n"
                           "/.drvset000 live none @4176+16\n");
    for (size_t i = 18; i < length; i++) {
        file[i] ^= 4;
        read = flash_read_lines(&lines, &wtr_tasmota_backup, file, length, 0);
        cr_assert_null(strstr(read, "!!"), "byte %zu: %s", i, read);
        cr_assert_eq(count(read, "settings live ok"), i >= 16 + COPY, "byte %zu: %s", i, read);
        file[i] ^= 4;
    }
    for (size_t cut = 0; cut < length; cut += cut < 16 + COPY ? 53 : 1)
        cr_assert_null(strstr(flash_read_lines(&lines, &wtr_tasmota_backup, file, cut, 0), "!!"));
}

Test(tasmota_flash_store, backups_of_5_x_have_a_sign)
{
    static uint8_t file[COPY];
    copy_begin(file, 0x050E0000, 9, 0);
    file[0] = 0xA5;
    file[1] = 1;
    encipher(file, 0xA00, 2);
    cr_assert_eq(flash_probe(&wtr_tasmota_backup, file, 0xA00, 0).bid, WTR_FLASH_MAYBE);
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_tasmota_backup, file, 0xA00, 0),
                     "settings live none save_flag:9/exact @0+2560\n");
}
