/* SPDX-License-Identifier: Apache-2.0 */
/* What Shelly devices store in files. */
#ifndef WTR_VENDOR_SHELLY_FLASH_H
#define WTR_VENDOR_SHELLY_FLASH_H

#include "vendor/vendor.h"

enum wtr_claim wtr_shelly_claim_entry(const void *state, const struct wtr_entry *entry);
void wtr_shelly_read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say);

#endif
