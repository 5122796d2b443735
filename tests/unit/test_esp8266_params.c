/* SPDX-License-Identifier: Apache-2.0 */
/* The ESP8266's system parameters, and what they and NVS state of networks. The keys were computed with
 * Python's hashlib.pbkdf2_hmac. */
#include "every.h"
#include "flash/esp8266_params.h"
#include "flash/formats.h"
#include "flash_say.h"
#include "say_record.h"
#include "vendor/esp/esp.h"

#include <criterion/criterion.h>

enum { SECTOR = 4096, AREA = 3 * SECTOR, SUMMED = 0x48C };

static const char home_key[] = "\342\214\232\252\057\106\046\156\365\270\333\232\145\256\106\110\365\311\235"
                               "\116\133\106\074\246\026\110\045\130\314\325\026\050";
static const char before_key[] = "\225\345\023\215\011\260\257\144\071\040\333\050\227\126\335\051\054\352"
                                 "\200\336\111\035\147\370\036\015\210\052\155\215\365\130";
static const char own_key[] = "\016\272\072\301\257\206\102\156\170\175\013\156\014\112\364\321\363\013\123"
                              "\322\300\262\031\346\212\352\075\166\105\352\074\246";

static uint8_t area[AREA];
static struct flash_lines lines;

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void put_network(uint8_t *copy, const char *ssid, const char *password, const char *key)
{
    put32(copy + 0xC, (uint32_t)strlen(ssid));
    memset(copy + 0x10, 0, 32);
    memcpy(copy + 0x10, ssid, strlen(ssid));
    memcpy(copy + 0x30, "\3\5\3\0\1\0\0", 7);
    memset(copy + 0x37, 0, 64);
    memcpy(copy + 0x37, password, strlen(password));
    memcpy(copy + 0x78, key, 32);
}

static void seal(void)
{
    for (size_t which = 0; which < 2; which++) {
        uint8_t sum = 0xEF;
        for (size_t i = 0; i < SUMMED; i++)
            sum ^= area[which * SECTOR + i];
        put32(area + 2 * SECTOR + 0x14 + 4 * which, sum);
    }
}

/* Two copies, the second one live after 20 saves. */
static void make_area(void)
{
    memset(area, 0xFF, AREA);
    put_network(area, "before", "formerly so", before_key);
    put_network(area + SECTOR, "home", "correct horse", home_key);
    for (size_t i = 0; i < 2; i++) {
        uint8_t *copy = area + i * SECTOR;
        put32(copy + 0xB0, 10);
        memset(copy + 0xB4, 0, 32 + 64);
        memcpy(copy + 0xB4, "ESP_2B3C4D", 10);
        memcpy(copy + 0xD4, "12345678", 8);
        memcpy(copy + 0x115, own_key, 32);
        memcpy(copy + 0x484, "\x02\x0a\x0b\x2b\x3c\x4d", 6);
    }
    uint8_t *flag = area + 2 * SECTOR;
    flag[0] = 1;
    put32(flag + 4, 0x55AA55AA);
    put32(flag + 8, 20);
    put32(flag + 0xC, SUMMED);
    put32(flag + 0x10, SUMMED);
    put32(flag + 0x1C, 0xAA55AA55);
    seal();
}

static const char *said(void)
{
    return flash_said(&wtr_esp, &wtr_flash_esp8266_params, area, AREA);
}

Test(esp8266_params, both_copies_with_their_order)
{
    make_area();
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_flash_esp8266_params, area, AREA, 0xFD000),
                     "system-parameters superseded weak/xor8 saves:19/exact @0+1164\n"
                     "system-parameters live weak/xor8 saves:20/exact @4096+1164\n");
    for (size_t at = 0; at < AREA; at += SECTOR) {
        struct wtr_flash_find find = flash_probe(&wtr_flash_esp8266_params, area, AREA, at);
        cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
        cr_assert_eq(find.before, at);
        cr_assert_eq(find.length, AREA);
    }
    memset(area, 0, AREA);
    cr_assert_eq(flash_probe(&wtr_flash_esp8266_params, area, AREA, 0).bid, WTR_FLASH_NO);
}

Test(esp8266_params, networks_that_their_keys_prove)
{
    make_area();
    cr_assert_str_eq(
        said(), "tie lan:dump mac=02:0a:0b:2b:3c:4d\n"
                "device.identity lan:dump mac=02:0a:0b:2b:3c:4d raw{mac=0x020a0b2b3c4d@1156+6}\n"
                "network.join lan:dump ssid=before raw{ssid=before@16+6}\n"
                "credential lan:dump secret=wifi ssid=before value=formerly so proved_by=pmk "
                "raw{password=formerly so@55+11}\n"
                "key wifi before formerly so\n"
                "tie lan:dump mac=02:0a:0b:2b:3c:4d\n"
                "device.identity lan:dump mac=02:0a:0b:2b:3c:4d raw{mac=0x020a0b2b3c4d@1156+6}\n"
                "network.join lan:dump ssid=home raw{ssid=home@16+4}\n"
                "credential lan:dump secret=wifi ssid=home value=correct horse proved_by=pmk "
                "raw{password=correct horse@55+13}\n"
                "key wifi home correct horse\n"
                "credential lan:dump secret=wifi access point ssid=ESP_2B3C4D value=12345678 proved_by=pmk "
                "raw{password=12345678@212+8}\n"
                "key wifi ESP_2B3C4D 12345678\n");
}

