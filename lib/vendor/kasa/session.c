/* SPDX-License-Identifier: Apache-2.0 */
/* A Kasa connection: the bytes of each direction to messages, across segments, losses and damage; and which
 * answer belongs to which request.
 *
 * As long as nothing was lost a message begins where the last one ended. A loss inside a message of known
 * length leaves its end known; after any other a message is looked for at the beginning of each segment, and
 * believed if its length, its first bytes and the JSON that it deciphers to fit.
 *
 * On a connection answers come in the order of their requests, and bear no number. That holds only for a
 * connection that was followed from its beginning without a loss, so after any doubt no answer of it is laid
 * to a request any more. */
#include "vendor/kasa/wire.h"

#include "base/bytes.h"

#include <stdlib.h>

enum { MAX_OUTSTANDING = 8 };

/* One direction's place between the messages. */
struct side {
    bool lost;      /* no boundary is known */
    uint64_t skip;  /* bytes of a message that are passed over */
    uint64_t total; /* of the message that is waited for; 0: its length is not known yet */
    uint64_t have;  /* of it, seen so far */
};

struct session {
    struct side side[2];
    bool mid_stream;
    bool joins; /* answers can be laid to requests */
    uint64_t exchanges;
    struct wtr_kasa_question outstanding[MAX_OUTSTANDING];
    size_t outstanding_count;
    struct wtr_kasa_question answered;
    struct wtr_buffer plain;
    struct wtr_json json;
    struct wtr_piece *pieces;
    size_t piece_capacity;
};

/* One call of stream(). */
struct walk {
    struct session *session;
    enum wtr_direction direction;
    struct side *side;
    const struct wtr_span *span;
    struct wtr_sink *sink;
    size_t at;
};

static const struct wtr_opening opening = {.steps = "kasa-xor", .keeps_places = true};

static void open_session(void *session, const struct wtr_session_setup *setup)
{
    struct session *s = session;
    s->mid_stream = setup->mid_stream;
    s->joins = !setup->mid_stream;
    s->side[WTR_FROM_CLIENT].lost = s->side[WTR_FROM_SERVER].lost = setup->mid_stream;
}

static void close_session(void *session)
{
    struct session *s = session;
    wtr_buffer_free(&s->plain);
    wtr_json_free(&s->json);
    free(s->pieces);
    s->pieces = NULL;
    s->piece_capacity = 0;
}

static void find(const struct walk *w, size_t at, size_t length, const char *reason)
{
    w->sink->finding(w->sink->payload, w->span, at, length, reason);
}

/* ---- answers to requests */

static void ask(struct session *s, struct wtr_kasa_question *question)
{
    question->exchange = ++s->exchanges;
    if (s->outstanding_count == MAX_OUTSTANDING)
        s->joins = false;
    if (s->joins)
        s->outstanding[s->outstanding_count++] = *question;
}

/* The request that the answer belongs to; NULL: not known. */
static const struct wtr_kasa_question *answer(struct session *s, const struct wtr_kasa_question *given)
{
    bool fits = s->outstanding_count > 0 && s->outstanding[0].modules == given->modules;
    s->joins = s->joins && fits;
    if (!s->joins)
        return NULL;
    s->answered = s->outstanding[0];
    s->outstanding_count--;
    memmove(s->outstanding, s->outstanding + 1, s->outstanding_count * sizeof *s->outstanding);
    return &s->answered;
}

/* ---- one message */

/* The plain text of a body, as a parsed object in the session. */
static bool decode(struct session *s, const uint8_t *bytes, size_t length)
{
    wtr_buffer_clear(&s->plain);
    char *plain = wtr_buffer_room(&s->plain, length);
    if (!plain)
        return false;
    wtr_kasa_decipher(bytes, length, plain);
    s->plain.length = length;
    return wtr_json_parse(&s->json, wtr_buffer_text(&s->plain)) && wtr_json_is(&s->json, 0, WTR_JSON_OBJECT);
}

