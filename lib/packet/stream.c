/* SPDX-License-Identifier: Apache-2.0 */
/* Order, holes and bounds of one direction. What came again is judged in stream_again.c. */
#include "packet/stream_internal.h"

#include <stdlib.h>
#include <string.h>

uint64_t wtr_elapsed(int64_t then, int64_t now)
{
    return now > then ? (uint64_t)now - (uint64_t)then : 0;
}

void wtr_stream_init(struct wtr_stream *stream, const struct wtr_stream_reader *reader, void *owner,
                     struct wtr_stream_pool *pool, size_t limit)
{
    *stream = (struct wtr_stream){.reader = reader, .owner = owner, .pool = pool, .limit = limit};
}

void wtr_stream_start(struct wtr_stream *stream, uint32_t seq, bool from_syn)
{
    stream->known = true;
    stream->from_syn = from_syn;
    stream->next = seq;
}

int64_t wtr_stream_place_of(const struct wtr_stream *stream, uint32_t seq)
{
    return stream->place + (int32_t)(seq - stream->next);
}

bool wtr_stream_is_far(const struct wtr_stream *stream, uint32_t seq)
{
    uint32_t ahead = seq - stream->next;
    return ahead > WTR_STREAM_WINDOW && ahead < (uint32_t)0 - WTR_STREAM_WINDOW;
}

/* ---- memory ---- */

void wtr_stream_hold(struct wtr_stream *stream, size_t cost)
{
    stream->held += cost;
    stream->pool->held += cost;
}

void wtr_stream_release(struct wtr_stream *stream, size_t cost)
{
    stream->held -= cost;
    stream->pool->held -= cost;
}

static void free_unread(struct wtr_stream *stream)
{
    wtr_stream_release(stream, wtr_unread_cost(&stream->unread));
    wtr_unread_free(&stream->unread);
    stream->need = 0;
}

static bool keep_unread(struct wtr_stream *stream, const struct wtr_span *span, size_t from)
{
    size_t before = wtr_unread_cost(&stream->unread);
    size_t others = stream->held - before;
    size_t room = stream->limit > others ? stream->limit - others : 0;
    bool kept = wtr_unread_append(&stream->unread, span, from, room);
    wtr_stream_release(stream, before);
    wtr_stream_hold(stream, wtr_unread_cost(&stream->unread));
    return kept;
}

static size_t cost_of_waiting(const struct wtr_waiting *waiting)
{
    return sizeof *waiting + waiting->length + waiting->piece_count * sizeof(struct wtr_piece);
}

static void free_waiting(struct wtr_stream *stream, struct wtr_waiting *waiting)
{
    wtr_stream_release(stream, cost_of_waiting(waiting));
    free(waiting);
}

void wtr_stream_clear(struct wtr_stream *stream)
{
    while (stream->waiting) {
        struct wtr_waiting *waiting = stream->waiting;
        stream->waiting = waiting->next;
        free_waiting(stream, waiting);
    }
    stream->waiting_last = NULL;
    stream->waiting_count = 0;
    free_unread(stream);
    wtr_stream_forget_echoes(stream);
}

/* ---- to the reader ---- */

static struct wtr_origin origin_of(const struct wtr_span *span)
{
    return wtr_span_locate(span, 0, span->length);
}

static void lose(struct wtr_stream *stream, int64_t place, uint64_t missing, const struct wtr_origin *after)
{
    stream->lost_within = missing > 0 && missing <= stream->pass;
    stream->pass -= stream->lost_within ? missing : stream->pass;
    stream->reader->lost(stream->owner, stream, place, missing, after);
}

/* Gives up the span's bytes from `at` on, the last of which stands before `end`: there is no room for them.
 */
