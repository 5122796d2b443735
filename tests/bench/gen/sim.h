/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated time: a heap of things to do, taken in the order of their time. Whatever is done writes its
 * frames at that instant, so the capture is in order however many connections are under way, and memory is
 * bounded by what is under way. Two runs with one seed do the same things in the same order. */
#ifndef BENCH_SIM_H
#define BENCH_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MILLISECOND INT64_C(1000)
#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)

struct sim;
typedef void (*sim_action)(struct sim *sim, void *actor, uint32_t argument);

struct sim_event {
    int64_t at_us;
    uint64_t order;
    sim_action action;
    void *actor;
    uint32_t argument;
};

struct capture;
struct truth;

struct sim {
    int64_t now_us; /* microseconds since 1970-01-01T00:00:00Z */
    uint64_t random;
    uint64_t orders;
    struct sim_event *heap;
    size_t count;
    size_t capacity;
    struct capture *capture;
    struct truth *truth;
};

void sim_start(struct sim *sim, uint64_t seed, int64_t now_us);

/* Asks for an action; those of one instant are done in the order in which they were asked for. */
void sim_after(struct sim *sim, int64_t delay_us, sim_action action, void *actor, uint32_t argument);

/* Does the next action; false if none is left. */
bool sim_step(struct sim *sim);

/* 32 random bits, and a number below a bound (at least 1). */
uint32_t sim_bits(struct sim *sim);
uint32_t sim_below(struct sim *sim, uint32_t bound);

/* A time between two bounds. */
int64_t sim_between(struct sim *sim, int64_t from_us, int64_t to_us);

#endif
