/* SPDX-License-Identifier: Apache-2.0 */
/* libpcap's filter expressions (pcap-filter(7)), for choosing packets as tcpdump does. */
#ifndef WTR_PACKET_PACKET_FILTER_H
#define WTR_PACKET_PACKET_FILTER_H

#include "packet/packet.h"
#include "wattrail/status.h"

struct wtr_packet_filter;

/* WTR_E_ARGUMENT if libpcap can't compile the expression for Ethernet; then `why` (256 bytes) holds its
 * words. */
enum wtr_status wtr_packet_filter_new(struct wtr_packet_filter **filter, const char *expression,
                                      char why[256]);
void wtr_packet_filter_free(struct wtr_packet_filter *filter);
/* Whether the packet passes. The expression is compiled once for each link type; where it makes no sense for
 * a link type no packet of that type passes. */
bool wtr_packet_filter_passes(struct wtr_packet_filter *filter, const struct wtr_packet *packet);

#endif
