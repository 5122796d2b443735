/* SPDX-License-Identifier: Apache-2.0 */
/* LittleFS 2: from the first pair of blocks to all directories. Each pair is visited once, whatever its
 * pointers say. Facts: SPEC.md; lfs_dir_alloc and lfs_dir_compact in lfs.c. */
#include "flash/littlefs_tree.h"

#include "base/bytes.h"

#include <stdlib.h>

enum { MAX_PATH = 1024, OWNER_METADATA = 1, FIRST_FILE = 2, MAX_FINALS = 1 << 16 };

void wtr_lfs_finding(const struct wtr_lfs_tree *tree, uint32_t block, const char *reason)
{
    size_t at = (size_t)block * tree->shape.block_size;
    size_t left = at < tree->shape.length ? tree->shape.length - at : 0;
    size_t length = left < tree->shape.block_size ? left : tree->shape.block_size;
    tree->sink->finding(tree->sink->payload, tree->volume, left ? at : tree->shape.length, length, reason);
}

bool wtr_lfs_tree_open(struct wtr_lfs_tree *tree)
{
    size_t tags = tree->shape.block_size / 4, blocks = tree->shape.block_count;
    for (size_t i = 0; i < 2; i++) {
        tree->pair.blocks[i].tags = malloc(tags * sizeof *tree->pair.blocks[i].tags);
        tree->pair.histories[i].versions = malloc(tags * sizeof *tree->pair.histories[i].versions);
        tree->failed = tree->failed || !tree->pair.blocks[i].tags || !tree->pair.histories[i].versions;
    }
    tree->owners = calloc(blocks, sizeof *tree->owners);
    tree->list = malloc(blocks * sizeof *tree->list);
    tree->directories = malloc((blocks + 1) * sizeof *tree->directories);
    tree->places = malloc(blocks * sizeof *tree->places);
    tree->finals.limit = MAX_FINALS;
    tree->firsts.limit = MAX_FINALS;
    tree->files = FIRST_FILE;
    tree->whole = true;
    tree->failed = tree->failed || !tree->owners || !tree->list || !tree->directories || !tree->places;
    return !tree->failed;
}

void wtr_lfs_tree_close(struct wtr_lfs_tree *tree)
{
    for (size_t i = 0; i < 2; i++) {
        free(tree->pair.blocks[i].tags);
        free(tree->pair.histories[i].versions);
    }
    free(tree->scratch.objects);
    free(tree->owners);
    free(tree->list);
    free(tree->directories);
    free(tree->places);
    wtr_arena_free(&tree->paths);
    wtr_map_free(&tree->finals);
    wtr_map_free(&tree->firsts);
}

uint64_t wtr_lfs_content(const uint8_t *block, const struct wtr_lfs_version *version)
{
    uint64_t name = wtr_hash64(block + version->name_at, version->name_length, version->shape);
    return wtr_hash64(block + version->at, version->length, name);
}

/* Whether the older block of the pair is the same directory before it was compacted into the newer one. A
 * directory that has never been compacted has in its other block whatever stood there before: its revision
 * fits, and of what it holds nothing was carried over. */
static void link_pair(struct wtr_lfs_tree *tree, const uint32_t numbers[2])
{
    struct wtr_lfs_pair *pair = &tree->pair;
    int old = 1 - pair->newest;
    const struct wtr_lfs_history *now = &pair->histories[pair->newest], *before = &pair->histories[old];
    wtr_map_clear(&tree->finals);
    wtr_map_clear(&tree->firsts);
    pair->linked = false;
    if (!pair->bytes[old] || !pair->blocks[old].began ||
        pair->blocks[pair->newest].revision - pair->blocks[old].revision != 1)
        return;
    for (size_t i = 0; i < before->count; i++) {
        const struct wtr_lfs_version *version = &before->versions[i];
        if (version->last && !version->deleted && !version->late)
            wtr_map_put(&tree->finals, wtr_lfs_content(pair->bytes[old], version), i);
    }
    pair->linked = numbers[0] + numbers[1] == 1;
    for (size_t i = 0; i < now->count && now->versions[i].commit == 0; i++) {
        uint64_t content = wtr_lfs_content(pair->bytes[pair->newest], &now->versions[i]);
        wtr_map_put(&tree->firsts, content, i);
        pair->linked = pair->linked || wtr_map_find(&tree->finals, content);
    }
    if (!pair->linked)
        wtr_map_clear(&tree->finals);
}

bool wtr_lfs_tree_pair(struct wtr_lfs_tree *tree, const uint32_t numbers[2])
{
    struct wtr_lfs_pair *pair = &tree->pair;
    pair->newest = -1;
    for (int i = 0; i < 2; i++) {
        struct wtr_lfs_block *block = &pair->blocks[i];
        block->number = numbers[i];
        pair->bytes[i] = wtr_lfs_bytes(&tree->shape, numbers[i]);
        pair->histories[i].count = 0;
        if (pair->bytes[i] && wtr_lfs_read_block(pair->bytes[i], tree->shape.block_size, block))
            tree->failed |= !wtr_lfs_history(pair->bytes[i], block, &tree->scratch, &pair->histories[i]);
        else
            pair->bytes[i] = NULL;
        if (pair->bytes[i] && block->began &&
            (pair->newest < 0 || (int32_t)(block->revision - pair->blocks[0].revision) > 0))
            pair->newest = i;
    }
    if (pair->newest < 0)
        return false;
    int old = 1 - pair->newest;
    link_pair(tree, numbers);
    /* Revisions may wrap: the older block's is the base. */
    pair->base[pair->newest] = ((uint64_t)pair->blocks[pair->newest].revision) << 32;
    pair->base[old] = pair->base[pair->newest] - ((uint64_t)1 << 32);
    if (pair->linked && pair->blocks[pair->newest].revision == 0) {
        pair->base[pair->newest] = (uint64_t)1 << 32;
        pair->base[old] = 0;
    }
    return true;
}

