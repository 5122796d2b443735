/* SPDX-License-Identifier: Apache-2.0 */
/* The master secret of a connection up to TLS 1.2 and DTLS 1.2: from a key log, from the connection that is
 * resumed (RFC 5246 7.3, RFC 5077), from the premaster secret that the server's private key gives (RFC 5246
 * 7.4.7.1), or from a pre-shared key (RFC 4279). Each is tried on the first protected record, and the one by
 * which that verifies is it. */
#include "protocol/tls_opener.h"

#include "base/bytes.h"
#include "protocol/tls_md.h"

#include <mbedtls/pk.h>

enum { RSA_ID = 8, MAX_RSA = 1024 };

/* ---- the transcript */

static size_t digest_transcript(const struct wtr_tls_opening *o, enum wtr_tls_hash hash, uint8_t *out)
{
    const struct wtr_tls_said *client = &o->said[WTR_FROM_CLIENT], *server = &o->said[WTR_FROM_SERVER];
    const char *first = client->bytes.data;
    const struct wtr_text parts[] = {
        wtr_text_of(first, client->hello),
        wtr_text_of(server->bytes.data, server->done),
        wtr_text_of(first ? first + client->hello : NULL, client->done - client->hello),
    };
    return wtr_tls_digest(hash, parts, 3, out) ? wtr_tls_hash_size(hash) : 0;
}

/* Hash of all handshake messages up to the ClientKeyExchange (RFC 7627 3); length 0: some are missing. */
static size_t session_hash(const struct wtr_tls_opening *o, struct wtr_tls_prf prf, uint8_t out[64])
{
    const struct wtr_tls_said *client = &o->said[WTR_FROM_CLIENT], *server = &o->said[WTR_FROM_SERVER];
    if (client->broken || server->broken || !client->done || !server->done || !client->hello)
        return 0;
    if (prf.version >= WTR_TLS_1_2)
        return digest_transcript(o, prf.hash, out);
    size_t first = digest_transcript(o, WTR_TLS_MD5, out);
    size_t second = digest_transcript(o, WTR_TLS_SHA1, out + first);
    return first && second ? first + second : 0;
}

/* ---- attempts */

static void adopt(struct wtr_tls_opening *o, const uint8_t master[WTR_TLS_MASTER],
                  const struct wtr_tls_protection keyed[2])
{
    memcpy(o->master, master, WTR_TLS_MASTER);
    memcpy(o->keyed, keyed, sizeof o->keyed);
    o->agreed = true;
}

bool wtr_tls_try_master(struct wtr_tls_target *target, const uint8_t master[WTR_TLS_MASTER], const char *key,
                        const char *key_origin)
{
    struct wtr_tls_opening *o = target->opening;
    const struct wtr_tls_end *now = &o->end[target->direction];
    struct wtr_tls_prf prf = wtr_tls_prf_of(o->session->version, wtr_tls_suite_of(o->session->suite));
    struct wtr_tls_protection keyed[2];
    bool fits = false;
    o->tried = true;
    if (wtr_tls_protect_by_master(prf, master, o->session, keyed)) {
        struct wtr_tls_end trial = {.now = keyed[target->direction], .lost = now->lost};
        fits = wtr_tls_unseal_next(target, &trial) == NULL;
        if (fits) {
            adopt(o, master, keyed);
            o->key = key;
            o->key_origin = key_origin;
        }
        wtr_tls_protection_wipe(&trial.now);
    }
    wtr_wipe(keyed, sizeof keyed);
    return fits;
}

bool wtr_tls_try_premaster(struct wtr_tls_target *target, struct wtr_text premaster, const char *key,
                           const char *key_origin)
{
    const struct wtr_tls_opening *o = target->opening;
    const struct wtr_tls_session *s = o->session;
    struct wtr_tls_prf prf = wtr_tls_prf_of(s->version, wtr_tls_suite_of(s->suite));
    struct wtr_tls_randoms randoms;
    uint8_t master[WTR_TLS_MASTER], hash[64];
    size_t hashed = s->extended_master_secret ? session_hash(o, prf, hash) : 0;
    memcpy(randoms.client, s->client_random, WTR_TLS_RANDOM);
    memcpy(randoms.server, s->server_random, WTR_TLS_RANDOM);
    bool fits = (hashed || !s->extended_master_secret) &&
                wtr_tls_master_of(prf, premaster, &randoms, wtr_text_of(hash, hashed), master) &&
                wtr_tls_try_master(target, master, key, key_origin);
    wtr_wipe(master, sizeof master);
    return fits;
}

/* ---- what names a connection's secrets */

/* A session id or ticket as the name of its master secret. */
static bool name_session(struct wtr_text what, uint8_t id[WTR_TLS_SECRET_ID])
{
    const struct wtr_text parts[] = {what};
    return what.length > 0 && wtr_tls_digest(WTR_TLS_SHA256, parts, 1, id);
}

