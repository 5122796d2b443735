/* SPDX-License-Identifier: Apache-2.0 */
/* mbedTLS has the primitives; what 802.11 makes of them is here. */
#include "packet/wlan_crypto.h"

#include "base/bytes.h"

#include <mbedtls/aes.h>
#include <mbedtls/arc4.h>
#include <mbedtls/cmac.h>
#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/platform_util.h>

enum { PMK_ROUNDS = 4096, LONGEST_DIGEST = 32, UNWRAP_ROUNDS = 6 };

bool wtr_wlan_pmk(struct wtr_text passphrase, struct wtr_text ssid, uint8_t pmk[WTR_WLAN_PMK])
{
    mbedtls_md_context_t md;
    mbedtls_md_init(&md);
    bool made = mbedtls_md_setup(&md, mbedtls_md_info_from_type(MBEDTLS_MD_SHA1), 1) == 0 &&
                mbedtls_pkcs5_pbkdf2_hmac(&md, (const uint8_t *)passphrase.data, passphrase.length,
                                          (const uint8_t *)ssid.data, ssid.length, PMK_ROUNDS, WTR_WLAN_PMK,
                                          pmk) == 0;
    mbedtls_md_free(&md);
    return made;
}

/* One part of what a HMAC is made of. */
struct part {
    const void *data;
    size_t length;
};

static bool hmac(mbedtls_md_type_t type, const uint8_t *key, size_t key_length, const struct part *parts,
                 size_t count, uint8_t digest[LONGEST_DIGEST])
{
    mbedtls_md_context_t md;
    mbedtls_md_init(&md);
    bool made = mbedtls_md_setup(&md, mbedtls_md_info_from_type(type), 1) == 0 &&
                mbedtls_md_hmac_starts(&md, key, key_length) == 0;
    for (size_t i = 0; made && i < count; i++)
        made = mbedtls_md_hmac_update(&md, parts[i].data, parts[i].length) == 0;
    made = made && mbedtls_md_hmac_finish(&md, digest) == 0;
    mbedtls_md_free(&md);
    return made;
}

static size_t take_digest(const uint8_t *digest, size_t size, uint8_t *out, size_t length)
{
    size_t n = length < size ? length : size;
    memcpy(out, digest, n);
    return n;
}

bool wtr_wlan_prf(const uint8_t *key, size_t key_length, const char *label, const uint8_t *data,
                  size_t data_length, uint8_t *out, size_t length)
{
    uint8_t digest[LONGEST_DIGEST];
    uint8_t counter = 0;
    bool made = length <= WTR_WLAN_LONGEST_KDF;
    for (size_t at = 0; made && at < length; counter++) {
        const struct part parts[] = {{label, strlen(label) + 1}, {data, data_length}, {&counter, 1}};
        made = hmac(MBEDTLS_MD_SHA1, key, key_length, parts, 3, digest);
        at += take_digest(digest, 20, out + at, length - at);
    }
    wtr_wlan_wipe(digest, sizeof digest);
    return made;
}

bool wtr_wlan_kdf(const uint8_t *key, size_t key_length, const char *label, const uint8_t *data,
                  size_t data_length, uint8_t *out, size_t length)
{
    const uint8_t bits[2] = {(uint8_t)(length * 8), (uint8_t)(length * 8 >> 8)};
    uint8_t digest[LONGEST_DIGEST];
    uint8_t counter[2] = {1, 0};
    bool made = length <= WTR_WLAN_LONGEST_KDF;
    for (size_t at = 0; made && at < length; counter[0]++) {
        const struct part parts[] = {{counter, 2}, {label, strlen(label)}, {data, data_length}, {bits, 2}};
        made = hmac(MBEDTLS_MD_SHA256, key, key_length, parts, 4, digest);
        at += take_digest(digest, 32, out + at, length - at);
    }
    wtr_wlan_wipe(digest, sizeof digest);
    return made;
}

bool wtr_wlan_cmac(const uint8_t key[16], const uint8_t *data, size_t length, uint8_t mac[16])
{
    const mbedtls_cipher_info_t *aes = mbedtls_cipher_info_from_type(MBEDTLS_CIPHER_AES_128_ECB);
    return mbedtls_cipher_cmac(aes, key, 128, data, length, mac) == 0;
}

bool wtr_wlan_mic(unsigned version, const uint8_t kck[16], const uint8_t *frame, size_t length,
                  uint8_t mic[WTR_WLAN_MIC])
{
    const struct part whole = {frame, length};
    uint8_t digest[LONGEST_DIGEST];
    if (version == 3)
        return wtr_wlan_cmac(kck, frame, length, mic);
    if (version != 1 && version != 2)
        return false;
    bool made = hmac(version == 1 ? MBEDTLS_MD_MD5 : MBEDTLS_MD_SHA1, kck, 16, &whole, 1, digest);
    memcpy(mic, digest, WTR_WLAN_MIC);
    return made;
}

/* One step back (RFC 3394 2.2.2, index based): the register takes the place of the block's second half. */
static bool unwrap_step(mbedtls_aes_context *aes, uint8_t check[8], uint8_t *block, uint64_t step)
{
    uint8_t joined[16];
    wtr_put_be64(joined, wtr_be64(check) ^ step);
    memcpy(joined + 8, block, 8);
    bool done = mbedtls_aes_crypt_ecb(aes, MBEDTLS_AES_DECRYPT, joined, joined) == 0;
    memcpy(check, joined, 8);
    memcpy(block, joined + 8, 8);
    wtr_wlan_wipe(joined, sizeof joined);
    return done;
}

bool wtr_wlan_unwrap(const uint8_t kek[16], const uint8_t *wrapped, size_t length, uint8_t *out)
{
    static const uint8_t expected[8] = {0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};
    if (length < 24 || length % 8 != 0)
        return false;
    size_t blocks = length / 8 - 1;
    uint8_t check[8];
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    bool done = mbedtls_aes_setkey_dec(&aes, kek, 128) == 0;
    memcpy(check, wrapped, sizeof check);
    memcpy(out, wrapped + 8, length - 8);
    for (size_t step = UNWRAP_ROUNDS * blocks; done && step > 0; step--)
        done = unwrap_step(&aes, check, out + (step - 1) % blocks * 8, step);
    mbedtls_aes_free(&aes);
    return done && wtr_wlan_equal(check, expected, sizeof check);
}

void wtr_wlan_rc4(const uint8_t *key, size_t key_length, size_t skip, const uint8_t *in, size_t length,
                  uint8_t *out)
{
    mbedtls_arc4_context rc4;
    uint8_t none[64] = {0};
    mbedtls_arc4_init(&rc4);
    mbedtls_arc4_setup(&rc4, key, (unsigned)key_length);
    for (size_t n; skip > 0; skip -= n) {
        n = skip < sizeof none ? skip : sizeof none;
        mbedtls_arc4_crypt(&rc4, n, none, none);
    }
    mbedtls_arc4_crypt(&rc4, length, in, out);
    mbedtls_arc4_free(&rc4);
    wtr_wlan_wipe(none, sizeof none);
}

bool wtr_wlan_equal(const void *a, const void *b, size_t length)
{
    const uint8_t *p = a, *q = b;
    unsigned differs = 0;
    for (size_t i = 0; i < length; i++)
        differs |= (unsigned)(p[i] ^ q[i]);
    return differs == 0;
}

void wtr_wlan_wipe(void *data, size_t length)
{
    mbedtls_platform_zeroize(data, length);
}
