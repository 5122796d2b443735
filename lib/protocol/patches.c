/* SPDX-License-Identifier: Apache-2.0 */
/* A sorted list of patches, into whose holes new bytes go. */
#include "protocol/patches.h"

#include <stdlib.h>
#include <string.h>

/* Makes room for a patch before the k-th. */
static struct wtr_patch *insert(struct wtr_patches *p, size_t k)
{
    if (p->count == WTR_PATCHES_MAX)
        return NULL;
    if (p->count == p->capacity) {
        size_t capacity = p->capacity ? p->capacity * 2 : 4;
        struct wtr_patch *list = realloc(p->list, capacity * sizeof *list);
        if (!list)
            return NULL;
        p->list = list;
        p->capacity = capacity;
    }
    memmove(p->list + k + 1, p->list + k, (p->count - k) * sizeof *p->list);
    p->count++;
    return &p->list[k];
}

/* Bytes of one piece. */
static bool add_piece(struct wtr_patches *p, uint8_t *to, uint32_t from, const struct wtr_piece *piece,
                      const uint8_t *bytes)
{
    uint32_t at = from, end = from + (uint32_t)piece->length;
    for (size_t k = 0; at < end; k++) {
        bool behind = k == p->count;
        if (!behind && p->list[k].to <= at)
            continue;
        if (!behind && p->list[k].from <= at) {
            at = p->list[k].to;
            continue;
        }
        uint32_t stop = behind || p->list[k].from > end ? end : p->list[k].from;
        struct wtr_patch *patch = insert(p, k);
        if (!patch)
            return false;
        *patch = (struct wtr_patch){.from = at, .to = stop, .piece = *piece};
        patch->piece.offset += at - from;
        patch->piece.at = at;
        patch->piece.length = stop - at;
        memcpy(to + at, bytes + (at - from), stop - at);
        p->have += stop - at;
        at = stop;
    }
    return true;
}

bool wtr_patches_add(struct wtr_patches *patches, uint8_t *to, uint32_t from, const struct wtr_span *span,
                     size_t at, size_t length)
{
    struct wtr_piece_list pieces = {0};
    bool added = wtr_piece_list_add(&pieces, span, at, length);
    for (size_t i = 0; added && i < pieces.count; i++) {
        const struct wtr_piece *piece = &pieces.pieces[i];
        added = add_piece(patches, to, from + (uint32_t)piece->at, piece, span->bytes + at + piece->at);
    }
    wtr_piece_list_free(&pieces);
    return added;
}

uint32_t wtr_patches_front(const struct wtr_patches *patches)
{
    uint32_t front = 0;
    for (size_t i = 0; i < patches->count && patches->list[i].from == front; i++)
        front = patches->list[i].to;
    return front;
}

size_t wtr_patches_pieces(const struct wtr_patches *patches, uint32_t length,
                          struct wtr_piece pieces[WTR_PATCHES_MAX])
{
    size_t count = 0;
    for (; count < patches->count && patches->list[count].from < length; count++) {
        pieces[count] = patches->list[count].piece;
        if (patches->list[count].to > length)
            pieces[count].length = length - patches->list[count].from;
    }
    return count;
}

void wtr_patches_free(struct wtr_patches *patches)
{
    free(patches->list);
    *patches = (struct wtr_patches){0};
}
