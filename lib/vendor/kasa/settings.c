/* SPDX-License-Identifier: Apache-2.0 */
/* A device's clock, account and network, as it gives them when asked (softScheck command list, python-kasa
 * fixtures, tplink-smarthome-simulator) [S]:
 *
 *   - time.get_time {year, month, mday, hour, min, sec}: local time without a zone, so it tells no offset.
 *     get_timezone {index, zone_str, …} is asked for apart from it.
 *   - cnCloud.get_info {username, server, binded, …}: the account that the device is bound to; empty if none.
 *   - netif.get_stainfo {ssid, key_type, rssi}: the network that the device is in. get_scaninfo {ap_list}:
 * the networks that it hears, none of which it need be in. */
#include "vendor/kasa/reading.h"

static void put_part(struct wtr_buffer *out, char before, int64_t number)
{
    wtr_put_char(out, before);
    if (number < 10)
        wtr_put_char(out, '0');
    wtr_put_int(out, number);
}

static void say_clock(struct wtr_kasa_reading *r, wtr_json_ref time)
{
    static const struct {
        const char *name;
        char before;
        int64_t least, most;
    } parts[] = {{"month", '-', 1, 12},
                 {"mday", '-', 1, 31},
                 {"hour", 'T', 0, 23},
                 {"min", ':', 0, 59},
                 {"sec", ':', 0, 60}};
    enum { COUNT = sizeof parts / sizeof *parts };
    int64_t year = 0, number[COUNT];
    bool whole = wtr_kasa_int(r, time, "year", 1970, 9999, &year);
    for (size_t i = 0; i < COUNT; i++)
        whole = whole && wtr_kasa_int(r, time, parts[i].name, parts[i].least, parts[i].most, &number[i]);
    if (!whole) {
        wtr_kasa_finding(r, time, "the value is no time");
        return;
    }
    struct wtr_kasa_sentence s = {.reading = r, .kind = WTR_KIND_CLOCK_READING};
    struct wtr_buffer *clock = wtr_say_scratch(r->say);
    wtr_kasa_begin(&s);
    wtr_buffer_clear(clock);
    wtr_put_int(clock, year);
    for (size_t i = 0; i < COUNT; i++)
        put_part(clock, parts[i].before, number[i]);
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, wtr_buffer_text(clock));
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, WTR_TEXT("local_no_zone"));
    wtr_kasa_add_raw(&s, time, "year");
    for (size_t i = 0; i < COUNT; i++)
        wtr_kasa_add_raw(&s, time, parts[i].name);
    wtr_kasa_end(&s);
}

static void say_zone(struct wtr_kasa_reading *r, wtr_json_ref zone)
{
    struct wtr_kasa_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
    wtr_json_ref index = wtr_kasa_member(r, zone, "index");
    if (!wtr_json_is(r->json, index, WTR_JSON_NUMBER))
        return;
    wtr_kasa_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, WTR_TEXT("timezone"));
    wtr_say_text(r->say, WTR_FIELD_VALUE, wtr_json_raw(r->json, index));
    wtr_kasa_add_raw(&s, zone, "index");
    wtr_kasa_add_text(&s, zone, "zone_str", WTR_FIELD_TIMEZONE);
    wtr_kasa_add_raw(&s, zone, "tz_str");
    wtr_kasa_add_raw(&s, zone, "dst_offset");
    wtr_kasa_end(&s);
}

void wtr_kasa_read_time(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    struct wtr_text name = wtr_json_raw(r->json, method->name);
    if (wtr_text_is(name, "get_time"))
        say_clock(r, method->value);
    else if (wtr_text_is(name, "get_timezone"))
        say_zone(r, method->value);
}

void wtr_kasa_read_cloud(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    struct wtr_kasa_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    if (!wtr_text_is(wtr_json_raw(r->json, method->name), "get_info"))
        return;
    wtr_kasa_add_text(&s, method->value, "username", WTR_FIELD_ACCOUNT);
    wtr_kasa_add_text(&s, method->value, "server", WTR_FIELD_SERVER);
    wtr_kasa_add_raw(&s, method->value, "binded");
    wtr_kasa_add_raw(&s, method->value, "cld_connection");
    wtr_kasa_end(&s);
}

void wtr_kasa_read_network(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    struct wtr_text name = wtr_json_raw(r->json, method->name);
    struct wtr_kasa_sentence s = {.reading = r, .kind = WTR_KIND_NETWORK_JOIN};
    if (wtr_text_is(name, "get_scaninfo")) {
        wtr_kasa_say_setting(r, "networks_nearby", method->value, "ap_list");
    } else if (wtr_text_is(name, "get_stainfo") &&
               wtr_kasa_add_text(&s, method->value, "ssid", WTR_FIELD_SSID)) {
        wtr_kasa_add_int(&s, method->value, "rssi", WTR_FIELD_RSSI_DBM, -200, 0);
        wtr_kasa_add_raw(&s, method->value, "key_type");
        wtr_kasa_end(&s);
    }
}
