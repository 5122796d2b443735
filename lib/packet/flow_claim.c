/* SPDX-License-Identifier: Apache-2.0 */
/* From a stream's bytes to a protocol: bids, the claim, and then the protocol's messages and what became of
 * its stream. A flow goes to the one protocol whose bid is highest; if two bid alike, nobody gets it and they
 * are asked again with more bytes. */
#include "packet/flows_internal.h"

#include <stdlib.h>

enum {
    RECALL_SHARE = 6,     /* of the bound on all buffers: delivered bytes that are remembered, beside it */
    MOST_JUDGED = 24,     /* offers without interest, both directions together, before a flow is dull */
    MOST_KEPT = 64 << 10, /* bytes kept for a protocol that wants to see more before it bids */
    ALWAYS_ASKED = 256,   /* up to here with every byte; beyond, when a sixteenth was added, so that */
    ASKED_AGAIN_FRACTION = 16, /* tiny segments can't make the bids cost the square of the bytes */
};

static enum wtr_direction direction_of(const struct wtr_flow *flow, const struct wtr_stream *stream)
{
    return wtr_flow_direction(flow, (unsigned)(stream - flow->stream));
}

/* ---- bids ---- */

static bool is_worth_asking(const struct wtr_flow *flow, size_t offered, size_t length)
{
    return flow->ask_anyway || length <= ALWAYS_ASKED || length - offered > offered / ASKED_AGAIN_FRACTION;
}

/* Whether the span, which ends at the stream's place, starts with the first byte after the SYN. */
static bool is_at_start(const struct wtr_stream *stream, size_t length)
{
    return stream->from_syn && stream->place == (int64_t)length;
}

/* The highest bid and whose it is; WTR_BID_MORE without a protocol if several bid alike. */
static enum wtr_bid highest_bid(const struct wtr_flow *flow, const struct wtr_stream *stream,
                                const struct wtr_span *unread, const struct wtr_protocol **winner)
{
    unsigned client = flow->record->client;
    struct wtr_probe probe = {
        .bytes = unread->bytes,
        .length = unread->length,
        .at_start = is_at_start(stream, unread->length),
        .client_port = flow->record->key.port[client],
        .server_port = flow->record->key.port[1 - client],
    };
    enum wtr_bid best = WTR_BID_NONE;
    *winner = NULL;
    for (const struct wtr_protocol *const *p = flow->flows->decoders.protocols; *p; p++) {
        enum wtr_bid bid = (*p)->probe_stream ? (*p)->probe_stream(&probe) : WTR_BID_NONE;
        if (bid > best) {
            best = bid;
            *winner = *p;
        } else if (bid == best) {
            *winner = NULL;
        }
    }
    return best >= WTR_BID_LIKELY && !*winner ? WTR_BID_MORE : best;
}

/* ---- the claim ---- */

static void fill_view(struct wtr_flow *flow)
{
    const struct wtr_flow_record *record = flow->record;
    struct wtr_flow_view *view = &flow->view;
    for (unsigned end = 0; end < 2; end++) {
        enum wtr_direction d = wtr_flow_direction(flow, end);
        view->end[d].ip = record->key.ip[end];
        view->end[d].port = record->key.port[end];
        memcpy(view->mac[d], flow->mac[end], sizeof view->mac[d]);
        view->last_from_ns[d] = record->last_from_ns[end];
        view->packets[d] = record->packets[end];
        view->payload_bytes[d] = flow->payload_bytes[end];
    }
    view->has_mac = flow->has_mac;
    view->path = flow->path;
    view->ends_guessed = record->guessed;
    view->started = record->syn != 0;
    view->first_ns = record->first_ns;
    view->last_ns =
        view->last_from_ns[0] > view->last_from_ns[1] ? view->last_from_ns[0] : view->last_from_ns[1];
    view->closed_by = -1;
}

static void put_last(struct wtr_flows *flows, struct wtr_flow *flow)
{
    flow->earlier = flows->last_claimed;
    if (flows->last_claimed)
        flows->last_claimed->later = flow;
    else
        flows->first_claimed = flow;
    flows->last_claimed = flow;
}

static bool begins_at_start(const struct wtr_stream *stream, size_t unread)
{
    return !stream->known || is_at_start(stream, unread);
}

