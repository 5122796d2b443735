/* SPDX-License-Identifier: Apache-2.0 */
/* Packets to flows: how a connection begins, is followed and ends (RFC 9293 3.6, 3.10), and the bounds on
 * all of them together. */
#include "packet/flows_internal.h"

#include <stdlib.h>

enum {
    DEFAULT_FLOWS = 1 << 16,
    DEFAULT_STREAM_BUFFER = 1 << 20,
    DEFAULT_TOTAL_BUFFER = 24 << 20,
    UNDECIDED_BUFFER = 128 << 10, /* memory of a stream that no protocol has claimed */
    UNDECIDED_SHARE = 16,         /* of the table: flows being offered to the protocols at a time */
    LEAST_UNDECIDED = 16,
};

/* ---- the engine ---- */

static size_t or_default(size_t value, size_t otherwise)
{
    return value > 0 ? value : otherwise;
}

enum wtr_status wtr_flows_new(struct wtr_flows **flows, const struct wtr_flow_limits *limits,
                              const struct wtr_flow_events *events, const struct wtr_decoders *decoders)
{
    struct wtr_flows *made = calloc(1, sizeof *made);
    *flows = NULL;
    if (!made)
        return WTR_E_MEMORY;
    if (limits)
        made->limits = *limits;
    made->limits.flows = or_default(made->limits.flows, DEFAULT_FLOWS);
    made->limits.stream_buffer = or_default(made->limits.stream_buffer, DEFAULT_STREAM_BUFFER);
    made->limits.total_buffer = or_default(made->limits.total_buffer, DEFAULT_TOTAL_BUFFER);
    made->events = *events;
    made->decoders = *decoders;
    enum wtr_status status = wtr_flow_table_init(&made->table, made->limits.flows);
    if (status != WTR_OK) {
        free(made);
        return status;
    }
    made->undecided_limit = made->table.limit / UNDECIDED_SHARE;
    if (made->undecided_limit < LEAST_UNDECIDED)
        made->undecided_limit = LEAST_UNDECIDED;
    *flows = made;
    return WTR_OK;
}

struct wtr_flow_counts wtr_flows_counts(const struct wtr_flows *flows)
{
    struct wtr_flow_counts counts = flows->counts;
    counts.overflowed = flows->pool.overflowed;
    return counts;
}

uint64_t wtr_flows_stream_place(const struct wtr_flows *flows)
{
    return flows->place;
}

uint32_t wtr_flows_sequence(const struct wtr_flows *flows)
{
    return flows->sequence;
}

/* ---- the beginning of a flow ---- */

static void start_record(struct wtr_flows *flows, struct wtr_flow_record *record, unsigned end, int64_t now)
{
    record->state = WTR_FLOW_FRESH;
    record->flow = NULL;
    record->syn = record->fin = record->data = record->judged = 0;
    record->passed = false;
    record->guessed = true;
    record->client = (uint8_t)end;
    if (record->key.port[1 - end] > record->key.port[end])
        record->client = (uint8_t)(1 - end);
    record->packets[0] = record->packets[1] = 0;
    record->first_ns = now;
    record->last_from_ns[0] = record->last_from_ns[1] = INT64_MIN;
    record->over_ns = 0;
    flows->counts.flows++;
}

static struct wtr_flow_record *begin(struct wtr_flows *flows, const struct wtr_flow_key *key, unsigned end,
                                     int64_t now)
{
    struct wtr_flow_record *old;
    wtr_flows_forget(flows, now);
    while ((old = wtr_flow_table_in_the_way(&flows->table, key)) != NULL) {
        if (old->flow) {
            flows->counts.evicted++;
            wtr_flow_end(flows, old, WTR_FLOW_EVICTED);
        }
        wtr_flow_table_remove(&flows->table, old);
    }
    struct wtr_flow_record *record = wtr_flow_table_add(&flows->table, key);
    if (flows->table.live > flows->counts.peak_flows)
        flows->counts.peak_flows = flows->table.live;
    start_record(flows, record, end, now);
    return record;
}

/* Ends the flow, if it is not over, and begins another in its place. */
static void begin_again(struct wtr_flows *flows, struct wtr_flow_record *record, unsigned end, int64_t now)
{
    if (record->state != WTR_FLOW_OVER)
        wtr_flow_end(flows, record, WTR_FLOW_REUSED);
    start_record(flows, record, end, now);
}

