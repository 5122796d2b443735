/* SPDX-License-Identifier: Apache-2.0 */
/* 802.11 frames opened: from a packet whose body is encrypted to the same packet with the body's plain text
 * in its place, so that what reads packets reads it, and places in the evidence stay exact (both ciphers turn
 * each byte by itself). Handshakes are followed on the way. Nothing is opened whose check does not fit. */
#ifndef WTR_PACKET_WLAN_OPEN_H
#define WTR_PACKET_WLAN_OPEN_H

#include "model/keys.h"
#include "model/span.h"
#include "packet/link.h"
#include "packet/wlan_keys.h"

struct wtr_wlan;

enum wtr_wlan_verdict {
    WTR_WLAN_CLOSED,  /* it stays encrypted, and was counted by why */
    WTR_WLAN_OPENED,  /* *opened is the packet to read: wtr_headers_msdu goes through its MSDUs */
    WTR_WLAN_JOINED,  /* the last fragment: *joined is the MSDU, *opened the packet of its first one */
    WTR_WLAN_KEPT,    /* a fragment: more are needed */
    WTR_WLAN_DROPPED, /* opened, and nothing new: it came before, or a receiver would refuse it */
};

/* Why frames stayed closed. */
enum wtr_wlan_why {
    WTR_WLAN_NO_KEY_TO_NETWORK,
    WTR_WLAN_NO_HANDSHAKE,
    WTR_WLAN_HANDSHAKE_INCOMPLETE,
    WTR_WLAN_NO_KEY_FITS,
    WTR_WLAN_NO_GROUP_KEY,
    WTR_WLAN_TOO_MANY_HANDSHAKES,
    WTR_WLAN_CHECK_FAILS,
    WTR_WLAN_OTHER_CIPHER,
    WTR_WLAN_CUT,
    WTR_WLAN_WHYS,
};

/* A number of frames, and the first of them. */
struct wtr_wlan_tally {
    uint64_t count;
    bool timed; /* the first one bears a time */
    struct wtr_origin first;
};

struct wtr_wlan_counts {
    uint64_t opened;   /* data frames, with those that were dropped */
    uint64_t repeated; /* of them, dropped: the same frame came before */
    uint64_t relayed;  /* MSDUs that an access point handed on */
    uint64_t checked;  /* protected management frames whose check fits */
    struct wtr_wlan_tally closed[WTR_WLAN_WHYS];
    struct wtr_wlan_tally outdated; /* opened and dropped: their packet numbers were long past */
    struct wtr_wlan_tally lost;     /* opened fragments that became part of nothing */
    struct wtr_wlan_tally
        forged; /* protected management frames whose check does not fit, though there is a key */
};

/* NULL: no memory. The keyring, which has at least one key to a network, outlives it. */
struct wtr_wlan *wtr_wlan_new(const struct wtr_keyring *keys);
void wtr_wlan_free(struct wtr_wlan *wlan);

/* A frame that is no data (WTR_HEADERS_WLAN_OTHER). */
void wtr_wlan_management(struct wtr_wlan *wlan, const struct wtr_packet *packet,
                         const struct wtr_headers *headers);
/* An EAPOL frame (WTR_HEADERS_EAPOL), in clear or opened. True: with it a station has joined a network, which
 * is said of frames in clear alone (the others renew keys). */
bool wtr_wlan_eapol(struct wtr_wlan *wlan, const struct wtr_packet *packet, const struct wtr_headers *headers,
                    struct wtr_wlan_join *join);
/* An encrypted frame (WTR_HEADERS_ENCRYPTED). What is given out is valid until the next call; *headers are
 * changed to find the MSDUs by. */
enum wtr_wlan_verdict wtr_wlan_open(struct wtr_wlan *wlan, const struct wtr_packet *packet,
                                    struct wtr_headers *headers, struct wtr_packet *opened,
                                    struct wtr_span *joined);

/* Whether the MSDU of an opened packet that was just read was read before, on its way to the access point. */
bool wtr_wlan_relayed(struct wtr_wlan *wlan, const struct wtr_packet *opened,
                      const struct wtr_headers *headers);

/* After the last frame. */
void wtr_wlan_finish(struct wtr_wlan *wlan);
const struct wtr_wlan_counts *wtr_wlan_counts(const struct wtr_wlan *wlan);
/* Why frames stayed closed, as a sentence. */
const char *wtr_wlan_reason(enum wtr_wlan_why why);
/* The opening that a packet's or piece's `via` names; NULL: none. */
const struct wtr_opening *wtr_wlan_opening(const struct wtr_wlan *wlan, uint32_t via);

#endif
