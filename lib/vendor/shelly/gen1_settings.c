/* SPDX-License-Identifier: Apache-2.0 */
/* What Gen1 takes and answers by HTTP alone (Shelly API reference for Gen1: /relay/<n>, /shelly, /settings)
 * [S], /shelly and /settings [V] on a real plug's answers:
 *
 *   - /relay/<n>?turn=on|off|toggle&timer=<s>: timer is a countdown after which the relay turns back.
 *   - /shelly {type, mac, auth, fw, …}. /settings {device {type, mac, hostname}, login {username}, mqtt
 * {server, user, id}, lat, lng, timezone, name, fw, unixtime, relays [{name, ison, schedule,
 * schedule_rules}]}.
 *   - schedule_rules are texts "HHMM-<days>-on" or "-off", days being digits from 0; `schedule` is whether
 * they run. Times are the device's local ones. Other forms of a rule (sunrise, sunset) are shown as they
 * stand.
 *   - lat and lng are null or 0 where they were not set. wifi_sta in /settings is what was entered, not what
 *     the device is connected to, and is not said. */
#include "vendor/http_target.h"
#include "vendor/shelly/http.h"

enum { MAX_RELAYS = 8, MAX_RULES = 32 };

void wtr_shelly_read_turn(struct wtr_shelly_reading *r, const struct wtr_shelly_call *call)
{
    struct wtr_shelly_channel channel = wtr_shelly_channel("relay", call->number);
    struct wtr_shelly_sentence s = {.reading = r,
                                    .kind = WTR_KIND_POWER_COMMAND,
                                    .channel = wtr_shelly_channel_text(&channel),
                                    .outlet = call->number + 1};
    struct wtr_text turn = wtr_http_query_value(call->query, "turn");
    struct wtr_text timer = wtr_http_query_value(call->query, "timer");
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_STATE, turn);
    wtr_say_raw(r->say, WTR_TEXT("turn"), turn);
    wtr_shelly_end(&s);
    if (timer.length > 0)
        (void)wtr_shelly_say_timer(r, &channel, call->number, WTR_TEXT("timer"), timer, timer);
}

void wtr_shelly_read_gen1_identity(struct wtr_shelly_reading *r, wtr_json_ref object)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_shelly_add_own_mac(&s, object, "mac");
    wtr_shelly_add_text(&s, object, "type", WTR_FIELD_MODEL);
    wtr_shelly_add_text(&s, object, "fw", WTR_FIELD_FIRMWARE);
    wtr_shelly_add_text(&s, object, "name", WTR_FIELD_NAME);
    wtr_shelly_end(&s);
}

static void read_names(struct wtr_shelly_reading *r, wtr_json_ref settings)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_json_ref device = wtr_json_get(r->json, settings, "device");
    wtr_json_ref mqtt = wtr_json_get(r->json, settings, "mqtt");
    wtr_shelly_add_own_mac(&s, device, "mac");
    wtr_shelly_add_text(&s, device, "type", WTR_FIELD_MODEL);
    wtr_shelly_add_text(&s, device, "hostname", WTR_FIELD_HOSTNAME);
    wtr_shelly_add_text(&s, settings, "fw", WTR_FIELD_FIRMWARE);
    wtr_shelly_add_text(&s, settings, "name", WTR_FIELD_NAME);
    wtr_shelly_add_text(&s, mqtt, "id", WTR_FIELD_CLIENT_ID);
    wtr_shelly_add_text(&s, mqtt, "user", WTR_FIELD_USER);
    wtr_shelly_add_text(&s, mqtt, "server", WTR_FIELD_SERVER);
    wtr_shelly_end(&s);
}

static void read_place(struct wtr_shelly_reading *r, wtr_json_ref settings)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_LOCATION};
    int64_t lat = 0, lng = 0;
    wtr_json_ref latitude = wtr_json_get(r->json, settings, "lat");
    bool set = wtr_json_micro(r->json, latitude, 0, &lat) &&
               wtr_json_micro(r->json, wtr_json_get(r->json, settings, "lng"), 0, &lng) &&
               (lat != 0 || lng != 0);
    if (!set)
        return;
    wtr_shelly_add_number(&s, settings, "lat", WTR_FIELD_LATITUDE, WTR_SHELLY_UNITS(-90),
                          WTR_SHELLY_UNITS(90));
    wtr_shelly_add_number(&s, settings, "lng", WTR_FIELD_LONGITUDE, WTR_SHELLY_UNITS(-180),
                          WTR_SHELLY_UNITS(180));
    wtr_shelly_add_text(&s, settings, "timezone", WTR_FIELD_TIMEZONE);
    wtr_shelly_end(&s);
}

