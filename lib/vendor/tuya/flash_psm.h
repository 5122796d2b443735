/* SPDX-License-Identifier: Apache-2.0 */
/* What Tuya's firmware for ESP8266 stores: the enciphered parameter store (flash_psm.c), and beside it in
 * clear the schedules and what the factory wrote (flash_psm_clear.c). */
#ifndef WTR_VENDOR_TUYA_FLASH_PSM_H
#define WTR_VENDOR_TUYA_FLASH_PSM_H

#include "flash/flash.h"

extern const struct wtr_flash_format wtr_tuya_psm;       /* paths "ESP.<module>.<key>" */
extern const struct wtr_flash_format wtr_tuya_schedules; /* path "schedules": a JSON array */
extern const struct wtr_flash_format wtr_tuya_factory;   /* paths "factory", "access point": JSON objects */

#endif
