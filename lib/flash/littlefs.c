/* SPDX-License-Identifier: Apache-2.0 */
/* LittleFS 2.0 and 2.1 as a store of entries: what is there now, and what is left of before.
 *
 * A metadata block is a log: each commit since its last compaction still stands in it, and the pair's other
 * block holds the log before that. A commit is one moment: what one commit wrote has one sequence, and what a
 * compaction copied keeps that of the commit that first wrote it. A file too long for its directory lies in
 * blocks of its own, which no checksum covers and which are used again once the file has changed: the earlier
 * contents of such a file may be of several times, and are said to be. */
#include "flash/littlefs_tree.h"

#include "flash/formats.h"
#include "flash/gather.h"

#include "base/bytes.h"

#include <stdlib.h>

enum { MAX_NAMES = 1 << 16 };

struct reader {
    struct wtr_lfs_tree tree;
    struct wtr_map live; /* of the directory at hand: name to content */
    struct wtr_gather value;
    struct wtr_gather_budget budget;
    struct wtr_buffer path;
    struct wtr_buffer scope;
};

/* The versions that are handed on together: those of one block. */
struct log {
    const uint8_t *bytes;
    const struct wtr_lfs_block *block;
    const struct wtr_lfs_history *history;
    struct wtr_text directory;
    uint64_t base;
    bool known;  /* of a pair; else the block alone, nobody knows whose */
    bool newest; /* of its pair */
};

/* ---- contents */

/* Whether a list of blocks may still hold what was written to it: none of them is metadata by now, and the
 * last one is no live file's. */
static bool may_hold(const struct reader *r, uint32_t n)
{
    const struct wtr_lfs_tree *tree = &r->tree;
    for (uint32_t i = 0; i < n; i++) {
        const struct wtr_lfs_owner *owner = &tree->owners[tree->list[i]];
        if (owner->file == 0) {
            if (wtr_lfs_is_metadata(wtr_lfs_bytes(&tree->shape, tree->list[i]), tree->shape.block_size))
                return false;
        } else if (owner->file == 1 || owner->index != i || i == n - 1) {
            return false;
        }
    }
    return true;
}

/* Puts a file's blocks together. False: they are not there any more. */
static bool gather_list(struct reader *r, const struct log *log, const struct wtr_lfs_version *v, bool live)
{
    struct wtr_lfs_tree *tree = &r->tree;
    const struct wtr_lfs_shape *shape = &tree->shape;
    uint32_t size = wtr_le32(log->bytes + v->at + 4), left = size;
    if (size == 0)
        return true;
    if (size > shape->length || !wtr_gather_take(&r->budget, size))
        return false;
    uint32_t n = wtr_lfs_ctz(shape, wtr_le32(log->bytes + v->at), size, tree->list);
    if (n == 0 || (!live && !may_hold(r, n)))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        size_t head = wtr_lfs_ctz_pointers(i);
        size_t take = left < shape->block_size - head ? left : shape->block_size - head;
        if (!wtr_gather_add(&r->value, &tree->volume->span, (size_t)tree->list[i] * shape->block_size + head,
                            take))
            return false;
        left -= (uint32_t)take;
    }
    return left == 0;
}

static void set_value(struct reader *r, const struct log *log, const struct wtr_lfs_version *v,
                      struct wtr_entry *entry)
{
    wtr_gather_clear(&r->value);
    entry->check = "crc32";
    entry->integrity = v->sound && !v->late ? WTR_INTEGRITY_OK : WTR_INTEGRITY_FAILED;
    if (v->shape == WTR_LFS_INLINE) {
        size_t block = (size_t)(log->bytes - r->tree.shape.bytes);
        wtr_gather_add(&r->value, &r->tree.volume->span, block + v->at, v->length);
    } else if (v->shape == WTR_LFS_CTZ) {
        bool live = entry->state == WTR_ENTRY_LIVE;
        entry->mixed = !live;
        if (!gather_list(r, log, v, live)) {
            wtr_gather_clear(&r->value);
            entry->check = "ctz";
            entry->integrity = WTR_INTEGRITY_FAILED;
        } else if (entry->integrity == WTR_INTEGRITY_OK) {
            entry->check = NULL;
            entry->integrity = WTR_INTEGRITY_NONE;
        }
    }
    entry->span = wtr_gather_span(&r->value, r->tree.volume->span.opening);
}

/* ---- state and order */

static bool is_moved_away(const struct reader *r, const struct log *log, const struct wtr_lfs_version *v)
{
    const uint8_t *move = r->tree.move;
    uint32_t tag = wtr_le32(move);
    return r->tree.whole && (tag >> 20 & 0x7ff) == WTR_LFS_DELETE && (tag >> 10 & 0x3ff) == v->id &&
           (wtr_le32(move + 4) == log->block->number || wtr_le32(move + 8) == log->block->number);
}

/* Whether the version is the copy of one that is handed on elsewhere. */
static bool is_copy(const struct reader *r, const struct log *log, const struct wtr_lfs_version *v,
                    const uint64_t *live)
{
    if (!log->known || log->newest || !v->last || v->deleted || v->late)
        return false;
    uint64_t content = wtr_lfs_content(log->bytes, v);
    if (wtr_map_find(&r->tree.firsts, content))
        return true;
    return live && *live == content;
}

