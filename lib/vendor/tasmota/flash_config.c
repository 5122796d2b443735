/* SPDX-License-Identifier: Apache-2.0 */
/* Who a plug with Tasmota is, its networks and secrets, and what it was set to, from its stored settings
 * (arendst/Tasmota, settings.ino SettingsDefaultSet2, my_user_config.h; tasmota/docs MQTT.md) [S]:
 *
 *   - Texts may hold what the plug fills in when it uses them (%06X: the last digits of its MAC, %topic%,
 *     %hostname%): they stand here as they are stored.
 *   - In MQTT the plug is known by its FullTopic without the prefix (topic.c). It is tied to that name only
 * by the live copy, and only where topic and FullTopic leave nothing to be filled in.
 *   - The network in use is known by the access point that was stored with it.
 *   - 48.858360, 2.294442 is the place that every plug has until its owner sets one. */
#include "vendor/tasmota/flash_read.h"

/* ---- the plug's name */

static bool is_plain(struct wtr_text text)
{
    return text.length > 0 && memchr(text.data, '%', text.length) == NULL;
}

/* The FullTopic's levels but for the prefix; false where one of them is not known. */
static bool put_id(struct wtr_buffer *id, struct wtr_text fulltopic, struct wtr_text topic)
{
    while (fulltopic.length > 0) {
        struct wtr_text level = wtr_text_cut(&fulltopic, '/');
        if (wtr_text_is(level, "%prefix%") || level.length == 0)
            continue;
        if (wtr_text_is(level, "%topic%"))
            level = topic;
        if (!is_plain(level))
            return false;
        if (id->length > 0)
            wtr_put_char(id, '/');
        wtr_put_text(id, level);
    }
    return id->length > 0 && !id->failed;
}

wtr_device_ref wtr_tasmota_stored_device(const struct wtr_tasmota_settings *settings, bool live,
                                         struct wtr_say *say)
{
    struct wtr_text fulltopic = wtr_tasmota_settings_text(settings, WTR_TASMOTA_T_FULLTOPIC, 0);
    struct wtr_text topic = wtr_tasmota_settings_text(settings, WTR_TASMOTA_T_TOPIC, 0);
    struct wtr_buffer id = {0};
    bool named = live && is_plain(topic) && fulltopic.length > 0 && put_id(&id, fulltopic, topic);
    wtr_device_ref device =
        named ? wtr_say_dump_id(say, "tasmota", wtr_buffer_text(&id)) : wtr_say_dump_device(say, "tasmota");
    wtr_buffer_free(&id);
    return device;
}

/* ---- identity */

static void add_text(const struct wtr_tasmota_stored *r, enum wtr_tasmota_settings_text which,
                     enum wtr_field field, const char *name)
{
    struct wtr_text text = wtr_tasmota_settings_text(r->settings, which, 0);
    if (text.length == 0)
        return;
    wtr_say_text(r->say, field, text);
    wtr_say_raw(r->say, wtr_text_z(name), text);
}

static void say_identity(const struct wtr_tasmota_stored *r)
{
    struct wtr_buffer version = {0};
    int64_t module = 0;
    struct wtr_text raw;
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        if (shift < 32)
            wtr_put_char(&version, '.');
        wtr_put_uint(&version, r->settings->version >> (shift - 8) & 0xFF);
    }
    wtr_tasmota_stored_begin(r, WTR_KIND_DEVICE_IDENTITY, 0);
    wtr_say_text(r->say, WTR_FIELD_FIRMWARE, wtr_buffer_text(&version));
    wtr_say_raw_bytes(r->say, WTR_TEXT("version"), wtr_text_of(r->settings->bytes + 8, 4));
    if (wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_MODULE, 0, &module, &raw) && module == 255)
        add_text(r, WTR_TASMOTA_T_TEMPLATE_NAME, WTR_FIELD_MODEL, "templatename");
    add_text(r, WTR_TASMOTA_T_DEVICE_NAME, WTR_FIELD_NAME, "devicename");
    add_text(r, WTR_TASMOTA_T_HOSTNAME, WTR_FIELD_HOSTNAME, "hostname");
    add_text(r, WTR_TASMOTA_T_TOPIC, WTR_FIELD_DEVICE_ID, "mqtt_topic");
    add_text(r, WTR_TASMOTA_T_MQTT_CLIENT, WTR_FIELD_CLIENT_ID, "mqtt_client");
    add_text(r, WTR_TASMOTA_T_MQTT_USER, WTR_FIELD_USER, "mqtt_user");
    add_text(r, WTR_TASMOTA_T_MQTT_HOST, WTR_FIELD_SERVER, "mqtt_host");
    wtr_say_end(r->say);
    wtr_buffer_free(&version);
}

