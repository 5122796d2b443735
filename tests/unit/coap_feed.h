/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds CoAP datagrams and segments that are written down as bytes, and writes down what the decoder hands
 * out: a line for each message (type, then its fields as JSON) and finding ("!" and the reason).
 *
 * Bytes are pairs of hexadecimal digits and texts in single quotes: "50 1e 00 01 b3 'cit' 01 's'". Each block
 * of memory ends where its bytes do, so that a sanitizer sees whoever reads behind them. Every datagram is a
 * frame of its own; its bytes stand in the file at 1000 times the frame's number. */
#ifndef TEST_COAP_FEED_H
#define TEST_COAP_FEED_H

#include "protocol/coap.h"

#include <stdlib.h>

enum { COAP_CLIENT = 40000, COAP_SERVER = 5683 };

struct coap_feed {
    void *state;
    unsigned frame;
    int64_t now_ms;
    uint8_t client, server; /* last byte of 10.0.0.x */
    uint16_t client_port, server_port;
    bool group; /* the client sends to 224.0.1.187 */
    struct wtr_buffer log;
    /* Called beside, if set. */
    void (*listener)(void *payload, const struct wtr_message *message);
    void *payload;
};

static inline struct coap_feed coap_feed_new(void)
{
    const struct wtr_session_setup setup = {0};
    struct coap_feed f = {.client = 1, .server = 2, .client_port = COAP_CLIENT, .server_port = COAP_SERVER};
    f.state = calloc(1, wtr_coap.datagram_state_size);
    if (!f.state)
        abort();
    wtr_coap.open_datagrams(f.state, &setup);
    return f;
}

static inline void coap_feed_free(struct coap_feed *f)
{
    wtr_coap.close_datagrams(f->state);
    free(f->state);
    wtr_buffer_free(&f->log);
}

static inline struct wtr_endpoint coap_end(uint8_t host, uint16_t port)
{
    struct wtr_endpoint end = {.port = port};
    const uint8_t bytes[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, host};
    memcpy(end.ip.bytes, bytes, sizeof bytes);
    return end;
}

static inline struct wtr_endpoint coap_group(void)
{
    struct wtr_endpoint end = coap_end(0, COAP_SERVER);
    const uint8_t group[4] = {224, 0, 1, 187};
    memcpy(end.ip.bytes + 12, group, sizeof group);
    return end;
}

static inline int coap_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A block of exactly the bytes written down. */
static inline uint8_t *coap_bytes(const char *written, size_t *length)
{
    uint8_t room[70000];
    size_t n = 0;
    for (const char *at = written; *at; at++) {
        if (*at == '\'') {
            for (at++; *at != '\''; at++)
                room[n++] = (uint8_t)*at;
        } else if (coap_digit(*at) >= 0) {
            room[n++] = (uint8_t)(coap_digit(at[0]) << 4 | coap_digit(at[1]));
            at++;
        }
    }
    uint8_t *bytes = malloc(n ? n : 1);
    if (!bytes)
        abort();
    memcpy(bytes, room, n);
    *length = n;
    return bytes;
}

static inline void coap_on_message(void *payload, const struct wtr_message *message)
{
    struct coap_feed *f = payload;
    struct wtr_json_writer w = {.out = &f->log};
    wtr_put_z(&f->log, message->type);
    wtr_put_char(&f->log, ' ');
    wtr_json_begin_object(&w);
    message->protocol->fields(message, &w);
    wtr_json_end_object(&w);
    wtr_put_char(&f->log, '\n');
    if (f->listener)
        f->listener(f->payload, message);
}

static inline void coap_on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                                   const char *reason)
{
    struct coap_feed *f = payload;
    if (at > span->length || length > span->length - at)
        wtr_put_z(&f->log, "!! a place outside the span: ");
    wtr_put_z(&f->log, "! ");
    wtr_put_z(&f->log, reason);
    wtr_put_char(&f->log, '\n');
}

static inline const char *coap_lines(struct coap_feed *f)
{
    wtr_put_char(&f->log, '\0');
    return f->log.data;
}

static inline const char *coap_send(struct coap_feed *f, struct wtr_endpoint from, struct wtr_endpoint to,
                                    const char *written)
{
    size_t length;
    uint8_t *bytes = coap_bytes(written, &length);
    f->frame++;
    const struct wtr_piece piece = {.length = length,
                                    .offset = 1000 * f->frame,
                                    .record_offset = 1000 * f->frame - 58,
                                    .frame = f->frame,
                                    .time_ns = f->now_ms * 1000000};
    const struct wtr_datagram datagram = {
        .from = from, .to = to, .span = {bytes, length, &piece, length ? 1 : 0, NULL}};
    struct wtr_sink sink = {.payload = f, .message = coap_on_message, .finding = coap_on_finding};
    wtr_buffer_clear(&f->log);
    wtr_coap.datagram(f->state, &datagram, &sink);
    free(bytes);
    return coap_lines(f);
}

/* From the client to the server, and back. */
static inline const char *coap_ask(struct coap_feed *f, const char *written)
{
    struct wtr_endpoint to = f->group ? coap_group() : coap_end(f->server, f->server_port);
    return coap_send(f, coap_end(f->client, f->client_port), to, written);
}

static inline const char *coap_answer(struct coap_feed *f, const char *written)
{
    return coap_send(f, coap_end(f->server, f->server_port), coap_end(f->client, f->client_port), written);
}

#endif
