/* SPDX-License-Identifier: Apache-2.0 */
/* Which connection a segment is of, where two had the same ends one after the other (RFC 9293 3.4.1, 3.5),
 * and which resets are meant for it. A capture may show the segments of a handshake late, twice or not at
 * all. */
#include "packet/flows_internal.h"

enum {
    LATE_SYN_BYTES = 1 << 16, /* a SYN may come behind so much of what it opened */
    STRAYS_TO_BEGIN = 3,      /* far segments that follow one another are another connection */
};

/* A closed flow takes in what comes late for so long. */
#define OVER_NS (30 * WTR_SECOND_NS)
/* So long after it, the SYN of a connection that was in use is no retransmission: its sender has started
 * afresh and counts from the same number. */
#define SAME_SYN_NS (10 * WTR_SECOND_NS)

/* Whether `seq` is where a stream may have begun of which the first that was seen is `first`. */
static bool is_just_before(uint32_t first, uint32_t seq)
{
    return first - seq <= LATE_SYN_BYTES;
}

static uint32_t first_seq(const struct wtr_stream *stream)
{
    return stream->next - (uint32_t)stream->place;
}

/* Whether a SYN opens another connection than the one that its flow stands for. */
static bool syn_begins_anew(const struct wtr_arrival *a)
{
    const struct wtr_flow_record *record = a->record;
    const struct wtr_headers *headers = a->headers;
    bool answer = (headers->flags & WTR_TCP_ACK) != 0;
    bool answers = answer && (record->syn & wtr_end_bit(a->other)) &&
                   is_just_before(headers->ack, record->isn[a->other] + 1);
    if (record->syn & wtr_end_bit(a->end)) {
        if (record->isn[a->end] == headers->seq)
            return !answer && (record->data & wtr_end_bit(a->end)) &&
                   wtr_elapsed(record->first_ns, a->now) > SAME_SYN_NS;
        return !answers || record->data != 0;
    }
    if (answer && (record->syn & wtr_end_bit(a->other)))
        return !answers;
    const struct wtr_flow *flow = record->flow;
    if (flow && flow->stream[a->end].known)
        return !is_just_before(first_seq(&flow->stream[a->end]), headers->seq + 1) ||
               wtr_elapsed(record->first_ns, a->now) > SAME_SYN_NS;
    if (answer && flow && flow->stream[a->other].known)
        return !is_just_before(first_seq(&flow->stream[a->other]), headers->ack);
    if (flow && (flow->acked & wtr_end_bit(a->end)))
        return !is_just_before(flow->ack[a->end], headers->seq + 1) ||
               wtr_elapsed(record->first_ns, a->now) > SAME_SYN_NS;
    return record->data != 0;
}

/* The same for a flow that is over, of which most of what still comes is late. */
static bool begins_after_end(const struct wtr_arrival *a)
{
    const struct wtr_flow_record *record = a->record;
    uint64_t since = wtr_elapsed(record->over_ns, a->now);
    if (a->headers->flags & WTR_TCP_RST)
        return false;
    if (!(a->headers->flags & WTR_TCP_SYN))
        return a->headers->length > 0 && since > OVER_NS;
    bool same = (record->syn & wtr_end_bit(a->end)) && record->isn[a->end] == a->headers->seq;
    return !same || record->data == 0 || since > SAME_SYN_NS;
}

bool wtr_flow_begins_anew(const struct wtr_arrival *a)
{
    if (a->record->state == WTR_FLOW_OVER)
        return begins_after_end(a);
    return (a->headers->flags & WTR_TCP_SYN) && syn_begins_anew(a);
}

/* A flow of which no payload was kept. */
static bool bare_reset_fits(const struct wtr_arrival *a)
{
    const struct wtr_flow_record *record = a->record;
    if (record->state == WTR_FLOW_DULL || record->passed)
        return true;
    if (record->syn & wtr_end_bit(a->end))
        return a->headers->seq - record->isn[a->end] <= 1;
    if (record->syn & wtr_end_bit(a->other))
        return (a->headers->flags & WTR_TCP_ACK) &&
               is_just_before(a->headers->ack, record->isn[a->other] + 1);
    return true;
}

bool wtr_flow_reset_fits(const struct wtr_arrival *a)
{
    const struct wtr_flow *flow = a->record->flow;
    if (!flow)
        return bare_reset_fits(a);
    const struct wtr_stream *stream = &flow->stream[a->end];
    const struct wtr_stream *other = &flow->stream[a->other];
    if (!stream->known)
        return !other->known ||
               ((a->headers->flags & WTR_TCP_ACK) && !wtr_stream_is_far(other, a->headers->ack));
    if (wtr_stream_is_far(stream, a->headers->seq))
        return false;
    int64_t place = wtr_stream_place_of(stream, a->headers->seq);
    if (stream->from_syn && stream->sent == 0)
        return place == 0;
    return place >= stream->acked || place >= stream->place - 1;
}

bool wtr_flow_is_of_another(struct wtr_flow *flow, unsigned end, uint32_t seq, uint32_t length)
{
    flow->strays[end] = flow->strays[end] > 0 && flow->stray_next[end] == seq ? flow->strays[end] + 1 : 1;
    flow->stray_next[end] = seq + length;
    return flow->strays[end] >= STRAYS_TO_BEGIN;
}
