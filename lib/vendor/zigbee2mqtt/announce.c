/* SPDX-License-Identifier: Apache-2.0 */
/* Home Assistant's discovery as the bridge publishes it (Koenkk/zigbee2mqtt@6835cbf5
 * lib/extension/homeassistant.ts discover, getDevicePayload) [S]:
 *
 *   - homeassistant/<component>/<IEEE address>/<object>/config; device.identifiers is ["zigbee2mqtt_<IEEE
 *     address>"]; availability begins with the topic <base>/bridge/state.
 *   - state_topic is <base>/<friendly name>, for some lights and covers with an endpoint behind it.
 *   - A sensor's value_template names the property whose unit the message gives. A switch's names the
 *     relay's.
 *
 * So it introduces a device and its units where the bridge's own list was not seen, or was too long to be
 * read. What the list says goes before it. */
#include "vendor/zigbee2mqtt/reading.h"

static bool stands_at(struct wtr_text text, size_t at, struct wtr_text what)
{
    return at + what.length <= text.length && memcmp(text.data + at, what.data, what.length) == 0;
}

/* Whether the payload has "zigbee2mqtt_<address>" as one of its texts. */
static bool names_device(struct wtr_text payload, struct wtr_text address)
{
    const struct wtr_text start = WTR_TEXT("\"zigbee2mqtt_");
    for (size_t at = 0; at + start.length + address.length < payload.length; at++) {
        size_t behind = at + start.length;
        if (stands_at(payload, at, start) && stands_at(payload, behind, address) &&
            payload.data[behind + address.length] == '"')
            return true;
    }
    return false;
}

bool wtr_z2m_is_config(struct wtr_text topic, struct wtr_text payload)
{
    struct wtr_ha_topic cut;
    return wtr_ha_topic_cut(topic, &cut) && wtr_z2m_is_address(cut.node) && names_device(payload, cut.node);
}

/* The base topic, from the bridge's own availability; empty if it is not there. */
static struct wtr_text base_of(const struct wtr_json *json, struct wtr_buffer *scratch)
{
    static const char end[] = "/bridge/state";
    const struct wtr_text none = {NULL, 0};
    wtr_json_ref list = wtr_ha_member(json, 0, "avty", "availability");
    wtr_json_ref first = wtr_json_is(json, list, WTR_JSON_ARRAY) ? wtr_json_first(json, list) : -1;
    struct wtr_text topic = wtr_json_string(json, wtr_ha_member(json, first, "t", "topic"), scratch);
    if (!wtr_text_ends(topic, end))
        return none;
    topic.length -= sizeof end - 1;
    return topic;
}

/* What the entity says of the property that it shows. */
static void learn_property(struct wtr_z2m_device *device, struct wtr_text component,
                           const struct wtr_ha_entity *entity)
{
    static const char state[] = "state_";
    struct wtr_text name = wtr_ha_text(&entity->member);
    struct wtr_text endpoint = {NULL, 0};
    struct wtr_z2m_property property;
    bool is_switch = wtr_text_is(component, "switch");
    if (is_switch && wtr_text_starts(name, state))
        endpoint = (struct wtr_text){name.data + sizeof state - 1, name.length - (sizeof state - 1)};
    if (device->defined || entity->place != WTR_HA_MEMBER ||
        !wtr_z2m_property_named(name, endpoint, &property))
        return;
    enum wtr_field named = property.measure.field;
    bool measures =
        property.role == WTR_Z2M_MEASURE && wtr_text_is(component, "sensor") &&
        wtr_measure_of(wtr_ha_text(&entity->unit), wtr_ha_text(&entity->device_class), &property.measure) &&
        property.measure.field == named;
    if (measures || (property.role == WTR_Z2M_RELAY && is_switch))
        wtr_z2m_add_property(device, &property);
}

/* The device at the state topic. A topic with an endpoint behind the name is not told from a longer name,
 * so only the entities that have none are taken. */
static void learn(struct wtr_z2m_reading *r, const struct wtr_ha_topic *topic,
                  const struct wtr_ha_entity *entity)
{
    struct wtr_text state = wtr_ha_text(&entity->state_topic);
    bool plain = wtr_text_is(topic->component, "sensor") || wtr_text_is(topic->component, "switch") ||
                 wtr_text_is(topic->component, "binary_sensor");
    if (state.length <= r->base.length + 1 || !stands_at(state, 0, r->base) ||
        state.data[r->base.length] != '/')
        return;
    struct wtr_text name = {state.data + r->base.length + 1, state.length - r->base.length - 1};
    bool light = wtr_text_is(topic->component, "light");
    struct wtr_z2m_device *device =
        plain ? wtr_z2m_entry(r, name, topic->node) : wtr_z2m_find(r->learnt, r->bridge, state);
    if (!device)
        return;
    device->light = device->light || light;
    learn_property(device, topic->component, entity);
}

void wtr_z2m_read_config(struct wtr_z2m_reading *r, struct wtr_text topic, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    struct wtr_ha_topic cut;
    struct wtr_ha_entity entity;
    if (!wtr_ha_topic_cut(topic, &cut) || !wtr_json_parse(json, payload)) {
        wtr_say_finding(r->say, payload, "the discovery message is no JSON object");
        return;
    }
    struct wtr_ha_text base = {.length = 0};
    struct wtr_text found = base_of(json, wtr_say_scratch(r->say));
    if (found.length > 0 && found.length <= sizeof base.data) {
        memcpy(base.data, found.data, found.length);
        base.length = found.length;
        wtr_z2m_turn_to(r, wtr_ha_text(&base), true);
        wtr_ha_entity_read(json, 0, -1, wtr_say_scratch(r->say), &entity);
        learn(r, &cut, &entity);
        r->base = r->known ? r->known->base : (struct wtr_text){NULL, 0};
    }
    wtr_json_ref device = wtr_ha_device(json);
    wtr_device_ref ref = wtr_say_device(r->say, "zigbee", cut.node);
    if (wtr_ha_introduces(&r->learnt->introduced, ref, topic, wtr_json_raw(json, device)))
        wtr_ha_say_identity(r->say, ref, json, device);
}
