/* SPDX-License-Identifier: Apache-2.0 */
/* What a device's messages state (Koenkk/zigbee2mqtt@6835cbf5 lib/controller.ts publishEntityState, its
 * documentation "MQTT topics and messages" and "Settings" output, cache_state, include_device_information)
 * [S], states, readings and counters [V] on a broker with payloads of our own:
 *
 *   - <base>/<friendly name> has a JSON object with what the bridge knows of the device: what it has just
 *     heard, and what it remembers of the rest (cache_state). Each value is the bridge's statement at that
 *     time. A state that follows a /set at once is the bridge's expectation, not the plug's answer
 *     (optimistic).
 *   - With output "attribute", <base>/<friendly name>/<property> has the bare value.
 *   - action is heard and not remembered; "" ends it in older versions. null is no value.
 *   - device.ieeeAddr, if device information is included, is the device's address.
 *   - last_seen, in the bridge's clock, is when the device was heard last; it may be long before the
 *     message. It is no clock reading of the device, and is not said.
 *
 * Where the bridge's list of devices was not seen, units are not known: power is taken for watts, a voltage
 * only if it can be that of a mains in volts, current and energy not at all. */
#include "vendor/mqtt_publish.h"
#include "vendor/zigbee2mqtt/reading.h"

enum { MAX_VALUES = 64, MAX_MEMBERS = 256 };

struct value {
    struct wtr_z2m_property property;
    struct wtr_standing standing;
    bool said; /* or not to be said */
};

struct values {
    struct wtr_z2m_reading *reading;
    const struct wtr_z2m_device *device;
    bool light;  /* the message is a light's */
    bool phases; /* it tells phases apart */
    size_t count;
    struct value list[MAX_VALUES];
};

static bool is_text(const struct wtr_standing *standing)
{
    return standing->at < 0 || wtr_json_is(standing->json, standing->at, WTR_JSON_STRING);
}

static bool is_number(const struct wtr_standing *standing)
{
    return standing->at < 0 || wtr_json_is(standing->json, standing->at, WTR_JSON_NUMBER);
}

static bool is_mains_voltage(struct wtr_text text)
{
    int64_t micro = 0;
    return wtr_decimal_micro(text, 0, &micro) && micro >= 80000000 && micro <= 300000000;
}

/* What the property is where nothing introduced it. */
static bool guess(const struct values *v, struct wtr_text name, const struct wtr_standing *standing,
                  struct wtr_z2m_property *property)
{
    static const char start[] = "state_";
    struct wtr_text endpoint = {NULL, 0};
    if (wtr_text_starts(name, start))
        endpoint = (struct wtr_text){name.data + sizeof start - 1, name.length - (sizeof start - 1)};
    if (!wtr_z2m_property_named(name, endpoint, property))
        return false;
    bool on = false;
    switch (property->role) {
    case WTR_Z2M_RELAY:
        return !v->light && wtr_text_on_off(standing->text, "ON", "OFF", &on);
    case WTR_Z2M_ACTION:
        return true;
    case WTR_Z2M_MEASURE:
        return property->phase == 0 && !v->phases &&
               (property->measure.field == WTR_FIELD_POWER_W ||
                (property->measure.field == WTR_FIELD_VOLTAGE_V && is_mains_voltage(standing->text)));
    case WTR_Z2M_OTHER:
        break;
    }
    return false;
}

static bool is_what(const struct values *v, struct wtr_text name, const struct wtr_standing *standing,
                    struct wtr_z2m_property *property)
{
    const struct wtr_z2m_property *known = wtr_z2m_property(v->device, name);
    if (known)
        *property = *known;
    return known ? known->role != WTR_Z2M_OTHER : !v->device->defined && guess(v, name, standing, property);
}

/* Two members of one name: neither can be believed. */
static bool is_again(struct values *v, struct wtr_text name)
{
    for (size_t i = 0; i < v->count; i++) {
        if (!wtr_text_equal(wtr_z2m_name(&v->list[i].property), name))
            continue;
        v->list[i].said = true;
        return true;
    }
    return false;
}

