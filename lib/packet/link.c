/* SPDX-License-Identifier: Apache-2.0 */
/* Link layers and what may stand between them and IP. Facts are from the list of link types at tcpdump.org
 * (LINKTYPE_NULL, _LOOP, _RAW, _PPP, _PPP_ETHER, _LINUX_SLL, _LINUX_SLL2), IEEE 802.3 (type or length), IEEE
 * 802.1Q (tags), IEEE 802.2 and RFC 1042 (LLC/SNAP), RFC 1661 and 1662 (PPP) and RFC 2516 (PPPoE). */
#include "packet/link.h"

#include "base/bytes.h"
#include "packet/link_internal.h"

#include <string.h>

enum link_type {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_RAW_BSD = 12, /* what some systems wrote for DLT_RAW before there was one number for all */
    LINK_RAW_OPENBSD = 14,
    LINK_PPP_ETHER = 51,
    LINK_RAW = 101,
    LINK_WLAN = 105,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_PRISM = 119,
    LINK_RADIOTAP = 127,
    LINK_AVS = 163,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_SLL2 = 276,
};

enum ether_type {
    TYPE_LONGEST_FRAME = 1500, /* up to here the field is a length, and above a type */
    TYPE_IPV4 = 0x0800,
    TYPE_ARP = 0x0806,
    TYPE_BRIDGED = 0x6558,
    TYPE_VLAN = 0x8100,
    TYPE_IPV6 = 0x86dd,
    TYPE_MPLS = 0x8847,
    TYPE_MPLS_MULTICAST = 0x8848,
    TYPE_EAPOL = 0x888e,
    TYPE_PPPOE_SESSION = 0x8864,
    TYPE_VLAN_SERVICE = 0x88a8,
    TYPE_MACSEC = 0x88e5,
    TYPE_BACKBONE = 0x88e7,
    TYPE_VLAN_OLD_QINQ = 0x9100,
};

/* The protocol field of Linux cooked headers where it is no ether type (linux/if_ether.h). */
enum { COOKED_LLC = 0x0004 };

/* ARPHRD_ numbers (linux/if_arp.h): ARPHRD_ETHER, and those whose protocol field is no ether type. */
enum {
    HARDWARE_ETHERNET = 1,
    HARDWARE_FRAME_RELAY = 770,
    HARDWARE_GRE = 778,
    HARDWARE_WLAN_FIRST = 801, /* ARPHRD_IEEE80211, _PRISM, _RADIOTAP */
    HARDWARE_WLAN_LAST = 803,
    HARDWARE_NETLINK = 824,
};

enum { MAX_VLAN_TAGS = 8 };

static enum wtr_header_verdict type_or_length(struct wtr_walk *walk, uint16_t value);

/* IP whose version no outer header tells. */
static enum wtr_header_verdict ip_of_either_version(struct wtr_walk *walk)
{
    if (!wtr_walk_has(walk, 1))
        return wtr_walk_short(walk, 1, "the packet ends before its IP header");
    switch (walk->bytes[walk->at] >> 4) {
    case 4:
        return wtr_walk_ipv4(walk);
    case 6:
        return wtr_walk_ipv6(walk);
    default:
        return wtr_walk_bad(walk, walk->at, "the IP version is neither 4 nor 6");
    }
}

/* RFC 1661 2: the protocol field may be compressed to one byte, which is then odd. RFC 1662 3.1: the address
 * and control bytes of the framing may stand before it. */
static enum wtr_header_verdict ppp(struct wtr_walk *walk)
{
    static const char too_short[] = "the packet ends inside its PPP header";
    if (wtr_walk_has(walk, 1) && walk->bytes[walk->at] == 0xff) {
        if (!wtr_walk_has(walk, 2))
            return wtr_walk_short(walk, 2, too_short);
        if (walk->bytes[walk->at + 1] != 0x03)
            return WTR_HEADERS_OTHER;
        walk->at += 2;
    }
    if (!wtr_walk_has(walk, 1))
        return wtr_walk_short(walk, 1, too_short);
    uint16_t protocol = walk->bytes[walk->at];
    uint32_t length = 1;
    if ((protocol & 1) == 0) {
        length = 2;
        if (!wtr_walk_has(walk, length))
            return wtr_walk_short(walk, length, too_short);
        protocol = wtr_be16(walk->bytes + walk->at);
    }
    walk->at += length;
    switch (protocol) {
    case 0x0021:
        return wtr_walk_ipv4(walk);
    case 0x0057:
        return wtr_walk_ipv6(walk);
    default:
        return WTR_HEADERS_OTHER;
    }
}

