/* SPDX-License-Identifier: Apache-2.0 */
/* The index of Tuya's file area: +0 u32 magic, +4 u32 sum of bytes 8 to 4095, +8 u32 counter of writes, +14
 * u16 number of files, +16 entries of 100 bytes. The entry of a file that is gone stays behind the last one
 * until it is written over (seen once). */
#include "vendor/tuya/flash_uf.h"

#include "base/bytes.h"
#include "vendor/tuya/flash_kv.h"

enum { HEAD = 16, SLOT = 100, NAME = 32, LISTED = 16 };
static const uint32_t index_magic = 0x98764321;

bool wtr_tuya_uf_is_index(const uint8_t *block)
{
    return wtr_le32(block) == index_magic;
}

bool wtr_tuya_uf_index_sound(const uint8_t *block)
{
    return wtr_tuya_uf_is_index(block) &&
           wtr_le32(block + 4) == wtr_tuya_sum(block + 8, WTR_TUYA_UF_BLOCK - 8);
}

/* A name ends with NUL and is followed by nothing else. */
static bool read_name(const uint8_t *slot, struct wtr_text *name)
{
    size_t n = 0;
    while (n < NAME && slot[n] > ' ' && slot[n] <= '~')
        n++;
    *name = wtr_text_of(slot, n);
    for (size_t i = n; i < NAME; i++)
        if (slot[i] != 0)
            return false;
    return n > 0 && n < NAME;
}

bool wtr_tuya_uf_slot(const uint8_t *block, size_t slot, size_t blocks, struct wtr_tuya_uf_file *file)
{
    const uint8_t *p = block + HEAD + slot * SLOT;
    *file = (struct wtr_tuya_uf_file){.size = wtr_le32(p + NAME)};
    if (!read_name(p, &file->name) || file->size > LISTED * WTR_TUYA_UF_BLOCK)
        return false;
    for (; file->count < LISTED; file->count++) {
        uint32_t n = wtr_le32(p + NAME + 4 + file->count * 4);
        if (n == 0)
            break;
        if (n < WTR_TUYA_UF_INDEXES || n >= blocks)
            return false;
        file->blocks[file->count] = (uint8_t)n;
    }
    return file->count * WTR_TUYA_UF_BLOCK >= file->size;
}
