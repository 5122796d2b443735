/* SPDX-License-Identifier: Apache-2.0 */
/* A small image of a store, every byte of it changed in turn, and cut at every length: what is still believed
 * of it must have been in the whole image, and what the damage does not touch must still be there. */
#ifndef TEST_DAMAGE_H
#define TEST_DAMAGE_H

#include "store_lines.h"

#include "base/map.h"

#include <criterion/criterion.h>

enum { DAMAGE_ROOM = 1 << 17, DAMAGE_ENTRIES = 128 };

/* What was believed in one reading: the hash of path and value, of each entry that a family may build on. */
struct damage_set {
    uint64_t hash[DAMAGE_ENTRIES];
    size_t count;
};

static inline bool damage_is_text(const struct wtr_span *span)
{
    for (size_t i = 0; i < span->length; i++)
        if (span->bytes[i] != 0 && (span->bytes[i] < ' ' || span->bytes[i] > '~'))
            return false;
    return span->length > 0;
}

/* A weak check and bytes that are no text: nobody builds on that. */
static inline bool damage_is_believed(const struct wtr_entry *e)
{
    if (e->integrity == WTR_INTEGRITY_FAILED || e->path.length == 0)
        return false;
    return e->integrity != WTR_INTEGRITY_WEAK || damage_is_text(&e->span);
}

static inline void damage_collect(void *payload, const struct wtr_entry *e)
{
    struct damage_set *set = payload;
    if (!damage_is_believed(e) || set->count == DAMAGE_ENTRIES)
        return;
    uint64_t seed = wtr_hash64(e->path.data, e->path.length, 0);
    size_t length = e->span.length;
    while (length > 0 && e->span.bytes[length - 1] == 0) /* what is recovered may lack the NUL at its end */
        length--;
    set->hash[set->count++] = wtr_hash64(e->span.bytes, length, seed);
}

static inline bool damage_has(const struct damage_set *set, uint64_t hash)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->hash[i] == hash)
            return true;
    return false;
}

/* How many of `a` are not in `b`. */
static inline size_t damage_missing(const struct damage_set *a, const struct damage_set *b)
{
    size_t missing = 0;
    for (size_t i = 0; i < a->count; i++)
        missing += !damage_has(b, a->hash[i]);
    return missing;
}

static inline size_t damage_load(const char *seed, uint8_t *bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", WTR_SOURCE_DIR, seed);
    FILE *file = fopen(path, "rb");
    cr_assert(file, "%s", path);
    size_t size = fread(bytes, 1, DAMAGE_ROOM, file);
    fclose(file);
    cr_assert(size > 0 && size < DAMAGE_ROOM);
    return size;
}

static inline struct damage_set damage_read(struct store_lines *lines, const struct wtr_flash_format *format,
                                            const uint8_t *bytes, size_t size)
{
    struct damage_set set = {.count = 0};
    lines->each = damage_collect;
    lines->payload = &set;
    store_read(lines, format, bytes, size, 0x1000);
    return set;
}

/* How much one changed byte may cost and falsify. */
struct damage_limit {
    size_t lost;     /* entries of the whole image that may be missing */
    size_t false_;   /* entries that may be there with other bytes: 0 where there is a check */
    size_t from, to; /* bytes that may cost everything: they hold the key or the index alone */
};

static inline void damage_flip(const struct wtr_flash_format *format, const char *seed,
                               const struct damage_limit *limit)
{
    static uint8_t bytes[DAMAGE_ROOM];
    struct store_lines lines = {0};
    size_t size = damage_load(seed, bytes);
    struct damage_set whole = damage_read(&lines, format, bytes, size);
    cr_assert(whole.count > 0);
    for (size_t at = 0; at < size; at++) {
        bytes[at] ^= 0xff;
        struct damage_set now = damage_read(&lines, format, bytes, size);
        bytes[at] ^= 0xff;
        size_t wrong = damage_missing(&now, &whole), lost = damage_missing(&whole, &now);
        bool vital = at >= limit->from && at < limit->to;
        cr_assert(wrong <= limit->false_, "byte %zu: %zu false\n%s", at, wrong, lines.text.data);
        cr_assert(vital || lost <= limit->lost, "byte %zu: %zu lost\n%s", at, lost, lines.text.data);
    }
    wtr_buffer_free(&lines.text);
}

/* The image cut at every length, in a block of exactly that length; `step` lengths at a time. */
static inline void damage_cut(const struct wtr_flash_format *format, const char *seed, size_t step)
{
    static uint8_t bytes[DAMAGE_ROOM];
    struct store_lines lines = {0};
    size_t size = damage_load(seed, bytes), most = 0;
    struct damage_set whole = damage_read(&lines, format, bytes, size);
    for (size_t length = 0; length <= size; length += step) {
        uint8_t *cut = malloc(length + 1);
        cr_assert(cut);
        memcpy(cut, bytes, length);
        struct damage_set now = damage_read(&lines, format, cut, length);
        cr_assert_eq(damage_missing(&now, &whole), 0, "%zu bytes\n%s", length, lines.text.data);
        cr_assert(now.count + 2 >= most, "%zu bytes: less than with fewer\n%s", length, lines.text.data);
        most = now.count > most ? now.count : most;
        if (format->probe)
            format->probe(cut, length, 0, NULL);
        free(cut);
    }
    wtr_buffer_free(&lines.text);
}

#endif
