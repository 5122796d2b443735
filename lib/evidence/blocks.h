/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of blocks through which a run of bytes streams: byte p stands in block p / size, and the ring goes
 * round. In front of each block lies as much room again, so that what the caller has not used up of one block
 * can be put before the next and be read with it in one piece. The room costs memory only as far as it is
 * touched. */
#ifndef WTR_EVIDENCE_BLOCKS_H
#define WTR_EVIDENCE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { WTR_BLOCK_SIZE = 1 << 20, WTR_BLOCK_HEADROOM = WTR_BLOCK_SIZE };

enum { WTR_BLOCKS_MAX = 8 };

struct wtr_blocks {
    uint8_t *memory[WTR_BLOCKS_MAX]; /* each is made when the run first reaches it */
    unsigned count;
};

static inline size_t wtr_blocks_index(const struct wtr_blocks *blocks, uint64_t position)
{
    return (size_t)(position / WTR_BLOCK_SIZE % blocks->count);
}

/* Makes the block in which the byte at `position` will stand, if it is not there yet. False: no memory. */
static inline bool wtr_blocks_make(struct wtr_blocks *blocks, uint64_t position)
{
    uint8_t **memory = &blocks->memory[wtr_blocks_index(blocks, position)];
    if (!*memory) {
        *memory = malloc(WTR_BLOCK_HEADROOM + WTR_BLOCK_SIZE);
    }
    return *memory != NULL;
}

static inline void wtr_blocks_free(struct wtr_blocks *blocks)
{
    for (unsigned i = 0; i < blocks->count; i++) {
        free(blocks->memory[i]);
    }
}

/* Where the byte at `position` stands. Its block has been made. */
static inline uint8_t *wtr_blocks_at(const struct wtr_blocks *blocks, uint64_t position)
{
    size_t within = (size_t)(position % WTR_BLOCK_SIZE);
    return blocks->memory[wtr_blocks_index(blocks, position)] + WTR_BLOCK_HEADROOM + within;
}

/* How many bytes there are from `position` to the end of its block. */
static inline size_t wtr_blocks_room(uint64_t position)
{
    return WTR_BLOCK_SIZE - (size_t)(position % WTR_BLOCK_SIZE);
}

#endif
