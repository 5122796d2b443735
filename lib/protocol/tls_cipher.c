/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a direction, and records whose cipher authenticates: GCM, CCM and ChaCha20-Poly1305. The others are
 * tls_mac.c's. */
#include "protocol/tls_cipher.h"

#include "base/bytes.h"
#include "protocol/tls_mac.h"

#include <mbedtls/ccm.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/gcm.h>

static const char no_tag[] = "a record too short for its tag";
static const char bad_tag[] = "a record whose tag does not fit";

enum { NONCE = 12, SALT = 4, EXPLICIT_NONCE = 8, HEADER = 5 };

/* ---- keys */

/* Bytes of the IV in the key block. */
static size_t iv_size(const struct wtr_tls_suite *suite, uint16_t version)
{
    switch (suite->bulk) {
    case WTR_TLS_NULL:
    case WTR_TLS_RC4:
        return 0;
    case WTR_TLS_3DES_CBC:
        return version < WTR_TLS_1_1 ? 8 : 0;
    case WTR_TLS_AES_CBC:
        return version < WTR_TLS_1_1 ? 16 : 0;
    case WTR_TLS_CHACHA20_POLY1305:
        return NONCE;
    default:
        return SALT;
    }
}

static void take_keys(struct wtr_tls_protection ends[2], const uint8_t *block)
{
    const struct wtr_tls_suite *suite = ends[0].suite;
    size_t mac = wtr_tls_hash_size(suite->mac), iv = iv_size(suite, ends[0].version), key = suite->key;
    for (unsigned d = 0; d < 2; d++) {
        memcpy(ends[d].mac_key, block + d * mac, mac);
        memcpy(ends[d].key, block + 2 * mac + d * key, key);
        memcpy(ends[d].iv, block + 2 * mac + 2 * key + d * iv, iv);
        if (suite->bulk == WTR_TLS_RC4) {
            mbedtls_arc4_init(&ends[d].rc4);
            mbedtls_arc4_setup(&ends[d].rc4, ends[d].key, suite->key);
        }
    }
}

bool wtr_tls_protect_by_master(struct wtr_tls_prf prf, const uint8_t master[WTR_TLS_MASTER],
                               const struct wtr_tls_session *session, struct wtr_tls_protection ends[2])
{
    const struct wtr_tls_suite *suite = wtr_tls_suite_of(session->suite);
    uint8_t block[WTR_TLS_MAX_KEY_BLOCK];
    struct wtr_tls_randoms randoms;
    if (!suite || prf.version > WTR_TLS_1_2 || suite->exchange == WTR_TLS_KX_ANY)
        return false;
    memcpy(randoms.client, session->client_random, WTR_TLS_RANDOM);
    memcpy(randoms.server, session->server_random, WTR_TLS_RANDOM);
    size_t length = 2 * (wtr_tls_hash_size(suite->mac) + suite->key + iv_size(suite, prf.version));
    bool fine = wtr_tls_key_block(prf, master, &randoms, block, length);
    for (unsigned d = 0; d < 2; d++)
        ends[d] = (struct wtr_tls_protection){.suite = suite,
                                              .version = prf.version,
                                              .datagram = session->datagram,
                                              .encrypt_then_mac = session->encrypt_then_mac,
                                              .truncated_hmac = session->truncated_hmac};
    if (fine)
        take_keys(ends, block);
    wtr_wipe(block, sizeof block);
    return fine;
}

bool wtr_tls_protect_by_secret(const struct wtr_tls_suite *suite, const uint8_t *secret,
                               struct wtr_tls_protection *end)
{
    const struct wtr_text nothing = {NULL, 0};
    struct wtr_text text = wtr_text_of(secret, wtr_tls_hash_size(suite->prf));
    *end = (struct wtr_tls_protection){.suite = suite, .version = WTR_TLS_1_3};
    return suite->exchange == WTR_TLS_KX_ANY &&
           wtr_tls_expand(suite->prf, text, "key", nothing, end->key, suite->key) &&
           wtr_tls_expand(suite->prf, text, "iv", nothing, end->iv, NONCE);
}

void wtr_tls_protection_wipe(struct wtr_tls_protection *end)
{
    wtr_wipe(end, sizeof *end);
}

/* ---- records */

struct aead {
    uint8_t nonce[NONCE];
    uint8_t extra[13];
    size_t extra_length;
    const uint8_t *text; /* cipher text, and the tag behind it */
    size_t length;       /* of the cipher text */
    size_t tag;
};

