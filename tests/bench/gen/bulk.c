/* SPDX-License-Identifier: Apache-2.0 */
/* The rest of a network's traffic. Shapes: TLS 1.3 (RFC 8446: real hellos, then records that look encrypted),
 * QUIC version 1 (RFC 9000: the headers' shape over random bytes), HTTP/1.1 (RFC 9112), DNS (RFC 1035). */
#include "bulk.h"

#include "text.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#define POOL_SIZE 65536
#define PACE_US (50 * MILLISECOND)
#define TLS_RECORD 16401 /* 2^14 bytes, the inner type, and a tag of 16 (RFC 8446, 5.2) */
#define QUIC_DATAGRAM 1290
#define QUIC_LEAST 40 /* an end that is shorter is padded */
#define CLIENTS 200
#define SERVERS 4000

enum { KIND_TLS, KIND_QUIC, KIND_HTTP, KINDS };

static const struct {
    enum traffic traffic;
    unsigned share; /* of bytes, in parts of 100 */
    uint16_t port;
} kinds[KINDS] = {{TRAFFIC_TLS, 66, 443}, {TRAFFIC_QUIC, 24, 443}, {TRAFFIC_HTTP, 10, 80}};

struct bulk {
    unsigned multiple;
    uint64_t planned[KINDS];
    uint8_t pool[POOL_SIZE]; /* random bytes that stand for encrypted or compressed ones */
};

struct flow {
    const struct bulk *bulk;
    struct tcp tcp; /* a QUIC flow uses its hosts and ports alone */
    unsigned kind;
    unsigned name; /* which server name */
    unsigned source;
    uint64_t left;    /* bytes still to be sent */
    size_t in_record; /* of them in the present TLS record */
    size_t in_header; /* bytes of the next one's header that are out */
    uint32_t segments;
    uint16_t dns_id;
    uint8_t connection_id[8];
};

/* Lengths are at least one more than the steps before the data; see flow_step. */
enum {
    STEP_QUERY,
    STEP_RESPONSE,
    STEP_OPEN,
    STEP_OPEN_ANSWER,
    STEP_OPENED,
    STEP_HELLO,
    STEP_HELLO_ANSWER,
    STEP_FINISHED,
    STEP_DATA,
    STEP_CLOSE,
    STEP_CLOSE_ANSWER,
    STEP_CLOSED
};

static const uint8_t *random_bytes(struct sim *sim, const struct bulk *bulk, size_t length)
{
    return bulk->pool + sim_below(sim, (uint32_t)(POOL_SIZE - length));
}

/* ---- DNS ---- */

static void put_name(struct text *out, unsigned number)
{
    struct text label = {0};
    text_format(&label, "cdn%u", number);
    text_u8(out, (unsigned)label.length);
    text_bytes(out, label.at, label.length);
    text_free(&label);
    text_u8(out, 7);
    text_format(out, "example");
    text_u8(out, 3);
    text_format(out, "net");
    text_u8(out, 0);
}

/* A query, or the response with one address. */
static void send_dns(struct sim *sim, const struct flow *flow, bool response)
{
    struct host resolver = host_ipv4(10, 20, 0, 1);
    struct host client = flow->tcp.host[0];
    const struct host *server = &flow->tcp.host[1];
    unsigned type = server->ip_length == 16 ? 28 : 1;
    if (client.ip_length == 16) /* the resolver is asked over IPv4 by the same machine */
        client = host_ipv4(10, 20, 100, (uint8_t)(1 + client.ip[15] % CLIENTS));
    struct text message = {0};
    text_be16(&message, flow->dns_id);
    text_be16(&message, response ? 0x8180 : 0x0100);
    text_hex(&message, response ? "0001 0001 0000 0000" : "0001 0000 0000 0000");
    put_name(&message, flow->name);
    text_be16(&message, type);
    text_be16(&message, 1);
    if (response) {
        text_hex(&message, "c00c");
        text_be16(&message, type);
        text_hex(&message, "0001 0000012c");
        text_be16(&message, server->ip_length);
        text_bytes(&message, server->ip, server->ip_length);
    }
    uint16_t port = (uint16_t)(10000 + flow->dns_id % 50000);
    struct udp query = {&client, &resolver, port, 53, TRAFFIC_DNS};
    struct udp answer = {&resolver, &client, 53, port, TRAFFIC_DNS};
    wire_udp(sim, response ? &answer : &query, message.at, message.length);
    text_free(&message);
    if (!response)
        sim->truth->flows[TRAFFIC_DNS]++;
}

