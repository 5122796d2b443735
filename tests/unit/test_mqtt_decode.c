/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT packets: bytes of the specifications' figures and hand-made ones. Expected values are those of the
 * specification's text, or were worked out by hand from the bytes. */
#include "mqtt_bytes.h"

#include <criterion/criterion.h>

static void expect_malformed(const char *digits, uint8_t version, const char *reason, size_t at)
{
    struct decoded d = decode(digits, version);
    cr_expect_eq(d.verdict, WTR_MQTT_MALFORMED, "%s: verdict %d", digits, (int)d.verdict);
    cr_expect_str_eq(d.reason ? d.reason : "-", reason, "%s: %s", digits, d.reason ? d.reason : "-");
    cr_expect_eq(d.at, at, "%s: at %zu", digits, d.at);
    cr_expect_eq(d.length, d.bytes.length, "%s: length %zu", digits, d.length);
    done(&d);
}

static void expect_remark(const char *digits, uint8_t version, const char *reason, size_t at)
{
    struct decoded d = decode(digits, version);
    cr_expect_eq(d.verdict, WTR_MQTT_WHOLE, "%s: verdict %d", digits, (int)d.verdict);
    cr_expect_str_eq(d.reason ? d.reason : "-", reason, "%s: %s", digits, d.reason ? d.reason : "-");
    cr_expect_eq(d.at, at, "%s: at %zu", digits, d.at);
    done(&d);
}

#define IS(text, literal) cr_expect(wtr_text_is((text), (literal)), #text)

/* 3.1.1 table 2.4, 5.0 table 2-1: the least and the greatest value of one to four bytes. */
Test(mqtt_header, remaining_length_at_its_edges)
{
    static const struct {
        const char *digits;
        size_t total;
    } edges[] = {{"30 7f", 2 + 127},
                 {"30 80 01", 3 + 128},
                 {"30 ff 7f", 3 + 16383},
                 {"30 80 80 01", 4 + 16384},
                 {"30 ff ff 7f", 4 + 2097151},
                 {"30 80 80 80 01", 5 + 2097152},
                 {"30 ff ff ff 7f", 5 + 268435455}};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        struct decoded d = decode(edges[i].digits, 4);
        cr_expect_eq(d.verdict, WTR_MQTT_NEED);
        cr_expect_eq(d.length, edges[i].total, "%s: %zu", edges[i].digits, d.length);
        done(&d);
    }
}

Test(mqtt_header, cut_and_overlong_lengths)
{
    static const char *const cut[] = {"", "30", "30 80", "30 80 80", "30 ff ff ff"};
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        struct decoded d = decode(cut[i], 4);
        cr_expect_eq(d.verdict, WTR_MQTT_NEED, "%s", cut[i]);
        cr_expect_eq(d.length, d.bytes.length < 2 ? 2 : d.bytes.length + 1, "%s: %zu", cut[i], d.length);
        done(&d);
    }
    struct decoded d = decode("30 ff ff ff ff 01 00", 4);
    cr_expect_eq(d.verdict, WTR_MQTT_MALFORMED);
    cr_expect_eq(d.length, 0);
    cr_expect_eq(d.at, 1);
    cr_expect_str_eq(d.reason, "remaining length runs past four bytes");
    done(&d);
}

Test(mqtt_header, types_and_flags)
{
    expect_malformed("00 00", 4, "a reserved packet type", 0);
    expect_malformed("f0 00", 4, "a reserved packet type", 0);
    expect_malformed("f0 00", 3, "a reserved packet type", 0);
    expect_malformed("36 06 00 01 61 00 01 78", 4, "QoS 3", 0);
    expect_malformed("c1 00", 4, "reserved header flags are set", 0);
    expect_malformed("60 02 00 01", 4, "reserved header flags are set", 0);
    expect_malformed("80 06 00 01 00 01 61 00", 5, "reserved header flags are set", 0);
    expect_malformed("6a 02 00 01", 4, "reserved header flags are set", 0);
    struct decoded d = sound("6a 02 00 01", 3); /* 3.1 repeats a PUBREL with DUP set */
    cr_expect_eq(d.packet.packet_id, 1);
    done(&d);
    d = sound("8a 06 00 01 00 01 61 00", 0);
    cr_expect_eq(d.packet.version, 0);
    done(&d);
    expect_remark("c0 80 00", 5, "a length is not in its shortest form", 1);
}

