/* SPDX-License-Identifier: Apache-2.0 */
/* What a Gen2 or later device says of its settings when it is asked (shelly-api-docs gen2, Shelly.GetConfig,
 * Schedule.List) [S]; Shelly.GetConfig [V] on a real device's answer:
 *
 *   - GetConfig: sys {device {name, mac, fw_id}, location {tz, lat, lon}}, switch:<n> {name}, mqtt {server,
 *     client_id, user}. A name that was not given is null. Other settings are not said.
 *   - Schedule.List {jobs [{id, enable, timespec, calls [{method, params}]}]}: timespec is seconds, minutes,
 *     hours, days, months, weekdays as cron has them, or begins with @sunrise or @sunset; in the device's
 *     local time. One statement for each call. Methods are written in any case ("switch.set"). */
#include "vendor/shelly/reading.h"
#include "vendor/shelly/topic.h"

enum { MAX_JOBS = 64, MAX_CALLS = 16, MAX_CHANNEL = 255 };

static void read_place(struct wtr_shelly_reading *r, wtr_json_ref sys)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_LOCATION};
    wtr_json_ref place = wtr_json_get(r->json, sys, "location");
    wtr_shelly_add_number(&s, place, "lat", WTR_FIELD_LATITUDE, WTR_SHELLY_UNITS(-90), WTR_SHELLY_UNITS(90));
    wtr_shelly_add_number(&s, place, "lon", WTR_FIELD_LONGITUDE, WTR_SHELLY_UNITS(-180),
                          WTR_SHELLY_UNITS(180));
    wtr_shelly_add_text(&s, place, "tz", WTR_FIELD_TIMEZONE);
    wtr_shelly_end(&s);
}

static void read_names(struct wtr_shelly_reading *r, wtr_json_ref config, wtr_json_ref sys)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_json_ref device = wtr_json_get(r->json, sys, "device");
    wtr_json_ref mqtt = wtr_json_get(r->json, config, "mqtt");
    wtr_shelly_add_own_mac(&s, device, "mac");
    wtr_shelly_add_text(&s, device, "name", WTR_FIELD_NAME);
    wtr_shelly_add_text(&s, device, "fw_id", WTR_FIELD_FIRMWARE);
    wtr_shelly_add_text(&s, mqtt, "client_id", WTR_FIELD_CLIENT_ID);
    wtr_shelly_add_text(&s, mqtt, "user", WTR_FIELD_USER);
    wtr_shelly_add_text(&s, mqtt, "server", WTR_FIELD_SERVER);
    wtr_shelly_end(&s);
}

static void read_channel_names(struct wtr_shelly_reading *r, wtr_json_ref config)
{
    for (wtr_json_ref i = wtr_json_first(r->json, config); i >= 0;
         i = wtr_json_next(r->json, config, i + 1)) {
        struct wtr_text component = wtr_json_raw(r->json, i);
        struct wtr_text kind;
        unsigned number = 0;
        if (!wtr_shelly_component(component, &kind, &number) || !wtr_text_is(kind, "switch"))
            continue;
        struct wtr_shelly_sentence s = {
            .reading = r, .kind = WTR_KIND_DEVICE_IDENTITY, .channel = component, .outlet = number + 1};
        wtr_shelly_add_text(&s, i + 1, "name", WTR_FIELD_CHANNEL_NAME);
        wtr_shelly_end(&s);
    }
}

void wtr_shelly_read_config(struct wtr_shelly_reading *r, wtr_json_ref config)
{
    wtr_json_ref sys = wtr_json_get(r->json, config, "sys");
    read_names(r, config, sys);
    read_channel_names(r, config);
    read_place(r, sys);
}

/* What a call does: a switch's state, or its method's name. */
static struct wtr_text action_of(const struct wtr_shelly_reading *r, wtr_json_ref method, wtr_json_ref params,
                                 bool *is_switch)
{
    struct wtr_text name = wtr_json_raw(r->json, method);
    bool on = false;
    bool set = wtr_text_is_nocase(name, "Switch.Set") &&
               wtr_json_bool(r->json, wtr_json_get(r->json, params, "on"), &on);
    bool toggle = wtr_text_is_nocase(name, "Switch.Toggle");
    *is_switch = set || toggle;
    if (toggle)
        return WTR_TEXT("toggle");
    if (set)
        return on ? WTR_TEXT("on") : WTR_TEXT("off");
    return name;
}

static void say_call(struct wtr_shelly_reading *r, wtr_json_ref job, wtr_json_ref call)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_SCHEDULE_RULE};
    wtr_json_ref method = wtr_json_get(r->json, call, "method");
    wtr_json_ref params = wtr_json_get(r->json, call, "params");
    wtr_json_ref id = wtr_json_get(r->json, job, "id");
    wtr_json_ref enable = wtr_json_get(r->json, job, "enable");
    bool is_switch = false;
    bool enabled = false;
    int64_t number = 0;
    if (!wtr_json_is(r->json, method, WTR_JSON_STRING) || !wtr_json_is(r->json, id, WTR_JSON_NUMBER))
        return;
    struct wtr_text action = action_of(r, method, params, &is_switch);
    bool numbered = is_switch && wtr_json_int(r->json, wtr_json_get(r->json, params, "id"), &number) &&
                    number >= 0 && number <= MAX_CHANNEL;
    struct wtr_shelly_channel channel = wtr_shelly_channel("switch", numbered ? (unsigned)number : 0);
    if (numbered) {
        s.channel = wtr_shelly_channel_text(&channel);
        s.outlet = (unsigned)number + 1;
    }
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_RULE, wtr_json_raw(r->json, id));
    wtr_say_raw_json(r->say, "id", r->json, id);
    if (wtr_shelly_truth(r, enable, &enabled)) {
        wtr_say_bool(r->say, WTR_FIELD_ENABLED, enabled);
        wtr_say_raw_json(r->say, "enable", r->json, enable);
    }
    wtr_shelly_add_text(&s, job, "timespec", WTR_FIELD_AT);
    wtr_say_text(r->say, WTR_FIELD_ACTION, action);
    wtr_say_raw_json(r->say, "call", r->json, call);
    wtr_shelly_end(&s);
}

void wtr_shelly_read_jobs(struct wtr_shelly_reading *r, wtr_json_ref jobs)
{
    wtr_json_ref job = wtr_json_is(r->json, jobs, WTR_JSON_ARRAY) ? wtr_json_first(r->json, jobs) : -1;
    for (unsigned i = 0; i < MAX_JOBS && job >= 0; i++, job = wtr_json_next(r->json, jobs, job)) {
        wtr_json_ref calls = wtr_json_get(r->json, job, "calls");
        bool array = wtr_json_is(r->json, calls, WTR_JSON_ARRAY);
        wtr_json_ref call = array ? wtr_json_first(r->json, calls) : -1;
        for (unsigned k = 0; k < MAX_CALLS && call >= 0; k++, call = wtr_json_next(r->json, calls, call))
            say_call(r, job, call);
    }
}