static void say_names(const struct wtr_tasmota_stored *r)
{
    uint32_t relays = wtr_tasmota_slots_relays(r->slots);
    for (unsigned n = 0; n < 8; n++) {
        struct wtr_text name = wtr_tasmota_settings_text(r->settings, WTR_TASMOTA_T_FRIENDLY_NAME, n);
        if (name.length == 0 || (relays >> n & 1) == 0)
            continue;
        wtr_tasmota_stored_begin(r, WTR_KIND_DEVICE_IDENTITY, n + 1);
        wtr_say_text(r->say, WTR_FIELD_CHANNEL_NAME, name);
        wtr_say_raw(r->say, WTR_TEXT("friendlyname"), name);
        wtr_say_end(r->say);
    }
}

/* ---- networks and secrets */

static void say_secret(const struct wtr_tasmota_stored *r, const char *of, struct wtr_text secret,
                       struct wtr_text ssid)
{
    if (secret.length == 0)
        return;
    wtr_tasmota_stored_begin(r, WTR_KIND_CREDENTIAL, 0);
    wtr_say_text(r->say, WTR_FIELD_SECRET, wtr_text_z(of));
    if (ssid.length > 0)
        wtr_say_text(r->say, WTR_FIELD_SSID, ssid);
    wtr_say_text(r->say, WTR_FIELD_VALUE, secret);
    wtr_say_raw(r->say, wtr_text_z(of), secret);
    wtr_say_end(r->say);
}

static void say_networks(const struct wtr_tasmota_stored *r)
{
    int64_t active = 0;
    int64_t channel = 0;
    struct wtr_text raw, bssid;
    for (unsigned n = 0; n < 2; n++) {
        struct wtr_text ssid = wtr_tasmota_settings_text(r->settings, WTR_TASMOTA_T_SSID, n);
        struct wtr_text password = wtr_tasmota_settings_text(r->settings, WTR_TASMOTA_T_PASSWORD, n);
        if (ssid.length == 0)
            continue;
        say_secret(r, "wifi", password, ssid);
        wtr_say_key(r->say, WTR_KEY_WIFI, ssid, password);
    }
    if (!wtr_tasmota_settings_bssid(r->settings, &bssid) ||
        !wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_STA_ACTIVE, 0, &active, &raw) || active > 1)
        return;
    struct wtr_text ssid = wtr_tasmota_settings_text(r->settings, WTR_TASMOTA_T_SSID, (unsigned)active);
    if (ssid.length == 0)
        return;
    struct wtr_buffer mac = {0};
    wtr_put_mac(&mac, (const uint8_t *)bssid.data);
    wtr_tasmota_stored_begin(r, WTR_KIND_NETWORK_JOIN, 0);
    wtr_say_text(r->say, WTR_FIELD_SSID, ssid);
    wtr_say_text(r->say, WTR_FIELD_BSSID, wtr_buffer_text(&mac));
    if (wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_WIFI_CHANNEL, 0, &channel, &raw) && channel > 0)
        wtr_say_int(r->say, WTR_FIELD_WIFI_CHANNEL, channel);
    wtr_say_raw_bytes(r->say, WTR_TEXT("wifi_bssid"), bssid);
    wtr_say_end(r->say);
    wtr_buffer_free(&mac);
}

/* ---- settings */

static void say_setting(const struct wtr_tasmota_stored *r, const char *name, struct wtr_text value)
{
    if (value.length == 0)
        return;
    wtr_tasmota_stored_begin(r, WTR_KIND_DEVICE_CONFIG, 0);
    wtr_say_text(r->say, WTR_FIELD_SETTING, wtr_text_z(name));
    wtr_say_text(r->say, WTR_FIELD_VALUE, value);
    wtr_say_raw(r->say, wtr_text_z(name), value);
    wtr_say_end(r->say);
}

