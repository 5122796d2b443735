/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and cipher of the Kasa protocol (softScheck/tplink-smartplug, tplink-smarthome-crypto;
 * both [V] on real captures):
 *
 *   - On TCP a message is a body behind its length in 4 bytes, most significant first; on UDP a body alone.
 *   - Each byte of the body is XORed with the cipher byte before it, the first with 171. So every byte can be
 *     deciphered where its own and the one before it are known.
 *   - A body is a JSON object: its first bytes are `{"`, or `{}`, that is D0 F2 or D0 AD. */
#include "vendor/kasa/wire.h"

#include "base/bytes.h"

enum { FIRST_KEY = 171, ENOUGH_PLAIN = 24 };

void wtr_kasa_decipher(const uint8_t *bytes, size_t length, char *plain)
{
    uint8_t key = FIRST_KEY;
    for (size_t i = 0; i < length; i++) {
        plain[i] = (char)(bytes[i] ^ key);
        key = bytes[i];
    }
}

/* Whether the bytes can be the first of a body, as far as there are any. */
static bool may_begin_body(const uint8_t *bytes, size_t available)
{
    bool first = available < 1 || bytes[0] == 0xd0;
    bool second = available < 2 || bytes[1] == 0xf2 || bytes[1] == 0xad;
    return first && second;
}

enum wtr_kasa_header wtr_kasa_read_header(const uint8_t *bytes, size_t available, uint32_t *length)
{
    enum { ENOUGH = WTR_KASA_HEADER + 2 };
    if (available >= 2 && (bytes[0] != 0 || bytes[1] > (WTR_KASA_MAX_BODY >> 16)))
        return WTR_KASA_HEADER_BAD;
    if (available < WTR_KASA_HEADER)
        return WTR_KASA_HEADER_SHORT;
    *length = wtr_be32(bytes);
    if (*length < 2 || *length > WTR_KASA_MAX_BODY ||
        !may_begin_body(bytes + WTR_KASA_HEADER, available - WTR_KASA_HEADER))
        return WTR_KASA_HEADER_BAD;
    return available < ENOUGH ? WTR_KASA_HEADER_SHORT : WTR_KASA_HEADER_GOOD;
}

/* JSON outside and inside its strings has no control characters but these. */
static bool is_text(char c)
{
    return (unsigned char)c >= ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Judges the beginning of a body of which `available` bytes are there. */
static enum wtr_bid judge_body(const uint8_t *bytes, size_t available, size_t length, bool own_port)
{
    char plain[ENOUGH_PLAIN];
    size_t shown = available < length ? available : length;
    bool enough = shown == length || shown >= ENOUGH_PLAIN;
    shown = shown < ENOUGH_PLAIN ? shown : ENOUGH_PLAIN;
    wtr_kasa_decipher(bytes, shown, plain);
    for (size_t i = 0; i < shown; i++)
        if (!is_text(plain[i]))
            return WTR_BID_NONE;
    if (!enough)
        return WTR_BID_MORE;
    return own_port ? WTR_BID_CERTAIN : WTR_BID_LIKELY;
}

static bool is_own_port(const struct wtr_probe *probe)
{
    return probe->client_port == WTR_KASA_PORT || probe->server_port == WTR_KASA_PORT;
}

enum wtr_bid wtr_kasa_probe_stream(const struct wtr_probe *probe)
{
    uint32_t length = 0;
    switch (wtr_kasa_read_header(probe->bytes, probe->length, &length)) {
    case WTR_KASA_HEADER_BAD:
        return WTR_BID_NONE;
    case WTR_KASA_HEADER_SHORT:
        return WTR_BID_MORE;
    default:
        return judge_body(probe->bytes + WTR_KASA_HEADER, probe->length - WTR_KASA_HEADER, length,
                          is_own_port(probe));
    }
}

enum wtr_bid wtr_kasa_probe_datagram(const struct wtr_probe *probe)
{
    if (probe->length < 2 || !may_begin_body(probe->bytes, probe->length))
        return WTR_BID_NONE;
    return judge_body(probe->bytes, probe->length, probe->length, is_own_port(probe));
}
