/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket (RFC 6455) on a connection that HTTP upgraded: frames to messages, without mask and compression.
 * A message stands in its span behind the header of its first frame. What one end sent unmasked in a single
 * frame is handed out where it stands. */
#include "protocol/websocket_wire.h"

/* One call of wtr_websocket_read(). */
struct walk {
    struct wtr_http_session *session;
    struct wtr_websocket_state *state;
    struct wtr_websocket_side *side;
    enum wtr_direction direction;
    const struct wtr_span *span;
    struct wtr_sink *sink;
    size_t at;
};

/* ---- losses */

static void find(const struct walk *w, size_t length, const char *reason)
{
    w->sink->finding(w->sink->payload, w->span, w->at, length, reason);
}

static void forget_message(struct wtr_websocket_side *side)
{
    side->opcode = 0;
    wtr_piece_list_clear(&side->pieces);
    if (side->plain.capacity > WTR_HTTP_MAX_HEAD)
        wtr_buffer_free(&side->plain);
    wtr_buffer_clear(&side->plain);
}

/* Payload of this direction was not read. `last`: it ended its message. */
static void lose_payload(struct wtr_websocket_state *state, enum wtr_direction direction, bool last)
{
    struct wtr_websocket_side *side = &state->side[direction];
    forget_message(side);
    side->ignore = !last;
    side->context_lost = true;
    if (state->mqtt)
        wtr_websocket_mqtt_gap(state, direction);
}

static void lose(struct walk *w, const char *reason)
{
    struct wtr_http_finder *finder = &w->session->side[w->direction].finder;
    size_t end = wtr_http_pass_segment(finder, w->span, w->at);
    find(w, end - w->at, reason);
    w->at = end;
    finder->told = true;
    w->side->lost = true;
    lose_payload(w->state, w->direction, true);
}

void wtr_websocket_gap(struct wtr_http_session *session, enum wtr_direction direction, uint64_t missing)
{
    struct wtr_websocket_side *side = &session->websocket->side[direction];
    uint64_t left = side->skip > 0 ? side->skip : side->expected > 0 ? side->expected - side->have : 0;
    bool passing = side->skip > 0;
    bool known = !side->lost && missing > 0 && missing <= left;
    side->lost = !known;
    side->skip = known ? left - missing : 0;
    if (!passing || !known)
        lose_payload(session->websocket, direction, !known || side->last);
    side->expected = 0;
}

/* ---- messages */

static const char *type_of(uint8_t opcode)
{
    switch (opcode) {
    case WTR_WEBSOCKET_TEXT:
        return "text";
    case WTR_WEBSOCKET_BINARY:
        return "binary";
    case WTR_WEBSOCKET_CLOSE:
        return "close";
    case WTR_WEBSOCKET_PING:
        return "ping";
    default:
        return "pong";
    }
}

/* Hands out a message whose payload is the span's bytes from `header` on. */
static void tell(struct walk *w, uint8_t opcode, const struct wtr_span *span, size_t header)
{
    const struct wtr_http_kept *upgrade = w->session->upgrade;
    struct wtr_websocket body = {
        .text = opcode == WTR_WEBSOCKET_TEXT,
        .opcode = opcode,
        .payload = wtr_text_of(span->bytes + header, span->length - header),
        .request = upgrade && upgrade->has_message ? &upgrade->http : NULL,
    };
    const struct wtr_message message = {
        .protocol = &wtr_websocket,
        .type = type_of(opcode),
        .direction = w->direction,
        .span = *span,
        .body = &body,
        .session = w->session,
        .over = "http",
    };
    if (opcode == WTR_WEBSOCKET_BINARY && w->state->mqtt)
        wtr_websocket_feed_mqtt(w->state, w->direction, span, header, w->sink);
    else
        w->sink->message(w->sink->payload, &message);
}