/* A rule's text cut into its time, its days and its action; false if it has another form. */
static bool cut_rule(struct wtr_text rule, struct wtr_text parts[3])
{
    for (int i = 0; i < 3; i++)
        parts[i] = wtr_text_cut(&rule, '-');
    return !rule.data && parts[0].length == 4 && parts[1].length > 0 &&
           (wtr_text_is(parts[2], "on") || wtr_text_is(parts[2], "off"));
}

static void say_rule(struct wtr_shelly_reading *r, unsigned relay, unsigned number, wtr_json_ref rule,
                     wtr_json_ref enabled)
{
    struct wtr_shelly_channel channel = wtr_shelly_channel("relay", relay);
    struct wtr_shelly_sentence s = {.reading = r,
                                    .kind = WTR_KIND_SCHEDULE_RULE,
                                    .channel = wtr_shelly_channel_text(&channel),
                                    .outlet = relay + 1};
    struct wtr_text text = wtr_json_raw(r->json, rule), parts[3];
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    bool on = false;
    if (!wtr_json_is(r->json, rule, WTR_JSON_STRING))
        return;
    wtr_shelly_begin(&s);
    wtr_buffer_clear(scratch);
    wtr_put_uint(scratch, number);
    wtr_say_text(r->say, WTR_FIELD_RULE, wtr_buffer_text(scratch));
    if (wtr_json_bool(r->json, enabled, &on))
        wtr_say_bool(r->say, WTR_FIELD_ENABLED, on);
    if (cut_rule(text, parts)) {
        wtr_say_text(r->say, WTR_FIELD_AT, parts[0]);
        wtr_say_text(r->say, WTR_FIELD_DAYS, parts[1]);
        wtr_say_text(r->say, WTR_FIELD_ACTION, parts[2]);
    } else {
        wtr_say_text(r->say, WTR_FIELD_AT, text);
    }
    wtr_say_raw_json(r->say, "schedule_rules", r->json, rule);
    wtr_shelly_end(&s);
}

void wtr_shelly_read_gen1_relay_settings(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref relay)
{
    struct wtr_shelly_channel channel = wtr_shelly_channel("relay", number);
    struct wtr_shelly_sentence name = {.reading = r,
                                       .kind = WTR_KIND_DEVICE_IDENTITY,
                                       .channel = wtr_shelly_channel_text(&channel),
                                       .outlet = number + 1};
    wtr_shelly_add_text(&name, relay, "name", WTR_FIELD_CHANNEL_NAME);
    wtr_shelly_end(&name);
    wtr_shelly_read_gen1_relay(r, number, relay);
    wtr_json_ref rules = wtr_json_get(r->json, relay, "schedule_rules");
    wtr_json_ref enabled = wtr_json_get(r->json, relay, "schedule");
    wtr_json_ref rule = wtr_json_is(r->json, rules, WTR_JSON_ARRAY) ? wtr_json_first(r->json, rules) : -1;
    for (unsigned i = 0; i < MAX_RULES && rule >= 0; i++, rule = wtr_json_next(r->json, rules, rule))
        say_rule(r, number, i, rule, enabled);
}

void wtr_shelly_read_gen1_settings(struct wtr_shelly_reading *r, wtr_json_ref settings)
{
    if (!wtr_shelly_is_small(r, settings))
        return;
    read_names(r, settings);
    read_place(r, settings);
    wtr_shelly_read_clock(r, settings);
    wtr_json_ref relays = wtr_json_get(r->json, settings, "relays");
    wtr_json_ref relay = wtr_json_is(r->json, relays, WTR_JSON_ARRAY) ? wtr_json_first(r->json, relays) : -1;
    for (unsigned i = 0; i < MAX_RELAYS && relay >= 0; i++, relay = wtr_json_next(r->json, relays, relay))
        wtr_shelly_read_gen1_relay_settings(r, i, relay);
}
