/* SPDX-License-Identifier: Apache-2.0 */
/* Hands a volume to a storage format and what that finds to a family, whose words are recorded
 * (say_record.c), which traps whatever breaks the contract of say.h. So that seeds are small and sums can be
 * put right, an input is a list of patches: u16 place, u8 length, bytes. */
#ifndef FUZZ_SAID_VOLUME_H
#define FUZZ_SAID_VOLUME_H

#include "flash_say.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

/* Writes the patches that fit into `size` bytes. */
static inline void fuzz_patch(uint8_t *image, size_t size, const uint8_t *data, size_t length)
{
    while (length >= 3) {
        size_t at = (size_t)data[0] | (size_t)data[1] << 8;
        size_t n = data[2] < length - 3 ? data[2] : length - 3;
        if (at < size)
            memcpy(image + at, data + 3, n < size - at ? n : size - at);
        data += 3 + n;
        length -= 3 + n;
    }
}

static inline void fuzz_volume(const struct wtr_vendor *vendor, const struct wtr_flash_format *format,
                               const uint8_t *image, size_t size)
{
    static struct flash_lines lines;
    for (size_t at = 0; at < size; at += WTR_FLASH_SECTOR) {
        struct wtr_flash_find find = flash_probe(format, image, size, at);
        if (find.bid != WTR_FLASH_NO && (find.before > at || find.length == 0))
            __builtin_trap();
    }
    const char *read = flash_read_lines(&lines, format, image, size, 0);
    if (strncmp(read, "!!", 2) == 0 || strstr(read, "\n!!"))
        __builtin_trap();
    const char *said = flash_said(vendor, format, image, size);
    if (strncmp(said, "!!", 2) == 0 || strstr(said, "\n!!"))
        __builtin_trap();
}

#endif
