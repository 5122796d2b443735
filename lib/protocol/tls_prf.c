/* SPDX-License-Identifier: Apache-2.0 */
/* From a premaster secret to the key block, SSL 3.0 to TLS 1.2. */
#include "protocol/tls_secret.h"

#include "protocol/tls_md.h"

uint16_t wtr_tls_base_version(uint16_t version)
{
    if (version == WTR_DTLS_1_0 || version == WTR_DTLS_OLD)
        return WTR_TLS_1_1;
    return version == WTR_DTLS_1_2 ? WTR_TLS_1_2 : version;
}

struct wtr_tls_prf wtr_tls_prf_of(uint16_t version, const struct wtr_tls_suite *suite)
{
    uint16_t base = wtr_tls_base_version(version);
    return (struct wtr_tls_prf){base, base >= WTR_TLS_1_2 ? suite->prf : WTR_TLS_HASH_NONE};
}

/* ---- TLS 1.0 to 1.2 */

/* HMAC_hash(secret, a + label + seed) over what is given; `a` may be empty. */
static bool sign(struct wtr_tls_hmac *hmac, struct wtr_text a, const char *label, struct wtr_text seed,
                 uint8_t *out)
{
    return wtr_tls_hmac_add(hmac, a.data, a.length) && wtr_tls_hmac_add(hmac, label, strlen(label)) &&
           wtr_tls_hmac_add(hmac, seed.data, seed.length) && wtr_tls_hmac_finish(hmac, out);
}

/* Mixes P_hash(secret, label + seed) into `out` (RFC 5246 5). */
static bool mix(enum wtr_tls_hash hash, struct wtr_text secret, const char *label, struct wtr_text seed,
                uint8_t *out, size_t length)
{
    struct wtr_tls_hmac hmac;
    uint8_t a[WTR_TLS_MAX_HASH], block[WTR_TLS_MAX_HASH];
    size_t size = wtr_tls_hash_size(hash);
    const struct wtr_text nothing = {NULL, 0};
    bool fine = wtr_tls_hmac_begin(&hmac, hash, secret) && sign(&hmac, nothing, label, seed, a);
    for (size_t at = 0; fine && at < length; at += size) {
        fine = sign(&hmac, wtr_text_of(a, size), label, seed, block) && wtr_tls_hmac_add(&hmac, a, size) &&
               wtr_tls_hmac_finish(&hmac, a);
        for (size_t i = 0; fine && i < size && at + i < length; i++)
            out[at + i] ^= block[i];
    }
    wtr_tls_hmac_free(&hmac);
    wtr_wipe(a, sizeof a);
    wtr_wipe(block, sizeof block);
    return fine;
}

bool wtr_tls_derive(struct wtr_tls_prf prf, struct wtr_text secret, const char *label, struct wtr_text seed,
                    uint8_t *out, size_t length)
{
    memset(out, 0, length);
    if (prf.version >= WTR_TLS_1_2)
        return mix(prf.hash, secret, label, seed, out, length);
    size_t half = (secret.length + 1) / 2; /* the halves share the middle byte of an odd length */
    return mix(WTR_TLS_MD5, wtr_text_of(secret.data, half), label, seed, out, length) &&
           mix(WTR_TLS_SHA1, wtr_text_of(secret.data + (secret.length - half), half), label, seed, out,
               length);
}

/* ---- SSL 3.0 */

/* MD5(secret + SHA(salt + secret + first + second)), the salt being "A", "BB" and so on (RFC 6101 6.1). */
static bool derive_ssl3(struct wtr_text secret, const uint8_t *first, const uint8_t *second, uint8_t *out,
                        size_t length)
{
    uint8_t inner[20], block[16];
    char salt[WTR_TLS_MAX_KEY_BLOCK / 16 + 1];
    bool fine = length <= WTR_TLS_MAX_KEY_BLOCK;
    for (size_t at = 0, n = 1; fine && at < length; at += sizeof block, n++) {
        memset(salt, 'A' + (int)n - 1, n);
        const struct wtr_text parts[] = {wtr_text_of(salt, n), secret, wtr_text_of(first, WTR_TLS_RANDOM),
                                         wtr_text_of(second, WTR_TLS_RANDOM)};
        fine = wtr_tls_digest(WTR_TLS_SHA1, parts, 4, inner);
        const struct wtr_text outer[] = {secret, wtr_text_of(inner, sizeof inner)};
        fine = fine && wtr_tls_digest(WTR_TLS_MD5, outer, 2, block);
        if (fine)
            memcpy(out + at, block, length - at < sizeof block ? length - at : sizeof block);
    }
    wtr_wipe(inner, sizeof inner);
    wtr_wipe(block, sizeof block);
    return fine;
}

/* ---- what they are for */

static struct wtr_text join(const uint8_t *first, const uint8_t *second, uint8_t both[2 * WTR_TLS_RANDOM])
{
    memcpy(both, first, WTR_TLS_RANDOM);
    memcpy(both + WTR_TLS_RANDOM, second, WTR_TLS_RANDOM);
    return wtr_text_of(both, (size_t)2 * WTR_TLS_RANDOM);
}

bool wtr_tls_master_of(struct wtr_tls_prf prf, struct wtr_text premaster,
                       const struct wtr_tls_randoms *randoms, struct wtr_text session_hash,
                       uint8_t master[WTR_TLS_MASTER])
{
    uint8_t both[2 * WTR_TLS_RANDOM];
    if (prf.version < WTR_TLS_1_0)
        return derive_ssl3(premaster, randoms->client, randoms->server, master, WTR_TLS_MASTER);
    if (session_hash.length)
        return wtr_tls_derive(prf, premaster, "extended master secret", session_hash, master, WTR_TLS_MASTER);
    return wtr_tls_derive(prf, premaster, "master secret", join(randoms->client, randoms->server, both),
                          master, WTR_TLS_MASTER);
}

bool wtr_tls_key_block(struct wtr_tls_prf prf, const uint8_t master[WTR_TLS_MASTER],
                       const struct wtr_tls_randoms *randoms, uint8_t *out, size_t length)
{
    uint8_t both[2 * WTR_TLS_RANDOM];
    struct wtr_text secret = wtr_text_of(master, WTR_TLS_MASTER);
    if (prf.version < WTR_TLS_1_0)
        return derive_ssl3(secret, randoms->server, randoms->client, out, length);
    return wtr_tls_derive(prf, secret, "key expansion", join(randoms->server, randoms->client, both), out,
                          length);
}

size_t wtr_tls_psk_premaster(struct wtr_text psk, uint8_t premaster[WTR_TLS_MAX_PREMASTER])
{
    size_t n = psk.length;
    if (n > WTR_TLS_MAX_PREMASTER / 2 - 2)
        return 0;
    premaster[0] = premaster[n + 2] = (uint8_t)(n >> 8);
    premaster[1] = premaster[n + 3] = (uint8_t)n;
    memset(premaster + 2, 0, n);
    if (n)
        memcpy(premaster + 4 + n, psk.data, n);
    return 2 * n + 4;
}
