/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP as a protocol of datagrams (RFC 7252) and of streams (RFC 8323). */
#include "protocol/coap_body.h"

#include <stdlib.h>

enum { COAP_PORT = 5683, DATAGRAM_SETS = 256, STREAM_SETS = 16 };

/* A frame of RFC 8323 may not be longer than what its reader announced; this is far beyond what any does. */
enum { MAX_FRAME = 256 << 10 };

/* What is kept for all datagrams of a source, or for one connection. */
struct state {
    struct wtr_coap_tables tables;
    struct wtr_coap_bodies bodies;
    bool lost[2]; /* where the next frame begins is not known */
    struct wtr_piece *pieces;
    size_t piece_capacity;
};

static void open_datagrams(void *state, const struct wtr_session_setup *setup)
{
    struct state *s = state;
    (void)setup;
    (void)wtr_coap_tables_open(&s->tables, DATAGRAM_SETS);
}

static void open_stream(void *session, const struct wtr_session_setup *setup)
{
    struct state *s = session;
    s->lost[WTR_FROM_CLIENT] = s->lost[WTR_FROM_SERVER] = setup->mid_stream;
    (void)wtr_coap_tables_open(&s->tables, STREAM_SETS);
}

static void close_state(void *state)
{
    struct state *s = state;
    wtr_coap_tables_free(&s->tables);
    wtr_coap_bodies_free(&s->bodies);
    free(s->pieces);
    s->pieces = NULL;
}

static const char *type_of(uint8_t code)
{
    if (code == WTR_COAP_EMPTY)
        return "empty";
    if (wtr_coap_is_request(code))
        return "request";
    if (wtr_coap_is_response(code))
        return "response";
    return wtr_coap_class(code) == 7 ? "signal" : "reserved";
}

/* Hands out a message that was read. */
static void hand_out(struct state *s, struct wtr_coap_passing *p, enum wtr_direction direction,
                     struct wtr_span span, struct wtr_sink *sink)
{
    wtr_coap_check(p->coap);
    wtr_coap_match(&s->tables, p);
    wtr_coap_take_block(&s->bodies, p, &span);
    const struct wtr_message message = {.protocol = &wtr_coap,
                                        .type = type_of(p->coap->code),
                                        .direction = direction,
                                        .span = span,
                                        .body = p->coap,
                                        .session = s,
                                        .exchange = p->exchange};
    sink->message(sink->payload, &message);
}

static enum wtr_direction direction_of(const struct wtr_coap *coap, enum wtr_direction by_port)
{
    if (wtr_coap_is_request(coap->code))
        return WTR_FROM_CLIENT;
    return wtr_coap_is_response(coap->code) ? WTR_FROM_SERVER : by_port;
}

static void read_datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    struct wtr_coap coap;
    const struct wtr_span *span = &datagram->span;
    const char *reason = wtr_coap_read_datagram(span->bytes, span->length, &coap);
    if (reason) {
        sink->finding(sink->payload, span, 0, span->length, reason);
        return;
    }
    struct wtr_coap_passing passing = {
        .coap = &coap,
        .from = datagram->from,
        .to = datagram->to,
        .time_ns = wtr_span_locate(span, 0, 0).time_ns,
        .bytes = span->bytes,
        .length = span->length,
        /* Elsewhere empty messages are not known for CoAP's and not read. */
        .acknowledged_in_view = datagram->from.port == COAP_PORT || datagram->to.port == COAP_PORT,
    };
    hand_out(state, &passing, direction_of(&coap, datagram->direction), *span, sink);
}

/* ---- streams */

/* The frame at `at` as a span of its own. */
static bool cut_span(struct state *s, const struct wtr_span *unread, size_t at, size_t length,
                     struct wtr_span *span)
{
    size_t count = wtr_span_parts(unread, at, length);
    if (count > s->piece_capacity) {
        struct wtr_piece *pieces = realloc(s->pieces, count * sizeof *pieces);
        if (!pieces)
            return false;
        s->pieces = pieces;
        s->piece_capacity = count;
    }
    size_t place = 0;
    for (size_t i = 0; i < count; i++) {
        struct wtr_origin o = wtr_span_part(unread, at, length, i);
        s->pieces[i] =
            (struct wtr_piece){place, o.length, o.offset, o.record_offset, o.frame, o.time_ns, o.via};
        place += o.length;
    }
    *span = (struct wtr_span){unread->bytes + at, length, s->pieces, count, unread->opening};
    return true;
}

static void read_frame(struct state *s, enum wtr_direction direction, const struct wtr_span *unread,
                       size_t at, size_t length, struct wtr_sink *sink)
{
    struct wtr_coap coap;
    struct wtr_span span;
    const char *reason = wtr_coap_read_frame(unread->bytes + at, length, &coap);
    if (!reason && !cut_span(s, unread, at, length, &span))
        reason = "no memory for a message";
    if (reason) {
        sink->finding(sink->payload, unread, at, length, reason);
        return;
    }
    /* The two ends of the connection, told apart by a number. */
    struct wtr_coap_passing passing = {
        .coap = &coap,
        .from.port = (uint16_t)(1 + direction),
        .to.port = (uint16_t)(2 - direction),
        .time_ns = wtr_span_locate(&span, 0, 0).time_ns,
        .bytes = span.bytes,
        .length = span.length,
    };
    hand_out(s, &passing, direction, span, sink);
}

/* Whether the unread bytes, after a loss, are whole frames to their end. */
static bool begins_frame(const struct wtr_span *unread)
{
    const struct wtr_probe probe = {
        .bytes = unread->bytes, .length = unread->length, .client_port = COAP_PORT, .server_port = COAP_PORT};
    return wtr_coap_probe_stream(&probe) >= WTR_BID_LIKELY;
}

static size_t read_stream(void *session, enum wtr_direction direction, const struct wtr_span *unread,
                          size_t *need, struct wtr_sink *sink)
{
    struct state *s = session;
    size_t at = 0;
    *need = 0;
    if (s->lost[direction]) {
        if (!begins_frame(unread))
            return unread->length;
        s->lost[direction] = false;
    }
    while (at < unread->length) {
        size_t least;
        uint64_t length = wtr_coap_frame_length(unread->bytes + at, unread->length - at, &least);
        if (length > MAX_FRAME) {
            sink->finding(sink->payload, unread, at, least, "a frame's length is not plausible");
            s->lost[direction] = true;
            return unread->length;
        }
        if (length == 0 || length > unread->length - at) {
            *need = length ? (size_t)length : least;
            return at;
        }
        read_frame(s, direction, unread, at, (size_t)length, sink);
        at += (size_t)length;
    }
    return at;
}

static void take_gap(void *session, enum wtr_direction direction, uint64_t missing)
{
    struct state *s = session;
    (void)missing;
    s->lost[direction] = true;
}

static const uint16_t ports[] = {COAP_PORT, 0};

const struct wtr_protocol wtr_coap = {
    .name = "coap",
    .session_size = sizeof(struct state),
    .probe_stream = wtr_coap_probe_stream,
    .open = open_stream,
    .close = close_state,
    .stream = read_stream,
    .gap = take_gap,
    .probe_datagram = wtr_coap_probe_datagram,
    .datagram_state_size = sizeof(struct state),
    .open_datagrams = open_datagrams,
    .close_datagrams = close_state,
    .datagram = read_datagram,
    .exchanges = true,
    .fields = wtr_coap_fields,
    .ports = ports,
};
