/* SPDX-License-Identifier: Apache-2.0 */
/* What Tasmota's stored settings state of relays, pulses, timers and energy (arendst/Tasmota: settings.ino
 * SettingsSaveAll, SettingsDelta; support_tasmota.ino PerformEverySecond; xdrv_03_energy.ino
 * EnergyUpdateToday; xdrv_09_timers.ino) [S]:
 *
 *   - `power` has a bit a relay. With SaveData n (1 by default) it is brought up to date every n seconds,
 * with the save; with SaveData 0 only at a restart. A relay with a pulse of less than three seconds does not
 * cause that. With SetOption0 off it is always 0 and says nothing.
 *   - A zero is also there for a relay that does not exist: it is believed only where the pins' functions
 * name the relay, or a copy of the same dump had it on.
 *   - Energy is brought up to date at a restart, at midnight and by command, not with each save: it was so at
 * some time between the last copy with other values and this one. The total is what the plug shows: the
 * stored one and today's. Units: 10 mWh; total and export in Wh from 12.3.1.3 on. On the ESP32 the counters
 * moved into a file in 12.x: not read there from 12.0 on. A total of 0 is no meter.
 *   - Timer: bits 0-10 minutes, 11-14 window, 15 repeat, 16-22 days from Sunday, 23-26 output less one, 27-28
 *     action, 29-30 mode, 31 enabled. For sunrise and sunset 720 minutes and more is an offset before. */
#include "vendor/tasmota/flash_read.h"

enum { MAX_RELAYS = 32 };

/* Begins the statement of a relay's stored state, with the time for which it holds. */
static void begin_state(const struct wtr_tasmota_stored *r, unsigned relay)
{
    int64_t every = 0;
    int64_t pulse = 0;
    struct wtr_text raw;
    struct wtr_tasmota_when when = wtr_tasmota_slots_when(r->slots, r->slot);
    (void)wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_SAVE_DATA, 0, &every, &raw);
    (void)wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_PULSE_TIMER, relay - 1, &pulse, &raw);
    bool may_lag = pulse > 0 && pulse < 30;
    if (when.dated && (every != 1 || may_lag))
        when = (struct wtr_tasmota_when){.has_earliest = every > 0 && every <= 3600 && !may_lag,
                                         .earliest = when.at - every,
                                         .has_latest = true,
                                         .latest = when.at};
    else if (every < 1 || every > 3600 || may_lag)
        when.has_earliest = false;
    else if (every > 1)
        when.earliest -= every;
    wtr_tasmota_stored_begin_at(r, WTR_KIND_POWER_STATE, relay, &when);
}

void wtr_tasmota_stored_relays(const struct wtr_tasmota_stored *r)
{
    int64_t flag = 0;
    int64_t power = 0;
    struct wtr_text raw, flags;
    if (!wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_FLAG, 0, &flag, &flags) ||
        !wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_POWER, 0, &power, &raw))
        return;
    if ((flag & 1) == 0) {
        wtr_tasmota_stored_begin(r, WTR_KIND_DEVICE_CONFIG, 0);
        wtr_say_text(r->say, WTR_FIELD_SETTING, WTR_TEXT("SetOption0"));
        wtr_say_text(r->say, WTR_FIELD_VALUE, WTR_TEXT("OFF"));
        wtr_say_raw_bytes(r->say, WTR_TEXT("flag"), flags);
        wtr_say_end(r->say);
        return;
    }
    uint32_t known = wtr_tasmota_slots_relays(r->slots);
    for (unsigned relay = 1; relay <= MAX_RELAYS; relay++) {
        if ((known >> (relay - 1) & 1) == 0)
            continue;
        begin_state(r, relay);
        bool on = ((uint64_t)power >> (relay - 1) & 1) != 0;
        wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
        wtr_say_raw_bytes(r->say, WTR_TEXT("power"), raw);
        wtr_say_end(r->say);
    }
}

/* ---- energy */

/* The counter over its phases, in its own unit. The raw value covers them all. */
static bool sum_of(const struct wtr_tasmota_settings *s, enum wtr_tasmota_field field, int64_t *sum,
                   struct wtr_text *raw)
{
    int64_t value = 0;
    struct wtr_text one;
    unsigned phases = 0;
    *sum = 0;
    for (; wtr_tasmota_settings_number(s, field, phases, &value, &one); phases++) {
        *sum += value;
        *raw = phases == 0 ? one : (struct wtr_text){raw->data, raw->length + one.length};
    }
    return phases > 0;
}

