/* SPDX-License-Identifier: Apache-2.0 */
/* FAT: names, short and long. A long name stands in slots of thirteen UTF-16 units before the file's own, the
 * last part first, each with a sum over the short name. Deleting overwrites the first byte of every slot: of
 * a long name its number, of a short one its first letter. Facts: fatgen103, "Long File Name Implementation".
 */
#include "flash/fat.h"

#include "base/bytes.h"

enum { UNITS = 13, PART = 2 * UNITS, PARTS = 20 };
enum { LAST = 0x40, AT_SUM = 13, AT_CASE = 12, LOWER_STEM = 8, LOWER_EXTENSION = 16 };

static const uint8_t unit_at[UNITS] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};

void wtr_fat_long_part(struct wtr_fat_long *name, const uint8_t *slot)
{
    bool deleted = slot[0] == WTR_FAT_DELETED;
    if (deleted) {
        /* Numberless: the parts come last first, and the next one goes before those that there are. */
        if (!name->begun || !name->deleted || name->sum != slot[AT_SUM])
            *name = (struct wtr_fat_long){.begun = true, .deleted = true, .sum = slot[AT_SUM]};
        if (name->parts == PARTS)
            return;
        memmove(name->units + PART, name->units, name->parts * PART);
        name->used[name->parts++] = true;
        for (size_t i = 0; i < UNITS; i++)
            memcpy(name->units + 2 * i, slot + unit_at[i], 2);
        return;
    }
    size_t number = slot[0] & 0x3f;
    if (number == 0 || number > PARTS) {
        *name = (struct wtr_fat_long){0};
        return;
    }
    if (slot[0] & LAST)
        *name = (struct wtr_fat_long){.begun = true, .parts = number, .sum = slot[AT_SUM]};
    if (!name->begun || name->deleted || number > name->parts || name->sum != slot[AT_SUM])
        return;
    name->used[number - 1] = true;
    for (size_t i = 0; i < UNITS; i++)
        memcpy(name->units + PART * (number - 1) + 2 * i, slot + unit_at[i], 2);
}

static uint8_t sum_of(const uint8_t *slot, uint8_t first)
{
    uint8_t sum = first;
    for (size_t i = 1; i < 11; i++)
        sum = (uint8_t)((sum << 7 | sum >> 1) + slot[i]);
    return sum;
}

static size_t put_unit(char *to, uint32_t unit)
{
    if (unit < 0x80) {
        to[0] = (char)unit;
        return 1;
    }
    if (unit < 0x800) {
        to[0] = (char)(0xc0 | unit >> 6);
        to[1] = (char)(0x80 | (unit & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | unit >> 12);
    to[1] = (char)(0x80 | (unit >> 6 & 0x3f));
    to[2] = (char)(0x80 | (unit & 0x3f));
    return 3;
}

/* The long name in UTF-8; a unit of a surrogate pair becomes '?'. Empty: it is not whole. */
static struct wtr_text long_text(const struct wtr_fat_long *l, char *name)
{
    size_t length = 0;
    for (size_t part = 0; part < l->parts; part++) {
        if (!l->used[part])
            return (struct wtr_text){0};
    }
    for (size_t i = 0; i < l->parts * UNITS && length + 3 <= WTR_FAT_NAME_MAX; i++) {
        uint32_t unit = wtr_le16(l->units + 2 * i);
        if (unit == 0)
            break;
        length += put_unit(name + length, unit >= 0xd800 && unit < 0xe000 ? '?' : unit);
    }
    return wtr_text_of(name, length);
}

/* Whether the long name belongs to the short one. Of a deleted one the first letter is gone: any that gives
 * the sum will do, if it is the long name's own first letter. */
static bool goes_with(const struct wtr_fat_long *l, const uint8_t *slot)
{
    if (!l->begun || l->deleted != (slot[0] == WTR_FAT_DELETED))
        return false;
    if (!l->deleted)
        return sum_of(slot, slot[0]) == l->sum;
    uint8_t first = l->units[0];
    return l->units[1] == 0 &&
           sum_of(slot, first >= 'a' && first <= 'z' ? (uint8_t)(first - 32) : first) == l->sum;
}

static size_t put_part(char *to, const uint8_t *from, size_t length, bool lower)
{
    while (length > 0 && from[length - 1] == ' ')
        length--;
    for (size_t i = 0; i < length; i++)
        to[i] = (char)(lower && from[i] >= 'A' && from[i] <= 'Z' ? from[i] + 32 : from[i]);
    return length;
}

static struct wtr_text short_text(const uint8_t *slot, char *name)
{
    size_t length = put_part(name, slot, 8, slot[AT_CASE] & LOWER_STEM);
    if (slot[0] == WTR_FAT_DELETED)
        name[0] = '?';
    else if (slot[0] == 0x05) /* a first letter that would look deleted */
        name[0] = (char)WTR_FAT_DELETED;
    size_t extension = put_part(name + length + 1, slot + 8, 3, slot[AT_CASE] & LOWER_EXTENSION);
    if (extension > 0)
        name[length++] = '.';
    return wtr_text_of(name, length + extension);
}

struct wtr_text wtr_fat_name(const struct wtr_fat_long *long_name, const uint8_t *slot, char *name)
{
    if (goes_with(long_name, slot)) {
        struct wtr_text text = long_text(long_name, name);
        if (text.length > 0)
            return text;
    }
    return short_text(slot, name);
}