/* 3.1.1 figure 3.6, with a payload for what it announces. */
Test(mqtt_connect, figure_of_3_1_1)
{
    struct decoded d = sound("10 24 00 04 4d 51 54 54 04 ce 00 0a"
                             " 00 04 70 6c 75 67 00 03 6c 77 74 00 03 6f 66 66 00 04 75 73 65 72 00 02 70 77",
                             0);
    const struct wtr_mqtt_packet *p = &d.packet;
    cr_expect_eq(p->type, WTR_MQTT_CONNECT);
    cr_expect_eq(p->version, 4);
    cr_expect_not(p->bridge);
    IS(p->protocol_name, "MQTT");
    cr_expect(p->clean_start);
    cr_expect_eq(p->keep_alive, 10);
    IS(p->client_id, "plug");
    cr_expect(p->has_will);
    cr_expect_eq(p->will_qos, 1);
    cr_expect_not(p->will_retain);
    IS(p->will_topic, "lwt");
    IS(p->will_payload, "off");
    IS(p->username, "user");
    IS(p->password, "pw");
    done(&d);
}

/* 5.0 figure 3-6: session expiry interval 10. */
Test(mqtt_connect, figure_of_5)
{
    struct decoded d = sound("10 14 00 04 4d 51 54 54 05 02 00 0a 05 11 00 00 00 0a 00 02 69 64", 0);
    cr_expect_eq(d.packet.version, 5);
    cr_expect_null(d.packet.username.data);
    cr_expect_null(d.packet.password.data);
    size_t at = 0;
    struct wtr_mqtt_property property;
    cr_assert(wtr_mqtt_next_property(d.packet.properties, &at, &property));
    cr_expect_str_eq(property.name, "session_expiry_interval");
    cr_expect(property.is_number);
    cr_expect_eq(property.number, 10);
    cr_expect_not(wtr_mqtt_next_property(d.packet.properties, &at, &property));
    cr_expect_eq(at, d.packet.properties.length);
    done(&d);
}

Test(mqtt_connect, version_3_1_and_absent_credentials)
{
    /* Flags c2 announce user name and password; 3.1 section 3.1 lets the remaining length overrule them. */
    struct decoded d = sound("10 12 00 06 4d 51 49 73 64 70 03 c2 00 3c 00 04 70 6c 75 67", 0);
    cr_expect_eq(d.packet.version, 3);
    IS(d.packet.protocol_name, "MQIsdp");
    cr_expect_null(d.packet.username.data);
    cr_expect_null(d.packet.password.data);
    done(&d);
    d = sound("10 15 00 06 4d 51 49 73 64 70 03 c2 00 3c 00 04 70 6c 75 67 00 01 75", 0);
    IS(d.packet.username, "u");
    cr_expect_null(d.packet.password.data);
    done(&d);
    expect_malformed("10 10 00 04 4d 51 54 54 04 c2 00 3c 00 04 70 6c 75 67", 0,
                     "a string runs past the packet", 18);
}

Test(mqtt_connect, empty_texts_are_there)
{
    struct decoded d = sound("10 10 00 04 4d 51 54 54 04 c2 00 3c 00 00 00 00 00 00", 0);
    cr_expect_not_null(d.packet.client_id.data);
    cr_expect_not_null(d.packet.username.data);
    cr_expect_not_null(d.packet.password.data);
    cr_expect_eq(d.packet.password.length, 0);
    done(&d);
}

