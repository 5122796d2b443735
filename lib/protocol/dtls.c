/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS 1.0 and 1.2 (RFC 4347, 6347): the records of datagrams, kept apart by their ends. Handshake messages
 * are read in epoch 0, where nothing is enciphered. The records of DTLS 1.3 (RFC 9147 4) and those with
 * connection ids (RFC 9146) are recognised within a connection and read no further, as where they end is not
 * said. */
#include "protocol/dtls_wire.h"

#include <stdlib.h>

enum { CLEAR_ALERT = 2, UNIFIED_MASK = 0xe0, UNIFIED = 0x20 /* RFC 9147 4 */ };

/* ---- the probe */

static bool is_header(const uint8_t *b)
{
    uint16_t number = wtr_be16(b + 1);
    bool version = number == WTR_DTLS_1_0 || number == WTR_DTLS_1_2 || number == WTR_DTLS_OLD;
    uint16_t length = wtr_be16(b + 11);
    return b[0] >= WTR_TLS_CHANGE_CIPHER_SPEC && b[0] <= WTR_TLS_CID && version && length > 0 &&
           length <= WTR_TLS_MAX_BODY;
}

static enum wtr_bid probe_datagram(const struct wtr_probe *probe)
{
    struct wtr_dtls_fragment fragment;
    const uint8_t *b = probe->bytes;
    if (probe->length < WTR_DTLS_HEADER || !is_header(b))
        return WTR_BID_NONE;
    size_t at = 0;
    while (probe->length - at >= WTR_DTLS_HEADER && is_header(b + at) &&
           wtr_be16(b + at + 11) <= probe->length - at - WTR_DTLS_HEADER)
        at += WTR_DTLS_HEADER + (size_t)wtr_be16(b + at + 11);
    bool chained = at == probe->length || (at > 0 && (b[at] & UNIFIED_MASK) == UNIFIED);
    bool hello = b[0] == WTR_TLS_HANDSHAKE && wtr_be16(b + 3) == 0 &&
                 wtr_dtls_read_fragment(b + WTR_DTLS_HEADER, probe->length - WTR_DTLS_HEADER, &fragment) &&
                 wtr_tls_handshake_name(fragment.type);
    return hello && chained ? WTR_BID_CERTAIN : chained ? WTR_BID_LIKELY : WTR_BID_NONE;
}

/* ---- connections */

static uint64_t hash_of(const struct wtr_endpoint *a, const struct wtr_endpoint *b)
{
    uint64_t x = wtr_hash64(a->ip.bytes, sizeof a->ip.bytes, a->port);
    uint64_t y = wtr_hash64(b->ip.bytes, sizeof b->ip.bytes, b->port);
    return wtr_mix64(x + y);
}

static bool is_end(const struct wtr_endpoint *a, const struct wtr_endpoint *b)
{
    return a->port == b->port && memcmp(&a->ip, &b->ip, sizeof a->ip) == 0;
}

static void flush_both(struct wtr_dtls_state *state, struct wtr_dtls_connection *c, struct wtr_sink *sink)
{
    struct wtr_tls_place place = {.memory = &c->memory, .sink = sink, .about = &c->about};
    for (int d = WTR_FROM_CLIENT; d <= WTR_FROM_SERVER; d++) {
        place.direction = (enum wtr_direction)d;
        wtr_dtls_flush(state, c, &place);
    }
}

/* Ends the connection: says what there is to say of it. */
static void end(struct wtr_dtls_state *state, struct wtr_dtls_connection *c, struct wtr_sink *sink)
{
    flush_both(state, c, sink);
    wtr_tls_tell_session(&c->memory, &c->about, sink);
    wtr_tls_free_memory(&c->memory);
}

/* Without a hello, the end that the port makes the client, or the one with the higher port. */
static void guess_ends(struct wtr_dtls_connection *c, const struct wtr_datagram *d)
{
    bool from_client = d->direction == WTR_FROM_SERVER ? false
                       : d->to.port == 5684            ? true
                                                       : d->from.port >= d->to.port;
    c->about = (struct wtr_datagram){
        .from = from_client ? d->from : d->to, .to = from_client ? d->to : d->from, .path = d->path};
}

static void start(struct wtr_dtls_state *state, struct wtr_dtls_connection *c, const struct wtr_datagram *d)
{
    *c = (struct wtr_dtls_connection){.memory = {.protocol = &wtr_dtls, .setup = state->setup}};
    c->memory.session.datagram = true;
    guess_ends(c, d);
}

