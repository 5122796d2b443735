/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding the version of a connection whose CONNECT was not seen. */
#include "mqtt_feed.h"

#include <criterion/criterion.h>

static const enum wtr_direction C = WTR_FROM_CLIENT, S = WTR_FROM_SERVER;

static struct feed feed;

static void begin(void)
{
    feed_open(&feed, true);
}

static void end(void)
{
    feed_close(&feed);
}

TestSuite(mqtt_version, .init = begin, .fini = end);

static void expect(const char *lines)
{
    const char *log = feed_log(&feed);
    cr_expect_str_eq(log, lines, "got:\n%s\nexpected:\n%s", log, lines);
}

static int count(const char *words)
{
    int n = 0;
    for (const char *at = feed_log(&feed); (at = strstr(at, words)); at++)
        n++;
    return n;
}

#define PUBLISH(topic, payload)                                                                              \
    "publish {\"topic\":\"" topic "\",\"qos\":0,\"retain\":false,\"dup\":false,\"payload\":\"" payload "\"}" \
    "\n"

Test(mqtt_version, text_is_no_property)
{
    feed_say(&feed, C, "t", "ON");
    cr_expect(feed.session.before_5);
    cr_expect_eq(feed.session.version, 0);
    /* Now a zero byte is the payload's. */
    feed_hex(&feed, C, "30 06 00 01 74 00 4f 4e");
    expect("C 1+0:7 " PUBLISH("t", "ON") "C 2+0:8 " PUBLISH("t", "\\u0000ON"));
}

Test(mqtt_version, empty_payload_has_no_property_length)
{
    feed_hex(&feed, C, "30 03 00 01 74");
    cr_expect(feed.session.before_5);
    expect("C 1+0:5 " PUBLISH("t", ""));
}

/* A zero byte before text: kept until something proves the one or the other. */
Test(mqtt_version, doubt_is_kept_until_proof_of_5)
{
    feed_hex(&feed, C, "30 06 00 01 74 00 4f 4e");
    expect("");
    feed_hex(&feed, S, "40 04 00 01 10 00"); /* a reason code */
    cr_expect_eq(feed.session.version, 5);
    cr_expect_not(feed.session.version_presumed);
    feed_hex(&feed, C, "c0 00");
    expect("S 2+0:6 puback {\"packet_id\":1,\"reason_code\":16}\n"
           "C 1+0:8 " PUBLISH("t", "ON") "C 3+0:2 pingreq {}\n");
}

Test(mqtt_version, doubt_is_kept_until_proof_of_the_contrary)
{
    feed_hex(&feed, C, "30 06 00 01 74 00 4f 4e");
    feed_hex(&feed, C, "30 05 00 01 74 4f 4e");
    expect("C 1+0:8 " PUBLISH("t", "\\u0000ON") "C 2+0:7 " PUBLISH("t", "ON"));
}

Test(mqtt_version, three_texts_and_no_contradiction)
{
    feed_hex(&feed, C, "30 06 00 01 74 00 4f 4e");
    feed_hex(&feed, C, "30 06 00 01 74 00 4f 4e");
    expect("");
    feed_hex(&feed, C, "30 07 00 01 74 00 4f 46 46");
    expect("C 1+0:8 " PUBLISH("t", "ON") "C 2+0:8 " PUBLISH("t", "ON") "C 3+0:9 " PUBLISH("t", "OFF"));
    cr_expect_eq(feed.session.version, 5);
    cr_expect(feed.session.version_presumed);
    /* And the contradiction is said, if it comes. */
    feed_hex(&feed, C, "30 05 00 01 74 4f 4e");
    expect("C 4+0:7 ! not version 5, which packets before this one were taken to be\n"
           "C 4+0:7 " PUBLISH("t", "ON"));
}

/* Bytes that are no text are no evidence, however many: they are said, and not read. */
Test(mqtt_version, doubt_without_end)
{
    uint8_t bytes[600], payload[400] = {0, 0xff};
    size_t length = feed_publish(bytes, "t", payload, sizeof payload);
    int unread = 0;
    for (int i = 0; i < 50; i++) {
        feed_send(&feed, C, bytes, length);
        unread += count("whether it is version 5 can't be told");
    }
    cr_expect_gt(unread, 0);
    cr_expect_eq(feed.session.version, 0);
    cr_expect_not(feed.session.before_5);
}

Test(mqtt_version, packets_that_are_proof)
{
    static const struct {
        const char *digits;
        bool is_5;
    } proofs[] = {
        {"b0 02 00 01 d0 00", false},         /* UNSUBACK without codes */
        {"b0 04 00 01 00 00", true},          /* and with one */
        {"82 06 00 01 00 01 61 00", false},   /* SUBSCRIBE without properties */
        {"82 07 00 01 00 00 01 61 00", true}, /* and with none */
        {"90 03 00 01 00", false},            /* SUBACK of one code */
        {"f0 00 e0 01 00", true},             /* AUTH */
        {"30 07 00 00 03 23 00 01 78", true}, /* no topic, but an alias */
    };
    for (size_t i = 0; i < sizeof proofs / sizeof proofs[0]; i++) {
        struct feed fresh;
        feed_open(&fresh, true);
        feed_hex(&fresh, C, proofs[i].digits);
        cr_expect_eq(fresh.session.version == 5, proofs[i].is_5, "%s", proofs[i].digits);
        cr_expect_eq(fresh.session.before_5, !proofs[i].is_5, "%s", proofs[i].digits);
        feed_close(&fresh);
    }
}
