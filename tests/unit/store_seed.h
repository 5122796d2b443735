/* SPDX-License-Identifier: Apache-2.0 */
/* Small volumes that the file systems' own programs wrote: the seeds of the fuzz targets. */
#ifndef TEST_STORE_SEED_H
#define TEST_STORE_SEED_H

#include "store_lines.h"

#include <criterion/criterion.h>

enum { SEED_MAX = 1 << 17 };

/* Reads tests/fuzz/corpus/<name> into `bytes`, which has room for SEED_MAX. */
static inline size_t seed_load(const char *name, uint8_t *bytes)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", WTR_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s can't be opened", path);
    size_t size = fread(bytes, 1, SEED_MAX, file);
    fclose(file);
    cr_assert(size > 0 && size < SEED_MAX);
    return size;
}

/* Probed at any of its sectors, a volume with others' bytes around it is found whole. */
static inline void seed_found(const struct wtr_flash_format *format, const char *name, size_t first,
                              size_t step)
{
    static uint8_t image[SEED_MAX + 2 * WTR_FLASH_SECTOR];
    memset(image, 0xff, sizeof image);
    size_t size = seed_load(name, image + WTR_FLASH_SECTOR);
    for (size_t at = first; at < size; at += step) {
        struct wtr_flash_find find =
            format->probe(image, size + 2 * (size_t)WTR_FLASH_SECTOR, WTR_FLASH_SECTOR + at, NULL);
        cr_assert_eq(find.bid, WTR_FLASH_CERTAIN, "%s at %zu", name, at);
        cr_assert_eq(find.before, at, "%s at %zu: %zu before", name, at, find.before);
        cr_assert_eq(find.length, size, "%s at %zu: length %zu", name, at, find.length);
    }
    cr_assert_eq(format->probe(image, sizeof image, 0, NULL).bid, WTR_FLASH_NO);
}

#define SEED_HAS(text, line) cr_assert(strstr(text, line), "no line %s in\n%s", line, text)

#endif
