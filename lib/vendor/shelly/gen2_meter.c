/* SPDX-License-Identifier: Apache-2.0 */
/* What a component of Gen2 and later measures and counts (shelly-api-docs gen2, Switch and PM1 statuses) [S],
 * names and forms [V] on real devices' answers:
 *
 *   - apower W, voltage V, current A, pf, freq Hz.
 *   - aenergy {total Wh, by_minute [3] mWh, minute_ts}, ret_aenergy the same for what was given back.
 *     total is kept over restarts and set back by <component>.ResetCounters.
 *   - by_minute: the last three complete minutes, element 0 the newest, as decimals; present only while
 *     the clock is set. What minute_ts means changed: in current firmware it is the start of the current
 *     minute, so that element i covers [minute_ts - 60 (i + 1), minute_ts - 60 i). In older firmware it is
 *     the time of the answer, and element 0 was seen to change within a minute. So by_minute is only said
 *     where minute_ts is a whole minute. */
#include "vendor/shelly/reading.h"

enum { MINUTES = 3 };

static const int64_t minute_s = 60;

static const struct quantity {
    const char *name;
    enum wtr_field field;
    int64_t least;
    int64_t most;
} quantities[] = {
    {"apower", WTR_FIELD_POWER_W, -WTR_SHELLY_MOST_WATTS, WTR_SHELLY_MOST_WATTS},
    {"voltage", WTR_FIELD_VOLTAGE_V, 0, WTR_SHELLY_UNITS(1000)},
    {"current", WTR_FIELD_CURRENT_A, WTR_SHELLY_UNITS(-1000), WTR_SHELLY_UNITS(1000)},
    {"pf", WTR_FIELD_POWER_FACTOR, WTR_SHELLY_UNITS(-1), WTR_SHELLY_UNITS(1)},
    {"freq", WTR_FIELD_FREQUENCY_HZ, 0, WTR_SHELLY_UNITS(1000)},
};

static void add_energy(struct wtr_shelly_sentence *s, int64_t energy_uwh, const char *scope, bool returned)
{
    struct wtr_say *say = s->reading->say;
    wtr_shelly_begin(s);
    wtr_say_micro(say, WTR_FIELD_ENERGY_WH, energy_uwh);
    wtr_say_text(say, WTR_FIELD_SCOPE, wtr_text_z(scope));
    if (returned)
        wtr_say_text(say, WTR_FIELD_DIRECTION, WTR_TEXT("export"));
}

static void say_minute(const struct wtr_shelly_sentence *of, wtr_json_ref value, wtr_json_ref minute_ts,
                       int64_t start, bool returned)
{
    struct wtr_shelly_sentence s = *of;
    struct wtr_shelly_reading *r = s.reading;
    int64_t energy_uwh = 0;
    if (!wtr_shelly_number(r, value, -3, -WTR_SHELLY_MOST_WATT_HOURS, WTR_SHELLY_MOST_WATT_HOURS,
                           &energy_uwh))
        return;
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    wtr_buffer_clear(scratch);
    wtr_put_int(scratch, start);
    add_energy(&s, energy_uwh, "minute", returned);
    wtr_say_text(r->say, WTR_FIELD_PERIOD_START, wtr_buffer_text(scratch));
    wtr_say_int(r->say, WTR_FIELD_PERIOD_S, minute_s);
    wtr_say_raw_json(r->say, "by_minute", r->json, value);
    wtr_say_raw_json(r->say, "minute_ts", r->json, minute_ts);
    wtr_shelly_end(&s);
}

static void read_minutes(const struct wtr_shelly_sentence *of, wtr_json_ref energy, bool returned)
{
    const struct wtr_json *json = of->reading->json;
    wtr_json_ref minutes = wtr_json_get(json, energy, "by_minute");
    wtr_json_ref minute_ts = wtr_json_get(json, energy, "minute_ts");
    int64_t ts = 0;
    bool whole = wtr_json_int(json, minute_ts, &ts) && ts >= MINUTES * minute_s && ts <= UINT32_MAX &&
                 ts % minute_s == 0;
    if (!whole || !wtr_json_is(json, minutes, WTR_JSON_ARRAY))
        return;
    wtr_json_ref value = wtr_json_first(json, minutes);
    for (int i = 0; i < MINUTES && value >= 0; i++) {
        say_minute(of, value, minute_ts, ts - minute_s * (i + 1), returned);
        value = wtr_json_next(json, minutes, value);
    }
}

static void read_energy(const struct wtr_shelly_sentence *of, wtr_json_ref status, const char *name,
                        bool returned)
{
    struct wtr_shelly_sentence s = *of;
    struct wtr_shelly_reading *r = s.reading;
    wtr_json_ref energy = wtr_json_get(r->json, status, name);
    wtr_json_ref total = wtr_json_get(r->json, energy, "total");
    int64_t energy_uwh = 0;
    if (wtr_shelly_number(r, total, 0, -WTR_SHELLY_MOST_WATT_HOURS, WTR_SHELLY_MOST_WATT_HOURS,
                          &energy_uwh)) {
        add_energy(&s, energy_uwh, "total", returned);
        wtr_say_raw_json(r->say, "total", r->json, total);
    }
    wtr_shelly_end(&s);
    read_minutes(of, energy, returned);
}

void wtr_shelly_read_meter(struct wtr_shelly_reading *r, struct wtr_text channel, unsigned outlet,
                           wtr_json_ref status)
{
    struct wtr_shelly_sentence s = {
        .reading = r, .kind = WTR_KIND_POWER_READING, .channel = channel, .outlet = outlet};
    struct wtr_shelly_sentence energy = s;
    energy.kind = WTR_KIND_ENERGY_COUNTER;
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++)
        wtr_shelly_add_number(&s, status, quantities[i].name, quantities[i].field, quantities[i].least,
                              quantities[i].most);
    wtr_shelly_end(&s);
    read_energy(&energy, status, "aenergy", false);
    read_energy(&energy, status, "ret_aenergy", true);
}
