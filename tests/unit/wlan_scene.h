/* SPDX-License-Identifier: Apache-2.0 */
/* A network made for a test: handshakes and frames enciphered with libcrypto, by the words of IEEE Std 802.11
 * (12.5.3, 12.7) and apart from the code under test. */
#ifndef TEST_WLAN_SCENE_H
#define TEST_WLAN_SCENE_H

#include "model/keys.h"
#include "packet/wlan_open.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

enum { SCENE_FRAME = 4096 };

static const uint8_t scene_ap[6] = {2, 0, 0, 0, 0, 0xa0};
static const uint8_t scene_sta[6] = {2, 0, 0, 0, 0, 0x51};
static const uint8_t scene_other[6] = {2, 0, 0, 0, 0, 0x52};
static const uint8_t scene_all[6] = {255, 255, 255, 255, 255, 255};

struct frame_bytes {
    uint8_t bytes[SCENE_FRAME];
    uint32_t length;
};

/* What both ends of a handshake know. */
struct scene {
    const uint8_t *sta;
    bool sha256; /* AKM 6 */
    uint8_t pmk[32], anonce[32], snonce[32];
    uint8_t ptk[48]; /* confirmation, encryption and temporal key */
    uint8_t gtk[16], igtk[16];
    uint8_t gtk_id;
    uint64_t replay;
};

static inline void put_frame(struct frame_bytes *f, const void *data, size_t length)
{
    cr_assert(f->length + length <= SCENE_FRAME);
    memcpy(f->bytes + f->length, data, length);
    f->length += (uint32_t)length;
}

static inline void scene_hmac(const EVP_MD *md, const uint8_t *key, int key_length, const uint8_t *data,
                              size_t length, uint8_t *out)
{
    unsigned n = 0;
    cr_assert_not_null(HMAC(md, key, key_length, data, length, out, &n));
}

/* 12.7.1.3: PRF-384, or KDF-SHA-256-384. */
static inline void scene_derive(struct scene *s)
{
    static const char label[] = "Pairwise key expansion";
    uint8_t data[256], out[96];
    size_t at = 2 * (size_t)s->sha256;
    memcpy(data + at, label, sizeof label);
    at += sizeof label - s->sha256;
    memcpy(data + at, memcmp(scene_ap, s->sta, 6) < 0 ? scene_ap : s->sta, 6);
    memcpy(data + at + 6, memcmp(scene_ap, s->sta, 6) < 0 ? s->sta : scene_ap, 6);
    bool ap_first = memcmp(s->anonce, s->snonce, 32) < 0;
    memcpy(data + at + 12, ap_first ? s->anonce : s->snonce, 32);
    memcpy(data + at + 44, ap_first ? s->snonce : s->anonce, 32);
    at += 76;
    for (uint8_t i = 0; i < 3; i++) {
        if (s->sha256) {
            data[0] = (uint8_t)(i + 1);
            data[1] = 0;
            data[at] = 0x80;
            data[at + 1] = 0x01;
            scene_hmac(EVP_sha256(), s->pmk, 32, data, at + 2, out + (size_t)32 * i);
        } else {
            data[at] = i;
            scene_hmac(EVP_sha1(), s->pmk, 32, data, at + 1, out + (size_t)20 * i);
        }
    }
    memcpy(s->ptk, out, 48);
}

static inline void scene_cmac(const uint8_t *key, const uint8_t *data, size_t length, uint8_t out[16])
{
    size_t n = 0;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *c = EVP_MAC_CTX_new(mac);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("cipher", (char[]){"AES-128-CBC"}, 0),
                           OSSL_PARAM_construct_end()};
    cr_assert(EVP_MAC_init(c, key, 16, params) == 1 && EVP_MAC_update(c, data, length) == 1 &&
              EVP_MAC_final(c, out, &n, 16) == 1);
    EVP_MAC_CTX_free(c);
    EVP_MAC_free(mac);
}

static inline void scene_open(struct scene *s, const char *passphrase, const char *ssid, const uint8_t *sta,
                              uint8_t seed)
{
    *s = (struct scene){.sta = sta, .gtk_id = 1};
    cr_assert_eq(PKCS5_PBKDF2_HMAC_SHA1(passphrase, (int)strlen(passphrase), (const uint8_t *)ssid,
                                        (int)strlen(ssid), 4096, 32, s->pmk),
                 1);
    memset(s->anonce, seed, 32);
    memset(s->snonce, seed + 0x40, 32);
    memset(s->gtk, 0x77, 16);
    memset(s->igtk, 0x99, 16);
    scene_derive(s);
}

