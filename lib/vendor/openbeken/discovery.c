/* SPDX-License-Identifier: Apache-2.0 */
/* OpenBeken's Home Assistant discovery (openshwprojects/OpenBK7231T_App src/httpserver/hass.c) [S]: published
 * on demand, with "~" for NAME, the availability topic "~/connected", and state topics "~/<what>/get". It
 * says what the topics do not:
 *
 *   - switch/…/config: the channel is a relay, 1 is on. A channel whose "on" is 0 (an inverted toggle) is
 * none whose value could be called on or off.
 *   - sensor/…/config of an energycounter: its unit, Wh or kWh. */
#include "vendor/homeassistant/config.h"

#include "vendor/openbeken/reading.h"

bool wtr_openbeken_contains(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    for (size_t at = 0; at + n <= text.length; at++)
        if (text.data[at] == z[0] && memcmp(text.data + at, z, n) == 0)
            return true;
    return false;
}

bool wtr_openbeken_is_config(struct wtr_text topic, struct wtr_text payload)
{
    struct wtr_ha_topic cut;
    return wtr_ha_topic_cut(topic, &cut) && wtr_openbeken_contains(payload, "\"avty_t\":\"~/connected\"") &&
           wtr_openbeken_contains(payload, "\"stat_t\":\"~/") && wtr_openbeken_contains(payload, "/get\"");
}

/* What stands between NAME/ and the ending of the topic; data NULL if the topic is another. */
static struct wtr_text middle_of(const struct wtr_openbeken_device *device, struct wtr_text topic,
                                 const char *ending)
{
    struct wtr_text name = wtr_text_of(device->name, device->length);
    size_t tail = strlen(ending);
    bool fits = topic.length > name.length + 1 + tail && topic.data[name.length] == '/' &&
                wtr_text_equal(wtr_text_of(topic.data, name.length), name) && wtr_text_ends(topic, ending);
    if (!fits)
        return (struct wtr_text){NULL, 0};
    return wtr_text_of(topic.data + name.length + 1, topic.length - name.length - 1 - tail);
}

static void learn_switch(struct wtr_openbeken_reading *r, const struct wtr_ha_entity *config)
{
    const struct wtr_json *json = wtr_say_json(r->say);
    struct wtr_text channel = middle_of(r->known, wtr_ha_text(&config->state_topic), "/get");
    struct wtr_text set = middle_of(r->known, wtr_ha_text(&config->command_topic), "/set");
    unsigned number = 0;
    if (!channel.data || !wtr_text_equal(channel, set) || !wtr_openbeken_channel_of(channel, &number))
        return;
    uint64_t bit = (uint64_t)1 << number;
    if (wtr_text_is(wtr_ha_text(&config->command_on), "1"))
        r->known->switches |= bit;
    else
        r->known->others |= bit;
    if (config->name.length == 0)
        return;
    wtr_say_begin(r->say, WTR_KIND_DEVICE_IDENTITY, r->device);
    wtr_say_channel(r->say, channel, 0);
    wtr_say_text(r->say, WTR_FIELD_CHANNEL_NAME, wtr_ha_text(&config->name));
    wtr_say_raw_json(r->say, "name", json, wtr_json_get(json, 0, "name"));
    wtr_say_end(r->say);
}

static void learn_unit(struct wtr_openbeken_reading *r, const struct wtr_ha_entity *config)
{
    struct wtr_text what = middle_of(r->known, wtr_ha_text(&config->state_topic), "/get");
    struct wtr_text unit = wtr_ha_text(&config->unit);
    if (!what.data || !wtr_text_starts(what, "energycounter"))
        return;
    if (wtr_text_is(unit, "Wh"))
        r->known->energy_unit = WTR_OPENBEKEN_WH;
    else if (wtr_text_is(unit, "kWh"))
        r->known->energy_unit = WTR_OPENBEKEN_KWH;
}

void wtr_openbeken_read_config(struct wtr_openbeken_names *names, struct wtr_say *say, struct wtr_text topic,
                               struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(say);
    struct wtr_ha_topic cut;
    struct wtr_ha_entity config;
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(say, payload, "the discovery message is no JSON object");
        return;
    }
    wtr_ha_entity_read(json, 0, -1, wtr_say_scratch(say), &config);
    struct wtr_text name = wtr_json_string(json, wtr_json_get(json, 0, "~"), wtr_say_scratch(say));
    struct wtr_openbeken_reading r = {.say = say, .known = wtr_openbeken_device(names, name)};
    if (!r.known || !wtr_ha_topic_cut(topic, &cut))
        return;
    r.known->sure = true;
    r.device = wtr_say_device(say, "openbeken", name);
    wtr_json_ref device = wtr_ha_device(json);
    if (wtr_ha_introduces(&names->introduced, r.device, topic, wtr_json_raw(json, device)))
        wtr_ha_say_identity(say, r.device, json, device);
    if (wtr_text_is(cut.component, "switch"))
        learn_switch(&r, &config);
    else if (wtr_text_is(cut.component, "sensor"))
        learn_unit(&r, &config);
}
