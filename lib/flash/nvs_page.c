/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and items. A page begins with a header (state, running number, version, CRC-32), then a bitmap of two
 * bits an item, then 126 items of 32 bytes. An item that is erased has its bits cleared and keeps its bytes,
 * so its own CRC-32 still holds. Each page and item stands on its own sums: a damaged one costs itself alone.
 */
#include "flash/nvs_store.h"

#include "base/bytes.h"
#include "flash/esp.h"
#include "flash/recognise.h"

#include <stdlib.h>
#include <string.h>

static bool is_state(uint32_t state)
{
    return state == 0xfffffffe || state == 0xfffffffc || state == 0xfffffff8 || state == 0xfffffff0;
}

static enum wtr_nvs_mark mark_of(const uint8_t *page, size_t i)
{
    return (enum wtr_nvs_mark)(page[32 + i / 4] >> (i % 4 * 2) & 3);
}

static bool is_type(uint8_t type)
{
    return wtr_nvs_number_size(type) || wtr_nvs_is_long(type) || type == WTR_NVS_INDEX;
}

bool wtr_nvs_is_item(const uint8_t item[WTR_NVS_ITEM])
{
    uint8_t summed[28];
    if (!is_type(item[1]) || item[2] == 0 || item[2] > WTR_NVS_ITEMS ||
        (!wtr_nvs_is_long(item[1]) && item[2] != 1))
        return false;
    memcpy(summed, item, 4);
    memcpy(summed + 4, item + 8, 24);
    return wtr_esp_crc32(summed, sizeof summed) == wtr_le32(item + 4);
}

static bool holds_items(const uint8_t *page)
{
    for (size_t i = 0; i < WTR_NVS_ITEMS; i++)
        if (mark_of(page, i) != WTR_NVS_EMPTY && wtr_nvs_is_item(page + WTR_NVS_FIRST + i * WTR_NVS_ITEM))
            return true;
    return false;
}

enum wtr_nvs_page_state wtr_nvs_page_state(const uint8_t *page)
{
    size_t blank = 0;
    if (page[0] == 0xff && wtr_flash_is_blank(page, WTR_NVS_PAGE))
        return WTR_NVS_PAGE_BLANK;
    for (size_t i = 9; i < 28; i++)
        blank += page[i] == 0xff;
    if (blank < 18)
        return WTR_NVS_PAGE_FOREIGN;
    bool version = page[8] == 0xff || page[8] == 0xfe;
    bool state = is_state(wtr_le32(page));
    if (version && wtr_esp_crc32(page + 4, 24) == wtr_le32(page + 28))
        return WTR_NVS_PAGE_SOUND;
    return (state || version) && holds_items(page) ? WTR_NVS_PAGE_DAMAGED : WTR_NVS_PAGE_FOREIGN;
}

bool wtr_nvs_open(const struct wtr_nvs_store *store, size_t at, uint8_t opened[WTR_NVS_ITEM])
{
    const struct wtr_span *span = &store->volume->span;
    if (at > span->length || span->length - at < WTR_NVS_ITEM)
        return false;
    if (store->cipher.on)
        return wtr_nvs_decipher(&store->cipher, at, span->bytes + at, opened);
    memcpy(opened, span->bytes + at, WTR_NVS_ITEM);
    return true;
}

/* ---- items */

static void say(const struct wtr_nvs_store *store, size_t at, size_t length, const char *reason)
{
    store->sink->finding(store->sink->payload, store->volume, at, length, reason);
}

static struct wtr_nvs_item *new_item(struct wtr_nvs_store *store)
{
    if (store->count == store->capacity) {
        size_t capacity = store->capacity ? store->capacity * 2 : 128;
        struct wtr_nvs_item *items = realloc(store->items, capacity * sizeof *items);
        if (!items) {
            store->failed = true;
            return NULL;
        }
        store->items = items;
        store->capacity = capacity;
    }
    return &store->items[store->count++];
}

/* Whether the checksum of the bytes behind the item holds. */
static bool data_holds(const struct wtr_nvs_store *store, const struct wtr_nvs_item *item)
{
    uint8_t opened[WTR_NVS_ITEMS * WTR_NVS_ITEM];
    size_t length = wtr_le16(item->data);
    size_t room = (size_t)(item->span - 1) * WTR_NVS_ITEM;
    if (!wtr_nvs_is_long(item->type))
        return true;
    for (size_t i = 0; i < room; i += WTR_NVS_ITEM)
        if (!wtr_nvs_open(store, item->at + WTR_NVS_ITEM + i, opened + i))
            return false;
    return length <= room && wtr_esp_crc32(opened, length) == wtr_le32(item->data + 4);
}

