/* SPDX-License-Identifier: Apache-2.0 */
/* ESPHome's saved network: found by its checksum in a sector, and as a value of NVS. */
#include "every.h"
#include "flash_say.h"
#include "say_record.h"
#include "vendor/esphome/esphome.h"
#include "vendor/esphome/flash_store.h"

#include <criterion/criterion.h>

enum { SECTOR = 4096, RECORD = 26 * 4 };

static uint8_t sector[SECTOR];
static struct flash_lines lines;

static uint32_t word_at(size_t at)
{
    return (uint32_t)sector[at] | (uint32_t)sector[at + 1] << 8 | (uint32_t)sector[at + 2] << 16 |
           (uint32_t)sector[at + 3] << 24;
}

/* A record of another type before it, and erased flash behind it. */
static void make_sector(size_t at)
{
    uint32_t crc = 88491487;
    memset(sector, 0xFF, SECTOR);
    memset(sector, 0, at + RECORD);
    memcpy(sector + at, "home", 4);
    memcpy(sector + at + 33, "correct horse", 13);
    for (size_t i = 0; i < 25; i++) {
        uint64_t product = (uint64_t)word_at(at + 4 * i) * 2654435769U;
        crc ^= (uint32_t)product >> 1;
    }
    for (size_t i = 0; i < 4; i++)
        sector[at + 100 + i] = (uint8_t)(crc >> 8 * i);
}

Test(esphome_flash, the_network_is_found_wherever_it_stands_in_its_sector)
{
    for (size_t at = 0; at + RECORD <= 512; at += 4) {
        make_sector(at);
        cr_assert_eq(flash_probe(&wtr_esphome_preferences, sector, SECTOR, 0).bid, WTR_FLASH_CERTAIN, "%zu",
                     at);
    }
    make_sector(12);
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_esphome_preferences, sector, SECTOR, 0),
                     "88491487 live ok/type and words @12+98\n");
    cr_assert_str_eq(flash_said(&wtr_esphome, &wtr_esphome_preferences, sector, SECTOR),
                     "network.join esphome:dump ssid=home raw{ssid=home@0+4}\n"
                     "credential esphome:dump secret=wifi ssid=home value=correct horse "
                     "raw{password=correct horse@33+13}\n"
                     "key wifi home correct horse\n");
}

Test(esphome_flash, damage_leaves_nothing_to_be_found)
{
    make_sector(8);
    for (size_t i = 0; i < RECORD; i++) {
        sector[8 + i] ^= 1;
        cr_assert_eq(flash_probe(&wtr_esphome_preferences, sector, SECTOR, 0).bid, WTR_FLASH_NO, "byte %zu",
                     i);
        cr_assert_str_eq(flash_said(&wtr_esphome, &wtr_esphome_preferences, sector, SECTOR), "");
        sector[8 + i] ^= 1;
    }
    for (size_t length = 0; length < SECTOR; length += length < 600 ? 1 : EVERY(97)) {
        (void)flash_read_lines(&lines, &wtr_esphome_preferences, sector, length, 0);
        cr_assert_eq(flash_probe(&wtr_esphome_preferences, sector, length, 0).bid, WTR_FLASH_NO);
    }
    memset(sector, 0xFF, SECTOR);
    cr_assert_eq(flash_probe(&wtr_esphome_preferences, sector, SECTOR, 0).bid, WTR_FLASH_NO);
    memset(sector, 0, SECTOR);
    cr_assert_eq(flash_probe(&wtr_esphome_preferences, sector, SECTOR, 0).bid, WTR_FLASH_NO);
}

Test(esphome_flash, a_value_of_nvs)
{
    static uint8_t value[98];
    struct wtr_piece piece = {.length = sizeof value};
    memcpy(value, "home", 4);
    memcpy(value + 33, "correct horse", 13);
    struct wtr_entry entry = {.format = "nvs",
                              .path = WTR_TEXT("esphome/88491487"),
                              .integrity = WTR_INTEGRITY_OK,
                              .span = {value, sizeof value, &piece, 1, NULL}};
    cr_assert(strstr(flash_said_of(&wtr_esphome, &entry, 1), "ssid=home value=correct horse"));
    entry.path = WTR_TEXT("esphome/1405432917");
    cr_assert_str_eq(flash_said_of(&wtr_esphome, &entry, 1), "", "a switch whose name is not known");
    entry.path = WTR_TEXT("esphome/88491487");
    entry.span.length = 97;
    cr_assert_str_eq(flash_said_of(&wtr_esphome, &entry, 1), "");
}
