/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota over MQTT, and its web commands (http.c): which messages are its own, whose they are, and over
 * whose connection they came (tasmota/docs MQTT.md; xdrv_02_9_mqtt.ino MqttReconnect, MqttConnected,
 * CmndTopic, CmndFullTopic) [S], the last will and its delivery [V] on a broker with payloads of our own:
 *
 *   - CONNECT has the will "Offline", QoS 1, for tele/…/LWT. Its client id, by default DVES_XXXXXX, is also
 *     the fallback topic cmnd/<client id>_fb, which reaches this device alone.
 *   - Online is published by the device at each connection and is no start. Offline comes from the broker,
 *     except when Topic or FullTopic is changed: then the device itself may publish it to the old topic.
 *   - The device publishes an empty cmnd/…/POWER at each connection, which asks for nothing, and with
 *     ButtonTopic, SwitchTopic or a rule its own commands.
 *   - The group topic is "tasmotas" by default, formerly "sonoffs".
 *
 * A connection is taken for a device's own if its CONNECT says so, or its client id and the MAC that it
 * publishes agree; where CONNECT was not seen, if it publishes reports of a device with QoS 0, as Tasmota
 * does. Such a one may be a bridge that forwards them, so a command is said to be the plug's own only where
 * its CONNECT was seen. */
#include "vendor/tasmota/tasmota.h"

#include "vendor/mqtt_publish.h"
#include "vendor/tasmota/flash_read.h"
#include "vendor/tasmota/flash_store.h"
#include "vendor/tasmota/reading.h"
#include "vendor/tasmota/topic.h"

static bool is_lwt_will(const struct wtr_tasmota_learnt *learnt, const struct wtr_mqtt_packet *packet,
                        struct wtr_tasmota_topic *topic)
{
    return packet->has_will && wtr_tasmota_topic_split(learnt, packet->will_topic, topic) &&
           !topic->is_command && wtr_text_is(topic->last, "LWT") &&
           (topic->learnt || wtr_text_is(packet->will_payload, "Offline"));
}

static enum wtr_claim claim_of(const struct wtr_tasmota_topic *topic)
{
    return topic->learnt ? WTR_CLAIM_LEARNT : topic->usual ? WTR_CLAIM_NAMED : WTR_CLAIM_SHAPE;
}

static enum wtr_claim claim_message(const void *state, const struct wtr_message *message)
{
    const struct wtr_tasmota_learnt *learnt = state;
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    struct wtr_tasmota_topic topic;
    if (message->protocol == &wtr_http)
        return wtr_tasmota_claim_http(message->body);
    if (packet)
        return is_lwt_will(learnt, packet, &topic) ? claim_of(&topic) : WTR_CLAIM_NONE;
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    struct wtr_text mac;
    struct wtr_text what;
    if (!packet || !packet->topic.data)
        return WTR_CLAIM_NONE;
    if (wtr_tasmota_discovery_topic(packet->topic, &mac, &what) ||
        wtr_tasmota_is_config(packet->topic, packet->payload))
        return WTR_CLAIM_NAMED;
    if (!wtr_tasmota_topic_split(learnt, packet->topic, &topic))
        return WTR_CLAIM_NONE;
    bool known_name = topic.is_command ? wtr_tasmota_is_command(topic.last)
                                       : wtr_tasmota_is_report(topic.last, packet->payload);
    return topic.learnt || known_name ? claim_of(&topic) : WTR_CLAIM_NONE;
}

/* A connection has one owner: the first that was seen. */
static void own(struct wtr_tasmota_reading *r)
{
    if (r->device == WTR_NO_DEVICE || wtr_say_connection_device(r->say) != WTR_NO_DEVICE)
        return;
    wtr_say_own_connection(r->say, r->device);
    (void)wtr_map_put(&r->learnt->own, r->device, 1);
}

static bool publishes_itself(const struct wtr_message *message, const struct wtr_mqtt_packet *publish)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    return session && publish->qos == 0 && publish->payload.length > 0 &&
           wtr_mqtt_from_client(session, message->direction);
}

static void note_own(struct wtr_tasmota_reading *r, const struct wtr_message *message,
                     const struct wtr_mqtt_packet *publish)
{
    if (publishes_itself(message, publish) && !wtr_mqtt_session_of(message)->connect_seen)
        own(r);
}

/* The client id DVES_XXXXXX with the last six digits of the MAC that this very connection publishes: the
 * device's own, also where its will could not be read because its prefixes were renamed. */
static void note_own_discovery(struct wtr_tasmota_reading *r, const struct wtr_message *message,
                               const struct wtr_mqtt_packet *publish, struct wtr_text mac)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    char expected[] = "DVES_XXXXXX";
    note_own(r, message, publish);
    if (!publishes_itself(message, publish) || !session->client_id || mac.length != 12)
        return;
    memcpy(expected + 5, mac.data + 6, 6);
    if (wtr_text_is_nocase(wtr_text_of(session->client_id, session->client_id_length), expected))
        own(r);
}

static void learn_alias_of_client(struct wtr_tasmota_reading *r, struct wtr_text client_id)
{
    static const char tail[] = "_fb";
    char fallback[WTR_TASMOTA_MAX_TEXT];
    if (!r->known || client_id.length == 0 || client_id.length + sizeof tail > sizeof fallback)
        return;
    memcpy(fallback, client_id.data, client_id.length);
    memcpy(fallback + client_id.length, tail, sizeof tail - 1);
    wtr_tasmota_learn_alias(r->learnt, (struct wtr_text){fallback, client_id.length + sizeof tail - 1},
                            r->known);
}

