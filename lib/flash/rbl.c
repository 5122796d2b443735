/* SPDX-License-Identifier: Apache-2.0 */
/* RBL headers (RT-Thread's boot loader for Beken chips; bk7231tools 2.1.2 analysis/rbl.py; on eight images of
 * four devices): 96 bytes, "RBL\0", u32 algorithm, u32 build time in seconds since 1970, name[16],
 * version[24], serial number[24], u32 CRC-32 of the payload, u32 hash, u32 raw size, u32 package size, u32
 * CRC-32 (zlib's) of all before. The header of an image that runs in place stands in the last bytes of its
 * partition, behind the interleaved sums; that of a download before the package. So the mark is looked for
 * everywhere. */
#include "flash/rbl.h"

#include "base/bytes.h"
#include "flash/formats.h"
#include "flash/gather.h"

#include <zlib.h>

enum { HEADER = 96, SUMMED = 92, NAME_AT = 12, NAME = 16, VERSION_AT = 28, VERSION = 24 };

static struct wtr_text text_at(const uint8_t *bytes, size_t room)
{
    size_t n = strnlen((const char *)bytes, room);
    for (size_t i = 0; i < n; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            n = i;
    return wtr_text_of(bytes, n);
}

bool wtr_rbl_read(const uint8_t *bytes, size_t length, struct wtr_rbl *rbl, struct wtr_text *name)
{
    if (length < HEADER || memcmp(bytes, "RBL", 4) != 0 ||
        crc32(0, bytes, SUMMED) != wtr_le32(bytes + SUMMED))
        return false;
    *name = text_at(bytes + NAME_AT, NAME);
    *rbl = (struct wtr_rbl){
        .algorithm = wtr_le32(bytes + 4),
        .built_s = wtr_le32(bytes + 8),
        .version = text_at(bytes + VERSION_AT, VERSION),
        .raw_size = wtr_le32(bytes + 84),
        .package_size = wtr_le32(bytes + 88),
    };
    return true;
}

/* The place of the next mark at or after `at`; `length` if there is none. */
static size_t next_mark(const uint8_t *bytes, size_t length, size_t at)
{
    while (at + HEADER <= length) {
        const uint8_t *found = memchr(bytes + at, 'R', length - at);
        if (!found)
            break;
        at = (size_t)(found - bytes);
        if (length - at >= HEADER && memcmp(found, "RBL", 4) == 0)
            return at;
        at++;
    }
    return length;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    struct wtr_rbl rbl;
    struct wtr_text name;
    (void)keys;
    if (at > length || !wtr_rbl_read(image + at, length - at, &rbl, &name))
        return find;
    size_t left = length - at - HEADER;
    find.bid = WTR_FLASH_CERTAIN;
    find.length = HEADER + (rbl.package_size < left ? rbl.package_size : left);
    return find;
}

static void say(const struct wtr_volume *volume, const struct wtr_flash_sink *sink, size_t at)
{
    struct wtr_gather gather = {0};
    struct wtr_entry entry = {.format = wtr_flash_rbl.name,
                              .volume = volume->name,
                              .type = "header",
                              .integrity = WTR_INTEGRITY_OK,
                              .check = "crc32"};
    struct wtr_rbl rbl;
    if (!wtr_gather_add(&gather, &volume->span, at, HEADER))
        return;
    entry.span = wtr_gather_span(&gather, volume->span.opening);
    if (wtr_rbl_read(entry.span.bytes, entry.span.length, &rbl, &entry.path)) {
        entry.body = &rbl;
        sink->entry(sink->payload, &entry);
    } else {
        sink->finding(sink->payload, volume, at, HEADER, "the sum of an RBL header does not hold");
    }
    wtr_gather_free(&gather);
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    const struct wtr_span *span = &volume->span;
    for (size_t at = next_mark(span->bytes, span->length, 0); at < span->length;
         at = next_mark(span->bytes, span->length, at + 4))
        say(volume, sink, at);
}

const struct wtr_flash_format wtr_flash_rbl = {
    .name = "rbl",
    .probe = probe,
    .read = read_volume,
};