static enum wtr_entry_state state_of(const struct reader *r, const struct log *log,
                                     const struct wtr_lfs_version *v, const uint64_t *live)
{
    if (!log->known || v->late)
        return WTR_ENTRY_STALE;
    if (v->deleted)
        return v->renamed ? WTR_ENTRY_SUPERSEDED : WTR_ENTRY_DELETED;
    if (!v->last)
        return WTR_ENTRY_SUPERSEDED;
    if (!log->newest)
        return live ? WTR_ENTRY_SUPERSEDED : WTR_ENTRY_DELETED;
    return is_moved_away(r, log, v) ? WTR_ENTRY_DELETED : WTR_ENTRY_LIVE;
}

static void put_scope(struct reader *r, const struct log *log)
{
    const struct wtr_lfs_pair *pair = &r->tree.pair;
    wtr_buffer_clear(&r->scope);
    wtr_put_z(&r->scope, log->known ? "pair " : "block ");
    if (log->known) {
        uint32_t a = pair->blocks[0].number, b = pair->blocks[1].number;
        wtr_put_uint(&r->scope, a < b ? a : b);
        wtr_put_char(&r->scope, ',');
        wtr_put_uint(&r->scope, a < b ? b : a);
    } else {
        wtr_put_uint(&r->scope, log->block->number);
    }
}

/* What a compaction copied was written in the block before it. */
static void set_order(struct reader *r, const struct log *log, const struct wtr_lfs_version *v,
                      struct wtr_entry_order *order)
{
    const struct wtr_lfs_pair *pair = &r->tree.pair;
    put_scope(r, log);
    *order = (struct wtr_entry_order){.scope = wtr_buffer_text(&r->scope),
                                      .sequence = log->base + v->commit,
                                      .has_sequence = !v->late,
                                      .basis = v->late ? WTR_ORDER_NONE : WTR_ORDER_EXACT};
    if (!log->known || !log->newest || !pair->linked || v->commit > 0)
        return;
    int old = 1 - pair->newest;
    const uint64_t *before = wtr_map_find(&r->tree.finals, wtr_lfs_content(log->bytes, v));
    if (before) {
        order->sequence = pair->base[old] + pair->histories[old].versions[*before].commit;
    } else if (pair->blocks[old].damaged || pair->blocks[old].lost) {
        order->has_sequence = false;
        order->basis = WTR_ORDER_NONE;
    }
}

static void hand_on(struct reader *r, const struct log *log, const struct wtr_lfs_version *v)
{
    if (v->kind != WTR_LFS_REG && v->kind != WTR_LFS_DIR)
        return;
    const uint64_t *live =
        wtr_map_find(&r->live, wtr_hash64(log->bytes + v->name_at, v->name_length, v->kind));
    if (is_copy(r, log, v, live))
        return;
    wtr_buffer_clear(&r->path);
    wtr_put_text(&r->path, log->directory);
    wtr_put(&r->path, log->bytes + v->name_at, v->name_length);
    struct wtr_entry entry = {.format = wtr_flash_littlefs.name,
                              .volume = r->tree.volume->name,
                              .path = wtr_buffer_text(&r->path),
                              .type = v->kind == WTR_LFS_DIR ? "dir" : "file",
                              .state = state_of(r, log, v, log->known ? live : NULL),
                              .attributed = !log->known,
                              .has_written = v->dated && v->sound && !v->late,
                              .written_s = v->dated ? v->time : 0};
    set_value(r, log, v, &entry);
    set_order(r, log, v, &entry.order);
    r->tree.sink->entry(r->tree.sink->payload, &entry);
}

static void hand_on_log(struct reader *r, const struct log *log)
{
    for (size_t i = 0; i < log->history->count; i++)
        hand_on(r, log, &log->history->versions[i]);
}

/* ---- pairs */

static void report_block(const struct reader *r, const struct wtr_lfs_block *block)
{
    if (block->damaged)
        wtr_lfs_finding(&r->tree, block->number, "a commit whose checksum does not hold");
    if (block->lost)
        wtr_lfs_finding(&r->tree, block->number, "what follows a block's last commit can't be read");
}

static struct log log_of(const struct reader *r, int which, struct wtr_text directory)
{
    const struct wtr_lfs_pair *pair = &r->tree.pair;
    bool newest = which == pair->newest;
    bool known = newest || pair->linked;
    return (struct log){.bytes = pair->bytes[which],
                        .block = &pair->blocks[which],
                        .history = &pair->histories[which],
                        .directory = known ? directory : (struct wtr_text){0},
                        .base = known ? pair->base[which] : 0,
                        .known = known,
                        .newest = newest};
}

