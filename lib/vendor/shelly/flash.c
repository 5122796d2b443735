/* SPDX-License-Identifier: Apache-2.0 */
/* Mongoose OS keeps its configuration as JSON files conf0.json (defaults) to conf9.json (what the user set,
 * and only that) in SPIFFS or LittleFS (mongoose-os/docs userguide/configuration.md; wifi, mqtt libraries'
 * mos.yml) [S]. Shelly's firmware is built on it; no user's conf9.json was seen on a real dump:
 *
 *   - device.id; wifi.sta, wifi.sta1, wifi.sta2, wifi.ap {ssid, pass}; mqtt {server, user, pass, client_id}.
 * A file of the name is claimed only if it is an object that has one of these. A device of other makers that
 * runs Mongoose OS has such files too: it goes by Shelly's name only where device.id or the client id begins
 * with "shelly". Schedules, actions and scripts are in files whose form has no public source: entries without
 * a meaning. */
#include "vendor/shelly/flash.h"

#include "model/devices.h"

enum { MAX_FILE = 64 * 1024 };

static bool is_configuration(const struct wtr_entry *entry)
{
    struct wtr_text path = entry->path;
    return wtr_text_ends(path, "conf9.json") && (path.length == 10 || path.data[path.length - 11] == '/') &&
           entry->span.length > 2 && entry->span.length <= MAX_FILE && entry->span.bytes[0] == '{';
}

enum wtr_claim wtr_shelly_claim_entry(const void *state, const struct wtr_entry *entry)
{
    (void)state;
    return is_configuration(entry) && !entry->attributed ? WTR_CLAIM_SHAPE : WTR_CLAIM_NONE;
}

struct reading {
    const struct wtr_json *json;
    struct wtr_say *say;
    wtr_device_ref device;
};

static struct wtr_text text_of(const struct reading *r, wtr_json_ref object, const char *name,
                               wtr_json_ref *at)
{
    *at = wtr_json_get(r->json, object, name);
    struct wtr_text text = wtr_json_string(r->json, *at, wtr_say_scratch(r->say));
    return text.data ? text : (struct wtr_text){NULL, 0};
}

static void add_text(const struct reading *r, wtr_json_ref object, const char *name, enum wtr_field field)
{
    wtr_json_ref at = -1;
    struct wtr_text text = text_of(r, object, name, &at);
    if (text.length == 0)
        return;
    wtr_say_text(r->say, field, text);
    wtr_say_raw_json(r->say, name, r->json, at);
}

/* A network's or broker's password: `of` is what it is for, `ssid` may be absent. */
static void say_secret(const struct reading *r, wtr_json_ref object, const char *of)
{
    wtr_json_ref at = -1;
    if (text_of(r, object, "pass", &at).length == 0)
        return;
    wtr_say_begin(r->say, WTR_KIND_CREDENTIAL, r->device);
    wtr_say_text(r->say, WTR_FIELD_SECRET, wtr_text_z(of));
    wtr_json_ref ssid = -1;
    struct wtr_text name = text_of(r, object, "ssid", &ssid);
    if (name.length > 0)
        wtr_say_text(r->say, WTR_FIELD_SSID, name);
    wtr_say_text(r->say, WTR_FIELD_VALUE, text_of(r, object, "pass", &at));
    wtr_say_raw_json(r->say, "pass", r->json, at);
    wtr_say_end(r->say);
}

/* Both texts must be plain, as each uses the scratch. */
static void say_key(const struct reading *r, wtr_json_ref network)
{
    wtr_json_ref ssid = wtr_json_get(r->json, network, "ssid");
    wtr_json_ref pass = wtr_json_get(r->json, network, "pass");
    if (wtr_json_is(r->json, ssid, WTR_JSON_STRING) && wtr_json_is(r->json, pass, WTR_JSON_STRING) &&
        !r->json->tokens[ssid].escaped && !r->json->tokens[pass].escaped &&
        wtr_json_raw(r->json, ssid).length > 0 && wtr_json_raw(r->json, pass).length > 0)
        wtr_say_key(r->say, WTR_KEY_WIFI, wtr_json_raw(r->json, ssid), wtr_json_raw(r->json, pass));
}

static void read_networks(const struct reading *r, wtr_json_ref wifi)
{
    static const char *const names[] = {"sta", "sta1", "sta2"};
    for (size_t i = 0; i < 3; i++) {
        wtr_json_ref network = wtr_json_get(r->json, wifi, names[i]);
        wtr_json_ref at = -1;
        if (text_of(r, network, "ssid", &at).length == 0)
            continue;
        say_secret(r, network, "wifi");
        say_key(r, network);
    }
    say_secret(r, wtr_json_get(r->json, wifi, "ap"), "wifi access point");
}

static void read_identity(const struct reading *r, wtr_json_ref device, wtr_json_ref mqtt)
{
    wtr_json_ref at = -1;
    if (text_of(r, device, "id", &at).length == 0 && text_of(r, mqtt, "server", &at).length == 0)
        return;
    wtr_say_begin(r->say, WTR_KIND_DEVICE_IDENTITY, r->device);
    add_text(r, device, "id", WTR_FIELD_DEVICE_ID);
    add_text(r, mqtt, "client_id", WTR_FIELD_CLIENT_ID);
    add_text(r, mqtt, "user", WTR_FIELD_USER);
    add_text(r, mqtt, "server", WTR_FIELD_SERVER);
    wtr_say_end(r->say);
}

static wtr_device_ref device_of(const struct reading *r, wtr_json_ref device, wtr_json_ref mqtt, bool live)
{
    wtr_json_ref at = -1;
    struct wtr_text id = text_of(r, device, "id", &at);
    if (!wtr_text_starts(id, "shelly"))
        id = text_of(r, mqtt, "client_id", &at);
    if (!wtr_text_starts(id, "shelly"))
        return wtr_say_dump_device(r->say, WTR_LAN_VENDOR);
    return live ? wtr_say_dump_id(r->say, "shelly", id) : wtr_say_dump_device(r->say, "shelly");
}

void wtr_shelly_read_entry(void *state, const struct wtr_entry *entry, struct wtr_say *say)
{
    (void)state;
    struct wtr_json *json = wtr_say_json(say);
    struct wtr_text file = wtr_text_of(entry->span.bytes, entry->span.length);
    if (!wtr_json_parse(json, file)) {
        wtr_say_finding(say, file, "the configuration is no JSON object");
        return;
    }
    struct reading r = {.json = json, .say = say};
    wtr_json_ref device = wtr_json_get(json, 0, "device");
    wtr_json_ref mqtt = wtr_json_get(json, 0, "mqtt");
    wtr_json_ref wifi = wtr_json_get(json, 0, "wifi");
    if (device < 0 && mqtt < 0 && wifi < 0)
        return;
    r.device = device_of(&r, device, mqtt, entry->state == WTR_ENTRY_LIVE);
    read_identity(&r, device, mqtt);
    read_networks(&r, wifi);
    say_secret(&r, mqtt, "mqtt");
}
