/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one image with a storage format, as the case does: probed at every sector, read as a whole volume, in
 * a block of exactly its length; what is handed out is shown to a family, whose words must keep the contract
 * of say.h (say_record.c). */
#ifndef FUZZ_ONE_STORE_H
#define FUZZ_ONE_STORE_H

#include "say_record.h"
#include "store_lines.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

struct fuzz_store {
    const struct wtr_vendor *vendor;
    void *state;
    struct wtr_say *say;
    bool learning;
};

static inline void fuzz_show(void *payload, const struct wtr_entry *entry)
{
    struct fuzz_store *f = payload;
    if (entry->integrity == WTR_INTEGRITY_FAILED)
        return;
    if (f->learning) {
        f->vendor->learn_entry(f->state, entry);
        return;
    }
    const char *lines = say_record_entry(f->say, f->vendor, f->state, entry);
    store_must(strncmp(lines, "!!", 2) != 0 && !strstr(lines, "\n!!"), lines);
}

static inline void fuzz_probe(const struct wtr_flash_format *format, const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += WTR_FLASH_SECTOR) {
        struct wtr_flash_find find = format->probe(bytes, size, at, NULL);
        store_must(find.bid == WTR_FLASH_NO ||
                       (find.before <= at && find.length <= size - (at - find.before)),
                   "a volume that is found lies outside the image");
    }
}

static inline void fuzz_one_store(const struct wtr_flash_format *const *formats,
                                  const struct wtr_vendor *vendor, const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    struct fuzz_store f = {.vendor = vendor, .state = calloc(1, vendor->state_size), .say = say_record_new()};
    struct store_lines lines = {.each = fuzz_show, .payload = &f};
    store_must(bytes && f.state, "no memory");
    memcpy(bytes, data, size);
    for (; *formats; formats++) {
        fuzz_probe(*formats, bytes, size);
        for (int pass = 0; pass < 2; pass++) {
            f.learning = pass == 0;
            store_read(&lines, *formats, bytes, size, 0x1000);
        }
    }
    if (vendor->close)
        vendor->close(f.state);
    wtr_buffer_free(&lines.text);
    say_record_free(f.say);
    free(f.state);
    free(bytes);
}

#endif
