/* SPDX-License-Identifier: Apache-2.0 */
/* An MQTT connection: packets over segments, damage, versions, roles, topic aliases, and the fields of
 * messages. */
#include "mqtt_feed.h"

#include <criterion/criterion.h>

static const enum wtr_direction C = WTR_FROM_CLIENT, S = WTR_FROM_SERVER;

static struct feed feed;

static void begin(void)
{
    feed_open(&feed, false);
}

static void end(void)
{
    feed_close(&feed);
}

TestSuite(mqtt_stream, .init = begin, .fini = end);
TestSuite(mqtt_damage, .init = begin, .fini = end);
TestSuite(mqtt_roles, .init = begin, .fini = end);
TestSuite(mqtt_alias, .init = begin, .fini = end);
TestSuite(mqtt_fields, .init = begin, .fini = end);

/* What was handed out since the last check. */
static void expect(const char *lines)
{
    const char *log = feed_log(&feed);
    cr_expect_str_eq(log, lines, "got:\n%s\nexpected:\n%s", log, lines);
}

static const char connect_4[] = "10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 70 6c 75 67";
static const char connect_5[] = "10 11 00 04 4d 51 54 54 05 02 00 3c 00 00 04 70 6c 75 67";

static void start(const char *connect, const char *connack)
{
    feed_hex(&feed, C, connect);
    feed_hex(&feed, S, connack);
    feed_log(&feed);
}

static void start_4(void)
{
    start(connect_4, "20 02 00 00");
}

static void start_5(void)
{
    start(connect_5, "20 03 00 00 00");
}

/* ---- segments */

Test(mqtt_stream, several_packets_in_a_segment)
{
    start_4();
    feed_hex(&feed, C, "30 04 00 01 61 31 c0 00 30 04 00 01 61 32 30");
    expect("C 3+0:6 publish {\"topic\":\"a\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"1\"}\n"
           "C 3+6:2 pingreq {}\n"
           "C 3+8:6 publish {\"topic\":\"a\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"2\"}\n");
    feed_hex(&feed, C, "04 00 01 61 33 e0 00");
    expect("C 3+14:1 publish {\"topic\":\"a\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"3\"}\n"
           "C 4+5:2 disconnect {}\n");
}

/* The whole session cut in two at every byte, and into single bytes: the same messages. */
static void feed_cut(struct feed *f, const uint8_t *bytes, size_t length, size_t cut)
{
    feed_send(f, C, bytes, cut);
    feed_send(f, C, bytes + cut, length - cut);
}

static size_t whole_session(uint8_t *bytes)
{
    size_t n = feed_digits(connect_5, bytes);
    n += feed_digits("82 0c 00 02 03 0b 80 01 00 03 61 2f 62 2e 30 05 00 01 74 00 31 c0 00", bytes + n);
    uint8_t payload[300];
    memset(payload, 'w', sizeof payload);
    payload[0] = 0; /* no properties */
    n += feed_publish(bytes + n, "stat/plug/POWER", payload, sizeof payload);
    return n + feed_digits("e0 01 04", bytes + n);
}

/* The log without the places. */
static void strip_places(char *log)
{
    char *to = log;
    for (const char *p = log; *p; p++) {
        if (p == log || p[-1] == '\n')
            p = strchr(p + 2, ' ');
        *to++ = *p;
    }
    *to = '\0';
}

Test(mqtt_stream, cut_at_every_byte)
{
    uint8_t bytes[1024];
    size_t length = whole_session(bytes);
    feed_send(&feed, C, bytes, length);
    char whole[4096], cut[4096];
    strcpy(whole, feed_log(&feed));
    strip_places(whole);
    cr_assert_not_null(strstr(whole, "disconnect"));
    for (size_t i = 1; i < length; i++) {
        struct feed other;
        feed_open(&other, false);
        feed_cut(&other, bytes, length, i);
        strcpy(cut, feed_log(&other));
        strip_places(cut);
        cr_expect_str_eq(cut, whole, "cut at %zu:\n%s", i, cut);
        feed_close(&other);
    }
}

