/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a packet boundary again. The attacks are payloads that hold whole packets, so that what is lost
 * decides what may be read. */
#include "mqtt_feed.h"

#include <criterion/criterion.h>

static const enum wtr_direction C = WTR_FROM_CLIENT, S = WTR_FROM_SERVER;

static struct feed feed;

static void begin(void)
{
    feed_open(&feed, true);
}

static void begin_at_start(void)
{
    feed_open(&feed, false);
    feed_hex(&feed, C, "10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 70 6c 75 67");
    feed_hex(&feed, S, "20 02 00 00");
    feed_log(&feed);
}

static void end(void)
{
    feed_close(&feed);
}

TestSuite(mqtt_mid_stream, .init = begin, .fini = end);
TestSuite(mqtt_loss, .init = begin_at_start, .fini = end);
TestSuite(mqtt_attack, .init = begin_at_start, .fini = end);

static void expect(const char *lines)
{
    const char *log = feed_log(&feed);
    cr_expect_str_eq(log, lines, "got:\n%s\nexpected:\n%s", log, lines);
}

/* How often the words stand in what was handed out since the last check. */
static int count(const char *words)
{
    int n = 0;
    for (const char *at = feed_log(&feed); (at = strstr(at, words)); at++)
        n++;
    return n;
}

/* ---- a capture that begins inside a connection */

#define PUBLISH(topic, payload)                                                                              \
    "publish {\"topic\":\"" topic "\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"" payload "\"}" \
    "\n"

Test(mqtt_mid_stream, whole_packets_in_the_first_segment)
{
    feed_say(&feed, C, "stat/plug/POWER", "ON");
    expect("C 1+0:21 " PUBLISH("stat/plug/POWER", "ON"));
    cr_expect(feed.session.resynchronised[C]);
    cr_expect_not(feed.session.resynchronised[S]);
    cr_expect(feed.session.mid_stream);
}

/* The tail of a PUBLISH whose payload holds another one; the embedded one does not begin the segment. */
Test(mqtt_mid_stream, tail_of_a_packet)
{
    feed_hex(&feed, C, "74 65 78 74 30 04 00 01 61 31 74 65 78 74");
    expect("C 1+0:14 ! bytes before a packet boundary was found again\n");
    feed_say(&feed, C, "a", "2");
    expect("C 2+0:6 " PUBLISH("a", "2"));
}

/* The same, but behind it stands more in the segment. */
Test(mqtt_mid_stream, packets_that_do_not_end_with_the_segment)
{
    feed_hex(&feed, C, "30 04 00 01 61 31 74 65 78 74");
    expect("C 1+0:10 ! bytes before a packet boundary was found again\n");
}

/* Nor packets of which the last runs on into the next segment, whether that is there yet or not. */
Test(mqtt_mid_stream, packets_that_run_on)
{
    static const uint8_t first[] = {0x30, 4, 0, 1, 'a', '1', 0x30, 4, 0}, second[] = {1, 'a', '2'};
    feed_send(&feed, C, first, sizeof first);
    expect("C 1+0:9 ! bytes before a packet boundary was found again\n");
    feed_send(&feed, C, second, sizeof second);
    cr_expect_eq(count("publish"), 0);
    feed_append(&feed, S, first, sizeof first);
    feed_send(&feed, S, second, sizeof second);
    cr_expect_eq(count("publish"), 0);
}

Test(mqtt_mid_stream, first_segment_must_not_be_a_full_one)
{
    uint8_t bytes[1000], payload[600];
    memset(payload, 'w', sizeof payload);
    feed_send(&feed, C, bytes, feed_publish(bytes, "t", payload, 600)); /* 606 bytes */
    cr_expect_eq(count("publish"), 0);
    /* Nor what follows it, which it may run into; but this one is longer, so the first was not full. */
    feed_send(&feed, C, bytes, feed_publish(bytes, "t", payload, 590));
    cr_expect_eq(count("publish"), 0);
    feed_say(&feed, C, "a", "1");
    cr_expect_eq(count("publish"), 1);
}

