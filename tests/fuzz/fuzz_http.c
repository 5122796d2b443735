/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP and WebSocket: the input is a list of segments, gaps and ends for both directions of one connection.
 *
 * First byte: bit 0, the beginning was not seen; bit 1, the connection is upgraded first (bit 2 with
 * compression, bit 3 with MQTT in it). Then steps: bit 0 of a step's byte is the direction; bits 1 and 2 say
 * what it is: 0 and 1, a segment whose length is the next byte times 1 or 8; 2, the direction's end; 3, a gap
 * whose length is the next byte (0: not known), times 64 if bit 3 is set. A segment's bytes follow. The
 * unread bytes are kept in a block of exactly their length. */
#include "protocol/http.h"
#include "protocol/mqtt.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PIECES = 1024, MAX_UNREAD = 3 << 20 };

struct side {
    uint8_t *bytes;
    size_t length;
    struct wtr_piece *pieces;
    size_t piece_count;
    uint64_t place; /* of the first unread byte in the stream */
};

struct run {
    void *session;
    struct side side[2];
    enum wtr_direction direction; /* being read */
    struct wtr_buffer fields;
    struct wtr_json json;
};

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_text(const struct wtr_message *m, struct wtr_text text)
{
    size_t at;
    if (text.data)
        must(wtr_span_holds(&m->span, text.data, text.length, &at));
}

static void check_http(const struct wtr_message *m)
{
    const struct wtr_http *http = m->body;
    check_text(m, http->method);
    check_text(m, http->target);
    check_text(m, http->version);
    check_text(m, http->body);
    must(http->header_count <= WTR_HTTP_MAX_HEADERS && http->body.length <= WTR_HTTP_MAX_BODY);
    for (size_t i = 0; i < http->header_count; i++) {
        check_text(m, http->headers[i].name);
        check_text(m, http->headers[i].value);
    }
    must(!http->request || (http->is_response && m->exchange != 0 && !http->request->is_response));
}

/* The pieces cover the message in order; its evidence stands among the bytes that are unread. */
static void check_pieces(const struct run *run, const struct wtr_message *m)
{
    size_t at = 0;
    for (size_t i = 0; i < m->span.piece_count; i++) {
        const struct wtr_piece *p = &m->span.pieces[i];
        must(p->at == at && p->length > 0);
        must(p->offset + p->length <= run->side[run->direction].place + run->side[run->direction].length);
        at += p->length;
    }
    must(m->span.piece_count > 0 && (wtr_span_is_opaque(&m->span) || at == m->span.length));
}

static void on_message(void *payload, const struct wtr_message *m)
{
    struct run *run = payload;
    must(m->direction == run->direction);
    check_pieces(run, m);
    if (m->protocol == &wtr_http) {
        check_http(m);
    } else if (m->protocol == &wtr_websocket) {
        const struct wtr_websocket *body = m->body;
        check_text(m, body->payload);
        must(body->payload.length <= WTR_HTTP_MAX_BODY && strcmp(m->over, "http") == 0);
    } else {
        must(m->protocol == &wtr_mqtt && strcmp(m->over, "http/websocket") == 0);
    }
    wtr_buffer_clear(&run->fields);
    struct wtr_json_writer w = {.out = &run->fields, .reveal_secrets = m->span.length % 2};
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
    struct wtr_text text = wtr_buffer_text(&run->fields);
    must(run->fields.failed || wtr_json_parse(&run->json, text) || text.length > WTR_JSON_MAX_TOKENS);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    (void)payload;
    must(at <= span->length && length <= span->length - at && reason && *reason);
}

static void discard(struct side *s, size_t used)
{
    size_t kept = 0;
    if (used == 0)
        return;
    for (size_t i = 0; i < s->piece_count; i++) {
        struct wtr_piece p = s->pieces[i];
        if (p.at + p.length <= used)
            continue;
        size_t cut = p.at < used ? used - p.at : 0;
        p.at = p.at + cut - used;
        p.length -= cut;
        p.offset += cut;
        s->pieces[kept++] = p;
    }
    s->piece_count = kept;
    s->length -= used;
    s->place += used;
    uint8_t *rest = malloc(s->length ? s->length : 1);
    must(rest != NULL);
    memcpy(rest, s->bytes + used, s->length);
    free(s->bytes);
    s->bytes = rest;
}

