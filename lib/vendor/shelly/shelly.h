/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly, all generations, over MQTT. */
#ifndef WTR_VENDOR_SHELLY_H
#define WTR_VENDOR_SHELLY_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_shelly;

#endif