/* A data frame's header and LLC; the body is the caller's. */
static inline void begin_data(struct frame_bytes *f, const uint8_t *to, const uint8_t *from, bool to_ap,
                              uint16_t sequence, uint8_t fragment, bool more)
{
    const uint8_t fixed[4] = {0x08, (uint8_t)((to_ap ? 1 : 2) | (more ? 4 : 0)), 0, 0};
    const uint8_t control[2] = {(uint8_t)(sequence << 4 | fragment), (uint8_t)(sequence >> 4)};
    f->length = 0;
    put_frame(f, fixed, 4);
    put_frame(f, to_ap ? scene_ap : to, 6);
    put_frame(f, to_ap ? from : scene_ap, 6);
    put_frame(f, to_ap ? to : from, 6);
    put_frame(f, control, 2);
}

/* 12.7.2. `info` without the version; the check is put in if it says that there is one. */
static inline void eapol(const struct scene *s, struct frame_bytes *f, bool to_ap, uint16_t info,
                         const uint8_t *nonce, const uint8_t *data, uint16_t length)
{
    static const uint8_t llc[8] = {0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e};
    uint8_t body[1024] = {2, 3, 0, 0, 2}, mic[32];
    begin_data(f, to_ap ? scene_ap : s->sta, to_ap ? s->sta : scene_ap, to_ap, 1, 0, false);
    put_frame(f, llc, sizeof llc);
    info |= s->sha256 ? 3 : 2;
    body[2] = (uint8_t)((95 + length) >> 8);
    body[3] = (uint8_t)(95 + length);
    body[5] = (uint8_t)(info >> 8);
    body[6] = (uint8_t)info;
    body[8] = 16;
    body[16] = (uint8_t)s->replay;
    if (nonce)
        memcpy(body + 17, nonce, 32);
    body[97] = (uint8_t)(length >> 8);
    body[98] = (uint8_t)length;
    if (length > 0)
        memcpy(body + 99, data, length);
    if ((info & 0x100) != 0) {
        if (s->sha256)
            scene_cmac(s->ptk, body, 99U + length, mic);
        else
            scene_hmac(EVP_sha1(), s->ptk, 16, body, 99U + length, mic);
        memcpy(body + 81, mic, 16);
    }
    put_frame(f, body, 99U + length);
}

/* Group keys, wrapped (RFC 3394). */
static inline uint16_t wrapped_keys(const struct scene *s, uint8_t out[128])
{
    uint8_t plain[56] = {0xdd, 22, 0x00, 0x0f, 0xac, 1, s->gtk_id, 0};
    static const uint8_t igtk[] = {0xdd, 28, 0x00, 0x0f, 0xac, 9, 4, 0, 0, 0, 0, 0, 0, 0};
    int n = 0;
    memcpy(plain + 8, s->gtk, 16);
    memcpy(plain + 24, igtk, sizeof igtk);
    memcpy(plain + 38, s->igtk, 16);
    plain[54] = 0xdd;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    EVP_CIPHER_CTX_set_flags(c, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    cr_assert(EVP_EncryptInit_ex(c, EVP_aes_128_wrap(), NULL, s->ptk + 16, NULL) == 1 &&
              EVP_EncryptUpdate(c, out, &n, plain, sizeof plain) == 1 && n == 64);
    EVP_CIPHER_CTX_free(c);
    return (uint16_t)n;
}

/* Message 1 to 4 of the four-way handshake; 5: message 1 of the group key handshake. */
static inline void message(struct scene *s, int number, struct frame_bytes *f)
{
    static const uint8_t rsn[22] = {48,   20,   1, 0, 0, 0x0f, 0xac, 4,    1, 0, 0,
                                    0x0f, 0xac, 4, 1, 0, 0,    0x0f, 0xac, 2, 0, 0};
    uint8_t keys[128];
    s->replay++;
    if (number == 1)
        eapol(s, f, false, 0x0088, s->anonce, NULL, 0);
    else if (number == 2)
        eapol(s, f, true, 0x0108, s->snonce, rsn, sizeof rsn);
    else if (number == 3)
        eapol(s, f, false, 0x13c8, s->anonce, keys, wrapped_keys(s, keys));
    else if (number == 4)
        eapol(s, f, true, 0x0308, NULL, NULL, 0);
    else
        eapol(s, f, false, 0x1380, NULL, keys, wrapped_keys(s, keys));
}

/* Puts CCMP around the body, which begins at `header`; `flags`: what the nonce begins with beside the traffic
 * id. */
static inline void encipher_with(const struct scene *s, struct frame_bytes *f, uint32_t header,
                                 uint64_t number, uint8_t flags)
{
    bool group = (f->bytes[4] & 1) != 0, qos = (f->bytes[0] & 0x8c) == 0x88;
    const uint8_t *key = group ? s->gtk : s->ptk + 32;
    uint8_t id = group ? s->gtk_id : 0;
    uint8_t aad[24] = {(uint8_t)(f->bytes[0] & ((f->bytes[0] & 0x0c) == 0 ? 0xff : 0x8f)),
                       (uint8_t)((f->bytes[1] & 0xc7) | 0x40)};
    uint8_t nonce[13] = {qos ? f->bytes[24] & 0x0f : 0};
    uint8_t body[SCENE_FRAME], sealed[SCENE_FRAME], tag[8];
    int n = 0, plain = (int)(f->length - header);
    const uint8_t ccmp[8] = {(uint8_t)number,           (uint8_t)(number >> 8),  0,
                             (uint8_t)(0x20 | id << 6), (uint8_t)(number >> 16), (uint8_t)(number >> 24),
                             (uint8_t)(number >> 32),   (uint8_t)(number >> 40)};
    memcpy(aad + 2, f->bytes + 4, 18);
    aad[20] = f->bytes[22] & 0x0f;
    aad[22] = nonce[0];
    nonce[0] |= flags;
    memcpy(nonce + 1, f->bytes + 10, 6);
    for (int i = 0; i < 6; i++)
        nonce[7 + i] = (uint8_t)(number >> (40 - 8 * i));
    memcpy(body, f->bytes + header, (size_t)plain);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    cr_assert(EVP_EncryptInit_ex(c, EVP_aes_128_ccm(), NULL, NULL, NULL) == 1);
    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_CCM_SET_IVLEN, 13, NULL);
    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_CCM_SET_TAG, 8, NULL);
    cr_assert(EVP_EncryptInit_ex(c, NULL, NULL, key, nonce) == 1 &&
              EVP_EncryptUpdate(c, NULL, &n, NULL, plain) == 1 &&
              EVP_EncryptUpdate(c, NULL, &n, aad, qos ? 24 : 22) == 1 &&
              EVP_EncryptUpdate(c, sealed, &n, body, plain) == 1 &&
              EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_CCM_GET_TAG, 8, tag) == 1);
    EVP_CIPHER_CTX_free(c);
    f->bytes[1] |= 0x40;
    f->length = header;
    put_frame(f, ccmp, 8);
    put_frame(f, sealed, (size_t)plain);
    put_frame(f, tag, 8);
}

