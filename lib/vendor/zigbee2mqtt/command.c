/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody asks of a device (Koenkk/zigbee2mqtt@6835cbf5 lib/extension/publish.ts, lib/zigbee.ts
 * resolveEntityAndEndpoint; zigbee-herdsman-converters toZigbee on_off) [S], the JSON and the plain form
 * [V] on a broker with payloads of our own:
 *
 *   - <base>/<name>[/<endpoint>]/set has a JSON object, or a bare word for its state; with /<property>
 *     behind it the bare value, which may be a JSON text. The name may be a friendly name or an address; it
 *     is taken for name and endpoint only where the whole is not known and its front is.
 *   - state takes on, off and toggle in any case. "state_<endpoint>" names its endpoint itself.
 *   - A group's command reaches its members.
 *   - /get asks for values and states nothing.
 *
 * A command is not a state. Of other properties only those that decide what a plug does by itself are said.
 */
#include "vendor/zigbee2mqtt/reading.h"

/* Whom a command is for. */
struct target {
    wtr_device_ref device;
    const struct wtr_z2m_device *known; /* NULL: not introduced */
    struct wtr_text endpoint;           /* data NULL: none is named */
};

static struct target target_of(struct wtr_z2m_reading *r, struct wtr_text topic, struct wtr_text name)
{
    struct target target = {.known = wtr_z2m_find(r->learnt, r->bridge, topic)};
    size_t at = name.length;
    while (at > 0 && name.data[at - 1] != '/')
        at--;
    if (!target.known && at > 1) {
        struct wtr_text front = {topic.data, topic.length - (name.length - at) - 1};
        target.known = wtr_z2m_find(r->learnt, r->bridge, front);
        if (target.known)
            target.endpoint = (struct wtr_text){name.data + at, name.length - at};
    }
    target.device = target.known ? target.known->device : wtr_z2m_device_named(r, name);
    return target;
}

/* The endpoint that the property's name has behind "state_", else the topic's. False if it is no state. */
static bool endpoint_of(const struct target *target, struct wtr_text name, struct wtr_text *endpoint)
{
    static const char start[] = "state_";
    const size_t n = sizeof start - 1;
    *endpoint = target->endpoint;
    if (name.length > WTR_Z2M_MAX_NAME)
        return false;
    if (wtr_text_starts(name, start) && name.length > n)
        *endpoint = (struct wtr_text){name.data + n, name.length - n};
    else if (!wtr_text_is(name, "state"))
        return false;
    return true;
}

/* Whether the device may have a relay at this endpoint. */
static bool may_switch(const struct target *target, struct wtr_text endpoint)
{
    const struct wtr_z2m_device *known = target->known;
    if (!known || (!known->defined && !known->light) || known->group)
        return true;
    for (size_t i = 0; i < known->property_count; i++) {
        const struct wtr_z2m_property *p = &known->properties[i];
        if (p->role == WTR_Z2M_RELAY && (!endpoint.data || wtr_text_equal(wtr_z2m_endpoint(p), endpoint)))
            return true;
    }
    return false;
}

static const char *state_asked(struct wtr_text word)
{
    static const char *const states[] = {"on", "off", "toggle"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (wtr_text_is_nocase(word, states[i]))
            return states[i];
    return NULL;
}

static void say_power(struct wtr_z2m_reading *r, const struct target *target, struct wtr_text name,
                      const struct wtr_standing *value)
{
    struct wtr_text endpoint;
    const char *state = state_asked(value->text);
    if (!state || !endpoint_of(target, name, &endpoint) || !may_switch(target, endpoint))
        return;
    wtr_say_begin(r->say, WTR_KIND_POWER_COMMAND, target->device);
    if (target->known && target->known->group)
        wtr_say_channel(r->say, WTR_TEXT("*"), 0);
    else if (endpoint.length > 0)
        wtr_say_channel(r->say, endpoint, 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, wtr_text_z(state));
    wtr_say_standing(r->say, name, value);
    wtr_say_end(r->say);
}

static bool is_setting(struct wtr_text name)
{
    static const char *const settings[] = {"power_on_behavior", "power_outage_memory", "child_lock",
                                           "countdown", "reset_energy"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (wtr_text_starts(name, settings[i]))
            return true;
    return false;
}

static void say_property(struct wtr_z2m_reading *r, const struct target *target, struct wtr_text name,
                         const struct wtr_standing *value)
{
    if (!is_setting(name)) {
        say_power(r, target, name, value);
        return;
    }
    wtr_say_begin(r->say, WTR_KIND_DEVICE_CONFIG, target->device);
    wtr_say_text(r->say, WTR_FIELD_SETTING, name);
    wtr_say_text(r->say, WTR_FIELD_VALUE, value->text);
    wtr_say_standing(r->say, name, value);
    wtr_say_end(r->say);
}

static void read_members(struct wtr_z2m_reading *r, const struct target *target)
{
    enum { MAX_MEMBERS = 64 };
    const struct wtr_json *json = wtr_say_json(r->say);
    wtr_json_ref i = wtr_json_first(json, 0);
    for (int n = 0; n < MAX_MEMBERS && i >= 0; n++) {
        const struct wtr_standing value = {json, i + 1, wtr_json_raw(json, i + 1)};
        say_property(r, target, wtr_json_raw(json, i), &value);
        i = wtr_json_next(json, 0, i + 1);
    }
}

/* The topic of what is asked stands before "/set" in the message's; `name` is its end. */
void wtr_z2m_read_set(struct wtr_z2m_reading *r, struct wtr_text name, struct wtr_text attribute,
                      struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    const struct wtr_text topic = {name.data - r->base.length - 1, r->base.length + 1 + name.length};
    struct target target = target_of(r, topic, name);
    bool parsed = wtr_json_parse(json, payload);
    if (payload.length == 0)
        return;
    if (attribute.length == 0 && parsed && wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        read_members(r, &target);
        return;
    }
    bool text = parsed && wtr_json_is(json, 0, WTR_JSON_STRING);
    const struct wtr_standing value = {json, text ? 0 : -1, text ? wtr_json_raw(json, 0) : payload};
    if (attribute.length > 0)
        say_property(r, &target, attribute, &value);
    else if (!parsed)
        say_power(r, &target, WTR_TEXT("state"), &value);
}