Test(mqtt_mid_stream, longer_segment_shows_that_the_first_was_not_full)
{
    uint8_t bytes[1000], payload[600];
    memset(payload, 'w', sizeof payload);
    feed_send(&feed, C, bytes, feed_publish(bytes, "t", payload, 590));
    cr_expect_eq(count("publish"), 0);
    feed_send(&feed, C, bytes, feed_publish(bytes, "t", payload, 600));
    cr_expect_eq(count("publish"), 1);
}

/* Segments of one length may be the full ones of a sender whose segments are short, unless time passed
 * between them. 64 bytes and 63: topic and payload of 60 and 59. */
static void say_equal_segments(size_t payload_length, int64_t apart_ns)
{
    uint8_t bytes[600], payload[600];
    memset(payload, 'w', sizeof payload);
    feed_lose(&feed, C, 0);
    feed.now_ns += 10 * apart_ns;
    for (int i = 0; i < 3; i++) {
        feed_send(&feed, C, bytes, feed_publish(bytes, "t", payload, payload_length));
        feed.now_ns += apart_ns;
    }
}

Test(mqtt_loss, segments_of_one_length)
{
    say_equal_segments(59, 0); /* 64 bytes with the header of 2 and the topic's 3 */
    cr_expect_eq(count("publish"), 0);
    say_equal_segments(59, 999999999);
    cr_expect_eq(count("publish"), 0);
    say_equal_segments(59, 1000000000);
    cr_expect_eq(count("publish"), 2);
    say_equal_segments(58, 0);
    cr_expect_eq(count("publish"), 2);
}

/* But not between segments of 536 bytes and more: those may be parts of one packet that was sent again. */
Test(mqtt_loss, full_segments_far_apart)
{
    say_equal_segments(530, 2000000000);
    cr_expect_eq(count("publish"), 0);
    say_equal_segments(529, 2000000000);
    cr_expect_eq(count("publish"), 2);
}

/* The time of a segment before a loss says nothing of the one behind it. */
Test(mqtt_loss, time_before_a_loss)
{
    say_equal_segments(59, 0);
    feed_lose(&feed, C, 64);
    feed.now_ns += 5000000000;
    uint8_t bytes[64], payload[59];
    memset(payload, 'w', sizeof payload);
    feed_send(&feed, C, bytes, feed_publish(bytes, "t", payload, sizeof payload));
    cr_expect_eq(count("publish"), 0);
}

/* Several full segments that a capture shows as one are longer than a full one. */
Test(mqtt_loss, segments_that_were_sent_as_one)
{
    static uint8_t bytes[3000], payload[3000];
    memset(payload, 'w', sizeof payload);
    feed_lose(&feed, C, 0);
    for (size_t i = 0; i < 3; i++)
        feed_send(&feed, C, bytes, feed_publish(bytes, "t", payload, i == 1 ? 1220 : 2900));
    cr_expect_eq(count("publish"), 0);
}

/* 16 KiB are waited for, and not more: 16378 and the header of 6 (3 and the topic's 3) are 16384. */
Test(mqtt_loss, longest_wait)
{
    feed_lose(&feed, C, 9);
    uint8_t bytes[20000], payload[16379];
    memset(payload, 'w', sizeof payload);
    size_t length = feed_publish(bytes, "t", payload, 16379);
    cr_assert_eq(length, 16384 + 1);
    feed_send(&feed, C, bytes, 20);
    expect("C 3+0:20 ! bytes before a packet boundary was found again\n");
    length = feed_publish(bytes, "t", payload, 16378);
    feed_send(&feed, C, bytes, 20);
    expect("");
    feed_send(&feed, C, bytes + 20, length - 20);
    cr_expect_eq(count("publish"), 1);
}

Test(mqtt_loss, huge_length_behind_a_search)
{
    feed_lose(&feed, C, 9);
    feed_hex(&feed, C, "30 04 00 01 61 31");
    feed_hex(&feed, C, "30 80 80 80 01 00 01 74");
    expect("C 3+0:6 " PUBLISH("a",
                              "1") "C 4+0:8 ! a length of more than 1 MiB where packets were searched for\n");
    feed_hex(&feed, C, "30 04 00 01 61 32");
    cr_expect_eq(count("publish"), 1);
}

