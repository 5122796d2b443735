/* SPDX-License-Identifier: Apache-2.0 */
/* Pre-shared keys for plain PSK: those of the keyring, and those of Tuya's devices.
 *
 * Tuya (github.com/ct-Open-Source/tuya-convert, scripts/psk-frontend.py): an identity of version 1 is the
 * byte 1 and a text of which the first 16 bytes are always the same (a device may send only a part of them
 * right); the key is the AES-128-CBC cipher text of the text's first 32 bytes, under the MD5 of the server's
 * hint's last 16 bytes, with the MD5 of the text as IV: all of it is in the capture. An identity of version 2
 * (as that project found it later) is the byte 2 and the SHA-256 of the device's id, and its key is in the
 * device alone. */
#include "protocol/tls_opener.h"

#include "protocol/tls_md.h"

#include <mbedtls/aes.h>

enum { PREFIX = 16, SEED = 32, HINT_TAIL = 16, MAX_IDENTITY = 256, SHA256 = 32 };

static const char prefix[PREFIX + 1] = "BAohbmd6aG91IFR1";

static bool is_tuya(struct wtr_text identity, char version)
{
    return identity.length > SEED && identity.data[0] == version;
}

/* Whether the entry's id is the device of a Tuya identity of version 2. */
static bool is_device(struct wtr_text identity, struct wtr_text id)
{
    uint8_t digest[SHA256];
    return is_tuya(identity, 2) && identity.length == 1 + SHA256 &&
           wtr_tls_digest(WTR_TLS_SHA256, &id, 1, digest) && memcmp(digest, identity.data + 1, SHA256) == 0;
}

static bool fits(const struct wtr_key_entry *entry, struct wtr_text identity)
{
    return wtr_text_is(entry->id, "*") || wtr_text_equal(entry->id, identity) ||
           is_device(identity, entry->id);
}

static bool derive_tuya(struct wtr_text text, struct wtr_text hint, uint8_t psk[SEED])
{
    uint8_t key[16], iv[16];
    const struct wtr_text tail = wtr_text_of(hint.data + hint.length - HINT_TAIL, HINT_TAIL);
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    bool made = wtr_tls_digest(WTR_TLS_MD5, &tail, 1, key) && wtr_tls_digest(WTR_TLS_MD5, &text, 1, iv) &&
                mbedtls_aes_setkey_enc(&aes, key, 128) == 0 &&
                mbedtls_aes_crypt_cbc(&aes, MBEDTLS_AES_ENCRYPT, SEED, iv, (const unsigned char *)text.data,
                                      psk) == 0;
    mbedtls_aes_free(&aes);
    return made;
}

static bool try_psk(struct wtr_tls_target *target, struct wtr_text psk, const char *key, const char *origin)
{
    uint8_t premaster[WTR_TLS_MAX_PREMASTER];
    size_t length = wtr_tls_psk_premaster(psk, premaster);
    bool open = length > 0 && wtr_tls_try_premaster(target, wtr_text_of(premaster, length), key, origin);
    wtr_wipe(premaster, sizeof premaster);
    return open;
}

static bool try_tuya_text(struct wtr_tls_target *target, struct wtr_text text)
{
    uint8_t psk[SEED];
    return derive_tuya(text, target->opening->session->psk_hint, psk) &&
           try_psk(target, wtr_text_of(psk, sizeof psk), "tuya psk v1", "the handshake itself");
}

static bool has_tuya(const struct wtr_tls_session *s)
{
    return is_tuya(s->psk_identity, 1) && s->psk_identity.length <= MAX_IDENTITY &&
           s->psk_hint.length >= HINT_TAIL;
}

static bool try_tuya(struct wtr_tls_target *target)
{
    char mended[MAX_IDENTITY];
    const struct wtr_tls_session *s = target->opening->session;
    if (!has_tuya(s))
        return false;
    struct wtr_text text = wtr_text_of(s->psk_identity.data + 1, s->psk_identity.length - 1);
    if (try_tuya_text(target, text))
        return true;
    memcpy(mended, prefix, PREFIX);
    memcpy(mended + PREFIX, text.data + PREFIX, text.length - PREFIX);
    return try_tuya_text(target, wtr_text_of(mended, text.length));
}

bool wtr_tls_try_psks(struct wtr_tls_target *target)
{
    const struct wtr_tls_opening *o = target->opening;
    const struct wtr_key_entry *entry;
    if (try_tuya(target))
        return true;
    for (size_t place = 0; (entry = wtr_keyring_next(o->keys, WTR_KEY_PSK, &place)) != NULL;)
        if (fits(entry, o->session->psk_identity) &&
            try_psk(target, entry->secret, entry->name, entry->origin))
            return true;
    return false;
}

bool wtr_tls_has_psk(const struct wtr_tls_opening *o)
{
    const struct wtr_key_entry *entry;
    for (size_t place = 0; (entry = wtr_keyring_next(o->keys, WTR_KEY_PSK, &place)) != NULL;)
        if (fits(entry, o->session->psk_identity))
            return true;
    return has_tuya(o->session);
}
