/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT messages for the tests of vendors: packets as they stand on the wire (3.1.1, sections 3.1 and 3.3),
 * taken apart as the decoder would, in a block of memory that ends where the packet does, so that a sanitizer
 * sees whoever reads behind it. */
#ifndef TEST_MQTT_MESSAGE_H
#define TEST_MQTT_MESSAGE_H

#include "protocol/mqtt.h"

#include <stdlib.h>

enum mqtt_flags {
    MQTT_RETAIN = 1 << 0,
    MQTT_QOS1 = 1 << 1,
};

/* A connection between a client (which opened it) and a broker. Zero-initialised, its CONNECT was not seen
 * and its roles are known. */
struct mqtt_connection {
    struct wtr_mqtt_session session;
    char client_id[64];
};

static struct {
    uint8_t *bytes;
    struct wtr_piece piece;
    struct wtr_mqtt_packet packet;
    struct wtr_message message;
} mqtt_made;

/* Each message lasts until the next one is made, or this is called. */
static inline void mqtt_message_free(void)
{
    free(mqtt_made.bytes);
    mqtt_made.bytes = NULL;
}

/* A packet with its fixed header; the rest is filled in at the returned place. */
static inline uint8_t *mqtt_begin(uint8_t first, size_t remaining, size_t *total)
{
    uint8_t header[5] = {first};
    size_t n = 1;
    for (size_t rest = remaining; n == 1 || rest > 0; rest >>= 7)
        header[n++] = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    mqtt_message_free();
    *total = n + remaining;
    mqtt_made.bytes = malloc(*total);
    if (!mqtt_made.bytes)
        abort();
    memcpy(mqtt_made.bytes, header, n);
    mqtt_made.packet = (struct wtr_mqtt_packet){.version = 4};
    return mqtt_made.bytes + n;
}

static inline struct wtr_text mqtt_put_bytes(uint8_t **at, struct wtr_text text)
{
    if (text.length > 0)
        memcpy(*at, text.data, text.length);
    struct wtr_text put = {(const char *)*at, text.length};
    *at += text.length;
    return put;
}

static inline struct wtr_text mqtt_put_counted(uint8_t **at, const char *z)
{
    struct wtr_text text = wtr_text_z(z);
    *(*at)++ = (uint8_t)(text.length >> 8);
    *(*at)++ = (uint8_t)text.length;
    return mqtt_put_bytes(at, text);
}

static inline const struct wtr_message *
mqtt_finish(struct mqtt_connection *connection, enum wtr_direction direction, const char *type, size_t total)
{
    mqtt_made.piece =
        (struct wtr_piece){.at = 0, .length = total, .offset = 54, .record_offset = 24, .frame = 1};
    mqtt_made.message = (struct wtr_message){
        .protocol = &wtr_mqtt,
        .type = type,
        .direction = direction,
        .span = {.bytes = mqtt_made.bytes, .length = total, .pieces = &mqtt_made.piece, .piece_count = 1},
        .body = &mqtt_made.packet,
        .session = &connection->session,
    };
    connection->session.roles_known = true;
    connection->session.broker = WTR_FROM_SERVER;
    connection->session.version = 4;
    return &mqtt_made.message;
}

/* The client says who it is, with a will unless will_topic is NULL. */
static inline const struct wtr_message *mqtt_connect(struct mqtt_connection *connection,
                                                     const char *client_id, const char *will_topic,
                                                     const char *will_payload)
{
    struct wtr_text name = WTR_TEXT("MQTT");
    size_t id_length = strlen(client_id);
    size_t length = 2 + name.length + 4 + 2 + id_length;
    if (will_topic)
        length += 4 + strlen(will_topic) + strlen(will_payload);
    size_t total = 0;
    uint8_t *at = mqtt_begin(WTR_MQTT_CONNECT << 4, length, &total);
    struct wtr_mqtt_packet *packet = &mqtt_made.packet;
    packet->type = WTR_MQTT_CONNECT;
    packet->protocol_name = mqtt_put_counted(&at, name.data);
    *at++ = 4;
    *at++ = (uint8_t)(will_topic ? 0x2e : 0x02);
    *at++ = 0;
    *at++ = 30;
    packet->clean_start = true;
    packet->keep_alive = 30;
    packet->client_id = mqtt_put_counted(&at, client_id);
    if (will_topic) {
        packet->has_will = true;
        packet->will_qos = 1;
        packet->will_retain = true;
        packet->will_topic = mqtt_put_counted(&at, will_topic);
        packet->will_payload = mqtt_put_counted(&at, will_payload);
    }
    if (id_length < sizeof connection->client_id) {
        memcpy(connection->client_id, client_id, id_length);
        connection->session.client_id = connection->client_id;
        connection->session.client_id_length = id_length;
    }
    connection->session.connect_seen = true;
    return mqtt_finish(connection, WTR_FROM_CLIENT, "connect", total);
}

static inline const struct wtr_message *mqtt_publish_bytes(struct mqtt_connection *connection,
                                                           enum wtr_direction direction, const char *topic,
                                                           struct wtr_text payload, unsigned flags)
{
    bool acknowledged = flags & MQTT_QOS1;
    bool retain = flags & MQTT_RETAIN;
    size_t length = 2 + strlen(topic) + (acknowledged ? 2 : 0) + payload.length;
    size_t total = 0;
    uint8_t *at = mqtt_begin((uint8_t)(WTR_MQTT_PUBLISH << 4 | (acknowledged ? 2 : 0) | (retain ? 1 : 0)),
                             length, &total);
    struct wtr_mqtt_packet *packet = &mqtt_made.packet;
    packet->type = WTR_MQTT_PUBLISH;
    packet->qos = acknowledged;
    packet->retain = retain;
    packet->topic = mqtt_put_counted(&at, topic);
    if (acknowledged) {
        *at++ = 0;
        *at++ = 1;
        packet->has_packet_id = true;
        packet->packet_id = 1;
    }
    packet->payload = mqtt_put_bytes(&at, payload);
    return mqtt_finish(connection, direction, "publish", total);
}

static inline const struct wtr_message *mqtt_publish(struct mqtt_connection *connection,
                                                     enum wtr_direction direction, const char *topic,
                                                     const char *payload, unsigned flags)
{
    return mqtt_publish_bytes(connection, direction, topic, wtr_text_z(payload), flags);
}

#endif
