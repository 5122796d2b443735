/* SPDX-License-Identifier: Apache-2.0 */
/* A partition of NVS keys (ESP-IDF, "NVS Encryption"; checked on real ones): the two halves of an XTS-AES-256
 * key, then their CRC-32, the rest blank. */
#include "flash/esp.h"
#include "flash/formats.h"
#include "flash/recognise.h"

#include "base/bytes.h"

enum { KEYS = 64, END = KEYS + 4 };

static bool holds(const uint8_t *bytes, size_t length)
{
    return length >= END && !wtr_flash_is_blank(bytes, KEYS) &&
           wtr_esp_crc32(bytes, KEYS) == wtr_le32(bytes + KEYS);
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    (void)keys;
    const uint8_t *sector = image + at;
    if (length - at < WTR_FLASH_SECTOR || sector[END] != 0xff || sector[WTR_FLASH_SECTOR - 1] != 0xff ||
        !wtr_flash_is_blank(sector + END, WTR_FLASH_SECTOR - END) || !holds(sector, WTR_FLASH_SECTOR))
        return (struct wtr_flash_find){0};
    return (struct wtr_flash_find){.bid = WTR_FLASH_CERTAIN, .length = WTR_FLASH_SECTOR};
}

static void read(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    const struct wtr_span *span = &volume->span;
    if (span->length < END || wtr_flash_is_blank(span->bytes, END))
        return;
    bool sound = holds(span->bytes, span->length);
    struct wtr_piece piece;
    size_t pieces = wtr_span_cut(span, 0, KEYS, &piece, 1);
    const struct wtr_entry entry = {
        .format = "nvs-keys",
        .volume = volume->name,
        .path = WTR_TEXT("keys"),
        .integrity = sound ? WTR_INTEGRITY_OK : WTR_INTEGRITY_FAILED,
        .check = "crc32",
        .span = {span->bytes, KEYS, &piece, pieces, span->opening},
        .secret = true,
    };
    sink->entry(sink->payload, &entry);
    const struct wtr_key_entry key = {
        .type = WTR_KEY_NVS, .secret = wtr_text_of(span->bytes, KEYS), .name = "nvs", .origin = ""};
    if (sound && sink->key)
        sink->key(sink->payload, &key);
    else if (!sound)
        sink->finding(sink->payload, volume, 0, END, "the keys' checksum does not hold");
}

static const char *const parts[] = {"nvs_keys", NULL};

const struct wtr_flash_format wtr_flash_nvs_keys = {
    .name = "nvs-keys",
    .probe = probe,
    .parts = parts,
    .read = read,
};
