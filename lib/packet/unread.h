/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are kept until more of them came, contiguous, with the pieces that they came in. */
#ifndef WTR_PACKET_UNREAD_H
#define WTR_PACKET_UNREAD_H

#include "model/span.h"

/* Zero-initialise; free with wtr_unread_free, which leaves it empty. */
struct wtr_unread {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
    struct wtr_piece *pieces;
    size_t piece_count;
    size_t piece_capacity;
};

void wtr_unread_free(struct wtr_unread *unread);
/* The memory in use. */
size_t wtr_unread_cost(const struct wtr_unread *unread);
struct wtr_span wtr_unread_span(const struct wtr_unread *unread);
/* Appends the span's bytes from `from` on. False, and nothing is changed but the capacity, if the memory in
 * use would be more than `room` or is refused. */
bool wtr_unread_append(struct wtr_unread *unread, const struct wtr_span *span, size_t from, size_t room);
/* Takes `length` bytes away from the front. */
void wtr_unread_discard(struct wtr_unread *unread, size_t length);

/* The pieces of the span's bytes from `from` to `to`, counted from `from`: how many they are, and, where
 * `pieces` is not NULL, they. */
size_t wtr_pieces_of(const struct wtr_span *span, size_t from, size_t to, struct wtr_piece *pieces);

#endif
