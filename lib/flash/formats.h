/* SPDX-License-Identifier: Apache-2.0 */
/* The storage formats that no single family owns, each in the file of its name. */
#ifndef WTR_FLASH_FORMATS_H
#define WTR_FLASH_FORMATS_H

#include "flash/flash.h"

extern const struct wtr_flash_format wtr_flash_partition_table;
extern const struct wtr_flash_format wtr_flash_esp_image;
extern const struct wtr_flash_format wtr_flash_bk_crc;
extern const struct wtr_flash_format wtr_flash_bk_tlv;
extern const struct wtr_flash_format wtr_flash_rbl;
extern const struct wtr_flash_format wtr_flash_otadata;
extern const struct wtr_flash_format wtr_flash_nvs_keys;
extern const struct wtr_flash_format wtr_flash_nvs;

#endif
