/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds a protocol's session segment by segment, as the reassembly of TCP does, and writes down what it hands
 * out: a line for each message ("C" or "S" for who sent it, the protocol with what carries it, the type, the
 * exchange, the fields) and for each finding ("!" and the reason). The segments make up a file, and a message
 * whose bytes are the evidence's own is held against it. */
#ifndef TEST_STREAM_FEED_H
#define TEST_STREAM_FEED_H

#include "protocol/protocol.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEED_FILE = 4 << 20, FEED_MAX_PIECES = 1 << 16 };

struct feed_side {
    uint8_t *bytes; /* unread; a block of exactly this length */
    size_t length;
    struct wtr_piece *pieces;
    size_t piece_count;
    uint64_t pass; /* bytes that the protocol passes over */
};

struct feed {
    const struct wtr_protocol *protocol;
    void *session;
    struct feed_side side[2];
    enum wtr_direction direction; /* being read */
    uint8_t *file;
    size_t file_length;
    unsigned frame;
    int64_t now_ns; /* time of the frames to come */
    bool reveal_secrets;
    bool silent; /* findings are not written down */
    struct wtr_buffer log;
    struct wtr_origin last; /* where the last message stands */
    void (*heard)(void *payload, const struct wtr_message *message);
    void *payload;
};

/* The pieces cover the span in order; where the bytes are the evidence's own they are the file's. */
static inline void feed_check_span(const struct feed *f, const struct wtr_span *span)
{
    size_t at = 0;
    cr_assert(span->piece_count > 0);
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_piece *p = &span->pieces[i];
        cr_assert_eq(p->at, at);
        cr_assert(p->length > 0 && p->offset + p->length <= f->file_length);
        at += p->length;
        bool masked = span->opening && strstr(span->opening->steps, "mask") != NULL;
        if (!wtr_span_is_opaque(span) && !masked)
            cr_assert_arr_eq(span->bytes + p->at, f->file + p->offset, p->length);
    }
    if (!wtr_span_is_opaque(span))
        cr_assert_eq(at, span->length);
}

static inline void feed_message(void *payload, const struct wtr_message *m)
{
    struct feed *f = payload;
    feed_check_span(f, &m->span);
    f->last = wtr_span_locate(&m->span, 0, m->span.length);
    if (f->heard)
        f->heard(f->payload, m);
    wtr_put_z(&f->log, m->direction == WTR_FROM_CLIENT ? "C " : "S ");
    if (m->over) {
        wtr_put_z(&f->log, m->over);
        wtr_put_char(&f->log, '/');
    }
    wtr_put_z(&f->log, m->protocol->name);
    wtr_put_char(&f->log, ' ');
    wtr_put_z(&f->log, m->type);
    wtr_put_z(&f->log, " #");
    wtr_put_uint(&f->log, m->exchange);
    if (m->span.opening) {
        wtr_put_z(&f->log, " [");
        wtr_put_z(&f->log, m->span.opening->steps);
        wtr_put_char(&f->log, ']');
    }
    wtr_put_char(&f->log, ' ');
    struct wtr_json_writer w = {.out = &f->log, .reveal_secrets = f->reveal_secrets};
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
    wtr_put_char(&f->log, '\n');
}

static inline void feed_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                                const char *reason)
{
    struct feed *f = payload;
    cr_assert(at <= span->length && length <= span->length - at);
    if (f->silent)
        return;
    wtr_put_z(&f->log, f->direction == WTR_FROM_CLIENT ? "C ! " : "S ! ");
    wtr_put_z(&f->log, reason);
    wtr_put_char(&f->log, '\n');
}

static inline void feed_open(struct feed *f, const struct wtr_protocol *protocol, bool mid_stream)
{
    *f = (struct feed){.protocol = protocol};
    f->session = calloc(1, protocol->session_size);
    f->file = calloc(1, FEED_FILE);
    for (int i = 0; i < 2; i++)
        f->side[i].pieces = calloc(FEED_MAX_PIECES, sizeof(struct wtr_piece));
    protocol->open(f->session, &(struct wtr_session_setup){.mid_stream = mid_stream});
}

static inline void feed_close(struct feed *f)
{
    f->protocol->close(f->session);
    free(f->session);
    free(f->file);
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
    if (used == 0)
        return;
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
    memcpy(rest, s->bytes + used, s->length);
    free(s->bytes);
    s->bytes = rest;
}

/* A segment. */
static inline void feed_send(struct feed *f, enum wtr_direction direction, const void *data, size_t length)
{
    struct feed_side *s = &f->side[direction];
    size_t passed = s->pass < length ? (size_t)s->pass : length;
    cr_assert(f->file_length + length + 16 <= FEED_FILE && s->piece_count < FEED_MAX_PIECES);
    s->pass -= passed;
    f->frame += passed == length;
    if (passed == length && length > 0)
        return;
    data = (const uint8_t *)data + passed;
    length -= passed;
    s->bytes = realloc(s->bytes, s->length + length + (s->length + length == 0));
    memcpy(s->bytes + s->length, data, length);
    f->file_length += 16; /* a frame's header */
    memcpy(f->file + f->file_length, data, length);
    f->frame++;
    s->pieces[s->piece_count++] = (struct wtr_piece){.at = s->length,
                                                     .length = length,
                                                     .offset = f->file_length,
                                                     .record_offset = f->file_length - 16,
                                                     .frame = f->frame,
                                                     .time_ns = f->now_ns};
    f->file_length += length;
    s->length += length;
    struct wtr_sink sink = {.payload = f, .message = feed_message, .finding = feed_finding};
    struct wtr_span span = {s->bytes, s->length, s->pieces, s->piece_count, NULL};
    size_t need = 0;
    f->direction = direction;
    size_t used = f->protocol->stream(f->session, direction, &span, &need, &sink);
    s->pass = used > s->length ? used - s->length : 0;
    feed_discard(s, used > s->length ? s->length : used);
}

static inline void feed_text(struct feed *f, enum wtr_direction direction, const char *text)
{
    feed_send(f, direction, text, strlen(text));
}

/* The same in segments of `step` bytes. */
static inline void feed_slowly(struct feed *f, enum wtr_direction direction, const void *data, size_t length,
                               size_t step)
{
    const uint8_t *bytes = data;
    for (size_t at = 0; at < length; at += step)
        feed_send(f, direction, bytes + at, length - at < step ? length - at : step);
}

/* Bytes of the stream that the capture lacks; what was unread before them is gone. 0: it is not known how
 * many. */
static inline void feed_lose(struct feed *f, enum wtr_direction direction, uint64_t missing)
{
    struct feed_side *s = &f->side[direction];
    feed_discard(s, s->length);
    bool within = missing > 0 && missing <= s->pass;
    s->pass -= within ? missing : s->pass;
    if (!within)
        f->protocol->gap(f->session, direction, missing);
}

/* The direction ends with a FIN. */
static inline void feed_end(struct feed *f, enum wtr_direction direction)
{
    struct feed_side *s = &f->side[direction];
    struct wtr_sink sink = {.payload = f, .message = feed_message, .finding = feed_finding};
    struct wtr_span span = {s->bytes, s->length, s->pieces, s->piece_count, NULL};
    f->direction = direction;
    if (s->length > 0)
        feed_discard(s, f->protocol->end(f->session, direction, &span, &sink));
}

/* Nothing more comes. */
static inline void feed_finish(struct feed *f)
{
    struct wtr_sink sink = {.payload = f, .message = feed_message, .finding = feed_finding};
    f->direction = WTR_FROM_CLIENT;
    f->protocol->finish(f->session, &sink);
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
