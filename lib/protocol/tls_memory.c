/* SPDX-License-Identifier: Apache-2.0 */
/* From what was read of a connection to messages: handshake messages, alerts, changes of ciphers, and at the
 * end the connection as a whole. The same for TLS and DTLS. */
#include "protocol/tls_wire.h"

#include <stdlib.h>

void wtr_tls_free_memory(struct wtr_tls_memory *memory)
{
    wtr_tls_opener_close(memory);
    for (size_t i = 0; i < 2; i++) {
        free(memory->opened[i].bytes);
        wtr_piece_list_free(&memory->opened[i].pieces);
        memory->opened[i] = (struct wtr_tls_assembly){0};
    }
    free((void *)memory->cited.data);
    memory->cited = (struct wtr_text){NULL, 0};
    wtr_piece_list_free(&memory->cited_pieces);
    wtr_tls_free_session(&memory->session);
}

void wtr_tls_find(const struct wtr_tls_place *place, const struct wtr_span *span, size_t at, size_t length,
                  const char *reason)
{
    place->sink->finding(place->sink->payload, span, at, length, reason);
}

/* ---- what the whole session cites */

void wtr_tls_cite(struct wtr_tls_memory *memory, const struct wtr_span *span, bool hello)
{
    if (memory->cites_hello || (memory->cited.data && !hello) || (span->opening && !memory->session.quic))
        return;
    size_t length = span->length < WTR_TLS_MAX_KEPT ? span->length : WTR_TLS_MAX_KEPT;
    char *copy = malloc(length + 1);
    wtr_piece_list_clear(&memory->cited_pieces);
    if (!copy || !wtr_piece_list_add(&memory->cited_pieces, span, 0, length)) {
        free(copy);
        return;
    }
    memcpy(copy, span->bytes, length);
    free((void *)memory->cited.data);
    memory->cited = (struct wtr_text){copy, length};
    memory->cites_hello = hello;
    memory->cited_opening = span->opening;
}

static struct wtr_span cited_span(const struct wtr_tls_memory *memory)
{
    return (struct wtr_span){.bytes = (const uint8_t *)memory->cited.data,
                             .length = memory->cited.length,
                             .pieces = memory->cited_pieces.pieces,
                             .piece_count = memory->cited_pieces.count,
                             .opening = memory->cited_opening};
}

/* ---- messages */

static void tell(const struct wtr_tls_place *place, const char *type, const struct wtr_tls_message *body,
                 const struct wtr_span *span)
{
    const struct wtr_message message = {.protocol = place->memory->protocol,
                                        .type = type,
                                        .direction = place->direction,
                                        .span = *span,
                                        .body = body,
                                        .session = &place->memory->session,
                                        .about = place->about};
    place->sink->message(place->sink->payload, &message);
}

static const char *type_of(const struct wtr_tls_handshake *message)
{
    struct wtr_tls_hello hello;
    const char *name = wtr_tls_handshake_name(message->type);
    if (message->type == WTR_TLS_SERVER_HELLO && wtr_tls_read_server_hello(message->body, &hello) &&
        wtr_tls_is_retry(&hello))
        return "hello_retry_request";
    return name ? name : "handshake";
}

void wtr_tls_tell_handshake(const struct wtr_tls_place *place, const struct wtr_tls_handshake *message,
                            const struct wtr_span *span)
{
    struct wtr_tls_memory *memory = place->memory;
    bool first_hello = message->type == WTR_TLS_CLIENT_HELLO && !memory->session.client_hello_seen;
    const char *wrong = wtr_tls_take_handshake(&memory->session, place->direction, message);
    if (wrong)
        wtr_tls_find(place, span, 0, span->length, wrong);
    wtr_tls_cite(memory, span, first_hello && memory->session.client_hello_seen);
    wtr_tls_opener_handshake(memory, place->direction, message);
    const struct wtr_tls_message body = {.content_type = WTR_TLS_HANDSHAKE, .handshake = message};
    tell(place, type_of(message), &body, span);
}

void wtr_tls_tell_alert(const struct wtr_tls_place *place, const struct wtr_span *body)
{
    const struct wtr_tls_alert alert = {
        .level = body->bytes[0], .description = body->bytes[1], .encrypted = place->encrypted};
    const struct wtr_tls_message message = {.content_type = WTR_TLS_ALERT, .alert = &alert};
    struct wtr_tls_side *side = &place->memory->session.side[place->direction];
    side->alert_level = alert.level;
    side->alert = alert.description;
    tell(place, "alert", &message, body);
}

/* Up to 1.2 a server that changes ciphers without having ended its part of a full handshake resumes; where
 * the client offered a ticket it is that, whether or not the session id is echoed (RFC 5077 3.4). */
static void note_short_handshake(struct wtr_tls_session *s)
{
    bool old = s->version != 0 && !wtr_tls_is_13(s->version);
    if (old && s->server_hello_seen && !s->server_hello_done && !s->side[WTR_FROM_SERVER].lost &&
        s->resumption == WTR_TLS_NOT_RESUMED && s->ticket.length > 0)
        s->resumption = WTR_TLS_RESUMED_TICKET;
}

void wtr_tls_tell_change(const struct wtr_tls_place *place, const struct wtr_span *body)
{
    const struct wtr_tls_message message = {.content_type = WTR_TLS_CHANGE_CIPHER_SPEC};
    struct wtr_tls_session *s = &place->memory->session;
    if (place->direction == WTR_FROM_SERVER && !s->side[WTR_FROM_SERVER].change_cipher_spec)
        note_short_handshake(s);
    s->side[place->direction].change_cipher_spec = true;
    if (!s->datagram && !wtr_tls_is_13(s->version))
        s->side[place->direction].sequence = 0;
    wtr_tls_opener_change(place->memory, place->direction);
    tell(place, "change_cipher_spec", &message, body);
}

void wtr_tls_tell_session(struct wtr_tls_memory *memory, const struct wtr_datagram *about,
                          struct wtr_sink *sink)
{
    static const struct wtr_tls_message body = {.content_type = 0};
    wtr_tls_opener_finish(memory, sink);
    if (!memory->cited.data)
        return;
    const struct wtr_message message = {.protocol = memory->protocol,
                                        .type = "session",
                                        .direction = WTR_FROM_CLIENT,
                                        .span = cited_span(memory),
                                        .body = &body,
                                        .session = &memory->session,
                                        .about = about};
    sink->message(sink->payload, &message);
}

/* ---- records */

void wtr_tls_count(struct wtr_tls_memory *memory, const struct wtr_tls_record *record, size_t header)
{
    struct wtr_tls_side *side = &memory->session.side[record->direction];
    if (!side->seen)
        side->first_ns = record->time_ns;
    side->seen = true;
    side->last_ns = record->time_ns;
    side->records++;
    side->bytes += header + record->length;
    if (record->content_type == WTR_TLS_APPLICATION_DATA) {
        side->application_records++;
        side->application_bytes += record->length;
    }
    if (record->encrypted)
        side->sequence++;
    else
        memory->session.record_version = record->version;
}
