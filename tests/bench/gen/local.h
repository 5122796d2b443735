/* SPDX-License-Identifier: Apache-2.0 */
/* Plugs without a broker: Shelly's CoIoT multicast, and Kasa over TCP and UDP. */
#ifndef BENCH_LOCAL_H
#define BENCH_LOCAL_H

#include "sim.h"

struct local_plan {
    unsigned coiot; /* plugs that announce their state over CoAP */
    unsigned kasa;  /* plugs that are polled, every other one over UDP */
    uint32_t report_ms;
};

/* Lets them begin; they last as long as the program. */
void local_start(struct sim *sim, const struct local_plan *plan);

#endif
