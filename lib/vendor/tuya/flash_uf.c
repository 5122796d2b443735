/* SPDX-License-Identifier: Apache-2.0 */
/* A volume of Tuya's file area: its extent, which copy of the index counts, the files that it names and those
 * that it named. The content of a file has no sum; the index's own says only that names, sizes and places are
 * right. Where neither copy is sound, an entry counts if both copies have it alike. */
#include "vendor/tuya/flash_uf.h"

#include "base/bytes.h"
#include "vendor/tuya/flash_kv.h"

#include <stdlib.h>

enum { BLOCK = WTR_TUYA_UF_BLOCK, HEAD = 16, SLOT = 100 };

static size_t file_count(const uint8_t *index)
{
    size_t n = wtr_le16(index + 14);
    return n < WTR_TUYA_UF_SLOTS ? n : WTR_TUYA_UF_SLOTS;
}

/* ---- finding it */

/* Whether the block is the index's other copy, although it may be damaged. */
static bool is_twin(const uint8_t *index, const uint8_t *other)
{
    size_t used = HEAD + file_count(index) * SLOT, equal = 0;
    for (size_t i = 0; i < used; i++)
        equal += index[i] == other[i];
    return equal * 4 > used * 3;
}

/* How many blocks from `at` on there are before the image or the area ends, or the key/value store begins. */
static size_t run_of(const uint8_t *image, size_t length, size_t at)
{
    uint8_t key[16];
    size_t n = 0;
    while (n < WTR_TUYA_UF_MOST_BLOCKS && length - at >= (n + 1) * BLOCK &&
           (n < WTR_TUYA_UF_INDEXES || wtr_tuya_kv_sector(image + at + n * BLOCK, key) == WTR_TUYA_KV_OTHER))
        n++;
    return n;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    (void)keys;
    if (at > length || length - at < BLOCK || !wtr_tuya_uf_is_index(image + at))
        return find;
    bool second = at >= BLOCK && is_twin(image + at, image + at - BLOCK);
    bool has_twin = second || (length - at >= 2 * (size_t)BLOCK && is_twin(image + at, image + at + BLOCK));
    find.bid = wtr_tuya_uf_index_sound(image + at) || has_twin ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE;
    find.before = second ? BLOCK : 0;
    size_t run = run_of(image, length, at - find.before), space = length - (at - find.before);
    find.length = run * BLOCK;
    bool is_t = run <= WTR_TUYA_UF_RUN_T && space >= (run + 1) * BLOCK;
    if (is_t && at - find.before >= WTR_TUYA_UF_BEFORE_T) {
        find.before += WTR_TUYA_UF_BEFORE_T;
        find.length += WTR_TUYA_UF_BEFORE_T;
    }
    return find;
}

/* ---- reading it */

static void find_in(const struct wtr_tuya_uf *uf, size_t at, size_t length, const char *reason)
{
    uf->sink->finding(uf->sink->payload, uf->volume, at, length, reason);
}

static const uint8_t *bytes_at(const struct wtr_tuya_uf *uf, size_t at)
{
    return uf->volume->span.bytes + at;
}

bool wtr_tuya_uf_block(const struct wtr_tuya_uf *uf, size_t n, size_t *at)
{
    bool second_run = uf->two_runs && n >= WTR_TUYA_UF_RUN_T;
    *at = second_run ? uf->first - WTR_TUYA_UF_BEFORE_T + (n - WTR_TUYA_UF_RUN_T) * BLOCK
                     : uf->first + n * BLOCK;
    return *at <= uf->volume->span.length && uf->volume->span.length - *at >= BLOCK;
}

/* Where the blocks are, from the first copy of the index that there is. False: there is none. */
static bool find_blocks(struct wtr_tuya_uf *uf)
{
    const size_t length = uf->volume->span.length;
    size_t at = 0;
    while (at + BLOCK <= length && !wtr_tuya_uf_is_index(bytes_at(uf, at)))
        at += BLOCK;
    if (at + BLOCK > length)
        return false;
    if (at >= BLOCK && is_twin(bytes_at(uf, at), bytes_at(uf, at - BLOCK)))
        at -= BLOCK;
    uf->first = at;
    uf->two_runs = at >= WTR_TUYA_UF_BEFORE_T;
    uf->blocks = (length - at) / BLOCK;
    if (uf->two_runs)
        uf->blocks = WTR_TUYA_UF_RUN_T + 8;
    if (uf->blocks > WTR_TUYA_UF_MOST_BLOCKS)
        uf->blocks = WTR_TUYA_UF_MOST_BLOCKS;
    return true;
}

static bool copy_at(const struct wtr_tuya_uf *uf, size_t copy, const uint8_t **index)
{
    size_t at;
    bool there = wtr_tuya_uf_block(uf, copy, &at);
    *index = there ? bytes_at(uf, at) : NULL;
    return there;
}

/* The copy that counts: a sound one before a damaged one, the one with the higher counter before the other.
 */
static void choose_index(struct wtr_tuya_uf *uf)
{
    const uint8_t *index[WTR_TUYA_UF_INDEXES];
    for (size_t c = 0; c < WTR_TUYA_UF_INDEXES; c++) {
        bool there = copy_at(uf, c, &index[c]);
        uf->sound[c] = there && wtr_tuya_uf_index_sound(index[c]);
        if (there && !uf->sound[c])
            find_in(uf, uf->first + c * BLOCK, BLOCK, "the sum of the index does not hold");
    }
    if (uf->sound[0] && uf->sound[1])
        uf->index = wtr_le32(index[1] + 8) > wtr_le32(index[0] + 8);
    else
        uf->index = uf->sound[1] || !wtr_tuya_uf_is_index(index[0]);
}

