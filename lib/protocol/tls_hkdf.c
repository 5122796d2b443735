/* SPDX-License-Identifier: Apache-2.0 */
/* HKDF-Expand-Label and what TLS 1.3 derives by it (RFC 8446 7.1, 7.2). */
#include "protocol/tls_secret.h"

#include "protocol/tls_md.h"

enum { MAX_LABEL = 64 };

/* HKDF-Expand (RFC 5869 2.3). */
static bool expand(enum wtr_tls_hash hash, struct wtr_text secret, struct wtr_text info, uint8_t *out,
                   size_t length)
{
    struct wtr_tls_hmac hmac;
    uint8_t block[WTR_TLS_MAX_HASH];
    size_t size = wtr_tls_hash_size(hash);
    bool fine = wtr_tls_hmac_begin(&hmac, hash, secret);
    uint8_t n = 1;
    for (size_t at = 0; fine && at < length; at += size, n++) {
        fine = (at == 0 || wtr_tls_hmac_add(&hmac, block, size)) &&
               wtr_tls_hmac_add(&hmac, info.data, info.length) && wtr_tls_hmac_add(&hmac, &n, 1) &&
               wtr_tls_hmac_finish(&hmac, block);
        if (fine)
            memcpy(out + at, block, length - at < size ? length - at : size);
    }
    wtr_tls_hmac_free(&hmac);
    wtr_wipe(block, sizeof block);
    return fine;
}

bool wtr_tls_expand(enum wtr_tls_hash hash, struct wtr_text secret, const char *label,
                    struct wtr_text context, uint8_t *out, size_t length)
{
    uint8_t info[2 + 1 + MAX_LABEL + 1 + WTR_TLS_MAX_HASH];
    size_t name = strlen(label) + 6, at = 3 + name;
    if (name > MAX_LABEL || context.length > WTR_TLS_MAX_HASH || length > 255)
        return false;
    info[0] = 0;
    info[1] = (uint8_t)length;
    info[2] = (uint8_t)name;
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, name - 6);
    info[at++] = (uint8_t)context.length;
    if (context.length)
        memcpy(info + at, context.data, context.length);
    return expand(hash, secret, wtr_text_of(info, at + context.length), out, length);
}

bool wtr_tls_next_secret(enum wtr_tls_hash hash, const uint8_t *secret, uint8_t *next)
{
    const struct wtr_text nothing = {NULL, 0};
    size_t size = wtr_tls_hash_size(hash);
    return wtr_tls_expand(hash, wtr_text_of(secret, size), "traffic upd", nothing, next, size);
}
