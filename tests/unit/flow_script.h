/* SPDX-License-Identifier: Apache-2.0 */
/* Connections played segment by segment, and what the flow engine makes of them written down as text, a line
 * an event, so that a test reads: this came, that was said.
 *
 * Two protocols stand in for the real ones. `line`: a message is '@', text and '\n'; after a gap it goes on
 * behind the next '\n'. `block`: it claims what starts with '#' and takes whatever comes, in runs of a fixed
 * number of bytes. Every span that they see is checked against the bytes of the file that the segments are
 * in. */
#ifndef TEST_FLOW_SCRIPT_H
#define TEST_FLOW_SCRIPT_H

#include "packet/flows_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef HOLD /* what a violated expectation does */
#include <criterion/criterion.h>
#define HOLD(condition) cr_assert(condition)
#endif

enum { SCRIPT_RECORD = 16, SCRIPT_HEADERS = 54, CLIENT = 0, SERVER = 1 };

struct script {
    struct wtr_flows *flows;
    struct wtr_flow_limits limits;
    uint8_t *file; /* every segment: SCRIPT_RECORD + SCRIPT_HEADERS bytes, then the payload */
    size_t file_length;
    size_t file_capacity;
    uint64_t frame;
    int64_t now;
    struct wtr_ip ip[2];
    uint16_t port[2];
    uint32_t isn[2];
    uint32_t acked[2]; /* what the other end has acknowledged of each end's bytes */
    uint32_t cut;      /* the capture keeps so many payload bytes at most */
    size_t block;      /* length of a block */
    char log[1 << 16];
    size_t log_length;
};

/* The script being played: protocols know no caller. */
static struct script *playing;

static inline void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void say(const char *format, ...)
{
    struct script *s = playing;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(s->log + s->log_length, sizeof s->log - s->log_length, format, arguments);
    va_end(arguments);
    if (length > 0 && s->log_length + (size_t)length < sizeof s->log)
        s->log_length += (size_t)length;
}

static inline char letter(enum wtr_direction direction)
{
    return direction == WTR_FROM_CLIENT ? 'c' : 's';
}

/* Whether the span's pieces cover it in order and name the very bytes. */
static inline bool span_is_true(const struct script *s, const struct wtr_span *span)
{
    size_t at = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_piece *p = &span->pieces[i];
        if (p->at != at || p->length == 0 || p->offset + p->length > s->file_length ||
            p->record_offset + SCRIPT_RECORD + SCRIPT_HEADERS > p->offset ||
            memcmp(s->file + p->offset, span->bytes + at, p->length) != 0)
            return false;
        uint64_t frame;
        memcpy(&frame, s->file + p->record_offset, sizeof frame);
        if (frame != p->frame)
            return false;
        at += p->length;
    }
    return at == span->length;
}

/* ---- the protocols ---- */

struct line_session {
    bool open;
    bool lost[2];
};

static inline enum wtr_bid line_probe(const struct wtr_probe *probe)
{
    if (probe->bytes[0] != '@')
        return WTR_BID_NONE;
    return memchr(probe->bytes, '\n', probe->length) ? WTR_BID_CERTAIN : WTR_BID_MORE;
}

static inline void line_open(void *session, const struct wtr_session_setup *setup)
{
    ((struct line_session *)session)->open = true;
    say("open %s\n", setup->mid_stream ? "mid-stream" : "at start");
}

static inline void line_close(void *session)
{
    HOLD(((struct line_session *)session)->open);
    say("close\n");
}

static inline size_t line_stream(void *session, enum wtr_direction direction, const struct wtr_span *unread,
                                 size_t *need, struct wtr_sink *sink);

static inline void line_gap(void *session, enum wtr_direction direction, uint64_t missing)
{
    (void)missing;
    ((struct line_session *)session)->lost[direction] = true;
}

