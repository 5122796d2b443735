/* SPDX-License-Identifier: Apache-2.0 */
/* From payloads to frames in a pcap file. Formats: pcap (draft-ietf-opsawg-pcap), Ethernet II, ARP (RFC 826),
 * IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293), UDP (RFC 768); checksums as in RFC 1071. */
#include "wire.h"

#include "text.h"

#include <string.h>

#define FRAME_MOST 1600
#define RECORD_HEADER 16

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_IPV6 = 0x86dd };
enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

struct frame {
    uint8_t at[FRAME_MOST];
    size_t length;
};

static void put_le32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void put_be16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_be32(uint8_t *at, uint32_t value)
{
    put_be16(at, value >> 16);
    put_be16(at + 2, value & 0xffff);
}

/* The sum is taken in the machine's own byte order, which RFC 1071 shows to be as good, and stored in it. */
static uint64_t sum_bytes(uint64_t sum, const uint8_t *at, size_t length)
{
    while (length >= 4) {
        uint32_t word;
        memcpy(&word, at, 4);
        sum += word;
        at += 4;
        length -= 4;
    }
    uint8_t rest[4] = {0};
    memcpy(rest, at, length);
    uint32_t word;
    memcpy(&word, rest, 4);
    return sum + word;
}

static void put_checksum(uint8_t *at, uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    uint16_t folded = (uint16_t)~sum;
    memcpy(at, &folded, 2);
}

void capture_start(struct capture *capture, FILE *file)
{
    *capture = (struct capture){.file = file};
    uint8_t header[24] = {0};
    put_le32(header, 0xa1b2c3d4);
    header[4] = 2;
    header[6] = 4;
    put_le32(header + 16, 262144);
    put_le32(header + 20, 1);
    if (fwrite(header, sizeof header, 1, file) != 1)
        die("the capture cannot be written");
    capture->bytes = sizeof header;
}

static void write_frame(struct sim *sim, const struct frame *frame, enum traffic traffic)
{
    struct capture *capture = sim->capture;
    uint8_t record[RECORD_HEADER];
    put_le32(record, (uint32_t)(sim->now_us / SECOND));
    put_le32(record + 4, (uint32_t)(sim->now_us % SECOND));
    put_le32(record + 8, (uint32_t)frame->length);
    put_le32(record + 12, (uint32_t)frame->length);
    if (fwrite(record, sizeof record, 1, capture->file) != 1 ||
        fwrite(frame->at, frame->length, 1, capture->file) != 1)
        die("the capture cannot be written");
    if (!capture->first_us)
        capture->first_us = sim->now_us;
    capture->last_us = sim->now_us;
    capture->bytes += sizeof record + frame->length;
    sim->truth->frames[traffic]++;
    sim->truth->bytes[traffic] += sizeof record + frame->length;
}

struct host host_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return (struct host){.mac = {2, 0, a, b, c, d}, .ip = {a, b, c, d}, .ip_length = 4};
}

struct host host_ipv6(uint16_t network, uint32_t interface)
{
    struct host host = {.mac = {2, 6}, .ip = {0x20, 0x01, 0x0d, 0xb8}, .ip_length = 16};
    put_be16(host.ip + 4, network);
    put_be32(host.ip + 12, interface);
    put_be32(host.mac + 2, interface);
    return host;
}

/* Ethernet and IP headers for `length` bytes above IP; returns where those begin. */
static size_t put_network(struct sim *sim, struct frame *frame, const struct host *from,
                          const struct host *to, unsigned protocol, size_t length)
{
    memcpy(frame->at, to->mac, 6);
    memcpy(frame->at + 6, from->mac, 6);
    uint8_t *ip = frame->at + 14;
    if (from->ip_length == 16) {
        put_be16(frame->at + 12, ETHERTYPE_IPV6);
        put_be32(ip, 6u << 28);
        put_be16(ip + 4, (unsigned)length);
        ip[6] = (uint8_t)protocol;
        ip[7] = 64;
        memcpy(ip + 8, from->ip, 16);
        memcpy(ip + 24, to->ip, 16);
        return 14 + 40;
    }
    bool multicast = (to->ip[0] & 0xf0) == 0xe0;
    put_be16(frame->at + 12, ETHERTYPE_IPV4);
    put_be16(ip, 0x4500);
    put_be16(ip + 2, (unsigned)(20 + length));
    put_be16(ip + 4, ++sim->capture->ip_id);
    put_be16(ip + 6, 0x4000);
    ip[8] = multicast ? 1 : 64;
    ip[9] = (uint8_t)protocol;
    put_be16(ip + 10, 0);
    memcpy(ip + 12, from->ip, 4);
    memcpy(ip + 16, to->ip, 4);
    put_checksum(ip + 10, sum_bytes(0, ip, 20));
    return 14 + 20;
}

