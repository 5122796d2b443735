/* SPDX-License-Identifier: Apache-2.0 */
/* Recognising MQTT in a segment, and the strict judgement of packets that it rests on. */
#include "mqtt_feed.h"
#include "protocol/mqtt_wire.h"

#include <criterion/criterion.h>

static enum wtr_bid probe_bytes(const uint8_t *bytes, size_t length, uint16_t port, bool at_start)
{
    uint8_t *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    struct wtr_probe probe = {
        .bytes = copy, .length = length, .at_start = at_start, .client_port = 50312, .server_port = port};
    enum wtr_bid bid = wtr_mqtt.probe_stream(&probe);
    free(copy);
    return bid;
}

static enum wtr_bid probe(const char *digits, uint16_t port)
{
    uint8_t bytes[512];
    return probe_bytes(bytes, feed_digits(digits, bytes), port, true);
}

static enum wtr_bid probe_text(const char *text)
{
    return probe_bytes((const uint8_t *)text, strlen(text), 1883, true);
}

Test(mqtt_probe, connect_is_certain)
{
    static const char *const connects[] = {
        "10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 70 6c 75 67",
        "10 12 00 06 4d 51 49 73 64 70 03 02 00 3c 00 04 70 6c 75 67",
        "10 80 02 00 04 4d 51 54 54 05", /* remaining length of two bytes, and not whole */
        "10 10 00 04 4d 51 54 54",
    };
    for (size_t i = 0; i < sizeof connects / sizeof connects[0]; i++) {
        cr_expect_eq(probe(connects[i], 18830), WTR_BID_CERTAIN, "%s", connects[i]);
        uint8_t bytes[64];
        size_t length = feed_digits(connects[i], bytes);
        cr_expect_eq(probe_bytes(bytes, length, 18830, false), WTR_BID_CERTAIN);
        for (size_t cut = 0; cut < 8; cut++)
            cr_expect_eq(probe_bytes(bytes, cut, 18830, true), WTR_BID_MORE, "%s at %zu", connects[i], cut);
    }
}

Test(mqtt_probe, whole_packets_are_likely)
{
    cr_expect_eq(probe("30 04 00 01 61 31", 18830), WTR_BID_LIKELY);
    cr_expect_eq(probe("30 06 00 01 61 00 4f 4e", 18830), WTR_BID_LIKELY);
    cr_expect_eq(probe("c0 00 30 04 00 01 61 31", 18830), WTR_BID_LIKELY);
    cr_expect_eq(probe("82 06 00 01 00 01 61 00", 18830), WTR_BID_LIKELY);
    cr_expect_eq(probe("90 03 00 01 00", 18830), WTR_BID_LIKELY);
    cr_expect_eq(probe("20 02 00 00 90 03 00 01 00", 18830), WTR_BID_LIKELY);
    /* Two small ones are as much evidence as a telling one. */
    cr_expect_eq(probe("c0 00 40 02 00 01", 18830), WTR_BID_LIKELY);
}

Test(mqtt_probe, small_packets_are_likely_on_the_port_alone)
{
    static const char *const small[] = {"c0 00", "d0 00", "40 02 00 01", "20 02 00 00", "e0 00"};
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        cr_expect_eq(probe(small[i], 1883), WTR_BID_LIKELY, "%s", small[i]);
        cr_expect_eq(probe(small[i], 18830), WTR_BID_MORE, "%s", small[i]);
    }
}

Test(mqtt_probe, unfinished_packets_call_for_more)
{
    cr_expect_eq(probe("30 04 00 01 61", 18830), WTR_BID_MORE);
    cr_expect_eq(probe("30 04 00 01 61 31 30", 18830), WTR_BID_MORE);
    cr_expect_eq(probe("30 ff 01 00 06 74 6f 70 69 63 58 00 ff d8", 18830), WTR_BID_MORE);
    cr_expect_eq(probe("90 10 00 01", 18830), WTR_BID_NONE);
}

Test(mqtt_probe, other_protocols)
{
    static const char *const texts[] = {"GET /cm?cmnd=Power HTTP/1.1\r\nHost: plug\r\n\r\n",
                                        "POST /rpc HTTP/1.1\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\n\r\n",
                                        "SSH-2.0-OpenSSH_9.2p1\r\n",
                                        "220 mail ESMTP\r\n",
                                        "0 NOOP the quick brown fox\r\n",
                                        "PUT / HTTP/1.0\r\n\r\n",
                                        "@RSYNCD: 31.0\n",
                                        "* OK IMAP4 ready\r\n",
                                        "\x10text"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_expect_eq(probe_text(texts[i]), WTR_BID_NONE, "%s", texts[i]);
    /* A TLS client hello, an LDAP bind, MQTT's shape with another name. */
    cr_expect_eq(probe("16 03 01 00 c8 01 00 00 c4 03 03", 8883), WTR_BID_NONE);
    cr_expect_eq(probe("30 0c 02 01 01 60 07 02 01 03 04 00 80 00", 389), WTR_BID_NONE);
    cr_expect_eq(probe("10 10 00 04 4d 51 54 58 04 02 00 3c 00 04 70 6c 75 67", 1883), WTR_BID_NONE);
    cr_expect_eq(probe("20 02 00 00 c0 00", 1883), WTR_BID_NONE); /* a broker's and a client's */
}

/* Random segments: none is taken for MQTT. 200000 of 1 to 64 bytes from a fixed generator. */
Test(mqtt_probe, random_bytes)
{
    uint64_t state = 88172645463325252U;
    size_t likely = 0;
    for (size_t n = 0; n < 200000; n++) {
        uint8_t bytes[64];
        size_t length = 8 + n % 57;
        for (size_t i = 0; i < length; i++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes[i] = (uint8_t)(state >> 32);
        }
        likely += probe_bytes(bytes, length, 1883, false) >= WTR_BID_LIKELY;
    }
    cr_expect_eq(likely, 0, "%zu", likely);
}

/* ---- strict judgement */

static struct wtr_mqtt_shape shape(const char *digits)
{
    uint8_t bytes[256];
    struct wtr_mqtt_shape s;
    wtr_mqtt_shape_of(bytes, feed_digits(digits, bytes), &s);
    return s;
}

Test(mqtt_shape, what_is_not_sound)
{
    static const char *const unsound[] = {
        "30 84 00 00 01 61 31",    /* a padded length */
        "38 04 00 01 61 78",       /* DUP with QoS 0 */
        "30 04 00 01 07 78",       /* a control character in the topic */
        "82 06 00 01 00 01 07 00", /* and in a filter */
        "90 03 00 01 03",          /* a code that is not assigned */
        "c0 01 00",
        "00 00",
        "36 06 00 01 61 00 01 78",
    };
    for (size_t i = 0; i < sizeof unsound / sizeof unsound[0]; i++) {
        struct wtr_mqtt_shape s = shape(unsound[i]);
        cr_expect_not(s.before_5 || s.in_5, "%s", unsound[i]);
    }
}

Test(mqtt_shape, what_both_versions_can_be)
{
    struct wtr_mqtt_shape s = shape("40 02 00 01");
    cr_expect(s.before_5 && s.in_5 && s.alike && !s.telling);
    s = shape("30 06 00 01 61 00 4f 4e");
    cr_expect(s.before_5 && s.in_5 && !s.alike && s.text_in_5 && s.telling);
    s = shape("90 04 00 01 00 01"); /* two codes, or no properties and one code */
    cr_expect(s.before_5 && s.in_5 && !s.alike);
}