static const uint16_t line_ports[] = {7777, 0};
static const struct wtr_protocol line_protocol = {
    .name = "line",
    .session_size = sizeof(struct line_session),
    .probe_stream = line_probe,
    .open = line_open,
    .close = line_close,
    .stream = line_stream,
    .gap = line_gap,
    .ports = line_ports,
};

static inline size_t line_stream(void *session, enum wtr_direction direction, const struct wtr_span *unread,
                                 size_t *need, struct wtr_sink *sink)
{
    struct line_session *line = session;
    HOLD(line->open && unread->length > 0);
    HOLD(span_is_true(playing, unread));
    size_t at = 0;
    const uint8_t *end;
    while (at < unread->length && (end = memchr(unread->bytes + at, '\n', unread->length - at)) != NULL) {
        size_t length = (size_t)(end - (unread->bytes + at)) + 1;
        struct wtr_span span = {.bytes = unread->bytes + at, .length = length};
        if (line->lost[direction]) {
            sink->finding(sink->payload, unread, at, length, "skipped");
        } else {
            struct wtr_message message = {
                .protocol = &line_protocol, .type = "line", .direction = direction, .span = span};
            sink->message(sink->payload, &message);
        }
        line->lost[direction] = false;
        at += length;
    }
    *need = 0;
    return at;
}

static inline enum wtr_bid block_probe(const struct wtr_probe *probe)
{
    return probe->bytes[0] == '#' ? WTR_BID_LIKELY : WTR_BID_NONE;
}

static inline void block_open(void *session, const struct wtr_session_setup *setup)
{
    *(uint8_t *)session = setup->mid_stream;
    say("open %s\n", setup->mid_stream ? "mid-stream" : "at start");
}

static inline void block_close(void *session)
{
    (void)session;
    say("close\n");
}

static inline void block_gap(void *session, enum wtr_direction direction, uint64_t missing)
{
    (void)session;
    (void)direction;
    (void)missing;
}

static inline size_t block_stream(void *session, enum wtr_direction direction, const struct wtr_span *unread,
                                  size_t *need, struct wtr_sink *sink);

static const struct wtr_protocol block_protocol = {
    .name = "block",
    .session_size = 1,
    .probe_stream = block_probe,
    .open = block_open,
    .close = block_close,
    .stream = block_stream,
    .gap = block_gap,
};

static inline size_t block_stream(void *session, enum wtr_direction direction, const struct wtr_span *unread,
                                  size_t *need, struct wtr_sink *sink)
{
    (void)session;
    HOLD(unread->length > 0);
    HOLD(span_is_true(playing, unread));
    static struct wtr_piece pieces[4096];
    size_t used = unread->length - unread->length % playing->block;
    *need = playing->block;
    if (used > 0) {
        HOLD(wtr_pieces_of(unread, 0, used, NULL) <= sizeof pieces / sizeof *pieces);
        size_t count = wtr_pieces_of(unread, 0, used, pieces);
        struct wtr_message message = {.protocol = &block_protocol,
                                      .type = "block",
                                      .direction = direction,
                                      .span = {unread->bytes, used, pieces, count, NULL}};
        sink->message(sink->payload, &message);
    }
    return used;
}

static const struct wtr_protocol *const script_protocols[] = {&line_protocol, &block_protocol, NULL};

/* ---- what the engine says ---- */

static inline void log_claimed(void *payload, struct wtr_flow_view *flow)
{
    (void)payload;
    HOLD(span_is_true(playing, &(struct wtr_span){0}));
    say("claimed %u%s%s\n", (unsigned)flow->id, flow->started ? " started" : "",
        flow->ends_guessed ? " guessed" : "");
    flow->user = playing;
}

static inline void log_message(void *payload, struct wtr_flow_view *flow, const struct wtr_message *message)
{
    HOLD(payload == playing && flow->user == playing);
    say("%c %u %.*s", letter(message->direction), (unsigned)wtr_flows_stream_place(playing->flows),
        (int)message->span.length, (const char *)message->span.bytes);
    if (message->span.bytes[message->span.length - 1] != '\n')
        say("\n");
}

