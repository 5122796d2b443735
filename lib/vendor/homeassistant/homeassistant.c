/* SPDX-License-Identifier: Apache-2.0 */
/* Home Assistant's MQTT discovery: which messages are read by it (home-assistant.io
 * source/_integrations/mqtt.markdown) [S].
 *
 * Discovery is common ground: many programs announce themselves by it. So a configuration is claimed by its
 * shape alone, and a family that knows its own takes it; and a topic that was learnt from one is claimed as
 * named, not as learnt, so that it gives way to the family that the device itself belongs to. */
#include "vendor/homeassistant/homeassistant.h"

#include "vendor/homeassistant/reading.h"
#include "vendor/mqtt_publish.h"

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    const struct wtr_ha_learnt *learnt = state;
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    struct wtr_ha_topic topic;
    if (!packet || !packet->topic.data)
        return WTR_CLAIM_NONE;
    if (wtr_ha_knows(learnt, packet->topic))
        return WTR_CLAIM_NAMED;
    return wtr_ha_topic_cut(packet->topic, &topic) ? WTR_CLAIM_SHAPE : WTR_CLAIM_NONE;
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    const struct wtr_mqtt_packet *packet = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    struct wtr_ha_reading r = {.learnt = state, .say = say};
    struct wtr_ha_topic topic;
    if (!packet || !packet->topic.data)
        return;
    r.broker = wtr_say_device(say, "homeassistant", WTR_TEXT("discovery"));
    if (wtr_ha_topic_cut(packet->topic, &topic))
        wtr_ha_read_config(&r, packet->topic, packet->payload);
    else
        wtr_ha_read_value(&r, packet->topic, packet->payload);
}

static void close(void *state)
{
    wtr_ha_forget(state);
}

const struct wtr_vendor wtr_homeassistant = {
    .name = "homeassistant",
    .state_size = sizeof(struct wtr_ha_learnt),
    .close = close,
    .claim = claim,
    .read = read,
};
