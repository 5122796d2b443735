/* SPDX-License-Identifier: Apache-2.0 */
/* LittleFS 2: metadata blocks as tags, and the superblock. Facts: SPEC.md, lfs_dir_fetchmatch in lfs.c.
 *
 * Tags are chained by exclusive or, and each commit ends in a CRC-32 over itself. littlefs stops at the first
 * commit that does not hold; this reader goes on as long as the chain does, so that one bad byte costs one
 * commit. A bit that is wrong in a tag stays wrong in all later ones: after a damaged commit only those count
 * in which each tag is one that the specification knows. */
#include "flash/littlefs.h"

#include "base/bytes.h"

#include <zlib.h>

enum { SUPERBLOCK_STRUCT = 24, MAGIC_MAX = 16, VERSION_2_0 = 0x00020000, VERSION_2_1 = 0x00020001 };

/* littlefs's CRC-32 has no final exclusive or. */
static uint32_t crc_on(uint32_t crc, const uint8_t *bytes, size_t length)
{
    return ~(uint32_t)crc32_z(~crc, bytes, length);
}

static bool is_known(const struct wtr_lfs_tag *tag)
{
    switch (tag->type) {
    case WTR_LFS_REG:
    case WTR_LFS_DIR:
    case WTR_LFS_INLINE:
    case WTR_LFS_CREATE:
    case WTR_LFS_DELETE:
        return tag->id < WTR_LFS_IDS;
    case WTR_LFS_DIRSTRUCT:
    case WTR_LFS_CTZ:
        return tag->id < WTR_LFS_IDS && (tag->gone || tag->length == 8);
    case WTR_LFS_SUPERBLOCK:
        return tag->length == 8;
    case WTR_LFS_SOFTTAIL:
    case WTR_LFS_HARDTAIL:
    case WTR_LFS_FCRC:
        return tag->gone || tag->length == 8;
    case WTR_LFS_MOVESTATE:
        return tag->gone || tag->length == 12;
    default:
        return tag->type >> 8 == WTR_LFS_ATTR >> 8;
    }
}

/* Ends the commit whose tags begin at `first`: they are sound if its checksum holds and, after a damaged one,
 * each makes sense. False: the chain of tags is lost. */
static bool end_commit(struct wtr_lfs_block *block, size_t first, bool holds, bool crc_fits)
{
    bool sense = crc_fits;
    for (size_t i = first; i < block->count && block->damaged && sense; i++)
        sense = is_known(&block->tags[i]);
    bool sound = holds && (sense || !block->damaged);
    for (size_t i = first; i < block->count; i++) {
        block->tags[i].sound = sound;
        block->tags[i].alone = block->damaged;
    }
    if (block->commits == 0)
        block->began = sound;
    if (sound)
        block->trusted = block->count;
    block->damaged = block->damaged || !sound;
    block->commits++;
    return sense || !block->damaged;
}

/* Reads commit after commit, until a tag is not valid: erased, or lost. */
static void read_commits(const uint8_t *bytes, size_t size, struct wtr_lfs_block *block)
{
    uint32_t previous = 0xffffffff, crc = crc_on(0xffffffff, bytes, 4);
    size_t first = 0;
    block->end = 4;
    for (size_t at = 4; size - at >= 4;) {
        uint32_t word = wtr_be32(bytes + at) ^ previous;
        size_t length = word & 0x3ff;
        struct wtr_lfs_tag tag = {.type = (uint16_t)(word >> 20 & 0x7ff),
                                  .id = (uint16_t)(word >> 10 & 0x3ff),
                                  .length = length == WTR_LFS_NONE ? 0 : (uint16_t)length,
                                  .gone = length == WTR_LFS_NONE,
                                  .at = (uint32_t)at + 4,
                                  .commit = block->commits};
        if (word >> 31 || tag.length > size - at - 4)
            return;
        crc = crc_on(crc, bytes + at, 4);
        previous = word;
        if ((tag.type & 0x780) == WTR_LFS_CRC) {
            bool fits = tag.id == WTR_LFS_NO_ID && tag.length >= 4 && tag.type <= WTR_LFS_CRC + 1;
            bool holds = tag.length >= 4 && wtr_le32(bytes + tag.at) == crc;
            if (!end_commit(block, first, holds, fits))
                return;
            first = block->count;
            previous ^= (uint32_t)(tag.type & 1) << 31;
            crc = 0xffffffff;
            block->end = tag.at + tag.length;
        } else {
            crc = crc_on(crc, bytes + tag.at, tag.length);
            block->tags[block->count++] = tag;
        }
        at += 4 + (size_t)tag.length;
    }
}

