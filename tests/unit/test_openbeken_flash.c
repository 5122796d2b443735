/* SPDX-License-Identifier: Apache-2.0 */
/* OpenBeken's configuration and flash variables, made by the offsets in its source. */
#include "every.h"
#include "flash_say.h"
#include "say_record.h"
#include "vendor/openbeken/flash_store.h"
#include "vendor/openbeken/openbeken.h"

#include <criterion/criterion.h>

enum { SECTOR = 4096, V5 = 3584, V3 = 2016 };

static uint8_t sector[SECTOR];
static struct flash_lines lines;

static void seal(size_t whole)
{
    uint8_t crc = 0;
    for (size_t i = 4; i < whole; i++) { /* as Tiny_CRC8 writes it */
        uint8_t extract = sector[i];
        for (int left = 8; left > 0; left--, extract >>= 1) {
            uint8_t sum = (crc ^ extract) & 1;
            crc >>= 1;
            if (sum)
                crc ^= 0x8C;
        }
    }
    sector[3] = crc;
}

static void put(size_t at, const char *text)
{
    memcpy(sector + at, text, strlen(text) + 1);
}

/* Relays on channels 1 (kept) and 2 (off at a start). */
static void make_config(uint8_t version)
{
    memset(sector, 0, SECTOR);
    memcpy(sector, "CFG", 3);
    sector[4] = version;
    sector[0x10] = 9;
    put(0x14, "home");
    put(0x54, "correct horse");
    put(0x94, "10.0.0.2");
    put(0x194, "kettle");
    put(0x1D4, "user");
    put(0x214, "mqtt-secret");
    memcpy(sector + 0x2D8, "\xc8\x47\x8c\x01\x02\x03", 6);
    put(0x2DE, "obk8C010203");
    put(0x2FE, "OpenBK7231N_8C010203");
    sector[0x33E + 6] = 1;
    sector[0x33E + 32 + 6] = 1;
    sector[0x33E + 8] = 2;
    sector[0x33E + 32 + 8] = 2;
    memset(sector + 0x3DE + 2, 0xFF, 2);
    seal(version <= 3 ? V3 : V5);
}

Test(openbeken_flash, what_a_configuration_states)
{
    make_config(5);
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_openbeken_config_format, sector, SECTOR, 0x1D1000),
                     "config live weak/crc8 changes:9/exact @0+3584\n");
    cr_assert_eq(flash_probe(&wtr_openbeken_config_format, sector, SECTOR, 0).bid, WTR_FLASH_CERTAIN);
    const char *text = flash_said(&wtr_openbeken, &wtr_openbeken_config_format, sector, SECTOR);
    cr_assert(wtr_text_starts(wtr_text_z(text), "dump openbeken:kettle\n"
                                                "tie openbeken:kettle mac=c8:47:8c:01:02:03\n"));
    cr_assert_str_eq(
        flash_only(text, "device.identity"),
        "device.identity openbeken:kettle name=OpenBK7231N_8C010203 hostname=obk8C010203 client_id=kettle "
        "user=user server=10.0.0.2 mac=c8:47:8c:01:02:03\n");
    cr_assert_str_eq(flash_only(text, "credential"),
                     "credential openbeken:kettle secret=wifi ssid=home value=correct horse\n"
                     "credential openbeken:kettle secret=mqtt value=mqtt-secret\n");
    cr_assert(strstr(text, "key wifi home correct horse\n"));
}

Test(openbeken_flash, version_3_is_shorter)
{
    make_config(3);
    put(0x5E0, "backlog startDriver BL0937");
    seal(V3);
    cr_assert(strstr(flash_read_lines(&lines, &wtr_openbeken_config_format, sector, V3, 0), "weak/crc8"));
    cr_assert(strstr(flash_said(&wtr_openbeken, &wtr_openbeken_config_format, sector, V3),
                     "setting=initCommandLine value=backlog startDriver BL0937"));
}

