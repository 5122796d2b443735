/* SPDX-License-Identifier: Apache-2.0 */
/* The ESP8266's system parameters: patches over an erased area, as it is and with its sums put right. */
#include "flash/formats.h"
#include "said_volume.h"
#include "vendor/esp/esp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { SECTOR = 4096, SUMMED = 0x48C };
    static const uint8_t flag[] = {1, 0xFF, 0xFF, 0xFF, 0xAA, 0x55, 0xAA, 0x55, 20,   0,   0,
                                   0, 0x8C, 4,    0,    0,    0x8C, 4,    0,    0,    0,   0,
                                   0, 0,    0,    0,    0,    0,    0x55, 0xAA, 0x55, 0xAA};
    static uint8_t area[3 * SECTOR];
    memset(area, 0xFF, sizeof area);
    memcpy(area + 2 * SECTOR, flag, sizeof flag);
    fuzz_patch(area, sizeof area, data, size);
    fuzz_volume(&wtr_esp, &wtr_flash_esp8266_params, area, sizeof area);
    memcpy(area + 2 * SECTOR, flag, sizeof flag);
    for (size_t which = 0; which < 2; which++) {
        uint8_t sum = 0xEF;
        for (size_t i = 0; i < SUMMED; i++)
            sum ^= area[which * SECTOR + i];
        area[2 * SECTOR + 0x14 + 4 * which] = sum;
    }
    fuzz_volume(&wtr_esp, &wtr_flash_esp8266_params, area, sizeof area);
    return 0;
}
