/* SPDX-License-Identifier: Apache-2.0 */
/* OpenBeken over MQTT. */
#ifndef WTR_VENDOR_OPENBEKEN_H
#define WTR_VENDOR_OPENBEKEN_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_openbeken;

#endif
