/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of records go round between the maker's thread and the reader. What needs nothing but the record,
 * its sentence, is made by the reader, whose lines take less time than the making. */
#include "timeline/ahead.h"

#include "base/ring.h"
#include "base/thread.h"

#include <stdlib.h>

enum {
    WORTH_A_THREAD = 4096, /* items; of fewer the records are made when they are asked for */
    BATCH = 32,
    BATCHES = 8,
};

enum stage { STAGE_MAKE, STAGE_READ, STAGES };

struct batch {
    struct wtr_made records[BATCH];
    size_t count;
    enum wtr_status status; /* what came after the last record; WTR_OK: more of them */
};

struct wtr_ahead {
    struct wtr_timeline *timeline;
    struct wtr_ring ring;
    pthread_t maker;
    bool running;
    struct batch *current; /* NULL: nothing was read yet */
    size_t next;           /* in the current batch */
    struct batch batches[BATCHES];
};

static void make_batch(struct wtr_ahead *a, struct batch *batch, size_t most)
{
    batch->count = 0;
    batch->status = WTR_OK;
    while (batch->count < most && batch->status == WTR_OK) {
        batch->status = wtr_timeline_next(a->timeline, &batch->records[batch->count]);
        batch->count += batch->status == WTR_OK;
    }
}

/* The thread: makes batches as long as there is room and something to make. */
static void *make_all(void *ahead)
{
    struct wtr_ahead *a = ahead;
    enum wtr_status status = WTR_OK;
    size_t slot;
    while (status == WTR_OK && wtr_ring_take(&a->ring, STAGE_MAKE, &slot)) {
        make_batch(a, &a->batches[slot], BATCH);
        status = a->batches[slot].status;
        wtr_ring_pass(&a->ring, STAGE_MAKE);
    }
    wtr_ring_end(&a->ring);
    return NULL;
}

enum wtr_status wtr_ahead_new(struct wtr_ahead **ahead, struct wtr_timeline *timeline, uint64_t items)
{
    struct wtr_ahead *a = calloc(1, sizeof *a);
    if (!a)
        return WTR_E_MEMORY;
    a->timeline = timeline;
    if (!wtr_ring_open(&a->ring, STAGES, BATCHES)) {
        free(a);
        return WTR_E_MEMORY;
    }
    a->running = items >= WORTH_A_THREAD && wtr_thread_start(&a->maker, make_all, a);
    *ahead = a;
    return WTR_OK;
}

void wtr_ahead_free(struct wtr_ahead *a)
{
    if (!a)
        return;
    if (a->running) {
        wtr_ring_stop(&a->ring);
        pthread_join(a->maker, NULL);
    }
    for (size_t i = 0; i < BATCHES; i++)
        for (size_t k = 0; k < BATCH; k++)
            wtr_made_free(&a->batches[i].records[k]);
    wtr_ring_close(&a->ring);
    free(a);
}

/* The next batch; the one before it is given back. */
static void take_batch(struct wtr_ahead *a)
{
    size_t slot;
    if (!a->running) {
        a->current = &a->batches[0];
        make_batch(a, a->current, 1);
        return;
    }
    if (a->current)
        wtr_ring_pass(&a->ring, STAGE_READ);
    wtr_ring_take(&a->ring, STAGE_READ, &slot);
    a->current = &a->batches[slot];
}

enum wtr_status wtr_ahead_next(struct wtr_ahead *a, const struct wtr_record **record)
{
    while (!a->current || a->next == a->current->count) {
        if (a->current && a->current->status != WTR_OK)
            return a->current->status;
        take_batch(a);
        a->next = 0;
    }
    struct wtr_made *made = &a->current->records[a->next++];
    *record = &made->record;
    return wtr_made_word(made) ? WTR_OK : WTR_E_MEMORY;
}
