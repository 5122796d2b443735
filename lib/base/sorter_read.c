/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a sealed sorter: the records that never left memory, or the runs of its file, merged. */
#include "base/sorter_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* One run being read. */
struct run_reader {
    uint64_t at; /* in the file: what comes after the block */
    uint64_t end;
    uint8_t *block;
    size_t block_size;
    size_t have;
    size_t used;
    const uint8_t *current;
};

struct wtr_sorted {
    const struct wtr_sorter *sorter;
    int fd;
    size_t memory_next; /* for what never left memory */
    struct run_reader *readers;
    size_t *heap;
    size_t heap_count;
    size_t reader_count;
    bool started;
};

/* Makes sure that `want` bytes of the run stand in the block. WTR_END: the run is over. */
static enum wtr_status reader_fill(struct run_reader *r, int fd, size_t want)
{
    if (r->have - r->used >= want)
        return WTR_OK;
    memmove(r->block, r->block + r->used, r->have - r->used);
    r->have -= r->used;
    r->used = 0;
    if (want > r->block_size) {
        uint8_t *block = realloc(r->block, want);
        if (!block)
            return WTR_E_MEMORY;
        r->block = block;
        r->block_size = want;
    }
    while (r->have < want && r->at < r->end) {
        size_t room = r->block_size - r->have;
        size_t left = r->end - r->at < room ? (size_t)(r->end - r->at) : room;
        ssize_t n = pread(fd, r->block + r->have, left, (off_t)r->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return WTR_E_READ;
        r->have += (size_t)n;
        r->at += (uint64_t)n;
    }
    return r->have >= want ? WTR_OK : r->have == 0 ? WTR_END : WTR_E_READ;
}

static enum wtr_status reader_next(struct wtr_sorted *sorted, struct run_reader *r)
{
    uint32_t length;
    enum wtr_status status = reader_fill(r, sorted->fd, sizeof length);
    if (status != WTR_OK)
        return status;
    memcpy(&length, r->block + r->used, sizeof length);
    size_t size = sizeof length + sorted->sorter->key_size + length;
    status = reader_fill(r, sorted->fd, size);
    if (status != WTR_OK)
        return WTR_E_READ;
    r->current = r->block + r->used;
    r->used += size;
    return WTR_OK;
}

/* Whether run `a` comes before run `b`; of equals the earlier run does. */
static bool before(const struct wtr_sorted *sorted, size_t a, size_t b)
{
    const uint8_t *ka = sorted->readers[a].current + sizeof(uint32_t);
    const uint8_t *kb = sorted->readers[b].current + sizeof(uint32_t);
    int order = sorted->sorter->compare(ka, kb);
    return order < 0 || (order == 0 && a < b);
}

static void sift_down(struct wtr_sorted *sorted, size_t at)
{
    size_t *heap = sorted->heap;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= sorted->heap_count)
            return;
        if (child + 1 < sorted->heap_count && before(sorted, heap[child + 1], heap[child]))
            child++;
        if (!before(sorted, heap[child], heap[at]))
            return;
        size_t swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

static enum wtr_status start_reading(struct wtr_sorted *sorted)
{
    sorted->started = true;
    for (size_t i = 0; i < sorted->reader_count; i++) {
        enum wtr_status status = reader_next(sorted, &sorted->readers[i]);
        if (status == WTR_OK)
            sorted->heap[sorted->heap_count++] = i;
        else if (status != WTR_END)
            return status;
    }
    for (size_t i = sorted->heap_count / 2; i-- > 0;)
        sift_down(sorted, i);
    return WTR_OK;
}

enum wtr_status wtr_sorted_open_runs(struct wtr_sorted **out, const struct wtr_sorter *s, size_t from,
                                     size_t to)
{
    struct wtr_sorted *sorted = calloc(1, sizeof *sorted);
    if (!sorted)
        return WTR_E_MEMORY;
    size_t n = to - from;
    *sorted = (struct wtr_sorted){.sorter = s, .fd = s->file.fd};
    sorted->readers = calloc(n ? n : 1, sizeof *sorted->readers);
    sorted->heap = calloc(n ? n : 1, sizeof *sorted->heap);
    bool whole = sorted->readers && sorted->heap;
    for (size_t i = 0; whole && i < n; i++) {
        const struct wtr_sorter_run *run = &s->file.runs[from + i];
        struct run_reader *r = &sorted->readers[i];
        *r = (struct run_reader){.at = run->offset, .end = run->offset + run->length};
        r->block = malloc(WTR_SORTER_BLOCK);
        r->block_size = WTR_SORTER_BLOCK;
        sorted->reader_count = i + 1;
        whole = r->block != NULL;
    }
    if (!whole) {
        wtr_sorted_close(sorted);
        return WTR_E_MEMORY;
    }
    *out = sorted;
    return WTR_OK;
}

enum wtr_status wtr_sorted_open(struct wtr_sorted **out, struct wtr_sorter *s)
{
    return s->sealed ? wtr_sorted_open_runs(out, s, 0, s->file.run_count) : WTR_E_ARGUMENT;
}

void wtr_sorted_close(struct wtr_sorted *sorted)
{
    if (!sorted)
        return;
    for (size_t i = 0; sorted->readers && i < sorted->reader_count; i++)
        free(sorted->readers[i].block);
    free(sorted->readers);
    free(sorted->heap);
    free(sorted);
}

static void hand_out(const struct wtr_sorter *s, const uint8_t *at, const void **key, struct wtr_text *record)
{
    uint32_t length;
    memcpy(&length, at, sizeof length);
    *key = at + sizeof length;
    *record = wtr_text_of(at + sizeof length + s->key_size, length);
}

enum wtr_status wtr_sorted_next(struct wtr_sorted *sorted, const void **key, struct wtr_text *record)
{
    const struct wtr_sorter *s = sorted->sorter;
    if (sorted->reader_count == 0) {
        const struct wtr_sorter_batch *b = &s->filling;
        if (sorted->memory_next == b->count)
            return WTR_END;
        hand_out(s, b->records + b->index[sorted->memory_next++], key, record);
        return WTR_OK;
    }
    enum wtr_status status = WTR_OK;
    if (!sorted->started) {
        status = start_reading(sorted);
    } else if (sorted->heap_count > 0) {
        status = reader_next(sorted, &sorted->readers[sorted->heap[0]]);
        if (status == WTR_END) {
            sorted->heap[0] = sorted->heap[--sorted->heap_count];
            status = WTR_OK;
        }
        sift_down(sorted, 0);
    }
    if (status != WTR_OK)
        return status;
    if (sorted->heap_count == 0)
        return WTR_END;
    hand_out(s, sorted->readers[sorted->heap[0]].current, key, record);
    return WTR_OK;
}
