/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one image with one storage format, as a dump is read: probed at every sector, read as a whole volume
 * in a block of exactly its length. What is handed out must keep the contract of store_lines.h. */
#ifndef FUZZ_ONE_VOLUME_H
#define FUZZ_ONE_VOLUME_H

#include "flash/formats.h"

#include "store_lines.h"

static inline int fuzz_volume(const struct wtr_flash_format *format, const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    struct store_lines lines = {0};
    store_must(bytes != NULL, "no memory");
    memcpy(bytes, data, size);
    for (size_t at = 0; at < size; at += WTR_FLASH_SECTOR) {
        struct wtr_flash_find find = format->probe(bytes, size, at, NULL);
        store_must(find.bid == WTR_FLASH_NO ||
                       (find.before <= at && find.length <= size - (at - find.before)),
                   "a volume that is found lies outside the image");
    }
    store_read(&lines, format, bytes, size, 0x1000);
    wtr_buffer_free(&lines.text);
    free(bytes);
    return 0;
}

#endif
