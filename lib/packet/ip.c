/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 (RFC 791), IPv6 and its extension headers (RFC 8200, RFC 2675 for jumbograms, RFC 4302 for AH, RFC
 * 6946 for atomic fragments), TCP (RFC 9293 3.1) and UDP (RFC 768). What ICMP quotes and what a tunnel
 * carries is not followed. */
#include "base/bytes.h"
#include "packet/link_internal.h"

#include <string.h>

enum ip_protocol {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_ESP = 50,
    PROTOCOL_AH = 51,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_ETHERIP = 97,
    PROTOCOL_L2TP = 115,
    PROTOCOL_MPLS = 137,
};

enum {
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    FRAGMENT_HEADER = 8,
    AH_HEADER = 12,
};

/* IPv4 counts the offset in units of eight bytes below its flags; IPv6 has it in bytes above them. */
enum {
    MORE_FRAGMENTS_V4 = 0x2000,
    FRAGMENT_OFFSET_V4 = 0x1fff,
    MORE_FRAGMENTS_V6 = 0x0001,
    FRAGMENT_OFFSET_V6 = 0xfff8,
    FRAGMENT_PLACE_V6 = MORE_FRAGMENTS_V6 | FRAGMENT_OFFSET_V6,
};

enum { OPTION_END = 0, OPTION_PAD = 1, OPTION_LOOSE_ROUTE = 131, OPTION_STRICT_ROUTE = 137 };

enum { OPTION_JUMBO = 0xc2 };

static const char extension_too_short[] = "the packet ends inside its extension header";
static const char source_routed[] = "a source route is not yet at its end";

enum { SHORTEST_ETHERNET_FRAME = 60, MAX_EXTENSION_HEADERS = 16, LONGEST_DATAGRAM = 65535 };

static enum wtr_header_verdict tcp(struct wtr_walk *walk)
{
    if (!wtr_walk_has(walk, TCP_HEADER))
        return wtr_walk_short(walk, TCP_HEADER, "the packet ends inside its TCP header");
    const uint8_t *p = walk->bytes + walk->at;
    struct wtr_headers *headers = walk->headers;
    headers->src_port = wtr_be16(p);
    headers->dst_port = wtr_be16(p + 2);
    headers->seq = wtr_be32(p + 4);
    headers->ack = wtr_be32(p + 8);
    headers->flags = p[13];
    uint32_t length = (uint32_t)(p[12] >> 4) * 4;
    if (length < TCP_HEADER)
        return wtr_walk_bad(walk, walk->at + 12, "the TCP data offset is less than 5");
    if (!wtr_walk_has(walk, length))
        return wtr_walk_short(walk, length, "the TCP data offset runs past the segment");
    walk->at += length;
    wtr_walk_payload(walk);
    return WTR_HEADERS_TCP;
}

/* RFC 2675 4: the length is 0 where it does not fit, in a jumbogram. */
static enum wtr_header_verdict udp(struct wtr_walk *walk)
{
    if (!wtr_walk_has(walk, UDP_HEADER))
        return wtr_walk_short(walk, UDP_HEADER, "the packet ends inside its UDP header");
    const uint8_t *p = walk->bytes + walk->at;
    walk->headers->src_port = wtr_be16(p);
    walk->headers->dst_port = wtr_be16(p + 2);
    uint32_t length = wtr_be16(p + 4);
    if (length == 0 && walk->headers->v6 && walk->end - walk->at > LONGEST_DATAGRAM)
        length = walk->end - walk->at;
    if (length < UDP_HEADER)
        return wtr_walk_bad(walk, walk->at + 4, "the UDP length is less than its header's");
    if (!wtr_walk_limit(walk, length))
        return wtr_walk_bad(walk, walk->at + 4, "the UDP length runs past the datagram");
    walk->at += UDP_HEADER;
    wtr_walk_payload(walk);
    return WTR_HEADERS_UDP;
}

static enum wtr_header_verdict transport(struct wtr_walk *walk)
{
    switch (walk->headers->ip_protocol) {
    case PROTOCOL_TCP:
        return tcp(walk);
    case PROTOCOL_UDP:
        return udp(walk);
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
        return wtr_walk_leave(walk, "IP inside IP is not followed");
    case PROTOCOL_GRE:
        return wtr_walk_leave(walk, "GRE is not followed");
    case PROTOCOL_ESP:
        return wtr_walk_leave(walk, "IPsec ESP is not followed");
    case PROTOCOL_ETHERIP:
    case PROTOCOL_L2TP:
    case PROTOCOL_MPLS:
        return wtr_walk_leave(walk, "a tunnel is not followed");
    default:
        return WTR_HEADERS_OTHER;
    }
}

