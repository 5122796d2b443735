/* SPDX-License-Identifier: Apache-2.0 */
/* NVS of the ESP-IDF, versions 1 and 2, as entries: values with the namespaces and keys that they stand
 * under, the erased ones too, blobs put together from their parts. A text's value ends with its NUL, as it is
 * stored; a number is as many bytes as its type has, the lowest first. */
#include "flash/formats.h"
#include "flash/nvs_store.h"

#include "base/bytes.h"
#include "flash/esp.h"
#include "flash/recognise.h"

#include <stdlib.h>
#include <string.h>

/* ---- recognising */

/* As far as pages follow each other; a few sectors that are none may lie between. */
static size_t extent(const uint8_t *image, size_t length, size_t at)
{
    enum { MOST_BETWEEN = 4 };
    size_t end = at, other = 0;
    for (size_t place = at; place + WTR_NVS_PAGE <= length && other <= MOST_BETWEEN &&
                            (place - at) / WTR_NVS_PAGE < WTR_NVS_MOST_PAGES;
         place += WTR_NVS_PAGE) {
        enum wtr_nvs_page_state state = wtr_nvs_page_state(image + place);
        bool page = state == WTR_NVS_PAGE_SOUND || state == WTR_NVS_PAGE_DAMAGED;
        other = page ? 0 : other + 1;
        end = page ? place + WTR_NVS_PAGE : end;
    }
    return end - at;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    (void)keys;
    const uint8_t *page = image + at;
    if (length - at < WTR_NVS_PAGE || (page[0] == 0xff && page[28] == 0xff && page[32] == 0xff) ||
        (page[9] == 0xff) + (page[18] == 0xff) + (page[27] == 0xff) < 2)
        return (struct wtr_flash_find){0};
    enum wtr_nvs_page_state state = wtr_nvs_page_state(page);
    if (state != WTR_NVS_PAGE_SOUND && state != WTR_NVS_PAGE_DAMAGED)
        return (struct wtr_flash_find){0};
    return (struct wtr_flash_find){.bid = WTR_FLASH_CERTAIN, .length = extent(image, length, at)};
}

/* ---- values */

static const char *type_name(const struct wtr_nvs_item *item)
{
    static const char *const unsigned_names[] = {[1] = "u8", [2] = "u16", [4] = "u32", [8] = "u64"};
    static const char *const signed_names[] = {[1] = "i8", [2] = "i16", [4] = "i32", [8] = "i64"};
    size_t size = wtr_nvs_number_size(item->type);
    if (item->ns == 0)
        return "namespace";
    if (size)
        return item->type & 0x10 ? signed_names[size] : unsigned_names[size];
    return item->type == WTR_NVS_STR ? "str" : item->type == WTR_NVS_CHUNK ? "blob_data" : "blob";
}

/* Adds `length` bytes at `at` of the volume, which begins an item's place or the bytes behind it. */
static bool add_bytes(struct wtr_nvs_store *store, size_t at, size_t length)
{
    if (!store->cipher.on)
        return wtr_gather_add(&store->value, &store->volume->span, at, length);
    for (size_t done = 0; done < length; done += WTR_NVS_ITEM) {
        uint8_t opened[WTR_NVS_ITEM];
        size_t share = length - done < WTR_NVS_ITEM ? length - done : WTR_NVS_ITEM;
        if (!wtr_nvs_open(store, at + done, opened) ||
            !wtr_gather_add_opened(&store->value, &store->volume->span, at + done, WTR_NVS_ITEM, opened,
                                   share))
            return false;
    }
    return true;
}

/* The number in an item's own 32 bytes. */
static bool add_number(struct wtr_nvs_store *store, const struct wtr_nvs_item *item, size_t size)
{
    enum { DATA_AT = 24 };
    if (!store->cipher.on)
        return wtr_gather_add(&store->value, &store->volume->span, item->at + DATA_AT, size);
    return wtr_gather_add_opened(&store->value, &store->volume->span, item->at, WTR_NVS_ITEM, item->data,
                                 size);
}

