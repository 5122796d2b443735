/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of TLS and DTLS as members of a JSON object: handshake messages under the names of RFC 5246
 * and 8446, and of the session as a whole what the connection amounts to. */
#include "protocol/fields.h"
#include "protocol/tls_wire.h"

static void put_z(struct wtr_json_writer *out, const char *name, const char *text)
{
    if (!text || !text[0])
        return;
    wtr_json_key(out, name);
    wtr_json_put_z(out, text);
}

static void put_sha256(struct wtr_json_writer *out, const char *name, const uint8_t digest[32])
{
    static const char digits[] = "0123456789abcdef";
    char text[64];
    for (size_t i = 0; i < 32; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    wtr_json_key(out, name);
    wtr_json_put_text(out, wtr_text_of(text, sizeof text));
}

/* ---- certificates */

static void put_certificate(struct wtr_json_writer *out, const struct wtr_tls_certificate *c)
{
    wtr_json_begin_object(out);
    put_sha256(out, "sha256", c->sha256);
    if (c->has_spki)
        put_sha256(out, "spki_sha256", c->spki_sha256);
    put_z(out, "subject", c->subject);
    put_z(out, "issuer", c->issuer);
    put_z(out, "serial_number", c->serial);
    put_z(out, "not_before", c->not_before);
    put_z(out, "not_after", c->not_after);
    if (!c->read)
        wtr_field_bool(out, "unread", true);
    wtr_json_end_object(out);
}

static void put_chain(struct wtr_json_writer *out, const char *name, const struct wtr_tls_chain *chain)
{
    size_t listed = chain->count < WTR_TLS_MAX_CERTIFICATES ? chain->count : WTR_TLS_MAX_CERTIFICATES;
    if (chain->count == 0)
        return;
    wtr_json_key(out, name);
    wtr_json_begin_array(out);
    for (size_t i = 0; i < listed; i++)
        if (chain->list[i])
            put_certificate(out, chain->list[i]);
    wtr_json_end_array(out);
    if (chain->count > listed)
        wtr_field_uint(out, "certificates", chain->count);
}

/* ---- one message */

static void put_ticket(struct wtr_json_writer *out, const struct wtr_tls_handshake *message)
{
    struct wtr_cursor c = wtr_cursor_over(message->body.data, message->body.length);
    uint32_t lifetime = wtr_take_be32(&c);
    size_t length = wtr_take_be16(&c);
    const uint8_t *ticket = wtr_take(&c, length);
    if (!ticket || message->encrypted)
        return;
    wtr_field_uint(out, "ticket_lifetime_hint", lifetime);
    wtr_json_key(out, "ticket");
    wtr_json_put_hex(out, wtr_text_of(ticket, length));
}

static void put_cookie(struct wtr_json_writer *out, const struct wtr_tls_handshake *message)
{
    struct wtr_cursor c = wtr_cursor_over(message->body.data, message->body.length);
    uint16_t version = wtr_take_be16(&c);
    size_t length = wtr_take_u8(&c);
    const uint8_t *cookie = wtr_take(&c, length);
    if (!cookie)
        return;
    wtr_tls_put_version(out, "server_version", version);
    wtr_json_key(out, "cookie");
    wtr_json_put_hex(out, wtr_text_of(cookie, length));
}

static void put_handshake(struct wtr_json_writer *out, const struct wtr_message *message,
                          const struct wtr_tls_handshake *handshake)
{
    const struct wtr_tls_session *s = message->session;
    wtr_field_uint(out, "msg_type", handshake->type);
    wtr_field_uint(out, "length", handshake->body.length);
    if (handshake->datagram)
        wtr_field_uint(out, "message_seq", handshake->message_seq);
    switch (handshake->type) {
    case WTR_TLS_CLIENT_HELLO:
        wtr_tls_client_hello_fields(handshake->body, s->quic ? 'q' : handshake->datagram ? 'd' : 't', out);
        break;
    case WTR_TLS_SERVER_HELLO:
        wtr_tls_server_hello_fields(handshake->body, out);
        break;
    case WTR_TLS_HELLO_VERIFY_REQUEST:
        put_cookie(out, handshake);
        break;
    case WTR_TLS_NEW_SESSION_TICKET:
        put_ticket(out, handshake);
        break;
    case WTR_TLS_CERTIFICATE:
        put_chain(out, "certificate_list", &s->chain[message->direction]);
        break;
    case WTR_TLS_SERVER_KEY_EXCHANGE:
        if (s->psk_hint.data)
            wtr_field_bytes(out, "psk_identity_hint", s->psk_hint);
        break;
    case WTR_TLS_CLIENT_KEY_EXCHANGE:
        if (s->psk_identity.data)
            wtr_field_bytes(out, "psk_identity", s->psk_identity);
        break;
    default:
        break;
    }
}

static void put_alert(struct wtr_json_writer *out, const struct wtr_tls_alert *alert)
{
    wtr_json_key(out, "level");
    if (alert->level == 1 || alert->level == 2)
        wtr_json_put_z(out, alert->level == 1 ? "warning" : "fatal");
    else
        wtr_json_put_uint(out, alert->level);
    wtr_json_key(out, "description");
    const char *name = wtr_tls_alert_name(alert->description);
    if (name)
        wtr_json_put_z(out, name);
    else
        wtr_json_put_uint(out, alert->description);
}

/* ---- the session as a whole */

const char *wtr_tls_resumption_name(enum wtr_tls_resumption resumption)
{
    switch (resumption) {
    case WTR_TLS_RESUMED_ID:
        return "session_id";
    case WTR_TLS_RESUMED_TICKET:
        return "session_ticket";
    case WTR_TLS_RESUMED_PSK:
        return "pre_shared_key";
    case WTR_TLS_NOT_RESUMED:
        break;
    }
    return NULL;
}

static void put_negotiated(struct wtr_json_writer *out, const struct wtr_tls_session *s)
{
    if (s->sni.data)
        wtr_field_bytes(out, "server_name", s->sni);
    if (s->version)
        wtr_tls_put_version(out, "version", s->version);
    if (s->server_hello_seen) {
        wtr_json_key(out, "cipher_suite");
        wtr_tls_put_suite(out, s->suite);
    }
    if (s->has_alpn)
        wtr_field_bytes(out, "alpn", s->alpn);
    put_z(out, "resumption", wtr_tls_resumption_name(s->resumption));
    put_z(out, "ja3", s->ja3);
    put_z(out, "ja3s", s->ja3s);
    put_z(out, "ja4", s->ja4);
    if (s->extended_master_secret)
        wtr_field_bool(out, "extended_master_secret", true);
    if (s->encrypt_then_mac)
        wtr_field_bool(out, "encrypt_then_mac", true);
    if (s->psk_hint.data)
        wtr_field_bytes(out, "psk_identity_hint", s->psk_hint);
    if (s->psk_identity.data)
        wtr_field_bytes(out, "psk_identity", s->psk_identity);
    put_chain(out, "server_certificates", &s->chain[WTR_FROM_SERVER]);
    put_chain(out, "client_certificates", &s->chain[WTR_FROM_CLIENT]);
}

static void put_side(struct wtr_json_writer *out, const char *name, const struct wtr_tls_side *side)
{
    wtr_json_key(out, name);
    wtr_json_begin_object(out);
    wtr_field_uint(out, "records", side->records);
    wtr_field_uint(out, "bytes", side->bytes);
    wtr_field_uint(out, "application_data_records", side->application_records);
    wtr_field_uint(out, "application_data_bytes", side->application_bytes);
    if (side->lost)
        wtr_field_bool(out, "gap", true);
    wtr_json_end_object(out);
}

static void put_session(struct wtr_json_writer *out, const struct wtr_tls_session *s)
{
    if (!s->client_hello_seen && !s->server_hello_seen)
        wtr_field_bool(out, "mid_stream", true);
    put_negotiated(out, s);
    if (s->quic)
        return;
    put_side(out, "client", &s->side[WTR_FROM_CLIENT]);
    put_side(out, "server", &s->side[WTR_FROM_SERVER]);
    if (s->verdict.opened)
        wtr_field_bool(out, "opened", true);
    put_z(out, "not_opened", s->verdict.why);
}

void wtr_tls_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_tls_message *m = message->body;
    if (m->handshake)
        put_handshake(out, message, m->handshake);
    else if (m->alert)
        put_alert(out, m->alert);
    else if (m->content_type == 0)
        put_session(out, message->session);
}
