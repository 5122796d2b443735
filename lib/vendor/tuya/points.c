/* SPDX-License-Identifier: Apache-2.0 */
/* Data points to statements. Each stands under its number with the value as it was sent; it is a switch's
 * state or a meter's reading only where learnt.c says so. The names that data points commonly have are those
 * of the tables in tinytuya's README.md ("Tuya Data Points", plugs and switches); what stands there for one
 * product is not known for this one, and the statement says "commonly". Energy (17) is left as it stands: its
 * unit differs, and devices set it back once they have reported it (make-all/tuya-local #336). */
#include "vendor/tuya/reading.h"

/* What a data point is commonly used for, by the type of its value. */
enum shape { BOOLEAN, INTEGER, OTHER };

static const struct use {
    int64_t first, last;
    enum shape shape;
    const char *name;
} uses[] = {
    {1, 8, BOOLEAN, "switch"},
    {9, 16, INTEGER, "countdown"},
    {17, 17, INTEGER, "added energy"},
    {18, 18, INTEGER, "current"},
    {19, 19, INTEGER, "power"},
    {20, 20, INTEGER, "voltage"},
    {21, 21, INTEGER, "test"},
    {22, 25, INTEGER, "calibration coefficient"},
    {26, 26, INTEGER, "fault"},
    {38, 38, OTHER, "power-on state"},
    {39, 39, BOOLEAN, "overcharge protection"},
    {40, 40, OTHER, "indicator light"},
    {41, 41, BOOLEAN, "child lock"},
};

static enum shape shape_of(const struct wtr_json *json, wtr_json_ref value)
{
    int64_t number;
    if (wtr_json_is(json, value, WTR_JSON_TRUE) || wtr_json_is(json, value, WTR_JSON_FALSE))
        return BOOLEAN;
    return wtr_json_is(json, value, WTR_JSON_NUMBER) && wtr_json_int(json, value, &number) ? INTEGER : OTHER;
}

static const char *use_of(const struct wtr_json *json, int64_t point, wtr_json_ref value)
{
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (point >= uses[i].first && point <= uses[i].last && shape_of(json, value) == uses[i].shape)
            return uses[i].name;
    return NULL;
}

/* A data point: its number, name and value. */
struct point {
    int64_t number;
    wtr_json_ref name, value;
};

static struct wtr_text name_of(const struct wtr_tuya_reading_of *r, const struct point *p)
{
    return wtr_json_raw(r->json, p->name);
}

static void begin(struct wtr_tuya_reading_of *r, enum wtr_kind kind)
{
    wtr_say_begin(r->say, kind, r->device);
    if (r->manner == WTR_TUYA_POLLED)
        wtr_say_polled(r->say);
}

/* The push's running number, and with its first value how many are missing before it. */
static void add_serial(struct wtr_tuya_reading_of *r)
{
    if (r->manner != WTR_TUYA_PUSHED || !r->packet->has_source)
        return;
    wtr_say_int(r->say, WTR_FIELD_SERIAL_N, r->packet->source_sequence);
    if (r->missed > 0)
        wtr_say_int(r->say, WTR_FIELD_MISSED, r->missed);
    r->missed = 0;
}

static void add_raw(struct wtr_tuya_reading_of *r, const struct point *p)
{
    char name[8] = {0};
    struct wtr_text text = name_of(r, p);
    if (text.length > 0)
        memcpy(name, text.data, text.length < sizeof name ? text.length : sizeof name - 1);
    wtr_say_raw_json(r->say, name, r->json, p->value);
}

static void add_property(struct wtr_tuya_reading_of *r, const struct point *p)
{
    const char *use = use_of(r->json, p->number, p->value);
    wtr_say_text(r->say, WTR_FIELD_PROPERTY, name_of(r, p));
    if (use)
        wtr_say_text(r->say, WTR_FIELD_PROPERTY_USE, wtr_text_z(use));
}