static bool add_long(struct wtr_nvs_store *store, const struct wtr_nvs_item *item)
{
    size_t length = wtr_le16(item->data), room = (size_t)(item->span - 1) * WTR_NVS_ITEM;
    return add_bytes(store, item->at + WTR_NVS_ITEM, length < room ? length : room);
}

/* ---- entries */

static void put_entry(struct wtr_nvs_store *store, const struct wtr_nvs_item *item,
                      enum wtr_integrity integrity)
{
    static const char *const scope = "pages";
    const struct wtr_opening *opening = store->cipher.on ? &store->cipher.opening : NULL;
    wtr_buffer_clear(&store->path);
    if (item->ns != 0) {
        wtr_nvs_put_namespace(store, item, &store->path);
        wtr_put_char(&store->path, '/');
    }
    wtr_put(&store->path, item->key, item->key_length);
    store->failed |= store->value.failed || store->path.failed;
    if (store->failed)
        return;
    const struct wtr_entry entry = {
        .format = "nvs",
        .volume = store->volume->name,
        .path = wtr_buffer_text(&store->path),
        .type = type_name(item),
        .state = item->state,
        .integrity = integrity,
        .check = "crc32",
        .order = {.scope = item->has_order ? wtr_text_z(scope) : (struct wtr_text){NULL, 0},
                  .sequence = item->order,
                  .has_sequence = item->has_order,
                  .basis = item->has_order ? WTR_ORDER_EXACT : WTR_ORDER_NONE},
        .encryption = store->cipher.on ? "nvs" : NULL,
        .span = wtr_gather_span(&store->value, opening),
    };
    store->sink->entry(store->sink->payload, &entry);
}

static void put_simple(struct wtr_nvs_store *store, const struct wtr_nvs_item *item)
{
    size_t size = wtr_nvs_number_size(item->type);
    wtr_gather_clear(&store->value);
    bool whole = size ? add_number(store, item, size) : add_long(store, item);
    if (!whole)
        return;
    put_entry(store, item, item->data_holds ? WTR_INTEGRITY_OK : WTR_INTEGRITY_FAILED);
    if (!item->data_holds)
        store->sink->finding(store->sink->payload, store->volume, item->at, (size_t)item->span * WTR_NVS_ITEM,
                             "the checksum of an entry's value does not hold");
}

/* Where the parts of a blob are looked for. */
struct parts {
    struct wtr_nvs_store *store;
    const struct wtr_nvs_item *index;
    size_t from, count; /* of what bears the blob's name, in by_name */
    bool anywhere;      /* also where they would not stand if nothing had been tidied up */
};

/* Where the index before this one that numbers its parts alike was written: what stands before it is its own.
 */
static uint64_t previous(const struct parts *p)
{
    uint64_t order = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct wtr_nvs_item *other = &p->store->items[p->store->by_name[p->from + i]];
        bool alike = other->type == WTR_NVS_INDEX && other->data[5] == p->index->data[5];
        if (alike && other->has_order && other->order < p->index->order && other->order > order)
            order = other->order;
    }
    return order;
}

/* The part that the index means: one with that number and the index's mark; of the blob that holds, the last
 * (tidying up moves its parts), of an erased one the last that was written before the index. */
static struct wtr_nvs_item *part_of(const struct parts *p, uint8_t number, uint64_t after)
{
    struct wtr_nvs_item *found = NULL;
    for (size_t i = 0; i < p->count; i++) {
        struct wtr_nvs_item *part = &p->store->items[p->store->by_name[p->from + i]];
        if (part->type != WTR_NVS_CHUNK || part->chunk != number || part->mark != p->index->mark)
            continue;
        bool live = p->index->mark == WTR_NVS_WRITTEN;
        if (live || p->anywhere || (part->order < p->index->order && part->order >= after))
            found = part;
    }
    return found;
}

/* Puts the parts together. Whether they are all there, sound, and of the size that the index says; *together:
 * they stand so close before it that nothing else can have come between. */
