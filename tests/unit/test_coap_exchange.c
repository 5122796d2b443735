/* SPDX-License-Identifier: Apache-2.0 */
/* Which CoAP messages belong together: repeats, answers, notifications and blocks, in order, late, lost and
 * doubled. Expectations are worked out from RFC 7252 4.2 to 4.8 and 5.3, RFC 7641 3 and 4, RFC 7959 2. */
#include "coap_feed.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct coap_feed feed;

static void set_up(void)
{
    feed = coap_feed_new();
}

static void tear_down(void)
{
    coap_feed_free(&feed);
}

TestSuite(coap_exchange, .init = set_up, .fini = tear_down);

static void holds(const char *heard, const char *text, bool wanted, const char *file, int line)
{
    cr_expect((strstr(heard, text) != NULL) == wanted, "%s:%d: %s %s: %s", file, line,
              wanted ? "lacks" : "has", text, heard);
}

#define HAS(heard, text) holds(heard, text, true, __FILE__, __LINE__)
#define LACKS(heard, text) holds(heard, text, false, __FILE__, __LINE__)

#define EXCHANGE(n) "\"exchange\":" #n
#define ASKED(path) "\"request\":{\"code\":\"0.01\",\"uri_path\":\"" path "\"}"
#define REPEAT "\"repeat\":true"
#define REUSED "the message id was used for another message within its lifetime"

/* GET /a, /b with message id and token; an acknowledgement with an answer, an answer of its own. */
#define GET(path, id, token) "41 01 00 " id " " token " b1 '" path "'"
#define ACK(id, token) "61 45 00 " id " " token " c0 ff 'x'"
#define CON(id, token) "41 45 00 " id " " token " c0 ff 'x'"

Test(coap_exchange, repeats)
{
    LACKS(coap_ask(&feed, GET("a", "01", "aa")), REPEAT);
    feed.now_ms = 2000;
    const char *again = coap_ask(&feed, GET("a", "01", "aa"));
    HAS(again, REPEAT);
    HAS(again, EXCHANGE(1));
    /* The id is alive for 247 s after its first use, and the next message under it is another one. */
    feed.now_ms = 247000;
    HAS(coap_ask(&feed, GET("a", "01", "aa")), REPEAT);
    feed.now_ms = 247001;
    const char *later = coap_ask(&feed, GET("a", "01", "aa"));
    LACKS(later, REPEAT);
    LACKS(later, REUSED);
    HAS(later, EXCHANGE(2));
}

Test(coap_exchange, non_confirmable_ids_live_shorter)
{
    (void)coap_ask(&feed, "51 01 00 01 aa b1 'a'");
    feed.now_ms = 145000;
    HAS(coap_ask(&feed, "51 01 00 01 aa b1 'a'"), REPEAT);
    feed.now_ms = 145001;
    LACKS(coap_ask(&feed, "51 01 00 01 aa b1 'a'"), REPEAT);
}

Test(coap_exchange, what_is_no_repeat)
{
    (void)coap_ask(&feed, GET("a", "01", "aa"));
    /* The same id with other bytes; from another port; to another host; the answer's own id. */
    const char *other = coap_ask(&feed, GET("b", "01", "aa"));
    LACKS(other, REPEAT);
    HAS(other, REUSED);
    feed.client_port++;
    LACKS(coap_ask(&feed, GET("a", "01", "aa")), "repeat");
    feed.client_port--;
    feed.server++;
    LACKS(coap_ask(&feed, GET("a", "01", "aa")), "repeat");
    feed.server--;
    LACKS(coap_answer(&feed, CON("01", "bb")), "repeat");
    /* An acknowledgement's id is the other end's. */
    LACKS(coap_answer(&feed, "60 00 00 01"), "repeat");
    HAS(coap_answer(&feed, "60 00 00 01"), REPEAT);
}

