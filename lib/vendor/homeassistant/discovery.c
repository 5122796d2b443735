/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration teaches (home-assistant.io source/_integrations/mqtt.markdown, switch.mqtt.markdown,
 * sensor.mqtt.markdown, event.mqtt.markdown; home-assistant/core pull request 109030 for the form that
 * announces a whole device) [S]:
 *
 *   - switch: a relay, unless its entity_category says that it is a setting or for diagnosis. Its
 *     designation is the configuration's <object_id>.
 *   - sensor: a reading or counter, if its unit and device class say of what.
 *   - event with the device class "button", and a binary_sensor with "button" in its name: an input.
 *   - device: {"cmps": {"<key>": {"p": "<component>", …}}}, with what the components share beside cmps. A
 *     component that has nothing but "p" is taken back.
 *   - Lights, covers, numbers and so on are no relays and no meters, and are not learnt.
 *
 * Tasmota, OpenBeken and Zigbee2MQTT announce themselves in this form and have readers of their own, which
 * know more of them; their topics are not learnt, and told by their shapes and by what the device calls
 * itself. */
#include "vendor/homeassistant/reading.h"

#include "vendor/mqtt_publish.h"

/* Whether the topic has the shape of a family with a reader of its own. */
static bool is_of_another(struct wtr_text topic)
{
    struct wtr_topic cut = wtr_topic_cut(topic);
    size_t levels = cut.count < WTR_TOPIC_LEVELS ? cut.count : WTR_TOPIC_LEVELS;
    for (size_t i = 0; i < levels; i++)
        if (wtr_text_is(cut.level[i], "cmnd") || wtr_text_is(cut.level[i], "stat") ||
            wtr_text_is(cut.level[i], "tele") || wtr_text_starts(cut.level[i], "shelly"))
            return true;
    bool openbeken = wtr_text_ends(topic, "/get") ||
                     (wtr_text_ends(topic, "/set") && cut.count == 3 && cut.level[1].length == 1 &&
                      cut.level[1].data[0] >= '0' && cut.level[1].data[0] <= '9');
    return openbeken || wtr_text_starts(topic, "shellies/") || wtr_text_starts(topic, "zigbee2mqtt/") ||
           wtr_text_ends(topic, "/rpc");
}

/* The same of the device, by what it calls itself. */
static bool has_own_reader(const struct wtr_json *json, wtr_json_ref device)
{
    wtr_json_ref maker = wtr_ha_member(json, device, "mf", "manufacturer");
    wtr_json_ref version = wtr_ha_member(json, device, "sw", "sw_version");
    struct wtr_text id = wtr_json_raw(json, wtr_ha_identifier(json, device));
    return wtr_text_is(wtr_json_raw(json, maker), "Tasmota") ||
           wtr_text_starts(wtr_json_raw(json, version), "OpenBK") || wtr_text_starts(id, "zigbee2mqtt_");
}

static bool is_sensor(const struct wtr_ha_entity *entity, struct wtr_ha_meaning *meaning)
{
    meaning->role = WTR_HA_SENSOR;
    meaning->scope = wtr_measure_scope(wtr_ha_text(&entity->state_class), meaning->channel);
    return wtr_measure_of(wtr_ha_text(&entity->unit), wtr_ha_text(&entity->device_class), &meaning->measure);
}

static bool is_press(const struct wtr_ha_entity *entity, struct wtr_ha_meaning *meaning)
{
    meaning->role = WTR_HA_PRESS;
    return wtr_text_is(wtr_ha_text(&entity->device_class), "button");
}

static bool is_button(const struct wtr_ha_entity *entity, struct wtr_ha_meaning *meaning)
{
    meaning->role = WTR_HA_BUTTON;
    return wtr_name_has_word(meaning->channel, "button") ||
           wtr_name_has_word(wtr_ha_text(&entity->name), "button");
}

static bool is_relay(const struct wtr_ha_entity *entity, struct wtr_ha_meaning *meaning)
{
    meaning->role = WTR_HA_RELAY;
    return entity->category.length == 0;
}

static const struct component {
    const char *name;
    bool (*means)(const struct wtr_ha_entity *entity, struct wtr_ha_meaning *meaning);
} components[] = {
    {"switch", is_relay},
    {"sensor", is_sensor},
    {"event", is_press},
    {"binary_sensor", is_button},
};

/* An entity's place among the messages. */
struct place {
    uint64_t source;
    wtr_device_ref device;
    struct wtr_text component;
    struct wtr_text object;
};

static void learn_state(struct wtr_ha_reading *r, const struct place *place,
                        const struct wtr_ha_entity *entity, const struct wtr_ha_meaning *meaning)
{
    struct wtr_text topic = wtr_ha_text(&entity->state_topic);
    if (entity->place != WTR_HA_ELSEWHERE && !is_of_another(topic))
        wtr_ha_learn(r->learnt, place->source, r->broker, topic, meaning);
}

