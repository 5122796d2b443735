/* SPDX-License-Identifier: Apache-2.0 */
/* An Edimax plug's schedules: Device.System.Power.Schedule.<n>, n = 0 for Sunday to 6 for Saturday, 360
 * hexadecimal digits, a bit for each minute of the local day in which the relay is to be on, the attribute
 * `value` ON where the day's schedule is in force (wendlers/ediplug-py SCHEDFORMAT.md) [S]. */
#include "vendor/edimax/smartplug.h"

enum { MINUTES = 1440, DIGITS = MINUTES / 4 };

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_schedule(struct wtr_text digits)
{
    for (size_t i = 0; i < digits.length; i++)
        if (digit_of(digits.data[i]) < 0)
            return false;
    return digits.length == DIGITS;
}

static bool is_on(struct wtr_text digits, unsigned minute)
{
    return minute < MINUTES && digit_of(digits.data[minute / 4]) >> (3 - minute % 4) & 1;
}

static void put_time(struct wtr_buffer *out, unsigned minute)
{
    wtr_put_char(out, (char)('0' + minute / 600));
    wtr_put_char(out, (char)('0' + minute / 60 % 10));
    wtr_put_char(out, ':');
    wtr_put_char(out, (char)('0' + minute % 60 / 10));
    wtr_put_char(out, (char)('0' + minute % 10));
}

/* "00:00-00:05 10:16-11:56": from the first minute that is on to the one that is off again. */
static void put_ranges(struct wtr_buffer *out, struct wtr_text digits)
{
    for (unsigned minute = 0; minute < MINUTES; minute++) {
        if (!is_on(digits, minute))
            continue;
        if (out->length > 0)
            wtr_put_char(out, ' ');
        put_time(out, minute);
        wtr_put_char(out, '-');
        while (is_on(digits, minute))
            minute++;
        put_time(out, minute);
    }
}

static void say_schedule(struct wtr_edimax_reading *r, wtr_xml_ref at, struct wtr_text day)
{
    struct wtr_text digits = wtr_xml_raw(r->xml, at);
    struct wtr_text value = wtr_xml_attribute(r->xml, at, "value");
    struct wtr_buffer *ranges = wtr_say_scratch(r->say);
    if (!is_schedule(digits)) {
        wtr_say_finding(r->say, digits, "the schedule is not 360 hexadecimal digits");
        return;
    }
    wtr_buffer_clear(ranges);
    put_ranges(ranges, digits);
    wtr_say_begin(r->say, WTR_KIND_SCHEDULE_RULE, r->device);
    wtr_say_text(r->say, WTR_FIELD_DAYS, day);
    if (wtr_text_is(value, "ON") || wtr_text_is(value, "OFF")) {
        wtr_say_bool(r->say, WTR_FIELD_ENABLED, wtr_text_is(value, "ON"));
        wtr_say_raw(r->say, WTR_TEXT("value"), value);
    }
    wtr_say_text(r->say, WTR_FIELD_AT, wtr_buffer_text(ranges));
    wtr_say_raw(r->say, wtr_xml_name(r->xml, at), digits);
    wtr_say_end(r->say);
}

void wtr_edimax_read_schedules(struct wtr_edimax_reading *r)
{
    static const char prefix[] = "Device.System.Power.Schedule.";
    wtr_xml_ref list = wtr_xml_find(r->xml, "SCHEDULE");
    for (wtr_xml_ref i = wtr_xml_first(r->xml, list); i >= 0; i = wtr_xml_next(r->xml, i)) {
        struct wtr_text name = wtr_xml_name(r->xml, i);
        bool whole = name.length == sizeof prefix && wtr_text_starts(name, prefix);
        bool is_day = whole && name.data[name.length - 1] >= '0' && name.data[name.length - 1] <= '6';
        if (is_day && wtr_xml_raw(r->xml, i).length > 0)
            say_schedule(r, i, wtr_text_of(name.data + name.length - 1, 1));
    }
}
