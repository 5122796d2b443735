/* SPDX-License-Identifier: Apache-2.0 */
/* The books of what the flow engine delivers, for inputs that nobody wrote by hand. Whatever the segments
 * were: the bytes of a stream come in order, each once, without a hole but those told as gaps; each is the
 * byte of the file that its piece names, with the sequence number that its place asks for; and what is called
 * repeated or altered is. */
#ifndef TEST_FLOW_LEDGER_H
#define TEST_FLOW_LEDGER_H

#include "flow_script.h"

#ifndef LEDGER_PLACES /* bytes of a direction that are kept account of */
#define LEDGER_PLACES (1 << 13)
#endif
enum { LEDGER_BOOKS = 4 };

enum ledger_kind { LEDGER_NONE, LEDGER_READ, LEDGER_LOST };

/* One direction of the flow that was claimed last. */
struct ledger_side {
    bool based;    /* `base` is known */
    uint32_t base; /* sequence number of place 0 */
    uint64_t next;
    uint64_t unread_from; /* the last bytes that were told to go unread */
    uint8_t kind[LEDGER_PLACES];
    uint8_t byte[LEDGER_PLACES];
    uint64_t
        frame[LEDGER_PLACES]; /* READ: the frame that it came in; LOST: the frame at which it was given up */
};

/* The flow of one client port that was claimed last. */
struct ledger_book {
    bool claimed; /* and is not closed */
    unsigned closings;
    uint64_t id;
    uint64_t claimed_frame; /* the frames at which it was claimed and closed */
    uint64_t closed_frame;
    struct ledger_side side[2];
};

struct ledger {
    struct script *script;
    uint32_t *seq; /* of each byte of the file that is payload */
    uint8_t *from;
    size_t capacity;
    uint64_t flows;
    uint64_t closed;
    uint64_t gaps;
    uint64_t lost_bytes;
    uint64_t repeated_bytes;
    struct ledger_book book[LEDGER_BOOKS]; /* client ports from 40000 on */
};

static inline struct ledger_book *ledger_book(struct ledger *l, const struct wtr_flow_view *flow)
{
    for (int end = 0; end < 2; end++)
        if (flow->end[end].port >= 40000 && flow->end[end].port < 40000 + LEDGER_BOOKS)
            return &l->book[flow->end[end].port - 40000];
    HOLD(false);
    return NULL;
}

/* The book of a flow that is claimed. */
static inline struct ledger_book *ledger_open_book(struct ledger *l, const struct wtr_flow_view *flow)
{
    struct ledger_book *book = flow->user;
    HOLD(book == ledger_book(l, flow) && book->claimed && book->id == flow->id);
    return book;
}

/* The end that sent what the engine calls that direction. */
static inline unsigned ledger_end(const struct wtr_flow_view *flow, enum wtr_direction direction)
{
    return flow->end[direction].port >= 40000 ? CLIENT : SERVER;
}

/* The byte at `offset` of the file stands at `place`: its sequence number must fit. */
static inline void ledger_fits(const struct ledger *l, struct ledger_side *side, unsigned end, uint64_t place,
                               uint64_t offset)
{
    HOLD(offset < l->script->file_length && l->from[offset] == end);
    if (!side->based) {
        side->based = true;
        side->base = l->seq[offset] - (uint32_t)place;
    }
    HOLD(l->seq[offset] == side->base + (uint32_t)place);
}

/* Bytes that were handed out, read or not. */
static inline void ledger_take(struct ledger *l, struct ledger_book *book, unsigned end, uint64_t place,
                               const struct wtr_span *span)
{
    struct ledger_side *side = &book->side[end];
    HOLD(span_is_true(l->script, span) && span->length > 0);
    HOLD(place == side->next);
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_piece *piece = &span->pieces[i];
        for (size_t k = 0; k < piece->length; k++) {
            uint64_t at = place + piece->at + k;
            ledger_fits(l, side, end, at, piece->offset + k);
            if (at >= LEDGER_PLACES)
                continue;
            HOLD(side->kind[at] == LEDGER_NONE);
            side->kind[at] = LEDGER_READ;
            side->byte[at] = span->bytes[piece->at + k];
            side->frame[at] = piece->frame;
        }
    }
    side->next += span->length;
}

