/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP over UDP and TCP. The input is a run of units, each a byte of flags, the unit's length (two bytes, the
 * lower first) and its bytes: datagrams, or, if the first unit says so, the segments of one connection.
 *
 * What is held: a message's texts lie in its span, whose pieces cover it; its options can be read to their
 * end; a body is bounded; the fields are JSON; what the decoder is done with is no more than it was given;
 * and the whole says the same when it is fed again. */
#include "base/map.h"
#include "protocol/coap.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum flags {
    FROM_SERVER = 1 << 0,
    OTHER_CLIENT = 1 << 1,
    OWN_PORT = 1 << 2,
    LATER = 1 << 3,      /* by a second */
    MUCH_LATER = 1 << 4, /* by four minutes */
    GROUP = 1 << 5,
    GAP = 1 << 6, /* of a stream: bytes before this segment are lost */
    STREAM = 1 << 7,
};

enum { MAX_UNITS = 400 };

static void hold(bool invariant)
{
    if (!invariant)
        __builtin_trap();
}

struct listener {
    uint64_t heard;
    struct wtr_buffer fields;
    struct wtr_json json;
    const struct wtr_span *fed;
};

static void hold_text(const struct wtr_span *span, struct wtr_text text)
{
    size_t at;
    hold(!text.data || wtr_span_holds(span, text.data, text.length, &at));
}

static void hold_pieces(const struct wtr_span *span)
{
    size_t at = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        hold(span->pieces[i].at == at);
        at += span->pieces[i].length;
    }
    hold(at == span->length);
}

static void take_message(void *payload, const struct wtr_message *message)
{
    struct listener *l = payload;
    const struct wtr_coap *coap = message->body;
    struct wtr_json_writer w = {.out = &l->fields};
    hold(message->protocol == &wtr_coap && message->type && coap->anomaly_count <= WTR_COAP_MAX_ANOMALIES);
    hold_pieces(&message->span);
    hold_text(&message->span, coap->token);
    hold_text(&message->span, coap->options);
    hold_text(&message->span, coap->payload);
    hold_text(&message->span, coap->body);
    hold(coap->token.length <= 8 && coap->body.length <= WTR_COAP_MAX_BODY);
    hold(!coap->request || (coap->request->path_length > 0 && message->exchange));
    struct wtr_coap_option o = {0};
    while (wtr_coap_next_option(coap->options, &o))
        hold_text(&message->span, o.value);
    hold(o.at == coap->options.length);
    wtr_buffer_clear(&l->fields);
    wtr_json_begin_object(&w);
    message->protocol->fields(message, &w);
    wtr_json_end_object(&w);
    hold(wtr_json_parse(&l->json, wtr_buffer_text(&l->fields)));
    l->heard = wtr_hash64(l->fields.data, l->fields.length, l->heard);
}

static void take_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                         const char *reason)
{
    struct listener *l = payload;
    hold(at <= span->length && length <= span->length - at && reason && *reason);
    l->heard = wtr_hash64(reason, 1, l->heard);
}

struct unit {
    uint8_t flags;
    uint8_t *bytes; /* a block of exactly its length */
    size_t length;
};

static bool take_unit(const uint8_t **data, size_t *size, struct unit *unit)
{
    if (*size < 3)
        return false;
    unit->flags = (*data)[0];
    unit->length = (size_t)(*data)[1] | (size_t)(*data)[2] << 8;
    *data += 3;
    *size -= 3;
    if (unit->length > *size)
        unit->length = *size;
    unit->bytes = malloc(unit->length ? unit->length : 1);
    hold(unit->bytes != NULL);
    memcpy(unit->bytes, *data, unit->length);
    *data += unit->length;
    *size -= unit->length;
    return true;
}

static void probe(const struct unit *unit)
{
    const struct wtr_probe p = {.bytes = unit->bytes,
                                .length = unit->length,
                                .at_start = unit->flags & LATER,
                                .client_port = 40000,
                                .server_port = unit->flags & OWN_PORT ? 5683 : 7000};
    hold(wtr_coap.probe_datagram(&p) <= WTR_BID_CERTAIN);
    hold(wtr_coap.probe_stream(&p) <= WTR_BID_CERTAIN);
}

