/* SPDX-License-Identifier: Apache-2.0 */
/* OpenBeken's configuration: patches over an empty one, as it is and with its check put right. */
#include "said_volume.h"
#include "vendor/openbeken/flash_store.h"
#include "vendor/openbeken/openbeken.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t sector[4096];
    uint8_t crc = 0;
    memset(sector, 0, sizeof sector);
    memcpy(sector, "CFG\0\5", 5);
    fuzz_patch(sector, sizeof sector, data, size);
    fuzz_volume(&wtr_openbeken, &wtr_openbeken_config_format, sector, sizeof sector);
    size_t whole = sector[4] <= 3 ? 2016 : 3584;
    for (size_t i = 4; i < whole; i++) {
        crc ^= sector[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (uint8_t)((crc & 1) != 0 ? crc >> 1 ^ 0x8C : crc >> 1);
    }
    sector[3] = crc;
    fuzz_volume(&wtr_openbeken, &wtr_openbeken_config_format, sector, sizeof sector);
    return 0;
}
