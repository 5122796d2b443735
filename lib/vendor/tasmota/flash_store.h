/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota's settings as storage: the sectors of an ESP8266, and the backups that its web page writes. */
#ifndef WTR_VENDOR_TASMOTA_FLASH_STORE_H
#define WTR_VENDOR_TASMOTA_FLASH_STORE_H

#include "flash/flash.h"

extern const struct wtr_flash_format wtr_tasmota_sectors;
extern const struct wtr_flash_format wtr_tasmota_backup;

#endif
