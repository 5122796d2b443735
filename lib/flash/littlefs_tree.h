/* SPDX-License-Identifier: Apache-2.0 */
/* LittleFS 2: the directories of a volume, the pairs of blocks that they are in, and who owns each block. */
#ifndef WTR_FLASH_LITTLEFS_TREE_H
#define WTR_FLASH_LITTLEFS_TREE_H

#include "flash/littlefs.h"

#include "base/arena.h"
#include "base/map.h"

/* A pair of blocks as far as both can be read. */
struct wtr_lfs_pair {
    struct wtr_lfs_block blocks[2];
    struct wtr_lfs_history histories[2];
    const uint8_t *bytes[2];
    int newest;       /* 0 or 1; -1: neither begins with a sound commit */
    bool linked;      /* the other one is the same directory before its last compaction */
    uint64_t base[2]; /* sequence of each block's first commit */
};

struct wtr_lfs_place {
    uint32_t pair[2];
    size_t directory;
};

struct wtr_lfs_directory {
    struct wtr_text path; /* with a closing '/'; empty: the root's */
    uint32_t start[2];
};

/* Who a block belongs to: nobody, metadata, or a live file at an index of its list. */
struct wtr_lfs_owner {
    uint32_t file; /* 0: nobody; 1: metadata; else a file's number */
    uint32_t index;
};

struct wtr_lfs_tree {
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    struct wtr_lfs_shape shape; /* block_count: those of which the dump has all bytes */
    struct wtr_lfs_pair pair;   /* the one that was read last */
    struct wtr_lfs_scratch scratch;
    struct wtr_map finals; /* of the older block of that pair: contents that were the last of their file */
    struct wtr_map firsts; /* of its newer block: contents that it began with */
    struct wtr_lfs_owner *owners;
    uint32_t *list; /* blocks of one file */
    uint32_t files;
    struct wtr_lfs_directory *directories; /* the root first */
    size_t directory_count;
    struct wtr_lfs_place *places; /* the pairs of the first directory, then of the second … */
    size_t place_count;
    struct wtr_arena paths;
    uint8_t move[12]; /* the global state, put together from all pairs */
    bool whole;       /* each pair could be read: the global state is all there */
    bool failed;      /* memory ran out */
};

bool wtr_lfs_tree_open(struct wtr_lfs_tree *tree);
/* Finds all directories, their pairs and the owners of blocks. */
void wtr_lfs_tree_walk(struct wtr_lfs_tree *tree);
void wtr_lfs_tree_close(struct wtr_lfs_tree *tree);
/* Reads both blocks of a pair into tree->pair. False: neither can be read. */
bool wtr_lfs_tree_pair(struct wtr_lfs_tree *tree, const uint32_t pair[2]);
/* A number for name and content together; equal for a content and its copy. */
uint64_t wtr_lfs_content(const uint8_t *block, const struct wtr_lfs_version *version);
void wtr_lfs_finding(const struct wtr_lfs_tree *tree, uint32_t block, const char *reason);

#endif
