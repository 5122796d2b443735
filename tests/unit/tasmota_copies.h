/* SPDX-License-Identifier: Apache-2.0 */
/* Makes copies of Tasmota's settings for tests, by the offsets in Tasmota's own settings.h and with sums of
 * their own, bit by bit. */
#ifndef TEST_TASMOTA_COPIES_H
#define TEST_TASMOTA_COPIES_H

#include <stdint.h>
#include <string.h>

enum { COPY = 4096 };

static inline void copy_put16(uint8_t *copy, size_t at, uint32_t value)
{
    copy[at] = (uint8_t)value;
    copy[at + 1] = (uint8_t)(value >> 8);
}

static inline void copy_put32(uint8_t *copy, size_t at, uint32_t value)
{
    copy_put16(copy, at, value);
    copy_put16(copy, at + 2, value >> 16);
}

/* cfg_crc32 of 6.6.0.11 and later. */
static inline void copy_seal(uint8_t *copy)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < 0xFFC; i++) {
        sum ^= copy[i];
        for (int bit = 0; bit < 8; bit++)
            sum = (sum & 1) != 0 ? sum >> 1 ^ 0xEDB88320 : sum >> 1;
    }
    copy_put32(copy, 0xFFC, ~sum);
}

/* cfg_crc of 6.x. */
static inline void copy_seal_old(uint8_t *copy, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++)
        if (i != 14 && i != 15)
            sum += copy[i] * (uint32_t)(i + 1);
    copy_put16(copy, 14, sum);
}

/* A copy that is empty but for its head and the flags that are on by default (SetOption0, SaveData 1). Not
 * sealed. */
static inline void copy_begin(uint8_t copy[COPY], uint32_t version, uint32_t save_flag, uint32_t timestamp)
{
    memset(copy, 0, COPY);
    copy_put16(copy, 0, version < 0x06000000 ? 0x1209 : 4617);
    copy_put16(copy, 2, version < 0x06000000 ? 0x2016 : version < 0x06060007 ? 0xE00 : COPY);
    copy_put32(copy, 4, save_flag);
    copy_put32(copy, 8, version);
    copy_put32(copy, 0x10, 1);
    copy_put16(copy, 0x14, 1);
    if (version >= 0x0606000A)
        copy_put32(copy, 0xFF8, timestamp);
}

/* A text of the pool of 8.0.0.1 and later: `texts` are set in rising order, each once. */
struct copy_pool {
    uint8_t *copy;
    size_t at;
    unsigned next;
};

static inline void copy_text(struct copy_pool *pool, unsigned number, const char *text)
{
    for (; pool->next < number; pool->next++)
        pool->copy[0x17 + pool->at++] = 0;
    memcpy(pool->copy + 0x17 + pool->at, text, strlen(text) + 1);
    pool->at += strlen(text) + 1;
    pool->next = number + 1;
}

#endif