struct counter {
    const char *scope;
    const char *name;
    const char *direction;
};

static void say_counter(const struct wtr_tasmota_stored *r, const struct wtr_tasmota_slot *since,
                        const struct counter *counter, int64_t micro_wh, struct wtr_text raw)
{
    wtr_tasmota_stored_begin_since(r, WTR_KIND_ENERGY_COUNTER, since);
    wtr_say_micro(r->say, WTR_FIELD_ENERGY_WH, micro_wh);
    wtr_say_text(r->say, WTR_FIELD_SCOPE, wtr_text_z(counter->scope));
    if (counter->direction)
        wtr_say_text(r->say, WTR_FIELD_DIRECTION, wtr_text_z(counter->direction));
    wtr_say_raw_bytes(r->say, wtr_text_z(counter->name), raw);
}

/* The last slot before this one with other counters; NULL where none is known. */
static const struct wtr_tasmota_slot *other_energy(const struct wtr_tasmota_stored *r)
{
    const struct wtr_tasmota_slot *s = wtr_tasmota_slots_before(r->slots, r->slot);
    while (s && s->energy == r->slot->energy)
        s = wtr_tasmota_slots_before(r->slots, s);
    return s;
}

static void say_total_start(const struct wtr_tasmota_stored *r)
{
    int64_t start = 0;
    struct wtr_text raw;
    if (!wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_TOTAL_TIME, 0, &start, &raw) || start == 0)
        return;
    struct wtr_buffer time = {0};
    wtr_put_time(&time, start * 1000000000);
    if (!time.failed && time.length >= 19)
        wtr_say_text(r->say, WTR_FIELD_PERIOD_START, wtr_text_of(time.data, 19)); /* local: without a zone */
    wtr_say_raw_bytes(r->say, WTR_TEXT("energy_kWhtotal_time"), raw);
    wtr_buffer_free(&time);
}

void wtr_tasmota_stored_energy(const struct wtr_tasmota_stored *r)
{
    static const struct counter total = {"total", "energy_kWhtotal", NULL};
    static const struct counter today = {"today", "energy_kWhtoday", NULL};
    static const struct counter yesterday = {"yesterday", "energy_kWhyesterday", NULL};
    static const struct counter export = {"total", "energy_kWhexport", "export"};
    const struct wtr_tasmota_settings *s = r->settings;
    const int64_t fine = 10000; /* microwatt-hours in 10 mWh */
    int64_t coarse = s->version < 0x0C030103 ? fine : 1000000;
    int64_t sums[4] = {0};
    struct wtr_text raws[4], day;
    int64_t doy = 0;
    if ((s->chip != WTR_TASMOTA_ESP8266 && s->version >= 0x0C000000) ||
        !sum_of(s, WTR_TASMOTA_TOTAL, &sums[0], &raws[0]) ||
        !sum_of(s, WTR_TASMOTA_TODAY, &sums[1], &raws[1]) ||
        !sum_of(s, WTR_TASMOTA_YESTERDAY, &sums[2], &raws[2]) || (sums[0] == 0 && sums[1] == 0))
        return;
    const struct wtr_tasmota_slot *since = other_energy(r);
    say_counter(r, since, &total, sums[0] * coarse + sums[1] * fine, raws[0]);
    wtr_say_raw_bytes(r->say, WTR_TEXT("energy_kWhtoday"), raws[1]);
    say_total_start(r);
    wtr_say_end(r->say);
    say_counter(r, since, &today, sums[1] * fine, raws[1]);
    if (wtr_tasmota_settings_number(s, WTR_TASMOTA_ENERGY_DAY, 0, &doy, &day))
        wtr_say_raw_bytes(r->say, WTR_TEXT("energy_kWhdoy"), day);
    wtr_say_end(r->say);
    say_counter(r, since, &yesterday, sums[2] * fine, raws[2]);
    wtr_say_end(r->say);
    if (sum_of(s, WTR_TASMOTA_EXPORT, &sums[3], &raws[3]) && sums[3] != 0) {
        say_counter(r, since, &export, sums[3] * coarse, raws[3]);
        wtr_say_end(r->say);
    }
}

/* ---- timers and pulses */

static void put_two(struct wtr_buffer *out, unsigned number)
{
    wtr_put_char(out, (char)('0' + number / 10 % 10));
    wtr_put_char(out, (char)('0' + number % 10));
}

