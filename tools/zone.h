/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones, for display only: results never depend on them. */
#ifndef WATTRAIL_TOOLS_ZONE_H
#define WATTRAIL_TOOLS_ZONE_H

#include <stdbool.h>
#include <stdint.h>

struct zone {
    const char *name; /* as given; NULL: UTC */
    bool fixed;
    int offset_s; /* of a fixed one, seconds east of UTC */
};

/* "UTC" or "Z", an offset ("+02:00"), "local" for the zone of this machine, or a name of the system's time
 * zone database ("Europe/Berlin"). False: it is none of these. A named zone becomes the process's. */
bool wtr_cli_zone_set(struct zone *zone, const char *name);

/* A wtr_zone_fn; the payload is the zone. */
int wtr_cli_zone_offset(void *payload, int64_t time_ns);

#endif
