/* SPDX-License-Identifier: Apache-2.0 */
/* What a device measured and counted (python-kasa emeterstatus.py, tplink-smarthome-simulator; both dialects
 * [V] on real devices' answers, statistics [S]):
 *
 *   - get_realtime {current, voltage, power, total} in A, V, W and kWh, or {current_ma, voltage_mv, power_mw,
 *     total_wh}. `total` is that counter's: whether a restart begins it anew is not known.
 *   - emeter.get_daystat {day_list [{year, month, day, energy (kWh) | energy_wh}]}, get_monthstat {month_list
 *     [{year, month, …}]}; of schedule the same with `time`, the minutes that the relay was on.
 *   - An answer does not name its outlet. The request does; without it nothing is said of a device that may
 *     have several. A strip that was asked without an outlet answers too: what for is not known, newer
 *     firmware adds a slot_id, and the reading bears no channel. */
#include "vendor/kasa/reading.h"

enum { MAX_ENTRIES = 64 };

static const char *const untold = "which outlet this is about can't be told";

/* Beyond these no plug measures or counts. */
#define MOST_WATTS WTR_KASA_UNITS(100000)
#define MOST_VOLTS WTR_KASA_UNITS(1000)
#define MOST_AMPERES WTR_KASA_UNITS(1000)
#define MOST_WATT_HOURS WTR_KASA_UNITS(1000000000000)

static void read_realtime(struct wtr_kasa_reading *r, wtr_json_ref result)
{
    struct wtr_kasa_sentence s = wtr_kasa_about(r, WTR_KIND_POWER_READING);
    if (!wtr_kasa_add_number(&s, result, "power_mw", -3, WTR_FIELD_POWER_W, -MOST_WATTS, MOST_WATTS))
        wtr_kasa_add_number(&s, result, "power", 0, WTR_FIELD_POWER_W, -MOST_WATTS, MOST_WATTS);
    if (!wtr_kasa_add_number(&s, result, "voltage_mv", -3, WTR_FIELD_VOLTAGE_V, 0, MOST_VOLTS))
        wtr_kasa_add_number(&s, result, "voltage", 0, WTR_FIELD_VOLTAGE_V, 0, MOST_VOLTS);
    if (!wtr_kasa_add_number(&s, result, "current_ma", -3, WTR_FIELD_CURRENT_A, 0, MOST_AMPERES))
        wtr_kasa_add_number(&s, result, "current", 0, WTR_FIELD_CURRENT_A, 0, MOST_AMPERES);
    wtr_kasa_add_raw(&s, result, "slot_id");
    wtr_kasa_end(&s);
    struct wtr_kasa_sentence total = wtr_kasa_about(r, WTR_KIND_ENERGY_COUNTER);
    if (!wtr_kasa_add_number(&total, result, "total_wh", 0, WTR_FIELD_ENERGY_WH, 0, MOST_WATT_HOURS))
        wtr_kasa_add_number(&total, result, "total", 3, WTR_FIELD_ENERGY_WH, 0, MOST_WATT_HOURS);
    if (total.begun)
        wtr_say_text(r->say, WTR_FIELD_SCOPE, WTR_TEXT("total"));
    wtr_kasa_end(&total);
}

static void put_two(struct wtr_buffer *out, int64_t number)
{
    if (number < 10)
        wtr_put_char(out, '0');
    wtr_put_int(out, number);
}

/* The day or month that an entry is about. */
struct date {
    int64_t year, month, day;
    bool of_day;
};

static bool read_date(const struct wtr_kasa_reading *r, wtr_json_ref entry, struct date *date)
{
    return wtr_kasa_int(r, entry, "year", 1970, 9999, &date->year) &&
           wtr_kasa_int(r, entry, "month", 1, 12, &date->month) &&
           (!date->of_day || wtr_kasa_int(r, entry, "day", 1, 31, &date->day));
}

