/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds HTTP messages to KLAP and writes down what comes out, a line each:
 *
 *     handshake1
 *     handshake1_response account=kasa examiner@example.com v2
 *     request seq=-1 text={} @1020+48 klap-aes-128-cbc
 *     finding @1020+48 the signature …
 *
 * `@1020+48` is the place of the first piece in the evidence: heads are 20 bytes long here, and each
 * message's first byte stands at 1000 in the file. */
#ifndef TEST_KLAP_FEED_H
#define TEST_KLAP_FEED_H

#include "protocol/http.h"
#include "vendor/tapo/klap.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { FEED_HEAD = 20, FEED_PLACE = 1000 };

static struct {
    void *state;
    struct wtr_keyring keys;
    struct wtr_buffer lines;
    struct wtr_http request;
    uint8_t request_bytes[4096];
    uint8_t client; /* last byte of the client's address */
} feed;

static inline void feed_put_place(const struct wtr_span *span, size_t at, size_t length)
{
    struct wtr_origin o = wtr_span_locate(span, at, length);
    wtr_put_z(&feed.lines, " @");
    wtr_put_uint(&feed.lines, o.offset);
    wtr_put_char(&feed.lines, '+');
    wtr_put_uint(&feed.lines, o.length);
}

static inline void feed_message(void *payload, const struct wtr_message *m)
{
    const struct wtr_klap *k = m->body;
    (void)payload;
    cr_assert(m->protocol == &wtr_klap && strcmp(m->over, "http") == 0 && m->exchange == 7);
    wtr_put_z(&feed.lines, m->type);
    if (k->account) {
        wtr_put_z(&feed.lines, " account=");
        wtr_put_z(&feed.lines, k->account);
        wtr_put_z(&feed.lines, k->version == 1 ? " v1" : " v2");
    }
    if (k->proof_fits)
        wtr_put_z(&feed.lines, " fits");
    if (k->has_seq) {
        wtr_put_z(&feed.lines, " seq=");
        wtr_put_int(&feed.lines, k->seq);
    }
    if (k->opened) {
        wtr_put_z(&feed.lines, " text=");
        wtr_put_text(&feed.lines, k->text);
        feed_put_place(&m->span, 0, 1);
        cr_assert(m->span.opening && wtr_span_is_opaque(&m->span));
        cr_assert_str_eq(m->span.opening->key, k->account);
        wtr_put_char(&feed.lines, ' ');
        wtr_put_z(&feed.lines, m->span.opening->steps);
    }
    if (k->question.data) {
        wtr_put_z(&feed.lines, " question=");
        wtr_put_text(&feed.lines, k->question);
    }
    wtr_put_char(&feed.lines, '\n');
}

static inline void feed_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                                const char *reason)
{
    (void)payload;
    wtr_put_z(&feed.lines, "finding");
    feed_put_place(span, at, length);
    wtr_put_char(&feed.lines, ' ');
    wtr_put_z(&feed.lines, reason);
    wtr_put_char(&feed.lines, '\n');
}

static inline void feed_open(void)
{
    const struct wtr_session_setup setup = {.keys = &feed.keys};
    feed.state = calloc(1, wtr_klap.carried_state_size);
    cr_assert(feed.state);
    feed.client = 20;
    wtr_klap.open_carried(feed.state, &setup);
}

static inline void feed_close(void)
{
    wtr_klap.close_carried(feed.state);
    free(feed.state);
    wtr_keyring_free(&feed.keys);
    wtr_buffer_free(&feed.lines);
}

static inline void feed_account(const char *account, const char *password)
{
    const struct wtr_key_entry entry = {.type = WTR_KEY_KASA,
                                        .id = wtr_text_z(account),
                                        .secret = wtr_text_z(password),
                                        .name = account,
                                        .origin = "keyring test, line 1"};
    cr_assert(wtr_keyring_add(&feed.keys, &entry));
}

/* Hands the message over, whose body is copied behind a head; `http` says the rest. */
static inline void feed_http(struct wtr_http *http, uint8_t *bytes, const void *body, size_t length)
{
    static const struct wtr_ip plug = {.bytes = {[15] = 31}}, nobody = {0};
    struct wtr_ip phone = nobody;
    phone.bytes[15] = feed.client;
    const struct wtr_piece piece = {
        .length = FEED_HEAD + length, .offset = FEED_PLACE, .frame = 1, .record_offset = 900};
    memset(bytes, 'h', FEED_HEAD);
    if (length > 0)
        memcpy(bytes + FEED_HEAD, body, length);
    http->body = wtr_text_of(length ? bytes + FEED_HEAD : NULL, length);
    const struct wtr_message message = {
        .protocol = &wtr_http,
        .type = http->is_response ? "response" : "request",
        .direction = http->is_response ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
        .span = {bytes, FEED_HEAD + length, &piece, 1, NULL},
        .body = http,
        .exchange = 7,
    };
    const struct wtr_endpoint client = {phone, 40000}, server = {plug, 80};
    const struct wtr_carrier carrier = {http->is_response ? server : client,
                                        http->is_response ? client : server, &message};
    struct wtr_sink sink = {.payload = NULL, .message = feed_message, .finding = feed_finding};
    wtr_klap.carried(feed.state, &carrier, &sink);
}

static inline void feed_request(const char *target, const char *cookie, const void *body, size_t length)
{
    feed.request = (struct wtr_http){.method = WTR_TEXT("POST"), .target = wtr_text_z(target)};
    if (cookie)
        feed.request.headers[feed.request.header_count++] =
            (struct wtr_http_header){WTR_TEXT("cookie"), wtr_text_z(cookie)};
    feed_http(&feed.request, feed.request_bytes, body, length);
}

/* Answers the last request. */
static inline void feed_response(unsigned status, const char *set_cookie, const void *body, size_t length)
{
    uint8_t bytes[4096];
    struct wtr_http http = {.is_response = true, .status = status, .request = &feed.request};
    if (set_cookie)
        http.headers[http.header_count++] =
            (struct wtr_http_header){WTR_TEXT("Set-Cookie"), wtr_text_z(set_cookie)};
    feed_http(&http, bytes, body, length);
}

/* What came out since the last call. */
static inline void feed_expect(const char *lines)
{
    wtr_put_char(&feed.lines, '\0');
    cr_expect_str_eq(feed.lines.data, lines);
    wtr_buffer_clear(&feed.lines);
}

static inline size_t feed_hex(const char *hex, uint8_t *out)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)strtoul((char[3]){hex[2 * i], hex[2 * i + 1], 0}, NULL, 16);
    return n;
}

#endif
