/* SPDX-License-Identifier: Apache-2.0 */
/* The Home Assistant discovery of older Tasmota firmware (arendst/Tasmota, commit 02de85ef, tasmota/
 * xdrv_12_home_assistant.ino, up to 9.x) [S]: retained messages to homeassistant/<component>/<id>/config
 * whose topics are the device's own (state tele/…/STATE, stat/…/RESULT or tele/…/HASS_STATE, availability
 * tele/…/LWT, commands cmnd/…/POWER<n>), some of them with a device whose manufacturer is "Tasmota". Those
 * are read here; the others, and what somebody else wrote about a Tasmota device, are left to Home
 * Assistant's reader. */
#include "vendor/homeassistant/config.h"

#include "vendor/tasmota/reading.h"
#include "vendor/tasmota/topic.h"

static bool is_report_topic(struct wtr_text text, struct wtr_tasmota_topic *topic)
{
    static const struct wtr_tasmota_learnt nothing;
    const struct wtr_text braces = WTR_TEXT("{}");
    return wtr_tasmota_topic_split(&nothing, text, topic) && !topic->is_command &&
           wtr_tasmota_is_report(topic->last, braces);
}

static bool contains(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    for (size_t at = 0; at + n <= text.length; at++)
        if (text.data[at] == z[0] && memcmp(text.data + at, z, n) == 0)
            return true;
    return false;
}

bool wtr_tasmota_is_config(struct wtr_text topic, struct wtr_text payload)
{
    struct wtr_ha_topic cut;
    if (!wtr_ha_topic_cut(topic, &cut) ||
        (!contains(payload, "\"mf\":\"Tasmota\"") && !contains(payload, "\"manufacturer\":\"Tasmota\"")))
        return false;
    struct wtr_text rest = payload;
    while (rest.data) {
        struct wtr_tasmota_topic found;
        (void)wtr_text_cut(&rest, '"');
        if (is_report_topic(wtr_text_cut(&rest, '"'), &found))
            return true;
    }
    return false;
}

void wtr_tasmota_read_config(struct wtr_tasmota_reading *r, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    struct wtr_ha_entity config;
    struct wtr_tasmota_topic topic;
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(r->say, payload, "the discovery message is no JSON object");
        return;
    }
    wtr_ha_entity_read(json, 0, -1, wtr_say_scratch(r->say), &config);
    if (!is_report_topic(wtr_ha_text(&config.state_topic), &topic))
        return;
    r->device = wtr_say_device(r->say, "tasmota", topic.path);
    r->known = wtr_tasmota_device(r->learnt, topic.path);
    wtr_ha_say_identity(r->say, r->device, json, wtr_ha_device(json));
    wtr_tasmota_learn_bases(r->learnt, r->known, &topic);
}
