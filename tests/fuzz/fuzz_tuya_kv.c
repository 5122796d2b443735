/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's key/value store: the input as it is; and the same as the plain text of sectors, which are enciphered
 * here, so that mutations reach what stands behind the cipher. */
#include "one_store.h"

#include "vendor/tuya/cipher.h"
#include "vendor/tuya/flash_kv.h"
#include "vendor/tuya/tuya.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SECTOR = WTR_FLASH_SECTOR, MOST = 6 * SECTOR };

/* A sector under the key, its sum put right. */
static void seal(const uint8_t *key, uint8_t *plain)
{
    uint32_t sum = wtr_tuya_sum(plain + 8, SECTOR - 8);
    for (size_t i = 0; i < 4; i++)
        plain[4 + i] = (uint8_t)(sum >> 8 * i);
    store_must(wtr_tuya_ecb_encrypt(key, plain, SECTOR, plain), "no cipher");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct wtr_flash_format *const formats[] = {&wtr_tuya_kv, NULL};
    static const uint8_t magic[] = {0x34, 0x12, 0x76, 0x98};
    uint8_t sealed[MOST + SECTOR] = {0}, inner[16] = {0}, key[16];
    size_t used = size < MOST ? size / SECTOR * SECTOR : MOST;
    fuzz_one_store(formats, &wtr_tuya, data, size);
    store_must(wtr_tuya_kv_data_key(inner, 0, key), "no key");
    sealed[0] = 0x53, sealed[1] = 0x97, sealed[2] = 0x57, sealed[3] = 0x13;
    store_must(wtr_tuya_ecb_encrypt((const uint8_t *)"qwertyuiopasdfgh", sealed, SECTOR, sealed),
               "no cipher");
    for (size_t at = 0; at < used; at += SECTOR) {
        uint8_t *plain = sealed + SECTOR + at;
        memcpy(plain, data + at, SECTOR);
        memcpy(plain, magic, sizeof magic);
        seal(key, plain);
    }
    if (used > 0)
        fuzz_one_store(formats, &wtr_tuya, sealed, SECTOR + used);
    return 0;
}
