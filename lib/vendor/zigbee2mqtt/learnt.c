/* SPDX-License-Identifier: Apache-2.0 */
/* The memory behind learnt.h, and the names of properties (zigbee-herdsman-converters@71d435d0
 * src/lib/exposes.ts, presets and Base.withEndpoint) [S]:
 *
 *   - state; power W, voltage V, current A, energy kWh, produced_energy kWh, power_factor, ac_frequency Hz,
 *     power_apparent VA, power_reactive VAR; action. These units are usual and no more: some devices have
 *     mA, Wh or mV.
 *   - An endpoint's property has '_' and the endpoint's name behind its own; that of a phase _phase_b or
 *     _phase_c. */
#include "vendor/zigbee2mqtt/learnt.h"

#include <stdlib.h>

static const struct named {
    const char *name;
    enum wtr_z2m_role role;
    struct wtr_measure measure;
    bool exported;
} names[] = {
    {"state", WTR_Z2M_RELAY, {WTR_FIELD_STATE, 0}, false},
    {"action", WTR_Z2M_ACTION, {WTR_FIELD_ACTION, 0}, false},
    {"power", WTR_Z2M_MEASURE, {WTR_FIELD_POWER_W, 0}, false},
    {"voltage", WTR_Z2M_MEASURE, {WTR_FIELD_VOLTAGE_V, 0}, false},
    {"current", WTR_Z2M_MEASURE, {WTR_FIELD_CURRENT_A, 0}, false},
    {"energy", WTR_Z2M_MEASURE, {WTR_FIELD_ENERGY_WH, 3}, false},
    {"produced_energy", WTR_Z2M_MEASURE, {WTR_FIELD_ENERGY_WH, 3}, true},
    {"power_factor", WTR_Z2M_MEASURE, {WTR_FIELD_POWER_FACTOR, 0}, false},
    {"ac_frequency", WTR_Z2M_MEASURE, {WTR_FIELD_FREQUENCY_HZ, 0}, false},
    {"power_apparent", WTR_Z2M_MEASURE, {WTR_FIELD_APPARENT_VA, 0}, false},
    {"power_reactive", WTR_Z2M_MEASURE, {WTR_FIELD_REACTIVE_VAR, 0}, false},
};

void wtr_z2m_forget(struct wtr_z2m_learnt *learnt)
{
    for (size_t i = 0; i < learnt->bridge_count; i++)
        free((void *)learnt->bridges[i].base.data);
    for (size_t i = 0; i < learnt->device_count; i++)
        free(learnt->devices[i].properties);
    free(learnt->bridges);
    free(learnt->devices);
    wtr_topic_index_free(&learnt->bases);
    wtr_topic_index_free(&learnt->topics);
    wtr_map_free(&learnt->introduced.by);
    *learnt = (struct wtr_z2m_learnt){0};
}

/* The list, with room for one more; NULL: there is none. */
static void *with_room(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    size_t bigger = *capacity ? *capacity * 2 : 8;
    void *moved = bigger <= WTR_Z2M_MAX_DEVICES ? realloc(list, bigger * size) : NULL;
    if (moved)
        *capacity = bigger;
    return moved;
}

struct wtr_z2m_bridge *wtr_z2m_bridge(struct wtr_z2m_learnt *learnt, wtr_device_ref device,
                                      struct wtr_text base)
{
    uint32_t at = wtr_topic_index_find(&learnt->bases, device, base);
    if (at != WTR_NO_TOPIC)
        return &learnt->bridges[at];
    void *list =
        with_room(learnt->bridges, learnt->bridge_count, &learnt->bridge_capacity, sizeof *learnt->bridges);
    char *copy = list && base.length > 0 && device != WTR_NO_DEVICE ? malloc(base.length) : NULL;
    if (list)
        learnt->bridges = list;
    if (!copy)
        return NULL;
    memcpy(copy, base.data, base.length);
    if (!wtr_topic_index_set(&learnt->bases, device, base, (uint32_t)learnt->bridge_count)) {
        free(copy);
        return NULL;
    }
    learnt->bridges[learnt->bridge_count] =
        (struct wtr_z2m_bridge){.device = device, .base = {copy, base.length}};
    return &learnt->bridges[learnt->bridge_count++];
}

