/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of slots that pass through stages in order, each stage a thread: what one stage has filled the next
 * takes, and what the last has let go the first fills again. The ring knows the slots' numbers alone; what is
 * in them is the user's. */
#ifndef WTR_BASE_RING_H
#define WTR_BASE_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WTR_RING_STAGES = 3 };

struct wtr_ring {
    size_t stages, slots;
    pthread_mutex_t lock;
    pthread_cond_t turn[WTR_RING_STAGES]; /* slots have come to the stage, or `stop` */
    uint64_t
        passed[WTR_RING_STAGES]; /* under the lock, like what follows: slots that the stage has passed on */
    bool ending;                 /* the first stage passes no more */
    bool stop;
};

/* False: no memory. */
bool wtr_ring_open(struct wtr_ring *ring, size_t stages, size_t slots);
/* When no thread uses it any more. */
void wtr_ring_close(struct wtr_ring *ring);

/* Waits for the stage's next slot, having passed on all that it took. False: the ring was stopped. */
bool wtr_ring_take(struct wtr_ring *ring, size_t stage, size_t *slot);
/* Gives the slot that the stage took last to the next stage. */
void wtr_ring_pass(struct wtr_ring *ring, size_t stage);
/* The first stage has passed its last slot: the others get what there is. */
void wtr_ring_end(struct wtr_ring *ring);
/* No stage gets any more slots. */
void wtr_ring_stop(struct wtr_ring *ring);

#endif
