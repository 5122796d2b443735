/* SPDX-License-Identifier: Apache-2.0 */
/* TLS streams: the hellos of RFC 8448 in records, segments and pieces of any size, losses, and hostile
 * lengths. */
#include "protocol/tls.h"

#include "stream_feed.h"
#define feed_message datagram_message
#define feed_finding datagram_finding
#define feed_log datagram_log
#include "tls_bytes.h"
#undef feed_message
#undef feed_finding
#undef feed_log

static struct feed feed;

static void set_up(void)
{
    feed_open(&feed, &wtr_tls, false);
}

static void tear_down(void)
{
    wtr_buffer_free(&datagram_log);
    feed_close(&feed);
}

TestSuite(tls_stream, .init = set_up, .fini = tear_down);

static struct bytes client_flight(void)
{
    return record_of(22, from_hex(CLIENT_HELLO));
}

/* ServerHello, change_cipher_spec, and two enciphered records of 100 and 20 bytes. */
static struct bytes server_flight(void)
{
    struct bytes flight = joined(record_of(22, from_hex(SERVER_HELLO)), record_of(20, from_hex("01")));
    return joined(flight, joined(record_of(23, filled(100)), record_of(23, filled(20))));
}

static void send_bytes(enum wtr_direction direction, struct bytes b, size_t step)
{
    feed_slowly(&feed, direction, b.data, b.length, step);
    free(b.data);
}

/* Types and findings of the log, one a line, without the fields. */
static const char *types(void)
{
    static char text[4096];
    size_t n = 0;
    for (const char *p = feed_log(&feed); *p; p = strchr(p, '\n') + 1) {
        const char *end = p[2] == '!' ? strchr(p, '\n') : strstr(p, " #");
        for (; p < end && n + 2 < sizeof text; p++)
            text[n++] = *p;
        text[n++] = '\n';
    }
    text[n] = '\0';
    return text;
}

static const struct wtr_tls_session *session(void)
{
    return feed.session; /* the session is what its state begins with */
}

/* The same ServerHello without extensions: that of TLS 1.2. */
#define SERVER_HELLO_1_2                                                                                     \
    "02000026 0303 a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928 00 00ae 00"

#define HANDSHAKE "C tls client_hello\nS tls server_hello\nS tls change_cipher_spec\n"

Test(tls_stream, a_handshake_in_segments_of_any_size)
{
    for (size_t step = 1; step < 300; step += step < 12 ? 1 : 41) {
        if (step > 1) {
            tear_down();
            set_up();
        }
        send_bytes(WTR_FROM_CLIENT, client_flight(), step);
        send_bytes(WTR_FROM_SERVER, server_flight(), step);
        cr_assert_str_eq(types(), HANDSHAKE, "%zu", step);
        const struct wtr_tls_session *s = session();
        cr_expect_eq(s->version, WTR_TLS_1_3);
        cr_expect_eq(s->suite, 0x1301);
        cr_expect(wtr_text_is(s->sni, "server"));
        cr_expect_str_eq(s->ja3, CLIENT_JA3);
        cr_expect_str_eq(s->ja3s, SERVER_JA3S);
        cr_expect_str_eq(s->ja4, CLIENT_JA4);
        cr_expect_eq(s->side[0].records, 1);
        cr_expect_eq(s->side[0].bytes, 201);
        cr_expect_eq(s->side[1].records, 4);
        cr_expect_eq(s->side[1].bytes, 95 + 6 + 105 + 25);
        cr_expect_eq(s->side[1].application_records, 2);
        cr_expect_eq(s->side[1].application_bytes, 120);
        cr_expect_not(s->side[1].lost);
    }
}

/* A message over records of one to seven bytes (RFC 8446 5.1 allows it). */
Test(tls_stream, a_hello_in_many_records)
{
    for (size_t piece = 1; piece < 8; piece++) {
        struct bytes hello = from_hex(CLIENT_HELLO), all = {malloc(1), 0};
        tear_down();
        set_up();
        for (size_t at = 0; at < hello.length; at += piece) {
            size_t length = hello.length - at < piece ? hello.length - at : piece;
            struct bytes part = {memcpy(malloc(length), hello.data + at, length), length};
            all = joined(all, record_of(22, part));
        }
        send_bytes(WTR_FROM_CLIENT, all, piece == 3 ? 1 : 100);
        free(hello.data);
        cr_expect_str_eq(types(), "C tls client_hello\n");
        cr_expect_str_eq(session()->ja4, CLIENT_JA4);
    }
}

Test(tls_stream, several_messages_in_a_record)
{
    struct bytes messages = joined(from_hex(SERVER_HELLO), from_hex("0e000000 0f000002abcd"));
    struct bytes cut = from_hex("14000003 01");
    send_bytes(WTR_FROM_SERVER, joined(record_of(22, joined(messages, cut)), record_of(22, from_hex("0203"))),
               50);
    cr_expect_str_eq(types(), "S tls server_hello\nS tls server_hello_done\nS tls certificate_verify\n"
                              "S tls finished\n");
}

