/* SPDX-License-Identifier: Apache-2.0 */
/* The rest of a network's traffic, in which the plugs' must be found: TLS 1.3, QUIC-like datagrams, plain
 * HTTP, and the DNS queries that go before each. */
#ifndef BENCH_BULK_H
#define BENCH_BULK_H

#include "sim.h"

/* Keeps such traffic at the given multiple of the plugs' bytes from now on. */
void bulk_start(struct sim *sim, unsigned multiple);

#endif
