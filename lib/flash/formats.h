/* SPDX-License-Identifier: Apache-2.0 */
/* The storage formats that no single family owns, each in the file of its name. */
#ifndef WTR_FLASH_FORMATS_H
#define WTR_FLASH_FORMATS_H

#include "flash/flash.h"

extern const struct wtr_flash_format wtr_flash_partition_table;
extern const struct wtr_flash_format wtr_flash_esp_image;
extern const struct wtr_flash_format wtr_flash_esp8266_params;
extern const struct wtr_flash_format wtr_flash_otadata;
extern const struct wtr_flash_format wtr_flash_nvs_keys;
extern const struct wtr_flash_format wtr_flash_nvs;
extern const struct wtr_flash_format wtr_flash_spiffs;
extern const struct wtr_flash_format wtr_flash_littlefs;
extern const struct wtr_flash_format wtr_flash_easyflash;
extern const struct wtr_flash_format wtr_flash_flashdb;
extern const struct wtr_flash_format wtr_flash_bk_crc;
extern const struct wtr_flash_format wtr_flash_bk_tlv;
extern const struct wtr_flash_format wtr_flash_rbl;
extern const struct wtr_flash_format wtr_flash_fat;

/* The body of wtr_flash_fat's entries: when a file was written and made, as the slot has it, by the device's
 * wall clock in an unknown zone: year - 1980, month, day in 7, 4 and 5 bits; hour, minute and pairs of
 * seconds in 5, 6 and 5. */
struct wtr_fat_times {
    uint16_t written_date;
    uint16_t written_time;
    uint16_t created_date;
    uint16_t created_time;
};

#endif
