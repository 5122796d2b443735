/* SPDX-License-Identifier: Apache-2.0 */
/* The radio's calibration on Beken chips: "TLV\0", u32 length, then groups {u32 tag, u32 length, items},
 * whose tags end with 00, and in them items {u32 tag, u32 length, data}, at times followed by 5A bytes to the
 * group's end. Item 0x11111102 is the device's MAC address. From dumps of four devices; there is no sum. */
#include "base/bytes.h"
#include "flash/formats.h"
#include "flash/gather.h"

#include <stdio.h>

enum { HEAD = 8, ITEM = 8, FIRST = 0x11111100, FILLER = 0x5A5A5A5A, MAC = 0x11111102 };

static uint32_t total_of(const uint8_t *bytes, size_t length)
{
    bool is = length >= HEAD + ITEM && memcmp(bytes, "TLV", 4) == 0 && wtr_le32(bytes + HEAD) == FIRST;
    uint32_t total = is ? wtr_le32(bytes + 4) : 0;
    return total <= WTR_FLASH_SECTOR - HEAD ? total : 0;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    (void)keys;
    if (at > length || total_of(image + at, length - at) == 0)
        return find;
    find.bid = WTR_FLASH_CERTAIN;
    find.length = length - at < WTR_FLASH_SECTOR ? length - at : WTR_FLASH_SECTOR;
    return find;
}

static void say_item(const struct wtr_volume *volume, const struct wtr_flash_sink *sink,
                     struct wtr_gather *gather, size_t at, size_t size)
{
    char name[16];
    snprintf(name, sizeof name, "0x%08x", (unsigned)wtr_le32(volume->span.bytes + at));
    wtr_gather_clear(gather);
    if (!wtr_gather_add(gather, &volume->span, at + ITEM, size))
        return;
    struct wtr_entry entry = {.format = wtr_flash_bk_tlv.name,
                              .volume = volume->name,
                              .path = wtr_text_z(name),
                              .type = wtr_le32(volume->span.bytes + at) == MAC ? "mac" : NULL,
                              .span = wtr_gather_span(gather, volume->span.opening)};
    sink->entry(sink->payload, &entry);
}

/* The items between `at` and `end`, which a group holds. */
static void read_group(const struct wtr_volume *volume, const struct wtr_flash_sink *sink,
                       struct wtr_gather *gather, size_t at, size_t end)
{
    while (at + ITEM <= end && wtr_le32(volume->span.bytes + at) != FILLER) {
        uint32_t size = wtr_le32(volume->span.bytes + at + 4);
        if (size == 0 || size > end - at - ITEM) {
            sink->finding(sink->payload, volume, at, ITEM, "the item is longer than what holds it");
            return;
        }
        say_item(volume, sink, gather, at, size);
        at += ITEM + size;
    }
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct wtr_gather gather = {0};
    size_t at = HEAD, end = HEAD + (size_t)total_of(volume->span.bytes, volume->span.length);
    if (end > volume->span.length)
        end = volume->span.length;
    while (at + ITEM <= end) {
        uint32_t tag = wtr_le32(volume->span.bytes + at), size = wtr_le32(volume->span.bytes + at + 4);
        bool fits = size <= end - at - ITEM;
        if (tag % 256 != 0 || !fits)
            sink->finding(sink->payload, volume, at, ITEM, "no group of items is where one should be");
        if (tag % 256 != 0)
            break;
        size_t stop = fits ? at + ITEM + size : end;
        read_group(volume, sink, &gather, at + ITEM, stop);
        at = stop;
    }
    wtr_gather_free(&gather);
}

const struct wtr_flash_format wtr_flash_bk_tlv = {
    .name = "bk-tlv",
    .probe = probe,
    .read = read_volume,
};
