/* SPDX-License-Identifier: Apache-2.0 */
/* Every storage format that no single family owns, once. */
#include "flash/formats.h"

const struct wtr_flash_format *const wtr_flash_formats[] = {
    &wtr_flash_partition_table, &wtr_flash_esp_image, &wtr_flash_otadata,
    &wtr_flash_nvs_keys,        &wtr_flash_nvs,       &wtr_flash_bk_crc,
    &wtr_flash_bk_tlv,          &wtr_flash_rbl,       NULL,
};
