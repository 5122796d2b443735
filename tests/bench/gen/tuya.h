/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya plugs on the local network, each with a hub that keeps a connection to it. */
#ifndef BENCH_TUYA_H
#define BENCH_TUYA_H

#include "sim.h"

#include <stdio.h>

struct tuya_plan {
    unsigned plugs;
    uint32_t report_ms;
};

/* Lets them begin, and writes their local keys as a keyring; they last as long as the program. */
void tuya_start(struct sim *sim, const struct tuya_plan *plan, FILE *keys);

#endif