Test(esp8266_params, an_unset_network_says_nothing)
{
    make_area();
    memset(area + SECTOR + 8, 0xFF, 0x90);
    memset(area + SECTOR + 0xB0, 0xFF, 0x90);
    seal();
    cr_assert_null(strstr(said(), "ssid=home"));
    cr_assert(strstr(said(), "ssid=before"));
}

Test(esp8266_params, a_network_without_a_key_is_not_called_proved)
{
    make_area();
    memset(area + SECTOR + 0x78, 0, 32);
    seal();
    cr_assert_str_eq(flash_only(said(), "credential lan:dump secret=wifi ssid=home"),
                     "credential lan:dump secret=wifi ssid=home value=correct horse\n");
}

Test(esp8266_params, a_key_that_does_not_fit_is_a_finding)
{
    make_area();
    area[SECTOR + 0x78] ^= 1;
    seal();
    cr_assert_str_eq(flash_only(said(), "credential lan:dump secret=wifi ssid=home"), "");
    cr_assert_str_eq(flash_only(said(), "finding"),
                     "finding @16+4 the stored key does not follow from this network's name and password\n");
}

Test(esp8266_params, a_flipped_bit_costs_its_copy_alone)
{
    static const char first[] = "superseded weak/xor8 saves:19/exact @0+1164";
    static const char second[] = "live weak/xor8 saves:20/exact @4096+1164";
    make_area();
    memset(area + 0x78, 0, 32); /* without a key, which would prove the network in a damaged copy */
    memset(area + SECTOR + 0x78, 0, 32);
    seal();
    for (size_t i = 0; i < 2 * SECTOR; i += i % SECTOR < SUMMED ? 1 : 97) {
        area[i] ^= 0x20;
        const char *text = flash_read_lines(&lines, &wtr_flash_esp8266_params, area, AREA, 0);
        bool summed = i % SECTOR < SUMMED;
        cr_assert_null(strstr(text, "!!"), "byte %zu: %s", i, text);
        cr_assert_eq(strstr(text, first) != NULL, i >= SECTOR || !summed, "byte %zu: %s", i, text);
        cr_assert_eq(strstr(text, second) != NULL, i < SECTOR || !summed, "byte %zu: %s", i, text);
        area[i] ^= 0x20;
    }
}

/* The sum proves little, so the keys have the last word: no password is stated that was not there. */
Test(esp8266_params, no_flipped_bit_makes_a_network)
{
    static const char before[] = "secret=wifi ssid=before value=formerly so proved_by=pmk";
    static const char home[] = "secret=wifi ssid=home value=correct horse proved_by=pmk";
    make_area();
    for (size_t i = 0; i < AREA; i += i % SECTOR < 0x90 ? 11 : 509) {
        area[i] ^= 0x20;
        const char *text = said();
        cr_assert_null(strstr(text, "!!"), "byte %zu: %s", i, text);
        for (const char *at = text; (at = strstr(at, "secret=wifi ssid=")); at++)
            cr_assert(wtr_text_starts(wtr_text_z(at), before) || wtr_text_starts(wtr_text_z(at), home),
                      "byte %zu: %s", i, text);
        area[i] ^= 0x20;
    }
}

Test(esp8266_params, a_cut_costs_what_is_cut_off)
{
    make_area();
    for (size_t length = 0; length < AREA; length += EVERY(397)) {
        const char *text = flash_read_lines(&lines, &wtr_flash_esp8266_params, area, length, 0);
        cr_assert_null(strstr(text, "!!"), "length %zu: %s", length, text);
        (void)flash_probe(&wtr_flash_esp8266_params, area, length, 0);
    }
    for (size_t length = 0; length < AREA;
         length += length % SECTOR < 4 ? 1 : 397) { /* keys take their time */
        const char *text = flash_said(&wtr_esp, &wtr_flash_esp8266_params, area, length);
        cr_assert_null(strstr(text, "!!"), "length %zu: %s", length, text);
    }
    cr_assert_str_eq(flash_read_lines(&lines, &wtr_flash_esp8266_params, area, 2 * SECTOR, 0),
                     "finding @0+1164 nothing says whether these parameters are the latest\n"
                     "system-parameters stale none @0+1164\n"
                     "finding @4096+1164 nothing says whether these parameters are the latest\n"
                     "system-parameters stale none @4096+1164\n");
}

/* ---- NVS */

static struct wtr_piece piece = {.length = 1 << 20};

