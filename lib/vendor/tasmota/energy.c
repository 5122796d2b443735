/* SPDX-License-Identifier: Apache-2.0 */
/* What a Tasmota meter says (EnergyShow and EnergyMarginCheck in xdrv_03_energy.ino; tasmota/docs
 * Commands.md) [S], the single-phase form [V] on a broker with payloads of our own:
 *
 *   - ENERGY: Power W, ApparentPower VA, ReactivePower var, Factor, Frequency Hz, Voltage V, Current A. On a
 *     meter of several phases each is an array; Voltage and Frequency are one number where they are common.
 *   - Total, Yesterday, Today in kWh, one sum unless SetOption129 splits them; ExportActive, TodaySumImport,
 *     TodaySumExport in kWh. Period in Wh, since the last telemetry that had it.
 *   - TotalStartTime is local, may be set by command, and is 1970 while the clock was never set.
 *   - TotalTariff and ExportTariff (two tariffs) are not read: nothing names which is which.
 *   - stat/…/WARNING: MaxPowerReached<phase> W; MaxEnergyReached kWh, of today. A text there is older
 *     firmware's number with its unit, and not read.
 * The bounds are those beyond which no plug measures; power may be negative where a plug feeds in. */
#include "vendor/tasmota/reading.h"

enum { MAX_PHASES = 32 };

#define UNITS(n) ((int64_t)(n)*1000000)

struct quantity {
    const char *name;
    enum wtr_field field;
    int64_t least;
    int64_t most;
};

static const struct quantity quantities[] = {
    {"Power", WTR_FIELD_POWER_W, UNITS(-1000000), UNITS(1000000)},
    {"ApparentPower", WTR_FIELD_APPARENT_VA, 0, UNITS(1000000)},
    {"ReactivePower", WTR_FIELD_REACTIVE_VAR, UNITS(-1000000), UNITS(1000000)},
    {"Factor", WTR_FIELD_POWER_FACTOR, UNITS(-1), UNITS(1)},
    {"Frequency", WTR_FIELD_FREQUENCY_HZ, 0, UNITS(1000)},
    {"Voltage", WTR_FIELD_VOLTAGE_V, 0, UNITS(2000)},
    {"Current", WTR_FIELD_CURRENT_A, UNITS(-10000), UNITS(10000)},
};

struct counter {
    const char *name;
    const char *scope;
    const char *direction; /* NULL: the device does not say */
    int shift;             /* from the unit to watt-hours, as a power of ten */
};

static const struct counter counters[] = {
    {"Total", "total", NULL, 3},
    {"Yesterday", "yesterday", NULL, 3},
    {"Today", "today", NULL, 3},
    {"ExportActive", "total", "export", 3},
    {"TodaySumImport", "today", "import", 3},
    {"TodaySumExport", "today", "export", 3},
    {"Period", "period", NULL, 0},
};

enum { QUANTITIES = sizeof quantities / sizeof *quantities };

static const int64_t most_energy = UNITS(100000000000); /* 1e8 kWh; the firmware itself ends at 2147483 kWh */

/* The number of phase `phase` (from 1) of an array, or for phase 0 the number itself. */
static wtr_json_ref of_phase(const struct wtr_json *json, wtr_json_ref value, unsigned phase)
{
    bool array = wtr_json_is(json, value, WTR_JSON_ARRAY);
    if (phase == 0)
        return array ? -1 : value;
    wtr_json_ref element = array ? wtr_json_first(json, value) : -1;
    for (unsigned i = 1; i < phase && element >= 0; i++)
        element = wtr_json_next(json, value, element);
    return element;
}

/* How many phases the value tells apart. */
static unsigned phases_of(const struct wtr_json *json, wtr_json_ref value)
{
    unsigned phases = 0;
    while (phases < MAX_PHASES && of_phase(json, value, phases + 1) >= 0)
        phases++;
    return phases;
}

static void read_quantities(struct wtr_tasmota_reading *r, const wtr_json_ref values[QUANTITIES],
                            unsigned phase)
{
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_POWER_READING, .phase = phase};
    for (size_t i = 0; i < QUANTITIES; i++) {
        const struct quantity *q = &quantities[i];
        wtr_json_ref value = of_phase(r->json, values[i], phase);
        int64_t micro = 0;
        if (!wtr_tasmota_number(r, value, 0, q->least, q->most, &micro))
            continue;
        wtr_tasmota_begin(&s);
        wtr_say_micro(r->say, q->field, micro);
        wtr_say_raw_json(r->say, q->name, r->json, value);
    }
    wtr_tasmota_end(&s);
}

