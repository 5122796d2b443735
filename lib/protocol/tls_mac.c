/* SPDX-License-Identifier: Apache-2.0 */
/* Records with a MAC: over the text before it is enciphered (RFC 5246 6.2.3.1, 6.2.3.2; SSL 3.0: RFC 6101
 * 5.2.3.1), or over the cipher text (RFC 7366). An onlooker has no secret to lose by when it says what is
 * wrong, so nothing here takes care to be of constant time. OpenSSL's DTLS before 0.9.8f left the epoch out
 * of the MAC, and gave the version as that of TLS 1.0 (as Wireshark's packet-tls-utils.c has it). */
#include "protocol/tls_mac.h"

#include "base/bytes.h"
#include "protocol/tls_md.h"

#include <mbedtls/aes.h>
#include <mbedtls/des.h>

static const char no_mac[] = "a record too short for its MAC";
static const char bad_mac[] = "a record whose MAC does not fit";
static const char bad_blocks[] = "a record that is no whole number of the cipher's blocks";
static const char bad_padding[] = "a record whose padding does not fit";
static const char failed[] = "a record that mbedTLS could not decipher";

#define NO_EPOCH UINT64_C(0xffffffffffff)

enum { MAX_BLOCK = 16, TRUNCATED_MAC = 10, PREFIX = 13 };

size_t wtr_tls_prefix(const struct wtr_tls_sealed *sealed, size_t length, uint8_t prefix[PREFIX])
{
    bool old = wtr_be16(sealed->header + 1) == WTR_DTLS_OLD;
    wtr_put_be64(prefix, old ? sealed->sequence & NO_EPOCH : sealed->sequence);
    memcpy(prefix + 8, sealed->header, 3);
    if (old) {
        prefix[9] = WTR_TLS_1_0 >> 8;
        prefix[10] = WTR_TLS_1_0 & 0xff;
    }
    prefix[11] = (uint8_t)(length >> 8);
    prefix[12] = (uint8_t)length;
    return PREFIX;
}

/* ---- MACs */

static bool mac_of_ssl3(const struct wtr_tls_protection *end, const uint8_t prefix[PREFIX],
                        struct wtr_text text, uint8_t *mac)
{
    enum wtr_tls_hash hash = end->suite->mac;
    uint8_t inner[WTR_TLS_MAX_HASH], pad1[48], pad2[48];
    size_t pad = hash == WTR_TLS_MD5 ? 48 : 40, size = wtr_tls_hash_size(hash);
    memset(pad1, 0x36, sizeof pad1);
    memset(pad2, 0x5c, sizeof pad2);
    struct wtr_text key = wtr_text_of(end->mac_key, size);
    const struct wtr_text parts[] = {key, wtr_text_of(pad1, pad), wtr_text_of(prefix, 9),
                                     wtr_text_of(prefix + 11, 2), text};
    const struct wtr_text outer[] = {key, wtr_text_of(pad2, pad), wtr_text_of(inner, size)};
    return wtr_tls_digest(hash, parts, 5, inner) && wtr_tls_digest(hash, outer, 3, mac);
}

static bool mac_of(const struct wtr_tls_protection *end, const uint8_t prefix[PREFIX], struct wtr_text text,
                   uint8_t *mac)
{
    struct wtr_tls_hmac hmac;
    struct wtr_text key = wtr_text_of(end->mac_key, wtr_tls_hash_size(end->suite->mac));
    if (end->version < WTR_TLS_1_0)
        return mac_of_ssl3(end, prefix, text, mac);
    bool fine = wtr_tls_hmac_begin(&hmac, end->suite->mac, key) && wtr_tls_hmac_add(&hmac, prefix, PREFIX) &&
                wtr_tls_hmac_add(&hmac, text.data, text.length) && wtr_tls_hmac_finish(&hmac, mac);
    wtr_tls_hmac_free(&hmac);
    return fine;
}

static size_t mac_size(const struct wtr_tls_protection *end)
{
    return end->truncated_hmac ? TRUNCATED_MAC : wtr_tls_hash_size(end->suite->mac);
}

/* Whether `length` bytes of text, behind which the MAC stands, are authentic. */
static bool holds(const struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed,
                  const uint8_t *text, size_t length)
{
    uint8_t prefix[PREFIX], mac[WTR_TLS_MAX_HASH];
    wtr_tls_prefix(sealed, length, prefix);
    return mac_of(end, prefix, wtr_text_of(text, length), mac) &&
           memcmp(mac, text + length, mac_size(end)) == 0;
}

/* ---- NULL and RC4 */

