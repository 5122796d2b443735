/* SPDX-License-Identifier: Apache-2.0 */
/* What get_device_info, get_child_device_list and get_device_time tell (python-kasa kasa/smart/smartdevice.py
 * [S], answers of fifteen models [V]):
 *
 *   - device_on and on_time (seconds since it was switched on; 0 while off). A strip has them for each outlet
 *     alone; its outlets bear the strip's own MAC.
 *   - nickname and ssid are Base64; an ssid is given by the device in the network, not by a strip's outlet.
 *   - latitude and longitude in ten-thousandths of a degree, valid where has_set_location_info is true. Real
 *     devices give 0, 0 beside true as well, which is said by nobody about a plug in the Gulf of Guinea.
 *   - auto_off_status "on" with auto_off_remain_time: seconds until the plug switches off by itself.
 *   - power_protection_status, overcurrent_status, overheat_status, charging_status: "normal" or a word,
 * which stays until the plug is switched on again; older firmware: overheated true or false.
 *   - get_device_time {timestamp since 1970 in UTC, time_diff minutes, region}. */
#include "vendor/tapo/smart.h"

#include "vendor/tapo/tapo.h"

enum { MAX_CHILDREN = 64, MOST_SECONDS = INT32_MAX, FIRST_VALID_TIME = 1514764800 };

static bool is_text(const struct wtr_tapo_reading *r, wtr_json_ref object, const char *name, const char *word)
{
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    return wtr_json_is(r->json, value, WTR_JSON_STRING) && wtr_text_is(wtr_json_raw(r->json, value), word);
}

static void read_state(struct wtr_tapo_reading *r, wtr_json_ref info)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_POWER_STATE};
    bool on = false;
    wtr_tapo_add_state(&s, info, "device_on", WTR_FIELD_STATE);
    if (s.begun && wtr_json_bool(r->json, wtr_json_get(r->json, info, "device_on"), &on) && on)
        wtr_tapo_add_int(&s, info, "on_time", WTR_FIELD_ON_TIME_S, 0, MOST_SECONDS);
    wtr_tapo_end(&s);
}

/* Of an outlet the name alone: its id is the channel, and the rest of what it gives is the strip's or its own
 * controller's. */
static void read_identity(struct wtr_tapo_reading *r, wtr_json_ref info)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    if (r->channel.length > 0) {
        wtr_tapo_add_base64(&s, info, "nickname", WTR_FIELD_CHANNEL_NAME);
        wtr_tapo_end(&s);
        return;
    }
    wtr_tapo_add_own_mac(&s, info, "mac");
    wtr_tapo_add_text(&s, info, "model", WTR_FIELD_MODEL);
    wtr_tapo_add_text(&s, info, "fw_ver", WTR_FIELD_FIRMWARE);
    wtr_tapo_add_text(&s, info, "device_id", WTR_FIELD_DEVICE_ID);
    wtr_tapo_add_base64(&s, info, "nickname", WTR_FIELD_NAME);
    wtr_tapo_add_text(&s, info, "ip", WTR_FIELD_IP);
    wtr_tapo_end(&s);
}

static void read_network(struct wtr_tapo_reading *r, wtr_json_ref info)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_NETWORK_JOIN};
    wtr_tapo_add_base64(&s, info, "ssid", WTR_FIELD_SSID);
    if (s.begun)
        wtr_tapo_add_int(&s, info, "rssi", WTR_FIELD_RSSI_DBM, -200, 0);
    wtr_tapo_end(&s);
}

static void read_location(struct wtr_tapo_reading *r, wtr_json_ref info)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_LOCATION};
    wtr_json_ref latitude = wtr_json_get(r->json, info, "latitude");
    wtr_json_ref longitude = wtr_json_get(r->json, info, "longitude");
    bool set = false;
    wtr_json_bool(r->json, wtr_json_get(r->json, info, "has_set_location_info"), &set);
    bool zero = wtr_text_is(wtr_json_raw(r->json, latitude), "0") &&
                wtr_text_is(wtr_json_raw(r->json, longitude), "0");
    if (!set || zero || latitude < 0 || longitude < 0)
        return;
    wtr_tapo_add_number(&s, info, "latitude", WTR_FIELD_LATITUDE, -4, WTR_TAPO_UNITS(90));
    wtr_tapo_add_number(&s, info, "longitude", WTR_FIELD_LONGITUDE, -4, WTR_TAPO_UNITS(180));
    wtr_tapo_add_text(&s, info, "region", WTR_FIELD_TIMEZONE);
    wtr_tapo_end(&s);
}

