/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP over TCP (RFC 8323): frames across segments and losses, signals, exchanges, and whether a stream is
 * CoAP. Lengths of frames are worked out by hand after section 3.2. */
#include "coap_feed.h"

#include <criterion/criterion.h>
#include <stdio.h>

static void *session;
static struct coap_feed feed; /* its log and sink alone */
static uint8_t *unread[2];
static size_t kept[2];

static void set_up(void)
{
    const struct wtr_session_setup setup = {0};
    feed = coap_feed_new();
    session = calloc(1, wtr_coap.session_size);
    wtr_coap.open(session, &setup);
}

static void tear_down(void)
{
    wtr_coap.close(session);
    free(session);
    for (int i = 0; i < 2; i++) {
        free(unread[i]);
        unread[i] = NULL;
        kept[i] = 0;
    }
    coap_feed_free(&feed);
}

TestSuite(coap_stream, .init = set_up, .fini = tear_down);

/* One more segment; what the decoder is not done with comes again with the next one. */
static const char *segment(enum wtr_direction direction, const char *written)
{
    size_t length;
    uint8_t *bytes = coap_bytes(written, &length);
    uint8_t *joined = malloc(kept[direction] + length + 1);
    memcpy(joined, unread[direction] ? unread[direction] : bytes, kept[direction]);
    memcpy(joined + kept[direction], bytes, length);
    free(bytes);
    free(unread[direction]);
    size_t total = kept[direction] + length;
    unread[direction] = realloc(joined, total ? total : 1);
    feed.frame++;
    const struct wtr_piece piece = {.length = total, .offset = 1000 * feed.frame, .frame = feed.frame};
    const struct wtr_span span = {unread[direction], total, &piece, total ? 1 : 0, NULL};
    struct wtr_sink sink = {.payload = &feed, .message = coap_on_message, .finding = coap_on_finding};
    size_t need;
    wtr_buffer_clear(&feed.log);
    size_t done = wtr_coap.stream(session, direction, &span, &need, &sink);
    cr_assert_leq(done, total);
    memmove(unread[direction], unread[direction] + done, total - done);
    kept[direction] = total - done;
    unread[direction] = realloc(unread[direction], kept[direction] ? kept[direction] : 1);
    return coap_lines(&feed);
}

#define CLIENT WTR_FROM_CLIENT
#define SERVER WTR_FROM_SERVER
/* Length 3, no token, 7.01; Max-Message-Size (2) of 0x0480 = 1152. */
#define CSM "30 e1 22 04 80"
#define CSM_SAID                                                                                             \
    "signal {\"code\":\"7.01\",\"code_name\":\"CSM\",\"token\":\"\",\"options\":["                           \
    "{\"number\":2,\"name\":\"Max-Message-Size\",\"value\":1152}]}\n"
/* Length 2 (b1 'a'), token of one byte, GET. */
#define GET "21 01 aa b1 'a'"
#define GET_SAID(exchange)                                                                                   \
    "request {\"code\":\"0.01\",\"code_name\":\"GET\",\"token\":\"aa\",\"options\":["                        \
    "{\"number\":11,\"name\":\"Uri-Path\",\"value\":\"a\"}],\"exchange\":" exchange "}\n"

Test(coap_stream, frames)
{
    cr_expect_str_eq(segment(CLIENT, CSM GET), CSM_SAID GET_SAID("1"));
    cr_expect_str_eq(segment(SERVER, CSM), CSM_SAID);
    /* Length 3: Content-Format 0, marker, payload. */
    cr_expect_str_eq(segment(SERVER, "31 45 aa c0 ff 'x'"),
                     "response {\"code\":\"2.05\",\"code_name\":\"Content\",\"token\":\"aa\",\"options\":["
                     "{\"number\":12,\"name\":\"Content-Format\",\"value\":0,"
                     "\"media_type\":\"text/plain;charset=utf-8\"}],\"payload\":\"x\",\"exchange\":1,"
                     "\"request\":{\"code\":\"0.01\",\"uri_path\":\"/a\"}}\n");
    /* Empty, ping, abort with a code. */
    cr_expect_str_eq(segment(CLIENT, "00 00 00 e2 20 e5"),
                     "empty {\"code\":\"0.00\",\"code_name\":\"Empty\",\"token\":\"\",\"options\":[]}\n"
                     "signal {\"code\":\"7.02\",\"code_name\":\"Ping\",\"token\":\"\",\"options\":[]}\n");
    cr_expect_eq(kept[CLIENT], 2);
    cr_expect_str_eq(segment(CLIENT, "21 04"),
                     "signal {\"code\":\"7.05\",\"code_name\":\"Abort\",\"token\":\"\",\"options\":["
                     "{\"number\":2,\"name\":\"Bad-CSM-Option\",\"value\":4}]}\n");
}