struct session_names {
    uint8_t id[2][WTR_TLS_SECRET_ID];
    size_t count;
};

/* What the connection goes on from. */
static struct session_names resumed_names(const struct wtr_tls_session *s)
{
    struct session_names names = {.count = 0};
    if (s->resumption == WTR_TLS_NOT_RESUMED)
        return names;
    if (name_session(s->ticket, names.id[names.count]))
        names.count++;
    if (name_session(wtr_text_of(s->session_id, s->session_id_length), names.id[names.count]))
        names.count++;
    return names;
}

/* The premaster secret as the client enciphered it for the server. */
static struct wtr_text enciphered_premaster(const struct wtr_tls_opening *o)
{
    struct wtr_text body = wtr_buffer_text(&o->key_exchange);
    const struct wtr_text nothing = {NULL, 0};
    if (o->session->version < WTR_TLS_1_0)
        return body;
    struct wtr_cursor c = wtr_cursor_over(body.data, body.length);
    size_t length = wtr_take_be16(&c);
    const uint8_t *bytes = wtr_take(&c, length);
    return bytes ? wtr_text_of(bytes, length) : nothing;
}

/* ---- sources */

/* Tries the secrets that the label and id name, as premaster secrets or as what they are. */
static bool try_kept(struct wtr_tls_target *target, enum wtr_tls_label label, const void *id, size_t length)
{
    struct wtr_tls_keys *keys = target->opening->keys->tls;
    const struct wtr_tls_secret *s = NULL;
    const char *name, *origin;
    while ((s = wtr_tls_keys_find(keys, label, id, length, s)) != NULL) {
        if (s->length != WTR_TLS_MASTER || !wtr_tls_keys_name(keys, s, &name, &origin))
            continue;
        bool fits = label == WTR_TLS_LABEL_RSA
                        ? wtr_tls_try_premaster(target, wtr_text_of(s->bytes, s->length), name, origin)
                        : wtr_tls_try_master(target, s->bytes, name, origin);
        if (fits)
            return true;
    }
    return false;
}

static bool try_resumed(struct wtr_tls_target *target)
{
    struct session_names names = resumed_names(target->opening->session);
    for (size_t i = 0; i < names.count; i++)
        if (try_kept(target, WTR_TLS_LABEL_SESSION, names.id[i], sizeof names.id[i]))
            return true;
    return false;
}

static bool try_server_key(struct wtr_tls_target *target, const struct wtr_tls_server_key *key,
                           struct wtr_text enciphered)
{
    uint8_t premaster[MAX_RSA];
    size_t length = 0;
    mbedtls_pk_context pk;
    mbedtls_pk_init(&pk);
    bool fits = mbedtls_pk_parse_key(&pk, (const unsigned char *)key->bytes, key->length, NULL, 0) == 0 &&
                mbedtls_pk_get_len(&pk) == enciphered.length &&
                mbedtls_pk_decrypt(&pk, (const unsigned char *)enciphered.data, enciphered.length, premaster,
                                   &length, sizeof premaster, NULL, NULL) == 0 &&
                length == WTR_TLS_MASTER &&
                wtr_tls_try_premaster(target, wtr_text_of(premaster, length), key->name, key->origin);
    mbedtls_pk_free(&pk);
    wtr_wipe(premaster, sizeof premaster);
    return fits;
}

static bool try_rsa(struct wtr_tls_target *target)
{
    const struct wtr_tls_keys *keys = target->opening->keys->tls;
    struct wtr_text enciphered = enciphered_premaster(target->opening);
    if (enciphered.length < RSA_ID || enciphered.length > MAX_RSA)
        return false;
    if (try_kept(target, WTR_TLS_LABEL_RSA, enciphered.data, RSA_ID))
        return true;
    for (size_t i = 0; i < keys->server_key_count; i++)
        if (try_server_key(target, &keys->server_keys[i], enciphered))
            return true;
    return false;
}

bool wtr_tls_find_master(struct wtr_tls_target *target)
{
    struct wtr_tls_opening *o = target->opening;
    const struct wtr_tls_suite *suite = wtr_tls_suite_of(o->session->suite);
    bool kept = o->keys && o->keys->tls;
    if (kept && try_kept(target, WTR_TLS_LABEL_CLIENT_RANDOM, o->session->client_random, WTR_TLS_RANDOM))
        return true;
    if (o->session->resumption != WTR_TLS_NOT_RESUMED)
        return kept && try_resumed(target);
    if (suite && suite->exchange == WTR_TLS_KX_RSA)
        return kept && try_rsa(target);
    return suite && suite->exchange == WTR_TLS_KX_PSK && wtr_tls_try_psks(target);
}

/* ---- what is lacking */

static bool has_kept(const struct wtr_tls_opening *o, enum wtr_tls_label label, const void *id, size_t length)
{
    return o->keys && o->keys->tls && wtr_tls_keys_find(o->keys->tls, label, id, length, NULL);
}

