/* SPDX-License-Identifier: Apache-2.0 */
/* A growing buffer and its pieces. Pieces that continue one another in one frame are made one. */
#include "packet/unread.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_BYTES = 256, LEAST_PIECES = 4 };

void wtr_unread_free(struct wtr_unread *unread)
{
    free(unread->bytes);
    free(unread->pieces);
    *unread = (struct wtr_unread){0};
}

static size_t cost_of(size_t bytes, size_t pieces)
{
    return bytes + pieces * sizeof(struct wtr_piece);
}

size_t wtr_unread_cost(const struct wtr_unread *unread)
{
    return cost_of(unread->capacity, unread->piece_capacity);
}

struct wtr_span wtr_unread_span(const struct wtr_unread *unread)
{
    return (struct wtr_span){
        .bytes = unread->bytes,
        .length = unread->length,
        .pieces = unread->pieces,
        .piece_count = unread->piece_count,
    };
}

size_t wtr_pieces_of(const struct wtr_span *span, size_t from, size_t to, struct wtr_piece *pieces)
{
    size_t count = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        struct wtr_piece piece = span->pieces[i];
        size_t begin = piece.at > from ? piece.at : from;
        size_t end = piece.at + piece.length < to ? piece.at + piece.length : to;
        if (begin >= end)
            continue;
        if (pieces) {
            piece.offset += begin - piece.at;
            piece.at = begin - from;
            piece.length = end - begin;
            pieces[count] = piece;
        }
        count++;
    }
    return count;
}

static size_t grown(size_t capacity, size_t needed, size_t least)
{
    size_t next = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    if (next < least)
        next = least;
    return needed <= capacity ? capacity : next < needed ? needed : next;
}

static bool set_capacity(struct wtr_unread *unread, size_t bytes, size_t pieces)
{
    if (bytes > unread->capacity) {
        uint8_t *moved = realloc(unread->bytes, bytes);
        if (!moved)
            return false;
        unread->bytes = moved;
        unread->capacity = bytes;
    }
    if (pieces > unread->piece_capacity) {
        struct wtr_piece *moved = realloc(unread->pieces, pieces * sizeof *moved);
        if (!moved)
            return false;
        unread->pieces = moved;
        unread->piece_capacity = pieces;
    }
    return true;
}

static bool make_room(struct wtr_unread *unread, size_t bytes, size_t pieces, size_t room)
{
    if (bytes > room || pieces > room / sizeof(struct wtr_piece))
        return false;
    size_t more_bytes = grown(unread->capacity, bytes, LEAST_BYTES);
    size_t more_pieces = grown(unread->piece_capacity, pieces, LEAST_PIECES);
    if (cost_of(more_bytes, more_pieces) > room) {
        more_bytes = bytes > unread->capacity ? bytes : unread->capacity;
        more_pieces = pieces > unread->piece_capacity ? pieces : unread->piece_capacity;
        if (cost_of(more_bytes, more_pieces) > room)
            return false;
    }
    return set_capacity(unread, more_bytes, more_pieces);
}

static void append_piece(struct wtr_unread *unread, struct wtr_piece piece)
{
    if (unread->piece_count > 0) {
        struct wtr_piece *last = &unread->pieces[unread->piece_count - 1];
        if (last->frame == piece.frame && last->offset + last->length == piece.offset) {
            last->length += piece.length;
            return;
        }
    }
    unread->pieces[unread->piece_count++] = piece;
}

bool wtr_unread_append(struct wtr_unread *unread, const struct wtr_span *span, size_t from, size_t room)
{
    size_t more = span->length - from;
    size_t pieces = wtr_pieces_of(span, from, span->length, NULL);
    if (!make_room(unread, unread->length + more, unread->piece_count + pieces, room))
        return false;
    for (size_t i = 0; i < span->piece_count; i++) {
        struct wtr_piece piece = span->pieces[i];
        if (piece.at + piece.length <= from || piece.length == 0)
            continue;
        size_t skip = piece.at < from ? from - piece.at : 0;
        piece.at = unread->length + piece.at + skip - from;
        piece.length -= skip;
        piece.offset += skip;
        append_piece(unread, piece);
    }
    memcpy(unread->bytes + unread->length, span->bytes + from, more);
    unread->length += more;
    return true;
}

void wtr_unread_discard(struct wtr_unread *unread, size_t length)
{
    if (length == 0)
        return;
    struct wtr_span all = wtr_unread_span(unread);
    /* Pieces only move towards the front, so that the list can be written over itself. */
    unread->piece_count = wtr_pieces_of(&all, length, unread->length, unread->pieces);
    unread->length -= length;
    memmove(unread->bytes, unread->bytes + length, unread->length);
}
