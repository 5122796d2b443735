/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP (RFC 2131), on the ports 67 and 68. */
#ifndef WTR_PROTOCOL_DHCP_H
#define WTR_PROTOCOL_DHCP_H

#include "protocol/protocol.h"

enum {
    WTR_DHCP_HOST_NAME = 12,
    WTR_DHCP_REQUESTED_ADDRESS = 50,
    WTR_DHCP_OVERLOAD = 52,
    WTR_DHCP_MESSAGE_TYPE = 53,
    WTR_DHCP_VENDOR_CLASS = 60,
    WTR_DHCP_CLIENT_ID = 61,
    WTR_DHCP_FQDN = 81,

    WTR_DHCP_DISCOVER = 1,
    WTR_DHCP_REQUEST = 3,
    WTR_DHCP_ACK = 5,
    WTR_DHCP_INFORM = 8,

    WTR_DHCP_BOOTREQUEST = 1,
    WTR_DHCP_BOOTREPLY = 2,

    WTR_DHCP_MAX_OPTIONS = 128,
};

/* One option as it stands. Options of the same code are pieces of one long value (RFC 3396). */
struct wtr_dhcp_option {
    uint8_t code;
    struct wtr_text value;
};

struct wtr_dhcp {
    uint8_t op, htype, hlen, hops;
    uint32_t xid;
    uint16_t secs, flags;
    struct wtr_ip ciaddr, yiaddr, siaddr, giaddr;
    struct wtr_text chaddr;      /* hlen bytes, at most 16 */
    struct wtr_text sname, file; /* up to their first zero; empty where they hold options */
    uint8_t overload;            /* option 52: 1 file, 2 sname, 3 both hold options */
    uint8_t message_type;        /* option 53; 0: none */
    struct wtr_dhcp_option options[WTR_DHCP_MAX_OPTIONS]; /* in the order in which RFC 3396 joins them */
    size_t option_count;
};

/* The option's value if it stands in one piece; data NULL if it does not, or is not there. */
struct wtr_text wtr_dhcp_option(const struct wtr_dhcp *dhcp, uint8_t code);

/* The client's Ethernet address; NULL if it has none. */
const uint8_t *wtr_dhcp_mac(const struct wtr_dhcp *dhcp);

void wtr_dhcp_fields(const struct wtr_message *message, struct wtr_json_writer *out);

/* Messages of the type that option 53 names ("discover", "ack" …), else "bootrequest" or "bootreply"; body
 * struct wtr_dhcp. */
extern const struct wtr_protocol wtr_dhcp;

#endif
