/* SPDX-License-Identifier: Apache-2.0 */
/* The arena: a chain of blocks. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

enum { BLOCK_SIZE = 16 * 1024 };

struct wtr_arena_block {
    struct wtr_arena_block *older;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

void wtr_arena_free(struct wtr_arena *arena)
{
    while (arena->block) {
        struct wtr_arena_block *older = arena->block->older;
        free(arena->block);
        arena->block = older;
    }
    arena->failed = false;
}

void wtr_arena_reset(struct wtr_arena *arena)
{
    arena->failed = false;
    if (!arena->block)
        return;
    struct wtr_arena keep = {.block = arena->block->older};
    wtr_arena_free(&keep);
    arena->block->older = NULL;
    arena->block->used = 0;
}

static bool add_block(struct wtr_arena *arena, size_t need)
{
    size_t size = need > BLOCK_SIZE ? need : BLOCK_SIZE;
    struct wtr_arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return false;
    *block = (struct wtr_arena_block){.older = arena->block, .size = size};
    arena->block = block;
    return true;
}

void *wtr_arena_get(struct wtr_arena *arena, size_t size)
{
    const size_t unit = alignof(max_align_t);
    if (size > SIZE_MAX / 2) {
        arena->failed = true;
        return NULL;
    }
    size_t rounded = (size + unit - 1) / unit * unit;
    bool fits = arena->block && rounded <= arena->block->size - arena->block->used;
    if (!fits && !add_block(arena, rounded)) {
        arena->failed = true;
        return NULL;
    }
    void *place = arena->block->bytes + arena->block->used;
    arena->block->used += rounded;
    return place;
}

struct wtr_text wtr_arena_copy(struct wtr_arena *arena, struct wtr_text text)
{
    if (!text.data)
        return text;
    char *to = wtr_arena_get(arena, text.length);
    if (!to)
        return (struct wtr_text){NULL, 0};
    if (text.length)
        memcpy(to, text.data, text.length);
    return (struct wtr_text){to, text.length};
}
