/* SPDX-License-Identifier: Apache-2.0 */
/* ARP (RFC 826): which link address has which protocol address. ARP stands beside IP, not on it: what reads
 * packets hands it over by itself. */
#ifndef WTR_PROTOCOL_ARP_H
#define WTR_PROTOCOL_ARP_H

#include "protocol/protocol.h"

enum { WTR_ARP_REQUEST = 1, WTR_ARP_REPLY = 2, WTR_ARP_LENGTH = 28 /* of Ethernet and IPv4 */ };

struct wtr_arp {
    uint16_t hardware_type, protocol_type, operation;
    struct wtr_text sender_hardware, sender_protocol;
    struct wtr_text target_hardware, target_protocol;
    /* Link addresses of six bytes and IPv4: then the addresses have these meanings, else they are bytes. */
    bool ethernet_ipv4;
    struct wtr_ip sender_ip, target_ip;
};

/* How an announcement, an answer or a question looks is RFC 5227 1.1: a probe asks for an address that its
 * sender does not have yet, so it says nothing of who has it. */
bool wtr_arp_is_probe(const struct wtr_arp *arp);

/* Reads a packet; false if it is not whole. */
bool wtr_arp_read(const uint8_t *bytes, size_t length, struct wtr_arp *arp);

/* Messages of type "request", "reply" or "other"; body struct wtr_arp. */
extern const struct wtr_protocol wtr_arp;

#endif
