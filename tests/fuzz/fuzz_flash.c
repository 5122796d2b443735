/* SPDX-License-Identifier: Apache-2.0 */
/* A whole dump through the front door: recognised, its volumes read, its entries handed out, what families
 * say of them made events. The input is a list of patches to a blank chip: a place in units of 32 bytes (two
 * bytes), a length (one byte; 0: 256), and the bytes. So a short input may describe a chip. */
#include "wattrail/case.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHIP = 1 << 20 };

static void hold(bool holds)
{
    if (!holds)
        __builtin_trap();
}

struct bytes {
    uint8_t *data;
    size_t length, at;
};

static int64_t read_bytes(void *payload, void *buffer, size_t size)
{
    struct bytes *b = payload;
    size_t n = b->length - b->at < size ? b->length - b->at : size;
    memcpy(buffer, b->data + b->at, n);
    b->at += n;
    return (int64_t)n;
}

static void on_image(void *payload, const struct wtr_image_record *image)
{
    const struct bytes *b = payload;
    hold(image->offset + image->length <= b->length && image->kind.length > 0);
}

static void on_volume(void *payload, const struct wtr_volume_record *volume)
{
    const struct bytes *b = payload;
    hold(volume->offset <= b->length && volume->live + volume->failed <= 2 * volume->entries);
}

static void on_entry(void *payload, const struct wtr_entry_record *entry)
{
    const struct bytes *b = payload;
    hold(entry->evidence.offset + entry->evidence.length <= b->length && entry->format);
    for (size_t i = 0; i < entry->part_count; i++)
        hold(entry->parts[i].offset + entry->parts[i].length <= b->length);
}

static size_t patch(uint8_t *chip, const uint8_t *data, size_t size)
{
    size_t end = 0;
    while (size > 3) {
        size_t at = (size_t)(data[0] | data[1] << 8) * 32 % CHIP;
        size_t length = data[2] ? data[2] : 256;
        data += 3;
        size -= 3;
        length = length < size ? length : size;
        length = length < CHIP - at ? length : CHIP - at;
        memcpy(chip + at, data, length);
        end = at + length > end ? at + length : end;
        data += length;
        size -= length;
    }
    return end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct wtr_reader reader = {.read = read_bytes};
    struct wtr_options options;
    struct bytes chip = {malloc(CHIP), 0, 0};
    const struct wtr_record *record;
    wtr_case *c = NULL;
    hold(chip.data != NULL);
    memset(chip.data, 0xff, CHIP);
    size_t end = patch(chip.data, data, size);
    chip.length = size % 4 ? (end + 4095) / 4096 * 4096 : end; /* some dumps are cut anywhere */
    wtr_options_init(&options);
    options.memory = 1 << 20;
    options.image = on_image;
    options.volume = on_volume;
    options.entry = on_entry;
    options.dump_payload = &chip;
    if (chip.length > 0 && wtr_case_new(&c, &options) == WTR_OK &&
        wtr_case_add_reader(c, "chip.bin", &reader, &chip) == WTR_OK) {
        enum wtr_status status = wtr_case_run(c);
        while (status <= WTR_PARTIAL && wtr_case_next(c, &record) == WTR_OK)
            hold(record->type != WTR_RECORD_EVENT || record->as.event->change == WTR_CHANGE_NONE ||
                 !record->as.event->stored);
    }
    wtr_case_free(c);
    free(chip.data);
    return 0;
}
