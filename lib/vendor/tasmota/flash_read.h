/* SPDX-License-Identifier: Apache-2.0 */
/* What Tasmota's stored settings state: shared by the readers of the settings. */
#ifndef WTR_VENDOR_TASMOTA_FLASH_READ_H
#define WTR_VENDOR_TASMOTA_FLASH_READ_H

#include "vendor/tasmota/flash_slots.h"
#include "vendor/vendor.h"

struct wtr_tasmota_stored {
    const struct wtr_tasmota_settings *settings;
    const struct wtr_tasmota_slots *slots;
    const struct wtr_tasmota_slot *slot;
    struct wtr_say *say;
    wtr_device_ref device;
};

/* Begins a statement that was true when the settings were saved, with the time that is known for that. */
void wtr_tasmota_stored_begin(const struct wtr_tasmota_stored *r, enum wtr_kind kind, unsigned channel);
/* The same at another time. */
void wtr_tasmota_stored_begin_at(const struct wtr_tasmota_stored *r, enum wtr_kind kind, unsigned channel,
                                 const struct wtr_tasmota_when *when);
/* The same for what came about at some time before the save, and after the slot `since` was saved (NULL: not
 * known). */
void wtr_tasmota_stored_begin_since(const struct wtr_tasmota_stored *r, enum wtr_kind kind,
                                    const struct wtr_tasmota_slot *since);

/* flash_read.c: the entries of a dump */
void wtr_tasmota_learn_entry(void *state, const struct wtr_entry *entry);
enum wtr_claim wtr_tasmota_claim_entry(const void *state, const struct wtr_entry *entry);
void wtr_tasmota_read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say);

/* flash_config.c: who the plug is, its networks, and what it was set to */
wtr_device_ref wtr_tasmota_stored_device(const struct wtr_tasmota_settings *settings, bool live,
                                         struct wtr_say *say);
void wtr_tasmota_stored_config(const struct wtr_tasmota_stored *r);

/* flash_relays.c: relays, their pulses and timers, and what the meter counted */
void wtr_tasmota_stored_relays(const struct wtr_tasmota_stored *r);
void wtr_tasmota_stored_timers(const struct wtr_tasmota_stored *r);
void wtr_tasmota_stored_energy(const struct wtr_tasmota_stored *r);

#endif
