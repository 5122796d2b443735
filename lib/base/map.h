/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table from 64-bit keys to 64-bit values: open addressing, linear probing, bounded. Zero-initialise
 * with `limit` set. What is equal in its key is one entry; users whose keys are hashes of something longer
 * must compare what they find. */
#ifndef WTR_BASE_MAP_H
#define WTR_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wtr_map_slot {
    uint64_t key; /* 0: no entry */
    uint64_t value;
};

struct wtr_map {
    struct wtr_map_slot *slots; /* and one more behind them, for the key 0 */
    size_t capacity;            /* a power of two, or 0 */
    size_t count;
    size_t limit; /* most entries; 0: as many as memory holds */
};

void wtr_map_free(struct wtr_map *map);
/* The entry's value, to be read or changed; NULL if there is none. Valid until the next put. */
uint64_t *wtr_map_find(const struct wtr_map *map, uint64_t key);
/* Sets the entry; false if memory or the limit is used up. */
bool wtr_map_put(struct wtr_map *map, uint64_t key, uint64_t value);
/* Forgets all entries. */
void wtr_map_clear(struct wtr_map *map);

/* Mixes all bits (the finaliser of SplitMix64); for making keys from several numbers. */
static inline uint64_t wtr_mix64(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9U;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebU;
    return x ^ x >> 31;
}

/* A hash of bytes for tables; the same on every machine and in every run. `data` may be NULL where
 * `length` is 0. */
uint64_t wtr_hash64(const void *data, size_t length, uint64_t seed);

#endif
