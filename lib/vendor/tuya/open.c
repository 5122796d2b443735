/* SPDX-License-Identifier: Apache-2.0 */
/* From a frame to its payload: what protects it is verified, and what is enciphered is opened if the key is
 * there.
 *
 *   - 55AA with a CRC-32 that fits (3.1 to 3.3): JSON in clear (3.1), or "3.1", 16 hexadecimal digits of MD5
 * and base64 of AES-128-ECB (3.1 commands), or AES-128-ECB (3.2, 3.3), for some commands behind "3.3" and 12
 * bytes.
 *   - 55AA without (3.4): the whole payload is AES-128-ECB, and HMAC-SHA256 takes the CRC's place.
 *   - 6699 (3.5): AES-128-GCM; the 14 bytes of the header behind its prefix are authenticated with it.
 *
 * A device's return code stands before the payload, in 3.5 inside what is enciphered. It can be told by the
 * length of what follows it, a multiple of a block. The 12 bytes behind "3.x" are, in what a device pushes, a
 * CRC, a running number and the number of its source; they are zero in what a client sends (tinytuya
 * PROTOCOL.md; the 3.3 forms were checked on a real device's capture, 3.1, 3.4 and 3.5 on captures of the
 * tuyapi client). */
#include "vendor/tuya/session.h"

#include "base/bytes.h"

#include <zlib.h>

enum { CRC = 4, SUFFIX = 4, CODE = 4, VERSION = 3, VERSION_HEADER = 15, MD5_DIGITS = 16, TAG = 16 };

/* "3.1" to "3.9". */
static bool has_version(const uint8_t *p, size_t length)
{
    return length >= VERSION && p[0] == '3' && p[1] == '.' && p[2] >= '1' && p[2] <= '9';
}

/* The header of a version, which is `p`'s first 15 bytes. */
static void take_header(struct wtr_tuya_packet *packet, const uint8_t *p)
{
    packet->version = wtr_text_of(p, VERSION);
    packet->source_crc = wtr_be32(p + VERSION);
    packet->source_sequence = wtr_be32(p + VERSION + 4);
    packet->source_id = wtr_be32(p + VERSION + 8);
    packet->has_source = packet->source_id != 0 || packet->source_sequence != 0 || packet->source_crc != 0;
}

static bool may_be_code(const uint8_t *p, size_t length)
{
    return length >= CODE && p[0] == 0 && p[1] == 0 && p[2] == 0;
}

static void take_code(struct wtr_tuya_packet *packet, const uint8_t *p)
{
    packet->has_return_code = true;
    packet->return_code = wtr_be32(p);
}

/* That keys were tried and none is right is said once. An answer that refuses is seldom JSON, and shows
 * nothing about a key. */
static void tell_wrong(struct wtr_tuya_reading *r, size_t at, size_t length)
{
    struct wtr_tuya_session *s = r->session;
    bool refusal = r->packet.has_return_code && r->packet.return_code != 0;
    if (s->told_wrong || refusal || !wtr_tuya_has_keys(s))
        return;
    s->told_wrong = true;
    wtr_tuya_find(r, at, length, "no key of the keyring opens this session: none of them is its local key");
}

/* That the session key is not known although the keyring has keys is said once. */
static void tell_missing(struct wtr_tuya_reading *r, size_t at, size_t length)
{
    struct wtr_tuya_session *s = r->session;
    if (s->told_missing || s->told_wrong || !wtr_tuya_has_keys(s))
        return;
    s->told_missing = true;
    wtr_tuya_find(r, at, length, "the session key was negotiated in messages that were not seen whole");
}

/* ---- 3.1 to 3.3 */

/* Deciphers AES-ECB with the session's key into its plain text. */
static bool decipher(struct wtr_tuya_session *s, const uint8_t *key, const uint8_t *cipher, size_t length,
                     size_t *unpadded)
{
    wtr_buffer_clear(&s->plain);
    uint8_t *out = (uint8_t *)wtr_buffer_room(&s->plain, length);
    if (!out || !wtr_tuya_ecb_decrypt(key, cipher, length, out) || !wtr_tuya_unpad(out, length, unpadded))
        return false;
    s->plain.length = *unpadded;
    return true;
}