static void say_switch(struct wtr_tuya_reading_of *r, const struct point *p)
{
    bool asked = r->manner == WTR_TUYA_ASKED;
    bool on = wtr_json_is(r->json, p->value, WTR_JSON_TRUE);
    begin(r, asked ? WTR_KIND_POWER_COMMAND : WTR_KIND_POWER_STATE);
    if (asked)
        wtr_say_trigger(r->say, WTR_TRIGGER_LAN, WTR_BASIS_NONE);
    wtr_say_channel(r->say, name_of(r, p), 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    add_property(r, p);
    add_raw(r, p);
    wtr_say_end(r->say);
}

static void say_value(struct wtr_tuya_reading_of *r, const struct point *p)
{
    bool asked = r->manner == WTR_TUYA_ASKED;
    begin(r, asked ? WTR_KIND_DEVICE_CONFIG : WTR_KIND_DEVICE_VALUE);
    add_property(r, p);
    wtr_say_text(r->say, WTR_FIELD_VALUE, wtr_json_raw(r->json, p->value));
    add_serial(r);
    add_raw(r, p);
    wtr_say_end(r->say);
}

/* ---- meters */

static const struct point *find(const struct point *points, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (points[i].number == number)
            return &points[i];
    return NULL;
}

/* One of a meter's three values. */
struct measure {
    enum wtr_field field;
    int64_t point;
    int64_t unit_micro; /* one of the device's units, in millionths */
    int64_t most;
    const struct point *found;
    int64_t number;
};

static void take_measure(struct wtr_tuya_reading_of *r, struct measure *m, const struct point *points,
                         size_t count)
{
    m->found = find(points, count, m->point);
    if (!m->found)
        return;
    bool fits = wtr_json_is(r->json, m->found->value, WTR_JSON_NUMBER) &&
                wtr_json_int(r->json, m->found->value, &m->number) && m->number >= 0 && m->number <= m->most;
    if (!fits)
        m->found = NULL;
}

/* More power than voltage and current can carry, by more than a meter's error: then the scale is not the
 * usual one. In units of a ten-thousandth of a watt: mA by tenths of a volt. */
static bool is_too_much(const struct measure *current, const struct measure *power,
                        const struct measure *voltage)
{
    const int64_t tolerance = 50000; /* 5 W */
    if (!current->found || !power->found || !voltage->found)
        return false;
    return power->number * 1000 > current->number * voltage->number * 12 / 10 + tolerance;
}

static void say_reading(struct wtr_tuya_reading_of *r, struct measure measures[3])
{
    begin(r, WTR_KIND_POWER_READING);
    for (size_t i = 0; i < 3; i++) {
        if (!measures[i].found)
            continue;
        wtr_say_micro(r->say, measures[i].field, measures[i].number * measures[i].unit_micro);
        add_raw(r, measures[i].found);
    }
    wtr_say_end(r->say);
}

static void read_meter(struct wtr_tuya_reading_of *r, const struct wtr_tuya_meter *meter,
                       const struct point *points, size_t count)
{
    struct measure measures[3] = {
        {WTR_FIELD_POWER_W, meter->power_dp, 100000, 50000, NULL, 0},
        {WTR_FIELD_VOLTAGE_V, meter->voltage_dp, 100000, 5000, NULL, 0},
        {WTR_FIELD_CURRENT_A, meter->current_dp, 1000, 100000, NULL, 0},
    };
    for (size_t i = 0; i < 3; i++)
        take_measure(r, &measures[i], points, count);
    if (is_too_much(&measures[2], &measures[0], &measures[1]))
        measures[0].found = NULL;
    if (measures[0].found || measures[1].found || measures[2].found)
        say_reading(r, measures);
}

/* ---- all data points of a message */

enum { MAX_POINTS = 128 };

static size_t list_points(const struct wtr_tuya_reading_of *r, wtr_json_ref dps, struct point *points)
{
    size_t count = 0;
    wtr_json_ref at = wtr_json_first(r->json, dps);
    while (at >= 0 && count < MAX_POINTS) {
        int64_t number = wtr_tuya_point(r->json, at);
        if (number > 0 && !wtr_json_is(r->json, at + 1, WTR_JSON_NULL)) /* a null asks */
            points[count++] = (struct point){number, at, at + 1};
        at = wtr_json_next(r->json, dps, at + 1);
    }
    return count;
}

static bool is_switch(const struct wtr_tuya_reading_of *r, const struct wtr_tuya_device *device,
                      const struct point *p)
{
    return p->number <= WTR_TUYA_SWITCHES && device->switches & 1U << p->number &&
           shape_of(r->json, p->value) == BOOLEAN;
}

/* The answer to a query for all data points, not to one for some. */
static bool is_whole(const struct wtr_tuya_reading_of *r)
{
    return r->manner == WTR_TUYA_POLLED && r->packet->command != WTR_TUYA_UPDATE_DPS;
}

void wtr_tuya_read_points(struct wtr_tuya_reading_of *r, wtr_json_ref dps)
{
    struct point points[MAX_POINTS];
    size_t count = list_points(r, dps, points);
    struct wtr_tuya_device *known = wtr_tuya_learnt_device(r->learnt, r->device);
    if (!known)
        return;
    if (r->manner == WTR_TUYA_ASKED)
        wtr_tuya_learn_command(known, r->json, dps);
    else
        wtr_tuya_learn_points(known, r->json, dps, is_whole(r));
    const struct wtr_tuya_device device = *known;
    if (device.meter && r->manner != WTR_TUYA_ASKED)
        read_meter(r, device.meter, points, count);
    for (size_t i = 0; i < count; i++) {
        bool switches = is_switch(r, &device, &points[i]);
        if (switches)
            say_switch(r, &points[i]);
        if (!switches || r->manner != WTR_TUYA_ASKED)
            say_value(r, &points[i]);
    }
}

/* ---- the clock */

/* The second in which the message was made, by the device's clock; it says no fraction. */
void wtr_tuya_read_clock(struct wtr_tuya_reading_of *r, wtr_json_ref t)
{
    const int64_t least = 1000000000, most = 4102444800; /* 2001 to 2100: a clock that was set */
    int64_t seconds;
    if (!wtr_json_is(r->json, t, WTR_JSON_NUMBER) || !wtr_json_int(r->json, t, &seconds))
        return;
    bool set = seconds >= least && seconds <= most;
    wtr_say_begin(r->say, WTR_KIND_CLOCK_READING, r->device);
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, wtr_json_raw(r->json, t));
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, set ? WTR_TEXT("utc") : WTR_TEXT("unset"));
    if (set)
        wtr_say_micro(r->say, WTR_FIELD_OFFSET_S, seconds * 1000000 - wtr_say_time_ns(r->say) / 1000);
    wtr_say_raw_json(r->say, "t", r->json, t);
    wtr_say_end(r->say);
}