static inline void log_finding(void *payload, struct wtr_flow_view *flow, const struct wtr_span *span,
                               size_t at, size_t length, const char *reason)
{
    (void)payload;
    HOLD(flow->user == playing && at + length <= span->length);
    HOLD(span_is_true(playing, span));
    say("finding %u %.*s: %s\n", (unsigned)(wtr_flows_stream_place(playing->flows) + at), (int)length - 1,
        (const char *)span->bytes + at, reason);
}

static inline void log_gap(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction,
                           uint64_t missing, const struct wtr_origin *after)
{
    (void)payload;
    (void)flow;
    say("gap %c %u+%u before frame %u\n", letter(direction), (unsigned)wtr_flows_stream_place(playing->flows),
        (unsigned)missing, (unsigned)after->frame);
}

static inline void log_again(const char *word, enum wtr_direction direction, uint64_t at,
                             const struct wtr_origin *again)
{
    say("%s %c %u \"%.*s\" frame %u\n", word, letter(direction), (unsigned)at, (int)again->length,
        (const char *)playing->file + again->offset, (unsigned)again->frame);
}

static inline void log_repeated(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction,
                                uint64_t at, const struct wtr_origin *again)
{
    (void)payload;
    (void)flow;
    log_again("repeated", direction, at, again);
}

static inline void log_altered(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction,
                               const struct wtr_origin *again)
{
    (void)payload;
    (void)flow;
    log_again("altered", direction, wtr_flows_stream_place(playing->flows), again);
}

static inline void log_closing(void *payload, struct wtr_flow_view *flow, enum wtr_direction by, bool reset,
                               const struct wtr_origin *origin)
{
    (void)payload;
    HOLD(flow->closed_by == (int)by && flow->closed_ns == origin->time_ns);
    say("closing %c %s frame %u\n", letter(by), reset ? "rst" : "fin", (unsigned)origin->frame);
}

static inline void log_closed(void *payload, struct wtr_flow_view *flow)
{
    static const char *const words[] = {"open", "fin", "rst", "reused", "evicted", "capture end"};
    (void)payload;
    say("closed %u %s\n", (unsigned)flow->id, words[flow->end_reason]);
}

/* ---- playing ---- */

static inline void script_begin(struct script *s)
{
    *s = (struct script){.limits = s->limits, .block = s->block > 0 ? s->block : 1, .cut = UINT32_MAX};
    s->now = INT64_C(1700000000000000000);
    for (int end = 0; end < 2; end++) {
        memcpy(s->ip[end].bytes, "\0\0\0\0\0\0\0\0\0\0\377\377\300\0\2", 15);
        s->ip[end].bytes[15] = (uint8_t)(1 + end);
    }
    s->port[CLIENT] = 40000;
    s->port[SERVER] = 1999;
    s->isn[CLIENT] = 1000;
    s->isn[SERVER] = 700000;
    struct wtr_flow_events events = {
        .payload = s,
        .claimed = log_claimed,
        .message = log_message,
        .finding = log_finding,
        .gap = log_gap,
        .repeated = log_repeated,
        .altered = log_altered,
        .closing = log_closing,
        .closed = log_closed,
    };
    playing = s;
    HOLD(wtr_flows_new(&s->flows, &s->limits, &events,
                       &(struct wtr_decoders){.protocols = script_protocols}) == WTR_OK);
}

static inline void script_end(struct script *s)
{
    wtr_flows_free(s->flows);
    free(s->file);
    s->file = NULL;
    s->flows = NULL;
}

/* Writes the segment into the file; returns where its record starts. Spans that the engine holds are copies,
 * so that the file may move between segments. */
