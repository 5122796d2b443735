/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of families over HTTP share: a request or response is written as text, handed to the family
 * as a message, and what it says is compared line by line.
 *
 * Places are checked apart from words: of each raw value the bytes at its place must be the value, and then
 * the place is taken out of the line; of a finding it is replaced by the bytes in braces. */
#ifndef TEST_HTTP_EXCHANGE_H
#define TEST_HTTP_EXCHANGE_H

#include "http_parts.h"
#include "say_record.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define PLUG "192.168.1.100"
#define PHONE "192.168.1.20"

enum { HTTP_TIME_S = 1611532930 }; /* when a message is seen: 2021-01-25T00:02:10Z */

static const struct wtr_vendor *vendor;
static struct wtr_say *say;
static void *state;
static struct wtr_http asked; /* the last request */
static struct wtr_buffer asked_bytes, told_bytes, plain;
static int64_t http_time_ns;

static inline void exchange_set_up(const struct wtr_vendor *of)
{
    vendor = of;
    say = say_record_new();
    state = calloc(1, of->state_size ? of->state_size : 1);
    asked = (struct wtr_http){.is_response = false};
    http_time_ns = (int64_t)HTTP_TIME_S * 1000000000;
}

static inline void exchange_tear_down(void)
{
    if (vendor->close)
        vendor->close(state);
    free(state);
    say_record_free(say);
    wtr_buffer_free(&asked_bytes);
    wtr_buffer_free(&told_bytes);
    wtr_buffer_free(&plain);
}

/* Reads "@12+3"; false if it is anything else. */
static inline bool exchange_place(const char **at, size_t *from, size_t *length)
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
static inline const char *without_places(const char *lines, struct wtr_text bytes)
{
    wtr_buffer_clear(&plain);
    for (const char *at = lines; *at;) {
        size_t from;
        size_t length;
        const char *rest = at;
        if (!exchange_place(&rest, &from, &length) || from > bytes.length || length > bytes.length - from) {
            wtr_put_char(&plain, *at++);
            continue;
        }
        bool finding = plain.length >= 8 && memcmp(plain.data + plain.length - 8, "finding ", 8) == 0;
        bool holds = plain.length >= length &&
                     memcmp(plain.data + plain.length - length, bytes.data + from, length) == 0;
        if (finding) {
            wtr_put_char(&plain, '{');
            wtr_put(&plain, bytes.data + from, length);
            wtr_put_char(&plain, '}');
        } else if (!holds) {
            wtr_put(&plain, at, (size_t)(rest - at));
        }
        at = rest;
    }
    wtr_put_char(&plain, '\0');
    return plain.data;
}

static inline struct wtr_message exchange_message(const struct wtr_http *http, struct wtr_text bytes,
                                                  struct wtr_piece *piece)
{
    *piece = (struct wtr_piece){.length = bytes.length, .frame = 1, .time_ns = http_time_ns};
    return (struct wtr_message){.protocol = &wtr_http,
                                .type = http->is_response ? "response" : "request",
                                .direction = http->is_response ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
                                .span = {.bytes = (const uint8_t *)bytes.data,
                                         .length = bytes.length,
                                         .pieces = piece,
                                         .piece_count = 1},
                                .body = http};
}

static inline void copy_of(struct wtr_buffer *to, struct wtr_text text)
{
    wtr_buffer_clear(to);
    wtr_put_text(to, text);
    wtr_put_char(to, '\0');
    to->length--;
}

static inline const char *hear_text(const struct wtr_http *http, const struct wtr_buffer *bytes)
{
    struct wtr_piece piece;
    struct wtr_message message = exchange_message(http, wtr_buffer_text(bytes), &piece);
    return without_places(say_record(say, vendor, state, &message), wtr_buffer_text(bytes));
}

/* The phone asks the plug. */
static inline const char *hear_request(struct wtr_text text)
{
    copy_of(&asked_bytes, text);
    asked = (struct wtr_http){.is_response = false};
    cr_assert(http_parts(wtr_buffer_text(&asked_bytes), &asked));
    say_record_ends(say, PHONE, 50000, PLUG, 80);
    return hear_text(&asked, &asked_bytes);
}

/* The plug answers what was asked last; `request` false: that was not seen. */
static inline const char *hear_response(struct wtr_text text, bool request)
{
    struct wtr_http told = {.is_response = true, .request = request ? &asked : NULL};
    copy_of(&told_bytes, text);
    cr_assert(http_parts(wtr_buffer_text(&told_bytes), &told));
    say_record_ends(say, PLUG, 80, PHONE, 50000);
    return hear_text(&told, &told_bytes);
}

static inline void expect_heard(const char *what, const char *heard, const char *expected)
{
    cr_expect(strcmp(heard, expected) == 0, "%s\nheard:\n%sexpected:\n%s", what, heard, expected);
}

static inline void expect_request(const char *text, const char *expected)
{
    expect_heard(text, hear_request(wtr_text_z(text)), expected);
}

static inline void expect_response(const char *text, const char *expected)
{
    expect_heard(text, hear_response(wtr_text_z(text), true), expected);
}

#endif
