/* SPDX-License-Identifier: Apache-2.0 */
/* The families of plugs that the project reads: one line each, and its header. */
#include "vendor/openbeken/openbeken.h"
#include "vendor/shelly/shelly.h"
#include "vendor/tasmota/tasmota.h"
#include "vendor/vendor.h"

const struct wtr_vendor *const wtr_vendors[] = {
    &wtr_openbeken,
    &wtr_shelly,
    &wtr_tasmota,
    NULL,
};
