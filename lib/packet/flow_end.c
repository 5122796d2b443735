/* SPDX-License-Identifier: Apache-2.0 */
/* How a flow ends, and which flows lose what they keep when a bound is hit. */
#include "packet/flows_internal.h"

#include <stdlib.h>

/* A closing flow waits so long for what a capture out of order, or a copy of a packet, may still bring. */
#define LINGER_NS (10 * WTR_SECOND_NS)

/* Half a minute after its end a flow's record makes no difference any more (OVER_NS in flow_identity.c). It
 * is kept much longer for captures out of order, and then its place is used again. */
#define FORGET_NS (600 * WTR_SECOND_NS)

/* Records looked at for each new flow: no more than half of all can have been over for longer. */
enum { LOOKS = 2 };

/* ---- the end of a flow ---- */

void wtr_flow_tell_closing(struct wtr_flow *flow)
{
    struct wtr_flows *flows = flow->flows;
    if (flow->closing_by < 0 || flow->closing_told || flow->record->state != WTR_FLOW_CLAIMED)
        return;
    enum wtr_direction by = wtr_flow_direction(flow, (unsigned)flow->closing_by);
    flow->closing_told = true;
    flow->view.closed_by = (int)by;
    flow->view.closed_ns = flow->closing.time_ns;
    flow->view.closer_in_doubt = flow->closing_in_doubt;
    if (flows->events.closing)
        flows->events.closing(flows->events.payload, &flow->view, by, flow->closing_by_reset, &flow->closing);
}

static void take_out_claimed(struct wtr_flow *flow)
{
    struct wtr_flows *flows = flow->flows;
    if (flow->earlier)
        flow->earlier->later = flow->later;
    else
        flows->first_claimed = flow->later;
    if (flow->later)
        flow->later->earlier = flow->earlier;
    else
        flows->last_claimed = flow->earlier;
}

static enum wtr_flow_end end_reason(const struct wtr_flow *flow, enum wtr_flow_end reason)
{
    if (flow->reset)
        return WTR_FLOW_RST;
    if (flow->stream[0].ended && flow->stream[1].ended)
        return WTR_FLOW_FIN;
    return flow->closing_by >= 0 && !flow->used_after_closing ? WTR_FLOW_FIN : reason;
}

static void close_claimed(struct wtr_flow *flow, enum wtr_flow_end reason)
{
    struct wtr_flows *flows = flow->flows;
    wtr_flow_tell_closing(flow);
    wtr_flow_finish(flow);
    flow->view.end_reason = end_reason(flow, reason);
    if (flows->events.closed)
        flows->events.closed(flows->events.payload, &flow->view);
    flow->view.protocol->close(flow->view.session);
    free(flow->view.session);
    take_out_claimed(flow);
}

void wtr_flow_release(struct wtr_flow_record *record, enum wtr_flow_state state)
{
    struct wtr_flow *flow = record->flow;
    record->state = (uint8_t)state;
    record->flow = NULL;
    struct wtr_flow_table *table = &flow->flows->table;
    wtr_stream_clear(&flow->stream[0]);
    wtr_stream_clear(&flow->stream[1]);
    free(flow);
    wtr_flow_table_move(table, record, WTR_FLOWS_PLAIN);
}

void wtr_flow_decide(struct wtr_flow *flow)
{
    unsigned client = flow->record->client;
    wtr_stream_skip_holes(&flow->stream[client]);
    wtr_stream_skip_holes(&flow->stream[1 - client]);
    wtr_flow_offer_last(flow);
}

void wtr_flow_end(struct wtr_flows *flows, struct wtr_flow_record *record, enum wtr_flow_end reason)
{
    struct wtr_flow *flow = record->flow;
    record->over_ns = flows->now;
    if (!flow) {
        record->state = WTR_FLOW_OVER;
        return;
    }
    wtr_flow_decide(flow);
    wtr_stream_finish(&flow->stream[record->client]);
    wtr_stream_finish(&flow->stream[1 - record->client]);
    if (record->state == WTR_FLOW_CLAIMED)
        close_claimed(flow, reason);
    wtr_flow_release(record, WTR_FLOW_OVER);
}

static int64_t last_ns(const struct wtr_flow_record *record)
{
    return record->last_from_ns[0] > record->last_from_ns[1] ? record->last_from_ns[0]
                                                             : record->last_from_ns[1];
}

