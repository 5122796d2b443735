/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of MQTT 5.0: identifiers, types, the packets that may have them and the values that they may
 * take (section 2.2.2.2, table 2-4, and the sections on each packet). */
#include "protocol/mqtt_wire.h"

enum kind { NONE, BYTE, TWO_BYTES, FOUR_BYTES, VARINT, STRING, BINARY, PAIR };

/* What a number may be. */
enum range { ANY, ZERO_OR_ONE, NOT_ZERO };

struct entry {
    const char *name;
    enum kind kind;
    enum range range;
    uint32_t where;
    bool many; /* it may stand more than once in one of these packets */
};

/* The bits of `where`, as wtr_mqtt_check_properties numbers the places. */
enum {
    IN_WILL = 1U << WTR_MQTT_IN_WILL,
    IN_CONNECT = 1U << WTR_MQTT_CONNECT,
    IN_CONNACK = 1U << WTR_MQTT_CONNACK,
    IN_PUBLISH = 1U << WTR_MQTT_PUBLISH,
    IN_ACKS = 1U << WTR_MQTT_PUBACK | 1U << WTR_MQTT_PUBREC | 1U << WTR_MQTT_PUBREL | 1U << WTR_MQTT_PUBCOMP,
    IN_SUBSCRIBE = 1U << WTR_MQTT_SUBSCRIBE,
    IN_SUBACKS = 1U << WTR_MQTT_SUBACK | 1U << WTR_MQTT_UNSUBACK,
    IN_DISCONNECT = 1U << WTR_MQTT_DISCONNECT,
    IN_AUTH = 1U << WTR_MQTT_AUTH,
    IN_ALL = 0xffff,
};

static const struct entry entries[] = {
    [1] = {"payload_format_indicator", BYTE, ZERO_OR_ONE, IN_PUBLISH | IN_WILL, false},
    [2] = {"message_expiry_interval", FOUR_BYTES, ANY, IN_PUBLISH | IN_WILL, false},
    [3] = {"content_type", STRING, ANY, IN_PUBLISH | IN_WILL, false},
    [8] = {"response_topic", STRING, ANY, IN_PUBLISH | IN_WILL, false},
    [9] = {"correlation_data", BINARY, ANY, IN_PUBLISH | IN_WILL, false},
    [11] = {"subscription_identifier", VARINT, NOT_ZERO, IN_PUBLISH | IN_SUBSCRIBE, true},
    [17] = {"session_expiry_interval", FOUR_BYTES, ANY, IN_CONNECT | IN_CONNACK | IN_DISCONNECT, false},
    [18] = {"assigned_client_identifier", STRING, ANY, IN_CONNACK, false},
    [19] = {"server_keep_alive", TWO_BYTES, ANY, IN_CONNACK, false},
    [21] = {"authentication_method", STRING, ANY, IN_CONNECT | IN_CONNACK | IN_AUTH, false},
    [22] = {"authentication_data", BINARY, ANY, IN_CONNECT | IN_CONNACK | IN_AUTH, false},
    [23] = {"request_problem_information", BYTE, ZERO_OR_ONE, IN_CONNECT, false},
    [24] = {"will_delay_interval", FOUR_BYTES, ANY, IN_WILL, false},
    [25] = {"request_response_information", BYTE, ZERO_OR_ONE, IN_CONNECT, false},
    [26] = {"response_information", STRING, ANY, IN_CONNACK, false},
    [28] = {"server_reference", STRING, ANY, IN_CONNACK | IN_DISCONNECT, false},
    [31] = {"reason_string", STRING, ANY, IN_CONNACK | IN_ACKS | IN_SUBACKS | IN_DISCONNECT | IN_AUTH, false},
    [33] = {"receive_maximum", TWO_BYTES, NOT_ZERO, IN_CONNECT | IN_CONNACK, false},
    [34] = {"topic_alias_maximum", TWO_BYTES, ANY, IN_CONNECT | IN_CONNACK, false},
    [35] = {"topic_alias", TWO_BYTES, NOT_ZERO, IN_PUBLISH, false},
    [36] = {"maximum_qos", BYTE, ZERO_OR_ONE, IN_CONNACK, false},
    [37] = {"retain_available", BYTE, ZERO_OR_ONE, IN_CONNACK, false},
    [38] = {"user_property", PAIR, ANY, IN_ALL, true},
    [39] = {"maximum_packet_size", FOUR_BYTES, NOT_ZERO, IN_CONNECT | IN_CONNACK, false},
    [40] = {"wildcard_subscription_available", BYTE, ZERO_OR_ONE, IN_CONNACK, false},
    [41] = {"subscription_identifier_available", BYTE, ZERO_OR_ONE, IN_CONNACK, false},
    [42] = {"shared_subscription_available", BYTE, ZERO_OR_ONE, IN_CONNACK, false},
};