static struct wtr_entry nvs(const char *path, const void *bytes, size_t length, enum wtr_entry_state state)
{
    return (struct wtr_entry){.format = "nvs",
                              .path = wtr_text_z(path),
                              .state = state,
                              .integrity = WTR_INTEGRITY_OK,
                              .check = "crc32",
                              .span = {bytes, length, &piece, 1, NULL}};
}

static void put_ssid(uint8_t value[36], const char *ssid)
{
    memset(value, 0, 36);
    put32(value, (uint32_t)strlen(ssid));
    memcpy(value + 4, ssid, strlen(ssid));
}

static void put_info(uint8_t *info, size_t i, const char *ssid, const char *password, const char *key)
{
    uint8_t *at = info + 140 * i;
    put_ssid(at, ssid);
    memset(at + 36, 0, 65);
    memcpy(at + 36, password, strlen(password));
    memcpy(at + 0x6B, key, 32);
    at[0x8B] = 6;
}

Test(esp_nvs, erased_networks_come_with_what_proves_them)
{
    static uint8_t info[700], old_ssid[36], new_ssid[36];
    static const char old_password[65] = "formerly so", new_password[65] = "correct horse";
    memset(info, 0xFF, sizeof info);
    put_info(info, 0, "home", "correct horse", home_key);
    put_info(info, 1, "before", "formerly so", before_key);
    put_info(info, 2, "forged", "not the key", home_key);
    put_ssid(old_ssid, "before");
    put_ssid(new_ssid, "home");
    const struct wtr_entry entries[] = {
        nvs("nvs.net80211/sta.ssid", old_ssid, 36, WTR_ENTRY_SUPERSEDED),
        nvs("nvs.net80211/sta.pswd", old_password, 65, WTR_ENTRY_SUPERSEDED),
        nvs("nvs.net80211/sta.ssid", new_ssid, 36, WTR_ENTRY_LIVE),
        nvs("nvs.net80211/sta.pswd", new_password, 65, WTR_ENTRY_LIVE),
        nvs("nvs.net80211/sta.apinfo", info, 700, WTR_ENTRY_LIVE),
        nvs("phy/cal_mac", "\x24\x0a\xc4\x01\x02\x03", 6, WTR_ENTRY_LIVE),
    };
    const char *text = flash_said_of(&wtr_esp, entries, 6);
    cr_assert_str_eq(flash_only(text, "credential"),
                     "credential lan:dump secret=wifi ssid=before value=formerly so proved_by=pmk\n"
                     "credential lan:dump secret=wifi ssid=home value=correct horse proved_by=pmk\n"
                     "credential lan:dump secret=wifi ssid=home value=correct horse proved_by=pmk\n"
                     "credential lan:dump secret=wifi ssid=before value=formerly so proved_by=pmk\n");
    cr_assert_str_eq(flash_only(text, "network.join"), "network.join lan:dump ssid=before\n"
                                                       "network.join lan:dump ssid=home\n");
    cr_assert(strstr(text, "tie lan:dump mac=24:0a:c4:01:02:03\n"));
    cr_assert_null(strstr(text, "forged"));
}

Test(esp_nvs, an_erased_password_without_proof_names_no_network)
{
    static uint8_t ssid[36];
    static const char password[65] = "correct horse";
    put_ssid(ssid, "home");
    const struct wtr_entry gone[] = {
        nvs("nvs.net80211/sta.ssid", ssid, 36, WTR_ENTRY_SUPERSEDED),
        nvs("nvs.net80211/sta.pswd", password, 65, WTR_ENTRY_SUPERSEDED),
    };
    cr_assert_str_eq(flash_only(flash_said_of(&wtr_esp, gone, 2), "credential"),
                     "credential lan:dump secret=wifi value=correct horse\n");
    const struct wtr_entry live[] = {
        nvs("nvs.net80211/sta.ssid", ssid, 36, WTR_ENTRY_LIVE),
        nvs("nvs.net80211/sta.pswd", password, 65, WTR_ENTRY_LIVE),
    };
    cr_assert_str_eq(flash_only(flash_said_of(&wtr_esp, live, 2), "credential"),
                     "credential lan:dump secret=wifi ssid=home value=correct horse\n");
}

Test(esp_nvs, values_of_other_sizes_are_not_claimed)
{
    static uint8_t bytes[800];
    const struct wtr_entry odd[] = {
        nvs("nvs.net80211/sta.ssid", bytes, 35, WTR_ENTRY_LIVE),
        nvs("nvs.net80211/sta.pswd", bytes, 0, WTR_ENTRY_LIVE),
        nvs("nvs.net80211/sta.apinfo", bytes, 701, WTR_ENTRY_LIVE),
        nvs("phy/cal_mac", bytes, 6, WTR_ENTRY_LIVE),
        nvs("other/sta.ssid", bytes, 36, WTR_ENTRY_LIVE),
    };
    cr_assert_str_eq(flash_said_of(&wtr_esp, odd, 5), "");
}
