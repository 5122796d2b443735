/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge's list of its devices and groups (Koenkk/zigbee2mqtt@6835cbf5 lib/extension/bridge.ts
 * publishDevices, publishGroups; zigbee-herdsman-converters@71d435d0 src/lib/exposes.ts) [S], the list of
 * devices [V] on a broker with payloads of our own:
 *
 *   - bridge/devices: ieee_address, type, friendly_name, model_id, manufacturer, software_build_id, and
 *     definition {model, vendor, exposes}, which is null for a device that is not supported.
 *   - exposes of type "switch" hold the relay as a feature named "state", property "state" or
 *     "state_<endpoint>". A "switch" with another property is a setting; a "light" is no relay.
 *   - exposes of type "numeric" have the unit of a property, "enum" the action.
 *   - Where a device has phases, what a property without _phase_b says (of the first or of all) is not
 *     known.
 *   - A voltage alone is a battery's.
 *
 * Devices that neither switch nor measure power nor tell of buttons are not named in statements. */
#include "vendor/zigbee2mqtt/reading.h"

/* The definition of one device while it is gone through. */
struct definition {
    const struct wtr_json *json;
    struct wtr_z2m_device *device;
};

static struct wtr_text text_of(const struct definition *d, wtr_json_ref object, const char *name)
{
    wtr_json_ref at = wtr_json_get(d->json, object, name);
    const struct wtr_text none = {NULL, 0};
    return wtr_json_is(d->json, at, WTR_JSON_STRING) ? wtr_json_raw(d->json, at) : none;
}

static void add_relay(const struct definition *d, wtr_json_ref feature)
{
    struct wtr_z2m_property property;
    if (wtr_text_is(text_of(d, feature, "name"), "state") &&
        wtr_z2m_property_named(text_of(d, feature, "property"), text_of(d, feature, "endpoint"), &property) &&
        property.role == WTR_Z2M_RELAY)
        wtr_z2m_add_property(d->device, &property);
}

static void add_features(const struct definition *d, wtr_json_ref expose)
{
    wtr_json_ref features = wtr_json_get(d->json, expose, "features");
    if (!wtr_json_is(d->json, features, WTR_JSON_ARRAY))
        return;
    for (wtr_json_ref i = wtr_json_first(d->json, features); i >= 0; i = wtr_json_next(d->json, features, i))
        add_relay(d, i);
}

/* A number whose unit fits what its name says. */
static void add_measure(const struct definition *d, wtr_json_ref expose)
{
    struct wtr_z2m_property property;
    if (!wtr_z2m_property_named(text_of(d, expose, "property"), text_of(d, expose, "endpoint"), &property) ||
        property.role != WTR_Z2M_MEASURE)
        return;
    bool factor = property.measure.field == WTR_FIELD_POWER_FACTOR;
    const struct wtr_text device_class = factor ? WTR_TEXT("power_factor") : (struct wtr_text){NULL, 0};
    enum wtr_field named = property.measure.field;
    if (wtr_measure_of(text_of(d, expose, "unit"), device_class, &property.measure) &&
        property.measure.field == named)
        wtr_z2m_add_property(d->device, &property);
}

static void add_action(const struct definition *d, wtr_json_ref expose)
{
    struct wtr_z2m_property property;
    if (wtr_text_is(text_of(d, expose, "property"), "action") &&
        wtr_z2m_property_named(WTR_TEXT("action"), (struct wtr_text){NULL, 0}, &property))
        wtr_z2m_add_property(d->device, &property);
}

static void add_exposes(const struct definition *d, wtr_json_ref exposes)
{
    if (!wtr_json_is(d->json, exposes, WTR_JSON_ARRAY))
        return;
    for (wtr_json_ref i = wtr_json_first(d->json, exposes); i >= 0; i = wtr_json_next(d->json, exposes, i)) {
        struct wtr_text type = text_of(d, i, "type");
        if (wtr_text_is(type, "switch"))
            add_features(d, i);
        else if (wtr_text_is(type, "numeric"))
            add_measure(d, i);
        else if (wtr_text_is(type, "enum"))
            add_action(d, i);
    }
}

/* Whether the device tells phases apart for what this property measures. */
static bool has_phases(const struct wtr_z2m_device *device, const struct wtr_z2m_property *property)
{
    for (size_t i = 0; i < device->property_count; i++) {
        const struct wtr_z2m_property *other = &device->properties[i];
        if (other->phase > 0 && other->measure.field == property->measure.field)
            return true;
    }
    return false;
}

static void drop_what_is_unsure(struct wtr_z2m_device *device)
{
    bool mains = false;
    for (size_t i = 0; i < device->property_count; i++) {
        const struct wtr_z2m_property *p = &device->properties[i];
        mains = mains || p->role == WTR_Z2M_RELAY ||
                (p->role == WTR_Z2M_MEASURE && p->measure.field != WTR_FIELD_VOLTAGE_V);
    }
    for (size_t i = 0; i < device->property_count; i++) {
        struct wtr_z2m_property *p = &device->properties[i];
        bool battery = !mains && p->role == WTR_Z2M_MEASURE;
        if (battery || (p->role == WTR_Z2M_MEASURE && p->phase == 0 && has_phases(device, p)))
            p->role = WTR_Z2M_OTHER;
    }
}