static void give_up(struct wtr_stream *stream, int64_t end, const struct wtr_span *span, size_t at)
{
    size_t length = span->length - at;
    struct wtr_origin last = wtr_span_locate(span, span->length - 1, 1);
    stream->pool->overflowed++;
    stream->reader->unreadable(stream->owner, stream, end - (int64_t)span->length, span, at,
                               "no room to wait for the message's end");
    stream->giving_up = true;
    lose(stream, end - (int64_t)length, length, &last);
    stream->giving_up = false;
    free_unread(stream);
}

void wtr_stream_drop_unread(struct wtr_stream *stream)
{
    struct wtr_span unread = wtr_unread_span(&stream->unread);
    if (unread.length > 0)
        give_up(stream, stream->place, &unread, 0);
    wtr_stream_tell_echoes(stream);
}

/* Nothing is unread: the reader gets the span as it is. */
static void feed(struct wtr_stream *stream, const struct wtr_span *span)
{
    size_t need = 0;
    size_t used = stream->reader->read(stream->owner, stream, span, &need);
    if (used >= span->length) {
        stream->pass = used - span->length;
        return;
    }
    stream->need = need;
    if (!keep_unread(stream, span, used))
        give_up(stream, stream->place, span, used);
}

void wtr_stream_read_again(struct wtr_stream *stream)
{
    if (stream->unread.length == 0)
        return;
    struct wtr_span unread = wtr_unread_span(&stream->unread);
    stream->need = 0;
    size_t used = stream->reader->read(stream->owner, stream, &unread, &stream->need);
    if (used >= unread.length) {
        stream->pass = used - unread.length;
        free_unread(stream);
    } else {
        wtr_unread_discard(&stream->unread, used);
    }
}

void wtr_stream_tell_end(struct wtr_stream *stream)
{
    bool whole = stream->ended && !stream->waiting && stream->place >= stream->end;
    if (!whole || !stream->followed || stream->end_told || stream->unread.length == 0)
        return;
    struct wtr_span unread = wtr_unread_span(&stream->unread);
    stream->end_told = true;
    size_t used = stream->reader->ended(stream->owner, stream, &unread);
    if (used >= unread.length)
        free_unread(stream);
    else
        wtr_unread_discard(&stream->unread, used);
    wtr_stream_tell_echoes(stream);
}

/* The bytes of the span from `begin` to `end`, whose pieces are valid until the next call. */
static bool cut(struct wtr_stream_pool *pool, const struct wtr_span *whole, size_t begin, size_t end,
                struct wtr_span *part)
{
    size_t count = wtr_pieces_of(whole, begin, end, NULL);
    if (count > pool->slice_capacity) {
        struct wtr_piece *more = realloc(pool->slice, count * sizeof *more);
        if (!more) {
            pool->overflowed++;
            return false;
        }
        pool->slice = more;
        pool->slice_capacity = count;
    }
    wtr_pieces_of(whole, begin, end, pool->slice); /* which may be the whole's: pieces move to the front */
    *part = (struct wtr_span){whole->bytes + begin, end - begin, pool->slice, count, NULL};
    return true;
}

/* Passes over bytes at `place`; false if the span has no more, else `rest` is what is left of it. */
static bool pass_over(struct wtr_stream *stream, const struct wtr_span *span, struct wtr_span *rest)
{
    size_t passed = stream->pass < span->length ? (size_t)stream->pass : span->length;
    stream->pass -= passed;
    stream->place += (int64_t)passed;
    stream->next += (uint32_t)passed;
    return passed < span->length && cut(stream->pool, span, passed, span->length, rest);
}