/* Whether both copies have the slot alike. */
static bool agreed(const struct wtr_tuya_uf *uf, size_t slot)
{
    const uint8_t *index[WTR_TUYA_UF_INDEXES];
    size_t at = HEAD + slot * SLOT;
    return copy_at(uf, 0, &index[0]) && copy_at(uf, 1, &index[1]) &&
           memcmp(index[0] + at, index[1] + at, SLOT) == 0;
}

static bool gather(struct wtr_tuya_uf *uf, const struct wtr_tuya_uf_file *file)
{
    size_t left = file->size, at;
    wtr_gather_clear(&uf->gather);
    for (size_t i = 0; i < file->count && left > 0; i++) {
        size_t n = left < BLOCK ? left : BLOCK;
        if (!wtr_tuya_uf_block(uf, file->blocks[i], &at) ||
            !wtr_gather_add(&uf->gather, &uf->volume->span, at, n))
            return false;
        left -= n;
    }
    return true;
}

static void say(struct wtr_tuya_uf *uf, const struct wtr_tuya_uf_file *file, enum wtr_entry_state state,
                bool believed)
{
    bool whole = gather(uf, file);
    struct wtr_entry entry = {.format = wtr_tuya_uf.name,
                              .volume = uf->volume->name,
                              .path = file->name,
                              .type = "file",
                              .state = state,
                              .integrity = believed ? WTR_INTEGRITY_NONE : WTR_INTEGRITY_FAILED,
                              .check = believed ? NULL : "sum32",
                              .span = wtr_gather_span(&uf->gather, NULL)};
    if (!whole)
        find_in(uf, uf->first, HEAD, "a block of a file is not in the dump");
    if (state == WTR_ENTRY_LIVE && believed && file->count == 1) {
        size_t live = file->blocks[0];
        entry.order = (struct wtr_entry_order){.scope = file->name,
                                               .sequence = wtr_tuya_uf_turn(uf, live, live),
                                               .has_sequence = true,
                                               .basis = WTR_ORDER_EXACT};
    }
    uf->sink->entry(uf->sink->payload, &entry);
}

static void take(struct wtr_tuya_uf *uf, const struct wtr_tuya_uf_file *file)
{
    for (size_t i = 0; i < file->count; i++)
        uf->taken |= UINT32_C(1) << file->blocks[i];
}

static bool is_taken(const struct wtr_tuya_uf *uf, const struct wtr_tuya_uf_file *file)
{
    for (size_t i = 0; i < file->count; i++)
        if (uf->taken & UINT32_C(1) << file->blocks[i])
            return true;
    return false;
}

static void read_live(struct wtr_tuya_uf *uf, const uint8_t *index)
{
    for (size_t slot = 0; slot < file_count(index); slot++) {
        struct wtr_tuya_uf_file *file = &uf->live[uf->live_count];
        bool believed = uf->sound[uf->index] || agreed(uf, slot);
        if (!wtr_tuya_uf_slot(index, slot, uf->blocks, file)) {
            find_in(uf, uf->first + uf->index * BLOCK + HEAD + slot * SLOT, SLOT,
                    "the index entry can't be read");
            continue;
        }
        take(uf, file);
        say(uf, file, WTR_ENTRY_LIVE, believed);
        uf->live_count += believed;
    }
}

/* Entries that were left behind the last file. A block that a file has now no longer holds what it held. */
static void read_deleted(struct wtr_tuya_uf *uf, const uint8_t *index)
{
    struct wtr_tuya_uf_file file;
    for (size_t slot = file_count(index); slot < WTR_TUYA_UF_SLOTS; slot++) {
        if (!wtr_tuya_uf_slot(index, slot, uf->blocks, &file))
            continue;
        if (is_taken(uf, &file))
            file.size = 0;
        else
            take(uf, &file);
        say(uf, &file, WTR_ENTRY_DELETED, uf->sound[uf->index] || agreed(uf, slot));
    }
}

/* What the other copy of the index says otherwise, where it is sound: it was not yet written anew. */
static void read_other(struct wtr_tuya_uf *uf)
{
    struct wtr_tuya_uf_file file;
    const uint8_t *index;
    size_t other = 1 - uf->index;
    if (!uf->sound[other] || !copy_at(uf, other, &index))
        return;
    for (size_t slot = 0; slot < file_count(index); slot++) {
        if (agreed(uf, slot) || !wtr_tuya_uf_slot(index, slot, uf->blocks, &file) || is_taken(uf, &file))
            continue;
        take(uf, &file);
        say(uf, &file, WTR_ENTRY_SUPERSEDED, true);
    }
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct wtr_tuya_uf *uf = calloc(1, sizeof *uf);
    const uint8_t *index;
    if (!uf)
        return;
    uf->volume = volume;
    uf->sink = sink;
    uf->taken = (UINT32_C(1) << WTR_TUYA_UF_INDEXES) - 1;
    if (find_blocks(uf)) {
        choose_index(uf);
        if (copy_at(uf, uf->index, &index)) {
            read_live(uf, index);
            read_deleted(uf, index);
            read_other(uf);
        }
        wtr_tuya_uf_stale(uf);
    }
    wtr_gather_free(&uf->gather);
    free(uf);
}

/* Only BK7231T has the area in two runs. */
static const char *kind_of(const struct wtr_volume *volume)
{
    struct wtr_tuya_uf uf = {.volume = volume};
    return find_blocks(&uf) && uf.two_runs ? "BK7231T" : NULL;
}

const struct wtr_flash_format wtr_tuya_uf = {
    .name = "tuya-uf",
    .probe = probe,
    .read = read_volume,
    .kind = kind_of,
};
