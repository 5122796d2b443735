/* SPDX-License-Identifier: Apache-2.0 */
/* EAPOL-Key frames (IEEE Std 802.11-2020, 12.7.2; IEEE Std 802.1X, 11.3): what the four-way and the group key
 * handshake say, and the keys that they carry. */
#ifndef WTR_PACKET_WLAN_EAPOL_H
#define WTR_PACKET_WLAN_EAPOL_H

#include "packet/wlan_crypto.h"

enum { WTR_EAPOL_NONCE = 32, WTR_EAPOL_LONGEST = 1024, WTR_EAPOL_GROUP_KEYS = 4, WTR_EAPOL_LONGEST_KEY = 32 };

enum wtr_eapol_message {
    WTR_EAPOL_OTHER,
    WTR_EAPOL_1, /* of the four-way handshake: the access point's nonce */
    WTR_EAPOL_2, /* the station's nonce */
    WTR_EAPOL_3, /* the access point's nonce, and the group keys */
    WTR_EAPOL_4,
    WTR_EAPOL_GROUP_1, /* of the group key handshake: the group keys */
    WTR_EAPOL_GROUP_2,
};

enum wtr_cipher { WTR_CIPHER_OTHER, WTR_CIPHER_TKIP = 2, WTR_CIPHER_CCMP = 4, WTR_CIPHER_BIP = 6 };

/* Points into the frame. */
struct wtr_eapol_key {
    const uint8_t *bytes; /* from the EAPOL header to the end of the key data */
    size_t length;
    enum wtr_eapol_message message;
    bool rsn;         /* the key descriptor of IEEE 802.11; else that of WPA before it */
    unsigned version; /* of the key descriptor: 1, 2, 3 */
    uint16_t key_length;
    uint64_t replay;
    const uint8_t *nonce;
    const uint8_t *iv;
    const uint8_t *mic;
    bool encrypted; /* the key data are */
    uint8_t key_id; /* of a WPA group key */
    const uint8_t *data;
    size_t data_length;
};

/* Where the check stands in the frame. */
enum { WTR_EAPOL_MIC_AT = 81 };

/* False: it is no EAPOL-Key frame of a kind that is known, or not whole. */
bool wtr_eapol_read(struct wtr_eapol_key *key, const uint8_t *bytes, size_t length);

/* Whether the frame's check fits the confirmation key. */
bool wtr_eapol_fits(const struct wtr_eapol_key *key, const uint8_t kck[16]);

struct wtr_group_key {
    enum wtr_cipher cipher;
    uint8_t id;
    uint8_t length;
    uint8_t key[WTR_EAPOL_LONGEST_KEY];
};

/* The group keys that the key data carry, at most WTR_EAPOL_GROUP_KEYS; returns their number. */
size_t wtr_eapol_group_keys(const struct wtr_eapol_key *key, const uint8_t kek[16],
                            struct wtr_group_key keys[WTR_EAPOL_GROUP_KEYS]);

/* The pairwise cipher that a message 2 chose (9.4.2.24, or WPA's element); by the descriptor's version where
 * it does not say. */
enum wtr_cipher wtr_eapol_cipher(const struct wtr_eapol_key *key);

#endif