static enum wtr_header_verdict fragment(struct wtr_walk *walk, uint32_t id, uint32_t at, bool more)
{
    walk->headers->fragment_id = id;
    walk->headers->fragment_at = at;
    walk->headers->fragment_more = more;
    wtr_walk_payload(walk);
    return WTR_HEADERS_FRAGMENT;
}

/* Whether a route that the sender laid down is not yet at its end: then the destination is a router on the
 * way. A malformed option ends the search. */
static bool source_route_pending(const uint8_t *options, uint32_t length)
{
    uint32_t at = 0;
    while (at < length && options[at] != OPTION_END) {
        if (options[at] == OPTION_PAD) {
            at++;
            continue;
        }
        if (length - at < 3 || options[at + 1] < 2)
            return false;
        if (options[at] == OPTION_LOOSE_ROUTE || options[at] == OPTION_STRICT_ROUTE)
            return options[at + 2] <= options[at + 1];
        at += options[at + 1];
    }
    return false;
}

static bool is_extension(uint8_t protocol, bool v6)
{
    switch (protocol) {
    case PROTOCOL_AH:
        return true;
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_ROUTING:
    case PROTOCOL_FRAGMENT:
    case PROTOCOL_DESTINATION:
        return v6;
    default:
        return false;
    }
}

static uint32_t extension_length(uint8_t protocol, const uint8_t *p)
{
    switch (protocol) {
    case PROTOCOL_AH:
        return (p[1] + 2U) * 4;
    case PROTOCOL_FRAGMENT:
        return FRAGMENT_HEADER;
    default:
        return (p[1] + 1U) * 8;
    }
}

/* Goes through extension headers up to the transport header. `whole`: fragments were put together before, so
 * what belongs before a fragment header may not come again. */
static enum wtr_header_verdict chain(struct wtr_walk *walk, bool whole)
{
    struct wtr_headers *headers = walk->headers;
    for (int passed = 0; is_extension(headers->ip_protocol, headers->v6); passed++) {
        uint8_t protocol = headers->ip_protocol;
        if (passed == MAX_EXTENSION_HEADERS)
            return wtr_walk_bad(walk, walk->at, "more extension headers than are followed");
        if (protocol == PROTOCOL_HOP_BY_HOP && (whole || passed > 0))
            return wtr_walk_bad(walk, walk->at, "hop-by-hop options are not the first extension header");
        if (!wtr_walk_has(walk, 8))
            return wtr_walk_short(walk, 8, extension_too_short);
        const uint8_t *p = walk->bytes + walk->at;
        uint32_t length = extension_length(protocol, p);
        if (protocol == PROTOCOL_AH && length < AH_HEADER)
            return wtr_walk_bad(walk, walk->at + 1, "the AH length is less than its header's");
        if (!wtr_walk_has(walk, length))
            return wtr_walk_short(walk, length, extension_too_short);
        if (protocol == PROTOCOL_ROUTING && p[3] != 0)
            return wtr_walk_leave(walk, source_routed);
        headers->ip_protocol = p[0];
        walk->at += length;
        uint16_t place = protocol == PROTOCOL_FRAGMENT ? wtr_be16(p + 2) & FRAGMENT_PLACE_V6 : 0;
        if (place != 0) {
            return whole ? wtr_walk_bad(walk, walk->at - length, "a fragment lies inside a fragment")
                         : fragment(walk, wtr_be32(p + 4), place & FRAGMENT_OFFSET_V6,
                                    (place & MORE_FRAGMENTS_V6) != 0);
        }
    }
    return transport(walk);
}

static void map_ipv4(struct wtr_ip *ip, const uint8_t *address)
{
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    memcpy(ip->bytes, prefix, sizeof prefix);
    memcpy(ip->bytes + sizeof prefix, address, 4);
}

/* The total length is 0 where the packet was captured before the network card cut it into segments (TCP
 * segmentation offload): then the frame's own length stands. A frame short enough to have been padded does
 * not tell how long its packet is. False: a contradiction. */
static bool limit_ipv4(struct wtr_walk *walk, uint32_t total, uint32_t header)
{
    if (total == 0)
        return walk->end > SHORTEST_ETHERNET_FRAME;
    return total >= header && wtr_walk_limit(walk, total);
}

