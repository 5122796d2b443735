/* SPDX-License-Identifier: Apache-2.0 */
/* Tapo, and the Kasa devices that speak as Tapo does: discovery (TDP), KLAP, securePassthrough, and the SMART
 * methods inside. docs/vendors/tapo.md says what is read. */
#ifndef WTR_VENDOR_TAPO_TAPO_H
#define WTR_VENDOR_TAPO_TAPO_H

#include "base/map.h"
#include "vendor/vendor.h"

/* What is kept of a source. */
struct wtr_tapo {
    struct wtr_map outlets; /* a strip's outlets: the hash of the id to the position */
    struct wtr_json asked;  /* the question of the answer being read */
};

void wtr_tapo_learn_outlet(struct wtr_tapo *state, struct wtr_text id, unsigned position);
/* The position of a strip's outlet, from 1; 0: not known. */
unsigned wtr_tapo_outlet(const struct wtr_tapo *state, struct wtr_text id);

/* Whether a password stands in the JSON. */
bool wtr_tapo_holds_secret(struct wtr_text json);

extern const struct wtr_vendor wtr_tapo;

#endif
