/* SPDX-License-Identifier: Apache-2.0 */
/* Home Assistant's MQTT discovery, and the devices that are known through it alone. */
#ifndef WTR_VENDOR_HOMEASSISTANT_H
#define WTR_VENDOR_HOMEASSISTANT_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_homeassistant;

#endif