static void set_opening(struct wtr_tuya_reading *r, const char *steps, size_t at, size_t length)
{
    struct wtr_tuya_session *s = r->session;
    s->opening = (struct wtr_opening){
        .steps = steps,
        .key = s->entry ? s->entry->name : "tuya public broadcast key",
        .key_origin = s->entry ? s->entry->origin : "the same for all devices, published",
    };
    r->opened = true;
    r->at = at;
    r->length = length;
    r->packet.key_id = s->key_id;
    r->packet.proof = s->proof;
}

/* The ciphertext at `at` of the frame. */
static bool open_ecb(struct wtr_tuya_reading *r, size_t at, size_t length)
{
    struct wtr_tuya_session *s = r->session;
    const uint8_t *cipher = r->frame.bytes + at;
    size_t unpadded = 0;
    if (!s->has_key && !wtr_tuya_key_by_text(s, wtr_text_of(cipher, length))) {
        tell_wrong(r, at, length);
        r->packet.encrypted = true;
        return true;
    }
    if (!decipher(s, s->key, cipher, length, &unpadded)) {
        if (s->datagrams)
            return r->packet.encrypted = true; /* with a key that is not public */
        wtr_tuya_find(r, at, length,
                      "the key that opened other messages of this session does not open this one");
        return false;
    }
    set_opening(r, "aes-128-ecb", at, length);
    r->packet.payload = wtr_buffer_text(&s->plain);
    return true;
}

/* A command of 3.1: MD5 and base64 at `at` of the frame. */
static bool open_base64(struct wtr_tuya_reading *r, size_t at, size_t length)
{
    struct wtr_tuya_session *s = r->session;
    const char *p = (const char *)r->frame.bytes + at;
    struct wtr_text digest = {p, MD5_DIGITS};
    struct wtr_text base64 = {p + MD5_DIGITS, length - MD5_DIGITS};
    size_t n = 0, unpadded = 0;
    wtr_buffer_clear(&s->trial);
    uint8_t *cipher = (uint8_t *)wtr_buffer_room(&s->trial, base64.length);
    if (!cipher || !wtr_tuya_base64(base64, cipher, &n) || n == 0 || n % WTR_TUYA_BLOCK) {
        wtr_tuya_find(r, at, length, "the message is no base64 of whole blocks");
        return false;
    }
    if (!s->has_key && !wtr_tuya_key_by_md5(s, base64, digest)) {
        tell_wrong(r, at, length);
        r->packet.encrypted = true;
        return true;
    }
    if (!wtr_tuya_md5_fits(s->key, base64, digest) || !decipher(s, s->key, cipher, n, &unpadded)) {
        wtr_tuya_find(r, at, length, "the message's MD5 digest does not fit the session's key");
        return false;
    }
    set_opening(r, "base64+aes-128-ecb", at + MD5_DIGITS, base64.length);
    r->packet.payload = wtr_buffer_text(&s->plain);
    return true;
}

static bool is_text(const uint8_t *p, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (p[i] < 0x20 || p[i] == 0x7f)
            return false;
    return wtr_utf8_valid(p, length);
}

/* The payload at `at` of the frame, behind the return code. */
static bool open_payload(struct wtr_tuya_reading *r, size_t at, size_t length)
{
    const uint8_t *p = r->frame.bytes + at;
    if (length == 0)
        return true;
    if (has_version(p, length) && p[2] == '1' && length > VERSION + MD5_DIGITS) {
        r->packet.version = wtr_text_of(p, VERSION);
        return open_base64(r, at + VERSION, length - VERSION);
    }
    if (has_version(p, length) && length % WTR_TUYA_BLOCK == VERSION_HEADER) {
        take_header(&r->packet, p);
        return length == VERSION_HEADER || open_ecb(r, at + VERSION_HEADER, length - VERSION_HEADER);
    }
    if (is_text(p, length)) {
        r->packet.payload = wtr_text_of(p, length);
        return true;
    }
    if (length % WTR_TUYA_BLOCK == 0)
        return open_ecb(r, at, length);
    wtr_tuya_find(r, at, length, "the payload is of no known form");
    return false;
}

