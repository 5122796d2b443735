/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of KLAP: what an account gives, how each side proves that it has it, and a session's keys.
 */
#ifndef WTR_VENDOR_TAPO_KLAP_CIPHER_H
#define WTR_VENDOR_TAPO_KLAP_CIPHER_H

#include "base/text.h"

enum {
    WTR_KLAP_SEED = 16,
    WTR_KLAP_HASH = 32,
    WTR_KLAP_BLOCK = 16,
};

/* What the two versions make of an account's name and password. */
struct wtr_klap_auth {
    unsigned version; /* 1 or 2 */
    uint8_t bytes[WTR_KLAP_HASH];
    size_t length; /* 16 in version 1, 32 in version 2 */
};

struct wtr_klap_seeds {
    uint8_t local[WTR_KLAP_SEED];  /* the client's */
    uint8_t remote[WTR_KLAP_SEED]; /* the device's */
};

struct wtr_klap_keys {
    uint8_t key[16];
    uint8_t iv[12];
    uint8_t signing[28];
};

/* All return false if libcrypto fails. */
bool wtr_klap_auth_of(unsigned version, struct wtr_text account, struct wtr_text password,
                      struct wtr_klap_auth *auth);
/* What the device answers to handshake1, and the client sends in handshake2. */
bool wtr_klap_server_hash(const struct wtr_klap_auth *auth, const struct wtr_klap_seeds *seeds,
                          uint8_t hash[WTR_KLAP_HASH]);
bool wtr_klap_client_hash(const struct wtr_klap_auth *auth, const struct wtr_klap_seeds *seeds,
                          uint8_t hash[WTR_KLAP_HASH]);
bool wtr_klap_derive(const struct wtr_klap_auth *auth, const struct wtr_klap_seeds *seeds,
                     struct wtr_klap_keys *keys);

/* Whether `body`, a signature and the ciphertext, was signed with these keys under that number. */
bool wtr_klap_is_signed(const struct wtr_klap_keys *keys, int32_t seq, struct wtr_text body);
/* Deciphers what stands behind the signature into `plain`, which has room for as many bytes. False if the
 * padding is wrong. */
bool wtr_klap_open(const struct wtr_klap_keys *keys, int32_t seq, struct wtr_text body, uint8_t *plain,
                   size_t *length);

#endif
