/* SPDX-License-Identifier: Apache-2.0 */
/* What a cipher suite's number stands for: how keys are agreed on, and what protects records. The numbers are
 * those of IANA's "TLS Cipher Suites" registry, from RFC 4279, 4346, 4785, 5246, 5288, 5289, 5487, 5489,
 * 6655, 7251, 7905, 8442 and 8446. Suites with Camellia, ARIA, SEED, IDEA, single DES, GOST or export keys
 * are not listed. */
#ifndef WTR_PROTOCOL_TLS_SUITE_H
#define WTR_PROTOCOL_TLS_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wtr_tls_exchange {
    WTR_TLS_KX_ANY, /* TLS 1.3: the suite does not say */
    WTR_TLS_KX_RSA,
    WTR_TLS_KX_PSK,
    WTR_TLS_KX_RSA_PSK,
    WTR_TLS_KX_DHE_PSK,
    WTR_TLS_KX_ECDHE_PSK,
    WTR_TLS_KX_DHE,
    WTR_TLS_KX_ECDHE,
    WTR_TLS_KX_ECDH, /* with the certificate's key */
    WTR_TLS_KX_ECJPAKE,
};

enum wtr_tls_bulk {
    WTR_TLS_NULL,
    WTR_TLS_RC4,
    WTR_TLS_3DES_CBC,
    WTR_TLS_AES_CBC,
    WTR_TLS_AES_GCM,
    WTR_TLS_AES_CCM,
    WTR_TLS_AES_CCM_8,
    WTR_TLS_CHACHA20_POLY1305,
};

enum wtr_tls_hash {
    WTR_TLS_HASH_NONE,
    WTR_TLS_MD5,
    WTR_TLS_SHA1,
    WTR_TLS_SHA256,
    WTR_TLS_SHA384,
};

enum { WTR_TLS_MAX_HASH = 48 };

struct wtr_tls_suite {
    uint16_t number;
    enum wtr_tls_exchange exchange;
    enum wtr_tls_bulk bulk;
    unsigned key;          /* bytes of the cipher's key */
    enum wtr_tls_hash mac; /* NONE where the cipher itself authenticates */
    enum wtr_tls_hash prf; /* of TLS 1.2 and 1.3; before, the version fixes it */
};

/* NULL: the suite is not known. */
const struct wtr_tls_suite *wtr_tls_suite_of(uint16_t number);
/* The cipher in words: "aes-128-gcm". */
const char *wtr_tls_suite_cipher(const struct wtr_tls_suite *suite);
/* The key exchange in words: "ECDHE_PSK". */
const char *wtr_tls_exchange_name(enum wtr_tls_exchange exchange);
/* Bytes of the hash's digest. */
size_t wtr_tls_hash_size(enum wtr_tls_hash hash);

static inline bool wtr_tls_suite_is_aead(const struct wtr_tls_suite *suite)
{
    return suite->bulk >= WTR_TLS_AES_GCM;
}

#endif
