/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP connection (RFC 9112): the bytes of each direction to messages, across segments, losses and damage.
 *
 * A message is handed out when its body is whole. A body that is not worth reading, or too long, is counted
 * and not kept: then the head is handed out alone, as soon as it is there. A malformed message says nothing
 * of where it ends, so that the next one must be found again (http_search.c). */
#include "protocol/websocket_wire.h"

/* One call of stream(). */
struct walk {
    struct wtr_http_session *session;
    struct wtr_http_side *side;
    enum wtr_direction direction;
    const struct wtr_span *span;
    struct wtr_sink *sink;
    size_t at;                 /* the first byte that is not done with */
    struct wtr_http_head head; /* of the message at `at`, if has_head */
    bool has_head;
};

static void open_session(void *session, const struct wtr_session_setup *setup)
{
    struct wtr_http_session *s = session;
    s->mid_stream = setup->mid_stream;
    s->certain = setup->mid_stream ? 0 : UINT64_MAX;
    for (int i = 0; setup->mid_stream && i < 2; i++)
        s->side[i].phase = WTR_HTTP_LOST;
}

static void close_session(void *session)
{
    struct wtr_http_session *s = session;
    wtr_http_free_pairs(s);
    wtr_websocket_free(s->websocket);
    wtr_http_free_room(&s->room);
    wtr_piece_list_free(&s->pieces);
}

static void find(const struct walk *w, size_t at, size_t length, const char *reason)
{
    w->sink->finding(w->sink->payload, w->span, at, length, reason);
}

static void begin_next(struct walk *w)
{
    w->side->phase = WTR_HTTP_AT_START;
    w->side->scanned = 0;
    w->has_head = false;
}

static void lose(struct walk *w, const char *reason)
{
    size_t end = wtr_http_pass_segment(&w->side->finder, w->span, w->at);
    find(w, w->at, end - w->at, reason);
    w->at = end;
    w->has_head = false;
    w->side->finder.told = true;
    w->side->phase = WTR_HTTP_LOST;
    wtr_http_unpair(w->session, w->direction);
}

/* ---- handing out */

static const struct wtr_http_head *head_of(struct walk *w)
{
    const char *reason;
    if (!w->has_head) /* it could be read before */
        wtr_http_read_head(w->span->bytes + w->at, w->side->head_length, &w->head, &reason);
    w->has_head = true;
    return &w->head;
}

static bool is_websocket(const struct wtr_http *response)
{
    return wtr_text_is_nocase(wtr_http_header(response, "upgrade"), "websocket");
}

static void upgrade(struct walk *w, const struct wtr_http *response)
{
    struct wtr_http_session *session = w->session;
    struct wtr_text accept = wtr_http_header(response, "sec-websocket-accept");
    wtr_http_keep_upgrade(session, w->side->number);
    const struct wtr_http_kept *kept = session->upgrade;
    if (kept && kept->has_message &&
        !wtr_websocket_accepts(wtr_http_header(&kept->http, "sec-websocket-key"), accept))
        find(w, w->at, w->side->head_length, "Sec-WebSocket-Accept does not answer the key");
    wtr_websocket_begin(session, response);
}

/* What a message does to the connection. */
static void take_effect(struct walk *w, const struct wtr_http *http)
{
    struct wtr_http_session *session = w->session;
    if (!http->is_response || (http->status < 200 && http->status != 101))
        return;
    const struct wtr_http_kept *request =
        w->side->number <= session->certain ? wtr_http_waiting(session, w->side->number) : NULL;
    bool tunnel = request && request->is_connect && http->status < 300;
    if (http->status == 101 && is_websocket(http) && !session->websocket)
        upgrade(w, http);
    else if (http->status == 101 || tunnel)
        session->side[0].phase = session->side[1].phase = WTR_HTTP_ANOTHER;
    wtr_http_answered(session, w->side->number);
}

static void tell(struct walk *w, const struct wtr_span *span, struct wtr_http *http)
{
    struct wtr_http_session *session = w->session;
    uint64_t number = w->side->number;
    struct wtr_message message = {
        .protocol = &wtr_http,
        .type = http->is_response ? "response" : "request",
        .direction = w->direction,
        .span = *span,
        .body = http,
        .session = session,
        .exchange = wtr_http_exchange(session, number),
    };
    if (http->is_response && message.exchange != 0) {
        const struct wtr_http_kept *request = wtr_http_waiting(session, number);
        http->request = request && request->has_message ? &request->http : NULL;
    } else if (!http->is_response) {
        wtr_http_keep_request(session, number, span, http);
    }
    w->sink->message(w->sink->payload, &message);
    take_effect(w, http);
}

