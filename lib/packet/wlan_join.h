/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments of 802.11 frames put together (IEEE Std 802.11-2020, 10.4, 10.5): a bounded table of MSDUs under
 * way, 16 of at most 16 fragments and 4096 bytes each. */
#ifndef WTR_PACKET_WLAN_JOIN_H
#define WTR_PACKET_WLAN_JOIN_H

#include "model/span.h"
#include "packet/packet.h"
#include "packet/wlan_frame.h"

enum { WTR_JOIN_PARTS = 16, WTR_JOIN_LONGEST = 4096, WTR_JOIN_PLACES = 16 };

struct wtr_join_msdu {
    bool used;
    uint64_t arrival;
    uint8_t receiver[6], transmitter[6];
    uint16_t sequence;
    uint8_t tid;
    uint32_t via;
    uint64_t number; /* the last fragment's packet number */
    struct wtr_packet first;
    size_t length;
    size_t part_count;
    struct wtr_piece parts[WTR_JOIN_PARTS];
    uint8_t bytes[WTR_JOIN_LONGEST];
};

/* Zero-initialise. */
struct wtr_join {
    struct wtr_join_msdu msdus[WTR_JOIN_PLACES];
    uint64_t arrivals;
    uint64_t lost; /* fragments that became part of nothing */
    struct wtr_packet first_lost;
};

/* Takes a fragment whose plain text is `length` bytes, opened as packet->via says from `at` in the packet on.
 * The MSDU, when it is whole, is valid until the next call; NULL: more are needed, or it was given up. */
const struct wtr_join_msdu *wtr_join_add(struct wtr_join *join, const struct wtr_packet *packet,
                                         const struct wtr_wlan_frame *frame, uint64_t number, uint32_t at,
                                         const uint8_t *plain, uint32_t length);
/* What is still under way counts as lost from now on. */
void wtr_join_finish(struct wtr_join *join);

#endif