bool wtr_lfs_read_block(const uint8_t *bytes, size_t size, struct wtr_lfs_block *block)
{
    struct wtr_lfs_tag *tags = block->tags;
    uint32_t number = block->number;
    *block = (struct wtr_lfs_block){.number = number, .tags = tags, .revision = wtr_le32(bytes)};
    read_commits(bytes, size, block);
    for (size_t at = block->end; at < size && !block->lost; at++)
        block->lost = bytes[at] != 0xff;
    return block->began || block->commits > 0;
}

bool wtr_lfs_is_metadata(const uint8_t *bytes, size_t size)
{
    uint32_t previous = 0xffffffff, crc = crc_on(0xffffffff, bytes, 4);
    for (size_t at = 4; size - at >= 4;) {
        uint32_t word = wtr_be32(bytes + at) ^ previous;
        size_t length = (word & 0x3ff) == WTR_LFS_NONE ? 0 : word & 0x3ff;
        if (word >> 31 || length > size - at - 4)
            return false;
        crc = crc_on(crc, bytes + at, 4);
        if ((word >> 20 & 0x780) == WTR_LFS_CRC)
            return length >= 4 && wtr_le32(bytes + at + 4) == crc;
        crc = crc_on(crc, bytes + at + 4, length);
        previous = word;
        at += 4 + length;
    }
    return false;
}

/* Where the word "littlefs" stands in a superblock: behind the revision and one tag or two. */
static size_t magic_at(const uint8_t *bytes, size_t left)
{
    for (size_t at = 8; at <= MAGIC_MAX && left >= at + 12 + SUPERBLOCK_STRUCT; at += 4) {
        if (memcmp(bytes + at, "littlefs", 8) == 0)
            return at;
    }
    return 0;
}

bool wtr_lfs_superblock(struct wtr_lfs_shape *shape, const uint8_t *bytes, size_t length, size_t at)
{
    size_t magic = at < length ? magic_at(bytes + at, length - at) : 0;
    if (!magic)
        return false;
    const uint8_t *fields = bytes + at + magic + 12;
    uint32_t size = wtr_le32(fields + 4), count = wtr_le32(fields + 8);
    *shape = (struct wtr_lfs_shape){bytes, length, size, count, wtr_le32(fields)};
    return (shape->version == VERSION_2_0 || shape->version == VERSION_2_1) && size >= WTR_LFS_MIN_BLOCK &&
           size <= WTR_LFS_MAX_BLOCK && (size & (size - 1)) == 0 && count >= 2;
}

bool wtr_lfs_shape_of(struct wtr_lfs_shape *shape, const uint8_t *bytes, size_t length)
{
    struct wtr_lfs_shape first, second;
    bool has_first = wtr_lfs_superblock(&first, bytes, length, 0);
    if (has_first && wtr_lfs_is_metadata(bytes, length < first.block_size ? length : first.block_size)) {
        *shape = first;
        return true;
    }
    for (size_t size = WTR_LFS_MIN_BLOCK; size <= WTR_LFS_MAX_BLOCK; size *= 2) {
        if (!wtr_lfs_superblock(&second, bytes, length, size) || second.block_size != size)
            continue;
        size_t left = length - size < size ? length - size : size;
        if (wtr_lfs_is_metadata(bytes + size, left) || !has_first) {
            *shape = second;
            return true;
        }
    }
    *shape = first;
    return has_first;
}