static struct wtr_endpoint end_of(uint8_t host, uint16_t port, bool group)
{
    struct wtr_endpoint end = {.port = port};
    const uint8_t bytes[16] = {[10] = 0xff, 0xff, group ? 224 : 10, 0, group, group ? 187 : host};
    memcpy(end.ip.bytes, bytes, sizeof bytes);
    return end;
}

static uint64_t feed_datagrams(const uint8_t *data, size_t size)
{
    struct listener l = {0};
    struct wtr_sink sink = {.payload = &l, .message = take_message, .finding = take_finding};
    const struct wtr_session_setup setup = {0};
    void *state = calloc(1, wtr_coap.datagram_state_size);
    int64_t now = 0;
    struct unit unit;
    hold(state != NULL);
    wtr_coap.open_datagrams(state, &setup);
    for (unsigned n = 0; n < MAX_UNITS && take_unit(&data, &size, &unit); n++) {
        probe(&unit);
        now += unit.flags & MUCH_LATER ? INT64_C(240000000000) : unit.flags & LATER ? 1000000000 : 1000;
        const struct wtr_piece piece = {
            .length = unit.length, .offset = 100000 * n, .frame = n + 1, .time_ns = now};
        struct wtr_endpoint client = end_of(unit.flags & OTHER_CLIENT ? 2 : 1, 40000, false);
        struct wtr_endpoint server =
            end_of(9, unit.flags & OWN_PORT ? 5683 : 7000, unit.flags & GROUP && !(unit.flags & FROM_SERVER));
        const struct wtr_datagram datagram = {
            .from = unit.flags & FROM_SERVER ? server : client,
            .to = unit.flags & FROM_SERVER ? client : server,
            .span = {unit.bytes, unit.length, &piece, unit.length ? 1 : 0, NULL}};
        wtr_coap.datagram(state, &datagram, &sink);
        free(unit.bytes);
    }
    wtr_coap.close_datagrams(state);
    free(state);
    wtr_buffer_free(&l.fields);
    wtr_json_free(&l.json);
    return l.heard;
}

static uint64_t feed_stream(const uint8_t *data, size_t size)
{
    struct listener l = {0};
    struct wtr_sink sink = {.payload = &l, .message = take_message, .finding = take_finding};
    const struct wtr_session_setup setup = {0};
    void *session = calloc(1, wtr_coap.session_size);
    uint8_t *unread[2] = {NULL, NULL};
    size_t kept[2] = {0, 0};
    struct unit unit;
    hold(session != NULL);
    wtr_coap.open(session, &setup);
    for (unsigned n = 0; n < MAX_UNITS && take_unit(&data, &size, &unit); n++) {
        enum wtr_direction d = unit.flags & FROM_SERVER ? WTR_FROM_SERVER : WTR_FROM_CLIENT;
        size_t need = 0;
        if (unit.flags & GAP) {
            wtr_coap.gap(session, d, 1);
            kept[d] = 0;
        }
        uint8_t *joined = malloc(kept[d] + unit.length + 1);
        hold(joined != NULL);
        if (kept[d] > 0)
            memcpy(joined, unread[d], kept[d]);
        memcpy(joined + kept[d], unit.bytes, unit.length);
        free(unit.bytes);
        free(unread[d]);
        unread[d] = joined;
        kept[d] += unit.length;
        const struct wtr_piece piece = {.length = kept[d], .offset = 100000 * n, .frame = n + 1};
        const struct wtr_span span = {joined, kept[d], &piece, kept[d] ? 1 : 0, NULL};
        size_t done = wtr_coap.stream(session, d, &span, &need, &sink);
        hold(done <= kept[d]);
        kept[d] -= done;
        memmove(joined, joined + done, kept[d]);
    }
    wtr_coap.close(session);
    free(session);
    free(unread[0]);
    free(unread[1]);
    wtr_buffer_free(&l.fields);
    wtr_json_free(&l.json);
    return l.heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool stream = size > 0 && data[0] & STREAM;
    uint64_t (*feed)(const uint8_t *, size_t) = stream ? feed_stream : feed_datagrams;
    hold(feed(data, size) == feed(data, size));
    return 0;
}