Test(tls_stream, a_message_is_broken_off)
{
    send_bytes(WTR_FROM_CLIENT, record_of(22, from_hex("0b0000ff 0102")), 100);
    send_bytes(WTR_FROM_CLIENT, joined(record_of(21, from_hex("0228")), client_flight()), 100);
    cr_expect_str_eq(types(), "C ! a handshake message is broken off by another record\nC tls alert\n"
                              "C tls client_hello\n");
    cr_expect_eq(session()->side[0].alert, 40);
}

/* A hello that says it has a megabyte, in records of 16 KiB: passed over, and what follows is read. */
Test(tls_stream, a_hello_of_a_megabyte)
{
    size_t body = (1 << 20) - 4, sent = 0;
    struct bytes first = joined(from_hex("010ffffc"), filled(16380));
    send_bytes(WTR_FROM_CLIENT, record_of(22, first), 1460);
    for (sent = 16380; sent < body;) {
        size_t length = body - sent < 16384 ? body - sent : 16384;
        send_bytes(WTR_FROM_CLIENT, record_of(22, filled(length)), 1460);
        sent += length;
        cr_assert(feed.side[0].length < 64, "kept: %zu", feed.side[0].length);
    }
    send_bytes(WTR_FROM_CLIENT, client_flight(), 100);
    cr_expect_str_eq(types(), "C ! a handshake message of more than 256 KiB\nC tls client_hello\n");
}

/* A certificate that says it has 16 MB, and lists that do not fit together. */
Test(tls_stream, certificates_of_absurd_size)
{
    send_bytes(WTR_FROM_SERVER, record_of(22, from_hex(SERVER_HELLO_1_2)), 100);
    send_bytes(WTR_FROM_SERVER, record_of(22, from_hex("0b000009 000006 ffffff 010203")), 100);
    send_bytes(WTR_FROM_SERVER, record_of(22, from_hex("0b000003 ffffff")), 100);
    send_bytes(WTR_FROM_SERVER, record_of(22, from_hex("0bffffff ffffff ffffff")), 100);
    cr_expect_str_eq(types(), "S tls server_hello\n"
                              "S ! a Certificate whose lengths do not fit together\nS tls certificate\n"
                              "S ! a Certificate whose lengths do not fit together\nS tls certificate\n"
                              "S ! a handshake message of more than 256 KiB\n");
}

/* What mbedTLS refuses is hashed: SHA-256 of the bytes 01 02 03. The chain may be longer than what is listed.
 */
