/* SPDX-License-Identifier: Apache-2.0 */
/* Tracing parts of a span back to the source. */
#include "model/span.h"

/* Index of the piece that holds the byte at `at`; piece_count if there is none. Pieces are few, and the first
 * is nearly always the one. */
static size_t piece_at(const struct wtr_span *span, size_t at)
{
    for (size_t i = 0; i < span->piece_count; i++)
        if (at < span->pieces[i].at + span->pieces[i].length)
            return i;
    return span->piece_count;
}

static struct wtr_origin share_of(const struct wtr_piece *piece, size_t at, size_t length)
{
    size_t skip = at - piece->at;
    size_t share = piece->length - skip < length ? piece->length - skip : length;
    return (struct wtr_origin){
        .time_ns = piece->time_ns,
        .frame = piece->frame,
        .record_offset = piece->record_offset,
        .offset = piece->offset + skip,
        .length = (uint32_t)share,
        .via = piece->via,
    };
}

struct wtr_origin wtr_span_locate(const struct wtr_span *span, size_t at, size_t length)
{
    return wtr_span_part(span, at, length, 0);
}

size_t wtr_span_parts(const struct wtr_span *span, size_t at, size_t length)
{
    if (wtr_span_is_opaque(span))
        return span->piece_count;
    size_t first = piece_at(span, at);
    if (first == span->piece_count)
        return 0;
    if (length == 0)
        return 1;
    size_t last = piece_at(span, at + length - 1);
    return (last == span->piece_count ? last - 1 : last) - first + 1;
}

struct wtr_origin wtr_span_part(const struct wtr_span *span, size_t at, size_t length, size_t k)
{
    if (span->piece_count == 0)
        return (struct wtr_origin){0};
    if (wtr_span_is_opaque(span)) {
        const struct wtr_piece *piece = &span->pieces[k < span->piece_count ? k : span->piece_count - 1];
        return share_of(piece, piece->at, piece->length);
    }
    size_t first = piece_at(span, at);
    if (first == span->piece_count) { /* just behind the last byte: an empty value at the end */
        const struct wtr_piece *last = &span->pieces[span->piece_count - 1];
        return share_of(last, last->at + last->length, 0);
    }
    size_t index = first + k < span->piece_count ? first + k : span->piece_count - 1;
    const struct wtr_piece *piece = &span->pieces[index];
    size_t from = piece->at > at ? piece->at : at;
    size_t end = at + length;
    return share_of(piece, from, end > from ? end - from : 0);
}

size_t wtr_span_cut(const struct wtr_span *span, size_t at, size_t length, struct wtr_piece *pieces,
                    size_t room)
{
    size_t n = wtr_span_parts(span, at, length);
    size_t place = 0;
    for (size_t i = 0; i < n && i < room; i++) {
        struct wtr_origin o = wtr_span_part(span, at, length, i);
        pieces[i] = (struct wtr_piece){place, o.length, o.offset, o.record_offset, o.frame, o.time_ns, o.via};
        place += o.length;
    }
    return n < room ? n : room;
}

bool wtr_span_holds(const struct wtr_span *span, const void *data, size_t length, size_t *at)
{
    uintptr_t begin = (uintptr_t)span->bytes;
    uintptr_t place = (uintptr_t)data;
    if (place < begin || place - begin > span->length || length > span->length - (place - begin))
        return false;
    *at = place - begin;
    return true;
}
