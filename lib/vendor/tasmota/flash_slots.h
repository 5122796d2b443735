/* SPDX-License-Identifier: Apache-2.0 */
/* The copies of its settings that a plug left behind, in the order in which it saved them, and what is known
 * of when each was saved. */
#ifndef WTR_VENDOR_TASMOTA_FLASH_SLOTS_H
#define WTR_VENDOR_TASMOTA_FLASH_SLOTS_H

#include "vendor/tasmota/flash_settings.h"

enum { WTR_TASMOTA_MAX_SLOTS = 1 << 12 };

struct wtr_tasmota_slot {
    uint32_t save_flag;
    uint32_t content;   /* hash: two copies of one save are one slot */
    uint32_t timestamp; /* 0: none */
    uint32_t power;
    uint32_t energy; /* hash of the counters */
    int64_t boots;   /* -1: not known */
    uint32_t relays; /* that the settings name */
    bool live;       /* a store says so */
    bool said;
};

/* Zero-initialise. In the order of save_flag. */
struct wtr_tasmota_slots {
    struct wtr_tasmota_slot *list;
    size_t count, capacity;
};

/* When a slot was saved, in seconds since 1970 by the plug's clock. */
struct wtr_tasmota_when {
    bool dated;
    int64_t at;
    bool has_earliest, has_latest; /* where not dated */
    int64_t earliest, latest;
};

void wtr_tasmota_slots_free(struct wtr_tasmota_slots *slots);
/* Settings of which the check failed are not learnt. */
void wtr_tasmota_slots_learn(struct wtr_tasmota_slots *slots, const struct wtr_tasmota_settings *settings,
                             bool live);
/* The slot of these settings; NULL: it was not learnt. */
struct wtr_tasmota_slot *wtr_tasmota_slots_find(const struct wtr_tasmota_slots *slots,
                                                const struct wtr_tasmota_settings *settings);
struct wtr_tasmota_when wtr_tasmota_slots_when(const struct wtr_tasmota_slots *slots,
                                               const struct wtr_tasmota_slot *slot);
/* The nearest earlier slot; NULL: none. */
const struct wtr_tasmota_slot *wtr_tasmota_slots_before(const struct wtr_tasmota_slots *slots,
                                                        const struct wtr_tasmota_slot *slot);
/* All relays that any slot names or had on. */
uint32_t wtr_tasmota_slots_relays(const struct wtr_tasmota_slots *slots);

#endif
