/* SPDX-License-Identifier: Apache-2.0 */
/* A stage may take the slots that the stage before it has passed and it has not; the first stage is a round
 * behind the last. To be woken costs more than to pass a slot, so one that had to wait is woken for several:
 * so few that not all stages can wait at once. */
#include "base/ring.h"

#include <string.h>

bool wtr_ring_open(struct wtr_ring *ring, size_t stages, size_t slots)
{
    memset(ring, 0, sizeof *ring);
    if (pthread_mutex_init(&ring->lock, NULL) != 0)
        return false;
    ring->slots = slots;
    while (ring->stages < stages && pthread_cond_init(&ring->turn[ring->stages], NULL) == 0)
        ring->stages++;
    if (ring->stages == stages)
        return true;
    wtr_ring_close(ring);
    return false;
}

void wtr_ring_close(struct wtr_ring *ring)
{
    for (size_t i = 0; i < ring->stages; i++)
        pthread_cond_destroy(&ring->turn[i]);
    pthread_mutex_destroy(&ring->lock);
}

static uint64_t slots_for(const struct wtr_ring *ring, size_t stage)
{
    uint64_t come = stage > 0 ? ring->passed[stage - 1] : ring->passed[ring->stages - 1] + ring->slots;
    return come - ring->passed[stage];
}

/* Whether a stage that waits goes on. */
static bool is_worth_waking(const struct wtr_ring *ring, size_t stage)
{
    uint64_t few = ring->ending || ring->slots < ring->stages ? 1 : ring->slots / ring->stages;
    return ring->stop || slots_for(ring, stage) >= few;
}

bool wtr_ring_take(struct wtr_ring *ring, size_t stage, size_t *slot)
{
    pthread_mutex_lock(&ring->lock);
    if (slots_for(ring, stage) == 0)
        while (!is_worth_waking(ring, stage))
            pthread_cond_wait(&ring->turn[stage], &ring->lock);
    bool taken = !ring->stop;
    *slot = (size_t)(ring->passed[stage] % ring->slots);
    pthread_mutex_unlock(&ring->lock);
    return taken;
}

void wtr_ring_pass(struct wtr_ring *ring, size_t stage)
{
    pthread_mutex_lock(&ring->lock);
    size_t next = (stage + 1) % ring->stages;
    ring->passed[stage]++;
    if (is_worth_waking(ring, next))
        pthread_cond_signal(&ring->turn[next]);
    pthread_mutex_unlock(&ring->lock);
}

static void wake_all(struct wtr_ring *ring)
{
    for (size_t i = 0; i < ring->stages; i++)
        pthread_cond_signal(&ring->turn[i]);
}

void wtr_ring_end(struct wtr_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    ring->ending = true;
    wake_all(ring);
    pthread_mutex_unlock(&ring->lock);
}

void wtr_ring_stop(struct wtr_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    ring->stop = true;
    wake_all(ring);
    pthread_mutex_unlock(&ring->lock);
}
