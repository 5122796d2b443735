/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation by HTTP or WebSocket with a plug, read by the real decoder and handed to a family; what it
 * says is compared line by line. The phone is 192.168.1.20, the plug 192.168.1.31:80.
 *
 * Places are checked apart from words: of each raw value the bytes at its place must be the value, and then
 * the place is taken out of the line. */
#ifndef TEST_FAMILY_FEED_H
#define TEST_FAMILY_FEED_H

#include "say_record.h"
#include "stream_feed.h"

#include "protocol/http.h"

#define PHONE "192.168.1.20"
#define PLUG "192.168.1.31"

struct family {
    const struct wtr_vendor *vendor;
    struct wtr_say *say;
    void *state;
    struct wtr_buffer lines;
    struct feed feed;
    uint16_t plug_port;
};

static struct family family;

/* "raw{turn=on@12+2}" without its place, which must hold what stands before it. */
static inline void family_put_line(const struct wtr_message *m, const char *lines)
{
    struct wtr_buffer *out = &family.lines;
    for (const char *at = lines; *at;) {
        char *end = NULL;
        size_t from = *at == '@' ? strtoul(at + 1, &end, 10) : 0;
        if (!end || end == at + 1 || *end != '+') {
            wtr_put_char(out, *at++);
            continue;
        }
        size_t length = strtoul(end + 1, &end, 10);
        bool finding = out->length >= 8 && memcmp(out->data + out->length - 8, "finding ", 8) == 0;
        if (!finding)
            cr_assert(from + length <= m->span.length && out->length >= length &&
                          memcmp(out->data + out->length - length, m->span.bytes + from, length) == 0,
                      "%s", lines);
        at = end;
    }
}

static inline void family_hear(void *payload, const struct wtr_message *m)
{
    bool from_plug = m->direction == WTR_FROM_SERVER;
    (void)payload;
    say_record_ends(family.say, from_plug ? PLUG : PHONE, from_plug ? family.plug_port : 50123,
                    from_plug ? PHONE : PLUG, from_plug ? 50123 : family.plug_port);
    family_put_line(m, say_record(family.say, family.vendor, family.state, m));
}

static inline void family_connect(void)
{
    feed_open(&family.feed, &wtr_http, false);
    family.feed.heard = family_hear;
    family.feed.silent = true;
    family.feed.now_ns = INT64_C(1700000000000000000);
}

static inline void family_set_up(const struct wtr_vendor *vendor)
{
    family = (struct family){.vendor = vendor, .say = say_record_new(), .plug_port = 80};
    family.state = calloc(1, vendor->state_size);
    family_connect();
}

static inline void family_tear_down(void)
{
    feed_close(&family.feed);
    family.vendor->close(family.state);
    free(family.state);
    say_record_free(family.say);
    wtr_buffer_free(&family.lines);
}

static inline void family_expect(const char *what, const char *expected)
{
    wtr_put_char(&family.lines, '\0');
    cr_expect(strcmp(family.lines.data, expected) == 0, "%s\nheard:\n%sexpected:\n%s", what,
              family.lines.data, expected);
    wtr_buffer_clear(&family.lines);
}

static inline void ask(const char *method, const char *target, const char *body, const char *expected)
{
    char text[2048];
    snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: plug\r\nContent-Length: %zu\r\n\r\n%s", method,
             target, strlen(body), body);
    feed_text(&family.feed, WTR_FROM_CLIENT, text);
    family_expect(target, expected);
}

static inline void answer(unsigned status, const char *body, const char *expected)
{
    char text[4096];
    snprintf(text, sizeof text,
             "HTTP/1.1 %u x\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
             strlen(body), body);
    feed_text(&family.feed, WTR_FROM_SERVER, text);
    family_expect(body, expected);
}

/* A text message by WebSocket. */
static inline void frame(enum wtr_direction from, const char *text, const char *expected)
{
    uint8_t bytes[2048] = {0x81};
    size_t length = strlen(text), n = 1;
    uint8_t mask = from == WTR_FROM_CLIENT ? 0x80 : 0;
    if (length < 126) {
        bytes[n++] = (uint8_t)(mask | length);
    } else {
        bytes[n++] = mask | 126;
        bytes[n++] = (uint8_t)(length >> 8);
        bytes[n++] = (uint8_t)length;
    }
    for (int i = 0; mask && i < 4; i++)
        bytes[n++] = (uint8_t)(0x5a + i);
    for (size_t i = 0; i < length; i++)
        bytes[n++] = (uint8_t)text[i] ^ (mask ? (uint8_t)(0x5a + i % 4) : 0);
    feed_send(&family.feed, from, bytes, n);
    family_expect(text, expected);
}

static inline void upgrade(void)
{
    feed_text(&family.feed, WTR_FROM_CLIENT,
              "GET /rpc HTTP/1.1\r\nHost: p\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n");
    feed_text(&family.feed, WTR_FROM_SERVER, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n");
    family_expect("upgrade", "");
}

#endif
