/* SPDX-License-Identifier: Apache-2.0 */
/* Who a Shelly is, what it thinks the time is, and which network it is in (Gen1: "Availability and
 * announces", /status; Gen2: Shelly.GetDeviceInfo, Sys and Wifi statuses) [S], checked on real devices'
 * answers [V]:
 *
 *   - Gen1 announces {id, model, mac, ip, new_fw, fw_ver, mode}; Gen2 answers and announces {name, id,
 *     mac, model, gen, fw_id, ver, app}. mac is twelve digits without separators.
 *   - unixtime counts seconds in UTC; in Gen1 it is 0 while the clock is not set, in Gen2 null or, in a
 *     frame's ts, the seconds since the start. No firmware is older than 2018 [K].
 *   - reset_reason is a number of the processor's own (1 power, 3 software [K]) and is said as it stands.
 *   - Wi-Fi: Gen1 {connected, ssid, ip, rssi}, Gen2 {sta_ip, status "got ip", ssid, rssi, bssid in newer
 *     firmware}; null where there is no connection. */
#include "vendor/shelly/reading.h"

/* 2018-01-01T00:00:00Z. */
#define FIRST_VALID_TIME WTR_SHELLY_UNITS(1514764800)
/* 2100-01-01T00:00:00Z. */
#define LAST_VALID_TIME WTR_SHELLY_UNITS(4102444800)

void wtr_shelly_add_clock(struct wtr_shelly_sentence *s, wtr_json_ref object, const char *name)
{
    struct wtr_shelly_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    int64_t micro = 0;
    if (!wtr_shelly_number(r, value, 0, 0, LAST_VALID_TIME, &micro))
        return;
    wtr_shelly_begin(s);
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, wtr_json_raw(r->json, value));
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND,
                 micro >= FIRST_VALID_TIME ? WTR_TEXT("utc") : WTR_TEXT("unset"));
    if (micro >= FIRST_VALID_TIME && r->direct)
        wtr_say_micro(r->say, WTR_FIELD_OFFSET_S,
                      micro - wtr_divide_half_even(wtr_say_time_ns(r->say), 1000));
    wtr_say_raw_json(r->say, name, r->json, value);
}

void wtr_shelly_read_announce(struct wtr_shelly_reading *r, wtr_json_ref object)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_shelly_add_own_mac(&s, object, "mac");
    wtr_shelly_add_text(&s, object, "model", WTR_FIELD_MODEL);
    bool gen1 = wtr_json_get(r->json, object, "fw_ver") >= 0;
    wtr_shelly_add_text(&s, object, gen1 ? "fw_ver" : "ver", WTR_FIELD_FIRMWARE);
    wtr_shelly_add_text(&s, object, "name", WTR_FIELD_NAME);
    wtr_shelly_add_text(&s, object, "id", WTR_FIELD_DEVICE_ID);
    wtr_shelly_add_text(&s, object, "ip", WTR_FIELD_IP);
    wtr_json_ref build = wtr_json_get(r->json, object, "fw_id");
    if (s.begun && wtr_json_is(r->json, build, WTR_JSON_STRING))
        wtr_say_raw_json(r->say, "fw_id", r->json, build);
    wtr_shelly_end(&s);
}

/* What a member says of being connected; true where it is absent. */
static bool member_is(const struct wtr_shelly_reading *r, wtr_json_ref object, const char *name,
                      const char *one, const char *other)
{
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    struct wtr_text raw = wtr_json_raw(r->json, value);
    return value < 0 || wtr_text_is(raw, one) || wtr_text_is(raw, other);
}

static void add_bssid(struct wtr_shelly_sentence *s, wtr_json_ref object)
{
    struct wtr_shelly_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, "bssid");
    uint8_t mac[6];
    if (!wtr_json_is(r->json, value, WTR_JSON_STRING) || !wtr_parse_mac(wtr_json_raw(r->json, value), mac))
        return;
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    wtr_buffer_clear(scratch);
    wtr_put_mac(scratch, mac);
    wtr_say_text(r->say, WTR_FIELD_BSSID, wtr_buffer_text(scratch));
    wtr_say_raw_json(r->say, "bssid", r->json, value);
}

void wtr_shelly_read_wifi(struct wtr_shelly_reading *r, wtr_json_ref object)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_NETWORK_JOIN};
    if (!member_is(r, object, "connected", "true", "true") ||
        !member_is(r, object, "status", "got ip", "connected"))
        return;
    wtr_shelly_add_text(&s, object, "ssid", WTR_FIELD_SSID);
    if (!s.begun)
        return;
    add_bssid(&s, object);
    wtr_shelly_add_int(&s, object, "rssi", WTR_FIELD_RSSI_DBM, -200, 0);
    bool gen1 = wtr_json_get(r->json, object, "ip") >= 0;
    wtr_shelly_add_text(&s, object, gen1 ? "ip" : "sta_ip", WTR_FIELD_IP);
    wtr_shelly_end(&s);
}

static void add_reset_reason(struct wtr_shelly_sentence *s, wtr_json_ref object)
{
    struct wtr_shelly_reading *r = s->reading;
    wtr_json_ref reason = wtr_json_get(r->json, object, "reset_reason");
    if (!s->begun || !wtr_json_is(r->json, reason, WTR_JSON_NUMBER))
        return;
    wtr_say_text(r->say, WTR_FIELD_REASON, wtr_json_raw(r->json, reason));
    wtr_say_raw_json(r->say, "reset_reason", r->json, reason);
}

void wtr_shelly_read_clock(struct wtr_shelly_reading *r, wtr_json_ref object)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_CLOCK_READING};
    wtr_shelly_add_clock(&s, object, "unixtime");
    bool timeless = !s.begun;
    wtr_shelly_add_int(&s, object, "uptime", WTR_FIELD_UPTIME_S, 0, UINT32_MAX);
    if (s.begun && timeless)
        wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, WTR_TEXT("uptime"));
    add_reset_reason(&s, object);
    wtr_shelly_end(&s);
}

void wtr_shelly_read_sys(struct wtr_shelly_reading *r, wtr_json_ref object)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_shelly_add_own_mac(&s, object, "mac");
    wtr_shelly_end(&s);
    wtr_shelly_read_clock(r, object);
}
