/* SPDX-License-Identifier: Apache-2.0 */
/* Who a Meross device is, what time it has, and where it is said to be: Appliance.System.All, Time, Position
 * and Debug (krahabb/meross_lan merossclient/protocol) [S], recorded answers [V]. A header's timestamp is the
 * sender's clock, in seconds since 1970; timestampMs counts the milliseconds beside it. Latitudes and
 * longitudes are in millionths of a degree; both 0: none is stored. */
#include "vendor/meross/reading.h"

/* Adds the member as text, and begins the statement for it. */
struct sentence {
    struct wtr_meross_reading *reading;
    enum wtr_kind kind;
    bool begun;
};

static void add(struct sentence *s, wtr_json_ref object, const char *name, enum wtr_field field)
{
    struct wtr_meross_reading *r = s->reading;
    wtr_json_ref at = wtr_json_get(r->json, object, name);
    struct wtr_text text = wtr_json_string(r->json, at, wtr_say_scratch(r->say));
    if (wtr_json_is(r->json, at, WTR_JSON_NUMBER))
        text = wtr_json_raw(r->json, at);
    if (text.length == 0)
        return;
    if (!s->begun)
        wtr_say_begin(r->say, s->kind, r->device);
    s->begun = true;
    wtr_say_text(r->say, field, text);
    wtr_say_raw_json(r->say, name, r->json, at);
}

static void end(struct sentence *s)
{
    if (s->begun)
        wtr_say_end(s->reading->say);
}

void wtr_meross_tie_mac(struct wtr_meross_reading *r, struct wtr_text text)
{
    static const uint8_t zero[6];
    uint8_t mac[6];
    if (text.length == 0)
        return;
    if (wtr_parse_mac(text, mac) && (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0)
        wtr_say_tie_mac(r->say, r->device, mac);
    else
        wtr_say_finding(r->say, text, "the MAC address is none of a single device");
}

void wtr_meross_read_clock(struct wtr_meross_reading *r, wtr_json_ref holder)
{
    wtr_json_ref at = wtr_json_get(r->json, holder, "timestamp");
    struct wtr_clock_said clock = {.name = "timestamp", .raw = wtr_json_raw(r->json, at)};
    int64_t millis;
    if (!wtr_json_int(r->json, at, &clock.seconds))
        return;
    if (wtr_json_int(r->json, wtr_json_get(r->json, holder, "timestampMs"), &millis) && millis >= 0 &&
        millis < 1000)
        clock.millis = millis;
    wtr_say_clock(r->say, r->device, &clock);
}

static void read_identity(struct wtr_meross_reading *r, wtr_json_ref system)
{
    wtr_json_ref hardware = wtr_json_get(r->json, system, "hardware");
    wtr_json_ref firmware = wtr_json_get(r->json, system, "firmware");
    wtr_json_ref mac = wtr_json_get(r->json, hardware, "macAddress");
    struct sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_meross_tie_mac(r, wtr_json_raw(r->json, mac));
    add(&s, hardware, "type", WTR_FIELD_MODEL);
    add(&s, firmware, "version", WTR_FIELD_FIRMWARE);
    add(&s, hardware, "uuid", WTR_FIELD_DEVICE_ID);
    add(&s, hardware, "macAddress", WTR_FIELD_MAC);
    add(&s, firmware, "innerIp", WTR_FIELD_IP);
    add(&s, firmware, "userId", WTR_FIELD_ACCOUNT);
    add(&s, firmware, "server", WTR_FIELD_SERVER);
    add(&s, wtr_json_get(r->json, system, "time"), "timezone", WTR_FIELD_TIMEZONE);
    end(&s);
}

void wtr_meross_read_all(struct wtr_meross_reading *r, const struct wtr_meross_part *part)
{
    wtr_json_ref all = wtr_json_get(r->json, part->payload, "all");
    wtr_json_ref system = wtr_json_get(r->json, all, "system");
    wtr_json_ref digest = wtr_json_get(r->json, all, "digest");
    wtr_json_ref control = wtr_json_get(r->json, all, "control");
    read_identity(r, system);
    wtr_meross_read_clock(r, wtr_json_get(r->json, system, "time"));
    wtr_meross_each(r, part, wtr_json_get(r->json, digest, "togglex"), wtr_meross_read_toggle);
    wtr_meross_each(r, part, wtr_json_get(r->json, control, "toggle"), wtr_meross_read_toggle);
}

static bool degrees(struct wtr_meross_reading *r, wtr_json_ref at, int64_t most, int64_t *micro)
{
    if (wtr_json_int(r->json, at, micro) && *micro >= -most && *micro <= most)
        return true;
    wtr_meross_finding(r, at, "the position is beyond the globe");
    return false;
}

void wtr_meross_read_position(struct wtr_meross_reading *r, wtr_json_ref position)
{
    wtr_json_ref north = wtr_json_get(r->json, position, "latitude");
    wtr_json_ref east = wtr_json_get(r->json, position, "longitude");
    int64_t latitude, longitude;
    if (north < 0 || east < 0 || !degrees(r, north, 90000000, &latitude) ||
        !degrees(r, east, 180000000, &longitude) || (latitude == 0 && longitude == 0))
        return;
    wtr_say_begin(r->say, WTR_KIND_DEVICE_LOCATION, r->device);
    wtr_say_micro(r->say, WTR_FIELD_LATITUDE, latitude);
    wtr_say_micro(r->say, WTR_FIELD_LONGITUDE, longitude);
    wtr_say_raw_json(r->say, "latitude", r->json, north);
    wtr_say_raw_json(r->say, "longitude", r->json, east);
    wtr_say_end(r->say);
}

void wtr_meross_read_debug(struct wtr_meross_reading *r, wtr_json_ref debug)
{
    struct sentence s = {.reading = r, .kind = WTR_KIND_NETWORK_JOIN};
    add(&s, wtr_json_get(r->json, debug, "network"), "ssid", WTR_FIELD_SSID);
    end(&s);
}