static void note_syn(struct wtr_arrival *a)
{
    struct wtr_flow_record *record = a->record;
    bool answer = (a->headers->flags & WTR_TCP_ACK) != 0;
    record->isn[a->end] = a->headers->seq;
    record->syn |= wtr_end_bit(a->end);
    if (answer && !(record->syn & wtr_end_bit(a->other))) {
        record->isn[a->other] = a->headers->ack - 1;
        record->syn |= wtr_end_bit(a->other);
    }
    unsigned client = answer ? a->other : a->end;
    if (record->state != WTR_FLOW_CLAIMED) {
        if (record->guessed)
            record->client = (uint8_t)client;
        record->guessed = false;
    } else {
        record->flow->view.started = true;
        if (record->client == client)
            record->flow->view.ends_guessed = record->guessed = false;
    }
    for (unsigned end = 0; record->flow && end < 2; end++)
        if ((record->syn & wtr_end_bit(end)) && !record->passed && !record->flow->stream[end].known)
            wtr_stream_start(&record->flow->stream[end], record->isn[end] + 1, true);
}

/* ---- interest ---- */

static const char *path_of(const struct wtr_headers *headers)
{
    static const char *const paths[][2] = {
        [WTR_LAYER_ETHERNET] = {"eth/ipv4/tcp", "eth/ipv6/tcp"},
        [WTR_LAYER_SLL] = {"sll/ipv4/tcp", "sll/ipv6/tcp"},
        [WTR_LAYER_SLL2] = {"sll2/ipv4/tcp", "sll2/ipv6/tcp"},
        [WTR_LAYER_NULL] = {"null/ipv4/tcp", "null/ipv6/tcp"},
        [WTR_LAYER_RAW] = {"raw/ipv4/tcp", "raw/ipv6/tcp"},
        [WTR_LAYER_WLAN] = {"wlan/ipv4/tcp", "wlan/ipv6/tcp"},
        [WTR_LAYER_PPP] = {"ppp/ipv4/tcp", "ppp/ipv6/tcp"},
    };
    if ((size_t)headers->layer >= sizeof paths / sizeof *paths)
        return headers->v6 ? "ipv6/tcp" : "ipv4/tcp";
    return paths[headers->layer][headers->v6];
}

static bool has_own_port(const struct wtr_flows *flows, const struct wtr_flow_key *key)
{
    for (const struct wtr_protocol *const *p = flows->decoders.protocols; *p; p++)
        for (const uint16_t *port = (*p)->ports; port && *port; port++)
            if (*port == key->port[0] || *port == key->port[1])
                return true;
    return false;
}

/* Makes room among the flows that are being offered: the longest idle has to do with what was seen of it. */
static void set_aside_oldest(struct wtr_flows *flows)
{
    struct wtr_flow_record *record = wtr_flow_table_oldest(&flows->table, WTR_FLOWS_UNDECIDED);
    flows->counts.evicted++;
    wtr_flow_decide(record->flow);
    if (record->state != WTR_FLOW_UNDECIDED)
        return;
    record->passed = true;
    wtr_flow_release(record, WTR_FLOW_FRESH);
}

/* The first payload: from now on the flow is offered to the protocols. */
static void study(struct wtr_arrival *a)
{
    struct wtr_flows *flows = a->flows;
    struct wtr_flow_record *record = a->record;
    while (flows->table.order[WTR_FLOWS_UNDECIDED].count >= flows->undecided_limit)
        set_aside_oldest(flows);
    struct wtr_flow *flow = calloc(1, sizeof *flow);
    if (!flow) {
        flows->pool.overflowed++;
        record->passed = true;
        return;
    }
    flow->flows = flows;
    flow->record = record;
    flow->path = path_of(a->headers);
    flow->has_mac = a->headers->has_mac;
    memcpy(flow->mac[a->end], a->headers->src_mac, sizeof flow->mac[0]);
    memcpy(flow->mac[a->other], a->headers->dst_mac, sizeof flow->mac[0]);
    flow->own_port = has_own_port(flows, &record->key);
    flow->closing_by = -1;
    for (unsigned end = 0; end < 2; end++) {
        wtr_stream_init(&flow->stream[end], &wtr_flow_reader, flow, &flows->pool, UNDECIDED_BUFFER);
        if ((record->syn & wtr_end_bit(end)) && !record->passed) {
            wtr_stream_start(&flow->stream[end], record->isn[end] + 1, true);
            flow->stream[end].ended = (record->fin & wtr_end_bit(end)) != 0;
        }
    }
    record->flow = flow;
    record->state = WTR_FLOW_UNDECIDED;
    wtr_flow_table_move(&flows->table, record, WTR_FLOWS_UNDECIDED);
}

