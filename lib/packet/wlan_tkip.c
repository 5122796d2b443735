/* SPDX-License-Identifier: Apache-2.0 */
/* The S-box of the mixing is that of AES, doubled and tripled in its field; so it is computed and not listed.
 */
#include "packet/wlan_tkip.h"

#include "base/bytes.h"
#include "packet/wlan_crypto.h"

#include <string.h>
#include <zlib.h>

enum { PHASE1_ROUNDS = 8 };

/* ---- the key of a frame ---- */

static uint8_t doubled(uint8_t x)
{
    return (uint8_t)(x << 1 ^ ((x & 0x80) != 0 ? 0x1b : 0));
}

static uint8_t rotated(uint8_t x, unsigned by)
{
    return (uint8_t)(x << by | x >> (8 - by));
}

/* FIPS 197 5.1.1: the inverse in the field, then an affine map. p runs through the powers of 3, q through
 * those of its inverse. */
void wtr_tkip_make_table(struct wtr_tkip_table *table)
{
    uint8_t p = 1, q = 1;
    do {
        p = (uint8_t)(p ^ doubled(p));
        q ^= (uint8_t)(q << 1);
        q ^= (uint8_t)(q << 2);
        q ^= (uint8_t)(q << 4);
        if ((q & 0x80) != 0)
            q ^= 0x09;
        uint8_t s = (uint8_t)(q ^ rotated(q, 1) ^ rotated(q, 2) ^ rotated(q, 3) ^ rotated(q, 4) ^ 0x63);
        table->word[p] = (uint16_t)(doubled(s) << 8 | (doubled(s) ^ s));
    } while (p != 1);
    table->word[0] = (uint16_t)(doubled(0x63) << 8 | (doubled(0x63) ^ 0x63));
}

static uint16_t substitute(const struct wtr_tkip_table *table, uint16_t x)
{
    uint16_t high = table->word[x >> 8];
    return (uint16_t)(table->word[x & 0xff] ^ (uint16_t)(high << 8 | high >> 8));
}

static uint16_t half_right(uint16_t x)
{
    return (uint16_t)(x >> 1 | x << 15);
}

uint64_t wtr_tkip_number(const uint8_t *h)
{
    return (uint64_t)h[7] << 40 | (uint64_t)h[6] << 32 | (uint64_t)h[5] << 24 | (uint64_t)h[4] << 16 |
           (uint64_t)h[0] << 8 | h[2];
}

static void phase1(const struct wtr_tkip_table *table, const uint8_t *key, const uint8_t *transmitter,
                   uint64_t number, uint16_t p[5])
{
    p[0] = (uint16_t)(number >> 16);
    p[1] = (uint16_t)(number >> 32);
    for (size_t i = 0; i < 3; i++)
        p[2 + i] = wtr_le16(transmitter + 2 * i);
    for (size_t i = 0; i < PHASE1_ROUNDS; i++) {
        size_t odd = 2 * (i & 1);
        for (size_t k = 0; k < 5; k++)
            p[k] = (uint16_t)(p[k] + substitute(table, p[(k + 4) % 5] ^ wtr_le16(key + odd + 4 * (k % 4))));
        p[4] = (uint16_t)(p[4] + i);
    }
}

void wtr_tkip_mix(const struct wtr_tkip_table *table, const uint8_t *key, const uint8_t *transmitter,
                  uint64_t number, uint8_t rc4[16])
{
    uint16_t p[6];
    phase1(table, key, transmitter, number, p);
    p[5] = (uint16_t)(p[4] + (uint16_t)number);
    for (size_t k = 0; k < 6; k++)
        p[k] = (uint16_t)(p[k] + substitute(table, p[(k + 5) % 6] ^ wtr_le16(key + 2 * k)));
    p[0] = (uint16_t)(p[0] + half_right(p[5] ^ wtr_le16(key + 12)));
    p[1] = (uint16_t)(p[1] + half_right(p[0] ^ wtr_le16(key + 14)));
    for (int k = 2; k < 6; k++)
        p[k] = (uint16_t)(p[k] + half_right(p[k - 1]));
    rc4[0] = (uint8_t)(number >> 8);
    rc4[1] = (uint8_t)((number >> 8 | 0x20) & 0x7f);
    rc4[2] = (uint8_t)number;
    rc4[3] = (uint8_t)((p[5] ^ wtr_le16(key)) >> 1);
    for (int k = 0; k < 6; k++) {
        rc4[4 + 2 * k] = (uint8_t)p[k];
        rc4[5 + 2 * k] = (uint8_t)(p[k] >> 8);
    }
}

bool wtr_tkip_open(const struct wtr_tkip_table *table, const uint8_t *key, const struct wtr_wlan_frame *frame,
                   uint8_t *out, uint32_t *length)
{
    if (frame->length - frame->body_at < WTR_TKIP_HEADER + WTR_TKIP_ICV)
        return false;
    const uint8_t *header = frame->bytes + frame->body_at;
    uint32_t n = frame->length - frame->body_at - WTR_TKIP_HEADER;
    uint8_t rc4[16];
    wtr_tkip_mix(table, key, frame->transmitter, wtr_tkip_number(header), rc4);
    wtr_wlan_rc4(rc4, sizeof rc4, 0, header + WTR_TKIP_HEADER, n, out);
    wtr_wlan_wipe(rc4, sizeof rc4);
    *length = n - WTR_TKIP_ICV;
    return (uint32_t)crc32(crc32(0, NULL, 0), out, *length) == wtr_le32(out + *length);
}

/* ---- Michael ---- */

struct michael {
    uint32_t left, right;
};

static uint32_t turned(uint32_t x, unsigned by)
{
    return x << by | x >> (32 - by);
}

static void take_word(struct michael *m, uint32_t word)
{
    m->left ^= word;
    m->right ^= turned(m->left, 17);
    m->left += m->right;
    m->right ^= (m->left & 0xff00ff00U) >> 8 | (m->left & 0x00ff00ffU) << 8;
    m->left += m->right;
    m->right ^= turned(m->left, 3);
    m->left += m->right;
    m->right ^= turned(m->left, 30);
    m->left += m->right;
}

bool wtr_tkip_michael_fits(const uint8_t *key, const struct wtr_wlan_frame *frame, const uint8_t *msdu,
                           size_t length)
{
    if (length < WTR_TKIP_MICHAEL)
        return false;
    size_t data = length - WTR_TKIP_MICHAEL;
    struct michael m = {wtr_le32(key), wtr_le32(key + 4)};
    uint8_t head[16] = {0}, tail[8] = {0}, check[WTR_TKIP_MICHAEL];
    memcpy(head, frame->destination, 6);
    memcpy(head + 6, frame->source, 6);
    head[12] = frame->tid;
    for (size_t i = 0; i < sizeof head; i += 4)
        take_word(&m, wtr_le32(head + i));
    size_t whole = data & ~(size_t)3;
    for (size_t i = 0; i < whole; i += 4)
        take_word(&m, wtr_le32(msdu + i));
    memcpy(tail, msdu + whole, data - whole);
    tail[data - whole] = 0x5a;
    take_word(&m, wtr_le32(tail));
    take_word(&m, wtr_le32(tail + 4));
    for (int i = 0; i < 4; i++) {
        check[i] = (uint8_t)(m.left >> 8 * i);
        check[4 + i] = (uint8_t)(m.right >> 8 * i);
    }
    return wtr_wlan_equal(check, msdu + data, sizeof check);
}
