/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT between a client and its broker. Packets: MQTT 3.1.1 and 5.0, chapters 2 and 3. */
#include "mqtt.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONNECT = 1,
    CONNACK = 2,
    PUBLISH = 3,
    PUBACK = 4,
    SUBSCRIBE = 8,
    SUBACK = 9,
    PINGREQ = 12,
    PINGRESP = 13,
    DISCONNECT = 14
};

/* ---- packets ---- */

static void put_string(struct text *out, const void *bytes, size_t length)
{
    text_be16(out, (unsigned)length);
    text_bytes(out, bytes, length);
}

static void put_packet(struct text *out, unsigned first, const struct text *body)
{
    text_u8(out, first);
    size_t rest = body->length;
    do {
        unsigned low = rest & 0x7f;
        rest >>= 7;
        text_u8(out, rest ? low | 0x80 : low);
    } while (rest);
    text_bytes(out, body->at, body->length);
}

void mqtt_put_connect(struct text *out, const struct mqtt_link *link, const struct mqtt_login *login)
{
    struct text body = {0};
    unsigned flags = 0x02;
    if (login->will)
        flags |= 0x04u | (unsigned)login->will->qos << 3 | (login->will->retain ? 0x20u : 0u);
    if (login->username)
        flags |= 0xc0;
    put_string(&body, "MQTT", 4);
    text_u8(&body, link->version);
    text_u8(&body, flags);
    text_be16(&body, link->keep_alive_s);
    if (link->version == 5)
        text_hex(&body, "03 210014"); /* Receive Maximum 20 */
    put_string(&body, login->client_id, strlen(login->client_id));
    if (login->will) {
        put_string(&body, login->will->topic->at, login->will->topic->length);
        put_string(&body, login->will->payload->at, login->will->payload->length);
    }
    if (login->username) {
        put_string(&body, login->username, strlen(login->username));
        put_string(&body, login->password, strlen(login->password));
    }
    put_packet(out, CONNECT << 4, &body);
    text_free(&body);
}

static uint16_t next_packet_id(struct mqtt_link *link, unsigned from)
{
    if (!++link->packet_id[from])
        link->packet_id[from] = 1;
    return link->packet_id[from];
}

void mqtt_put_subscribe(struct text *out, struct mqtt_link *link, const char *filter, unsigned qos)
{
    struct text body = {0};
    text_be16(&body, next_packet_id(link, MQTT_CLIENT));
    if (link->version == 5)
        text_u8(&body, 0);
    put_string(&body, filter, strlen(filter));
    text_u8(&body, qos);
    put_packet(out, SUBSCRIBE << 4 | 2, &body);
    text_free(&body);
}

void mqtt_put_publish(struct text *out, struct mqtt_link *link, unsigned from,
                      const struct publication *publication)
{
    struct text body = {0};
    put_string(&body, publication->topic->at, publication->topic->length);
    if (publication->qos)
        text_be16(&body, next_packet_id(link, from));
    if (link->version == 5)
        text_u8(&body, 0);
    text_bytes(&body, publication->payload->at, publication->payload->length);
    put_packet(out, PUBLISH << 4 | (unsigned)publication->qos << 1 | publication->retain, &body);
    text_free(&body);
}

/* ---- how the other end answers ---- */

struct packet {
    unsigned type;
    unsigned flags;
    const uint8_t *body;
    size_t length;
};

