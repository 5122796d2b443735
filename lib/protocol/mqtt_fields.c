/* SPDX-License-Identifier: Apache-2.0 */
/* A control packet as the members of a JSON object, under the names that the specification gives its fields,
 * in snake_case. What the packet does not have is left out; what is there and empty is shown empty. */
#include "base/secret.h"
#include "protocol/mqtt_wire.h"

static void put_number(struct wtr_json_writer *out, const char *name, uint32_t number)
{
    wtr_json_key(out, name);
    wtr_json_put_uint(out, number);
}

static void put_flag(struct wtr_json_writer *out, const char *name, bool flag)
{
    wtr_json_key(out, name);
    wtr_json_put_bool(out, flag);
}

static void put_bytes(struct wtr_json_writer *out, const char *name, struct wtr_text bytes)
{
    if (!bytes.data)
        return;
    wtr_json_key(out, name);
    wtr_json_put_bytes(out, bytes);
}

static void put_secret(struct wtr_json_writer *out, const char *name, struct wtr_text secret)
{
    if (!secret.data)
        return;
    wtr_json_key(out, name);
    wtr_json_put_secret(out, secret);
}

/* ---- properties */

enum { USER_PROPERTY = 38, SUBSCRIPTION_IDENTIFIER = 11, AUTHENTICATION_DATA = 22 };

static void put_value(struct wtr_json_writer *out, const struct wtr_mqtt_property *property)
{
    if (property->is_number) {
        wtr_json_put_uint(out, property->number);
    } else if (property->id == AUTHENTICATION_DATA) {
        wtr_json_put_secret(out, property->text);
    } else if (property->id == USER_PROPERTY) {
        wtr_json_begin_object(out);
        put_bytes(out, "name", property->text);
        put_bytes(out, "value", property->value);
        wtr_json_end_object(out);
    } else {
        wtr_json_put_bytes(out, property->text);
    }
}

/* All values of one identifier, from its first place on: a list where there are several, and for user
 * properties always. */
static void put_property(struct wtr_json_writer *out, struct wtr_text properties, size_t first, size_t count)
{
    struct wtr_mqtt_property property;
    size_t at = first;
    wtr_mqtt_next_property(properties, &at, &property);
    uint8_t id = property.id;
    bool list = count > 1 || id == USER_PROPERTY;
    wtr_json_key(out, property.name);
    if (list)
        wtr_json_begin_array(out);
    do {
        if (property.id == id)
            put_value(out, &property);
    } while (list && wtr_mqtt_next_property(properties, &at, &property));
    if (list)
        wtr_json_end_array(out);
}

static void put_properties(struct wtr_json_writer *out, struct wtr_text properties)
{
    enum { IDS = 64 };
    size_t count[IDS] = {0};
    struct wtr_mqtt_property property;
    if (properties.length == 0)
        return;
    for (size_t at = 0; wtr_mqtt_next_property(properties, &at, &property);)
        count[property.id % IDS]++;
    wtr_json_key(out, "properties");
    wtr_json_begin_object(out);
    for (size_t at = 0, first = 0; wtr_mqtt_next_property(properties, &at, &property); first = at) {
        size_t *left = &count[property.id % IDS];
        if (*left > 0)
            put_property(out, properties, first, *left);
        *left = 0;
    }
    wtr_json_end_object(out);
}

/* ---- packets */

static void put_will(struct wtr_json_writer *out, const struct wtr_mqtt_packet *packet)
{
    wtr_json_key(out, "will");
    wtr_json_begin_object(out);
    put_bytes(out, "topic", packet->will_topic);
    put_bytes(out, "payload", packet->will_payload);
    put_number(out, "qos", packet->will_qos);
    put_flag(out, "retain", packet->will_retain);
    put_properties(out, packet->will_properties);
    wtr_json_end_object(out);
}

static void put_connect(struct wtr_json_writer *out, const struct wtr_mqtt_packet *packet)
{
    put_bytes(out, "protocol_name", packet->protocol_name);
    put_number(out, "protocol_version", packet->version);
    if (packet->bridge)
        put_flag(out, "bridge", true);
    put_bytes(out, "client_id", packet->client_id);
    put_bytes(out, "username", packet->username);
    put_secret(out, "password", packet->password);
    put_flag(out, "clean_start", packet->clean_start);
    put_number(out, "keep_alive", packet->keep_alive);
    if (packet->has_will)
        put_will(out, packet);
}

static void put_publish(struct wtr_json_writer *out, const struct wtr_mqtt_packet *packet)
{
    put_bytes(out, "topic", packet->topic);
    if (packet->has_topic_alias)
        put_number(out, "topic_alias", packet->topic_alias);
    put_number(out, "qos", packet->qos);
    put_flag(out, "retain", packet->retain);
    put_flag(out, "dup", packet->dup);
    put_bytes(out, "payload", packet->payload);
}

static void put_filter(struct wtr_json_writer *out, const struct wtr_mqtt_packet *packet,
                       struct wtr_text filter, uint8_t options)
{
    if (packet->type == WTR_MQTT_UNSUBSCRIBE) {
        wtr_json_put_bytes(out, filter);
        return;
    }
    wtr_json_begin_object(out);
    put_bytes(out, "topic_filter", filter);
    put_number(out, "qos", options & 3);
    if (packet->version == 5) {
        put_flag(out, "no_local", options & 4);
        put_flag(out, "retain_as_published", options & 8);
        put_number(out, "retain_handling", options >> 4 & 3);
    }
    wtr_json_end_object(out);
}

static void put_filters(struct wtr_json_writer *out, const struct wtr_mqtt_packet *packet)
{
    struct wtr_text filter;
    uint8_t options;
    wtr_json_key(out, "topic_filters");
    wtr_json_begin_array(out);
    for (size_t at = 0; wtr_mqtt_next_filter(packet, &at, &filter, &options);)
        put_filter(out, packet, filter, options);
    wtr_json_end_array(out);
}

static void put_codes(struct wtr_json_writer *out, struct wtr_text codes)
{
    wtr_json_key(out, "reason_codes");
    wtr_json_begin_array(out);
    for (size_t i = 0; i < codes.length; i++)
        wtr_json_put_uint(out, (uint8_t)codes.data[i]);
    wtr_json_end_array(out);
}

void wtr_mqtt_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_mqtt_packet *packet = message->body;
    if (packet->type == WTR_MQTT_CONNECT)
        put_connect(out, packet);
    if (packet->type == WTR_MQTT_CONNACK)
        put_flag(out, "session_present", packet->session_present);
    if (packet->has_packet_id)
        put_number(out, "packet_id", packet->packet_id);
    if (packet->type == WTR_MQTT_PUBLISH)
        put_publish(out, packet);
    if (packet->filters.data)
        put_filters(out, packet);
    if (packet->has_reason_code)
        put_number(out, "reason_code", packet->reason_code);
    if (packet->reason_codes.data)
        put_codes(out, packet->reason_codes);
    put_properties(out, packet->properties);
}
