/* SPDX-License-Identifier: Apache-2.0 */
/* What Tuya's firmware for ESP8266 stores, and the last network of that for BK7231; the images are those of
 * captures/flash-tuya/make.py. */
#include "damage.h"
#include "every.h"

#include "vendor/tuya/flash_netparam.h"
#include "vendor/tuya/flash_psm.h"

static uint8_t image[DAMAGE_ROOM];

#define EXPECT(text, part) cr_assert(strstr(text, part), "lacks: %s\n%s", part, text)

Test(tuya_psm, gives_the_list_and_what_is_behind_it)
{
    struct store_lines lines = {0};
    size_t size = damage_load("tuya_psm/store", image);
    struct wtr_flash_find find = wtr_tuya_psm.probe(image, size, 0, NULL);
    cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
    cr_assert_eq(find.length, size);
    const char *text = store_read(&lines, &wtr_tuya_psm, image, size, 0x7b000);
    cr_assert_eq(lines.findings, 0, "%s", text);
    EXPECT(text, "live m1_part none @0x7b010+16: 1\n");
    /* The text begins at 4 of the sector: its value at 4 + 25 = 0x1d. */
    EXPECT(text, "live ESP.m1.gw_sw_ver_key ok @0x7c010+32: {\"sw_ver\":\"1.0.7\"}\n");
    EXPECT(text, "live ESP.m1.wf_nw_rec_key ok @");
    EXPECT(text, "stale - weak @");
    EXPECT(text, "stale ESP.m1.wf_nw_rec_key weak @");
    EXPECT(text, ": {\"ssid\":\"old\",\"passwd\":\"old passphrase\"}\n");
    wtr_buffer_free(&lines.text);
}

Test(tuya_psm, any_byte_of_the_mac_opens_it)
{
    struct store_lines lines = {0};
    size_t size = damage_load("tuya_psm/store", image);
    memset(image, 0x5a, 16);
    const char *text = store_read(&lines, &wtr_tuya_psm, image, size, 0x7b000);
    EXPECT(text, "no key opens the store's first sector");
    cr_assert_eq(wtr_tuya_psm.probe(image, size, 0, NULL).bid, WTR_FLASH_NO);
    wtr_buffer_free(&lines.text);
}

Test(tuya_psm, a_changed_byte_costs_what_it_touches, .timeout = 500)
{
    /* The first sector has no sum: a changed unit may cost three of its short texts. The second has one for
     * all; a byte of the first unit costs the key. */
    const struct damage_limit limit = {.lost = 4, .false_ = 1, .from = 0, .to = 16};
    damage_flip(&wtr_tuya_psm, "tuya_psm/store", &limit);
}

Test(tuya_psm, is_cut_anywhere, .timeout = 500)
{
    damage_cut(&wtr_tuya_psm, "tuya_psm/store", EVERY(3));
}

Test(tuya_schedules, are_a_whole_array)
{
    struct store_lines lines = {0};
    size_t size = damage_load("tuya_psm/schedules", image);
    cr_assert_eq(wtr_tuya_schedules.probe(image, size, 0, NULL).bid, WTR_FLASH_CERTAIN);
    const char *text = store_read(&lines, &wtr_tuya_schedules, image, size, 0x80000);
    EXPECT(text, "live schedules none @0x80004+104: [{\"date\":\"00000000\",");
    for (size_t length = 0; length < size; length++) {
        store_read(&lines, &wtr_tuya_schedules, image, length, 0x80000);
        cr_assert(lines.entries == 0 && lines.findings == 1, "%zu", length);
    }
    image[3] = 0xff; /* a length that nothing holds */
    store_read(&lines, &wtr_tuya_schedules, image, size, 0x80000);
    cr_assert(lines.entries == 0 && lines.findings == 1);
    cr_assert_eq(wtr_tuya_schedules.probe(image, size, 0, NULL).bid, WTR_FLASH_NO);
    wtr_buffer_free(&lines.text);
}

Test(tuya_factory, is_two_objects)
{
    struct store_lines lines = {0};
    size_t size = damage_load("tuya_psm/factory", image);
    cr_assert_eq(wtr_tuya_factory.probe(image, size, 0, NULL).bid, WTR_FLASH_CERTAIN);
    const char *text = store_read(&lines, &wtr_tuya_factory, image, size, 0xfb000);
    EXPECT(text, "live factory none @0xfb000+43: {\"mac_addr\":\"fc671f00002b\",\"prod_idx\":\"01\"}\n");
    EXPECT(text, "live access point none @0xfb100+23: {\"ap_ssid\":\"SmartLife\"}\n");
    wtr_buffer_free(&lines.text);
}

/* ---- the last network */

struct heard {
    bool proved;
    char ssid[33], password[65];
    uint8_t channel;
};

static void hear(void *payload, const struct wtr_entry *entry)
{
    const struct wtr_tuya_netparam *p = entry->body;
    struct heard *heard = payload;
    heard->proved = p->proved;
    heard->channel = p->channel;
    snprintf(heard->ssid, sizeof heard->ssid, "%.*s", (int)p->ssid.length, p->ssid.data);
    snprintf(heard->password, sizeof heard->password, "%.*s", (int)p->password.length, p->password.data);
}

Test(tuya_netparam, masked_and_in_clear)
{
    static const char *const seeds[] = {"tuya_netparam/masked", "tuya_netparam/clear"};
    for (size_t i = 0; i < 2; i++) {
        struct heard heard = {0};
        struct store_lines lines = {.each = hear, .payload = &heard};
        size_t size = damage_load(seeds[i], image);
        cr_assert_eq(wtr_tuya_netparam_format.probe(image, size, 0, NULL).bid, WTR_FLASH_CERTAIN);
        const char *text = store_read(&lines, &wtr_tuya_netparam_format, image, size, 0x1d1000);
        EXPECT(text, "live net-param ok @0x1d1000+171: ");
        cr_assert(heard.proved);
        cr_assert_str_eq(heard.ssid, "two");
        cr_assert_str_eq(heard.password, "passphrase two");
        cr_assert_eq(heard.channel, 6);
        wtr_buffer_free(&lines.text);
    }
}

/* What the PMK proves is the SSID and the password; BSSID, security and channel at 0x21 to 0x28 it does not.
 */
Test(tuya_netparam, the_pmk_proves_it, .timeout = 500)
{
    struct heard heard;
    struct store_lines lines = {.each = hear, .payload = &heard};
    size_t size = damage_load("tuya_netparam/masked", image);
    for (size_t at = 0; at < 171; at++) {
        heard = (struct heard){0};
        image[at] ^= 0x01;
        const char *text = store_read(&lines, &wtr_tuya_netparam_format, image, size, 0x1d1000);
        image[at] ^= 0x01;
        bool unproved = (at >= 0x21 && at < 0x29) || at == 0x69;
        cr_assert_eq(heard.proved, unproved, "byte %zu", at);
        cr_assert(unproved || !strstr(text, " ok "), "byte %zu: %s", at, text);
    }
    for (size_t length = 0; length < 171; length++) {
        store_read(&lines, &wtr_tuya_netparam_format, image, length, 0x1d1000);
        cr_assert(lines.entries == 0 && lines.findings == 1);
        cr_assert_eq(wtr_tuya_netparam_format.probe(image, length, 0, NULL).bid, WTR_FLASH_NO);
    }
    wtr_buffer_free(&lines.text);
}