enum wtr_header_verdict wtr_walk_ipv4(struct wtr_walk *walk)
{
    if (!wtr_walk_has(walk, IPV4_HEADER))
        return wtr_walk_short(walk, IPV4_HEADER, "the packet ends inside its IPv4 header");
    const uint8_t *p = walk->bytes + walk->at;
    struct wtr_headers *headers = walk->headers;
    uint32_t length = (uint32_t)(p[0] & 0x0f) * 4;
    if (p[0] >> 4 != 4 || length < IPV4_HEADER)
        return wtr_walk_bad(walk, walk->at, "the IPv4 version or header length is wrong");
    map_ipv4(&headers->src, p + 12);
    map_ipv4(&headers->dst, p + 16);
    headers->ip_protocol = p[9];
    uint32_t total = wtr_be16(p + 2);
    if (!limit_ipv4(walk, total, length))
        return wtr_walk_bad(walk, walk->at + 2, "the IPv4 total length does not fit");
    if (!wtr_walk_has(walk, length))
        return wtr_walk_short(walk, length, "the packet ends inside its IPv4 options");
    if (source_route_pending(p + IPV4_HEADER, length - IPV4_HEADER))
        return wtr_walk_leave(walk, source_routed);
    walk->at += length;
    uint32_t place = wtr_be16(p + 6) & (MORE_FRAGMENTS_V4 | FRAGMENT_OFFSET_V4);
    if (place == 0)
        return headers->ip_protocol == PROTOCOL_TCP ? tcp(walk) : chain(walk, false);
    if (total == 0)
        return wtr_walk_bad(walk, walk->at - length + 2, "an IPv4 fragment does not tell its length");
    return fragment(walk, wtr_be16(p + 4), (place & FRAGMENT_OFFSET_V4) * 8,
                    (place & MORE_FRAGMENTS_V4) != 0);
}

/* The jumbo payload option among `length` bytes of hop-by-hop options; 0 if it is not there. */
static uint32_t jumbo_length(const uint8_t *p, uint32_t length)
{
    uint32_t at = 2;
    while (at + 2 <= length) {
        if (p[at] == OPTION_JUMBO && p[at + 1] == 4 && at + 6 <= length)
            return wtr_be32(p + at + 2);
        at += p[at] == 0 ? 1 : 2U + p[at + 1];
    }
    return 0;
}

/* RFC 2675: an IPv6 payload length of 0, and the true one among the hop-by-hop options. */
static enum wtr_header_verdict jumbogram(struct wtr_walk *walk)
{
    if (!wtr_walk_has(walk, 8))
        return wtr_walk_short(walk, 8, extension_too_short);
    const uint8_t *p = walk->bytes + walk->at;
    uint32_t options = extension_length(PROTOCOL_HOP_BY_HOP, p);
    if (!wtr_walk_has(walk, options))
        return wtr_walk_short(walk, options, extension_too_short);
    uint32_t length = jumbo_length(p, options);
    if (length <= LONGEST_DATAGRAM || !wtr_walk_limit(walk, length))
        return wtr_walk_bad(walk, walk->at, "the IPv6 jumbo payload length is absent or does not fit");
    return chain(walk, false);
}

enum wtr_header_verdict wtr_walk_ipv6(struct wtr_walk *walk)
{
    if (!wtr_walk_has(walk, IPV6_HEADER))
        return wtr_walk_short(walk, IPV6_HEADER, "the packet ends inside its IPv6 header");
    const uint8_t *p = walk->bytes + walk->at;
    struct wtr_headers *headers = walk->headers;
    if (p[0] >> 4 != 6)
        return wtr_walk_bad(walk, walk->at, "the IPv6 version is wrong");
    headers->v6 = true;
    memcpy(headers->src.bytes, p + 8, 16);
    memcpy(headers->dst.bytes, p + 24, 16);
    headers->ip_protocol = p[6];
    walk->at += IPV6_HEADER;
    uint32_t length = wtr_be16(p + 4);
    if (length == 0 && headers->ip_protocol == PROTOCOL_HOP_BY_HOP)
        return jumbogram(walk);
    if (!wtr_walk_limit(walk, length))
        return wtr_walk_bad(walk, walk->at - IPV6_HEADER + 4, "the IPv6 payload length runs past the frame");
    return chain(walk, false);
}

enum wtr_header_verdict wtr_headers_transport(const uint8_t *bytes, uint32_t length,
                                              struct wtr_headers *headers)
{
    struct wtr_walk walk = {.bytes = bytes, .captured = length, .end = length, .headers = headers};
    headers->reason = NULL;
    headers->reason_at = 0;
    return chain(&walk, true);
}