/* Takes the bytes at `place`. */
static void deliver(struct wtr_stream *stream, const struct wtr_span *span)
{
    struct wtr_span rest;
    if (stream->pass > 0) {
        if (!pass_over(stream, span, &rest))
            return;
        span = &rest;
    }
    if (stream->followed && stream->pool->recall)
        wtr_recall_keep(stream->pool->recall, &stream->recalled, stream->place, span->bytes, span->length);
    stream->place += (int64_t)span->length;
    stream->next += (uint32_t)span->length;
    if (stream->unread.length > 0) {
        if (keep_unread(stream, span, 0)) {
            if (stream->unread.length >= stream->need)
                wtr_stream_read_again(stream);
            wtr_stream_tell_echoes(stream);
            return;
        }
        struct wtr_span unread = wtr_unread_span(&stream->unread);
        give_up(stream, stream->place - (int64_t)span->length, &unread, 0);
    }
    feed(stream, span);
    wtr_stream_tell_echoes(stream);
}

/* ---- holes ---- */

/* Delivers what waits at `place`. */
static void drain(struct wtr_stream *stream)
{
    while (stream->waiting && stream->waiting->place == stream->place) {
        struct wtr_waiting *waiting = stream->waiting;
        stream->waiting = waiting->next;
        if (!stream->waiting)
            stream->waiting_last = NULL;
        stream->waiting_count--;
        struct wtr_span span = wtr_waiting_span(waiting);
        deliver(stream, &span);
        free_waiting(stream, waiting);
    }
}

static void tell_unread(struct wtr_stream *stream, const char *reason)
{
    struct wtr_span unread = wtr_unread_span(&stream->unread);
    stream->reader->unreadable(stream->owner, stream, stream->place - (int64_t)unread.length, &unread, 0,
                               reason);
}

/* Gives up the bytes from `place` on, as many as `missing`. */
static void skip(struct wtr_stream *stream, uint64_t missing, const struct wtr_origin *after)
{
    if (stream->unread.length > 0)
        tell_unread(stream, "the message's end was lost");
    free_unread(stream);
    lose(stream, stream->place, missing, after);
    stream->place += (int64_t)missing;
    stream->next += (uint32_t)missing;
    wtr_stream_tell_echoes(stream);
}

static void skip_hole(struct wtr_stream *stream)
{
    struct wtr_span span = wtr_waiting_span(stream->waiting);
    struct wtr_origin after = origin_of(&span);
    skip(stream, (uint64_t)(stream->waiting->place - stream->place), &after);
    drain(stream);
}

void wtr_stream_skip_holes(struct wtr_stream *stream)
{
    while (stream->waiting)
        skip_hole(stream);
}

static bool hole_is_certain(struct wtr_stream *stream, int64_t now, int64_t other_ns)
{
    const struct wtr_waiting *behind = stream->waiting;
    if (stream->acked < behind->place) {
        stream->hole_is_lost = false;
        return other_ns <= behind->since_ns &&
               wtr_elapsed(behind->since_ns, now) >= (uint64_t)WTR_STREAM_LOST_UNHEARD_NS;
    }
    if (!stream->hole_is_lost) {
        stream->hole_is_lost = true;
        stream->lost_since_segment = stream->segments;
        stream->lost_since_ns = now;
    }
    uint64_t segment = stream->lost_since_segment;
    if (segment < behind->since_segment)
        segment = behind->since_segment;
    int64_t since = stream->lost_since_ns > behind->since_ns ? stream->lost_since_ns : behind->since_ns;
    uint64_t later = stream->segments - segment;
    return later >= WTR_STREAM_LOST_SEGMENTS || (later >= WTR_STREAM_LOST_SEGMENTS_WITH_TIME &&
                                                 wtr_elapsed(since, now) >= (uint64_t)WTR_STREAM_LOST_NS);
}

void wtr_stream_give_up_holes(struct wtr_stream *stream, int64_t now, int64_t other_ns)
{
    while (stream->waiting && hole_is_certain(stream, now, other_ns))
        skip_hole(stream);
}

int64_t wtr_stream_known_end(const struct wtr_stream *stream)
{
    if (stream->ended)
        return stream->end;
    return stream->sent > stream->acked ? stream->sent : stream->acked;
}

