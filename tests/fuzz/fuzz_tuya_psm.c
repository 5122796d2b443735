/* SPDX-License-Identifier: Apache-2.0 */
/* What Tuya stores on ESP8266: the input as it is; and the same as the plain text of a store of two sectors,
 * enciphered here. */
#include "one_store.h"

#include "vendor/tuya/cipher.h"
#include "vendor/tuya/flash_psm.h"
#include "vendor/tuya/tuya.h"

#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct wtr_flash_format *const all[] = {&wtr_tuya_psm, &wtr_tuya_schedules,
                                                         &wtr_tuya_factory, NULL};
    static const struct wtr_flash_format *const store[] = {&wtr_tuya_psm, NULL};
    static const char key[] = "Qby6\x01TH9bj8GiexU";
    enum { SECTOR = WTR_FLASH_SECTOR, MOST = 2 * SECTOR };
    uint8_t sealed[MOST];
    fuzz_one_store(all, &wtr_tuya, data, size);
    memset(sealed, 0xff, sizeof sealed);
    memcpy(sealed, data, size < sizeof sealed ? size : sizeof sealed);
    memcpy(sealed, "PSM1", 4);
    memset(sealed + SECTOR - 32, 0xff, 32);
    uint32_t sum = (uint32_t)crc32(0, sealed + SECTOR + 4, SECTOR - 4);
    for (size_t i = 0; i < 4; i++)
        sealed[SECTOR + i] = (uint8_t)(sum >> 8 * i);
    store_must(wtr_tuya_ecb_encrypt((const uint8_t *)key, sealed, sizeof sealed, sealed), "no cipher");
    fuzz_one_store(store, &wtr_tuya, sealed, sizeof sealed);
    return 0;
}
