/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a value together from where its parts lie in a volume, so that each byte still leads back to its
 * place. Zero-initialise; reuse for the next value after wtr_gather_clear. */
#ifndef WTR_FLASH_GATHER_H
#define WTR_FLASH_GATHER_H

#include "base/text.h"
#include "model/span.h"

struct wtr_gather {
    struct wtr_buffer bytes;
    struct wtr_piece *pieces;
    size_t count;
    size_t capacity;
    bool failed; /* memory ran out */
};

/* How many bytes of files a format hands on from one volume: all that are there now, and this much of earlier
 * contents. A volume that was made to have each of many names lead to all of it ends there. */
struct wtr_gather_budget {
    size_t left;
    bool spent; /* something was refused */
};

static inline struct wtr_gather_budget wtr_gather_budget_of(size_t volume_length)
{
    return (struct wtr_gather_budget){.left = volume_length + ((size_t)32 << 20)};
}

static inline bool wtr_gather_take(struct wtr_gather_budget *budget, size_t length)
{
    if (length > budget->left) {
        budget->spent = true;
        return false;
    }
    budget->left -= length;
    return true;
}

void wtr_gather_clear(struct wtr_gather *gather);
void wtr_gather_free(struct wtr_gather *gather);
/* Adds `length` bytes at `at` of the span. False where the span has fewer, or memory ran out: then nothing
 * was added. */
bool wtr_gather_add(struct wtr_gather *gather, const struct wtr_span *from, size_t at, size_t length);
/* Adds bytes that were made from `length` bytes at `at` of the span by a cipher or a code: as many of them or
 * fewer. Their pieces are those of the unit as it stands in the evidence. */
bool wtr_gather_add_opened(struct wtr_gather *gather, const struct wtr_span *from, size_t at, size_t length,
                           const void *opened, size_t opened_length);
/* Drops what lies behind the first `length` bytes: pages are often longer than the value in them. */
void wtr_gather_cut(struct wtr_gather *gather, size_t length);
/* What was put together. `opening` as in struct wtr_span. Borrowed from the gather until its next use. */
struct wtr_span wtr_gather_span(const struct wtr_gather *gather, const struct wtr_opening *opening);

#endif