static void learn_command(struct wtr_ha_reading *r, const struct place *place,
                          const struct wtr_ha_entity *entity, struct wtr_ha_meaning meaning)
{
    struct wtr_text topic = wtr_ha_text(&entity->command_topic);
    meaning.role = WTR_HA_COMMAND;
    meaning.place = WTR_HA_WHOLE;
    meaning.on = wtr_ha_text(&entity->command_on);
    meaning.off = wtr_ha_text(&entity->command_off);
    if (!is_of_another(topic))
        wtr_ha_learn(r->learnt, place->source, r->broker, topic, &meaning);
}

static void learn_entity(struct wtr_ha_reading *r, const struct place *place,
                         const struct wtr_ha_entity *entity)
{
    struct wtr_ha_meaning meaning = {
        .device = place->device,
        .place = entity->place,
        .member = wtr_ha_text(&entity->member),
        .channel = place->object,
        .on = wtr_ha_text(&entity->state_on),
        .off = wtr_ha_text(&entity->state_off),
    };
    for (size_t i = 0; i < sizeof components / sizeof *components; i++) {
        if (!wtr_text_is(place->component, components[i].name) || !components[i].means(entity, &meaning))
            continue;
        learn_state(r, place, entity, &meaning);
        if (meaning.role == WTR_HA_RELAY)
            learn_command(r, place, entity, meaning);
    }
}

/* Whether the component has more than its kind: one that has not is taken back. */
static bool says_more(const struct wtr_json *json, wtr_json_ref at)
{
    wtr_json_ref first = wtr_json_is(json, at, WTR_JSON_OBJECT) ? wtr_json_first(json, at) : -1;
    return first >= 0 && wtr_json_next(json, at, first + 1) >= 0;
}

/* The components of a device that is announced as a whole. */
static void learn_components(struct wtr_ha_reading *r, struct place *place, struct wtr_ha_entity *entity)
{
    enum { MAX_COMPONENTS = 256 };
    const struct wtr_json *json = wtr_say_json(r->say);
    wtr_json_ref parts = wtr_ha_member(json, 0, "cmps", "components");
    wtr_json_ref key = wtr_json_is(json, parts, WTR_JSON_OBJECT) ? wtr_json_first(json, parts) : -1;
    for (int n = 0; n < MAX_COMPONENTS && key >= 0; n++) {
        wtr_json_ref kind = wtr_ha_member(json, key + 1, "p", "platform");
        place->component = wtr_json_raw(json, kind);
        place->object = wtr_json_raw(json, key);
        wtr_ha_entity_read(json, key + 1, 0, wtr_say_scratch(r->say), entity);
        if (says_more(json, key + 1))
            learn_entity(r, place, entity);
        key = wtr_json_next(json, parts, key + 1);
    }
}

/* The device is known by its first identifier, else by what the topic calls it. */
static wtr_device_ref device_of(struct wtr_ha_reading *r, wtr_json_ref at, const struct wtr_ha_topic *topic)
{
    const struct wtr_json *json = wtr_say_json(r->say);
    struct wtr_text id = wtr_json_string(json, wtr_ha_identifier(json, at), wtr_say_scratch(r->say));
    if (id.length == 0)
        id = topic->node.data ? topic->node : topic->object;
    return wtr_say_device(r->say, "homeassistant", id);
}

void wtr_ha_read_config(struct wtr_ha_reading *r, struct wtr_text topic, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    struct wtr_ha_topic cut;
    struct wtr_ha_entity entity;
    uint64_t source = wtr_ha_source(r->broker, topic);
    bool news = wtr_ha_is_news(r->learnt, source, payload);
    if (payload.length == 0 || !wtr_ha_topic_cut(topic, &cut))
        return;
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(r->say, payload, "the discovery message is no JSON object");
        return;
    }
    wtr_json_ref device = wtr_ha_device(json);
    uint8_t mac[6];
    wtr_json_ref at = -1;
    if (has_own_reader(json, device) && !wtr_ha_mac(json, device, mac, &at))
        return;
    struct place place = {source, device_of(r, device, &cut), cut.component, cut.object};
    if (wtr_ha_introduces(&r->learnt->introduced, place.device, topic, wtr_json_raw(json, device)))
        wtr_ha_say_identity(r->say, place.device, json, device);
    if (!news || has_own_reader(json, device) || place.device == WTR_NO_DEVICE)
        return;
    if (wtr_text_is(cut.component, "device")) {
        learn_components(r, &place, &entity);
        return;
    }
    wtr_ha_entity_read(json, 0, -1, wtr_say_scratch(r->say), &entity);
    learn_entity(r, &place, &entity);
}
