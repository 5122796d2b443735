/* SPDX-License-Identifier: Apache-2.0 */
/* See http_message.h. Targets: RFC 9112 3.2; queries: the usual name=value pairs joined by '&'. */
#include "vendor/http_message.h"

/* How far a body is looked through for a family's marks. */
enum { LOOK = 8192 };

const struct wtr_http *wtr_http_of(const struct wtr_message *message)
{
    return message->protocol == &wtr_http ? message->body : NULL;
}

bool wtr_http_is_success(const struct wtr_http *http)
{
    return http->is_response && http->status >= 200 && http->status <= 299;
}

static struct wtr_text without_host(struct wtr_text target)
{
    if (!wtr_text_starts(target, "http://"))
        return target;
    const char *path = memchr(target.data + 7, '/', target.length - 7);
    return path ? wtr_text_of(path, target.length - (size_t)(path - target.data))
                : (struct wtr_text){target.data, 0};
}

struct wtr_text wtr_http_path(const struct wtr_http *request)
{
    struct wtr_text rest = without_host(request->target);
    return wtr_text_cut(&rest, '?');
}

struct wtr_text wtr_http_parameter(const struct wtr_http *request, const char *name)
{
    struct wtr_text found = {NULL, 0};
    struct wtr_text rest = request->target;
    (void)wtr_text_cut(&rest, '?');
    while (rest.data) {
        struct wtr_text value = wtr_text_cut(&rest, '&');
        struct wtr_text key = wtr_text_cut(&value, '=');
        if (!wtr_text_is(key, name))
            continue;
        if (found.data)
            return (struct wtr_text){NULL, 0};
        found = value.data ? value : wtr_text_of(key.data + key.length, 0);
    }
    return found;
}

bool wtr_http_body_has(const struct wtr_http *http, const char *text)
{
    size_t length = strlen(text);
    size_t end = http->body.length < LOOK ? http->body.length : LOOK;
    for (size_t at = 0; length > 0 && at + length <= end; at++) {
        const char *first = memchr(http->body.data + at, text[0], end - length - at + 1);
        if (!first)
            return false;
        at = (size_t)(first - http->body.data);
        if (memcmp(first, text, length) == 0)
            return true;
    }
    return false;
}

/* The digits at `at`, as a number. */
static bool digits(struct wtr_text text, size_t at, size_t count, int64_t *number)
{
    *number = 0;
    for (size_t i = at; i < at + count; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *number = *number * 10 + (text.data[i] - '0');
    }
    return true;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    static const int64_t before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int64_t y = year - 1;
    int64_t leaps = y / 4 - y / 100 + y / 400 - 477; /* 477 leap days before 1970 */
    return (year - 1970) * 365 + leaps + before[month - 1] + (leap && month > 2) + day - 1;
}

bool wtr_http_date(struct wtr_text date, int64_t *seconds)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t day, year, hour, minute, second;
    if (date.length != 29 || memcmp(date.data + 3, ", ", 2) != 0 || memcmp(date.data + 25, " GMT", 4) != 0)
        return false;
    if (!digits(date, 5, 2, &day) || !digits(date, 12, 4, &year) || !digits(date, 17, 2, &hour) ||
        !digits(date, 20, 2, &minute) || !digits(date, 23, 2, &second))
        return false;
    for (int64_t month = 1; month <= 12; month++) {
        if (memcmp(months + 3 * (month - 1), date.data + 8, 3) != 0)
            continue;
        bool fits = day >= 1 && day <= 31 && year >= 1970 && hour < 24 && minute < 60 && second <= 60;
        *seconds = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
        return fits;
    }
    return false;
}

enum { NEVER_SET_BEFORE = 1262304000 };   /* 2010-01-01 */
#define LATEST_SECOND INT64_C(4102444800) /* 2100-01-01 */

void wtr_say_clock(struct wtr_say *say, wtr_device_ref device, const struct wtr_clock_said *clock)
{
    if (clock->seconds < 0 || clock->seconds > LATEST_SECOND) {
        wtr_say_finding(say, clock->raw, "the clock is beyond what is plausible");
        return;
    }
    bool set = clock->seconds >= NEVER_SET_BEFORE;
    wtr_say_begin(say, WTR_KIND_CLOCK_READING, device);
    wtr_say_text(say, WTR_FIELD_DEVICE_TIME, clock->raw);
    wtr_say_text(say, WTR_FIELD_CLOCK_KIND, set ? WTR_TEXT("utc") : WTR_TEXT("unset"));
    if (set) {
        int64_t micro = clock->seconds * 1000000 + clock->millis * 1000;
        wtr_say_micro(say, WTR_FIELD_OFFSET_S, micro - wtr_divide_half_even(wtr_say_time_ns(say), 1000));
    }
    wtr_say_raw(say, wtr_text_z(clock->name), clock->raw);
    wtr_say_end(say);
}