/* The span of the message's first `length` bytes, as they stand. */
static bool cut_span(struct walk *w, size_t length, struct wtr_span *span)
{
    struct wtr_piece_list *list = &w->session->pieces;
    wtr_piece_list_clear(list);
    bool made = wtr_piece_list_add(list, w->span, w->at, length);
    *span = (struct wtr_span){w->span->bytes + w->at, length, list->pieces, list->count, NULL};
    if (!made)
        find(w, w->at, length, "no memory for a message");
    return made;
}

/* Hands out the head alone: the body is not there, not read, or passed over. */
static void tell_head(struct walk *w, bool cut)
{
    struct wtr_http http = head_of(w)->http;
    struct wtr_span span;
    http.body_cut = cut;
    if (cut_span(w, w->side->head_length, &span))
        tell(w, &span, &http);
}

/* Hands out the message of `length` bytes with its body. */
static void tell_whole(struct walk *w, size_t length)
{
    const struct wtr_http_head *head = head_of(w);
    struct wtr_http_encoded encoded = {.head_length = head->length,
                                       .chunked = w->side->extent == WTR_HTTP_BY_CHUNKS,
                                       .coding = head->coding};
    struct wtr_http_room *room = &w->session->room;
    bool cut = false;
    const char *reason = NULL;
    if (!cut_span(w, length, &encoded.span))
        return;
    struct wtr_span span = encoded.span;
    bool coded = encoded.chunked || encoded.coding != WTR_HTTP_IDENTITY;
    bool readable = !coded || wtr_http_decode_body(room, &encoded, &span, &cut, &reason);
    if (reason)
        find(w, w->at, length, reason);
    if (!readable) {
        tell_head(w, true);
        return;
    }
    if (coded)
        wtr_http_read_head(span.bytes, head->length, &w->head, &reason);
    struct wtr_http http = w->head.http;
    http.body = wtr_text_of(span.bytes + encoded.head_length, span.length - encoded.head_length);
    http.body_cut = cut;
    tell(w, &span, &http);
    if (room->plain.capacity > WTR_HTTP_MAX_HEAD)
        wtr_http_free_room(room);
}

/* ---- bodies */

static bool is_worth_reading(const struct wtr_http_head *head)
{
    return wtr_http_body_limit(head) == WTR_HTTP_MAX_BODY;
}

/* The head is handed out, and the body passed over. */
static void pass_body(struct walk *w, size_t passed)
{
    const struct wtr_http_head *head = head_of(w);
    bool unread = head->coding == WTR_HTTP_OTHER_CODING || head->other_transfer;
    if (is_worth_reading(head))
        find(w, w->at, head->length,
             unread ? "a body in a coding that is not read" : "a body of more than 512 KiB is passed over");
    w->side->phase = w->side->extent == WTR_HTTP_UNTIL_CLOSE ? WTR_HTTP_ANOTHER : WTR_HTTP_PASS_BODY;
    tell_head(w, true);
    w->at += w->side->head_length + passed;
    w->side->chunks.at = 0;
    w->has_head = false;
}

static void begin_body(struct walk *w)
{
    struct wtr_http_side *side = w->side;
    const struct wtr_http_head *head = &w->head;
    bool readable = head->coding != WTR_HTTP_OTHER_CODING && !head->other_transfer;
    side->body_limit = readable ? wtr_http_body_limit(head) : 0;
    side->body_length = head->content_length;
    side->chunks = (struct wtr_http_chunks){.at = 0};
    bool too_long =
        side->extent == WTR_HTTP_BY_LENGTH ? side->body_length > side->body_limit : side->body_limit == 0;
    if (too_long)
        pass_body(w, 0);
    else
        side->phase = WTR_HTTP_IN_BODY;
}

static void end_message(struct walk *w, size_t length)
{
    begin_next(w); /* unless the message gives the connection to another protocol */
    tell_whole(w, length);
    w->at += length;
    w->has_head = false;
}

/* Goes on with a chunked body; false if more bytes are needed. */
static bool step_chunks(struct walk *w)
{
    struct wtr_http_side *side = w->side;
    struct wtr_http_chunks *chunks = &side->chunks;
    bool reading = side->phase == WTR_HTTP_IN_BODY;
    size_t head = reading ? side->head_length : 0;
    const char *reason;
    enum wtr_http_verdict verdict =
        wtr_http_walk_chunks(chunks, w->span->bytes + w->at + head, w->span->length - w->at - head, &reason);
    if (verdict == WTR_HTTP_BROKEN) {
        lose(w, reason);
    } else if (reading && (chunks->data > side->body_limit || chunks->at > WTR_HTTP_MAX_ENCODED)) {
        size_t walked = chunks->at;
        pass_body(w, walked);
        if (verdict == WTR_HTTP_WHOLE)
            begin_next(w);
    } else if (!reading) {
        w->at += chunks->at;
        chunks->at = 0;
        if (verdict == WTR_HTTP_WHOLE)
            begin_next(w);
    } else if (verdict == WTR_HTTP_WHOLE) {
        end_message(w, head + chunks->at);
    }
    return verdict != WTR_HTTP_MORE;
}

