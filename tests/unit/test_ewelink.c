/* SPDX-License-Identifier: Apache-2.0 */
/* eWeLink's sectors: both copies, what they state, and what damage costs. */
#include "every.h"
#include "flash/esp8266_params.h"
#include "flash/formats.h"
#include "flash_say.h"
#include "say_record.h"
#include "vendor/ewelink/ewelink.h"
#include "vendor/ewelink/store.h"

#include <criterion/criterion.h>

enum { SECTOR = 4096, STORE = 7 * SECTOR };

static uint8_t store[STORE];
static struct flash_lines lines;

static void put_config(uint8_t *at, const char *ssid, const char *password)
{
    memset(at, 0, 0x174);
    memcpy(at, ssid, strlen(ssid));
    memcpy(at + 0x20, password, strlen(password));
    memcpy(at + 0x67, "ITA-GZ1-GL", 10);
    memcpy(at + 0x7C, "1000abcdef", 10);
    memcpy(at + 0x87, "01234567-89ab-cdef-0123-456789abcdef", 36);
    memcpy(at + 0xAC, "\xd0\x27\x00\x01\x02\x03\xd0\x27\x00\x01\x02\x04", 12);
    memcpy(at + 0xC4, "ITEAD-1000abcdef", 16);
    memcpy(at + 0xE4, "12345678", 8);
    memcpy(at + 0x134, "eu-disp.example.net", 19);
    memcpy(at + 0x168, "\xbb\x01", 2);
}

/* The first configuration is live, the second state. */
static void make_store(void)
{
    memset(store, 0xFF, STORE);
    put_config(store, "home", "correct horse");
    put_config(store + SECTOR, "before", "formerly so");
    store[2 * SECTOR] = 0;
    memcpy(store + 4 * SECTOR, "\xff\xff\xff\xff\1\0\0\0\1\0\0\0", 12);
    memcpy(store + 5 * SECTOR, "\xff\xff\xff\xff\0\0\0\0\1\0\0\0", 12);
    store[6 * SECTOR] = 1;
}

Test(ewelink, both_copies_of_both_sets)
{
    make_store();
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_ewelink_store, store, STORE, 0x78000),
                     "config live none copies of config:1/exact @0+372\n"
                     "config superseded none copies of config:0/exact @4096+372\n"
                     "state superseded none copies of state:0/exact @16384+12\n"
                     "state live none copies of state:1/exact @20480+12\n");
    struct wtr_flash_find find = flash_probe(&wtr_ewelink_store, store, STORE, 0);
    cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
    cr_assert_eq(find.length, STORE);
    memset(store, 0xFF, SECTOR);
    find = flash_probe(&wtr_ewelink_store, store, STORE, SECTOR);
    cr_assert_eq(find.before, SECTOR, "the first copy is gone");
    cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
}

Test(ewelink, what_a_configuration_states_and_that_a_state_states_nothing)
{
    make_store();
    const char *text = flash_said(&wtr_ewelink, &wtr_ewelink_store, store, STORE);
    cr_assert(wtr_text_starts(wtr_text_z(text), "dump ewelink:1000abcdef\n"
                                                "tie ewelink:1000abcdef mac=d0:27:00:01:02:03\n"));
    cr_assert_str_eq(flash_only(text, "device.identity ewelink:1000abcdef"),
                     "device.identity ewelink:1000abcdef device_id=1000abcdef model=ITA-GZ1-GL "
                     "mac=d0:27:00:01:02:03\n");
    cr_assert_str_eq(
        flash_only(text, "credential"),
        "credential ewelink:1000abcdef secret=wifi ssid=home value=correct horse\n"
        "credential ewelink:1000abcdef secret=wifi access point ssid=ITEAD-1000abcdef value=12345678\n"
        "credential ewelink:1000abcdef secret=apikey value=01234567-89ab-cdef-0123-456789abcdef\n"
        "credential ewelink:dump secret=wifi ssid=before value=formerly so\n"
        "credential ewelink:dump secret=wifi access point ssid=ITEAD-1000abcdef value=12345678\n"
        "credential ewelink:dump secret=apikey value=01234567-89ab-cdef-0123-456789abcdef\n");
    cr_assert(strstr(text, "setting=server value=eu-disp.example.net:443"));
    cr_assert_null(strstr(text, "power."));
}

/* hashlib.pbkdf2_hmac("sha1", b"correct horse", b"home", 4096, 32) */
static const uint8_t home_key[32] = {0xe2, 0x8c, 0x9a, 0xaa, 0x2f, 0x46, 0x26, 0x6e, 0xf5, 0xb8, 0xdb,
                                     0x9a, 0x65, 0xae, 0x46, 0x48, 0xf5, 0xc9, 0x9d, 0x4e, 0x5b, 0x46,
                                     0x3c, 0xa6, 0x16, 0x48, 0x25, 0x58, 0xcc, 0xd5, 0x16, 0x28};

Test(ewelink, the_sdk_key_proves_the_password)
{
    static uint8_t params[WTR_ESP8266_PARAMS];
    struct wtr_piece pieces[] = {{.length = sizeof params}, {.length = 0x174}};
    make_store();
    params[0xC] = 4;
    memcpy(params + 0x10, "home", 4);
    memcpy(params + 0x78, home_key, 32);
    const struct wtr_entry entries[] = {
        {.format = wtr_flash_esp8266_params.name, .span = {params, sizeof params, &pieces[0], 1, NULL}},
        {.format = wtr_ewelink_store.name,
         .path = WTR_TEXT("config"),
         .span = {store, 0x174, &pieces[1], 1, NULL}},
    };
    cr_assert(strstr(flash_said_of(&wtr_ewelink, entries, 2), "ssid=home value=correct horse proved_by=pmk"));
}

Test(ewelink, damage_costs_its_own_sector)
{
    make_store();
    for (size_t i = 0; i < STORE; i += i % SECTOR < 0x180 ? 1 : EVERY(509)) {
        store[i] ^= 0x81;
        const char *read = flash_read_lines(&lines, &wtr_ewelink_store, store, STORE, 0);
        cr_assert_null(strstr(read, "!!"), "byte %zu: %s", i, read);
        cr_assert(strstr(read, "@4096+372"), "byte %zu: %s", i, read);
        const char *text = flash_said(&wtr_ewelink, &wtr_ewelink_store, store, STORE);
        cr_assert_null(strstr(text, "!!"), "byte %zu: %s", i, text);
        cr_assert(i / SECTOR == 1 || strstr(text, "ssid=before value=formerly so"), "byte %zu: %s", i, text);
        store[i] ^= 0x81;
    }
    for (size_t length = 0; length < STORE; length += length % SECTOR < 3 ? 1 : EVERY(301)) {
        cr_assert_null(strstr(flash_said(&wtr_ewelink, &wtr_ewelink_store, store, length), "!!"));
        (void)flash_probe(&wtr_ewelink_store, store, length, 0);
    }
}
