/* SPDX-License-Identifier: Apache-2.0 */
/* SPIFFS from the inside: geometry and pages. Facts: src/spiffs_nucleus.h of SPIFFS. */
#ifndef WTR_FLASH_SPIFFS_H
#define WTR_FLASH_SPIFFS_H

#include "flash/flash.h"

enum {
    WTR_SPIFFS_HEADER = 5,       /* of each page: id, span, flags */
    WTR_SPIFFS_INDEX_HEADER = 8, /* the same, filled to a multiple of four */
    WTR_SPIFFS_SIZE_AT = 8,      /* these in a file's first index page */
    WTR_SPIFFS_TYPE_AT = 12,
    WTR_SPIFFS_NAME_AT = 13,
    WTR_SPIFFS_ID_INDEX = 0x8000,
    WTR_SPIFFS_ID_FREE = 0xffff,
    WTR_SPIFFS_ID_DELETED = 0,
};

/* How a volume is divided. */
struct wtr_spiffs_shape {
    const uint8_t *bytes;
    size_t length;
    size_t page;
    size_t block;
    size_t lookup_pages; /* at the beginning of each block */
    size_t pages_per_block;
    size_t pages;       /* in the dump */
    size_t table_at;    /* of the list of pages in a file's first index page */
    size_t name_length; /* with its NUL */
    size_t meta_length;
    bool magic; /* its blocks bear marks */
};

/* One page by its own header. */
struct wtr_spiffs_page {
    uint16_t id; /* without the bit for index pages */
    uint16_t span;
    uint16_t lookup; /* what the block's table says of it */
    bool used;
    bool final;
    bool index;
    bool deleted; /* by its flags */
    bool removed; /* its file was being removed */
    bool agrees;  /* table and header say the same */
};

/* Divides the volume as its marks or its pages show. False: neither shows anything. */
bool wtr_spiffs_shape_of(struct wtr_spiffs_shape *shape, const uint8_t *bytes, size_t length);
/* Blocks from the one at `at` to the file system's end, by its mark; 0: it bears none that fits. */
size_t wtr_spiffs_blocks_left(const struct wtr_spiffs_shape *shape, const uint8_t *bytes, size_t length,
                              size_t at);
/* Tries page and block sizes on the blocks from `at` on. False: none fits. */
bool wtr_spiffs_try(struct wtr_spiffs_shape *shape, const uint8_t *bytes, size_t length, size_t at);

bool wtr_spiffs_is_lookup(const struct wtr_spiffs_shape *shape, size_t page);
struct wtr_spiffs_page wtr_spiffs_page_at(const struct wtr_spiffs_shape *shape, size_t page);
/* The block's erase counter; 0xffff: it has none. */
uint16_t wtr_spiffs_erased(const struct wtr_spiffs_shape *shape, size_t block);

static inline size_t wtr_spiffs_data(const struct wtr_spiffs_shape *shape)
{
    return shape->page - WTR_SPIFFS_HEADER;
}

#endif
