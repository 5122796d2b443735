/* SPDX-License-Identifier: Apache-2.0 */
/* What handshake messages tell of their connection: RFC 5246 7.4, RFC 8446 4, RFC 5077 3.3 (tickets), RFC
 * 4279 2 (PSK identities and hints), RFC 7627 5.1, RFC 7366 2, RFC 6066 3, 4 and 7, RFC 7301 3.1, RFC 8449 4.
 */
#include "protocol/tls_wire.h"

#include <stdlib.h>

/* Replaces a kept text by a copy. */
static void keep(struct wtr_text *kept, struct wtr_text text)
{
    size_t length = text.length < WTR_TLS_MAX_KEPT ? text.length : WTR_TLS_MAX_KEPT;
    free((void *)kept->data);
    char *copy = malloc(length + 1);
    *kept = (struct wtr_text){copy, copy ? length : 0};
    if (copy && length > 0)
        memcpy(copy, text.data, length);
}

static void forget(struct wtr_text *kept)
{
    free((void *)kept->data);
    *kept = (struct wtr_text){NULL, 0};
}

void wtr_tls_free_session(struct wtr_tls_session *session)
{
    struct wtr_text *const kept[] = {&session->ticket,   &session->new_ticket, &session->psk_identity,
                                     &session->psk_hint, &session->alpn,       &session->client_hello};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        forget(kept[i]);
    session->sni = (struct wtr_text){NULL, 0};
    for (size_t d = 0; d < 2; d++)
        for (size_t i = 0; i < WTR_TLS_MAX_CERTIFICATES; i++) {
            if (session->chain[d].list[i])
                wtr_tls_forget_certificate(session->chain[d].list[i]);
            free(session->chain[d].list[i]);
            session->chain[d].list[i] = NULL;
        }
}

static void copy_id(uint8_t out[32], uint8_t *length, struct wtr_text id)
{
    *length = id.length <= 32 ? (uint8_t)id.length : 0;
    if (*length > 0)
        memcpy(out, id.data, *length);
}

/* ---- ClientHello */

/* Of the first one: what later ones repeat, and what fingerprints are made of. */
static void take_first_client_hello(struct wtr_tls_session *s, const struct wtr_tls_hello *hello,
                                    const struct wtr_tls_handshake *message)
{
    keep(&s->client_hello, message->bytes);
    struct wtr_text name = wtr_tls_host_name(hello);
    size_t at = name.data ? (size_t)(name.data - message->bytes.data) : 0;
    if (name.data && at + name.length <= s->client_hello.length)
        s->sni = wtr_text_of(s->client_hello.data + at, name.length);
    wtr_tls_ja3(hello, s->ja3);
    wtr_tls_ja4(hello, s->quic ? 'q' : message->datagram ? 'd' : 't', s->ja4);
}

static const char *take_client_hello(struct wtr_tls_session *s, const struct wtr_tls_handshake *message)
{
    struct wtr_tls_hello hello;
    struct wtr_text data;
    if (!wtr_tls_read_client_hello(message->body, message->datagram, &hello))
        return "a ClientHello that ends within a field";
    if (!s->client_hello_seen)
        take_first_client_hello(s, &hello, message);
    s->client_hello_seen = true;
    memcpy(s->client_random, hello.random.data, sizeof s->client_random);
    copy_id(s->client_session_id, &s->client_session_id_length, hello.session_id);
    s->offered_version = wtr_tls_offered_version(&hello);
    forget(&s->ticket);
    if (wtr_tls_find_extension(&hello, WTR_TLS_SESSION_TICKET, &data) && data.length > 0)
        keep(&s->ticket, data);
    s->offered_early_data =
        s->offered_early_data || wtr_tls_find_extension(&hello, WTR_TLS_EARLY_DATA, &data);
    if (wtr_tls_find_extension(&hello, WTR_TLS_RECORD_SIZE_LIMIT, &data) && data.length == 2)
        s->record_size_limit[WTR_FROM_CLIENT] = wtr_tls_number(data, 0);
    return hello.loose ? "a ClientHello with bytes behind its extensions" : NULL;
}

/* ---- ServerHello */

static void take_protocol(struct wtr_tls_session *s, const struct wtr_tls_hello *hello)
{
    struct wtr_text data, name;
    size_t at = 0;
    if (!wtr_tls_find_extension(hello, WTR_TLS_ALPN, &data) || !wtr_tls_next_protocol(data, &at, &name))
        return;
    s->has_alpn = true;
    keep(&s->alpn, name);
}

static void take_server_extensions(struct wtr_tls_session *s, const struct wtr_tls_hello *hello)
{
    struct wtr_text data;
    s->extended_master_secret = wtr_tls_find_extension(hello, WTR_TLS_EXTENDED_MASTER_SECRET, &data);
    s->encrypt_then_mac = wtr_tls_find_extension(hello, WTR_TLS_ENCRYPT_THEN_MAC, &data);
    s->truncated_hmac = wtr_tls_find_extension(hello, WTR_TLS_TRUNCATED_HMAC, &data);
    s->max_fragment_length = 0;
    if (wtr_tls_find_extension(hello, WTR_TLS_MAX_FRAGMENT_LENGTH, &data) && data.length == 1)
        s->max_fragment_length = (uint8_t)data.data[0];
    if (wtr_tls_find_extension(hello, WTR_TLS_RECORD_SIZE_LIMIT, &data) && data.length == 2)
        s->record_size_limit[WTR_FROM_SERVER] = wtr_tls_number(data, 0);
    s->dhe = wtr_tls_find_extension(hello, WTR_TLS_KEY_SHARE, &data);
    s->chose_psk = wtr_tls_find_extension(hello, WTR_TLS_PRE_SHARED_KEY, &data) && data.length == 2;
    if (s->chose_psk)
        s->psk_index = wtr_tls_number(data, 0);
    take_protocol(s, hello);
}