static bool is_of_interest(const struct wtr_z2m_device *device)
{
    for (size_t i = 0; i < device->property_count; i++)
        if (device->properties[i].role != WTR_Z2M_OTHER)
            return true;
    return false;
}

static void add_text(struct wtr_say *say, const struct wtr_json *json, wtr_json_ref at, const char *name,
                     enum wtr_field field)
{
    wtr_json_ref value = wtr_json_get(json, at, name);
    struct wtr_text text = wtr_json_string(json, value, wtr_say_scratch(say));
    if (text.length == 0)
        return;
    wtr_say_text(say, field, text);
    wtr_say_raw_json(say, name, json, value);
}

static void say_identity(struct wtr_z2m_reading *r, wtr_device_ref device, wtr_json_ref at)
{
    const struct wtr_json *json = wtr_say_json(r->say);
    wtr_json_ref definition = wtr_json_get(json, at, "definition");
    wtr_say_begin(r->say, WTR_KIND_DEVICE_IDENTITY, device);
    add_text(r->say, json, at, "ieee_address", WTR_FIELD_DEVICE_ID);
    add_text(r->say, json, at, "friendly_name", WTR_FIELD_NAME);
    add_text(r->say, json, definition, "vendor", WTR_FIELD_VENDOR);
    add_text(r->say, json, definition, "model", WTR_FIELD_MODEL);
    add_text(r->say, json, at, "software_build_id", WTR_FIELD_FIRMWARE);
    wtr_say_end(r->say);
}

static void define(struct wtr_z2m_reading *r, struct wtr_z2m_device *device, wtr_json_ref at)
{
    const struct definition d = {wtr_say_json(r->say), device};
    wtr_json_ref definition = wtr_json_get(d.json, at, "definition");
    struct wtr_text text = wtr_json_raw(d.json, definition);
    bool defined = wtr_json_is(d.json, definition, WTR_JSON_OBJECT);
    uint64_t hash = wtr_hash64(text.data, text.length, 1);
    if ((!defined && !device->defined) || (device->defined && device->definition == hash))
        return;
    device->defined = defined;
    device->definition = hash;
    wtr_z2m_clear_properties(device);
    add_exposes(&d, wtr_json_get(d.json, definition, "exposes"));
    drop_what_is_unsure(device);
}

/* False if what stands there is no device. */
static bool read_device(struct wtr_z2m_reading *r, wtr_json_ref at)
{
    const struct wtr_json *json = wtr_say_json(r->say);
    wtr_json_ref type = wtr_json_get(json, at, "type");
    wtr_json_ref address = wtr_json_get(json, at, "ieee_address");
    wtr_json_ref name = wtr_json_get(json, at, "friendly_name");
    if (wtr_text_is(wtr_json_raw(json, type), "Coordinator"))
        return true;
    struct wtr_text text = wtr_json_string(json, name, wtr_say_scratch(r->say));
    if (!wtr_json_is(json, address, WTR_JSON_STRING) || !wtr_z2m_is_address(wtr_json_raw(json, address)) ||
        text.length == 0)
        return false;
    struct wtr_z2m_device *device = wtr_z2m_entry(r, text, wtr_json_raw(json, address));
    if (!device)
        return true;
    device->group = false;
    define(r, device, at);
    if (is_of_interest(device))
        say_identity(r, device->device, at);
    return true;
}

void wtr_z2m_read_devices(struct wtr_z2m_reading *r, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_ARRAY)) {
        wtr_say_finding(r->say, payload, "the list of devices is no JSON array");
        return;
    }
    wtr_json_ref odd = -1;
    for (wtr_json_ref i = wtr_json_first(json, 0); i >= 0; i = wtr_json_next(json, 0, i))
        if (!read_device(r, i) && odd < 0)
            odd = i;
    if (odd >= 0)
        wtr_say_finding(r->say, wtr_json_raw(json, odd), "the device has no address or no name");
}

void wtr_z2m_read_groups(struct wtr_z2m_reading *r, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_ARRAY)) {
        wtr_say_finding(r->say, payload, "the list of groups is no JSON array");
        return;
    }
    for (wtr_json_ref i = wtr_json_first(json, 0); i >= 0; i = wtr_json_next(json, 0, i)) {
        wtr_json_ref name = wtr_json_get(json, i, "friendly_name");
        struct wtr_text text = wtr_json_string(json, name, wtr_say_scratch(r->say));
        struct wtr_z2m_device *device =
            text.length > 0 ? wtr_z2m_entry(r, text, (struct wtr_text){NULL, 0}) : NULL;
        if (device && !device->has_address)
            device->group = true;
    }
}