void wtr_flows_end_lingering(struct wtr_flows *flows, int64_t now)
{
    struct wtr_flow_record *record;
    while ((record = wtr_flow_table_oldest(&flows->table, WTR_FLOWS_LINGERING)) != NULL &&
           wtr_elapsed(last_ns(record), now) > LINGER_NS)
        wtr_flow_end(flows, record, WTR_FLOW_FIN);
}

void wtr_flows_forget(struct wtr_flows *flows, int64_t now)
{
    for (int i = 0; i < LOOKS; i++) {
        struct wtr_flow_record *record = wtr_flow_table_round(&flows->table);
        if (record && record->state == WTR_FLOW_OVER && wtr_elapsed(record->over_ns, now) > FORGET_NS)
            wtr_flow_table_remove(&flows->table, record);
    }
}

static void decide_all(struct wtr_flows *flows, enum wtr_flow_list list)
{
    struct wtr_flow_record *record = wtr_flow_table_oldest(&flows->table, list);
    while (record) {
        struct wtr_flow_record *next = wtr_flow_table_newer(&flows->table, record);
        if (record->state == WTR_FLOW_UNDECIDED) {
            wtr_flow_decide(record->flow);
            if (record->state == WTR_FLOW_UNDECIDED) {
                record->over_ns = flows->now;
                wtr_flow_release(record, WTR_FLOW_OVER);
            }
        }
        record = next;
    }
}

void wtr_flows_finish(struct wtr_flows *flows)
{
    decide_all(flows, WTR_FLOWS_UNDECIDED);
    decide_all(flows, WTR_FLOWS_LINGERING);
    while (flows->first_claimed)
        wtr_flow_end(flows, flows->first_claimed->record, WTR_FLOW_CAPTURE_END);
}

void wtr_flows_free(struct wtr_flows *flows)
{
    if (!flows)
        return;
    for (uint32_t i = 1; i <= flows->table.used; i++) {
        struct wtr_flow_record *record = &flows->table.records[i];
        if (!record->flow)
            continue;
        if (record->state == WTR_FLOW_CLAIMED) {
            record->flow->view.protocol->close(record->flow->view.session);
            free(record->flow->view.session);
        }
        wtr_flow_release(record, WTR_FLOW_OVER);
    }
    wtr_flow_table_free(&flows->table);
    wtr_recall_free(flows->pool.recall);
    free(flows->pool.slice);
    free(flows);
}

/* ---- bounds ---- */

static const enum wtr_flow_list with_buffers[] = {WTR_FLOWS_UNDECIDED, WTR_FLOWS_LINGERING,
                                                  WTR_FLOWS_CLAIMED};

static size_t held_by(const struct wtr_flow_record *record)
{
    return record->flow ? record->flow->stream[0].held + record->flow->stream[1].held : 0;
}

static size_t most_held(const struct wtr_flows *flows)
{
    size_t most = 0;
    for (size_t i = 0; i < sizeof with_buffers / sizeof *with_buffers; i++) {
        const struct wtr_flow_record *record = wtr_flow_table_oldest(&flows->table, with_buffers[i]);
        for (; record; record = wtr_flow_table_newer(&flows->table, record))
            if (held_by(record) > most)
                most = held_by(record);
    }
    return most;
}

/* Takes their waiting bytes from the flows that hold at least so much, and where that is not enough what is
 * unread as well. */
static void shed_from(struct wtr_flows *flows, enum wtr_flow_list list, size_t least)
{
    struct wtr_flow_record *record = wtr_flow_table_oldest(&flows->table, list);
    while (record) {
        struct wtr_flow_record *next = wtr_flow_table_newer(&flows->table, record);
        for (unsigned end = 0; end < 2 && held_by(record) >= least; end++)
            wtr_stream_skip_holes(&record->flow->stream[end]);
        for (unsigned end = 0; end < 2 && held_by(record) >= least; end++)
            wtr_stream_drop_unread(&record->flow->stream[end]);
        record = next;
    }
}

void wtr_flows_shed(struct wtr_flows *flows)
{
    size_t enough = flows->limits.total_buffer / 4 * 3;
    flows->pool.overflowed++;
    while (flows->pool.held > enough) {
        size_t least = most_held(flows) / 2 + 1;
        for (size_t i = 0; i < sizeof with_buffers / sizeof *with_buffers; i++)
            shed_from(flows, with_buffers[i], least);
    }
}