Test(mqtt_connect, mosquitto_bridge)
{
    struct decoded d = sound("10 0d 00 04 4d 51 54 54 84 02 00 3c 00 01 62", 0);
    cr_expect_eq(d.packet.version, 4);
    cr_expect(d.packet.bridge);
    done(&d);
}

Test(mqtt_connect, unknown_version)
{
    struct decoded d = decode("10 0f 00 04 4d 51 54 54 06 02 00 3c 01 02 03 04 05", 0);
    cr_expect_eq(d.verdict, WTR_MQTT_WHOLE);
    cr_expect_str_eq(d.reason, "an unknown protocol version");
    cr_expect_eq(d.at, 8);
    cr_expect_eq(d.packet.version, 6);
    cr_expect_eq(d.packet.keep_alive, 60);
    cr_expect_null(d.packet.client_id.data);
    done(&d);
    expect_malformed("10 0d 00 04 4d 51 54 58 04 02 00 3c 00 01 62", 0, "an unknown protocol name", 2);
    expect_malformed("10 0d 00 04 4d 51 54 54 03 02 00 3c 00 01 62", 0,
                     "the protocol name is not that of the protocol version", 8);
}

Test(mqtt_connect, faults)
{
    expect_malformed("10 13 00 04 4d 51 54 54 04 1e 00 3c 00 01 62 00 01 74 00 01 78", 0, "will QoS 3", 9);
    expect_malformed("10 0d 00 04 4d 51 54 54 04 03 00 3c 00 01 62", 0, "the reserved connect flag is set",
                     9);
    expect_malformed("10 0d 00 04 4d 51 54 54 04 02 00 3c 00 02 62", 0, "a string runs past the packet", 12);
    expect_malformed("10 09 00 04 4d 51 54 54 04 02 00", 0, "the packet ends before its keep alive", 10);
    expect_malformed("10 06 00 04 4d 51 54 54", 0, "the packet ends before its protocol version", 8);
    expect_remark("10 0d 00 04 4d 51 54 54 04 0a 00 3c 00 01 62", 0, "will QoS or will retain without a will",
                  9);
    expect_remark("10 10 00 04 4d 51 54 54 04 42 00 3c 00 01 62 00 01 70", 0,
                  "a password without a user name", 9);
    expect_remark("10 0e 00 04 4d 51 54 54 04 02 00 3c 00 01 62 00", 0, "bytes behind the last field", 15);
    expect_remark("10 0d 00 04 4d 51 54 54 04 02 00 3c 00 01 ff", 0, "a string is not UTF-8", 12);
}

/* Property length 4351, of which 35 bytes are there: the version stands before it and is known. */
Test(mqtt_connect, version_survives_excessive_properties)
{
    struct decoded d = decode("10 0e 00 04 4d 51 54 54 05 02 00 3c ff 21 00 00", 0);
    cr_expect_eq(d.verdict, WTR_MQTT_MALFORMED);
    cr_expect_str_eq(d.reason, "property length runs past the packet");
    cr_expect_eq(d.at, 12);
    cr_expect_eq(d.packet.version, 5);
    cr_expect_eq(d.packet.type, WTR_MQTT_CONNECT);
    done(&d);
}

Test(mqtt_connack, in_each_version)
{
    struct decoded d = sound("20 02 01 00", 4);
    cr_expect(d.packet.session_present);
    cr_expect(d.packet.has_reason_code);
    cr_expect_eq(d.packet.reason_code, 0);
    done(&d);
    d = sound("20 02 01 05", 3); /* 3.1 has no session present flag */
    cr_expect_not(d.packet.session_present);
    cr_expect_eq(d.packet.reason_code, 5);
    done(&d);
    d = sound("20 03 00 86 00", 5);
    cr_expect_eq(d.packet.reason_code, 134);
    done(&d);
    expect_remark("20 02 00 01", 5, "a CONNACK in the form of versions before 5", 2);
    expect_remark("20 02 02 00", 4, "reserved acknowledge flags are set", 2);
    expect_remark("20 02 00 06", 4, "an unknown reason code", 3);
    expect_malformed("20 03 00 00 00", 4, "bytes behind the last field", 4);
    expect_malformed("20 01 00", 4, "the packet ends before its reason code", 3);
}