static bool has_code(const uint8_t *p, size_t length)
{
    if (!may_be_code(p, length))
        return false;
    size_t rest = length - CODE;
    return rest == 0 || rest % WTR_TUYA_BLOCK == 0 || has_version(p + CODE, rest) || is_text(p + CODE, rest);
}

static bool open_crc(struct wtr_tuya_reading *r)
{
    const struct wtr_tuya_frame *f = &r->frame;
    size_t at = f->body_at, length = f->body_length - CRC;
    r->session->family = WTR_TUYA_CRC;
    r->packet.integrity = "crc32";
    if (has_code(f->bytes + at, length)) {
        take_code(&r->packet, f->bytes + at);
        at += CODE;
        length -= CODE;
    }
    return open_payload(r, at, length);
}

/* ---- 3.4 */

/* Whether the lengths are those of whole blocks with an HMAC behind them. */
static bool fits_hmac(const struct wtr_tuya_frame *f)
{
    if (f->body_length < WTR_TUYA_MAC)
        return false;
    size_t length = f->body_length - WTR_TUYA_MAC;
    const uint8_t *p = f->bytes + f->body_at;
    return length % WTR_TUYA_BLOCK == 0 || (length % WTR_TUYA_BLOCK == CODE && may_be_code(p, length));
}

/* What stands in a plain text of 3.4 and 3.5 behind the return code. */
static void take_plain(struct wtr_tuya_reading *r, struct wtr_text plain)
{
    while (plain.length > 0 && plain.data[plain.length - 1] == '\0')
        plain.length--; /* seen from apps */
    if (wtr_tuya_is_negotiation(r->frame.command))
        return;
    if (has_version((const uint8_t *)plain.data, plain.length) && plain.length >= VERSION_HEADER) {
        take_header(&r->packet, (const uint8_t *)plain.data);
        plain = wtr_text_of(plain.data + VERSION_HEADER, plain.length - VERSION_HEADER);
    }
    r->packet.payload = plain;
}

/* The key of a frame that proves its key; NULL: it is not known, and that was told. */
static const uint8_t *key_of(struct wtr_tuya_reading *r, bool (*find)(struct wtr_tuya_reading *r))
{
    struct wtr_tuya_session *s = r->session;
    size_t at = r->frame.body_at, length = r->frame.body_length;
    if (!s->datagrams && !wtr_tuya_is_negotiation(r->frame.command)) {
        if (!s->has_session_key)
            tell_missing(r, at, length);
        return s->has_session_key ? s->session_key : NULL;
    }
    if (s->has_key || find(r))
        return s->key;
    tell_wrong(r, at, length);
    return NULL;
}

static bool find_by_hmac(struct wtr_tuya_reading *r)
{
    const struct wtr_tuya_frame *f = &r->frame;
    size_t signed_length = f->body_at + f->body_length - WTR_TUYA_MAC;
    return wtr_tuya_key_by_hmac(r->session, f->bytes, signed_length, f->bytes + signed_length);
}

static const char *steps_of(const struct wtr_tuya_reading *r, const uint8_t *key)
{
    bool negotiated = key == r->session->session_key;
    if (r->frame.sealed)
        return negotiated ? "session-key+aes-128-gcm" : "aes-128-gcm";
    return negotiated ? "session-key+aes-128-ecb" : "aes-128-ecb";
}