/* The message that was put together, inflated; false if that can't be. */
static bool inflate_message(struct walk *w, struct wtr_span *span)
{
    struct wtr_websocket_side *side = w->side;
    struct wtr_buffer *out = &w->state->scratch;
    bool anew = w->state->no_context[w->direction];
    if (side->context_lost && !anew)
        return false;
    wtr_buffer_clear(out);
    wtr_put(out, side->plain.data, side->header);
    struct wtr_text payload = wtr_text_of(side->plain.data + side->header, side->plain.length - side->header);
    if (!wtr_websocket_inflate(side, anew, payload, out)) {
        side->context_lost = true;
        return false;
    }
    w->state->opening.keeps_places = false;
    w->state->opening.steps =
        w->direction == w->session->client ? "websocket-mask+deflate" : "websocket-deflate";
    span->bytes = (const uint8_t *)out->data;
    span->length = out->length;
    return true;
}

static void tell_together(struct walk *w, size_t length)
{
    struct wtr_websocket_side *side = w->side;
    w->state->opening = (struct wtr_opening){
        .steps = w->direction == w->session->client ? "websocket-mask" : "websocket", .keeps_places = true};
    struct wtr_span span = {(const uint8_t *)side->plain.data, side->plain.length, side->pieces.pieces,
                            side->pieces.count, &w->state->opening};
    if (side->compressed && !inflate_message(w, &span))
        find(w, length, "a compressed message that can't be read");
    else
        tell(w, side->opcode, &span, side->header);
    forget_message(side);
}

/* Adds the frame at w->at to the message being put together; false if memory is used up. */
static bool add(struct walk *w, const struct wtr_websocket_frame *frame)
{
    struct wtr_websocket_side *side = w->side;
    const uint8_t *bytes = w->span->bytes + w->at;
    size_t length = (size_t)frame->length;
    side->pieces.hint = 0;
    bool first = side->opcode == 0;
    size_t from = w->at + frame->header;
    if (first) {
        side->opcode = frame->opcode;
        side->compressed = frame->rsv1;
        side->header = frame->header;
        wtr_put(&side->plain, bytes, frame->header);
        from = w->at;
    }
    wtr_websocket_unmask(&side->plain, frame, bytes + frame->header, length);
    size_t end = w->at + frame->header + length;
    return wtr_piece_list_add(&side->pieces, w->span, from, end - from) && !side->plain.failed;
}

/* A message that is one frame's and stands unmasked. */
static void tell_in_place(struct walk *w, const struct wtr_websocket_frame *frame)
{
    struct wtr_piece_list *list = &w->session->pieces;
    size_t length = frame->header + (size_t)frame->length;
    wtr_piece_list_clear(list);
    if (!wtr_piece_list_add(list, w->span, w->at, length)) {
        find(w, length, "no memory for a message");
        return;
    }
    const struct wtr_span span = {w->span->bytes + w->at, length, list->pieces, list->count, NULL};
    tell(w, frame->opcode, &span, frame->header);
}

static void take_control(struct walk *w, const struct wtr_websocket_frame *frame)
{
    if (!frame->masked) {
        tell_in_place(w, frame);
        return;
    }
    struct wtr_websocket_side message = *w->side; /* a control frame may stand within a message */
    struct wtr_websocket_side *side = w->side;
    side->opcode = 0;
    side->plain = (struct wtr_buffer){0};
    side->pieces = (struct wtr_piece_list){0};
    if (add(w, frame))
        tell_together(w, frame->header + (size_t)frame->length);
    wtr_buffer_free(&side->plain);
    wtr_piece_list_free(&side->pieces);
    side->opcode = message.opcode;
    side->compressed = message.compressed;
    side->header = message.header;
    side->plain = message.plain;
    side->pieces = message.pieces;
}

static void take_data(struct walk *w, const struct wtr_websocket_frame *frame)
{
    struct wtr_websocket_side *side = w->side;
    size_t length = frame->header + (size_t)frame->length;
    if (side->ignore) {
        side->ignore = !frame->fin;
        return;
    }
    if (side->opcode == 0 && frame->fin && !frame->masked && !frame->rsv1) {
        tell_in_place(w, frame);
        return;
    }
    size_t before = side->opcode != 0 ? side->plain.length - side->header : 0;
    bool too_long = before + frame->length > WTR_WEBSOCKET_MAX_MESSAGE;
    if (too_long || !add(w, frame)) {
        find(w, length,
             too_long ? "a message of more than 512 KiB is passed over" : "no memory for a message");
        lose_payload(w->state, w->direction, frame->fin);
    } else if (frame->fin) {
        tell_together(w, length);
    }
}

/* ---- frames */