/* 3.1.1 figure 3.11 (topic a/b, packet id 10) and 5.0 figure 3-9 (the same, no properties). */
Test(mqtt_publish, figures)
{
    struct decoded d = sound("33 09 00 03 61 2f 62 00 0a 4f 4e", 4);
    IS(d.packet.topic, "a/b");
    cr_expect_eq(d.packet.qos, 1);
    cr_expect(d.packet.retain);
    cr_expect_not(d.packet.dup);
    cr_expect(d.packet.has_packet_id);
    cr_expect_eq(d.packet.packet_id, 10);
    IS(d.packet.payload, "ON");
    done(&d);
    d = sound("3c 0a 00 03 61 2f 62 00 0a 00 4f 4e", 5);
    cr_expect_eq(d.packet.qos, 2);
    cr_expect(d.packet.dup);
    IS(d.packet.payload, "ON");
    cr_expect_eq(d.packet.properties.length, 0);
    done(&d);
}

/* 3.1.1 and 5.0 figures 1-2: "A" and U+2A6D4. */
Test(mqtt_publish, topic_of_the_utf8_figure)
{
    struct decoded d = sound("30 07 00 05 41 f0 aa 9b 94", 4);
    cr_expect_eq(d.packet.topic.length, 5);
    cr_expect_eq(d.packet.payload.length, 0);
    cr_expect_not_null(d.packet.payload.data);
    cr_expect_not(d.packet.has_packet_id);
    done(&d);
}

Test(mqtt_publish, faults)
{
    expect_malformed("30 03 00 00 78", 4, "a topic name is empty", 2);
    expect_malformed("30 06 00 03 61 2f 23 78", 4, "a topic name holds a wildcard", 2);
    expect_malformed("30 06 00 03 61 2f 2b 78", 4, "a topic name holds a wildcard", 2);
    expect_malformed("30 06 00 03 61 00 62 78", 4, "a string holds U+0000", 2);
    expect_malformed("30 05 00 02 c3 28 78", 4, "a string is not UTF-8", 2);
    expect_malformed("30 05 00 03 ed a0 80", 4, "a string is not UTF-8", 2); /* a surrogate */
    expect_malformed("30 05 00 04 61 62 63", 4, "a string runs past the packet", 2);
    expect_malformed("30 01 00", 4, "a string runs past the packet", 2);
    expect_malformed("32 05 00 01 61 00 00", 4, "packet id 0", 5);
    expect_malformed("32 04 00 01 61 00", 4, "the packet ends before its packet id", 5);
    expect_remark("38 04 00 01 61 78", 4, "DUP is set with QoS 0", 0);
    expect_malformed("30 03 00 01 61", 5, "the packet ends before its properties", 5);
    expect_malformed("30 06 00 01 61 05 01 00", 5, "property length runs past the packet", 5);
    expect_malformed("30 08 00 01 61 80 80 80 80 00", 5, "property length runs past four bytes", 5);
    expect_remark("30 06 00 01 61 80 00 78", 5, "a length is not in its shortest form", 5);
}

Test(mqtt_publish, topic_alias)
{
    struct decoded d = sound("30 07 00 00 03 23 00 07 78", 5);
    cr_expect(d.packet.has_topic_alias);
    cr_expect_eq(d.packet.topic_alias, 7);
    cr_expect_null(d.packet.topic.data);
    cr_expect_not(d.packet.topic_from_alias);
    done(&d);
    expect_malformed("30 07 00 00 03 23 00 00 78", 5, "topic alias 0", 4);
    expect_malformed("30 04 00 00 00 78", 5, "a topic name is empty", 2);
}