static bool room_for_pieces(struct session *s, size_t count)
{
    if (count <= s->piece_capacity)
        return true;
    struct wtr_piece *pieces = realloc(s->pieces, count * sizeof *pieces);
    if (!pieces)
        return false;
    s->pieces = pieces;
    s->piece_capacity = count;
    return true;
}

/* The plain text with the pieces of the `length` bytes at `at`. False: no memory. */
static bool make_span(struct walk *w, size_t at, size_t length, struct wtr_span *span)
{
    struct session *s = w->session;
    size_t count = 0;
    if (!room_for_pieces(s, w->span->piece_count))
        return false;
    for (size_t i = 0; i < w->span->piece_count; i++) {
        struct wtr_piece piece = w->span->pieces[i];
        size_t from = piece.at > at ? piece.at : at;
        size_t end = piece.at + piece.length < at + length ? piece.at + piece.length : at + length;
        if (from >= end)
            continue;
        piece.offset += from - piece.at;
        piece.at = from - at;
        piece.length = end - from;
        s->pieces[count++] = piece;
    }
    *span = (struct wtr_span){(const uint8_t *)s->plain.data, length, s->pieces, count, &opening};
    return true;
}

/* Hands on the decoded body of `length` bytes at `at`. */
static void deliver(struct walk *w, size_t at, size_t length)
{
    struct session *s = w->session;
    struct wtr_kasa_shape shape;
    wtr_kasa_read_shape(&s->json, &shape);
    struct wtr_kasa_body body = {.json = &s->json,
                                 .answer = s->mid_stream ? shape.answer : w->direction == WTR_FROM_SERVER};
    struct wtr_message message = {
        .protocol = &wtr_kasa_protocol,
        .type = body.answer ? "response" : "request",
        .direction = w->direction,
        .body = &body,
        .session = s,
    };
    if (body.answer)
        body.question = answer(s, &shape.question);
    else
        ask(s, &shape.question);
    if (body.answer)
        message.exchange = body.question ? body.question->exchange : 0;
    else
        message.exchange = shape.question.exchange;
    if (make_span(w, at, length, &message.span))
        w->sink->message(w->sink->payload, &message);
    else
        find(w, at, length, "no memory for a message");
}

/* ---- a direction */

/* Where the first segment after `at` begins; the end of the span if there is none. */
static size_t next_segment(const struct wtr_span *span, size_t at)
{
    for (size_t i = 0; i < span->piece_count; i++)
        if (span->pieces[i].at > at)
            return span->pieces[i].at;
    return span->length;
}

static bool wait_for_rest(struct walk *w, uint64_t total)
{
    w->side->total = total;
    w->side->have = w->span->length - w->at;
    return false;
}

/* Reads the message at w->at; false if more bytes are needed. */
static bool step(struct walk *w)
{
    const uint8_t *bytes = w->span->bytes + w->at;
    size_t available = w->span->length - w->at;
    uint32_t length = 0;
    enum wtr_kasa_header header = wtr_kasa_read_header(bytes, available, &length);
    size_t total = WTR_KASA_HEADER + (size_t)length;
    if (header == WTR_KASA_HEADER_BAD) {
        size_t next = next_segment(w->span, w->at);
        find(w, w->at, next - w->at, "no message begins here");
        w->at = next;
        w->side->lost = true;
        w->session->joins = false;
        return true;
    }
    if (header == WTR_KASA_HEADER_SHORT || available < total)
        return wait_for_rest(w, length ? total : 0);
    if (decode(w->session, bytes + WTR_KASA_HEADER, length)) {
        deliver(w, w->at + WTR_KASA_HEADER, length);
    } else {
        find(w, w->at + WTR_KASA_HEADER, length, "the body is no JSON object");
        w->session->joins = false;
    }
    w->at += total;
    return true;
}

