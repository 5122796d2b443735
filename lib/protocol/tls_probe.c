/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a stream is TLS: a hello is certain; other records are believed if their chain holds, which other
 * protocols' bytes can hardly meet. */
#include "protocol/tls_stream.h"

enum { LEAST_PROTECTED = 17 /* a byte and a tag of 16 */ };

bool wtr_tls_is_hello(const uint8_t *b)
{
    uint32_t length = (uint32_t)b[6] << 16 | wtr_be16(b + 7);
    bool hello = b[5] == WTR_TLS_CLIENT_HELLO || b[5] == WTR_TLS_SERVER_HELLO;
    return hello && length >= 2 + WTR_TLS_RANDOM && b[9] == 3 && b[10] <= 4;
}

/* A record that stands alone in what is there. */
static bool is_likely_alone(const uint8_t *b)
{
    uint32_t length = wtr_tls_body_length(b);
    switch (b[0]) {
    case WTR_TLS_CHANGE_CIPHER_SPEC:
        return length == 1 && b[5] == 1;
    case WTR_TLS_ALERT:
        return length == 2 ? b[5] == 1 || b[5] == 2 : length > LEAST_PROTECTED;
    default:
        return length >= LEAST_PROTECTED;
    }
}

enum wtr_bid wtr_tls_probe(const struct wtr_probe *probe)
{
    const uint8_t *b = probe->bytes;
    size_t n = probe->length;
    if (probe->at_start && n > 2 && (b[0] & 0x80) && b[2] == WTR_TLS_CLIENT_HELLO)
        return n < WTR_TLS_OLD_FRONT     ? WTR_BID_MORE
               : wtr_tls_is_old_hello(b) ? WTR_BID_CERTAIN
                                         : WTR_BID_NONE;
    if (n == 0 || b[0] < WTR_TLS_CHANGE_CIPHER_SPEC || b[0] > WTR_TLS_APPLICATION_DATA ||
        (n > 1 && b[1] != 3) || (n > 2 && b[2] > 4))
        return WTR_BID_NONE;
    if (n < WTR_TLS_HEADER)
        return WTR_BID_MORE;
    uint32_t length = wtr_tls_body_length(b);
    if (length == 0 || length > WTR_TLS_MAX_BODY)
        return WTR_BID_NONE;
    if (b[0] == WTR_TLS_HANDSHAKE && n >= WTR_TLS_HELLO_FRONT &&
        length >= WTR_TLS_HELLO_FRONT - WTR_TLS_HEADER && wtr_tls_is_hello(b))
        return WTR_BID_CERTAIN;
    size_t end = WTR_TLS_HEADER + length;
    if (n < end)
        return WTR_BID_MORE;
    if (n == end)
        return is_likely_alone(b) ? WTR_BID_LIKELY : WTR_BID_MORE;
    if (n - end < WTR_TLS_HEADER)
        return WTR_BID_MORE;
    bool goes_on = wtr_tls_is_header(b + end) && b[end + 2] == b[2];
    return goes_on ? WTR_BID_LIKELY : WTR_BID_NONE;
}