Test(tls_stream, certificates_that_can_not_be_read)
{
    struct bytes list = {malloc(1), 0};
    for (int i = 0; i < 20; i++)
        list = joined(list, from_hex("000003010203"));
    struct bytes body = joined(from_hex("0b00007b 000078"), list);
    send_bytes(WTR_FROM_SERVER, joined(record_of(22, from_hex(SERVER_HELLO_1_2)), record_of(22, body)), 1000);
    const struct wtr_tls_chain *chain = &session()->chain[WTR_FROM_SERVER];
    cr_assert_eq(chain->count, 20);
    cr_expect_not(chain->list[7]->read);
    struct bytes expected = from_hex("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
    cr_expect_arr_eq(chain->list[7]->sha256, expected.data, 32);
    free(expected.data);
    cr_expect_str_eq(types(),
                     "S tls server_hello\nS ! a certificate that can't be read\nS tls certificate\n");
}

/* ---- losses */

Test(tls_stream, a_loss_inside_a_body_that_is_passed_over)
{
    struct bytes flight = server_flight();
    send_bytes(WTR_FROM_CLIENT, client_flight(), 1000);
    feed_send(&feed, WTR_FROM_SERVER, flight.data, 95 + 6 + 5 + 10);
    feed_lose(&feed, WTR_FROM_SERVER, 60);
    feed_send(&feed, WTR_FROM_SERVER, flight.data + 176, flight.length - 176);
    free(flight.data);
    cr_expect_str_eq(types(), HANDSHAKE);
    cr_expect_not(session()->side[1].lost);
    cr_expect_eq(session()->side[1].application_records, 2);
}

Test(tls_stream, a_loss_calls_for_a_search)
{
    struct bytes flight = server_flight();
    send_bytes(WTR_FROM_CLIENT, client_flight(), 1000);
    feed_send(&feed, WTR_FROM_SERVER, flight.data, 40);
    feed_lose(&feed, WTR_FROM_SERVER, 80);
    feed_send(&feed, WTR_FROM_SERVER, flight.data + 120, flight.length - 120);
    free(flight.data);
    cr_expect_str_eq(types(), "C tls client_hello\n");
    cr_expect(session()->side[1].lost);
    cr_expect_eq(session()->side[1].application_records, 1); /* the last one */
    send_bytes(WTR_FROM_SERVER, record_of(21, from_hex("0100")), 1);
    cr_expect_str_eq(types(), "S tls alert\n");
}

/* After a loss a handshake record is in clear only if messages fill it. */
Test(tls_stream, after_a_loss_what_is_enciphered_is_not_taken_for_clear)
{
    feed_lose(&feed, WTR_FROM_SERVER, 0);
    struct bytes records =
        joined(record_of(22, from_hex("14000010 00112233")), record_of(22, from_hex("0e000000")));
    send_bytes(WTR_FROM_SERVER, joined(records, record_of(22, filled(40))), 1000);
    cr_expect_str_eq(types(), "S tls server_hello_done\n");
    cr_expect_eq(session()->side[1].sequence, 2);
}

Test(tls_stream, bytes_that_are_no_record)
{
    send_bytes(WTR_FROM_CLIENT, joined(from_hex("47455420 2f"), client_flight()), 1000);
    cr_expect_str_eq(types(), "C ! not the header of a TLS record\nC tls client_hello\n");
    cr_expect(session()->side[0].lost);
}

/* TLS 1.2: what follows a change_cipher_spec is enciphered, whatever it looks like. */
Test(tls_stream, enciphered_handshake_of_tls_1_2)
{
    struct bytes hello = from_hex(SERVER_HELLO_1_2);
    send_bytes(WTR_FROM_SERVER,
               joined(record_of(22, hello), record_of(22, from_hex("0c000006 0004 68696e74"))), 9);
    send_bytes(WTR_FROM_SERVER, joined(record_of(20, from_hex("01")), record_of(22, from_hex("14000000"))),
               1000);
    send_bytes(WTR_FROM_CLIENT, record_of(22, from_hex("10000006 0004 706c7567")), 1000);
    cr_expect_str_eq(types(), "S tls server_hello\nS tls server_key_exchange\nS tls change_cipher_spec\n"
                              "C tls client_key_exchange\n");
    const struct wtr_tls_session *s = session();
    cr_expect(wtr_text_is(s->psk_hint, "hint"));
    cr_expect(wtr_text_is(s->psk_identity, "plug"));
    cr_expect_eq(s->side[1].sequence, 1);
}

/* ---- the end, and the beginning */

Test(tls_stream, the_session_as_a_whole)
{
    send_bytes(WTR_FROM_CLIENT, client_flight(), 1000);
    feed_log(&feed);
    feed_finish(&feed);
    cr_expect(strstr(feed_log(&feed),
                     "C tls session #0 {\"server_name\":\"server\",\"ja3\":\"" CLIENT_JA3
                     "\",\"ja4\":\"" CLIENT_JA4 "\",\"client\":{\"records\":1,\"bytes\":201,"));
    cr_expect_eq(feed.last.length, 196);
}

Test(tls_stream, a_session_of_nothing_says_nothing)
{
    feed_finish(&feed);
    cr_expect_str_eq(feed_log(&feed), "");
}

static enum wtr_bid bid(const char *digits, size_t more)
{
    struct bytes b = joined(from_hex(digits), filled(more));
    const struct wtr_probe probe = {
        .bytes = b.data, .length = b.length, .client_port = 50000, .server_port = 9};
    enum wtr_bid made = wtr_tls.probe_stream(&probe);
    free(b.data);
    return made;
}

Test(tls_stream, probe)
{
    cr_expect_eq(bid("16030100c8 010000c4 0303", 0), WTR_BID_CERTAIN);
    cr_expect_eq(bid("160303005a 02000056 0303", 40), WTR_BID_CERTAIN);
    cr_expect_eq(bid("16", 0), WTR_BID_MORE);
    cr_expect_eq(bid("16030100c8 010000c4 03", 0), WTR_BID_MORE);
    cr_expect_eq(bid("16040100c8 010000c4 0303", 0), WTR_BID_NONE);
    cr_expect_eq(bid("16030100c8 010000c4 0203", 200), WTR_BID_NONE);
    cr_expect_eq(bid("1703030020", 32), WTR_BID_LIKELY);
    cr_expect_eq(bid("1703030020", 31), WTR_BID_MORE);
    cr_expect_eq(bid("1703030020", 34), WTR_BID_MORE);
    cr_expect_eq(bid("1703030020", 40), WTR_BID_NONE); /* 0xa5 is no content type */
    cr_expect_eq(bid("1703030001 00 1703030010", 0), WTR_BID_LIKELY);
    cr_expect_eq(bid("1703034801", 5), WTR_BID_NONE); /* longer than a record can be */
    cr_expect_eq(bid("140303000101", 0), WTR_BID_LIKELY);
    cr_expect_eq(bid("474554202f20485454502f312e31", 0), WTR_BID_NONE);
    cr_expect_eq(bid("100c00044d515454", 0), WTR_BID_NONE);
}