static bool decrypt_gcm(const struct wtr_tls_protection *end, const struct aead *a, uint8_t *plain)
{
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    bool fine = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, end->key, end->suite->key * 8U) == 0 &&
                mbedtls_gcm_auth_decrypt(&gcm, a->length, a->nonce, NONCE, a->extra, a->extra_length,
                                         a->text + a->length, a->tag, a->text, plain) == 0;
    mbedtls_gcm_free(&gcm);
    return fine;
}

static bool decrypt_ccm(const struct wtr_tls_protection *end, const struct aead *a, uint8_t *plain)
{
    mbedtls_ccm_context ccm;
    mbedtls_ccm_init(&ccm);
    bool fine = mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, end->key, end->suite->key * 8U) == 0 &&
                mbedtls_ccm_auth_decrypt(&ccm, a->length, a->nonce, NONCE, a->extra, a->extra_length, a->text,
                                         plain, a->text + a->length, a->tag) == 0;
    mbedtls_ccm_free(&ccm);
    return fine;
}

static bool decrypt_chacha(const struct wtr_tls_protection *end, const struct aead *a, uint8_t *plain)
{
    mbedtls_chachapoly_context chacha;
    mbedtls_chachapoly_init(&chacha);
    bool fine = mbedtls_chachapoly_setkey(&chacha, end->key) == 0 &&
                mbedtls_chachapoly_auth_decrypt(&chacha, a->length, a->nonce, a->extra, a->extra_length,
                                                a->text + a->length, a->text, plain) == 0;
    mbedtls_chachapoly_free(&chacha);
    return fine;
}

static bool decrypt(const struct wtr_tls_protection *end, const struct aead *a, uint8_t *plain)
{
    switch (end->suite->bulk) {
    case WTR_TLS_AES_GCM:
        return decrypt_gcm(end, a, plain);
    case WTR_TLS_AES_CCM:
    case WTR_TLS_AES_CCM_8:
        return decrypt_ccm(end, a, plain);
    default:
        return decrypt_chacha(end, a, plain);
    }
}

/* The IV, the sequence number mixed into its end. */
static void mixed_nonce(const struct wtr_tls_protection *end, uint64_t sequence, uint8_t nonce[NONCE])
{
    uint8_t number[8];
    wtr_put_be64(number, sequence);
    memcpy(nonce, end->iv, NONCE);
    for (size_t i = 0; i < sizeof number; i++)
        nonce[NONCE - sizeof number + i] ^= number[i];
}

/* Behind the text stand its type, and then zeros (RFC 8446 5.4). */
static bool take_inner_type(const uint8_t *plain, struct wtr_tls_unsealed *unsealed)
{
    size_t length = unsealed->length;
    while (length > 0 && plain[length - 1] == 0)
        length--;
    if (length == 0)
        return false;
    unsealed->content_type = plain[length - 1];
    unsealed->length = length - 1;
    return true;
}

static const char *unseal_aead(const struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed,
                               uint8_t *plain, struct wtr_tls_unsealed *unsealed)
{
    bool modern = end->version == WTR_TLS_1_3;
    bool explicit_nonce = !modern && end->suite->bulk != WTR_TLS_CHACHA20_POLY1305;
    size_t at = explicit_nonce ? EXPLICIT_NONCE : 0;
    struct aead a = {.tag = end->suite->bulk == WTR_TLS_AES_CCM_8 ? 8 : 16, .text = sealed->body + at};
    if (sealed->length < at + a.tag)
        return no_tag;
    a.length = sealed->length - at - a.tag;
    if (explicit_nonce) {
        memcpy(a.nonce, end->iv, SALT);
        memcpy(a.nonce + SALT, sealed->body, EXPLICIT_NONCE);
    } else {
        mixed_nonce(end, sealed->sequence, a.nonce);
    }
    if (modern) {
        a.extra_length = HEADER;
        memcpy(a.extra, sealed->header, HEADER);
    } else {
        a.extra_length = wtr_tls_prefix(sealed, a.length, a.extra);
    }
    if (!decrypt(end, &a, plain))
        return bad_tag;
    *unsealed = (struct wtr_tls_unsealed){
        .content_type = sealed->header[0], .length = a.length, .at = at, .keeps_places = true};
    return modern && !take_inner_type(plain, unsealed) ? "a record without an inner type" : NULL;
}

const char *wtr_tls_unseal(struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed,
                           uint8_t *plain, struct wtr_tls_unsealed *unsealed)
{
    if (wtr_tls_suite_is_aead(end->suite))
        return unseal_aead(end, sealed, plain, unsealed);
    return wtr_tls_unseal_mac(end, sealed, plain, unsealed);
}
