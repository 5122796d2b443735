/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds an MQTT session segment by segment, as the reassembly of TCP does, and writes down what it hands out:
 * a line for each message and finding, "C" or "S" for who sent it (the end that opened the connection, or the
 * other), the frame, the place in its segment and the length of the share in it, then the type and fields, or
 * "!" and the reason. Each segment is a frame of its own; its bytes stand in the file at 1000 times its
 * number. */
#ifndef TEST_MQTT_FEED_H
#define TEST_MQTT_FEED_H

#include "protocol/mqtt.h"

#include <stdio.h>
#include <stdlib.h>

enum { FEED_MAX_PIECES = 4096, FEED_FRAME_SIZE = 100000 };

struct feed_side {
    uint8_t *bytes; /* unread; a block of exactly this length */
    size_t length;
    struct wtr_piece *pieces;
    size_t piece_count;
    size_t need;
};

struct feed {
    struct wtr_mqtt_session session;
    struct feed_side side[2];
    unsigned frame;
    int64_t now_ns; /* time of the frames to come */
    bool reveal_secrets;
    struct wtr_buffer log;
};

static inline void feed_place(struct feed *f, enum wtr_direction direction, struct wtr_origin origin)
{
    char line[80];
    snprintf(line, sizeof line, "%c %u+%u:%u ", direction == WTR_FROM_CLIENT ? 'C' : 'S',
             (unsigned)origin.frame, (unsigned)(origin.offset - origin.frame * FEED_FRAME_SIZE),
             (unsigned)origin.length);
    wtr_put_z(&f->log, line);
}

struct feed_call {
    struct feed *feed;
    enum wtr_direction direction;
};

static inline void feed_message(void *payload, const struct wtr_message *message)
{
    const struct feed_call *call = payload;
    struct feed *f = call->feed;
    feed_place(f, message->direction, wtr_span_locate(&message->span, 0, message->span.length));
    wtr_put_z(&f->log, message->type);
    wtr_put_char(&f->log, ' ');
    struct wtr_json_writer w = {.out = &f->log, .reveal_secrets = f->reveal_secrets};
    wtr_json_begin_object(&w);
    message->protocol->fields(message, &w);
    wtr_json_end_object(&w);
    wtr_put_char(&f->log, '\n');
}

static inline void feed_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                                const char *reason)
{
    const struct feed_call *call = payload;
    feed_place(call->feed, call->direction, wtr_span_locate(span, at, length));
    wtr_put_z(&call->feed->log, "! ");
    wtr_put_z(&call->feed->log, reason);
    wtr_put_char(&call->feed->log, '\n');
}

static inline void feed_open(struct feed *f, bool mid_stream)
{
    *f = (struct feed){.frame = 0};
    for (int i = 0; i < 2; i++)
        f->side[i].pieces = calloc(FEED_MAX_PIECES, sizeof(struct wtr_piece));
    wtr_mqtt.open(&f->session, &(struct wtr_session_setup){.mid_stream = mid_stream});
}

static inline void feed_close(struct feed *f)
{
    wtr_mqtt.close(&f->session);
    for (int i = 0; i < 2; i++) {
        free(f->side[i].bytes);
        free(f->side[i].pieces);
    }
    wtr_buffer_free(&f->log);
}

/* Takes `used` bytes from the front; a piece of which part is used is cut. */
static inline void feed_discard(struct feed_side *s, size_t used)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->piece_count; i++) {
        struct wtr_piece p = s->pieces[i];
        if (p.at + p.length <= used)
            continue;
        size_t cut = p.at < used ? used - p.at : 0;
        p.at = p.at + cut - used;
        p.length -= cut;
        p.offset += cut;
        s->pieces[kept++] = p;
    }
    s->piece_count = kept;
    s->length -= used;
    uint8_t *rest = malloc(s->length ? s->length : 1);
    if (s->length > 0)
        memcpy(rest, s->bytes + used, s->length);
    free(s->bytes);
    s->bytes = rest;
}

