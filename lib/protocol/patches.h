/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that come by their place, in any order and more than once, and are put together with the pieces of
 * the evidence that they came in. Of bytes that come twice, those that came first stand. */
#ifndef WTR_PROTOCOL_PATCHES_H
#define WTR_PROTOCOL_PATCHES_H

#include "protocol/piece_list.h"

enum { WTR_PATCHES_MAX = 128 };

struct wtr_patch {
    uint32_t from, to;
    struct wtr_piece piece;
};

/* Zero-initialise; free `list`. In order, and without overlap. */
struct wtr_patches {
    struct wtr_patch *list;
    size_t count, capacity;
    uint32_t have; /* bytes in all */
};

/* Puts `length` bytes at `at` of the span to `to` + `from`, as far as there are none yet. False: they are too
 * scattered, or there is no memory. */
bool wtr_patches_add(struct wtr_patches *patches, uint8_t *to, uint32_t from, const struct wtr_span *span,
                     size_t at, size_t length);
/* How many bytes there are from 0 on without a hole. */
uint32_t wtr_patches_front(const struct wtr_patches *patches);
/* The pieces of the first `length` bytes, which are there. Returns their number. */
size_t wtr_patches_pieces(const struct wtr_patches *patches, uint32_t length,
                          struct wtr_piece pieces[WTR_PATCHES_MAX]);
void wtr_patches_free(struct wtr_patches *patches);

#endif
