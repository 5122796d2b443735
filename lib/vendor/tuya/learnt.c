/* SPDX-License-Identifier: Apache-2.0 */
/* What data points mean is a matter of the product, and no message names the product's schema. So a data
 * point counts as a switch, and three as a meter, only where the messages show it (the tables are those of
 * tinytuya's README.md, "Tuya Data Points"):
 *
 *   - A meter: current, power and voltage stand together in one message, at 18, 19 and 20 or (older) at 4, 5
 * and 6, and the voltage divided by ten is one of a mains supply, 85 to 265 V. That gives the scale of all
 * three: milliampere, tenths of a watt and tenths of a volt.
 *   - A switch: a boolean at 1 to 8 of a device with a meter; or one that a command over the LAN sets as a
 *     boolean; or one of several that are all that the device has, counted from 1 without a hole; or one that
 *     comes, in a whole status, with its countdown of 0 to 86400 s eight further on and with the power-on
 * state of plugs, "off", "on" or "memory" at 38. A boolean alone is not enough: a door contact has one at 1,
 * and may have the humidity at 9. */
#include "vendor/tuya/learnt.h"

#include <stdlib.h>

enum {
    POWER_ON_STATE = 38,
    MAX_ADDRESSES = 1 << 14,
    LEAST_MAINS = 850,
    MOST_MAINS = 2650,
    DAY_S = 86400,
    MAX_POINT = 255,
    MOST_MISSED = 10000
};

static const struct wtr_tuya_meter meters[] = {{18, 19, 20}, {4, 5, 6}};

void wtr_tuya_learnt_free(struct wtr_tuya_learnt *learnt)
{
    wtr_map_free(&learnt->by_ip);
    wtr_map_free(&learnt->said_of);
    wtr_map_free(&learnt->by_device);
    wtr_map_free(&learnt->pushes);
    wtr_tuya_dump_free(learnt->dump);
    learnt->dump = NULL;
    free(learnt->list);
    learnt->list = NULL;
}

static uint64_t ip_key(const struct wtr_ip *ip)
{
    return wtr_hash64(ip->bytes, sizeof ip->bytes, 0);
}

wtr_device_ref wtr_tuya_device_at(const struct wtr_tuya_learnt *learnt, const struct wtr_ip *ip)
{
    const uint64_t *known = wtr_map_find(&learnt->by_ip, ip_key(ip));
    if (!known)
        known = wtr_map_find(&learnt->said_of, ip_key(ip));
    return known ? (wtr_device_ref)*known : WTR_NO_DEVICE;
}

void wtr_tuya_learn_ip(struct wtr_tuya_learnt *learnt, const struct wtr_ip *ip, wtr_device_ref device,
                       bool own_word)
{
    struct wtr_map *map = own_word ? &learnt->by_ip : &learnt->said_of;
    map->limit = MAX_ADDRESSES;
    wtr_map_put(map, ip_key(ip), device);
}

struct wtr_tuya_device *wtr_tuya_learnt_device(struct wtr_tuya_learnt *learnt, wtr_device_ref device)
{
    const uint64_t *place = wtr_map_find(&learnt->by_device, device);
    if (place)
        return &learnt->list[*place - 1];
    if (learnt->count == learnt->capacity) {
        size_t capacity = learnt->capacity ? learnt->capacity * 2 : 16;
        struct wtr_tuya_device *list = realloc(learnt->list, capacity * sizeof *list);
        if (!list)
            return NULL;
        learnt->list = list;
        learnt->capacity = capacity;
    }
    if (!wtr_map_put(&learnt->by_device, device, learnt->count + 1))
        return NULL;
    learnt->list[learnt->count] = (struct wtr_tuya_device){0};
    return &learnt->list[learnt->count++];
}

int64_t wtr_tuya_point(const struct wtr_json *json, wtr_json_ref at)
{
    int64_t number;
    struct wtr_text name = wtr_json_raw(json, at);
    bool plain = name.length > 0 && name.length <= 3 && name.data[0] >= '1' && name.data[0] <= '9';
    return plain && wtr_decimal_int(name, &number) && number <= MAX_POINT ? number : -1;
}