Test(coap_exchange, answers)
{
    (void)coap_ask(&feed, GET("a", "01", "aa"));
    (void)coap_ask(&feed, GET("b", "02", "bb"));
    const char *second = coap_answer(&feed, ACK("02", "bb"));
    HAS(second, ASKED("/b"));
    HAS(second, EXCHANGE(2));
    HAS(coap_answer(&feed, ACK("01", "aa")), ASKED("/a"));
    /* Another token, or another id in an acknowledgement: not its. */
    const char *token = coap_answer(&feed, "61 45 00 01 cc c0 ff 'y'");
    LACKS(token, "request\"");
    HAS(token, "the answer's token is not its request's");
    LACKS(coap_answer(&feed, ACK("03", "aa")), "request\"");
    /* A separate answer has an id of its own. An answer from elsewhere is none. */
    HAS(coap_answer(&feed, CON("99", "aa")), ASKED("/a"));
    feed.server++;
    LACKS(coap_answer(&feed, CON("98", "aa")), "request\"");
}

Test(coap_exchange, separate_answer)
{
    (void)coap_ask(&feed, GET("a", "01", "aa"));
    HAS(coap_answer(&feed, "60 00 00 01"), EXCHANGE(1));
    HAS(coap_answer(&feed, CON("50", "aa")), EXCHANGE(1));
    HAS(coap_ask(&feed, "60 00 00 50"), EXCHANGE(1));
    /* Long after, the token may be anything's. */
    feed.now_ms = 248000;
    LACKS(coap_answer(&feed, CON("51", "aa")), "request\"");
}

/* Shelly's clients use no token and one message id for all. */
Test(coap_exchange, one_token_for_all)
{
    feed.client_port = 5683;
    (void)coap_ask(&feed, "50 01 00 0a b3 'cit' 01 's'");
    HAS(coap_answer(&feed, "50 45 00 0a ff '{}'"), ASKED("/cit/s"));
    HAS(coap_ask(&feed, "50 01 00 0a b3 'cit' 01 'd'"), REUSED);
    HAS(coap_answer(&feed, "50 45 00 0a ff '[]'"), ASKED("/cit/d"));
    /* Two are open: what comes now may be either's. */
    (void)coap_ask(&feed, "50 01 00 0a b3 'cit' 01 's'");
    (void)coap_ask(&feed, "50 01 00 0b b3 'cit' 01 'd'");
    LACKS(coap_answer(&feed, "50 45 00 0c ff '{ }'"), "request\"");
    /* An acknowledgement tells by its id. */
    HAS(coap_answer(&feed, "60 45 00 0b ff '{  }'"), ASKED("/cit/d"));
}

Test(coap_exchange, group)
{
    feed.group = true;
    (void)coap_ask(&feed, "51 01 00 01 aa b1 'a'");
    feed.server = 7;
    HAS(coap_answer(&feed, "51 45 00 11 aa ff 'x'"), ASKED("/a"));
    feed.server = 8;
    HAS(coap_answer(&feed, "51 45 00 12 aa ff 'y'"), EXCHANGE(1));
}

Test(coap_exchange, codes)
{
    (void)coap_ask(&feed, "41 04 00 01 aa b1 'a'"); /* DELETE */
    HAS(coap_answer(&feed, "61 45 00 01 aa"), "the code is not one that answers the request's method");
    (void)coap_ask(&feed, "41 04 00 02 aa b1 'a'");
    LACKS(coap_answer(&feed, "61 42 00 02 aa"), "anomalies");
    (void)coap_ask(&feed, "41 04 00 03 aa b1 'a'");
    LACKS(coap_answer(&feed, "61 84 00 03 aa"), "anomalies"); /* an error answers anything */
}

Test(coap_exchange, long_paths_are_cut)
{
    char bytes[600] = "41 01 00 01 aa bd 77 '";
    for (int i = 0; i < 13 + 0x77; i++)
        strcat(bytes, "p");
    strcat(bytes, "'");
    (void)coap_ask(&feed, bytes);
    HAS(coap_answer(&feed, ACK("01", "aa")), "\"cut\":true");
}

/* ---- observing ---- */

#define OBSERVE(id) "41 01 00 " id " aa 60 53 'obs'"
#define END(id) "41 01 00 " id " aa 61 01 53 'obs'"
/* Observe and Content-Format 0. */
#define NOTE(id, sequence) "41 45 00 " id " aa 61 " sequence " 60 ff 'x'"
#define NOTIFICATION "\"notification\":true"
#define ENDED "a notification after the client ended the observation"
#define UNACKNOWLEDGED "the notification before it was neither acknowledged nor reset"

static void observe(void)
{
    (void)coap_ask(&feed, OBSERVE("01"));
    LACKS(coap_answer(&feed, "61 45 00 01 aa 61 05 60 ff 'x'"), NOTIFICATION);
}