Test(mqtt_stream, one_byte_a_segment)
{
    uint8_t bytes[1024];
    size_t length = whole_session(bytes);
    for (size_t i = 0; i < length; i++)
        feed_send(&feed, C, bytes + i, 1);
    const char *log = feed_log(&feed);
    cr_expect_null(strchr(log, '!'), "%s", log);
    /* CONNECT has 19 bytes, SUBSCRIBE 14, the first PUBLISH 7, PINGREQ 2. */
    cr_expect_not_null(strstr(log, "C 1+0:1 connect"), "%s", log);
    cr_expect_not_null(strstr(log, "C 20+0:1 subscribe"), "%s", log);
    cr_expect_not_null(strstr(log, "C 41+0:1 pingreq"), "%s", log);
    cr_expect_not_null(strstr(log, "C 43+0:1 publish"), "%s", log);
}

static void collect_pieces(void *payload, const struct wtr_message *message)
{
    struct wtr_span *span = payload;
    *span = message->span;
    cr_assert_eq(message->span.piece_count, 3);
    const struct wtr_piece *p = message->span.pieces;
    cr_expect(p[0].at == 0 && p[0].length == 4 && p[0].offset == 102 && p[0].frame == 1);
    cr_expect(p[1].at == 4 && p[1].length == 1 && p[1].offset == 200 && p[1].frame == 2);
    cr_expect(p[2].at == 5 && p[2].length == 1 && p[2].offset == 300 && p[2].frame == 3);
}

static void no_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    (void)payload, (void)span, (void)at, (void)length;
    cr_assert_fail("%s", reason);
}

/* A PUBLISH behind a PINGREQ, over three frames, with another PINGREQ behind it. */
static void collect_publish(void *payload, const struct wtr_message *message)
{
    if (strcmp(message->type, "publish") == 0)
        collect_pieces(payload, message);
}

Test(mqtt_stream, pieces_of_a_message)
{
    start_4();
    uint8_t bytes[10];
    cr_assert_eq(feed_digits("c0 00 30 04 00 01 61 31 c0 00", bytes), 10);
    const struct wtr_piece pieces[] = {
        {.at = 0, .length = 6, .offset = 100, .frame = 1},
        {.at = 6, .length = 1, .offset = 200, .frame = 2},
        {.at = 7, .length = 3, .offset = 300, .frame = 3},
    };
    struct wtr_span span = {bytes, 10, pieces, 3, NULL}, got = {0};
    struct wtr_sink sink = {.payload = &got, .message = collect_publish, .finding = no_finding};
    size_t need;
    cr_expect_eq(wtr_mqtt.stream(&feed.session, WTR_FROM_CLIENT, &span, &need, &sink), 10);
    cr_expect_eq(got.length, 6);
}

Test(mqtt_stream, packets_of_more_than_a_mebibyte_are_passed_over)
{
    start_4();
    /* Remaining length 2097152 takes four bytes: 2097157 in all, of which ten stand in the first segment. */
    feed_hex(&feed, C, "c0 00 30 80 80 80 01 00 01 74 77 77");
    expect("C 3+0:2 pingreq {}\nC 3+2:10 ! a packet of more than 1 MiB is passed over\n");
    static uint8_t filler[50000];
    memset(filler, 0x30, sizeof filler);
    size_t left = 2097157 - 10;
    for (; left > sizeof filler; left -= sizeof filler)
        feed_send(&feed, C, filler, sizeof filler);
    filler[left] = 0xe0;
    filler[left + 1] = 0x00;
    feed_send(&feed, C, filler, left + 2);
    expect("C 45+47147:2 disconnect {}\n");
}

Test(mqtt_stream, largest_packet_that_is_read)
{
    start_4();
    enum { LENGTH = WTR_MQTT_MAX_PACKET };
    uint8_t *bytes = malloc(LENGTH);
    memset(bytes, 'w', LENGTH);
    /* 1048576 less the header of 4 bytes is 1048572 = 124 + 127 * 128 + 63 * 16384. */
    feed_digits("30 fc ff 3f 00 01 74", bytes);
    feed_send(&feed, C, bytes, 90000);
    feed_send(&feed, C, bytes + 90000, LENGTH - 90000);
    const char *log = feed_log(&feed);
    cr_expect(strncmp(log, "C 3+0:90000 publish", 19) == 0, "%.60s", log);
    free(bytes);
}

/* ---- damage */

