/* SPDX-License-Identifier: Apache-2.0 */
/* The two stores of ESP-IDF that are a few bytes each, damaged at every byte and cut at every length: a
 * partition of NVS keys, and otadata. */
#include "flash/formats.h"

#include "store_lines.h"

#include <criterion/criterion.h>
#include <zlib.h>

enum { SECTOR = WTR_FLASH_SECTOR, KEYS = 64, SELECT = 32 };

static uint8_t image[2 * SECTOR];
static struct store_lines lines;

static void put32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* esp_rom_crc32_le with its register at all ones. */
static uint32_t sum_of(const uint8_t *bytes, unsigned length)
{
    return (uint32_t)crc32(0xffffffff, bytes, length);
}

static const char *read_it(const struct wtr_flash_format *format, size_t length)
{
    const char *text = store_read(&lines, format, image, length, 0);
    return text ? text : "";
}

static void make_keys(void)
{
    memset(image, 0xff, sizeof image);
    for (unsigned i = 0; i < KEYS; i++)
        image[i] = (uint8_t)(7 * i + 1);
    put32(image + KEYS, sum_of(image, KEYS));
}

Test(nvs_keys, every_byte)
{
    make_keys();
    cr_assert(strstr(read_it(&wtr_flash_nvs_keys, SECTOR), "live keys ok @0x0+64: hex 01080f"));
    cr_assert_eq(wtr_flash_nvs_keys.probe(image, SECTOR, 0, NULL).bid, WTR_FLASH_CERTAIN);
    for (size_t at = 0; at < SECTOR; at++) {
        image[at] ^= 0x10;
        const char *text = read_it(&wtr_flash_nvs_keys, SECTOR);
        cr_assert_eq(strstr(text, "live keys ok") != NULL, at >= KEYS + 4, "byte %zu: %s", at, text);
        cr_assert_eq(wtr_flash_nvs_keys.probe(image, SECTOR, 0, NULL).bid, WTR_FLASH_NO, "byte %zu", at);
        image[at] ^= 0x10;
    }
}

Test(nvs_keys, every_length)
{
    make_keys();
    for (size_t length = 0; length <= SECTOR; length++) {
        const char *text = read_it(&wtr_flash_nvs_keys, length);
        cr_assert_eq(strstr(text, "live keys ok") != NULL, length >= KEYS + 4, "%zu bytes: %s", length, text);
    }
}

static void make_select(uint8_t *to, uint32_t number)
{
    memset(to, 0xff, SELECT);
    put32(to, number);
    put32(to + SELECT - 4, sum_of(to, 4));
}

static void make_otadata(void)
{
    memset(image, 0xff, sizeof image);
    make_select(image, 3);
    make_select(image + SECTOR, 4);
}

/* Whether a sound entry has this number; none has another one. */
static bool has_number(const char *text, char number)
{
    static const char mark[] = " ok select selects/";
    bool found = false;
    for (const char *at = text; (at = strstr(at, mark)) != NULL; at++) {
        char said = at[sizeof mark - 1];
        cr_assert((said == '3' || said == '4') && at[sizeof mark] == ' ', "%s", text);
        found = found || said == number;
    }
    return found;
}

Test(otadata, every_byte)
{
    make_otadata();
    for (size_t at = 0; at < sizeof image; at++) {
        image[at] ^= 0x10;
        const char *text = read_it(&wtr_flash_otadata, sizeof image);
        image[at] ^= 0x10;
        size_t place = at % SECTOR;
        bool vital = place < 4 ||
                     (place >= SELECT - 8 && place < SELECT); /* the number, a state that there is, the sum */
        cr_assert_eq(has_number(text, '3'), !(vital && at < SECTOR), "byte %zu: %s", at, text);
        cr_assert_eq(has_number(text, '4'), !(vital && at >= SECTOR), "byte %zu: %s", at, text);
    }
}

Test(otadata, every_length)
{
    make_otadata();
    for (size_t length = 0; length <= sizeof image; length++) {
        const char *text = read_it(&wtr_flash_otadata, length);
        cr_assert_eq(has_number(text, '3'), length >= SELECT, "%zu bytes: %s", length, text);
        cr_assert_eq(has_number(text, '4'), length >= SECTOR + SELECT, "%zu bytes: %s", length, text);
    }
}
