/* SPDX-License-Identifier: Apache-2.0 */
/* Which app is to be started: two sectors, each with a running number, a label, a state and a CRC-32 of the
 * number alone (ESP-IDF, esp_flash_partitions.h: esp_ota_select_entry_t). The greater number counts. Devices
 * of another maker hold something else there (Shelly's does not follow the sum): then it is said to be a
 * vendor's, and nothing is built on it. */
#include "flash/esp.h"
#include "flash/formats.h"
#include "flash/recognise.h"

#include "base/bytes.h"

enum { SELECT = 32, VOLUME = 2 * WTR_FLASH_SECTOR };

static bool holds(const uint8_t *select)
{
    uint32_t number = wtr_le32(select), state = wtr_le32(select + 24);
    return number != 0 && number != 0xffffffff && (state <= 4 || state == 0xffffffff) &&
           wtr_esp_crc32(select, 4) == wtr_le32(select + 28);
}

/* A file of two sectors, cut from a chip, each blank behind its record: it may be one whose sum is a
 * vendor's. */
static bool is_cut(const uint8_t *image, size_t length)
{
    return length == VOLUME && image[0] != 0xff && wtr_le32(image) < 0x10000 &&
           wtr_flash_is_blank(image + SELECT, WTR_FLASH_SECTOR - SELECT) &&
           wtr_flash_is_blank(image + WTR_FLASH_SECTOR + SELECT, WTR_FLASH_SECTOR - SELECT);
}

/* Found without a table where the sum of 32 bits holds and the rest of the sector is blank. */
static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    (void)keys;
    const uint8_t *sector = image + at;
    if (at == 0 && is_cut(image, length) && !holds(image))
        return (struct wtr_flash_find){.bid = WTR_FLASH_MAYBE, .length = length};
    if (length - at < WTR_FLASH_SECTOR || sector[SELECT] != 0xff || sector[0] == 0xff ||
        !wtr_flash_is_blank(sector + SELECT, WTR_FLASH_SECTOR - SELECT) || !holds(sector))
        return (struct wtr_flash_find){0};
    size_t left = length - at;
    return (struct wtr_flash_find){.bid = WTR_FLASH_CERTAIN, .length = left < VOLUME ? left : VOLUME};
}

static void put_select(const struct wtr_volume *volume, const struct wtr_flash_sink *sink, size_t at,
                       bool live)
{
    const uint8_t *select = volume->span.bytes + at;
    bool sound = holds(select);
    struct wtr_piece piece;
    size_t pieces = wtr_span_cut(&volume->span, at, SELECT, &piece, 1);
    const struct wtr_entry entry = {
        .format = "otadata",
        .volume = volume->name,
        .path = WTR_TEXT("select"),
        .type = sound ? "select" : "vendor",
        .state = live ? WTR_ENTRY_LIVE : WTR_ENTRY_SUPERSEDED,
        .integrity = sound ? WTR_INTEGRITY_OK : WTR_INTEGRITY_FAILED,
        .check = "crc32",
        .order = {.scope = sound ? WTR_TEXT("selects") : (struct wtr_text){NULL, 0},
                  .sequence = wtr_le32(select),
                  .has_sequence = sound,
                  .basis = sound ? WTR_ORDER_EXACT : WTR_ORDER_NONE},
        .span = {select, SELECT, &piece, pieces, volume->span.opening},
    };
    sink->entry(sink->payload, &entry);
}

static bool is_there(const struct wtr_volume *volume, size_t at)
{
    return at < volume->span.length && volume->span.length - at >= SELECT &&
           !wtr_flash_is_blank(volume->span.bytes + at, SELECT);
}

static void read(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    static const size_t places[2] = {0, WTR_FLASH_SECTOR};
    uint32_t numbers[2] = {0};
    for (size_t i = 0; i < 2; i++)
        if (is_there(volume, places[i]) && holds(volume->span.bytes + places[i]))
            numbers[i] = wtr_le32(volume->span.bytes + places[i]);
    for (size_t i = 0; i < 2; i++)
        if (is_there(volume, places[i]))
            put_select(volume, sink, places[i], numbers[i] >= numbers[1 - i]);
}

static const char *const parts[] = {"otadata", NULL};

const struct wtr_flash_format wtr_flash_otadata = {
    .name = "otadata",
    .probe = probe,
    .parts = parts,
    .read = read,
};
