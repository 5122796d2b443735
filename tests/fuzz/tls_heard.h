/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of TLS, DTLS and QUIC do with messages: fields must be JSON, pieces must cover the
 * message in order, and what lan says of it must keep the contract of say.h (say_record.c). */
#ifndef FUZZ_TLS_HEARD_H
#define FUZZ_TLS_HEARD_H

#include "say_record.h"
#include "vendor/lan/lan.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

#include <stdlib.h>

struct tls_heard {
    struct wtr_say *say;
    void *state;
    struct wtr_buffer fields;
    struct wtr_json json;
    unsigned messages, sessions;
};

static inline void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static inline void heard_message(void *payload, const struct wtr_message *m)
{
    struct tls_heard *heard = payload;
    struct wtr_json_writer w = {.out = &heard->fields};
    size_t at = 0;
    must(m->type && m->span.piece_count > 0);
    for (size_t i = 0; i < m->span.piece_count; i++) {
        must(m->span.pieces[i].at == at && m->span.pieces[i].length > 0);
        at += m->span.pieces[i].length;
    }
    must(at == m->span.length);
    wtr_buffer_clear(&heard->fields);
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
    struct wtr_text text = wtr_buffer_text(&heard->fields);
    must(wtr_json_parse(&heard->json, text) || text.length > WTR_JSON_MAX_TOKENS);
    const char *lines = say_record(heard->say, &wtr_lan, heard->state, m);
    must(strncmp(lines, "!!", 2) != 0 && !strstr(lines, "\n!!"));
    heard->messages++;
    heard->sessions += strcmp(m->type, "session") == 0;
}

static inline void heard_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                                 const char *reason)
{
    (void)payload;
    must(at <= span->length && length <= span->length - at && reason && *reason);
}

static inline void heard_begin(struct tls_heard *heard)
{
    *heard = (struct tls_heard){.say = say_record_new(), .state = calloc(1, wtr_lan.state_size)};
    must(heard->say && heard->state);
    say_record_ends(heard->say, "192.168.1.7", 50000, "192.168.1.1", 443);
}

static inline void heard_end(struct tls_heard *heard)
{
    free(heard->state);
    say_record_free(heard->say);
    wtr_buffer_free(&heard->fields);
    wtr_json_free(&heard->json);
}

/* The datagrams of a list: a byte of which bit 0 is the direction, the length in two bytes, the bytes. Each
 * stands in a block of exactly its length. */
static inline void heard_datagrams(const struct wtr_protocol *protocol, const uint8_t *data, size_t size)
{
    struct tls_heard heard;
    void *state = calloc(1, protocol->datagram_state_size);
    struct wtr_sink sink = {.payload = &heard, .message = heard_message, .finding = heard_finding};
    const struct wtr_endpoint client = {{{[10] = 0xff, [11] = 0xff, 192, 168, 1, 7}}, 50000};
    const struct wtr_endpoint server = {{{[10] = 0xff, [11] = 0xff, 192, 168, 1, 1}}, 443};
    uint64_t offset = 1000;
    heard_begin(&heard);
    must(state != NULL);
    if (protocol->open_datagrams)
        protocol->open_datagrams(state, &(struct wtr_session_setup){.mid_stream = false});
    for (size_t at = 0; size - at >= 3;) {
        bool back = data[at] & 1;
        size_t length = (size_t)data[at + 1] << 8 | data[at + 2];
        at += 3;
        length = length < size - at ? length : size - at;
        uint8_t *bytes = malloc(length ? length : 1);
        must(bytes != NULL);
        memcpy(bytes, data + at, length);
        struct wtr_piece piece = {.length = length, .offset = offset, .frame = 1, .time_ns = 1};
        const struct wtr_datagram datagram = {.from = back ? server : client,
                                              .to = back ? client : server,
                                              .span = {bytes, length, &piece, 1, NULL},
                                              .path = "eth/ipv4/udp"};
        const struct wtr_probe probe = {.bytes = bytes, .length = length};
        if (length > 0 && protocol->probe_datagram(&probe) >= WTR_BID_LIKELY)
            protocol->datagram(state, &datagram, &sink);
        offset += length + 16;
        at += length;
        free(bytes);
    }
    protocol->finish_datagrams(state, &sink);
    protocol->close_datagrams(state);
    free(state);
    heard_end(&heard);
}

#endif