/* A segment that comes, and is not handed on yet. */
static inline void feed_append(struct feed *f, enum wtr_direction direction, const void *data, size_t length)
{
    struct feed_side *s = &f->side[direction];
    uint8_t *bytes = malloc(s->length + length ? s->length + length : 1);
    if (s->length > 0)
        memcpy(bytes, s->bytes, s->length);
    if (length > 0)
        memcpy(bytes + s->length, data, length);
    free(s->bytes);
    s->bytes = bytes;
    f->frame++;
    s->pieces[s->piece_count++] = (struct wtr_piece){.at = s->length,
                                                     .length = length,
                                                     .offset = (uint64_t)f->frame * FEED_FRAME_SIZE,
                                                     .record_offset = (uint64_t)f->frame * FEED_FRAME_SIZE,
                                                     .frame = f->frame,
                                                     .time_ns = f->now_ns};
    s->length += length;
}

/* Hands on what came, if it is as much as the session asked for. */
static inline void feed_read(struct feed *f, enum wtr_direction direction)
{
    struct feed_side *s = &f->side[direction];
    if (s->length < s->need)
        return;
    struct feed_call call = {f, direction};
    struct wtr_sink sink = {.payload = &call, .message = feed_message, .finding = feed_finding};
    struct wtr_span span = {s->bytes, s->length, s->pieces, s->piece_count, NULL};
    s->need = 0;
    size_t used = wtr_mqtt.stream(&f->session, direction, &span, &s->need, &sink);
    feed_discard(s, used);
}

static inline void feed_send(struct feed *f, enum wtr_direction direction, const void *data, size_t length)
{
    feed_append(f, direction, data, length);
    feed_read(f, direction);
}

/* Bytes of the stream that the capture lacks; what was unread before them is gone. 0: it is not known how
 * many. */
static inline void feed_lose(struct feed *f, enum wtr_direction direction, uint64_t missing)
{
    struct feed_side *s = &f->side[direction];
    feed_discard(s, s->length);
    s->need = 0;
    wtr_mqtt.gap(&f->session, direction, missing);
}

static inline size_t feed_digits(const char *digits, uint8_t *to)
{
    size_t n = 0;
    for (const char *p = digits; *p; p++) {
        if (*p == ' ')
            continue;
        const char pair[3] = {p[0], p[1], 0};
        to[n++] = (uint8_t)strtoul(pair, NULL, 16);
        p++;
    }
    return n;
}

static inline void feed_hex(struct feed *f, enum wtr_direction direction, const char *digits)
{
    uint8_t bytes[2048];
    feed_send(f, direction, bytes, feed_digits(digits, bytes));
}

/* Writes a PUBLISH of 3.1.1 with QoS 0; returns its length. */
static inline size_t feed_publish(uint8_t *to, const char *topic, const void *payload, size_t length)
{
    size_t n = 0, topic_length = strlen(topic);
    to[n++] = 0x30;
    for (size_t rest = 2 + topic_length + length, first = 1; first || rest > 0; first = 0, rest >>= 7)
        to[n++] = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    to[n++] = (uint8_t)(topic_length >> 8);
    to[n++] = (uint8_t)topic_length;
    memcpy(to + n, topic, topic_length);
    memcpy(to + n + topic_length, payload, length);
    return n + topic_length + length;
}

/* A PUBLISH in a segment of its own. */
static inline void feed_say(struct feed *f, enum wtr_direction direction, const char *topic,
                            const char *payload)
{
    uint8_t bytes[4096];
    feed_send(f, direction, bytes, feed_publish(bytes, topic, payload, strlen(payload)));
}

/* What was written down since the last time; the text lasts until more is. */
static inline const char *feed_log(struct feed *f)
{
    wtr_put_char(&f->log, '\0');
    const char *text = f->log.data;
    f->log.length = 0;
    return text;
}

#endif
