/* SPDX-License-Identifier: Apache-2.0 */
/* What a Tapo plug measures (python-kasa kasa/smart/modules/energy.py [S], answers of P110, P110M, P115,
 * KP125M, P304M and P316M [V]):
 *
 *   - get_energy_usage {today_runtime, month_runtime minutes; today_energy, month_energy Wh; current_power
 *     milliwatts, absent on some strips; local_time "YYYY-MM-DD hh:mm:ss", electricity_charge}
 *   - get_current_power {current_power} in whole watts
 *   - get_emeter_data {current_ma, voltage_mv, power_mw, energy_wh}; what energy_wh covers is nowhere said
 *   - get_device_usage {time_usage minutes, power_usage Wh, saved_power: today, past7, past30 days}. A real
 *     KP125M gives the same 513 under power_usage.today and today_energy. */
#include "vendor/tapo/smart.h"

enum { DAY_S = 86400, MOST_MINUTES = 60 * 24 * 366, LOCAL_TIME = 19 };

/* The first `length` characters of a local time that is one; data NULL if it is not. */
static struct wtr_text date_of(const struct wtr_tapo_reading *r, wtr_json_ref result, size_t length)
{
    static const char form[LOCAL_TIME + 1] = "0000-00-00 00:00:00";
    struct wtr_text time = wtr_json_raw(r->json, wtr_json_get(r->json, result, "local_time"));
    bool fits = time.length == LOCAL_TIME;
    for (size_t i = 0; fits && i < LOCAL_TIME; i++)
        fits = form[i] == '0' ? time.data[i] >= '0' && time.data[i] <= '9' : time.data[i] == form[i];
    return fits ? (struct wtr_text){time.data, length} : (struct wtr_text){NULL, 0};
}

/* One counter of get_energy_usage: of the day or the month in which the device's clock stands. */
static void read_counter(struct wtr_tapo_reading *r, wtr_json_ref result, const char *scope,
                         const char *energy, const char *runtime, struct wtr_text date)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_ENERGY_COUNTER};
    wtr_tapo_add_number(&s, result, energy, WTR_FIELD_ENERGY_WH, 0, WTR_TAPO_MOST_WATT_HOURS);
    wtr_tapo_add_int(&s, result, runtime, WTR_FIELD_RUNTIME_MIN, 0, MOST_MINUTES);
    if (s.begun) {
        wtr_say_text(r->say, WTR_FIELD_SCOPE, wtr_text_z(scope));
        if (date.data) {
            wtr_say_text(r->say, WTR_FIELD_DATE, date);
            wtr_say_raw(r->say, WTR_TEXT("local_time"), (struct wtr_text){date.data, LOCAL_TIME});
        }
    }
    wtr_tapo_end(&s);
}

void wtr_smart_read_energy_usage(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    enum { DAY = 10, MONTH = 7 };
    struct wtr_tapo_sentence power = {.reading = r, .kind = WTR_KIND_POWER_READING};
    wtr_tapo_add_number(&power, result, "current_power", WTR_FIELD_POWER_W, -3, WTR_TAPO_MOST_WATTS);
    wtr_tapo_end(&power);
    read_counter(r, result, "today", "today_energy", "today_runtime", date_of(r, result, DAY));
    read_counter(r, result, "month", "month_energy", "month_runtime", date_of(r, result, MONTH));
    struct wtr_text time = date_of(r, result, LOCAL_TIME);
    if (!time.data)
        return;
    struct wtr_tapo_sentence clock = {.reading = r, .kind = WTR_KIND_CLOCK_READING};
    wtr_tapo_begin(&clock);
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, time);
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, WTR_TEXT("local_no_zone"));
    wtr_say_raw(r->say, WTR_TEXT("local_time"), time);
    wtr_tapo_end(&clock);
}

void wtr_smart_read_current_power(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_POWER_READING};
    wtr_tapo_add_number(&s, result, "current_power", WTR_FIELD_POWER_W, 0, WTR_TAPO_MOST_WATTS);
    wtr_tapo_end(&s);
}

void wtr_smart_read_emeter_data(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_POWER_READING};
    wtr_tapo_add_number(&s, result, "power_mw", WTR_FIELD_POWER_W, -3, WTR_TAPO_MOST_WATTS);
    wtr_tapo_add_number(&s, result, "voltage_mv", WTR_FIELD_VOLTAGE_V, -3, WTR_TAPO_UNITS(1000));
    wtr_tapo_add_number(&s, result, "current_ma", WTR_FIELD_CURRENT_A, -3, WTR_TAPO_UNITS(1000));
    wtr_tapo_end(&s);
    struct wtr_tapo_sentence energy = {.reading = r, .kind = WTR_KIND_ENERGY_COUNTER};
    wtr_tapo_add_number(&energy, result, "energy_wh", WTR_FIELD_ENERGY_WH, 0, WTR_TAPO_MOST_WATT_HOURS);
    wtr_tapo_end(&energy);
}

/* The energy and the minutes of one span of days; `period_s` 0: the current day. */
static void read_usage(struct wtr_tapo_reading *r, wtr_json_ref result, const char *name, int64_t period_s)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_ENERGY_COUNTER};
    wtr_json_ref power = wtr_json_get(r->json, result, "power_usage");
    wtr_json_ref time = wtr_json_get(r->json, result, "time_usage");
    wtr_tapo_add_number(&s, power, name, WTR_FIELD_ENERGY_WH, 0, WTR_TAPO_MOST_WATT_HOURS);
    wtr_tapo_add_int(&s, time, name, WTR_FIELD_RUNTIME_MIN, 0, MOST_MINUTES);
    if (s.begun)
        wtr_say_text(r->say, WTR_FIELD_SCOPE, period_s ? WTR_TEXT("period") : WTR_TEXT("today"));
    if (s.begun && period_s)
        wtr_say_int(r->say, WTR_FIELD_PERIOD_S, period_s);
    wtr_tapo_end(&s);
}

void wtr_smart_read_device_usage(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    read_usage(r, result, "today", 0);
    read_usage(r, result, "past7", INT64_C(7) * DAY_S);
    read_usage(r, result, "past30", INT64_C(30) * DAY_S);
}
