/* SPDX-License-Identifier: Apache-2.0 */
/* The device's clock (support_rtc.ino GetDateAndTime, support.ino ResponseGetTime, tasmota/docs Commands.md
 * Time, JSON-Status-Responses.md) [S], the default form [V] on a broker with payloads of our own:
 *
 *   - Time is local and without a zone; SetOption52 adds "+01:00". `Time 2` adds Epoch, `Time 3` makes Time
 * an epoch number, `Time 4` adds milliseconds. Epoch is UTC.
 *   - Before the first synchronisation the year is 1970, and the epoch counts from there.
 *   - 5.x writes "2018.02.15 01:00:50", and "Thu Feb 15 01:00:50 2018" in StatusTIM.
 *   - StatusTIM: UTC (newer with Z), Local. StatusPRM: Uptime, BootCount, RestartReason, StartupUTC are what
 *     the device recalls when asked, not a start.
 *   - Uptime is "DTHH:MM:SS", in 5.x "D HH:MM:SS"; UptimeSec the same in seconds. */
#include "vendor/tasmota/reading.h"

/* Tasmota takes its clock for set from 2015-12-31T23:00:00Z on (START_VALID_TIME in tasmota.h). */
enum { FIRST_VALID_EPOCH = 1451602800 };

/* Whether the text has the form, in which '0' stands for any digit, 'a' for any letter, '?' for any
 * character. */
static bool has_form(struct wtr_text text, const char *form)
{
    if (text.length != strlen(form))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool fits = form[i] == '0'   ? c >= '0' && c <= '9'
                    : form[i] == 'a' ? letter
                                     : form[i] == '?' || c == form[i];
        if (!fits)
            return false;
    }
    return true;
}

/* What kind of time the text is; NULL if it has none of the known forms. */
static const char *clock_kind(struct wtr_text time)
{
    if (has_form(time, "aaa aaa 00 00:00:00 0000") || has_form(time, "aaa aaa ?0 00:00:00 0000"))
        return wtr_text_ends(time, " 1970") ? "unset" : "local_no_zone";
    if (has_form(time, "0000.00.00 00:00:00"))
        return wtr_text_starts(time, "1970") ? "unset" : "local_no_zone";
    struct wtr_text zone = {NULL, 0};
    if (time.length < 19 || !has_form((struct wtr_text){time.data, 19}, "0000-00-00T00:00:00"))
        return NULL;
    if (wtr_text_starts(time, "1970"))
        return "unset";
    zone = (struct wtr_text){time.data + 19, time.length - 19};
    if (zone.length >= 4 && has_form((struct wtr_text){zone.data, 4}, ".000"))
        zone = (struct wtr_text){zone.data + 4, zone.length - 4};
    if (zone.length == 0)
        return "local_no_zone";
    if (wtr_text_is(zone, "Z"))
        return "utc";
    return has_form(zone, "+00:00") || has_form(zone, "-00:00") ? "local_offset" : NULL;
}

static void say_time(struct wtr_tasmota_sentence *s, const char *name, wtr_json_ref value,
                     struct wtr_text time, const char *kind)
{
    struct wtr_tasmota_reading *r = s->reading;
    wtr_tasmota_begin(s);
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, time);
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, wtr_text_z(kind));
    wtr_say_raw_json(r->say, name, r->json, value);
}

static void add_epoch(struct wtr_tasmota_sentence *s, const char *name, wtr_json_ref value)
{
    struct wtr_tasmota_reading *r = s->reading;
    int64_t epoch = 0;
    if (wtr_json_int(r->json, value, &epoch) && epoch >= 0)
        say_time(s, name, value, wtr_json_raw(r->json, value), epoch < FIRST_VALID_EPOCH ? "unset" : "utc");
    else
        wtr_tasmota_finding_at(r, value, "the time is no epoch");
}

