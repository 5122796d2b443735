/* SPDX-License-Identifier: Apache-2.0 */
/* A list of pieces that a protocol puts together for bytes that stand apart in the evidence. */
#ifndef WTR_PROTOCOL_PIECE_LIST_H
#define WTR_PROTOCOL_PIECE_LIST_H

#include "model/span.h"

/* Zero-initialise; free with wtr_piece_list_free. */
struct wtr_piece_list {
    struct wtr_piece *pieces;
    size_t count;
    size_t capacity;
    size_t length; /* of the bytes that the pieces cover */
    size_t hint;   /* piece of the span that was used last: places only grow between two clears */
};

void wtr_piece_list_clear(struct wtr_piece_list *list);
/* Appends the pieces of `length` bytes at `at` of the span. False if memory is used up. */
bool wtr_piece_list_add(struct wtr_piece_list *list, const struct wtr_span *span, size_t at, size_t length);
void wtr_piece_list_free(struct wtr_piece_list *list);

#endif
