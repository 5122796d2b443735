/* SPDX-License-Identifier: Apache-2.0 */
/* An Edimax plug's clock: Device.System.Time is YYYYMMDDhhmmss in local time; beside it stand the number of
 * the zone in a list of Edimax's own and whether daylight saving is on, of which no description is public.
 * Its HTTP Date is local time as well, though it says GMT: a captured SP-2101W has both at 12:59:42 when it
 * is 10:59:56 UTC [V].
 *
 * So how far the clock is off is known but for the zone. Every zone in use is a multiple of a quarter of an
 * hour from UTC (IANA time zone database): the offset is given as the remainder nearest to zero, with what
 * it is known up to. */
#include "vendor/edimax/smartplug.h"

enum { QUARTER_S = 900 };
#define QUARTER_MICRO (INT64_C(1000000) * QUARTER_S)

static bool part(struct wtr_text text, size_t at, size_t count, int64_t *value)
{
    return text.data[at] != '-' && text.data[at] != '+' &&
           wtr_decimal_int(wtr_text_of(text.data + at, count), value);
}

/* The seconds that an hour's quarters leave. */
static bool within_quarter(struct wtr_text time, int64_t *seconds)
{
    int64_t year, month, day, hour, minute, second;
    if (time.length != 14 || !part(time, 0, 4, &year) || !part(time, 4, 2, &month) ||
        !part(time, 6, 2, &day) || !part(time, 8, 2, &hour) || !part(time, 10, 2, &minute) ||
        !part(time, 12, 2, &second))
        return false;
    *seconds = minute % 15 * 60 + second;
    return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 &&
           second < 60;
}

void wtr_edimax_read_clock(struct wtr_edimax_reading *r)
{
    struct wtr_text time = wtr_xml_raw(r->xml, wtr_xml_find(r->xml, "Device.System.Time"));
    struct wtr_text zone = wtr_xml_raw(r->xml, wtr_xml_find(r->xml, "Device.System.TimeZone.Zone"));
    int64_t seconds = 0;
    if (time.length == 0)
        return;
    if (!within_quarter(time, &seconds)) {
        wtr_say_finding(r->say, time, "the time is not of the form YYYYMMDDhhmmss");
        return;
    }
    int64_t captured = wtr_divide_half_even(wtr_say_time_ns(r->say), 1000) % QUARTER_MICRO;
    int64_t offset = seconds * 1000000 - captured;
    if (offset > QUARTER_MICRO / 2)
        offset -= QUARTER_MICRO;
    if (offset <= -QUARTER_MICRO / 2)
        offset += QUARTER_MICRO;
    wtr_say_begin(r->say, WTR_KIND_CLOCK_READING, r->device);
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, time);
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, WTR_TEXT("local_no_zone"));
    wtr_say_micro(r->say, WTR_FIELD_OFFSET_S, offset);
    wtr_say_int(r->say, WTR_FIELD_OFFSET_MODULO_S, QUARTER_S);
    wtr_say_raw(r->say, WTR_TEXT("Device.System.Time"), time);
    if (zone.length > 0) {
        wtr_say_text(r->say, WTR_FIELD_TIMEZONE, zone);
        wtr_say_raw(r->say, WTR_TEXT("Device.System.TimeZone.Zone"), zone);
    }
    wtr_say_end(r->say);
}
