/* SPDX-License-Identifier: Apache-2.0 */
/* Digests and HMACs (RFC 2104) by mbedTLS, under the names that TLS uses. */
#ifndef WTR_PROTOCOL_TLS_MD_H
#define WTR_PROTOCOL_TLS_MD_H

#include "base/text.h"
#include "protocol/tls_suite.h"

#include <mbedtls/md.h>

struct wtr_tls_hmac {
    mbedtls_md_context_t context;
};

/* To be freed, also where it returns false. */
bool wtr_tls_hmac_begin(struct wtr_tls_hmac *hmac, enum wtr_tls_hash hash, struct wtr_text key);
bool wtr_tls_hmac_add(struct wtr_tls_hmac *hmac, const void *data, size_t length);
/* Gives the code of what was added, and begins anew with the same key. */
bool wtr_tls_hmac_finish(struct wtr_tls_hmac *hmac, uint8_t *out);
void wtr_tls_hmac_free(struct wtr_tls_hmac *hmac);

/* The digest of the parts, one behind the other. */
bool wtr_tls_digest(enum wtr_tls_hash hash, const struct wtr_text *parts, size_t count, uint8_t *out);

#endif
