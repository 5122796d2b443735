/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of Espressif's images and tables. Header and segments: esptool documentation, "Firmware Image
 * Format", and ESP-IDF's esp_app_format.h (esp_image_header_t); chip ids from the same header's
 * esp_chip_id_t; table rows from ESP-IDF's esp_flash_partitions.h (esp_partition_info_t). */
#include "flash/esp.h"

#include "base/bytes.h"

#include <string.h>
#include <zlib.h>

enum { HEADER = 24, HEADER_8266 = 8, SEGMENT = 8, MOST_SEGMENTS = 16, MOST_LENGTH = 16 << 20 };

static const struct {
    uint16_t id;
    const char *name;
} chips[] = {
    {0x0000, "ESP32"},     {0x0002, "ESP32-S2"}, {0x0005, "ESP32-C3"}, {0x0009, "ESP32-S3"},
    {0x000c, "ESP32-C2"},  {0x000d, "ESP32-C6"}, {0x0010, "ESP32-H2"}, {0x0012, "ESP32-P4"},
    {0x0014, "ESP32-C61"}, {0x0017, "ESP32-C5"},
};

const char *wtr_esp_chip(uint16_t chip_id)
{
    for (size_t i = 0; i < sizeof chips / sizeof *chips; i++)
        if (chips[i].id == chip_id)
            return chips[i].name;
    return NULL;
}

/* Where the chips of the family map memory that an image may fill: flash, RAM, RTC RAM. An address of 0 is
 * padding. */
static bool is_address(uint32_t address)
{
    return address == 0 || (address >= 0x3c000000 && address < 0x60000000) ||
           (address >= 0x600fe000 && address < 0x60100000);
}

bool wtr_esp_is_image(const uint8_t *bytes, size_t length)
{
    if (length < HEADER + SEGMENT || bytes[0] != WTR_ESP_IMAGE_MAGIC || bytes[1] == 0 ||
        bytes[1] > MOST_SEGMENTS || bytes[2] > 5 || !wtr_esp_chip(wtr_le16(bytes + 12)) || bytes[23] > 1)
        return false;
    static const uint8_t reserved[4];
    uint32_t entry = wtr_le32(bytes + 4), at = wtr_le32(bytes + HEADER), size = wtr_le32(bytes + HEADER + 4);
    return memcmp(bytes + 19, reserved, sizeof reserved) == 0 && is_address(entry) && entry != 0 &&
           is_address(at) && size > 0 && size <= MOST_LENGTH;
}

bool wtr_esp_is_8266_loader(const uint8_t *bytes, size_t length)
{
    if (length < HEADER_8266 + SEGMENT || bytes[0] != WTR_ESP_IMAGE_MAGIC || bytes[1] == 0 ||
        bytes[1] > MOST_SEGMENTS || bytes[2] > 3)
        return false;
    uint32_t entry = wtr_le32(bytes + 4), at = wtr_le32(bytes + HEADER_8266);
    uint32_t size = wtr_le32(bytes + HEADER_8266 + 4);
    bool in_iram = entry >= 0x40100000 && entry < 0x40108000;
    bool loads = (at >= 0x40100000 && at < 0x40108000) || (at >= 0x3ffe8000 && at < 0x40000000);
    return in_iram && loads && size > 0 && size <= 0x18000;
}

bool wtr_esp_is_table(const uint8_t *bytes, size_t length)
{
    return length >= WTR_ESP_ROW && wtr_esp_is_row(bytes);
}

static bool is_label(const uint8_t *label)
{
    size_t n = 0;
    while (n < 16 && label[n] >= 0x20 && label[n] < 0x7f)
        n++;
    for (size_t i = n; i < 16; i++)
        if (label[i] != 0)
            return false;
    return n > 0;
}

bool wtr_esp_is_row(const uint8_t *row)
{
    uint32_t at = wtr_le32(row + 4), size = wtr_le32(row + 8);
    bool type = row[2] <= 1 || (row[2] >= 0x40 && row[2] <= 0xfe);
    return row[0] == 0xaa && row[1] == 0x50 && type && at % 0x1000 == 0 && at >= 0x1000 && size > 0 &&
           size <= 256u << 20 && is_label(row + 12);
}

uint32_t wtr_esp_crc32(const void *data, size_t length)
{
    return (uint32_t)crc32(0xffffffff, data, (uInt)length);
}
