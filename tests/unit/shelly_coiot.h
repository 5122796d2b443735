/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of CoIoT share: a device's messages as bytes, through the decoder of CoAP to the family, and
 * what it says compared line by line. */
#ifndef TEST_SHELLY_COIOT_H
#define TEST_SHELLY_COIOT_H

#include "coap_feed.h"
#include "shelly_hear.h"

static struct coap_feed feed;
static struct wtr_buffer heard;
static enum wtr_claim claimed;

/* Messages are handed to the family as they come out of the decoder. */
static inline void hear_message(void *payload, const struct wtr_message *message)
{
    (void)payload;
    say_record_ends(say, "10.0.0.9", 5683, "224.0.1.187", 5683);
    claimed = wtr_shelly.claim(state, message);
    const char *lines = say_record(say, &wtr_shelly, state, message);
    wtr_buffer_clear(&heard);
    wtr_put_z(&heard, without_places(lines, wtr_text_of(message->span.bytes, message->span.length)));
    wtr_put_char(&heard, '\0');
}

static inline void begin(void)
{
    set_up();
    feed = coap_feed_new();
    feed.listener = hear_message;
    feed.client = 9; /* the device, which asks nobody but sends requests 0.30 */
    feed.client_port = 5683;
    feed.group = true;
}

static inline void end(void)
{
    wtr_buffer_free(&heard);
    coap_feed_free(&feed);
    tear_down();
}

static unsigned message_id;

/* A message of the device's: its first two bytes, the path where it has one, option 3332 (whose delta is 3321
 * behind a path, else 3332), validity 380 and the serial (none if negative), then the payload. */
static inline const char *made(const char *head, bool path, const char *id, int serial, const char *payload)
{
    static char bytes[8000];
    unsigned length = (unsigned)strlen(id);
    int n = snprintf(bytes, sizeof bytes, "%s %04x %s", head, ++message_id & 0xffff,
                     path ? "b3 'cit' 01 's'" : "");
    unsigned delta = (path ? 3332 - 11 : 3332) - 269;
    if (length < 13)
        n += snprintf(bytes + n, sizeof bytes - (size_t)n, " e%x %04x '%s'", length, delta, id);
    else
        n += snprintf(bytes + n, sizeof bytes - (size_t)n, " ed %04x %02x '%s'", delta, length - 13, id);
    if (serial >= 0)
        n += snprintf(bytes + n, sizeof bytes - (size_t)n, " d2 43 017c 82 %04x", (unsigned)serial);
    snprintf(bytes + n, sizeof bytes - (size_t)n, " ff '%s'", payload);
    return bytes;
}

static inline void check_lines(const char *payload, const char *expected)
{
    cr_expect(strcmp(heard.data, expected) == 0, "%s\nheard:\n%sexpected:\n%s", payload, heard.data,
              expected);
}

static inline void expect_from(const char *id, int serial, const char *payload, const char *expected)
{
    feed.now_ms += 1000;
    (void)coap_ask(&feed, made("50 1e", true, id, serial, payload));
    check_lines(payload, expected);
}

#define DEVICE "shelly:shellyplug-s-7AB1C2"
#define ID "SHPLG-S#7AB1C2#2"
#define IP "ip " DEVICE " 10.0.0.9\n"
#define IDENTITY "device.identity " DEVICE " model=SHPLG-S device_id=7AB1C2 protocol=2 raw{3332=" ID "}\n"
#define STATE(on, word, serial)                                                                              \
    "power.state " DEVICE " ch=relay:0 outlet=1 state=" word " valid_s=38 serial_n=" serial " raw{1101=" on  \
    "}\n"
#define G(values) "{\"G\":[" values "]}"

#endif