/* One small packet proves nothing; with the next one it is read, from where it stood. */
Test(mqtt_mid_stream, small_packets)
{
    feed_hex(&feed, C, "c0 00");
    expect("");
    feed_hex(&feed, C, "40 02 00 01");
    expect("C 1+0:2 pingreq {}\nC 2+0:4 puback {\"packet_id\":1}\n");
    feed_hex(&feed, S, "d0 00");
    expect("");
    feed_hex(&feed, S, "61 62 63");
    expect("S 3+0:2 ! bytes before a packet boundary was found again\n");
}

Test(mqtt_mid_stream, packet_over_segments_is_waited_for)
{
    feed_hex(&feed, C, "ff ff");
    feed_log(&feed);
    feed_hex(&feed, C, "30 06 00 01");
    expect("");
    feed_hex(&feed, C, "61 31 32 33");
    expect("C 2+0:4 " PUBLISH("a", "123"));
}

Test(mqtt_mid_stream, roles_must_fit)
{
    feed_hex(&feed, C, "82 06 00 01 00 01 61 00");
    cr_expect_eq(count("subscribe"), 1);
    feed_hex(&feed, C, "00 ff ff ff ff ff");
    feed_hex(&feed, C, "90 03 00 01 00"); /* only a broker sends a SUBACK */
    cr_expect_eq(count("suback"), 0);
}

/* Without the connection's opening, but with CONNECT: what the broker sends first is its first packet. */
Test(mqtt_mid_stream, answer_to_connect)
{
    feed_hex(&feed, C, "10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 70 6c 75 67");
    cr_expect_eq(count("connect"), 1);
    feed_hex(&feed, S, "20 02 00 00");
    expect("S 2+0:4 connack {\"session_present\":false,\"reason_code\":0}\n");
}

/* ---- losses */

Test(mqtt_loss, between_packets)
{
    feed_say(&feed, C, "t", "1");
    feed_lose(&feed, C, 9);
    cr_expect(feed.session.lost[C]);
    feed_say(&feed, C, "t", "3");
    expect("C 3+0:6 " PUBLISH("t", "1") "C 4+0:6 " PUBLISH("t", "3"));
}

/* The packet had 12 bytes: five were there, four were lost, three are left, and the next one follows them. */
Test(mqtt_loss, inside_a_packet)
{
    feed_hex(&feed, C, "30 0a 00 01 74");
    feed_lose(&feed, C, 4);
    cr_expect_not(feed.session.lost[C]);
    feed_hex(&feed, C, "77 77 77 30 04 00 01 61 31");
    expect("C 4+0:3 ! the rest of a packet of which bytes were lost\nC 4+3:6 " PUBLISH("a", "1"));
    cr_expect_not(feed.session.resynchronised[C]);
}

Test(mqtt_loss, to_the_end_of_a_packet)
{
    feed_hex(&feed, C, "30 0a 00 01 74");
    feed_lose(&feed, C, 7);
    feed_hex(&feed, C, "30 04 00 01 61 31 e0");
    expect("C 4+0:6 " PUBLISH("a", "1"));
}

Test(mqtt_loss, past_the_end_of_a_packet)
{
    feed_hex(&feed, C, "30 0a 00 01 74");
    feed_lose(&feed, C, 8);
    cr_expect(feed.session.lost[C]);
    feed_hex(&feed, C, "77 77 30 04 00 01 61 31");
    expect("C 4+0:8 ! bytes before a packet boundary was found again\n");
}

Test(mqtt_loss, several_inside_one_packet)
{
    feed_hex(&feed, C, "30 0a 00 01 74");
    feed_lose(&feed, C, 2);
    feed_hex(&feed, C, "77");
    feed_lose(&feed, C, 1);
    feed_hex(&feed, C, "77 77 77 30 04 00 01 61 31");
    cr_expect_eq(count("publish"), 1);
}