static bool join_parts(const struct parts *p, bool *together)
{
    struct wtr_nvs_store *store = p->store;
    unsigned count = p->index->data[4], first = p->index->data[5];
    uint64_t after = previous(p), most_away = ((uint64_t)count + 1) * 128;
    bool whole = true;
    *together = true;
    wtr_gather_clear(&store->value);
    for (unsigned i = 0; i < count && first + i < 255; i++) {
        const struct wtr_nvs_item *part = part_of(p, (uint8_t)(first + i), after);
        whole = part && part->data_holds && add_long(store, part) && whole;
        *together = *together && part && part->has_order && part->order < p->index->order &&
                    p->index->order - part->order < most_away;
    }
    return whole && store->value.bytes.length == wtr_le32(p->index->data);
}

static void mark_used(const struct parts *p)
{
    unsigned count = p->index->data[4], first = p->index->data[5];
    uint64_t after = previous(p);
    for (unsigned i = 0; i < count && first + i < 255; i++) {
        struct wtr_nvs_item *part = part_of(p, (uint8_t)(first + i), after);
        if (part)
            part->used = true;
    }
}

/* A blob of version 2: its size, the number of its parts, and the first one's number, which changes between 0
 * and 128 with each writing. That the parts of an erased one belong together is weakly shown where they are
 * not right before its index. */
static void put_blob(struct wtr_nvs_store *store, const struct wtr_nvs_item *index)
{
    struct parts p = {.store = store, .index = index};
    bool together, live = index->mark == WTR_NVS_WRITTEN;
    p.from = wtr_nvs_around(store, index, &p.count);
    bool whole = join_parts(&p, &together);
    if (!whole && !live) {
        p.anywhere = true;
        whole = join_parts(&p, &together);
        p.anywhere = whole;
        if (!whole)
            join_parts(&p, &together);
    }
    if (whole)
        mark_used(&p);
    put_entry(store, index,
              !whole             ? WTR_INTEGRITY_FAILED
              : live || together ? WTR_INTEGRITY_OK
                                 : WTR_INTEGRITY_WEAK);
    if (!whole && live)
        store->sink->finding(store->sink->payload, store->volume, index->at, WTR_NVS_ITEM,
                             "a blob's parts are not all there and sound");
}

static void put_all(struct wtr_nvs_store *store)
{
    for (size_t i = 0; i < store->count && !store->failed; i++) {
        const struct wtr_nvs_item *item = &store->items[store->by_order[i]];
        if (item->type == WTR_NVS_INDEX)
            put_blob(store, item);
        else if (item->type != WTR_NVS_CHUNK)
            put_simple(store, item);
    }
    for (size_t i = 0; i < store->count && !store->failed; i++) { /* parts that no blob holds any more */
        struct wtr_nvs_item *item = &store->items[store->by_order[i]];
        if (item->type != WTR_NVS_CHUNK || item->used)
            continue;
        if (item->state == WTR_ENTRY_LIVE)
            item->state = WTR_ENTRY_STALE;
        put_simple(store, item);
    }
}

static void read(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct wtr_nvs_store store = {.volume = volume, .sink = sink};
    wtr_nvs_find_key(&store);
    wtr_nvs_gather(&store);
    if (store.cipher.closed)
        sink->finding(
            sink->payload, volume, 0, volume->span.length,
            "no entry can be read: NVS encryption fits, whose keys lie in a partition of their own or "
            "in the chip's fuses, and no key that was given opens it");
    if (!store.failed && wtr_nvs_settle(&store))
        put_all(&store);
    else
        store.failed = true;
    if (store.failed)
        sink->finding(sink->payload, volume, 0, volume->span.length, "there is not enough memory to read it");
    free(store.items);
    free(store.by_name);
    free(store.by_order);
    wtr_gather_free(&store.value);
    wtr_buffer_free(&store.path);
}

static const char *const parts[] = {"nvs", NULL};

const struct wtr_flash_format wtr_flash_nvs = {
    .name = "nvs",
    .probe = probe,
    .parts = parts,
    .read = read,
};
