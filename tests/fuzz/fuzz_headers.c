/* SPDX-License-Identifier: Apache-2.0 */
/* Packet headers. The input is one byte that chooses the link type, two that say how many bytes the capture
 * cut off, and the packet.
 *
 * What is held: nothing is said of bytes that are not there; a finding has its place; and a packet of which
 * less was captured says either the same or nothing. */
#include "base/bytes.h"
#include "packet/link.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t link_types[] = {1,   0,   9,   12,  14,  51,  101, 105, 108,
                                      113, 119, 127, 163, 228, 229, 276, 147};

enum { LINK_TYPES = sizeof link_types / sizeof link_types[0] };

static void hold(bool invariant)
{
    if (!invariant)
        __builtin_trap();
}

static bool has_payload(enum wtr_header_verdict verdict)
{
    return verdict == WTR_HEADERS_TCP || verdict == WTR_HEADERS_UDP || verdict == WTR_HEADERS_FRAGMENT ||
           verdict == WTR_HEADERS_ARP;
}

static void hold_places(const struct wtr_packet *packet, const struct wtr_headers *headers,
                        enum wtr_header_verdict verdict)
{
    uint64_t sent = packet->original > packet->captured ? packet->original : packet->captured;
    if (has_payload(verdict)) {
        hold(headers->captured <= headers->length);
        hold((uint64_t)headers->payload_at + headers->captured <= packet->captured);
        hold((uint64_t)headers->payload_at + headers->length <= sent);
        hold(headers->captured == headers->length ||
             headers->payload_at + headers->captured == packet->captured);
    }
    if (verdict == WTR_HEADERS_BAD)
        hold(headers->reason != NULL && headers->reason_at <= sent);
    else if (verdict != WTR_HEADERS_OTHER)
        hold(headers->reason == NULL);
    hold(headers->vlans <= 8);
}

static void hold_same(const struct wtr_headers *less, const struct wtr_headers *all,
                      enum wtr_header_verdict verdict)
{
    hold(less->layer == all->layer && less->vlans == all->vlans && less->v6 == all->v6);
    hold(memcmp(less->src_mac, all->src_mac, 6) == 0 && memcmp(less->dst_mac, all->dst_mac, 6) == 0);
    hold(memcmp(&less->src, &all->src, sizeof less->src) == 0);
    hold(memcmp(&less->dst, &all->dst, sizeof less->dst) == 0);
    hold(less->src_port == all->src_port && less->dst_port == all->dst_port);
    hold(less->seq == all->seq && less->ack == all->ack && less->flags == all->flags);
    hold(less->reason == all->reason && less->reason_at == all->reason_at);
    if (has_payload(verdict)) {
        hold(less->payload_at == all->payload_at && less->length == all->length);
        hold(less->fragment_id == all->fragment_id && less->fragment_at == all->fragment_at);
        hold(less->fragment_more == all->fragment_more);
    }
}

static void cut_everywhere(const struct wtr_packet *packet, const struct wtr_headers *all,
                           enum wtr_header_verdict verdict)
{
    struct wtr_packet cut = *packet;
    cut.original = packet->original > packet->captured ? packet->original : packet->captured;
    uint32_t most = packet->captured < 256 ? packet->captured : 256;
    for (cut.captured = 0; cut.captured < most; cut.captured++) {
        struct wtr_headers less;
        enum wtr_header_verdict found = wtr_headers_read(&cut, &less);
        hold_places(&cut, &less, found);
        if (found != WTR_HEADERS_CUT) {
            hold(found == verdict);
            hold_same(&less, all, verdict);
        }
    }
}

static void read_transport(const struct wtr_packet *packet, uint8_t protocol, bool v6)
{
    struct wtr_headers headers = {.ip_protocol = protocol, .v6 = v6};
    struct wtr_packet datagram = {.bytes = packet->bytes, .captured = packet->captured};
    enum wtr_header_verdict verdict = wtr_headers_transport(packet->bytes, packet->captured, &headers);
    hold(verdict == WTR_HEADERS_TCP || verdict == WTR_HEADERS_UDP || verdict == WTR_HEADERS_OTHER ||
         verdict == WTR_HEADERS_BAD);
    hold_places(&datagram, &headers, verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct wtr_packet packet = {
        .bytes = data + 3,
        .captured = (uint32_t)(size - 3),
        .original = (uint32_t)(size - 3) + wtr_be16(data + 1),
        .link_type = link_types[data[0] % LINK_TYPES],
        .frame = 1,
    };
    struct wtr_headers headers;
    memset(&headers, 0xa5, sizeof headers);
    enum wtr_header_verdict verdict = wtr_headers_read(&packet, &headers);
    hold_places(&packet, &headers, verdict);
    cut_everywhere(&packet, &headers, verdict);
    read_transport(&packet, data[0], (data[1] & 1) != 0);
    return 0;
}
