/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of 802.11 networks: from passphrases in the keyring, the names that networks tell, and the
 * handshakes in the capture, to the temporal keys that open frames (IEEE Std 802.11-2020, 12.7.6, 12.7.7).
 * A key is believed when the check of a handshake's message fits it.
 *
 * Memory is bounded: networks, pairs of access point and station, keys of each. Where there are more, the
 * longest unused give way, those without a key first. */
#ifndef WTR_PACKET_WLAN_KEYS_H
#define WTR_PACKET_WLAN_KEYS_H

#include "model/keys.h"
#include "model/span.h"
#include "packet/wlan_eapol.h"

#include <mbedtls/ccm.h>

enum { WTR_WLAN_DIRECTIONS = 2, WTR_WLAN_COUNTERS = 17, WTR_WLAN_REMEMBERED = 1024 };

/* Frames that a key opened, so that one that comes again is known. */
struct wtr_wlan_memory {
    uint64_t highest[WTR_WLAN_DIRECTIONS][WTR_WLAN_COUNTERS]; /* packet numbers, by traffic id; management */
    uint64_t seen[WTR_WLAN_REMEMBERED];
};

/* A temporal key. */
struct wtr_wlan_key {
    struct wtr_wlan_key *older;
    enum wtr_cipher cipher;
    uint8_t id;   /* of a group key */
    uint32_t via; /* the opening by it */
    uint8_t
        bytes[WTR_EAPOL_LONGEST_KEY]; /* TKIP's: the key, then those of Michael, to and from the station */
    mbedtls_ccm_context ccm;
    struct wtr_wlan_memory memory;
};

enum wtr_wlan_again { WTR_WLAN_FRESH, WTR_WLAN_REPEATED, WTR_WLAN_OUTDATED };

/* Whether a frame came before: the same one, or one whose number lies so far behind others that a receiver
 * would refuse it. `tag` stands for its content. */
enum wtr_wlan_again wtr_wlan_key_used(struct wtr_wlan_key *key, bool from_access_point, unsigned counter,
                                      uint64_t number, uint64_t tag);

struct wtr_wlan_keys;

/* NULL: no memory. The keyring outlives it. */
struct wtr_wlan_keys *wtr_wlan_keys_new(const struct wtr_keyring *ring);
void wtr_wlan_keys_free(struct wtr_wlan_keys *keys);

/* A network told its name. */
void wtr_wlan_keys_network(struct wtr_wlan_keys *keys, const uint8_t bssid[6], struct wtr_text ssid);
/* A station and the network whose key it and its access point proved to each other. */
struct wtr_wlan_join {
    uint8_t bssid[6], station[6];
    const struct wtr_key_entry *entry; /* the key of the keyring, which has the network's name */
};

/* A message of a handshake from `transmitter` to `receiver`. True: it is the last of one of which messages 2,
 * 3 and 4 fit one key; it is said once of each. */
bool wtr_wlan_keys_message(struct wtr_wlan_keys *keys, const uint8_t *transmitter, const uint8_t *receiver,
                           const struct wtr_eapol_key *message, struct wtr_wlan_join *join);

/* The newest key between the two, and the newest group key; NULL: none. The others follow as `older`. */
struct wtr_wlan_key *wtr_wlan_keys_pairwise(const struct wtr_wlan_keys *keys, const uint8_t *bssid,
                                            const uint8_t *station);
struct wtr_wlan_key *wtr_wlan_keys_group(const struct wtr_wlan_keys *keys, const uint8_t *bssid);

/* Why there is no key. */
enum wtr_wlan_lack {
    WTR_WLAN_LACK_NETWORK,   /* the keyring has no key to a network of that name */
    WTR_WLAN_LACK_HANDSHAKE, /* no message of a handshake came before */
    WTR_WLAN_LACK_MESSAGE,   /* not enough of them */
    WTR_WLAN_LACK_FIT,       /* no key of the keyring fits the handshake */
    WTR_WLAN_LACK_GROUP,     /* no handshake gave the group key before */
    WTR_WLAN_LACK_PATIENCE,  /* more handshakes than are tried */
};

enum wtr_wlan_lack wtr_wlan_keys_lack(const struct wtr_wlan_keys *keys, const uint8_t *bssid,
                                      const uint8_t *station, bool group);

/* What stands behind a key's `via`. */
const struct wtr_opening *wtr_wlan_keys_opening(const struct wtr_wlan_keys *keys, uint32_t via);

#endif
