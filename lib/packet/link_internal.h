/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of single headers share: the walk over a packet. Every reader checks that its header is
 * there, notes what it says, narrows the packet's end if the header gives a length, moves on, and hands over
 * to the reader of what comes next. */
#ifndef WTR_PACKET_LINK_INTERNAL_H
#define WTR_PACKET_LINK_INTERNAL_H

#include "packet/link.h"

/* at <= captured <= end, always. */
struct wtr_walk {
    const uint8_t *bytes;
    uint32_t at;       /* the next header's first byte */
    uint32_t captured; /* where the bytes that are there end */
    uint32_t end;      /* where the packet ended on the wire, by the innermost length that was read */
    struct wtr_headers *headers;
};

static inline bool wtr_walk_has(const struct wtr_walk *walk, uint32_t n)
{
    return n <= walk->captured - walk->at;
}

static inline enum wtr_header_verdict wtr_walk_bad(struct wtr_walk *walk, uint32_t at, const char *reason)
{
    walk->headers->reason = reason;
    walk->headers->reason_at = at;
    return WTR_HEADERS_BAD;
}

/* The verdict where `n` bytes are not there: were they on the wire, it is the capture that cut them. */
static inline enum wtr_header_verdict wtr_walk_short(struct wtr_walk *walk, uint32_t n, const char *reason)
{
    return n <= walk->end - walk->at ? WTR_HEADERS_CUT : wtr_walk_bad(walk, walk->at, reason);
}

/* Something readable that is not followed although traffic may lie inside. */
static inline enum wtr_header_verdict wtr_walk_leave(struct wtr_walk *walk, const char *reason)
{
    walk->headers->reason = reason;
    walk->headers->reason_at = walk->at;
    return WTR_HEADERS_OTHER;
}

/* Lets the packet end `n` bytes from here. False if it was over before. */
static inline bool wtr_walk_limit(struct wtr_walk *walk, uint32_t n)
{
    if (n > walk->end - walk->at)
        return false;
    walk->end = walk->at + n;
    if (walk->captured > walk->end)
        walk->captured = walk->end;
    return true;
}

/* What is left is the payload. */
static inline void wtr_walk_payload(struct wtr_walk *walk)
{
    walk->headers->payload_at = walk->at;
    walk->headers->length = walk->end - walk->at;
    walk->headers->captured = walk->captured - walk->at;
}

/* link.c: a logical link control header (IEEE 802.2). */
enum wtr_header_verdict wtr_walk_llc(struct wtr_walk *walk);

/* wlan.c: an 802.11 frame, bare or behind one of three headers that tell how it was received. */
enum wtr_header_verdict wtr_walk_wlan(struct wtr_walk *walk);
enum wtr_header_verdict wtr_walk_radiotap(struct wtr_walk *walk);
enum wtr_header_verdict wtr_walk_prism(struct wtr_walk *walk);
enum wtr_header_verdict wtr_walk_avs(struct wtr_walk *walk);

/* ip.c */
enum wtr_header_verdict wtr_walk_ipv4(struct wtr_walk *walk);
enum wtr_header_verdict wtr_walk_ipv6(struct wtr_walk *walk);

#endif