static void add_start(struct wtr_tasmota_reading *r, wtr_json_ref energy)
{
    wtr_json_ref start = wtr_json_get(r->json, energy, "TotalStartTime");
    struct wtr_text text = wtr_json_string(r->json, start, wtr_say_scratch(r->say));
    if (text.length == 0 || wtr_text_starts(text, "1970-"))
        return;
    wtr_say_text(r->say, WTR_FIELD_PERIOD_START, text);
    wtr_say_raw_json(r->say, "TotalStartTime", r->json, start);
}

static void say_counter(struct wtr_tasmota_reading *r, wtr_json_ref energy, const struct counter *c,
                        wtr_json_ref value, unsigned phase)
{
    int64_t energy_uwh = 0;
    if (!wtr_tasmota_number(r, value, c->shift, -most_energy, most_energy, &energy_uwh))
        return;
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_ENERGY_COUNTER, .phase = phase};
    wtr_tasmota_begin(&s);
    wtr_say_micro(r->say, WTR_FIELD_ENERGY_WH, energy_uwh);
    wtr_say_text(r->say, WTR_FIELD_SCOPE, wtr_text_z(c->scope));
    if (c->direction)
        wtr_say_text(r->say, WTR_FIELD_DIRECTION, wtr_text_z(c->direction));
    if (c == &counters[0])
        add_start(r, energy);
    wtr_say_raw_json(r->say, c->name, r->json, value);
    wtr_tasmota_end(&s);
}

static void read_counter(struct wtr_tasmota_reading *r, wtr_json_ref energy, const struct counter *c)
{
    wtr_json_ref value = wtr_json_get(r->json, energy, c->name);
    unsigned phases = phases_of(r->json, value);
    say_counter(r, energy, c, of_phase(r->json, value, 0), 0);
    for (unsigned phase = 1; phase <= phases; phase++)
        say_counter(r, energy, c, of_phase(r->json, value, phase), phase);
}

void wtr_tasmota_read_energy(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    wtr_json_ref energy = wtr_tasmota_object(r, object, "ENERGY");
    wtr_json_ref values[QUANTITIES];
    unsigned phases = 0;
    if (energy < 0)
        return;
    for (size_t i = 0; i < QUANTITIES; i++) {
        values[i] = wtr_json_get(r->json, energy, quantities[i].name);
        unsigned n = phases_of(r->json, values[i]);
        phases = n > phases ? n : phases;
    }
    for (unsigned phase = 0; phase <= phases; phase++)
        read_quantities(r, values, phase);
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
        read_counter(r, energy, &counters[i]);
}

static void read_power_limit(struct wtr_tasmota_reading *r, const char *name, wtr_json_ref value,
                             unsigned phase)
{
    int64_t micro = 0;
    if (!wtr_json_is(r->json, value, WTR_JSON_NUMBER) ||
        !wtr_tasmota_number(r, value, 0, quantities[0].least, quantities[0].most, &micro))
        return;
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_POWER_READING, .phase = phase};
    wtr_tasmota_begin(&s);
    wtr_say_micro(r->say, WTR_FIELD_POWER_W, micro);
    wtr_say_raw_json(r->say, name, r->json, value);
    wtr_tasmota_end(&s);
}

void wtr_tasmota_read_limits(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    static const struct counter reached = {"MaxEnergyReached", "today", NULL, 3};
    wtr_json_ref energy = wtr_json_get(r->json, object, reached.name);
    char name[24] = "MaxPowerReached";
    read_power_limit(r, name, wtr_json_get(r->json, object, name), 0);
    for (unsigned phase = 1; phase <= MAX_PHASES; phase++) {
        wtr_tasmota_numbered(name, "MaxPowerReached", phase);
        read_power_limit(r, name, wtr_json_get(r->json, object, name), phase);
    }
    if (wtr_json_is(r->json, energy, WTR_JSON_NUMBER))
        say_counter(r, object, &reached, energy, 0);
}
