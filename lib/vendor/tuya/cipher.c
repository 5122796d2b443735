/* SPDX-License-Identifier: Apache-2.0 */
/* AES, GCM, HMAC and MD5 by libcrypto; padding and base64 by hand, for they are judged here. */
#include "vendor/tuya/cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { GCM_TAG = 16 };

static bool ecb(const uint8_t *key, const uint8_t *in, size_t length, uint8_t *out, int encrypt)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0;
    bool done = c && length <= INT32_MAX &&
                EVP_CipherInit_ex(c, EVP_aes_128_ecb(), NULL, key, NULL, encrypt) == 1 &&
                EVP_CIPHER_CTX_set_padding(c, 0) == 1 && EVP_CipherUpdate(c, out, &n, in, (int)length) == 1 &&
                (size_t)n == length;
    EVP_CIPHER_CTX_free(c);
    return done;
}

bool wtr_tuya_ecb_decrypt(const uint8_t *key, const uint8_t *in, size_t length, uint8_t *out)
{
    return length == 0 || ecb(key, in, length, out, 0);
}

bool wtr_tuya_ecb_encrypt(const uint8_t *key, const uint8_t *in, size_t length, uint8_t *out)
{
    return length == 0 || ecb(key, in, length, out, 1);
}

bool wtr_tuya_unpad(const uint8_t *plain, size_t length, size_t *unpadded)
{
    uint8_t pad = length > 0 ? plain[length - 1] : 0;
    if (pad == 0 || pad > WTR_TUYA_BLOCK || pad > length)
        return false;
    for (size_t i = length - pad; i < length; i++)
        if (plain[i] != pad)
            return false;
    *unpadded = length - pad;
    return true;
}

bool wtr_tuya_gcm_open(const uint8_t *key, struct wtr_text associated, const uint8_t *sealed, size_t length,
                       uint8_t *out)
{
    if (length < WTR_TUYA_IV + GCM_TAG || length > INT32_MAX)
        return false;
    size_t inside = length - WTR_TUYA_IV - GCM_TAG;
    uint8_t tag[GCM_TAG];
    memcpy(tag, sealed + length - GCM_TAG, GCM_TAG);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0;
    bool fits =
        c && EVP_DecryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, sealed) == 1 &&
        EVP_DecryptUpdate(c, NULL, &n, (const uint8_t *)associated.data, (int)associated.length) == 1 &&
        (inside == 0 || EVP_DecryptUpdate(c, out, &n, sealed + WTR_TUYA_IV, (int)inside) == 1) &&
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, GCM_TAG, tag) == 1 &&
        EVP_DecryptFinal_ex(c, out + inside, &n) == 1;
    EVP_CIPHER_CTX_free(c);
    return fits;
}

bool wtr_tuya_gcm_block(const uint8_t *key, const uint8_t *iv, const uint8_t *in, uint8_t *out)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0;
    bool done = c && EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, iv) == 1 &&
                EVP_EncryptUpdate(c, out, &n, in, WTR_TUYA_BLOCK) == 1 && n == WTR_TUYA_BLOCK;
    EVP_CIPHER_CTX_free(c);
    return done;
}

bool wtr_tuya_hmac(const uint8_t *key, const void *data, size_t length, uint8_t mac[WTR_TUYA_MAC])
{
    unsigned n = 0;
    return HMAC(EVP_sha256(), key, WTR_TUYA_BLOCK, data, length, mac, &n) && n == WTR_TUYA_MAC;
}

bool wtr_tuya_hmac_fits(const uint8_t *key, const void *data, size_t length, const uint8_t *mac)
{
    uint8_t own[WTR_TUYA_MAC];
    return wtr_tuya_hmac(key, data, length, own) && CRYPTO_memcmp(own, mac, sizeof own) == 0;
}

bool wtr_tuya_md5(const struct wtr_text *texts, size_t count, uint8_t digest[16])
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    unsigned n = 0;
    bool done = c && EVP_DigestInit_ex(c, EVP_md5(), NULL) == 1;
    for (size_t i = 0; done && i < count; i++)
        done = EVP_DigestUpdate(c, texts[i].data, texts[i].length) == 1;
    done = done && EVP_DigestFinal_ex(c, digest, &n) == 1 && n == 16;
    EVP_MD_CTX_free(c);
    return done;
}

bool wtr_tuya_pmk(struct wtr_text passphrase, struct wtr_text ssid, uint8_t pmk[32])
{
    return passphrase.length <= 63 && ssid.length <= 32 &&
           PKCS5_PBKDF2_HMAC_SHA1(passphrase.data, (int)passphrase.length, (const uint8_t *)ssid.data,
                                  (int)ssid.length, 4096, 32, pmk) == 1;
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool wtr_tuya_base64(struct wtr_text text, uint8_t *out, size_t *length)
{
    size_t n = 0;
    if (text.length == 0 || text.length % 4)
        return false;
    size_t pad = text.data[text.length - 1] != '=' ? 0 : text.data[text.length - 2] != '=' ? 1 : 2;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.length; i++) {
        int digit = i < text.length - pad ? base64_digit(text.data[i]) : 0;
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 != 3)
            continue;
        out[n++] = (uint8_t)(bits >> 16);
        out[n++] = (uint8_t)(bits >> 8);
        out[n++] = (uint8_t)bits;
    }
    *length = n - pad;
    return true;
}
