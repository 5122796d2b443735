/* SPDX-License-Identifier: Apache-2.0 */
/* QUIC connections by their ends, and what their Initial packets hold: CRYPTO frames (RFC 9000 17.2.2, 19.6)
 * put together to hellos. A client's packet that no known key opens is tried with the keys that its own
 * destination connection id gives: after a Retry it goes on with the connection (RFC 9001 5.2), else it
 * begins another one. A first packet that they do not open either is not shown to be QUIC, and nothing is
 * said of it. Packets with short headers are not read. */
#include "protocol/quic_wire.h"

#include <stdlib.h>

enum { LONG_HEADER = 0x80 };

struct reading {
    struct wtr_quic_state *state;
    struct wtr_quic_connection *connection; /* NULL: none is known of these ends */
    const struct wtr_datagram *datagram;
    enum wtr_direction direction;
    struct wtr_sink *sink;
};

static enum wtr_bid probe_datagram(const struct wtr_probe *probe)
{
    struct wtr_quic_packet packet;
    if (probe->length < 7 || !(probe->bytes[0] & LONG_HEADER) ||
        !wtr_quic_read_packet(probe->bytes, probe->length, 0, &packet))
        return WTR_BID_NONE;
    return WTR_BID_LIKELY;
}

/* ---- connections */

static bool is_end(const struct wtr_endpoint *a, const struct wtr_endpoint *b)
{
    return a->port == b->port && memcmp(&a->ip, &b->ip, sizeof a->ip) == 0;
}

static uint64_t hash_of(const struct wtr_datagram *d)
{
    uint64_t x = wtr_hash64(d->from.ip.bytes, sizeof d->from.ip.bytes, d->from.port);
    uint64_t y = wtr_hash64(d->to.ip.bytes, sizeof d->to.ip.bytes, d->to.port);
    return wtr_mix64(x + y);
}

static void forget(struct wtr_quic_connection *c)
{
    for (size_t i = 0; i < 2; i++) {
        free(c->crypto[i].bytes);
        wtr_patches_free(&c->crypto[i].patches);
        c->crypto[i] = (struct wtr_quic_crypto){0};
    }
    wtr_tls_free_memory(&c->memory);
}

static void end(struct wtr_quic_connection *c, struct wtr_sink *sink)
{
    wtr_tls_tell_session(&c->memory, &c->about, sink);
    forget(c);
}

static void find_connection(struct reading *r)
{
    const struct wtr_datagram *d = r->datagram;
    const uint64_t *known = wtr_map_find(&r->state->index, hash_of(d));
    struct wtr_quic_connection *c = known ? r->state->connections[*known - 1] : NULL;
    bool from_client = c && is_end(&c->about.from, &d->from) && is_end(&c->about.to, &d->to);
    bool from_server = c && is_end(&c->about.from, &d->to) && is_end(&c->about.to, &d->from);
    r->connection = from_client || from_server ? c : NULL;
    r->direction = from_server ? WTR_FROM_SERVER : WTR_FROM_CLIENT;
}

/* A place for another connection: the next in turn makes room where all are taken. */
static struct wtr_quic_connection *new_connection(struct reading *r)
{
    struct wtr_quic_state *s = r->state;
    size_t at = s->count;
    if (at == WTR_QUIC_MAX_CONNECTIONS) {
        at = s->victim;
        s->victim = (s->victim + 1) % WTR_QUIC_MAX_CONNECTIONS;
        end(s->connections[at], r->sink);
    } else {
        s->connections[at] = calloc(1, sizeof **s->connections);
        if (!s->connections[at])
            return NULL;
        s->count++;
    }
    if (s->index.count >= 2 * (size_t)WTR_QUIC_MAX_CONNECTIONS)
        wtr_map_clear(&s->index); /* those that lose their entry are begun anew */
    wtr_map_put(&s->index, hash_of(r->datagram), at + 1);
    return s->connections[at];
}

/* Begins a connection with what its client's first packet gave. */
static void begin(struct reading *r, const struct wtr_quic_secrets *secrets)
{
    struct wtr_quic_connection *c = r->connection;
    if (c)
        end(c, r->sink);
    else
        c = new_connection(r);
    r->connection = c;
    if (!c)
        return;
    *c = (struct wtr_quic_connection){
        .memory = {.protocol = &wtr_quic, .opener_asked = true}, .about = *r->datagram, .secrets = *secrets};
    c->memory.session.quic = true;
    c->about.span = (struct wtr_span){0};
    r->direction = WTR_FROM_CLIENT;
}

/* ---- telling */

static void tell_packet(const struct reading *r, const struct wtr_quic_packet *packet, const char *type)
{
    const struct wtr_span *all = &r->datagram->span;
    const struct wtr_tls_message body = {.packet = packet};
    struct wtr_piece_list pieces = {0};
    size_t length = packet->end - packet->at;
    if (wtr_piece_list_add(&pieces, all, packet->at, length)) {
        const struct wtr_message message = {
            .protocol = &wtr_quic,
            .type = type,
            .direction = r->direction,
            .span = {all->bytes + packet->at, length, pieces.pieces, pieces.count, all->opening},
            .body = &body,
            .session = &r->connection->memory.session};
        r->sink->message(r->sink->payload, &message);
    }
    wtr_piece_list_free(&pieces);
}

