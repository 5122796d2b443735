/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a frame again behind lost bytes. Frames have no signature, so that a place is believed only if it
 * is the first byte of a TCP segment and what stands before it was a segment with which a write ended
 * (http_search.c), from there on come sound frames, masked as this end must, until one of them ends exactly
 * with a segment, and one of them is telling: a text message that is a JSON object, or, where the subprotocol
 * is MQTT, a binary one that MQTT recognises. Compressed messages tell nothing. */
#include "protocol/websocket_wire.h"

enum { LONGEST_WAIT = 64 << 10 };

/* What is known of a run of frames. */
struct run {
    const struct wtr_http_session *session;
    bool from_client;
    size_t length;
    bool telling;
    size_t need;
};

static bool is_telling(struct wtr_websocket_state *state, const struct wtr_websocket_frame *frame,
                       const uint8_t *payload)
{
    size_t length = (size_t)frame->length;
    struct wtr_buffer *plain = &state->scratch;
    if (!frame->fin || frame->rsv1 || length < 2)
        return false;
    wtr_buffer_clear(plain);
    wtr_websocket_unmask(plain, frame, payload, length);
    if (plain->failed)
        return false;
    if (frame->opcode == WTR_WEBSOCKET_TEXT)
        return plain->data[0] == '{' && plain->data[length - 1] == '}' && wtr_utf8_valid(plain->data, length);
    const struct wtr_probe probe = {.bytes = (const uint8_t *)plain->data, .length = length};
    return frame->opcode == WTR_WEBSOCKET_BINARY && state->mqtt &&
           wtr_mqtt.probe_stream(&probe) >= WTR_BID_LIKELY;
}

/* Adds the next frame to the run. */
static enum wtr_http_verdict step(struct run *run, const uint8_t *bytes, size_t available)
{
    struct wtr_websocket_frame frame;
    const char *reason;
    enum wtr_http_verdict verdict =
        wtr_websocket_read_frame(bytes + run->length, available - run->length, &frame, &reason);
    if (verdict != WTR_HTTP_WHOLE)
        return verdict;
    if (frame.masked != run->from_client || frame.length > LONGEST_WAIT)
        return WTR_HTTP_BROKEN;
    size_t total = frame.header + (size_t)frame.length;
    if (total > available - run->length)
        return WTR_HTTP_MORE;
    run->telling |= is_telling(run->session->websocket, &frame, bytes + run->length + frame.header);
    run->length += total;
    return WTR_HTTP_WHOLE;
}

/* Judges the run of frames that begins with the piece. */
static enum wtr_http_verdict judge(struct run *run, const struct wtr_span *span, size_t piece)
{
    size_t start = span->pieces[piece].at;
    for (;;) {
        enum wtr_http_verdict verdict = step(run, span->bytes + start, span->length - start);
        if (verdict == WTR_HTTP_MORE && span->length - start > LONGEST_WAIT)
            return WTR_HTTP_BROKEN;
        if (verdict != WTR_HTTP_WHOLE)
            return verdict;
        while (span->pieces[piece].at + span->pieces[piece].length < start + run->length)
            piece++;
        bool ends = span->pieces[piece].at + span->pieces[piece].length == start + run->length;
        if (ends && run->telling)
            return WTR_HTTP_WHOLE;
        if (start + run->length == span->length)
            return WTR_HTTP_MORE;
    }
}

bool wtr_websocket_search(struct wtr_http_session *session, enum wtr_direction direction,
                          const struct wtr_span *span, size_t *at)
{
    struct wtr_http_finder *finder = &session->side[direction].finder;
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_piece *piece = &span->pieces[i];
        if (piece->at + piece->length <= *at)
            continue;
        if (piece->at == *at && wtr_http_may_begin(finder, piece)) {
            struct run run = {.session = session, .from_client = direction == session->client};
            enum wtr_http_verdict verdict = judge(&run, span, i);
            if (verdict != WTR_HTTP_BROKEN)
                return verdict == WTR_HTTP_WHOLE;
        }
        *at = piece->at + piece->length;
        wtr_http_note_front(finder, piece);
    }
    return false;
}
