/* SPDX-License-Identifier: Apache-2.0 */
/* Whether bytes are MQTT packets one behind the other. Each must be sound to the letter (mqtt_shape.c), one
 * version must fit all of them, and no packet that only a broker sends stands beside one that only a client
 * sends. */
#include "protocol/mqtt_wire.h"

static unsigned weight_of(const struct wtr_mqtt_shape *shape)
{
    return shape->telling ? WTR_MQTT_ENOUGH_WEIGHT : WTR_MQTT_ENOUGH_WEIGHT / 2;
}

static bool add(struct wtr_mqtt_run *run, const uint8_t *bytes, size_t length)
{
    struct wtr_mqtt_shape shape;
    wtr_mqtt_shape_of(bytes, length, &shape);
    run->before_5 = run->before_5 && shape.before_5;
    run->in_5 = run->in_5 && shape.in_5;
    run->roles |= wtr_mqtt_role_of(shape.type);
    run->weight += weight_of(&shape);
    run->length += length;
    return (run->before_5 || run->in_5) && run->roles != (WTR_MQTT_CLIENT_SENDS | WTR_MQTT_BROKER_SENDS);
}

/* What is there of a PUBLISH's topic name, and the whole name's length; false if it can't be one. */
static bool peek_topic(const struct wtr_mqtt_header *header, const uint8_t *bytes, size_t available,
                       struct wtr_text *there, size_t *length)
{
    struct wtr_cursor c = wtr_cursor_over(bytes, available);
    wtr_take(&c, header->size);
    *length = wtr_take_be16(&c);
    *there = (struct wtr_text){NULL, 0};
    if (c.bad)
        return true;
    size_t packet_id = header->flags & 6 ? 2 : 0;
    if (2 + *length + packet_id > header->total - header->size)
        return false;
    size_t n = wtr_left(&c) < *length ? wtr_left(&c) : *length;
    *there = wtr_text_of(wtr_take(&c, n), n);
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)there->data[i];
        if (byte < 0x20 || byte == 0x7f || byte == '#' || byte == '+')
            return false;
    }
    return true;
}

static bool begins_alike(struct wtr_text there, const char *wanted, size_t length)
{
    return memcmp(there.data, wanted, there.length < length ? there.length : length) == 0;
}

/* The same for a packet whose variable header begins with a packet id or with a code. */
static bool plausible_start(enum wtr_mqtt_type type, struct wtr_text there)
{
    bool has_id = type != WTR_MQTT_DISCONNECT && type != WTR_MQTT_AUTH;
    if (has_id && there.length >= 2 && there.data[0] == 0 && there.data[1] == 0)
        return false;
    if (type == WTR_MQTT_SUBSCRIBE || type == WTR_MQTT_UNSUBSCRIBE || type == WTR_MQTT_SUBACK ||
        type == WTR_MQTT_UNSUBACK)
        return true;
    size_t code = has_id ? 2 : 0;
    return there.length <= code || wtr_mqtt_code_known(type, 5, (uint8_t)there.data[code]);
}

/* Whether a packet that is not whole can still become sound. */
static bool plausible(const struct wtr_mqtt_header *header, const uint8_t *bytes, size_t available)
{
    struct wtr_text there = wtr_text_of(bytes + header->size, available - header->size);
    struct wtr_text topic;
    size_t length;
    if (header->padded)
        return false;
    switch (header->type) {
    case WTR_MQTT_PINGREQ:
    case WTR_MQTT_PINGRESP:
        return false; /* they would be whole */
    case WTR_MQTT_CONNECT:
        return begins_alike(there, "\0\4MQTT", 6) || begins_alike(there, "\0\6MQIsdp", 8);
    case WTR_MQTT_CONNACK:
        return there.length == 0 || (uint8_t)there.data[0] <= 1;
    case WTR_MQTT_PUBLISH:
        return peek_topic(header, bytes, available, &topic, &length);
    default:
        return plausible_start(header->type, there);
    }
}

static bool first_byte_possible(uint8_t byte)
{
    struct wtr_mqtt_header header = {.type = (enum wtr_mqtt_type)(byte >> 4), .flags = byte & 0x0f};
    return wtr_mqtt_header_fault(&header, 0) == NULL;
}

enum wtr_mqtt_step wtr_mqtt_run_step(struct wtr_mqtt_run *run, const uint8_t *bytes, size_t available,
                                     size_t *total)
{
    const uint8_t *packet = bytes + run->length;
    size_t left = available - run->length;
    if (left == 0)
        return WTR_MQTT_STEP_END;
    if (!first_byte_possible(packet[0]))
        return WTR_MQTT_STEP_BROKEN;
    struct wtr_mqtt_header header;
    switch (wtr_mqtt_read_header(packet, left, &header)) {
    case WTR_MQTT_VARINT_CUT:
        *total = left + 1;
        return WTR_MQTT_STEP_UNFINISHED;
    case WTR_MQTT_VARINT_LONG:
        return WTR_MQTT_STEP_BROKEN;
    default:
        break;
    }
    *total = header.total;
    if (header.total > left)
        return plausible(&header, packet, left) ? WTR_MQTT_STEP_UNFINISHED : WTR_MQTT_STEP_BROKEN;
    return add(run, packet, header.total) ? WTR_MQTT_STEP_PACKET : WTR_MQTT_STEP_BROKEN;
}

bool wtr_mqtt_begins_publish(const uint8_t *bytes, size_t available)
{
    struct wtr_mqtt_header header;
    struct wtr_text topic;
    size_t length;
    return wtr_mqtt_read_header(bytes, available, &header) == WTR_MQTT_VARINT_READ && !header.padded &&
           header.type == WTR_MQTT_PUBLISH && !wtr_mqtt_header_fault(&header, 0) &&
           peek_topic(&header, bytes, available, &topic, &length) && length > 0 && topic.length == length &&
           wtr_utf8_valid(topic.data, topic.length);
}
