/* SPDX-License-Identifier: Apache-2.0 */
/* Meross messages whose whole body is enciphered with the device key, inside HTTP. */
#ifndef WTR_VENDOR_MEROSS_SEALED_H
#define WTR_VENDOR_MEROSS_SEALED_H

#include "protocol/protocol.h"

struct wtr_meross_sealed {
    bool is_response;
    bool opened;          /* a key of the keyring fitted, and the message's signature is its */
    struct wtr_text text; /* then: the message */
};

/* Protocol "meross-aes", messages "request" and "response". */
extern const struct wtr_protocol wtr_meross_sealed;

/* The key of a device: 32 hexadecimal digits, which are the bytes of the AES key. `uuid` has 32 characters.
 * False if libcrypto fails. */
bool wtr_meross_body_key(struct wtr_text uuid, struct wtr_text device_key, uint8_t key[32]);

#endif
