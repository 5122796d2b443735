/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS: cookies, fragments in any order and more than once, epochs, and what begins another connection. The
 * messages are put together by hand after RFC 6347 4.1 and 4.2. */
#include "protocol/tls.h"

#include "datagram_feed.h"

#include <criterion/criterion.h>

static void *state;
static struct wtr_buffer seen;
static size_t last_pieces;

static void set_up(void)
{
    state = calloc(1, wtr_dtls.datagram_state_size);
    wtr_dtls.open_datagrams(state, &(struct wtr_session_setup){.mid_stream = false});
}

static void tear_down(void)
{
    wtr_dtls.close_datagrams(state);
    free(state);
    wtr_buffer_free(&seen);
    wtr_buffer_free(&feed_log);
}

TestSuite(dtls, .init = set_up, .fini = tear_down);

static void on_message(void *payload, const struct wtr_message *m)
{
    (void)payload;
    wtr_put_z(&seen, m->direction == WTR_FROM_CLIENT ? "C " : "S ");
    wtr_put_z(&seen, m->type);
    wtr_put_char(&seen, '\n');
    last_pieces = m->span.piece_count;
    cr_assert(m->about || strcmp(m->type, "session") != 0);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    (void)payload;
    cr_assert(at <= span->length && length <= span->length - at);
    wtr_put_z(&seen, "! ");
    wtr_put_z(&seen, reason);
    wtr_put_char(&seen, '\n');
}

static struct wtr_sink sink = {.message = on_message, .finding = on_finding};

/* One datagram from the client (50000) or the server (4433). */
static void send_from(enum wtr_direction direction, const char *digits)
{
    static uint64_t offset = 1000;
    struct bytes b = from_hex(digits);
    const struct wtr_endpoint client = {{{1}}, 50000}, server = {{{2}}, 4433};
    bool back = direction == WTR_FROM_SERVER;
    struct wtr_piece piece = {.length = b.length, .offset = offset, .frame = 7, .time_ns = 5};
    const struct wtr_datagram d = {.from = back ? server : client,
                                   .to = back ? client : server,
                                   .span = {b.data, b.length, &piece, 1, NULL}};
    offset += b.length + 16;
    cr_expect(feed_bid(&wtr_dtls, b, 50000, 4433) >= WTR_BID_LIKELY, "%s", digits);
    wtr_dtls.datagram(state, &d, &sink);
    free(b.data);
}

static const char *types(void)
{
    wtr_put_char(&seen, '\0');
    seen.length = 0;
    return seen.data;
}

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER_RANDOM "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
/* version, random, session id, cookie, one suite, one compression method: 42 bytes, or 44 with a cookie */
#define HELLO(random)                                                                                        \
    "16 fefd 0000 000000000000 0036 01 00002a 0000 000000 00002a fefd " random " 00 00 0002c0a8 0100"
#define HELLO_AGAIN                                                                                          \
    "16 fefd 0000 000000000001 0038 01 00002c 0001 000000 00002c fefd " RANDOM " 00 02abcd 0002c0a8 0100"
#define VERIFY "16 feff 0000 000000000000 0011 03 000005 0000 000000 000005 feff 02abcd"
/* version, random, session id, suite, compression: 38 bytes */
#define SERVER_HELLO "16 fefd 0000 000000000001 0032 02 000026 0001 000000 000026 fefd " RANDOM " 00 c0a8 00"
#define DONE "16 fefd 0000 000000000002 000c 0e 000000 0002 000000 000000"
#define CHANGE "14 fefd 0000 000000000003 0001 01"
#define FINISHED                                                                                             \
    "16 fefd 0001 000000000000 0020 00010203040506070809 0a0b0c0d0e0f10111213 1415161718191a1b1c1d1e1f"

Test(dtls, a_handshake_with_a_cookie)
{
    send_from(WTR_FROM_CLIENT, HELLO(RANDOM));
    send_from(WTR_FROM_SERVER, VERIFY);
    send_from(WTR_FROM_CLIENT, HELLO_AGAIN);
    send_from(WTR_FROM_SERVER, SERVER_HELLO DONE CHANGE FINISHED);
    cr_expect_str_eq(types(), "C client_hello\nS hello_verify_request\nC client_hello\nS server_hello\n"
                              "S server_hello_done\nS change_cipher_spec\n");
    wtr_dtls.finish_datagrams(state, &sink);
    cr_expect_str_eq(types(), "C session\n");
}

Test(dtls, what_comes_twice_is_told_once)
{
    send_from(WTR_FROM_CLIENT, HELLO(RANDOM));
    send_from(WTR_FROM_CLIENT, HELLO(RANDOM));
    send_from(WTR_FROM_SERVER, VERIFY);
    send_from(WTR_FROM_SERVER, SERVER_HELLO);
    send_from(WTR_FROM_SERVER, SERVER_HELLO DONE);
    cr_expect_str_eq(types(),
                     "C client_hello\nS hello_verify_request\nS server_hello\nS server_hello_done\n");
}

