/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the flow engine share: flows.c (packets to flows), flow_identity.c (which connection a
 * segment is of), flow_claim.c (from a stream's bytes to the protocol that understands them) and flow_end.c
 * (ends and bounds). */
#ifndef WTR_PACKET_FLOWS_INTERNAL_H
#define WTR_PACKET_FLOWS_INTERNAL_H

#include "packet/flow_table.h"
#include "packet/flows.h"
#include "packet/stream.h"

/* What is kept of a flow whose payload matters. Ends are numbered as in the record's key; a stream has the
 * number of its sender's end. */
struct wtr_flow {
    struct wtr_flow_view view; /* set when it is claimed */
    struct wtr_flows *flows;
    struct wtr_flow_record *record;
    struct wtr_stream stream[2];
    uint64_t payload_bytes[2]; /* until it is claimed */
    const char *path;
    bool has_mac;
    uint8_t mac[2][6];

    bool own_port;     /* a port is some protocol's own */
    bool dull;         /* enough was seen: nothing will claim it */
    bool ask_anyway;   /* the next offer is the last */
    size_t offered[2]; /* bytes at the last offer, of those still kept */

    bool reset;
    bool closing_told;
    bool used_after_closing; /* the other end sent payload after the first FIN */
    int closing_by;          /* the end that sent the first FIN or RST; -1: none */
    bool closing_by_reset;
    bool closing_in_doubt; /* the other end may have begun it, unseen */
    struct wtr_origin closing;

    uint8_t acked;   /* the ends of which the other one acknowledged something */
    uint32_t ack[2]; /* the last such number */

    unsigned strays[2]; /* segments in a row that follow one another, but are far from the stream */
    uint32_t stray_next[2];

    struct wtr_flow *earlier; /* claimed flows in the order of their ids */
    struct wtr_flow *later;
};

struct wtr_flows {
    struct wtr_flow_table table;
    struct wtr_flow_limits limits;
    struct wtr_flow_events events;
    struct wtr_decoders decoders;
    struct wtr_flow_counts counts;
    struct wtr_stream_pool pool;
    uint32_t undecided_limit;
    int64_t now; /* time of the last packet that had one */
    struct wtr_flow *first_claimed;
    struct wtr_flow *last_claimed;
    uint64_t place;             /* for wtr_flows_stream_place */
    const struct wtr_span *fed; /* what a protocol is reading */
    struct wtr_flow *reading;   /* and of which flow */
    uint64_t fed_place;
    uint32_t fed_sequence;
    uint32_t sequence; /* for wtr_flows_sequence */
};

#define WTR_SECOND_NS UINT64_C(1000000000)

/* A segment and where it belongs. */
struct wtr_arrival {
    struct wtr_flows *flows;
    struct wtr_flow_record *record;
    unsigned end; /* its sender */
    unsigned other;
    const struct wtr_headers *headers;
    const struct wtr_span *payload;
    int64_t now;
    struct wtr_origin origin; /* the headers up to the payload */
};

/* Reads the streams of a flow: while nothing claimed it by offering the bytes, then by handing them over. */
extern const struct wtr_stream_reader wtr_flow_reader;

/* Lets the protocol of a claimed flow say what it has left to say. */
void wtr_flow_finish(struct wtr_flow *flow);
/* Offers what is kept once more: no more will come. */
void wtr_flow_offer_last(struct wtr_flow *flow);

/* Whether the segment opens another connection than the one that its record stands for. */
bool wtr_flow_begins_anew(const struct wtr_arrival *a);
/* Whether the segment, which is far from its stream, is the last of several that are and follow one another:
 * the ports have opened another connection whose SYN was not seen, or so much is missing that it might be. */
bool wtr_flow_is_of_another(struct wtr_flow *flow, unsigned end, uint32_t seq, uint32_t length);
/* Whether a reset belongs to this connection and not to one that had its ports before: the answer to a SYN
 * that surprised the other end makes its sender reset the old connection, and go on with the new one (RFC
 * 9293 3.5.1). */
bool wtr_flow_reset_fits(const struct wtr_arrival *a);

/* Gives up every hole, and the hope that more bytes would make the protocols bid. */
void wtr_flow_decide(struct wtr_flow *flow);
/* Tells of the first FIN or RST, once. */
void wtr_flow_tell_closing(struct wtr_flow *flow);
/* Ends the flow; its record stays, as one that is over. `reason` is taken where no FIN or RST gives one. */
void wtr_flow_end(struct wtr_flows *flows, struct wtr_flow_record *record, enum wtr_flow_end reason);
/* Frees what is kept of the flow beside its record, which becomes of that state. */
void wtr_flow_release(struct wtr_flow_record *record, enum wtr_flow_state state);
/* Forgets flows that have been over for so long that nothing of them can still come: a few a call. */
void wtr_flows_forget(struct wtr_flows *flows, int64_t now);
/* Ends the closing flows that waited long enough. */
void wtr_flows_end_lingering(struct wtr_flows *flows, int64_t now);
/* Brings the memory of all buffers back below three quarters of its bound, the largest first; in steps, so
 * that going through the flows stays rare. */
void wtr_flows_shed(struct wtr_flows *flows);

static inline uint8_t wtr_end_bit(unsigned end)
{
    return (uint8_t)(1U << end);
}

static inline enum wtr_direction wtr_flow_direction(const struct wtr_flow *flow, unsigned end)
{
    return end == flow->record->client ? WTR_FROM_CLIENT : WTR_FROM_SERVER;
}

#endif
