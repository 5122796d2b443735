/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly: which messages are its own, whose they are, and over whose connection they came. CoAP is for
 * coiot.c and HTTP for http.c; over MQTT (Shelly API reference for Gen1, "Availability and announces";
 * shelly-api-docs gen2, Mqtt) [S]:
 *
 *   - CONNECT has the will "false" for <base>/online; the device publishes "true" there at each connection,
 *     which is no start. "false" comes from the broker, unless a client published it itself.
 *   - Under shellies/ everything is Shelly's. Elsewhere only a prefix in the form of a device's id, one under
 *     which a device was seen to talk, or a frame that bears a device's id or one of Shelly's own methods is.
 *     A component's status or command under an unknown prefix has the shape alone.
 *
 * A connection is taken for a device's own if its CONNECT says so; where that was not seen, if it publishes
 * what only the device does. */
#include "vendor/shelly/shelly.h"

#include "vendor/mqtt_publish.h"
#include "vendor/shelly/flash.h"
#include "vendor/shelly/http.h"
#include "vendor/shelly/messages.h"

/* Whether the topic's base is this family's beyond doubt. */
static enum wtr_claim claim_of_base(const struct wtr_shelly_learnt *learnt,
                                    const struct wtr_shelly_topic *topic)
{
    if (wtr_shelly_is_introduced(learnt, topic->base))
        return WTR_CLAIM_LEARNT;
    return topic->shellies || wtr_shelly_base_has_id(topic->base) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static bool is_will(const struct wtr_mqtt_packet *packet, struct wtr_shelly_topic *topic)
{
    return packet->has_will && wtr_shelly_topic_split(packet->will_topic, topic) &&
           topic->place == WTR_SHELLY_ONLINE;
}

/* A client id in the form of a device's id is the default of Gen2, whatever prefix was set. */
static enum wtr_claim claim_connect(const struct wtr_shelly_learnt *learnt,
                                    const struct wtr_mqtt_packet *packet)
{
    struct wtr_shelly_topic topic;
    uint8_t mac[6];
    if (!is_will(packet, &topic))
        return WTR_CLAIM_NONE;
    enum wtr_claim claim = claim_of_base(learnt, &topic);
    if (claim != WTR_CLAIM_NONE)
        return claim;
    bool named = wtr_text_is(packet->will_payload, "false") && wtr_shelly_id_mac(packet->client_id, mac);
    return named ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    const struct wtr_coap *coap = wtr_coap_of(message);
    struct wtr_shelly_topic topic;
    if (coap)
        return wtr_coiot_claims(coap) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
    if (message->protocol == &wtr_http || message->protocol == &wtr_websocket)
        return wtr_shelly_claim_http(message);
    if (packet)
        return claim_connect(state, packet);
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (!packet || !packet->topic.data || !wtr_shelly_topic_split(packet->topic, &topic))
        return WTR_CLAIM_NONE;
    enum wtr_claim claim = claim_of_base(state, &topic);
    if (claim == WTR_CLAIM_NONE && wtr_shelly_has_marks(&topic, packet->payload))
        claim = WTR_CLAIM_NAMED;
    if (claim == WTR_CLAIM_NONE && wtr_shelly_has_shape(&topic, packet->payload))
        claim = WTR_CLAIM_SHAPE;
    return claim;
}

wtr_device_ref wtr_shelly_device_of(struct wtr_say *say, struct wtr_text base)
{
    return wtr_say_device(say, "shelly", wtr_shelly_id_of_base(base));
}

static void read_connect(struct wtr_shelly_learnt *learnt, const struct wtr_mqtt_packet *packet,
                         struct wtr_say *say)
{
    struct wtr_shelly_topic topic;
    if (!is_will(packet, &topic))
        return;
    struct wtr_shelly_base *base = wtr_shelly_learn_base(learnt, topic.base);
    if (base)
        base->introduced = true;
    wtr_say_own_connection(say, wtr_shelly_device_of(say, topic.base));
}

/* Whether only the device itself publishes under such a topic. */
static bool is_report(enum wtr_shelly_place place)
{
    switch (place) {
    case WTR_SHELLY_ONLINE:
    case WTR_SHELLY_ANNOUNCE:
    case WTR_SHELLY_INFO:
    case WTR_SHELLY_RELAY:
    case WTR_SHELLY_POWER:
    case WTR_SHELLY_ENERGY:
    case WTR_SHELLY_INPUT:
    case WTR_SHELLY_EVENTS:
    case WTR_SHELLY_STATUS_OF:
        return true;
    default:
        return false;
    }
}

static void note_own(wtr_device_ref device, const struct wtr_shelly_topic *topic,
                     const struct wtr_message *message, struct wtr_say *say)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    bool from_client = session && !session->connect_seen && wtr_mqtt_from_client(session, message->direction);
    if (from_client && is_report(topic->place) && wtr_say_connection_device(say) == WTR_NO_DEVICE)
        wtr_say_own_connection(say, device);
}

