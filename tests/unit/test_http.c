/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP messages: their extents, codings and pairs, fed whole and in segments of every size. Expected values
 * are RFC 9112's and, for compressed bodies, another program's. */
#include "protocol/http.h"
#include "stream_feed.h"

/* One turn of a conversation. A turn without text is the end of the direction. */
struct turn {
    enum wtr_direction from;
    const char *text;
    size_t length; /* 0: of the text up to its NUL */
};

enum { MAX_TURNS = 12 };

static void converse(struct feed *f, const struct turn *turns, size_t step)
{
    for (const struct turn *t = turns; t->text; t++) {
        size_t length = t->length ? t->length : strlen(t->text);
        if (length == 0)
            feed_end(f, t->from);
        else
            feed_slowly(f, t->from, t->text, length, step ? step : length);
    }
}

/* The log is the same however the bytes are cut. */
static void check(const struct turn *turns, const char *expected)
{
    static const size_t steps[] = {0, 1, 2, 3, 5, 7, 11, 16, 31, 64};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct feed f;
        feed_open(&f, &wtr_http, false);
        converse(&f, turns, steps[i]);
        cr_assert_str_eq(feed_log(&f), expected, "step %zu: %s", steps[i], f.log.data);
        feed_close(&f);
    }
}

#define C WTR_FROM_CLIENT
#define S WTR_FROM_SERVER
#define TURNS(...) ((const struct turn[]){__VA_ARGS__, {C, NULL, 0}})
#define GET(path) "GET " path " HTTP/1.1\r\nHost: p\r\n\r\n"
#define GOT(method, path)                                                                                    \
    "{\"method\":\"" method "\",\"target\":\"" path "\",\"version\":\"HTTP/1.1\",\"headers\":["              \
    "{\"name\":\"Host\",\"value\":\"p\"}]}\n"
#define OK "HTTP/1.1 200 OK\r\n"
#define STATUS(code) "{\"version\":\"HTTP/1.1\",\"status\":" code ",\"headers\":["
#define FIELD(name, value) "{\"name\":\"" name "\",\"value\":\"" value "\"}"

Test(http, length)
{
    check(TURNS({C, GET("/relay/0?turn=on"), 0}, {S, OK "Content-Length: 13\r\n\r\n{\"ison\":true}", 0}),
          "C http request #1 " GOT("GET", "/relay/0?turn=on") "S http response #1 " STATUS("200")
              FIELD("Content-Length", "13") "],\"body\":\"{\\\"ison\\\":true}\"}\n");
}

Test(http, request_with_a_body_and_white_space)
{
    check(TURNS({C, "\r\nPOST /rpc HTTP/1.1\nHost:p \ncontent-LENGTH:\t2 \n\n{}", 0}),
          "C http request #1 "
          "{\"method\":\"POST\",\"target\":\"/rpc\",\"version\":\"HTTP/1.1\",\"headers\":[" FIELD(
              "Host", "p") "," FIELD("content-LENGTH", "2") "],\"body\":\"{}\"}\n");
}

Test(http, pipelined)
{
    check(TURNS({C, GET("/a") GET("/b"), 0},
                {S, OK "Content-Length: 1\r\n\r\nA" OK "Content-Length: 0\r\n\r\n", 0}, {C, GET("/c"), 0},
                {S, OK "Content-Length: 1\r\n\r\nC", 0}),
          "C http request #1 " GOT("GET", "/a") "C http request #2 " GOT(
              "GET", "/b") "S http response #1 " STATUS("200")
              FIELD("Content-Length", "1") "],\"body\":\"A\"}\nS http response #2 " STATUS("200")
                  FIELD("Content-Length",
                        "0") "]}\nC http request #3 " GOT("GET", "/c") "S http response #3 " STATUS("200")
                      FIELD("Content-Length", "1") "],\"body\":\"C\"}\n");
}

Test(http, responses_without_a_body)
{
    check(
        TURNS({C, "HEAD /a HTTP/1.1\r\nHost: p\r\n\r\n" GET("/b") GET("/c") GET("/d"), 0},
              {S,
               OK "Content-Length: 5\r\n\r\n"
                  "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"
                  "HTTP/1.1 204\r\n\r\n"
                  "HTTP/1.1 102 Wait\r\n\r\n"
                  "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
               0}),
        "C http request #1 " GOT("HEAD", "/a") "C http request #2 " GOT("GET", "/b") "C http request #3 " GOT(
            "GET", "/c") "C http request #4 " GOT("GET", "/d") "S http response #1 " STATUS("200")
            FIELD("Content-Length",
                  "5") "]}\n"
                       "S http response #2 " STATUS("304")
                           FIELD("Content-Length",
                                 "5") "]}\n"
                                      "S http response #3 " STATUS("204") "]}\nS http response #4 " STATUS(
                                          "102") "]}\n"
                                                 "S http response #4 " STATUS("404")
                                                     FIELD("Content-Length", "0") "]}\n");
}

Test(http, chunks)
{
    check(TURNS({C, GET("/a"), 0},
                {S,
                 OK "Transfer-Encoding: chunked\r\n\r\n"
                    "5;x=y\r\n{\"iso\r\n8\r\nn\":true}\r\n0\r\nA: b\r\n\r\n" OK "Content-Length: 1\r\n\r\nB",
                 0},
                {C, GET("/b"), 0}),
          "C http request #1 " GOT("GET", "/a") "S http response #1 [chunked] " STATUS("200")
              FIELD("Transfer-Encoding", "chunked") "],\"body\":\"{\\\"ison\\\":true}\"}\n"
                                                    "S http response #0 " STATUS("200")
                                                        FIELD("Content-Length",
                                                              "1") "],\"body\":\"B\"}\n"
                                                                   "C http request #0 " GOT("GET", "/b"));
}

