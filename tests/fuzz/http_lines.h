/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds a vendor with HTTP messages written as text, so that a corpus can be read and written by hand.
 * Messages are parted by a line that begins with '%' and says what follows:
 *
 *     %>     the phone asks the plug
 *     %<     the plug answers what was asked last
 *     %?     the plug answers, and the request was not seen
 *     %!     the plug sends a request of its own
 *     %m     the plug publishes over MQTT: the first line is the topic, the rest the payload
 *     %c     somebody else publishes
 *
 * What the vendor says is recorded (say_record.c), which traps whatever breaks the contract of say.h; the
 * whole is run twice and must say the same. */
#ifndef FUZZ_HTTP_LINES_H
#define FUZZ_HTTP_LINES_H

#include "base/map.h"
#include "http_parts.h"
#include "mqtt_message.h"
#include "say_record.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

enum { FUZZ_MAX_MESSAGES = 64, FUZZ_MAX_TEXT = 60000 };

struct fuzz_run {
    const struct wtr_vendor *vendor;
    void *state;
    struct wtr_say *say;
    struct mqtt_connection plug, other;
    struct wtr_http asked; /* its texts point into the input */
    bool has_asked;
    uint64_t heard;
};

static inline void fuzz_hand(struct fuzz_run *run, const struct wtr_message *message)
{
    enum wtr_claim claim = run->vendor->claim(run->state, message);
    const char *lines = say_record(run->say, run->vendor, run->state, message);
    if (say_record_claim(run->say) != claim || strncmp(lines, "!!", 2) == 0 || strstr(lines, "\n!!"))
        __builtin_trap();
    run->heard = wtr_hash64(lines, strlen(lines), run->heard);
}

/* The message stands in memory of its own size, so that a read past its end is seen. */
static inline void fuzz_http(struct fuzz_run *run, char kind, struct wtr_text text)
{
    uint8_t *bytes = malloc(text.length ? text.length : 1);
    if (!bytes)
        abort();
    if (text.length > 0)
        memcpy(bytes, text.data, text.length);
    struct wtr_http http = {.is_response = kind == '<' || kind == '?'};
    http.request = kind == '<' && run->has_asked ? &run->asked : NULL;
    if (http_parts(wtr_text_of(bytes, text.length), &http)) {
        struct wtr_piece piece = {.length = text.length, .frame = 1};
        struct wtr_message message = {.protocol = &wtr_http,
                                      .type = http.is_response ? "response" : "request",
                                      .span = {bytes, text.length, &piece, 1, NULL},
                                      .body = &http};
        bool from_plug = kind != '>';
        say_record_ends(run->say, from_plug ? "10.0.0.2" : "10.0.0.3", 80,
                        from_plug ? "10.0.0.3" : "10.0.0.2", 80);
        fuzz_hand(run, &message);
    }
    free(bytes);
    if (kind != '>')
        return;
    run->asked = (struct wtr_http){.is_response = false};
    run->has_asked = http_parts(text, &run->asked);
}

static inline void fuzz_mqtt(struct fuzz_run *run, char kind, struct wtr_text text)
{
    char topic[256] = {0};
    struct wtr_text payload = text;
    struct wtr_text first = wtr_text_cut(&payload, '\n');
    for (size_t i = 0; i < first.length && i < sizeof topic - 1 && first.data[i]; i++)
        topic[i] = first.data[i];
    if (!payload.data)
        payload = wtr_text_of("", 0);
    fuzz_hand(run,
              mqtt_publish_bytes(kind == 'm' ? &run->plug : &run->other, WTR_FROM_CLIENT, topic, payload, 0));
}

/* Cuts the next message off the text, and the line before it that says what it is: at least two bytes. */
static inline bool fuzz_next(struct wtr_text *text, struct wtr_text *mark, struct wtr_text *message)
{
    *mark = wtr_text_cut(text, '\n');
    if (mark->length < 2 || mark->data[0] != '%' || !text->data)
        return false;
    size_t end = 0;
    while (end < text->length && (text->data[end] != '%' || (end > 0 && text->data[end - 1] != '\n')))
        end++;
    *message = wtr_text_of(text->data, end < FUZZ_MAX_TEXT ? end : FUZZ_MAX_TEXT);
    *text = wtr_text_of(text->data + end, text->length - end);
    return true;
}

static inline uint64_t fuzz_once(const struct wtr_vendor *vendor, struct wtr_text text)
{
    struct fuzz_run run = {.vendor = vendor,
                           .state = calloc(1, vendor->state_size ? vendor->state_size : 1),
                           .say = say_record_new()};
    if (!run.state)
        abort();
    struct wtr_text mark, message;
    for (int i = 0; i < FUZZ_MAX_MESSAGES && fuzz_next(&text, &mark, &message); i++) {
        if (message.length > 0 && (mark.data[1] == 'm' || mark.data[1] == 'c'))
            fuzz_mqtt(&run, mark.data[1], message);
        else if (message.length > 0)
            fuzz_http(&run, mark.data[1], message);
    }
    if (vendor->close)
        vendor->close(run.state);
    free(run.state);
    say_record_free(run.say);
    mqtt_message_free();
    return run.heard;
}

static inline int fuzz_vendor(const struct wtr_vendor *vendor, const uint8_t *data, size_t size)
{
    struct wtr_text text = wtr_text_of(data, size);
    if (fuzz_once(vendor, text) != fuzz_once(vendor, text))
        __builtin_trap();
    return 0;
}

#endif
