/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP where bytes are missing, the beginning was not seen, or something is malformed: what is claimed then,
 * and what is not. */
#include "protocol/http.h"
#include "stream_feed.h"

#define C WTR_FROM_CLIENT
#define S WTR_FROM_SERVER
#define GET(path) "GET " path " HTTP/1.1\r\nHost: p\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\n"

static struct wtr_buffer heard;

/* "request 1 /a", "response 2 body" for each message. */
static void hear(void *payload, const struct wtr_message *m)
{
    const struct wtr_http *http = m->body;
    (void)payload;
    wtr_put_z(&heard, http->is_response ? "<" : ">");
    wtr_put_uint(&heard, m->exchange);
    wtr_put_text(&heard, http->is_response ? http->body : http->target);
    if (http->body_cut)
        wtr_put_z(&heard, "~");
    wtr_put_char(&heard, ' ');
}

static void open_feed(struct feed *f, bool mid_stream)
{
    feed_open(f, &wtr_http, mid_stream);
    f->heard = hear;
    wtr_buffer_clear(&heard);
}

static void expect(struct feed *f, const char *messages)
{
    wtr_put_char(&heard, '\0');
    cr_assert_str_eq(heard.data, messages, "%s", heard.data);
    wtr_buffer_free(&heard);
    feed_close(f);
}

Test(http_damage, a_loss_within_a_body_of_known_length_keeps_the_pairs)
{
    struct feed f;
    open_feed(&f, false);
    feed_text(&f, C, GET("/a") GET("/b"));
    feed_text(&f, S, OK "Content-Length: 20\r\n\r\n12345");
    feed_lose(&f, S, 10);
    feed_text(&f, S, "67890" OK "Content-Length: 1\r\n\r\nB");
    expect(&f, ">1/a >2/b <2B ");
}

Test(http_damage, a_loss_within_a_chunk_keeps_the_pairs)
{
    struct feed f;
    open_feed(&f, false);
    feed_text(&f, C, GET("/a") GET("/b"));
    feed_text(&f, S, OK "Transfer-Encoding: chunked\r\n\r\n14\r\n12345");
    feed_lose(&f, S, 10);
    feed_text(&f, S, "67890\r\n0\r\n\r\n" OK "Content-Length: 1\r\n\r\nB");
    expect(&f, ">1/a >2/b <2B ");
}

Test(http_damage, a_loss_past_the_body_ends_the_pairs)
{
    struct feed f;
    open_feed(&f, false);
    feed_text(&f, C, GET("/a") GET("/b"));
    feed_text(&f, S, OK "Content-Length: 5\r\n\r\n123");
    feed_lose(&f, S, 3);
    f.now_ns = 1;
    feed_text(&f, S, OK "Content-Length: 1\r\n\r\nX");
    feed_text(&f, C, GET("/c"));
    expect(&f, ">1/a >2/b <0X >0/c ");
}

Test(http_damage, lost_requests_end_the_pairs_but_not_those_before)
{
    struct feed f;
    open_feed(&f, false);
    feed_text(&f, C, GET("/a"));
    feed_text(&f, C, GET("/b"));
    feed_lose(&f, C, 20);
    feed_text(&f, C, GET("/c"));
    for (int i = 0; i < 4; i++)
        feed_text(&f, S, OK "Content-Length: 1\r\n\r\nX");
    expect(&f, ">1/a >2/b >0/c <1X <2X <0X <0X ");
}

Test(http_damage, a_loss_of_unknown_length)
{
    struct feed f;
    open_feed(&f, false);
    feed_text(&f, C, GET("/a"));
    feed_text(&f, S, OK "Content-Length: 9\r\n\r\n123");
    feed_lose(&f, S, 0);
    feed_text(&f, S, OK "Content-Length: 1\r\n\r\nX"); /* what stands before it is not known */
    f.now_ns = 2000000000;
    feed_text(&f, S, OK "Content-Length: 1\r\n\r\nY");
    expect(&f, ">1/a <0Y ");
}

Test(http_damage, a_body_that_holds_messages_is_not_read_from_within)
{
    static char full[1460];
    static const char inner[] = OK "Content-Length: 2\r\n\r\nno";
    struct feed f;
    memset(full, 'x', sizeof full);
    open_feed(&f, false);
    feed_text(&f, C, GET("/a"));
    feed_text(&f, S, OK "Content-Length: 9000\r\n\r\n");
    feed_send(&f, S, full, sizeof full);
    feed_lose(&f, S, 0);
    memcpy(full, inner, sizeof inner - 1);
    feed_send(&f, S, full, sizeof full);
    feed_send(&f, S, full, sizeof full);
    expect(&f, ">1/a ");
}

Test(http_damage, mid_stream_pairs_nothing)
{
    struct feed f;
    open_feed(&f, true);
    feed_text(&f, S, "the rest of something");
    feed_text(&f, C, GET("/a"));
    feed_text(&f, S, OK "Content-Length: 1\r\n\r\nA");
    expect(&f, ">0/a <0A ");
}