Test(mqtt_acknowledgements, before_5)
{
    static const char *const packets[] = {"40 02 12 34", "50 02 12 34", "62 02 12 34", "70 02 12 34"};
    for (size_t i = 0; i < 4; i++) {
        struct decoded d = sound(packets[i], 4);
        cr_expect_eq(d.packet.packet_id, 0x1234);
        cr_expect_not(d.packet.has_reason_code);
        done(&d);
    }
    expect_malformed("40 03 00 01 00", 4, "bytes behind the last field", 4);
    expect_malformed("40 02 00 00", 4, "packet id 0", 2);
    expect_malformed("40 01 00", 4, "the packet ends before its packet id", 2);
}

/* 5.0 section 3.4.2: reason code and properties may be left out. */
Test(mqtt_acknowledgements, of_5)
{
    struct decoded d = sound("40 02 00 01", 5);
    cr_expect(d.packet.has_reason_code);
    cr_expect_eq(d.packet.reason_code, 0);
    done(&d);
    d = sound("40 03 00 01 10", 5);
    cr_expect_eq(d.packet.reason_code, 16);
    done(&d);
    d = sound("62 04 00 01 92 00", 5);
    cr_expect_eq(d.packet.reason_code, 146);
    done(&d);
    d = sound("40 0a 00 01 87 06 1f 00 03 6e 6f 70", 5);
    cr_expect_eq(d.packet.properties.length, 6);
    done(&d);
    expect_remark("70 03 00 01 10", 5, "an unknown reason code", 4); /* 16 is PUBACK's and PUBREC's */
    expect_malformed("40 05 00 01 00 00 00", 5, "bytes behind the last field", 6);
}

/* 3.1.1 figures 3.22 and 3.23, 3.26 and 3.27, 3.30 and 3.31. */
Test(mqtt_subscribe, figures)
{
    struct decoded d = sound("82 0e 00 0a 00 03 61 2f 62 01 00 03 63 2f 64 02", 4);
    cr_expect_eq(d.packet.packet_id, 10);
    struct wtr_text filter;
    uint8_t options;
    size_t at = 0;
    cr_assert(wtr_mqtt_next_filter(&d.packet, &at, &filter, &options));
    IS(filter, "a/b");
    cr_expect_eq(options, 1);
    cr_assert(wtr_mqtt_next_filter(&d.packet, &at, &filter, &options));
    IS(filter, "c/d");
    cr_expect_eq(options, 2);
    cr_expect_not(wtr_mqtt_next_filter(&d.packet, &at, &filter, &options));
    done(&d);

    d = sound("90 05 00 0a 00 02 80", 4);
    cr_expect_eq(d.packet.reason_codes.length, 3);
    cr_expect_eq((uint8_t)d.packet.reason_codes.data[2], 0x80);
    done(&d);

    d = sound("a2 0c 00 0a 00 03 61 2f 62 00 03 63 2f 64", 4);
    at = 0;
    cr_assert(wtr_mqtt_next_filter(&d.packet, &at, &filter, &options));
    cr_assert(wtr_mqtt_next_filter(&d.packet, &at, &filter, &options));
    IS(filter, "c/d");
    cr_expect_eq(options, 0);
    done(&d);
    d = sound("b0 02 00 0a", 4);
    cr_expect_null(d.packet.reason_codes.data);
    done(&d);
}

Test(mqtt_subscribe, of_5)
{
    struct decoded d = sound("82 0c 00 02 03 0b 80 01 00 03 61 2f 62 2e", 5);
    struct wtr_text filter;
    uint8_t options;
    size_t at = 0;
    cr_assert(wtr_mqtt_next_filter(&d.packet, &at, &filter, &options));
    cr_expect_eq(options, 0x2e);
    struct wtr_mqtt_property property;
    at = 0;
    cr_assert(wtr_mqtt_next_property(d.packet.properties, &at, &property));
    cr_expect_eq(property.number, 128);
    done(&d);
    d = sound("b0 05 00 03 00 00 11", 5);
    cr_expect_eq(d.packet.reason_codes.length, 2);
    done(&d);
}

