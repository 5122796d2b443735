/* SPDX-License-Identifier: Apache-2.0 */
/* SPIFFS: how a volume is divided. The file system does not say; whoever built it knew. Page and block sizes
 * show in the mark of each block (0x20140529 ^ page size ^ blocks to the end, its low half) or, without
 * marks, in tables that agree with the headers of their pages. Where the list of pages begins in an index
 * page shows in lists that lead to pages of their file. Facts: spiffs_nucleus.h (SPIFFS_MAGIC,
 * spiffs_page_header). */
#include "flash/spiffs.h"

#include "base/bytes.h"

enum {
    MAGIC = 0x0529,
    MAX_LIST_AT = 160, /* longest names and metadata that are tried */
    MIN_LIST_AT = 20,
    MIN_AGREE = 3, /* pages that must agree with their table where no mark helps */
    SCORED = 64,   /* files that are enough to know where lists begin */
};

static const uint16_t page_sizes[] = {256, 512, 128, 1024};
static const uint32_t block_sizes[] = {4096, 8192, 16384, 32768, 65536};

enum {
    PAGE_SIZES = sizeof page_sizes / sizeof page_sizes[0],
    BLOCK_SIZES = sizeof block_sizes / sizeof block_sizes[0],
};

static void divide(struct wtr_spiffs_shape *shape, const uint8_t *bytes, size_t length, size_t page,
                   size_t block)
{
    *shape = (struct wtr_spiffs_shape){
        .bytes = bytes, .length = length, .page = page, .block = block, .pages_per_block = block / page};
    shape->lookup_pages = shape->pages_per_block * 2 / page;
    shape->lookup_pages = shape->lookup_pages > 0 ? shape->lookup_pages : 1;
    shape->pages = length / page;
}

bool wtr_spiffs_is_lookup(const struct wtr_spiffs_shape *shape, size_t page)
{
    return page % shape->pages_per_block < shape->lookup_pages;
}

struct wtr_spiffs_page wtr_spiffs_page_at(const struct wtr_spiffs_shape *shape, size_t page)
{
    size_t first = page / shape->pages_per_block * shape->pages_per_block;
    size_t entry = page - first - shape->lookup_pages;
    const uint8_t *at = shape->bytes + page * shape->page;
    uint16_t id = wtr_le16(at);
    uint8_t flags = at[4];
    /* On memory that is no flash, as that of a program that makes images, deleting clears the other marks. */
    bool gone = (flags & 0x81) == 0;
    struct wtr_spiffs_page p = {.id = id & 0x7fff,
                                .span = wtr_le16(at + 2),
                                .lookup = wtr_le16(shape->bytes + first * shape->page + 2 * entry),
                                .used = (flags & 1) == 0,
                                .final = (flags & 2) == 0 || gone,
                                .index = (flags & 4) == 0 || (gone && (id & WTR_SPIFFS_ID_INDEX)),
                                .deleted = (flags & 0x80) == 0,
                                .removed = (flags & 0x40) == 0};
    p.agrees = p.lookup == (p.deleted ? WTR_SPIFFS_ID_DELETED : id) &&
               ((id & WTR_SPIFFS_ID_INDEX) != 0) == p.index && p.used;
    return p;
}

uint16_t wtr_spiffs_erased(const struct wtr_spiffs_shape *shape, size_t block)
{
    size_t at = block * shape->block + shape->lookup_pages * shape->page - 2;
    return at + 2 <= shape->length ? wtr_le16(shape->bytes + at) : 0xffff;
}

size_t wtr_spiffs_blocks_left(const struct wtr_spiffs_shape *shape, const uint8_t *bytes, size_t length,
                              size_t at)
{
    size_t mark = at + shape->lookup_pages * shape->page - 4;
    if (mark + 2 > length)
        return 0;
    return (size_t)(wtr_le16(bytes + mark) ^ MAGIC ^ (uint16_t)shape->page);
}

/* Whether marks count down to the end from block to block. */
static bool counts_down(const struct wtr_spiffs_shape *shape, const uint8_t *bytes, size_t length, size_t at)
{
    size_t left = wtr_spiffs_blocks_left(shape, bytes, length, at);
    if (left == 0 || left > 4096)
        return false;
    size_t steps = left - 1 < 2 ? left - 1 : 2;
    for (size_t i = 1; i <= steps; i++) {
        size_t next = at + i * shape->block;
        if (next >= length)
            break;
        if (wtr_spiffs_blocks_left(shape, bytes, length, next) != left - i)
            return false;
    }
    return steps > 0 && at + shape->block < length;
}

/* Pages of a block that agree with its table; 0 where some do not. */
static size_t agreeing(const struct wtr_spiffs_shape *shape, size_t block)
{
    size_t first = block * shape->pages_per_block, n = 0;
    for (size_t page = first + shape->lookup_pages;
         page < first + shape->pages_per_block && page < shape->pages; page++) {
        struct wtr_spiffs_page p = wtr_spiffs_page_at(shape, page);
        if (p.lookup == WTR_SPIFFS_ID_FREE)
            continue;
        if (!p.agrees)
            return 0;
        n++;
    }
    return n;
}

