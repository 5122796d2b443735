/* SPDX-License-Identifier: Apache-2.0 */
/* Timers and pulses that the device says it holds (xdrv_09_timers.ino PrepShowTimer, support_command.ino
 * CmndPulsetime, tasmota/docs Timers.md, Commands.md) [S]:
 *
 *   - Timer1 … Timer16 {Enable (older: Arm), Mode 0 clock, 1 sunrise, 2 sunset, Time, Window (random minutes
 *     both ways), Days (Sunday first, 0 or - is off), Repeat, Output (older: Device), Action (older: Power)
 *     0 off, 1 on, 2 toggle, 3 rule or blink}, alone or inside Timers1 … Timers4; Timers is ON or OFF.
 *   - PulseTime<n> {Set, Remaining}, newer for all at once {"PulseTime":{"Set":[…],"Remaining":[…]}}: 1..111
 *     tenths of a second, from 112 on the seconds are the value less 100, 0 off. It switches off what was
 *     switched on, without a command. */
#include "vendor/mqtt_publish.h"
#include "vendor/tasmota/reading.h"

enum { MAX_CHANNEL = 32, MAX_TIMERS = 16 };

/* The first of two names under which older and newer firmware write the same; NULL if neither is there. */
static const char *either(const struct wtr_json *json, wtr_json_ref object, const char *newer,
                          const char *older)
{
    return wtr_json_get(json, object, newer) >= 0   ? newer
           : wtr_json_get(json, object, older) >= 0 ? older
                                                    : NULL;
}

/* A member that is one of a few small numbers, each of which has a word. */
static void add_word(struct wtr_tasmota_sentence *s, wtr_json_ref object, const char *name,
                     enum wtr_field field, const char *const words[], int64_t count)
{
    struct wtr_tasmota_reading *r = s->reading;
    wtr_json_ref value = name ? wtr_json_get(r->json, object, name) : -1;
    int64_t number = 0;
    if (!wtr_json_int(r->json, value, &number) || number < 0 || number >= count)
        return;
    wtr_tasmota_begin(s);
    wtr_say_text(r->say, field, wtr_text_z(words[number]));
    wtr_say_raw_json(r->say, name, r->json, value);
}

static void add_flag(struct wtr_tasmota_sentence *s, wtr_json_ref object, const char *name,
                     enum wtr_field field)
{
    struct wtr_tasmota_reading *r = s->reading;
    wtr_json_ref value = name ? wtr_json_get(r->json, object, name) : -1;
    int64_t number = 0;
    if (!wtr_json_int(r->json, value, &number) || number < 0 || number > 1)
        return;
    wtr_tasmota_begin(s);
    wtr_say_bool(r->say, field, number == 1);
    wtr_say_raw_json(r->say, name, r->json, value);
}

static unsigned output_of(const struct wtr_json *json, wtr_json_ref timer)
{
    const char *name = either(json, timer, "Output", "Device");
    int64_t output = 0;
    bool fits = name && wtr_json_int(json, wtr_json_get(json, timer, name), &output) && output >= 1 &&
                output <= MAX_CHANNEL;
    return fits ? (unsigned)output : 0;
}

void wtr_tasmota_read_timer(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member)
{
    static const char *const modes[] = {"clock", "sunrise", "sunset"};
    static const char *const actions[] = {"off", "on", "toggle", "rule"};
    wtr_json_ref timer = member->value;
    if (!wtr_json_is(r->json, timer, WTR_JSON_OBJECT) || !wtr_tasmota_is_small(r, timer) ||
        !member->numbered || member->number < 1 || member->number > MAX_TIMERS)
        return;
    struct wtr_tasmota_sentence s = {
        .reading = r, .kind = WTR_KIND_SCHEDULE_RULE, .channel = output_of(r->json, timer)};
    add_flag(&s, timer, either(r->json, timer, "Enable", "Arm"), WTR_FIELD_ENABLED);
    add_word(&s, timer, "Mode", WTR_FIELD_MODE, modes, 3);
    wtr_tasmota_add_text(&s, timer, "Time", WTR_FIELD_AT);
    wtr_tasmota_add_int(&s, timer, "Window", WTR_FIELD_WINDOW_MIN, 0, 15);
    wtr_tasmota_add_text(&s, timer, "Days", WTR_FIELD_DAYS);
    add_flag(&s, timer, "Repeat", WTR_FIELD_REPEAT);
    add_word(&s, timer, either(r->json, timer, "Action", "Power"), WTR_FIELD_ACTION, actions, 4);
    if (s.begun)
        wtr_say_text(r->say, WTR_FIELD_RULE, member->name);
    wtr_tasmota_end(&s);
}