Test(http, until_close)
{
    check(TURNS({C, GET("/a"), 0}, {S, "HTTP/1.0 200 OK\r\n\r\n{\"a\":", 0}, {S, "1}", 0}, {S, "", 0}),
          "C http request #1 " GOT("GET", "/a") "S http response #1 {\"version\":\"HTTP/1.0\",\"status\":200,"
                                                "\"headers\":[],\"body\":\"{\\\"a\\\":1}\"}\n");
}

Test(http, compressed)
{
    static const char gzip[] =
        OK "Content-Encoding: gzip\r\nContent-Length: 33\r\n\r\n"
           "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xab\x56\xca\x2c\xce\xcf\x53\xb2\x2a\x29\x2a\x4d\xad\x05\0\xa6"
           "\xb0\xbc\x82\x0d\0\0\0";
    static const char zlib[] = OK "Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n"
                                  "\x78\x9c\xab\x56\xca\x2c\xce\xcf\x53\xb2\x2a\x29\x2a\x4d\xad\x05\r\n5\r\n"
                                  "\0\x21\x38\x04\xf0\r\n0\r\n\r\n";
    static const char raw[] = OK "Content-Encoding: deflate\r\nContent-Length: 15\r\n\r\n"
                                 "\xab\x56\xca\x2c\xce\xcf\x53\xb2\x2a\x29\x2a\x4d\xad\x05\0";
#define ISON "],\"body\":\"{\\\"ison\\\":true}\"}\n"
    check(TURNS({C, GET("/a") GET("/b") GET("/c"), 0}, {S, gzip, sizeof gzip - 1}, {S, zlib, sizeof zlib - 1},
                {S, raw, sizeof raw - 1}),
          "C http request #1 " GOT("GET", "/a") "C http request #2 " GOT(
              "GET", "/b") "C http request #3 " GOT("GET", "/c") "S http response #1 [gzip] " STATUS("200")
              FIELD("Content-Encoding", "gzip") "," FIELD("Content-Length", "33") ISON
          "S http response #2 [chunked+deflate] " STATUS("200")
              FIELD("Content-Encoding", "deflate") "," FIELD("Transfer-Encoding", "chunked") ISON
          "S http response #3 [deflate] " STATUS("200")
              FIELD("Content-Encoding", "deflate") "," FIELD("Content-Length", "15") ISON);
}

Test(http, damaged_gzip_says_nothing)
{
    check(TURNS({C, GET("/a"), 0},
                {S, OK "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x01", 0}),
          "C http request #1 " GOT(
              "GET", "/a") "S ! the compressed body is damaged\nS http response #1 " STATUS("200")
              FIELD("Content-Encoding", "gzip") "," FIELD("Content-Length", "4") "],\"body_cut\":true}\n");
}

Test(http, secrets)
{
    struct feed f;
    feed_open(&f, &wtr_http, false);
    feed_text(&f, C,
              "GET /cm?user=admin&password=pw&cmnd=Power HTTP/1.1\r\nHost: p\r\nAuthorization: Basic x\r\n"
              "Cookie: a=b\r\n\r\n");
    const char *log = feed_log(&f);
    cr_assert(strstr(log, "user=admin&password=sha256:30c952fab122c3f9, 2 bytes&cmnd=Power"), "%s", log);
    cr_assert_null(strstr(log, "Basic"));
    cr_assert_null(strstr(log, "a=b"));
    feed_close(&f);
    feed_open(&f, &wtr_http, false);
    f.reveal_secrets = true;
    feed_text(&f, C, "GET /cm?password=pw HTTP/1.1\r\nHost: p\r\nAuthorization: Basic x\r\n\r\n");
    log = feed_log(&f);
    cr_assert(strstr(log, "password=pw") && strstr(log, "Basic x"));
    feed_close(&f);
}

static void remember_request(void *payload, const struct wtr_message *message)
{
    const struct wtr_http *http = message->body;
    struct wtr_buffer *seen = payload;
    if (!http->is_response)
        return;
    if (!http->request) {
        wtr_put_z(seen, "none;");
        return;
    }
    wtr_put_text(seen, http->request->target);
    wtr_put_char(seen, ' ');
    wtr_put_text(seen, wtr_http_header(http->request, "HOST"));
    wtr_put_char(seen, ' ');
    wtr_put_text(seen, http->request->body);
    wtr_put_char(seen, ';');
}

Test(http, response_knows_its_request)
{
    struct feed f;
    struct wtr_buffer seen = {0};
    feed_open(&f, &wtr_http, false);
    f.heard = remember_request;
    f.payload = &seen;
    feed_text(&f, C, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" GET("/b"));
    feed_text(&f, S,
              OK "Content-Length: 0\r\n\r\n" OK "Content-Length: 0\r\n\r\n" OK "Content-Length: 0\r\n\r\n");
    wtr_put_char(&seen, '\0');
    cr_assert_str_eq(seen.data, "/a x abc;/b p ;none;");
    wtr_buffer_free(&seen);
    feed_close(&f);
}
