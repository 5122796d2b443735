/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS server's private RSA key, as PEM or DER (PKCS #1 or #8), without a passphrase. */
#ifndef WTR_EVIDENCE_SERVER_KEY_H
#define WTR_EVIDENCE_SERVER_KEY_H

#include "model/tls_keys.h"
#include "wattrail/status.h"

enum { WTR_MAX_SERVER_KEY = 1 << 16 };

/* Adds the key; `name` is how its file is called. WTR_E_UNRECOGNISED, and *why says why in a constant
 * fragment; WTR_E_MEMORY. */
enum wtr_status wtr_server_key_read(struct wtr_tls_keys *keys, const char *name, struct wtr_text text,
                                    const char **why);

#endif
