/* SPDX-License-Identifier: Apache-2.0 */
/* The parameter area of the ESP8266's SDK: the last three sectors of what the SDK takes for the flash's size.
 * Two sectors hold alternate copies, the third says which is the latest (user_interface.h,
 * system_param_save_with_protect) [S]. From two dumps [V]:
 *
 *   - third sector: 0 u8 which copy is live, 4 u32 55AA55AA, 8 u32 how often it was saved, 0xC and 0x10 u32
 * how many bytes of each copy are summed, 0x14 and 0x18 u32 the sums, 0x1C u32 AA55AA55; the rest is erased.
 * A sum is 0xEF XOR all those bytes: of older SDKs it covers the first 32 bytes only. Either way it proves
 * little.
 *   - a copy: 0xC u32 length of the SSID, 0x10 SSID[32], 0x37 password[64], 0x78 PMK[32]; 0xB0 u32 length,
 * 0xB4 SSID[32], 0xD4 password[64], 0x115 PMK[32] of its own access point; 0x140 five networks that it was
 * in, each u32 length, SSID[32], password[64], and their PMKs at 0x3E4; 0x484 the station's MAC, or zeros. An
 * erased copy has 0xFF there: no network is set.
 *
 * The copy that is not live is the one before. Other software uses the same three sectors elsewhere with a
 * third one that holds nothing but its first byte: those are not looked for here. */
#include "flash/esp8266_params.h"

#include "base/bytes.h"
#include "base/pmk.h"
#include "flash/formats.h"
#include "flash/gather.h"

enum {
    FLAG = 2 * WTR_FLASH_SECTOR,
    AREA = 3 * WTR_FLASH_SECTOR,
    AT_COUNT = 8,
    AT_LENGTHS = 0xC,
    AT_SUMS = 0x14,
    MARKS = 0x20,
    PMK = 32,
};

static bool is_flag(const uint8_t *sector, size_t length)
{
    return length >= MARKS && sector[0] <= 1 && wtr_le32(sector + 4) == 0x55AA55AA &&
           wtr_le32(sector + 0x1C) == 0xAA55AA55 && wtr_le32(sector + AT_LENGTHS) <= WTR_FLASH_SECTOR &&
           wtr_le32(sector + AT_LENGTHS + 4) <= WTR_FLASH_SECTOR;
}

/* A copy without its third sector: the shape that both dumps have. */
static bool is_copy(const uint8_t *sector, size_t length)
{
    static const uint8_t shape[] = {3, 5, 3, 0};
    size_t ssid = length >= WTR_ESP8266_PARAMS ? wtr_le32(sector + 0xC) : 0;
    return ssid >= 1 && ssid <= 32 && memcmp(sector + 0x30, shape, sizeof shape) == 0 &&
           wtr_le32(sector + 2) == UINT32_MAX;
}

static struct wtr_flash_find probe_params(const uint8_t *image, size_t length, size_t at,
                                          const struct wtr_keyring *keys)
{
    (void)keys;
    for (size_t before = 0; before <= FLAG && before <= at; before += WTR_FLASH_SECTOR) {
        size_t flag = at - before + FLAG;
        if (flag < length && is_flag(image + flag, length - flag))
            return (struct wtr_flash_find){WTR_FLASH_CERTAIN, before, AREA};
    }
    if (at < length && is_copy(image + at, length - at))
        return (struct wtr_flash_find){WTR_FLASH_MAYBE, 0, WTR_FLASH_SECTOR};
    return (struct wtr_flash_find){WTR_FLASH_NO, 0, 0};
}

/* ---- what a copy holds */

static struct wtr_text text_at(const uint8_t *from, size_t room)
{
    const uint8_t *end = memchr(from, 0, room);
    return wtr_text_of(from, end ? (size_t)(end - from) : room);
}

static bool is_one_byte(const uint8_t *bytes, size_t length, uint8_t value)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static struct wtr_esp8266_network network_at(const uint8_t *length, const uint8_t *ssid,
                                             const uint8_t *password, const uint8_t *pmk)
{
    struct wtr_esp8266_network network = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    uint32_t n = wtr_le32(length);
    if (n < 1 || n > 32)
        return network;
    network.ssid = wtr_text_of(ssid, n);
    network.password = *password == 0xFF ? network.password : text_at(password, 64);
    if (!is_one_byte(pmk, PMK, 0) && !is_one_byte(pmk, PMK, 0xFF))
        network.pmk = wtr_text_of(pmk, PMK);
    return network;
}

