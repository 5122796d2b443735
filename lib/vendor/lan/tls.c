/* SPDX-License-Identifier: Apache-2.0 */
/* TLS, DTLS and QUIC: what hosts reach for, and what can be known of it from outside. Each connection as a
 * whole is stated of the host that opened it, and of the one that answered where its address is a local one;
 * what is stated of a host counts only if it turns out to be a plug. */
#include "protocol/tls.h"

#include "model/devices.h"
#include "vendor/lan/reading.h"

bool wtr_lan_wants_tls(const struct wtr_message *message)
{
    const struct wtr_tls_message *m = message->body;
    return m->content_type == 0 && !m->packet;
}

/* ---- values */

static void say_z(struct wtr_say *say, enum wtr_field field, const char *text)
{
    if (text && text[0])
        wtr_say_text(say, field, wtr_text_z(text));
}

static void say_digest(struct wtr_say *say, enum wtr_field field, const uint8_t digest[32])
{
    struct wtr_buffer *text = wtr_say_scratch(say);
    wtr_buffer_clear(text);
    wtr_put_hex(text, digest, 32);
    wtr_say_text(say, field, wtr_buffer_text(text));
}

/* The name that IANA gives, or the number as it stands in hellos. */
static void say_number(struct wtr_say *say, enum wtr_field field, const char *name, uint16_t number)
{
    const uint8_t bytes[] = {(uint8_t)(number >> 8), (uint8_t)number};
    struct wtr_buffer *text = wtr_say_scratch(say);
    wtr_buffer_clear(text);
    wtr_put_z(text, name ? name : "0x");
    if (!name)
        wtr_put_hex(text, bytes, sizeof bytes);
    wtr_say_text(say, field, wtr_buffer_text(text));
}

static void say_certificates(struct wtr_say *say, const struct wtr_tls_chain *chain)
{
    struct wtr_buffer *text = wtr_say_scratch(say);
    wtr_buffer_clear(text);
    for (size_t i = 0; i < chain->count && i < WTR_TLS_MAX_CERTIFICATES; i++) {
        if (!chain->list[i])
            continue;
        if (text->length)
            wtr_put_z(text, ", ");
        wtr_put_hex(text, chain->list[i]->sha256, sizeof chain->list[i]->sha256);
    }
    wtr_say_text(say, WTR_FIELD_CERTIFICATE_SHA256, wtr_buffer_text(text));
}

static const char *validity_at(const struct wtr_tls_certificate *c, int64_t time_ns)
{
    return time_ns < c->not_before_ns ? "before" : time_ns > c->not_after_ns ? "after" : "within";
}

/* The server's own certificate, which stands first (RFC 5246 7.4.2). */
static void say_own_certificate(struct wtr_say *say, const struct wtr_tls_certificate *c)
{
    if (c->has_spki)
        say_digest(say, WTR_FIELD_SPKI_SHA256, c->spki_sha256);
    say_z(say, WTR_FIELD_CERTIFICATE_SUBJECT, c->subject);
    say_z(say, WTR_FIELD_CERTIFICATE_ISSUER, c->issuer);
    say_z(say, WTR_FIELD_CERTIFICATE_SERIAL, c->serial);
    say_z(say, WTR_FIELD_NOT_BEFORE, c->not_before);
    say_z(say, WTR_FIELD_NOT_AFTER, c->not_after);
    if (c->read)
        say_z(say, WTR_FIELD_VALIDITY, validity_at(c, wtr_say_time_ns(say)));
}

static void say_negotiated(struct wtr_say *say, const struct wtr_tls_session *s)
{
    if (s->sni.data)
        wtr_say_text(say, WTR_FIELD_SNI, s->sni);
    if (s->version)
        say_number(say, WTR_FIELD_TLS_VERSION, wtr_tls_version_name(s->version), s->version);
    if (s->server_hello_seen)
        say_number(say, WTR_FIELD_CIPHER_SUITE, wtr_tls_suite_name(s->suite), s->suite);
    if (s->has_alpn && !s->alpn_opened)
        wtr_say_text(say, WTR_FIELD_ALPN, s->alpn);
    say_z(say, WTR_FIELD_RESUMPTION, wtr_tls_resumption_name(s->resumption));
    if (s->psk_identity.data)
        wtr_say_text(say, WTR_FIELD_PSK_IDENTITY, s->psk_identity);
    say_z(say, WTR_FIELD_JA3, s->ja3);
    say_z(say, WTR_FIELD_JA3S, s->ja3s);
    say_z(say, WTR_FIELD_JA4, s->ja4);
    const struct wtr_tls_chain *chain = &s->chain[WTR_FROM_SERVER];
    if (chain->count == 0 || chain->opened || !chain->list[0])
        return;
    say_certificates(say, chain);
    say_own_certificate(say, chain->list[0]);
}