Test(mqtt_damage, reading_goes_on_behind_a_malformed_packet)
{
    start_4();
    feed_hex(&feed, C, "36 06 00 01 61 00 01 78 c0 00");
    expect("C 3+0:8 ! QoS 3\nC 3+8:2 pingreq {}\n");
    feed_hex(&feed, C, "00 02 00 00");
    expect("C 4+0:4 ! a reserved packet type\n");
    feed_hex(&feed, C, "30 05 00 02 c3 28 78 e0 00");
    expect("C 5+2:5 ! a string is not UTF-8\nC 5+7:2 disconnect {}\n");
}

Test(mqtt_damage, remarks_come_with_the_message)
{
    start_4();
    feed_hex(&feed, C, "38 04 00 01 61 78");
    expect("C 3+0:6 ! DUP is set with QoS 0\n"
           "C 3+0:6 publish {\"topic\":\"a\",\"qos\":0,\"retain\":false,\"dup\":true,\"payload\":\"x\"}\n");
}

/* Nothing says where the next packet begins: the next segment is looked at. */
Test(mqtt_damage, length_that_can_not_be_read)
{
    start_4();
    feed_hex(&feed, C, "c0 00 30 ff ff ff ff 01 30 04 00 01 61 31");
    expect("C 3+0:2 pingreq {}\nC 3+2:12 ! remaining length runs past four bytes\n");
    cr_expect(feed.session.lost[C]);
    cr_expect_not(feed.session.lost[S]);
    feed_hex(&feed, C, "30 04 00 01 61 32");
    expect("C 4+0:6 publish {\"topic\":\"a\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"2\"}\n");
    cr_expect(feed.session.resynchronised[C]);
}

/* A header that can't be one, with a length that would swallow 256 MiB. */
Test(mqtt_damage, huge_length_of_a_reserved_type)
{
    start_4();
    feed_hex(&feed, C, "00 ff ff ff 7f 00");
    expect("C 3+0:6 ! a reserved packet type\n");
    feed_hex(&feed, C, "30 04 00 01 61 32");
    expect("C 4+0:6 publish {\"topic\":\"a\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"2\"}\n");
}

Test(mqtt_damage, malformed_connect_keeps_the_version)
{
    feed_hex(&feed, C, "10 0e 00 04 4d 51 54 54 05 02 00 3c ff 21 00 00");
    expect("C 1+12:4 ! property length runs past the packet\n");
    feed_hex(&feed, C, "30 06 00 01 61 00 4f 4e");
    expect("C 2+0:8 publish {\"topic\":\"a\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"ON\"}\n");
}

Test(mqtt_damage, second_connect_begins_anew)
{
    start_5();
    feed_hex(&feed, C, "30 07 00 01 61 03 23 00 01");
    feed_log(&feed);
    feed_hex(&feed, C, connect_4);
    const char *log = feed_log(&feed);
    static const char lines[] = "C 4+0:18 ! a second CONNECT on one connection\nC 4+0:18 connect";
    cr_expect(strncmp(log, lines, sizeof lines - 1) == 0, "%s", log);
    cr_expect_eq(feed.session.version, 4);
    cr_expect_null(feed.session.aliases[C]);
}

/* ---- roles */

Test(mqtt_roles, shown_by_packets)
{
    cr_expect_not(wtr_mqtt_from_broker(&feed.session, WTR_FROM_SERVER));
    cr_expect_not(wtr_mqtt_from_client(&feed.session, WTR_FROM_CLIENT));
    feed_hex(&feed, S, "d0 00");
    cr_expect(wtr_mqtt_from_broker(&feed.session, WTR_FROM_SERVER));
    cr_expect(wtr_mqtt_from_client(&feed.session, WTR_FROM_CLIENT));
    cr_expect_not(wtr_mqtt_from_broker(&feed.session, WTR_FROM_CLIENT));
    cr_expect_not(wtr_mqtt_from_client(&feed.session, WTR_FROM_SERVER));
}

/* The end that is taken for the client's may be the broker's, where the connection's opening was not seen. */
Test(mqtt_roles, broker_at_the_first_end)
{
    feed_hex(&feed, S, "c0 00");
    cr_expect(wtr_mqtt_from_broker(&feed.session, WTR_FROM_CLIENT));
    feed_hex(&feed, C, "d0 00");
    expect("S 1+0:2 pingreq {}\nC 2+0:2 pingresp {}\n");
}