static void read_opened(const struct reading *r, const struct wtr_quic_packet *packet, struct wtr_text plain)
{
    struct wtr_piece_list pieces = {0};
    const struct wtr_tls_place place = {
        .memory = &r->connection->memory, .direction = r->direction, .sink = r->sink};
    tell_packet(r, packet, "initial");
    if (wtr_piece_list_add(&pieces, &r->datagram->span, packet->sealed_at, plain.length)) {
        const struct wtr_span span = {(const uint8_t *)plain.data, plain.length, pieces.pieces, pieces.count,
                                      &wtr_quic_opening};
        wtr_quic_read_frames(&place, &r->connection->crypto[r->direction], &span);
    }
    wtr_piece_list_free(&pieces);
}

/* ---- packets */

static bool try_keys(const struct reading *r, struct wtr_quic_secrets *secrets,
                     struct wtr_quic_packet *packet, struct wtr_text *plain)
{
    uint64_t largest = r->connection ? r->connection->largest[r->direction] : 0;
    return secrets->version == packet->version &&
           wtr_quic_open(&secrets->keys[r->direction], r->datagram->span.bytes, packet, largest,
                         r->state->scratch, plain);
}

static bool is_cid(struct wtr_text cid, const uint8_t *bytes, uint8_t length)
{
    return cid.length == length && (length == 0 || memcmp(cid.data, bytes, length) == 0);
}

/* With what is known of the connection; or, in another version, with the same connection id (RFC 9369 4). */
static bool open_known(struct reading *r, struct wtr_quic_packet *packet, struct wtr_text *plain)
{
    struct wtr_quic_connection *c = r->connection;
    if (!c)
        return false;
    if (packet->version == c->secrets.version)
        return try_keys(r, &c->secrets, packet, plain);
    struct wtr_quic_secrets other;
    if (!wtr_quic_derive(packet->version, wtr_text_of(c->secrets.cid, c->secrets.cid_length), &other) ||
        !try_keys(r, &other, packet, plain))
        return false;
    c->secrets = other;
    return true;
}

/* With the keys that a client's packet itself gives. */
static bool open_new(struct reading *r, struct wtr_quic_packet *packet, struct wtr_text *plain)
{
    struct wtr_quic_secrets secrets;
    struct wtr_quic_connection *c = r->connection;
    uint64_t hash = hash_of(r->datagram);
    uint64_t *refused = &r->state->refused[hash % WTR_QUIC_REFUSED];
    if (r->direction != WTR_FROM_CLIENT || (!c && *refused == hash))
        return false;
    if (!wtr_quic_derive(packet->version, packet->dcid, &secrets) || !try_keys(r, &secrets, packet, plain)) {
        *refused = hash;
        return false;
    }
    if (c && c->retried && is_cid(packet->dcid, c->retry_cid, c->retry_cid_length))
        c->secrets = secrets;
    else
        begin(r, &secrets);
    return r->connection != NULL;
}

static void take_initial(struct reading *r, struct wtr_quic_packet *packet)
{
    struct wtr_text plain;
    if (open_known(r, packet, &plain) || open_new(r, packet, &plain)) {
        uint64_t *largest = &r->connection->largest[r->direction];
        if (packet->number > *largest)
            *largest = packet->number;
        read_opened(r, packet, plain);
    } else if (r->connection) {
        r->sink->finding(r->sink->payload, &r->datagram->span, packet->at, packet->end - packet->at,
                         "an Initial packet that its keys do not open");
    }
}

static void take_retry(const struct reading *r, const struct wtr_quic_packet *packet)
{
    struct wtr_quic_connection *c = r->connection;
    if (!c || r->direction != WTR_FROM_SERVER)
        return;
    c->retried = true;
    c->retry_cid_length = (uint8_t)packet->scid.length;
    if (packet->scid.length > 0)
        memcpy(c->retry_cid, packet->scid.data, packet->scid.length);
    tell_packet(r, packet, "retry");
}

static void datagram(void *state, const struct wtr_datagram *d, struct wtr_sink *sink)
{
    struct reading r = {.state = state, .datagram = d, .sink = sink};
    const struct wtr_span *span = &d->span;
    if (!r.state->scratch)
        r.state->scratch = malloc(WTR_QUIC_DATAGRAM);
    if (!r.state->scratch || span->length > WTR_QUIC_DATAGRAM)
        return;
    find_connection(&r);
    for (size_t at = 0; at < span->length;) {
        struct wtr_quic_packet packet;
        if (!wtr_quic_read_packet(span->bytes, span->length, at, &packet))
            return; /* a short header, another version, or padding */
        if (packet.type == WTR_QUIC_INITIAL)
            take_initial(&r, &packet);
        else if (packet.type == WTR_QUIC_RETRY)
            take_retry(&r, &packet);
        else if (packet.type == WTR_QUIC_VERSION_NEGOTIATION && r.connection &&
                 r.direction == WTR_FROM_SERVER)
            tell_packet(&r, &packet, "version_negotiation");
        at = packet.end;
    }
}

/* ---- the protocol */

static void close_datagrams(void *state)
{
    struct wtr_quic_state *s = state;
    for (size_t i = 0; i < s->count; i++) {
        forget(s->connections[i]);
        free(s->connections[i]);
    }
    wtr_map_free(&s->index);
    free(s->scratch);
}

static void finish_datagrams(void *state, struct wtr_sink *sink)
{
    struct wtr_quic_state *s = state;
    for (size_t i = 0; i < s->count; i++)
        end(s->connections[i], sink);
}

const struct wtr_protocol wtr_quic = {
    .name = "quic",
    .probe_datagram = probe_datagram,
    .datagram_state_size = sizeof(struct wtr_quic_state),
    .close_datagrams = close_datagrams,
    .datagram = datagram,
    .general = true,
    .fields = wtr_quic_fields,
    .finish_datagrams = finish_datagrams,
};
