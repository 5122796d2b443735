/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of parts of a span, one behind the other. Those that go on in one frame are made one. */
#include "protocol/piece_list.h"

#include <stdlib.h>

enum { LEAST_PIECES = 8 };

void wtr_piece_list_clear(struct wtr_piece_list *list)
{
    list->count = 0;
    list->length = 0;
    list->hint = 0;
}

void wtr_piece_list_free(struct wtr_piece_list *list)
{
    free(list->pieces);
    *list = (struct wtr_piece_list){0};
}

static bool append(struct wtr_piece_list *list, const struct wtr_piece *piece)
{
    if (list->count > 0) {
        struct wtr_piece *last = &list->pieces[list->count - 1];
        if (last->frame == piece->frame && last->record_offset == piece->record_offset &&
            last->offset + last->length == piece->offset) {
            last->length += piece->length;
            return true;
        }
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : LEAST_PIECES;
        struct wtr_piece *pieces = realloc(list->pieces, capacity * sizeof *pieces);
        if (!pieces)
            return false;
        list->pieces = pieces;
        list->capacity = capacity;
    }
    list->pieces[list->count++] = *piece;
    return true;
}

bool wtr_piece_list_add(struct wtr_piece_list *list, const struct wtr_span *span, size_t at, size_t length)
{
    size_t end = at + length;
    size_t i = list->hint;
    while (i < span->piece_count && span->pieces[i].at + span->pieces[i].length <= at)
        i++;
    for (list->hint = i; i < span->piece_count && span->pieces[i].at < end; i++) {
        struct wtr_piece piece = span->pieces[i];
        size_t from = piece.at > at ? piece.at : at;
        size_t to = piece.at + piece.length < end ? piece.at + piece.length : end;
        if (from >= to)
            continue;
        piece.offset += from - piece.at;
        piece.at = list->length;
        piece.length = to - from;
        if (!append(list, &piece))
            return false;
        list->length += to - from;
    }
    return true;
}