static enum wtr_header_verdict pppoe_session(struct wtr_walk *walk)
{
    if (!wtr_walk_has(walk, 6))
        return wtr_walk_short(walk, 6, "the packet ends inside its PPPoE header");
    const uint8_t *p = walk->bytes + walk->at;
    if (p[0] != 0x11)
        return wtr_walk_bad(walk, walk->at, "the PPPoE version or type is not 1");
    if (p[1] != 0)
        return wtr_walk_bad(walk, walk->at + 1, "a PPPoE session packet bears a discovery code");
    walk->at += 6;
    if (!wtr_walk_limit(walk, wtr_be16(p + 4)))
        return wtr_walk_bad(walk, walk->at - 2, "the PPPoE length runs past the frame");
    walk->headers->pppoe = true;
    return ppp(walk);
}

/* RFC 826: the packet's length follows from its two address lengths; what is behind is padding. */
static enum wtr_header_verdict arp(struct wtr_walk *walk)
{
    static const char too_short[] = "the packet ends inside its ARP packet";
    if (!wtr_walk_has(walk, 8))
        return wtr_walk_short(walk, 8, too_short);
    const uint8_t *p = walk->bytes + walk->at;
    uint32_t length = 8 + 2U * p[4] + 2U * p[5];
    if (!wtr_walk_has(walk, length))
        return wtr_walk_short(walk, length, too_short);
    wtr_walk_limit(walk, length);
    wtr_walk_payload(walk);
    return WTR_HEADERS_ARP;
}

static bool is_vlan_type(uint16_t type)
{
    return type == TYPE_VLAN || type == TYPE_VLAN_SERVICE || type == TYPE_VLAN_OLD_QINQ;
}

static enum wtr_header_verdict vlan(struct wtr_walk *walk)
{
    uint16_t type;
    do {
        if (walk->headers->vlans == MAX_VLAN_TAGS)
            return wtr_walk_bad(walk, walk->at, "more VLAN tags than are followed");
        if (!wtr_walk_has(walk, 4))
            return wtr_walk_short(walk, 4, "the packet ends inside its VLAN tag");
        type = wtr_be16(walk->bytes + walk->at + 2);
        walk->at += 4;
        walk->headers->vlans++;
    } while (is_vlan_type(type));
    return type_or_length(walk, type);
}

static enum wtr_header_verdict ether_type(struct wtr_walk *walk, uint16_t type)
{
    if (type == TYPE_IPV4)
        return wtr_walk_ipv4(walk);
    switch (type) {
    case TYPE_IPV6:
        return wtr_walk_ipv6(walk);
    case TYPE_ARP:
        return arp(walk);
    case TYPE_VLAN:
    case TYPE_VLAN_SERVICE:
    case TYPE_VLAN_OLD_QINQ:
        return vlan(walk);
    case TYPE_PPPOE_SESSION:
        return pppoe_session(walk);
    case TYPE_EAPOL:
        wtr_walk_payload(walk);
        return WTR_HEADERS_EAPOL;
    case TYPE_MPLS:
    case TYPE_MPLS_MULTICAST:
        return wtr_walk_leave(walk, "MPLS is not followed");
    case TYPE_BRIDGED:
    case TYPE_BACKBONE:
        return wtr_walk_leave(walk, "Ethernet inside Ethernet is not followed");
    case TYPE_MACSEC:
        return wtr_walk_leave(walk, "MACsec is not followed");
    default:
        return WTR_HEADERS_OTHER;
    }
}

/* RFC 1042, and IEEE 802.1H for the second organisation code: behind a SNAP header stands an ether type. */
enum wtr_header_verdict wtr_walk_llc(struct wtr_walk *walk)
{
    static const uint8_t rfc1042[6] = {0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00};
    static const uint8_t bridge_tunnel[6] = {0xaa, 0xaa, 0x03, 0x00, 0x00, 0xf8};
    static const char too_short[] = "the packet ends inside its LLC header";
    if (!wtr_walk_has(walk, 3))
        return wtr_walk_short(walk, 3, too_short);
    const uint8_t *p = walk->bytes + walk->at;
    if (memcmp(p, rfc1042, 3) != 0)
        return WTR_HEADERS_OTHER;
    if (!wtr_walk_has(walk, 8))
        return wtr_walk_short(walk, 8, too_short);
    if (memcmp(p, rfc1042, 6) != 0 && memcmp(p, bridge_tunnel, 6) != 0)
        return WTR_HEADERS_OTHER;
    walk->at += 8;
    return ether_type(walk, wtr_be16(p + 6));
}

/* The last two bytes of an Ethernet header or VLAN tag. The only way back here is through a VLAN tag, and
 * their number is bounded. */
static enum wtr_header_verdict type_or_length(struct wtr_walk *walk, uint16_t value)
{
    if (value > TYPE_LONGEST_FRAME)
        return ether_type(walk, value);
    if (!wtr_walk_limit(walk, value))
        return wtr_walk_bad(walk, walk->at - 2, "the 802.3 length runs past the frame");
    return wtr_walk_llc(walk);
}

static enum wtr_header_verdict ethernet(struct wtr_walk *walk)
{
    if (!wtr_walk_has(walk, 14))
        return wtr_walk_short(walk, 14, "the packet ends inside its Ethernet header");
    const uint8_t *p = walk->bytes + walk->at;
    walk->headers->has_mac = true;
    memcpy(walk->headers->dst_mac, p, 6);
    memcpy(walk->headers->src_mac, p + 6, 6);
    walk->at += 14;
    return type_or_length(walk, wtr_be16(p + 12));
}

