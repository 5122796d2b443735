/* SPDX-License-Identifier: Apache-2.0 */
/* TCP connections: a bounded table of flows, and for the flows that a protocol claims the two streams put
 * back in order. The table's path for a flow of no interest is one look-up and one flag.
 *
 * A flow is offered to the protocols segment by segment (in order, each direction) until one claims it or
 * enough was seen to be sure that none will. A claimed stream is delivered without copying as long as
 * segments come in order and the protocol consumes them whole; what arrives early waits in a bounded buffer;
 * what never arrives becomes a gap as soon as it is certain: later bytes wait, and the other side
 * acknowledged them and 32 further segments came, or three and a second (stream.h has the numbers); or the
 * other side was not heard for half a minute; or a bound is hit, or the connection or the capture ends.
 * Sequence numbers wrap (RFC 9293 3.4). */
#ifndef WTR_PACKET_FLOWS_H
#define WTR_PACKET_FLOWS_H

#include "model/span.h"
#include "packet/link.h"
#include "protocol/protocol.h"

struct wtr_flows;
struct wtr_flow;

/* Why a flow ended. */
enum wtr_flow_end {
    WTR_FLOW_OPEN, /* it has not */
    WTR_FLOW_FIN,  /* both sides closed, or one did and nothing followed */
    WTR_FLOW_RST,
    WTR_FLOW_REUSED,  /* its ports opened another connection */
    WTR_FLOW_EVICTED, /* room was needed: the longest idle goes first */
    WTR_FLOW_CAPTURE_END,
};

/* What may be known of a flow. Ends are numbered as enum wtr_direction: WTR_FROM_CLIENT is the end that sent
 * the SYN; where none was seen, the end with the higher port (`ends_guessed`). */
struct wtr_flow_view {
    uint64_t id; /* from 1, in the order in which flows of interest were claimed; 0: none yet */
    struct wtr_endpoint end[2];
    bool has_mac;
    uint8_t mac[2][6]; /* link addresses as seen here; behind a router they are the router's */
    const char *path;  /* "eth/ipv4/tcp" */
    bool ends_guessed;
    bool started; /* the SYN or the answer to it was seen */
    const struct wtr_protocol *protocol;
    void *session;
    void *user; /* the caller's, NULL at first */
    int64_t first_ns, last_ns;
    int64_t last_from_ns[2]; /* time of the last packet from each end; INT64_MIN: none */
    uint64_t packets[2];
    uint64_t payload_bytes[2];
    uint64_t gaps[2]; /* number of gaps, and bytes lost in them (of known length) */
    uint64_t lost_bytes[2];
    enum wtr_flow_end end_reason;
    int closed_by;        /* enum wtr_direction of the first FIN or RST; -1: none */
    int64_t closed_ns;    /* its time */
    bool closer_in_doubt; /* that end acknowledged what the capture does not show: the other may have been
                             first */
};

/* The caller's side. Spans and views are borrowed for the call. */
struct wtr_flow_events {
    void *payload;
    /* A protocol claimed the flow; the caller may set view->user. */
    void (*claimed)(void *payload, struct wtr_flow_view *flow);
    /* Messages and findings of the claimed protocol, with the flow that they belong to. */
    void (*message)(void *payload, struct wtr_flow_view *flow, const struct wtr_message *message);
    void (*finding)(void *payload, struct wtr_flow_view *flow, const struct wtr_span *span, size_t at,
                    size_t length, const char *reason);
    /* Bytes of a claimed stream were lost between what was delivered and the packet described by `after`.
     * missing is 0 where their number can't be told. Where nothing was received behind them, `after` is the
     * packet that shows that they were sent: an acknowledgement, a FIN or RST, a segment cut by the capture.
     * Bytes that a bound left no room for count as lost too, after a finding that names them. */
    void (*gap)(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction, uint64_t missing,
                const struct wtr_origin *after);
    /* Bytes that were delivered before came again, unchanged, and were compared; it is told when the protocol
     * is done with the first ones: `at` is their place in the stream (bytes since
     * the first that was delivered) and `again` the second frame's origin (offset and length are the repeated
     * bytes'). */
    void (*repeated)(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction, uint64_t at,
                     const struct wtr_origin *again);
    /* The same, but with other bytes than those delivered, which stand: from the first that differs to the
     * last. */
    void (*altered)(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction,
                    const struct wtr_origin *again);
    /* The first FIN or RST of a claimed flow, when what its end sent before is delivered. */
    void (*closing)(void *payload, struct wtr_flow_view *flow, enum wtr_direction by, bool reset,
                    const struct wtr_origin *origin);
    /* The shape of a record, if the claimed protocol tells it (struct wtr_sink); NULL: nobody wants it. */
    void (*record)(void *payload, struct wtr_flow_view *flow, const struct wtr_tls_record *record);
    /* A claimed flow is over; the view is gone after the call. After the last FIN, or a RST, this is ten
     * seconds of the capture later, so that what comes late or twice still belongs to the flow. */
    void (*closed)(void *payload, struct wtr_flow_view *flow);
};

struct wtr_flow_limits {
    size_t flows;         /* flows at a time (default 65536) */
    size_t stream_buffer; /* memory for bytes of a stream that wait or are not yet read (default 1 MiB) */
    size_t total_buffer;  /* the same for all flows together (default 24 MiB) */
};

struct wtr_flow_counts {
    uint64_t flows; /* connections seen */
    uint64_t claimed;
    uint64_t evicted;  /* given up for want of room while claimed or being offered to the protocols */
    uint64_t segments; /* TCP segments with payload */
    uint64_t repeated; /* of claimed flows: segments that brought nothing new */
    uint64_t altered;
    uint64_t gaps;
    uint64_t lost_bytes;
    uint64_t overflowed; /* times a buffer bound was hit */
    uint64_t peak_flows;
    uint64_t ignored; /* segments that can't be of the connection: far from its sequence numbers, or in a
                         claimed flow before its first byte or behind its end */
};

/* limits: NULL for the defaults. What `decoders` points to outlives the flows. */
enum wtr_status wtr_flows_new(struct wtr_flows **flows, const struct wtr_flow_limits *limits,
                              const struct wtr_flow_events *events, const struct wtr_decoders *decoders);
/* Ends every flow (WTR_FLOW_CAPTURE_END), in the order of their ids. */
void wtr_flows_finish(struct wtr_flows *flows);
void wtr_flows_free(struct wtr_flows *flows);
/* Takes one TCP segment. `packet` gives times and places; the payload's bytes and the place of its first
 * byte are given apart, because a datagram may have been put together from fragments (then `pieces` has more
 * than one). */
void wtr_flows_add(struct wtr_flows *flows, const struct wtr_packet *packet,
                   const struct wtr_headers *headers, const struct wtr_span *payload);
struct wtr_flow_counts wtr_flows_counts(const struct wtr_flows *flows);
/* While a message, finding or gap is being delivered: the place in its stream of the span's first byte, or of
 * the first byte that is missing. */
uint64_t wtr_flows_stream_place(const struct wtr_flows *flows);
/* While a message is being delivered: the TCP sequence number of its first byte. */
uint32_t wtr_flows_sequence(const struct wtr_flows *flows);

#endif
