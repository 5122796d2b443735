/* SPDX-License-Identifier: Apache-2.0 */
/* From payloads to frames in a pcap file: Ethernet, ARP, IPv4, IPv6, TCP and UDP, all checksums valid. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include "sim.h"
#include "truth.h"

#include <stdio.h>

#define TCP_SEGMENT 1460 /* the largest payload of a TCP segment here */

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

struct host {
    uint8_t mac[6];
    uint8_t ip[16];
    uint8_t ip_length; /* 4 or 16 */
};

/* A TCP connection: end 0 opened it. */
struct tcp {
    struct host host[2];
    uint16_t port[2];
    uint32_t sequence[2];     /* what each end sends next */
    uint32_t acknowledged[2]; /* what each end has acknowledged of the other */
    enum traffic traffic;
};

struct capture {
    FILE *file;
    uint64_t bytes;
    int64_t first_us;
    int64_t last_us;
    uint16_t ip_id;
};

/* Writes the file header: little-endian, microseconds, Ethernet. */
void capture_start(struct capture *capture, FILE *file);

struct host host_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
struct host host_ipv6(uint16_t network, uint32_t interface);

/* Both hosts are known and so are the ports; the sequence numbers are made here. */
void tcp_start(struct sim *sim, struct tcp *tcp);

/* One segment of the connection as it stands, at the simulated time. */
void wire_tcp(struct sim *sim, struct tcp *tcp, unsigned from, unsigned flags, const void *payload,
              size_t length);

/* As many segments as the payload needs. */
void wire_tcp_bytes(struct sim *sim, struct tcp *tcp, unsigned from, const uint8_t *payload, size_t length);

/* An acknowledgement alone, unless the last segment said the same. */
void wire_tcp_ack(struct sim *sim, struct tcp *tcp, unsigned from);

struct udp {
    const struct host *from;
    const struct host *to;
    uint16_t from_port;
    uint16_t to_port;
    enum traffic traffic;
};

void wire_udp(struct sim *sim, const struct udp *udp, const void *payload, size_t length);

/* Who has `to`? asked by `from`, and the answer. */
void wire_arp(struct sim *sim, const struct host *from, const struct host *to);

#endif