enum { ENTRY_COUNT = sizeof entries / sizeof entries[0] };

static struct wtr_text take_text(struct wtr_cursor *c)
{
    uint16_t length = wtr_take_be16(c);
    const uint8_t *data = wtr_take(c, length);
    return (struct wtr_text){(const char *)data, data ? length : 0};
}

static uint32_t take_varint(struct wtr_cursor *c)
{
    uint32_t value = 0;
    size_t size = 0;
    if (wtr_mqtt_read_varint(c->data + c->at, wtr_left(c), &value, &size) != WTR_MQTT_VARINT_READ) {
        c->bad = true;
        return 0;
    }
    c->at += size;
    return value;
}

static void take_value(struct wtr_cursor *c, enum kind kind, struct wtr_mqtt_property *property)
{
    property->is_number = kind <= VARINT;
    switch (kind) {
    case BYTE:
        property->number = wtr_take_u8(c);
        break;
    case TWO_BYTES:
        property->number = wtr_take_be16(c);
        break;
    case FOUR_BYTES:
        property->number = wtr_take_be32(c);
        break;
    case VARINT:
        property->number = take_varint(c);
        break;
    case PAIR:
        property->text = take_text(c);
        property->value = take_text(c);
        break;
    default:
        property->text = take_text(c);
    }
}

enum wtr_mqtt_next wtr_mqtt_step_property(struct wtr_text properties, size_t *at,
                                          struct wtr_mqtt_property *property)
{
    if (*at >= properties.length)
        return WTR_MQTT_NEXT_END;
    struct wtr_cursor c = wtr_cursor_over(properties.data, properties.length);
    c.at = *at;
    uint32_t id = take_varint(&c);
    if (c.bad)
        return WTR_MQTT_NEXT_CUT;
    if (id >= ENTRY_COUNT || entries[id].kind == NONE)
        return WTR_MQTT_NEXT_UNKNOWN;
    *property = (struct wtr_mqtt_property){.id = (uint8_t)id, .name = entries[id].name};
    take_value(&c, entries[id].kind, property);
    if (c.bad)
        return WTR_MQTT_NEXT_CUT;
    *at = c.at;
    return WTR_MQTT_NEXT_READ;
}

bool wtr_mqtt_next_property(struct wtr_text properties, size_t *at, struct wtr_mqtt_property *property)
{
    return wtr_mqtt_step_property(properties, at, property) == WTR_MQTT_NEXT_READ;
}

static bool number_allowed(enum range range, uint32_t number)
{
    return range == ANY || (range == ZERO_OR_ONE ? number <= 1 : number != 0);
}

/* How one property breaks the specification without being unreadable; NULL if it doesn't. `seen` has a bit
 * for each identifier that stood before. */
static const char *remark_on(const struct wtr_mqtt_property *property, unsigned where, uint64_t seen)
{
    const struct entry *entry = &entries[property->id];
    if (!(entry->where & 1U << where))
        return "a property that this packet may not have";
    bool many = entry->many && !(property->id == 11 && where == WTR_MQTT_SUBSCRIBE);
    if (!many && seen & UINT64_C(1) << property->id)
        return "a property is there twice";
    if (property->is_number)
        return number_allowed(entry->range, property->number) ? NULL : "a property has a forbidden value";
    if (entry->kind == BINARY)
        return NULL;
    const char *fault = wtr_mqtt_string_fault(property->text);
    return fault ? fault : entry->kind == PAIR ? wtr_mqtt_string_fault(property->value) : NULL;
}

bool wtr_mqtt_check_properties(struct wtr_text properties, unsigned where, size_t *at, const char **fault,
                               const char **remark)
{
    *at = 0;
    *fault = *remark = NULL;
    uint64_t seen = 0;
    for (size_t next = 0;;) {
        size_t start = next;
        struct wtr_mqtt_property property;
        enum wtr_mqtt_next step = wtr_mqtt_step_property(properties, &next, &property);
        if (step == WTR_MQTT_NEXT_END)
            return true;
        if (step != WTR_MQTT_NEXT_READ) {
            *at = start;
            *fault =
                step == WTR_MQTT_NEXT_CUT ? "a property runs past the properties" : "an unknown property";
            return false;
        }
        const char *odd = *remark ? NULL : remark_on(&property, where, seen);
        if (odd) {
            *remark = odd;
            *at = start;
        }
        seen |= UINT64_C(1) << property.id;
    }
}
