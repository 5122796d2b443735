/* SPDX-License-Identifier: Apache-2.0 */
/* Byte order loads, and a cursor over evidence bytes: every read is checked against what is there, and
 * the first read past the end makes the cursor bad for good, so that a parser may read a whole structure
 * and ask once. */
#ifndef WTR_BASE_BYTES_H
#define WTR_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t wtr_be16(const uint8_t *p)
{
    return (uint16_t)((uint16_t)(p[0] << 8) | p[1]);
}

static inline uint32_t wtr_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t wtr_be64(const uint8_t *p)
{
    return (uint64_t)wtr_be32(p) << 32 | wtr_be32(p + 4);
}

static inline uint16_t wtr_le16(const uint8_t *p)
{
    return (uint16_t)((uint16_t)(p[1] << 8) | p[0]);
}

static inline uint32_t wtr_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t wtr_le64(const uint8_t *p)
{
    return (uint64_t)wtr_le32(p + 4) << 32 | wtr_le32(p);
}

static inline void wtr_put_be64(uint8_t *p, uint64_t value)
{
    p[0] = (uint8_t)(value >> 56);
    p[1] = (uint8_t)(value >> 48);
    p[2] = (uint8_t)(value >> 40);
    p[3] = (uint8_t)(value >> 32);
    p[4] = (uint8_t)(value >> 24);
    p[5] = (uint8_t)(value >> 16);
    p[6] = (uint8_t)(value >> 8);
    p[7] = (uint8_t)value;
}

/* A place in a run of bytes. `bad` is sticky: once set, every read gives zero and the place stays. */
struct wtr_cursor {
    const uint8_t *data;
    size_t length;
    size_t at;
    bool bad;
};

static inline struct wtr_cursor wtr_cursor_over(const void *data, size_t length)
{
    return (struct wtr_cursor){.data = data, .length = length, .at = 0, .bad = false};
}

static inline size_t wtr_left(const struct wtr_cursor *c)
{
    return c->bad ? 0 : c->length - c->at;
}

/* The next `n` bytes, or NULL (and the cursor is bad) if fewer are left. */
static inline const uint8_t *wtr_take(struct wtr_cursor *c, size_t n)
{
    if (c->bad || n > c->length - c->at) {
        c->bad = true;
        return NULL;
    }
    const uint8_t *p = c->data + c->at;
    c->at += n;
    return p;
}

static inline uint8_t wtr_take_u8(struct wtr_cursor *c)
{
    const uint8_t *p = wtr_take(c, 1);
    return p ? *p : 0;
}

static inline uint16_t wtr_take_be16(struct wtr_cursor *c)
{
    const uint8_t *p = wtr_take(c, 2);
    return p ? wtr_be16(p) : 0;
}

static inline uint32_t wtr_take_be32(struct wtr_cursor *c)
{
    const uint8_t *p = wtr_take(c, 4);
    return p ? wtr_be32(p) : 0;
}

#endif
