/* SPDX-License-Identifier: Apache-2.0 */
/* Where images begin in a run of dumps. What begins one: the boot loader of an ESP8266 or ESP32 with its
 * header (Espressif, "Firmware Image Format", esptool documentation) and, for the ESP32, a partition table
 * behind it; the first of a BK7231's units of 32 bytes and their CRC-16. Chips have 1 to 32 MiB, so images
 * begin at such distances from each other. */
#include "flash/esp.h"
#include "flash/recognise.h"

#include "base/bytes.h"

#include <string.h>

enum { SMALLEST_CHIP = 1 << 20, LARGEST_CHIP = 32 << 20 };

/* A first-stage boot loader's place in the chip, by chip. */
static bool esp32_starts(const uint8_t *bytes, size_t length)
{
    static const size_t loaders[] = {0x1000, 0, 0x2000};
    static const size_t tables[] = {0x8000, 0x9000, 0x10000};
    bool loader = false, table = false;
    for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++)
        loader = loader || (length > loaders[i] && wtr_esp_is_image(bytes + loaders[i], length - loaders[i]));
    for (size_t i = 0; loader && i < sizeof tables / sizeof *tables; i++)
        table = table || (length > tables[i] && wtr_esp_is_table(bytes + tables[i], length - tables[i]));
    return table;
}

/* ESP8266: the boot ROM takes an image at 0, whose entry lies in its instruction RAM. */
static bool esp8266_starts(const uint8_t *bytes, size_t length)
{
    return length >= WTR_FLASH_SECTOR && wtr_esp_is_8266_loader(bytes, length);
}

static uint16_t crc16_step(uint16_t crc, uint8_t byte)
{
    crc = (uint16_t)(crc ^ byte << 8);
    for (int bit = 0; bit < 8; bit++)
        crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x8005 : crc << 1);
    return crc;
}

/* One unit of 32 bytes, and behind it their CRC-16 (polynomial 0x8005, not reflected, from 0xffff). */
static bool is_bk_unit(const uint8_t *unit)
{
    uint16_t crc = 0xffff;
    for (size_t i = 0; i < 32; i++)
        crc = crc16_step(crc, unit[i]);
    return crc == wtr_be16(unit + 32);
}

/* Three of them in a row, which does not continue units before it. */
static bool bk_starts(const uint8_t *bytes, size_t length, size_t at)
{
    enum { UNIT = 34, THIRD = 2 * UNIT, LEAST = 4 * UNIT };
    const uint8_t *unit = bytes + at;
    if (length - at < LEAST || wtr_flash_is_blank(unit, UNIT) || !is_bk_unit(unit) ||
        !is_bk_unit(unit + UNIT) || !is_bk_unit(unit + THIRD))
        return false;
    return at < UNIT || !is_bk_unit(unit - UNIT);
}

static bool starts(const uint8_t *bytes, size_t length, size_t at)
{
    const uint8_t *image = bytes + at;
    size_t left = length - at;
    return esp32_starts(image, left) || esp8266_starts(image, left) || bk_starts(bytes, length, at);
}

size_t wtr_flash_next_image(const uint8_t *bytes, size_t length, size_t start)
{
    for (size_t distance = SMALLEST_CHIP; distance <= LARGEST_CHIP && distance < length - start;
         distance += SMALLEST_CHIP)
        if (starts(bytes, length, start + distance))
            return start + distance;
    return length;
}
