/* SPDX-License-Identifier: Apache-2.0 */
/* A volume of Tuya's key/value store: where it begins and ends, which key opens it, which images of which
 * blocks it holds. A sector whose header can't be read is still taken for the block whose place it is in. */
#include "vendor/tuya/flash_kv.h"

#include "base/bytes.h"
#include "vendor/tuya/cipher.h"

#include <stdio.h>
#include <stdlib.h>

enum { SECTOR = WTR_FLASH_SECTOR, MOST_GAP = 4 };

/* ---- finding it */

static bool is_blank(const uint8_t *sector)
{
    for (size_t i = 1; i < 16; i++)
        if (sector[i] != sector[0])
            return false;
    return sector[0] == 0xff || sector[0] == 0;
}

/* How many sectors from `at` on belong to the store, given a key of its data; holes of a few sectors are the
 * store's if it goes on behind them. */
static size_t data_run(const uint8_t *image, size_t length, size_t at, const uint8_t key[16])
{
    size_t run = 0, gap = 0;
    for (size_t n = 0; n < WTR_TUYA_KV_MOST_SECTORS && at + (n + 1) * SECTOR <= length; n++) {
        if (wtr_tuya_kv_is_data(image + at + n * SECTOR, key)) {
            run = n + 1;
            gap = 0;
        } else if (++gap > MOST_GAP) {
            break;
        }
    }
    return run;
}

/* The longest run from `at` on under any key that `inner` gives. */
static size_t any_run(const uint8_t *image, size_t length, size_t at, const uint8_t *inner)
{
    uint8_t key[16];
    size_t most = 0;
    for (unsigned k = 0; wtr_tuya_kv_data_key(inner, k, key); k++) {
        size_t run = data_run(image, length, at, key);
        most = run > most ? run : most;
    }
    return most;
}

/* A data sector of a device that has no key sector. */
static size_t keyless_run(const uint8_t *image, size_t length, size_t at)
{
    uint8_t key[16];
    for (unsigned k = 0; wtr_tuya_kv_data_key(NULL, k, key); k++)
        if (wtr_tuya_kv_is_data(image + at, key))
            return data_run(image, length, at, key);
    return 0;
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_flash_find find = {WTR_FLASH_NO, 0, 0};
    uint8_t inner[16];
    (void)keys;
    if (at > length || length - at < SECTOR || is_blank(image + at))
        return find;
    enum wtr_tuya_kv_sector is = wtr_tuya_kv_sector(image + at, inner);
    if (is == WTR_TUYA_KV_OTHER) {
        find.length = keyless_run(image, length, at) * SECTOR;
        find.bid = find.length > 0 ? WTR_FLASH_CERTAIN : WTR_FLASH_NO;
        return find;
    }
    find.bid = WTR_FLASH_CERTAIN; /* 32 bits of magic under a cipher */
    find.length = SECTOR;
    size_t next = at + SECTOR;
    bool followed = is == WTR_TUYA_KV_PROTECTED && length - next >= SECTOR;
    if (followed && wtr_tuya_kv_sector(image + next, inner) != WTR_TUYA_KV_OTHER) {
        find.length += SECTOR;
        next += SECTOR;
    }
    find.length += any_run(image, length, next, inner) * SECTOR;
    return find;
}

/* ---- reading it */

static void find_in(struct wtr_tuya_kv *kv, size_t at, size_t length, const char *reason)
{
    kv->sink->finding(kv->sink->payload, kv->volume, at, length, reason);
}

static size_t sectors(const struct wtr_tuya_kv *kv)
{
    size_t n = kv->volume->span.length / SECTOR;
    return n < WTR_TUYA_KV_MOST_SECTORS ? n : WTR_TUYA_KV_MOST_SECTORS;
}

static const uint8_t *sector_at(const struct wtr_tuya_kv *kv, size_t n)
{
    return kv->volume->span.bytes + n * SECTOR;
}

