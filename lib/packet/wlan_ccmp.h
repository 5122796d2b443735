/* SPDX-License-Identifier: Apache-2.0 */
/* CCMP: AES-128 in counter mode with a CBC-MAC (IEEE Std 802.11-2020, 12.5.3), and BIP, the check of group
 * addressed management frames (12.5.4). */
#ifndef WTR_PACKET_WLAN_CCMP_H
#define WTR_PACKET_WLAN_CCMP_H

#include "packet/wlan_frame.h"

#include <mbedtls/ccm.h>

enum { WTR_CCMP_HEADER = 8, WTR_CCMP_MIC = 8, WTR_CCMP_KEY = 16 };

/* The packet number of the header at `header`: CCMP's, and TKIP's differs (wlan_tkip.h). */
uint64_t wtr_ccmp_number(const uint8_t *header);

/* Deciphers the frame's body, which starts with the CCMP header: the plain text, of *length bytes, goes to
 * `out`. False, and nothing of it is there, if the check does not fit. */
bool wtr_ccmp_open(mbedtls_ccm_context *key, const struct wtr_wlan_frame *frame, uint8_t *out,
                   uint32_t *length);

/* Checks a group addressed management frame whose last element is a management MIC (9.4.2.54). */
bool wtr_bip_fits(const uint8_t key[WTR_CCMP_KEY], const struct wtr_wlan_frame *frame);
/* Whether it ends in such an element, and the key id and packet number there. */
bool wtr_bip_element(const struct wtr_wlan_frame *frame, uint16_t *key_id, uint64_t *number);

#endif