Test(mqtt_roles, contradiction)
{
    feed_hex(&feed, C, "c0 00");
    feed_hex(&feed, C, "d0 00");
    expect("C 1+0:2 pingreq {}\n"
           "C 2+0:2 ! a packet that only a broker sends comes from the client's end\n"
           "C 2+0:2 pingresp {}\n");
    cr_expect_not(wtr_mqtt_from_broker(&feed.session, WTR_FROM_CLIENT));
    cr_expect_not(wtr_mqtt_from_broker(&feed.session, WTR_FROM_SERVER));
    cr_expect_not(wtr_mqtt_from_client(&feed.session, WTR_FROM_CLIENT));
    feed_hex(&feed, C, "c0 00");
    cr_expect_not(wtr_mqtt_from_client(&feed.session, WTR_FROM_CLIENT));
}

Test(mqtt_roles, connect_decides)
{
    start_4();
    feed_hex(&feed, S, "c0 00");
    expect("S 3+0:2 ! a packet that only a client sends comes from the broker's end\nS 3+0:2 pingreq {}\n");
    cr_expect(wtr_mqtt_from_broker(&feed.session, WTR_FROM_SERVER));
}

/* ---- retained messages */

static enum wtr_mqtt_retention retention(enum wtr_direction direction, bool retain)
{
    const struct wtr_mqtt_packet packet = {.type = WTR_MQTT_PUBLISH, .retain = retain};
    return wtr_mqtt_retention(&feed.session, direction, &packet);
}

Test(mqtt_roles, retention_before_5)
{
    cr_expect_eq(retention(WTR_FROM_SERVER, true), WTR_MQTT_STORED_OR_LIVE);
    start_4();
    cr_expect_eq(retention(WTR_FROM_CLIENT, true), WTR_MQTT_LIVE);
    cr_expect_eq(retention(WTR_FROM_SERVER, true), WTR_MQTT_STORED);
    cr_expect_eq(retention(WTR_FROM_SERVER, false), WTR_MQTT_LIVE);
    feed_hex(&feed, C, "10 0d 00 04 4d 51 54 54 84 02 00 3c 00 01 62");
    cr_expect_eq(retention(WTR_FROM_SERVER, true), WTR_MQTT_STORED_OR_LIVE);
}

/* A subscription may be in what was lost. */
Test(mqtt_roles, retention_of_5_after_a_loss)
{
    start_5();
    cr_expect_eq(retention(WTR_FROM_SERVER, true), WTR_MQTT_STORED);
    feed_lose(&feed, C, 9);
    cr_expect_eq(retention(WTR_FROM_SERVER, true), WTR_MQTT_STORED_OR_LIVE);
}

Test(mqtt_roles, retention_of_5)
{
    start_5();
    feed_hex(&feed, C, "82 07 00 01 00 00 01 61 00");
    cr_expect_eq(retention(WTR_FROM_SERVER, true), WTR_MQTT_STORED);
    feed_hex(&feed, C, "82 07 00 02 00 00 01 62 08");
    cr_expect_eq(retention(WTR_FROM_SERVER, true), WTR_MQTT_STORED_OR_LIVE);
    start(connect_5, "20 03 01 00 00"); /* of a stored session the subscriptions are not known */
    cr_expect_eq(retention(WTR_FROM_SERVER, true), WTR_MQTT_STORED_OR_LIVE);
}

/* ---- topic aliases */

Test(mqtt_alias, set_used_and_set_anew)
{
    start_5();
    feed_hex(&feed, C, "30 0a 00 03 6f 6e 65 03 23 00 01 78 30 07 00 00 03 23 00 01 79");
    feed_hex(&feed, S, "30 09 00 03 74 77 6f 03 23 00 01 30 06 00 00 03 23 00 01");
    feed_hex(&feed, C, "30 09 00 03 6e 65 77 03 23 00 01 30 06 00 00 03 23 00 01");
    const char *log = feed_log(&feed);
    static const char *const topics[] = {"C 3+0:12 publish {\"topic\":\"one\",\"topic_alias\":1",
                                         "C 3+12:9 publish {\"topic\":\"one\",\"topic_alias\":1",
                                         "S 4+11:8 publish {\"topic\":\"two\",\"topic_alias\":1",
                                         "C 5+11:8 publish {\"topic\":\"new\",\"topic_alias\":1"};
    for (size_t i = 0; i < 4; i++)
        cr_expect_not_null(strstr(log, topics[i]), "%s in\n%s", topics[i], log);
    cr_expect_null(strchr(log, '!'));
}