/* ---- TLS 1.3 ---- */

static void put_record(struct text *out, unsigned type, const struct text *body)
{
    text_u8(out, type);
    text_be16(out, 0x0303);
    text_be16(out, (unsigned)body->length);
    text_bytes(out, body->at, body->length);
}

static void put_handshake(struct text *out, unsigned type, const struct text *body)
{
    struct text message = {0};
    text_u8(&message, type);
    text_u8(&message, 0);
    text_be16(&message, (unsigned)body->length);
    text_bytes(&message, body->at, body->length);
    put_record(out, 22, &message);
    text_free(&message);
}

static void put_random(struct sim *sim, const struct flow *flow, struct text *out, size_t length)
{
    text_bytes(out, random_bytes(sim, flow->bulk, length), length);
}

static void put_client_extensions(struct sim *sim, const struct flow *flow, struct text *out)
{
    struct text name = {0};
    text_format(&name, "cdn%u.example.net", flow->name);
    text_be16(out, 0); /* server_name */
    text_be16(out, (unsigned)name.length + 5);
    text_be16(out, (unsigned)name.length + 3);
    text_u8(out, 0);
    text_be16(out, (unsigned)name.length);
    text_bytes(out, name.at, name.length);
    text_free(&name);
    text_hex(out, "000a 0008 0006 001d 0017 0018");                /* supported_groups */
    text_hex(out, "000b 0002 0100");                               /* ec_point_formats */
    text_hex(out, "000d 000e 000c 0403 0503 0603 0804 0805 0806"); /* signature_algorithms */
    text_hex(out, "0010 000e 000c 02 6832 08 687474702f312e31");   /* ALPN: h2, http/1.1 */
    text_hex(out, "002b 0005 04 0304 0303");                       /* supported_versions */
    text_hex(out, "002d 0002 0101");                               /* psk_key_exchange_modes */
    text_hex(out, "0033 0026 0024 001d 0020");                     /* key_share: x25519 */
    put_random(sim, flow, out, 32);
}

static void put_client_hello(struct sim *sim, const struct flow *flow, struct text *out)
{
    struct text body = {0}, extensions = {0};
    text_be16(&body, 0x0303);
    put_random(sim, flow, &body, 32);
    text_u8(&body, 32);
    put_random(sim, flow, &body, 32);
    text_hex(&body, "001c 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0100");
    put_client_extensions(sim, flow, &extensions);
    text_be16(&body, (unsigned)extensions.length);
    text_bytes(&body, extensions.at, extensions.length);
    put_handshake(out, 1, &body);
    text_free(&body);
    text_free(&extensions);
}

static void put_encrypted(struct sim *sim, const struct flow *flow, struct text *out, size_t length)
{
    struct text body = {0};
    put_random(sim, flow, &body, length);
    put_record(out, 23, &body);
    text_free(&body);
}

static void put_server_hello(struct sim *sim, const struct flow *flow, struct text *out)
{
    struct text body = {0};
    text_be16(&body, 0x0303);
    put_random(sim, flow, &body, 32);
    text_u8(&body, 32);
    put_random(sim, flow, &body, 32);
    text_hex(&body, "1301 00 002e 002b 0002 0304 0033 0024 001d 0020");
    put_random(sim, flow, &body, 32);
    put_handshake(out, 2, &body);
    text_free(&body);
    text_hex(out, "140303000101"); /* change_cipher_spec, for middleboxes */
    put_encrypted(sim, flow, out, 2900);
}

