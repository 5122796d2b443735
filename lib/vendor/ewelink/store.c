/* SPDX-License-Identifier: Apache-2.0 */
/* Where eWeLink's firmware keeps its configuration and state on an ESP8266: twice three sectors of the SDK's
 * scheme (two with alternate copies, the third begins with which of them is the latest; user_interface.h,
 * system_param_save_with_protect) [S], 16 KiB apart. From one dump of a Sonoff Basic [V]:
 *
 *   - configuration: 0 SSID[32], 0x20 password[64], 0x67 model, 0x7C device id (ten digits), 0x87 API key (a
 * UUID), 0xAC the station's MAC, 0xB2 the access point's, 0xC4 SSID and 0xE4 password of its own access
 * point, 0x134 cloud server, 0x168 its port u16. A copy has no check.
 *   - state: three u32, the first erased. What the others mean is not known: they are entries and no events.
 * The copy that is not the latest is the one before it. */
#include "vendor/ewelink/store.h"

#include "base/bytes.h"
#include "flash/gather.h"

enum { SECTOR = WTR_FLASH_SECTOR, FLAG = 2 * SECTOR, STATE = 4 * SECTOR, STORE = 7 * SECTOR };

/* ---- the configuration */

static struct wtr_text text_at(const uint8_t *bytes, size_t at, size_t room)
{
    const uint8_t *end = memchr(bytes + at, 0, room);
    size_t length = end ? (size_t)(end - bytes) - at : room;
    return bytes[at] == 0xFF ? (struct wtr_text){NULL, 0} : wtr_text_of(bytes + at, length);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_uuid(struct wtr_text text)
{
    for (size_t i = 0; i < text.length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.data[i] != '-' : !is_hex(text.data[i]))
            return false;
    }
    return text.length == 36;
}

static bool is_device_id(struct wtr_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_hex(text.data[i]))
            return false;
    return text.length == 10;
}

bool wtr_ewelink_config_open(struct wtr_ewelink_config *config, const uint8_t *bytes, size_t length)
{
    static const uint8_t none[6];
    *config = (struct wtr_ewelink_config){0};
    if (length < WTR_EWELINK_CONFIG)
        return false;
    config->device_id = text_at(bytes, 0x7C, 11);
    config->api_key = text_at(bytes, 0x87, 37);
    if (!is_device_id(config->device_id) || !is_uuid(config->api_key))
        return false;
    config->ssid = text_at(bytes, 0, 32);
    config->password = text_at(bytes, 0x20, 64);
    config->model = text_at(bytes, 0x67, 21);
    config->own_ssid = text_at(bytes, 0xC4, 32);
    config->own_password = text_at(bytes, 0xE4, 64);
    config->server = text_at(bytes, 0x134, 52);
    config->port = wtr_text_of(bytes + 0x168, 2);
    if ((bytes[0xAC] & 1) == 0 && memcmp(bytes + 0xAC, none, sizeof none) != 0)
        config->station_mac = wtr_text_of(bytes + 0xAC, sizeof none);
    return true;
}

/* ---- finding the store */

static bool is_flag(const uint8_t *sector, size_t length)
{
    if (length < SECTOR || sector[0] > 1)
        return false;
    for (size_t i = 1; i < SECTOR; i++)
        if (sector[i] != 0xFF)
            return false;
    return true;
}

static struct wtr_flash_find probe_store(const uint8_t *image, size_t length, size_t at,
                                         const struct wtr_keyring *keys)
{
    (void)keys;
    struct wtr_ewelink_config config;
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    if (at >= length || !wtr_ewelink_config_open(&config, image + at, length - at))
        return find;
    bool first = at + FLAG < length && is_flag(image + at + FLAG, length - at - FLAG);
    bool second = at >= SECTOR && at + SECTOR < length && is_flag(image + at + SECTOR, length - at - SECTOR);
    find.before = !first && second ? SECTOR : 0;
    find.bid = first || second ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE;
    find.length = first || second ? STORE : SECTOR;
    return find;
}

/* ---- reading */

struct reading {
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
};

static void hand_on(const struct reading *r, struct wtr_entry *entry, size_t at, size_t length)
{
    struct wtr_gather gather = {0};
    if (wtr_gather_add(&gather, &r->volume->span, at, length)) {
        entry->format = wtr_ewelink_store.name;
        entry->volume = r->volume->name;
        entry->span = wtr_gather_span(&gather, r->volume->span.opening);
        r->sink->entry(r->sink->payload, entry);
    }
    wtr_gather_free(&gather);
}

static bool is_blank(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != 0xFF)
            return false;
    return true;
}

/* Two copies of `length` bytes and their flag; `path` and `scope` are what the entries are called. */
static void read_set(const struct reading *r, size_t set, const char *path, const char *scope, size_t length)
{
    const struct wtr_span *span = &r->volume->span;
    size_t flag = set + FLAG;
    bool known = flag < span->length && is_flag(span->bytes + flag, span->length - flag);
    for (size_t which = 0; which < 2; which++) {
        size_t at = set + which * SECTOR;
        if (at >= span->length || span->length - at < length || is_blank(span->bytes + at, length))
            continue;
        bool live = known && span->bytes[flag] == which;
        struct wtr_entry entry = {
            .path = wtr_text_z(path),
            .state = live    ? WTR_ENTRY_LIVE
                     : known ? WTR_ENTRY_SUPERSEDED
                             : WTR_ENTRY_STALE,
            .integrity = WTR_INTEGRITY_NONE,
            .secret = length == WTR_EWELINK_CONFIG,
        };
        if (known)
            entry.order = (struct wtr_entry_order){
                .scope = wtr_text_z(scope), .sequence = live, .has_sequence = true, .basis = WTR_ORDER_EXACT};
        hand_on(r, &entry, at, length);
    }
    if (!known && flag < span->length)
        r->sink->finding(r->sink->payload, r->volume, flag,
                         span->length - flag < SECTOR ? span->length - flag : SECTOR,
                         "nothing says which copy is the latest");
}

static void read_store(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    const struct reading r = {volume, sink};
    read_set(&r, 0, "config", "copies of config", WTR_EWELINK_CONFIG);
    if (volume->span.length > STATE)
        read_set(&r, STATE, "state", "copies of state", WTR_EWELINK_STATE);
}

static const char *kind_of_store(const struct wtr_volume *volume)
{
    (void)volume;
    return "ESP8266";
}

const struct wtr_flash_format wtr_ewelink_store = {
    .name = "ewelink",
    .probe = probe_store,
    .read = read_store,
    .kind = kind_of_store,
};