Test(mqtt_alias, unknown)
{
    start_5();
    feed_hex(&feed, C, "30 07 00 00 03 23 00 09 78");
    expect("C 3+0:9 ! what the topic alias stands for was not seen\n"
           "C 3+0:9 publish {\"topic_alias\":9,\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"x\","
           "\"properties\":{\"topic_alias\":9}}\n");
}

/* 256 is remembered, 257 is not. */
Test(mqtt_alias, bound)
{
    start_5();
    feed_hex(&feed, C, "30 08 00 01 61 03 23 01 00 78 30 07 00 00 03 23 01 00 79");
    const char *log = feed_log(&feed);
    cr_expect_null(strchr(log, '!'), "%s", log);
    feed_hex(&feed, C, "30 08 00 01 61 03 23 01 01 78 30 07 00 00 03 23 01 01 79");
    log = feed_log(&feed);
    cr_expect_not_null(strstr(log, "C 4+0:10 ! a topic alias above 256 is not remembered\n"), "%s", log);
    cr_expect_not_null(strstr(log, "C 4+10:9 ! a topic alias above 256 was not remembered\n"), "%s", log);
}

/* So may what could not be read have set one: a malformed PUBLISH, or one of more than 1 MiB. */
Test(mqtt_alias, void_after_what_was_not_read)
{
    start_5();
    feed_hex(&feed, C, "30 07 00 01 61 03 23 00 01");
    feed_hex(&feed, C, "30 09 00 01 62 05 23 00 01 7f 00");
    feed_log(&feed);
    feed_hex(&feed, C, "30 07 00 00 03 23 00 01 78");
    const char *log = feed_log(&feed);
    cr_expect_not_null(strstr(log, "! what the topic alias stands for was not seen"), "%s", log);
    feed_hex(&feed, C, "30 07 00 01 61 03 23 00 01");
    feed_hex(&feed, C, "30 80 80 80 01 00 01 62 03 23 00 01");
    feed_lose(&feed, S, 0); /* of the other direction: without effect on this one */
    cr_expect_null(feed.session.aliases[C]);
}

/* After a loss an alias may have been set anew in what is missing. */
Test(mqtt_alias, void_after_a_loss)
{
    start_5();
    feed_hex(&feed, C, "30 07 00 01 61 03 23 00 01");
    feed_hex(&feed, S, "30 07 00 01 62 03 23 00 01");
    feed_lose(&feed, C, 20);
    feed_log(&feed);
    feed_hex(&feed, C, "30 07 00 00 03 23 00 01 78");
    const char *log = feed_log(&feed);
    cr_expect_not_null(strstr(log, "! what the topic alias stands for was not seen"), "%s", log);
    feed_hex(&feed, S, "30 07 00 00 03 23 00 01 78");
    log = feed_log(&feed);
    cr_expect_not_null(strstr(log, "\"topic\":\"b\""), "%s", log);
}

/* ---- fields */

Test(mqtt_fields, connect_with_everything)
{
    static const char everything[] =
        "10 36 00 04 4d 51 54 54 05 f6 ff ff 0d 15 00 01 6d 16 00 02 00 ff 17 01 19 00 00 04 70 6c 75 67"
        " 05 18 00 00 00 05 00 01 77 00 02 ff 00 00 01 75 00 06 73 65 63 72 65 74";
    feed_hex(&feed, C, everything);
    /* By sha256sum: the hash of "secret" begins with 2bb80d537b1da3e3, that of 00 ff with 06eb7d6a69ee19e5.
     */
    expect("C 1+0:56 connect {\"protocol_name\":\"MQTT\",\"protocol_version\":5,\"client_id\":\"plug\","
           "\"username\":\"u\",\"password\":\"sha256:2bb80d537b1da3e3, 6 bytes\",\"clean_start\":true,"
           "\"keep_alive\":65535,\"will\":{\"topic\":\"w\",\"payload\":{\"hex\":\"ff00\"},\"qos\":2,"
           "\"retain\":true,"
           "\"properties\":{\"will_delay_interval\":5}},\"properties\":{\"authentication_method\":\"m\","
           "\"authentication_data\":\"sha256:06eb7d6a69ee19e5, 2 bytes\",\"request_problem_information\":1,"
           "\"request_response_information\":0}}\n");
    feed.reveal_secrets = true;
    feed_hex(&feed, C, everything);
    const char *log = feed_log(&feed);
    cr_expect_not_null(strstr(log, "\"password\":\"secret\""), "%s", log);
    cr_expect_not_null(strstr(log, "\"authentication_data\":{\"hex\":\"00ff\"}"), "%s", log);
}

