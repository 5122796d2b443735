/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya and the many brands that are Tuya inside. */
#ifndef WTR_VENDOR_TUYA_TUYA_H
#define WTR_VENDOR_TUYA_TUYA_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_tuya;

#endif
