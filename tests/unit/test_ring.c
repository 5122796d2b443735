/* SPDX-License-Identifier: Apache-2.0 */
/* Slots come to each stage in order and whole, and a stop ends every wait. */
#include "base/ring.h"

#include <criterion/criterion.h>
#include <sched.h>

enum { SLOTS = 3, MOST_SLOTS = 12, ROUNDS = 20000 };

struct line {
    struct wtr_ring ring;
    uint64_t values[MOST_SLOTS];
    uint64_t seen; /* by the last stage */
    bool in_order;
};

/* The second stage doubles what the first has put in. */
static void *double_all(void *payload)
{
    struct line *line = payload;
    size_t slot;
    for (uint64_t i = 0; i < ROUNDS && wtr_ring_take(&line->ring, 1, &slot); i++) {
        line->values[slot] *= 2;
        wtr_ring_pass(&line->ring, 1);
    }
    return NULL;
}

static void *check_all(void *payload)
{
    struct line *line = payload;
    size_t slot;
    line->in_order = true;
    while (line->seen < ROUNDS && wtr_ring_take(&line->ring, 2, &slot)) {
        line->in_order = line->in_order && line->values[slot] == 2 * line->seen;
        line->seen++;
        wtr_ring_pass(&line->ring, 2);
    }
    return NULL;
}

static void go_through_three_stages(size_t slots)
{
    static struct line line;
    pthread_t second, third;
    size_t slot;
    line = (struct line){.seen = 0};
    cr_assert(wtr_ring_open(&line.ring, 3, slots));
    cr_assert_eq(pthread_create(&second, NULL, double_all, &line), 0);
    cr_assert_eq(pthread_create(&third, NULL, check_all, &line), 0);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        cr_assert(wtr_ring_take(&line.ring, 0, &slot));
        cr_assert_eq(slot, i % slots);
        line.values[slot] = i;
        wtr_ring_pass(&line.ring, 0);
    }
    wtr_ring_end(&line.ring);
    pthread_join(second, NULL);
    pthread_join(third, NULL);
    cr_assert_eq(line.seen, ROUNDS);
    cr_assert(line.in_order);
    wtr_ring_close(&line.ring);
}

/* Also where stages that wait are woken for several slots, and the last few are fewer. */
Test(ring, three_stages)
{
    for (size_t slots = 1; slots <= MOST_SLOTS; slots++)
        go_through_three_stages(slots);
}

static uint64_t passed_by_the_last(struct wtr_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    uint64_t passed = ring->passed[2];
    pthread_mutex_unlock(&ring->lock);
    return passed;
}

/* A single slot, for which nobody would be woken otherwise. */
Test(ring, what_is_left_comes_at_the_end, .timeout = 10)
{
    static struct line line;
    pthread_t second, third;
    size_t slot;
    cr_assert(wtr_ring_open(&line.ring, 3, MOST_SLOTS));
    cr_assert_eq(pthread_create(&second, NULL, double_all, &line), 0);
    cr_assert_eq(pthread_create(&third, NULL, check_all, &line), 0);
    cr_assert(wtr_ring_take(&line.ring, 0, &slot));
    wtr_ring_pass(&line.ring, 0);
    wtr_ring_end(&line.ring);
    while (passed_by_the_last(&line.ring) == 0)
        sched_yield();
    wtr_ring_stop(&line.ring);
    pthread_join(second, NULL);
    pthread_join(third, NULL);
    cr_assert_eq(line.seen, 1);
    wtr_ring_close(&line.ring);
}

Test(ring, a_stop_ends_the_wait)
{
    static struct line line;
    pthread_t second, third;
    size_t slot;
    cr_assert(wtr_ring_open(&line.ring, 3, SLOTS));
    cr_assert_eq(pthread_create(&second, NULL, double_all, &line), 0);
    cr_assert_eq(pthread_create(&third, NULL, check_all, &line), 0);
    cr_assert(wtr_ring_take(&line.ring, 0, &slot));
    wtr_ring_pass(&line.ring, 0);
    wtr_ring_stop(&line.ring);
    pthread_join(second, NULL);
    pthread_join(third, NULL);
    cr_assert_not(wtr_ring_take(&line.ring, 0, &slot));
    cr_assert_leq(line.seen, 1);
    wtr_ring_close(&line.ring);
}

Test(ring, the_first_stage_is_a_round_ahead_at_most)
{
    struct wtr_ring ring;
    size_t slot;
    cr_assert(wtr_ring_open(&ring, 2, 2));
    for (size_t i = 0; i < 10; i++) {
        cr_assert(wtr_ring_take(&ring, 0, &slot));
        cr_assert_eq(slot, i % 2);
        wtr_ring_pass(&ring, 0);
        cr_assert(wtr_ring_take(&ring, 1, &slot));
        cr_assert_eq(slot, i % 2);
        wtr_ring_pass(&ring, 1);
    }
    wtr_ring_close(&ring);
}