static void hand_on_pair(struct reader *r, const struct wtr_lfs_place *place)
{
    struct wtr_lfs_tree *tree = &r->tree;
    if (!wtr_lfs_tree_pair(tree, place->pair))
        return;
    for (int turn = 0; turn < 2; turn++) {
        int which = turn == 0 ? 1 - tree->pair.newest : tree->pair.newest;
        uint32_t number = place->pair[which];
        const uint8_t *bytes = wtr_lfs_bytes(&tree->shape, number);
        if (tree->pair.bytes[which]) {
            report_block(r, &tree->pair.blocks[which]);
            struct log log = log_of(r, which, tree->directories[place->directory].path);
            hand_on_log(r, &log);
        } else if (!bytes) {
            wtr_lfs_finding(tree, number, "a directory's block is not in the dump");
        } else if (bytes[4] != 0xff) {
            wtr_lfs_finding(tree, number, "a pair's other block has no commit that can be read");
        }
    }
}

/* What the directory gives now, by name. */
static void note_live(struct reader *r, const struct wtr_lfs_place *place)
{
    if (!wtr_lfs_tree_pair(&r->tree, place->pair))
        return;
    const struct wtr_lfs_pair *pair = &r->tree.pair;
    const uint8_t *bytes = pair->bytes[pair->newest];
    const struct wtr_lfs_history *h = &pair->histories[pair->newest];
    for (size_t i = 0; i < h->count; i++) {
        const struct wtr_lfs_version *v = &h->versions[i];
        if (v->last && !v->deleted && !v->late)
            wtr_map_put(&r->live, wtr_hash64(bytes + v->name_at, v->name_length, v->kind),
                        wtr_lfs_content(bytes, v));
    }
}

static void hand_on_directories(struct reader *r)
{
    const struct wtr_lfs_tree *tree = &r->tree;
    for (size_t first = 0, end = 0; first < tree->place_count; first = end) {
        wtr_map_clear(&r->live);
        for (end = first;
             end < tree->place_count && tree->places[end].directory == tree->places[first].directory; end++)
            note_live(r, &tree->places[end]);
        for (size_t i = first; i < end; i++)
            hand_on_pair(r, &tree->places[i]);
    }
}

/* Metadata that no directory refers to: its names are sure, and where they stood is not. */
static void hand_on_orphans(struct reader *r)
{
    struct wtr_lfs_tree *tree = &r->tree;
    struct wtr_lfs_pair *pair = &tree->pair;
    wtr_map_clear(&r->live);
    for (uint32_t b = 0; b < tree->shape.block_count; b++) {
        const uint8_t *bytes = wtr_lfs_bytes(&tree->shape, b);
        if (tree->owners[b].file != 0 || !wtr_lfs_is_metadata(bytes, tree->shape.block_size))
            continue;
        pair->blocks[0].number = b;
        if (!wtr_lfs_read_block(bytes, tree->shape.block_size, &pair->blocks[0]) ||
            !wtr_lfs_history(bytes, &pair->blocks[0], &tree->scratch, &pair->histories[0]))
            continue;
        struct log log = {.bytes = bytes, .block = &pair->blocks[0], .history = &pair->histories[0]};
        hand_on_log(r, &log);
    }
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct reader r = {.tree = {.volume = volume, .sink = sink},
                       .live = {.limit = MAX_NAMES},
                       .budget = wtr_gather_budget_of(volume->span.length)};
    struct wtr_lfs_shape *shape = &r.tree.shape;
    if (!wtr_lfs_shape_of(shape, volume->span.bytes, volume->span.length)) {
        sink->finding(sink->payload, volume, 0, volume->span.length, "no superblock of LittleFS 2");
        return;
    }
    size_t there = shape->length / shape->block_size;
    if (there < shape->block_count)
        sink->finding(sink->payload, volume, shape->length, 0, "the dump ends before the file system does");
    shape->block_count = there < shape->block_count ? (uint32_t)there : shape->block_count;
    if (shape->block_count > 0 && wtr_lfs_tree_open(&r.tree)) {
        wtr_lfs_tree_walk(&r.tree);
        hand_on_directories(&r);
        hand_on_orphans(&r);
    }
    if (r.budget.spent)
        sink->finding(sink->payload, volume, 0, volume->span.length, "more contents than are handed on");
    wtr_lfs_tree_close(&r.tree);
    wtr_map_free(&r.live);
    wtr_gather_free(&r.value);
    wtr_buffer_free(&r.path);
    wtr_buffer_free(&r.scope);
}

/* A superblock stands in the first block and in the second. */
static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_lfs_shape shape, other;
    (void)keys;
    if (!wtr_lfs_superblock(&shape, image, length, at))
        return (struct wtr_flash_find){0};
    size_t block = shape.block_size, left = length - at;
    bool second = at >= block && wtr_lfs_superblock(&other, image, length, at - block) &&
                  other.block_size == block && other.block_count == shape.block_count;
    size_t start = second ? at - block : at;
    bool sound = wtr_lfs_is_metadata(image + at, left < block ? left : block);
    size_t size = shape.block_count > (length - start) / block ? length - start : block * shape.block_count;
    return (struct wtr_flash_find){sound ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE, at - start, size};
}

static const char *const parts[] = {"littlefs", "spiffs", NULL};

const struct wtr_flash_format wtr_flash_littlefs = {
    .name = "littlefs", .probe = probe, .parts = parts, .read = read_volume};
