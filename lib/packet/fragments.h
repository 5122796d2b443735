/* SPDX-License-Identifier: Apache-2.0 */
/* IP reassembly (RFC 791 3.2, RFC 8200 4.5, and RFC 5722: overlapping fragments discard the datagram): a
 * bounded table of datagrams under way: 64 of at most 64 parts and 65535 bytes each. */
#ifndef WTR_PACKET_FRAGMENTS_H
#define WTR_PACKET_FRAGMENTS_H

#include "model/span.h"
#include "packet/link.h"

struct wtr_fragments;

enum wtr_fragment_verdict {
    WTR_FRAGMENT_KEPT,    /* more are needed */
    WTR_FRAGMENT_WHOLE,   /* *datagram is the IP payload, with its pieces; valid until the next call */
    WTR_FRAGMENT_REPEAT,  /* the same part again, also of a datagram that was handed out already */
    WTR_FRAGMENT_DROPPED, /* cut, overlapping, too long, too many …: *reason says which */
};

struct wtr_fragment_counts {
    uint64_t fragments;
    uint64_t whole;
    uint64_t dropped; /* fragments that were refused, by themselves or with their datagram */
    uint64_t expired; /* datagrams given up before they were whole: by age (30 s) or for want of room */
};

struct wtr_fragments *wtr_fragments_new(void); /* NULL: no memory */
void wtr_fragments_free(struct wtr_fragments *fragments);
/* Takes one fragment: a packet whose headers were read with the verdict WTR_HEADERS_FRAGMENT. */
enum wtr_fragment_verdict wtr_fragments_add(struct wtr_fragments *fragments, const struct wtr_packet *packet,
                                            const struct wtr_headers *headers, struct wtr_span *datagram,
                                            const char **reason);
/* Datagrams that are still incomplete count as expired from now on. */
void wtr_fragments_finish(struct wtr_fragments *fragments);
struct wtr_fragment_counts wtr_fragments_counts(const struct wtr_fragments *fragments);

#endif