/* Gives the flow to the protocol. `stream` is where it was recognised, `unread` its bytes from there on. */
static bool claim(struct wtr_flow *flow, const struct wtr_protocol *protocol, struct wtr_stream *stream,
                  const struct wtr_span *unread)
{
    struct wtr_flows *flows = flow->flows;
    struct wtr_stream *other = stream == &flow->stream[0] ? &flow->stream[1] : &flow->stream[0];
    struct wtr_span kept = wtr_unread_span(&other->unread);
    void *session = calloc(1, protocol->session_size > 0 ? protocol->session_size : 1);
    if (!session) {
        flows->pool.overflowed++;
        return false;
    }
    if (!flows->pool.recall)
        flows->pool.recall = wtr_recall_new(flows->limits.total_buffer / RECALL_SHARE);
    fill_view(flow);
    flow->view.id = ++flows->counts.claimed;
    flow->view.protocol = protocol;
    flow->view.session = session;
    put_last(flows, flow);
    flow->record->state = WTR_FLOW_CLAIMED;
    wtr_flow_table_move(&flows->table, flow->record, WTR_FLOWS_CLAIMED);
    const struct wtr_session_setup setup = {
        .mid_stream = !is_at_start(stream, unread->length) || !begins_at_start(other, kept.length),
        .keys = flows->decoders.keys,
    };
    protocol->open(session, &setup);
    wtr_stream_follow(stream, unread, flows->limits.stream_buffer);
    wtr_stream_follow(other, &kept, flows->limits.stream_buffer);
    if (flows->events.claimed)
        flows->events.claimed(flows->events.payload, &flow->view);
    wtr_stream_read_again(other); /* what it kept came before */
    return true;
}

/* Returns how many bytes nobody wants; if the flow was claimed, none was read yet. */
static size_t offer(struct wtr_flow *flow, struct wtr_stream *stream, const struct wtr_span *unread)
{
    size_t *offered = &flow->offered[stream - flow->stream];
    if (flow->dull)
        return unread->length;
    if (!is_worth_asking(flow, *offered, unread->length))
        return 0;
    const struct wtr_protocol *winner;
    enum wtr_bid bid = highest_bid(flow, stream, unread, &winner);
    if (bid >= WTR_BID_LIKELY && claim(flow, winner, stream, unread))
        return 0;
    if (bid != WTR_BID_NONE && unread->length < MOST_KEPT) {
        *offered = unread->length;
        return 0;
    }
    *offered = 0;
    if (flow->own_port)
        return unread->length;
    flow->record->judged++;
    flow->dull = flow->record->judged >= MOST_JUDGED;
    return unread->length;
}

void wtr_flow_offer_last(struct wtr_flow *flow)
{
    flow->ask_anyway = true;
    for (unsigned end = 0; end < 2; end++)
        if (flow->record->state == WTR_FLOW_UNDECIDED)
            wtr_stream_read_again(&flow->stream[end]);
    flow->ask_anyway = false;
}

/* ---- a claimed flow's bytes ---- */

/* Where in the bytes being read the message's first byte is. What was deciphered or put together lies
 * elsewhere in memory, and is found by the place of its first piece in the evidence. */
static size_t place_in(const struct wtr_span *fed, const struct wtr_span *message)
{
    size_t at = 0;
    if (wtr_span_holds(fed, message->bytes, message->length, &at) || message->piece_count == 0)
        return at;
    const struct wtr_piece *first = &message->pieces[0];
    for (size_t i = 0; i < fed->piece_count; i++) {
        const struct wtr_piece *p = &fed->pieces[i];
        if (p->record_offset == first->record_offset && first->offset >= p->offset &&
            first->offset - p->offset < p->length)
            return p->at + (size_t)(first->offset - p->offset);
    }
    return 0;
}

static void on_message(void *payload, const struct wtr_message *message)
{
    struct wtr_flows *flows = payload;
    size_t at = place_in(flows->fed, &message->span);
    flows->place = flows->fed_place + at;
    flows->sequence = flows->fed_sequence + (uint32_t)at;
    if (flows->events.message)
        flows->events.message(flows->events.payload, &flows->reading->view, message);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    struct wtr_flows *flows = payload;
    size_t start = place_in(flows->fed, span);
    flows->place = flows->fed_place + start;
    if (flows->events.finding)
        flows->events.finding(flows->events.payload, &flows->reading->view, span, at, length, reason);
}

static void on_record(void *payload, const struct wtr_tls_record *record)
{
    struct wtr_flows *flows = payload;
    flows->events.record(flows->events.payload, &flows->reading->view, record);
}