Test(coap_exchange, notifications)
{
    observe();
    const char *first = coap_answer(&feed, NOTE("41", "06"));
    HAS(first, NOTIFICATION);
    HAS(first, ASKED("/obs"));
    LACKS(first, "anomalies");
    HAS(coap_ask(&feed, "60 00 00 41"), EXCHANGE(1));
    LACKS(coap_answer(&feed, NOTE("42", "07")), "anomalies");
    /* Hours later the relation still stands. */
    feed.now_ms = 10000000;
    (void)coap_ask(&feed, "60 00 00 42");
    HAS(coap_answer(&feed, NOTE("43", "08")), EXCHANGE(1));
}

Test(coap_exchange, unacknowledged)
{
    observe();
    (void)coap_answer(&feed, NOTE("41", "06"));
    HAS(coap_answer(&feed, NOTE("42", "07")), UNACKNOWLEDGED);
    /* Sent again is not sent on. */
    LACKS(coap_answer(&feed, NOTE("42", "07")), UNACKNOWLEDGED);
    (void)coap_ask(&feed, "60 00 00 42");
    LACKS(coap_answer(&feed, NOTE("43", "08")), UNACKNOWLEDGED);
    /* Off the port, empty messages are not read, so that nothing is said of them. */
    feed.server_port = 7000;
    observe();
    (void)coap_answer(&feed, NOTE("41", "06"));
    LACKS(coap_answer(&feed, NOTE("42", "07")), UNACKNOWLEDGED);
}

Test(coap_exchange, the_client_ends_it)
{
    observe();
    (void)coap_answer(&feed, NOTE("41", "06"));
    HAS(coap_ask(&feed, "70 00 00 41"), EXCHANGE(1));
    HAS(coap_answer(&feed, NOTE("42", "07")), ENDED);
    /* By Observe: 1, whose own answer has no Observe option. */
    feed.client_port++;
    observe();
    (void)coap_ask(&feed, END("02"));
    LACKS(coap_answer(&feed, ACK("02", "aa")), "anomalies");
    HAS(coap_answer(&feed, NOTE("43", "08")), ENDED);
    /* Registered anew. */
    (void)coap_ask(&feed, OBSERVE("03"));
    LACKS(coap_answer(&feed, "61 45 00 03 aa 61 09 60 ff 'x'"), "anomalies");
    LACKS(coap_answer(&feed, NOTE("44", "0a")), "anomalies");
}

Test(coap_exchange, the_server_ends_it)
{
    observe();
    HAS(coap_answer(&feed, "41 84 00 41 aa"), NOTIFICATION); /* 4.04 */
    HAS(coap_answer(&feed, NOTE("42", "07")), "\"exchange\":1");
    /* Refused from the first. */
    feed.client_port++;
    (void)coap_ask(&feed, OBSERVE("01"));
    LACKS(coap_answer(&feed, ACK("01", "aa")), NOTIFICATION);
}

Test(coap_exchange, order_of_notifications)
{
    const char *stale = "the notification is not newer than the one before it";
    observe();
    (void)coap_answer(&feed, NOTE("41", "07"));
    HAS(coap_answer(&feed, NOTE("42", "06")), stale);
    HAS(coap_answer(&feed, NOTE("43", "07")), stale);
    /* 128 s later any number is newer. */
    feed.now_ms = 128001;
    LACKS(coap_answer(&feed, NOTE("44", "01")), stale);
    /* 24 bits wrap: 0xffffff, then 0. */
    LACKS(coap_answer(&feed, "41 45 00 45 aa 63 7f ff ff 60 ff 'x'"), stale);
    LACKS(coap_answer(&feed, "41 45 00 46 aa 63 ff ff fe 60 ff 'x'"), stale);
    LACKS(coap_answer(&feed, "41 45 00 47 aa 60 60 ff 'x'"), stale);
}

