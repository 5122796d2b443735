/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one control packet to its fields: MQTT 3.1 (sections 2 and 3), 3.1.1 and 5.0 (section 3).
 *
 * What makes the content untrustworthy (a string that runs past the packet, QoS 3, a topic name with a
 * wildcard) is a fault, and the packet is malformed. What breaks the specification and leaves the content
 * readable (a property that is there twice, a code that is not assigned) is a remark. The top bit of the
 * version marks the bridges of mosquitto (its option try_private); brokers read the rest as usual. */
#include "protocol/mqtt_wire.h"

struct reading {
    struct wtr_cursor c; /* over the whole packet, so that places count from its first byte */
    struct wtr_mqtt_packet *packet;
    uint8_t version;
    const char *fault;
    size_t fault_at;
    const char *remark;
    size_t remark_at;
};

/* The first fault stands; what is read behind it is empty. */
static void fail(struct reading *r, const char *reason, size_t at)
{
    if (r->fault)
        return;
    r->fault = reason;
    r->fault_at = at;
    r->c.bad = true;
}

static void remark(struct reading *r, const char *reason, size_t at)
{
    if (r->remark || r->fault)
        return;
    r->remark = reason;
    r->remark_at = at;
}

static uint8_t take_byte(struct reading *r, const char *reason)
{
    size_t at = r->c.at;
    uint8_t value = wtr_take_u8(&r->c);
    if (r->c.bad)
        fail(r, reason, at);
    return value;
}

static uint16_t take_number(struct reading *r, const char *reason)
{
    size_t at = r->c.at;
    uint16_t value = wtr_take_be16(&r->c);
    if (r->c.bad)
        fail(r, reason, at);
    return value;
}

/* A string or binary data behind its two bytes of length; data is NULL after a fault only. */
static struct wtr_text take_text(struct reading *r)
{
    size_t at = r->c.at;
    uint16_t length = wtr_take_be16(&r->c);
    const uint8_t *data = wtr_take(&r->c, length);
    if (r->c.bad)
        fail(r, "a string runs past the packet", at);
    return (struct wtr_text){(const char *)data, data ? length : 0};
}

static struct wtr_text take_rest(struct reading *r)
{
    size_t length = wtr_left(&r->c);
    return (struct wtr_text){(const char *)wtr_take(&r->c, length), length};
}

static void take_packet_id(struct reading *r)
{
    size_t at = r->c.at;
    r->packet->packet_id = take_number(r, "the packet ends before its packet id");
    r->packet->has_packet_id = r->fault == NULL;
    if (r->packet->packet_id == 0)
        fail(r, "packet id 0", at);
}

/* The properties that stand here, `where` as wtr_mqtt_check_properties has it. */
static struct wtr_text take_properties(struct reading *r, unsigned where)
{
    const struct wtr_text none = {NULL, 0};
    size_t start = r->c.at;
    uint32_t length = 0;
    size_t size = 0;
    if (r->fault)
        return none;
    enum wtr_mqtt_varint verdict = wtr_mqtt_read_varint(r->c.data + start, wtr_left(&r->c), &length, &size);
    if (verdict != WTR_MQTT_VARINT_READ) {
        fail(r,
             verdict == WTR_MQTT_VARINT_CUT ? "the packet ends before its properties"
                                            : "property length runs past four bytes",
             start);
        return none;
    }
    if (wtr_mqtt_varint_padded(length, size))
        remark(r, "a length is not in its shortest form", start);
    wtr_take(&r->c, size);
    if (length > wtr_left(&r->c)) {
        fail(r, "property length runs past the packet", start);
        return none;
    }
    size_t begin = r->c.at;
    struct wtr_text properties = wtr_text_of(wtr_take(&r->c, length), length);
    size_t at;
    const char *fault, *odd;
    if (!wtr_mqtt_check_properties(properties, where, &at, &fault, &odd))
        fail(r, fault, begin + at);
    else if (odd)
        remark(r, odd, begin + at);
    return properties;
}

static void take_code(struct reading *r)
{
    size_t at = r->c.at;
    r->packet->reason_code = take_byte(r, "the packet ends before its reason code");
    r->packet->has_reason_code = r->fault == NULL;
    if (!wtr_mqtt_code_known(r->packet->type, r->version, r->packet->reason_code))
        remark(r, "an unknown reason code", at);
}

static void must_end(struct reading *r)
{
    if (wtr_left(&r->c) > 0)
        fail(r, "bytes behind the last field", r->c.at);
}

/* ---- CONNECT and CONNACK */

static bool version_known(const struct reading *r)
{
    return r->version >= 3 && r->version <= 5;
}

