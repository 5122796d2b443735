/* SPDX-License-Identifier: Apache-2.0 */
/* Reading servers' private keys, which mbedTLS understands. */
#include "evidence/server_key.h"

#include "base/secret.h"

#include <mbedtls/pem.h>
#include <mbedtls/pk.h>

static const char *trouble(int result)
{
    bool locked = result == MBEDTLS_ERR_PK_PASSWORD_REQUIRED || result == MBEDTLS_ERR_PK_PASSWORD_MISMATCH;
    return locked ? "is locked with a passphrase" : "is no private key in PEM or DER";
}

/* NULL: it is an RSA key. `text` is ended by a zero that counts if it is PEM. */
static const char *check(struct wtr_text text)
{
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    int result = mbedtls_pk_parse_key(&key, (const unsigned char *)text.data, text.length, NULL, 0);
    const char *why = result != 0                               ? trouble(result)
                      : mbedtls_pk_can_do(&key, MBEDTLS_PK_RSA) ? NULL
                                                                : "is a private key, but none of RSA";
    mbedtls_pk_free(&key);
    return why;
}

enum wtr_status wtr_server_key_read(struct wtr_tls_keys *keys, const char *name, struct wtr_text text,
                                    const char **why)
{
    struct wtr_buffer bytes = {0}, origin = {0};
    enum wtr_status status = WTR_OK;
    *why = text.length > WTR_MAX_SERVER_KEY ? "is too long for a private key" : NULL;
    wtr_put_text(&bytes, text);
    wtr_put(&bytes, "", 1);
    wtr_put_z(&origin, "server key ");
    wtr_put_z(&origin, name);
    wtr_put(&origin, "", 1);
    bool pem = !bytes.failed && strstr(bytes.data, "-----BEGIN") != NULL;
    if (bytes.failed || origin.failed)
        status = WTR_E_MEMORY;
    else if (!*why)
        *why = check(wtr_text_of(bytes.data, text.length + pem));
    if (status == WTR_OK && *why)
        status = WTR_E_UNRECOGNISED;
    const struct wtr_tls_server_key key = {bytes.data, text.length + pem, "server's RSA key", origin.data};
    if (status == WTR_OK && !wtr_tls_keys_add_server(keys, &key))
        status = WTR_E_MEMORY;
    wtr_buffer_wipe(&bytes);
    wtr_buffer_free(&origin);
    return status;
}