void wtr_tasmota_read_timers(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member)
{
    if (!wtr_json_is(r->json, member->value, WTR_JSON_OBJECT) || !wtr_tasmota_is_small(r, member->value))
        return;
    for (unsigned n = 1; n <= MAX_TIMERS; n++) {
        char name[24];
        wtr_tasmota_numbered(name, "Timer", n);
        struct wtr_tasmota_member timer = {.name = wtr_text_z(name),
                                           .number = n,
                                           .numbered = true,
                                           .value = wtr_json_get(r->json, member->value, name)};
        wtr_tasmota_read_timer(r, &timer);
    }
}

/* A pulse's value in microseconds' terms of the field: millionths of a second. */
static int64_t pulse_micro(int64_t value)
{
    return value > 111 ? (value - 100) * 1000000 : value * 100000;
}

static void say_pulse(struct wtr_tasmota_reading *r, unsigned channel, wtr_json_ref set,
                      wtr_json_ref remaining)
{
    int64_t value = 0;
    int64_t left = 0;
    if (!wtr_json_int(r->json, set, &value) || value < 0 || value > UINT16_MAX)
        return;
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_TIMER_SET, .channel = channel};
    wtr_tasmota_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_RULE, WTR_TEXT("PulseTime"));
    wtr_say_bool(r->say, WTR_FIELD_ENABLED, value > 0);
    if (value > 0)
        wtr_say_micro(r->say, WTR_FIELD_DURATION_S, pulse_micro(value));
    wtr_say_raw_json(r->say, "Set", r->json, set);
    if (wtr_json_int(r->json, remaining, &left) && left >= 0 && left <= UINT16_MAX) {
        wtr_say_micro(r->say, WTR_FIELD_REMAINING_S, pulse_micro(left));
        wtr_say_raw_json(r->say, "Remaining", r->json, remaining);
    }
    wtr_tasmota_end(&s);
}

static void read_pulse_lists(struct wtr_tasmota_reading *r, wtr_json_ref sets, wtr_json_ref remainings)
{
    bool both = wtr_json_is(r->json, remainings, WTR_JSON_ARRAY);
    wtr_json_ref set = wtr_json_first(r->json, sets);
    wtr_json_ref remaining = both ? wtr_json_first(r->json, remainings) : -1;
    for (unsigned n = 1; n <= MAX_CHANNEL && set >= 0; n++) {
        int64_t value = 0;
        if (wtr_json_int(r->json, set, &value) && value != 0)
            say_pulse(r, n, set, remaining);
        set = wtr_json_next(r->json, sets, set);
        remaining = remaining < 0 ? -1 : wtr_json_next(r->json, remainings, remaining);
    }
}

void wtr_tasmota_read_pulse_time(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member)
{
    wtr_json_ref set = wtr_json_get(r->json, member->value, "Set");
    wtr_json_ref remaining = wtr_json_get(r->json, member->value, "Remaining");
    if (wtr_json_is(r->json, set, WTR_JSON_ARRAY))
        read_pulse_lists(r, set, remaining);
    else if (member->number >= 1 && member->number <= MAX_CHANNEL)
        say_pulse(r, member->number, set, remaining);
}