Test(mqtt_loss, of_unknown_length)
{
    feed_hex(&feed, C, "30 0a 00 01 74");
    feed_lose(&feed, C, 0);
    feed_say(&feed, C, "a", "1");
    expect("C 4+0:6 ! bytes before a packet boundary was found again\n");
    feed_say(&feed, C, "a", "2");
    expect("C 5+0:6 " PUBLISH("a", "2"));
}

Test(mqtt_loss, inside_an_oversized_packet)
{
    feed_hex(&feed, C, "30 80 80 80 01 00 01 74 77"); /* 2097157 bytes, 9 of them here */
    feed_lose(&feed, C, 2097157 - 9 - 2);
    feed_hex(&feed, C, "77 77 e0 00");
    cr_expect_eq(count("disconnect"), 1);
}

/* A loss that its length says to be a full segment or more may be the beginning of what comes next. */
Test(mqtt_loss, long_loss)
{
    feed_lose(&feed, C, 536);
    feed_say(&feed, C, "a", "1");
    cr_expect_eq(count("publish"), 0);
    feed_say(&feed, C, "a", "2");
    cr_expect_eq(count("publish"), 1);
}

/* A capture that keeps 500 bytes of each segment: 500 and 60 more were one full segment, and not a short one.
 */
Test(mqtt_loss, segment_cut_by_the_capture)
{
    feed_lose(&feed, C, 0);
    uint8_t bytes[500] = {0xff};
    feed_send(&feed, C, bytes, sizeof bytes);
    feed_lose(&feed, C, 60);
    feed_say(&feed, C, "a", "1");
    cr_expect_eq(count("publish"), 0);
}

/* Once the place rests on a search, a malformed packet is a sign that it was wrong. */
Test(mqtt_loss, malformed_behind_a_search)
{
    feed_lose(&feed, C, 9);
    feed_hex(&feed, C, "30 04 00 01 61 31");
    feed_hex(&feed, C, "30 03 00 01 23 30 04 00 01 61 32");
    expect("C 3+0:6 " PUBLISH("a", "1") "C 4+0:11 ! a topic name holds a wildcard\n");
    cr_expect(feed.session.lost[C]);
}

Test(mqtt_loss, malformed_behind_an_end_that_was_computed)
{
    feed_hex(&feed, C, "30 0a 00 01 74");
    feed_lose(&feed, C, 4);
    feed_hex(&feed, C, "77 77 77 30 03 00 01 23 30 04 00 01 61 31");
    expect("C 4+0:3 ! the rest of a packet of which bytes were lost\n"
           "C 4+3:11 ! a topic name holds a wildcard\n");
    cr_expect(feed.session.lost[C]);
}

/* The remaining length runs from a full segment into the next; that one begins, by chance, like packets. */
Test(mqtt_loss, length_that_can_not_be_read_at_the_end_of_a_full_segment)
{
    uint8_t bytes[1460], payload[1460 - 9];
    memset(payload, 'w', sizeof payload);
    size_t length = feed_publish(bytes, "t", payload, sizeof payload - 1);
    cr_assert_eq(length, 1456);
    feed_digits("30 ff ff ff", bytes + length);
    feed_send(&feed, C, bytes, sizeof bytes);
    cr_expect_eq(count("publish"), 1);
    feed_hex(&feed, C, "c0 00 30 04 00 01 61 31");
    expect("C 3+1456:4 ! remaining length runs past four bytes\n"
           "C 4+0:8 ! bytes before a packet boundary was found again\n");
}

/* ---- attacks */

/* Embedded packets of 20 bytes: 73 of them fill a segment of 1460 bytes, so that every segment of the payload
 * begins and ends with a packet. */
enum { EMBEDDED = 20, SEGMENT = 1460, SEGMENTS = 10 };

