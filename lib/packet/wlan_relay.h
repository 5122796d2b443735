/* SPDX-License-Identifier: Apache-2.0 */
/* MSDUs that an access point hands on from one station to another are on the air twice: from the station to
 * the access point, and from there. The second is no further message. */
#ifndef WTR_PACKET_WLAN_RELAY_H
#define WTR_PACKET_WLAN_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WTR_RELAY_REMEMBERED = 256 };

struct wtr_relay_msdu {
    uint64_t hash; /* 0: none */
    int64_t time_ns;
};

/* Zero-initialise. */
struct wtr_relay {
    struct wtr_relay_msdu sent[WTR_RELAY_REMEMBERED]; /* a ring */
    size_t next;
};

/* A station sent the MSDU to its access point. */
void wtr_relay_sent(struct wtr_relay *relay, const uint8_t source[6], const uint8_t *msdu, size_t length,
                    int64_t time_ns);
/* Whether the MSDU, which comes from an access point, is one that was sent to it shortly before, and was not
 * handed on yet. */
bool wtr_relay_handed_on(struct wtr_relay *relay, const uint8_t source[6], const uint8_t *msdu, size_t length,
                         int64_t time_ns);

#endif
