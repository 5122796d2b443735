/* SPDX-License-Identifier: Apache-2.0 */
/* The /status object of a Gen1 device, which comes by HTTP and, as `info`, by MQTT (Shelly API reference for
 * Gen1, /status and each product's /relay and meters) [S], the plug's [V] on a real device's answer:
 *
 *   - relays: ison, source ("source of the last relay command": it explains the last change, not this
 *     statement), has_timer, timer_started (epoch, 0 if the clock is not set), timer_duration and
 *     timer_remaining in seconds, overpower.
 *   - meters: power W; total in watt-minutes, which begins anew at each start ("will reset to 0 after
 *     reboot"); counters, the last three round minutes in watt-minutes, whose order is not documented;
 *     overpower, the power at which the last cut-off was made, 0 if none was. A Shelly 1 has no meter: there
 *     `power` is what its owner entered, and no counter stands beside it. Where meters are as many as relays
 *     the n-th is of the n-th; a Shelly 2 has one for both.
 *   - inputs: input 0 or 1; event S (short), L (long), SS, SSS, SL, LS, cleared after 5 s; event_cnt.
 *   - wifi_sta, mac, unixtime, uptime, update.old_version (the firmware that runs).
 *
 * The device's temperature is not said: it is no reading of the load. */
#include "vendor/shelly/reading.h"

enum { MAX_CHANNELS = 16, MAX_COUNTERS = 3 };

/* Seconds beyond which no timer runs. */
#define MOST_TIMER WTR_SHELLY_UNITS(1000000000)

void wtr_shelly_add_watt_minutes(struct wtr_shelly_sentence *s, const char *scope, int64_t micro)
{
    struct wtr_say *say = s->reading->say;
    wtr_shelly_begin(s);
    wtr_say_micro(say, WTR_FIELD_ENERGY_WH, wtr_divide_half_even(micro, 60));
    wtr_say_text(say, WTR_FIELD_SCOPE, wtr_text_z(scope));
}

void wtr_shelly_add_push(struct wtr_shelly_sentence *s, wtr_json_ref object)
{
    static const char *const words[][2] = {
        {"S", "single_push"},   {"L", "long_push"},        {"SS", "double_push"},
        {"SSS", "triple_push"}, {"SL", "short_long_push"}, {"LS", "long_short_push"},
    };
    struct wtr_shelly_reading *r = s->reading;
    wtr_json_ref event = wtr_json_get(r->json, object, "event");
    struct wtr_text word = wtr_json_string(r->json, event, wtr_say_scratch(r->say));
    if (!word.data) {
        if (event >= 0 && !wtr_json_is(r->json, event, WTR_JSON_NULL))
            wtr_shelly_finding(r, event, "the input event is no text");
        return;
    }
    if (word.length == 0)
        return;
    wtr_shelly_begin(s);
    struct wtr_text action = word;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (wtr_text_is(word, words[i][0]))
            action = wtr_text_z(words[i][1]);
    wtr_say_text(r->say, WTR_FIELD_ACTION, action);
    wtr_say_raw_json(r->say, "event", r->json, event);
    wtr_shelly_add_int(s, object, "event_cnt", WTR_FIELD_COUNT_N, 0, UINT32_MAX);
}

static void read_timer(struct wtr_shelly_reading *r, const struct wtr_shelly_channel *channel,
                       unsigned number, wtr_json_ref relay)
{
    bool has = false;
    if (!wtr_shelly_truth(r, wtr_json_get(r->json, relay, "has_timer"), &has) || !has)
        return;
    struct wtr_shelly_sentence s = {.reading = r,
                                    .kind = WTR_KIND_TIMER_SET,
                                    .channel = wtr_shelly_channel_text(channel),
                                    .outlet = number + 1};
    wtr_shelly_add_number(&s, relay, "timer_duration", WTR_FIELD_DURATION_S, 0, MOST_TIMER);
    wtr_shelly_add_number(&s, relay, "timer_remaining", WTR_FIELD_REMAINING_S, 0, MOST_TIMER);
    wtr_json_ref started = wtr_json_get(r->json, relay, "timer_started");
    int64_t time = 0;
    if (s.begun && wtr_json_int(r->json, started, &time) && time > 0) {
        wtr_say_text(r->say, WTR_FIELD_STARTED, wtr_json_raw(r->json, started));
        wtr_say_raw_json(r->say, "timer_started", r->json, started);
    }
    wtr_shelly_end(&s);
}

