/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the key store share: wlan_keys.c (networks, tables, temporal keys) and wlan_handshake.c
 * (from messages to keys). */
#ifndef WTR_PACKET_WLAN_KEYS_INTERNAL_H
#define WTR_PACKET_WLAN_KEYS_INTERNAL_H

#include "packet/wlan_keys.h"

enum {
    MAX_NETWORKS = 1024,
    MAX_PAIRS = 1024,
    PAIR_BUCKETS = 256,
    MAX_GROUPS = 256,
    KEPT_NONCES = 4,
    KEPT_SECONDS = 4,
    KEPT_THIRDS = 2,
    KEPT_SESSIONS = 4,
    KEPT_GROUP_KEYS = 8,
    MAX_TRIALS = 1 << 20, /* keys that are tried on handshakes: some seconds' worth */
};

/* A key of the keyring. */
struct wtr_wlan_secret {
    const struct wtr_key_entry *entry;
    bool has_pmk;
    uint8_t pmk[WTR_WLAN_PMK];     /* worked out when it is first needed */
    struct wtr_opening opening[2]; /* by CCMP and by TKIP */
};

struct wtr_wlan_network {
    uint8_t bssid[6];
    uint8_t length;
    char ssid[32];
};

/* A message that waits for what it is to be checked with. */
struct wtr_wlan_heard {
    size_t length; /* 0: the place is free */
    bool done;     /* a key fitted it */
    uint8_t tried; /* the nonces that it was tried with, as a set */
    uint8_t bytes[WTR_EAPOL_LONGEST];
};

/* Keys that a handshake made. */
struct wtr_wlan_session {
    struct wtr_wlan_session *older;
    uint8_t anonce[WTR_EAPOL_NONCE];
    uint8_t kck[16], kek[16];
    bool installed; /* message 3 was seen */
    bool joined;    /* and then message 4 */
    const struct wtr_wlan_secret *secret;
    struct wtr_wlan_key *key;
};

/* An access point and a station. */
struct wtr_wlan_pair {
    struct wtr_wlan_pair *next; /* of the bucket */
    uint8_t bssid[6], station[6];
    uint64_t used;
    bool refused; /* no key fitted a message */
    uint8_t anonce[KEPT_NONCES][WTR_EAPOL_NONCE];
    unsigned anonces; /* that came */
    struct wtr_wlan_heard second[KEPT_SECONDS];
    unsigned seconds;
    struct wtr_wlan_heard third[KEPT_THIRDS];
    unsigned thirds;
    struct wtr_wlan_session *sessions; /* the newest first */
};

struct wtr_wlan_group {
    uint8_t bssid[6];
    struct wtr_wlan_key *keys; /* the newest first */
};

struct wtr_wlan_keys {
    struct wtr_wlan_secret *secrets;
    size_t secret_count;
    struct wtr_wlan_network networks[MAX_NETWORKS]; /* a ring */
    size_t network_count;
    struct wtr_wlan_pair *buckets[PAIR_BUCKETS];
    size_t pair_count;
    uint64_t clock;
    struct wtr_wlan_group groups[MAX_GROUPS]; /* a ring */
    size_t group_count;
    uint32_t trials;
};

/* The pair, which is made if need be; NULL: no memory. */
struct wtr_wlan_pair *wtr_wlan_pair_of(struct wtr_wlan_keys *keys, const uint8_t *bssid,
                                       const uint8_t *station);

/* Whether the secret may be that of the network: its name is the secret's, or was not told. */
bool wtr_wlan_may_open(const struct wtr_wlan_keys *keys, const uint8_t *bssid,
                       const struct wtr_wlan_secret *secret);

/* A temporal key; NULL: no memory. */
struct wtr_wlan_key *wtr_wlan_key_new(const struct wtr_wlan_keys *keys, const struct wtr_wlan_secret *secret,
                                      enum wtr_cipher cipher, const uint8_t *bytes, size_t length);
void wtr_wlan_key_free(struct wtr_wlan_key *key);
/* Keeps the group key, unless it is there. */
void wtr_wlan_group_add(struct wtr_wlan_keys *keys, const uint8_t *bssid,
                        const struct wtr_wlan_secret *secret, const struct wtr_group_key *key);

void wtr_wlan_session_free(struct wtr_wlan_session *session);

#endif
