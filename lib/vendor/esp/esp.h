/* SPDX-License-Identifier: Apache-2.0 */
/* What any device with a chip of Espressif's remembers, whatever its firmware. */
#ifndef WTR_VENDOR_ESP_H
#define WTR_VENDOR_ESP_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_esp;

#endif
