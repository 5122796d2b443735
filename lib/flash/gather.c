/* SPDX-License-Identifier: Apache-2.0 */
/* Values put together from their parts, each part with its place. */
#include "flash/gather.h"

#include <stdlib.h>

void wtr_gather_clear(struct wtr_gather *gather)
{
    wtr_buffer_clear(&gather->bytes);
    gather->count = 0;
    gather->failed = false;
}

void wtr_gather_free(struct wtr_gather *gather)
{
    wtr_buffer_free(&gather->bytes);
    free(gather->pieces);
    *gather = (struct wtr_gather){0};
}

static bool room_for(struct wtr_gather *gather, size_t n)
{
    if (n <= gather->capacity - gather->count)
        return true;
    size_t capacity = gather->capacity ? gather->capacity : 8;
    while (capacity - gather->count < n)
        capacity *= 2;
    struct wtr_piece *pieces = realloc(gather->pieces, capacity * sizeof *pieces);
    if (!pieces)
        return false;
    gather->pieces = pieces;
    gather->capacity = capacity;
    return true;
}

/* One piece more, or the last one longer where it goes on from there both in the value and in the dump. */
static void add_piece(struct wtr_gather *gather, const struct wtr_piece *piece)
{
    if (gather->count > 0) {
        struct wtr_piece *last = &gather->pieces[gather->count - 1];
        if (last->at + last->length == piece->at && last->offset + last->length == piece->offset) {
            last->length += piece->length;
            return;
        }
    }
    gather->pieces[gather->count++] = *piece;
}

bool wtr_gather_add_opened(struct wtr_gather *gather, const struct wtr_span *from, size_t at, size_t length,
                           const void *opened, size_t opened_length)
{
    size_t parts = wtr_span_parts(from, at, length);
    size_t place = gather->bytes.length;
    if (at > from->length || length > from->length - at || opened_length > length)
        return false;
    gather->failed = gather->failed || !room_for(gather, parts);
    if (gather->failed)
        return false;
    wtr_put(&gather->bytes, opened, opened_length);
    gather->failed = gather->bytes.failed;
    for (size_t i = 0; i < parts && !gather->failed; i++) {
        struct wtr_origin o = wtr_span_part(from, at, length, i);
        add_piece(gather,
                  &(struct wtr_piece){place, o.length, o.offset, o.record_offset, o.frame, o.time_ns, o.via});
        place += o.length;
    }
    return !gather->failed;
}

bool wtr_gather_add(struct wtr_gather *gather, const struct wtr_span *from, size_t at, size_t length)
{
    if (at > from->length)
        return false;
    return wtr_gather_add_opened(gather, from, at, length, from->bytes + at, length);
}

void wtr_gather_cut(struct wtr_gather *gather, size_t length)
{
    if (length >= gather->bytes.length)
        return;
    gather->bytes.length = length;
    while (gather->count > 1 && gather->pieces[gather->count - 1].at >= length)
        gather->count--;
    if (gather->count > 0 &&
        gather->pieces[gather->count - 1].at + gather->pieces[gather->count - 1].length > length)
        gather->pieces[gather->count - 1].length = length - gather->pieces[gather->count - 1].at;
}

struct wtr_span wtr_gather_span(const struct wtr_gather *gather, const struct wtr_opening *opening)
{
    return (struct wtr_span){(const uint8_t *)gather->bytes.data, gather->bytes.length, gather->pieces,
                             gather->count, opening};
}