/* What follows either cooked header. `address` is the sender's. */
static enum wtr_header_verdict cooked(struct wtr_walk *walk, uint16_t hardware, uint16_t protocol,
                                      const uint8_t *address, uint32_t address_length)
{
    if (hardware == HARDWARE_ETHERNET && address_length == 6) {
        walk->headers->has_mac = true;
        memcpy(walk->headers->src_mac, address, 6);
    }
    if (hardware == HARDWARE_FRAME_RELAY || hardware == HARDWARE_NETLINK || hardware == HARDWARE_GRE)
        return WTR_HEADERS_OTHER;
    if (hardware >= HARDWARE_WLAN_FIRST && hardware <= HARDWARE_WLAN_LAST)
        return wtr_walk_leave(walk, "802.11 inside a cooked capture is not followed");
    return protocol == COOKED_LLC ? wtr_walk_llc(walk) : ether_type(walk, protocol);
}

static enum wtr_header_verdict linux_sll(struct wtr_walk *walk)
{
    walk->headers->layer = WTR_LAYER_SLL;
    if (!wtr_walk_has(walk, 16))
        return wtr_walk_short(walk, 16, "the packet ends inside its cooked header");
    const uint8_t *p = walk->bytes + walk->at;
    walk->at += 16;
    return cooked(walk, wtr_be16(p + 2), wtr_be16(p + 14), p + 6, wtr_be16(p + 4));
}

static enum wtr_header_verdict linux_sll2(struct wtr_walk *walk)
{
    walk->headers->layer = WTR_LAYER_SLL2;
    if (!wtr_walk_has(walk, 20))
        return wtr_walk_short(walk, 20, "the packet ends inside its cooked header");
    const uint8_t *p = walk->bytes + walk->at;
    walk->at += 20;
    return cooked(walk, wtr_be16(p + 8), wtr_be16(p), p + 12, p[11]);
}

/* An address family in four bytes, in network order or (LINKTYPE_NULL) in that of the machine that captured.
 * IPv6 has a number of its own on each of NetBSD and OpenBSD, FreeBSD, and Darwin. */
static enum wtr_header_verdict loopback(struct wtr_walk *walk, bool either_order)
{
    walk->headers->layer = WTR_LAYER_NULL;
    if (!wtr_walk_has(walk, 4))
        return wtr_walk_short(walk, 4, "the packet ends inside its loopback header");
    const uint8_t *p = walk->bytes + walk->at;
    uint32_t family = wtr_be32(p);
    if (either_order && family > 0xffff)
        family = wtr_le32(p);
    walk->at += 4;
    switch (family) {
    case 2:
        return wtr_walk_ipv4(walk);
    case 24:
    case 28:
    case 30:
        return wtr_walk_ipv6(walk);
    default:
        return WTR_HEADERS_OTHER;
    }
}

static enum wtr_header_verdict other_link(struct wtr_walk *walk, uint16_t link_type)
{
    switch (link_type) {
    case LINK_SLL:
        return linux_sll(walk);
    case LINK_SLL2:
        return linux_sll2(walk);
    case LINK_NULL:
        return loopback(walk, true);
    case LINK_LOOP:
        return loopback(walk, false);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
        walk->headers->layer = WTR_LAYER_RAW;
        return ip_of_either_version(walk);
    case LINK_IPV4:
        walk->headers->layer = WTR_LAYER_RAW;
        return wtr_walk_ipv4(walk);
    case LINK_IPV6:
        walk->headers->layer = WTR_LAYER_RAW;
        return wtr_walk_ipv6(walk);
    case LINK_PPP:
        walk->headers->layer = WTR_LAYER_PPP;
        return ppp(walk);
    case LINK_PPP_ETHER:
        walk->headers->layer = WTR_LAYER_PPP;
        return pppoe_session(walk);
    case LINK_WLAN:
        return wtr_walk_wlan(walk);
    case LINK_RADIOTAP:
        return wtr_walk_radiotap(walk);
    case LINK_PRISM:
        return wtr_walk_prism(walk);
    case LINK_AVS:
        return wtr_walk_avs(walk);
    default:
        return WTR_HEADERS_UNKNOWN_LINK;
    }
}

enum wtr_header_verdict wtr_headers_read(const struct wtr_packet *packet, struct wtr_headers *headers)
{
    static const struct wtr_headers nothing_read = {.layer = WTR_LAYER_ETHERNET};
    *headers = nothing_read;
    struct wtr_walk walk = {
        .bytes = packet->bytes,
        .captured = packet->captured,
        .end = packet->original > packet->captured ? packet->original : packet->captured,
        .headers = headers,
    };
    if (packet->link_type == LINK_ETHERNET)
        return ethernet(&walk);
    return other_link(&walk, packet->link_type);
}