/* The checksum of TCP and UDP: over a pseudo header of addresses, protocol and length, then everything. */
static void put_transport_checksum(struct frame *frame, size_t start, size_t checksum_at,
                                   const struct host *from, const struct host *to, unsigned protocol)
{
    size_t length = frame->length - start;
    uint8_t pseudo[4] = {0, (uint8_t)protocol};
    put_be16(pseudo + 2, (unsigned)length);
    uint64_t sum = sum_bytes(0, pseudo, 4);
    sum = sum_bytes(sum, from->ip, from->ip_length);
    sum = sum_bytes(sum, to->ip, to->ip_length);
    sum = sum_bytes(sum, frame->at + start, length);
    put_checksum(frame->at + checksum_at, sum);
}

void tcp_start(struct sim *sim, struct tcp *tcp)
{
    for (unsigned end = 0; end < 2; end++) {
        tcp->sequence[end] = sim_bits(sim);
        tcp->acknowledged[end] = 0;
    }
}

/* Maximum segment size 1460, selective acknowledgement allowed, window scale 7 (RFC 9293, 2018, 7323). */
static const uint8_t syn_options[12] = {2, 4, 0x05, 0xb4, 4, 2, 1, 3, 3, 7, 1, 1};

void wire_tcp(struct sim *sim, struct tcp *tcp, unsigned from, unsigned flags, const void *payload,
              size_t length)
{
    const struct host *source = &tcp->host[from], *target = &tcp->host[!from];
    size_t options = flags & TCP_SYN ? sizeof syn_options : 0;
    struct frame frame;
    size_t start = put_network(sim, &frame, source, target, PROTOCOL_TCP, 20 + options + length);
    uint8_t *header = frame.at + start;
    put_be16(header, tcp->port[from]);
    put_be16(header + 2, tcp->port[!from]);
    put_be32(header + 4, tcp->sequence[from]);
    put_be32(header + 8, flags & TCP_ACK ? tcp->sequence[!from] : 0);
    header[12] = (uint8_t)((20 + options) / 4 << 4);
    header[13] = (uint8_t)flags;
    put_be16(header + 14, 502);
    put_be32(header + 16, 0);
    memcpy(header + 20, syn_options, options);
    if (length)
        memcpy(header + 20 + options, payload, length);
    frame.length = start + 20 + options + length;
    put_transport_checksum(&frame, start, start + 16, source, target, PROTOCOL_TCP);
    tcp->sequence[from] += (uint32_t)length + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
    if (flags & TCP_ACK)
        tcp->acknowledged[from] = tcp->sequence[!from];
    write_frame(sim, &frame, tcp->traffic);
}

void wire_tcp_bytes(struct sim *sim, struct tcp *tcp, unsigned from, const uint8_t *payload, size_t length)
{
    while (length > TCP_SEGMENT) {
        wire_tcp(sim, tcp, from, TCP_ACK, payload, TCP_SEGMENT);
        payload += TCP_SEGMENT;
        length -= TCP_SEGMENT;
    }
    wire_tcp(sim, tcp, from, TCP_PSH | TCP_ACK, payload, length);
}

void wire_tcp_ack(struct sim *sim, struct tcp *tcp, unsigned from)
{
    if (tcp->acknowledged[from] != tcp->sequence[!from])
        wire_tcp(sim, tcp, from, TCP_ACK, NULL, 0);
}

void wire_udp(struct sim *sim, const struct udp *udp, const void *payload, size_t length)
{
    struct frame frame;
    size_t start = put_network(sim, &frame, udp->from, udp->to, PROTOCOL_UDP, 8 + length);
    uint8_t *header = frame.at + start;
    put_be16(header, udp->from_port);
    put_be16(header + 2, udp->to_port);
    put_be16(header + 4, (unsigned)(8 + length));
    put_be16(header + 6, 0);
    memcpy(header + 8, payload, length);
    frame.length = start + 8 + length;
    put_transport_checksum(&frame, start, start + 6, udp->from, udp->to, PROTOCOL_UDP);
    if (!header[6] && !header[7])
        put_be16(header + 6, 0xffff);
    write_frame(sim, &frame, udp->traffic);
}

static void put_arp(struct frame *frame, unsigned operation, const struct host *from, const struct host *to,
                    bool known)
{
    static const uint8_t everyone[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t ethernet_ipv4[6] = {0, 1, 8, 0, 6, 4};
    memset(frame->at, 0, 60);
    memcpy(frame->at, known ? to->mac : everyone, 6);
    memcpy(frame->at + 6, from->mac, 6);
    put_be16(frame->at + 12, ETHERTYPE_ARP);
    memcpy(frame->at + 14, ethernet_ipv4, 6);
    put_be16(frame->at + 20, operation);
    memcpy(frame->at + 22, from->mac, 6);
    memcpy(frame->at + 28, from->ip, 4);
    if (known)
        memcpy(frame->at + 32, to->mac, 6);
    memcpy(frame->at + 38, to->ip, 4);
    frame->length = 60;
}

void wire_arp(struct sim *sim, const struct host *from, const struct host *to)
{
    struct frame frame;
    put_arp(&frame, 1, from, to, false);
    write_frame(sim, &frame, TRAFFIC_ARP);
    put_arp(&frame, 2, to, from, true);
    write_frame(sim, &frame, TRAFFIC_ARP);
}
