/* SPDX-License-Identifier: Apache-2.0 */
/* Code layer, RBL headers and radio of BK72xx: arbitrary bytes. */
#include "one_store.h"

#include "flash/formats.h"
#include "vendor/tuya/tuya.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct wtr_flash_format *const formats[] = {&wtr_flash_bk_crc, &wtr_flash_rbl,
                                                             &wtr_flash_bk_tlv, NULL};
    fuzz_one_store(formats, &wtr_tuya, data, size);
    return 0;
}
