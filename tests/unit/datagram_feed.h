/* SPDX-License-Identifier: Apache-2.0 */
/* Hands a datagram to a protocol, as the reading of packets does, and writes down what it gives: a line for
 * each message, its type and fields as JSON, and for each finding "!", its place and length, and the reason.
 * Bytes are written as hexadecimal digits, with blanks anywhere. A datagram is the frame 7, 1000 bytes into
 * the file, in a block of exactly its length. */
#ifndef TEST_DATAGRAM_FEED_H
#define TEST_DATAGRAM_FEED_H

#include "protocol/protocol.h"

#include <stdio.h>
#include <stdlib.h>

struct bytes {
    uint8_t *data;
    size_t length;
};

static inline int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline struct bytes from_hex(const char *digits)
{
    struct bytes b = {malloc(strlen(digits) / 2 + 1), 0};
    for (const char *p = digits; *p;) {
        if (*p == ' ') {
            p++;
            continue;
        }
        if (!b.data || hex_digit(p[0]) < 0 || hex_digit(p[1]) < 0)
            abort();
        b.data[b.length++] = (uint8_t)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
        p += 2;
    }
    b.data = realloc(b.data, b.length ? b.length : 1);
    return b;
}

static inline struct bytes from_text(const char *text)
{
    struct bytes b = {malloc(strlen(text) + 1), strlen(text)};
    if (!b.data)
        abort();
    memcpy(b.data, text, b.length);
    return b;
}

static struct wtr_buffer feed_log;

static inline void feed_message(void *payload, const struct wtr_message *m)
{
    struct wtr_buffer fields = {0};
    struct wtr_json_writer w = {.out = &fields};
    (void)payload;
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
    wtr_put_z(&feed_log, m->type);
    wtr_put_char(&feed_log, ' ');
    wtr_put_text(&feed_log, wtr_buffer_text(&fields));
    wtr_put_char(&feed_log, '\n');
    wtr_buffer_free(&fields);
}

static inline void feed_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                                const char *reason)
{
    (void)payload;
    if (at > span->length || length > span->length - at)
        abort();
    wtr_put_z(&feed_log, "! ");
    wtr_put_uint(&feed_log, at);
    wtr_put_char(&feed_log, '+');
    wtr_put_uint(&feed_log, length);
    wtr_put_char(&feed_log, ' ');
    wtr_put_z(&feed_log, reason);
    wtr_put_char(&feed_log, '\n');
}

static inline enum wtr_bid feed_bid(const struct wtr_protocol *protocol, struct bytes b, uint16_t from,
                                    uint16_t to)
{
    const struct wtr_probe probe = {
        .bytes = b.data, .length = b.length, .client_port = from, .server_port = to};
    return protocol->probe_datagram(&probe);
}

/* What the protocol makes of the bytes; good until the next call. */
static inline const char *feed_datagram(const struct wtr_protocol *protocol, struct bytes b)
{
    struct wtr_piece piece = {.length = b.length, .offset = 1000, .frame = 7, .time_ns = 1000000000};
    const struct wtr_datagram datagram = {.span = {b.data, b.length, &piece, 1, NULL}};
    struct wtr_sink sink = {.payload = NULL, .message = feed_message, .finding = feed_finding};
    wtr_buffer_clear(&feed_log);
    protocol->datagram(NULL, &datagram, &sink);
    wtr_put(&feed_log, "", 1);
    return feed_log.data;
}

#endif
