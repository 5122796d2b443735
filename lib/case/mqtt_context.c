/* SPDX-License-Identifier: Apache-2.0 */
/* What the statements of an MQTT message share: which way it went, who sent it, whether it was stored; and
 * the sessions of plugs, from CONNECT to their end. */
#include "case/extract.h"

#include "protocol/mqtt.h"

static struct wtr_text end_text(const struct wtr_connection *connection, int end)
{
    return (struct wtr_text){connection->end[end].data, connection->end[end].length};
}

/* MQTT's registered port (IANA). */
enum { MQTT_PORT = 1883, NO_END = -1 };

static uint64_t endpoint_key(const struct wtr_endpoint *end)
{
    return wtr_hash64(end->ip.bytes, sizeof end->ip.bytes, end->port);
}

/* Which end of the flow is the broker's: the session shows it, or another connection of this source showed
 * that a broker is there, or one end alone has MQTT's own port. NO_END: it can't be told. */
static int broker_end(struct wtr_extract *x, const struct wtr_flow_view *flow)
{
    const struct wtr_connection *connection = flow->user;
    const struct wtr_mqtt_session *session = connection->mqtt;
    if (session->roles_known) {
        wtr_map_put(&x->brokers, endpoint_key(&flow->end[session->broker]), 1);
        return (int)session->broker;
    }
    bool known[2];
    for (int end = 0; end < 2; end++)
        known[end] = wtr_map_find(&x->brokers, endpoint_key(&flow->end[end])) != NULL;
    if (known[0] != known[1])
        return known[1];
    bool own_port[2] = {flow->end[0].port == MQTT_PORT, flow->end[1].port == MQTT_PORT};
    return own_port[0] != own_port[1] ? own_port[1] : NO_END;
}

/* Where it can't be told whether the broker had stored the message, it is taken for stored, which claims
 * less. */
static uint16_t retention_flags(const struct wtr_mqtt_session *session, enum wtr_direction direction,
                                const struct wtr_mqtt_packet *packet)
{
    switch (wtr_mqtt_retention(session, direction, packet)) {
    case WTR_MQTT_LIVE:
        return 0;
    case WTR_MQTT_STORED:
        return WTR_FLAG_RETAINED;
    case WTR_MQTT_STORED_OR_LIVE:
        break;
    }
    return WTR_FLAG_RETAINED | WTR_FLAG_OR_LIVE;
}

static void watch_connect(struct wtr_extract *x, struct wtr_connection *connection,
                          const struct wtr_message *message, const struct wtr_mqtt_packet *packet)
{
    wtr_extract_segment(x, connection->open_segment);
    connection->has_open_origin = true;
    connection->open_origin = wtr_span_locate(&message->span, 0, message->span.length);
    connection->keep_alive = packet->keep_alive;
}

/* Says once that the connection was there before the capture, or before the first bytes that were read: not a
 * damage, but what came before is not known. */
static void say_mid_stream(struct wtr_extract *x, struct wtr_connection *connection,
                           const struct wtr_message *message, const struct wtr_mqtt_session *session)
{
    const struct wtr_mqtt_packet *packet = message->body;
    bool begins = connection->begun || !session->mid_stream || packet->type == WTR_MQTT_CONNECT;
    connection->begun = true;
    if (begins)
        return;
    struct wtr_origin origin = wtr_span_locate(&message->span, 0, message->span.length);
    wtr_extract_finding(x, WTR_ITEM_FINDING, 0, &origin, WTR_TEXT("mqtt"),
                        WTR_TEXT("the connection's beginning was not captured; it is read from here on"), 0);
}

/* What waited in a stored session is delivered at once when it is resumed (MQTT 3.1.1, 3.1.2.4); for so long
 * a message may be an old one. */
static const int64_t resumption_ns = INT64_C(2000000000);

static void watch_resumption(struct wtr_extract *x, struct wtr_connection *connection,
                             const struct wtr_message *message)
{
    const struct wtr_mqtt_packet *packet = message->body;
    int64_t now = wtr_span_locate(&message->span, 0, 0).time_ns;
    if (packet->type == WTR_MQTT_CONNACK && packet->session_present) {
        connection->resumed = true;
        connection->resumed_ns = now;
    }
    bool may_be_old = packet->type == WTR_MQTT_PUBLISH && packet->qos > 0 && connection->resumed &&
                      x->say.common.leg == WTR_LEG_FROM_BROKER &&
                      now - connection->resumed_ns <= resumption_ns;
    if (may_be_old)
        x->say.common.flags |= WTR_FLAG_RESUMED;
}

