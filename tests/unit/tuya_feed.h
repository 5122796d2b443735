/* SPDX-License-Identifier: Apache-2.0 */
/* One connection of Tuya's local protocol, fed segment by segment from hexadecimal. What comes of it is text,
 * a line for each message and finding:
 *
 *     control > {"command":7,…} aes-128-ecb key=tuya * from=keyring k, line 1 @1031+112 of 2
 *     finding @1016+84 the frame's CRC-32 does not fit its bytes
 *
 * The n-th segment is frame n, and stands at n times 1000 in the file. With a vendor's say (tuya_hear) the
 * lines are what the vendor says instead. */
#ifndef TUYA_FEED_H
#define TUYA_FEED_H

#include "base/text.h"
#include "protocol/protocol.h"
#include "vendor/tuya/packet.h"

#include <stdlib.h>

struct tuya_side {
    struct wtr_buffer unread;
    struct wtr_piece pieces[256];
    size_t piece_count;
    size_t need;
};

struct tuya_feed {
    void *session;
    struct wtr_keyring keys;
    struct tuya_side side[2];
    uint64_t segments;
    struct wtr_buffer out;
    void (*hear)(struct tuya_feed *feed, const struct wtr_message *message); /* NULL: as text */
    void *listener;
};

static inline void tuya_must(bool holds)
{
    if (!holds)
        abort();
}

static inline void tuya_unhex(const char *hex, struct wtr_buffer *out)
{
    for (; *hex; hex += 2) {
        const char pair[3] = {hex[0], hex[1], '\0'};
        wtr_put_char(out, (char)strtol(pair, NULL, 16));
    }
}

static inline void tuya_add_key(struct tuya_feed *feed, const char *id, const char *key)
{
    struct wtr_buffer name = {0}, origin = {0};
    wtr_put_z(&name, "tuya ");
    wtr_put_z(&name, id);
    wtr_put(&name, "", 1);
    wtr_put_z(&origin, "keyring k, line ");
    wtr_put_uint(&origin, feed->keys.count + 1);
    wtr_put(&origin, "", 1);
    const struct wtr_key_entry entry = {WTR_KEY_TUYA, wtr_text_z(id), wtr_text_z(key), name.data,
                                        origin.data};
    tuya_must(wtr_keyring_add(&feed->keys, &entry));
    wtr_buffer_free(&name);
    wtr_buffer_free(&origin);
}

static inline void tuya_put_origin(struct wtr_buffer *out, struct wtr_origin origin)
{
    wtr_put_z(out, " @");
    wtr_put_uint(out, origin.offset);
    wtr_put_char(out, '+');
    wtr_put_uint(out, origin.length);
}

static inline void tuya_put_message(struct tuya_feed *feed, const struct wtr_message *m)
{
    struct wtr_buffer *out = &feed->out;
    struct wtr_json_writer json = {.out = out};
    wtr_put_z(out, m->type);
    wtr_put_z(out, m->direction == WTR_FROM_CLIENT ? " > " : " < ");
    wtr_json_begin_object(&json);
    m->protocol->fields(m, &json);
    wtr_json_end_object(&json);
    if (m->span.opening) {
        wtr_put_char(out, ' ');
        wtr_put_z(out, m->span.opening->steps);
        wtr_put_z(out, " key=");
        wtr_put_z(out, m->span.opening->key);
        wtr_put_z(out, " from=");
        wtr_put_z(out, m->span.opening->key_origin);
    }
    tuya_put_origin(out, wtr_span_locate(&m->span, 0, m->span.length));
    wtr_put_z(out, " of ");
    wtr_put_uint(out, m->span.piece_count);
    if (m->exchange) {
        wtr_put_z(out, " exchange ");
        wtr_put_uint(out, m->exchange);
    }
    wtr_put_char(out, '\n');
}

static inline void tuya_on_message(void *payload, const struct wtr_message *m)
{
    struct tuya_feed *feed = payload;
    size_t at = 0;
    for (size_t i = 0; i < m->span.piece_count; i++) {
        tuya_must(m->span.pieces[i].at == at && m->span.pieces[i].length > 0);
        at += m->span.pieces[i].length;
    }
    tuya_must(m->span.opening || at == m->span.length);
    if (feed->hear)
        feed->hear(feed, m);
    else
        tuya_put_message(feed, m);
}

