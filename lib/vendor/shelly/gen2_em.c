/* SPDX-License-Identifier: Apache-2.0 */
/* Three-phase meters of Gen2 and later (shelly-api-docs gen2, EM and EMData) [S], names and forms [V] on a
 * real device's answer:
 *
 *   - em:<n> {a_voltage V, a_current A, a_act_power W, a_aprt_power VA, a_pf, a_freq Hz, the same for b and
 * c, total_current, total_act_power, total_aprt_power, n_current}. What is not measured is null.
 *   - emdata:<n> {a_total_act_energy Wh, a_total_act_ret_energy Wh, … , total_act, total_act_ret}, kept over
 *     restarts; "ret" was given back.
 *
 * Both are said of the channel em:<n>, phases numbered from 1; a total bears none. */
#include "vendor/shelly/reading.h"

enum { PHASES = 3, MAX_NAME = 31 };

static const struct quantity {
    const char *name;
    enum wtr_field field;
    int64_t least, most;
} quantities[] = {
    {"voltage", WTR_FIELD_VOLTAGE_V, 0, WTR_SHELLY_UNITS(1000)},
    {"current", WTR_FIELD_CURRENT_A, WTR_SHELLY_UNITS(-1000), WTR_SHELLY_UNITS(1000)},
    {"act_power", WTR_FIELD_POWER_W, -WTR_SHELLY_MOST_WATTS, WTR_SHELLY_MOST_WATTS},
    {"aprt_power", WTR_FIELD_APPARENT_VA, -WTR_SHELLY_MOST_WATTS, WTR_SHELLY_MOST_WATTS},
    {"pf", WTR_FIELD_POWER_FACTOR, WTR_SHELLY_UNITS(-1), WTR_SHELLY_UNITS(1)},
    {"freq", WTR_FIELD_FREQUENCY_HZ, 0, WTR_SHELLY_UNITS(1000)},
};

/* "a" and "voltage" as "a_voltage". */
static const char *joined(char name[MAX_NAME + 1], const char *prefix, const char *word)
{
    size_t n = strlen(prefix), m = strlen(word);
    memcpy(name, prefix, n);
    name[n] = '_';
    memcpy(name + n + 1, word, m);
    name[n + 1 + m] = '\0';
    return name;
}

static void read_power(const struct wtr_shelly_sentence *of, wtr_json_ref status, const char *prefix,
                       int phase)
{
    struct wtr_shelly_sentence s = *of;
    char name[MAX_NAME + 1];
    s.kind = WTR_KIND_POWER_READING;
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++)
        wtr_shelly_add_number(&s, status, joined(name, prefix, quantities[i].name), quantities[i].field,
                              quantities[i].least, quantities[i].most);
    if (s.begun && phase > 0)
        wtr_say_int(s.reading->say, WTR_FIELD_PHASE, phase);
    wtr_shelly_end(&s);
}

static void read_energy(const struct wtr_shelly_sentence *of, wtr_json_ref status, const char *name,
                        int phase, bool returned)
{
    struct wtr_shelly_sentence s = *of;
    struct wtr_say *say = s.reading->say;
    s.kind = WTR_KIND_ENERGY_COUNTER;
    wtr_shelly_add_number(&s, status, name, WTR_FIELD_ENERGY_WH, -WTR_SHELLY_MOST_WATT_HOURS,
                          WTR_SHELLY_MOST_WATT_HOURS);
    if (!s.begun)
        return;
    wtr_say_text(say, WTR_FIELD_SCOPE, WTR_TEXT("total"));
    if (returned)
        wtr_say_text(say, WTR_FIELD_DIRECTION, WTR_TEXT("export"));
    if (phase > 0)
        wtr_say_int(say, WTR_FIELD_PHASE, phase);
    wtr_shelly_end(&s);
}

void wtr_shelly_read_three_phases(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref status)
{
    static const char *const letters[PHASES] = {"a", "b", "c"};
    struct wtr_shelly_channel channel = wtr_shelly_channel("em", number);
    const struct wtr_shelly_sentence of = {.reading = r, .channel = wtr_shelly_channel_text(&channel)};
    char name[MAX_NAME + 1];
    for (int i = 0; i < PHASES; i++) {
        read_power(&of, status, letters[i], i + 1);
        read_energy(&of, status, joined(name, letters[i], "total_act_energy"), i + 1, false);
        read_energy(&of, status, joined(name, letters[i], "total_act_ret_energy"), i + 1, true);
    }
    read_power(&of, status, "total", 0);
    read_energy(&of, status, "total_act", 0, false);
    read_energy(&of, status, "total_act_ret", 0, true);
}
