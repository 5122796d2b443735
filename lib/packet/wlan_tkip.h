/* SPDX-License-Identifier: Apache-2.0 */
/* TKIP (IEEE Std 802.11-2020, 12.5.2): RC4 with a key mixed for each frame, and two checks: the ICV of each
 * frame, and Michael over the whole MSDU. */
#ifndef WTR_PACKET_WLAN_TKIP_H
#define WTR_PACKET_WLAN_TKIP_H

#include "packet/wlan_frame.h"

enum { WTR_TKIP_HEADER = 8, WTR_TKIP_ICV = 4, WTR_TKIP_MICHAEL = 8, WTR_TKIP_KEY = 32 };

/* The table that keys are mixed with. */
struct wtr_tkip_table {
    uint16_t word[256];
};

void wtr_tkip_make_table(struct wtr_tkip_table *table);

uint64_t wtr_tkip_number(const uint8_t *header);

/* The RC4 key of the frame with that number from that transmitter (12.5.2.4). */
void wtr_tkip_mix(const struct wtr_tkip_table *table, const uint8_t *key, const uint8_t *transmitter,
                  uint64_t number, uint8_t rc4[16]);

/* Deciphers the frame's body, which starts with the TKIP header: what stands before the ICV, of *length
 * bytes, goes to `out`. False if the ICV does not fit. An MSDU that is whole ends in its Michael check. */
bool wtr_tkip_open(const struct wtr_tkip_table *table, const uint8_t *key, const struct wtr_wlan_frame *frame,
                   uint8_t *out, uint32_t *length);

/* Whether the MSDU's last eight bytes are its Michael check (12.5.2.3): `key` is the eight bytes for the
 * direction, the frame gives the addresses and the priority. */
bool wtr_tkip_michael_fits(const uint8_t *key, const struct wtr_wlan_frame *frame, const uint8_t *msdu,
                           size_t length);

#endif