static void add(struct values *v, struct wtr_text name, const struct wtr_standing *standing)
{
    struct value *value = &v->list[v->count];
    if (v->count < MAX_VALUES && !is_again(v, name) && is_what(v, name, standing, &value->property)) {
        value->standing = *standing;
        value->said = false;
        v->count++;
    }
}

static void channel_of(struct wtr_say *say, const struct wtr_z2m_property *property)
{
    struct wtr_text endpoint = wtr_z2m_endpoint(property);
    if (endpoint.length > 0)
        wtr_say_channel(say, endpoint, 0);
}

static void say_state(struct values *v, struct value *value)
{
    struct wtr_say *say = v->reading->say;
    bool on = false;
    value->said = true;
    if (!is_text(&value->standing) || !wtr_text_on_off(value->standing.text, "ON", "OFF", &on)) {
        wtr_say_finding(say, value->standing.text, "the word is not known as a relay's state");
        return;
    }
    wtr_say_begin(say, WTR_KIND_POWER_STATE, v->device->device);
    channel_of(say, &value->property);
    wtr_say_text(say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_standing(say, wtr_z2m_name(&value->property), &value->standing);
    wtr_say_end(say);
}

/* The number, with a finding where it is none; then the value is not said. */
static bool number_of(struct values *v, struct value *value, int64_t *micro)
{
    if (is_number(&value->standing) &&
        wtr_measure_number(&value->property.measure, value->standing.text, micro))
        return true;
    wtr_say_finding(v->reading->say, value->standing.text, "the value is no plausible number of its unit");
    value->said = true;
    return false;
}

static void say_energy(struct values *v, struct value *value)
{
    struct wtr_say *say = v->reading->say;
    int64_t micro = 0;
    if (!number_of(v, value, &micro))
        return;
    value->said = true;
    wtr_say_begin(say, WTR_KIND_ENERGY_COUNTER, v->device->device);
    channel_of(say, &value->property);
    if (value->property.phase)
        wtr_say_int(say, WTR_FIELD_PHASE, value->property.phase);
    wtr_say_micro(say, WTR_FIELD_ENERGY_WH, micro);
    wtr_say_text(say, WTR_FIELD_SCOPE, WTR_TEXT("total"));
    if (value->property.exported)
        wtr_say_text(say, WTR_FIELD_DIRECTION, WTR_TEXT("export"));
    wtr_say_standing(say, wtr_z2m_name(&value->property), &value->standing);
    wtr_say_end(say);
}

static void say_action(struct values *v, struct value *value)
{
    static const struct {
        const char *word;
        const char *action;
    } actions[] = {
        {"single", "single_push"},       {"double", "double_push"}, {"triple", "triple_push"},
        {"quadruple", "quadruple_push"}, {"hold", "long_push"},
    };
    struct wtr_say *say = v->reading->say;
    struct wtr_text word = value->standing.text;
    value->said = true;
    if (word.length == 0 || !is_text(&value->standing))
        return;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (wtr_text_is(word, actions[i].word))
            word = wtr_text_z(actions[i].action);
    wtr_say_begin(say, WTR_KIND_SWITCH_INPUT, v->device->device);
    wtr_say_text(say, WTR_FIELD_ACTION, word);
    wtr_say_standing(say, WTR_TEXT("action"), &value->standing);
    wtr_say_end(say);
}

/* Whether the two are of one endpoint and phase, and so of one reading. */
static bool belong_together(const struct value *a, const struct value *b)
{
    return a->property.phase == b->property.phase &&
           wtr_text_equal(wtr_z2m_endpoint(&a->property), wtr_z2m_endpoint(&b->property));
}

static void say_reading(struct values *v, size_t first)
{
    struct wtr_say *say = v->reading->say;
    int64_t micro[MAX_VALUES] = {0};
    bool any = false;
    bool part[MAX_VALUES] = {false};
    for (size_t i = first; i < v->count; i++) {
        struct value *value = &v->list[i];
        part[i] = !value->said && value->property.role == WTR_Z2M_MEASURE &&
                  value->property.measure.field != WTR_FIELD_ENERGY_WH &&
                  belong_together(&v->list[first], value) && number_of(v, value, &micro[i]);
        any = any || part[i];
    }
    if (!any)
        return;
    wtr_say_begin(say, WTR_KIND_POWER_READING, v->device->device);
    channel_of(say, &v->list[first].property);
    if (v->list[first].property.phase)
        wtr_say_int(say, WTR_FIELD_PHASE, v->list[first].property.phase);
    for (size_t i = first; i < v->count; i++) {
        if (!part[i])
            continue;
        v->list[i].said = true;
        wtr_say_micro(say, v->list[i].property.measure.field, micro[i]);
        wtr_say_standing(say, wtr_z2m_name(&v->list[i].property), &v->list[i].standing);
    }
    wtr_say_end(say);
}

static void say_all(struct values *v)
{
    for (size_t i = 0; i < v->count; i++)
        if (!v->list[i].said && v->list[i].property.role == WTR_Z2M_RELAY)
            say_state(v, &v->list[i]);
    for (size_t i = 0; i < v->count; i++) {
        bool energy = v->list[i].property.measure.field == WTR_FIELD_ENERGY_WH;
        if (v->list[i].said)
            continue;
        if (v->list[i].property.role == WTR_Z2M_ACTION)
            say_action(v, &v->list[i]);
        else if (energy)
            say_energy(v, &v->list[i]);
        else
            say_reading(v, i);
    }
}

/* A value that can state something: no object, array or null. */
static bool is_plain(const struct wtr_json *json, wtr_json_ref at)
{
    return !wtr_json_is(json, at, WTR_JSON_NULL) && !wtr_json_is(json, at, WTR_JSON_OBJECT) &&
           !wtr_json_is(json, at, WTR_JSON_ARRAY);
}

static bool is_light(const struct wtr_json *json, const struct wtr_z2m_device *device)
{
    static const char *const marks[] = {"brightness", "color_temp", "color_mode", "color"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (wtr_json_get(json, 0, marks[i]) >= 0)
            return true;
    return device->light;
}

/* The address that the message itself gives; empty if it gives none. */
static struct wtr_text own_address(const struct wtr_json *json)
{
    const struct wtr_text none = {NULL, 0};
    struct wtr_text address =
        wtr_json_raw(json, wtr_json_get(json, wtr_json_get(json, 0, "device"), "ieeeAddr"));
    return wtr_z2m_is_address(address) ? address : none;
}

void wtr_z2m_read_state(struct wtr_z2m_reading *r, struct wtr_text name, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    size_t members = 0;
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        if (payload.length > 0)
            wtr_say_finding(r->say, payload, "the message is no JSON object");
        return;
    }
    struct wtr_z2m_device *device = wtr_z2m_entry(r, name, own_address(json));
    if (!device || device->group)
        return;
    struct values v = {
        .reading = r,
        .device = device,
        .light = is_light(json, device),
        .phases =
            wtr_json_get(json, 0, "power_phase_b") >= 0 || wtr_json_get(json, 0, "voltage_phase_b") >= 0,
    };
    for (wtr_json_ref i = wtr_json_first(json, 0); i >= 0; i = wtr_json_next(json, 0, i + 1)) {
        const struct wtr_standing standing = {json, i + 1, wtr_json_raw(json, i + 1)};
        if (++members > MAX_MEMBERS) {
            wtr_say_finding(r->say, payload, "the object has too many members");
            return;
        }
        if (is_plain(json, i + 1))
            add(&v, wtr_json_raw(json, i), &standing);
    }
    say_all(&v);
}

void wtr_z2m_read_attribute(struct wtr_z2m_reading *r, struct wtr_z2m_device *device, struct wtr_text name,
                            struct wtr_text payload)
{
    struct values v = {.reading = r, .device = device, .light = device->light};
    const struct wtr_standing standing = {NULL, -1, payload};
    if (payload.length == 0 || device->group)
        return;
    add(&v, name, &standing);
    say_all(&v);
}
