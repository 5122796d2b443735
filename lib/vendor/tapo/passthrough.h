/* SPDX-License-Identifier: Apache-2.0 */
/* securePassthrough, what Tapo devices spoke before KLAP: POST /app with JSON. The client sends an RSA key,
 * the device answers with an AES key enciphered for it, and what follows is under that key. No account opens
 * it. */
#ifndef WTR_VENDOR_TAPO_PASSTHROUGH_H
#define WTR_VENDOR_TAPO_PASSTHROUGH_H

#include "protocol/protocol.h"

struct wtr_passthrough {
    bool is_response;
    bool handshake;           /* else securePassthrough */
    struct wtr_text key;      /* of a handshake: the client's public key; answered: the enciphered AES key */
    struct wtr_text token;    /* of the request's target, once the client is logged in; a secret */
    size_t enciphered_length; /* of what is under the key, in Base64 */
    bool has_error_code;
    int64_t error_code;
};

/* Protocol "securepassthrough": inside "http", messages of the types handshake, handshake_response, request,
 * response, body struct wtr_passthrough. */
extern const struct wtr_protocol wtr_passthrough;

#endif