Test(coap_exchange, another_format_and_deletion)
{
    observe();
    (void)coap_ask(&feed, "60 00 00 41");
    HAS(coap_answer(&feed, "41 45 00 41 aa 61 06 61 29 ff 'x'"), /* 41 */
        "the notification has another Content-Format than the first answer");
    /* Somebody deletes the resource; the notifications go on. Another resource's do not matter. */
    uint16_t client = feed.client_port++;
    (void)coap_ask(&feed, "41 04 00 01 bb b3 'oba'");
    (void)coap_answer(&feed, "61 42 00 01 bb");
    (void)coap_ask(&feed, "41 04 00 02 bb b3 'obs'");
    (void)coap_answer(&feed, "61 42 00 02 bb");
    feed.client_port = client;
    HAS(coap_answer(&feed, NOTE("42", "07")), "a notification of a resource that was deleted");
    LACKS(coap_answer(&feed, "41 84 00 43 aa"), "deleted");
}

Test(coap_exchange, observe_without_asking)
{
    (void)coap_ask(&feed, GET("a", "01", "aa"));
    HAS(coap_answer(&feed, "61 45 00 01 aa 61 05 60 ff 'x'"),
        "an Observe option answers a request that did not ask for it");
}

/* ---- blocks ---- */

#define TEXT16 "'0123456789abcdef'"
/* Block2 (delta 11 from Content-Format): number, M and SZX 0 in one byte. */
#define BLOCK(id, block, payload) "61 45 00 " id " aa c0 b1 " block " ff " payload
#define NEXT(id, block) "41 01 00 " id " aa b1 'a' c1 " block
#define MISSING "a block before it was not seen: the body is not put together"

Test(coap_exchange, body_of_an_answer)
{
    (void)coap_ask(&feed, NEXT("01", "00"));
    LACKS(coap_answer(&feed, BLOCK("01", "08", TEXT16)), "body");
    (void)coap_ask(&feed, NEXT("02", "10"));
    (void)coap_answer(&feed, BLOCK("02", "18", TEXT16));
    /* Repeats do no harm. */
    (void)coap_answer(&feed, BLOCK("02", "18", TEXT16));
    (void)coap_ask(&feed, NEXT("03", "20"));
    HAS(coap_answer(&feed, BLOCK("03", "20", "'!'")),
        "\"payload\":\"!\",\"exchange\":3,\"request\":{\"code\":\"0.01\",\"uri_path\":\"/a\"},"
        "\"body\":\"0123456789abcdef0123456789abcdef!\"}");
}

static struct wtr_span whole;

static void keep(void *payload, const struct wtr_message *message)
{
    const struct wtr_coap *coap = message->body;
    size_t at;
    if (!coap->body.data)
        return;
    *(unsigned *)payload = 1;
    whole = message->span;
    cr_expect(wtr_span_holds(&whole, coap->body.data, coap->body.length, &at));
    cr_expect_eq(at, 9);
    cr_expect(wtr_span_holds(&whole, coap->options.data, coap->options.length, &at));
    cr_expect_eq(at, 5);
    /* The header of the second datagram, then the 16 bytes of the first, which stand behind nine others. */
    struct wtr_origin o = wtr_span_locate(&whole, 0, 4);
    cr_expect_eq(o.frame, 4);
    cr_expect_eq(o.offset, 4000);
    o = wtr_span_locate(&whole, 9 + 15, 2);
    cr_expect_eq(o.frame, 2);
    cr_expect_eq(o.offset, 2000 + 9 + 15);
    cr_expect_eq(o.length, 1);
    o = wtr_span_part(&whole, 9 + 15, 2, 1);
    cr_expect_eq(o.frame, 4);
    cr_expect_eq(o.offset, 4000 + 9);
}

Test(coap_exchange, places_of_a_body)
{
    unsigned heard = 0;
    feed.listener = keep;
    feed.payload = &heard;
    (void)coap_ask(&feed, NEXT("01", "00"));
    (void)coap_answer(&feed, BLOCK("01", "08", TEXT16));
    (void)coap_ask(&feed, NEXT("02", "10"));
    (void)coap_answer(&feed, BLOCK("02", "10", "'!'"));
    cr_expect_eq(heard, 1);
}

