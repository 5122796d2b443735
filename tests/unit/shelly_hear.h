/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of Shelly share: messages are handed to the family, and what it says is compared line by
 * line.
 *
 * Places are checked apart from words: of each raw value the bytes at its place must be the value, and then
 * the place is taken out of the line; of a finding it is replaced by the bytes in braces. */
#ifndef TEST_SHELLY_HEAR_H
#define TEST_SHELLY_HEAR_H

#include "vendor/shelly/shelly.h"

#include "mqtt_message.h"
#include "say_record.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct wtr_say *say;
static void *state;
static struct mqtt_connection plug;       /* the plug's own connection; its CONNECT not seen unless sent */
static struct mqtt_connection controller; /* a home automation's */
static struct wtr_buffer plain;

static inline void set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_shelly.state_size);
    plug = (struct mqtt_connection){0};
    controller = (struct mqtt_connection){0};
    controller.session.connect_seen = true;
}

static inline void tear_down(void)
{
    wtr_shelly.close(state);
    free(state);
    say_record_free(say);
    mqtt_message_free();
    wtr_buffer_free(&plain);
}

/* Reads "@12+3"; false if it is anything else. */
static inline bool take_place(const char **at, size_t *from, size_t *length)
{
    char *end;
    if (**at != '@')
        return false;
    *from = strtoul(*at + 1, &end, 10);
    if (*end != '+')
        return false;
    *length = strtoul(end + 1, &end, 10);
    *at = end;
    return true;
}

/* The lines without places. A place that does not hold the value is left where it stands. */
static inline const char *without_places(const char *lines, struct wtr_text payload)
{
    wtr_buffer_clear(&plain);
    for (const char *at = lines; *at;) {
        size_t from;
        size_t length;
        const char *rest = at;
        if (!take_place(&rest, &from, &length) || from > payload.length || length > payload.length - from) {
            wtr_put_char(&plain, *at++);
            continue;
        }
        bool finding = plain.length >= 8 && memcmp(plain.data + plain.length - 8, "finding ", 8) == 0;
        bool holds = plain.length >= length &&
                     memcmp(plain.data + plain.length - length, payload.data + from, length) == 0;
        if (finding) {
            wtr_put_char(&plain, '{');
            wtr_put(&plain, payload.data + from, length);
            wtr_put_char(&plain, '}');
        } else if (!holds) {
            wtr_put(&plain, at, (size_t)(rest - at));
        }
        at = rest;
    }
    wtr_put_char(&plain, '\0');
    return plain.data;
}

static inline const char *hear(const struct wtr_message *message)
{
    const struct wtr_mqtt_packet *packet = message->body;
    return without_places(say_record(say, &wtr_shelly, state, message), packet->payload);
}

static inline void check(const struct wtr_message *message, const char *topic, const char *payload,
                         const char *expected)
{
    const char *heard = hear(message);
    cr_expect(strcmp(heard, expected) == 0, "%s %s\nheard:\n%sexpected:\n%s", topic, payload, heard,
              expected);
}

/* Delivered by the broker to the controller: says nothing about connections. */
static inline void expect(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&controller, WTR_FROM_SERVER, topic, payload, 0), topic, payload, expected);
}

/* Published by the controller. */
static inline void expect_sent(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&controller, WTR_FROM_CLIENT, topic, payload, 0), topic, payload, expected);
}

/* Published by the plug over its own connection. */
static inline void expect_own(const char *topic, const char *payload, const char *expected)
{
    check(mqtt_publish(&plug, WTR_FROM_CLIENT, topic, payload, 0), topic, payload, expected);
}

static inline enum wtr_claim claim_of(const char *topic, const char *payload)
{
    return wtr_shelly.claim(state, mqtt_publish(&controller, WTR_FROM_SERVER, topic, payload, 0));
}

/* A plug of Gen2, its frames, and what of them is always said. */
#define SRC "shellyplusplugs-80646fd05a78"
#define G2 "shelly:" SRC
#define TIE "tie " G2 " mac=80:64:6f:d0:5a:78\n"
#define NOTIFY(params)                                                                                       \
    "{\"src\":\"" SRC "\",\"dst\":\"" SRC "/events\",\"method\":\"NotifyStatus\",\"params\":{" params "}}"
#define CLOCK "clock.reading " G2 " device_time=1736603810.49 clock_kind=utc raw{ts=1736603810.49}\n"

#define ASK(method, params) "{\"id\":7,\"src\":\"hub\",\"method\":\"" method "\",\"params\":" params "}"
#define SENT "raw{method=Switch.Set src=hub on="

#define ANSWER(id, dst, result)                                                                              \
    "{\"id\":" id ",\"src\":\"" SRC "\",\"dst\":\"" dst "\",\"result\":" result "}"

#endif
