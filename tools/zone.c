/* SPDX-License-Identifier: Apache-2.0 */
/* tzset(3) takes a name that it does not know for UTC, so a name is accepted only if the database has its
 * file. */
#include "zone.h"

#include "values.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int two_digits(const char *text)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return -1;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* "+hh:mm" or "-hh:mm". */
static bool parse_offset(const char *text, int *offset_s)
{
    if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
        return false;
    int hours = two_digits(text + 1);
    int minutes = two_digits(text + 4);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset_s = (hours * 60 + minutes) * (text[0] == '-' ? -60 : 60);
    return true;
}

static bool in_database(const char *name)
{
    const char *root = getenv("TZDIR");
    char path[512];
    char magic[4];
    if (name[0] == '\0' || name[0] == '/' || strstr(name, ".."))
        return false;
    int length = snprintf(path, sizeof path, "%s/%s", root && *root ? root : "/usr/share/zoneinfo", name);
    if (length < 0 || (size_t)length >= sizeof path)
        return false;
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    bool is_zone =
        fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
    fclose(file);
    return is_zone;
}

bool wtr_cli_zone_set(struct zone *zone, const char *name)
{
    *zone = (struct zone){.name = name, .fixed = true};
    if (strcmp(name, "UTC") == 0 || strcmp(name, "Z") == 0) {
        zone->name = NULL;
        return true;
    }
    if (parse_offset(name, &zone->offset_s))
        return true;
    zone->fixed = false;
    if (strcmp(name, "local") != 0 && (!in_database(name) || setenv("TZ", name, 1) != 0))
        return false;
    tzset();
    return true;
}

int wtr_cli_zone_offset(void *payload, int64_t time_ns)
{
    const struct zone *zone = payload;
    const int64_t second_ns = 1000000000;
    int64_t second = time_ns / second_ns - (time_ns % second_ns < 0);
    time_t clock = (time_t)second;
    struct tm local;
    if (zone->fixed || !localtime_r(&clock, &local))
        return zone->offset_s;
    int64_t days = wtr_cli_days_of_date((int64_t)local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
    int64_t as_utc = days * 86400 + (int64_t)local.tm_hour * 3600 + (int64_t)local.tm_min * 60 + local.tm_sec;
    return (int)(as_utc - second);
}
