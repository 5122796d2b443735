/* SPDX-License-Identifier: Apache-2.0 */
/* The hash table, and the hash that its users' keys are made with. */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

void wtr_map_free(struct wtr_map *map)
{
    free(map->slots);
    map->slots = NULL;
    map->capacity = 0;
    map->count = 0;
}

/* The entry of the key 0 has a slot of its own, and this key there. */
static const uint64_t zero_is_there = 1;

static struct wtr_map_slot *slot_for(const struct wtr_map *map, uint64_t key)
{
    if (key == 0)
        return &map->slots[map->capacity];
    size_t at = (size_t)wtr_mix64(key) & (map->capacity - 1);
    while (map->slots[at].key != 0 && map->slots[at].key != key)
        at = (at + 1) & (map->capacity - 1);
    return &map->slots[at];
}

uint64_t *wtr_map_find(const struct wtr_map *map, uint64_t key)
{
    if (map->capacity == 0)
        return NULL;
    struct wtr_map_slot *slot = slot_for(map, key);
    return slot->key != 0 ? &slot->value : NULL;
}

static bool grow(struct wtr_map *map)
{
    struct wtr_map bigger = {.capacity = map->capacity ? map->capacity * 2 : 64, .limit = map->limit};
    bigger.slots = calloc(bigger.capacity + 1, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].key != 0)
            *slot_for(&bigger, map->slots[i].key) = map->slots[i];
    if (map->slots)
        bigger.slots[bigger.capacity] = map->slots[map->capacity];
    bigger.count = map->count;
    free(map->slots);
    *map = bigger;
    return true;
}

bool wtr_map_put(struct wtr_map *map, uint64_t key, uint64_t value)
{
    uint64_t *known = wtr_map_find(map, key);
    if (known) {
        *known = value;
        return true;
    }
    if (map->limit && map->count >= map->limit)
        return false;
    if (map->count + 1 > map->capacity / 4 * 3 && !grow(map))
        return false;
    *slot_for(map, key) = (struct wtr_map_slot){.key = key ? key : zero_is_there, .value = value};
    map->count++;
    return true;
}

void wtr_map_clear(struct wtr_map *map)
{
    if (map->slots)
        memset(map->slots, 0, (map->capacity + 1) * sizeof *map->slots);
    map->count = 0;
}

static uint64_t word_at(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The last bytes, fewer than eight; their number is hashed beforehand. */
static uint64_t tail_of(const uint8_t *p, size_t length)
{
    uint64_t tail = 0;
    for (size_t i = 0; i < length; i++)
        tail |= (uint64_t)p[i] << 8 * i;
    return tail;
}

/* One multiplication a word: what a word's high bits say reaches the low ones by the shift. */
uint64_t wtr_hash64(const void *data, size_t length, uint64_t seed)
{
    const uint8_t *p = data;
    uint64_t hash = wtr_mix64(seed + 0x9e3779b97f4a7c15U + length);
    if (length >= 8) {
        const uint8_t *end = p + length;
        for (; end - p >= 8; p += 8) {
            hash = (hash ^ word_at(p)) * 0x9fb21c651e98df25U;
            hash ^= hash >> 32;
        }
        return wtr_mix64(hash ^ (p < end ? word_at(end - 8) : 0));
    }
    return wtr_mix64(hash ^ tail_of(p, length));
}