/* `utc`: the member's name says that it is UTC, with or without a Z. */
static void add_time(struct wtr_tasmota_sentence *s, wtr_json_ref object, const char *name, bool utc)
{
    struct wtr_tasmota_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    if (value < 0 || wtr_json_is(r->json, value, WTR_JSON_NULL))
        return;
    if (wtr_json_is(r->json, value, WTR_JSON_NUMBER)) {
        add_epoch(s, name, value);
        return;
    }
    struct wtr_text time = wtr_json_string(r->json, value, wtr_say_scratch(r->say));
    const char *kind = time.data ? clock_kind(time) : NULL;
    if (!kind) {
        wtr_tasmota_finding_at(r, value, "the time has no known form");
        return;
    }
    bool plain = strcmp(kind, "local_no_zone") == 0;
    say_time(s, name, value, time, utc && plain ? "utc" : kind);
}

static bool number_up_to(struct wtr_text text, int64_t most, int64_t *number)
{
    return text.length > 0 && text.length < 10 && text.data[0] != '-' && text.data[0] != '+' &&
           wtr_decimal_int(text, number) && *number <= most;
}

static bool uptime_seconds(struct wtr_text text, int64_t *seconds)
{
    bool old = text.length > 0 && memchr(text.data, 'T', text.length) == NULL;
    struct wtr_text days = wtr_text_cut(&text, old ? ' ' : 'T');
    struct wtr_text hours = wtr_text_cut(&text, ':');
    struct wtr_text minutes = wtr_text_cut(&text, ':');
    int64_t d = 0;
    int64_t h = 0;
    int64_t m = 0;
    int64_t s = 0;
    bool fits = number_up_to(days, 1000000, &d) && number_up_to(hours, 23, &h) &&
                number_up_to(minutes, 59, &m) && number_up_to(text, 59, &s);
    *seconds = ((d * 24 + h) * 60 + m) * 60 + s;
    return fits;
}

static void add_uptime(struct wtr_tasmota_sentence *s, wtr_json_ref object)
{
    struct wtr_tasmota_reading *r = s->reading;
    const char *name = "UptimeSec";
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    int64_t seconds = 0;
    bool known = wtr_json_int(r->json, value, &seconds) && seconds >= 0;
    if (!known) {
        name = "Uptime";
        value = wtr_json_get(r->json, object, name);
        known = wtr_json_is(r->json, value, WTR_JSON_STRING) &&
                uptime_seconds(wtr_json_raw(r->json, value), &seconds);
    }
    if (!known)
        return;
    bool alone = !s->begun;
    wtr_tasmota_begin(s);
    if (alone)
        wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, WTR_TEXT("uptime"));
    wtr_say_int(r->say, WTR_FIELD_UPTIME_S, seconds);
    wtr_say_raw_json(r->say, name, r->json, value);
}

void wtr_tasmota_read_clock(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_CLOCK_READING};
    wtr_json_ref epoch = wtr_json_get(r->json, object, "Epoch");
    if (wtr_json_is(r->json, epoch, WTR_JSON_NUMBER))
        add_epoch(&s, "Epoch", epoch);
    else
        add_time(&s, object, "Time", false);
    add_uptime(&s, object);
    wtr_tasmota_end(&s);
}

void wtr_tasmota_read_status_time(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    struct wtr_tasmota_sentence utc = {.reading = r, .kind = WTR_KIND_CLOCK_READING};
    add_time(&utc, object, "UTC", true);
    wtr_tasmota_end(&utc);
    struct wtr_tasmota_sentence local = {.reading = r, .kind = WTR_KIND_CLOCK_READING};
    add_time(&local, object, "Local", false);
    if (local.begun && wtr_json_is(r->json, wtr_json_get(r->json, object, "Timezone"), WTR_JSON_STRING))
        wtr_tasmota_add_text(&local, object, "Timezone", WTR_FIELD_TIMEZONE);
    wtr_tasmota_end(&local);
}

void wtr_tasmota_read_parameters(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_CLOCK_READING};
    add_uptime(&s, object);
    if (!s.begun)
        return;
    wtr_tasmota_add_int(&s, object, "BootCount", WTR_FIELD_BOOT_COUNT, 0, INT32_MAX);
    wtr_tasmota_add_text(&s, object, "RestartReason", WTR_FIELD_REASON);
    wtr_json_ref start = wtr_json_get(r->json, object, "StartupUTC");
    if (wtr_json_is(r->json, start, WTR_JSON_STRING))
        wtr_say_raw_json(r->say, "StartupUTC", r->json, start);
    wtr_tasmota_end(&s);
}
