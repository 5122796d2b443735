/* SPDX-License-Identifier: Apache-2.0 */
/* Which response answers which request: the n-th the n-th (RFC 9112 9.3.2). That is certain for as long as
 * both directions were counted from the connection's beginning; once it is not, nothing is paired any more.
 * A loss inside a message whose length is known leaves the count exact. */
#include "protocol/http_wire.h"

#include <stdlib.h>

static struct wtr_http_kept **slot_of(struct wtr_http_session *session, uint64_t number)
{
    return &session->kept[number % WTR_HTTP_MAX_PIPELINED];
}

static void free_kept(struct wtr_http_kept *kept)
{
    if (kept)
        wtr_buffer_free(&kept->bytes);
    free(kept);
}

/* Takes the request out of its slot; keeps its memory for the next one. */
static void put_aside(struct wtr_http_session *session, struct wtr_http_kept *kept)
{
    free_kept(session->spare);
    session->spare = kept;
}

struct wtr_http_kept *wtr_http_waiting(const struct wtr_http_session *session, uint64_t number)
{
    struct wtr_http_kept *kept = session->kept[number % WTR_HTTP_MAX_PIPELINED];
    return kept && kept->number == number ? kept : NULL;
}

uint64_t wtr_http_exchange(const struct wtr_http_session *session, uint64_t number)
{
    return number <= session->certain ? number : 0;
}

static void limit_certainty(struct wtr_http_session *session, uint64_t number)
{
    if (session->certain > number)
        session->certain = number;
}

static struct wtr_http_kept *new_kept(struct wtr_http_session *session)
{
    struct wtr_http_kept *kept = session->spare;
    session->spare = NULL;
    if (!kept)
        return calloc(1, sizeof *kept);
    kept->has_message = false;
    wtr_buffer_clear(&kept->bytes);
    return kept;
}

void wtr_http_pair_request(struct wtr_http_session *session, struct wtr_http_side *side,
                           const struct wtr_http_head *head)
{
    uint64_t number = ++session->requests;
    struct wtr_http_kept **slot = slot_of(session, number);
    side->number = number;
    if (number > session->certain)
        return;
    struct wtr_http_kept *kept = *slot ? NULL : new_kept(session);
    if (!kept) { /* too many wait, or memory is used up */
        limit_certainty(session, number - 1);
        return;
    }
    kept->number = number;
    kept->is_head = wtr_text_is(head->http.method, "HEAD");
    kept->is_connect = wtr_text_is(head->http.method, "CONNECT");
    kept->upgrades = head->upgrade_websocket;
    *slot = kept;
    if (kept->upgrades)
        session->upgrading = number;
}

/* The text at the same place in the copy, if the copy holds it. */
static struct wtr_text moved(struct wtr_text text, const struct wtr_span *span, const struct wtr_buffer *copy)
{
    size_t at;
    if (text.data && wtr_span_holds(span, text.data, text.length, &at) && at + text.length <= copy->length)
        return wtr_text_of(copy->data + at, text.length);
    return (struct wtr_text){NULL, 0};
}

void wtr_http_keep_request(struct wtr_http_session *session, uint64_t number, const struct wtr_span *span,
                           const struct wtr_http *http)
{
    struct wtr_http_kept *kept = wtr_http_waiting(session, number);
    if (!kept)
        return;
    size_t head = http->body.data ? (size_t)(http->body.data - (const char *)span->bytes) : span->length;
    bool too_long = span->length > WTR_HTTP_MAX_KEPT_REQUEST;
    size_t length = !too_long ? span->length : head < WTR_HTTP_MAX_KEPT_REQUEST ? head : 0;
    wtr_put(&kept->bytes, span->bytes, length);
    if (kept->bytes.failed || length == 0)
        return;
    kept->http = *http;
    kept->http.method = moved(http->method, span, &kept->bytes);
    kept->http.target = moved(http->target, span, &kept->bytes);
    kept->http.version = moved(http->version, span, &kept->bytes);
    for (size_t i = 0; i < http->header_count; i++) {
        kept->http.headers[i].name = moved(http->headers[i].name, span, &kept->bytes);
        kept->http.headers[i].value = moved(http->headers[i].value, span, &kept->bytes);
    }
    kept->http.body = moved(http->body, span, &kept->bytes);
    kept->http.body_cut = http->body_cut || (http->body.data && !kept->http.body.data);
    kept->has_message = true;
}

const struct wtr_http_kept *wtr_http_pair_response(struct wtr_http_session *session,
                                                   struct wtr_http_side *side,
                                                   const struct wtr_http_head *head)
{
    bool interim = head->http.status < 200 && head->http.status != 101;
    side->number = session->responses + 1;
    if (!interim)
        session->responses++;
    if (side->number > session->requests) /* it answers nothing that was seen */
        limit_certainty(session, session->requests);
    return side->number <= session->certain ? wtr_http_waiting(session, side->number) : NULL;
}

void wtr_http_answered(struct wtr_http_session *session, uint64_t number)
{
    struct wtr_http_kept **slot = slot_of(session, number);
    if (session->upgrading == number)
        session->upgrading = 0;
    if (!*slot || (*slot)->number != number)
        return;
    put_aside(session, *slot);
    *slot = NULL;
}

void wtr_http_keep_upgrade(struct wtr_http_session *session, uint64_t number)
{
    struct wtr_http_kept *kept = wtr_http_waiting(session, number);
    if (!kept || number > session->certain)
        return;
    free_kept(session->upgrade);
    session->upgrade = kept;
    *slot_of(session, number) = NULL;
}

void wtr_http_unpair(struct wtr_http_session *session, enum wtr_direction direction)
{
    bool of_client = session->roles_known && direction == session->client;
    limit_certainty(session, of_client ? session->requests : session->responses);
}

void wtr_http_free_pairs(struct wtr_http_session *session)
{
    for (size_t i = 0; i < WTR_HTTP_MAX_PIPELINED; i++)
        free_kept(session->kept[i]);
    free_kept(session->spare);
    free_kept(session->upgrade);
}
