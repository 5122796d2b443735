/* SPDX-License-Identifier: Apache-2.0 */
/* KLAP's formulas, as python-kasa's klaptransport.py has them ("|" joins):
 *
 *     auth, version 1 = md5(md5(account) | md5(password));        2 = sha256(sha1(account) | sha1(password))
 *     server hash,  1 = sha256(local | auth);                     2 = sha256(local | remote | auth)
 *     client hash,  1 = sha256(remote | auth);                    2 = sha256(remote | local | auth)
 *     key = first 16 of sha256("lsk" | local | remote | auth)
 *     iv = first 12 of sha256("iv" | local | remote | auth), then the number, big-endian
 *     signing key = first 28 of sha256("ldk" | local | remote | auth)
 *     body = sha256(signing key | number | ciphertext) | AES-128-CBC with PKCS #7 padding */
#include "vendor/tapo/klap_cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

struct part {
    const void *data;
    size_t length;
};

/* The digest of parts one after another. */
static bool digest(const EVP_MD *md, const struct part *parts, size_t count, uint8_t *out)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool good = c && EVP_DigestInit_ex(c, md, NULL);
    for (size_t i = 0; good && i < count; i++)
        good = EVP_DigestUpdate(c, parts[i].data, parts[i].length);
    good = good && EVP_DigestFinal_ex(c, out, NULL);
    EVP_MD_CTX_free(c);
    return good;
}

bool wtr_klap_auth_of(unsigned version, struct wtr_text account, struct wtr_text password,
                      struct wtr_klap_auth *auth)
{
    const EVP_MD *inner = version == 1 ? EVP_md5() : EVP_sha1();
    const EVP_MD *outer = version == 1 ? EVP_md5() : EVP_sha256();
    const struct part parts[2] = {{account.data, account.length}, {password.data, password.length}};
    uint8_t both[2 * EVP_MAX_MD_SIZE];
    size_t size = (size_t)EVP_MD_get_size(inner);
    *auth = (struct wtr_klap_auth){.version = version, .length = (size_t)EVP_MD_get_size(outer)};
    const struct part joined = {both, 2 * size};
    bool good = digest(inner, &parts[0], 1, both) && digest(inner, &parts[1], 1, both + size) &&
                digest(outer, &joined, 1, auth->bytes);
    OPENSSL_cleanse(both, sizeof both);
    return good;
}

/* sha256(first | second, in version 2 alone | auth) */
static bool proof(const struct wtr_klap_auth *auth, const uint8_t *first, const uint8_t *second,
                  uint8_t hash[WTR_KLAP_HASH])
{
    const struct part parts[3] = {
        {first, WTR_KLAP_SEED},
        {second, auth->version == 1 ? 0 : WTR_KLAP_SEED},
        {auth->bytes, auth->length},
    };
    return digest(EVP_sha256(), parts, 3, hash);
}

bool wtr_klap_server_hash(const struct wtr_klap_auth *auth, const struct wtr_klap_seeds *seeds,
                          uint8_t hash[WTR_KLAP_HASH])
{
    return proof(auth, seeds->local, seeds->remote, hash);
}

bool wtr_klap_client_hash(const struct wtr_klap_auth *auth, const struct wtr_klap_seeds *seeds,
                          uint8_t hash[WTR_KLAP_HASH])
{
    return proof(auth, seeds->remote, seeds->local, hash);
}

static bool derive(const char *label, const struct wtr_klap_auth *auth, const struct wtr_klap_seeds *seeds,
                   uint8_t *out, size_t length)
{
    uint8_t whole[WTR_KLAP_HASH];
    const struct part parts[4] = {
        {label, strlen(label)},
        {seeds->local, WTR_KLAP_SEED},
        {seeds->remote, WTR_KLAP_SEED},
        {auth->bytes, auth->length},
    };
    bool good = digest(EVP_sha256(), parts, 4, whole);
    memcpy(out, whole, length);
    OPENSSL_cleanse(whole, sizeof whole);
    return good;
}

bool wtr_klap_derive(const struct wtr_klap_auth *auth, const struct wtr_klap_seeds *seeds,
                     struct wtr_klap_keys *keys)
{
    return derive("lsk", auth, seeds, keys->key, sizeof keys->key) &&
           derive("iv", auth, seeds, keys->iv, sizeof keys->iv) &&
           derive("ldk", auth, seeds, keys->signing, sizeof keys->signing);
}

static void put_be32(uint8_t *p, int32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)((uint32_t)value >> (24 - 8 * i));
}

bool wtr_klap_is_signed(const struct wtr_klap_keys *keys, int32_t seq, struct wtr_text body)
{
    uint8_t number[4], hash[WTR_KLAP_HASH];
    if (body.length < WTR_KLAP_HASH)
        return false;
    put_be32(number, seq);
    const struct part parts[3] = {
        {keys->signing, sizeof keys->signing},
        {number, sizeof number},
        {body.data + WTR_KLAP_HASH, body.length - WTR_KLAP_HASH},
    };
    return digest(EVP_sha256(), parts, 3, hash) && memcmp(hash, body.data, sizeof hash) == 0;
}

bool wtr_klap_open(const struct wtr_klap_keys *keys, int32_t seq, struct wtr_text body, uint8_t *plain,
                   size_t *length)
{
    uint8_t iv[WTR_KLAP_BLOCK];
    size_t n = body.length - WTR_KLAP_HASH;
    int first = 0, last = 0;
    if (body.length <= WTR_KLAP_HASH || n % WTR_KLAP_BLOCK || n > INT32_MAX)
        return false;
    memcpy(iv, keys->iv, sizeof keys->iv);
    put_be32(iv + sizeof keys->iv, seq);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c && EVP_DecryptInit_ex(c, EVP_aes_128_cbc(), NULL, keys->key, iv) &&
                EVP_DecryptUpdate(c, plain, &first, (const uint8_t *)body.data + WTR_KLAP_HASH, (int)n) &&
                EVP_DecryptFinal_ex(c, plain + first, &last);
    EVP_CIPHER_CTX_free(c);
    *length = good ? (size_t)(first + last) : 0;
    return good;
}
