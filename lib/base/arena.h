/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is given out piece by piece and taken back all at once. Zero-initialise. */
#ifndef WTR_BASE_ARENA_H
#define WTR_BASE_ARENA_H

#include "base/text.h"

struct wtr_arena_block;

struct wtr_arena {
    struct wtr_arena_block *block; /* newest first */
    bool failed;                   /* an allocation failed since the last reset */
};

void wtr_arena_free(struct wtr_arena *arena);
/* Takes everything back, and keeps one block for the next use. */
void wtr_arena_reset(struct wtr_arena *arena);
/* Aligned for any type; NULL if memory is used up. */
void *wtr_arena_get(struct wtr_arena *arena, size_t size);
/* A copy; data is NULL if `text` has none or memory is used up. */
struct wtr_text wtr_arena_copy(struct wtr_arena *arena, struct wtr_text text);

#endif