/* A place for another connection: the next in turn makes room where all are taken. */
static struct wtr_dtls_connection **place_for(struct wtr_dtls_state *state, struct wtr_sink *sink)
{
    if (state->count < WTR_DTLS_MAX_CONNECTIONS) {
        struct wtr_dtls_connection **place = &state->connections[state->count];
        *place = calloc(1, sizeof **place);
        state->count += *place != NULL;
        return *place ? place : NULL;
    }
    struct wtr_dtls_connection **victim = &state->connections[state->victim];
    state->victim = (state->victim + 1) % WTR_DTLS_MAX_CONNECTIONS;
    end(state, *victim, sink);
    return victim;
}

static struct wtr_dtls_connection *connection_of(struct wtr_dtls_state *state, const struct wtr_datagram *d,
                                                 struct wtr_sink *sink)
{
    uint64_t hash = hash_of(&d->from, &d->to);
    const uint64_t *known = wtr_map_find(&state->index, hash);
    struct wtr_dtls_connection *c = known ? state->connections[*known - 1] : NULL;
    if (c && ((is_end(&c->about.from, &d->from) && is_end(&c->about.to, &d->to)) ||
              (is_end(&c->about.from, &d->to) && is_end(&c->about.to, &d->from))))
        return c;
    struct wtr_dtls_connection **place = place_for(state, sink);
    if (!place)
        return NULL;
    if (state->index.count >= 2 * (size_t)WTR_DTLS_MAX_CONNECTIONS)
        wtr_map_clear(&state->index); /* those that lose their entry are begun anew */
    if (!wtr_map_put(&state->index, hash, (uint64_t)(place - state->connections) + 1))
        return NULL;
    start(state, *place, d);
    return *place;
}

/* ---- one datagram */

struct reading {
    struct wtr_dtls_state *state;
    struct wtr_dtls_connection *connection;
    const struct wtr_datagram *datagram;
    struct wtr_tls_place place;
};

static void set_direction(struct reading *r)
{
    bool from_client = is_end(&r->connection->about.from, &r->datagram->from);
    r->place.direction = from_client ? WTR_FROM_CLIENT : WTR_FROM_SERVER;
}

/* The sender of a ClientHello is the client. One with another random than before, and without what would make
 * it the second of its handshake, begins another connection (RFC 6347 4.2.8). */
static void note_client_hello(struct reading *r, const uint8_t *body, const struct wtr_dtls_fragment *f)
{
    struct wtr_dtls_connection *c = r->connection;
    const struct wtr_tls_session *s = &c->memory.session;
    bool another = f->offset == 0 && f->message_seq == 0 && f->fragment_length >= 2 + WTR_TLS_RANDOM &&
                   s->client_hello_seen && memcmp(s->client_random, body + 2, WTR_TLS_RANDOM) != 0;
    if (another) {
        struct wtr_datagram about = c->about;
        end(r->state, c, r->place.sink);
        start(r->state, c, r->datagram);
        c->about = about;
    }
    if (another || !c->ends_known) {
        c->about.from = r->datagram->from;
        c->about.to = r->datagram->to;
        c->ends_known = true;
    }
    set_direction(r);
}

/* The fragments of a record in clear. */
static void read_fragments(struct reading *r, size_t at, size_t length)
{
    const struct wtr_span *span = &r->datagram->span;
    for (size_t end_at = at + length; at < end_at;) {
        struct wtr_dtls_fragment f;
        if (!wtr_dtls_read_fragment(span->bytes + at, end_at - at, &f)) {
            wtr_tls_find(&r->place, span, at, end_at - at,
                         "a handshake fragment whose lengths do not fit together");
            return;
        }
        if (f.type == WTR_TLS_CLIENT_HELLO)
            note_client_hello(r, span->bytes + at + WTR_DTLS_MESSAGE_HEADER, &f);
        wtr_dtls_take_fragment(r->state, r->connection, &r->place, span, at, &f);
        at += WTR_DTLS_MESSAGE_HEADER + (size_t)f.fragment_length;
    }
}

static struct wtr_tls_record record_at(const struct reading *r, size_t at)
{
    const uint8_t *header = r->datagram->span.bytes + at;
    uint64_t sequence = (uint64_t)wtr_be16(header + 5) << 32 | wtr_be32(header + 7);
    struct wtr_tls_record record = {.direction = r->place.direction,
                                    .content_type = header[0],
                                    .version = wtr_be16(header + 1),
                                    .length = wtr_be16(header + 11),
                                    .epoch = wtr_be16(header + 3),
                                    .sequence = sequence};
    record.encrypted = record.epoch > 0;
    record.origin = wtr_span_locate(&r->datagram->span, at, WTR_DTLS_HEADER + (size_t)record.length);
    record.time_ns = record.origin.time_ns;
    return record;
}

