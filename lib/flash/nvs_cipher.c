/* SPDX-License-Identifier: Apache-2.0 */
/* NVS encryption (ESP-IDF, "NVS Encryption"): each item of 32 bytes is a data unit of XTS-AES-256 whose
 * number is its place in the partition; headers and bitmaps stay plain. Keys lie in a partition of their own,
 * or, in the HMAC scheme, are made from a secret in the chip's fuses, which no dump holds. */
#include "flash/nvs_store.h"

#include "base/bytes.h"

#include <openssl/evp.h>
#include <string.h>

bool wtr_nvs_decipher(const struct wtr_nvs_cipher *cipher, uint64_t at, const uint8_t *from,
                      uint8_t to[WTR_NVS_ITEM])
{
    uint8_t tweak[16] = {0};
    int length = 0;
    uint64_t place = cipher->shift + at;
    for (size_t i = 0; i < 8; i++)
        tweak[i] = (uint8_t)(place >> 8 * i);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool opened = context && EVP_DecryptInit_ex(context, EVP_aes_256_xts(), NULL, cipher->key, tweak) == 1 &&
                  EVP_DecryptUpdate(context, to, &length, from, WTR_NVS_ITEM) == 1 && length == WTR_NVS_ITEM;
    EVP_CIPHER_CTX_free(context);
    return opened;
}

enum { SAMPLES = 8, MOST_SHIFT = 64 };

/* Places of some items that are written or erased. Sets *plain where one of them is not enciphered. */
static size_t take_samples(const struct wtr_nvs_store *store, size_t samples[SAMPLES], bool *plain)
{
    const struct wtr_span *span = &store->volume->span;
    size_t count = 0;
    *plain = false;
    for (size_t page = 0; page + WTR_NVS_PAGE <= span->length; page += WTR_NVS_PAGE) {
        const uint8_t *bytes = span->bytes + page;
        if (wtr_nvs_page_state(bytes) == WTR_NVS_PAGE_BLANK)
            continue;
        for (size_t i = 0; i < WTR_NVS_ITEMS; i++) {
            size_t at = WTR_NVS_FIRST + i * WTR_NVS_ITEM;
            bool empty = (bytes[32 + i / 4] >> (i % 4 * 2) & 3) == WTR_NVS_EMPTY;
            *plain = *plain || wtr_nvs_is_item(bytes + at);
            if (!empty && count < SAMPLES)
                samples[count++] = page + at;
        }
        if (*plain)
            return count;
    }
    return count;
}

/* Whether the key opens one of the samples: a checksum of 32 bits and the item's form say so. */
static bool opens(const struct wtr_nvs_store *store, const struct wtr_nvs_cipher *cipher,
                  const size_t *samples, size_t count)
{
    uint8_t opened[WTR_NVS_ITEM];
    for (size_t i = 0; i < count; i++)
        if (wtr_nvs_decipher(cipher, samples[i], store->volume->span.bytes + samples[i], opened) &&
            wtr_nvs_is_item(opened))
            return true;
    return false;
}

void wtr_nvs_find_key(struct wtr_nvs_store *store)
{
    size_t samples[SAMPLES], place = 0;
    bool plain;
    const struct wtr_key_entry *key;
    size_t count = take_samples(store, samples, &plain);
    struct wtr_nvs_cipher *cipher = &store->cipher;
    if (plain || count == 0)
        return;
    /* A volume that was found by its own marks may lack its first pages. */
    uint64_t most = store->volume->label.length ? 1 : MOST_SHIFT;
    while ((key = wtr_keyring_next(store->volume->keys, WTR_KEY_NVS, &place)) != NULL) {
        if (key->secret.length != sizeof cipher->key)
            continue;
        memcpy(cipher->key, key->secret.data, sizeof cipher->key);
        for (uint64_t pages = 0; pages < most && !cipher->on; pages++) {
            cipher->shift = pages * WTR_NVS_PAGE;
            cipher->on = opens(store, cipher, samples, count);
        }
        if (cipher->on) {
            cipher->opening =
                (struct wtr_opening){.steps = "nvs-aes-256-xts", .key = key->name, .key_origin = key->origin};
            return;
        }
    }
    cipher->closed = true;
}
