/* SPDX-License-Identifier: Apache-2.0 */
/* FAT with and without wear levelling: the input is a volume, its seeds are written by mkfs.fat and mtools.
 */
#include "one_volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_volume(&wtr_flash_fat, data, size);
}
