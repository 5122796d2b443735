/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota: any messages in any order. */
#include "vendor/tasmota/tasmota.h"

#include "vendor_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_vendor(&wtr_tasmota, data, size);
}
