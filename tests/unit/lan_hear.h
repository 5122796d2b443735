/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of lan share: a datagram goes through its protocol to lan, and what lan says of it is
 * compared line by line, without the places of raw values (each is checked to lie in the message by
 * say_record). */
#ifndef TEST_LAN_HEAR_H
#define TEST_LAN_HEAR_H

#include "vendor/lan/lan.h"

#include "datagram_feed.h"
#include "say_record.h"

#include <criterion/criterion.h>

static struct wtr_say *say;
static void *state;
static struct wtr_buffer heard;
static int64_t now_ns;

static inline void set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_lan.state_size);
    now_ns = 0;
}

static inline void tear_down(void)
{
    say_record_free(say);
    free(state);
    wtr_buffer_free(&heard);
    wtr_buffer_free(&feed_log);
}

/* Keeps the line without what stands in braces. */
static inline void keep_lines(const char *lines)
{
    for (const char *p = lines; *p;) {
        const char *raw = strstr(p, " raw{");
        const char *end = strchr(p, '\n');
        const char *stop = raw && raw < end ? raw : end;
        wtr_put(&heard, p, (size_t)(stop - p));
        wtr_put_char(&heard, '\n');
        p = end + 1;
    }
}

static inline void on_message(void *payload, const struct wtr_message *m)
{
    (void)payload;
    keep_lines(say_record(say, &wtr_lan, state, m));
}

static inline void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                              const char *reason)
{
    (void)payload, (void)span, (void)at, (void)length;
    wtr_put_z(&heard, reason);
    wtr_put_char(&heard, '\n');
}

/* What lan says of the bytes, sent from one end to the other. */
static inline const char *hear(const struct wtr_protocol *protocol, struct bytes b)
{
    struct wtr_piece piece = {.length = b.length, .offset = 1000, .frame = 7, .time_ns = now_ns};
    const struct wtr_datagram datagram = {.span = {b.data, b.length, &piece, 1, NULL}};
    struct wtr_sink sink = {.payload = NULL, .message = on_message, .finding = on_finding};
    wtr_buffer_clear(&heard);
    protocol->datagram(NULL, &datagram, &sink);
    wtr_put(&heard, "", 1);
    free(b.data);
    return heard.data;
}

static inline void expect(const struct wtr_protocol *protocol, struct bytes b, const char *expected)
{
    const char *said = hear(protocol, b);
    cr_expect(strcmp(said, expected) == 0, "said:\n%sexpected:\n%s", said, expected);
}

#endif
