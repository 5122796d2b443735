/* SPDX-License-Identifier: Apache-2.0 */
/* What CCMP authenticates beside the body is the header as it would be sent again: bits that a retry or the
 * power state change are masked (12.5.3.3.3). */
#include "packet/wlan_ccmp.h"

#include "base/bytes.h"
#include "packet/wlan_crypto.h"

#include <string.h>

enum {
    LONGEST_AAD = 30,
    NONCE = 13,
    NONCE_MANAGEMENT = 0x10,
    DATA_SUBTYPE_MASK = 0x8f, /* leaves the QoS bit */
    MUTABLE = WTR_WLAN_RETRY | WTR_WLAN_POWER | WTR_WLAN_MORE_DATA,
    ELEMENT_MIC = 76,
    MIC_ELEMENT = 18, /* its length, with id and length */
    LONGEST_MANAGEMENT = 2346,
};

uint64_t wtr_ccmp_number(const uint8_t *h)
{
    return (uint64_t)h[7] << 40 | (uint64_t)h[6] << 32 | (uint64_t)h[5] << 24 | (uint64_t)h[4] << 16 |
           (uint64_t)h[1] << 8 | h[0];
}

/* `aggregate`: the bit that marks an A-MSDU is authenticated too, as stations do that agreed on it. */
static size_t make_aad(const struct wtr_wlan_frame *frame, bool aggregate, uint8_t aad[LONGEST_AAD])
{
    const uint8_t *b = frame->bytes;
    size_t n = 22;
    aad[0] = frame->type == WTR_WLAN_DATA ? b[0] & DATA_SUBTYPE_MASK : b[0];
    aad[1] = (uint8_t)((b[1] & ~MUTABLE) | WTR_WLAN_PROTECTED);
    if (frame->qos)
        aad[1] &= (uint8_t)~WTR_WLAN_ORDER;
    memcpy(aad + 2, b + 4, 18);
    aad[20] = frame->fragment;
    aad[21] = 0;
    if (frame->fourth) {
        memcpy(aad + n, frame->fourth, 6);
        n += 6;
    }
    if (frame->qos) {
        aad[n] = (uint8_t)(frame->tid | (aggregate ? WTR_WLAN_QOS_AGGREGATE : 0));
        aad[n + 1] = 0;
        n += 2;
    }
    return n;
}

static void make_nonce(const struct wtr_wlan_frame *frame, const uint8_t *header, uint8_t nonce[NONCE])
{
    nonce[0] = frame->type == WTR_WLAN_MANAGEMENT ? NONCE_MANAGEMENT : frame->tid;
    memcpy(nonce + 1, frame->transmitter, 6);
    uint64_t number = wtr_ccmp_number(header);
    for (int i = 0; i < 6; i++)
        nonce[7 + i] = (uint8_t)(number >> (40 - 8 * i));
}

bool wtr_ccmp_open(mbedtls_ccm_context *key, const struct wtr_wlan_frame *frame, uint8_t *out,
                   uint32_t *length)
{
    if (frame->length - frame->body_at < WTR_CCMP_HEADER + WTR_CCMP_MIC)
        return false;
    const uint8_t *header = frame->bytes + frame->body_at;
    const uint8_t *body = header + WTR_CCMP_HEADER;
    uint32_t n = frame->length - frame->body_at - WTR_CCMP_HEADER - WTR_CCMP_MIC;
    uint8_t aad[LONGEST_AAD], nonce[NONCE];
    make_nonce(frame, header, nonce);
    *length = n;
    for (int aggregate = 0; aggregate <= frame->aggregate; aggregate++) {
        size_t aad_length = make_aad(frame, aggregate != 0, aad);
        if (mbedtls_ccm_auth_decrypt(key, n, nonce, NONCE, aad, aad_length, body, out, body + n,
                                     WTR_CCMP_MIC) == 0)
            return true;
    }
    return false;
}

bool wtr_bip_element(const struct wtr_wlan_frame *frame, uint16_t *key_id, uint64_t *number)
{
    if (frame->length < frame->body_at + MIC_ELEMENT)
        return false;
    const uint8_t *e = frame->bytes + frame->length - MIC_ELEMENT;
    if (e[0] != ELEMENT_MIC || e[1] != MIC_ELEMENT - 2)
        return false;
    *key_id = wtr_le16(e + 2);
    *number = wtr_le32(e + 4) | (uint64_t)wtr_le16(e + 8) << 32;
    return true;
}

bool wtr_bip_fits(const uint8_t key[WTR_CCMP_KEY], const struct wtr_wlan_frame *frame)
{
    uint8_t checked[20 + LONGEST_MANAGEMENT], mac[16];
    if (frame->length < frame->body_at + MIC_ELEMENT || frame->length - frame->body_at > LONGEST_MANAGEMENT)
        return false;
    uint32_t body = frame->length - frame->body_at;
    checked[0] = frame->bytes[0];
    checked[1] = (uint8_t)(frame->bytes[1] & ~MUTABLE);
    memcpy(checked + 2, frame->bytes + 4, 18);
    memcpy(checked + 20, frame->bytes + frame->body_at, body);
    memset(checked + 20 + body - 8, 0, 8);
    return wtr_wlan_cmac(key, checked, 20 + body, mac) &&
           wtr_wlan_equal(mac, frame->bytes + frame->length - 8, 8);
}