/* Puts the headers of TLS records where they fall in a run of stream bytes; one may go on in the next run. */
static void put_record_headers(struct flow *flow, uint8_t *at, size_t length)
{
    static const uint8_t header[] = {23, 3, 3, TLS_RECORD >> 8, TLS_RECORD & 0xff};
    size_t position = 0;
    while (position < length) {
        if (flow->in_record == 0) {
            at[position++] = header[flow->in_header++];
            if (flow->in_header < sizeof header)
                continue;
            flow->in_header = 0;
            flow->in_record = TLS_RECORD;
            continue;
        }
        size_t step = length - position < flow->in_record ? length - position : flow->in_record;
        position += step;
        flow->in_record -= step;
    }
}

/* ---- a flow's beginnings ---- */

static void send_hello(struct sim *sim, struct flow *flow, bool answer)
{
    struct text message = {0};
    if (flow->kind == KIND_TLS && !answer)
        put_client_hello(sim, flow, &message);
    else if (flow->kind == KIND_TLS)
        put_server_hello(sim, flow, &message);
    else if (!answer)
        text_format(
            &message,
            "GET /files/%u.bin HTTP/1.1\r\nHost: cdn%u.example.net\r\nUser-Agent: fetch/1.0\r\nAccept: "
            "*/*\r\n\r\n",
            flow->dns_id, flow->name);
    else
        text_format(
            &message,
            "HTTP/1.1 200 OK\r\nServer: cdn\r\nContent-Type: application/octet-stream\r\nContent-Length: "
            "%llu\r\n\r\n",
            (unsigned long long)flow->left);
    wire_tcp_bytes(sim, &flow->tcp, answer, message.at, message.length);
    text_free(&message);
}

static void send_quic(struct sim *sim, const struct flow *flow, unsigned from, const struct text *datagram)
{
    struct udp udp = {&flow->tcp.host[from], &flow->tcp.host[!from], flow->tcp.port[from],
                      flow->tcp.port[!from], TRAFFIC_QUIC};
    wire_udp(sim, &udp, datagram->at, datagram->length);
}

/* A long header of an Initial packet, 1200 bytes in all (RFC 9000, 17.2.2). */
static void send_quic_initial(struct sim *sim, const struct flow *flow, bool answer)
{
    struct text datagram = {0};
    text_u8(&datagram, answer ? 0xc1 : 0xc3);
    text_be32(&datagram, 1);
    text_u8(&datagram, answer ? 0 : 8);
    text_bytes(&datagram, flow->connection_id, answer ? 0 : 8);
    text_u8(&datagram, answer ? 8 : 0);
    text_bytes(&datagram, flow->connection_id, answer ? 8 : 0);
    text_u8(&datagram, 0);
    text_be16(&datagram, 0x4000 | 1182);
    put_random(sim, flow, &datagram, 1182);
    send_quic(sim, flow, answer, &datagram);
    text_free(&datagram);
}

/* ---- a flow's data ---- */

static void send_stream(struct sim *sim, struct flow *flow)
{
    uint8_t segment[TCP_SEGMENT];
    size_t length = flow->left < TCP_SEGMENT ? (size_t)flow->left : TCP_SEGMENT;
    memcpy(segment, random_bytes(sim, flow->bulk, length), length);
    if (flow->kind == KIND_TLS)
        put_record_headers(flow, segment, length);
    flow->left -= length;
    wire_tcp(sim, &flow->tcp, flow->source, flow->left ? TCP_ACK : TCP_PSH | TCP_ACK, segment, length);
}

