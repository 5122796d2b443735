/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in memory as an input's source, given out in pieces of a chosen size. */
#ifndef WTR_TEST_MEMORY_SOURCE_H
#define WTR_TEST_MEMORY_SOURCE_H

#include "evidence/input.h"

#include <stdlib.h>
#include <string.h>

struct memory_source {
    const uint8_t *data;
    size_t length;
    size_t at;
    size_t piece;        /* bytes per read at most; 0: no limit */
    int64_t stated_size; /* what `size` gives */
    size_t fail_at;      /* reading fails here; 0: never */
    int closed;
};

static inline int64_t memory_read(void *payload, void *buffer, size_t size)
{
    struct memory_source *source = payload;
    if (source->fail_at > 0 && source->at >= source->fail_at) {
        return -1;
    }
    size_t n = source->length - source->at;
    n = n < size ? n : size;
    n = source->piece > 0 && n > source->piece ? source->piece : n;
    if (source->fail_at > 0 && n > source->fail_at - source->at) {
        n = source->fail_at - source->at;
    }
    memcpy(buffer, source->data + source->at, n);
    source->at += n;
    return (int64_t)n;
}

static inline int64_t memory_size(void *payload)
{
    return ((struct memory_source *)payload)->stated_size;
}

static inline void memory_close(void *payload)
{
    ((struct memory_source *)payload)->closed++;
}

static const struct wtr_input_ops memory_ops = {
    .read = memory_read, .size = memory_size, .close = memory_close};

static inline struct memory_source memory_of(const void *data, size_t length)
{
    return (struct memory_source){.data = data, .length = length, .stated_size = (int64_t)length};
}

#endif
