/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket on the examples of RFC 6455 (1.3, 5.7) and RFC 7692 (7.2.3), MQTT over it, and losses. */
#include "protocol/http.h"
#include "protocol/mqtt.h"
#include "stream_feed.h"

#define C WTR_FROM_CLIENT
#define S WTR_FROM_SERVER
#define BYTES(literal) (literal), sizeof(literal) - 1

static void open_feed(struct feed *f, const char *request_fields, const char *response_fields)
{
    char text[512];
    feed_open(f, &wtr_http, false);
    snprintf(text, sizeof text,
             "GET /rpc HTTP/1.1\r\nHost: p\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
             request_fields);
    feed_text(f, C, text);
    snprintf(text, sizeof text,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n%s\r\n",
             response_fields);
    feed_text(f, S, text);
    const char *log = feed_log(f);
    cr_assert(strstr(log, "C http request #1 ") == log);
    cr_assert(strstr(log, "\nS http response #1 "));
    cr_assert_null(strchr(log, '!'), "%s", log);
}

static void expect(struct feed *f, const char *log)
{
    const char *got = feed_log(f);
    cr_assert_str_eq(got, log, "%s", got);
}

Test(websocket, examples)
{
    struct feed f;
    for (size_t step = 1; step < 16; step++) {
        open_feed(&f, "", "");
        feed_slowly(&f, S, BYTES("\x81\x05Hello"), step);
        feed_slowly(&f, C, BYTES("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), step);
        feed_slowly(&f, S, BYTES("\x01\x03Hel\x80\x02lo"), step);
        feed_slowly(&f, S, BYTES("\x89\x05Hello"), step);
        feed_slowly(&f, C, BYTES("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), step);
        expect(&f, "S http/websocket text #0 {\"opcode\":1,\"payload\":\"Hello\"}\n"
                   "C http/websocket text #0 [websocket-mask] {\"opcode\":1,\"payload\":\"Hello\"}\n"
                   "S http/websocket text #0 [websocket] {\"opcode\":1,\"payload\":\"Hello\"}\n"
                   "S http/websocket ping #0 {\"opcode\":9,\"payload\":\"Hello\"}\n"
                   "C http/websocket pong #0 [websocket-mask] {\"opcode\":10,\"payload\":\"Hello\"}\n");
        feed_close(&f);
    }
}

Test(websocket, frames_right_behind_the_upgrade)
{
    struct feed f;
    feed_open(&f, &wtr_http, false);
    feed_text(&f, C,
              "GET / HTTP/1.1\r\nHost: p\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    feed_send(&f, C, BYTES("\x81\x82\0\0\0\0{")); /* before the answer, in the order of the capture */
    feed_send(&f, S,
              BYTES("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: no\r\n\r\n\x81\x02{}"));
    feed_send(&f, C, BYTES("}\x88\x84\0\0\0\0\x03\xe8ok"));
    const char *log = feed_log(&f);
    cr_assert(strstr(log, "S ! Sec-WebSocket-Accept does not answer the key\n"
                          "S http/websocket text #0 {\"opcode\":1,\"payload\":\"{}\"}\n"
                          "C http/websocket text #0 [websocket-mask] {\"opcode\":1,\"payload\":\"{}\"}\n"
                          "C http/websocket close #0 [websocket-mask] "
                          "{\"opcode\":8,\"status_code\":1000,\"reason\":\"ok\"}\n"),
              "%s", log);
    feed_close(&f);
}

Test(websocket, refused_upgrade_stays_http)
{
    struct feed f;
    feed_open(&f, &wtr_http, false);
    feed_text(&f, C, "GET / HTTP/1.1\r\nHost: p\r\nUpgrade: websocket\r\n\r\n");
    feed_text(&f, S, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    feed_text(&f, C, "GET /b HTTP/1.1\r\nHost: p\r\n\r\n");
    cr_assert(strstr(feed_log(&f), "C http request #2 "));
    feed_close(&f);
}

Test(websocket, deflate_with_context)
{
    struct feed f;
    open_feed(&f, "", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    feed_send(&f, S, BYTES("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"));
    feed_send(&f, S, BYTES("\x41\x03\xf2\x00\x11\x80\x02\x00\x00"));
    expect(&f, "S http/websocket text #0 [websocket-deflate] {\"opcode\":1,\"payload\":\"Hello\"}\n"
               "S http/websocket text #0 [websocket-deflate] {\"opcode\":1,\"payload\":\"Hello\"}\n");
    feed_lose(&f, S, 0); /* what follows refers to what was lost */
    feed_send(&f, S, BYTES("\xc1\x05\xf2\x00\x11\x00\x00"));
    cr_assert_null(strstr(feed_log(&f), "text"));
    feed_close(&f);
}

Test(websocket, deflate_without_context_goes_on_after_a_loss)
{
    static const char hello[] = "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00";
    struct feed f;
    open_feed(&f, "", "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n");
    feed_send(&f, S, hello, 5);
    feed_lose(&f, S, 4);
    feed_send(&f, S, BYTES("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"));
    expect(&f, "S http/websocket text #0 [websocket-deflate] {\"opcode\":1,\"payload\":\"Hello\"}\n");
    feed_close(&f);
}

static void check_malformed(enum wtr_direction from, const char *bytes, size_t length, const char *finding)
{
    struct feed f;
    open_feed(&f, "", "");
    feed_send(&f, from, bytes, length);
    const char *log = feed_log(&f);
    cr_assert(strncmp(log + 4, finding, strlen(finding)) == 0, "%s", log);
    cr_assert_null(strstr(log, "websocket text"));
    feed_close(&f);
}

Test(websocket, malformed)
{
    check_malformed(S, BYTES("\x91\x00"), "a frame uses reserved bits");
    check_malformed(S, BYTES("\x83\x00"), "a frame has a reserved opcode");
    check_malformed(S, BYTES("\x8b\x00"), "a frame has a reserved opcode");
    check_malformed(S, BYTES("\x09\x00"), "a control frame is fragmented");
    check_malformed(S, BYTES("\x89\x7e\x00\x7e"), "a control frame is fragmented");
    check_malformed(S, BYTES("\x81\x7e\x00\x01x"), "a frame's length is not in its shortest form");
    check_malformed(S, BYTES("\x81\x7f\0\0\0\0\0\0\xff\xff"), "a frame's length is not in its shortest");
    check_malformed(S, BYTES("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "a frame from the server is");
    check_malformed(C, BYTES("\x81\x05Hello"), "a frame from the client is not masked");
    check_malformed(S, BYTES("\x80\x05Hello"), "a continuation of no message");
    check_malformed(S, BYTES("\x01\x01x\x81\x05Hello"), "a message begins within another");
    check_malformed(S, BYTES("\xc1\x05Hello"), "a compressed message, which was not agreed on");
}

Test(websocket, a_loss_within_a_frame_leaves_its_end_known)
{
    struct feed f;
    open_feed(&f, "", "");
    feed_send(&f, S, BYTES("\x81\x0aHell"));
    feed_lose(&f, S, 5);
    feed_send(&f, S, BYTES("x\x81\x02{}"));
    feed_send(&f, S, BYTES("\x01\x0aHell")); /* of a message in fragments, all of it is lost */
    feed_lose(&f, S, 6);
    feed_send(&f, S, BYTES("\x89\x01p\x80\x01!\x81\x02{}"));
    expect(&f, "S http/websocket text #0 {\"opcode\":1,\"payload\":\"{}\"}\n"
               "S http/websocket ping #0 {\"opcode\":9,\"payload\":\"p\"}\n"
               "S http/websocket text #0 {\"opcode\":1,\"payload\":\"{}\"}\n");
    feed_close(&f);
}

Test(websocket, found_again_by_a_json_object)
{
    struct feed f;
    open_feed(&f, "", "");
    f.silent = true;
    feed_lose(&f, S, 5000);
    feed_send(&f, S, BYTES("\x81\x02{}")); /* behind what may be a full segment */
    feed_send(&f, S, BYTES("\x81\x05Hello"));
    expect(&f, ""); /* tells nothing by itself */
    feed_send(&f, S, BYTES("\x81\x02{}"));
    expect(&f, "S http/websocket text #0 {\"opcode\":1,\"payload\":\"Hello\"}\n"
               "S http/websocket text #0 {\"opcode\":1,\"payload\":\"{}\"}\n");
    feed_close(&f);
}

Test(websocket, too_long)
{
    static uint8_t frame[10 + WTR_HTTP_MAX_BODY + 1];
    const size_t lengths[] = {WTR_HTTP_MAX_BODY, WTR_HTTP_MAX_BODY + 1};
    for (int i = 0; i < 2; i++) {
        struct feed f;
        open_feed(&f, "", "");
        f.silent = true;
        memset(frame, ' ', sizeof frame);
        memcpy(frame, "\x82\x7f\0\0\0\0", 6);
        for (int k = 0; k < 4; k++)
            frame[6 + k] = (uint8_t)(lengths[i] >> (24 - 8 * k));
        feed_slowly(&f, S, frame, 10 + lengths[i], 4096);
        feed_send(&f, S, BYTES("\x81\x02{}"));
        const char *log = feed_log(&f);
        cr_assert_eq(strstr(log, "binary") != NULL, i == 0);
        cr_assert(strstr(log, "text #0"));
        feed_close(&f);
    }
}

/* ---- MQTT */

#define CONNECT                                                                                              \
    "\x10\x0d\0\x04MQTT\x04\x02\0<\0\x01"                                                                    \
    "c"
#define PUBLISH                                                                                              \
    "\x30\x05\0\x01"                                                                                         \
    "tON"

Test(websocket, mqtt)
{
    static const char client[] = CONNECT PUBLISH PUBLISH;
    for (size_t cut = 1; cut < sizeof client - 1; cut++) {
        struct feed f;
        uint8_t bytes[128];
        open_feed(&f, "Sec-WebSocket-Protocol: mqtt\r\n", "Sec-WebSocket-Protocol: mqtt\r\n");
        size_t n = 0, at = 0;
        for (size_t length = cut; at < sizeof client - 1; length = sizeof client - 1 - cut) {
            const uint8_t mask[4] = {1, 2, 3, (uint8_t)cut};
            bytes[n++] = 0x82;
            bytes[n++] = (uint8_t)(0x80 | length);
            memcpy(bytes + n, mask, 4);
            n += 4;
            for (size_t i = 0; i < length; i++)
                bytes[n++] = (uint8_t)client[at++] ^ mask[i % 4];
        }
        feed_slowly(&f, C, bytes, n, 1 + cut % 9);
        feed_send(&f, S,
                  BYTES("\x82\x06\x20\x02\0\0"
                        "0\x05\x82\x05\0\x01tON"));
        const char *log = feed_log(&f);
        cr_assert(strstr(log, "C http/websocket/mqtt connect #0 [websocket-mask] {") == log, "%s", log);
        const char *first = strstr(log, "C http/websocket/mqtt publish #0 [websocket-mask] {\"topic\":\"t\"");
        cr_assert(first && strstr(first + 1, "C http/websocket/mqtt publish #0 "), "%s", log);
        cr_assert(strstr(log, "S http/websocket/mqtt connack #0 [websocket] {"), "%s", log);
        cr_assert(strstr(log, "S http/websocket/mqtt publish #0 [websocket] {\"topic\":\"t\""), "%s", log);
        cr_assert_null(strchr(log, '!'), "%s", log);
        feed_close(&f);
    }
}

Test(websocket, mqtt_after_a_loss)
{
    struct feed f;
    open_feed(&f, "Sec-WebSocket-Protocol: mqtt\r\n", "Sec-WebSocket-Protocol: mqtt\r\n");
    f.silent = true;
    feed_send(&f, S, BYTES("\x82\x04\x20\x02\0\0"));
    feed_log(&f);
    feed_send(&f, S, BYTES("\x82\x07\x30\x05"));
    feed_lose(&f, S, 5);
    feed_send(&f, S, BYTES("\x82\x07" PUBLISH));
    cr_assert_null(strstr(feed_log(&f), "publish")); /* what stood before it may have gone on */
    feed_send(&f, S, BYTES("\x82\x07" PUBLISH));
    feed_send(&f, S, BYTES("\x82\x07" PUBLISH));
    cr_assert(strstr(feed_log(&f), "publish"));
    feed_close(&f);
}