static void say_at(struct wtr_say *say, uint32_t timer)
{
    enum { HALF_DAY = 720, DAY = 1440 };
    unsigned mode = timer >> 29 & 3;
    unsigned minutes = timer & 0x7FF;
    struct wtr_buffer text = {0};
    if (minutes >= DAY || mode == 3)
        return;
    if (mode != 0 && minutes >= HALF_DAY) {
        wtr_put_char(&text, '-');
        minutes -= HALF_DAY;
    }
    put_two(&text, minutes / 60);
    wtr_put_char(&text, ':');
    put_two(&text, minutes % 60);
    wtr_say_text(say, WTR_FIELD_AT, wtr_buffer_text(&text));
    wtr_buffer_free(&text);
}

static void say_timer(const struct wtr_tasmota_stored *r, unsigned number, uint32_t timer,
                      struct wtr_text raw)
{
    static const char *const modes[] = {"clock", "sunrise", "sunset"};
    static const char *const actions[] = {"off", "on", "toggle", "rule"};
    char days[7];
    unsigned mode = timer >> 29 & 3;
    struct wtr_buffer name = {0};
    for (unsigned day = 0; day < sizeof days; day++)
        days[day] = (timer >> (16 + day) & 1) != 0 ? '1' : '0';
    wtr_put_z(&name, "Timer");
    wtr_put_uint(&name, number);
    wtr_tasmota_stored_begin(r, WTR_KIND_SCHEDULE_RULE, (timer >> 23 & 15) + 1);
    wtr_say_bool(r->say, WTR_FIELD_ENABLED, timer >> 31 != 0);
    if (mode < 3)
        wtr_say_text(r->say, WTR_FIELD_MODE, wtr_text_z(modes[mode]));
    say_at(r->say, timer);
    wtr_say_int(r->say, WTR_FIELD_WINDOW_MIN, timer >> 11 & 15);
    wtr_say_text(r->say, WTR_FIELD_DAYS, wtr_text_of(days, sizeof days));
    wtr_say_bool(r->say, WTR_FIELD_REPEAT, (timer >> 15 & 1) != 0);
    wtr_say_text(r->say, WTR_FIELD_ACTION, wtr_text_z(actions[timer >> 27 & 3]));
    wtr_say_text(r->say, WTR_FIELD_RULE, wtr_buffer_text(&name));
    wtr_say_raw_bytes(r->say, wtr_buffer_text(&name), raw);
    wtr_say_end(r->say);
    wtr_buffer_free(&name);
}

static void say_pulse(const struct wtr_tasmota_stored *r, unsigned relay, int64_t value, struct wtr_text raw)
{
    wtr_tasmota_stored_begin(r, WTR_KIND_TIMER_SET, relay);
    wtr_say_text(r->say, WTR_FIELD_RULE, WTR_TEXT("PulseTime"));
    wtr_say_bool(r->say, WTR_FIELD_ENABLED, true);
    wtr_say_micro(r->say, WTR_FIELD_DURATION_S, value > 111 ? (value - 100) * 1000000 : value * 100000);
    wtr_say_raw_bytes(r->say, WTR_TEXT("pulse_timer"), raw);
    wtr_say_end(r->say);
}

void wtr_tasmota_stored_timers(const struct wtr_tasmota_stored *r)
{
    enum { MAX_TIMERS = 16 };
    struct wtr_text raw;
    int64_t value = 0;
    bool any = false;
    for (unsigned n = 0; n < MAX_TIMERS; n++) {
        if (!wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_TIMER, n, &value, &raw) || value == 0)
            continue;
        say_timer(r, n + 1, (uint32_t)value, raw);
        any = true;
    }
    if (any && wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_TIMERS_ENABLED, 0, &value, &raw)) {
        wtr_tasmota_stored_begin(r, WTR_KIND_DEVICE_CONFIG, 0);
        wtr_say_text(r->say, WTR_FIELD_SETTING, WTR_TEXT("Timers"));
        wtr_say_text(r->say, WTR_FIELD_VALUE, (value & 1) != 0 ? WTR_TEXT("ON") : WTR_TEXT("OFF"));
        wtr_say_raw_bytes(r->say, WTR_TEXT("flag3"), raw);
        wtr_say_end(r->say);
    }
    for (unsigned n = 0; n < MAX_RELAYS; n++)
        if (wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_PULSE_TIMER, n, &value, &raw) && value != 0)
            say_pulse(r, n + 1, value, raw);
}