static enum wtr_tls_resumption resumption_of(const struct wtr_tls_session *s)
{
    bool echoed = s->session_id_length > 0 && s->session_id_length == s->client_session_id_length &&
                  memcmp(s->session_id, s->client_session_id, s->session_id_length) == 0;
    if (wtr_tls_is_13(s->version))
        return s->chose_psk ? WTR_TLS_RESUMED_PSK : WTR_TLS_NOT_RESUMED;
    if (!s->client_hello_seen || !echoed)
        return WTR_TLS_NOT_RESUMED;
    return s->ticket.length > 0 ? WTR_TLS_RESUMED_TICKET : WTR_TLS_RESUMED_ID;
}

static const char *take_server_hello(struct wtr_tls_session *s, const struct wtr_tls_handshake *message)
{
    struct wtr_tls_hello hello;
    if (!wtr_tls_read_server_hello(message->body, &hello))
        return "a ServerHello that ends within a field";
    s->version = wtr_tls_chosen_version(&hello);
    s->suite = hello.suite;
    if (wtr_tls_is_retry(&hello)) {
        s->retried = true;
        return NULL;
    }
    if (!s->server_hello_seen)
        wtr_tls_ja3s(&hello, s->ja3s);
    s->server_hello_seen = true;
    s->compression = hello.compression;
    memcpy(s->server_random, hello.random.data, sizeof s->server_random);
    copy_id(s->session_id, &s->session_id_length, hello.session_id);
    take_server_extensions(s, &hello);
    s->resumption = resumption_of(s);
    s->server_hello_done = false;
    return hello.loose ? "a ServerHello with bytes behind its extensions" : NULL;
}

/* ---- the rest */

struct chain {
    struct wtr_tls_chain *chain;
    bool unread;
};

static void take_one_certificate(void *payload, struct wtr_text der)
{
    struct chain *c = payload;
    size_t n = c->chain->count++;
    if (n >= WTR_TLS_MAX_CERTIFICATES)
        return;
    if (!c->chain->list[n])
        c->chain->list[n] = calloc(1, sizeof *c->chain->list[n]);
    else
        wtr_tls_forget_certificate(c->chain->list[n]);
    if (c->chain->list[n] && wtr_tls_read_certificate(der, c->chain->list[n]))
        c->unread = c->unread || !c->chain->list[n]->read;
}

static const char *take_certificate(struct wtr_tls_session *s, enum wtr_direction direction,
                                    const struct wtr_tls_handshake *message)
{
    struct chain chain = {&s->chain[direction], false};
    chain.chain->count = 0;
    chain.chain->opened = message->encrypted;
    if (!wtr_tls_each_certificate(message->body, wtr_tls_is_13(s->version), take_one_certificate, &chain))
        return "a Certificate whose lengths do not fit together";
    return chain.unread ? "a certificate that can't be read" : NULL;
}

static bool is_psk_suite(uint16_t suite)
{
    const char *name = wtr_tls_suite_name(suite);
    return name && strstr(name, "PSK");
}

/* The text that begins the message of a PSK suite. */
static void take_psk(struct wtr_text *kept, const struct wtr_tls_session *s, struct wtr_text body)
{
    struct wtr_cursor c = wtr_cursor_over(body.data, body.length);
    size_t length = wtr_take_be16(&c);
    const uint8_t *text = wtr_take(&c, length);
    if (text && s->server_hello_seen && is_psk_suite(s->suite))
        keep(kept, wtr_text_of(text, length));
}

static void take_ticket(struct wtr_tls_session *s, struct wtr_text body)
{
    struct wtr_cursor c = wtr_cursor_over(body.data, body.length);
    wtr_take_be32(&c); /* ticket_lifetime_hint */
    size_t length = wtr_take_be16(&c);
    const uint8_t *ticket = wtr_take(&c, length);
    if (ticket && length > 0 && !wtr_tls_is_13(s->version))
        keep(&s->new_ticket, wtr_text_of(ticket, length));
}

static void take_encrypted_extensions(struct wtr_tls_session *s, struct wtr_text body)
{
    const struct wtr_tls_hello as_hello = {.extensions = wtr_tls_list16(body)};
    take_protocol(s, &as_hello);
    s->alpn_opened = s->has_alpn;
}

const char *wtr_tls_take_handshake(struct wtr_tls_session *session, enum wtr_direction direction,
                                   const struct wtr_tls_handshake *message)
{
    switch (message->type) {
    case WTR_TLS_CLIENT_HELLO:
        return take_client_hello(session, message);
    case WTR_TLS_SERVER_HELLO:
        return take_server_hello(session, message);
    case WTR_TLS_HELLO_VERIFY_REQUEST:
        session->verified = message->datagram;
        return NULL;
    case WTR_TLS_CERTIFICATE:
        return take_certificate(session, direction, message);
    case WTR_TLS_SERVER_KEY_EXCHANGE:
        take_psk(&session->psk_hint, session, message->body);
        return NULL;
    case WTR_TLS_SERVER_HELLO_DONE:
        session->server_hello_done = true;
        return NULL;
    case WTR_TLS_CLIENT_KEY_EXCHANGE:
        take_psk(&session->psk_identity, session, message->body);
        return NULL;
    case WTR_TLS_NEW_SESSION_TICKET:
        take_ticket(session, message->body);
        return NULL;
    case WTR_TLS_ENCRYPTED_EXTENSIONS:
        take_encrypted_extensions(session, message->body);
        return NULL;
    default:
        return NULL;
    }
}