static void read_connect(struct wtr_tasmota_reading *r, const struct wtr_mqtt_packet *packet)
{
    struct wtr_tasmota_topic topic;
    if (!is_lwt_will(r->learnt, packet, &topic))
        return;
    r->device = wtr_say_device(r->say, "tasmota", topic.path);
    r->known = wtr_tasmota_device(r->learnt, topic.path);
    own(r);
    wtr_tasmota_learn_bases(r->learnt, r->known, &topic);
    learn_alias_of_client(r, packet->client_id);
}

static bool is_offline(const struct wtr_tasmota_device *known, struct wtr_text payload)
{
    struct wtr_text own_word = known ? known->words[WTR_TASMOTA_OFFLINE] : (struct wtr_text){NULL, 0};
    return own_word.data ? wtr_text_equal(payload, own_word) : wtr_text_is(payload, "Offline");
}

static void read_lwt(struct wtr_tasmota_reading *r, const struct wtr_message *message,
                     struct wtr_text payload)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    bool offline = is_offline(r->known, payload);
    bool from_client = session && wtr_mqtt_from_client(session, message->direction);
    if (r->known && payload.length > 0 && (from_client || !offline))
        r->known->left = offline;
    if (!offline || !session || !wtr_mqtt_from_broker(session, message->direction) ||
        (r->known && r->known->left))
        return;
    wtr_say_begin(r->say, WTR_KIND_SESSION_CLOSE, r->device);
    wtr_say_text(r->say, WTR_FIELD_BY, WTR_TEXT("broker"));
    wtr_say_raw(r->say, WTR_TEXT("LWT"), payload);
    wtr_say_last_will(r->say);
    wtr_say_end(r->say);
}

static bool is_group(const struct wtr_tasmota_learnt *learnt, struct wtr_text path)
{
    size_t at = path.length;
    while (at > 0 && path.data[at - 1] != '/')
        at--;
    struct wtr_text name = {path.data + at, path.length - at};
    return wtr_text_is(name, "tasmotas") || wtr_text_is(name, "sonoffs") ||
           wtr_tasmota_is_group(learnt, name);
}

static void read_command(struct wtr_tasmota_reading *r, const struct wtr_message *message,
                         const struct wtr_mqtt_packet *publish, const struct wtr_tasmota_topic *topic)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(message);
    const struct wtr_tasmota_device *named = wtr_tasmota_find_alias(r->learnt, topic->path);
    wtr_device_ref sender = wtr_say_connection_device(r->say);
    struct wtr_tasmota_order order = {
        .group = !topic->learnt && !named && is_group(r->learnt, topic->path),
        .local = session && session->connect_seen && wtr_mqtt_from_client(session, message->direction) &&
                 sender != WTR_NO_DEVICE && wtr_map_find(&r->learnt->own, sender) != NULL,
    };
    r->device = wtr_say_device(r->say, "tasmota", named ? named->id : topic->path);
    wtr_tasmota_read_command(r, &order, topic->last, publish->payload);
}

static void read_publish(struct wtr_tasmota_reading *r, const struct wtr_message *message,
                         const struct wtr_mqtt_packet *publish)
{
    struct wtr_tasmota_topic topic;
    struct wtr_text mac;
    struct wtr_text what;
    if (wtr_tasmota_discovery_topic(publish->topic, &mac, &what)) {
        wtr_tasmota_read_discovery(r, mac, what, publish->payload);
        note_own_discovery(r, message, publish, mac);
        return;
    }
    if (wtr_tasmota_is_config(publish->topic, publish->payload)) {
        wtr_tasmota_read_config(r, publish->payload);
        return;
    }
    if (!wtr_tasmota_topic_split(r->learnt, publish->topic, &topic))
        return;
    if (topic.is_command) {
        read_command(r, message, publish, &topic);
        return;
    }
    r->device = wtr_say_device(r->say, "tasmota", topic.path);
    r->known = wtr_tasmota_device(r->learnt, topic.path);
    note_own(r, message, publish);
    if (wtr_text_is(topic.last, "LWT"))
        read_lwt(r, message, publish->payload);
    else
        wtr_tasmota_read_report(r, topic.last, publish->payload);
}

static void read_message(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    struct wtr_tasmota_reading r = {.learnt = state, .say = say, .device = WTR_NO_DEVICE};
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_CONNECT);
    if (message->protocol == &wtr_http) {
        wtr_tasmota_read_http(&r, message->body);
        return;
    }
    if (packet) {
        read_connect(&r, packet);
        return;
    }
    packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (packet && packet->topic.data)
        read_publish(&r, message, packet);
}

static void close_state(void *state)
{
    wtr_tasmota_forget(state);
}

static const struct wtr_flash_format *const formats[] = {&wtr_tasmota_sectors, &wtr_tasmota_backup, NULL};

const struct wtr_vendor wtr_tasmota = {
    .name = "tasmota",
    .state_size = sizeof(struct wtr_tasmota_learnt),
    .close = close_state,
    .claim = claim_message,
    .read = read_message,
    .formats = formats,
    .learn_entry = wtr_tasmota_learn_entry,
    .claim_entry = wtr_tasmota_claim_entry,
    .read_entry = wtr_tasmota_read_entry,
};