static bool has_resumed(const struct wtr_tls_opening *o)
{
    struct session_names names = resumed_names(o->session);
    bool has = false;
    for (size_t i = 0; i < names.count; i++)
        has = has || has_kept(o, WTR_TLS_LABEL_SESSION, names.id[i], sizeof names.id[i]);
    return has;
}

static bool has_rsa(const struct wtr_tls_opening *o)
{
    struct wtr_text enciphered = enciphered_premaster(o);
    if (enciphered.length < RSA_ID || !o->keys || !o->keys->tls)
        return false;
    return o->keys->tls->server_key_count > 0 || has_kept(o, WTR_TLS_LABEL_RSA, enciphered.data, RSA_ID);
}

static const char *lacking(enum wtr_tls_exchange exchange)
{
    static const char *const words[] = {
        [WTR_TLS_KX_ANY] = "a cipher suite that does not belong to the version",
        [WTR_TLS_KX_RSA] = "no key: RSA needs the server's private key or the key log",
        [WTR_TLS_KX_PSK] = "no key: PSK needs the key of its identity or the key log",
        [WTR_TLS_KX_RSA_PSK] = "no key: RSA_PSK needs the key log",
        [WTR_TLS_KX_DHE_PSK] = "no key: DHE_PSK needs the key log",
        [WTR_TLS_KX_ECDHE_PSK] = "no key: ECDHE_PSK needs the key log",
        [WTR_TLS_KX_DHE] = "no key: DHE needs the key log",
        [WTR_TLS_KX_ECDHE] = "no key: ECDHE needs the key log",
        [WTR_TLS_KX_ECDH] = "no key: ECDH needs the key log",
        [WTR_TLS_KX_ECJPAKE] = "no key: ECJPAKE needs the key log",
    };
    return words[exchange];
}

const char *wtr_tls_hopeless(const struct wtr_tls_opening *o)
{
    const struct wtr_tls_session *s = o->session;
    const struct wtr_tls_suite *suite = wtr_tls_suite_of(s->suite);
    if (!s->client_hello_seen)
        return "the ClientHello was not seen";
    if (!s->server_hello_seen)
        return "no ServerHello that can be read was seen";
    uint16_t base = wtr_tls_base_version(s->version);
    if (base < WTR_SSL_3 || base > WTR_TLS_1_2)
        return "a version of the protocol that is not read";
    if (!suite)
        return "a cipher suite that is not read";
    if (s->compression != 0)
        return "records are compressed, which is not read";
    if (has_kept(o, WTR_TLS_LABEL_CLIENT_RANDOM, s->client_random, WTR_TLS_RANDOM))
        return NULL;
    if (s->resumption != WTR_TLS_NOT_RESUMED)
        return has_resumed(o) ? NULL : "no key: resumed, which needs the first session's key or the key log";
    bool has = (suite->exchange == WTR_TLS_KX_RSA && has_rsa(o)) ||
               (suite->exchange == WTR_TLS_KX_PSK && wtr_tls_has_psk(o));
    return has ? NULL : lacking(suite->exchange);
}

void wtr_tls_note_wanted(const struct wtr_tls_opening *o)
{
    const struct wtr_tls_session *s = o->session;
    struct session_names names = resumed_names(s);
    struct wtr_tls_keys *keys = o->keys ? o->keys->tls : NULL;
    if (!keys || !s->client_hello_seen)
        return;
    wtr_tls_keys_want(keys, WTR_TLS_LABEL_CLIENT_RANDOM, s->client_random, WTR_TLS_RANDOM);
    for (size_t i = 0; i < names.count; i++)
        wtr_tls_keys_want(keys, WTR_TLS_LABEL_SESSION, names.id[i], sizeof names.id[i]);
    struct wtr_text enciphered = enciphered_premaster(o);
    if (enciphered.length >= RSA_ID)
        wtr_tls_keys_want(keys, WTR_TLS_LABEL_RSA, enciphered.data, RSA_ID);
}

/* ---- for later connections */

static void keep_under(struct wtr_tls_opening *o, struct wtr_text what)
{
    struct wtr_tls_secret secret = {
        .label = WTR_TLS_LABEL_SESSION, .length = WTR_TLS_MASTER, .name = o->key, .origin = o->key_origin};
    memcpy(secret.bytes, o->master, WTR_TLS_MASTER);
    if (name_session(what, secret.id))
        (void)wtr_tls_keys_add(o->keys->tls, &secret);
    wtr_wipe(secret.bytes, sizeof secret.bytes);
}

void wtr_tls_keep_resumable(struct wtr_tls_opening *o)
{
    const struct wtr_tls_session *s = o->session;
    if (!o->agreed || !o->keys || !o->keys->tls)
        return;
    keep_under(o, wtr_text_of(s->session_id, s->session_id_length));
    keep_under(o, s->new_ticket);
}
