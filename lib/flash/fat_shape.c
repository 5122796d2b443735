/* SPDX-License-Identifier: Apache-2.0 */
/* FAT12 and FAT16: geometry and allocation table. Facts: Microsoft's "FAT: General Overview of On-Disk
 * Format" (fatgen103), sections on the BPB and on determining the FAT type. */
#include "flash/fat.h"

#include "base/bytes.h"

enum { FAT12_CLUSTERS = 4085, FAT16_CLUSTERS = 65525, BOOT = 512 };

static bool is_power(size_t n)
{
    return n > 0 && (n & (n - 1)) == 0;
}

bool wtr_fat_boot(struct wtr_fat_shape *shape, const uint8_t *bytes, size_t length, size_t boot)
{
    if (boot > length || length - boot < BOOT)
        return false;
    const uint8_t *b = bytes + boot;
    size_t sector = wtr_le16(b + 11), per_cluster = b[13], reserved = wtr_le16(b + 14), tables = b[16];
    size_t slots = wtr_le16(b + 17), total = wtr_le16(b + 19) ? wtr_le16(b + 19) : wtr_le32(b + 32);
    size_t table = wtr_le16(b + 22);
    if ((b[0] != 0xeb && b[0] != 0xe9) || b[510] != 0x55 || b[511] != 0xaa || !is_power(sector) ||
        sector < 512 || sector > 4096 || !is_power(per_cluster) || reserved == 0 || tables == 0 ||
        tables > 2 || slots == 0 || table == 0 || b[21] < 0xf0)
        return false;
    size_t root_sectors = (slots * WTR_FAT_SLOT + sector - 1) / sector;
    size_t before = reserved + tables * table + root_sectors;
    if (total <= before || total > (size_t)1 << 20)
        return false;
    size_t clusters = (total - before) / per_cluster;
    *shape = (struct wtr_fat_shape){.bytes = bytes,
                                    .length = length,
                                    .start = boot,
                                    .sector = sector,
                                    .cluster = per_cluster * sector,
                                    .table = reserved * sector,
                                    .table_length = table * sector,
                                    .tables = tables,
                                    .root = (reserved + tables * table) * sector,
                                    .root_slots = slots,
                                    .data = before * sector,
                                    .clusters = clusters + WTR_FAT_FIRST_CLUSTER,
                                    .total = total * sector,
                                    .wide = clusters >= FAT12_CLUSTERS};
    size_t needed = shape->wide ? shape->clusters * 2 : (shape->clusters * 3 + 1) / 2;
    return clusters < FAT16_CLUSTERS && needed <= shape->table_length;
}

size_t wtr_fat_place(const struct wtr_fat_shape *shape, size_t at, size_t *together)
{
    size_t place = shape->has_wear ? wtr_wear_place(&shape->wear, at) : shape->start + at;
    if (at >= shape->total || place >= shape->length)
        return SIZE_MAX;
    size_t left = shape->length - place;
    *together = shape->has_wear ? WTR_FLASH_SECTOR - at % WTR_FLASH_SECTOR : shape->total - at;
    if (*together > left)
        *together = left;
    return place;
}

/* One byte of an allocation table; -1: not here. */
static int table_byte(const struct wtr_fat_shape *shape, size_t table, size_t at)
{
    size_t together, place = wtr_fat_place(shape, shape->table + table * shape->table_length + at, &together);
    return place == SIZE_MAX ? -1 : shape->bytes[place];
}

uint32_t wtr_fat_next(const struct wtr_fat_shape *shape, size_t table, uint32_t cluster)
{
    size_t at = shape->wide ? (size_t)cluster * 2 : (size_t)cluster * 3 / 2;
    int low = table_byte(shape, table, at), high = table_byte(shape, table, at + 1);
    if (low < 0 || high < 0)
        return 0;
    uint32_t word = (uint32_t)high << 8 | (uint32_t)low;
    if (shape->wide)
        return word;
    return cluster % 2 ? word >> 4 : word & 0xfff;
}

bool wtr_fat_agrees(const struct wtr_fat_shape *shape, uint32_t cluster)
{
    return shape->tables < 2 || wtr_fat_next(shape, 0, cluster) == wtr_fat_next(shape, 1, cluster);
}

/* A table begins with the medium's byte and with all bits of the next one set. */
static bool has_table(const struct wtr_fat_shape *shape, size_t boot)
{
    bool found = false;
    for (size_t table = 0; table < shape->tables; table++)
        found = found || (table_byte(shape, table, 0) == shape->bytes[boot + 21] &&
                          table_byte(shape, table, 1) == 0xff);
    return found;
}

bool wtr_fat_shape_of(struct wtr_fat_shape *shape, const uint8_t *bytes, size_t length)
{
    struct wtr_wear wear;
    size_t from = 0;
    while (wtr_wear_find(&wear, bytes, length, from, length)) {
        size_t boot = wtr_wear_place(&wear, 0);
        if (wear.start == 0 && wtr_fat_boot(shape, bytes, length, boot)) {
            shape->start = 0;
            shape->wear = wear;
            shape->has_wear = true;
            shape->doubtful = !has_table(shape, boot) || shape->total > wear.sectors * WTR_FLASH_SECTOR;
            return true;
        }
        from = wear.end;
    }
    if (!wtr_fat_boot(shape, bytes, length, 0))
        return false;
    shape->doubtful = !has_table(shape, 0);
    return true;
}
