/* SPDX-License-Identifier: Apache-2.0 */
/* How addresses are written. */
#include "model/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>

size_t wtr_ip_text(const struct wtr_ip *ip, char text[WTR_ADDRESS_TEXT])
{
    bool v4 = wtr_ip_is_v4(ip);
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, ip->bytes + (v4 ? 12 : 0), text, WTR_ADDRESS_TEXT))
        text[0] = '\0';
    return strlen(text);
}

size_t wtr_endpoint_text(const struct wtr_endpoint *end, char text[WTR_ENDPOINT_TEXT])
{
    char address[WTR_ADDRESS_TEXT];
    wtr_ip_text(&end->ip, address);
    const char *form = wtr_ip_is_v4(&end->ip) ? "%s:%u" : "[%s]:%u";
    int n = snprintf(text, WTR_ENDPOINT_TEXT, form, address, (unsigned)end->port);
    return n > 0 && n < WTR_ENDPOINT_TEXT ? (size_t)n : 0;
}
