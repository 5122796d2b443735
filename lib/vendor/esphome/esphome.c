/* SPDX-License-Identifier: Apache-2.0 */
/* ESPHome over MQTT: which messages are its own, whose they are, and over whose connection they came
 * (esphome/esphome@33fdbbe3 components/mqtt/__init__.py, mqtt_client.cpp) [S], [V] on a broker with
 * payloads of our own:
 *
 *   - CONNECT has the will "offline" for <prefix>/status, retained. "online" there is published at each
 *     connection, which is no start; "offline" comes from the broker, or from the node itself when it is
 *     shut down or restarted in order.
 *   - A node is introduced by a CONNECT with its default client id, by its discovery message, by a line of
 *     its log, or by its description. A client id is a setting and may have been copied: it ties no MAC.
 *     Under a prefix that was not introduced, only a switch's topic with one of ESPHome's words has the
 *     shape.
 *
 * A connection is taken for a node's own if its CONNECT says so; where that was not seen, if it publishes
 * what only the node does. */
#include "vendor/esphome/esphome.h"

#include "vendor/esphome/flash_store.h"
#include "vendor/esphome/reading.h"
#include "vendor/mqtt_publish.h"

static bool is_will(const struct wtr_mqtt_packet *packet, struct wtr_esphome_topic *topic)
{
    return packet->has_will && wtr_esphome_topic_split(packet->will_topic, topic) &&
           topic->place == WTR_ESPHOME_STATUS && wtr_text_is(packet->will_payload, "offline");
}

static enum wtr_claim claim_connect(const struct wtr_esphome_learnt *learnt,
                                    const struct wtr_mqtt_packet *packet)
{
    struct wtr_esphome_topic topic;
    if (!is_will(packet, &topic))
        return WTR_CLAIM_NONE;
    if (wtr_topic_index_knows(&learnt->prefixes, topic.prefix))
        return WTR_CLAIM_LEARNT;
    return wtr_esphome_is_client_id(packet->client_id, topic.prefix) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    const struct wtr_esphome_learnt *learnt = state;
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    struct wtr_esphome_topic topic;
    struct wtr_esphome_line line;
    if (packet)
        return claim_connect(learnt, packet);
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (!packet || !packet->topic.data)
        return WTR_CLAIM_NONE;
    if (!wtr_esphome_topic_split(packet->topic, &topic))
        return wtr_esphome_is_config(packet->topic, packet->payload) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
    if (topic.place == WTR_ESPHOME_DISCOVER)
        return WTR_CLAIM_NAMED;
    if (wtr_topic_index_knows(&learnt->prefixes, topic.prefix))
        return WTR_CLAIM_LEARNT;
    if (topic.place == WTR_ESPHOME_LOG && wtr_esphome_line_cut(packet->payload, &line))
        return WTR_CLAIM_NAMED;
    return wtr_esphome_has_shape(&topic, packet->payload) ? WTR_CLAIM_SHAPE : WTR_CLAIM_NONE;
}

void wtr_esphome_turn_to(struct wtr_esphome_reading *r, struct wtr_text prefix)
{
    r->device = wtr_say_device(r->say, "esphome", prefix);
    r->node = wtr_esphome_introduce(r->learnt, r->device, prefix);
}

/* A connection belongs to the first node that it is found to belong to. */
static void own(struct wtr_esphome_reading *r)
{
    if (wtr_say_connection_device(r->say) != WTR_NO_DEVICE)
        return;
    wtr_say_own_connection(r->say, r->device);
    if (r->node)
        r->node->seen = true;
}

static void read_connect(struct wtr_esphome_reading *r, const struct wtr_mqtt_packet *packet)
{
    struct wtr_esphome_topic topic;
    if (!is_will(packet, &topic))
        return;
    wtr_esphome_turn_to(r, topic.prefix);
    if (r->device != WTR_NO_DEVICE)
        own(r);
}

static void note_own(struct wtr_esphome_reading *r, const struct wtr_message *message)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    if (session && r->node && !session->connect_seen && wtr_mqtt_from_client(session, message->direction))
        own(r);
}

/* "offline" that the broker delivers is the last will, unless a client published it; where the node's own
 * connection is not in view, that can't be told. */
static void read_status(struct wtr_esphome_reading *r, const struct wtr_message *message,
                        struct wtr_text payload)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    bool offline = wtr_text_is(payload, "offline");
    bool from_client = session && wtr_mqtt_from_client(session, message->direction);
    if (r->node && payload.length > 0 && (from_client || !offline))
        r->node->left = offline;
    if (!offline || !session || !wtr_mqtt_from_broker(session, message->direction) ||
        (r->node && r->node->left))
        return;
    wtr_say_begin(r->say, WTR_KIND_SESSION_CLOSE, r->device);
    if (r->node && r->node->seen)
        wtr_say_text(r->say, WTR_FIELD_BY, WTR_TEXT("broker"));
    wtr_say_raw(r->say, WTR_TEXT("status"), payload);
    wtr_say_last_will(r->say);
    wtr_say_end(r->say);
}

static void read_of_node(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                         const struct wtr_message *message, struct wtr_text payload)
{
    struct wtr_esphome_line line;
    r->device = wtr_say_device(r->say, "esphome", topic->prefix);
    r->node = wtr_esphome_node(r->learnt, r->device, topic->prefix);
    if (!r->node && (topic->place == WTR_ESPHOME_DISCOVER ||
                     (topic->place == WTR_ESPHOME_LOG && wtr_esphome_line_cut(payload, &line))))
        wtr_esphome_turn_to(r, topic->prefix);
    if (r->device == WTR_NO_DEVICE)
        return;
    if (topic->place != WTR_ESPHOME_COMMAND)
        note_own(r, message);
    switch (topic->place) {
    case WTR_ESPHOME_STATE:
        wtr_esphome_read_state(r, topic, payload);
        break;
    case WTR_ESPHOME_COMMAND:
        wtr_esphome_read_command(r, topic, payload);
        break;
    case WTR_ESPHOME_STATUS:
        read_status(r, message, payload);
        break;
    case WTR_ESPHOME_LOG:
        wtr_esphome_read_log(r, topic, payload);
        break;
    case WTR_ESPHOME_DISCOVER:
        wtr_esphome_read_description(r, payload);
        break;
    }
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    struct wtr_esphome_reading r = {.learnt = state, .say = say, .device = WTR_NO_DEVICE};
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    struct wtr_esphome_topic topic;
    if (packet) {
        read_connect(&r, packet);
        return;
    }
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (!packet || !packet->topic.data)
        return;
    if (wtr_esphome_topic_split(packet->topic, &topic)) {
        read_of_node(&r, &topic, message, packet->payload);
    } else if (wtr_esphome_is_config(packet->topic, packet->payload)) {
        wtr_esphome_read_config(&r, packet->topic, packet->payload);
        note_own(&r, message);
    }
}

static void close(void *state)
{
    wtr_esphome_forget(state);
}

static const struct wtr_flash_format *const formats[] = {&wtr_esphome_preferences, NULL};

const struct wtr_vendor wtr_esphome = {
    .name = "esphome",
    .state_size = sizeof(struct wtr_esphome_learnt),
    .close = close,
    .claim = claim,
    .read = read,
    .formats = formats,
    .claim_entry = wtr_esphome_claim_entry,
    .read_entry = wtr_esphome_read_entry,
};