void wtr_shelly_read_gen1_relay(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref relay)
{
    struct wtr_shelly_channel channel = wtr_shelly_channel("relay", number);
    wtr_json_ref ison = wtr_json_get(r->json, relay, "ison");
    bool on = false;
    if (wtr_shelly_truth(r, ison, &on)) {
        struct wtr_shelly_sentence s = {.reading = r,
                                        .kind = WTR_KIND_POWER_STATE,
                                        .channel = wtr_shelly_channel_text(&channel),
                                        .outlet = number + 1};
        wtr_shelly_begin(&s);
        wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
        wtr_say_raw_json(r->say, "ison", r->json, ison);
        wtr_shelly_add_text(&s, relay, "source", WTR_FIELD_SOURCE_WORD);
        wtr_json_ref overpower = wtr_json_get(r->json, relay, "overpower");
        if (wtr_json_is(r->json, overpower, WTR_JSON_TRUE))
            wtr_say_raw_json(r->say, "overpower", r->json, overpower);
        wtr_shelly_end(&s);
    }
    read_timer(r, &channel, number, relay);
}

static void say_power(const struct wtr_shelly_sentence *of, wtr_json_ref meter, const char *name, bool past)
{
    struct wtr_shelly_sentence s = *of;
    struct wtr_shelly_reading *r = s.reading;
    wtr_json_ref value = wtr_json_get(r->json, meter, name);
    int64_t micro = 0;
    s.kind = WTR_KIND_POWER_READING;
    if (!wtr_shelly_number(r, value, 0, -WTR_SHELLY_MOST_WATTS, WTR_SHELLY_MOST_WATTS, &micro) ||
        (past && micro == 0))
        return;
    wtr_shelly_begin(&s);
    wtr_say_micro(r->say, WTR_FIELD_POWER_W, micro);
    if (past)
        wtr_say_past(r->say);
    wtr_say_raw_json(r->say, name, r->json, value);
    wtr_shelly_end(&s);
}

static void say_energy(const struct wtr_shelly_sentence *of, const char *scope, const char *name,
                       wtr_json_ref value)
{
    struct wtr_shelly_sentence s = *of;
    struct wtr_shelly_reading *r = s.reading;
    int64_t micro = 0;
    s.kind = WTR_KIND_ENERGY_COUNTER;
    if (!wtr_shelly_number(r, value, 0, 0, WTR_SHELLY_MOST_WATT_HOURS, &micro))
        return;
    wtr_shelly_add_watt_minutes(&s, scope, micro);
    wtr_say_raw_json(r->say, name, r->json, value);
    wtr_shelly_end(&s);
}

static void read_meter(struct wtr_shelly_reading *r, const struct wtr_shelly_sentence *of, wtr_json_ref meter)
{
    bool valid = true;
    (void)wtr_shelly_truth(r, wtr_json_get(r->json, meter, "is_valid"), &valid);
    wtr_json_ref total = wtr_json_get(r->json, meter, "total");
    if (!valid || total < 0)
        return;
    say_power(of, meter, "power", false);
    if (wtr_json_is(r->json, wtr_json_get(r->json, meter, "overpower"), WTR_JSON_NUMBER))
        say_power(of, meter, "overpower", true);
    say_energy(of, WTR_SHELLY_GEN1_SCOPE, "total", total);
    wtr_json_ref counters = wtr_json_get(r->json, meter, "counters");
    bool array = wtr_json_is(r->json, counters, WTR_JSON_ARRAY);
    wtr_json_ref counter = array ? wtr_json_first(r->json, counters) : -1;
    for (unsigned i = 0; i < MAX_COUNTERS && counter >= 0; i++) {
        say_energy(of, "minute", "counters", counter);
        counter = wtr_json_next(r->json, counters, counter);
    }
}

