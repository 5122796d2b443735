/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's local protocol over TCP (6668 by custom; any port by content) and UDP (6666, 6667, 7000): bytes to
 * frames, across segments, losses and damage, and frames to messages. A frame says its length; after a loss
 * the next one is found by its prefix, and believed only with its suffix in place and its CRC, HMAC or tag
 * right. */
#include "vendor/tuya/session.h"

#include <stdlib.h>

/* The public key of broadcasts: MD5 of "yGAdlopoPVldABfn" (tinytuya core/udp_helper.py; checked on the
 * broadcasts of 13 real devices). */
static const uint8_t broadcast_key[WTR_TUYA_BLOCK] = {0x6c, 0x1e, 0xc8, 0xe2, 0xbb, 0x9b, 0xb5, 0x9a,
                                                      0xb5, 0x0b, 0x0d, 0xaf, 0x64, 0x9b, 0x41, 0x0a};

static void open_session(void *session, const struct wtr_session_setup *setup)
{
    struct wtr_tuya_session *s = session;
    s->keys = setup->keys;
    s->searching[WTR_FROM_CLIENT] = s->searching[WTR_FROM_SERVER] = setup->mid_stream;
}

static void open_datagrams(void *state, const struct wtr_session_setup *setup)
{
    struct wtr_tuya_session *s = state;
    (void)setup;
    s->datagrams = true;
    s->has_key = true;
    memcpy(s->key, broadcast_key, sizeof s->key);
}

static void close_session(void *session)
{
    struct wtr_tuya_session *s = session;
    wtr_buffer_free(&s->plain);
    wtr_buffer_free(&s->trial);
    wtr_json_free(&s->json);
    free(s->pieces);
    s->pieces = NULL;
    s->piece_capacity = 0;
}

/* ---- whose frames these are */

static enum wtr_bid probe(const struct wtr_probe *probe)
{
    struct wtr_tuya_frame frame;
    size_t need;
    switch (wtr_tuya_frame_at(probe->bytes, probe->length, &frame, &need)) {
    case WTR_TUYA_FRAME:
        return WTR_BID_CERTAIN;
    case WTR_TUYA_PART:
        return need > 18 ? WTR_BID_LIKELY : WTR_BID_MORE;
    default:
        return WTR_BID_NONE;
    }
}

static enum wtr_bid probe_datagram(const struct wtr_probe *p)
{
    return probe(p) == WTR_BID_CERTAIN ? WTR_BID_CERTAIN : WTR_BID_NONE;
}

/* ---- frames to messages */

void wtr_tuya_find(const struct wtr_tuya_reading *r, size_t at, size_t length, const char *reason)
{
    r->sink->finding(r->sink->payload, r->span, at, length, reason);
}

/* Which pieces of `span` hold the `length` bytes at `at`, as pieces of their own. SIZE_MAX: no memory. */
static size_t cut_pieces(struct wtr_tuya_session *s, const struct wtr_span *span, size_t at, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        struct wtr_piece piece = span->pieces[i];
        size_t from = piece.at > at ? piece.at : at;
        size_t end = piece.at + piece.length < at + length ? piece.at + piece.length : at + length;
        if (from >= end)
            continue;
        if (count == s->piece_capacity) {
            size_t capacity = s->piece_capacity ? s->piece_capacity * 2 : 8;
            struct wtr_piece *pieces = realloc(s->pieces, capacity * sizeof *pieces);
            if (!pieces)
                return SIZE_MAX;
            s->pieces = pieces;
            s->piece_capacity = capacity;
        }
        piece.offset += from - piece.at;
        piece.at = from - at;
        piece.length = end - from;
        s->pieces[count++] = piece;
    }
    return count;
}

/* A number that the request and its answer have in common. Devices of 3.4 and older repeat the request's
 * sequence; those of 3.5 have one of their own, so that there the command alone joins, where one request
 * waits. */
static uint64_t exchange_of(struct wtr_tuya_reading *r)
{
    struct wtr_tuya_session *s = r->session;
    uint32_t command = r->frame.command, sequence = r->frame.sequence;
    if (s->datagrams || command == WTR_TUYA_STATUS || command == WTR_TUYA_HEART_BEAT)
        return 0;
    if (r->direction == WTR_FROM_CLIENT) {
        s->exchanges++;
        s->requests[s->exchanges % WTR_TUYA_REQUESTS] =
            (struct wtr_tuya_request){command, sequence, s->exchanges};
        return s->exchanges;
    }
    struct wtr_tuya_request *oldest = NULL;
    size_t waiting = 0;
    for (size_t i = 0; i < WTR_TUYA_REQUESTS; i++) {
        struct wtr_tuya_request *q = &s->requests[i];
        if (q->exchange == 0 || q->command != command || (!r->frame.sealed && q->sequence != sequence))
            continue;
        waiting++;
        if (!oldest || q->exchange < oldest->exchange)
            oldest = q;
    }
    if (!oldest || (r->frame.sealed && waiting > 1))
        return 0;
    uint64_t exchange = oldest->exchange;
    oldest->exchange = 0;
    return exchange;
}

