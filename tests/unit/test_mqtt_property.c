/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of MQTT 5.0: each of them, in each packet that has properties. What is expected is table 2-4
 * of the specification, written down here by hand. */
#include "mqtt_bytes.h"

#include <stdio.h>

/* Packets as hexadecimal digits around their properties; the will stands for itself. */
static const struct {
    char letter;
    const char *first; /* byte; the remaining length follows it */
    const char *before;
    const char *after;
} places[] = {
    {'C', "10", "00 04 4d 51 54 54 05 02 00 3c", "00 01 62"},
    {'w', "10", "00 04 4d 51 54 54 05 06 00 3c 00 00 01 62", "00 01 77 00 00"},
    {'c', "20", "00 00", ""},
    {'P', "30", "00 01 74", "78"},
    {'1', "40", "00 01 00", ""}, /* the four acknowledgements */
    {'2', "50", "00 01 00", ""},
    {'3', "62", "00 01 00", ""},
    {'4', "70", "00 01 00", ""},
    {'S', "82", "00 01", "00 01 74 00"},
    {'s', "90", "00 01", "00"},
    {'U', "a2", "00 01", "00 01 74"},
    {'u', "b0", "00 01", "00"},
    {'D', "e0", "00", ""},
    {'A', "f0", "00", ""},
};

static const struct {
    const char *name;
    const char *bytes; /* a property with a value that is allowed */
    const char *where;
    const char *forbidden; /* one that is not; NULL: all are */
} properties[] = {
    {"payload_format_indicator", "01 01", "Pw", "01 02"},
    {"message_expiry_interval", "02 00 00 00 00", "Pw", NULL},
    {"content_type", "03 00 01 61", "Pw", "03 00 01 ff"},
    {"response_topic", "08 00 01 61", "Pw", "08 00 01 00"},
    {"correlation_data", "09 00 01 ff", "Pw", NULL},
    {"subscription_identifier", "0b 01", "PS", "0b 00"},
    {"session_expiry_interval", "11 ff ff ff ff", "CcD", NULL},
    {"assigned_client_identifier", "12 00 01 61", "c", "12 00 01 80"},
    {"server_keep_alive", "13 00 00", "c", NULL},
    {"authentication_method", "15 00 01 61", "CcA", "15 00 01 ff"},
    {"authentication_data", "16 00 01 ff", "CcA", NULL},
    {"request_problem_information", "17 00", "C", "17 02"},
    {"will_delay_interval", "18 00 00 00 05", "w", NULL},
    {"request_response_information", "19 01", "C", "19 ff"},
    {"response_information", "1a 00 01 61", "c", "1a 00 01 ff"},
    {"server_reference", "1c 00 01 61", "cD", "1c 00 01 ff"},
    {"reason_string", "1f 00 01 61", "c1234suDA", "1f 00 01 ff"},
    {"receive_maximum", "21 00 01", "Cc", "21 00 00"},
    {"topic_alias_maximum", "22 00 00", "Cc", NULL},
    {"topic_alias", "23 00 01", "P", NULL}, /* 0 makes the packet malformed: test_mqtt_decode.c */
    {"maximum_qos", "24 01", "c", "24 02"},
    {"retain_available", "25 00", "c", "25 02"},
    {"user_property", "26 00 01 6b 00 01 76", "CwcP1234SsUuDA", "26 00 01 6b 00 01 ff"},
    {"maximum_packet_size", "27 00 00 00 01", "Cc", "27 00 00 00 00"},
    {"wildcard_subscription_available", "28 00", "c", "28 02"},
    {"subscription_identifier_available", "29 01", "c", "29 02"},
    {"shared_subscription_available", "2a 01", "c", "2a 02"},
};

enum { PLACES = sizeof places / sizeof places[0], PROPERTIES = sizeof properties / sizeof properties[0] };

static size_t byte_count(const char *digits)
{
    return (strlen(digits) + 1) / 3;
}

/* The packet of a place with these properties. */
static struct decoded decode_with(size_t place, const char *property_bytes)
{
    char digits[512];
    size_t count = byte_count(property_bytes);
    size_t remaining = byte_count(places[place].before) + 1 + count + byte_count(places[place].after);
    snprintf(digits, sizeof digits, "%s %02x %s %02x %s %s", places[place].first, (unsigned)remaining,
             places[place].before, (unsigned)count, property_bytes, places[place].after);
    return decode(digits, 5);
}

