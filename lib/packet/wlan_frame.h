/* SPDX-License-Identifier: Apache-2.0 */
/* The header of an 802.11 frame (IEEE Std 802.11-2020, 9.2.3, 9.2.4, 9.3.2 and 9.3.3). */
#ifndef WTR_PACKET_WLAN_FRAME_H
#define WTR_PACKET_WLAN_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wtr_wlan_type { WTR_WLAN_MANAGEMENT = 0, WTR_WLAN_CONTROL = 1, WTR_WLAN_DATA = 2 };

enum wtr_wlan_subtype {
    WTR_WLAN_ASSOCIATION_REQUEST = 0,
    WTR_WLAN_REASSOCIATION_REQUEST = 2,
    WTR_WLAN_PROBE_RESPONSE = 5,
    WTR_WLAN_BEACON = 8,
    WTR_WLAN_DISASSOCIATION = 10,
    WTR_WLAN_DEAUTHENTICATION = 12,
    WTR_WLAN_ACTION = 13,
    /* bits of a data frame's */
    WTR_WLAN_NO_BODY = 4,
    WTR_WLAN_QOS = 8,
};

/* The second byte of the frame control field. */
enum wtr_wlan_flag {
    WTR_WLAN_TO_DS = 0x01,
    WTR_WLAN_FROM_DS = 0x02,
    WTR_WLAN_MORE_FRAGMENTS = 0x04,
    WTR_WLAN_RETRY = 0x08,
    WTR_WLAN_POWER = 0x10,
    WTR_WLAN_MORE_DATA = 0x20,
    WTR_WLAN_PROTECTED = 0x40,
    WTR_WLAN_ORDER = 0x80, /* in QoS and management frames: an HT control field follows */
};

enum { WTR_WLAN_QOS_AGGREGATE = 0x80, WTR_WLAN_QOS_TID = 0x0f };

/* Addresses point into the frame. */
struct wtr_wlan_frame {
    const uint8_t *bytes;
    uint32_t length; /* without a frame check sequence, as far as that is known */
    uint8_t type;
    uint8_t subtype;
    uint8_t flags;
    bool qos;
    const uint8_t *receiver;
    const uint8_t *transmitter;
    const uint8_t *third;
    const uint8_t *fourth; /* NULL: none */
    uint16_t sequence;
    uint8_t fragment;
    uint8_t tid; /* 0 where the frame has none */
    bool aggregate;
    uint32_t qos_at;
    uint32_t body_at; /* behind the header and what pads it */
    /* The end points as the distribution system sees them, and the network. */
    const uint8_t *destination;
    const uint8_t *source;
    const uint8_t *bssid; /* NULL: a data frame between access points has none */
};

/* Reads the header of a data or management frame. False: it is of another type or version, or too short.
 * `padded`: the header is padded to a multiple of four bytes. */
bool wtr_wlan_frame_read(struct wtr_wlan_frame *frame, const uint8_t *bytes, uint32_t length, bool padded);

static inline bool wtr_wlan_is_group(const uint8_t *address)
{
    return (address[0] & 1) != 0;
}

/* Whether the last four bytes are the frame check sequence of those before (9.2.4.8). */
bool wtr_wlan_ends_in_check(const uint8_t *bytes, uint32_t length);

#endif