static bool open_hmac(struct wtr_tuya_reading *r)
{
    const struct wtr_tuya_frame *f = &r->frame;
    struct wtr_tuya_session *s = r->session;
    size_t at = f->body_at, length = f->body_length - WTR_TUYA_MAC, unpadded = 0;
    if (length % WTR_TUYA_BLOCK) {
        take_code(&r->packet, f->bytes + at);
        at += CODE;
        length -= CODE;
    }
    const uint8_t *key = key_of(r, find_by_hmac);
    r->packet.encrypted = !key && length > 0;
    if (!key)
        return true;
    if (!wtr_tuya_hmac_fits(key, f->bytes, at + length, f->bytes + at + length)) {
        wtr_tuya_find(r, f->body_at, f->body_length, "the frame's HMAC-SHA256 does not fit its bytes");
        return false;
    }
    s->family = WTR_TUYA_HMAC;
    r->packet.integrity = "hmac-sha256";
    if (length == 0)
        return true;
    if (!decipher(s, key, f->bytes + at, length, &unpadded)) {
        wtr_tuya_find(r, at, length, "the deciphered payload has no whole padding");
        return false;
    }
    set_opening(r, steps_of(r, key), at, length);
    take_plain(r, wtr_buffer_text(&s->plain));
    if (wtr_tuya_is_negotiation(f->command))
        wtr_tuya_negotiate(r, wtr_buffer_text(&s->plain));
    return true;
}

/* ---- 3.5 */

static struct wtr_text associated(const struct wtr_tuya_frame *f)
{
    return wtr_text_of(f->bytes + 4, f->body_at - 4);
}

static bool find_by_tag(struct wtr_tuya_reading *r)
{
    const struct wtr_tuya_frame *f = &r->frame;
    return wtr_tuya_key_by_tag(r->session, associated(f), wtr_text_of(f->bytes + f->body_at, f->body_length));
}

/* Of a negotiation's message the length tells whether a return code stands before it: nonces are random. */
static bool is_code_inside(const struct wtr_tuya_frame *f, const uint8_t *p, size_t length)
{
    switch (f->command) {
    case WTR_TUYA_KEY_START:
        return length == CODE + WTR_TUYA_BLOCK;
    case WTR_TUYA_KEY_RESPONSE:
        return length == CODE + WTR_TUYA_BLOCK + WTR_TUYA_MAC;
    case WTR_TUYA_KEY_FINISH:
        return length == CODE + WTR_TUYA_MAC;
    default:
        return may_be_code(p, length);
    }
}

static bool open_sealed(struct wtr_tuya_reading *r)
{
    const struct wtr_tuya_frame *f = &r->frame;
    struct wtr_tuya_session *s = r->session;
    const uint8_t *sealed = f->bytes + f->body_at;
    size_t length = f->body_length - WTR_TUYA_IV - TAG;
    const uint8_t *key = key_of(r, find_by_tag);
    r->packet.encrypted = !key;
    if (!key)
        return true;
    wtr_buffer_clear(&s->plain);
    uint8_t *out = (uint8_t *)wtr_buffer_room(&s->plain, length + WTR_TUYA_BLOCK);
    if (!out || !wtr_tuya_gcm_open(key, associated(f), sealed, f->body_length, out)) {
        if (s->datagrams)
            return r->packet.encrypted = true;
        wtr_tuya_find(r, f->body_at, f->body_length, "the frame's AES-GCM tag does not fit its bytes");
        return false;
    }
    s->plain.length = length;
    r->packet.integrity = "aes-128-gcm";
    set_opening(r, steps_of(r, key), f->body_at, f->body_length);
    struct wtr_text plain = wtr_buffer_text(&s->plain);
    if (is_code_inside(f, out, length)) {
        take_code(&r->packet, out);
        plain = wtr_text_of(plain.data + CODE, plain.length - CODE);
    }
    take_plain(r, plain);
    if (wtr_tuya_is_negotiation(f->command))
        wtr_tuya_negotiate(r, plain);
    return true;
}

/* ---- all */

static bool crc_fits(const struct wtr_tuya_frame *f)
{
    size_t length = f->body_at + f->body_length - CRC;
    return crc32(0, f->bytes, (uInt)length) == wtr_be32(f->bytes + length);
}

bool wtr_tuya_open(struct wtr_tuya_reading *r)
{
    const struct wtr_tuya_frame *f = &r->frame;
    if (f->sealed)
        return open_sealed(r);
    if (r->session->family != WTR_TUYA_HMAC && crc_fits(f))
        return open_crc(r);
    if (r->session->family != WTR_TUYA_CRC && fits_hmac(f))
        return open_hmac(r);
    wtr_tuya_find(r, f->body_at, f->body_length, "the frame's CRC-32 does not fit its bytes");
    return false;
}
