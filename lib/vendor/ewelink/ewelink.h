/* SPDX-License-Identifier: Apache-2.0 */
/* eWeLink (Itead's Sonoff and others) on the ESP8266. */
#ifndef WTR_VENDOR_EWELINK_H
#define WTR_VENDOR_EWELINK_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_ewelink;

#endif
