/* SPDX-License-Identifier: Apache-2.0 */
/* What ESPHome stores: on the ESP8266 records without names in one sector, on the ESP32 values in NVS. */
#ifndef WTR_VENDOR_ESPHOME_FLASH_STORE_H
#define WTR_VENDOR_ESPHOME_FLASH_STORE_H

#include "vendor/vendor.h"

extern const struct wtr_flash_format wtr_esphome_preferences;

enum wtr_claim wtr_esphome_claim_entry(const void *state, const struct wtr_entry *entry);
void wtr_esphome_read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say);

#endif
