/* SPDX-License-Identifier: Apache-2.0 */
/* KLAP, TP-Link's local protocol over HTTP: POST /app/handshake1 (a seed of each side and the device's proof
 * that it knows the account), /app/handshake2 (the client's proof), /app/request?seq=<number> (a signature
 * and a ciphertext each way). An account's name and password open all of it. */
#ifndef WTR_VENDOR_TAPO_KLAP_H
#define WTR_VENDOR_TAPO_KLAP_H

#include "protocol/protocol.h"

enum wtr_klap_step {
    WTR_KLAP_HANDSHAKE1,
    WTR_KLAP_HANDSHAKE1_RESPONSE,
    WTR_KLAP_HANDSHAKE2,
    WTR_KLAP_HANDSHAKE2_RESPONSE,
    WTR_KLAP_REQUEST,
    WTR_KLAP_RESPONSE,
};

struct wtr_klap {
    enum wtr_klap_step step;
    struct wtr_text body; /* as it stands in the evidence */
    struct wtr_text cookie;
    /* Of a session whose account is known: */
    unsigned version;    /* 1 or 2; 0: not known */
    const char *account; /* by name */
    struct wtr_text account_id;
    const char *account_origin;
    bool proof_fits; /* handshake2: the client has the account that the device has */
    bool has_seq;
    int32_t seq;
    bool opened;              /* deciphered, and the signature fits */
    struct wtr_text text;     /* what was deciphered: JSON */
    struct wtr_text question; /* of a response: the text of its request; data NULL: not known */
};

/* Protocol "klap": inside "http", messages of the types handshake1, handshake1_response, handshake2,
 * handshake2_response, request, response, body struct wtr_klap. */
extern const struct wtr_protocol wtr_klap;

/* klap_fields.c */
void wtr_klap_put_fields(const struct wtr_message *message, struct wtr_json_writer *out);

#endif