void wtr_stream_finish(struct wtr_stream *stream)
{
    wtr_stream_skip_holes(stream);
    wtr_stream_tell_end(stream);
    int64_t known = wtr_stream_known_end(stream);
    if (!stream->ended && stream->acked == stream->place + 1 && stream->sent <= stream->place)
        known = stream->place; /* what was acknowledged may be a FIN, which counts as one */
    if (stream->known && known > stream->place) {
        skip(stream, (uint64_t)(known - stream->place), &stream->beyond);
    } else if (stream->unread.length > 0) {
        tell_unread(stream, "the stream ends within a message");
    }
    free_unread(stream);
    wtr_stream_tell_echoes(stream);
}

bool wtr_stream_is_whole(const struct wtr_stream *stream)
{
    return !stream->waiting && stream->place >= (stream->ended ? stream->end : stream->sent);
}

/* ---- segments ---- */

struct intake {
    struct wtr_stream *stream;
    const struct wtr_segment *segment;
    int64_t from; /* the place of the segment's first byte */
    unsigned result;
};

/* Part of the segment's payload, whose pieces are valid until the next call. */
static bool slice(const struct intake *in, int64_t from, int64_t to, struct wtr_span *part)
{
    const struct wtr_span *whole = in->segment->payload;
    size_t begin = (size_t)(from - in->from);
    size_t end = (size_t)(to - in->from);
    *part = *whole;
    return (begin == 0 && end == whole->length) || cut(in->stream->pool, whole, begin, end, part);
}

/* Takes the bytes at `place`, up to what waits already. */
static int64_t take(struct intake *in, int64_t to)
{
    struct wtr_stream *stream = in->stream;
    int64_t end = stream->waiting && stream->waiting->place < to ? stream->waiting->place : to;
    struct wtr_span part;
    if (!slice(in, stream->place, end, &part))
        return to;
    in->result |= WTR_SEGMENT_NEW;
    deliver(stream, &part);
    if (stream->waiting && stream->waiting->place == stream->place)
        stream->hole_is_lost = false;
    drain(stream);
    return end;
}

static struct wtr_waiting *new_waiting(const struct intake *in, int64_t from, int64_t to)
{
    const struct wtr_span *payload = in->segment->payload;
    size_t begin = (size_t)(from - in->from);
    size_t length = (size_t)(to - from);
    size_t pieces = wtr_pieces_of(payload, begin, begin + length, NULL);
    struct wtr_waiting *waiting = malloc(sizeof *waiting + pieces * sizeof *waiting->pieces + length);
    if (!waiting)
        return NULL;
    *waiting = (struct wtr_waiting){
        .place = from,
        .length = length,
        .since_ns = in->segment->now,
        .since_segment = in->stream->segments,
        .piece_count = pieces,
    };
    wtr_pieces_of(payload, begin, begin + length, waiting->pieces);
    memcpy((uint8_t *)(waiting->pieces + pieces), payload->bytes + begin, length);
    return waiting;
}

static void insert(struct wtr_stream *stream, struct wtr_waiting **link, struct wtr_waiting *waiting)
{
    waiting->next = *link;
    *link = waiting;
    if (!waiting->next)
        stream->waiting_last = waiting;
    stream->waiting_count++;
    wtr_stream_hold(stream, cost_of_waiting(waiting));
}

/* Keeps the bytes that lie behind a hole, where no others wait yet. */
static void hold(struct intake *in, int64_t at, int64_t to)
{
    struct wtr_stream *stream = in->stream;
    struct wtr_waiting **link = &stream->waiting;
    if (stream->waiting_last && wtr_waiting_end(stream->waiting_last) <= at)
        link = &stream->waiting_last->next;
    while (at < to) {
        while (*link && wtr_waiting_end(*link) <= at)
            link = &(*link)->next;
        struct wtr_waiting *next = *link;
        if (next && next->place <= at) {
            int64_t end = wtr_waiting_end(next) < to ? wtr_waiting_end(next) : to;
            in->result |= wtr_stream_compare_waiting(stream, in->segment, in->from, next, at, end);
            at = end;
            continue;
        }
        int64_t end = next && next->place < to ? next->place : to;
        struct wtr_waiting *waiting = new_waiting(in, at, end);
        if (!waiting) {
            stream->pool->overflowed++;
            return;
        }
        insert(stream, link, waiting);
        in->result |= WTR_SEGMENT_NEW;
        at = end;
    }
}

