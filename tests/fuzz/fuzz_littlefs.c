/* SPDX-License-Identifier: Apache-2.0 */
/* LittleFS: the input is a volume, its seeds are written by littlefs's own source. */
#include "one_volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_volume(&wtr_flash_littlefs, data, size);
}