Test(mqtt_fields, properties_in_wire_order)
{
    start_5();
    /* 0b 01 (2), user property k=v (7), 0b ff ff ff 7f (5), user property k="" (6), 01 00 (2): 22 bytes. */
    feed_hex(&feed, S,
             "30 1b 00 01 74 16 0b 01 26 00 01 6b 00 01 76 0b ff ff ff 7f 26 00 01 6b 00 00 01 00 78");
    expect("S 3+0:29 publish {\"topic\":\"t\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"x\","
           "\"properties\":{\"subscription_identifier\":[1,268435455],\"user_property\":[{\"name\":\"k\","
           "\"value\":\"v\"},{\"name\":\"k\",\"value\":\"\"}],\"payload_format_indicator\":0}}\n");
}

/* All that CONNACK may have (5.0 table 2-4). */
Test(mqtt_fields, connack_with_everything)
{
    feed_hex(&feed, C, connect_5);
    feed_log(&feed);
    feed_hex(&feed, S,
             "20 41 01 00 3e 11 ff ff ff ff 12 00 02 69 64 13 00 78 15 00 01 6d 16 00 00 1a 00 02 72 69 1c "
             "00 01 73"
             " 1f 00 02 6f 6b 21 ff ff 22 00 00 24 01 25 00 26 00 01 6b 00 01 76 27 ff ff ff ff 28 01 29 00 "
             "2a 01");
    expect("S 2+0:67 connack {\"session_present\":true,\"reason_code\":0,\"properties\":{"
           "\"session_expiry_interval\":4294967295,\"assigned_client_identifier\":\"id\",\"server_keep_"
           "alive\":120,"
           "\"authentication_method\":\"m\",\"authentication_data\":\"sha256:e3b0c44298fc1c14, 0 bytes\","
           "\"response_information\":\"ri\",\"server_reference\":\"s\",\"reason_string\":\"ok\","
           "\"receive_maximum\":65535,\"topic_alias_maximum\":0,\"maximum_qos\":1,\"retain_available\":0,"
           "\"user_property\":[{\"name\":\"k\",\"value\":\"v\"}],\"maximum_packet_size\":4294967295,"
           "\"wildcard_subscription_available\":1,\"subscription_identifier_available\":0,"
           "\"shared_subscription_available\":1}}\n");
}

Test(mqtt_fields, subscriptions)
{
    start_4();
    feed_hex(&feed, C, "82 0e 00 0a 00 03 61 2f 62 01 00 03 63 2f 64 02 a2 07 00 0b 00 03 61 2f 62");
    feed_hex(&feed, S, "90 05 00 0a 00 02 80 b0 02 00 0b");
    expect("C 3+0:16 subscribe {\"packet_id\":10,\"topic_filters\":[{\"topic_filter\":\"a/b\",\"qos\":1},"
           "{\"topic_filter\":\"c/d\",\"qos\":2}]}\n"
           "C 3+16:9 unsubscribe {\"packet_id\":11,\"topic_filters\":[\"a/b\"]}\n"
           "S 4+0:7 suback {\"packet_id\":10,\"reason_codes\":[0,2,128]}\n"
           "S 4+7:4 unsuback {\"packet_id\":11}\n");
}

Test(mqtt_fields, subscriptions_of_5)
{
    start_5();
    feed_hex(&feed, C, "82 07 00 02 00 00 01 61 2e");
    feed_hex(&feed, S, "b0 05 00 03 00 00 11");
    expect("C 3+0:9 subscribe {\"packet_id\":2,\"topic_filters\":[{\"topic_filter\":\"a\",\"qos\":2,"
           "\"no_local\":true,\"retain_as_published\":true,\"retain_handling\":2}]}\n"
           "S 4+0:7 unsuback {\"packet_id\":3,\"reason_codes\":[0,17]}\n");
}

Test(mqtt_fields, what_is_forbidden_is_shown_as_it_is)
{
    start_5();
    feed_hex(&feed, S, "30 07 00 01 74 02 01 90 78");
    expect("S 3+6:3 ! a property has a forbidden value\n"
           "S 3+0:9 publish {\"topic\":\"t\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"x\","
           "\"properties\":{\"payload_format_indicator\":144}}\n");
}
