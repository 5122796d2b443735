/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats of Espressif's chips share: the marks of an image and of a partition table, the family's
 * chip ids, and its CRC-32. */
#ifndef WTR_FLASH_ESP_H
#define WTR_FLASH_ESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WTR_ESP_IMAGE_MAGIC = 0xe9, WTR_ESP_ROW = 32, WTR_ESP_TABLE_MOST = 0xc00 };

/* Whether an image's header stands there whose first segments fit the chip that it names. Reads the headers
 * alone. */
bool wtr_esp_is_image(const uint8_t *bytes, size_t length);
/* The same for an image that the ESP8266's boot ROM would start. */
bool wtr_esp_is_8266_loader(const uint8_t *bytes, size_t length);
/* The chip of an ESP32 image, by its chip id; NULL for one that is not known here. */
const char *wtr_esp_chip(uint16_t chip_id);
/* Whether a partition table's first row stands there. */
bool wtr_esp_is_table(const uint8_t *bytes, size_t length);

/* Whether 32 bytes are a row of a partition table that may be true. */
bool wtr_esp_is_row(const uint8_t *row);

/* The ROM's crc32_le as NVS and otadata use it: polynomial 0xedb88320 reflected, from 0, complemented at the
 * end: zlib's crc32 begun with 0xffffffff. */
uint32_t wtr_esp_crc32(const void *data, size_t length);

#endif