static void read_name_and_version(struct reading *r)
{
    struct wtr_mqtt_packet *p = r->packet;
    size_t at = r->c.at;
    p->protocol_name = take_text(r);
    bool old = wtr_text_is(p->protocol_name, "MQIsdp");
    if (!r->fault && !old && !wtr_text_is(p->protocol_name, "MQTT"))
        fail(r, "an unknown protocol name", at);
    at = r->c.at;
    uint8_t level = take_byte(r, "the packet ends before its protocol version");
    if (r->fault)
        return;
    p->bridge = (level & 0x80) != 0;
    r->version = level & 0x7f;
    if (version_known(r) && old != (r->version == 3)) {
        fail(r, "the protocol name is not that of the protocol version", at);
        return;
    }
    p->version = r->version;
    if (!version_known(r))
        remark(r, "an unknown protocol version", at);
}

static void check_connect_flags(struct reading *r, uint8_t flags, size_t at)
{
    if (r->packet->has_will && r->packet->will_qos == 3)
        fail(r, "will QoS 3", at);
    if (r->version == 3)
        return;
    if (flags & 0x01)
        fail(r, "the reserved connect flag is set", at);
    if (!r->packet->has_will && flags & 0x38)
        remark(r, "will QoS or will retain without a will", at);
    if (r->version == 4 && (flags & 0xc0) == 0x40)
        remark(r, "a password without a user name", at);
}

static uint8_t read_connect_flags(struct reading *r)
{
    struct wtr_mqtt_packet *p = r->packet;
    size_t at = r->c.at;
    uint8_t flags = take_byte(r, "the packet ends before its connect flags");
    p->clean_start = (flags & 0x02) != 0;
    p->keep_alive = take_number(r, "the packet ends before its keep alive");
    if (!version_known(r))
        return 0; /* what the other flags announce is not known */
    p->has_will = (flags & 0x04) != 0;
    p->will_qos = p->has_will ? flags >> 3 & 3 : 0;
    p->will_retain = p->has_will && (flags & 0x20);
    check_connect_flags(r, flags, at);
    return flags;
}

static void remark_string(struct reading *r, struct wtr_text text, size_t at)
{
    const char *fault = wtr_mqtt_string_fault(text);
    if (fault)
        remark(r, fault, at);
}

static void read_will(struct reading *r)
{
    struct wtr_mqtt_packet *p = r->packet;
    if (r->version == 5)
        p->will_properties = take_properties(r, WTR_MQTT_IN_WILL);
    size_t at = r->c.at;
    p->will_topic = take_text(r);
    const char *fault = wtr_mqtt_topic_fault(p->will_topic);
    if (fault)
        remark(r, fault, at);
    p->will_payload = take_text(r);
}

/* 3.1 section 3.1: where the remaining length leaves no room for them, the flags of user name and password
 * count as not set. */
static bool announced(const struct reading *r, uint8_t flags, uint8_t flag)
{
    return (flags & flag) && (r->version > 3 || wtr_left(&r->c) > 0);
}

static void read_connect(struct reading *r)
{
    struct wtr_mqtt_packet *p = r->packet;
    read_name_and_version(r);
    uint8_t flags = read_connect_flags(r);
    if (!version_known(r))
        return;
    if (r->version == 5)
        p->properties = take_properties(r, WTR_MQTT_CONNECT);
    size_t at = r->c.at;
    p->client_id = take_text(r);
    remark_string(r, p->client_id, at);
    if (p->has_will)
        read_will(r);
    at = r->c.at;
    if (announced(r, flags, 0x80)) {
        p->username = take_text(r);
        remark_string(r, p->username, at);
    }
    if (announced(r, flags, 0x40))
        p->password = take_text(r);
    if (wtr_left(&r->c) > 0)
        remark(r, "bytes behind the last field", r->c.at);
}

static void read_connack(struct reading *r)
{
    size_t at = r->c.at;
    uint8_t flags = take_byte(r, "the packet ends before its acknowledge flags");
    if (r->version > 3) { /* 3.1 leaves the byte unused */
        r->packet->session_present = flags & 1;
        if (flags & 0xfe)
            remark(r, "reserved acknowledge flags are set", at);
    }
    bool before_5 = r->version < 5 || wtr_left(&r->c) == 1;
    if (r->version == 5 && before_5) /* a broker that does not know 5 refuses it so */
        remark(r, "a CONNACK in the form of versions before 5", at);
    take_code(r);
    if (!before_5)
        r->packet->properties = take_properties(r, WTR_MQTT_CONNACK);
    must_end(r);
}

/* ---- PUBLISH and what acknowledges it */

static void read_alias(struct reading *r, size_t at)
{
    struct wtr_mqtt_packet *p = r->packet;
    struct wtr_mqtt_property property;
    for (size_t next = 0; wtr_mqtt_next_property(p->properties, &next, &property);) {
        if (property.id != 35)
            continue;
        p->has_topic_alias = true;
        p->topic_alias = (uint16_t)property.number;
        if (property.number == 0)
            fail(r, "topic alias 0", at);
    }
}

