/* SPDX-License-Identifier: Apache-2.0 */
/* Slots come to each stage in order and whole, and a stop ends every wait. */
#include "base/ring.h"

#include <criterion/criterion.h>

enum { SLOTS = 3, ROUNDS = 20000 };

struct line {
    struct wtr_ring ring;
    uint64_t values[SLOTS];
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

Test(ring, three_stages)
{
    static struct line line;
    pthread_t second, third;
    size_t slot;
    cr_assert(wtr_ring_open(&line.ring, 3, SLOTS));
    cr_assert_eq(pthread_create(&second, NULL, double_all, &line), 0);
    cr_assert_eq(pthread_create(&third, NULL, check_all, &line), 0);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        cr_assert(wtr_ring_take(&line.ring, 0, &slot));
        cr_assert_eq(slot, i % SLOTS);
        line.values[slot] = i;
        wtr_ring_pass(&line.ring, 0);
    }
    pthread_join(second, NULL);
    pthread_join(third, NULL);
    cr_assert_eq(line.seen, ROUNDS);
    cr_assert(line.in_order);
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
