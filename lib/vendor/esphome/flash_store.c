/* SPDX-License-Identifier: Apache-2.0 */
/* ESPHome's preferences (esphome/esphome: components/esp8266/preferences.cpp,
 * components/esp32/preferences.cpp, components/wifi/wifi_component.cpp, wifi_component.h SavedWifiSettings,
 * components/safe_mode) [S]; never seen on a real dump:
 *
 *   - ESP8266: one sector of records without names or lengths, one behind the other: words, then a checksum,
 * which begins with the record's type: type XOR, for each word, (word * 2654435769) >> 1. The type is a hash
 * of a name. A record can be found only by a type and length that are known: the network that a user set
 * (88491487, 98 bytes, 25 words) and the count of failed starts (233825507, one word). There are no earlier
 * copies.
 *   - ESP32: namespace esphome, the type in decimal as key, the same bytes as value.
 *   - SavedWifiSettings: SSID[33], password[65]. What stands in the firmware itself is not saved.
 * States of switches are stored under hashes of their names, which are not known: entries without a meaning.
 */
#include "vendor/esphome/flash_store.h"

#include "base/bytes.h"
#include "flash/gather.h"

enum { WIFI_WORDS = 25, WIFI = 98, SSID = 33, MOST_WORDS = 128 };

static const uint32_t wifi_type = 88491487;

static uint32_t checksum(uint32_t type, const uint8_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        type ^= wtr_le32(words + 4 * i) * 2654435769U >> 1;
    return type;
}

static bool is_blank(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != 0xFF)
            return false;
    return true;
}

/* Where the network's record begins in a sector; false where there is none. */
static bool find_wifi(const uint8_t *sector, size_t length, size_t *at)
{
    size_t whole = 4 * ((size_t)WIFI_WORDS + 1);
    size_t room = length < (size_t)4 * MOST_WORDS ? length : (size_t)4 * MOST_WORDS;
    if (room < whole || is_blank(sector, room))
        return false;
    for (*at = 0; *at + whole <= room; *at += 4)
        if (wtr_le32(sector + *at + 4 * (size_t)WIFI_WORDS) ==
                checksum(wifi_type, sector + *at, WIFI_WORDS) &&
            memchr(sector + *at, 0, SSID) && memchr(sector + *at + SSID, 0, WIFI - SSID))
            return true;
    return false;
}

static struct wtr_flash_find probe_preferences(const uint8_t *image, size_t length, size_t at,
                                               const struct wtr_keyring *keys)
{
    size_t record = 0;
    (void)keys;
    /* What lies behind the records was erased with the sector. */
    if (length - at < WTR_FLASH_SECTOR || !is_blank(image + at + 4 * (size_t)MOST_WORDS, 512) ||
        !find_wifi(image + at, length - at, &record))
        return (struct wtr_flash_find){WTR_FLASH_NO, 0, 0};
    return (struct wtr_flash_find){WTR_FLASH_CERTAIN, 0, WTR_FLASH_SECTOR};
}

static void read_preferences(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct wtr_gather gather = {0};
    size_t at = 0;
    if (find_wifi(volume->span.bytes, volume->span.length, &at) &&
        wtr_gather_add(&gather, &volume->span, at, WIFI)) {
        struct wtr_entry entry = {
            .format = wtr_esphome_preferences.name,
            .volume = volume->name,
            .path = WTR_TEXT("88491487"),
            .state = WTR_ENTRY_LIVE,
            .integrity = WTR_INTEGRITY_OK,
            .check = "type and words",
            .secret = true,
            .span = wtr_gather_span(&gather, volume->span.opening),
        };
        sink->entry(sink->payload, &entry);
    }
    wtr_gather_free(&gather);
}

static const char *kind_of_preferences(const struct wtr_volume *volume)
{
    (void)volume;
    return "ESP8266";
}

const struct wtr_flash_format wtr_esphome_preferences = {
    .name = "esphome-preferences",
    .probe = probe_preferences,
    .read = read_preferences,
    .kind = kind_of_preferences,
};

/* ---- what it states */

enum wtr_claim wtr_esphome_claim_entry(const void *state, const struct wtr_entry *entry)
{
    (void)state;
    bool own = entry->format == wtr_esphome_preferences.name ||
               (wtr_text_is(entry->path, "esphome/88491487") && entry->integrity == WTR_INTEGRITY_OK);
    return own && entry->span.length == WIFI ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static struct wtr_text text_at(const uint8_t *from, size_t room)
{
    const uint8_t *end = memchr(from, 0, room);
    return end ? wtr_text_of(from, (size_t)(end - from)) : (struct wtr_text){NULL, 0};
}

void wtr_esphome_read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say)
{
    (void)state;
    struct wtr_text ssid = text_at(entry->span.bytes, SSID);
    struct wtr_text password = text_at(entry->span.bytes + SSID, WIFI - SSID);
    wtr_device_ref device = wtr_say_dump_device(say, "esphome");
    if (ssid.length == 0)
        return;
    wtr_say_begin(say, WTR_KIND_NETWORK_JOIN, device);
    wtr_say_text(say, WTR_FIELD_SSID, ssid);
    wtr_say_raw(say, WTR_TEXT("ssid"), ssid);
    wtr_say_end(say);
    if (password.length == 0)
        return;
    wtr_say_begin(say, WTR_KIND_CREDENTIAL, device);
    wtr_say_text(say, WTR_FIELD_SECRET, WTR_TEXT("wifi"));
    wtr_say_text(say, WTR_FIELD_SSID, ssid);
    wtr_say_text(say, WTR_FIELD_VALUE, password);
    wtr_say_raw(say, WTR_TEXT("password"), password);
    wtr_say_end(say);
    wtr_say_key(say, WTR_KEY_WIFI, ssid, password);
}
