/* SPDX-License-Identifier: Apache-2.0 */
/* Record protection, undone: a record's body to its plain text, which is given only if the record's MAC or
 * tag holds. SSL 3.0 (RFC 6101 5.2.3), TLS 1.0 to 1.2 and DTLS (RFC 4346 6.2.3, RFC 5246 6.2.3, RFC
 * 6347 4.1.2): NULL, RC4 and CBC with MAC-then-encrypt or encrypt-then-MAC (RFC 7366), GCM (RFC 5288), CCM
 * and CCM_8 (RFC 6655), ChaCha20-Poly1305 (RFC 7905); TLS 1.3 (RFC 8446 5.2). */
#ifndef WTR_PROTOCOL_TLS_CIPHER_H
#define WTR_PROTOCOL_TLS_CIPHER_H

#include "protocol/tls_secret.h"

#include <mbedtls/arc4.h>

/* The keys by which one end protects its records, and what it goes on from. */
struct wtr_tls_protection {
    const struct wtr_tls_suite *suite; /* NULL: no keys are known */
    uint16_t version;                  /* that of TLS */
    bool datagram;
    bool encrypt_then_mac;
    bool truncated_hmac; /* RFC 6066 7 */
    uint8_t mac_key[WTR_TLS_MAX_HASH];
    uint8_t key[32];
    uint8_t iv[16];           /* of CBC before TLS 1.1: the last block of the record before */
    mbedtls_arc4_context rc4; /* as it stands behind the last record that was opened */
};

/* A record as it stands. */
struct wtr_tls_sealed {
    const uint8_t *header; /* its 5 bytes; of DTLS 13 */
    const uint8_t *body;
    size_t length;
    uint64_t sequence; /* of DTLS with the epoch in the upper 16 bits */
};

struct wtr_tls_unsealed {
    uint8_t content_type; /* the inner one */
    size_t length;
    size_t at;         /* where in the body the first byte's cipher text stands */
    bool keeps_places; /* byte i of the plain text was made from byte at + i of the body alone */
};

/* The two directions' protections from the key block of the master secret. False if mbedTLS fails. */
bool wtr_tls_protect_by_master(struct wtr_tls_prf prf, const uint8_t master[WTR_TLS_MASTER],
                               const struct wtr_tls_session *session, struct wtr_tls_protection ends[2]);
/* One direction's from a traffic secret of TLS 1.3. */
bool wtr_tls_protect_by_secret(const struct wtr_tls_suite *suite, const uint8_t *secret,
                               struct wtr_tls_protection *end);
void wtr_tls_protection_wipe(struct wtr_tls_protection *end);

/* Undoes the protection into `plain`, which has room for as many bytes as the body has. NULL if the MAC or
 * tag holds; else why not, and `plain` then holds nothing of use. */
const char *wtr_tls_unseal(struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed,
                           uint8_t *plain, struct wtr_tls_unsealed *unsealed);
/* To be called for each record that was not opened: what the next one's opening depends on is taken from it.
 */
void wtr_tls_pass(struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed);

#endif