static inline void encipher(const struct scene *s, struct frame_bytes *f, uint32_t header, uint64_t number)
{
    encipher_with(s, f, header, number, 0);
}

static inline void encipher_management(const struct scene *s, struct frame_bytes *f, uint32_t header,
                                       uint64_t number)
{
    encipher_with(s, f, header, number, 0x10);
}

/* ---- what the reader makes of it */

struct listener {
    struct wtr_keyring keys;
    struct wtr_wlan *wlan;
    uint64_t frames;
    struct wtr_packet opened;
    struct wtr_headers headers;
    struct wtr_span joined;
    unsigned joins;
    struct wtr_wlan_join join;
};

static inline void listen_with(struct listener *l, const char *ssid, const char *secret)
{
    const struct wtr_key_entry entry = {WTR_KEY_WIFI, wtr_text_z(ssid), wtr_text_z(secret), "wifi test",
                                        "keyring test, line 1"};
    *l = (struct listener){0};
    cr_assert(wtr_keyring_add(&l->keys, &entry));
    l->wlan = wtr_wlan_new(&l->keys);
    cr_assert_not_null(l->wlan);
}

static inline void stop_listening(struct listener *l)
{
    wtr_wlan_free(l->wlan);
    wtr_keyring_free(&l->keys);
}

/* Hands the frame over as the extraction does; the verdict is that of encrypted frames. The bytes are in a
 * block of exactly their length. */
static inline enum wtr_wlan_verdict hear(struct listener *l, const struct frame_bytes *f)
{
    static uint8_t *block;
    enum wtr_wlan_verdict verdict = WTR_WLAN_CLOSED;
    enum wtr_header_verdict inner;
    free(block);
    block = malloc(f->length);
    cr_assert_not_null(block);
    memcpy(block, f->bytes, f->length);
    l->frames++;
    struct wtr_packet packet = {.bytes = block,
                                .captured = f->length,
                                .original = f->length,
                                .has_time = true,
                                .time_ns = (int64_t)l->frames,
                                .link_type = 105,
                                .frame = l->frames,
                                .record_offset = 1000 * l->frames,
                                .data_offset = 1000 * l->frames + 16};
    switch (wtr_headers_read(&packet, &l->headers)) {
    case WTR_HEADERS_EAPOL:
        l->joins += wtr_wlan_eapol(l->wlan, &packet, &l->headers, &l->join);
        break;
    case WTR_HEADERS_WLAN_OTHER:
        wtr_wlan_management(l->wlan, &packet, &l->headers);
        break;
    case WTR_HEADERS_ENCRYPTED:
        verdict = wtr_wlan_open(l->wlan, &packet, &l->headers, &l->opened, &l->joined);
        if (verdict == WTR_WLAN_OPENED && !l->headers.aggregate &&
            wtr_headers_msdu(&l->opened, &l->headers, &inner) && inner == WTR_HEADERS_EAPOL)
            l->joins += wtr_wlan_eapol(l->wlan, &l->opened, &l->headers, &l->join);
        break;
    default:
        break;
    }
    return verdict;
}

#endif
