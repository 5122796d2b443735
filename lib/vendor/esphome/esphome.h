/* SPDX-License-Identifier: Apache-2.0 */
/* ESPHome over MQTT. */
#ifndef WTR_VENDOR_ESPHOME_H
#define WTR_VENDOR_ESPHOME_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_esphome;

#endif
