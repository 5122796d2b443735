/* SPDX-License-Identifier: Apache-2.0 */
/* Makes NVS images page by page, after ESP-IDF's description of the format ("Non-Volatile Storage Library",
 * Internals) and not after lib/flash. */
#ifndef TEST_NVS_IMAGE_H
#define TEST_NVS_IMAGE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { NVS_PAGES = 4, NVS_SIZE = NVS_PAGES * 4096 };

struct nvs_image {
    uint8_t bytes[NVS_SIZE];
    size_t page; /* that is written */
    size_t next; /* item in it */
};

static inline void nvs_put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static inline uint32_t nvs_sum(const void *data, size_t length)
{
    return (uint32_t)crc32(0xffffffff, data, (uInt)length);
}

static inline void nvs_begin(struct nvs_image *image)
{
    memset(image, 0xff, sizeof *image);
    image->page = image->next = 0;
}

static inline uint8_t *nvs_page(struct nvs_image *image, size_t page, uint32_t number, uint32_t state)
{
    uint8_t *to = image->bytes + page * 4096;
    nvs_put32(to, state);
    nvs_put32(to + 4, number);
    to[8] = 0xfe;
    nvs_put32(to + 28, nvs_sum(to + 4, 24));
    image->page = page;
    image->next = 0;
    return to;
}

/* Sets the two bits of `count` items: 2 written, 0 erased, 3 empty. */
static inline void nvs_mark(struct nvs_image *image, size_t page, size_t item, size_t count, unsigned mark)
{
    uint8_t *bits = image->bytes + page * 4096 + 32;
    for (size_t i = item; i < item + count; i++)
        bits[i / 4] = (uint8_t)((bits[i / 4] & ~(3u << i % 4 * 2)) | mark << i % 4 * 2);
}

/* One item, and behind it `length` bytes; returns its place in the page. */
static inline size_t nvs_item(struct nvs_image *image, uint8_t ns, uint8_t type, uint8_t chunk,
                              const char *key, const uint8_t data[8], const void *more, size_t length)
{
    size_t item = image->next, span = 1 + (length + 31) / 32;
    uint8_t *to = image->bytes + image->page * 4096 + 64 + item * 32;
    uint8_t summed[28];
    to[0] = ns;
    to[1] = type;
    to[2] = (uint8_t)span;
    to[3] = chunk;
    memset(to + 8, 0, 16);
    memcpy(to + 8, key, strlen(key));
    memcpy(to + 24, data, 8);
    memcpy(summed, to, 4);
    memcpy(summed + 4, to + 8, 24);
    nvs_put32(to + 4, nvs_sum(summed, sizeof summed));
    if (length)
        memcpy(to + 32, more, length);
    nvs_mark(image, image->page, item, span, 2);
    image->next += span;
    return item;
}

static inline size_t nvs_number(struct nvs_image *image, uint8_t ns, uint8_t type, const char *key,
                                uint64_t value)
{
    uint8_t data[8];
    memset(data, 0xff, sizeof data);
    for (unsigned i = 0; i < (type & 15u); i++)
        data[i] = (uint8_t)(value >> 8 * i);
    return nvs_item(image, ns, type, 0xff, key, data, NULL, 0);
}

static inline size_t nvs_long(struct nvs_image *image, uint8_t ns, uint8_t type, uint8_t chunk,
                              const char *key, const void *value, size_t length)
{
    uint8_t data[8] = {(uint8_t)length, (uint8_t)(length >> 8), 0xff, 0xff};
    nvs_put32(data + 4, nvs_sum(value, length));
    return nvs_item(image, ns, type, chunk, key, data, value, length);
}

static inline size_t nvs_index(struct nvs_image *image, uint8_t ns, const char *key, uint32_t size,
                               uint8_t count, uint8_t start)
{
    uint8_t data[8] = {0, 0, 0, 0, count, start, 0xff, 0xff};
    nvs_put32(data, size);
    return nvs_item(image, ns, 0x48, 0xff, key, data, NULL, 0);
}

#endif
