/* SPDX-License-Identifier: Apache-2.0 */
/* How addresses are written. */
#include "model/endpoint.h"

#include <arpa/inet.h>

/* The number's decimal digits; returns how many. */
static size_t put_decimal(char *text, unsigned number)
{
    char digits[10];
    size_t n = 0, length = 0;
    do
        digits[n++] = (char)('0' + number % 10);
    while (number /= 10);
    while (n)
        text[length++] = digits[--n];
    return length;
}

static size_t put_v4(const uint8_t *address, char *text)
{
    size_t length = 0;
    for (size_t i = 0; i < 4; i++) {
        if (i)
            text[length++] = '.';
        length += put_decimal(text + length, address[i]);
    }
    text[length] = '\0';
    return length;
}

size_t wtr_ip_text(const struct wtr_ip *ip, char text[WTR_ADDRESS_TEXT])
{
    if (wtr_ip_is_v4(ip))
        return put_v4(ip->bytes + 12, text);
    if (!inet_ntop(AF_INET6, ip->bytes, text, WTR_ADDRESS_TEXT))
        text[0] = '\0';
    return strlen(text);
}

size_t wtr_endpoint_text(const struct wtr_endpoint *end, char text[WTR_ENDPOINT_TEXT])
{
    bool brackets = end->port && !wtr_ip_is_v4(&end->ip);
    size_t length = 0;
    if (brackets)
        text[length++] = '[';
    length += wtr_ip_text(&end->ip, text + length);
    if (brackets)
        text[length++] = ']';
    if (end->port) {
        text[length++] = ':';
        length += put_decimal(text + length, end->port);
    }
    text[length] = '\0';
    return length;
}
