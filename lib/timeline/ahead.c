/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of batches of records. Under the lock stand how many batches were made and how many were given back;
 * those between the two are the reader's, the others the maker's. What needs nothing but the record, its
 * sentence, is made by the reader, whose lines take less time than the making. */
#include "timeline/ahead.h"

#include "base/thread.h"

#include <stdlib.h>

enum {
    WORTH_A_THREAD = 4096, /* items; of fewer the records are made when they are asked for */
    BATCH = 64,
    BATCHES = 4,
};

struct batch {
    struct wtr_made records[BATCH];
    size_t count;
    enum wtr_status status; /* what came after the last record; WTR_OK: more of them */
};

struct wtr_ahead {
    struct wtr_timeline *timeline;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* either number, or `stop` */
    uint64_t made, given_back;
    bool stop;
    bool running; /* only the reader looks at this and what follows */
    pthread_t maker;
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
    pthread_mutex_lock(&a->lock);
    while (!a->stop && status == WTR_OK) {
        if (a->made - a->given_back == BATCHES) {
            pthread_cond_wait(&a->moved, &a->lock);
            continue;
        }
        struct batch *batch = &a->batches[a->made % BATCHES];
        pthread_mutex_unlock(&a->lock);
        make_batch(a, batch, BATCH);
        status = batch->status;
        pthread_mutex_lock(&a->lock);
        a->made++;
        pthread_cond_signal(&a->moved);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

enum wtr_status wtr_ahead_new(struct wtr_ahead **ahead, struct wtr_timeline *timeline, uint64_t items)
{
    struct wtr_ahead *a = calloc(1, sizeof *a);
    if (!a)
        return WTR_E_MEMORY;
    a->timeline = timeline;
    if (pthread_mutex_init(&a->lock, NULL) != 0) {
        free(a);
        return WTR_E_MEMORY;
    }
    if (pthread_cond_init(&a->moved, NULL) != 0) {
        pthread_mutex_destroy(&a->lock);
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
        pthread_mutex_lock(&a->lock);
        a->stop = true;
        pthread_cond_signal(&a->moved);
        pthread_mutex_unlock(&a->lock);
        pthread_join(a->maker, NULL);
    }
    for (size_t i = 0; i < BATCHES; i++)
        for (size_t k = 0; k < BATCH; k++)
            wtr_made_free(&a->batches[i].records[k]);
    pthread_cond_destroy(&a->moved);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

/* The next batch; the one before it is given back. */
static void take_batch(struct wtr_ahead *a)
{
    if (!a->running) {
        a->current = &a->batches[0];
        make_batch(a, a->current, 1);
        return;
    }
    pthread_mutex_lock(&a->lock);
    if (a->current) {
        a->given_back++;
        pthread_cond_signal(&a->moved);
    }
    while (a->made == a->given_back)
        pthread_cond_wait(&a->moved, &a->lock);
    a->current = &a->batches[a->given_back % BATCHES];
    pthread_mutex_unlock(&a->lock);
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
