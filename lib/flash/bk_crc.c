/* SPDX-License-Identifier: Apache-2.0 */
/* The code layer of Beken's BK72xx chips. The hardware reads code in units of 34 bytes: 32 bytes, then their
 * CRC-16 (polynomial 0x8005, not reflected, begun with 0xFFFF, big-endian). So byte n of the code is at
 * n / 32 * 34 + n % 32 of the flash. The code itself is masked besides; that is left as it is: what is wanted
 * here are the RBL headers, which are in clear. Checked on the dumps of four BK7231N, in which every unit of
 * boot loader and application holds its sum.
 *
 * Which chip it is shows in the place where the application's RBL header ends its partition: before 0x12A000
 * on BK7231N, before 0x132000 on BK7231T (Tuya's and Beken's own layouts). */
#include "flash/bk_crc.h"

#include "base/bytes.h"
#include "flash/formats.h"

enum {
    UNIT = WTR_BK_UNIT,
    DATA = WTR_BK_UNIT_DATA,
    ENOUGH = 3, /* units in a row: by chance once in 2^48 places */
    RBL_UNITS = 3,
    MOST_ASTRAY = 16384, /* bytes that are neither units nor erased end the layer */
    PARTITION_END_N = 0x12A000,
    PARTITION_END_T = 0x132000
};

const struct wtr_opening wtr_bk_undone = {"bk-crc16", true, NULL, NULL};

struct table {
    uint16_t of[256];
};

static void make_table(struct table *table)
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned crc = i << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? crc << 1 ^ 0x8005 : crc << 1;
        table->of[i] = (uint16_t)crc;
    }
}

static bool is_unit(const struct table *table, const uint8_t *unit)
{
    unsigned crc = 0xffff;
    for (size_t i = 0; i < DATA; i++)
        crc = (crc << 8 & 0xff00) ^ table->of[(crc >> 8 ^ unit[i]) & 0xff];
    return crc == wtr_be16(unit + DATA);
}

static bool is_erased(const uint8_t *unit)
{
    for (size_t i = 0; i < UNIT; i++)
        if (unit[i] != 0xff)
            return false;
    return true;
}

/* How many units in a row are at `at`; no more than `most` are looked at. */
static size_t row_at(const struct table *table, const uint8_t *bytes, size_t length, size_t at, size_t most)
{
    size_t n = 0;
    while (n < most && length - at >= (n + 1) * UNIT && is_unit(table, bytes + at + n * UNIT))
        n++;
    return n;
}

/* The first place within the first unit's length from which there are enough; UNIT: none. */
static size_t phase_of(const struct table *table, const uint8_t *bytes, size_t length)
{
    size_t phase = 0;
    while (phase < UNIT && (phase >= length || row_at(table, bytes, length, phase, ENOUGH) < ENOUGH))
        phase++;
    return phase;
}

/* Where the layer ends: behind its last row of units. */
static size_t end_of(const struct table *table, const uint8_t *bytes, size_t length, size_t at)
{
    size_t end = at, row = 0, astray = 0;
    for (; length - at >= UNIT && astray < MOST_ASTRAY; at += UNIT) {
        if (is_erased(bytes + at)) {
            row = 0;
        } else if (is_unit(table, bytes + at)) {
            if (++row >= ENOUGH) {
                end = at + UNIT;
                astray = 0;
            }
        } else {
            row = 0;
            astray += UNIT;
        }
    }
    return end;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    struct table table;
    (void)keys;
    if (at > length || length - at < UNIT || is_erased(image + at))
        return find;
    make_table(&table);
    size_t phase = phase_of(&table, image + at, length - at);
    if (phase == UNIT)
        return find;
    find.bid = WTR_FLASH_CERTAIN;
    find.length = end_of(&table, image + at, length - at, phase);
    return find;
}

bool wtr_bk_undo(struct wtr_gather *gather, const struct wtr_span *from, size_t at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!wtr_gather_add(gather, from, at + i * UNIT, DATA))
            return false;
    return true;
}

/* An RBL header in the units at `at`. */
static void read_header(const struct wtr_volume *volume, const struct wtr_flash_sink *sink, size_t at)
{
    struct wtr_gather gather = {0};
    if (volume->span.length - at >= (size_t)RBL_UNITS * UNIT &&
        wtr_bk_undo(&gather, &volume->span, at, RBL_UNITS)) {
        struct wtr_volume undone = *volume;
        undone.span = wtr_gather_span(&gather, &wtr_bk_undone);
        wtr_flash_rbl.read(&undone, sink);
    }
    wtr_gather_free(&gather);
}

static void find_damage(const struct wtr_volume *volume, const struct wtr_flash_sink *sink, size_t from,
                        size_t to)
{
    if (to > from)
        sink->finding(sink->payload, volume, from, to - from, "the sums of the code do not hold");
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    const uint8_t *bytes = volume->span.bytes;
    const size_t length = volume->span.length;
    struct table table;
    make_table(&table);
    size_t at = phase_of(&table, bytes, length), good = at;
    if (at == UNIT) {
        at = good = 0; /* its first units are damaged: they are where the layer begins */
    }
    for (; length - at >= UNIT && at < length; at += UNIT) {
        bool header = memcmp(bytes + at, "RBL", 4) == 0;
        if (header)
            read_header(volume, sink, at);
        if (!is_unit(&table, bytes + at) && !is_erased(bytes + at))
            continue;
        find_damage(volume, sink, good, at);
        good = at + UNIT;
    }
    find_damage(volume, sink, good, at < length ? at : length);
}

static const char *kind_of(const struct wtr_volume *volume)
{
    const uint8_t *bytes = volume->span.bytes;
    for (size_t at = 0; at + (size_t)RBL_UNITS * UNIT <= volume->span.length; at++) {
        const uint8_t *found = memchr(bytes + at, 'R', volume->span.length - at);
        if (!found)
            break;
        at = (size_t)(found - bytes);
        uint64_t place = volume->offset + at;
        if (volume->span.length - at < 4 || memcmp(found, "RBL", 4) != 0)
            continue;
        if (place / WTR_FLASH_SECTOR == PARTITION_END_N / WTR_FLASH_SECTOR - 1)
            return "BK7231N";
        if (place / WTR_FLASH_SECTOR == PARTITION_END_T / WTR_FLASH_SECTOR - 1)
            return "BK7231T";
    }
    return "BK72xx";
}

const struct wtr_flash_format wtr_flash_bk_crc = {
    .name = "bk-crc",
    .probe = probe,
    .read = read_volume,
    .kind = kind_of,
};
