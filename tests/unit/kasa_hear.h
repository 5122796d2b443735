/* SPDX-License-Identifier: Apache-2.0 */
/* Says Kasa messages to the vendor as they stand deciphered, and compares what it says of them.
 *
 * Places are checked apart from words: of each raw value the bytes at its place must be the value, and then
 * the place is taken out of the line; of a finding it is replaced by the bytes in braces. */
#ifndef TEST_KASA_HEAR_H
#define TEST_KASA_HEAR_H

#include "say_record.h"
#include "vendor/kasa/kasa.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct wtr_say *say;
static void *state;
static struct wtr_buffer said;

static inline void kasa_set_up(void)
{
    say = say_record_new();
    state = calloc(1, wtr_kasa.state_size);
    cr_assert(state);
}

static inline void kasa_tear_down(void)
{
    wtr_kasa.close(state);
    free(state);
    say_record_free(say);
    wtr_buffer_free(&said);
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
static inline const char *without_places(const char *lines, struct wtr_text body)
{
    wtr_buffer_clear(&said);
    for (const char *at = lines; *at;) {
        size_t from, length;
        const char *rest = at;
        if (!take_place(&rest, &from, &length) || from > body.length || length > body.length - from) {
            wtr_put_char(&said, *at++);
            continue;
        }
        bool finding = said.length >= 8 && memcmp(said.data + said.length - 8, "finding ", 8) == 0;
        bool holds =
            said.length >= length && memcmp(said.data + said.length - length, body.data + from, length) == 0;
        if (finding) {
            wtr_put_char(&said, '{');
            wtr_put(&said, body.data + from, length);
            wtr_put_char(&said, '}');
        } else if (!holds) {
            wtr_put(&said, at, (size_t)(rest - at));
        }
        at = rest;
    }
    wtr_put_char(&said, '\0');
    return said.data;
}

static inline const char *hear(const char *plain, bool answer, const struct wtr_kasa_question *question)
{
    struct wtr_json json = {0};
    cr_assert(wtr_json_parse(&json, wtr_text_z(plain)), "no JSON: %s", plain);
    const struct wtr_kasa_body body = {.json = &json, .answer = answer, .question = question};
    const struct wtr_message message = {
        .protocol = &wtr_kasa_protocol,
        .type = answer ? "response" : "request",
        .direction = answer ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
        .span = {(const uint8_t *)plain, strlen(plain), NULL, 0, NULL},
        .body = &body,
    };
    const char *lines = say_record(say, &wtr_kasa, state, &message);
    wtr_json_free(&json);
    return without_places(lines, wtr_text_z(plain));
}

static inline void compare(const char *plain, const char *heard, const char *expected)
{
    cr_expect(strcmp(heard, expected) == 0, "%s\nheard:\n%sexpected:\n%s", plain, heard, expected);
}

/* A request from the phone to the plug. */
static inline void asked(const char *plain, const char *expected)
{
    say_record_ends(say, "10.0.0.5", 40000, "10.0.0.7", 9999);
    compare(plain, hear(plain, false, NULL), expected);
}

/* The plug's answer; to what, is not known. */
static inline void answered(const char *plain, const char *expected)
{
    say_record_ends(say, "10.0.0.7", 9999, "10.0.0.5", 40000);
    compare(plain, hear(plain, true, NULL), expected);
}

/* The plug's answer to a request that named this outlet, or none. */
static inline void answered_of(const char *child, const char *plain, const char *expected)
{
    struct wtr_kasa_question question = {.exchange = 1, .child_count = child ? 1 : 0};
    if (child) {
        question.child_length = strlen(child);
        memcpy(question.child, child, question.child_length);
    }
    say_record_ends(say, "10.0.0.7", 9999, "10.0.0.5", 40000);
    compare(plain, hear(plain, true, &question), expected);
}

#endif