static void read_publish(struct reading *r, uint8_t flags)
{
    struct wtr_mqtt_packet *p = r->packet;
    p->dup = (flags & 8) != 0;
    p->qos = flags >> 1 & 3;
    p->retain = flags & 1;
    if (p->dup && p->qos == 0)
        remark(r, "DUP is set with QoS 0", 0);
    size_t at = r->c.at;
    p->topic = take_text(r);
    if (p->qos > 0)
        take_packet_id(r);
    if (r->version == 5) {
        size_t place = r->c.at;
        p->properties = take_properties(r, WTR_MQTT_PUBLISH);
        if (p->properties.length > 0)
            read_alias(r, place);
    }
    const char *fault = p->topic.length == 0 && p->has_topic_alias ? NULL : wtr_mqtt_topic_fault(p->topic);
    if (fault)
        fail(r, fault, at);
    if (p->topic.length == 0)
        p->topic.data = NULL;
    p->payload = take_rest(r);
}

/* PUBACK, PUBREC, PUBREL, PUBCOMP: 5 may leave out the code, which then is 0, and the properties. */
static void read_acknowledgement(struct reading *r)
{
    take_packet_id(r);
    if (r->version == 5) {
        r->packet->has_reason_code = true;
        if (wtr_left(&r->c) > 0)
            take_code(r);
        if (wtr_left(&r->c) > 0)
            r->packet->properties = take_properties(r, r->packet->type);
    }
    must_end(r);
}

/* ---- SUBSCRIBE, UNSUBSCRIBE and their answers */

/* One entry of the list at `c`; false, and the cursor is bad, if it is cut. */
static bool take_filter(struct wtr_cursor *c, enum wtr_mqtt_type type, struct wtr_text *filter,
                        uint8_t *options)
{
    uint16_t length = wtr_take_be16(c);
    *filter = wtr_text_of(wtr_take(c, length), length);
    *options = type == WTR_MQTT_SUBSCRIBE ? wtr_take_u8(c) : 0;
    return !c->bad;
}

bool wtr_mqtt_next_filter(const struct wtr_mqtt_packet *packet, size_t *at, struct wtr_text *filter,
                          uint8_t *options)
{
    if (*at >= packet->filters.length)
        return false;
    struct wtr_cursor c = wtr_cursor_over(packet->filters.data, packet->filters.length);
    c.at = *at;
    if (!take_filter(&c, packet->type, filter, options))
        return false;
    *at = c.at;
    return true;
}

static void check_options(struct reading *r, uint8_t options, size_t at)
{
    if ((options & 3) == 3)
        fail(r, "QoS 3", at);
    bool reserved =
        r->version == 5 ? (options & 0xc0) || (options & 0x30) == 0x30 : r->version > 3 && (options & 0xfc);
    if (reserved)
        remark(r, "reserved subscription options are set", at);
}

static void read_filters(struct reading *r)
{
    if (wtr_left(&r->c) == 0)
        fail(r, "no topic filter", r->c.at);
    struct wtr_cursor c = r->c;
    while (wtr_left(&c) > 0) {
        size_t at = c.at;
        struct wtr_text filter;
        uint8_t options;
        if (!take_filter(&c, r->packet->type, &filter, &options)) {
            fail(r, "a topic filter runs past the packet", at);
            return;
        }
        bool readable;
        const char *fault = wtr_mqtt_filter_fault(filter, &readable);
        if (fault && readable)
            remark(r, fault, at);
        else if (fault)
            fail(r, fault, at);
        check_options(r, options, c.at - 1);
    }
    r->packet->filters = take_rest(r);
}

static void read_subscribe(struct reading *r)
{
    take_packet_id(r);
    if (r->version == 5)
        r->packet->properties = take_properties(r, r->packet->type);
    read_filters(r);
}

static void read_suback(struct reading *r)
{
    struct wtr_mqtt_packet *p = r->packet;
    take_packet_id(r);
    if (r->version == 5)
        p->properties = take_properties(r, p->type);
    if (p->type == WTR_MQTT_UNSUBACK && r->version != 5) {
        must_end(r);
        return;
    }
    size_t at = r->c.at;
    if (wtr_left(&r->c) == 0)
        fail(r, "the packet ends before its reason codes", at);
    p->reason_codes = take_rest(r);
    for (size_t i = 0; i < p->reason_codes.length; i++)
        if (!wtr_mqtt_code_known(p->type, r->version, (uint8_t)p->reason_codes.data[i]))
            remark(r, "an unknown reason code", at + i);
}