struct wtr_z2m_device *wtr_z2m_find(const struct wtr_z2m_learnt *learnt, wtr_device_ref bridge,
                                    struct wtr_text topic)
{
    uint32_t at = wtr_topic_index_find(&learnt->topics, bridge, topic);
    return at == WTR_NO_TOPIC ? NULL : &learnt->devices[at];
}

struct wtr_z2m_device *wtr_z2m_make(struct wtr_z2m_learnt *learnt, wtr_device_ref bridge,
                                    struct wtr_text topic, wtr_device_ref device)
{
    struct wtr_z2m_device *known = wtr_z2m_find(learnt, bridge, topic);
    if (known)
        return known;
    void *list =
        with_room(learnt->devices, learnt->device_count, &learnt->device_capacity, sizeof *learnt->devices);
    if (!list)
        return NULL;
    learnt->devices = list;
    if (!wtr_topic_index_set(&learnt->topics, bridge, topic, (uint32_t)learnt->device_count))
        return NULL;
    learnt->devices[learnt->device_count] = (struct wtr_z2m_device){.device = device};
    return &learnt->devices[learnt->device_count++];
}

static struct wtr_z2m_property *find(const struct wtr_z2m_device *device, struct wtr_text name)
{
    for (size_t i = 0; i < device->property_count; i++)
        if (wtr_text_equal(wtr_z2m_name(&device->properties[i]), name))
            return &device->properties[i];
    return NULL;
}

const struct wtr_z2m_property *wtr_z2m_property(const struct wtr_z2m_device *device, struct wtr_text name)
{
    return find(device, name);
}

void wtr_z2m_add_property(struct wtr_z2m_device *device, const struct wtr_z2m_property *property)
{
    struct wtr_z2m_property *known = find(device, wtr_z2m_name(property));
    if (known) {
        *known = *property;
        return;
    }
    if (device->property_count == WTR_Z2M_MAX_PROPERTIES)
        return;
    struct wtr_z2m_property *list =
        realloc(device->properties, (device->property_count + 1) * sizeof *device->properties);
    if (!list)
        return;
    device->properties = list;
    list[device->property_count++] = *property;
}

void wtr_z2m_clear_properties(struct wtr_z2m_device *device)
{
    free(device->properties);
    device->properties = NULL;
    device->property_count = 0;
    device->light = false;
}

/* Cuts _phase_b or _phase_c off. */
static uint8_t cut_phase(struct wtr_text *name)
{
    enum { LENGTH = sizeof "_phase_b" - 1 };
    uint8_t phase = wtr_text_ends(*name, "_phase_b") ? 2 : wtr_text_ends(*name, "_phase_c") ? 3 : 0;
    if (phase)
        name->length -= LENGTH;
    return phase;
}

bool wtr_z2m_property_named(struct wtr_text name, struct wtr_text endpoint, struct wtr_z2m_property *out)
{
    struct wtr_text own = name;
    *out = (struct wtr_z2m_property){.role = WTR_Z2M_OTHER};
    if (name.length == 0 || name.length > sizeof out->name)
        return false;
    memcpy(out->name, name.data, name.length);
    out->name_length = (uint8_t)name.length;
    if (endpoint.length > 0) {
        if (name.length < endpoint.length + 2 || name.data[name.length - endpoint.length - 1] != '_' ||
            memcmp(name.data + name.length - endpoint.length, endpoint.data, endpoint.length) != 0)
            return false;
        out->endpoint_at = (uint8_t)(name.length - endpoint.length);
        own.length = out->endpoint_at - 1U;
    }
    out->phase = cut_phase(&own);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!wtr_text_is(own, names[i].name) || (out->phase && names[i].role != WTR_Z2M_MEASURE))
            continue;
        out->role = names[i].role;
        out->measure = names[i].measure;
        out->exported = names[i].exported;
    }
    return true;
}

bool wtr_z2m_is_address(struct wtr_text text)
{
    if (text.length != 18 || !wtr_text_starts(text, "0x"))
        return false;
    for (size_t i = 2; i < text.length; i++) {
        char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}