static void send_datagram(struct sim *sim, struct flow *flow)
{
    struct text datagram = {0};
    size_t length = flow->left < QUIC_DATAGRAM ? (size_t)flow->left : QUIC_DATAGRAM;
    text_u8(&datagram, 0x45);
    put_random(sim, flow, &datagram, length < QUIC_LEAST ? QUIC_LEAST : length);
    send_quic(sim, flow, 1, &datagram);
    text_free(&datagram);
    flow->left -= length;
}

static void acknowledge(struct sim *sim, struct flow *flow)
{
    if (flow->kind != KIND_QUIC) {
        wire_tcp_ack(sim, &flow->tcp, !flow->source);
        return;
    }
    struct text datagram = {0};
    text_u8(&datagram, 0x43);
    text_bytes(&datagram, flow->connection_id, 8);
    put_random(sim, flow, &datagram, 24);
    send_quic(sim, flow, 0, &datagram);
    text_free(&datagram);
}

/* Two packets of data, then an acknowledgement; a pause after each dozen. Returns what is next, and when. */
static unsigned data_step(struct sim *sim, struct flow *flow, int64_t *wait_us)
{
    flow->segments++;
    if (flow->segments % 3 == 0 || !flow->left)
        acknowledge(sim, flow);
    else if (flow->kind == KIND_QUIC)
        send_datagram(sim, flow);
    else
        send_stream(sim, flow);
    *wait_us = sim_between(sim, 15, 200);
    if (flow->segments % 12 == 0)
        *wait_us = sim_between(sim, 4 * MILLISECOND, 40 * MILLISECOND);
    if (flow->left || flow->segments % 3 != 0)
        return STEP_DATA;
    *wait_us = sim_between(sim, 2 * SECOND, 90 * SECOND);
    return STEP_CLOSE;
}

/* ---- a flow from the name to the end ---- */

static unsigned tcp_flow_step(struct sim *sim, struct flow *flow, unsigned step, int64_t *wait_us)
{
    struct tcp *tcp = &flow->tcp;
    switch (step) {
    case STEP_OPEN:
        wire_tcp(sim, tcp, 0, TCP_SYN, NULL, 0);
        break;
    case STEP_OPEN_ANSWER:
        wire_tcp(sim, tcp, 1, TCP_SYN | TCP_ACK, NULL, 0);
        break;
    case STEP_HELLO:
        send_hello(sim, flow, false);
        break;
    case STEP_HELLO_ANSWER:
        send_hello(sim, flow, true);
        break;
    case STEP_FINISHED:
        wire_tcp_ack(sim, tcp, 0);
        if (flow->kind == KIND_TLS) {
            struct text message = {0};
            text_hex(&message, "140303000101");
            put_encrypted(sim, flow, &message, 53);
            put_encrypted(sim, flow, &message, 420);
            wire_tcp_bytes(sim, tcp, 0, message.at, message.length);
            text_free(&message);
        }
        break;
    case STEP_DATA:
        return data_step(sim, flow, wait_us);
    case STEP_CLOSE:
        wire_tcp(sim, tcp, 0, TCP_FIN | TCP_ACK, NULL, 0);
        break;
    case STEP_CLOSE_ANSWER:
        wire_tcp(sim, tcp, 1, TCP_FIN | TCP_ACK, NULL, 0);
        break;
    default: /* the third step of opening, and the last of closing */
        wire_tcp_ack(sim, tcp, 0);
        break;
    }
    return step + 1;
}

static unsigned quic_flow_step(struct sim *sim, struct flow *flow, unsigned step, int64_t *wait_us)
{
    if (step == STEP_DATA)
        return data_step(sim, flow, wait_us) == STEP_DATA ? STEP_DATA : STEP_CLOSED + 1;
    send_quic_initial(sim, flow, step == STEP_OPEN_ANSWER);
    return step == STEP_OPEN ? STEP_OPEN_ANSWER : STEP_DATA;
}

/* One TCP flow in twenty is never closed: its end is not on the wire. */
static bool flow_ends(struct sim *sim, unsigned step)
{
    return step > STEP_CLOSED || (step == STEP_CLOSE && !sim_below(sim, 20));
}