static size_t count_data(const struct wtr_tuya_kv *kv, const uint8_t key[16])
{
    size_t count = 0;
    for (size_t n = 0; n < sectors(kv); n++)
        if (!is_blank(sector_at(kv, n)) && wtr_tuya_kv_is_data(sector_at(kv, n), key))
            count++;
    return count;
}

/* Tries what `inner` gives; keeps the key that opens the most sectors so far. */
static void try_inner(struct wtr_tuya_kv *kv, const uint8_t *inner, size_t at, size_t *most)
{
    uint8_t key[16];
    for (unsigned k = 0; wtr_tuya_kv_data_key(inner, k, key); k++) {
        size_t opened = count_data(kv, key);
        if (opened <= *most)
            continue;
        *most = opened;
        kv->key_at = at;
        memcpy(kv->key, key, sizeof kv->key);
    }
}

static bool find_key(struct wtr_tuya_kv *kv)
{
    size_t most = 0;
    uint8_t inner[16];
    for (size_t n = 0; n < sectors(kv); n++) {
        if (is_blank(sector_at(kv, n)))
            continue;
        enum wtr_tuya_kv_sector is = wtr_tuya_kv_sector(sector_at(kv, n), inner);
        if (is == WTR_TUYA_KV_OTHER)
            continue;
        try_inner(kv, inner, n * SECTOR, &most);
        bool sound = is == WTR_TUYA_KV_PROTECTED;
        if (is != WTR_TUYA_KV_KEY && !wtr_tuya_kv_protected(kv, n * SECTOR, sound))
            find_in(kv, n * SECTOR, SECTOR, "the sector's sum does not hold, and no records can be opened");
    }
    if (most == 0)
        try_inner(kv, NULL, SIZE_MAX, &most);
    return most > 0;
}

/* Which pages have the form of index pages. Where there is no header, the block that most of them name. */
static void shape_image(struct wtr_tuya_kv_image *image, bool *named)
{
    struct wtr_tuya_kv_index index;
    uint16_t block;
    for (size_t p = 1; p < WTR_TUYA_KV_PAGES; p++) {
        if (!wtr_tuya_kv_index(image->plain, p, &block, &index))
            continue;
        if (!image->headed && !*named)
            image->block = block;
        *named = true;
        if (block == image->block)
            image->shaped |= UINT32_C(1) << p;
    }
}

/* Damage turns at least 16 bytes into noise: of a map it leaves many bits that fit no page. One page that was
 * hit itself is no reason to doubt the map. */
static bool map_fits(const struct wtr_tuya_kv_image *image)
{
    uint32_t astray = image->map & ~image->shaped;
    return image->headed && (image->sound || (astray & (astray - 1)) == 0);
}

static void open_image(struct wtr_tuya_kv *kv, size_t n)
{
    uint8_t *plain = kv->plain + kv->count * SECTOR;
    bool named = false;
    if (!wtr_tuya_ecb_decrypt(kv->key, sector_at(kv, n), SECTOR, plain))
        return;
    struct wtr_tuya_kv_image *image = &kv->images[kv->count++];
    *image = (struct wtr_tuya_kv_image){.at = n * SECTOR, .plain = plain, .block = UINT16_MAX};
    image->headed = wtr_tuya_kv_is_data(sector_at(kv, n), kv->key);
    if (image->headed) {
        image->block = wtr_le16(plain + 8);
        image->generation = wtr_le32(plain + 10);
        image->map = wtr_le32(plain + 15);
        image->sound = wtr_le32(plain + 4) == wtr_tuya_sum(plain + 8, SECTOR - 8);
        if (!image->sound)
            find_in(kv, image->at, SECTOR, "the sum of the sector does not hold");
    }
    shape_image(image, &named);
    image->mapped = map_fits(image);
}

