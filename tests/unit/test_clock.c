/* SPDX-License-Identifier: Apache-2.0 */
/* The relation of two captures' clocks, measured on messages made up with a known relation. */
#include "timeline/clock_fit.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define SECOND INT64_C(1000000000)
#define US INT64_C(1000)

static const int64_t start = INT64_C(1767323045) * INT64_C(1000000000);

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return wtr_mix64(*state);
}

static struct wtr_clock fit(struct wtr_clock_sample *from, struct wtr_clock_sample *to, bool expected)
{
    const struct wtr_clock_mark *a, *b;
    struct wtr_clock clock = {0};
    cr_assert(wtr_clock_sample_seal(from) && wtr_clock_sample_seal(to));
    size_t na = wtr_clock_sample_marks(from, &a);
    size_t nb = wtr_clock_sample_marks(to, &b);
    cr_assert_eq(wtr_clock_fit(a, na, b, nb, &clock), expected);
    wtr_clock_sample_free(from);
    wtr_clock_sample_free(to);
    return clock;
}

/* `count` messages, `step` apart, that the second source saw `offset` later on its clock, which runs `ppb`
 * faster, and up to `jitter` off either way. */
static struct wtr_clock fit_made(size_t count, int64_t step, int64_t offset, int64_t ppb, int64_t jitter,
                                 bool expected)
{
    struct wtr_clock_sample *from = wtr_clock_sample_new(), *to = wtr_clock_sample_new();
    uint64_t random = 7;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = next_random(&random);
        int64_t passed = (int64_t)i * step;
        int64_t off = jitter ? (int64_t)(next_random(&random) % (uint64_t)(2 * jitter + 1)) - jitter : 0;
        wtr_clock_sample_add(from, hash, start + passed);
        wtr_clock_sample_add(to, hash, start + passed + offset + passed / 1000000 * ppb / 1000 + off);
    }
    return fit(from, to, expected);
}

Test(clock, an_exact_offset)
{
    struct wtr_clock clock = fit_made(10, SECOND, -3 * SECOND / 2, 0, 0, true);
    cr_assert_eq(clock.offset_ns, -3 * SECOND / 2);
    cr_assert_eq(clock.skew_ppb, 0);
    cr_assert_eq(clock.uncertainty_ns, 0);
    cr_assert_eq(clock.shared, 10);
    cr_assert_eq(wtr_clock_shift(&clock, start + 5 * SECOND), -3 * SECOND / 2);
}

Test(clock, jitter_is_the_uncertainty)
{
    struct wtr_clock clock = fit_made(400, SECOND / 10, 2 * SECOND, 0, 300 * US, true);
    cr_assert(llabs(clock.offset_ns - 2 * SECOND) < 100 * US, "%ld", (long)clock.offset_ns);
    cr_assert(clock.uncertainty_ns >= 250 * US && clock.uncertainty_ns <= 400 * US, "%ld",
              (long)clock.uncertainty_ns);
    cr_assert_eq(clock.skew_ppb, 0);
}

/* 40 parts in a million over an hour are 144 ms: far more than the jitter. */
Test(clock, skew)
{
    struct wtr_clock clock = fit_made(3600, SECOND, SECOND, 40000, 50 * US, true);
    cr_assert(llabs(clock.skew_ppb - 40000) < 200, "%ld", (long)clock.skew_ppb);
    cr_assert(clock.uncertainty_ns < 400 * US, "%ld", (long)clock.uncertainty_ns);
    for (int64_t at = 0; at < 3600; at += 60) {
        int64_t truth = SECOND + at * 40000;
        int64_t found = wtr_clock_shift(&clock, start + at * SECOND);
        cr_assert(llabs(found - truth) <= clock.uncertainty_ns, "at %ld: %ld", (long)at,
                  (long)(found - truth));
    }
}

Test(clock, two_messages_say_nothing)
{
    fit_made(2, SECOND, SECOND, 0, 0, false);
}

Test(clock, nothing_shared)
{
    struct wtr_clock_sample *from = wtr_clock_sample_new(), *to = wtr_clock_sample_new();
    for (uint64_t i = 0; i < 100; i++) {
        wtr_clock_sample_add(from, wtr_mix64(i), start);
        wtr_clock_sample_add(to, wtr_mix64(i + 1000), start);
    }
    fit(from, to, false);
}