static inline size_t script_write(struct script *s, const void *bytes, size_t length)
{
    size_t at = s->file_length;
    size_t needed = at + SCRIPT_RECORD + SCRIPT_HEADERS + length;
    if (needed > s->file_capacity) {
        s->file_capacity = needed * 2;
        s->file = realloc(s->file, s->file_capacity);
        HOLD(s->file != NULL);
    }
    memset(s->file + at, 0, SCRIPT_RECORD + SCRIPT_HEADERS);
    memcpy(s->file + at, &s->frame, sizeof s->frame);
    if (length > 0)
        memcpy(s->file + at + SCRIPT_RECORD + SCRIPT_HEADERS, bytes, length);
    s->file_length = needed;
    return at;
}

/* A segment as it is on the wire. */
static inline void raw_segment(struct script *s, int from, uint32_t seq, uint32_t ack, uint8_t flags,
                               const void *bytes, uint32_t length)
{
    s->frame++;
    s->now += 1000000;
    uint32_t captured = length < s->cut ? length : s->cut;
    size_t at = script_write(s, bytes, captured);
    struct wtr_packet packet = {
        .bytes = s->file + at + SCRIPT_RECORD,
        .captured = SCRIPT_HEADERS + captured,
        .original = SCRIPT_HEADERS + length,
        .has_time = true,
        .time_ns = s->now,
        .frame = s->frame,
        .record_offset = at,
        .data_offset = at + SCRIPT_RECORD,
    };
    struct wtr_headers headers = {
        .layer = WTR_LAYER_ETHERNET,
        .has_mac = true,
        .src_mac = {2, 0, 0, 0, 0, (uint8_t)from},
        .dst_mac = {2, 0, 0, 0, 0, (uint8_t)(1 - from)},
        .src = s->ip[from],
        .dst = s->ip[1 - from],
        .src_port = s->port[from],
        .dst_port = s->port[1 - from],
        .ip_protocol = 6,
        .seq = seq,
        .ack = ack,
        .flags = flags,
        .payload_at = SCRIPT_HEADERS,
        .length = length,
        .captured = captured,
    };
    struct wtr_piece piece = {
        .length = captured,
        .offset = at + SCRIPT_RECORD + SCRIPT_HEADERS,
        .record_offset = at,
        .frame = s->frame,
        .time_ns = s->now,
    };
    struct wtr_span span = {.bytes = packet.bytes + SCRIPT_HEADERS,
                            .length = captured,
                            .pieces = &piece,
                            .piece_count = captured > 0};
    wtr_flows_add(s->flows, &packet, &headers, &span);
}

/* A segment whose first byte is the `at`th after the sender's SYN. */
static inline void segment(struct script *s, int from, uint32_t at, uint8_t flags, const char *text)
{
    raw_segment(s, from, s->isn[from] + 1 + at, s->isn[1 - from] + 1 + s->acked[1 - from], flags, text,
                (uint32_t)strlen(text));
}

static inline void data(struct script *s, int from, uint32_t at, const char *text)
{
    segment(s, from, at, WTR_TCP_ACK | WTR_TCP_PSH, text);
}

/* `from` acknowledges the first `count` bytes of the other end. */
static inline void ack(struct script *s, int from, uint32_t count)
{
    s->acked[1 - from] = count;
    segment(s, from, 0, WTR_TCP_ACK, "");
}

static inline void handshake(struct script *s)
{
    raw_segment(s, CLIENT, s->isn[CLIENT], 0, WTR_TCP_SYN, "", 0);
    raw_segment(s, SERVER, s->isn[SERVER], s->isn[CLIENT] + 1, WTR_TCP_SYN | WTR_TCP_ACK, "", 0);
    ack(s, CLIENT, 0);
}

static inline void pass(struct script *s, int64_t milliseconds)
{
    s->now += milliseconds * 1000000;
}

/* What was said since the last time. */
static inline void expect_said(struct script *s, int line, const char *text)
{
    if (strcmp(s->log, text) != 0)
        fprintf(stderr, "line %d\nsaid:\n%s\nexpected:\n%s\n", line, s->log, text);
    HOLD(strcmp(s->log, text) == 0);
    s->log_length = 0;
    s->log[0] = '\0';
}

#define expect(s, text) expect_said(s, __LINE__, text)

#endif
