/* SPDX-License-Identifier: Apache-2.0 */
/* Digests and HMACs. */
#include "protocol/tls_md.h"

static const mbedtls_md_info_t *info_of(enum wtr_tls_hash hash)
{
    static const mbedtls_md_type_t types[] = {[WTR_TLS_HASH_NONE] = MBEDTLS_MD_NONE,
                                              [WTR_TLS_MD5] = MBEDTLS_MD_MD5,
                                              [WTR_TLS_SHA1] = MBEDTLS_MD_SHA1,
                                              [WTR_TLS_SHA256] = MBEDTLS_MD_SHA256,
                                              [WTR_TLS_SHA384] = MBEDTLS_MD_SHA384};
    return mbedtls_md_info_from_type(types[hash]);
}

/* mbedTLS must not be handed NULL, also not for no bytes. */
static const unsigned char *bytes_of(const void *data)
{
    return data ? data : (const unsigned char *)"";
}

bool wtr_tls_hmac_begin(struct wtr_tls_hmac *hmac, enum wtr_tls_hash hash, struct wtr_text key)
{
    const mbedtls_md_info_t *info = info_of(hash);
    mbedtls_md_init(&hmac->context);
    return info && mbedtls_md_setup(&hmac->context, info, 1) == 0 &&
           mbedtls_md_hmac_starts(&hmac->context, bytes_of(key.data), key.length) == 0;
}

bool wtr_tls_hmac_add(struct wtr_tls_hmac *hmac, const void *data, size_t length)
{
    return mbedtls_md_hmac_update(&hmac->context, bytes_of(data), length) == 0;
}

bool wtr_tls_hmac_finish(struct wtr_tls_hmac *hmac, uint8_t *out)
{
    return mbedtls_md_hmac_finish(&hmac->context, out) == 0 && mbedtls_md_hmac_reset(&hmac->context) == 0;
}

void wtr_tls_hmac_free(struct wtr_tls_hmac *hmac)
{
    mbedtls_md_free(&hmac->context);
}

bool wtr_tls_digest(enum wtr_tls_hash hash, const struct wtr_text *parts, size_t count, uint8_t *out)
{
    const mbedtls_md_info_t *info = info_of(hash);
    mbedtls_md_context_t context;
    mbedtls_md_init(&context);
    bool fine = info && mbedtls_md_setup(&context, info, 0) == 0 && mbedtls_md_starts(&context) == 0;
    for (size_t i = 0; fine && i < count; i++)
        fine = mbedtls_md_update(&context, bytes_of(parts[i].data), parts[i].length) == 0;
    fine = fine && mbedtls_md_finish(&context, out) == 0;
    mbedtls_md_free(&context);
    return fine;
}
