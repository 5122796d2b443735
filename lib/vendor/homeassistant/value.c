/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of topics that were learnt (home-assistant.io switch.mqtt.markdown, sensor.mqtt.markdown,
 * event.mqtt.markdown) [S]: a relay's words, a sensor's number, an event's {"event_type": …}. "None", as
 * Home Assistant itself takes it, and the words by which programs say that they know no value state
 * nothing. */
#include "vendor/homeassistant/reading.h"

/* The value that the meaning points to; false if the payload has none there. */
static bool find_value(const struct wtr_ha_reading *r, const struct wtr_ha_meaning *meaning,
                       struct wtr_text payload, bool parsed, struct wtr_standing *value)
{
    char name[WTR_HA_MAX_TEXT + 1];
    *value = (struct wtr_standing){wtr_say_json(r->say), -1, payload};
    if (meaning->place == WTR_HA_WHOLE)
        return true;
    if (!parsed || meaning->member.length >= sizeof name)
        return false;
    memcpy(name, meaning->member.data, meaning->member.length);
    name[meaning->member.length] = '\0';
    value->at = wtr_json_get(value->json, 0, name);
    value->text = wtr_json_raw(value->json, value->at);
    return value->at >= 0 && !wtr_json_is(value->json, value->at, WTR_JSON_NULL) &&
           !wtr_json_is(value->json, value->at, WTR_JSON_OBJECT) &&
           !wtr_json_is(value->json, value->at, WTR_JSON_ARRAY);
}

static struct wtr_text name_of(const struct wtr_ha_meaning *meaning)
{
    return meaning->place == WTR_HA_MEMBER ? meaning->member : meaning->channel;
}

static void say_relay(struct wtr_ha_reading *r, const struct wtr_ha_meaning *meaning,
                      const struct wtr_standing *value)
{
    bool on = wtr_text_equal(value->text, meaning->on);
    if (on == wtr_text_equal(value->text, meaning->off)) {
        wtr_say_finding(r->say, value->text, "the word is not known as a relay's state");
        return;
    }
    wtr_say_begin(r->say, WTR_KIND_POWER_STATE, meaning->device);
    wtr_say_channel(r->say, meaning->channel, 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_standing(r->say, name_of(meaning), value);
    wtr_say_end(r->say);
}

static void say_command(struct wtr_ha_reading *r, const struct wtr_ha_meaning *meaning,
                        const struct wtr_standing *value)
{
    bool on = wtr_text_equal(value->text, meaning->on);
    if (on == wtr_text_equal(value->text, meaning->off))
        return;
    wtr_say_begin(r->say, WTR_KIND_POWER_COMMAND, meaning->device);
    wtr_say_channel(r->say, meaning->channel, 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_standing(r->say, meaning->channel, value);
    wtr_say_end(r->say);
}

static void say_input(struct wtr_ha_reading *r, const struct wtr_ha_meaning *meaning, struct wtr_text action,
                      const struct wtr_standing *value)
{
    if (action.length == 0)
        return;
    wtr_say_begin(r->say, WTR_KIND_SWITCH_INPUT, meaning->device);
    wtr_say_text(r->say, WTR_FIELD_INPUT, meaning->channel);
    wtr_say_text(r->say, WTR_FIELD_ACTION, action);
    wtr_say_standing(r->say, value->at >= 0 ? WTR_TEXT("event_type") : meaning->channel, value);
    wtr_say_end(r->say);
}

static void say_button(struct wtr_ha_reading *r, const struct wtr_ha_meaning *meaning,
                       const struct wtr_standing *value)
{
    bool on = wtr_text_equal(value->text, meaning->on);
    if (on != wtr_text_equal(value->text, meaning->off))
        say_input(r, meaning, on ? WTR_TEXT("on") : WTR_TEXT("off"), value);
}

static void say_press(struct wtr_ha_reading *r, const struct wtr_ha_meaning *meaning, bool parsed)
{
    const struct wtr_json *json = wtr_say_json(r->say);
    wtr_json_ref at = parsed ? wtr_json_get(json, 0, "event_type") : -1;
    const struct wtr_standing value = {json, at, wtr_json_raw(json, at)};
    if (wtr_json_is(json, at, WTR_JSON_STRING))
        say_input(r, meaning, wtr_json_string(json, at, wtr_say_scratch(r->say)), &value);
}

static bool is_no_value(struct wtr_text text)
{
    static const char *const words[] = {"", "nan", "inf", "-inf", "none", "null", "unknown", "unavailable"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (wtr_text_is_nocase(text, words[i]))
            return true;
    return false;
}

static void say_value(struct wtr_ha_reading *r, const struct wtr_ha_meaning *meaning,
                      const struct wtr_standing *value)
{
    const struct wtr_sensor sensor = {meaning->device, meaning->measure, meaning->scope, meaning->channel};
    switch (meaning->role) {
    case WTR_HA_RELAY:
        say_relay(r, meaning, value);
        break;
    case WTR_HA_COMMAND:
        say_command(r, meaning, value);
        break;
    case WTR_HA_SENSOR:
        wtr_say_sensor(r->say, &sensor, value);
        break;
    case WTR_HA_BUTTON:
        say_button(r, meaning, value);
        break;
    case WTR_HA_PRESS:
        break;
    }
}

void wtr_ha_read_value(struct wtr_ha_reading *r, struct wtr_text topic, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    bool parsed = wtr_json_parse(json, payload) && wtr_json_is(json, 0, WTR_JSON_OBJECT);
    uint32_t at = WTR_NO_TOPIC;
    const struct wtr_ha_meaning *meaning;
    while ((meaning = wtr_ha_next_meaning(r->learnt, r->broker, topic, &at)) != NULL) {
        struct wtr_standing value;
        if (meaning->role == WTR_HA_PRESS)
            say_press(r, meaning, parsed);
        else if (find_value(r, meaning, payload, parsed, &value) && !is_no_value(value.text))
            say_value(r, meaning, &value);
    }
}
