/* SPDX-License-Identifier: Apache-2.0 */
/* Belkin WeMo: SOAP and events over HTTP. */
#ifndef WTR_VENDOR_WEMO_WEMO_H
#define WTR_VENDOR_WEMO_WEMO_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_wemo;

#endif
