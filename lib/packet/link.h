/* SPDX-License-Identifier: Apache-2.0 */
/* A packet's headers: from the link layer through VLAN tags, PPPoE and IP to TCP or UDP. Nothing is copied
 * or allocated.
 *
 * Checksums are not verified: where the sender's network card computes them, a capture taken on the sender
 * shows them wrong in every honest packet. */
#ifndef WTR_PACKET_LINK_H
#define WTR_PACKET_LINK_H

#include "model/endpoint.h"
#include "packet/packet.h"

enum wtr_layer {
    WTR_LAYER_ETHERNET,
    WTR_LAYER_SLL,
    WTR_LAYER_SLL2,
    WTR_LAYER_NULL,
    WTR_LAYER_RAW,
    WTR_LAYER_WLAN,
    WTR_LAYER_PPP, /* with or without HDLC framing, or PPPoE without Ethernet around it */
};

enum wtr_header_verdict {
    WTR_HEADERS_TCP,
    WTR_HEADERS_UDP,
    WTR_HEADERS_FRAGMENT,     /* one fragment of an IP datagram: fragment fields are set */
    WTR_HEADERS_ARP,          /* payload: the ARP packet */
    WTR_HEADERS_OTHER,        /* readable, and nothing that is followed (ICMP, IGMP, other ether types …) */
    WTR_HEADERS_ENCRYPTED,    /* an 802.11 data frame whose body is encrypted */
    WTR_HEADERS_WLAN_OTHER,   /* 802.11 management or control, or a frame without a body */
    WTR_HEADERS_UNKNOWN_LINK, /* a link type that is not read */
    WTR_HEADERS_CUT,          /* the capture cut the packet before its headers ended */
    WTR_HEADERS_BAD,          /* a header contradicts itself; `reason` and `reason_at` are set */
    WTR_HEADERS_EAPOL,        /* payload: the EAPOL packet, to which nothing but 802.11 pays heed */
    WTR_HEADERS_AGGREGATE,    /* an 802.11 A-MSDU in clear: wtr_headers_msdu goes through it */
};

struct wtr_headers {
    enum wtr_layer layer;
    bool has_mac;
    uint8_t src_mac[6];
    uint8_t dst_mac[6]; /* zero in Linux cooked captures, which name the sender alone */
    uint8_t vlans;      /* tags passed */
    bool pppoe;
    bool v6;
    struct wtr_ip src;
    struct wtr_ip dst;
    uint8_t ip_protocol;
    uint16_t src_port;
    uint16_t dst_port;

    /* TCP */
    uint32_t seq;
    uint32_t ack;
    uint8_t flags; /* the low eight bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16 */

    /* TCP, UDP, ARP, EAPOL, FRAGMENT: the payload, as offset into the packet; `length` is what the headers
     * say, `captured` what is there of it */
    uint32_t payload_at;
    uint32_t length;
    uint32_t captured;

    /* FRAGMENT: the fragment's own part */
    uint32_t fragment_id;
    uint32_t fragment_at; /* offset of this part in the datagram's payload */
    bool fragment_more;   /* not the last */

    /* BAD: what is wrong, and where in the packet. OTHER: NULL, or what was not followed although traffic may
     * lie inside (a tunnel, an 802.11 fragment …), and where it starts. */
    const char *reason;
    uint32_t reason_at;

    /* 802.11: where the frame starts and ends in the packet (the end on the air, without a check sequence
     * that is known to be there), and whether its header is padded to a multiple of four bytes. */
    uint32_t wlan_at;
    uint32_t wlan_end;
    bool wlan_padded;
    /* What is left to read of its body, for wtr_headers_msdu, and whether that is an A-MSDU. */
    bool aggregate;
    uint32_t msdu_at;
    uint32_t msdu_end;
    /* The MSDU that was read last, from its LLC header on. */
    uint32_t llc_at;
    uint32_t llc_end;
};

enum { WTR_TCP_FIN = 1, WTR_TCP_SYN = 2, WTR_TCP_RST = 4, WTR_TCP_PSH = 8, WTR_TCP_ACK = 16 };

/* Reads the headers. `headers` is written whole; beyond what the verdict promises, it holds what was read on
 * the way. */
enum wtr_header_verdict wtr_headers_read(const struct wtr_packet *packet, struct wtr_headers *headers);

/* Reads the headers of the next MSDU from msdu_at on, and moves on; false: there is none. What `headers` say
 * of the frame stays. */
bool wtr_headers_msdu(const struct wtr_packet *packet, struct wtr_headers *headers,
                      enum wtr_header_verdict *verdict);

/* Reads the transport header of a datagram that was put together from fragments: `bytes` start at the IP
 * payload; addresses, v6 and ip_protocol are set already (by the verdict FRAGMENT). payload_at and reason_at
 * count from `bytes`. Never gives FRAGMENT or CUT. */
enum wtr_header_verdict wtr_headers_transport(const uint8_t *bytes, uint32_t length,
                                              struct wtr_headers *headers);

#endif
