/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a CoIoT report: {"G": [[0, 1101, 1], [0, 4101, 57.31], …]}, each a reserved 0, the property's
 * number and its value (Shelly API reference for Gen1, "CoIoT device status") [S]. What they stand for:
 *
 *   - output 0 or 1; power in W; energy in watt-minutes, which begins anew at each start (of the energy
 *     meters: in Wh); overpower and overtemp are alarms, 0 or 1; overpowerValue is the power at which the
 * last cut-off was made, 0 if none was.
 *   - input 0 or 1, in version 1 also 2, a long push; inputEvent is the last push and stays in every report:
 *     inputEventCnt tells whether it is a new one. The first that is seen may be an old one.
 *   - cfgChanged grows with each change of the settings.
 *
 * A property that stands twice is not believed. */
#include "vendor/shelly/coiot.h"

enum { MAX_VALUES = 96 };

struct value {
    struct wtr_coiot_sense sense;
    wtr_json_ref at;
    bool done;
};

struct values {
    struct wtr_coiot_report *report;
    struct value list[MAX_VALUES];
    size_t count;
};

static const struct wtr_json *json_of(const struct values *v)
{
    return v->report->reading->json;
}

static struct wtr_say *say_of(const struct values *v)
{
    return v->report->reading->say;
}

/* ---- reading the list */

/* The number and value of one element; false if it has another form. */
static bool take_element(const struct wtr_json *json, wtr_json_ref element, int64_t *channel, int64_t *number,
                         wtr_json_ref *value)
{
    if (!wtr_json_is(json, element, WTR_JSON_ARRAY))
        return false;
    wtr_json_ref first = wtr_json_first(json, element);
    wtr_json_ref second = first >= 0 ? wtr_json_next(json, element, first) : -1;
    *value = second >= 0 ? wtr_json_next(json, element, second) : -1;
    return *value >= 0 && wtr_json_next(json, element, *value) < 0 && wtr_json_int(json, first, channel) &&
           wtr_json_int(json, second, number) && *number >= 0 && *number <= UINT32_MAX;
}

static void add_value(struct values *v, uint32_t number, wtr_json_ref at)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->list[i].sense.id != number)
            continue;
        if (v->list[i].at >= 0)
            wtr_shelly_finding(v->report->reading, at, "a property stands twice in the report");
        v->list[i].at = -1;
        return;
    }
    v->list[v->count++] = (struct value){
        .sense = wtr_coiot_sense_of(v->report->device, &v->report->id, number),
        .at = at,
    };
}

static void read_list(struct values *v)
{
    const struct wtr_json *json = json_of(v);
    struct wtr_shelly_reading *r = v->report->reading;
    wtr_json_ref list = wtr_json_get(json, 0, "G");
    if (!wtr_json_is(json, list, WTR_JSON_ARRAY)) {
        wtr_shelly_finding(r, list, "the report's values are no list");
        return;
    }
    wtr_json_ref i = wtr_json_first(json, list);
    for (; i >= 0 && v->count < MAX_VALUES; i = wtr_json_next(json, list, i)) {
        int64_t channel = 0;
        int64_t number = 0;
        wtr_json_ref value = -1;
        if (!take_element(json, i, &channel, &number, &value))
            wtr_shelly_finding(r, i, "the value is not one of channel, number and value");
        else if (channel == 0) /* others are reserved */
            add_value(v, (uint32_t)number, value);
    }
    if (i >= 0)
        wtr_shelly_finding(r, list, "the report has too many values");
}

/* ---- statements */

static bool is_invalid(const struct values *v, const struct value *value)
{
    const struct wtr_coiot_sense *sense = &value->sense;
    struct wtr_text raw = wtr_json_raw(json_of(v), value->at);
    return sense->invalid_length > 0 &&
           wtr_text_equal(raw, (struct wtr_text){sense->invalid, sense->invalid_length});
}

/* A statement about the place that the value belongs to. */
static struct wtr_shelly_sentence about(const struct values *v, const struct value *value, enum wtr_kind kind,
                                        struct wtr_shelly_channel *room)
{
    struct wtr_shelly_sentence s = {.reading = v->report->reading, .kind = kind};
    if (value->sense.place == WTR_COIOT_DEVICE)
        return s;
    *room =
        wtr_shelly_channel(value->sense.place == WTR_COIOT_RELAY ? "relay" : "emeter", value->sense.number);
    s.channel = wtr_shelly_channel_text(room);
    s.outlet = value->sense.number + 1u;
    return s;
}

