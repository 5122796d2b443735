/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds the Kasa protocol segment by segment, as the reassembly of TCP does, and writes down what it hands
 * out: a line for each message, "C" or "S" for who sent it, frame+place:length of the body's first share, the
 * exchange (#1, #0 for none), the type and the body; and a line "! frame+place:length reason" for each
 * finding. Each segment is a frame of its own; its bytes stand in the file at 1000 times its number. */
#ifndef TEST_KASA_FEED_H
#define TEST_KASA_FEED_H

#include "vendor/kasa/kasa.h"

#include <stdio.h>
#include <stdlib.h>

enum { KASA_PIECES = 64, KASA_FRAME = 1000 };

struct kasa_side {
    uint8_t *bytes; /* unread; a block of exactly this length */
    size_t length;
    struct wtr_piece pieces[KASA_PIECES];
    size_t piece_count;
};

struct kasa_feed {
    void *session;
    struct kasa_side side[2];
    unsigned frame;
    struct wtr_buffer log;
};

/* Plain text to a body; returns its length. */
static inline size_t kasa_encipher(const char *plain, uint8_t *body)
{
    size_t length = strlen(plain);
    for (size_t i = 0; i < length; i++)
        body[i] = (uint8_t)((uint8_t)plain[i] ^ (i ? body[i - 1] : 0xab));
    return length;
}

/* Plain text to a message on TCP; returns its length. */
static inline size_t kasa_frame(const char *plain, uint8_t *frame)
{
    size_t length = kasa_encipher(plain, frame + 4);
    frame[0] = frame[1] = 0;
    frame[2] = (uint8_t)(length >> 8);
    frame[3] = (uint8_t)length;
    return length + 4;
}

static inline void kasa_place(struct kasa_feed *f, struct wtr_origin origin)
{
    char line[80];
    snprintf(line, sizeof line, "%u+%u:%u ", (unsigned)origin.frame,
             (unsigned)(origin.offset - origin.frame * KASA_FRAME), (unsigned)origin.length);
    wtr_put_z(&f->log, line);
}

static inline void kasa_on_message(void *payload, const struct wtr_message *message)
{
    struct kasa_feed *f = payload;
    wtr_put_z(&f->log, message->direction == WTR_FROM_CLIENT ? "C " : "S ");
    kasa_place(f, wtr_span_locate(&message->span, 0, message->span.length));
    wtr_put_char(&f->log, '#');
    wtr_put_uint(&f->log, message->exchange);
    wtr_put_char(&f->log, ' ');
    wtr_put_z(&f->log, message->type);
    wtr_put_char(&f->log, ' ');
    wtr_put(&f->log, message->span.bytes, message->span.length);
    wtr_put_char(&f->log, '\n');
}

static inline void kasa_on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                                   const char *reason)
{
    struct kasa_feed *f = payload;
    wtr_put_z(&f->log, "! ");
    kasa_place(f, wtr_span_locate(span, at, length));
    wtr_put_z(&f->log, reason);
    wtr_put_char(&f->log, '\n');
}

static inline void kasa_open(struct kasa_feed *f, bool mid_stream)
{
    *f = (struct kasa_feed){.session = calloc(1, wtr_kasa_protocol.session_size)};
    if (!f->session)
        abort();
    wtr_kasa_protocol.open(f->session, &(struct wtr_session_setup){.mid_stream = mid_stream});
}

static inline void kasa_close(struct kasa_feed *f)
{
    wtr_kasa_protocol.close(f->session);
    free(f->session);
    free(f->side[0].bytes);
    free(f->side[1].bytes);
    wtr_buffer_free(&f->log);
}

static inline void kasa_discard(struct kasa_side *s, size_t used)
{
    size_t kept = 0;
    uint8_t *rest = malloc(s->length - used + 1);
    if (!rest)
        abort();
    if (s->length > used)
        memcpy(rest, s->bytes + used, s->length - used);
    free(s->bytes);
    s->bytes = rest;
    s->length -= used;
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
}

static inline void kasa_segment(struct kasa_feed *f, enum wtr_direction direction, const uint8_t *data,
                                size_t length)
{
    struct kasa_side *s = &f->side[direction];
    uint8_t *bytes = malloc(s->length + length + 1);
    if (!bytes || s->piece_count == KASA_PIECES)
        abort();
    if (s->length)
        memcpy(bytes, s->bytes, s->length);
    memcpy(bytes + s->length, data, length);
    free(s->bytes);
    s->bytes = realloc(bytes, s->length + length);
    f->frame++;
    s->pieces[s->piece_count++] = (struct wtr_piece){
        .at = s->length, .length = length, .offset = (uint64_t)f->frame * KASA_FRAME, .frame = f->frame};
    s->length += length;
    struct wtr_span span = {s->bytes, s->length, s->pieces, s->piece_count, NULL};
    struct wtr_sink sink = {.payload = f, .message = kasa_on_message, .finding = kasa_on_finding};
    size_t need = 0;
    size_t used = wtr_kasa_protocol.stream(f->session, direction, &span, &need, &sink);
    if (used > s->length)
        abort();
    kasa_discard(s, used);
}

static inline void kasa_lose(struct kasa_feed *f, enum wtr_direction direction, uint64_t missing)
{
    kasa_discard(&f->side[direction], f->side[direction].length);
    wtr_kasa_protocol.gap(f->session, direction, missing);
}

/* Sends a message in one segment. */
static inline void kasa_send(struct kasa_feed *f, enum wtr_direction direction, const char *plain)
{
    uint8_t frame[4096];
    kasa_segment(f, direction, frame, kasa_frame(plain, frame));
}

/* What was written since the last call. */
static inline const char *kasa_log(struct kasa_feed *f)
{
    static char text[1 << 16];
    wtr_put_char(&f->log, '\0');
    snprintf(text, sizeof text, "%s", f->log.data);
    wtr_buffer_clear(&f->log);
    return text;
}

#endif
