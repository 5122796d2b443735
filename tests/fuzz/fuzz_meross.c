/* SPDX-License-Identifier: Apache-2.0 */
/* Meross's messages, as http_lines.h describes them. */
#include "http_lines.h"
#include "vendor/meross/meross.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_vendor(&wtr_meross, data, size);
}
