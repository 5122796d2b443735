/* SPDX-License-Identifier: Apache-2.0 */
/* An invented plug with one relay and a meter. Here a real family's file says what it knows, where from, and
 * how it was checked: [V] on real bytes, [S] read in source or documentation, [K] general knowledge.
 *
 *   - example/<id>/relay "on" or "off": the relay's state, at each change.
 *   - example/<id>/power watts, as a decimal number.
 *   - example/<id>/set "on" or "off": asks for a state. */
#include "vendor/example/example.h"

#include "vendor/mqtt_publish.h"

/* Whether the topic is one of the plug's: "example", an id, and a word that is known. */
static bool is_own(const struct wtr_topic *topic)
{
    bool known = wtr_topic_level_is(topic, 2, "relay") || wtr_topic_level_is(topic, 2, "power") ||
                 wtr_topic_level_is(topic, 2, "set");
    return topic->count == 3 && wtr_topic_level_is(topic, 0, "example") && topic->level[1].length > 0 &&
           known;
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    (void)state;
    const struct wtr_mqtt_packet *publish = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (!publish)
        return WTR_CLAIM_NONE;
    struct wtr_topic topic = wtr_topic_cut(publish->topic);
    return is_own(&topic) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

/* What is reported of the relay, or asked of it. */
static void say_relay(struct wtr_say *say, enum wtr_kind kind, wtr_device_ref device, struct wtr_text payload)
{
    bool on = false;
    if (!wtr_text_on_off(payload, "on", "off", &on)) {
        wtr_say_finding(say, payload, "the word is neither on nor off");
        return;
    }
    wtr_say_begin(say, kind, device);
    wtr_say_channel(say, WTR_TEXT("1"), 1);
    wtr_say_text(say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw(say, WTR_TEXT("relay"), payload);
    wtr_say_end(say);
}

/* More than any plug carries is a damaged or foreign message, not a reading. */
static const int64_t most_power = INT64_C(10000) * 1000000;

static void say_power(struct wtr_say *say, wtr_device_ref device, struct wtr_text payload)
{
    int64_t micro = 0;
    if (!wtr_decimal_micro(payload, 0, &micro) || micro < 0 || micro > most_power) {
        wtr_say_finding(say, payload, "the power is no number within its range");
        return;
    }
    wtr_say_begin(say, WTR_KIND_POWER_READING, device);
    wtr_say_channel(say, WTR_TEXT("1"), 1);
    wtr_say_micro(say, WTR_FIELD_POWER_W, micro);
    wtr_say_raw(say, WTR_TEXT("power"), payload);
    wtr_say_end(say);
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    (void)state;
    const struct wtr_mqtt_packet *publish = wtr_mqtt_packet_of(message, WTR_MQTT_PUBLISH);
    if (!publish)
        return;
    struct wtr_topic topic = wtr_topic_cut(publish->topic);
    if (!is_own(&topic) || publish->payload.length == 0)
        return;
    wtr_device_ref device = wtr_say_device(say, "example", topic.level[1]);
    if (wtr_topic_level_is(&topic, 2, "relay"))
        say_relay(say, WTR_KIND_POWER_STATE, device, publish->payload);
    else if (wtr_topic_level_is(&topic, 2, "set"))
        say_relay(say, WTR_KIND_POWER_COMMAND, device, publish->payload);
    else
        say_power(say, device, publish->payload);
}

const struct wtr_vendor wtr_example = {
    .name = "example",
    .claim = claim,
    .read = read,
};