/* Looks for a message at the beginnings of segments; false if more bytes are needed. */
static bool search(struct walk *w)
{
    size_t from = w->at;
    bool waits = false;
    while (w->at < w->span->length && w->side->lost && !waits) {
        const uint8_t *bytes = w->span->bytes + w->at;
        size_t available = w->span->length - w->at;
        uint32_t length = 0;
        enum wtr_kasa_header header = wtr_kasa_read_header(bytes, available, &length);
        bool good = header == WTR_KASA_HEADER_GOOD;
        bool whole = good && available >= WTR_KASA_HEADER + (size_t)length;
        waits = header == WTR_KASA_HEADER_SHORT || (good && !whole);
        if (whole && decode(w->session, bytes + WTR_KASA_HEADER, length))
            w->side->lost = false;
        else if (!waits)
            w->at = next_segment(w->span, w->at);
    }
    if (w->at > from)
        find(w, from, w->at - from, "bytes before the next message that could be found");
    return !waits;
}

static void pass_over(struct walk *w)
{
    size_t left = w->span->length - w->at;
    size_t length = w->side->skip < left ? (size_t)w->side->skip : left;
    find(w, w->at, length, "the rest of a message of which bytes were lost");
    w->side->skip -= length;
    w->at += length;
}

static size_t stream(void *session, enum wtr_direction direction, const struct wtr_span *unread, size_t *need,
                     struct wtr_sink *sink)
{
    struct session *s = session;
    struct walk w = {
        .session = s, .direction = direction, .side = &s->side[direction], .span = unread, .sink = sink};
    bool goes_on = true;
    w.side->total = w.side->have = 0;
    while (goes_on && w.at < unread->length) {
        if (w.side->skip > 0)
            pass_over(&w);
        else
            goes_on = w.side->lost ? search(&w) : step(&w);
    }
    *need = 0;
    return w.at;
}

static void gap(void *session, enum wtr_direction direction, uint64_t missing)
{
    struct session *s = session;
    struct side *side = &s->side[direction];
    uint64_t expected = side->skip > 0 ? side->skip : side->total - side->have;
    bool end_known = missing > 0 && (side->skip > 0 || side->total > 0) && missing <= expected;
    s->joins = false;
    side->lost = !end_known;
    side->skip = end_known ? expected - missing : 0;
    side->total = side->have = 0;
}

/* ---- datagrams */

static void close_datagrams(void *state)
{
    close_session(state);
}

/* The sender by its port; where both or neither is the plugs' own, by what it says. */
static bool is_answer(const struct wtr_datagram *datagram, const struct wtr_kasa_shape *shape)
{
    bool from_own = datagram->from.port == WTR_KASA_PORT;
    bool to_own = datagram->to.port == WTR_KASA_PORT;
    return from_own == to_own ? shape->answer : from_own;
}

static void datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    struct session *s = state;
    const struct wtr_span *span = &datagram->span;
    if (span->length > WTR_KASA_MAX_BODY || !decode(s, span->bytes, span->length)) {
        sink->finding(sink->payload, span, 0, span->length, "the body is no JSON object");
        return;
    }
    struct wtr_kasa_shape shape;
    wtr_kasa_read_shape(&s->json, &shape);
    struct wtr_kasa_body body = {.json = &s->json, .answer = is_answer(datagram, &shape)};
    struct wtr_message message = {
        .protocol = &wtr_kasa_protocol,
        .type = body.answer ? "response" : "request",
        .direction = body.answer ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
        .span = *span,
        .body = &body,
    };
    message.span.bytes = (const uint8_t *)s->plain.data;
    message.span.opening = &opening;
    sink->message(sink->payload, &message);
}

/* The plugs' own port [V]; it is registered for something else. */
static const uint16_t ports[] = {WTR_KASA_PORT, 0};

const struct wtr_protocol wtr_kasa_protocol = {
    .name = "kasa",
    .session_size = sizeof(struct session),
    .probe_stream = wtr_kasa_probe_stream,
    .open = open_session,
    .close = close_session,
    .stream = stream,
    .gap = gap,
    .probe_datagram = wtr_kasa_probe_datagram,
    .datagram_state_size = sizeof(struct session),
    .close_datagrams = close_datagrams,
    .datagram = datagram,
    .exchanges = true,
    .fields = wtr_kasa_fields,
    .ports = ports,
};
