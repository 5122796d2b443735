/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a message again, where a capture begins inside a connection, behind lost bytes and behind bytes
 * that are not HTTP.
 *
 * A body may hold whole messages, so nothing in the bytes alone proves where one begins. The search believes
 * a place only if it is the first byte of a TCP segment, what stands directly before it was a segment with
 * which a write ended (or nothing was seen before it), and a whole head stands there that breaks no rule; a
 * request of HTTP/1.1 must name its host (RFC 9112 3.2). A head that is not whole yet is waited for.
 *
 * A write ended with a segment that was not a full one: it is shorter than 64 bytes; or than 1220 bytes and
 * another segment of this direction; or than 536 bytes, and the next one came a second later or more. 536 and
 * 1220 are TCP's defaults for IPv4 and IPv6 (RFC 9293 3.7.1). */
#include "protocol/http_wire.h"

enum { ALWAYS_SHORT = 64, DEFAULT_SEGMENT_IPV4 = 536, DEFAULT_SEGMENT_IPV6 = 1220, LONGEST_WAIT = 16 << 10 };

#define PAUSE_NS UINT64_C(1000000000)

static bool came_later(const struct wtr_http_finder *finder, const struct wtr_piece *piece)
{
    return piece->time_ns > finder->front_ns &&
           (uint64_t)piece->time_ns - (uint64_t)finder->front_ns >= PAUSE_NS;
}

bool wtr_http_may_begin(const struct wtr_http_finder *finder, const struct wtr_piece *piece)
{
    if (finder->front != WTR_HTTP_FRONT_SEGMENT)
        return finder->front == WTR_HTTP_FRONT_START;
    uint64_t length = finder->front_segment;
    return length < ALWAYS_SHORT || (length < DEFAULT_SEGMENT_IPV6 && length < finder->longest_segment) ||
           (length < DEFAULT_SEGMENT_IPV4 && came_later(finder, piece));
}

static enum wtr_http_verdict judge(const struct wtr_http_session *session, enum wtr_direction direction,
                                   const uint8_t *bytes, size_t available)
{
    enum wtr_http_verdict verdict = wtr_http_judge_start(bytes, available);
    struct wtr_http_head head;
    const char *reason;
    size_t scanned = 0, length;
    if (verdict == WTR_HTTP_BROKEN)
        return verdict;
    if (verdict == WTR_HTTP_MORE || !wtr_http_find_end(bytes, available, &scanned, &length))
        return available < LONGEST_WAIT ? WTR_HTTP_MORE : WTR_HTTP_BROKEN;
    if (!wtr_http_read_head(bytes, length, &head, &reason) || head.http.header_count == 0)
        return WTR_HTTP_BROKEN;
    bool nameless = !head.http.is_response && !head.has_host && wtr_text_is(head.http.version, "HTTP/1.1");
    bool of_client = direction == session->client;
    bool wrong_end = session->roles_known && head.http.is_response == of_client;
    return nameless || wrong_end ? WTR_HTTP_BROKEN : WTR_HTTP_WHOLE;
}

void wtr_http_note_front(struct wtr_http_finder *finder, const struct wtr_piece *piece)
{
    finder->front = WTR_HTTP_FRONT_SEGMENT;
    finder->front_segment = piece->length;
    finder->front_ns = piece->time_ns;
}

bool wtr_http_search(struct wtr_http_session *session, enum wtr_direction direction,
                     const struct wtr_span *span, size_t *at)
{
    struct wtr_http_finder *finder = &session->side[direction].finder;
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_piece *piece = &span->pieces[i];
        if (piece->at + piece->length <= *at)
            continue;
        if (piece->at == *at && wtr_http_may_begin(finder, piece)) {
            enum wtr_http_verdict verdict = judge(session, direction, span->bytes + *at, span->length - *at);
            if (verdict != WTR_HTTP_BROKEN)
                return verdict == WTR_HTTP_WHOLE;
        }
        *at = piece->at + piece->length;
        wtr_http_note_front(finder, piece);
    }
    return false;
}

void wtr_http_note_segment(struct wtr_http_finder *finder, const struct wtr_span *unread)
{
    if (unread->piece_count == 0 || (unread->piece_count == 1 && finder->cut))
        return;
    finder->last_segment = unread->pieces[unread->piece_count - 1].length;
    if (finder->last_segment > finder->longest_segment)
        finder->longest_segment = finder->last_segment;
}

void wtr_http_note_gap(struct wtr_http_finder *finder, uint64_t missing)
{
    /* The lost segments were not full ones if all of them together, with the last one before them (which a
     * capture may have cut), are not. */
    finder->front = missing > 0 ? WTR_HTTP_FRONT_SEGMENT : WTR_HTTP_FRONT_UNKNOWN;
    finder->front_segment = missing < UINT32_MAX ? finder->last_segment + missing : UINT32_MAX;
    finder->front_ns = INT64_MAX;
    finder->cut = false;
    finder->told = false;
}

static const struct wtr_piece *piece_of(const struct wtr_span *span, size_t at)
{
    for (size_t i = 0; i < span->piece_count; i++)
        if (at < span->pieces[i].at + span->pieces[i].length)
            return &span->pieces[i];
    return NULL;
}

bool wtr_http_is_inside(const struct wtr_http_finder *finder, const struct wtr_span *span, size_t at)
{
    const struct wtr_piece *piece = piece_of(span, at);
    return piece && (piece->at < at || (at == 0 && finder->cut));
}

size_t wtr_http_pass_segment(struct wtr_http_finder *finder, const struct wtr_span *span, size_t at)
{
    const struct wtr_piece *piece = piece_of(span, at);
    if (!piece)
        return span->length;
    wtr_http_note_front(finder, piece);
    if (piece == span->pieces && finder->cut)
        finder->front = WTR_HTTP_FRONT_UNKNOWN;
    return piece->at + piece->length;
}