static bool step_body(struct walk *w)
{
    struct wtr_http_side *side = w->side;
    size_t available = w->span->length - w->at;
    if (side->extent == WTR_HTTP_BY_CHUNKS)
        return step_chunks(w);
    if (side->phase == WTR_HTTP_PASS_BODY) {
        size_t passed = side->body_length < available ? (size_t)side->body_length : available;
        w->at += passed;
        side->body_length -= passed;
        if (side->body_length == 0)
            begin_next(w);
        return true;
    }
    if (side->extent == WTR_HTTP_UNTIL_CLOSE) {
        if (available - side->head_length > side->body_limit)
            pass_body(w, 0);
        return side->phase != WTR_HTTP_IN_BODY;
    }
    if (available - side->head_length < side->body_length)
        return false;
    end_message(w, side->head_length + (size_t)side->body_length);
    return true;
}

/* ---- heads */

/* False if the message comes from the wrong end. */
static bool take_role(struct walk *w)
{
    struct wtr_http_session *session = w->session;
    enum wtr_direction other = w->direction == WTR_FROM_CLIENT ? WTR_FROM_SERVER : WTR_FROM_CLIENT;
    enum wtr_direction client = w->head.http.is_response ? other : w->direction;
    if (session->roles_known)
        return client == session->client;
    session->roles_known = true;
    session->client = client;
    return true;
}

static struct wtr_text method_of(const struct wtr_http_kept *request)
{
    const struct wtr_text unknown = {NULL, 0};
    return !request              ? unknown
           : request->is_head    ? WTR_TEXT("HEAD")
           : request->is_connect ? WTR_TEXT("CONNECT")
                                 : unknown;
}

static void take_head(struct walk *w)
{
    struct wtr_http_side *side = w->side;
    const struct wtr_http_kept *request = NULL;
    w->has_head = true;
    side->head_length = w->head.length;
    if (w->head.remark)
        find(w, w->at, w->head.length, w->head.remark);
    if (w->head.http.is_response)
        request = wtr_http_pair_response(w->session, side, &w->head);
    else
        wtr_http_pair_request(w->session, side, &w->head);
    side->extent = wtr_http_extent_of(&w->head, method_of(request));
    if (side->extent != WTR_HTTP_NO_BODY) {
        begin_body(w);
        return;
    }
    begin_next(w);
    w->has_head = true;
    tell_head(w, false);
    w->at += side->head_length;
    w->has_head = false;
}

/* Whether what follows from this end may be of the protocol that its last request asks for. */
static bool waits_for_upgrade(const struct walk *w)
{
    const struct wtr_http_session *session = w->session;
    return session->upgrading != 0 && session->upgrading <= session->certain && session->roles_known &&
           w->direction == session->client;
}

/* Reads the head at w->at; false if more bytes are needed. */
static bool step_start(struct walk *w)
{
    const uint8_t *bytes = w->span->bytes + w->at;
    size_t available = w->span->length - w->at;
    size_t length;
    const char *reason;
    if (waits_for_upgrade(w))
        return false;
    if (*bytes == '\r' || *bytes == '\n') { /* RFC 9112 2.2 */
        w->at++;
        return true;
    }
    enum wtr_http_verdict verdict = wtr_http_judge_start(bytes, available);
    if (verdict == WTR_HTTP_BROKEN) {
        lose(w, "neither a request line nor a status line");
        return true;
    }
    if (verdict == WTR_HTTP_MORE)
        return false;
    if (!wtr_http_find_end(bytes, available, &w->side->scanned, &length)) {
        if (available > WTR_HTTP_MAX_HEAD)
            lose(w, "a head of more than 64 KiB");
        return available > WTR_HTTP_MAX_HEAD;
    }
    if (!wtr_http_read_head(bytes, length, &w->head, &reason))
        lose(w, reason);
    else if (!take_role(w))
        lose(w, "a request and a response come from the same end");
    else
        take_head(w);
    return true;
}

/* ---- a direction */

