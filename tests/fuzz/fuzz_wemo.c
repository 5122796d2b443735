/* SPDX-License-Identifier: Apache-2.0 */
/* WeMo's messages, as http_lines.h describes them. */
#include "http_lines.h"
#include "vendor/wemo/wemo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_vendor(&wtr_wemo, data, size);
}