static size_t embed(uint8_t *bytes, size_t first_filler, size_t tail)
{
    static uint8_t payload[SEGMENT * SEGMENTS];
    size_t length = 0;
    memset(payload, 'f', first_filler);
    length = first_filler;
    while (length < sizeof payload - 2 * SEGMENT)
        length += feed_publish(payload + length, "stat/plug/POWER", "O", 1);
    for (size_t i = 0; i < tail; i++)
        length += feed_publish(payload + length, "stat/plug/POWER", "O", 1);
    return feed_publish(bytes, "log", payload, length);
}

/* Sends what is not lost (a bit each of the first 32 segments), then two packets of the connection's own. */
static void send_attack(const uint8_t *bytes, size_t length, size_t segment, unsigned lost)
{
    size_t missing = 0;
    for (size_t at = 0, i = 0; at < length; at += segment, i++) {
        size_t part = length - at < segment ? length - at : segment;
        if (i < 32 && lost >> i & 1) {
            missing += part;
            continue;
        }
        if (missing > 0)
            feed_lose(&feed, C, missing);
        missing = 0;
        feed_send(&feed, C, bytes + at, part);
    }
    if (missing > 0)
        feed_lose(&feed, C, missing);
    feed_say(&feed, C, "own", "1");
    feed_say(&feed, C, "own", "2");
}

/* Header 3 bytes, topic 5: with 1452 bytes of filler the second segment begins with an embedded packet. */
static const size_t filler = SEGMENT - 8;

/* With the header the packet's end is known whatever is lost behind it: both packets of the connection are
 * read. */
Test(mqtt_attack, header_seen)
{
    static uint8_t bytes[SEGMENT * (SEGMENTS + 1)];
    size_t length = embed(bytes, filler, 3);
    cr_assert_eq((length - SEGMENT) % EMBEDDED, 0);
    for (unsigned lost = 0; lost < 1U << 9; lost++) {
        send_attack(bytes, length, SEGMENT, lost << 1);
        const char *log = feed_log(&feed);
        cr_expect_null(strstr(log, "\"topic\":\"stat/plug/POWER\""), "%u: %.300s", lost, log);
        cr_expect_not_null(strstr(log, "\"payload\":\"2\""), "%u: %s", lost, log);
    }
}

/* Also where segments are tiny. */
Test(mqtt_attack, header_seen_in_small_segments)
{
    static uint8_t bytes[SEGMENT * (SEGMENTS + 1)];
    uint8_t payload[8 * EMBEDDED];
    for (size_t i = 0; i < 8; i++)
        feed_publish(payload + i * EMBEDDED, "stat/plug/POWER", "O", 1);
    size_t length = feed_publish(bytes, "log/of/the/packets", payload, sizeof payload);
    cr_assert_eq(length, 3 + 2 + 18 + sizeof payload - 0);
    for (unsigned lost = 0; lost < 1U << 9; lost++) {
        send_attack(bytes, length, EMBEDDED + 3, lost << 1);
        const char *log = feed_log(&feed);
        cr_expect_null(strstr(log, "\"topic\":\"stat/plug/POWER\""), "%u: %.300s", lost, log);
        cr_expect_not_null(strstr(log, "\"payload\":\"2\""), "%u: %s", lost, log);
    }
}

/* The header is lost, and any other segments with it: nothing of the payload is read. */
Test(mqtt_attack, header_lost)
{
    static uint8_t bytes[SEGMENT * (SEGMENTS + 1)];
    for (size_t tail = 0; tail < 4; tail++) {
        size_t length = embed(bytes, filler, tail);
        for (unsigned lost = 0; lost < 1U << 9; lost++) {
            send_attack(bytes, length, SEGMENT, lost << 1 | 1);
            const char *log = feed_log(&feed);
            cr_expect_null(strstr(log, "\"topic\":\"stat/plug/POWER\""), "%zu %u: %.300s", tail, lost, log);
        }
    }
}

/* The capture begins inside the payload: nothing is read unless it begins with the last, short segment alone,
 * which nothing tells from a packet of the connection's own. */
