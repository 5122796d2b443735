/* SPDX-License-Identifier: Apache-2.0 */
/* LittleFS 2 from the inside: metadata blocks as tags, pairs of them as versions of files, files in lists of
 * blocks. Facts: SPEC.md and lfs.c of littlefs. */
#ifndef WTR_FLASH_LITTLEFS_H
#define WTR_FLASH_LITTLEFS_H

#include "flash/flash.h"

enum {
    WTR_LFS_MIN_BLOCK = 128,
    WTR_LFS_MAX_BLOCK = 1 << 17,
    WTR_LFS_IDS = 1023,
    WTR_LFS_NO_ID = 0x3ff,
    WTR_LFS_NONE = 0x3ff, /* a length: the thing is deleted */

    WTR_LFS_REG = 0x001,
    WTR_LFS_DIR = 0x002,
    WTR_LFS_SUPERBLOCK = 0x0ff,
    WTR_LFS_DIRSTRUCT = 0x200,
    WTR_LFS_INLINE = 0x201,
    WTR_LFS_CTZ = 0x202,
    WTR_LFS_ATTR = 0x300, /* and a type in the low eight bits */
    WTR_LFS_CREATE = 0x401,
    WTR_LFS_DELETE = 0x4ff,
    WTR_LFS_CRC = 0x500,
    WTR_LFS_FCRC = 0x5ff,
    WTR_LFS_SOFTTAIL = 0x600,
    WTR_LFS_HARDTAIL = 0x601,
    WTR_LFS_MOVESTATE = 0x7ff,
};

/* One tag of a metadata block, with where its data stand in the block. */
struct wtr_lfs_tag {
    uint16_t type;
    uint16_t id;
    uint16_t length; /* of its data */
    bool gone;       /* its length says that the thing is deleted */
    bool sound;      /* its commit's checksum holds */
    bool alone;      /* a commit before its own is damaged */
    uint32_t at;
    uint32_t commit; /* from 0: the one that the block began with */
};

struct wtr_lfs_block {
    uint32_t number;
    uint32_t revision;
    struct wtr_lfs_tag *tags; /* room for one in four bytes */
    size_t count;
    size_t trusted;   /* tags up to the end of the last sound commit */
    uint32_t commits; /* that were read, damaged ones too */
    bool began;       /* its first commit is sound */
    bool damaged;     /* a commit that is not */
    size_t end;       /* where the last commit ends */
    bool lost;        /* something stands behind, and can't be read */
};

/* The volume as its superblock describes it. */
struct wtr_lfs_shape {
    const uint8_t *bytes;
    size_t length;
    uint32_t block_size;
    uint32_t block_count;
    uint32_t version;
};

static inline uint32_t wtr_lfs_popcount(uint32_t n)
{
    uint32_t bits = 0;
    for (; n != 0; n &= n - 1)
        bits++;
    return bits;
}

/* The bytes of a block; NULL where the dump does not have all of them. */
static inline const uint8_t *wtr_lfs_bytes(const struct wtr_lfs_shape *shape, uint32_t block)
{
    size_t at = (size_t)block * shape->block_size;
    if (block >= shape->block_count || at > shape->length || shape->length - at < shape->block_size)
        return NULL;
    return shape->bytes + at;
}

/* Reads the superblock at the first or second block. False: there is none. */
bool wtr_lfs_shape_of(struct wtr_lfs_shape *shape, const uint8_t *bytes, size_t length);
/* Reads what the block at `at` says as a superblock. */
bool wtr_lfs_superblock(struct wtr_lfs_shape *shape, const uint8_t *bytes, size_t length, size_t at);

/* Reads a metadata block. False: nothing in it looks like one. */
bool wtr_lfs_read_block(const uint8_t *bytes, size_t size, struct wtr_lfs_block *block);
/* Whether a block begins with a sound commit; for those of which nobody knows what they are. */
bool wtr_lfs_is_metadata(const uint8_t *bytes, size_t size);

/* One content of one file, as one commit wrote it. */
struct wtr_lfs_version {
    uint32_t commit;
    uint32_t name_at; /* in the block */
    uint32_t at;      /* of the struct's data */
    uint16_t name_length;
    uint16_t length;
    uint16_t kind;  /* WTR_LFS_REG, WTR_LFS_DIR */
    uint16_t shape; /* WTR_LFS_INLINE, … */
    uint16_t id;    /* of its file after the block's last commit */
    bool sound;     /* its name and its struct stand in sound commits */
    bool last;      /* of its file: not replaced */
    bool deleted;   /* its file was */
    bool renamed;   /* its file's name was given to another in that commit */
    bool late;      /* stands behind the last sound commit: the store never took it */
    bool dated;     /* `time` is known to be this version's */
    int64_t time;
    uint32_t object;
};

/* What a block held, version by version in the order of its commits. */
struct wtr_lfs_history {
    struct wtr_lfs_version *versions; /* room for as many as there are tags */
    size_t count;
    bool has_tail;
    uint16_t tail_type;
    uint32_t tail[2];
    bool has_move;
    uint8_t move[12];
};

/* What the versions are made from while a block is read; zero-initialise, reuse, free. */
struct wtr_lfs_scratch {
    struct wtr_lfs_object *objects;
    size_t room;
};

bool wtr_lfs_history(const uint8_t *bytes, const struct wtr_lfs_block *block, struct wtr_lfs_scratch *scratch,
                     struct wtr_lfs_history *history);

/* The blocks of a file's list, first to last: `blocks` has room for the volume's block count. 0: the list is
 * broken. */
uint32_t wtr_lfs_ctz(const struct wtr_lfs_shape *shape, uint32_t head, uint32_t size, uint32_t *blocks);
/* Bytes of pointers before the data of the block at `index` of a list. */
size_t wtr_lfs_ctz_pointers(uint32_t index);

#endif