static const char *unseal_stream(struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed,
                                 uint8_t *plain, struct wtr_tls_unsealed *unsealed)
{
    mbedtls_arc4_context rc4 = end->rc4;
    const char *why = NULL;
    size_t mac = mac_size(end);
    if (sealed->length < mac)
        return no_mac;
    if (end->suite->bulk == WTR_TLS_NULL)
        memcpy(plain, sealed->body, sealed->length);
    else if (mbedtls_arc4_crypt(&rc4, sealed->length, sealed->body, plain) != 0)
        why = failed;
    if (!why && !holds(end, sealed, plain, sealed->length - mac))
        why = bad_mac;
    if (!why) {
        end->rc4 = rc4;
        *unsealed = (struct wtr_tls_unsealed){
            .content_type = sealed->header[0], .length = sealed->length - mac, .keeps_places = true};
    }
    mbedtls_arc4_free(&rc4);
    return why;
}

/* ---- CBC */

static bool decrypt_aes(const struct wtr_tls_protection *end, uint8_t *iv, const uint8_t *text, size_t length,
                        uint8_t *plain)
{
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    bool fine = mbedtls_aes_setkey_dec(&aes, end->key, end->suite->key * 8U) == 0 &&
                mbedtls_aes_crypt_cbc(&aes, MBEDTLS_AES_DECRYPT, length, iv, text, plain) == 0;
    mbedtls_aes_free(&aes);
    return fine;
}

static bool decrypt_des(const struct wtr_tls_protection *end, uint8_t *iv, const uint8_t *text, size_t length,
                        uint8_t *plain)
{
    mbedtls_des3_context des;
    mbedtls_des3_init(&des);
    bool fine = mbedtls_des3_set3key_dec(&des, end->key) == 0 &&
                mbedtls_des3_crypt_cbc(&des, MBEDTLS_DES_DECRYPT, length, iv, text, plain) == 0;
    mbedtls_des3_free(&des);
    return fine;
}

static size_t block_size(const struct wtr_tls_protection *end)
{
    return end->suite->bulk == WTR_TLS_3DES_CBC ? 8 : 16;
}

/* Takes the padding off; false if it is not as it has to be. SSL 3.0 fixes its length alone. */
static bool strip(const struct wtr_tls_protection *end, const uint8_t *plain, size_t *length)
{
    size_t padding = *length ? (size_t)plain[*length - 1] + 1 : 1;
    if (padding > *length || (end->version < WTR_TLS_1_0 && padding > block_size(end)))
        return false;
    for (size_t i = 1; end->version >= WTR_TLS_1_0 && i <= padding; i++)
        if (plain[*length - i] != padding - 1)
            return false;
    *length -= padding;
    return true;
}

/* Deciphers the text between the IV and, with encrypt-then-MAC, the MAC. */
static const char *decipher(const struct wtr_tls_protection *end, const uint8_t *body, size_t *length,
                            uint8_t *plain)
{
    uint8_t iv[MAX_BLOCK];
    size_t block = block_size(end), skip = end->version >= WTR_TLS_1_1 ? block : 0;
    if (*length < skip + block || *length % block != 0)
        return bad_blocks;
    memcpy(iv, skip ? body : end->iv, block);
    *length -= skip;
    bool fine = end->suite->bulk == WTR_TLS_3DES_CBC ? decrypt_des(end, iv, body + skip, *length, plain)
                                                     : decrypt_aes(end, iv, body + skip, *length, plain);
    if (!fine)
        return failed;
    return strip(end, plain, length) ? NULL : bad_padding;
}

static const char *unseal_cbc(struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed,
                              uint8_t *plain, struct wtr_tls_unsealed *unsealed)
{
    size_t mac = mac_size(end), length = sealed->length;
    const char *why = NULL;
    if (length < mac)
        return no_mac;
    if (end->encrypt_then_mac) {
        length -= mac;
        if (!holds(end, sealed, sealed->body, length))
            return bad_mac;
    }
    why = decipher(end, sealed->body, &length, plain);
    if (!why && !end->encrypt_then_mac) {
        if (length < mac)
            return no_mac;
        length -= mac;
        if (!holds(end, sealed, plain, length))
            return bad_mac;
    }
    if (why)
        return why;
    *unsealed = (struct wtr_tls_unsealed){.content_type = sealed->header[0], .length = length};
    wtr_tls_pass(end, sealed);
    return NULL;
}

void wtr_tls_pass(struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed)
{
    bool chained = end->suite && end->version < WTR_TLS_1_1 &&
                   (end->suite->bulk == WTR_TLS_AES_CBC || end->suite->bulk == WTR_TLS_3DES_CBC);
    size_t block = chained ? block_size(end) : 0;
    size_t length = sealed->length;
    if (chained && end->encrypt_then_mac && length >= mac_size(end))
        length -= mac_size(end);
    if (chained && length >= block)
        memcpy(end->iv, sealed->body + length - block, block);
}

const char *wtr_tls_unseal_mac(struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed,
                               uint8_t *plain, struct wtr_tls_unsealed *unsealed)
{
    if (end->suite->bulk == WTR_TLS_NULL || end->suite->bulk == WTR_TLS_RC4)
        return unseal_stream(end, sealed, plain, unsealed);
    return unseal_cbc(end, sealed, plain, unsealed);
}
