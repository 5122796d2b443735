/* SPDX-License-Identifier: Apache-2.0 */
/* What a whole packet can be, judged so strictly that chance bytes hardly pass: nothing in it may break the
 * specification, lengths are in their shortest form, and names hold no control characters (which 3.1.1 and
 * 5.0, section 1.5, advise against). The search for a packet boundary and the question of the version rest on
 * it. */
#include "protocol/mqtt_wire.h"

/* Whether there are control characters other than those that `allowed` names. */
static bool has_controls(struct wtr_text text, const char *allowed)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == 0x7f || (c < 0x20 && (c == 0 || !strchr(allowed, c))))
            return true;
    }
    return false;
}

static bool names_are_printable(const struct wtr_mqtt_packet *packet)
{
    if (packet->type == WTR_MQTT_PUBLISH)
        return !has_controls(packet->topic, "");
    struct wtr_text filter;
    uint8_t options;
    for (size_t at = 0; wtr_mqtt_next_filter(packet, &at, &filter, &options);)
        if (has_controls(filter, ""))
            return false;
    return true;
}

static bool fits(const uint8_t *bytes, size_t length, uint8_t version, struct wtr_mqtt_packet *packet)
{
    size_t total, at;
    const char *reason;
    return wtr_mqtt_decode(bytes, length, version, packet, &total, &at, &reason) == WTR_MQTT_WHOLE &&
           !reason && total == length && names_are_printable(packet);
}

static bool is_text(struct wtr_text text)
{
    return text.length > 0 && wtr_utf8_valid(text.data, text.length) && !has_controls(text, "\t\n\r");
}

/* Packets without fields, and acknowledgements that are a packet id alone, say the same in all versions. */
static bool says_the_same(const struct wtr_mqtt_header *header)
{
    size_t remaining = header->total - header->size;
    switch (header->type) {
    case WTR_MQTT_PINGREQ:
    case WTR_MQTT_PINGRESP:
    case WTR_MQTT_DISCONNECT:
        return remaining == 0;
    case WTR_MQTT_PUBACK:
    case WTR_MQTT_PUBREC:
    case WTR_MQTT_PUBREL:
    case WTR_MQTT_PUBCOMP:
        return remaining == 2;
    default:
        return false;
    }
}

void wtr_mqtt_shape_of(const uint8_t *bytes, size_t length, struct wtr_mqtt_shape *shape)
{
    struct wtr_mqtt_header header;
    struct wtr_mqtt_packet packet;
    *shape = (struct wtr_mqtt_shape){.type = (enum wtr_mqtt_type)0};
    if (wtr_mqtt_read_header(bytes, length, &header) != WTR_MQTT_VARINT_READ || header.padded)
        return;
    shape->type = header.type;
    shape->telling = length > 4;
    if (header.type == WTR_MQTT_CONNECT) {
        bool sound = fits(bytes, length, 0, &packet);
        shape->in_5 = sound && packet.version == 5;
        shape->before_5 = sound && packet.version != 5;
        return;
    }
    shape->before_5 = fits(bytes, length, 4, &packet) || fits(bytes, length, 3, &packet);
    shape->in_5 = fits(bytes, length, 5, &packet);
    shape->alike = shape->before_5 && shape->in_5 && says_the_same(&header);
    shape->text_in_5 = shape->in_5 && header.type == WTR_MQTT_PUBLISH && is_text(packet.payload);
}
