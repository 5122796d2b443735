/* SPDX-License-Identifier: Apache-2.0 */
/* Which key of the keyring is a session's.
 *
 * 3.4 and 3.5 prove their key with every frame: HMAC-SHA256 and the tag of AES-GCM (128 bits and more). 3.1
 * proves it with every command, by 64 bits of MD5 over the ciphertext and the key (tuyapi lib/cipher.js;
 * tinytuya core/XenonDevice.py). 3.2 and 3.3 hold nothing that depends on the key but the plain text itself:
 * their CRC-32 is over the ciphertext. There a key is believed once it opens a frame to a whole JSON object
 * of at least 12 bytes, or to a device's known words, with PKCS7 padding behind it. A wrong key makes random
 * bytes: a padding, a brace at each end and ten bytes between that are JSON come about less than once in 2^45
 * trials. Every later frame of the session must then have a whole padding under the same key. */
#include "vendor/tuya/session.h"

enum { LEAST_JSON = 12, MOST_FAILURES = 8 };

static const struct wtr_key_entry *next_key(const struct wtr_tuya_session *s, size_t *place)
{
    const struct wtr_key_entry *entry;
    if (s->failures >= MOST_FAILURES)
        return NULL;
    while ((entry = wtr_keyring_next(s->keys, WTR_KEY_TUYA, place)) != NULL)
        if (entry->secret.length == WTR_TUYA_BLOCK)
            return entry;
    return NULL;
}

bool wtr_tuya_has_keys(const struct wtr_tuya_session *s)
{
    size_t place = 0;
    return wtr_keyring_next(s->keys, WTR_KEY_TUYA, &place) != NULL;
}

/* The device that the keyring gives with this secret, if it gives one alone. */
static struct wtr_text only_id(const struct wtr_tuya_session *s, struct wtr_text secret)
{
    struct wtr_text id = {NULL, 0};
    size_t place = 0;
    const struct wtr_key_entry *entry;
    while ((entry = wtr_keyring_next(s->keys, WTR_KEY_TUYA, &place)) != NULL) {
        if (!wtr_text_equal(entry->secret, secret) || wtr_text_is(entry->id, "*"))
            continue;
        if (id.length > 0)
            return (struct wtr_text){NULL, 0};
        id = entry->id;
    }
    return id;
}

static bool take(struct wtr_tuya_session *s, const struct wtr_key_entry *entry, const char *proof)
{
    s->has_key = true;
    s->entry = entry;
    s->proof = proof;
    s->key_id = only_id(s, entry->secret);
    memcpy(s->key, entry->secret.data, sizeof s->key);
    return true;
}

static const uint8_t *bytes_of(const struct wtr_key_entry *entry)
{
    return (const uint8_t *)entry->secret.data;
}

bool wtr_tuya_key_by_hmac(struct wtr_tuya_session *s, const uint8_t *frame, size_t length, const uint8_t *mac)
{
    const struct wtr_key_entry *entry;
    for (size_t place = 0; (entry = next_key(s, &place)) != NULL;)
        if (wtr_tuya_hmac_fits(bytes_of(entry), frame, length, mac))
            return take(s, entry, "hmac-sha256");
    s->failures++;
    return false;
}

bool wtr_tuya_key_by_tag(struct wtr_tuya_session *s, struct wtr_text associated, struct wtr_text sealed)
{
    const struct wtr_key_entry *entry;
    wtr_buffer_clear(&s->trial);
    uint8_t *out = (uint8_t *)wtr_buffer_room(&s->trial, sealed.length);
    for (size_t place = 0; out && (entry = next_key(s, &place)) != NULL;)
        if (wtr_tuya_gcm_open(bytes_of(entry), associated, (const uint8_t *)sealed.data, sealed.length, out))
            return take(s, entry, "aes-128-gcm");
    s->failures++;
    return false;
}

bool wtr_tuya_md5_fits(const uint8_t *key, struct wtr_text base64, struct wtr_text digest)
{
    static const char hex[] = "0123456789abcdef";
    const struct wtr_text texts[] = {
        WTR_TEXT("data="), base64, WTR_TEXT("||lpv=3.1||"), {(const char *)key, WTR_TUYA_BLOCK}};
    uint8_t md5[16];
    if (digest.length != 16 || !wtr_tuya_md5(texts, 4, md5))
        return false;
    for (size_t i = 0; i < 16; i++) { /* the middle eight bytes */
        uint8_t byte = md5[4 + i / 2];
        if (digest.data[i] != hex[i % 2 ? byte & 15 : byte >> 4])
            return false;
    }
    return true;
}

bool wtr_tuya_key_by_md5(struct wtr_tuya_session *s, struct wtr_text base64, struct wtr_text digest)
{
    const struct wtr_key_entry *entry;
    for (size_t place = 0; (entry = next_key(s, &place)) != NULL;)
        if (wtr_tuya_md5_fits(bytes_of(entry), base64, digest))
            return take(s, entry, "md5");
    s->failures++;
    return false;
}

/* By what the text shows that the key is right; NULL: it does not. */
static const char *proof_of(struct wtr_tuya_session *s, struct wtr_text text)
{
    if (wtr_text_ends(text, "data unvalid")) /* seen from a real device: "json obj data unvalid" */
        return "known text";
    bool braces = text.length >= LEAST_JSON && text.data[0] == '{' && text.data[text.length - 1] == '}';
    return braces && wtr_json_parse(&s->json, text) ? "json" : NULL;
}

/* The text under the key, in session->trial; false if it has no whole padding. */
static bool try_text(struct wtr_tuya_session *s, const uint8_t *key, struct wtr_text cipher,
                     struct wtr_text *text)
{
    size_t length;
    uint8_t last[WTR_TUYA_BLOCK];
    const uint8_t *in = (const uint8_t *)cipher.data;
    if (!wtr_tuya_ecb_decrypt(key, in + cipher.length - sizeof last, sizeof last, last) ||
        !wtr_tuya_unpad(last, sizeof last, &length))
        return false;
    wtr_buffer_clear(&s->trial);
    uint8_t *out = (uint8_t *)wtr_buffer_room(&s->trial, cipher.length);
    if (!out || !wtr_tuya_ecb_decrypt(key, in, cipher.length, out))
        return false;
    *text = wtr_text_of(out, cipher.length - sizeof last + length);
    return true;
}

bool wtr_tuya_key_by_text(struct wtr_tuya_session *s, struct wtr_text cipher)
{
    const struct wtr_key_entry *entry;
    struct wtr_text text;
    if (cipher.length < WTR_TUYA_BLOCK)
        return false;
    for (size_t place = 0; (entry = next_key(s, &place)) != NULL;) {
        const char *proof = try_text(s, bytes_of(entry), cipher, &text) ? proof_of(s, text) : NULL;
        if (proof)
            return take(s, entry, proof);
    }
    s->failures++;
    return false;
}