static void read_online(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish,
                        const struct wtr_message *message)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    struct wtr_shelly_base *base = wtr_shelly_learn_base(publish->learnt, publish->topic->base);
    bool offline = wtr_text_is(publish->payload, "false");
    bool from_client = session && wtr_mqtt_from_client(session, message->direction);
    if (base && publish->payload.length > 0 && (from_client || !offline))
        base->left = offline;
    if (!offline || !session || !wtr_mqtt_from_broker(session, message->direction) || (base && base->left))
        return;
    wtr_say_begin(r->say, WTR_KIND_SESSION_CLOSE, r->device);
    wtr_say_text(r->say, WTR_FIELD_BY, WTR_TEXT("broker"));
    wtr_say_raw(r->say, WTR_TEXT("online"), publish->payload);
    wtr_say_last_will(r->say);
    wtr_say_end(r->say);
}

static void read_of_device(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish,
                           const struct wtr_message *message)
{
    enum wtr_shelly_place place = publish->topic->place;
    r->device = wtr_shelly_device_of(r->say, publish->topic->base);
    if (r->device == WTR_NO_DEVICE)
        return;
    note_own(r->device, publish->topic, message, r->say);
    if (place == WTR_SHELLY_ONLINE) {
        read_online(r, publish, message);
    } else if (place == WTR_SHELLY_COMMAND || place == WTR_SHELLY_GROUP_COMMAND) {
        wtr_shelly_read_device_command(r, publish);
    } else if (place == WTR_SHELLY_ANNOUNCE) {
        if (wtr_shelly_object(r, publish->payload))
            wtr_shelly_read_announce(r, 0);
    } else if (place >= WTR_SHELLY_EVENTS) {
        wtr_shelly_read_gen2(r, publish);
    } else {
        wtr_shelly_read_gen1(r, publish);
    }
}

static void read_publish(struct wtr_shelly_learnt *learnt, const struct wtr_message *message,
                         const struct wtr_mqtt_packet *packet, struct wtr_say *say)
{
    struct wtr_shelly_topic topic;
    if (!wtr_shelly_topic_split(packet->topic, &topic) || packet->payload.length == 0 ||
        topic.place == WTR_SHELLY_OTHER)
        return;
    struct wtr_shelly_publish publish = {.learnt = learnt, .topic = &topic, .payload = packet->payload};
    struct wtr_shelly_reading r = {.say = say, .device = WTR_NO_DEVICE};
    if (topic.place == WTR_SHELLY_GROUP_ANNOUNCE)
        wtr_shelly_read_group_announce(&r, packet->payload);
    else if (topic.place == WTR_SHELLY_RPC)
        wtr_shelly_read_gen2(&r, &publish);
    else
        read_of_device(&r, &publish, message);
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    struct wtr_shelly_learnt *learnt = state;
    if (wtr_coap_of(message)) {
        wtr_coiot_read(&learnt->coiot, message, say);
        return;
    }
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    if (message->protocol == &wtr_http || message->protocol == &wtr_websocket) {
        wtr_shelly_read_http(state, message, say);
        return;
    }
    if (packet) {
        read_connect(state, packet, say);
        return;
    }
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (packet && packet->topic.data)
        read_publish(state, message, packet, say);
}

static void close_state(void *state)
{
    wtr_shelly_forget(state);
}

const struct wtr_vendor wtr_shelly = {
    .name = "shelly",
    .state_size = sizeof(struct wtr_shelly_learnt),
    .close = close_state,
    .claim = claim,
    .read = read,
    .claim_entry = wtr_shelly_claim_entry,
    .read_entry = wtr_shelly_read_entry,
};
