/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of IP. */
#ifndef WTR_MODEL_ENDPOINT_H
#define WTR_MODEL_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An IP address: IPv4 as its IPv4-mapped IPv6 form (RFC 4291 2.5.5.2). */
struct wtr_ip {
    uint8_t bytes[16];
};

static inline bool wtr_ip_is_v4(const struct wtr_ip *ip)
{
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(ip->bytes, prefix, sizeof prefix) == 0;
}

/* An address and a port. */
struct wtr_endpoint {
    struct wtr_ip ip;
    uint16_t port;
};

enum { WTR_ADDRESS_TEXT = 48, WTR_ENDPOINT_TEXT = 64 };

/* The address as text (RFC 5952 for IPv6), NUL-terminated; returns its length. */
size_t wtr_ip_text(const struct wtr_ip *ip, char text[WTR_ADDRESS_TEXT]);
/* Address and port: "10.0.0.7:1883", "[fe80::1]:1883"; the address alone where the port is 0, which is none
 * (ARP; RFC 768). */
size_t wtr_endpoint_text(const struct wtr_endpoint *end, char text[WTR_ENDPOINT_TEXT]);

#endif