static void expect_said(size_t place, const char *property_bytes, const char *words)
{
    struct decoded d = decode_with(place, property_bytes);
    cr_expect_eq(d.verdict, WTR_MQTT_WHOLE, "%c %s: %s", places[place].letter, property_bytes, d.reason);
    cr_expect_str_eq(d.reason ? d.reason : "-", words, "%c %s: %s", places[place].letter, property_bytes,
                     d.reason);
    done(&d);
}

Test(mqtt_property, each_in_each_packet)
{
    for (size_t i = 0; i < PROPERTIES; i++)
        for (size_t place = 0; place < PLACES; place++)
            expect_said(place, properties[i].bytes,
                        strchr(properties[i].where, places[place].letter)
                            ? "-"
                            : "a property that this packet may not have");
}

Test(mqtt_property, each_name_and_value)
{
    for (size_t i = 0; i < PROPERTIES; i++) {
        struct bytes bytes = hex(properties[i].bytes);
        struct wtr_mqtt_property property;
        size_t at = 0;
        struct wtr_text text = wtr_text_of(bytes.data, bytes.length);
        cr_assert(wtr_mqtt_next_property(text, &at, &property));
        cr_expect_eq(at, bytes.length);
        cr_expect_str_eq(property.name, properties[i].name);
        cr_expect_eq(property.id, bytes.data[0]);
        cr_expect_eq(property.is_number, property.text.data == NULL);
        free(bytes.data);
    }
}

Test(mqtt_property, forbidden_values)
{
    for (size_t i = 0; i < PROPERTIES; i++) {
        if (!properties[i].forbidden)
            continue;
        size_t place = 0;
        while (places[place].letter != properties[i].where[0])
            place++;
        struct decoded d = decode_with(place, properties[i].forbidden);
        cr_expect_eq(d.verdict, WTR_MQTT_WHOLE);
        cr_expect_not_null(d.reason, "%s", properties[i].forbidden);
        done(&d);
    }
}

/* User properties may be repeated, and in PUBLISH subscription identifiers. */
Test(mqtt_property, repeated)
{
    for (size_t i = 0; i < PROPERTIES; i++) {
        char twice[128];
        snprintf(twice, sizeof twice, "%s %s", properties[i].bytes, properties[i].bytes);
        for (size_t place = 0; place < PLACES; place++) {
            char letter = places[place].letter;
            if (!strchr(properties[i].where, letter))
                continue;
            bool may = strcmp(properties[i].name, "user_property") == 0 ||
                       (strcmp(properties[i].name, "subscription_identifier") == 0 && letter == 'P');
            expect_said(place, twice, may ? "-" : "a property is there twice");
        }
    }
}

/* Every identifier that table 2-4 does not have, and one that takes two bytes. */
Test(mqtt_property, unknown_identifiers)
{
    size_t unknown = 0;
    for (unsigned id = 0; id < 128; id++) {
        bool known = false;
        for (size_t i = 0; i < PROPERTIES; i++)
            known = known || strtoul(properties[i].bytes, NULL, 16) == id;
        char bytes[8];
        snprintf(bytes, sizeof bytes, "%02x 00", id);
        struct decoded d = decode_with(3, bytes);
        if (!known) {
            cr_expect_eq(d.verdict, WTR_MQTT_MALFORMED);
            cr_expect_str_eq(d.reason, "an unknown property");
            cr_expect_eq(d.at, 6);
            unknown++;
        }
        done(&d);
    }
    cr_expect_eq(unknown, 101); /* 128 less 27 */
    struct decoded d = decode_with(3, "81 01 00");
    cr_expect_str_eq(d.reason, "an unknown property");
    done(&d);
}

/* Each property cut short at each byte. */
Test(mqtt_property, cut)
{
    for (size_t i = 0; i < PROPERTIES; i++)
        for (size_t length = 2; length < strlen(properties[i].bytes); length += 3) {
            char cut[64];
            snprintf(cut, sizeof cut, "%.*s", (int)length, properties[i].bytes);
            struct decoded d = decode_with(3, cut);
            cr_expect_eq(d.verdict, WTR_MQTT_MALFORMED, "%s", cut);
            cr_expect_str_eq(d.reason, "a property runs past the properties", "%s", cut);
            done(&d);
        }
}