/* The place in which most blocks show block 0 to be: blocks stand in order, but for the earlier images. */
static bool first_place(const struct wtr_tuya_kv *kv, size_t *first)
{
    size_t most = 0;
    for (size_t i = 0; i < kv->count; i++) {
        size_t back = (size_t)kv->images[i].block * SECTOR, votes = 0;
        if (!kv->images[i].headed || back > kv->images[i].at)
            continue;
        size_t place = kv->images[i].at - back;
        for (size_t j = 0; j < kv->count; j++)
            if (kv->images[j].headed && kv->images[j].at == place + (size_t)kv->images[j].block * SECTOR)
                votes++;
        if (votes > most) {
            most = votes;
            *first = place;
        }
    }
    return most > 0;
}

/* A sector without a header is the block that its pages name, else the one whose place it is in. */
static void place_images(struct wtr_tuya_kv *kv)
{
    size_t first = 0, kept = 0;
    bool known = first_place(kv, &first);
    for (size_t i = 0; i < kv->count; i++) {
        struct wtr_tuya_kv_image image = kv->images[i];
        if (!image.headed && (!known || image.at < first))
            continue;
        if (!image.headed)
            find_in(kv, image.at, 16, "the header of the sector can't be read");
        if (image.block == UINT16_MAX)
            image.block = (uint16_t)((image.at - first) / SECTOR);
        image.in_place = known && image.at == first + (size_t)image.block * SECTOR;
        kv->images[kept++] = image;
    }
    kv->count = kept;
}

/* Two images that are equally new: the first counts. */
static bool is_newer(const struct wtr_tuya_kv_image *a, const struct wtr_tuya_kv_image *b)
{
    if (a->headed && b->headed && a->generation != b->generation)
        return a->generation > b->generation;
    return a->in_place != b->in_place ? a->in_place : a->at < b->at;
}

static void mark_live(struct wtr_tuya_kv *kv)
{
    for (size_t i = 0; i < kv->count; i++) {
        kv->images[i].live = true;
        for (size_t j = 0; j < kv->count; j++)
            if (j != i && kv->images[j].block == kv->images[i].block &&
                is_newer(&kv->images[j], &kv->images[i]))
                kv->images[i].live = false;
    }
}

static void open_images(struct wtr_tuya_kv *kv)
{
    uint8_t inner[16];
    for (size_t n = 0; n < sectors(kv); n++) {
        const uint8_t *sector = sector_at(kv, n);
        if (!is_blank(sector) && wtr_tuya_kv_sector(sector, inner) == WTR_TUYA_KV_OTHER)
            open_image(kv, n);
    }
    place_images(kv);
    mark_live(kv);
}

static void name_key(struct wtr_tuya_kv *kv)
{
    if (kv->key_at == SIZE_MAX)
        snprintf(kv->key_origin, sizeof kv->key_origin, "the maker's constants");
    else
        snprintf(kv->key_origin, sizeof kv->key_origin, "the key sector at 0x%llx",
                 (unsigned long long)kv->volume->offset + kv->key_at);
    kv->opening =
        (struct wtr_opening){"aes-128-ecb", false, "key of the Tuya key/value store", kv->key_origin};
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct wtr_tuya_kv *kv = calloc(1, sizeof *kv);
    if (!kv)
        return;
    kv->volume = volume;
    kv->sink = sink;
    kv->plain = malloc(sectors(kv) * SECTOR + 1);
    if (kv->plain && find_key(kv)) {
        open_images(kv);
        name_key(kv);
        wtr_tuya_kv_values(kv);
        wtr_tuya_kv_stale(kv);
    } else {
        find_in(kv, 0, volume->span.length, "no key is found that opens the store's data");
    }
    wtr_gather_free(&kv->gather);
    wtr_json_free(&kv->json);
    free(kv->plain);
    free(kv);
}

const struct wtr_flash_format wtr_tuya_kv = {
    .name = "tuya-kv",
    .probe = probe,
    .read = read_volume,
};