static inline void ledger_claimed(void *payload, struct wtr_flow_view *flow)
{
    struct ledger *l = payload;
    struct ledger_book *book = ledger_book(l, flow);
    HOLD(!book->claimed && flow->id == ++l->flows);
    memset(book, 0, sizeof *book);
    book->claimed = true;
    book->id = flow->id;
    book->claimed_frame = l->script->frame;
    flow->user = book;
}

static inline void ledger_message(void *payload, struct wtr_flow_view *flow,
                                  const struct wtr_message *message)
{
    struct ledger *l = payload;
    ledger_take(l, ledger_open_book(l, flow), ledger_end(flow, message->direction),
                wtr_flows_stream_place(l->script->flows), &message->span);
}

/* The stand-in protocol has none of its own: bytes go unread. Which direction it was, their origin tells. */
static inline void ledger_finding(void *payload, struct wtr_flow_view *flow, const struct wtr_span *span,
                                  size_t at, size_t length, const char *reason)
{
    static struct wtr_piece pieces[4096];
    struct ledger *l = payload;
    struct ledger_book *book = ledger_open_book(l, flow);
    HOLD(reason != NULL && length > 0 && at + length == span->length && span_is_true(l->script, span));
    struct wtr_origin origin = wtr_span_locate(span, at, length);
    unsigned end = l->from[origin.offset];
    uint64_t place = wtr_flows_stream_place(l->script->flows) + at;
    struct wtr_span part = {.bytes = span->bytes + at, .length = length, .pieces = pieces};
    HOLD(wtr_pieces_of(span, at, span->length, NULL) <= sizeof pieces / sizeof *pieces);
    part.piece_count = wtr_pieces_of(span, at, span->length, pieces);
    ledger_take(l, book, end, place, &part);
    book->side[end].unread_from = place;
}

static inline void ledger_gap(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction,
                              uint64_t missing, const struct wtr_origin *after)
{
    struct ledger *l = payload;
    struct ledger_side *side = &ledger_open_book(l, flow)->side[ledger_end(flow, direction)];
    uint64_t place = wtr_flows_stream_place(l->script->flows);
    HOLD(missing > 0 && after->frame > 0 && after->frame <= l->script->frame);
    l->gaps++;
    l->lost_bytes += missing;
    if (place < side->next) { /* no room: what was just told to go unread */
        HOLD(place == side->unread_from && place + missing == side->next);
        return;
    }
    HOLD(place == side->next);
    for (uint64_t at = place; at < place + missing && at < LEDGER_PLACES; at++) {
        HOLD(side->kind[at] == LEDGER_NONE);
        side->kind[at] = LEDGER_LOST;
        side->frame[at] = l->script->frame;
    }
    side->next += missing;
}

/* How many of the bytes that came again are those that stand there. */
static inline uint32_t ledger_same(struct ledger *l, struct ledger_side *side, unsigned end, uint64_t at,
                                   const struct wtr_origin *again)
{
    uint32_t same = 0;
    HOLD(again->length > 0);
    for (uint32_t k = 0; k < again->length; k++) {
        ledger_fits(l, side, end, at + k, again->offset + k);
        if (at + k >= LEDGER_PLACES || side->kind[at + k] != LEDGER_READ) {
            same++; /* not handed out yet */
            continue;
        }
        HOLD(side->frame[at + k] != again->frame);
        same += side->byte[at + k] == l->script->file[again->offset + k];
    }
    return same;
}

static inline void ledger_repeated(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction,
                                   uint64_t at, const struct wtr_origin *again)
{
    struct ledger *l = payload;
    unsigned end = ledger_end(flow, direction);
    HOLD(ledger_same(l, &ledger_open_book(l, flow)->side[end], end, at, again) == again->length);
    l->repeated_bytes += again->length;
}