/* DISCONNECT and AUTH: 5 may leave out the code, which then is 0, and the properties. */
static void read_disconnect(struct reading *r)
{
    if (r->version == 5) {
        r->packet->has_reason_code = true;
        if (wtr_left(&r->c) > 0)
            take_code(r);
        if (wtr_left(&r->c) > 0)
            r->packet->properties = take_properties(r, r->packet->type);
    }
    must_end(r);
}

/* ---- any packet */

static void read_body(struct reading *r, uint8_t flags)
{
    switch (r->packet->type) {
    case WTR_MQTT_CONNECT:
        read_connect(r);
        break;
    case WTR_MQTT_CONNACK:
        read_connack(r);
        break;
    case WTR_MQTT_PUBLISH:
        read_publish(r, flags);
        break;
    case WTR_MQTT_PUBACK:
    case WTR_MQTT_PUBREC:
    case WTR_MQTT_PUBREL:
    case WTR_MQTT_PUBCOMP:
        read_acknowledgement(r);
        break;
    case WTR_MQTT_SUBSCRIBE:
    case WTR_MQTT_UNSUBSCRIBE:
        read_subscribe(r);
        break;
    case WTR_MQTT_SUBACK:
    case WTR_MQTT_UNSUBACK:
        read_suback(r);
        break;
    case WTR_MQTT_DISCONNECT:
    case WTR_MQTT_AUTH:
        read_disconnect(r);
        break;
    default:
        must_end(r); /* PINGREQ, PINGRESP */
    }
}

/* Reads the whole packet by the rules of one version. */
static enum wtr_mqtt_verdict decode_as(const uint8_t *bytes, const struct wtr_mqtt_header *header,
                                       uint8_t version, struct wtr_mqtt_packet *packet, size_t *at,
                                       const char **reason)
{
    *packet = (struct wtr_mqtt_packet){.type = header->type, .version = version};
    struct reading r = {.c = wtr_cursor_over(bytes, header->total), .packet = packet, .version = version};
    if (header->type == WTR_MQTT_CONNECT)
        packet->version = 0; /* it says its own */
    const char *fault = wtr_mqtt_header_fault(header, version);
    if (fault) {
        *at = 0;
        *reason = fault;
        return WTR_MQTT_MALFORMED;
    }
    wtr_take(&r.c, header->size);
    read_body(&r, header->flags);
    if (header->padded && r.version == 5)
        remark(&r, "a length is not in its shortest form", 1);
    *at = r.fault ? r.fault_at : r.remark_at;
    *reason = r.fault ? r.fault : r.remark;
    return r.fault ? WTR_MQTT_MALFORMED : WTR_MQTT_WHOLE;
}

/* Reads the whole packet by the rules that fit it, tried in this order; if none do, by the last ones. */
static enum wtr_mqtt_verdict decode_fitting(const uint8_t *bytes, const struct wtr_mqtt_header *header,
                                            const uint8_t *order, size_t count,
                                            struct wtr_mqtt_packet *packet, size_t *at, const char **reason)
{
    enum wtr_mqtt_verdict verdict = WTR_MQTT_MALFORMED;
    for (size_t i = 0; i < count; i++) {
        verdict = decode_as(bytes, header, order[i], packet, at, reason);
        if (verdict == WTR_MQTT_WHOLE && !*reason)
            break;
    }
    if (packet->type != WTR_MQTT_CONNECT && packet->version != 5)
        packet->version = 0;
    return verdict;
}

enum wtr_mqtt_verdict wtr_mqtt_decode(const uint8_t *bytes, size_t available, uint8_t version,
                                      struct wtr_mqtt_packet *packet, size_t *length, size_t *at,
                                      const char **reason)
{
    struct wtr_mqtt_header header;
    *reason = NULL;
    *at = 0;
    switch (wtr_mqtt_read_header(bytes, available, &header)) {
    case WTR_MQTT_VARINT_CUT:
        *length = available < 2 ? 2 : available + 1;
        return WTR_MQTT_NEED;
    case WTR_MQTT_VARINT_LONG:
        *packet = (struct wtr_mqtt_packet){.type = (enum wtr_mqtt_type)(bytes[0] >> 4)};
        *length = 0;
        *at = 1;
        *reason = "remaining length runs past four bytes";
        return WTR_MQTT_MALFORMED;
    default:
        break;
    }
    *length = header.total;
    if (header.total > available)
        return WTR_MQTT_NEED;
    static const uint8_t any[] = {4, 5, 3, 4}, before_5[] = {4, 3, 4};
    if (version == 0)
        return decode_fitting(bytes, &header, any, sizeof any, packet, at, reason);
    if (version == WTR_MQTT_BEFORE_5)
        return decode_fitting(bytes, &header, before_5, sizeof before_5, packet, at, reason);
    return decode_as(bytes, &header, version, packet, at, reason);
}
