/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed header of a control packet: type, flags, remaining length (3.1.1 section 2.2, 5.0 sections 1.5.5
 * and 2.1; of 3.1, section 2.1 and the sections on each message, for the flags that it leaves unused). */
#include "protocol/mqtt_wire.h"

enum { VARINT_MAX_SIZE = 4 };

enum wtr_mqtt_varint wtr_mqtt_read_varint(const uint8_t *bytes, size_t available, uint32_t *value,
                                          size_t *size)
{
    *value = 0;
    for (size_t i = 0; i < VARINT_MAX_SIZE; i++) {
        if (i == available)
            return WTR_MQTT_VARINT_CUT;
        *value |= (uint32_t)(bytes[i] & 0x7f) << (7 * i);
        if (bytes[i] < 0x80) {
            *size = i + 1;
            return WTR_MQTT_VARINT_READ;
        }
    }
    return WTR_MQTT_VARINT_LONG;
}

bool wtr_mqtt_varint_padded(uint32_t value, size_t size)
{
    return size > 1 && value >> (7 * (size - 1)) == 0;
}

enum wtr_mqtt_varint wtr_mqtt_read_header(const uint8_t *bytes, size_t available,
                                          struct wtr_mqtt_header *header)
{
    if (available < 2)
        return WTR_MQTT_VARINT_CUT;
    uint32_t remaining;
    size_t size;
    enum wtr_mqtt_varint verdict = wtr_mqtt_read_varint(bytes + 1, available - 1, &remaining, &size);
    if (verdict != WTR_MQTT_VARINT_READ)
        return verdict;
    header->type = (enum wtr_mqtt_type)(bytes[0] >> 4);
    header->flags = bytes[0] & 0x0f;
    header->padded = wtr_mqtt_varint_padded(remaining, size);
    header->size = 1 + size;
    header->total = header->size + remaining;
    return WTR_MQTT_VARINT_READ;
}

/* The flags that a type must have (5.0 table 2-2). */
static uint8_t flags_of(enum wtr_mqtt_type type)
{
    bool acknowledged = type == WTR_MQTT_PUBREL || type == WTR_MQTT_SUBSCRIBE || type == WTR_MQTT_UNSUBSCRIBE;
    return acknowledged ? 2 : 0;
}

const char *wtr_mqtt_header_fault(const struct wtr_mqtt_header *header, uint8_t version)
{
    bool may_be_5 = version == 5 || version == 0;
    bool may_be_3 = version == 3 || version == WTR_MQTT_BEFORE_5 || version == 0;
    if (header->type == 0 || (header->type == WTR_MQTT_AUTH && !may_be_5))
        return "a reserved packet type";
    if (header->type == WTR_MQTT_PUBLISH)
        return (header->flags & 6) == 6 ? "QoS 3" : NULL;
    uint8_t wanted = flags_of(header->type);
    bool repeated = wanted != 0 && header->flags == (wanted | 8); /* 3.1 repeats these with DUP set */
    if (header->flags == wanted || (repeated && may_be_3))
        return NULL;
    return "reserved header flags are set";
}

unsigned wtr_mqtt_role_of(enum wtr_mqtt_type type)
{
    switch (type) {
    case WTR_MQTT_CONNECT:
    case WTR_MQTT_SUBSCRIBE:
    case WTR_MQTT_UNSUBSCRIBE:
    case WTR_MQTT_PINGREQ:
        return WTR_MQTT_CLIENT_SENDS;
    case WTR_MQTT_CONNACK:
    case WTR_MQTT_SUBACK:
    case WTR_MQTT_UNSUBACK:
    case WTR_MQTT_PINGRESP:
        return WTR_MQTT_BROKER_SENDS;
    default:
        return 0;
    }
}
