/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on a plug: a relay, a load that wanders, and the energy that it has drawn. All in integers. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "sim.h"

struct load {
    bool on;
    int64_t since_us;  /* the relay's last change */
    int64_t last_us;   /* until when energy is counted */
    uint32_t power_mw; /* drawn while on */
    uint32_t voltage_mv;
    uint64_t total_mw_ms;
    uint64_t today_mw_ms;
    uint64_t yesterday_mw_ms;
};

void load_start(struct sim *sim, struct load *load);

/* Counts the energy up to now, and lets power and voltage wander. */
void load_advance(struct sim *sim, struct load *load);

void load_switch(struct sim *sim, struct load *load, bool on);

/* The present power, 0 while off. */
uint32_t load_power_mw(const struct load *load);
uint32_t load_current_ma(const struct load *load);

/* Of an amount of energy as kept above. */
uint64_t load_watt_hours(uint64_t mw_ms);
uint64_t load_watt_minutes(uint64_t mw_ms);

#endif