Test(coap_exchange, blocks_that_do_not_fit)
{
    /* The second is lost; one of another version; the first of a new body forgets the old one. */
    (void)coap_ask(&feed, NEXT("01", "00"));
    (void)coap_answer(&feed, BLOCK("01", "08", TEXT16));
    (void)coap_ask(&feed, NEXT("03", "20"));
    const char *third = coap_answer(&feed, BLOCK("03", "20", "'!'"));
    HAS(third, MISSING);
    LACKS(third, "body\"");
    feed.client_port++;
    (void)coap_ask(&feed, NEXT("01", "00"));
    (void)coap_answer(&feed, "61 45 00 01 aa 41 01 80 b1 08 ff " TEXT16);
    (void)coap_ask(&feed, NEXT("02", "10"));
    HAS(coap_answer(&feed, "61 45 00 02 aa 41 02 80 b1 10 ff '!'"),
        "the block is of another version (ETag) than the one before it");
    feed.client_port++;
    (void)coap_ask(&feed, NEXT("01", "00"));
    (void)coap_answer(&feed, BLOCK("01", "08", TEXT16));
    (void)coap_ask(&feed, NEXT("02", "00"));
    (void)coap_answer(&feed, BLOCK("02", "08", "'ABCDEFGHIJKLMNOP'"));
    (void)coap_ask(&feed, NEXT("03", "10"));
    HAS(coap_answer(&feed, BLOCK("03", "10", "'!'")), "\"body\":\"ABCDEFGHIJKLMNOP!\"");
}

Test(coap_exchange, block_sizes)
{
    /* Asked for 16, given 32; and 16 where 32 were asked for, after which the client counts in 16. */
    (void)coap_ask(&feed, NEXT("01", "00"));
    HAS(coap_answer(&feed, BLOCK("01", "09", TEXT16 TEXT16)),
        "the block size (SZX) is larger than was asked for");
    feed.client_port++;
    (void)coap_ask(&feed, NEXT("01", "01"));
    LACKS(coap_answer(&feed, BLOCK("01", "08", TEXT16)), "anomalies");
    (void)coap_ask(&feed, NEXT("02", "10"));
    HAS(coap_answer(&feed, BLOCK("02", "10", "'!'")), "\"body\":\"0123456789abcdef!\"");
}

Test(coap_exchange, body_of_a_request)
{
    /* PUT with Block1 (27 = 12 + 15 = 12 + 13 + 2). */
    (void)coap_ask(&feed, "41 03 00 01 aa b1 'a' 10 d1 02 08 ff " TEXT16);
    (void)coap_answer(&feed, "61 5f 00 01 aa d1 0e 08");
    HAS(coap_ask(&feed, "41 03 00 02 aa b1 'a' 10 d1 02 10 ff '!'"), "\"body\":\"0123456789abcdef!\"");
    /* One block alone is the payload. */
    LACKS(coap_ask(&feed, "41 03 00 03 aa b1 'a' 10 d1 02 00 ff '!'"), "body");
}

Test(coap_exchange, bodies_are_bounded)
{
    /* 64 KiB in blocks of 1024, and one byte more. */
    char kilobyte[1100];
    char bytes[1200];
    memset(kilobyte, 'k', 1024);
    kilobyte[1024] = '\0';
    const char *heard = NULL;
    for (unsigned n = 0; n <= 64; n++) {
        snprintf(bytes, sizeof bytes, "41 03 00 %02x aa b1 'a' 10 d2 02 %02x %02x ff '%s'", n, n >> 4,
                 (n << 4 & 0xf0) | (n < 64 ? 8 : 0) | 6, n < 64 ? kilobyte : "!");
        heard = coap_ask(&feed, bytes);
        if (n < 64)
            LACKS(heard, "anomalies");
    }
    HAS(heard, "the body is longer than what is put together");
}

/* More requests than there is room for: the oldest lose their answers, and nothing else happens. */
Test(coap_exchange, many)
{
    char bytes[80];
    unsigned matched = 0;
    for (unsigned n = 0; n < 5000; n++) {
        feed.now_ms = n;
        snprintf(bytes, sizeof bytes, "44 01 %02x %02x 00 00 %02x %02x b1 'a'", n >> 8, n & 255, n >> 8,
                 n & 255);
        (void)coap_ask(&feed, bytes);
    }
    for (unsigned n = 0; n < 5000; n++) {
        snprintf(bytes, sizeof bytes, "64 45 %02x %02x 00 00 %02x %02x c0 ff 'x'", n >> 8, n & 255, n >> 8,
                 n & 255);
        const char *heard = coap_answer(&feed, bytes);
        bool found = strstr(heard, ASKED("/a")) != NULL;
        matched += found;
        cr_expect(n != 4999 || found, "the last one is kept");
    }
    cr_expect_geq(matched, 500);
    cr_expect_leq(matched, 1024);
}
