/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that came again: retransmissions, copies made by the capture, and attempts to say something else in
 * the same place. Only what was compared byte by byte is told; what is not remembered any more is passed
 * over. */
#include "packet/stream_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_RUNS = 1024 }; /* of remembered bytes that are looked at for one segment */

/* Equal bytes that came again before the reader was done with the first ones. */
struct wtr_echo {
    struct wtr_echo *next;
    int64_t place;
    int64_t end;
    struct wtr_origin again;
};

static int64_t read_up_to(const struct wtr_stream *stream)
{
    return stream->place - (int64_t)stream->unread.length;
}

static bool put_off(struct wtr_stream *stream, int64_t place, int64_t end, const struct wtr_origin *again)
{
    if (stream->echo_count >= WTR_STREAM_MAX_ECHOES || stream->held + sizeof(struct wtr_echo) > stream->limit)
        return false;
    struct wtr_echo *echo = malloc(sizeof *echo);
    if (!echo)
        return false;
    *echo = (struct wtr_echo){.place = place, .end = end, .again = *again};
    struct wtr_echo **link = &stream->echoes;
    while (*link)
        link = &(*link)->next;
    *link = echo;
    stream->echo_count++;
    wtr_stream_hold(stream, sizeof *echo);
    return true;
}

static void tell_repeated(struct wtr_stream *stream, int64_t place, int64_t end,
                          const struct wtr_origin *again)
{
    if (end <= read_up_to(stream) || !put_off(stream, place, end, again))
        stream->reader->repeated(stream->owner, stream, place, again);
}

static void take_out(struct wtr_stream *stream, struct wtr_echo **link)
{
    struct wtr_echo *echo = *link;
    *link = echo->next;
    stream->echo_count--;
    wtr_stream_release(stream, sizeof *echo);
    free(echo);
}

void wtr_stream_tell_echoes(struct wtr_stream *stream)
{
    struct wtr_echo **link = &stream->echoes;
    while (*link) {
        if ((*link)->end > read_up_to(stream)) {
            link = &(*link)->next;
            continue;
        }
        stream->reader->repeated(stream->owner, stream, (*link)->place, &(*link)->again);
        take_out(stream, link);
    }
}

void wtr_stream_forget_echoes(struct wtr_stream *stream)
{
    while (stream->echoes)
        take_out(stream, &stream->echoes);
}

/* A comparison under way: neighbouring bytes with the same outcome are told of as one. They come from the
 * highest place down. */
struct comparison {
    struct wtr_stream *stream;
    const struct wtr_segment *segment;
    int64_t start; /* the place of the segment's first byte */
    bool open;     /* `from`, `to` and `altered` are set */
    bool altered;
    int64_t from;
    int64_t to;
    unsigned result;
};

static void tell(struct comparison *c)
{
    if (!c->open)
        return;
    c->open = false;
    const struct wtr_span *payload = c->segment->payload;
    size_t at = (size_t)(c->from - c->start);
    size_t length = (size_t)(c->to - c->from);
    size_t parts = wtr_span_parts(payload, at, length);
    int64_t place = c->from;
    for (size_t k = 0; k < parts; k++) {
        struct wtr_origin again = wtr_span_part(payload, at, length, k);
        if (c->altered)
            c->stream->reader->altered(c->stream->owner, c->stream, place, &again);
        else
            tell_repeated(c->stream, place, place + again.length, &again);
        place += again.length;
    }
}

static void note(struct comparison *c, int64_t from, int64_t to, bool altered)
{
    if (from >= to)
        return;
    if (c->open && c->altered == altered && c->from == to) {
        c->from = from;
        return;
    }
    tell(c);
    c->open = true;
    c->altered = altered;
    c->from = from;
    c->to = to;
    if (altered)
        c->result |= WTR_SEGMENT_ALTERED;
}

/* Compares the segment's bytes from `from` to `to` with those that stand there. What differs is told from its
 * first byte to its last. */
static void compare(struct comparison *c, int64_t from, int64_t to, const uint8_t *stands)
{
    const uint8_t *again = c->segment->payload->bytes + (from - c->start);
    size_t length = (size_t)(to - from);
    if (memcmp(stands, again, length) == 0) {
        note(c, from, to, false);
        return;
    }
    size_t first = 0;
    while (stands[first] == again[first])
        first++;
    size_t last = length;
    while (stands[last - 1] == again[last - 1])
        last--;
    note(c, from + (int64_t)last, to, false);
    note(c, from + (int64_t)first, from + (int64_t)last, true);
    note(c, from, from + (int64_t)first, false);
}

unsigned wtr_stream_compare_delivered(struct wtr_stream *stream, const struct wtr_segment *segment,
                                      int64_t start, int64_t from, int64_t to)
{
    if (!stream->followed || !stream->pool->recall)
        return WTR_SEGMENT_OLD;
    struct comparison c = {.stream = stream, .segment = segment, .start = start, .result = WTR_SEGMENT_OLD};
    uint64_t mark = stream->recalled;
    struct wtr_recall_run run;
    for (int i = 0; i < MOST_RUNS && wtr_recall_back(stream->pool->recall, &mark, &run); i++) {
        int64_t begin = run.place > from ? run.place : from;
        int64_t end = run.place + (int64_t)run.length < to ? run.place + (int64_t)run.length : to;
        if (begin < end)
            compare(&c, begin, end, run.bytes + (begin - run.place));
        if (run.place <= from)
            break;
    }
    tell(&c);
    return c.result;
}

unsigned wtr_stream_compare_waiting(struct wtr_stream *stream, const struct wtr_segment *segment,
                                    int64_t start, const struct wtr_waiting *waiting, int64_t from,
                                    int64_t to)
{
    if (!stream->followed)
        return WTR_SEGMENT_OLD;
    struct comparison c = {.stream = stream, .segment = segment, .start = start, .result = WTR_SEGMENT_OLD};
    compare(&c, from, to, wtr_waiting_span(waiting).bytes + (from - waiting->place));
    tell(&c);
    return c.result;
}