static void add_date(struct wtr_kasa_sentence *s, wtr_json_ref entry, const struct date *date)
{
    struct wtr_say *say = s->reading->say;
    struct wtr_buffer *text = wtr_say_scratch(say);
    wtr_buffer_clear(text);
    wtr_put_int(text, date->year);
    wtr_put_char(text, '-');
    put_two(text, date->month);
    if (date->of_day) {
        wtr_put_char(text, '-');
        put_two(text, date->day);
    }
    wtr_say_text(say, WTR_FIELD_SCOPE, date->of_day ? WTR_TEXT("day") : WTR_TEXT("month"));
    wtr_say_text(say, WTR_FIELD_DATE, wtr_buffer_text(text));
    wtr_kasa_add_raw(s, entry, "year");
    wtr_kasa_add_raw(s, entry, "month");
    if (date->of_day)
        wtr_kasa_add_raw(s, entry, "day");
}

static void say_energy(struct wtr_kasa_reading *r, wtr_json_ref entry, bool of_day)
{
    struct wtr_kasa_sentence s = wtr_kasa_about(r, WTR_KIND_ENERGY_COUNTER);
    struct date date = {.of_day = of_day};
    if (!read_date(r, entry, &date))
        return;
    if (wtr_kasa_add_number(&s, entry, "energy_wh", 0, WTR_FIELD_ENERGY_WH, 0, MOST_WATT_HOURS) ||
        wtr_kasa_add_number(&s, entry, "energy", 3, WTR_FIELD_ENERGY_WH, 0, MOST_WATT_HOURS))
        add_date(&s, entry, &date);
    wtr_kasa_end(&s);
}

static void say_minutes(struct wtr_kasa_reading *r, wtr_json_ref entry, bool of_day)
{
    enum { MOST_MINUTES = 31 * 24 * 60 };
    struct wtr_kasa_sentence s = wtr_kasa_about(r, WTR_KIND_ENERGY_COUNTER);
    struct date date = {.of_day = of_day};
    if (read_date(r, entry, &date) &&
        wtr_kasa_add_int(&s, entry, "time", WTR_FIELD_RUNTIME_MIN, 0, MOST_MINUTES))
        add_date(&s, entry, &date);
    wtr_kasa_end(&s);
}

/* Says each entry of the statistics in the result. */
static void read_list(struct wtr_kasa_reading *r, wtr_json_ref result, bool of_day,
                      void (*say_entry)(struct wtr_kasa_reading *, wtr_json_ref, bool))
{
    wtr_json_ref list = wtr_kasa_member(r, result, of_day ? "day_list" : "month_list");
    unsigned count = 0;
    if (!wtr_json_is(r->json, list, WTR_JSON_ARRAY))
        return;
    for (wtr_json_ref i = wtr_json_first(r->json, list); i >= 0; i = wtr_json_next(r->json, list, i)) {
        if (count++ == MAX_ENTRIES) {
            wtr_kasa_finding(r, list, "the statistics have too many entries");
            return;
        }
        say_entry(r, i, of_day);
    }
}

static void read_stat(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method,
                      void (*say_entry)(struct wtr_kasa_reading *, wtr_json_ref, bool))
{
    bool of_day = wtr_text_is(wtr_json_raw(r->json, method->name), "get_daystat");
    if (r->about == WTR_KASA_ABOUT_UNKNOWN)
        wtr_kasa_finding(r, method->name, untold);
    else
        read_list(r, method->value, of_day, say_entry);
}

static bool is_stat(const struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    struct wtr_text name = wtr_json_raw(r->json, method->name);
    return wtr_text_is(name, "get_daystat") || wtr_text_is(name, "get_monthstat");
}

void wtr_kasa_read_emeter(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    if (is_stat(r, method))
        read_stat(r, method, say_energy);
    else if (!wtr_text_is(wtr_json_raw(r->json, method->name), "get_realtime"))
        return;
    else if (r->about == WTR_KASA_ABOUT_UNKNOWN)
        wtr_kasa_finding(r, method->name, untold);
    else
        read_realtime(r, method->value);
}

void wtr_kasa_read_runtime(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    if (is_stat(r, method))
        read_stat(r, method, say_minutes);
}
