/* SPDX-License-Identifier: Apache-2.0 */
/* Storage formats that many vendors' firmware uses. */
#ifndef WTR_FLASH_STORES_H
#define WTR_FLASH_STORES_H

#include "flash/flash.h"

extern const struct wtr_flash_format wtr_easyflash;
extern const struct wtr_flash_format wtr_flashdb;
extern const struct wtr_flash_format wtr_littlefs;

#endif