static void say_number(const struct wtr_tasmota_stored *r, const char *name, enum wtr_tasmota_field field)
{
    int64_t value = 0;
    struct wtr_text raw;
    struct wtr_buffer text = {0};
    if (!wtr_tasmota_settings_number(r->settings, field, 0, &value, &raw))
        return;
    wtr_put_int(&text, value);
    wtr_tasmota_stored_begin(r, WTR_KIND_DEVICE_CONFIG, 0);
    wtr_say_text(r->say, WTR_FIELD_SETTING, wtr_text_z(name));
    wtr_say_text(r->say, WTR_FIELD_VALUE, wtr_buffer_text(&text));
    wtr_say_raw_bytes(r->say, wtr_text_z(name), raw);
    wtr_say_end(r->say);
    wtr_buffer_free(&text);
}

static void say_rules(const struct wtr_tasmota_stored *r)
{
    static const char *const names[] = {"Rule1", "Rule2", "Rule3"};
    int64_t enabled = 0;
    struct wtr_text flags;
    bool known = wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_RULE_ENABLED, 0, &enabled, &flags);
    for (unsigned n = 0; n < 3; n++) {
        struct wtr_text rule = wtr_tasmota_settings_rule(r->settings, n + 1);
        if (rule.length == 0)
            continue;
        wtr_tasmota_stored_begin(r, WTR_KIND_SCHEDULE_RULE, 0);
        wtr_say_text(r->say, WTR_FIELD_RULE, wtr_text_z(names[n]));
        if (known)
            wtr_say_bool(r->say, WTR_FIELD_ENABLED, (enabled >> n & 1) != 0);
        wtr_say_text(r->say, WTR_FIELD_VALUE, rule);
        wtr_say_raw(r->say, wtr_text_z(names[n]), rule);
        wtr_say_end(r->say);
    }
}

static void say_place(const struct wtr_tasmota_stored *r)
{
    const int64_t usual_latitude = 48858360, usual_longitude = 2294442;
    int64_t latitude = 0;
    int64_t longitude = 0;
    struct wtr_text raws[2];
    if (!wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_LATITUDE, 0, &latitude, &raws[0]) ||
        !wtr_tasmota_settings_number(r->settings, WTR_TASMOTA_LONGITUDE, 0, &longitude, &raws[1]) ||
        (latitude == usual_latitude && longitude == usual_longitude) || (latitude == 0 && longitude == 0) ||
        latitude < -90000000 || latitude > 90000000 || longitude < -180000000 || longitude > 180000000)
        return;
    wtr_tasmota_stored_begin(r, WTR_KIND_DEVICE_LOCATION, 0);
    wtr_say_micro(r->say, WTR_FIELD_LATITUDE, latitude);
    wtr_say_micro(r->say, WTR_FIELD_LONGITUDE, longitude);
    wtr_say_raw_bytes(r->say, WTR_TEXT("latitude"), raws[0]);
    wtr_say_raw_bytes(r->say, WTR_TEXT("longitude"), raws[1]);
    wtr_say_end(r->say);
}

void wtr_tasmota_stored_config(const struct wtr_tasmota_stored *r)
{
    const struct wtr_text no_network = {NULL, 0};
    const struct wtr_tasmota_settings *s = r->settings;
    struct wtr_text fulltopic = wtr_tasmota_settings_text(s, WTR_TASMOTA_T_FULLTOPIC, 0);
    struct wtr_text group = wtr_tasmota_settings_text(s, WTR_TASMOTA_T_GROUP_TOPIC, 0);
    say_identity(r);
    say_names(r);
    say_networks(r);
    say_secret(r, "mqtt", wtr_tasmota_settings_text(s, WTR_TASMOTA_T_MQTT_PASSWORD, 0), no_network);
    say_secret(r, "web", wtr_tasmota_settings_text(s, WTR_TASMOTA_T_WEB_PASSWORD, 0), no_network);
    say_setting(r, "FullTopic", fulltopic);
    say_setting(r, "GroupTopic", group);
    say_number(r, "MqttPort", WTR_TASMOTA_MQTT_PORT);
    say_number(r, "PowerOnState", WTR_TASMOTA_POWERONSTATE);
    say_number(r, "SaveData", WTR_TASMOTA_SAVE_DATA);
    say_rules(r);
    say_place(r);
}
