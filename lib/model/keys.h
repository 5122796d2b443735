/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: secrets by which protocols open what is enciphered. A protocol is handed the keyring when a session
 * begins, tries the keys of its type, and says which one fitted. Keys are never printed from here. */
#ifndef WTR_MODEL_KEYS_H
#define WTR_MODEL_KEYS_H

#include "base/text.h"
#include "model/tls_keys.h"

enum wtr_key_type {
    WTR_KEY_TUYA,  /* id: device id or "*"; secret: 16 characters */
    WTR_KEY_PSK,   /* id: identity or "*"; secret: bytes */
    WTR_KEY_KASA,  /* id: account; secret: its password */
    WTR_KEY_WIFI,  /* id: network's name; secret: passphrase */
    WTR_KEY_NVS,   /* secret: 64 bytes */
    WTR_KEY_MEROSS /* id: device's uuid or "*"; secret: the device key */
};

struct wtr_key_entry {
    enum wtr_key_type type;
    struct wtr_text id;
    struct wtr_text secret;
    const char *name;   /* as it is shown: "tuya bf12…", without the secret */
    const char *origin; /* where it came from: "keyring keys.txt, line 3" */
};

/* Zero-initialise. */
struct wtr_keyring {
    struct wtr_key_entry *list;
    size_t count;
    size_t capacity;
    struct wtr_tls_keys *tls; /* grows while evidence is read; NULL: none, and none is kept */
};

/* The next key of the type at or after *place, which is moved behind it; NULL: no more. Start at 0. The
 * keyring may be NULL. */
const struct wtr_key_entry *wtr_keyring_next(const struct wtr_keyring *keys, enum wtr_key_type type,
                                             size_t *place);
/* Adds a key; the texts are copied. An equal one (type, id, secret) is not added again. False: no memory. */
bool wtr_keyring_add(struct wtr_keyring *keys, const struct wtr_key_entry *entry);
/* The keyring's TLS secrets, made if there are none yet. NULL: no memory. */
struct wtr_tls_keys *wtr_keyring_tls(struct wtr_keyring *keys);
/* Adds all that the other has. False: no memory. */
bool wtr_keyring_join(struct wtr_keyring *keys, const struct wtr_keyring *other);
/* How many keys and secrets there are. */
size_t wtr_keyring_size(const struct wtr_keyring *keys);
/* Wipes and frees it. */
void wtr_keyring_free(struct wtr_keyring *keys);

#endif
