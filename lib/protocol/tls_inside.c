/* SPDX-License-Identifier: Apache-2.0 */
/* What stands inside: of TLS a stream of bytes each way (inner_stream.h), of DTLS a datagram in each record.
 */
#include "protocol/tls_opener.h"

#include "base/bytes.h"
#include "protocol/data.h"

#include <stdlib.h>

/* What is told of a datagram's messages. */
struct showing {
    const struct wtr_tls_opening *opening;
    struct wtr_sink *sink;
    uint64_t connection;
};

/* Messages of all connections share one space of exchanges. */
static uint64_t connection_of(const struct wtr_tls_session *s)
{
    return wtr_hash64(s->client_random, WTR_TLS_RANDOM, 1);
}

static void on_message(void *payload, const struct wtr_message *message)
{
    const struct showing *showing = payload;
    struct wtr_message shown = *message;
    shown.over = wtr_inner_over("dtls", message->over);
    if (shown.exchange)
        shown.exchange = wtr_mix64(shown.exchange ^ showing->connection) | 1;
    showing->sink->message(showing->sink->payload, &shown);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    const struct showing *showing = payload;
    showing->sink->finding(showing->sink->payload, span, at, length, reason);
}

/* The protocol that bids highest, and alone; NULL: none. */
static const struct wtr_protocol *winner_of(struct wtr_text plain)
{
    const struct wtr_probe probe = {.bytes = (const uint8_t *)plain.data, .length = plain.length};
    const struct wtr_protocol *winner = NULL;
    enum wtr_bid highest = WTR_BID_MORE;
    bool tie = false;
    for (const struct wtr_protocol *const *p = wtr_protocols; *p; p++) {
        bool inside = (*p)->probe_datagram && strcmp((*p)->name, "dtls") != 0;
        enum wtr_bid bid = inside ? (*p)->probe_datagram(&probe) : WTR_BID_NONE;
        tie = bid > highest ? false : tie || (bid == highest && winner);
        if (bid > highest) {
            highest = bid;
            winner = *p;
        }
    }
    return tie ? NULL : winner;
}

static void close_datagrams(struct wtr_tls_opening *o)
{
    if (o->datagrams && o->datagrams->close_datagrams)
        o->datagrams->close_datagrams(o->datagram_state);
    free(o->datagram_state);
    o->datagrams = NULL;
    o->datagram_state = NULL;
}

/* The state of the protocol, which is the first that claimed a datagram. */
static bool begin_datagrams(struct wtr_tls_opening *o, const struct wtr_protocol *protocol)
{
    const struct wtr_session_setup setup = {.keys = o->keys};
    if (o->datagrams)
        return o->datagrams == protocol;
    o->datagram_state = calloc(1, protocol->datagram_state_size ? protocol->datagram_state_size : 1);
    if (!o->datagram_state)
        return false;
    o->datagrams = protocol;
    if (protocol->open_datagrams)
        protocol->open_datagrams(o->datagram_state, &setup);
    return true;
}

static void show_data(const struct wtr_tls_opening *o, enum wtr_direction direction,
                      const struct wtr_span *span, struct wtr_sink *sink)
{
    const struct wtr_data data = {wtr_text_of(span->bytes, span->length), o->inner.inside};
    const struct wtr_message message = {.protocol = &wtr_data,
                                        .type = "data",
                                        .direction = direction,
                                        .span = *span,
                                        .body = &data,
                                        .over = o->inner.inside};
    sink->message(sink->payload, &message);
}

/* The opened datagram as a span: with places, its pieces are those of the part that it was made from. */
static struct wtr_span span_of(struct wtr_tls_opening *o, struct wtr_text plain, struct wtr_piece *pieces,
                               size_t room)
{
    struct wtr_span span = {(const uint8_t *)plain.data, plain.length, o->pieces, o->piece_count,
                            &o->opening};
    if (o->opening.keeps_places) {
        span.piece_count = wtr_span_cut(&o->unit, o->at, plain.length, pieces, room);
        span.pieces = pieces;
    }
    return span;
}

static void inside_datagram(struct wtr_tls_opening *o, enum wtr_direction direction, struct wtr_text plain,
                            struct wtr_sink *sink)
{
    struct wtr_piece pieces[64];
    const struct wtr_protocol *protocol = winner_of(plain);
    struct wtr_datagram datagram = {.direction = direction,
                                    .span = span_of(o, plain, pieces, sizeof pieces / sizeof *pieces)};
    /* The ends are told apart, and no more need be known of them. */
    datagram.from.port = direction == WTR_FROM_CLIENT ? 1 : 2;
    datagram.to.port = direction == WTR_FROM_CLIENT ? 2 : 1;
    struct showing showing = {o, sink, connection_of(o->session)};
    struct wtr_sink inner = {.payload = &showing, .message = on_message, .finding = on_finding};
    if (protocol && begin_datagrams(o, protocol))
        protocol->datagram(o->datagram_state, &datagram, &inner);
    else
        show_data(o, direction, &datagram.span, sink);
}

void wtr_tls_inside(struct wtr_tls_opening *o, enum wtr_direction direction, struct wtr_text plain,
                    struct wtr_sink *sink)
{
    if (o->session->datagram)
        inside_datagram(o, direction, plain, sink);
    else
        wtr_inner_feed(&o->inner, direction, plain, &o->unit, o->at, &o->opening, sink);
}

void wtr_tls_inside_free(struct wtr_tls_opening *o)
{
    wtr_inner_free(&o->inner);
    close_datagrams(o);
}