static bool is_boolean(const struct wtr_json *json, wtr_json_ref value)
{
    return wtr_json_is(json, value, WTR_JSON_TRUE) || wtr_json_is(json, value, WTR_JSON_FALSE);
}

/* What a look over the data points finds. */
struct look {
    uint32_t booleans;   /* bit n: data point n is one */
    uint32_t countdowns; /* bit n: data point n could be one */
    bool others;         /* there is more than booleans at 1 to 8 */
    bool power_on_state; /* at 38, as plugs have it */
    int64_t numbers[21]; /* of data points 1 to 20; -1: none */
};

static bool is_power_on_state(const struct wtr_json *json, wtr_json_ref value)
{
    struct wtr_text text = wtr_json_raw(json, value);
    return wtr_json_is(json, value, WTR_JSON_STRING) &&
           (wtr_text_is(text, "off") || wtr_text_is(text, "on") || wtr_text_is(text, "memory"));
}

static void look_at(struct look *look, const struct wtr_json *json, wtr_json_ref dps)
{
    *look = (struct look){0};
    for (size_t i = 0; i < sizeof look->numbers / sizeof *look->numbers; i++)
        look->numbers[i] = -1;
    wtr_json_ref at = wtr_json_first(json, dps);
    while (at >= 0) {
        wtr_json_ref value = at + 1;
        int64_t point = wtr_tuya_point(json, at), number = -1;
        bool in_range = point >= 1 && point <= 20;
        bool boolean = is_boolean(json, value) && in_range && point <= WTR_TUYA_SWITCHES;
        if (in_range && wtr_json_is(json, value, WTR_JSON_NUMBER) && wtr_json_int(json, value, &number))
            look->numbers[point] = number;
        if (boolean)
            look->booleans |= 1U << point;
        else
            look->others = true;
        if (in_range && number >= 0 && number <= DAY_S)
            look->countdowns |= 1U << point;
        look->power_on_state |= point == POWER_ON_STATE && is_power_on_state(json, value);
        at = wtr_json_next(json, dps, value);
    }
}

static const struct wtr_tuya_meter *meter_of(const struct look *look)
{
    for (size_t i = 0; i < sizeof meters / sizeof *meters; i++) {
        const struct wtr_tuya_meter *m = &meters[i];
        int64_t voltage = look->numbers[m->voltage_dp];
        if (voltage >= LEAST_MAINS && voltage <= MOST_MAINS && look->numbers[m->current_dp] >= 0 &&
            look->numbers[m->power_dp] >= 0)
            return m;
    }
    return NULL;
}

/* Several booleans from 1 on without a hole, and nothing else. */
static bool is_panel(const struct look *look)
{
    uint32_t b = look->booleans >> 1;
    return !look->others && b > 1 && (b & (b + 1)) == 0;
}

void wtr_tuya_learn_points(struct wtr_tuya_device *device, const struct wtr_json *json, wtr_json_ref dps,
                           bool whole)
{
    struct look look;
    look_at(&look, json, dps);
    if (!device->meter)
        device->meter = meter_of(&look);
    if (device->meter || (whole && is_panel(&look)))
        device->switches |= (uint16_t)look.booleans;
    if (whole && look.power_on_state)
        device->switches |= (uint16_t)(look.booleans & look.countdowns >> WTR_TUYA_SWITCHES);
}

void wtr_tuya_learn_command(struct wtr_tuya_device *device, const struct wtr_json *json, wtr_json_ref dps)
{
    struct look look;
    look_at(&look, json, dps);
    device->switches |= (uint16_t)look.booleans;
}

int64_t wtr_tuya_missed(struct wtr_tuya_learnt *learnt, wtr_device_ref device, uint32_t source_id,
                        uint32_t sequence)
{
    uint64_t key = wtr_mix64((uint64_t)device << 32 | source_id);
    uint64_t *last = wtr_map_find(&learnt->pushes, key);
    int64_t missed = !last ? 0 : sequence > *last ? (int64_t)(sequence - *last - 1) : -1;
    learnt->pushes.limit = MAX_ADDRESSES;
    wtr_map_put(&learnt->pushes, key, sequence);
    return missed <= MOST_MISSED ? missed : -1;
}
