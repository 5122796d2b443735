/* SPDX-License-Identifier: Apache-2.0 */
/* What ESPHome's entities state and are asked for (esphome/esphome@33fdbbe3
 * components/mqtt/mqtt_switch.cpp, mqtt_sensor.cpp, mqtt_binary_sensor.cpp, mqtt_event.cpp,
 * core/helpers.cpp parse_on_off) [S], switch and sensor [V] on a broker with payloads of our own:
 *
 *   - switch: ON or OFF, at each connection and at each change; commands ON, OFF, TOGGLE in any case. A
 *     switch is taken for a relay unless its entity category says that it is a setting or for diagnosis.
 *   - sensor: a number without its unit, or "nan".
 *   - binary_sensor: ON or OFF; one with "button" in its object id is an input. Its device classes name
 *     none.
 *   - event of the device class "button": {"event_type": …}. */
#include "vendor/esphome/reading.h"
#include "vendor/mqtt_publish.h"

/* The state that a command asks for; NULL if it asks for none. */
static const char *state_asked(struct wtr_text payload)
{
    static const char *const states[] = {"on", "off", "toggle"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (wtr_text_is_nocase(payload, states[i]))
            return states[i];
    return NULL;
}

/* Home Assistant's statestream has the same topics, with states in lower case. */
bool wtr_esphome_has_shape(const struct wtr_esphome_topic *topic, struct wtr_text payload)
{
    if (!wtr_text_is(topic->component, "switch") || wtr_text_starts(topic->prefix, "homeassistant"))
        return false;
    if (topic->place == WTR_ESPHOME_COMMAND)
        return state_asked(payload) != NULL;
    return topic->place == WTR_ESPHOME_STATE && (wtr_text_is(payload, "ON") || wtr_text_is(payload, "OFF"));
}

static bool is_setting(const struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic)
{
    const struct wtr_esphome_entity *entity = wtr_esphome_entity(r->learnt, r->device, topic->entity);
    return entity && entity->sort == WTR_ESPHOME_SETTING;
}

static void read_switch(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                        struct wtr_text payload)
{
    bool on = false;
    if (is_setting(r, topic))
        return;
    if (!wtr_text_on_off(payload, "ON", "OFF", &on)) {
        wtr_say_finding(r->say, payload, "the word is not known as a relay's state");
        return;
    }
    wtr_say_begin(r->say, WTR_KIND_POWER_STATE, r->device);
    wtr_say_channel(r->say, topic->object, 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw(r->say, topic->object, payload);
    wtr_say_end(r->say);
}

static void read_sensor(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                        struct wtr_text payload)
{
    const struct wtr_esphome_entity *entity = wtr_esphome_entity(r->learnt, r->device, topic->entity);
    if (!entity || entity->sort != WTR_ESPHOME_SENSOR || wtr_text_is_nocase(payload, "nan") ||
        wtr_text_ends(payload, "inf"))
        return;
    const struct wtr_sensor sensor = {r->device, entity->measure, entity->scope, topic->object};
    const struct wtr_standing value = {NULL, -1, payload};
    wtr_say_sensor(r->say, &sensor, &value);
}

static void begin_input(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                        struct wtr_text action)
{
    wtr_say_begin(r->say, WTR_KIND_SWITCH_INPUT, r->device);
    wtr_say_text(r->say, WTR_FIELD_INPUT, topic->object);
    wtr_say_text(r->say, WTR_FIELD_ACTION, action);
}

static void read_binary_sensor(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                               struct wtr_text payload)
{
    bool on = false;
    if (!wtr_name_has_word(topic->object, "button") || !wtr_text_on_off(payload, "ON", "OFF", &on))
        return;
    begin_input(r, topic, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw(r->say, topic->object, payload);
    wtr_say_end(r->say);
}

static void read_event(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                       struct wtr_text payload)
{
    const struct wtr_esphome_entity *entity = wtr_esphome_entity(r->learnt, r->device, topic->entity);
    struct wtr_json *json = wtr_say_json(r->say);
    if (!entity || entity->sort != WTR_ESPHOME_BUTTON || !wtr_json_parse(json, payload))
        return;
    wtr_json_ref at = wtr_json_get(json, 0, "event_type");
    struct wtr_text action = wtr_json_string(json, at, wtr_say_scratch(r->say));
    if (action.length == 0)
        return;
    begin_input(r, topic, action);
    wtr_say_raw_json(r->say, "event_type", json, at);
    wtr_say_end(r->say);
}

void wtr_esphome_read_state(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                            struct wtr_text payload)
{
    if (payload.length == 0)
        return;
    if (wtr_text_is(topic->component, "switch"))
        read_switch(r, topic, payload);
    else if (wtr_text_is(topic->component, "sensor"))
        read_sensor(r, topic, payload);
    else if (wtr_text_is(topic->component, "binary_sensor"))
        read_binary_sensor(r, topic, payload);
    else
        read_event(r, topic, payload);
}

void wtr_esphome_read_command(struct wtr_esphome_reading *r, const struct wtr_esphome_topic *topic,
                              struct wtr_text payload)
{
    const char *state = state_asked(payload);
    if (!state || !wtr_text_is(topic->component, "switch") || is_setting(r, topic))
        return;
    wtr_say_begin(r->say, WTR_KIND_POWER_COMMAND, r->device);
    wtr_say_channel(r->say, topic->object, 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, wtr_text_z(state));
    wtr_say_raw(r->say, topic->object, payload);
    wtr_say_end(r->say);
}