/* Takes the packet at *at, which this program has made itself, and moves past it. */
static struct packet take_packet(const uint8_t **at)
{
    struct packet packet = {.type = **at >> 4, .flags = **at & 15u};
    (*at)++;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        packet.length |= (size_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    packet.body = *at;
    *at += packet.length;
    return packet;
}

static size_t be16_at(const uint8_t *at)
{
    return (size_t)at[0] << 8 | at[1];
}

/* The answer to a PUBLISH with QoS 1; the packet identifier stands after the topic. */
static void answer_publish(const struct packet *packet, struct text *answer)
{
    if (!(packet->flags & 6))
        return;
    text_u8(answer, PUBACK << 4);
    text_u8(answer, 2);
    text_bytes(answer, packet->body + 2 + be16_at(packet->body), 2);
}

/* A SUBSCRIBE of one filter is granted the QoS that it asks for: its last byte. */
static void answer_subscribe(const struct mqtt_link *link, const struct packet *packet, struct text *answer)
{
    struct text body = {0};
    text_bytes(&body, packet->body, 2);
    if (link->version == 5)
        text_u8(&body, 0);
    text_u8(&body, packet->body[packet->length - 1]);
    put_packet(answer, SUBACK << 4, &body);
    text_free(&body);
}

static void greet(struct sim *sim, void *actor, uint32_t session)
{
    struct mqtt_link *link = actor;
    if (link->session != session)
        return;
    link->up = true;
    link->role->greet(sim, link);
}

/* Counts the packets, and makes what the other end answers. */
static void answer_packets(struct sim *sim, struct mqtt_link *link, const struct text *packets,
                           struct text *answer)
{
    const uint8_t *at = packets->at;
    while (at < packets->at + packets->length) {
        struct packet packet = take_packet(&at);
        sim->truth->mqtt[packet.type]++;
        if (packet.type == CONNECT)
            text_hex(answer, link->version == 5 ? "20 03 00 00 00" : "20 02 00 00");
        else if (packet.type == CONNACK)
            sim_after(sim, 3 * MILLISECOND, greet, link, link->session);
        else if (packet.type == PUBLISH)
            answer_publish(&packet, answer);
        else if (packet.type == SUBSCRIBE)
            answer_subscribe(link, &packet, answer);
        else if (packet.type == PINGREQ)
            text_hex(answer, "d0 00");
    }
}

/* ---- the way over TCP ---- */

struct letter {
    struct mqtt_link *link;
    struct text packets;
    uint32_t sequence; /* of a retransmission */
};

static struct letter *letter_new(struct mqtt_link *link, const struct text *packets)
{
    struct letter *letter = allocate(1, sizeof *letter);
    letter->link = link;
    text_bytes(&letter->packets, packets->at, packets->length);
    return letter;
}

static void letter_free(struct letter *letter)
{
    text_free(&letter->packets);
    free(letter);
}

/* Which end, and which session, in an action's argument. */
static uint32_t end_and_session(const struct mqtt_link *link, unsigned end)
{
    return link->session << 1 | end;
}

static bool session_stands(const struct mqtt_link *link, uint32_t argument)
{
    return end_and_session(link, argument & 1) == argument;
}

static void acknowledge(struct sim *sim, void *actor, uint32_t argument)
{
    struct mqtt_link *link = actor;
    if (session_stands(link, argument))
        wire_tcp_ack(sim, &link->tcp, argument & 1);
}

static void retransmit(struct sim *sim, void *actor, uint32_t argument)
{
    struct letter *letter = actor;
    struct mqtt_link *link = letter->link;
    unsigned from = argument & 1;
    if (session_stands(link, argument)) {
        uint32_t next = link->tcp.sequence[from];
        link->tcp.sequence[from] = letter->sequence;
        wire_tcp(sim, &link->tcp, from, TCP_PSH | TCP_ACK, letter->packets.at, letter->packets.length);
        link->tcp.sequence[from] = next;
        sim->truth->retransmissions++;
        sim_after(sim, 900, acknowledge, link, end_and_session(link, !from));
    }
    letter_free(letter);
}

static void deliver(struct sim *sim, void *actor, uint32_t argument)
{
    struct letter *letter = actor;
    if (session_stands(letter->link, argument))
        mqtt_send(sim, letter->link, argument & 1, &letter->packets);
    letter_free(letter);
}

void mqtt_send_later(struct sim *sim, struct mqtt_link *link, unsigned from, const struct text *packets,
                     int64_t delay_us)
{
    sim_after(sim, delay_us, deliver, letter_new(link, packets), end_and_session(link, from));
}

/* One segment in 500 is seen again 210 ms later, its acknowledgement having been lost. */
void mqtt_send(struct sim *sim, struct mqtt_link *link, unsigned from, const struct text *packets)
{
    uint32_t sequence = link->tcp.sequence[from];
    wire_tcp_bytes(sim, &link->tcp, from, packets->at, packets->length);
    struct text answer = {0};
    answer_packets(sim, link, packets, &answer);
    if (answer.length) {
        mqtt_send_later(sim, link, !from, &answer, sim_between(sim, 600, 3 * MILLISECOND));
    } else if (packets->length <= TCP_SEGMENT && !sim_below(sim, 500)) {
        struct letter *letter = letter_new(link, packets);
        letter->sequence = sequence;
        sim_after(sim, 210 * MILLISECOND, retransmit, letter, end_and_session(link, from));
    } else {
        sim_after(sim, sim_between(sim, 500, 4 * MILLISECOND), acknowledge, link,
                  end_and_session(link, !from));
    }
    text_free(&answer);
}

/* ---- sessions ---- */

static void ping(struct sim *sim, void *actor, uint32_t session)
{
    struct mqtt_link *link = actor;
    if (link->session != session || !link->up)
        return;
    struct text packets = {0};
    text_hex(&packets, "c0 00");
    mqtt_send(sim, link, MQTT_CLIENT, &packets);
    text_free(&packets);
    sim_after(sim, link->keep_alive_s * SECOND, ping, link, session);
}

static void session_over(struct sim *sim, void *actor, uint32_t session)
{
    struct mqtt_link *link = actor;
    if (link->session == session)
        mqtt_close(sim, link, sim_between(sim, 2 * SECOND, 9 * SECOND));
}

static void log_in(struct sim *sim, struct mqtt_link *link)
{
    struct text packets = {0};
    link->role->login(sim, link, &packets);
    mqtt_send(sim, link, MQTT_CLIENT, &packets);
    text_free(&packets);
    sim_after(sim, link->keep_alive_s * SECOND, ping, link, link->session);
    int64_t lasts = link->role->session_us;
    if (lasts)
        sim_after(sim, sim_between(sim, lasts / 2, lasts + lasts / 2), session_over, link, link->session);
}

static void open_step(struct sim *sim, void *actor, uint32_t step)
{
    struct mqtt_link *link = actor;
    switch (step) {
    case 0:
        link->session++;
        link->tcp.port[MQTT_CLIENT] =
            (uint16_t)(49152 + (link->tcp.port[MQTT_CLIENT] + 1 + sim_below(sim, 97)) % 16384);
        link->tcp.port[MQTT_BROKER] = MQTT_PORT;
        link->tcp.traffic = TRAFFIC_MQTT;
        link->packet_id[MQTT_CLIENT] = link->packet_id[MQTT_BROKER] = 0;
        tcp_start(sim, &link->tcp);
        sim->truth->flows[TRAFFIC_MQTT]++;
        wire_arp(sim, &link->tcp.host[MQTT_CLIENT], &link->tcp.host[MQTT_BROKER]);
        break;
    case 1:
        wire_tcp(sim, &link->tcp, MQTT_CLIENT, TCP_SYN, NULL, 0);
        break;
    case 2:
        wire_tcp(sim, &link->tcp, MQTT_BROKER, TCP_SYN | TCP_ACK, NULL, 0);
        break;
    case 3:
        wire_tcp_ack(sim, &link->tcp, MQTT_CLIENT);
        break;
    default:
        log_in(sim, link);
        return;
    }
    sim_after(sim, sim_between(sim, 400, 2 * MILLISECOND), open_step, link, step + 1);
}

void mqtt_open(struct sim *sim, struct mqtt_link *link, int64_t delay_us)
{
    sim_after(sim, delay_us, open_step, link, 0);
}

static void close_step(struct sim *sim, void *actor, uint32_t step)
{
    struct mqtt_link *link = actor;
    if (step == 0)
        wire_tcp(sim, &link->tcp, MQTT_CLIENT, TCP_FIN | TCP_ACK, NULL, 0);
    else if (step == 1)
        wire_tcp(sim, &link->tcp, MQTT_BROKER, TCP_FIN | TCP_ACK, NULL, 0);
    else
        wire_tcp_ack(sim, &link->tcp, MQTT_CLIENT);
    if (step < 2)
        sim_after(sim, 700, close_step, link, step + 1);
}

void mqtt_close(struct sim *sim, struct mqtt_link *link, int64_t delay_us)
{
    struct text packets = {0};
    text_hex(&packets, "e0 00");
    wire_tcp_bytes(sim, &link->tcp, MQTT_CLIENT, packets.at, packets.length);
    sim->truth->mqtt[DISCONNECT]++;
    text_free(&packets);
    link->up = false;
    link->session++;
    sim_after(sim, 300, close_step, link, 0);
    mqtt_open(sim, link, delay_us);
}