/* A page that is being read. */
struct page {
    const uint8_t *bytes;
    size_t at;
    size_t items; /* as far as they are there */
    uint64_t number;
    bool numbered;
    size_t bad_from, bad_count; /* a run of items that can't be read */
};

static void end_bad_run(const struct wtr_nvs_store *store, struct page *page)
{
    if (page->bad_count && !store->cipher.closed)
        say(store, page->at + WTR_NVS_FIRST + page->bad_from * WTR_NVS_ITEM, page->bad_count * WTR_NVS_ITEM,
            "the checksum of an entry does not hold");
    page->bad_count = 0;
}

/* Takes the item at `i`; how many places it fills, 0: it is none. */
static size_t take_item(struct wtr_nvs_store *store, struct page *page, size_t i, enum wtr_nvs_mark mark)
{
    size_t at = page->at + WTR_NVS_FIRST + i * WTR_NVS_ITEM;
    uint8_t opened[WTR_NVS_ITEM];
    if (!wtr_nvs_open(store, at, opened) || !wtr_nvs_is_item(opened) || opened[2] > page->items - i)
        return 0;
    struct wtr_nvs_item *item = new_item(store);
    if (!item)
        return 0;
    *item = (struct wtr_nvs_item){.at = at,
                                  .order = page->number * 128 + i,
                                  .has_order = page->numbered,
                                  .mark = (uint8_t)mark,
                                  .ns = opened[0],
                                  .type = opened[1],
                                  .span = opened[2],
                                  .chunk = opened[3]};
    memcpy(item->key, opened + 8, WTR_NVS_KEY);
    item->key_length = (uint8_t)strnlen(item->key, WTR_NVS_KEY);
    memcpy(item->data, opened + 24, sizeof item->data);
    item->data_holds = data_holds(store, item);
    return item->span;
}

/* Whether the item's place was never written, for all that its mark says. */
static bool is_unwritten(const struct page *page, size_t i, enum wtr_nvs_mark mark)
{
    const uint8_t *item = page->bytes + WTR_NVS_FIRST + i * WTR_NVS_ITEM;
    return mark == WTR_NVS_EMPTY && item[0] == 0xff && wtr_flash_is_blank(item, WTR_NVS_ITEM);
}

static void read_page(struct wtr_nvs_store *store, struct page *page)
{
    for (size_t i = 0; i < page->items && !store->failed;) {
        enum wtr_nvs_mark mark = mark_of(page->bytes, i);
        if (is_unwritten(page, i, mark)) {
            end_bad_run(store, page);
            i++;
            continue;
        }
        size_t places = take_item(store, page, i, mark);
        if (places) {
            end_bad_run(store, page);
        } else {
            page->bad_from = page->bad_count ? page->bad_from : i;
            page->bad_count++;
        }
        i += places ? places : 1;
    }
    end_bad_run(store, page);
}

void wtr_nvs_gather(struct wtr_nvs_store *store)
{
    const struct wtr_span *span = &store->volume->span;
    for (size_t at = 0; at < span->length && !store->failed; at += WTR_NVS_PAGE) {
        struct page page = {.bytes = span->bytes + at, .at = at};
        size_t left = span->length - at;
        uint8_t whole[WTR_NVS_PAGE];
        if (left < WTR_NVS_FIRST + WTR_NVS_ITEM)
            return;
        if (left < WTR_NVS_PAGE) { /* what is missing is as if it had never been written */
            memset(whole, 0xff, sizeof whole);
            memcpy(whole, page.bytes, left);
            page.bytes = whole;
            say(store, at, left, "the page is cut short");
        }
        page.items = ((left < WTR_NVS_PAGE ? left : WTR_NVS_PAGE) - WTR_NVS_FIRST) / WTR_NVS_ITEM;
        enum wtr_nvs_page_state state = wtr_nvs_page_state(page.bytes);
        if (state == WTR_NVS_PAGE_BLANK)
            continue;
        page.numbered = state == WTR_NVS_PAGE_SOUND;
        page.number = page.numbered ? wtr_le32(page.bytes + 4) : 0;
        if (state == WTR_NVS_PAGE_FOREIGN)
            say(store, at, page.items * WTR_NVS_ITEM + WTR_NVS_FIRST, "no page of NVS stands here");
        else if (state == WTR_NVS_PAGE_DAMAGED)
            say(store, at, WTR_NVS_FIRST,
                "the checksum of the page's header does not hold: its place in the "
                "order of pages is not known");
        if (state != WTR_NVS_PAGE_FOREIGN || store->cipher.on)
            read_page(store, &page);
    }
}