static void make_dull(struct wtr_flow_record *record)
{
    for (unsigned end = 0; end < 2; end++)
        if (record->flow->stream[end].ended)
            record->fin |= wtr_end_bit(end);
    wtr_flow_release(record, WTR_FLOW_DULL);
}

/* ---- packets of a flow that is not followed ---- */

static void take_bare(struct wtr_arrival *a)
{
    struct wtr_flow_record *record = a->record;
    if (a->headers->flags & WTR_TCP_FIN)
        record->fin |= wtr_end_bit(a->end);
    if (record->fin == 3 || ((a->headers->flags & WTR_TCP_RST) && wtr_flow_reset_fits(a)))
        wtr_flow_end(a->flows, record, WTR_FLOW_FIN);
}

/* ---- packets of a flow that is followed ---- */

/* Whether the segment acknowledges what the capture does not show, or does not show whole: it may be the
 * other end's own FIN, or its word that it ends. */
static bool acknowledges_unseen(const struct wtr_arrival *a)
{
    const struct wtr_stream *other = &a->record->flow->stream[a->other];
    bool acknowledges = (a->headers->flags & WTR_TCP_ACK) && other->known && !other->ended;
    return acknowledges && (other->waiting || wtr_stream_place_of(other, a->headers->ack) > other->sent);
}

static void note_closing(const struct wtr_arrival *a, bool reset)
{
    struct wtr_flow *flow = a->record->flow;
    if (flow->closing_by >= 0)
        return;
    flow->closing_in_doubt = acknowledges_unseen(a);
    flow->closing_by = (int)a->end;
    flow->closing_by_reset = reset;
    flow->closing = a->origin;
}

static void take_ends(const struct wtr_arrival *a)
{
    struct wtr_flow *flow = a->record->flow;
    struct wtr_stream *stream = &flow->stream[a->end];
    const struct wtr_headers *headers = a->headers;
    if (headers->flags & WTR_TCP_RST) {
        if (!wtr_flow_reset_fits(a))
            return;
        flow->reset = true;
        wtr_stream_sent(stream, headers->seq, false, &a->origin);
        note_closing(a, true);
    } else if (headers->flags & WTR_TCP_FIN) {
        uint32_t seq = headers->seq + headers->length + ((headers->flags & WTR_TCP_SYN) != 0);
        if (!stream->known)
            wtr_stream_start(stream, seq, false);
        wtr_stream_sent(stream, seq, true, &a->origin);
        if (stream->ended)
            note_closing(a, false);
    }
}

static void count_segment(struct wtr_flows *flows, unsigned result)
{
    if (result & WTR_SEGMENT_OUTSIDE)
        flows->counts.ignored++;
    if (result & WTR_SEGMENT_ALTERED)
        flows->counts.altered++;
    else if (result == WTR_SEGMENT_OLD)
        flows->counts.repeated++;
}

/* False: the segment is of another connection. */
static bool take_payload(const struct wtr_arrival *a, uint32_t seq)
{
    struct wtr_flow *flow = a->record->flow;
    struct wtr_stream *stream = &flow->stream[a->end];
    uint32_t length = a->headers->length;
    if (!stream->known)
        wtr_stream_start(stream, seq, false);
    if (wtr_stream_is_far(stream, seq)) {
        a->flows->counts.ignored++;
        return !wtr_flow_is_of_another(flow, a->end, seq, length);
    }
    flow->strays[a->end] = 0;
    if (flow->reset && wtr_stream_place_of(stream, seq) >= wtr_stream_known_end(stream))
        return true; /* sent to nobody */
    if (flow->closing_by == (int)a->other)
        flow->used_after_closing = true;
    struct wtr_segment segment = {
        .seq = seq, .length = length, .payload = a->payload, .origin = a->origin, .now = a->now};
    unsigned result = wtr_stream_add(stream, &segment);
    if (a->record->state == WTR_FLOW_CLAIMED)
        count_segment(a->flows, result);
    return true;
}

