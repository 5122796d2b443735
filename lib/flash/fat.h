/* SPDX-License-Identifier: Apache-2.0 */
/* FAT12 and FAT16 from the inside: geometry, clusters and directory slots, under ESP-IDF's wear levelling or
 * without it. */
#ifndef WTR_FLASH_FAT_H
#define WTR_FLASH_FAT_H

#include "flash/wear.h"

#include "base/text.h"

enum {
    WTR_FAT_SLOT = 32,
    WTR_FAT_DELETED = 0xe5,
    WTR_FAT_FIRST_CLUSTER = 2,
    WTR_FAT_ATTR_VOLUME = 0x08,
    WTR_FAT_ATTR_DIRECTORY = 0x10,
    WTR_FAT_ATTR_LONG = 0x0f,
    WTR_FAT_NAME_MAX = 255 * 3, /* a long name in UTF-8 */
};

struct wtr_fat_shape {
    const uint8_t *bytes;
    size_t length;
    size_t start; /* of the file system, where there is no wear levelling */
    struct wtr_wear wear;
    bool has_wear;
    size_t sector;
    size_t cluster; /* bytes */
    size_t table;   /* of the first allocation table */
    size_t table_length;
    size_t tables;
    size_t root; /* of the root directory */
    size_t root_slots;
    size_t data;     /* of cluster 2 */
    size_t clusters; /* and two */
    size_t total;    /* bytes of the file system */
    bool wide;       /* FAT16 */
    bool doubtful;   /* no table stands where the boot sector says, or the volume is too small */
};

/* Whether a boot sector with a sound geometry stands at `boot` of the bytes. */
bool wtr_fat_boot(struct wtr_fat_shape *shape, const uint8_t *bytes, size_t length, size_t boot);
/* Reads a volume's geometry, through wear levelling where there is any. */
bool wtr_fat_shape_of(struct wtr_fat_shape *shape, const uint8_t *bytes, size_t length);
/* Where byte `at` of the file system lies, and how many from there on lie together; SIZE_MAX: not here. */
size_t wtr_fat_place(const struct wtr_fat_shape *shape, size_t at, size_t *together);
/* What an allocation table, the first or its copy, says of a cluster. 0: free, or not to be read. */
uint32_t wtr_fat_next(const struct wtr_fat_shape *shape, size_t table, uint32_t cluster);
/* Whether table and copy say the same of a cluster. */
bool wtr_fat_agrees(const struct wtr_fat_shape *shape, uint32_t cluster);
static inline size_t wtr_fat_cluster_at(const struct wtr_fat_shape *shape, uint32_t cluster)
{
    return shape->data + (size_t)(cluster - WTR_FAT_FIRST_CLUSTER) * shape->cluster;
}
static inline bool wtr_fat_is_cluster(const struct wtr_fat_shape *shape, uint32_t cluster)
{
    return cluster >= WTR_FAT_FIRST_CLUSTER && cluster < shape->clusters;
}

/* A long name that is being put together from its slots, which stand before the file's own. */
struct wtr_fat_long {
    uint8_t units[20 * 26]; /* UTF-16, the parts in their order */
    size_t parts;
    bool used[20];
    uint8_t sum;
    bool begun;
    bool deleted;
};

/* One more slot of a long name. */
void wtr_fat_long_part(struct wtr_fat_long *name, const uint8_t *slot);
/* The file's name, long if a whole one goes with the slot: `name` has room for WTR_FAT_NAME_MAX. A deleted
 * file's short name lacks its first letter, which is given as '?'. */
struct wtr_text wtr_fat_name(const struct wtr_fat_long *long_name, const uint8_t *slot, char *name);

#endif