static void deliver(struct wtr_tuya_reading *r)
{
    struct wtr_tuya_session *s = r->session;
    struct wtr_message message = {
        .protocol = &wtr_tuya_local,
        .type = wtr_tuya_command_name(r->frame.command),
        .direction = r->direction,
        .span = *r->span,
        .body = &r->packet,
        .session = s,
        .exchange = exchange_of(r),
    };
    if (r->opened) {
        size_t pieces = cut_pieces(s, r->span, r->at, r->length);
        if (pieces == SIZE_MAX) {
            wtr_tuya_find(r, r->at, r->length, "no memory for a message");
            return;
        }
        message.span = (struct wtr_span){(const uint8_t *)s->plain.data, s->plain.length, s->pieces, pieces,
                                         &s->opening};
    }
    r->sink->message(r->sink->payload, &message);
}

/* The frame is the whole of `span`. False: nothing of it is believed. */
static bool read_frame(struct wtr_tuya_session *s, enum wtr_direction direction, const struct wtr_span *span,
                       const struct wtr_tuya_frame *frame, struct wtr_sink *sink)
{
    struct wtr_tuya_reading r = {
        .session = s,
        .direction = direction,
        .span = span,
        .frame = *frame,
        .sink = sink,
        .packet = {.sequence = frame->sequence, .command = frame->command, .broadcast = s->datagrams},
    };
    if (!wtr_tuya_open(&r))
        return false;
    deliver(&r);
    return true;
}

/* ---- streams */

/* One call of stream(). */
struct walk {
    struct wtr_tuya_session *session;
    enum wtr_direction direction;
    const struct wtr_span *span;
    struct wtr_sink *sink;
    struct wtr_piece *pieces; /* of the frame being read */
    size_t at;
    size_t need;
};

/* Passes over what begins no frame; all of it is one finding, unless the place was not known anyway. */
static void pass_over(struct walk *w, const char *reason)
{
    bool *searching = &w->session->searching[w->direction];
    size_t next = wtr_tuya_frame_search(w->span->bytes, w->span->length, w->at + 1);
    if (!*searching)
        w->sink->finding(w->sink->payload, w->span, w->at, next - w->at, reason);
    *searching = true;
    w->at = next;
}

/* The frame's own pieces are kept apart from those that cut_pieces makes of them. */
static bool take_frame(struct walk *w, const struct wtr_tuya_frame *frame)
{
    size_t count = cut_pieces(w->session, w->span, w->at, frame->length);
    struct wtr_piece *pieces = count == SIZE_MAX ? NULL : realloc(w->pieces, (count + 1) * sizeof *pieces);
    if (!pieces) {
        w->sink->finding(w->sink->payload, w->span, w->at, frame->length, "no memory for a message");
        return true;
    }
    w->pieces = pieces;
    if (count > 0)
        memcpy(pieces, w->session->pieces, count * sizeof *pieces);
    const struct wtr_span span = {frame->bytes, frame->length, pieces, count, NULL};
    return read_frame(w->session, w->direction, &span, frame, w->sink);
}

/* Reads what stands at w->at; false: more bytes are needed. */
static bool step(struct walk *w)
{
    struct wtr_tuya_frame frame;
    size_t left = w->span->length - w->at;
    if (left == 0)
        return false;
    switch (wtr_tuya_frame_at(w->span->bytes + w->at, left, &frame, &w->need)) {
    case WTR_TUYA_FRAME:
        if (take_frame(w, &frame))
            w->session->searching[w->direction] = false;
        w->at += frame.length;
        return true;
    case WTR_TUYA_PART:
        return false;
    case WTR_TUYA_UNENDED:
        pass_over(w, "the frame does not end with its suffix");
        return true;
    case WTR_TUYA_NONE:
        pass_over(w, "the bytes begin no frame");
        return true;
    }
    return false;
}

static size_t stream(void *session, enum wtr_direction direction, const struct wtr_span *unread, size_t *need,
                     struct wtr_sink *sink)
{
    struct walk w = {.session = session, .direction = direction, .span = unread, .sink = sink};
    while (step(&w))
        w.need = 0;
    free(w.pieces);
    *need = w.need;
    return w.at;
}

static void gap(void *session, enum wtr_direction direction, uint64_t missing)
{
    struct wtr_tuya_session *s = session;
    (void)missing;
    s->searching[direction] = true;
}

/* ---- datagrams */

/* A datagram may hold several frames, and bytes behind them that are none. */
static void datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    struct walk w = {
        .session = state, .direction = datagram->direction, .span = &datagram->span, .sink = sink};
    w.session->searching[w.direction] = false;
    w.session->family = WTR_TUYA_UNDECIDED;
    while (step(&w))
        ;
    if (w.at < datagram->span.length)
        sink->finding(sink->payload, &datagram->span, w.at, datagram->span.length - w.at,
                      "the datagram ends within a frame");
    free(w.pieces);
}

static const uint16_t ports[] = {6668, 6666, 6667, 7000, 0};

const struct wtr_protocol wtr_tuya_local = {
    .name = "tuya",
    .session_size = sizeof(struct wtr_tuya_session),
    .probe_stream = probe,
    .open = open_session,
    .close = close_session,
    .stream = stream,
    .gap = gap,
    .probe_datagram = probe_datagram,
    .datagram_state_size = sizeof(struct wtr_tuya_session),
    .open_datagrams = open_datagrams,
    .close_datagrams = close_session,
    .datagram = datagram,
    .fields = wtr_tuya_fields,
    .ports = ports,
};