/* After each packet: whether the flow is over, or is of no interest. */
static void settle(const struct wtr_arrival *a)
{
    struct wtr_flow_record *record = a->record;
    struct wtr_flow *flow = record->flow;
    const struct wtr_stream *streams = flow->stream;
    bool whole = wtr_stream_is_whole(&streams[0]) && wtr_stream_is_whole(&streams[1]);
    bool closing = flow->reset || (streams[0].ended && streams[1].ended);
    for (unsigned end = 0; record->state == WTR_FLOW_CLAIMED && end < 2; end++)
        wtr_stream_tell_end(&flow->stream[end]);
    if (flow->closing_by >= 0 && wtr_stream_is_whole(&streams[flow->closing_by]))
        wtr_flow_tell_closing(flow);
    if (closing && whole && record->state == WTR_FLOW_UNDECIDED)
        wtr_flow_end(a->flows, record, WTR_FLOW_FIN);
    else if (flow->dull && record->state == WTR_FLOW_UNDECIDED)
        make_dull(record);
    else if (closing)
        wtr_flow_table_move(&a->flows->table, record, WTR_FLOWS_LINGERING);
}

static void count_payload(const struct wtr_arrival *a)
{
    struct wtr_flow *flow = a->record->flow;
    if (a->record->state == WTR_FLOW_CLAIMED)
        flow->view.payload_bytes[wtr_flow_direction(flow, a->end)] += a->headers->length;
    else
        flow->payload_bytes[a->end] += a->headers->length;
}

/* False: the segment is of another connection. */
static bool follow(const struct wtr_arrival *a)
{
    struct wtr_flow_record *record = a->record;
    struct wtr_flow *flow = record->flow;
    const struct wtr_headers *headers = a->headers;
    if (headers->flags & WTR_TCP_ACK) {
        flow->acked |= wtr_end_bit(a->other);
        flow->ack[a->other] = headers->ack;
        wtr_stream_acknowledge(&flow->stream[a->other], headers->ack, &a->origin);
        wtr_stream_give_up_holes(&flow->stream[a->other], a->now, record->last_from_ns[a->end]);
    }
    if (headers->length > 0 && !(headers->flags & WTR_TCP_RST)) {
        count_payload(a);
        if (!take_payload(a, headers->seq + ((headers->flags & WTR_TCP_SYN) != 0)))
            return false;
    }
    take_ends(a);
    wtr_stream_give_up_holes(&flow->stream[a->end], a->now, record->last_from_ns[a->other]);
    settle(a);
    return true;
}

static void note_packet(const struct wtr_arrival *a)
{
    struct wtr_flow_record *record = a->record;
    if (a->now < record->first_ns)
        record->first_ns = a->now;
    if (a->now > record->last_from_ns[a->end])
        record->last_from_ns[a->end] = a->now;
    if (a->headers->length > 0)
        record->data |= wtr_end_bit(a->end);
    if (record->state != WTR_FLOW_CLAIMED) {
        record->packets[a->end] += record->packets[a->end] < UINT32_MAX;
        return;
    }
    struct wtr_flow_view *view = &record->flow->view;
    enum wtr_direction d = wtr_flow_direction(record->flow, a->end);
    view->packets[d]++;
    view->first_ns = record->first_ns;
    view->last_from_ns[d] = record->last_from_ns[a->end];
    if (a->now > view->last_ns)
        view->last_ns = a->now;
}

static void take(struct wtr_arrival *a)
{
    struct wtr_flow_record *record = a->record;
    note_packet(a);
    if (a->headers->flags & WTR_TCP_SYN)
        note_syn(a);
    bool payload = a->headers->length > 0 && !(a->headers->flags & WTR_TCP_RST);
    if (record->state == WTR_FLOW_FRESH && payload)
        study(a);
    if (!record->flow) {
        take_bare(a);
    } else if (!follow(a)) {
        begin_again(a->flows, record, a->end, a->now);
        take(a);
    }
}

/* Whether everything that the packet acknowledges was delivered, so that it shows no hole. */
static bool acknowledges_known(const struct wtr_stream *other, const struct wtr_headers *headers)
{
    uint32_t behind = other->next - headers->ack;
    return (headers->flags & WTR_TCP_ACK) && other->known && !other->ended && !other->waiting &&
           behind <= WTR_STREAM_WINDOW;
}

/* The quick way for a packet of a followed flow that brings nothing to be read: an acknowledgement, or
 * payload that is passed over. False: it is not such a packet. */