/* A clock that was set in between has no one offset. */
Test(clock, a_step_is_no_relation)
{
    struct wtr_clock_sample *from = wtr_clock_sample_new(), *to = wtr_clock_sample_new();
    for (uint64_t i = 0; i < 40; i++) {
        int64_t at = start + (int64_t)i * SECOND;
        wtr_clock_sample_add(from, wtr_mix64(i), at);
        wtr_clock_sample_add(to, wtr_mix64(i), at + (i < 20 ? SECOND : 9 * SECOND));
    }
    fit(from, to, false);
}

/* One in ten was seen late by the second source: a retransmission whose first sending it missed. */
Test(clock, late_ones_do_not_count)
{
    struct wtr_clock_sample *from = wtr_clock_sample_new(), *to = wtr_clock_sample_new();
    for (uint64_t i = 0; i < 100; i++) {
        int64_t at = start + (int64_t)i * SECOND;
        wtr_clock_sample_add(from, wtr_mix64(i), at);
        wtr_clock_sample_add(to, wtr_mix64(i), at + SECOND + (i % 10 == 3 ? SECOND / 5 : 0));
    }
    struct wtr_clock clock = fit(from, to, true);
    cr_assert_eq(clock.offset_ns, SECOND);
    cr_assert_eq(clock.shared, 90);
    cr_assert_eq(clock.uncertainty_ns, 0);
}

Test(clock, what_repeats_is_no_mark)
{
    struct wtr_clock_sample *from = wtr_clock_sample_new(), *to = wtr_clock_sample_new();
    for (uint64_t i = 0; i < 20; i++) {
        wtr_clock_sample_add(from, 42, start + (int64_t)i);
        wtr_clock_sample_add(to, 42, start + (int64_t)i);
    }
    fit(from, to, false);
}

/* A short capture inside one with hundreds of thousands of messages still shares enough of the sample. */
Test(clock, a_small_part_of_a_large_capture)
{
    struct wtr_clock_sample *from = wtr_clock_sample_new(), *to = wtr_clock_sample_new();
    for (uint64_t i = 0; i < 500000; i++)
        wtr_clock_sample_add(to, wtr_mix64(i), start + (int64_t)i * US);
    for (uint64_t i = 100000; i < 105000; i++)
        wtr_clock_sample_add(from, wtr_mix64(i), start + (int64_t)i * US - 7 * SECOND);
    struct wtr_clock clock = fit(from, to, true);
    cr_assert_eq(clock.offset_ns, 7 * SECOND);
}

/* 0 and 2 share messages, 2 and 1 share others, 3 stands alone. */
Test(clock, sources_relate_by_way_of_others)
{
    struct wtr_clock_sample *s[4];
    struct wtr_clock clocks[4];
    for (size_t i = 0; i < 4; i++)
        s[i] = wtr_clock_sample_new();
    for (uint64_t i = 0; i < 20; i++) {
        int64_t at = start + (int64_t)i * SECOND;
        wtr_clock_sample_add(s[0], wtr_mix64(i), at);
        wtr_clock_sample_add(s[2], wtr_mix64(i), at - 10 * SECOND);
        wtr_clock_sample_add(s[2], wtr_mix64(100 + i), at + 30 * SECOND - 10 * SECOND);
        wtr_clock_sample_add(s[1], wtr_mix64(100 + i), at + 30 * SECOND + 4 * SECOND);
        wtr_clock_sample_add(s[3], wtr_mix64(900 + i), at);
    }
    for (size_t i = 0; i < 4; i++)
        cr_assert(wtr_clock_sample_seal(s[i]));
    cr_assert(wtr_clocks_relate(s, 4, clocks));
    cr_assert_eq(clocks[0].scale, 0);
    cr_assert_eq(clocks[0].offset_ns, 0);
    cr_assert_eq(clocks[1].scale, 0);
    cr_assert_eq(clocks[1].offset_ns, -4 * SECOND);
    cr_assert_eq(clocks[2].scale, 0);
    cr_assert_eq(clocks[2].offset_ns, 10 * SECOND);
    cr_assert_eq(clocks[3].scale, 3);
    cr_assert_eq(clocks[3].offset_ns, 0);
    for (size_t i = 0; i < 4; i++)
        wtr_clock_sample_free(s[i]);
}