void wtr_shelly_read_gen1_meter(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref meter)
{
    struct wtr_shelly_channel channel = wtr_shelly_channel("relay", number);
    struct wtr_shelly_sentence of = {
        .reading = r, .channel = wtr_shelly_channel_text(&channel), .outlet = number + 1};
    read_meter(r, &of, meter);
}

static void read_input(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref input)
{
    struct wtr_shelly_channel name = wtr_shelly_channel("input", number);
    wtr_json_ref value = wtr_json_get(r->json, input, "input");
    int64_t on = 0;
    if (wtr_json_int(r->json, value, &on) && (on == 0 || on == 1)) {
        struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_SWITCH_INPUT};
        wtr_shelly_begin(&s);
        wtr_say_text(r->say, WTR_FIELD_INPUT, wtr_shelly_channel_text(&name));
        wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
        wtr_say_raw_json(r->say, "input", r->json, value);
        wtr_shelly_end(&s);
    }
    struct wtr_shelly_sentence push = {.reading = r, .kind = WTR_KIND_SWITCH_INPUT};
    wtr_shelly_add_push(&push, input);
    if (push.begun) {
        wtr_say_text(r->say, WTR_FIELD_INPUT, wtr_shelly_channel_text(&name));
        wtr_say_past(r->say);
    }
    wtr_shelly_end(&push);
}

/* The elements of an array member, as far as they are objects; returns how many there are, at most. */
static unsigned list(struct wtr_shelly_reading *r, wtr_json_ref status, const char *name,
                     wtr_json_ref elements[MAX_CHANNELS])
{
    wtr_json_ref array = wtr_json_get(r->json, status, name);
    unsigned count = 0;
    if (array >= 0 && !wtr_json_is(r->json, array, WTR_JSON_ARRAY)) {
        wtr_shelly_finding(r, array, "the value is no list");
        return 0;
    }
    wtr_json_ref element = array >= 0 ? wtr_json_first(r->json, array) : -1;
    for (; element >= 0 && count < MAX_CHANNELS; element = wtr_json_next(r->json, array, element))
        elements[count++] = element;
    return count;
}

static void read_identity(struct wtr_shelly_reading *r, wtr_json_ref status)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_shelly_add_own_mac(&s, status, "mac");
    wtr_json_ref update = wtr_json_get(r->json, status, "update");
    wtr_shelly_add_text(&s, update, "old_version", WTR_FIELD_FIRMWARE);
    wtr_shelly_end(&s);
}

void wtr_shelly_read_gen1_status(struct wtr_shelly_reading *r, wtr_json_ref status)
{
    wtr_json_ref relays[MAX_CHANNELS];
    wtr_json_ref others[MAX_CHANNELS];
    if (!wtr_shelly_is_small(r, status))
        return;
    read_identity(r, status);
    wtr_shelly_read_clock(r, status);
    wtr_shelly_read_wifi(r, wtr_json_get(r->json, status, "wifi_sta"));
    unsigned relay_count = list(r, status, "relays", relays);
    for (unsigned i = 0; i < relay_count; i++)
        wtr_shelly_read_gen1_relay(r, i, relays[i]);
    unsigned meter_count = list(r, status, "meters", others);
    for (unsigned i = 0; i < meter_count; i++) {
        struct wtr_shelly_channel channel = wtr_shelly_channel("relay", i);
        struct wtr_shelly_sentence of = {.reading = r};
        if (meter_count == relay_count) {
            of.channel = wtr_shelly_channel_text(&channel);
            of.outlet = i + 1;
        }
        read_meter(r, &of, others[i]);
    }
    unsigned input_count = list(r, status, "inputs", others);
    for (unsigned i = 0; i < input_count; i++)
        read_input(r, i, others[i]);
}