bool wtr_esp8266_params_open(struct wtr_esp8266_params *params, const uint8_t *bytes, size_t length)
{
    enum { KNOWN = 0x140, EACH = 100, PMKS = 0x3E4, MAC = 0x484 };
    *params = (struct wtr_esp8266_params){0};
    if (length < WTR_ESP8266_PARAMS)
        return false;
    params->station = network_at(bytes + 0xC, bytes + 0x10, bytes + 0x37, bytes + 0x78);
    params->access_point = network_at(bytes + 0xB0, bytes + 0xB4, bytes + 0xD4, bytes + 0x115);
    for (size_t i = 0; i < WTR_ESP8266_NETWORKS; i++) {
        const uint8_t *known = bytes + KNOWN + i * EACH;
        params->known[i] = network_at(known, known + 4, known + 36, bytes + PMKS + i * PMK);
    }
    const uint8_t *mac = bytes + MAC;
    if ((*mac & 1) == 0 && !is_one_byte(mac, 6, 0))
        params->mac = wtr_text_of(mac, 6);
    return true;
}

/* ---- reading */

struct reading {
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    const uint8_t *flag; /* NULL: it is not there */
};

static uint8_t xor_of(const uint8_t *bytes, size_t length)
{
    uint8_t sum = 0xEF;
    for (size_t i = 0; i < length; i++)
        sum ^= bytes[i];
    return sum;
}

static void hand_on(const struct reading *r, struct wtr_entry *entry, size_t at)
{
    struct wtr_gather gather = {0};
    if (wtr_gather_add(&gather, &r->volume->span, at, WTR_ESP8266_PARAMS)) {
        entry->format = wtr_flash_esp8266_params.name;
        entry->volume = r->volume->name;
        entry->path = WTR_TEXT("system-parameters");
        entry->secret = true;
        entry->span = wtr_gather_span(&gather, r->volume->span.opening);
        r->sink->entry(r->sink->payload, entry);
    }
    wtr_gather_free(&gather);
}

/* Where the sum fails the network may still be whole: its key follows from its name and password. */
static bool has_proved_station(const uint8_t *copy)
{
    struct wtr_esp8266_params params;
    return wtr_esp8266_params_open(&params, copy, WTR_ESP8266_PARAMS) && params.station.pmk.length > 0 &&
           wtr_pmk_fits(params.station.password, params.station.ssid,
                        (const uint8_t *)params.station.pmk.data);
}

static void read_copy(const struct reading *r, size_t which)
{
    size_t at = which * WTR_FLASH_SECTOR;
    const struct wtr_span *span = &r->volume->span;
    const uint8_t *copy = span->bytes + at;
    if (at + WTR_ESP8266_PARAMS > span->length || is_one_byte(copy, WTR_ESP8266_PARAMS, 0xFF))
        return;
    bool live = r->flag[0] == which;
    uint32_t count = wtr_le32(r->flag + AT_COUNT);
    size_t summed = wtr_le32(r->flag + AT_LENGTHS + 4 * which);
    bool holds = summed > 0 && summed <= span->length - at &&
                 wtr_le32(r->flag + AT_SUMS + 4 * which) == xor_of(copy, summed);
    bool proved = !holds && has_proved_station(copy);
    struct wtr_entry entry = {
        .state = live ? WTR_ENTRY_LIVE : WTR_ENTRY_SUPERSEDED,
        .integrity = holds || proved ? WTR_INTEGRITY_WEAK : WTR_INTEGRITY_FAILED,
        .check = proved ? WTR_ESP8266_CHECK_PMK : "xor8",
        .order = {.scope = WTR_TEXT("saves"),
                  .sequence = live || count == 0 ? count : count - 1,
                  .has_sequence = true,
                  .basis = WTR_ORDER_EXACT},
    };
    if (!holds)
        r->sink->finding(r->sink->payload, r->volume, at, WTR_ESP8266_PARAMS,
                         "the sum of these parameters does not hold");
    hand_on(r, &entry, at);
}

static void read_params(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    const struct wtr_span *span = &volume->span;
    struct reading r = {.volume = volume, .sink = sink};
    if (span->length > FLAG && is_flag(span->bytes + FLAG, span->length - FLAG)) {
        r.flag = span->bytes + FLAG;
        read_copy(&r, 0);
        read_copy(&r, 1);
        return;
    }
    for (size_t at = 0; at < span->length && at < FLAG; at += WTR_FLASH_SECTOR) {
        if (!is_copy(span->bytes + at, span->length - at))
            continue;
        struct wtr_entry entry = {.state = WTR_ENTRY_STALE, .integrity = WTR_INTEGRITY_NONE};
        sink->finding(sink->payload, volume, at, WTR_ESP8266_PARAMS,
                      "nothing says whether these parameters are the latest");
        hand_on(&r, &entry, at);
    }
}

static const char *kind_of_params(const struct wtr_volume *volume)
{
    (void)volume;
    return "ESP8266";
}

const struct wtr_flash_format wtr_flash_esp8266_params = {
    .name = "esp8266-params",
    .probe = probe_params,
    .read = read_params,
    .kind = kind_of_params,
};