static void keep_within_bounds(struct wtr_stream *stream)
{
    if (!stream->waiting ||
        (stream->held <= stream->limit && stream->waiting_count <= WTR_STREAM_MAX_WAITING))
        return;
    stream->pool->overflowed++;
    while (stream->waiting &&
           (stream->held > stream->limit || stream->waiting_count > WTR_STREAM_MAX_WAITING))
        skip_hole(stream);
}

static void note_beyond(struct wtr_stream *stream, int64_t *mark, int64_t place,
                        const struct wtr_origin *origin)
{
    if (place <= *mark)
        return;
    *mark = place;
    if (place > stream->place)
        stream->beyond = *origin;
}

/* Whether the byte was delivered, or waits behind every hole. */
static bool is_here(const struct wtr_stream *stream, int64_t place)
{
    return place < stream->place || (stream->waiting_last && stream->waiting_last->place <= place &&
                                     place < wtr_waiting_end(stream->waiting_last));
}

unsigned wtr_stream_add(struct wtr_stream *stream, const struct wtr_segment *segment)
{
    struct intake in = {.stream = stream, .segment = segment};
    in.from = wtr_stream_place_of(stream, segment->seq);
    int64_t wire_end = in.from + (int64_t)segment->length;
    if (segment->length <= 1 && in.from == stream->sent - 1 && is_here(stream, in.from))
        return 0; /* a keep-alive probe (RFC 9293 3.8.4) */
    if (wire_end <= stream->first || (stream->ended && in.from >= stream->end))
        return WTR_SEGMENT_OUTSIDE;
    stream->segments++;
    note_beyond(stream, &stream->sent, stream->ended && wire_end > stream->end ? stream->end : wire_end,
                &segment->origin);
    int64_t to = in.from + (int64_t)segment->payload->length;
    if (stream->ended && to > stream->end)
        to = stream->end;
    int64_t at = in.from > stream->first ? in.from : stream->first;
    while (at < to) {
        if (at < stream->place) {
            int64_t end = to < stream->place ? to : stream->place;
            in.result |= wtr_stream_compare_delivered(stream, segment, in.from, at, end);
            at = end;
        } else if (at == stream->place) {
            at = take(&in, to);
        } else {
            hold(&in, at, to);
            keep_within_bounds(stream);
            at = to;
        }
    }
    return in.result;
}

void wtr_stream_acknowledge(struct wtr_stream *stream, uint32_t ack, const struct wtr_origin *origin)
{
    if (stream->known && !wtr_stream_is_far(stream, ack))
        note_beyond(stream, &stream->acked, wtr_stream_place_of(stream, ack), origin);
}

void wtr_stream_sent(struct wtr_stream *stream, uint32_t seq, bool fin, const struct wtr_origin *origin)
{
    if (!stream->known || wtr_stream_is_far(stream, seq))
        return;
    int64_t place = wtr_stream_place_of(stream, seq);
    note_beyond(stream, &stream->sent, place, origin);
    if (!fin || stream->ended || place < stream->sent)
        return;
    stream->ended = true;
    stream->end = place;
}

void wtr_stream_follow(struct wtr_stream *stream, const struct wtr_span *unread, size_t limit)
{
    stream->followed = true;
    stream->limit = limit;
    stream->first = stream->place - (int64_t)unread->length;
    if (stream->pool->recall)
        wtr_recall_keep(stream->pool->recall, &stream->recalled, stream->first, unread->bytes,
                        unread->length);
}