static void add_directory(struct wtr_lfs_tree *tree, struct wtr_text parent, struct wtr_text name,
                          const uint32_t start[2])
{
    size_t length = name.length > 0 ? parent.length + name.length + 1 : 0;
    char *path = length > 0 && length <= MAX_PATH ? wtr_arena_get(&tree->paths, length) : NULL;
    if (tree->directory_count == tree->shape.block_count || (!path && length > 0)) {
        wtr_lfs_finding(tree, start[0], "a directory too many or too deep");
        return;
    }
    if (path) {
        if (parent.length > 0)
            memcpy(path, parent.data, parent.length);
        memcpy(path + parent.length, name.data, name.length);
        path[length - 1] = '/';
    }
    tree->directories[tree->directory_count++] =
        (struct wtr_lfs_directory){wtr_text_of(path, length), {start[0], start[1]}};
}

static void own_file(struct wtr_lfs_tree *tree, const uint8_t *data)
{
    uint32_t n = wtr_lfs_ctz(&tree->shape, wtr_le32(data), wtr_le32(data + 4), tree->list);
    for (uint32_t i = 0; i < n; i++)
        tree->owners[tree->list[i]] = (struct wtr_lfs_owner){tree->files, i};
    tree->files++;
}

/* Notes what the newest block of a pair holds and refers to. */
static void note_pair(struct wtr_lfs_tree *tree, size_t directory)
{
    const struct wtr_lfs_pair *pair = &tree->pair;
    const struct wtr_lfs_history *h = &pair->histories[pair->newest];
    const uint8_t *bytes = pair->bytes[pair->newest];
    for (size_t i = 0; i < h->count; i++) {
        const struct wtr_lfs_version *v = &h->versions[i];
        if (!v->last || v->deleted || v->late || !v->sound)
            continue;
        uint32_t start[2] = {wtr_le32(bytes + v->at),
                             v->shape == WTR_LFS_INLINE ? 0 : wtr_le32(bytes + v->at + 4)};
        if (v->shape == WTR_LFS_CTZ)
            own_file(tree, bytes + v->at);
        else if (v->shape == WTR_LFS_DIRSTRUCT)
            add_directory(tree, tree->directories[directory].path,
                          wtr_text_of(bytes + v->name_at, v->name_length), start);
    }
    for (size_t i = 0; i < sizeof tree->move && h->has_move; i++)
        tree->move[i] ^= h->move[i];
}

/* Whether the pair can be visited; then it has been. */
static bool visit(struct wtr_lfs_tree *tree, const uint32_t pair[2])
{
    bool any = false;
    for (size_t i = 0; i < 2; i++) {
        if (pair[i] >= tree->shape.block_count)
            continue;
        if (tree->owners[pair[i]].file == OWNER_METADATA) {
            wtr_lfs_finding(tree, pair[i], "a pair of blocks that is in two directories");
            return false;
        }
        any = true;
    }
    for (size_t i = 0; i < 2; i++) {
        if (pair[i] < tree->shape.block_count)
            tree->owners[pair[i]] = (struct wtr_lfs_owner){OWNER_METADATA, 0};
    }
    return any;
}

static void walk_directory(struct wtr_lfs_tree *tree, size_t directory)
{
    uint32_t pair[2] = {tree->directories[directory].start[0], tree->directories[directory].start[1]};
    while (tree->place_count < tree->shape.block_count) {
        if (!visit(tree, pair)) {
            tree->whole = false;
            return;
        }
        if (!wtr_lfs_tree_pair(tree, pair)) {
            tree->whole = false;
            wtr_lfs_finding(tree, pair[0], "a directory's blocks that can't be read");
            wtr_lfs_finding(tree, pair[1], "a directory's blocks that can't be read");
            return;
        }
        tree->places[tree->place_count++] = (struct wtr_lfs_place){{pair[0], pair[1]}, directory};
        note_pair(tree, directory);
        const struct wtr_lfs_history *h = &tree->pair.histories[tree->pair.newest];
        if (!h->has_tail || h->tail_type != WTR_LFS_HARDTAIL)
            return;
        pair[0] = h->tail[0];
        pair[1] = h->tail[1];
    }
}

void wtr_lfs_tree_walk(struct wtr_lfs_tree *tree)
{
    static const uint32_t root[2] = {0, 1};
    add_directory(tree, (struct wtr_text){0}, (struct wtr_text){0}, root);
    for (size_t i = 0; i < tree->directory_count && !tree->failed; i++)
        walk_directory(tree, i);
}
