/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules that a Tuya device holds, and the times that its stores give. On ESP8266 the schedules are an
 * array of {"date","time","loops","dps":{"1":"on"},"id","isDeleted","t"}: a date or the weekdays as a mask of
 * seven, a time of day in the device's zone, what is set, and where present the second in which the rule was
 * made (two devices). timer_arr and timer_posix_key hold the second of the last look for schedules at the
 * cloud; astro_timer one of its own. */
#include "vendor/tuya/flash_dump.h"

static struct wtr_text member(const struct wtr_json *json, wtr_json_ref rule, const char *name)
{
    return wtr_json_raw(json, wtr_json_get(json, rule, name));
}

static void add(struct wtr_tuya_entry *e, wtr_json_ref rule, const char *name, enum wtr_field field)
{
    wtr_json_ref at = wtr_json_get(e->json, rule, name);
    if (at < 0 || wtr_json_raw(e->json, at).length == 0)
        return;
    wtr_say_text(e->say, field, wtr_json_raw(e->json, at));
    wtr_say_raw_json(e->say, name, e->json, at);
}

/* "loops" is a number, or a text of seven digits. */
static bool repeats(const struct wtr_json *json, wtr_json_ref rule)
{
    struct wtr_text loops = member(json, rule, "loops");
    for (size_t i = 0; i < loops.length; i++)
        if (loops.data[i] != '0')
            return true;
    return false;
}

static void say_rule(struct wtr_tuya_entry *e, wtr_json_ref rule, wtr_json_ref point)
{
    int64_t made, gone = 0;
    wtr_say_begin(e->say, WTR_KIND_SCHEDULE_RULE, e->device);
    wtr_say_channel(e->say, wtr_json_raw(e->json, point), 0);
    add(e, rule, "id", WTR_FIELD_RULE);
    if (wtr_json_int(e->json, wtr_json_get(e->json, rule, "isDeleted"), &gone))
        wtr_say_bool(e->say, WTR_FIELD_ENABLED, gone == 0);
    wtr_say_text(e->say, WTR_FIELD_MODE, WTR_TEXT("clock"));
    add(e, rule, "time", WTR_FIELD_AT);
    if (repeats(e->json, rule))
        add(e, rule, "loops", WTR_FIELD_DAYS);
    else
        add(e, rule, "date", WTR_FIELD_DATE);
    wtr_say_bool(e->say, WTR_FIELD_REPEAT, repeats(e->json, rule));
    wtr_say_text(e->say, WTR_FIELD_ACTION, wtr_json_raw(e->json, point + 1));
    wtr_say_raw_json(e->say, "dps", e->json, point + 1);
    if (wtr_json_int(e->json, wtr_json_get(e->json, rule, "t"), &made) && wtr_tuya_is_time(made))
        wtr_say_written(e->say, made);
    wtr_say_end(e->say);
}

void wtr_tuya_read_schedules(struct wtr_tuya_entry *e)
{
    const struct wtr_json *json = e->json;
    if (!wtr_json_is(json, 0, WTR_JSON_ARRAY))
        return;
    for (wtr_json_ref rule = wtr_json_first(json, 0); rule >= 0; rule = wtr_json_next(json, 0, rule)) {
        wtr_json_ref dps = wtr_json_get(json, rule, "dps");
        if (!wtr_json_is(json, dps, WTR_JSON_OBJECT) || member(json, rule, "time").length == 0)
            continue;
        for (wtr_json_ref at = wtr_json_first(json, dps); at >= 0; at = wtr_json_next(json, dps, at + 1))
            say_rule(e, rule, at);
    }
}

static void say_time(struct wtr_tuya_entry *e, const char *name)
{
    int64_t seconds;
    wtr_json_ref at = wtr_json_get(e->json, 0, name);
    if (!wtr_json_is(e->json, at, WTR_JSON_NUMBER) || !wtr_json_int(e->json, at, &seconds) ||
        !wtr_tuya_is_time(seconds))
        return;
    wtr_say_begin(e->say, WTR_KIND_DEVICE_CONFIG, e->device);
    wtr_say_text(e->say, WTR_FIELD_SETTING, wtr_text_z(name));
    wtr_say_text(e->say, WTR_FIELD_VALUE, wtr_json_raw(e->json, at));
    wtr_say_raw_json(e->say, name, e->json, at);
    wtr_say_written(e->say, seconds);
    wtr_say_end(e->say);
}

void wtr_tuya_read_dated(struct wtr_tuya_entry *e)
{
    say_time(e, "lastFetchTime");
    say_time(e, "timestamp");
    wtr_tuya_say_member(e, "cnt");
    wtr_tuya_say_member(e, "count");
}
