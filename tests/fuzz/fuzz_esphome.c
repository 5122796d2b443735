/* SPDX-License-Identifier: Apache-2.0 */
/* ESPHome: any messages in any order. */
#include "vendor/esphome/esphome.h"

#include "vendor_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_vendor(&wtr_esphome, data, size);
}