static void read_auto_off(struct wtr_tapo_reading *r, wtr_json_ref info)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_TIMER_SET};
    if (!is_text(r, info, "auto_off_status", "on"))
        return;
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_RULE, WTR_TEXT("auto_off"));
    wtr_say_text(r->say, WTR_FIELD_ACTION, WTR_TEXT("off"));
    wtr_say_raw_json(r->say, "auto_off_status", r->json, wtr_json_get(r->json, info, "auto_off_status"));
    wtr_tapo_add_int(&s, info, "auto_off_remain_time", WTR_FIELD_REMAINING_S, 0, MOST_SECONDS);
    wtr_tapo_end(&s);
}

/* What a protection of the device says, unless all is well. */
static void read_protection(struct wtr_tapo_reading *r, wtr_json_ref info)
{
    static const char *const names[] = {"power_protection_status", "overcurrent_status", "overheat_status",
                                        "charging_status", "overheated"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        wtr_json_ref value = wtr_json_get(r->json, info, names[i]);
        struct wtr_text word = wtr_json_raw(r->json, value);
        if (word.length == 0 || wtr_text_is(word, "normal") || wtr_text_is(word, "false") ||
            wtr_json_is(r->json, value, WTR_JSON_NULL))
            continue;
        struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_VALUE};
        wtr_tapo_begin(&s);
        wtr_say_text(r->say, WTR_FIELD_PROPERTY, wtr_text_z(names[i]));
        wtr_say_text(r->say, WTR_FIELD_VALUE, word);
        wtr_say_raw_json(r->say, names[i], r->json, value);
        wtr_tapo_end(&s);
    }
}

void wtr_smart_read_device_info(struct wtr_tapo_reading *r, wtr_json_ref info)
{
    int64_t position = 0;
    if (r->channel.length > 0 && wtr_json_int(r->json, wtr_json_get(r->json, info, "position"), &position) &&
        position > 0 && position <= MAX_CHILDREN) {
        r->outlet = (unsigned)position;
        wtr_tapo_learn_outlet(r->state, r->channel, r->outlet);
    }
    read_state(r, info);
    read_identity(r, info);
    read_auto_off(r, info);
    read_protection(r, info);
    if (r->channel.length > 0)
        return;
    read_network(r, info);
    read_location(r, info);
}

void wtr_smart_read_children(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    wtr_json_ref list = wtr_json_get(r->json, result, "child_device_list");
    if (!wtr_json_is(r->json, list, WTR_JSON_ARRAY))
        return;
    wtr_json_ref child = wtr_json_first(r->json, list);
    for (unsigned n = 0; child >= 0 && n < MAX_CHILDREN; n++, child = wtr_json_next(r->json, list, child)) {
        struct wtr_tapo_reading inner = *r;
        wtr_json_ref id = wtr_json_get(r->json, child, "device_id");
        inner.channel = wtr_json_raw(r->json, id);
        if (wtr_json_is(r->json, id, WTR_JSON_STRING) && inner.channel.length > 0)
            wtr_smart_read_device_info(&inner, child);
    }
}

void wtr_smart_read_time(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_CLOCK_READING};
    wtr_json_ref value = wtr_json_get(r->json, result, "timestamp");
    int64_t seconds = 0;
    if (!wtr_json_int(r->json, value, &seconds) || seconds < 0 || seconds > UINT32_MAX)
        return;
    bool set = seconds >= FIRST_VALID_TIME;
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, wtr_json_raw(r->json, value));
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, set ? WTR_TEXT("utc") : WTR_TEXT("unset"));
    wtr_say_raw_json(r->say, "timestamp", r->json, value);
    if (set)
        wtr_say_micro(r->say, WTR_FIELD_OFFSET_S, seconds * 1000000 - wtr_say_time_ns(r->say) / 1000);
    wtr_tapo_add_text(&s, result, "region", WTR_FIELD_TIMEZONE);
    wtr_tapo_end(&s);
}
