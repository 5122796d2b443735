/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3339 section 5.6 (without leap seconds, which capture files do not know), and sizes. */
#include "values.h"

#include <string.h>

int64_t wtr_cli_days_of_date(int64_t year, int64_t month, int64_t day)
{
    /* Years begin in March here, so that the leap day is the last of its year. */
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/* Exactly `count` digits; moves on. -1: there are not so many. */
static int64_t take_digits(const char **at, size_t count)
{
    int64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    *at += count;
    return value;
}

static bool take_character(const char **at, const char *any_of)
{
    if (**at == '\0' || !strchr(any_of, **at))
        return false;
    ++*at;
    return true;
}

static bool take_date(const char **at, int64_t *days)
{
    static const int64_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year = take_digits(at, 4);
    if (year < 0 || !take_character(at, "-"))
        return false;
    int64_t month = take_digits(at, 2);
    if (month < 1 || month > 12 || !take_character(at, "-"))
        return false;
    int64_t day = take_digits(at, 2);
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    *days = wtr_cli_days_of_date(year, month, day);
    return day >= 1 && day <= lengths[month - 1] + (month == 2 && leap);
}

static bool take_hours_minutes(const char **at, int64_t *minutes)
{
    int64_t hours = take_digits(at, 2);
    if (hours < 0 || hours > 23 || !take_character(at, ":"))
        return false;
    int64_t rest = take_digits(at, 2);
    *minutes = hours * 60 + rest;
    return rest >= 0 && rest <= 59;
}

/* The fraction behind the seconds, at most nine digits, if there is one. */
static bool take_fraction(const char **at, int64_t *ns)
{
    *ns = 0;
    if (!take_character(at, "."))
        return true;
    int digits = 0;
    for (; **at >= '0' && **at <= '9' && digits < 9; ++*at, digits++)
        *ns = *ns * 10 + (**at - '0');
    for (int i = digits; i < 9; i++)
        *ns *= 10;
    return digits > 0;
}

static bool take_offset(const char **at, int64_t *minutes)
{
    *minutes = 0;
    if (take_character(at, "Zz"))
        return true;
    bool west = **at == '-';
    if (!take_character(at, "+-") || !take_hours_minutes(at, minutes))
        return false;
    *minutes = west ? -*minutes : *minutes;
    return true;
}

bool wtr_cli_parse_time(const char *text, int64_t *time_ns)
{
    const int64_t second_ns = 1000000000;
    int64_t days, minutes, ns, offset;
    if (!take_date(&text, &days) || !take_character(&text, "Tt ") || !take_hours_minutes(&text, &minutes) ||
        !take_character(&text, ":"))
        return false;
    int64_t seconds = take_digits(&text, 2);
    if (seconds < 0 || seconds > 59 || !take_fraction(&text, &ns) || !take_offset(&text, &offset) || *text)
        return false;
    seconds += days * 86400 + (minutes - offset) * 60;
    if (seconds > INT64_MAX / second_ns - 1 || seconds < INT64_MIN / second_ns + 1)
        return false;
    *time_ns = seconds * second_ns + ns;
    return true;
}

static unsigned shift_of(char unit)
{
    switch (unit) {
    case 'K':
    case 'k':
        return 10;
    case 'M':
    case 'm':
        return 20;
    case 'G':
    case 'g':
        return 30;
    default:
        return 0;
    }
}

bool wtr_cli_parse_size(const char *text, size_t *bytes)
{
    size_t value = 0;
    size_t digits = 0;
    for (; text[digits] >= '0' && text[digits] <= '9'; digits++) {
        size_t digit = (size_t)(text[digits] - '0');
        if (value > (SIZE_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    const char *unit = text + digits;
    unsigned shift = shift_of(*unit);
    if (digits == 0 || strcmp(unit + (shift > 0), "") != 0 || value > SIZE_MAX >> shift)
        return false;
    *bytes = value << shift;
    return value > 0;
}

static int digit_of(char c)
{
    char lower = (char)(c | 0x20);
    if (c >= '0' && c <= '9')
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

bool wtr_cli_parse_number(const char *text, uint64_t *number)
{
    unsigned base = text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
    const char *at = base == 16 ? text + 2 : text;
    *number = 0;
    if (*at == '\0')
        return false;
    for (; *at; at++) {
        unsigned digit = (unsigned)digit_of(*at);
        if (digit >= base || *number > (UINT64_MAX - digit) / base)
            return false;
        *number = *number * base + digit;
    }
    return true;
}
