/* SPDX-License-Identifier: Apache-2.0 */
/* Long headers: RFC 8999 5.1 (what all versions share), RFC 9000 16, 17.2 (version 1), RFC 9369 3.2 (the
 * types of version 2). */
#include "protocol/quic_wire.h"

enum { LONG_HEADER = 0x80, VERSION_2 = 0x6b3343cf, RETRY_TAG = 16, LEAST_SEALED = 20 };

bool wtr_quic_is_known(uint32_t version)
{
    return version == 1 || version == VERSION_2 || (version >= 0xff00001d && version <= 0xff000020);
}

uint64_t wtr_quic_take_number(struct wtr_cursor *c)
{
    uint8_t first = wtr_take_u8(c);
    uint64_t number = first & 0x3f;
    for (unsigned more = (1U << (first >> 6)) - 1; more > 0; more--)
        number = number << 8 | wtr_take_u8(c);
    return number;
}

static struct wtr_text take_text(struct wtr_cursor *c, uint64_t length)
{
    const uint8_t *p = wtr_take(c, length < SIZE_MAX ? (size_t)length : SIZE_MAX);
    return wtr_text_of(p, p ? (size_t)length : 0);
}

static enum wtr_quic_type type_of(uint8_t first, uint32_t version)
{
    static const enum wtr_quic_type types[] = {WTR_QUIC_INITIAL, WTR_QUIC_0RTT, WTR_QUIC_HANDSHAKE,
                                               WTR_QUIC_RETRY};
    unsigned bits = (first >> 4) & 3;
    return types[version == VERSION_2 ? (bits + 3) & 3 : bits];
}

bool wtr_quic_read_packet(const uint8_t *bytes, size_t length, size_t at, struct wtr_quic_packet *packet)
{
    struct wtr_cursor c = wtr_cursor_over(bytes, length);
    c.at = at;
    *packet = (struct wtr_quic_packet){.at = at, .end = length};
    uint8_t first = wtr_take_u8(&c);
    packet->version = wtr_take_be32(&c);
    packet->dcid = take_text(&c, wtr_take_u8(&c));
    packet->scid = take_text(&c, wtr_take_u8(&c));
    if (c.bad || !(first & LONG_HEADER) || packet->dcid.length > WTR_QUIC_MAX_CID ||
        packet->scid.length > WTR_QUIC_MAX_CID)
        return false;
    if (packet->version == 0) {
        packet->type = WTR_QUIC_VERSION_NEGOTIATION;
        packet->versions = take_text(&c, wtr_left(&c));
        return packet->versions.length >= 4 && packet->versions.length % 4 == 0;
    }
    if (!wtr_quic_is_known(packet->version))
        return false;
    packet->type = type_of(first, packet->version);
    if (packet->type == WTR_QUIC_RETRY) {
        if (wtr_left(&c) < RETRY_TAG)
            return false;
        packet->token = take_text(&c, wtr_left(&c) - RETRY_TAG);
        return true;
    }
    if (packet->type == WTR_QUIC_INITIAL)
        packet->token = take_text(&c, wtr_quic_take_number(&c));
    uint64_t sealed = wtr_quic_take_number(&c);
    packet->number_at = c.at;
    if (c.bad || sealed < LEAST_SEALED || sealed > wtr_left(&c))
        return false;
    packet->end = c.at + (size_t)sealed;
    return true;
}
