/* SPDX-License-Identifier: Apache-2.0 */
/* What a Meross device measures and counts (krahabb/meross_lan devices/mss.py) [S]; recorded answers [V].
 *
 * Electricity: current in mA, power in mW, voltage in tenths of a volt. ElectricityX: voltage in mV. Which of
 * the two, the namespace says. ConsumptionX: for each day of the last month Wh; a day begins with its first
 * whole Wh, and some firmware carries a day's count over into the next: the numbers are as the device
 * gives them. ConsumptionH, and the counters and factors in ElectricityX, are not read: what they cover is
 * not documented. */
#include "vendor/meross/reading.h"

#define UNITS(n) (INT64_C(n) * 1000000)

/* A reading that begins with its first value, so that none without a value is said. */
struct reading {
    struct wtr_meross_reading *of;
    struct wtr_meross_channel channel;
    bool begun;
};

/* Adds the member in millionths times ten to the shift, if it is there and a number within the bounds. */
static void add_number(struct reading *reading, wtr_json_ref object, const char *name, int shift,
                       enum wtr_field field)
{
    struct wtr_meross_reading *r = reading->of;
    wtr_json_ref at = wtr_json_get(r->json, object, name);
    int64_t micro;
    if (at < 0 || wtr_json_is(r->json, at, WTR_JSON_NULL))
        return;
    bool whole = wtr_json_is(r->json, at, WTR_JSON_NUMBER) && wtr_json_micro(r->json, at, shift, &micro);
    if (!whole || micro < -UNITS(100000) || micro > UNITS(100000)) {
        wtr_meross_finding(r, at, "the value is no number within its range");
        return;
    }
    if (!reading->begun) {
        wtr_say_begin(r->say, WTR_KIND_POWER_READING, r->device);
        wtr_meross_say_channel(r, &reading->channel);
        reading->begun = true;
    }
    wtr_say_micro(r->say, field, micro);
    wtr_say_raw_json(r->say, name, r->json, at);
}

void wtr_meross_read_electricity(struct wtr_meross_reading *r, const struct wtr_meross_part *part,
                                 wtr_json_ref object)
{
    int volts = wtr_text_is(part->name, "Appliance.Control.ElectricityX") ? -3 : -1;
    struct reading reading = {.of = r};
    if (!wtr_meross_channel(r, object, &reading.channel))
        return;
    add_number(&reading, object, "power", -3, WTR_FIELD_POWER_W);
    add_number(&reading, object, "voltage", volts, WTR_FIELD_VOLTAGE_V);
    add_number(&reading, object, "current", -3, WTR_FIELD_CURRENT_A);
    if (!reading.begun)
        return;
    wtr_meross_mark_polled(r, part);
    wtr_say_end(r->say);
}

void wtr_meross_read_day(struct wtr_meross_reading *r, const struct wtr_meross_part *part,
                         wtr_json_ref object)
{
    wtr_json_ref date = wtr_json_get(r->json, object, "date");
    wtr_json_ref value = wtr_json_get(r->json, object, "value");
    int64_t micro;
    if (value < 0)
        return;
    if (!wtr_json_is(r->json, date, WTR_JSON_STRING) || !wtr_json_is(r->json, value, WTR_JSON_NUMBER) ||
        !wtr_json_micro(r->json, value, 0, &micro) || micro < 0 || micro > UNITS(1000000)) {
        wtr_meross_finding(r, object, "the day has no date, or its energy is no number within its range");
        return;
    }
    wtr_say_begin(r->say, WTR_KIND_ENERGY_COUNTER, r->device);
    wtr_say_channel(r->say, WTR_TEXT("0"), 0);
    wtr_say_micro(r->say, WTR_FIELD_ENERGY_WH, micro);
    wtr_say_text(r->say, WTR_FIELD_SCOPE, WTR_TEXT("day"));
    wtr_say_text(r->say, WTR_FIELD_DATE, wtr_json_raw(r->json, date));
    wtr_say_raw_json(r->say, "date", r->json, date);
    wtr_say_raw_json(r->say, "value", r->json, value);
    wtr_meross_mark_polled(r, part);
    wtr_say_end(r->say);
}