/* The value as it stands, under its number. */
static void add_raw(const struct values *v, const struct value *value)
{
    char digits[12];
    size_t n = sizeof digits;
    uint32_t number = value->sense.id;
    digits[--n] = '\0';
    do {
        digits[--n] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    wtr_say_raw_json(say_of(v), digits + n, json_of(v), value->at);
}

static void end(const struct values *v, struct wtr_shelly_sentence *s)
{
    const struct wtr_coiot_report *report = v->report;
    if (s->begun && report->has_serial)
        wtr_say_int(say_of(v), WTR_FIELD_SERIAL_N, report->serial);
    if (s->begun && report->missed > 0)
        wtr_say_int(say_of(v), WTR_FIELD_MISSED, report->missed);
    wtr_shelly_end(s);
}

/* 0 or 1; false, with a finding, for anything else. */
static bool take_switch(const struct values *v, const struct value *value, int64_t most, int64_t *number)
{
    if (wtr_json_int(json_of(v), value->at, number) && *number >= 0 && *number <= most)
        return true;
    wtr_shelly_finding(v->report->reading, value->at, "the value is not one that this property has");
    return false;
}

/* The place's value of this meaning; NULL if the report has none. */
static const struct value *beside(const struct values *v, const struct value *of,
                                  enum wtr_coiot_meaning meaning)
{
    for (size_t i = 0; i < v->count; i++) {
        const struct value *other = &v->list[i];
        if (other->at >= 0 && other->sense.meaning == meaning && other->sense.place == of->sense.place &&
            other->sense.number == of->sense.number)
            return other;
    }
    return NULL;
}

/* Off while the alarm stands: the device cut off. */
static void add_overpower(const struct values *v, const struct value *output)
{
    const struct value *alarm = beside(v, output, WTR_COIOT_OVERPOWER);
    int64_t over = 0;
    if (!alarm || !wtr_json_int(json_of(v), alarm->at, &over) || over != 1)
        return;
    add_raw(v, alarm);
    wtr_say_trigger(say_of(v), WTR_TRIGGER_OVERLOAD, WTR_BASIS_DEVICE_WORD);
}

static void say_output(const struct values *v, const struct value *value)
{
    struct wtr_shelly_channel room;
    struct wtr_shelly_sentence s = about(v, value, WTR_KIND_POWER_STATE, &room);
    int64_t on = 0;
    if (!take_switch(v, value, 1, &on))
        return;
    wtr_shelly_begin(&s);
    wtr_say_text(say_of(v), WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    add_raw(v, value);
    if (!on)
        add_overpower(v, value);
    if (v->report->validity_ms > 0)
        wtr_say_micro(say_of(v), WTR_FIELD_VALID_S, (int64_t)v->report->validity_ms * 1000);
    end(v, &s);
}

struct quantity {
    enum wtr_coiot_meaning meaning;
    enum wtr_field field;
    int64_t least, most;
};

/* What a meter measures at one place is one reading. */
static void say_reading(struct values *v, const struct value *value)
{
    static const struct quantity quantities[] = {
        {WTR_COIOT_POWER, WTR_FIELD_POWER_W, -WTR_SHELLY_MOST_WATTS, WTR_SHELLY_MOST_WATTS},
        {WTR_COIOT_VOLTAGE, WTR_FIELD_VOLTAGE_V, 0, WTR_SHELLY_UNITS(1000)},
        {WTR_COIOT_CURRENT, WTR_FIELD_CURRENT_A, 0, WTR_SHELLY_UNITS(1000)},
        {WTR_COIOT_POWER_FACTOR, WTR_FIELD_POWER_FACTOR, -WTR_SHELLY_UNITS(1), WTR_SHELLY_UNITS(1)},
    };
    struct wtr_shelly_channel room;
    struct wtr_shelly_sentence s = about(v, value, WTR_KIND_POWER_READING, &room);
    struct value first = *value;
    for (size_t q = 0; q < sizeof quantities / sizeof *quantities; q++) {
        for (size_t i = 0; i < v->count; i++) {
            struct value *other = &v->list[i];
            int64_t micro = 0;
            if (other->done || other->at < 0 || other->sense.meaning != quantities[q].meaning ||
                other->sense.place != first.sense.place || other->sense.number != first.sense.number)
                continue;
            other->done = true;
            if (is_invalid(v, other) ||
                !wtr_shelly_number(s.reading, other->at, 0, quantities[q].least, quantities[q].most, &micro))
                continue;
            wtr_shelly_begin(&s);
            wtr_say_micro(say_of(v), quantities[q].field, micro);
            add_raw(v, other);
        }
    }
    end(v, &s);
}

static void say_overpower_value(const struct values *v, const struct value *value)
{
    struct wtr_shelly_channel room;
    struct wtr_shelly_sentence s = about(v, value, WTR_KIND_POWER_READING, &room);
    int64_t micro = 0;
    if (!wtr_shelly_number(s.reading, value->at, 0, 0, WTR_SHELLY_MOST_WATTS, &micro) || micro == 0)
        return;
    wtr_shelly_begin(&s);
    wtr_say_micro(say_of(v), WTR_FIELD_POWER_W, micro);
    wtr_say_past(say_of(v));
    add_raw(v, value);
    end(v, &s);
}

static void say_energy(const struct values *v, const struct value *value)
{
    struct wtr_shelly_channel room;
    struct wtr_shelly_sentence s = about(v, value, WTR_KIND_ENERGY_COUNTER, &room);
    int64_t micro = 0;
    if (!wtr_shelly_number(s.reading, value->at, 0, 0, WTR_SHELLY_MOST_WATT_HOURS, &micro))
        return;
    if (value->sense.watt_minutes) {
        wtr_shelly_add_watt_minutes(&s, WTR_SHELLY_GEN1_SCOPE, micro);
    } else {
        wtr_shelly_begin(&s);
        wtr_say_micro(say_of(v), WTR_FIELD_ENERGY_WH, micro);
        wtr_say_text(say_of(v), WTR_FIELD_SCOPE, WTR_TEXT("total"));
    }
    if (value->sense.meaning == WTR_COIOT_ENERGY_RETURNED)
        wtr_say_text(say_of(v), WTR_FIELD_DIRECTION, WTR_TEXT("export"));
    add_raw(v, value);
    end(v, &s);
}

/* ---- inputs */

static void begin_input(const struct values *v, const struct value *value, struct wtr_shelly_sentence *s)
{
    struct wtr_shelly_channel name = wtr_shelly_channel("input", value->sense.number);
    *s = (struct wtr_shelly_sentence){.reading = v->report->reading, .kind = WTR_KIND_SWITCH_INPUT};
    wtr_shelly_begin(s);
    wtr_say_text(say_of(v), WTR_FIELD_INPUT, wtr_shelly_channel_text(&name));
}

static void say_input(const struct values *v, const struct value *value)
{
    struct wtr_shelly_sentence s;
    int64_t position = 0;
    bool first_version = wtr_text_is(v->report->id.version, "1");
    if (!take_switch(v, value, first_version ? 2 : 1, &position))
        return;
    begin_input(v, value, &s);
    if (position == 2)
        wtr_say_text(say_of(v), WTR_FIELD_ACTION, WTR_TEXT("long_push"));
    else
        wtr_say_text(say_of(v), WTR_FIELD_STATE, position ? WTR_TEXT("on") : WTR_TEXT("off"));
    add_raw(v, value);
    end(v, &s);
}

static struct wtr_text push_word(struct wtr_text event)
{
    static const char *const words[][2] = {
        {"S", "single_push"},   {"L", "long_push"},        {"SS", "double_push"},
        {"SSS", "triple_push"}, {"SL", "short_long_push"}, {"LS", "long_short_push"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (wtr_text_is(event, words[i][0]))
            return wtr_text_z(words[i][1]);
    return event;
}

/* A push, if the counter beside it says that it is a new one. */
static void say_input_event(const struct values *v, const struct value *value)
{
    struct wtr_coiot_device *device = v->report->device;
    const struct value *counter = beside(v, value, WTR_COIOT_INPUT_COUNT);
    struct wtr_shelly_sentence s;
    int64_t count = 0;
    bool counted = counter && wtr_json_int(json_of(v), counter->at, &count) && count >= 0;
    struct wtr_text event = wtr_json_string(json_of(v), value->at, wtr_say_scratch(say_of(v)));
    if (!counted || value->sense.number >= WTR_COIOT_INPUTS)
        return;
    int64_t last = device->inputs[value->sense.number];
    device->inputs[value->sense.number] = count;
    if (event.length == 0 || count == last)
        return;
    struct wtr_text word = push_word(event);
    begin_input(v, value, &s);
    wtr_say_text(say_of(v), WTR_FIELD_ACTION, word);
    wtr_say_int(say_of(v), WTR_FIELD_COUNT_N, count);
    if (last < 0)
        wtr_say_past(say_of(v));
    add_raw(v, value);
    add_raw(v, counter);
    end(v, &s);
}

/* ---- the rest */

static void say_config(const struct values *v, const struct value *value)
{
    struct wtr_coiot_device *device = v->report->device;
    struct wtr_shelly_sentence s = {.reading = v->report->reading, .kind = WTR_KIND_DEVICE_CONFIG};
    int64_t count = 0;
    if (!take_switch(v, value, UINT16_MAX, &count))
        return;
    int64_t last = device->config;
    device->config = count;
    if (last < 0 || last == count)
        return;
    wtr_shelly_begin(&s);
    wtr_say_text(say_of(v), WTR_FIELD_SETTING, WTR_TEXT("cfgChanged"));
    wtr_say_int(say_of(v), WTR_FIELD_COUNT_N, count);
    wtr_say_polled(say_of(v)); /* the device tells of it, and not by whom */
    add_raw(v, value);
    end(v, &s);
}

/* What the device says of itself: a temperature, an alarm, or a number that nothing is known of. */
static void say_value(const struct values *v, const struct value *value, const char *property)
{
    struct wtr_shelly_sentence s = {.reading = v->report->reading, .kind = WTR_KIND_DEVICE_VALUE};
    int64_t micro = 0;
    int64_t alarm = 0;
    if (value->sense.meaning == WTR_COIOT_TEMPERATURE &&
        !wtr_shelly_number(s.reading, value->at, 0, -WTR_SHELLY_UNITS(100), WTR_SHELLY_UNITS(500), &micro))
        return;
    if (value->sense.meaning == WTR_COIOT_OVERTEMPERATURE &&
        (!take_switch(v, value, 1, &alarm) || alarm == 0))
        return;
    wtr_shelly_begin(&s);
    if (property)
        wtr_say_text(say_of(v), WTR_FIELD_PROPERTY, wtr_text_z(property));
    else
        wtr_say_int(say_of(v), WTR_FIELD_PROPERTY, value->sense.id);
    if (value->sense.meaning == WTR_COIOT_TEMPERATURE)
        wtr_say_micro(say_of(v), WTR_FIELD_TEMPERATURE_C, micro);
    else
        wtr_say_text(say_of(v), WTR_FIELD_VALUE, wtr_json_raw(json_of(v), value->at));
    add_raw(v, value);
    end(v, &s);
}

static void say_one(struct values *v, const struct value *value)
{
    switch ((enum wtr_coiot_meaning)value->sense.meaning) {
    case WTR_COIOT_OUTPUT:
        say_output(v, value);
        break;
    case WTR_COIOT_POWER:
    case WTR_COIOT_VOLTAGE:
    case WTR_COIOT_CURRENT:
    case WTR_COIOT_POWER_FACTOR:
        say_reading(v, value);
        break;
    case WTR_COIOT_ENERGY:
    case WTR_COIOT_ENERGY_RETURNED:
        say_energy(v, value);
        break;
    case WTR_COIOT_OVERPOWER_VALUE:
        say_overpower_value(v, value);
        break;
    case WTR_COIOT_TEMPERATURE:
        say_value(v, value, "deviceTemp");
        break;
    case WTR_COIOT_OVERTEMPERATURE:
        say_value(v, value, "overtemp");
        break;
    case WTR_COIOT_INPUT:
        say_input(v, value);
        break;
    case WTR_COIOT_INPUT_EVENT:
        say_input_event(v, value);
        break;
    case WTR_COIOT_CONFIG_COUNT:
        say_config(v, value);
        break;
    case WTR_COIOT_UNKNOWN:
        say_value(v, value, NULL);
        break;
    default:
        break;
    }
}

void wtr_coiot_read_values(struct wtr_coiot_report *report)
{
    struct values v = {.report = report};
    read_list(&v);
    for (size_t i = 0; i < v.count; i++)
        if (v.list[i].at >= 0 && !v.list[i].done && !is_invalid(&v, &v.list[i]))
            say_one(&v, &v.list[i]);
}