static void flow_step(struct sim *sim, void *actor, uint32_t step)
{
    struct flow *flow = actor;
    int64_t wait_us = sim_between(sim, 3 * MILLISECOND, 25 * MILLISECOND);
    unsigned next = step + 1;
    if (step <= STEP_RESPONSE)
        send_dns(sim, flow, step == STEP_RESPONSE);
    else if (flow->kind == KIND_QUIC)
        next = quic_flow_step(sim, flow, step, &wait_us);
    else
        next = tcp_flow_step(sim, flow, step, &wait_us);
    if (flow_ends(sim, next))
        free(flow);
    else
        sim_after(sim, wait_us, flow_step, flow, next);
}

/* Sizes from 16 kB to 16 MB, each octave half as likely as the one below, so that each holds as many bytes.
 */
static uint64_t flow_size(struct sim *sim)
{
    unsigned octave = 0;
    while (octave < 9 && (sim_bits(sim) & 1))
        octave++;
    uint64_t base = UINT64_C(16384) << octave;
    return base + (base * sim_below(sim, 1024) >> 10);
}

static void flow_start(struct sim *sim, struct bulk *bulk, unsigned kind)
{
    struct flow *flow = allocate(1, sizeof *flow);
    uint32_t client = sim_below(sim, CLIENTS), server = sim_below(sim, SERVERS);
    flow->bulk = bulk;
    flow->kind = kind;
    flow->name = server;
    flow->left = flow_size(sim);
    flow->dns_id = (uint16_t)sim_bits(sim);
    flow->source = kind != KIND_TLS || sim_below(sim, 8); /* one TLS flow in eight sends upwards */
    memcpy(flow->connection_id, random_bytes(sim, bulk, 8), 8);
    if (sim_below(sim, 5)) {
        flow->tcp.host[0] = host_ipv4(10, 20, 100, (uint8_t)(1 + client));
        flow->tcp.host[1] = host_ipv4(198, 18, (uint8_t)(server >> 8), (uint8_t)server);
    } else {
        flow->tcp.host[0] = host_ipv6(0x20, client);
        flow->tcp.host[1] = host_ipv6(0xffff, server);
    }
    static const uint8_t router[6] = {2, 0, 10, 20, 0, 1};
    memcpy(flow->tcp.host[1].mac, router, 6);
    flow->tcp.port[0] = (uint16_t)(32768 + sim_below(sim, 28000));
    flow->tcp.port[1] = kinds[kind].port;
    flow->tcp.traffic = kinds[kind].traffic;
    tcp_start(sim, &flow->tcp);
    bulk->planned[kind] += flow->left + flow->left / 16 + 5000;
    sim->truth->flows[kinds[kind].traffic]++;
    flow_step(sim, flow, STEP_QUERY);
}

/* ---- how much of it ---- */

static void pace(struct sim *sim, void *actor, uint32_t argument)
{
    struct bulk *bulk = actor;
    const uint64_t *bytes = sim->truth->bytes;
    uint64_t wanted =
        (bytes[TRAFFIC_MQTT] + bytes[TRAFFIC_COAP] + bytes[TRAFFIC_KASA] + bytes[TRAFFIC_TUYA]) *
        bulk->multiple;
    for (unsigned kind = 0; kind < KINDS; kind++)
        while (bulk->planned[kind] < wanted * kinds[kind].share / 100)
            flow_start(sim, bulk, kind);
    sim_after(sim, PACE_US, pace, bulk, argument);
}

void bulk_start(struct sim *sim, unsigned multiple)
{
    struct bulk *bulk = allocate(1, sizeof *bulk);
    bulk->multiple = multiple;
    for (size_t i = 0; i < POOL_SIZE; i++)
        bulk->pool[i] = (uint8_t)sim_bits(sim);
    sim_after(sim, PACE_US, pace, bulk, 0);
}