Test(coap_stream, byte_by_byte)
{
    const char *const bytes[] = {"21", "01", "aa", "b1"};
    for (size_t i = 0; i < 4; i++)
        cr_expect_str_eq(segment(CLIENT, bytes[i]), "");
    cr_expect_str_eq(segment(CLIENT, "'a'"), GET_SAID("1"));
}

/* 12 bytes stand in the nibble, 13 and 268 in one byte more, 269 in two. */
Test(coap_stream, lengths)
{
    static const struct {
        const char *header;
        size_t payload; /* behind c0 and the marker */
    } frames[] = {
        {"c0 45 c0 ff", 10}, {"d0 00 45 c0 ff", 11}, {"d0 ff 45 c0 ff", 266}, {"e0 00 00 45 c0 ff", 267}};
    for (size_t i = 0; i < 4; i++) {
        char bytes[400];
        char text[300] = {0};
        memset(text, 'p', frames[i].payload);
        snprintf(bytes, sizeof bytes, "%s '%s'", frames[i].header, text);
        const char *heard = segment(SERVER, bytes);
        cr_expect(strstr(heard, text) && !strstr(heard, "anomalies"), "%s", heard);
        cr_expect_eq(kept[SERVER], 0);
    }
}

Test(coap_stream, broken)
{
    cr_expect_str_eq(segment(CLIENT, "19 01 00 00 00 00 00 00 00 00 00 10" GET),
                     "! the token's length is a reserved one\n" GET_SAID("1"));
    cr_expect_str_eq(segment(CLIENT, "10 45 ff" GET),
                     "! a payload marker is followed by no payload\n" GET_SAID("2"));
    /* 65805 + 0x7fffffff bytes. */
    cr_expect_str_eq(segment(CLIENT, "f0 7f ff ff ff 45" GET), "! a frame's length is not plausible\n");
    /* It goes on where a segment is frames again. */
    cr_expect_str_eq(segment(CLIENT, "'rubbish'"), "");
    cr_expect_str_eq(segment(CLIENT, GET), GET_SAID("3"));
}

Test(coap_stream, loss)
{
    cr_expect_str_eq(segment(CLIENT, "21 01 aa"), "");
    wtr_coap.gap(session, CLIENT, 100);
    kept[CLIENT] = 0;
    cr_expect_str_eq(segment(CLIENT, "'of a payload'"), "");
    cr_expect_str_eq(segment(CLIENT, GET), GET_SAID("1"));
}

/* RFC 8323 7.1: the order of notifications is the connection's. */
Test(coap_stream, observing)
{
    (void)segment(CLIENT, "31 01 aa 60 51 'a'");
    (void)segment(SERVER, "51 45 aa 61 05 60 ff 'x'");
    const char *heard = segment(SERVER, "41 45 aa 60 60 ff 'y'");
    cr_expect(strstr(heard, "\"notification\":true") && !strstr(heard, "anomalies"), "%s", heard);
}

static enum wtr_bid bid(const char *written, uint16_t port, bool at_start)
{
    size_t length;
    uint8_t *bytes = coap_bytes(written, &length);
    const struct wtr_probe probe = {
        .bytes = bytes, .length = length, .at_start = at_start, .client_port = 40000, .server_port = port};
    enum wtr_bid result = wtr_coap.probe_stream(&probe);
    free(bytes);
    return result;
}

Test(coap_stream, probe)
{
    cr_expect_eq(bid(CSM, 5683, true), WTR_BID_CERTAIN);
    cr_expect_eq(bid(CSM GET, 5683, true), WTR_BID_CERTAIN);
    cr_expect_eq(bid("30 e1", 5683, true), WTR_BID_MORE);
    cr_expect_eq(bid(GET, 5683, false), WTR_BID_LIKELY);
    cr_expect_eq(bid("'GET / HTTP/1.1' 0d 0a 0d 0a", 5683, true), WTR_BID_NONE);
    /* Elsewhere a CSM that says something, at the beginning. */
    cr_expect_eq(bid(CSM, 7000, true), WTR_BID_LIKELY);
    cr_expect_eq(bid(CSM, 7000, false), WTR_BID_NONE);
    cr_expect_eq(bid("00 e1", 7000, true), WTR_BID_NONE);
    cr_expect_eq(bid("20 e1 91 00", 7000, true), WTR_BID_NONE); /* option 9 of a CSM is not known */
    cr_expect_eq(bid(GET, 7000, true), WTR_BID_NONE);
}
