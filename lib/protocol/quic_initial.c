/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of Initial packets, which follow from the client's first destination connection id, and their
 * opening: RFC 9001 5.2 to 5.4 and appendix A, RFC 9369 3.3; salt of drafts 29 to 32: draft-ietf-quic-tls-29
 * 5.2. HKDF-Expand-Label is RFC 8446 7.1's. */
#include "protocol/quic_wire.h"

#include <mbedtls/aes.h>
#include <mbedtls/gcm.h>
#include <mbedtls/hkdf.h>

enum { VERSION_2 = 0x6b3343cf, SALT = 20, SECRET = 32, TAG = 16, SAMPLE_AT = 4, RESERVED = 0x0c };

static const uint8_t *salt_of(uint32_t version)
{
    static const uint8_t v1[SALT] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                     0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
    static const uint8_t v2[SALT] = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                                     0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
    static const uint8_t draft[SALT] = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                                        0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};
    return version == 1 ? v1 : version == VERSION_2 ? v2 : draft;
}

static bool expand(const uint8_t secret[SECRET], const char *label, uint8_t *out, size_t length)
{
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    uint8_t info[64];
    size_t name = strlen(label);
    info[0] = 0;
    info[1] = (uint8_t)length;
    info[2] = (uint8_t)(name + 6);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, name);
    info[9 + name] = 0;
    return sha256 && mbedtls_hkdf_expand(sha256, secret, SECRET, info, 10 + name, out, length) == 0;
}

bool wtr_quic_make_hp(struct wtr_quic_keys *keys)
{
    keys->has_hp =
        keys->has_hp || expand(keys->secret, keys->v2 ? "quicv2 hp" : "quic hp", keys->hp, sizeof keys->hp);
    return keys->has_hp;
}

bool wtr_quic_make_key(struct wtr_quic_keys *keys)
{
    keys->has_key =
        keys->has_key ||
        (expand(keys->secret, keys->v2 ? "quicv2 key" : "quic key", keys->key, sizeof keys->key) &&
         expand(keys->secret, keys->v2 ? "quicv2 iv" : "quic iv", keys->iv, sizeof keys->iv));
    return keys->has_key;
}

bool wtr_quic_derive(uint32_t version, struct wtr_text cid, struct wtr_quic_secrets *secrets)
{
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    uint8_t initial[SECRET];
    struct wtr_quic_keys *keys = secrets->keys;
    *secrets = (struct wtr_quic_secrets){.version = version, .cid_length = (uint8_t)cid.length};
    keys[WTR_FROM_CLIENT].v2 = keys[WTR_FROM_SERVER].v2 = version == VERSION_2;
    if (cid.length > 0)
        memcpy(secrets->cid, cid.data, cid.length);
    return sha256 &&
           mbedtls_hkdf_extract(sha256, salt_of(version), SALT, secrets->cid, cid.length, initial) == 0 &&
           expand(initial, "client in", keys[WTR_FROM_CLIENT].secret, SECRET) &&
           expand(initial, "server in", keys[WTR_FROM_SERVER].secret, SECRET);
}

static bool make_mask(const uint8_t hp[16], const uint8_t *sample, uint8_t mask[16])
{
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    bool made = mbedtls_aes_setkey_enc(&aes, hp, 128) == 0 &&
                mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_ENCRYPT, sample, mask) == 0;
    mbedtls_aes_free(&aes);
    return made;
}

/* The whole number of which the last bytes are given (RFC 9000 A.3). */
static uint64_t whole_number(uint64_t truncated, unsigned bits, uint64_t largest)
{
    uint64_t expected = largest + 1, window = UINT64_C(1) << bits, half = window / 2;
    uint64_t candidate = (expected & ~(window - 1)) | truncated;
    if (candidate + half <= expected)
        return candidate + window;
    return candidate > expected + half && candidate >= window ? candidate - window : candidate;
}

static bool unseal(const struct wtr_quic_keys *keys, uint64_t number, const uint8_t *header,
                   size_t header_length, const uint8_t *sealed, size_t length, uint8_t *out)
{
    uint8_t nonce[sizeof keys->iv];
    mbedtls_gcm_context gcm;
    memcpy(nonce, keys->iv, sizeof nonce);
    for (size_t i = 0; i < 8; i++)
        nonce[4 + i] ^= (uint8_t)(number >> (56 - 8 * i));
    mbedtls_gcm_init(&gcm);
    bool opened = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, keys->key, 128) == 0 &&
                  mbedtls_gcm_auth_decrypt(&gcm, length - TAG, nonce, sizeof nonce, header, header_length,
                                           sealed + length - TAG, TAG, sealed, out) == 0;
    mbedtls_gcm_free(&gcm);
    return opened;
}

bool wtr_quic_open(struct wtr_quic_keys *keys, const uint8_t *bytes, struct wtr_quic_packet *packet,
                   uint64_t largest, uint8_t *scratch, struct wtr_text *plain)
{
    uint8_t mask[16];
    if (!wtr_quic_make_hp(keys) || !make_mask(keys->hp, bytes + packet->number_at + SAMPLE_AT, mask))
        return false;
    uint8_t first = bytes[packet->at] ^ (mask[0] & 0x0f);
    if ((first & RESERVED) || !wtr_quic_make_key(keys))
        return false;
    size_t number_length = (first & 3U) + 1U;
    size_t header = packet->number_at - packet->at + number_length;
    size_t sealed = packet->end - packet->number_at - number_length;
    memcpy(scratch, bytes + packet->at, header);
    scratch[0] = first;
    uint64_t number = 0;
    for (size_t i = 0; i < number_length; i++) {
        uint8_t *byte = &scratch[header - number_length + i];
        *byte ^= mask[1 + i];
        number = number << 8 | *byte;
    }
    number = whole_number(number, 8 * (unsigned)number_length, largest);
    if (sealed < TAG || !unseal(keys, number, scratch, header, bytes + packet->number_at + number_length,
                                sealed, scratch + header))
        return false;
    packet->number = number;
    *plain = wtr_text_of(scratch + header, sealed - TAG);
    packet->sealed_at = packet->number_at + number_length;
    return true;
}