void wtr_mqtt_context(struct wtr_extract *x, struct wtr_flow_view *flow, const struct wtr_message *message)
{
    const struct wtr_mqtt_session *session = message->session;
    const struct wtr_mqtt_packet *packet = message->body;
    struct wtr_connection *connection = flow->user;
    struct wtr_say *say = &x->say;
    int broker = broker_end(x, flow);
    bool from_broker = broker == (int)message->direction;
    bool from_client = broker != NO_END && !from_broker;
    const struct wtr_text nothing = {NULL, 0};

    say->common.leg = from_broker ? WTR_LEG_FROM_BROKER : from_client ? WTR_LEG_TO_BROKER : WTR_LEG_NONE;
    say->scope = end_text(connection, broker == NO_END ? (int)WTR_FROM_SERVER : broker);
    say->connection_device = connection->device;
    say->endpoint = from_client ? end_text(connection, !broker) : nothing;
    say->client_id = from_client && session->client_id
                         ? wtr_text_of(session->client_id, session->client_id_length)
                         : nothing;
    say->user =
        from_client && session->username ? wtr_text_of(session->username, session->username_length) : nothing;
    if (packet->type == WTR_MQTT_PUBLISH && packet->retain && !from_client)
        say->common.flags |= retention_flags(session, message->direction, packet);
    say_mid_stream(x, connection, message, session);
    watch_resumption(x, connection, message);
    if (packet->type == WTR_MQTT_CONNECT)
        watch_connect(x, connection, message, packet);
}

/* A statement about the session that rests on a packet other than the message being read. */
static struct wtr_item session_item(struct wtr_extract *x, const struct wtr_connection *connection,
                                    enum wtr_kind kind, const struct wtr_origin *origin, enum wtr_leg leg)
{
    struct wtr_item item = {.fixed = {.origin = *origin,
                                      .message = ++x->messages,
                                      .flow = connection->id,
                                      .device = connection->device,
                                      .resolution_ns = x->resolution_ns,
                                      .type = WTR_ITEM_STATEMENT,
                                      .kind = (uint8_t)kind,
                                      .leg = (uint8_t)leg}};
    memcpy(item.fixed.segment, connection->open_segment, sizeof item.fixed.segment);
    return item;
}

static void add_value(struct wtr_item *item, enum wtr_field field, struct wtr_text text)
{
    if (text.length > 0)
        item->values[item->value_count++] =
            (struct wtr_value){.field = field, .type = WTR_VALUE_TEXT, .text = text};
}

static void add_item(struct wtr_extract *x, struct wtr_flow_view *flow, struct wtr_item *item)
{
    struct wtr_connection *connection = flow->user;
    item->fixed.path = wtr_case_path(x->c, flow->path, connection->mqtt_over, wtr_mqtt.name, NULL);
    connection->has_statements = true;
    wtr_extract_item(x, item, item->fixed.origin.time_ns);
}

void wtr_mqtt_session_open(struct wtr_extract *x, struct wtr_flow_view *flow, wtr_device_ref device)
{
    struct wtr_connection *connection = flow->user;
    const struct wtr_mqtt_session *session = connection->mqtt;
    bool first = !connection->opened;
    connection->device = device;
    wtr_map_put(&x->own, device, (uint64_t)flow->last_ns);
    if (!first || !connection->has_open_origin)
        return;
    connection->opened = true;
    struct wtr_item item =
        session_item(x, connection, WTR_KIND_SESSION_OPEN, &connection->open_origin, WTR_LEG_TO_BROKER);
    add_value(&item, WTR_FIELD_CLIENT_ID, wtr_text_of(session->client_id, session->client_id_length));
    add_value(&item, WTR_FIELD_USER, wtr_text_of(session->username, session->username_length));
    add_value(&item, WTR_FIELD_SERVER, x->say.scope);
    item.values[item.value_count++] = (struct wtr_value){
        .field = WTR_FIELD_KEEP_ALIVE_S, .type = WTR_VALUE_INTEGER, .number = connection->keep_alive};
    add_item(x, flow, &item);
}

void wtr_mqtt_session_close(struct wtr_extract *x, struct wtr_flow_view *flow, enum wtr_direction by,
                            bool reset, const struct wtr_origin *origin)
{
    struct wtr_connection *connection = flow->user;
    const struct wtr_mqtt_session *session = connection->mqtt;
    if (connection->device == WTR_NO_DEVICE || connection->ended)
        return;
    connection->ended = true;
    int broker = broker_end(x, flow);
    bool by_broker = broker == (int)by;
    enum wtr_direction other = by == WTR_FROM_CLIENT ? WTR_FROM_SERVER : WTR_FROM_CLIENT;
    bool in_doubt = flow->closer_in_doubt || session->lost[other]; /* it may have said DISCONNECT before */
    struct wtr_item item = session_item(x, connection, WTR_KIND_SESSION_CLOSE, origin,
                                        by_broker ? WTR_LEG_FROM_BROKER : WTR_LEG_TO_BROKER);
    if (broker != NO_END && !in_doubt)
        add_value(&item, WTR_FIELD_BY, by_broker ? WTR_TEXT("broker") : WTR_TEXT("device"));
    add_value(&item, WTR_FIELD_REASON, reset ? WTR_TEXT("connection reset") : WTR_TEXT("connection closed"));
    if (session->client_id)
        add_value(&item, WTR_FIELD_CLIENT_ID, wtr_text_of(session->client_id, session->client_id_length));
    add_item(x, flow, &item);
}
