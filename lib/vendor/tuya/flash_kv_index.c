/* SPDX-License-Identifier: Apache-2.0 */
/* An index page of Tuya's key/value store (bk7231tools 2.1.2 analysis/kvstorage.py; holds on five devices):
 *
 *     u32 sum of the value, u32 length, u16 own block, u8 own page, u16 number of parts, u32 element,
 *     u8 length of the name with its NUL, name, parts {u16 block, u8 first page, u8 last page}
 *
 * "element" looks like an address in memory and orders nothing. Some firmware is said to give the parts'
 * bytes in place of their number; then only a quarter of it makes the pages that the value needs. */
#include "vendor/tuya/flash_kv.h"

#include "base/bytes.h"

enum { HEAD = 18, PART = 4, MOST_NAME = 64, PAGE = WTR_TUYA_KV_PAGE };

static size_t pages_needed(uint32_t length)
{
    return length == 0 ? 1 : (length - 1) / PAGE + 1;
}

/* Whether so many parts fit into the page and make as many pages as the value needs. */
static bool parts_fit(const struct wtr_tuya_kv_index *index, size_t count, size_t room)
{
    size_t pages = 0;
    if (count == 0 || count > room / PART)
        return false;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *part = index->parts + i * PART;
        if (part[2] == 0 || part[2] > part[3] || part[3] >= WTR_TUYA_KV_PAGES)
            return false;
        pages += (size_t)(part[3] - part[2]) + 1;
    }
    return pages == pages_needed(index->length);
}

static bool is_name(struct wtr_text name)
{
    for (size_t i = 0; i < name.length; i++)
        if (name.data[i] <= ' ' || name.data[i] > '~')
            return false;
    return name.length > 0;
}

bool wtr_tuya_kv_index(const uint8_t *sector, size_t page, uint16_t *block, struct wtr_tuya_kv_index *index)
{
    const uint8_t *p = sector + page * PAGE;
    size_t name = p[HEAD - 1], stated = wtr_le16(p + 11);
    *block = wtr_le16(p + 8);
    if (p[10] != page || name < 2 || name > MOST_NAME || p[HEAD + name - 1] != 0)
        return false;
    *index = (struct wtr_tuya_kv_index){
        .name = wtr_text_of(p + HEAD, name - 1),
        .sum = wtr_le32(p),
        .length = wtr_le32(p + 4),
        .parts = p + HEAD + name,
    };
    size_t room = PAGE - HEAD - name;
    index->count = parts_fit(index, stated, room)                                ? stated
                   : stated % PART == 0 && parts_fit(index, stated / PART, room) ? stated / PART
                                                                                 : 0;
    return index->count > 0 && is_name(index->name);
}
