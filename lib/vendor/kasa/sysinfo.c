/* SPDX-License-Identifier: Apache-2.0 */
/* What a device says of itself (system.get_sysinfo) [V] on real devices' answers, bulbs [S] python-kasa:
 *
 *   - relay_state 0 or 1; on_time, the seconds since it was switched on or since power was restored to a
 *     relay that is on: measured against commands it is right within a second. It means nothing while the
 *     relay is off (a real KP303 keeps counting), and a real HS300 gave a negative one: that is no time.
 *   - A strip has no relay_state but children [{id, state, alias, on_time, next_action}].
 *   - A bulb has light_state {on_off}. A dimmer has relay_state; its brightness is not said.
 *   - sw_ver, model, alias, deviceId, hwId, mac | mic_mac | ethernet_mac; latitude and longitude in degrees,
 *     or latitude_i and longitude_i in ten-thousandths; rssi; led_off; active_mode; next_action. */
#include "vendor/kasa/reading.h"

enum { MAX_RSSI = 0, MIN_RSSI = -200 };

/* Some thirty years. */
static const int64_t most_on_time = 1000000000;

/* A link address that can be a device's own: not zero, not a group address. */
static bool is_own_mac(const uint8_t mac[6])
{
    static const uint8_t zero[6];
    return (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0;
}

static void add_mac(struct wtr_kasa_sentence *s, wtr_json_ref info, const char *name)
{
    struct wtr_kasa_reading *r = s->reading;
    wtr_json_ref value = wtr_kasa_member(r, info, name);
    uint8_t mac[6];
    if (!wtr_json_is(r->json, value, WTR_JSON_STRING) || !wtr_parse_mac(wtr_json_raw(r->json, value), mac) ||
        !is_own_mac(mac))
        return;
    wtr_kasa_begin(s);
    wtr_say_tie_mac(r->say, wtr_say_device_at(r->say, "kasa", &r->plug->ip), mac);
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    wtr_buffer_clear(scratch);
    wtr_put_mac(scratch, mac);
    wtr_say_text(r->say, WTR_FIELD_MAC, wtr_buffer_text(scratch));
    wtr_say_raw_json(r->say, name, r->json, value);
}

static void say_identity(struct wtr_kasa_reading *r, wtr_json_ref info)
{
    static const char *const more[] = {"hw_ver", "type", "mic_type", "dev_name", "oemId", "fwId", "feature"};
    struct wtr_kasa_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    add_mac(&s, info, "mac");
    add_mac(&s, info, "mic_mac");
    add_mac(&s, info, "ethernet_mac");
    wtr_kasa_add_text(&s, info, "model", WTR_FIELD_MODEL);
    wtr_kasa_add_text(&s, info, "sw_ver", WTR_FIELD_FIRMWARE);
    wtr_kasa_add_text(&s, info, "alias", WTR_FIELD_NAME);
    wtr_kasa_add_text(&s, info, "deviceId", WTR_FIELD_DEVICE_ID);
    wtr_kasa_add_text(&s, info, "hwId", WTR_FIELD_PRODUCT);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        wtr_kasa_add_raw(&s, info, more[i]);
    wtr_kasa_end(&s);
}

static void say_place(struct wtr_kasa_reading *r, wtr_json_ref info)
{
    struct wtr_kasa_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_LOCATION};
    const int64_t pole = WTR_KASA_UNITS(90), around = WTR_KASA_UNITS(180);
    if (!wtr_kasa_add_number(&s, info, "latitude", 0, WTR_FIELD_LATITUDE, -pole, pole))
        wtr_kasa_add_number(&s, info, "latitude_i", -4, WTR_FIELD_LATITUDE, -pole, pole);
    if (!wtr_kasa_add_number(&s, info, "longitude", 0, WTR_FIELD_LONGITUDE, -around, around))
        wtr_kasa_add_number(&s, info, "longitude_i", -4, WTR_FIELD_LONGITUDE, -around, around);
    wtr_kasa_end(&s);
}

/* A relay's state, `state` in `of`, and how long it has been on. */
static void say_state(const struct wtr_kasa_sentence *about, wtr_json_ref of, const char *state)
{
    struct wtr_kasa_sentence s = *about;
    struct wtr_kasa_reading *r = s.reading;
    wtr_json_ref value = wtr_kasa_member(r, of, state);
    bool on = false;
    if (value < 0)
        return;
    if (!wtr_kasa_truth(r, value, &on)) {
        wtr_kasa_finding(r, value, "the state is neither 0 nor 1");
        return;
    }
    s.kind = WTR_KIND_POWER_STATE;
    wtr_kasa_add_on_off(&s, of, state, WTR_FIELD_STATE);
    if (on)
        wtr_kasa_add_int(&s, of, "on_time", WTR_FIELD_ON_TIME_S, 0, most_on_time);
    else
        wtr_kasa_add_raw(&s, of, "on_time");
    wtr_kasa_end(&s);
}

void wtr_kasa_read_light(struct wtr_kasa_reading *r, wtr_json_ref state)
{
    struct wtr_kasa_sentence s = {.reading = r};
    say_state(&s, state, "on_off");
}

