/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on a plug. */
#include "load.h"

#define DAY (1440 * MINUTE)
#define MW_MS_PER_WH UINT64_C(3600000000)
#define MW_MS_PER_W_MIN UINT64_C(60000000)

void load_start(struct sim *sim, struct load *load)
{
    load->on = sim_below(sim, 2);
    load->since_us = sim->now_us;
    load->last_us = sim->now_us;
    load->power_mw = 4000 + sim_below(sim, 1 << (8 + sim_below(sim, 14)));
    load->voltage_mv = 228000 + sim_below(sim, 6000);
    load->total_mw_ms = sim_below(sim, 900000) * MW_MS_PER_WH;
    load->yesterday_mw_ms = sim_below(sim, 4000) * MW_MS_PER_WH;
    load->today_mw_ms = 0;
}

static void wander(struct sim *sim, uint32_t *value, uint32_t step, uint32_t least, uint32_t most)
{
    uint32_t moved = *value + sim_below(sim, 2 * step + 1);
    moved = moved > least + step ? moved - step : least;
    *value = moved < most ? moved : most;
}

void load_advance(struct sim *sim, struct load *load)
{
    uint64_t drawn = (uint64_t)load_power_mw(load) * (uint64_t)((sim->now_us - load->last_us) / MILLISECOND);
    if (sim->now_us / DAY != load->last_us / DAY) {
        load->yesterday_mw_ms = load->today_mw_ms;
        load->today_mw_ms = 0;
    }
    load->total_mw_ms += drawn;
    load->today_mw_ms += drawn;
    load->last_us = sim->now_us;
    wander(sim, &load->power_mw, load->power_mw / 40 + 50, 2000, 3500000);
    wander(sim, &load->voltage_mv, 300, 224000, 238000);
}

void load_switch(struct sim *sim, struct load *load, bool on)
{
    load_advance(sim, load);
    if (load->on != on)
        load->since_us = sim->now_us;
    load->on = on;
}

uint32_t load_power_mw(const struct load *load)
{
    return load->on ? load->power_mw : 0;
}

uint32_t load_current_ma(const struct load *load)
{
    return (uint32_t)((uint64_t)load_power_mw(load) * 1000 / load->voltage_mv);
}

uint64_t load_watt_hours(uint64_t mw_ms)
{
    return mw_ms / MW_MS_PER_WH;
}

uint64_t load_watt_minutes(uint64_t mw_ms)
{
    return mw_ms / MW_MS_PER_W_MIN;
}