static void lose(struct run *run, enum wtr_direction direction, uint64_t missing)
{
    struct side *s = &run->side[direction];
    discard(s, s->length);
    s->place += missing;
    wtr_http.gap(run->session, direction, missing);
}

static void feed(struct run *run, enum wtr_direction direction, const uint8_t *data, size_t length,
                 uint64_t frame)
{
    struct side *s = &run->side[direction];
    if (length == 0)
        return;
    if (s->length + length > MAX_UNREAD || s->piece_count == MAX_PIECES)
        lose(run, direction, 0);
    uint8_t *bytes = realloc(s->bytes, s->length + length);
    must(bytes != NULL);
    s->bytes = bytes;
    memcpy(s->bytes + s->length, data, length);
    s->pieces[s->piece_count++] = (struct wtr_piece){.at = s->length,
                                                     .length = length,
                                                     .offset = s->place + s->length,
                                                     .frame = frame,
                                                     .time_ns = (int64_t)frame * 700000000};
    s->length += length;
    struct wtr_sink sink = {.payload = run, .message = on_message, .finding = on_finding};
    struct wtr_span span = {s->bytes, s->length, s->pieces, s->piece_count, NULL};
    size_t need = 0;
    run->direction = direction;
    size_t used = wtr_http.stream(run->session, direction, &span, &need, &sink);
    must(used <= s->length && (need == 0 || need > s->length - used));
    discard(s, used);
}

static void end(struct run *run, enum wtr_direction direction)
{
    struct side *s = &run->side[direction];
    struct wtr_sink sink = {.payload = run, .message = on_message, .finding = on_finding};
    struct wtr_span span = {s->bytes, s->length, s->pieces, s->piece_count, NULL};
    run->direction = direction;
    if (s->length > 0)
        discard(s, wtr_http.end(run->session, direction, &span, &sink));
}

static void upgrade(struct run *run, uint8_t how)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: p\r\nUpgrade: websocket\r\n\r\n";
    struct wtr_buffer response = {0};
    wtr_put_z(&response, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n");
    if (how & 4)
        wtr_put_z(&response, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    if (how & 8)
        wtr_put_z(&response, "Sec-WebSocket-Protocol: mqtt\r\n");
    wtr_put_z(&response, "\r\n");
    feed(run, WTR_FROM_CLIENT, (const uint8_t *)request, sizeof request - 1, 1);
    feed(run, WTR_FROM_SERVER, (const uint8_t *)response.data, response.length, 2);
    wtr_buffer_free(&response);
}

static void take_steps(struct run *run, const uint8_t *data, size_t size)
{
    uint64_t frame = 2;
    for (size_t at = 0; at + 2 <= size;) {
        uint8_t step = data[at++];
        size_t length = data[at++];
        enum wtr_direction direction = step & 1 ? WTR_FROM_SERVER : WTR_FROM_CLIENT;
        unsigned kind = step >> 1 & 3;
        if (kind == 3) {
            lose(run, direction, step & 8 ? length * 64 : length);
        } else if (kind == 2) {
            end(run, direction);
        } else {
            length *= kind == 1 ? 8 : 1;
            length = length < size - at ? length : size - at;
            feed(run, direction, data + at, length, ++frame);
            at += length;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = {.direction = WTR_FROM_CLIENT};
    if (size == 0)
        return 0;
    const struct wtr_probe probe = {.bytes = data + 1, .length = size - 1};
    (void)wtr_http.probe_stream(&probe);
    run.session = calloc(1, wtr_http.session_size);
    must(run.session != NULL);
    for (int i = 0; i < 2; i++) {
        run.side[i].pieces = malloc(MAX_PIECES * sizeof(struct wtr_piece));
        must(run.side[i].pieces != NULL);
    }
    wtr_http.open(run.session, &(struct wtr_session_setup){.mid_stream = data[0] & 1});
    if (data[0] & 2)
        upgrade(&run, data[0]);
    take_steps(&run, data + 1, size - 1);
    wtr_http.close(run.session);
    free(run.session);
    for (int i = 0; i < 2; i++) {
        free(run.side[i].bytes);
        free(run.side[i].pieces);
    }
    wtr_buffer_free(&run.fields);
    wtr_json_free(&run.json);
    return 0;
}
