/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds a protocol with one datagram, twice, and lan with what it hands out. The datagram stands in a block
 * of exactly its length. Fields must be JSON, places must lie in the datagram, and what lan says must keep
 * the contract of say.h (say_record.c). */
#ifndef FUZZ_ONE_DATAGRAM_H
#define FUZZ_ONE_DATAGRAM_H

#include "say_record.h"
#include "vendor/lan/lan.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

#include <stdint.h>

struct fuzz_datagram {
    struct wtr_say *say;
    void *state;
    struct wtr_buffer fields;
    struct wtr_json json;
    unsigned messages;
};

static inline void fuzz_must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static inline void fuzz_message(void *payload, const struct wtr_message *m)
{
    struct fuzz_datagram *run = payload;
    struct wtr_json_writer w = {.out = &run->fields, .reveal_secrets = m->span.length % 2};
    fuzz_must(m->type && m->span.piece_count > 0);
    wtr_buffer_clear(&run->fields);
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
    struct wtr_text text = wtr_buffer_text(&run->fields);
    fuzz_must(wtr_json_parse(&run->json, text) || text.length > WTR_JSON_MAX_TOKENS);
    const char *lines = say_record(run->say, &wtr_lan, run->state, m);
    fuzz_must(strncmp(lines, "!!", 2) != 0 && !strstr(lines, "\n!!"));
    run->messages++;
}

static inline void fuzz_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                                const char *reason)
{
    (void)payload;
    fuzz_must(at <= span->length && length <= span->length - at && reason && *reason);
}

/* Whether the protocol wants the datagram at its own port. */
static inline bool fuzz_wanted(const struct wtr_protocol *protocol, const uint8_t *data, size_t size)
{
    struct wtr_probe probe = {.bytes = data, .length = size, .client_port = 50000, .server_port = 50000};
    if (!protocol->probe_datagram)
        return true;
    fuzz_must(protocol->probe_datagram(&probe) == WTR_BID_NONE);
    probe.server_port = protocol->ports[0];
    return protocol->probe_datagram(&probe) >= WTR_BID_LIKELY;
}

static inline int fuzz_datagram(const struct wtr_protocol *protocol, const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    struct fuzz_datagram run = {.say = say_record_new(), .state = calloc(1, wtr_lan.state_size)};
    fuzz_must(bytes && run.state);
    memcpy(bytes, data, size);
    struct wtr_piece piece = {.length = size, .offset = 1000, .frame = 1, .time_ns = 1};
    const struct wtr_datagram datagram = {.span = {bytes, size, &piece, 1, NULL}};
    struct wtr_sink sink = {.payload = &run, .message = fuzz_message, .finding = fuzz_finding};
    bool wanted = size > 0 && fuzz_wanted(protocol, bytes, size);
    uint16_t port = protocol->ports ? protocol->ports[0] : 0;
    for (unsigned i = 0; wanted && i < 2; i++) {
        say_record_ends(run.say, "192.168.1.7", i ? port : 50000, "192.168.1.1", i ? 50000 : port);
        protocol->datagram(NULL, &datagram, &sink);
    }
    free(bytes);
    free(run.state);
    say_record_free(run.say);
    wtr_buffer_free(&run.fields);
    wtr_json_free(&run.json);
    return 0;
}

#endif