static inline void tuya_on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                                   const char *reason)
{
    struct tuya_feed *feed = payload;
    tuya_must(at <= span->length && length <= span->length - at);
    wtr_put_z(&feed->out, "finding");
    tuya_put_origin(&feed->out, wtr_span_locate(span, at, length));
    wtr_put_char(&feed->out, ' ');
    wtr_put_z(&feed->out, reason);
    wtr_put_char(&feed->out, '\n');
}

static inline void tuya_open(struct tuya_feed *feed, bool mid_stream)
{
    const struct wtr_session_setup setup = {.mid_stream = mid_stream, .keys = &feed->keys};
    feed->session = calloc(1, wtr_tuya_local.session_size);
    tuya_must(feed->session != NULL);
    wtr_tuya_local.open(feed->session, &setup);
}

static inline void tuya_discard(struct tuya_side *s, size_t used)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->piece_count; i++) {
        struct wtr_piece p = s->pieces[i];
        size_t cut = p.at < used ? used - p.at : 0;
        if (cut >= p.length)
            continue;
        s->pieces[kept++] = (struct wtr_piece){p.at + cut - used, p.length - cut, p.offset + cut,
                                               p.record_offset,   p.frame,        p.time_ns};
    }
    s->piece_count = kept;
    if (used < s->unread.length)
        memmove(s->unread.data, s->unread.data + used, s->unread.length - used);
    s->unread.length -= used;
}

/* Adds a segment; returns the lines that it makes, good until the next call. The unread bytes are handed on
 * in a block of exactly their length. */
static inline const char *tuya_bytes(struct tuya_feed *feed, enum wtr_direction direction, const void *bytes,
                                     size_t length)
{
    struct tuya_side *s = &feed->side[direction];
    struct wtr_sink sink = {.payload = feed, .message = tuya_on_message, .finding = tuya_on_finding};
    uint64_t n = ++feed->segments;
    wtr_buffer_clear(&feed->out);
    tuya_must(s->piece_count < 256);
    if (length > 0)
        s->pieces[s->piece_count++] =
            (struct wtr_piece){s->unread.length, length, n * 1000, n * 1000 - 70, n, (int64_t)n * 1000000000};
    wtr_put(&s->unread, bytes, length);
    if (s->unread.length >= s->need) {
        uint8_t *exact = malloc(s->unread.length + 1);
        tuya_must(exact != NULL);
        if (s->unread.length > 0)
            memcpy(exact + 1, s->unread.data, s->unread.length);
        const struct wtr_span span = {exact + 1, s->unread.length, s->pieces, s->piece_count, NULL};
        size_t used = wtr_tuya_local.stream(feed->session, direction, &span, &s->need, &sink);
        tuya_must(used <= span.length && (s->need == 0 || s->need > span.length - used));
        free(exact);
        tuya_discard(s, used);
    }
    wtr_put(&feed->out, "", 1);
    return feed->out.data;
}

static inline const char *tuya_hex(struct tuya_feed *feed, enum wtr_direction direction, const char *hex)
{
    struct wtr_buffer bytes = {0};
    tuya_unhex(hex, &bytes);
    const char *lines = tuya_bytes(feed, direction, bytes.data, bytes.length);
    wtr_buffer_free(&bytes);
    return lines;
}

static inline void tuya_lose(struct tuya_feed *feed, enum wtr_direction direction)
{
    struct tuya_side *s = &feed->side[direction];
    s->unread.length = s->piece_count = s->need = 0;
    wtr_tuya_local.gap(feed->session, direction, 0);
}

static inline void tuya_close(struct tuya_feed *feed)
{
    if (feed->session)
        wtr_tuya_local.close(feed->session);
    free(feed->session);
    wtr_keyring_free(&feed->keys);
    for (size_t i = 0; i < 2; i++)
        wtr_buffer_free(&feed->side[i].unread);
    wtr_buffer_free(&feed->out);
    *feed = (struct tuya_feed){0};
}

#endif