static void with_part(struct reading *r, size_t at, size_t length, const struct wtr_tls_record *record)
{
    const struct wtr_span *all = &r->datagram->span;
    struct wtr_piece_list pieces = {0};
    if (wtr_piece_list_add(&pieces, all, at, length)) {
        const struct wtr_span part = {all->bytes + at, length, pieces.pieces, pieces.count, all->opening};
        if (record->encrypted)
            wtr_tls_open_record(&r->place, record, &part);
        else if (record->content_type == WTR_TLS_ALERT)
            wtr_tls_tell_alert(&r->place, &part);
        else
            wtr_tls_tell_change(&r->place, &part);
    }
    wtr_piece_list_free(&pieces);
}

/* Cites the record's header, or what of it lies in the first piece. */
static void cite_header(const struct reading *r, size_t at)
{
    struct wtr_piece piece;
    size_t count = wtr_span_cut(&r->datagram->span, at, WTR_DTLS_HEADER, &piece, 1);
    const struct wtr_span header = {r->datagram->span.bytes + at, piece.length, &piece, 1, NULL};
    if (count > 0)
        wtr_tls_cite(&r->connection->memory, &header, false);
}

static void read_record(struct reading *r, size_t at)
{
    struct wtr_tls_record record = record_at(r, at);
    size_t body = at + WTR_DTLS_HEADER;
    struct wtr_tls_memory *memory = &r->connection->memory;
    if (!record.encrypted && record.content_type == WTR_TLS_HANDSHAKE) {
        read_fragments(r, body, record.length);
        record.direction = r->place.direction;
    }
    wtr_tls_count(memory, &record, WTR_DTLS_HEADER);
    if (r->place.sink->record)
        r->place.sink->record(r->place.sink->payload, &record);
    if (!memory->cited.data)
        cite_header(r, at);
    if (record.encrypted || record.content_type == WTR_TLS_CHANGE_CIPHER_SPEC)
        wtr_dtls_flush(r->state, r->connection, &r->place);
    if (record.encrypted) {
        if (wtr_tls_wants(memory, &record))
            with_part(r, at, WTR_DTLS_HEADER + (size_t)record.length, &record);
    } else if (record.content_type == WTR_TLS_CHANGE_CIPHER_SPEC ||
               (record.content_type == WTR_TLS_ALERT && record.length == CLEAR_ALERT)) {
        with_part(r, body, record.length, &record);
    }
}

static void datagram(void *state, const struct wtr_datagram *d, struct wtr_sink *sink)
{
    struct reading r = {.state = state, .datagram = d};
    const uint8_t *bytes = d->span.bytes;
    r.connection = connection_of(state, d, sink);
    if (!r.connection)
        return;
    r.place = (struct wtr_tls_place){.memory = &r.connection->memory, .sink = sink};
    set_direction(&r);
    for (size_t at = 0; at < d->span.length;) {
        size_t left = d->span.length - at;
        if (left < WTR_DTLS_HEADER || !is_header(bytes + at) || bytes[at] == WTR_TLS_CID)
            return; /* another form of record, or cut off by the capture */
        size_t whole = WTR_DTLS_HEADER + (size_t)wtr_be16(bytes + at + 11);
        if (whole > left)
            return;
        read_record(&r, at);
        at += whole;
    }
}

/* ---- the protocol */

static void open_datagrams(void *state, const struct wtr_session_setup *setup)
{
    struct wtr_dtls_state *s = state;
    s->setup = *setup;
}

static void close_datagrams(void *state)
{
    struct wtr_dtls_state *s = state;
    for (size_t i = 0; i < s->count; i++) {
        for (size_t d = 0; d < 2; d++)
            for (size_t k = 0; k < WTR_DTLS_WAITING; k++) {
                free(s->connections[i]->waiting[d][k].bytes);
                wtr_patches_free(&s->connections[i]->waiting[d][k].patches);
            }
        wtr_tls_free_memory(&s->connections[i]->memory);
        free(s->connections[i]);
    }
    wtr_map_free(&s->index);
}

static void finish_datagrams(void *state, struct wtr_sink *sink)
{
    struct wtr_dtls_state *s = state;
    for (size_t i = 0; i < s->count; i++)
        end(s, s->connections[i], sink);
}

/* CoAP over DTLS (RFC 7252 6.2). */
static const uint16_t ports[] = {5684, 0};

const struct wtr_protocol wtr_dtls = {
    .name = "dtls",
    .probe_datagram = probe_datagram,
    .datagram_state_size = sizeof(struct wtr_dtls_state),
    .open_datagrams = open_datagrams,
    .close_datagrams = close_datagrams,
    .datagram = datagram,
    .general = true,
    .fields = wtr_tls_fields,
    .ports = ports,
    .finish_datagrams = finish_datagrams,
};
