/* SPDX-License-Identifier: Apache-2.0 */
/* ARP packets: RFC 826 "Packet format"; the words probe, announcement and gratuitous are those of RFC
 * 5227 1.1 and RFC 5944 4.6. */
#include "protocol/arp.h"

#include "base/bytes.h"
#include "protocol/fields.h"

enum { ETHERNET = 1, IEEE_802 = 6, IPV4 = 0x0800 };

static bool is_zero(struct wtr_text address)
{
    for (size_t i = 0; i < address.length; i++)
        if (address.data[i])
            return false;
    return true;
}

bool wtr_arp_is_probe(const struct wtr_arp *arp)
{
    return arp->operation == WTR_ARP_REQUEST && is_zero(arp->sender_protocol);
}

bool wtr_arp_read(const uint8_t *bytes, size_t length, struct wtr_arp *arp)
{
    struct wtr_cursor c = wtr_cursor_over(bytes, length);
    *arp = (struct wtr_arp){.hardware_type = wtr_take_be16(&c)};
    arp->protocol_type = wtr_take_be16(&c);
    size_t hardware = wtr_take_u8(&c);
    size_t protocol = wtr_take_u8(&c);
    arp->operation = wtr_take_be16(&c);
    arp->sender_hardware = wtr_text_of(wtr_take(&c, hardware), hardware);
    arp->sender_protocol = wtr_text_of(wtr_take(&c, protocol), protocol);
    arp->target_hardware = wtr_text_of(wtr_take(&c, hardware), hardware);
    arp->target_protocol = wtr_text_of(wtr_take(&c, protocol), protocol);
    if (c.bad)
        return false;
    bool ethernet = arp->hardware_type == ETHERNET || arp->hardware_type == IEEE_802;
    arp->ethernet_ipv4 = ethernet && arp->protocol_type == IPV4 && hardware == 6 && protocol == 4;
    if (arp->ethernet_ipv4) {
        arp->sender_ip = wtr_ip_from_v4(arp->sender_protocol.data);
        arp->target_ip = wtr_ip_from_v4(arp->target_protocol.data);
    }
    return true;
}

static void datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    struct wtr_arp arp;
    (void)state;
    const struct wtr_span *span = &datagram->span;
    if (!wtr_arp_read(span->bytes, span->length, &arp)) {
        sink->finding(sink->payload, span, 0, span->length, "the packet ends before its addresses do");
        return;
    }
    const struct wtr_message message = {
        .protocol = &wtr_arp,
        .type = arp.operation == WTR_ARP_REQUEST ? "request"
                : arp.operation == WTR_ARP_REPLY ? "reply"
                                                 : "other",
        .direction = datagram->direction,
        .span = *span,
        .body = &arp,
    };
    sink->message(sink->payload, &message);
}

static void put_hardware(struct wtr_json_writer *out, const char *name, const struct wtr_arp *arp,
                         struct wtr_text address)
{
    wtr_json_key(out, name);
    if (arp->ethernet_ipv4)
        wtr_json_put_mac(out, (const uint8_t *)address.data);
    else
        wtr_json_put_hex(out, address);
}

static void put_protocol(struct wtr_json_writer *out, const char *name, const struct wtr_arp *arp,
                         struct wtr_text address)
{
    struct wtr_ip ip;
    wtr_json_key(out, name);
    if (!arp->ethernet_ipv4) {
        wtr_json_put_hex(out, address);
        return;
    }
    ip = wtr_ip_from_v4(address.data);
    wtr_json_put_ip(out, &ip);
}

static void fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_arp *arp = message->body;
    wtr_field_uint(out, "hardware_type", arp->hardware_type);
    wtr_field_uint(out, "protocol_type", arp->protocol_type);
    wtr_field_uint(out, "hardware_length", arp->sender_hardware.length);
    wtr_field_uint(out, "protocol_length", arp->sender_protocol.length);
    wtr_field_uint(out, "operation", arp->operation);
    put_hardware(out, "sender_hardware_address", arp, arp->sender_hardware);
    put_protocol(out, "sender_protocol_address", arp, arp->sender_protocol);
    put_hardware(out, "target_hardware_address", arp, arp->target_hardware);
    put_protocol(out, "target_protocol_address", arp, arp->target_protocol);
    bool probe = wtr_arp_is_probe(arp);
    bool gratuitous = !probe && wtr_text_equal(arp->sender_protocol, arp->target_protocol);
    if (probe || gratuitous)
        wtr_field_bool(out, probe ? "probe" : "gratuitous", true);
}

const struct wtr_protocol wtr_arp = {
    .name = "arp",
    .datagram = datagram,
    .fields = fields,
};