static const char *fault_of(const struct walk *w, const struct wtr_websocket_frame *frame)
{
    const struct wtr_websocket_side *side = w->side;
    bool continues = frame->opcode == WTR_WEBSOCKET_CONTINUATION;
    bool within = side->opcode != 0 || side->ignore;
    if (frame->masked != (w->direction == w->session->client))
        return frame->masked ? "a frame from the server is masked" : "a frame from the client is not masked";
    if (frame->rsv1 && !w->state->deflate)
        return "a compressed message, which was not agreed on";
    if (!wtr_websocket_is_control(frame->opcode) && continues != within)
        return continues ? "a continuation of no message" : "a message begins within another";
    return NULL;
}

/* Reads the frame at w->at; false if more bytes are needed. */
static bool step(struct walk *w)
{
    struct wtr_websocket_side *side = w->side;
    struct wtr_websocket_frame frame;
    size_t available = w->span->length - w->at;
    const char *reason;
    enum wtr_http_verdict verdict =
        wtr_websocket_read_frame(w->span->bytes + w->at, available, &frame, &reason);
    side->expected = 0;
    if (verdict == WTR_HTTP_MORE)
        return false;
    if (verdict == WTR_HTTP_WHOLE)
        reason = fault_of(w, &frame);
    if (reason) {
        lose(w, reason);
        return true;
    }
    bool control = wtr_websocket_is_control(frame.opcode);
    if (frame.length > WTR_WEBSOCKET_MAX_MESSAGE) {
        find(w, frame.header, "a message of more than 512 KiB is passed over");
        lose_payload(w->state, w->direction, frame.fin);
        side->skip = frame.length;
        w->at += frame.header;
        return true;
    }
    if (frame.length > available - frame.header) {
        side->expected = frame.header + frame.length;
        side->have = available;
        side->last = control ? !side->ignore && side->opcode == 0 : frame.fin;
        return false;
    }
    if (control)
        take_control(w, &frame);
    else
        take_data(w, &frame);
    w->at += frame.header + (size_t)frame.length;
    return true;
}

static bool search(struct walk *w)
{
    size_t from = w->at;
    struct wtr_http_finder *finder = &w->session->side[w->direction].finder;
    bool found = wtr_websocket_search(w->session, w->direction, w->span, &w->at);
    if (w->at > from && !finder->told) {
        w->sink->finding(w->sink->payload, w->span, from, w->at - from,
                         "bytes before a frame was found again");
        finder->told = true;
    }
    if (found)
        w->side->lost = finder->told = w->side->ignore = false;
    return found;
}

size_t wtr_websocket_read(struct wtr_http_session *session, enum wtr_direction direction,
                          const struct wtr_span *span, size_t at, struct wtr_sink *sink)
{
    struct wtr_websocket_state *state = session->websocket;
    struct walk w = {session, state, &state->side[direction], direction, span, sink, at};
    bool goes_on = true;
    while (goes_on && w.at < span->length) {
        size_t left = span->length - w.at;
        size_t skipped = w.side->skip < left ? (size_t)w.side->skip : left;
        w.side->skip -= skipped;
        w.at += skipped;
        if (skipped == 0)
            goes_on = w.side->lost ? search(&w) : step(&w);
    }
    return w.at;
}

/* ---- fields */

static void put_close(const struct wtr_websocket *body, struct wtr_json_writer *out)
{
    if (body->payload.length < 2)
        return;
    const uint8_t *bytes = (const uint8_t *)body->payload.data;
    wtr_json_key(out, "status_code");
    wtr_json_put_uint(out, (uint64_t)(bytes[0] << 8 | bytes[1]));
    wtr_json_key(out, "reason");
    wtr_json_put_bytes(out, wtr_text_of(bytes + 2, body->payload.length - 2));
}

static void fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_websocket *body = message->body;
    wtr_json_key(out, "opcode");
    wtr_json_put_uint(out, body->opcode);
    if (body->opcode == WTR_WEBSOCKET_CLOSE) {
        put_close(body, out);
        return;
    }
    wtr_json_key(out, "payload");
    wtr_json_put_bytes(out, body->payload);
}

const struct wtr_protocol wtr_websocket = {
    .name = "websocket",
    .fields = fields,
};
