/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated time: a binary heap by time and order, and the one stream of random numbers (SplitMix64: Steele,
 * Lea, Flood, "Fast splittable pseudorandom number generators", 2014). */
#include "sim.h"

#include "text.h"

#include <stdlib.h>

void sim_start(struct sim *sim, uint64_t seed, int64_t now_us)
{
    *sim = (struct sim){.now_us = now_us, .random = seed};
}

static bool before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void swap(struct sim_event *a, struct sim_event *b)
{
    struct sim_event kept = *a;
    *a = *b;
    *b = kept;
}

void sim_after(struct sim *sim, int64_t delay_us, sim_action action, void *actor, uint32_t argument)
{
    if (sim->count == sim->capacity) {
        sim->capacity = sim->capacity ? sim->capacity * 2 : 1024;
        sim->heap = realloc(sim->heap, sim->capacity * sizeof *sim->heap);
        if (!sim->heap)
            die("out of memory");
    }
    size_t at = sim->count++;
    sim->heap[at] = (struct sim_event){sim->now_us + delay_us, sim->orders++, action, actor, argument};
    while (at > 0 && before(&sim->heap[at], &sim->heap[(at - 1) / 2])) {
        swap(&sim->heap[at], &sim->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sink(struct sim *sim)
{
    size_t at = 0;
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= sim->count)
            return;
        if (child + 1 < sim->count && before(&sim->heap[child + 1], &sim->heap[child]))
            child++;
        if (!before(&sim->heap[child], &sim->heap[at]))
            return;
        swap(&sim->heap[child], &sim->heap[at]);
        at = child;
    }
}

bool sim_step(struct sim *sim)
{
    if (!sim->count)
        return false;
    struct sim_event event = sim->heap[0];
    sim->heap[0] = sim->heap[--sim->count];
    sink(sim);
    sim->now_us = event.at_us;
    event.action(sim, event.actor, event.argument);
    return true;
}

uint32_t sim_bits(struct sim *sim)
{
    sim->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t bits = sim->random;
    bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(bits >> 32);
}

uint32_t sim_below(struct sim *sim, uint32_t bound)
{
    return (uint32_t)((uint64_t)sim_bits(sim) * bound >> 32);
}

int64_t sim_between(struct sim *sim, int64_t from_us, int64_t to_us)
{
    return from_us + (int64_t)sim_below(sim, (uint32_t)(to_us - from_us));
}
