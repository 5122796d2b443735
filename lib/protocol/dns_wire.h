/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of DNS share among themselves. */
#ifndef WTR_PROTOCOL_DNS_WIRE_H
#define WTR_PROTOCOL_DNS_WIRE_H

#include "protocol/dns.h"

enum {
    WTR_DNS_HEADER = 12,
    WTR_DNS_PORT = 53,
    WTR_MDNS_PORT = 5353,
    WTR_LLMNR_PORT = 5355,

    WTR_DNS_AA = 0x0400,
    WTR_DNS_TC = 0x0200,
    WTR_DNS_RD = 0x0100,
    WTR_DNS_RA = 0x0080,
    WTR_DNS_Z = 0x0040,
    WTR_DNS_AD = 0x0020,
    WTR_DNS_CD = 0x0010,
};

static inline unsigned wtr_dns_opcode(uint16_t flags)
{
    return flags >> 11 & 15;
}

/* "A", "SRV" …; NULL for a type without a name here. */
const char *wtr_dns_type_name(uint16_t type);

#endif