Test(http_damage, mid_stream_request_without_host_is_not_believed)
{
    struct feed f;
    open_feed(&f, true);
    feed_text(&f, C, "PUT /1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    expect(&f, "");
}

Test(http_damage, ends_swapped)
{
    struct feed f; /* which end is the client's is a guess where the SYN was not seen */
    open_feed(&f, false);
    feed_text(&f, S, GET("/a"));
    feed_text(&f, C, OK "Content-Length: 1\r\n\r\nA");
    expect(&f, ">1/a <1A ");
}

Test(http_damage, more_wait_than_are_kept)
{
    struct feed f;
    open_feed(&f, false);
    for (int i = 0; i < WTR_HTTP_MAX_PIPELINED + 1; i++)
        feed_text(&f, C, GET("/"));
    for (int i = 0; i < WTR_HTTP_MAX_PIPELINED + 1; i++)
        feed_text(&f, S, "HTTP/1.1 204 No\r\n\r\n");
    expect(&f, ">1/ >2/ >3/ >4/ >5/ >6/ >7/ >8/ >9/ >10/ >11/ >12/ >13/ >14/ >15/ >16/ >0/ "
               "<1 <2 <3 <4 <5 <6 <7 <8 <9 <10 <11 <12 <13 <14 <15 <16 <0 ");
}

static void check_malformed(const char *text, const char *finding)
{
    struct feed f;
    feed_open(&f, &wtr_http, false);
    feed_text(&f, C, text);
    const char *log = feed_log(&f);
    cr_assert(strncmp(log, "C ! ", 4) == 0 && strncmp(log + 4, finding, strlen(finding)) == 0, "%s", log);
    cr_assert_null(strstr(log, "request #"), "%s", log);
    feed_close(&f);
}

Test(http_damage, malformed)
{
    check_malformed("GET / HTTP/1.1\r\nHost : p\r\n\r\n", "a line of the head is no header field");
    check_malformed("GET / HTTP/1.1\r\nnothing\r\n\r\n", "a line of the head is no header field");
    check_malformed("GET / HTTP/1.1\r\n Host: p\r\n\r\n", "the first header field begins with white space");
    check_malformed("GET / HTTP/1.1\r\nContent-Length: 5x\r\n\r\n", "Content-Length is no number");
    check_malformed("GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                    "two Content-Lengths differ");
    check_malformed("GET / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
                    "a transfer coding follows chunked");
    check_malformed("GET /a b HTTP/1.1\r\nHost: p\r\n\r\n", "neither a request line nor a status line");
    check_malformed("GET / HTTP/2.0\r\nHost: p\r\n\r\n", "neither a request line nor a status line");
    check_malformed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                    "a chunk's size is no number");
    check_malformed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
                    "a chunk's data does not end where its size says");
}

/* ---- bodies that are not read */

static void send_body(struct feed *f, const char *type, size_t length, bool chunked)
{
    static char segment[1024];
    char head[200];
    memset(segment, 'x', sizeof segment);
    snprintf(head, sizeof head, OK "Content-Type: %s\r\n%s%zu\r\n\r\n", type,
             chunked ? "Transfer-Encoding: chunked\r\nX: " : "Content-Length: ", length);
    feed_text(f, S, head);
    if (chunked) {
        snprintf(head, sizeof head, "%zx\r\n", length);
        feed_text(f, S, head);
    }
    for (size_t at = 0; at < length; at += sizeof segment) {
        feed_send(f, S, segment, length - at < sizeof segment ? length - at : sizeof segment);
        cr_assert(f->side[S].length < 768 << 10);
    }
    feed_text(f, S, chunked ? "\r\n0\r\n\r\n" : "");
}

static void check_body(const char *type, size_t length, bool chunked, bool read)
{
    struct feed f;
    open_feed(&f, false);
    f.silent = true;
    feed_text(&f, C, GET("/a") GET("/b"));
    send_body(&f, type, length, chunked);
    cr_assert_eq(f.side[S].length, 0);
    feed_text(&f, S, OK "Content-Length: 1\r\n\r\nB");
    wtr_put_char(&heard, '\0');
    const char *second = strstr(heard.data, "<1") + 2;
    cr_assert_eq(strspn(second, "x"), read ? length : 0, "%s %zu: %zu", type, length, strspn(second, "x"));
    cr_assert_str_eq(second + (read ? length : 0), read ? " <2B " : "~ <2B ");
    wtr_buffer_free(&heard);
    feed_close(&f);
}

Test(http_damage, bodies_of_other_types_are_counted)
{
    for (int chunked = 0; chunked < 2; chunked++) {
        check_body("application/json", WTR_HTTP_MAX_BODY, chunked, true);
        check_body("application/json", WTR_HTTP_MAX_BODY + 1, chunked, false);
        check_body("image/png", 16 << 10, chunked, true);
        check_body("image/png", (16 << 10) + 1, chunked, false);
        check_body("text/event-stream", 1, chunked, false);
    }
}
