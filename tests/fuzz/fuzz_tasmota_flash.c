/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota's sectors and backups: patches over two copies, as they are, with their sums put right, and as a
 * backup. */
#include "base/bytes.h"
#include "said_volume.h"
#include "tasmota_copies.h"
#include "vendor/tasmota/flash_store.h"
#include "vendor/tasmota/tasmota.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t image[3 * COPY];
    memset(image, 0xFF, sizeof image);
    copy_begin(image, 0x0D030000, 5, 1700000000);
    copy_begin(image + COPY, 0x0D030000, 6, 1700000001);
    fuzz_patch(image, sizeof image, data, size);
    fuzz_volume(&wtr_tasmota, &wtr_tasmota_sectors, image, sizeof image);
    fuzz_volume(&wtr_tasmota, &wtr_tasmota_backup, image, COPY);
    for (size_t at = 0; at < 2 * COPY; at += COPY) {
        uint32_t version = wtr_le32(image + at + 8);
        copy_seal_old(image + at, version < 0x06060007 ? 3584 : COPY);
        copy_seal(image + at);
    }
    fuzz_volume(&wtr_tasmota, &wtr_tasmota_sectors, image, sizeof image);
    for (size_t i = 2; i < COPY; i++)
        image[i] ^= (uint8_t)(0x5A + i);
    fuzz_volume(&wtr_tasmota, &wtr_tasmota_backup, image, COPY);
    return 0;
}