Test(mqtt_attack, capture_begins_in_the_payload)
{
    static uint8_t bytes[SEGMENT * (SEGMENTS + 1)];
    size_t length = embed(bytes, filler, 3);
    size_t segments = (length + SEGMENT - 1) / SEGMENT;
    for (size_t first = 1; first < segments - 1; first++) {
        struct feed fresh;
        feed_open(&fresh, true);
        for (size_t at = first * SEGMENT; at < length; at += SEGMENT)
            feed_send(&fresh, C, bytes + at, length - at < SEGMENT ? length - at : SEGMENT);
        const char *log = feed_log(&fresh);
        cr_expect_null(strstr(log, "publish"), "%zu: %.300s", first, log);
        feed_close(&fresh);
    }
}

/* A sender that cuts its packets into equal segments, however short: after a loss nothing is read from
 * within. */
Test(mqtt_attack, short_segments)
{
    static const size_t sizes[] = {80, 100, 200, 300, 520};
    static uint8_t bytes[SEGMENT * (SEGMENTS + 1)];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t length = embed(bytes, sizes[i] - 8, 3);
        for (unsigned lost = 0; lost < 1U << 9; lost++) {
            send_attack(bytes, length, sizes[i], lost << 1 | 1);
            const char *log = feed_log(&feed);
            cr_expect_null(strstr(log, "\"topic\":\"stat/plug/POWER\""), "%zu %u: %.300s", sizes[i], lost,
                           log);
        }
    }
}

/* The payload ends inside a full segment, and the next write is the connection's own. */
Test(mqtt_attack, own_packets_are_read_again)
{
    static uint8_t bytes[SEGMENT * (SEGMENTS + 1)];
    size_t length = embed(bytes, filler, 3);
    send_attack(bytes, length, SEGMENT, 1);
    const char *log = feed_log(&feed);
    cr_expect_not_null(strstr(log, "\"topic\":\"own\""), "%s", log);
    cr_expect_null(strstr(log, "POWER"));
}

/* Random sessions with random losses. A sender writes one to four packets at a time, in segments of at most
 * 1460 bytes: short ones, long ones, and ones whose payload holds packets that begin with a segment. */
static uint64_t random_state;

static size_t below(size_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (size_t)(random_state >> 11) % n;
}

static size_t write_own(uint8_t *bytes, size_t written, unsigned number)
{
    static uint8_t payload[8000];
    char topic[16];
    snprintf(topic, sizeof topic, "own/%04u", number);
    size_t kind = below(10),
           length = kind < 8 ? below(kind < 6 ? 300 : 2000) : SEGMENT - (written + 13) % SEGMENT;
    memset(payload, 'p', length);
    for (size_t n = kind < 8 ? 0 : 1 + below(200); n > 0; n--)
        length += feed_publish(payload + length, "stat/plug/POWER", "O", 1);
    return feed_publish(bytes, topic, payload, length);
}

static void send_random(unsigned loss)
{
    static uint8_t bytes[64000];
    size_t missing = 0;
    unsigned number = 0;
    for (int write = 0; write < 40; write++) {
        size_t length = 0;
        for (size_t n = below(4) ? 1 : 1 + below(4); n > 0; n--)
            length += write_own(bytes + length, length, number++);
        for (size_t at = 0; at < length; at += SEGMENT) {
            size_t part = length - at < SEGMENT ? length - at : SEGMENT;
            bool lost = below(100) < loss;
            if (!lost && missing > 0)
                feed_lose(&feed, C, missing);
            if (!lost)
                feed_send(&feed, C, bytes + at, part);
            missing = lost ? missing + part : 0;
        }
    }
}

Test(mqtt_attack, random_losses)
{
    int read = 0;
    for (unsigned seed = 1; seed <= 200; seed++) {
        end();
        begin_at_start();
        random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
        send_random(seed % 60);
        const char *log = feed_log(&feed);
        cr_expect_null(strstr(log, "\"topic\":\"stat/plug/POWER\""), "%u", seed);
        for (const char *at = log; (at = strstr(at, "\"topic\":\"own/")); at++)
            read++;
    }
    cr_expect_gt(read, 5000, "%d", read);
}
