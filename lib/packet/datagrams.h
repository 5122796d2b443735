/* SPDX-License-Identifier: Apache-2.0 */
/* UDP datagrams to the protocols that bid for them. A pair of end points that no protocol wanted a few times
 * is remembered, so that a stream of datagrams of no interest costs one look-up each. */
#ifndef WTR_PACKET_DATAGRAMS_H
#define WTR_PACKET_DATAGRAMS_H

#include "model/span.h"
#include "packet/link.h"
#include "protocol/protocol.h"

struct wtr_datagrams;

/* A datagram that a protocol reads. Borrowed for the call. */
struct wtr_datagram_view {
    struct wtr_endpoint from, to;
    const struct wtr_protocol *protocol;
    const char *path; /* "eth/ipv4/udp" */
    const struct wtr_span *bytes;
};

struct wtr_datagram_events {
    void *payload;
    void (*message)(void *payload, const struct wtr_datagram_view *datagram,
                    const struct wtr_message *message);
    void (*finding)(void *payload, const struct wtr_datagram_view *datagram, const struct wtr_span *span,
                    size_t at, size_t length, const char *reason);
    /* The shape of a record, if the protocol tells it (struct wtr_sink); NULL: nobody wants it. */
    void (*record)(void *payload, const struct wtr_datagram_view *datagram,
                   const struct wtr_tls_record *record);
};

/* What `decoders` points to outlives the datagrams. NULL: no memory. */
struct wtr_datagrams *wtr_datagrams_new(const struct wtr_datagram_events *events,
                                        const struct wtr_decoders *decoders);
void wtr_datagrams_free(struct wtr_datagrams *datagrams);
/* No more will come: lets the protocols say what they have left to say. */
void wtr_datagrams_finish(struct wtr_datagrams *datagrams);
/* Takes one datagram. True if a protocol read it. */
bool wtr_datagrams_add(struct wtr_datagrams *datagrams, const struct wtr_headers *headers,
                       const struct wtr_span *payload);
/* Takes a unit of another layer than UDP that `protocol`, one of the decoders' protocols, reads. */
void wtr_datagrams_hand(struct wtr_datagrams *datagrams, const struct wtr_protocol *protocol,
                        const struct wtr_datagram *datagram);

#endif
