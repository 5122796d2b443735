/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's file area ("UF") on BK7231, shared by flash_uf*.c. Blocks of 4096 bytes; the first two are equal
 * copies of the index: magic, the sum of all that follows, a counter of writes, the number of files, then
 * entries of 100 bytes: name[32], size, up to 16 blocks. A file's bytes stand in its blocks without header or
 * sum; what is behind them is erased. A file that is written again takes the next free block and leaves the
 * old one as it was.
 *
 * No documentation of it is known: this was read from dumps, where the index's sum holds on all 23. On
 * BK7231N the blocks follow each other; on BK7231T eleven do, and eight further ones begin 44 KiB before the
 * first. */
#ifndef WTR_VENDOR_TUYA_FLASH_UF_H
#define WTR_VENDOR_TUYA_FLASH_UF_H

#include "flash/flash.h"
#include "flash/gather.h"

enum {
    WTR_TUYA_UF_BLOCK = 4096,
    WTR_TUYA_UF_INDEXES = 2,
    WTR_TUYA_UF_MOST_BLOCKS = 24,
    WTR_TUYA_UF_SLOTS = 40, /* entries that an index has room for */
    WTR_TUYA_UF_RUN_T = 11, /* blocks of the first run on BK7231T */
    WTR_TUYA_UF_BEFORE_T = 0xB000
};

/* An index entry, or what is left of one. */
struct wtr_tuya_uf_file {
    struct wtr_text name;
    uint32_t size;
    uint8_t blocks[16];
    size_t count;
    bool live;
};

struct wtr_tuya_uf {
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    size_t first;  /* of block 0, in the volume */
    size_t blocks; /* that there are */
    bool two_runs;
    bool sound[WTR_TUYA_UF_INDEXES]; /* the copy's magic is there and its sum holds */
    size_t index;                    /* the copy that counts */
    uint32_t taken;                  /* bit n: block n belongs to a file or the index */
    struct wtr_tuya_uf_file live[WTR_TUYA_UF_SLOTS];
    size_t live_count;
    struct wtr_gather gather;
};

/* flash_uf_index.c */
bool wtr_tuya_uf_is_index(const uint8_t *block);
bool wtr_tuya_uf_index_sound(const uint8_t *block);
/* What slot `slot` of the index at `block` holds. False: nothing that could be a file of `blocks` blocks. */
bool wtr_tuya_uf_slot(const uint8_t *block, size_t slot, size_t blocks, struct wtr_tuya_uf_file *file);

/* Where block `n` is in the volume; false: the dump does not have it. */
bool wtr_tuya_uf_block(const struct wtr_tuya_uf *uf, size_t n, size_t *at);

/* flash_uf_stale.c: the blocks that no file has. */
void wtr_tuya_uf_stale(struct wtr_tuya_uf *uf);
/* The place of a block in the order of writing of a file whose present block is `live`. */
uint64_t wtr_tuya_uf_turn(const struct wtr_tuya_uf *uf, size_t live, size_t block);

extern const struct wtr_flash_format wtr_tuya_uf;

#endif
