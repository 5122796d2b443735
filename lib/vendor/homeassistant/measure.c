/* SPDX-License-Identifier: Apache-2.0 */
/* Units and device classes of sensors (home-assistant/core components/sensor/const.py, DEVICE_CLASS_UNITS;
 * zigbee-herdsman-converters src/lib/exposes.ts writes VAR) [S].
 *
 * A number whose unit is not known is no reading. The state classes total and total_increasing say that a
 * counter runs on; total_increasing may start again from zero (ESPHome's total_daily_energy does, every
 * day), and nothing but its name tells. The bounds are those beyond which no plug measures; power may be
 * negative where one feeds in. */
#include "vendor/homeassistant/measure.h"

#define UNITS(n) ((int64_t)(n)*1000000)

static const struct quantity {
    enum wtr_field field;
    const char *device_class;
    int64_t least;
    int64_t most;
} quantities[] = {
    {WTR_FIELD_POWER_W, "power", UNITS(-1000000), UNITS(1000000)},
    {WTR_FIELD_VOLTAGE_V, "voltage", UNITS(-2000), UNITS(2000)},
    {WTR_FIELD_CURRENT_A, "current", UNITS(-10000), UNITS(10000)},
    {WTR_FIELD_ENERGY_WH, "energy", UNITS(-100000000000), UNITS(100000000000)},
    {WTR_FIELD_FREQUENCY_HZ, "frequency", 0, UNITS(1000)},
    {WTR_FIELD_APPARENT_VA, "apparent_power", 0, UNITS(1000000)},
    {WTR_FIELD_REACTIVE_VAR, "reactive_power", UNITS(-1000000), UNITS(1000000)},
    {WTR_FIELD_POWER_FACTOR, "power_factor", UNITS(-1), UNITS(1)},
};

static const struct unit {
    const char *name;
    struct wtr_measure measure;
} units[] = {
    {"W", {WTR_FIELD_POWER_W, 0}},         {"kW", {WTR_FIELD_POWER_W, 3}},
    {"mW", {WTR_FIELD_POWER_W, -3}},       {"V", {WTR_FIELD_VOLTAGE_V, 0}},
    {"mV", {WTR_FIELD_VOLTAGE_V, -3}},     {"A", {WTR_FIELD_CURRENT_A, 0}},
    {"mA", {WTR_FIELD_CURRENT_A, -3}},     {"Wh", {WTR_FIELD_ENERGY_WH, 0}},
    {"mWh", {WTR_FIELD_ENERGY_WH, -3}},    {"kWh", {WTR_FIELD_ENERGY_WH, 3}},
    {"MWh", {WTR_FIELD_ENERGY_WH, 6}},     {"Hz", {WTR_FIELD_FREQUENCY_HZ, 0}},
    {"VA", {WTR_FIELD_APPARENT_VA, 0}},    {"kVA", {WTR_FIELD_APPARENT_VA, 3}},
    {"var", {WTR_FIELD_REACTIVE_VAR, 0}},  {"VAR", {WTR_FIELD_REACTIVE_VAR, 0}},
    {"kvar", {WTR_FIELD_REACTIVE_VAR, 3}},
};

static const struct quantity *quantity_of(enum wtr_field field)
{
    size_t i = 0;
    while (quantities[i].field != field)
        i++;
    return &quantities[i];
}

bool wtr_measure_of(struct wtr_text unit, struct wtr_text device_class, struct wtr_measure *measure)
{
    if (wtr_text_is(device_class, "power_factor")) {
        bool percent = wtr_text_is(unit, "%");
        *measure = (struct wtr_measure){WTR_FIELD_POWER_FACTOR, percent ? -2 : 0};
        return percent || unit.length == 0;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!wtr_text_is(unit, units[i].name))
            continue;
        *measure = units[i].measure;
        return device_class.length == 0 ||
               wtr_text_is(device_class, quantity_of(measure->field)->device_class);
    }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool wtr_name_has_word(struct wtr_text name, const char *word)
{
    size_t at = 0;
    while (at < name.length) {
        size_t end = at;
        while (end < name.length && is_letter(name.data[end]))
            end++;
        if (wtr_text_is_nocase((struct wtr_text){name.data + at, end - at}, word))
            return true;
        at = end + 1;
    }
    return false;
}

/* Whether the name says that the counter covers a span of time. */
static bool names_a_span(struct wtr_text name)
{
    static const char *const spans[] = {"daily",  "day",   "today",   "yesterday", "hourly", "hour",
                                        "weekly", "week",  "monthly", "month",     "yearly", "year",
                                        "annual", "night", "session", "last",      "period", "cycle"};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        if (wtr_name_has_word(name, spans[i]))
            return true;
    return false;
}

const char *wtr_measure_scope(struct wtr_text state_class, struct wtr_text name)
{
    bool runs_on = wtr_text_is(state_class, "total_increasing") || wtr_text_is(state_class, "total");
    return runs_on && !names_a_span(name) ? "total" : NULL;
}

bool wtr_measure_number(const struct wtr_measure *measure, struct wtr_text text, int64_t *micro)
{
    const struct quantity *q = quantity_of(measure->field);
    return wtr_decimal_micro(text, measure->shift, micro) && *micro >= q->least && *micro <= q->most;
}

void wtr_say_standing(struct wtr_say *say, struct wtr_text name, const struct wtr_standing *value)
{
    char z[64];
    if (value->at < 0) {
        wtr_say_raw(say, name, value->text);
        return;
    }
    size_t length = name.length < sizeof z ? name.length : sizeof z - 1;
    if (length > 0)
        memcpy(z, name.data, length);
    z[length] = '\0';
    wtr_say_raw_json(say, z, value->json, value->at);
}

void wtr_say_sensor(struct wtr_say *say, const struct wtr_sensor *sensor, const struct wtr_standing *value)
{
    int64_t micro = 0;
    if (!wtr_measure_number(&sensor->measure, value->text, &micro)) {
        wtr_say_finding(say, value->text, "the value is no plausible number of its unit");
        return;
    }
    bool energy = sensor->measure.field == WTR_FIELD_ENERGY_WH;
    wtr_say_begin(say, energy ? WTR_KIND_ENERGY_COUNTER : WTR_KIND_POWER_READING, sensor->device);
    wtr_say_micro(say, sensor->measure.field, micro);
    if (energy && sensor->scope)
        wtr_say_text(say, WTR_FIELD_SCOPE, wtr_text_z(sensor->scope));
    wtr_say_text(say, WTR_FIELD_CHANNEL_NAME, sensor->name);
    bool member = value->at > 0;
    wtr_say_standing(say, member ? wtr_json_raw(value->json, value->at - 1) : sensor->name, value);
    wtr_say_end(say);
}