static void say_counts(struct wtr_say *say, const struct wtr_tls_session *s)
{
    const struct wtr_tls_side *client = &s->side[WTR_FROM_CLIENT], *server = &s->side[WTR_FROM_SERVER];
    wtr_say_int(say, WTR_FIELD_CLIENT_RECORDS, (int64_t)client->records);
    wtr_say_int(say, WTR_FIELD_SERVER_RECORDS, (int64_t)server->records);
    wtr_say_int(say, WTR_FIELD_CLIENT_BYTES, (int64_t)client->bytes);
    wtr_say_int(say, WTR_FIELD_SERVER_BYTES, (int64_t)server->bytes);
    bool begun = s->client_hello_seen && (s->server_hello_seen || !server->seen);
    if (!begun || client->lost || server->lost)
        wtr_say_bool(say, WTR_FIELD_INCOMPLETE, true);
}

/* ---- statements */

static void say_endpoint(struct wtr_say *say, enum wtr_field field, const struct wtr_endpoint *end)
{
    char text[WTR_ENDPOINT_TEXT];
    size_t length = wtr_endpoint_text(end, text);
    wtr_say_text(say, field, wtr_text_of(text, length));
}

static void say_session(const struct wtr_lan_reading *r, wtr_device_ref device, bool is_client)
{
    const struct wtr_tls_session *s = r->message->session;
    struct wtr_say *say = r->say;
    wtr_say_begin(say, WTR_KIND_TLS_SESSION, device);
    say_z(say, WTR_FIELD_ROLE, is_client ? "client" : "server");
    say_endpoint(say, WTR_FIELD_PEER, is_client ? wtr_say_receiver(say) : wtr_say_sender(say));
    say_z(say, WTR_FIELD_TRANSPORT, r->message->protocol->name);
    say_negotiated(say, s);
    if (!s->quic)
        say_counts(say, s);
    if (s->verdict.opened)
        wtr_say_bool(say, WTR_FIELD_DECRYPTED, true);
    say_z(say, WTR_FIELD_NOT_DECRYPTED, s->verdict.why);
    wtr_say_end(say);
}

static void say_contact(const struct wtr_lan_reading *r, wtr_device_ref device, struct wtr_text sni)
{
    wtr_say_begin(r->say, WTR_KIND_NETWORK_CONTACT, device);
    wtr_say_text(r->say, WTR_FIELD_SERVER, sni);
    say_endpoint(r->say, WTR_FIELD_PEER, wtr_say_receiver(r->say));
    wtr_say_end(r->say);
}

/* An address that is not reached from outside: RFC 1918, RFC 3927, RFC 4193, RFC 4291 2.5.6, loopback. */
static bool is_local(const struct wtr_ip *ip)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *b = ip->bytes, *v4 = b + 12;
    if (memcmp(b, mapped, sizeof mapped) != 0)
        return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
    return v4[0] == 10 || v4[0] == 127 || (v4[0] == 172 && (v4[1] & 0xf0) == 16) ||
           (v4[0] == 192 && v4[1] == 168) || (v4[0] == 169 && v4[1] == 254);
}

void wtr_lan_read_tls(const struct wtr_lan_reading *r)
{
    const struct wtr_tls_session *s = r->message->session;
    const struct wtr_ip *client = &wtr_say_sender(r->say)->ip, *server = &wtr_say_receiver(r->say)->ip;
    wtr_device_ref device = wtr_say_bystander_at(r->say, WTR_LAN_VENDOR, client);
    say_session(r, device, true);
    if (s->sni.data)
        say_contact(r, device, s->sni);
    if (is_local(server))
        say_session(r, wtr_say_bystander_at(r->say, WTR_LAN_VENDOR, server), false);
}