Test(mqtt_subscribe, faults)
{
    expect_malformed("82 02 00 01", 4, "no topic filter", 4);
    expect_malformed("a2 02 00 01", 4, "no topic filter", 4);
    expect_malformed("82 05 00 00 00 01 61", 4, "packet id 0", 2);
    expect_malformed("82 05 00 01 00 01 61", 4, "a topic filter runs past the packet", 4);
    expect_malformed("82 05 00 01 00 00 00", 4, "a topic filter is empty", 4);
    expect_malformed("82 06 00 01 00 01 61 03", 4, "QoS 3", 7);
    expect_malformed("82 06 00 01 00 01 ff 00", 4, "a string is not UTF-8", 4);
    expect_remark("82 06 00 01 00 01 61 04", 4, "reserved subscription options are set", 7);
    expect_remark("82 07 00 01 00 00 01 61 30", 5, "reserved subscription options are set", 8);
    expect_remark("82 08 00 01 00 03 61 2f 62 40", 3, "-", 0); /* 3.1 leaves the upper bits unused */
    expect_remark("82 08 00 01 00 03 23 2f 61 00", 4, "a topic filter has a misplaced wildcard", 4);
    expect_remark("82 07 00 01 00 02 61 2b 00", 4, "a topic filter has a misplaced wildcard", 4);
    expect_malformed("90 02 00 01", 4, "the packet ends before its reason codes", 4);
    expect_remark("90 03 00 01 03", 4, "an unknown reason code", 4);
    expect_remark("90 03 00 01 80", 3, "an unknown reason code", 4);
    expect_malformed("b0 03 00 01 00", 4, "bytes behind the last field", 4);
}

Test(mqtt_small, ping_disconnect_auth)
{
    struct decoded d = sound("c0 00", 4);
    done(&d);
    d = sound("d0 00", 5);
    done(&d);
    d = sound("e0 00", 4);
    cr_expect_not(d.packet.has_reason_code);
    done(&d);
    d = sound("e0 00", 5);
    cr_expect(d.packet.has_reason_code);
    cr_expect_eq(d.packet.reason_code, 0);
    done(&d);
    d = sound("e0 01 8e", 5);
    cr_expect_eq(d.packet.reason_code, 142);
    done(&d);
    d = sound("e0 07 04 05 11 00 00 00 01", 5);
    cr_expect_eq(d.packet.reason_code, 4);
    done(&d);
    d = sound("f0 07 18 05 15 00 02 61 62", 5);
    cr_expect_eq(d.packet.reason_code, 24);
    done(&d);
    expect_malformed("c0 01 00", 4, "bytes behind the last field", 2);
    expect_malformed("e0 01 00", 4, "bytes behind the last field", 2);
    expect_remark("e0 01 05", 5, "an unknown reason code", 2);
}

/* Where the version is not known, 3.1.1's rules hold, and 5's for what only they allow. */
Test(mqtt_versions, unknown)
{
    struct decoded d = sound("40 03 00 01 10", 0);
    cr_expect_eq(d.packet.version, 5);
    done(&d);
    d = sound("30 06 00 01 61 00 4f 4e", 0);
    cr_expect_eq(d.packet.version, 0);
    cr_expect_eq(d.packet.payload.length, 3);
    done(&d);
    d = sound("40 02 00 01", 0);
    cr_expect_eq(d.packet.version, 0);
    cr_expect_not(d.packet.has_reason_code);
    done(&d);
    d = decode("40 03 00 01 10", WTR_MQTT_BEFORE_5);
    cr_expect_eq(d.verdict, WTR_MQTT_MALFORMED);
    done(&d);
    d = sound("20 02 01 00", WTR_MQTT_BEFORE_5);
    cr_expect(d.packet.session_present);
    cr_expect_eq(d.packet.version, 0);
    done(&d);
}