Test(dtls, messages_in_the_wrong_order)
{
    send_from(WTR_FROM_CLIENT, HELLO(RANDOM));
    send_from(WTR_FROM_SERVER, DONE);
    send_from(WTR_FROM_SERVER, SERVER_HELLO);
    cr_expect_str_eq(types(), "C client_hello\n");
    send_from(WTR_FROM_SERVER, VERIFY);
    cr_expect_str_eq(types(), "S hello_verify_request\nS server_hello\nS server_hello_done\n");
}

/* 10, 18 and 10 bytes of the ServerHello's 38: the last first, the middle twice and overlapping. */
#define PART_3 "16 fefd 0000 000000000005 0016 02 000026 0001 00001c 00000a 1a1b1c1d1e1f 00 c0a8 00"
#define PART_1 "16 fefd 0000 000000000006 0016 02 000026 0001 000000 00000a fefd 0001020304050607"
#define PART_2                                                                                               \
    "16 fefd 0000 000000000007 0020 02 000026 0001 000008 000014 0607 08090a0b0c0d0e0f10111213141516171819"

Test(dtls, fragments_in_any_order)
{
    static const char *const orders[][4] = {
        {PART_3, PART_1, PART_2, PART_2}, {PART_1, PART_2, PART_3, PART_1}, {PART_2, PART_2, PART_1, PART_3}};
    for (size_t i = 0; i < 3; i++) {
        tear_down();
        seen = feed_log = (struct wtr_buffer){0};
        set_up();
        send_from(WTR_FROM_CLIENT, HELLO(RANDOM));
        send_from(WTR_FROM_SERVER, VERIFY);
        for (size_t k = 0; k < 4; k++)
            send_from(WTR_FROM_SERVER, orders[i][k]);
        cr_expect_str_eq(types(), "C client_hello\nS hello_verify_request\nS server_hello\n", "%zu", i);
        cr_expect_eq(last_pieces, 3);
    }
}

Test(dtls, a_fragment_that_does_not_fit)
{
    send_from(WTR_FROM_CLIENT, HELLO(RANDOM));
    send_from(WTR_FROM_SERVER, VERIFY);
    send_from(WTR_FROM_SERVER, PART_3);
    send_from(WTR_FROM_SERVER, "16 fefd 0000 000000000005 000e 02 000027 0001 000000 000002 fefd");
    cr_expect_str_eq(types(), "C client_hello\nS hello_verify_request\n"
                              "! a fragment that does not fit the message's others\n");
    send_from(WTR_FROM_SERVER, "16 fefd 0000 000000000006 000e 0b ffffff 0002 000000 000002 0000");
    cr_expect_str_eq(types(), "! a handshake message of more than 256 KiB\n");
}

/* What waits for a message that was lost is told when the ciphers change. */
Test(dtls, a_message_is_lost)
{
    send_from(WTR_FROM_CLIENT, HELLO(RANDOM));
    send_from(WTR_FROM_SERVER, SERVER_HELLO);
    send_from(WTR_FROM_SERVER, CHANGE);
    cr_expect_str_eq(types(), "C client_hello\nS server_hello\nS change_cipher_spec\n");
}

Test(dtls, another_connection_of_the_same_ends)
{
    send_from(WTR_FROM_CLIENT, HELLO(RANDOM));
    send_from(WTR_FROM_SERVER, SERVER_HELLO);
    send_from(WTR_FROM_CLIENT, HELLO(OTHER_RANDOM));
    cr_expect_str_eq(types(), "C client_hello\nS server_hello\nC session\nC client_hello\n");
    wtr_dtls.finish_datagrams(state, &sink);
    cr_expect_str_eq(types(), "C session\n");
}

/* Whoever sends the ClientHello is the client, whatever the ports. */
Test(dtls, a_client_at_the_lower_port)
{
    send_from(WTR_FROM_SERVER, HELLO(RANDOM));
    send_from(WTR_FROM_CLIENT, VERIFY);
    cr_expect_str_eq(types(), "C client_hello\nS hello_verify_request\n");
}

Test(dtls, enciphered_records_alone)
{
    send_from(WTR_FROM_CLIENT, "17 fefd 0001 000000000005 0004 00010203 17 fefd 0001 000000000006 0001 00");
    wtr_dtls.finish_datagrams(state, &sink);
    cr_expect_str_eq(types(), "C session\n");
}

Test(dtls, probe)
{
    struct bytes b = from_hex(SERVER_HELLO DONE);
    cr_expect_eq(feed_bid(&wtr_dtls, b, 1, 2), WTR_BID_CERTAIN);
    for (size_t length = 0; length < b.length; length++) {
        struct bytes cut = {b.data, length};
        enum wtr_bid bid = feed_bid(&wtr_dtls, cut, 1, 2);
        cr_expect_eq(bid, length == 63 ? WTR_BID_CERTAIN : WTR_BID_NONE, "%zu", length);
    }
    b.data[1] = 3; /* TLS's version */
    cr_expect_eq(feed_bid(&wtr_dtls, b, 1, 2), WTR_BID_NONE);
    free(b.data);
}