void wtr_kasa_read_next_action(const struct wtr_kasa_sentence *of, wtr_json_ref action, const char *time)
{
    struct wtr_kasa_sentence s = *of;
    struct wtr_kasa_reading *r = s.reading;
    int64_t type = -1, seconds = 0;
    if (!wtr_kasa_int(r, action, "type", 0, INT32_MAX, &type))
        return;
    s.kind = WTR_KIND_SCHEDULE_RULE;
    wtr_kasa_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_MODE, WTR_TEXT("next_action"));
    wtr_kasa_add_raw(&s, action, "type");
    wtr_kasa_add_text(&s, action, "id", WTR_FIELD_RULE);
    if (wtr_kasa_int(r, action, time, 0, 86400, &seconds)) {
        char clock[] = "00:00:00";
        const int64_t parts[] = {seconds / 3600, seconds / 60 % 60, seconds % 60};
        for (size_t i = 0; i < 3; i++) {
            clock[3 * i] = (char)('0' + parts[i] / 10);
            clock[3 * i + 1] = (char)('0' + parts[i] % 10);
        }
        wtr_say_text(r->say, WTR_FIELD_AT, wtr_text_z(clock));
        wtr_kasa_add_raw(&s, action, time);
    }
    wtr_kasa_add_on_off(&s, action, "action", WTR_FIELD_ACTION);
    wtr_kasa_end(&s);
}

/* ---- strips */

static void learn_outlets(struct wtr_kasa_reading *r, wtr_json_ref info, wtr_json_ref children)
{
    struct wtr_kasa_known *known = wtr_kasa_learn(r->learnt, &r->plug->ip);
    struct wtr_text id = wtr_json_raw(r->json, wtr_kasa_member(r, info, "deviceId"));
    if (!known)
        return;
    *known = (struct wtr_kasa_known){.ip = known->ip, .sort = WTR_KASA_SINGLE};
    if (id.length > 0 && id.length <= sizeof known->id.text) {
        memcpy(known->id.text, id.data, id.length);
        known->id.length = id.length;
    }
    for (wtr_json_ref i = wtr_json_first(r->json, children); i >= 0;
         i = wtr_json_next(r->json, children, i)) {
        known->sort = WTR_KASA_STRIP;
        wtr_json_ref child = wtr_kasa_member(r, i, "id");
        if (known->outlet_count < WTR_KASA_MAX_OUTLETS &&
            wtr_kasa_full_id(&known->id, wtr_json_raw(r->json, child), &known->outlets[known->outlet_count]))
            known->outlet_count++;
        else
            return;
    }
}

static void say_outlet(struct wtr_kasa_reading *r, const struct wtr_kasa_known *known, unsigned index,
                       wtr_json_ref child)
{
    struct wtr_kasa_sentence about = {.reading = r, .channel = &known->outlets[index], .position = index + 1};
    say_state(&about, child, "state");
    struct wtr_kasa_sentence s = about;
    s.kind = WTR_KIND_DEVICE_IDENTITY;
    wtr_kasa_add_text(&s, child, "alias", WTR_FIELD_CHANNEL_NAME);
    wtr_kasa_add_raw(&s, child, "id");
    wtr_kasa_end(&s);
    wtr_kasa_read_next_action(&about, wtr_kasa_member(r, child, "next_action"), "schd_sec");
}

static void say_outlets(struct wtr_kasa_reading *r, wtr_json_ref children)
{
    const struct wtr_kasa_known *known = wtr_kasa_find(r->learnt, &r->plug->ip);
    unsigned index = 0;
    for (wtr_json_ref i = wtr_json_first(r->json, children); i >= 0;
         i = wtr_json_next(r->json, children, i)) {
        if (!known || index >= known->outlet_count) {
            wtr_kasa_finding(r, i, "an outlet whose id can't be told");
            return;
        }
        say_outlet(r, known, index++, i);
    }
}

void wtr_kasa_read_sysinfo(struct wtr_kasa_reading *r, wtr_json_ref info)
{
    struct wtr_kasa_sentence whole = {.reading = r};
    wtr_json_ref children = wtr_kasa_member(r, info, "children");
    if (!wtr_json_is(r->json, children, WTR_JSON_ARRAY))
        children = -1;
    learn_outlets(r, info, children);
    say_identity(r, info);
    say_state(&whole, info, "relay_state");
    wtr_kasa_read_light(r, wtr_kasa_member(r, info, "light_state"));
    say_outlets(r, children);
    say_place(r, info);
    wtr_kasa_read_next_action(&whole, wtr_kasa_member(r, info, "next_action"), "schd_sec");
    struct wtr_kasa_sentence signal = {.reading = r, .kind = WTR_KIND_NETWORK_JOIN};
    wtr_kasa_add_int(&signal, info, "rssi", WTR_FIELD_RSSI_DBM, MIN_RSSI, MAX_RSSI);
    wtr_kasa_end(&signal);
    wtr_kasa_say_setting(r, "led_off", info, "led_off");
    wtr_kasa_say_setting(r, "active_mode", info, "active_mode");
}