bool wtr_spiffs_try(struct wtr_spiffs_shape *shape, const uint8_t *bytes, size_t length, size_t at)
{
    for (size_t p = 0; p < PAGE_SIZES; p++) {
        for (size_t b = 0; b < BLOCK_SIZES && at < length; b++) {
            divide(shape, bytes + at, length - at, page_sizes[p], block_sizes[b]);
            shape->magic = counts_down(shape, bytes, length, at);
            if (shape->magic)
                return true;
        }
    }
    return false;
}

/* Without a mark that holds: the sizes in which most blocks agree with their tables. */
static bool divide_by_pages(struct wtr_spiffs_shape *best, const uint8_t *bytes, size_t length)
{
    size_t most = MIN_AGREE - 1;
    for (size_t p = 0; p < PAGE_SIZES; p++) {
        for (size_t b = 0; b < BLOCK_SIZES; b++) {
            struct wtr_spiffs_shape shape;
            size_t n = 0;
            divide(&shape, bytes, length, page_sizes[p], block_sizes[b]);
            for (size_t block = 0; block < shape.pages / shape.pages_per_block; block++)
                n += agreeing(&shape, block);
            if (n > most) {
                most = n;
                *best = shape;
            }
        }
    }
    return most >= MIN_AGREE;
}

/* How many of a file's pages are found when its list begins at `at`. */
static size_t list_score(const struct wtr_spiffs_shape *shape, size_t page, size_t at)
{
    const uint8_t *bytes = shape->bytes + page * shape->page;
    uint16_t id = wtr_le16(bytes) & 0x7fff;
    uint32_t size = wtr_le32(bytes + WTR_SPIFFS_SIZE_AT);
    size_t n = size == UINT32_MAX ? 0 : (size + wtr_spiffs_data(shape) - 1) / wtr_spiffs_data(shape),
           score = 0;
    for (size_t span = 0; span < n && at + 2 * span + 2 <= shape->page; span++) {
        size_t data = wtr_le16(bytes + at + 2 * span);
        if (data >= shape->pages || wtr_spiffs_is_lookup(shape, data))
            break;
        struct wtr_spiffs_page p = wtr_spiffs_page_at(shape, data);
        if (p.id != id || p.span != span || p.index)
            break;
        score++;
    }
    return score;
}

static void find_list(struct wtr_spiffs_shape *shape)
{
    size_t scores[MAX_LIST_AT + 1] = {0}, files = 0;
    for (size_t page = 0; page < shape->pages && files < SCORED; page++) {
        if (wtr_spiffs_is_lookup(shape, page))
            continue;
        struct wtr_spiffs_page p = wtr_spiffs_page_at(shape, page);
        if (!p.used || !p.index || p.span != 0)
            continue;
        files++;
        for (size_t at = MIN_LIST_AT; at <= MAX_LIST_AT && at < shape->page; at++)
            scores[at] += list_score(shape, page, at);
    }
    shape->table_at = 0;
    for (size_t at = MIN_LIST_AT; at <= MAX_LIST_AT; at++) {
        if (scores[at] > scores[shape->table_at])
            shape->table_at = at;
    }
}

/* Name and metadata before the list, for the builds that are known: ESP-IDF, Arduino, Mongoose OS. The list
 * is at an even place where the build asks for that. */
static void name_fields(struct wtr_spiffs_shape *shape)
{
    static const uint8_t known[][2] = {{32, 4}, {32, 0}, {48, 8}, {64, 4}, {64, 0}};
    if (shape->table_at == 0)
        shape->table_at = WTR_SPIFFS_NAME_AT + 32 + 4 + 1;
    shape->name_length = shape->table_at - WTR_SPIFFS_NAME_AT;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t end = (size_t)WTR_SPIFFS_NAME_AT + known[i][0] + known[i][1];
        if (end != shape->table_at && end + end % 2 != shape->table_at)
            continue;
        shape->name_length = known[i][0];
        shape->meta_length = known[i][1];
        return;
    }
}

bool wtr_spiffs_shape_of(struct wtr_spiffs_shape *shape, const uint8_t *bytes, size_t length)
{
    bool found = false;
    for (size_t at = 0; at < length && !found; at += WTR_FLASH_SECTOR) {
        found = wtr_spiffs_try(shape, bytes, length, at) && at % shape->block == 0;
        if (found) {
            size_t page = shape->page, block = shape->block;
            divide(shape, bytes, length, page, block);
            shape->magic = true;
        }
    }
    if (!found && !divide_by_pages(shape, bytes, length))
        return false;
    find_list(shape);
    name_fields(shape);
    return true;
}