static inline void ledger_altered(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction,
                                  const struct wtr_origin *again)
{
    struct ledger *l = payload;
    unsigned end = ledger_end(flow, direction);
    struct ledger_side *side = &ledger_open_book(l, flow)->side[end];
    uint64_t at = wtr_flows_stream_place(l->script->flows);
    uint32_t same = ledger_same(l, side, end, at, again);
    if (at + again->length <= LEDGER_PLACES && side->kind[at] == LEDGER_READ)
        HOLD(same < again->length && side->byte[at] != l->script->file[again->offset]);
}

static inline void ledger_closing(void *payload, struct wtr_flow_view *flow, enum wtr_direction by,
                                  bool reset, const struct wtr_origin *origin)
{
    (void)reset;
    HOLD(++ledger_open_book(payload, flow)->closings == 1);
    HOLD(flow->closed_by == (int)by && origin->frame > 0);
}

static inline void ledger_closed(void *payload, struct wtr_flow_view *flow)
{
    struct ledger *l = payload;
    struct ledger_book *book = ledger_open_book(l, flow);
    HOLD(flow->end_reason != WTR_FLOW_OPEN);
    HOLD(flow->first_ns <= flow->last_ns && flow->last_ns >= flow->last_from_ns[0] &&
         flow->last_ns >= flow->last_from_ns[1]);
    book->claimed = false;
    book->closed_frame = l->script->frame;
    l->closed++;
}

/* For the next run; a book is cleared when a flow is claimed. */
static inline void ledger_clear(struct ledger *l)
{
    l->flows = l->closed = l->gaps = l->lost_bytes = l->repeated_bytes = 0;
    for (int i = 0; i < LEDGER_BOOKS; i++)
        l->book[i].claimed = false;
}

/* `l` is cleared, and `s` zeroed but for the limits and the block. The server's port is below 40000. */
static inline void ledger_begin(struct ledger *l, struct script *s)
{
    static const struct wtr_protocol *const protocols[] = {&block_protocol, NULL};
    script_begin(s);
    s->flows->decoders.protocols = protocols;
    l->script = s;
    s->flows->events = (struct wtr_flow_events){
        .payload = l,
        .claimed = ledger_claimed,
        .message = ledger_message,
        .finding = ledger_finding,
        .gap = ledger_gap,
        .repeated = ledger_repeated,
        .altered = ledger_altered,
        .closing = ledger_closing,
        .closed = ledger_closed,
    };
}

static inline void ledger_send(struct ledger *l, int from, uint32_t seq, uint32_t ack, uint8_t flags,
                               const uint8_t *bytes, uint32_t length)
{
    struct script *s = l->script;
    size_t at = s->file_length + SCRIPT_RECORD + SCRIPT_HEADERS;
    if (at + length > l->capacity) {
        l->capacity = (at + length) * 2;
        l->seq = realloc(l->seq, l->capacity * sizeof *l->seq);
        l->from = realloc(l->from, l->capacity);
        HOLD(l->seq != NULL && l->from != NULL);
    }
    uint32_t first = seq + ((flags & WTR_TCP_SYN) != 0);
    for (uint32_t i = 0; i < length; i++) {
        l->seq[at + i] = first + i;
        l->from[at + i] = (uint8_t)from;
    }
    raw_segment(s, from, seq, ack, flags, bytes, length);
    size_t limit = s->flows->limits.total_buffer;
    HOLD(s->flows->pool.held <= limit);
}

static inline void ledger_end_of_capture(struct ledger *l)
{
    struct script *s = l->script;
    wtr_flows_finish(s->flows);
    struct wtr_flow_counts counts = wtr_flows_counts(s->flows);
    HOLD(l->closed == l->flows && s->flows->pool.held == 0);
    HOLD(counts.claimed == l->flows && counts.gaps == l->gaps && counts.lost_bytes == l->lost_bytes);
    HOLD(counts.flows >= counts.claimed && counts.peak_flows >= (counts.flows > 0));
}

static inline void ledger_free(struct ledger *l)
{
    script_end(l->script);
    free(l->seq);
    free(l->from);
    l->seq = NULL;
    l->from = NULL;
    l->capacity = 0;
}

#endif
