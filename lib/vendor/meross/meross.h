/* SPDX-License-Identifier: Apache-2.0 */
/* Meross: JSON messages over HTTP and MQTT. */
#ifndef WTR_VENDOR_MEROSS_MEROSS_H
#define WTR_VENDOR_MEROSS_MEROSS_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_meross;

#endif
