/* SPDX-License-Identifier: Apache-2.0 */
/* The session key of 3.4 and 3.5 (tinytuya PROTOCOL.md, "Session Key Negotiation"; verified on captures of
 * the tuyapi client): the client sends a nonce of 16 bytes (command 3); the device answers with its own and
 * with HMAC-SHA256(local key, client's nonce) (4); the client sends HMAC-SHA256(local key, device's nonce)
 * (5). All three are enciphered with the local key. The session key is the exclusive or of the nonces,
 * enciphered with the local key: as one block of AES-ECB (3.4), or as the ciphertext of AES-GCM whose IV is
 * the first 12 bytes of the client's nonce (3.5). There is no forward secrecy. */
#include "vendor/tuya/session.h"

static void derive(struct wtr_tuya_reading *r)
{
    struct wtr_tuya_session *s = r->session;
    uint8_t both[WTR_TUYA_BLOCK];
    const uint8_t *client = s->nonce[WTR_FROM_CLIENT], *device = s->nonce[WTR_FROM_SERVER];
    if (!s->has_nonce[WTR_FROM_CLIENT] || !s->has_nonce[WTR_FROM_SERVER])
        return;
    if (!wtr_tuya_hmac_fits(s->key, client, WTR_TUYA_BLOCK, s->answer))
        return; /* another negotiation's answer */
    for (size_t i = 0; i < sizeof both; i++)
        both[i] = client[i] ^ device[i];
    s->has_session_key = r->frame.sealed ? wtr_tuya_gcm_block(s->key, client, both, s->session_key)
                                         : wtr_tuya_ecb_encrypt(s->key, both, sizeof both, s->session_key);
    if (s->has_session_key)
        r->packet.session_key = wtr_text_of(s->session_key, sizeof s->session_key);
}

static void take_nonce(struct wtr_tuya_reading *r, enum wtr_direction from, struct wtr_text plain)
{
    struct wtr_tuya_session *s = r->session;
    memcpy(s->nonce[from], plain.data, WTR_TUYA_BLOCK);
    s->has_nonce[from] = true;
    r->packet.nonce = wtr_text_of(plain.data, WTR_TUYA_BLOCK);
    derive(r);
}

void wtr_tuya_negotiate(struct wtr_tuya_reading *r, struct wtr_text plain)
{
    struct wtr_tuya_session *s = r->session;
    size_t length = r->frame.body_at + r->frame.body_length;
    switch (r->frame.command) {
    case WTR_TUYA_KEY_START:
        s->has_session_key = false;
        if (plain.length >= WTR_TUYA_BLOCK)
            take_nonce(r, WTR_FROM_CLIENT, plain);
        return;
    case WTR_TUYA_KEY_RESPONSE:
        if (plain.length < WTR_TUYA_BLOCK + WTR_TUYA_MAC)
            return;
        memcpy(s->answer, plain.data + WTR_TUYA_BLOCK, WTR_TUYA_MAC);
        take_nonce(r, WTR_FROM_SERVER, plain);
        return;
    default:
        if (plain.length >= WTR_TUYA_MAC && s->has_nonce[WTR_FROM_SERVER] &&
            !wtr_tuya_hmac_fits(s->key, s->nonce[WTR_FROM_SERVER], WTR_TUYA_BLOCK,
                                (const uint8_t *)plain.data))
            wtr_tuya_find(r, 0, length, "the client's answer does not fit the device's nonce");
        return;
    }
}
