/* SPDX-License-Identifier: Apache-2.0 */
/* The growing buffer, and how numbers, addresses and times are written. Times follow RFC 3339 with the
 * proleptic Gregorian calendar, computed here so that no time zone or locale can take part. */
#include "base/text.h"

#include <stdlib.h>

void wtr_buffer_free(struct wtr_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct wtr_buffer){0};
}

bool wtr_buffer_grow(struct wtr_buffer *buffer, size_t n)
{
    if (buffer->failed || n > SIZE_MAX / 2 - buffer->length) {
        buffer->failed = true;
        return false;
    }
    size_t need = buffer->length + n;
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < need)
        capacity *= 2;
    char *data = realloc(buffer->data, capacity);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void wtr_put_uint(struct wtr_buffer *buffer, uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[sizeof digits - ++n] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    wtr_put(buffer, digits + sizeof digits - n, n);
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
}

void wtr_put_int(struct wtr_buffer *buffer, int64_t value)
{
    if (value < 0)
        wtr_put_char(buffer, '-');
    wtr_put_uint(buffer, magnitude(value));
}

/* `value` with exactly `width` digits, leading zeros. */
static void put_padded(struct wtr_buffer *buffer, uint64_t value, size_t width)
{
    char digits[20];
    for (size_t i = width; i-- > 0; value /= 10)
        digits[i] = (char)('0' + value % 10);
    wtr_put(buffer, digits, width);
}

void wtr_put_micro(struct wtr_buffer *buffer, int64_t micro)
{
    uint64_t whole = magnitude(micro);
    uint64_t part = whole % 1000000;
    size_t width = 6;
    if (micro < 0)
        wtr_put_char(buffer, '-');
    wtr_put_uint(buffer, whole / 1000000);
    if (part == 0)
        return;
    for (; part % 10 == 0; part /= 10)
        width--;
    wtr_put_char(buffer, '.');
    put_padded(buffer, part, width);
}

void wtr_put_hex(struct wtr_buffer *buffer, const void *data, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = data;
    for (size_t i = 0; i < length; i++) {
        char pair[2] = {digits[p[i] >> 4], digits[p[i] & 15]};
        wtr_put(buffer, pair, 2);
    }
}

void wtr_put_mac(struct wtr_buffer *buffer, const uint8_t mac[6])
{
    for (size_t i = 0; i < 6; i++) {
        if (i)
            wtr_put_char(buffer, ':');
        wtr_put_hex(buffer, mac + i, 1);
    }
}

struct date {
    int64_t year;
    unsigned month, day;
};

/* Days since 1970-01-01 to a date of the proleptic Gregorian calendar, counted in eras of 400 years that
 * begin on 1 March, so that the leap day is the last of its year. */
static struct date date_of_days(int64_t days)
{
    int64_t since = days + 719468; /* 0000-03-01 to 1970-01-01 */
    int64_t era = (since >= 0 ? since : since - 146096) / 146097;
    unsigned day_of_era = (unsigned)(since - era * 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    struct date date = {
        .year = era * 400 + year_of_era,
        .month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
    };
    if (date.month <= 2)
        date.year++;
    return date;
}

void wtr_put_time(struct wtr_buffer *buffer, int64_t time_ns)
{
    const int64_t day_s = 86400;
    int64_t seconds = time_ns / 1000000000;
    int64_t ns = time_ns % 1000000000;
    if (ns < 0) {
        ns += 1000000000;
        seconds--;
    }
    int64_t days = seconds / day_s;
    int64_t of_day = seconds % day_s;
    if (of_day < 0) {
        of_day += day_s;
        days--;
    }
    struct date date = date_of_days(days);
    put_padded(buffer, (uint64_t)date.year, 4);
    wtr_put_char(buffer, '-');
    put_padded(buffer, date.month, 2);
    wtr_put_char(buffer, '-');
    put_padded(buffer, date.day, 2);
    wtr_put_char(buffer, 'T');
    put_padded(buffer, (uint64_t)(of_day / 3600), 2);
    wtr_put_char(buffer, ':');
    put_padded(buffer, (uint64_t)(of_day / 60 % 60), 2);
    wtr_put_char(buffer, ':');
    put_padded(buffer, (uint64_t)(of_day % 60), 2);
    wtr_put_char(buffer, '.');
    put_padded(buffer, (uint64_t)ns, 9);
    wtr_put_char(buffer, 'Z');
}
