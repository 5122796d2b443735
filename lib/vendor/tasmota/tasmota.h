/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota over MQTT. */
#ifndef WTR_VENDOR_TASMOTA_H
#define WTR_VENDOR_TASMOTA_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_tasmota;

#endif
