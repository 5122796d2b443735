/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's file area: arbitrary bytes, and what the family says of them. */
#include "one_store.h"

#include "vendor/tuya/flash_uf.h"
#include "vendor/tuya/tuya.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct wtr_flash_format *const formats[] = {&wtr_tuya_uf, NULL};
    fuzz_one_store(formats, &wtr_tuya, data, size);
    return 0;
}