static struct wtr_sink begin_reading(struct wtr_flow *flow, const struct wtr_stream *stream,
                                     const struct wtr_span *unread)
{
    struct wtr_flows *flows = flow->flows;
    flows->fed = unread;
    flows->reading = flow;
    flows->fed_place = (uint64_t)(stream->place - stream->first) - unread->length;
    flows->fed_sequence = stream->next - (uint32_t)unread->length;
    return (struct wtr_sink){.payload = flows,
                             .message = on_message,
                             .finding = on_finding,
                             .record = flows->events.record ? on_record : NULL};
}

static size_t read_stream(void *owner, struct wtr_stream *stream, const struct wtr_span *unread, size_t *need)
{
    struct wtr_flow *flow = owner;
    if (flow->record->state != WTR_FLOW_CLAIMED) {
        size_t unwanted = offer(flow, stream, unread);
        if (flow->record->state != WTR_FLOW_CLAIMED)
            return unwanted;
    }
    struct wtr_sink sink = begin_reading(flow, stream, unread);
    return flow->view.protocol->stream(flow->view.session, direction_of(flow, stream), unread, need, &sink);
}

/* What is said at the end has the place of the first byte that the client's stream delivered. */
void wtr_flow_finish(struct wtr_flow *flow)
{
    static const struct wtr_span nothing = {0};
    struct wtr_stream *stream = &flow->stream[flow->record->client];
    if (!flow->view.protocol->finish)
        return;
    struct wtr_sink sink = begin_reading(flow, stream, &nothing);
    flow->flows->fed_place = 0;
    flow->flows->fed_sequence = stream->next - (uint32_t)(stream->place - stream->first);
    flow->view.protocol->finish(flow->view.session, &sink);
}

static size_t on_ended(void *owner, struct wtr_stream *stream, const struct wtr_span *unread)
{
    struct wtr_flow *flow = owner;
    const struct wtr_protocol *protocol = flow->view.protocol;
    if (flow->record->state != WTR_FLOW_CLAIMED || !protocol->end)
        return 0;
    struct wtr_sink sink = begin_reading(flow, stream, unread);
    return protocol->end(flow->view.session, direction_of(flow, stream), unread, &sink);
}

static void on_lost(void *owner, struct wtr_stream *stream, int64_t place, uint64_t missing,
                    const struct wtr_origin *after)
{
    struct wtr_flow *flow = owner;
    struct wtr_flows *flows = flow->flows;
    enum wtr_direction direction = direction_of(flow, stream);
    flow->offered[stream - flow->stream] = 0;
    if (flow->record->state != WTR_FLOW_CLAIMED)
        return;
    flow->view.gaps[direction]++;
    flow->view.lost_bytes[direction] += missing;
    flows->counts.gaps++;
    flows->counts.lost_bytes += missing;
    flows->place = (uint64_t)(place - stream->first);
    if (flows->events.gap)
        flows->events.gap(flows->events.payload, &flow->view, direction, missing, after);
    /* To the protocol the unread bytes are gone besides what is missing: after them nothing more is, or how
     * much can't be told. */
    if (!stream->lost_within)
        flow->view.protocol->gap(flow->view.session, direction, stream->giving_up ? 0 : missing);
}

static void on_unreadable(void *owner, struct wtr_stream *stream, int64_t place, const struct wtr_span *span,
                          size_t at, const char *reason)
{
    struct wtr_flow *flow = owner;
    struct wtr_flows *flows = flow->flows;
    if (flow->record->state != WTR_FLOW_CLAIMED)
        return;
    flows->place = (uint64_t)(place - stream->first);
    if (flows->events.finding)
        flows->events.finding(flows->events.payload, &flow->view, span, at, span->length - at, reason);
}

static void on_repeated(void *owner, struct wtr_stream *stream, int64_t place, const struct wtr_origin *again)
{
    struct wtr_flow *flow = owner;
    struct wtr_flows *flows = flow->flows;
    if (flows->events.repeated)
        flows->events.repeated(flows->events.payload, &flow->view, direction_of(flow, stream),
                               (uint64_t)(place - stream->first), again);
}

static void on_altered(void *owner, struct wtr_stream *stream, int64_t place, const struct wtr_origin *again)
{
    struct wtr_flow *flow = owner;
    struct wtr_flows *flows = flow->flows;
    flows->place = (uint64_t)(place - stream->first);
    if (flows->events.altered)
        flows->events.altered(flows->events.payload, &flow->view, direction_of(flow, stream), again);
}

const struct wtr_stream_reader wtr_flow_reader = {
    .read = read_stream,
    .lost = on_lost,
    .unreadable = on_unreadable,
    .repeated = on_repeated,
    .altered = on_altered,
    .ended = on_ended,
};
