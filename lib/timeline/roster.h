/* SPDX-License-Identifier: Apache-2.0 */
/* The list of devices: what their identity statements say, and when they were first and last heard of. */
#ifndef WTR_TIMELINE_ROSTER_H
#define WTR_TIMELINE_ROSTER_H

#include "base/arena.h"
#include "model/devices.h"
#include "model/statement.h"
#include "wattrail/record.h"

enum { WTR_ROSTER_TEXTS = 16 }; /* names, addresses and MACs that are kept of a device, each */

struct wtr_roster_texts {
    struct wtr_text list[WTR_ROSTER_TEXTS];
    size_t count;
};

struct wtr_roster_entry {
    struct wtr_device_record record;
    struct wtr_roster_texts macs, ips, names;
    bool used;
};

struct wtr_roster {
    const struct wtr_devices *devices;
    struct wtr_roster_entry **entries; /* by device; only the first of each name */
    uint32_t *order;                   /* devices with entries, in the order of their first statement */
    size_t count;
    struct wtr_arena texts;
    bool failed;
};

bool wtr_roster_open(struct wtr_roster *roster, const struct wtr_devices *devices);
void wtr_roster_close(struct wtr_roster *roster);
/* Takes note of an event's statement about `device` (the first of its name). */
void wtr_roster_add(struct wtr_roster *roster, uint32_t device, const struct wtr_item *item);
const struct wtr_device_record *wtr_roster_get(const struct wtr_roster *roster, size_t index);

#endif
