/* SPDX-License-Identifier: Apache-2.0 */
/* Key schedules of TLS: what is derived from a master secret (SSL 3.0: RFC 6101 6.1, 6.2.2; TLS 1.0 and 1.1:
 * RFC 4346 5, 6.3, 8.1; TLS 1.2: RFC 5246 5, 6.3, 8.1; extended master secret: RFC 7627 4; PSK: RFC 4279 2)
 * and from a traffic secret of TLS 1.3 (HKDF: RFC 5869; RFC 8446 7.1 to 7.3, 4.4.4). The primitives are
 * mbedTLS's. All that may fail returns false where mbedTLS fails. */
#ifndef WTR_PROTOCOL_TLS_SECRET_H
#define WTR_PROTOCOL_TLS_SECRET_H

#include "base/secret.h"
#include "protocol/tls.h"
#include "protocol/tls_suite.h"

enum {
    WTR_TLS_MASTER = 48,
    WTR_TLS_MAX_KEY_BLOCK = 2 * (48 + 32 + 16),
    WTR_TLS_MAX_PREMASTER = 2 * (2 + 512),
};

/* The function that a connection derives by: its version (that of TLS; a DTLS version counts as the one that
 * it is built on) and, from TLS 1.2 on, the hash. */
struct wtr_tls_prf {
    uint16_t version;
    enum wtr_tls_hash hash;
};

/* The TLS version that a DTLS version is built on; others as they are. */
uint16_t wtr_tls_base_version(uint16_t version);
struct wtr_tls_prf wtr_tls_prf_of(uint16_t version, const struct wtr_tls_suite *suite);

/* `length` bytes of PRF(secret, label, seed), TLS 1.0 to 1.2. */
bool wtr_tls_derive(struct wtr_tls_prf prf, struct wtr_text secret, const char *label, struct wtr_text seed,
                    uint8_t *out, size_t length);

/* The randoms of a handshake. */
struct wtr_tls_randoms {
    uint8_t client[WTR_TLS_RANDOM];
    uint8_t server[WTR_TLS_RANDOM];
};

/* `session_hash`: what replaces the randoms where the extended master secret was agreed on; length 0: it was
 * not. */
bool wtr_tls_master_of(struct wtr_tls_prf prf, struct wtr_text premaster,
                       const struct wtr_tls_randoms *randoms, struct wtr_text session_hash,
                       uint8_t master[WTR_TLS_MASTER]);
bool wtr_tls_key_block(struct wtr_tls_prf prf, const uint8_t master[WTR_TLS_MASTER],
                       const struct wtr_tls_randoms *randoms, uint8_t *out, size_t length);
/* The premaster secret of plain PSK; returns its length, 0 if the key is too long. */
size_t wtr_tls_psk_premaster(struct wtr_text psk, uint8_t premaster[WTR_TLS_MAX_PREMASTER]);

/* ---- TLS 1.3 */

/* HKDF-Expand-Label(secret, label, context, length). */
bool wtr_tls_expand(enum wtr_tls_hash hash, struct wtr_text secret, const char *label,
                    struct wtr_text context, uint8_t *out, size_t length);
/* The traffic secret that follows a key update. */
bool wtr_tls_next_secret(enum wtr_tls_hash hash, const uint8_t *secret, uint8_t *next);

#endif