static bool search(struct walk *w)
{
    size_t from = w->at;
    struct wtr_http_finder *finder = &w->side->finder;
    bool found = wtr_http_search(w->session, w->direction, w->span, &w->at);
    if (w->at > from && !finder->told) {
        find(w, from, w->at - from, "bytes before a message was found again");
        finder->told = true;
    }
    if (!found)
        return false;
    finder->told = false;
    begin_next(w);
    return true;
}

static bool step(struct walk *w)
{
    switch (w->side->phase) {
    case WTR_HTTP_AT_START:
        return step_start(w);
    case WTR_HTTP_IN_BODY:
    case WTR_HTTP_PASS_BODY:
        return step_body(w);
    case WTR_HTTP_LOST:
        return search(w);
    case WTR_HTTP_FRAMES:
        w->at = wtr_websocket_read(w->session, w->direction, w->span, w->at, w->sink);
        return false;
    default:
        w->at = w->span->length;
        return false;
    }
}

static size_t stream(void *session, enum wtr_direction direction, const struct wtr_span *unread, size_t *need,
                     struct wtr_sink *sink)
{
    struct wtr_http_session *s = session;
    struct walk w = {
        .session = s, .direction = direction, .side = &s->side[direction], .span = unread, .sink = sink};
    wtr_http_note_segment(&w.side->finder, unread);
    while (w.at < unread->length && step(&w))
        continue;
    w.side->have = unread->length - w.at;
    w.side->finder.cut = wtr_http_is_inside(&w.side->finder, unread, w.at);
    *need = 0;
    return w.at;
}

/* How much of the body at hand is still to come behind `missing` lost bytes; false if it may have ended among
 * them. */
static bool end_is_known(struct wtr_http_side *side, uint64_t missing)
{
    bool in_body = side->phase == WTR_HTTP_IN_BODY || side->phase == WTR_HTTP_PASS_BODY;
    if (!in_body || missing == 0)
        return false;
    if (side->extent == WTR_HTTP_BY_CHUNKS) {
        struct wtr_http_chunks *chunks = &side->chunks;
        if (chunks->state != WTR_HTTP_CHUNK_DATA || missing >= chunks->left)
            return false;
        chunks->left -= missing;
        chunks->at = 0;
        return true;
    }
    uint64_t left = side->body_length;
    if (side->phase == WTR_HTTP_IN_BODY)
        left += side->head_length - side->have;
    if (missing > left)
        return false;
    side->body_length = left - missing;
    return true;
}

static void gap(void *session, enum wtr_direction direction, uint64_t missing)
{
    struct wtr_http_session *s = session;
    struct wtr_http_side *side = &s->side[direction];
    bool until_close = side->extent == WTR_HTTP_UNTIL_CLOSE && side->phase == WTR_HTTP_IN_BODY;
    bool unread = side->phase == WTR_HTTP_IN_BODY;
    wtr_http_note_gap(&side->finder, missing);
    if (side->phase == WTR_HTTP_FRAMES)
        wtr_websocket_gap(s, direction, missing);
    if (side->phase == WTR_HTTP_ANOTHER || side->phase == WTR_HTTP_FRAMES)
        return;
    if (until_close) {
        side->phase = WTR_HTTP_ANOTHER;
    } else if (end_is_known(side, missing)) {
        bool over = side->extent == WTR_HTTP_BY_LENGTH && side->body_length == 0;
        side->phase = over ? WTR_HTTP_AT_START : WTR_HTTP_PASS_BODY;
    } else {
        side->phase = WTR_HTTP_LOST;
        wtr_http_unpair(s, direction);
    }
    side->scanned = 0;
    if (unread && s->roles_known && direction != s->client)
        wtr_http_answered(s, side->number);
}

static size_t end(void *session, enum wtr_direction direction, const struct wtr_span *unread,
                  struct wtr_sink *sink)
{
    struct wtr_http_session *s = session;
    struct walk w = {
        .session = s, .direction = direction, .side = &s->side[direction], .span = unread, .sink = sink};
    bool whole = w.side->phase == WTR_HTTP_IN_BODY && w.side->extent == WTR_HTTP_UNTIL_CLOSE;
    if (!whole)
        return 0;
    end_message(&w, unread->length);
    w.side->phase = WTR_HTTP_ANOTHER;
    return unread->length;
}

/* HTTP's own port (IANA). */
static const uint16_t ports[] = {80, 0};

const struct wtr_protocol wtr_http = {
    .name = "http",
    .session_size = sizeof(struct wtr_http_session),
    .probe_stream = wtr_http_probe,
    .open = open_session,
    .close = close_session,
    .stream = stream,
    .gap = gap,
    .exchanges = true,
    .general = true,
    .fields = wtr_http_fields,
    .ports = ports,
    .end = end,
};
