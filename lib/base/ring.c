/* SPDX-License-Identifier: Apache-2.0 */
/* A stage may take the slots that the stage before it has passed and it has not; the first stage is a round
 * behind the last. */
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

static bool has_slot(const struct wtr_ring *ring, size_t stage)
{
    uint64_t come = stage > 0 ? ring->passed[stage - 1] : ring->passed[ring->stages - 1] + ring->slots;
    return ring->passed[stage] < come;
}

bool wtr_ring_take(struct wtr_ring *ring, size_t stage, size_t *slot)
{
    pthread_mutex_lock(&ring->lock);
    while (!ring->stop && !has_slot(ring, stage))
        pthread_cond_wait(&ring->turn[stage], &ring->lock);
    bool taken = !ring->stop;
    *slot = (size_t)(ring->passed[stage] % ring->slots);
    pthread_mutex_unlock(&ring->lock);
    return taken;
}

void wtr_ring_pass(struct wtr_ring *ring, size_t stage)
{
    pthread_mutex_lock(&ring->lock);
    ring->passed[stage]++;
    pthread_cond_signal(&ring->turn[(stage + 1) % ring->stages]);
    pthread_mutex_unlock(&ring->lock);
}

void wtr_ring_stop(struct wtr_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    ring->stop = true;
    for (size_t i = 0; i < ring->stages; i++)
        pthread_cond_signal(&ring->turn[i]);
    pthread_mutex_unlock(&ring->lock);
}
