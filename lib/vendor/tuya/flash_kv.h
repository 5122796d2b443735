/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's key/value store ("simple flash") on BK7231 and other chips, shared by the files that read it
 * (flash_kv*.c). Sectors of 4096 bytes, AES-128-ECB:
 *
 *   - a key sector: magic, the sum of the 16 key bytes, the key; under a key that is the same in all devices;
 *   - data sectors, under a key made from that one: page 0 is the header (magic, the sum of all that follows,
 *     the block's number, its generation, a map of its index pages), then 31 pages of 128 bytes: index pages
 *     (name, length and sum of a value, and where its parts are) and the parts. Before a block is written
 *     anew, its image goes to one of a few further sectors, so that a block has several images, told apart by
 *     the generation;
 *   - at times a protected sector: magic, the sum of all that follows, a key of its own, records.
 *
 * Layout and keys: bk7231tools 2.1.2 analysis/kvstorage.py; the generation, the earlier images and the
 * protected sector's sum were checked on the dumps of five devices. Every sum is a plain one of bytes, which
 * does not depend on their order; flash_kv_value.c weighs what it proves. */
#ifndef WTR_VENDOR_TUYA_FLASH_KV_H
#define WTR_VENDOR_TUYA_FLASH_KV_H

#include "base/json.h"
#include "flash/flash.h"
#include "flash/gather.h"

enum {
    WTR_TUYA_KV_PAGE = 128,
    WTR_TUYA_KV_PAGES = 32,       /* of a sector; page 0 is the header */
    WTR_TUYA_KV_MOST_SECTORS = 80 /* of a store; the largest known has 22 */
};

/* One image of a block. */
struct wtr_tuya_kv_image {
    size_t at;            /* of its sector, in the volume */
    const uint8_t *plain; /* the sector, deciphered */
    uint16_t block;
    uint32_t generation;
    uint32_t map;    /* bit p: page p is an index page */
    uint32_t shaped; /* bit p: page p has the form of an index page, and names itself as its own place */
    uint32_t used;   /* bit p: page p is an index page, or part of a value that was found */
    bool headed;     /* its header can be read; else `block` is what its pages say, or known from its place */
    bool mapped;     /* its map can be relied on */
    bool sound;      /* the sector's sum holds */
    bool in_place;   /* it is in the block's own place; else it is an earlier image that was put aside */
    bool live;       /* the newest of its block */
};

struct wtr_tuya_kv {
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    uint8_t key[16]; /* of the data sectors */
    size_t key_at;   /* of the sector that it was made from; SIZE_MAX: of none */
    struct wtr_tuya_kv_image images[WTR_TUYA_KV_MOST_SECTORS];
    size_t count;
    uint8_t *plain; /* the images' bytes */
    struct wtr_gather gather;
    struct wtr_json json;
    struct wtr_opening opening;
    char key_origin[48];
};

/* What a sector is by its first 16 bytes under the key of all devices, and by which sum. */
enum wtr_tuya_kv_sector {
    WTR_TUYA_KV_OTHER,
    WTR_TUYA_KV_KEY,       /* the sum of its key holds */
    WTR_TUYA_KV_PROTECTED, /* the sum of all that follows holds */
    WTR_TUYA_KV_UNSOUND,   /* neither does */
};

/* flash_kv_key.c */
enum wtr_tuya_kv_sector wtr_tuya_kv_sector(const uint8_t *sector, uint8_t key[16]);
/* The key of the data sectors that `inner` of a key sector gives (NULL: without one), by the k-th way in
 * which the known chips make it. False: there is no k-th. */
bool wtr_tuya_kv_data_key(const uint8_t *inner, unsigned k, uint8_t key[16]);
/* Whether the sector has a data sector's header under the key. */
bool wtr_tuya_kv_is_data(const uint8_t *sector, const uint8_t key[16]);

/* The plain sum of bytes. */
uint32_t wtr_tuya_sum(const uint8_t *bytes, size_t length);
/* Whether all of it is text: UTF-8 without controls but for NUL at its end. */
bool wtr_tuya_is_stored_text(struct wtr_text value);
/* The value without the NUL bytes at its end. */
struct wtr_text wtr_tuya_without_nul(struct wtr_text value);

/* An index page: a value's name, and where its parts are. */
struct wtr_tuya_kv_index {
    struct wtr_text name;
    uint32_t sum, length;
    const uint8_t *parts; /* of four bytes each: block, first page, last page */
    size_t count;
};

/* flash_kv_index.c: page `page` of a deciphered sector, if it has the form of an index page and names
 * that page as its own place; *block is the block that it names. */
bool wtr_tuya_kv_index(const uint8_t *sector, size_t page, uint16_t *block, struct wtr_tuya_kv_index *index);

/* flash_kv_value.c: every index page of every image, live, superseded and deleted. */
void wtr_tuya_kv_values(struct wtr_tuya_kv *kv);
/* flash_kv_stale.c: the pages that no index page refers to. After the values. */
void wtr_tuya_kv_stale(struct wtr_tuya_kv *kv);
/* flash_kv_protected.c: the records of the protected sector at `at` of the volume. `sound`: the sector's sum
 * holds. False: it has no records that can be opened. */
bool wtr_tuya_kv_protected(struct wtr_tuya_kv *kv, size_t at, bool sound);

extern const struct wtr_flash_format wtr_tuya_kv;

#endif
