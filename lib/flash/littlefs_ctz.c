/* SPDX-License-Identifier: Apache-2.0 */
/* LittleFS 2: a file's blocks, a list from its last to its first. The block at index n (from 1) begins with
 * pointers to the blocks at n - 1, n - 2, n - 4 … as long as the power of two divides n; the first has none.
 * Facts: DESIGN.md, "CTZ skip-lists"; lfs_ctz_index in lfs.c. */
#include "flash/littlefs.h"

#include "base/bytes.h"

size_t wtr_lfs_ctz_pointers(uint32_t index)
{
    size_t n = 1;
    if (index == 0)
        return 0;
    for (; (index & 1) == 0; index >>= 1)
        n++;
    return 4 * n;
}

/* The index of the block that holds the byte at `offset`. */
static uint32_t index_of(uint32_t block_size, uint32_t offset)
{
    uint32_t body = block_size - 8;
    uint32_t i = offset / body;
    if (i == 0)
        return 0;
    return (offset - 4 * (wtr_lfs_popcount(i - 1) + 2)) / body;
}

/* Whether each pointer of a block agrees with the list. */
static bool pointers_agree(const uint8_t *block, uint32_t index, const uint32_t *blocks)
{
    size_t n = wtr_lfs_ctz_pointers(index) / 4;
    for (size_t i = 0; i < n; i++) {
        if (wtr_le32(block + 4 * i) != blocks[index - (1u << i)])
            return false;
    }
    return true;
}

uint32_t wtr_lfs_ctz(const struct wtr_lfs_shape *shape, uint32_t head, uint32_t size, uint32_t *blocks)
{
    if (size == 0)
        return 0;
    uint32_t last = index_of(shape->block_size, size - 1);
    if (last >= shape->block_count)
        return 0;
    for (uint32_t index = last;; index--) {
        const uint8_t *block = wtr_lfs_bytes(shape, head);
        if (!block)
            return 0;
        blocks[index] = head;
        if (index == 0)
            break;
        head = wtr_le32(block);
    }
    for (uint32_t index = 1; index <= last; index++) {
        if (!pointers_agree(wtr_lfs_bytes(shape, blocks[index]), index, blocks))
            return 0;
    }
    return last + 1;
}