static bool pass_by(const struct wtr_arrival *a)
{
    static const uint8_t life_cycle = WTR_TCP_SYN | WTR_TCP_FIN | WTR_TCP_RST;
    const struct wtr_headers *headers = a->headers;
    struct wtr_flow *flow = a->record->flow;
    if (a->record->state != WTR_FLOW_CLAIMED || (headers->flags & life_cycle) || flow->closing_by >= 0 ||
        !acknowledges_known(&flow->stream[a->other], headers))
        return false;
    struct wtr_stream *stream = &flow->stream[a->end], *other = &flow->stream[a->other];
    bool whole = a->payload->length == headers->length;
    bool passed = headers->length > 0 ? whole && wtr_stream_pass(stream, headers->seq, headers->length)
                                      : !stream->waiting && !stream->ended;
    if (!passed)
        return false;
    note_packet(a);
    if (headers->length > 0) {
        count_payload(a);
        flow->strays[a->end] = 0;
    }
    flow->acked |= wtr_end_bit(a->other);
    flow->ack[a->other] = headers->ack;
    int64_t acked = wtr_stream_place_of(other, headers->ack);
    if (acked > other->acked)
        other->acked = acked;
    return true;
}

/* ---- packets ---- */

/* What the packet's headers are cited by. Where the datagram was put together from fragments, they are not in
 * this packet: then the place where its payload begins. */
static struct wtr_origin origin_of(const struct wtr_packet *packet, const struct wtr_headers *headers,
                                   const struct wtr_span *payload)
{
    if (payload->piece_count > 0 && payload->pieces[0].frame != packet->frame)
        return wtr_span_locate(payload, 0, 0);
    return (struct wtr_origin){
        .time_ns = packet->time_ns,
        .frame = packet->frame,
        .record_offset = packet->record_offset,
        .offset = packet->data_offset,
        .length = headers->payload_at < packet->captured ? headers->payload_at : packet->captured,
        .via = packet->via,
    };
}

static bool may_begin(const struct wtr_headers *headers)
{
    return !(headers->flags & WTR_TCP_RST) && ((headers->flags & WTR_TCP_SYN) || headers->length > 0);
}

/* The packet's flow, which begins with it if need be; NULL if it begins none. */
static struct wtr_flow_record *record_of(struct wtr_flows *flows, const struct wtr_headers *headers,
                                         unsigned *end, int64_t now)
{
    struct wtr_flow_key key;
    *end = wtr_flow_key_of(&key, headers);
    struct wtr_flow_record *record = wtr_flow_table_find(&flows->table, &key);
    if (record)
        wtr_flow_table_touch(&flows->table, record);
    else if (may_begin(headers))
        record = begin(flows, &key, *end, now);
    return record;
}

static void take_slowly(struct wtr_arrival *a, const struct wtr_packet *packet)
{
    a->origin = origin_of(packet, a->headers, a->payload);
    if (wtr_flow_begins_anew(a))
        begin_again(a->flows, a->record, a->end, a->now);
    if (a->record->state != WTR_FLOW_OVER)
        take(a);
}

static bool is_dull(const struct wtr_flow_record *record, const struct wtr_headers *headers)
{
    static const uint8_t life_cycle = WTR_TCP_SYN | WTR_TCP_FIN | WTR_TCP_RST;
    return record->state == WTR_FLOW_DULL && !(headers->flags & life_cycle);
}

void wtr_flows_add(struct wtr_flows *flows, const struct wtr_packet *packet,
                   const struct wtr_headers *headers, const struct wtr_span *payload)
{
    int64_t now = packet->has_time ? packet->time_ns : flows->now;
    unsigned end;
    flows->now = now;
    if (headers->length > 0)
        flows->counts.segments++;
    struct wtr_flow_record *record = record_of(flows, headers, &end, now);
    if (record && !is_dull(record, headers)) {
        struct wtr_arrival a = {.flows = flows,
                                .record = record,
                                .end = end,
                                .other = 1 - end,
                                .headers = headers,
                                .payload = payload,
                                .now = now};
        if (!pass_by(&a))
            take_slowly(&a, packet);
    }
    if (flows->table.order[WTR_FLOWS_LINGERING].count > 0)
        wtr_flows_end_lingering(flows, now);
    if (flows->pool.held > flows->limits.total_buffer)
        wtr_flows_shed(flows);
}
