/* SPDX-License-Identifier: Apache-2.0 */
/* Which items are the store's present word, and in what order all were written: by the running number of
 * their page and their place in it. When pages are tidied up, an item that holds is copied into a newer page;
 * so an older value of a key never comes after a newer one. */
#include "flash/nvs_store.h"

#include <stdlib.h>
#include <string.h>

static int by_order(const struct wtr_nvs_item *a, const struct wtr_nvs_item *b)
{
    if (a->has_order != b->has_order)
        return a->has_order ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static int by_key(const struct wtr_nvs_item *a, const struct wtr_nvs_item *b)
{
    if (a->ns != b->ns)
        return a->ns < b->ns ? -1 : 1;
    size_t shorter = a->key_length < b->key_length ? a->key_length : b->key_length;
    int order = memcmp(a->key, b->key, shorter);
    return order ? order : (a->key_length > b->key_length) - (a->key_length < b->key_length);
}

/* An item and its number: qsort(3) hands nothing else on. */
struct sorted {
    const struct wtr_nvs_item *item;
    uint32_t index;
};

static int compare_order(const void *a, const void *b)
{
    return by_order(((const struct sorted *)a)->item, ((const struct sorted *)b)->item);
}

static int compare_name(const void *a, const void *b)
{
    const struct wtr_nvs_item *x = ((const struct sorted *)a)->item, *y = ((const struct sorted *)b)->item;
    int order = by_key(x, y);
    return order ? order : by_order(x, y);
}

static void sort(const struct wtr_nvs_store *store, struct sorted *room, uint32_t *to,
                 int (*compare)(const void *, const void *))
{
    for (uint32_t i = 0; i < store->count; i++)
        room[i] = (struct sorted){&store->items[i], i};
    qsort(room, store->count, sizeof *room, compare);
    for (size_t i = 0; i < store->count; i++)
        to[i] = room[i].index;
}

/* What came later under one name. */
struct later {
    bool any;                       /* of any type but parts of blobs */
    bool type[256], live_type[256]; /* by type */
    bool part[256], live_part[256]; /* of blobs, by number */
};

/* Of several items of one type that are marked as written, the last is the one that holds: the others were
 * not yet erased when the power went. What is erased has a later value, or none. Parts of blobs go by their
 * number. */
static void settle_name(const struct wtr_nvs_store *store, size_t from, size_t to)
{
    struct later later = {0};
    for (size_t i = to; i-- > from;) {
        struct wtr_nvs_item *item = &store->items[store->by_name[i]];
        bool is_part = item->type == WTR_NVS_CHUNK;
        bool *same = is_part ? &later.part[item->chunk] : &later.type[item->type];
        bool *live = is_part ? &later.live_part[item->chunk] : &later.live_type[item->type];
        if (item->mark == WTR_NVS_WRITTEN)
            item->state = *live ? WTR_ENTRY_SUPERSEDED : WTR_ENTRY_LIVE;
        else if (item->mark == WTR_NVS_ERASED)
            item->state = *same || (!is_part && later.any) ? WTR_ENTRY_SUPERSEDED : WTR_ENTRY_DELETED;
        else
            item->state = WTR_ENTRY_STALE; /* written without its mark: the power went between the two */
        *same = true;
        *live = *live || item->mark == WTR_NVS_WRITTEN;
        later.any = later.any || !is_part;
    }
}

size_t wtr_nvs_around(const struct wtr_nvs_store *store, const struct wtr_nvs_item *item, size_t *count)
{
    size_t low = 0, high = store->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct sorted a = {&store->items[store->by_name[middle]], 0}, b = {item, 0};
        if (compare_name(&a, &b) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t from = low, to = low;
    while (from > 0 && low - from < WTR_NVS_AROUND &&
           by_key(&store->items[store->by_name[from - 1]], item) == 0)
        from--;
    while (to < store->count && to - low < WTR_NVS_AROUND &&
           by_key(&store->items[store->by_name[to]], item) == 0)
        to++;
    *count = to - from;
    return from;
}

bool wtr_nvs_settle(struct wtr_nvs_store *store)
{
    size_t n = store->count ? store->count : 1;
    struct sorted *room = malloc(n * sizeof *room);
    store->by_name = malloc(n * sizeof *store->by_name);
    store->by_order = malloc(n * sizeof *store->by_order);
    if (!room || !store->by_name || !store->by_order) {
        free(room);
        return false;
    }
    sort(store, room, store->by_name, compare_name);
    sort(store, room, store->by_order, compare_order);
    free(room);
    for (size_t i = 0; i < store->count; i++) {
        const struct wtr_nvs_item *item = &store->items[store->by_order[i]];
        if (item->ns == 0 && item->type == WTR_NVS_U8 && store->space_count < WTR_NVS_SPACES)
            store->spaces[store->space_count++] = store->by_order[i];
    }
    for (size_t from = 0; from < store->count;) {
        size_t to = from + 1;
        while (to < store->count &&
               by_key(&store->items[store->by_name[from]], &store->items[store->by_name[to]]) == 0)
            to++;
        settle_name(store, from, to);
        from = to;
    }
    return true;
}

/* A namespace is an item of namespace 0, whose value is its number. Numbers may be given anew: the name is
 * the last that was given before the item was written, or the first after it. */
void wtr_nvs_put_namespace(const struct wtr_nvs_store *store, const struct wtr_nvs_item *item,
                           struct wtr_buffer *out)
{
    const struct wtr_nvs_item *found = NULL;
    for (size_t i = 0; i < store->space_count; i++) {
        const struct wtr_nvs_item *name = &store->items[store->spaces[i]];
        if (name->data[0] != item->ns)
            continue;
        bool before = name->has_order && item->has_order && name->order < item->order;
        bool live = name->mark == WTR_NVS_WRITTEN && (!found || found->mark != WTR_NVS_WRITTEN);
        if (!found || before || (live && !item->has_order))
            found = name;
    }
    if (found) {
        wtr_put(out, found->key, found->key_length);
        return;
    }
    wtr_put_char(out, '#');
    wtr_put_uint(out, item->ns);
}
