/* SPDX-License-Identifier: Apache-2.0 */
/* DNS over TCP (RFC 1035 4.2.2): messages behind their lengths, cut and joined by segments. */
#include "protocol/dns.h"

#include "datagram_feed.h"

#include <criterion/criterion.h>

enum { MESSAGE = 25, SESSION = 16 };

static const char framed[] = "0019 0102 0100 0001 0000 0000 0000 04706c7567 026c6e 00 0001 0001 ";

/* Types of the messages that stream() hands out of the bytes. */
static size_t take(void *session, struct bytes b, size_t *need)
{
    struct wtr_piece pieces[2] = {
        {.length = b.length / 2, .offset = 1000, .frame = 1},
        {.at = b.length / 2, .length = b.length - b.length / 2, .offset = 9000, .frame = 2}};
    const struct wtr_span span = {b.data, b.length, pieces, 2, NULL};
    struct wtr_sink sink = {.payload = NULL, .message = feed_message, .finding = feed_finding};
    wtr_buffer_clear(&feed_log);
    *need = 0;
    size_t done = wtr_dns.stream(session, WTR_FROM_CLIENT, &span, need, &sink);
    wtr_put(&feed_log, "", 1);
    return done;
}

static unsigned lines(void)
{
    unsigned n = 0;
    for (const char *p = feed_log.data; *p; p++)
        n += *p == '\n';
    return n;
}

Test(dns_stream, every_cut)
{
    struct bytes b = from_hex(framed);
    uint8_t session[SESSION] = {0};
    cr_assert(wtr_dns.session_size <= sizeof session);
    for (size_t length = 1; length <= b.length; length++) {
        size_t need;
        struct bytes cut = {b.data, length};
        size_t done = take(session, cut, &need);
        bool whole = length == b.length;
        cr_expect_eq(done, whole ? length : 0, "%zu", length);
        cr_expect_eq(need, whole || length < 2 ? 0 : 2 + MESSAGE, "%zu: %zu", length, need);
        cr_expect_eq(lines(), whole, "%zu", length);
    }
    free(b.data);
    wtr_buffer_free(&feed_log);
}

Test(dns_stream, two_messages_and_a_part)
{
    struct wtr_buffer digits = {0};
    wtr_put_z(&digits, framed);
    wtr_put_z(&digits, framed);
    wtr_put_z(&digits, "0019 01");
    wtr_put(&digits, "", 1);
    struct bytes b = from_hex(digits.data);
    uint8_t session[SESSION] = {0};
    size_t need;
    cr_expect_eq(take(session, b, &need), 2 * (2 + MESSAGE));
    cr_expect_eq(need, 2 + MESSAGE);
    cr_expect_eq(lines(), 2);
    free(b.data);
    wtr_buffer_free(&digits);
    wtr_buffer_free(&feed_log);
}

static unsigned pieces_seen;

static void count_pieces(void *payload, const struct wtr_message *m)
{
    (void)payload;
    pieces_seen = (unsigned)m->span.piece_count;
    cr_expect_eq(m->span.pieces[0].offset, 1002);
    cr_expect_eq(m->span.pieces[0].length, 12);
    cr_expect_eq(m->span.pieces[1].at, 12);
    cr_expect_eq(m->span.pieces[1].offset, 9000);
    cr_expect_eq(m->span.pieces[1].length, MESSAGE - 12);
}

/* The message's own places, behind its length, in both frames. */
Test(dns_stream, places)
{
    struct bytes b = from_hex(framed);
    uint8_t session[SESSION] = {0};
    size_t need = 0;
    struct wtr_piece pieces[2] = {{.length = 14, .offset = 1000, .frame = 1},
                                  {.at = 14, .length = 13, .offset = 9000, .frame = 2}};
    const struct wtr_span span = {b.data, b.length, pieces, 2, NULL};
    struct wtr_sink sink = {.payload = NULL, .message = count_pieces, .finding = feed_finding};
    wtr_dns.stream(session, WTR_FROM_CLIENT, &span, &need, &sink);
    cr_expect_eq(pieces_seen, 2);
    free(b.data);
}

/* More pieces than are read: nothing is made of the message, and it is said. */
Test(dns_stream, scattered)
{
    struct bytes b = {calloc(1, 2 + 100), 2 + 100};
    struct wtr_piece pieces[102];
    uint8_t session[SESSION] = {0};
    size_t need = 0;
    b.data[1] = 100;
    for (size_t i = 0; i < 102; i++)
        pieces[i] = (struct wtr_piece){.at = i, .length = 1, .offset = 10 * i, .frame = i + 1};
    const struct wtr_span span = {b.data, b.length, pieces, 102, NULL};
    struct wtr_sink sink = {.payload = NULL, .message = feed_message, .finding = feed_finding};
    wtr_buffer_clear(&feed_log);
    cr_expect_eq(wtr_dns.stream(session, WTR_FROM_CLIENT, &span, &need, &sink), 102);
    wtr_put(&feed_log, "", 1);
    cr_expect_str_eq(feed_log.data, "! 0+2 a message in more pieces than are read\n");
    free(b.data);
    wtr_buffer_free(&feed_log);
}

/* After lost bytes nothing shows where a message begins. */
Test(dns_stream, gap)
{
    struct bytes b = from_hex(framed);
    uint8_t session[SESSION] = {0};
    size_t need;
    wtr_dns.gap(session, WTR_FROM_SERVER, 100);
    cr_expect_eq(take(session, b, &need), b.length, "the other direction goes on");
    cr_expect_eq(lines(), 1);
    wtr_dns.gap(session, WTR_FROM_CLIENT, 0);
    cr_expect_eq(take(session, b, &need), b.length);
    cr_expect_eq(lines(), 0);
    free(b.data);
    wtr_buffer_free(&feed_log);
}

static enum wtr_bid bid(struct bytes b, size_t length, bool at_start, uint16_t port)
{
    const struct wtr_probe probe = {
        .bytes = b.data, .length = length, .at_start = at_start, .client_port = 50000, .server_port = port};
    return wtr_dns.probe_stream(&probe);
}

Test(dns_stream, bids)
{
    struct bytes b = from_hex(framed);
    cr_expect_eq(bid(b, b.length, true, 53), WTR_BID_LIKELY);
    cr_expect_eq(bid(b, b.length, false, 53), WTR_BID_LIKELY);
    cr_expect_eq(bid(b, b.length, true, 54), WTR_BID_NONE);
    cr_expect_eq(bid(b, 13, true, 53), WTR_BID_MORE);
    cr_expect_eq(bid(b, 13, false, 53), WTR_BID_NONE);
    cr_expect_eq(bid(b, b.length - 1, false, 53), WTR_BID_NONE, "in the middle only whole messages are one");
    b.data[1]++;
    cr_expect_eq(bid(b, b.length, false, 53), WTR_BID_NONE);
    free(b.data);
    b = from_text("GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n");
    cr_expect_eq(bid(b, b.length, true, 53), WTR_BID_NONE);
    free(b.data);
}
