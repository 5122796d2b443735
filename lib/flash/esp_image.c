/* SPDX-License-Identifier: Apache-2.0 */
/* Program images of the ESP32 family: boot loader and apps. Header, segments, XOR checksum and appended
 * SHA-256 as in ESP-IDF's esp_image_format.h and esptool's documentation ("Firmware Image Format"); the
 * description of an app as in esp_app_desc.h, that of a boot loader as in esp_bootloader_desc.h. */
#include "flash/esp.h"
#include "flash/formats.h"
#include "flash/recognise.h"

#include "base/bytes.h"

#include <openssl/evp.h>
#include <string.h>

enum { HEADER = 24, SEGMENT = 8, DIGEST = 32, APP_DESC = 256, LOADER_DESC = 80, MOST_LENGTH = 16 << 20 };

/* How far the image's parts lead. */
struct extent {
    size_t end;  /* behind the checksum, or as far as it was followed */
    bool whole;  /* all segments and the checksum are there */
    bool holds;  /* the checksum, and the digest where there is one */
    bool hashed; /* a digest is appended */
};

static bool digest_holds(const uint8_t *bytes, size_t length)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    return EVP_Digest(bytes, length, digest, &size, EVP_sha256(), NULL) == 1 && size == DIGEST &&
           memcmp(digest, bytes + length, DIGEST) == 0;
}

static uint8_t sum_of(const uint8_t *bytes, size_t length, uint8_t sum)
{
    for (size_t i = 0; i < length; i++)
        sum ^= bytes[i];
    return sum;
}

/* Follows the segments; `check`: works the sums out, too. */
static struct extent follow(const uint8_t *bytes, size_t length, bool check)
{
    struct extent e = {.end = HEADER};
    uint8_t sum = 0xef;
    for (unsigned i = 0; i < bytes[1]; i++) {
        if (length - e.end < SEGMENT)
            return e;
        size_t size = wtr_le32(bytes + e.end + 4);
        if (size > MOST_LENGTH || size > length - e.end - SEGMENT)
            return e;
        if (check)
            sum = sum_of(bytes + e.end + SEGMENT, size, sum);
        e.end += SEGMENT + size;
    }
    size_t end = (e.end | 15) + 1; /* the checksum is the last byte of a line of 16 */
    e.hashed = bytes[23] == 1;
    if (end > length || (e.hashed && length - end < DIGEST))
        return e;
    e.whole = true;
    e.holds = check && bytes[end - 1] == sum && (!e.hashed || digest_holds(bytes, end));
    e.end = end + (e.hashed ? DIGEST : 0);
    return e;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    (void)keys;
    const uint8_t *bytes = image + at;
    if (bytes[0] != WTR_ESP_IMAGE_MAGIC || !wtr_esp_is_image(bytes, length - at))
        return (struct wtr_flash_find){0};
    struct extent e = follow(bytes, length - at, false);
    return (struct wtr_flash_find){.bid = e.whole ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE, .length = e.end};
}

static const char *kind(const struct wtr_volume *volume)
{
    const uint8_t *bytes = volume->span.bytes;
    return wtr_esp_is_image(bytes, volume->span.length) ? wtr_esp_chip(wtr_le16(bytes + 12)) : NULL;
}

static void put_entry(const struct wtr_volume *volume, const struct wtr_flash_sink *sink, const char *path,
                      size_t at, size_t length, const struct extent *e)
{
    struct wtr_piece piece;
    size_t pieces = wtr_span_cut(&volume->span, at, length, &piece, 1);
    struct wtr_entry entry = {
        .format = "esp-image",
        .volume = volume->name,
        .path = wtr_text_z(path),
        .type = "header",
        .integrity = !e->whole   ? WTR_INTEGRITY_NONE
                     : !e->holds ? WTR_INTEGRITY_FAILED
                     : e->hashed ? WTR_INTEGRITY_OK
                                 : WTR_INTEGRITY_WEAK,
        .check = !e->whole   ? NULL
                 : e->hashed ? "sha256"
                             : "xor8",
        .span = {volume->span.bytes + at, length, &piece, pieces, volume->span.opening},
    };
    sink->entry(sink->payload, &entry);
}

/* Sectors that are blank where the sums say that something else was there. */
static void find_holes(const struct wtr_volume *volume, const struct wtr_flash_sink *sink, size_t end)
{
    for (size_t at = 0; at + WTR_FLASH_SECTOR <= end;) {
        size_t from = at;
        while (at + WTR_FLASH_SECTOR <= end && wtr_flash_is_blank(volume->span.bytes + at, WTR_FLASH_SECTOR))
            at += WTR_FLASH_SECTOR;
        if (at > from)
            sink->finding(sink->payload, volume, from, at - from,
                          "the image's sums do not hold, and this stretch of it is blank: a hole in the read "
                          "fits");
        at = at > from ? at : at + WTR_FLASH_SECTOR;
    }
}

static void read(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    enum { DESC_AT = HEADER + SEGMENT };
    const uint8_t *bytes = volume->span.bytes;
    size_t length = volume->span.length;
    struct extent e = {0};
    if (length == 0 || wtr_flash_is_blank(bytes, length < WTR_FLASH_SECTOR ? length : WTR_FLASH_SECTOR))
        return;
    if (wtr_esp_is_image(bytes, length)) {
        e = follow(bytes, length, true);
        put_entry(volume, sink, "header", 0, HEADER, &e);
        if (!e.whole)
            sink->finding(sink->payload, volume, e.end, length - e.end,
                          "the image ends before its segments do");
        else if (!e.holds)
            sink->finding(sink->payload, volume, 0, e.end, "the image's checksum or digest does not hold");
        if (!e.holds)
            find_holes(volume, sink, e.whole ? e.end : length);
    } else {
        sink->finding(sink->payload, volume, 0, length < HEADER ? length : HEADER,
                      "no image begins here that can be read");
    }
    if (length >= DESC_AT + APP_DESC && wtr_le32(bytes + DESC_AT) == 0xabcd5432)
        put_entry(volume, sink, "app_desc", DESC_AT, APP_DESC, &e);
    else if (e.whole && length >= DESC_AT + LOADER_DESC && bytes[DESC_AT] == 0x50 &&
             memcmp(bytes + DESC_AT + 1, "\0\0", 2) == 0)
        put_entry(volume, sink, "bootloader_desc", DESC_AT, LOADER_DESC, &e);
}

static const char *const parts[] = {"app", NULL};

const struct wtr_flash_format wtr_flash_esp_image = {
    .name = "esp-image",
    .probe = probe,
    .parts = parts,
    .read = read,
    .kind = kind,
};