Test(openbeken_flash, a_flipped_bit_is_seen)
{
    make_config(5);
    for (size_t i = 3; i < V5; i++) {
        sector[i] ^= 4;
        const char *read = flash_read_lines(&lines, &wtr_openbeken_config_format, sector, SECTOR, 0);
        cr_assert_null(strstr(read, "!!"), "byte %zu: %s", i, read);
        cr_assert_null(strstr(read, "weak"), "byte %zu: %s", i, read);
        cr_assert_str_eq(flash_said(&wtr_openbeken, &wtr_openbeken_config_format, sector, SECTOR), "");
        sector[i] ^= 4;
    }
    for (size_t length = 0; length < V5; length += EVERY(13))
        cr_assert_str_eq(flash_read_lines(&lines, &wtr_openbeken_config_format, sector, length, 0), "");
}

/* ---- flash variables */

static struct wtr_piece piece = {.length = SECTOR};

static struct wtr_entry entry_of(const char *format, const char *path, const void *bytes, size_t length)
{
    return (struct wtr_entry){.format = format,
                              .path = wtr_text_z(path),
                              .integrity = WTR_INTEGRITY_OK,
                              .check = "crc32",
                              .span = {bytes, length, &piece, 1, NULL}};
}

static void make_vars(uint8_t vars[64], uint16_t channel1, uint16_t channel2)
{
    memset(vars, 0, 64);
    vars[0] = 7;
    vars[4 + 2] = (uint8_t)channel1;
    vars[4 + 4] = (uint8_t)channel2;
    memcpy(vars + 28, "\x00\x40\x9a\x44", 4); /* 1234.0 */
    memcpy(vars + 32, "\xcd\xcc\xcc\x3d", 4); /* 0.1, which is 0.100000001490116… */
    vars[63] = 64;
}

Test(openbeken_flash, kept_relays_are_those_that_the_configuration_names)
{
    static uint8_t vars[2][64];
    make_config(5);
    make_vars(vars[0], 1, 1);
    make_vars(vars[1], 0, 0);
    const struct wtr_entry entries[] = {
        entry_of(wtr_openbeken_config_format.name, "config", sector, V5),
        entry_of("easyflash", "OBK_FV", vars[0], 64),
        entry_of("easyflash", "OBK_FV", vars[1], 64),
    };
    const char *text = flash_said_of(&wtr_openbeken, entries, 3);
    cr_assert_str_eq(flash_only(text, "power.state"), "power.state openbeken:dump ch=1 state=on\n"
                                                      "power.state openbeken:dump ch=1 state=off\n");
    cr_assert(strstr(
        text, "energy.counter openbeken:dump energy_wh=1234 scope=total raw{TotalConsumption=0x00409a44"));
    cr_assert(strstr(text, "energy_wh=0.1 scope=today"));
    cr_assert_str_eq(flash_only(flash_said_of(&wtr_openbeken, entries + 1, 2), "power.state"), "",
                     "nothing says which channels are kept");
}

Test(openbeken_flash, values_that_can_not_be_are_findings)
{
    static uint8_t vars[64];
    make_config(5);
    make_vars(vars, 50, 0);
    memcpy(vars + 28, "\xff\xff\xff\xff", 4);
    const struct wtr_entry entries[] = {
        entry_of(wtr_openbeken_config_format.name, "config", sector, V5),
        entry_of("easyflash", "OBK_FV", vars, 64),
    };
    const char *text = flash_said_of(&wtr_openbeken, entries, 2);
    cr_assert_str_eq(flash_only(text, "power.state"), "");
    cr_assert(strstr(text, "finding @6+2 the channel's value is no relay's\n"));
    cr_assert(strstr(text, "finding @28+4 the energy is no number within its range\n"));
}

Test(openbeken_flash, pins_of_other_platforms_are_not_read)
{
    struct wtr_openbeken_config config;
    make_config(5);
    put(0x2FE, "OpenLN882H_8C010203");
    cr_assert(wtr_openbeken_config_open(&config, sector, V5));
    cr_assert_eq(wtr_openbeken_config_kept(&config), 0);
}
