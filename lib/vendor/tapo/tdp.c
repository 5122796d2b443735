/* SPDX-License-Identifier: Apache-2.0 */
/* TDP: the header, its checksum, and who asks whom. Big-endian, as python-kasa's discover.py builds it:
 *
 *     version 2 | message type | op code (2) | length of the body (2) | flags | 0 | serial (4) | CRC-32 (4) |
 * body
 *
 * The CRC-32 (ISO-HDLC, that of zlib) is taken over the whole datagram with 5a 6b 7c 8d in its place. */
#include "vendor/tapo/tdp.h"

#include "base/bytes.h"

#include <zlib.h>

enum { VERSION = 2, CRC_AT = 12 };

static const uint16_t ports[] = {20002, 20004, 0};

static bool is_own(uint16_t port)
{
    return port == ports[0] || port == ports[1];
}

static enum wtr_bid probe_datagram(const struct wtr_probe *probe)
{
    const uint8_t *p = probe->bytes;
    if (!is_own(probe->client_port) && !is_own(probe->server_port))
        return WTR_BID_NONE;
    if (probe->length < WTR_TDP_HEADER || p[0] != VERSION)
        return WTR_BID_NONE;
    return wtr_be16(p + 4) == probe->length - WTR_TDP_HEADER ? WTR_BID_LIKELY : WTR_BID_NONE;
}

static uint32_t crc_of(const uint8_t *bytes, size_t length)
{
    static const uint8_t placeholder[] = {0x5a, 0x6b, 0x7c, 0x8d};
    uLong crc = crc32(0, bytes, CRC_AT);
    crc = crc32(crc, placeholder, sizeof placeholder);
    return (uint32_t)crc32_z(crc, bytes + WTR_TDP_HEADER, length - WTR_TDP_HEADER);
}

static void datagram(void *state, const struct wtr_datagram *d, struct wtr_sink *sink)
{
    const uint8_t *p = d->span.bytes;
    size_t length = d->span.length;
    (void)state;
    const struct wtr_tdp tdp = {
        .version = p[0],
        .message_type = p[1],
        .op_code = wtr_be16(p + 2),
        .flags = p[6],
        .serial = wtr_be32(p + 8),
        .crc = wtr_be32(p + CRC_AT),
        .body = wtr_text_of(p + WTR_TDP_HEADER, length - WTR_TDP_HEADER),
    };
    if (tdp.crc != crc_of(p, length)) {
        sink->finding(sink->payload, &d->span, CRC_AT, 4, "the checksum does not fit, so nothing is read");
        return;
    }
    const struct wtr_message message = {
        .protocol = &wtr_tdp,
        .type = d->direction == WTR_FROM_CLIENT ? "query" : "answer",
        .direction = d->direction,
        .span = d->span,
        .body = &tdp,
    };
    sink->message(sink->payload, &message);
}

static void put_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_tdp *tdp = message->body;
    wtr_json_key(out, "version");
    wtr_json_put_uint(out, tdp->version);
    wtr_json_key(out, "message_type");
    wtr_json_put_uint(out, tdp->message_type);
    wtr_json_key(out, "op_code");
    wtr_json_put_uint(out, tdp->op_code);
    wtr_json_key(out, "flags");
    wtr_json_put_uint(out, tdp->flags);
    wtr_json_key(out, "serial");
    wtr_json_put_uint(out, tdp->serial);
    wtr_json_key(out, "crc");
    wtr_json_put_uint(out, tdp->crc);
    wtr_json_key(out, "payload");
    wtr_json_put_bytes(out, tdp->body);
}

const struct wtr_protocol wtr_tdp = {
    .name = "tdp",
    .probe_datagram = probe_datagram,
    .datagram = datagram,
    .exchanges = true,
    .fields = put_fields,
    .ports = ports,
};
