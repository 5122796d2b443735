/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge itself (Koenkk/zigbee2mqtt@6835cbf5 lib/mqtt.ts, lib/extension/bridge.ts, availability.ts; its
 * documentation "MQTT topics and messages") [S], state and info [V] on a broker with payloads of our own:
 *
 *   - bridge/state: {"state":"online"}, before 2.0 usually the bare word. "offline" is the last will, with
 *     QoS 1, and what the bridge publishes itself before it ends in order. It is the bridge's end: of the
 *     plugs nothing is known from then on.
 *   - bridge/info: version, config.mqtt.base_topic. The network key and the password are left out by the
 *     bridge.
 *   - <friendly name>/availability, retained: whether the bridge reaches the device. It is said at each
 *     start of the bridge, too, so only a change is a session's end or beginning.
 *   - bridge/event: device_joined, device_announce (the device came back into the network, after a loss of
 *     power or of the way), device_interview, device_leave, with friendly_name and ieee_address.
 *   - bridge/request/…: what somebody asks of the bridge. Removing, renaming and restarting alter evidence.
 *   - bridge/logging repeats other messages as text, and is not read. */
#include "vendor/mqtt_publish.h"
#include "vendor/zigbee2mqtt/reading.h"

bool wtr_z2m_is_state_word(struct wtr_text payload, bool *online)
{
    static const char *const offline[] = {"offline", "{\"state\":\"offline\"}"};
    static const char *const words[] = {"online", "{\"state\":\"online\"}"};
    for (size_t i = 0; i < 2; i++) {
        *online = wtr_text_is(payload, words[i]);
        if (*online || wtr_text_is(payload, offline[i]))
            return true;
    }
    return false;
}

static void read_bridge_state(struct wtr_z2m_reading *r, struct wtr_text payload)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(r->message);
    bool from_client = session && wtr_mqtt_from_client(session, r->message->direction);
    bool online = false;
    if (!wtr_z2m_is_state_word(payload, &online))
        return;
    if (r->known && (from_client || online))
        r->known->left = !online;
    if (online || !session || !wtr_mqtt_from_broker(session, r->message->direction) ||
        (r->known && r->known->left))
        return;
    wtr_say_begin(r->say, WTR_KIND_SESSION_CLOSE, r->bridge);
    if (r->known && r->known->seen)
        wtr_say_text(r->say, WTR_FIELD_BY, WTR_TEXT("broker"));
    wtr_say_raw(r->say, WTR_TEXT("state"), payload);
    wtr_say_last_will(r->say);
    wtr_say_end(r->say);
}

static void read_info(struct wtr_z2m_reading *r, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(r->say, payload, "the bridge's description is no JSON object");
        return;
    }
    wtr_json_ref mqtt = wtr_json_get(json, wtr_json_get(json, 0, "config"), "mqtt");
    struct wtr_text base =
        wtr_json_string(json, wtr_json_get(json, mqtt, "base_topic"), wtr_say_scratch(r->say));
    if (wtr_text_equal(base, r->base))
        wtr_z2m_turn_to(r, r->base, true);
    wtr_json_ref version = wtr_json_get(json, 0, "version");
    struct wtr_text text = wtr_json_string(json, version, wtr_say_scratch(r->say));
    if (text.length == 0)
        return;
    wtr_say_begin(r->say, WTR_KIND_DEVICE_IDENTITY, r->bridge);
    wtr_say_text(r->say, WTR_FIELD_FIRMWARE, text);
    wtr_say_raw_json(r->say, "version", json, version);
    wtr_say_end(r->say);
}

/* The bridge says that a device came or went: `reason` in its words, which stand at `word`. */
static void say_session(struct wtr_z2m_reading *r, wtr_device_ref device, bool open, const char *name,
                        const struct wtr_standing *word, struct wtr_text reason)
{
    wtr_say_begin(r->say, open ? WTR_KIND_SESSION_OPEN : WTR_KIND_SESSION_CLOSE, device);
    wtr_say_text(r->say, WTR_FIELD_REASON, reason);
    wtr_say_standing(r->say, wtr_text_z(name), word);
    wtr_say_end(r->say);
}

static void read_event(struct wtr_z2m_reading *r, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    if (!wtr_json_parse(json, payload))
        return;
    wtr_json_ref type = wtr_json_get(json, 0, "type");
    wtr_json_ref data = wtr_json_get(json, 0, "data");
    struct wtr_text address = wtr_json_raw(json, wtr_json_get(json, data, "ieee_address"));
    struct wtr_text name =
        wtr_json_string(json, wtr_json_get(json, data, "friendly_name"), wtr_say_scratch(r->say));
    if (name.length == 0 || !wtr_z2m_is_address(address))
        return;
    const struct wtr_z2m_device *device = wtr_z2m_entry(r, name, address);
    if (!device)
        return;
    const struct wtr_standing word = {json, type, wtr_json_raw(json, type)};
    bool open = wtr_text_is(word.text, "device_announce");
    if (open || wtr_text_is(word.text, "device_leave"))
        say_session(r, device->device, open, "type", &word, word.text);
}

static void read_request(struct wtr_z2m_reading *r, struct wtr_text what, struct wtr_text payload)
{
    static const char *const settings[] = {"device/remove", "device/rename", "group/remove", "permit_join",
                                           "restart"};
    bool update = wtr_text_is(what, "device/ota_update/update");
    bool setting = false;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        setting = setting || wtr_text_is(what, settings[i]);
    if (!update && !setting)
        return;
    wtr_say_begin(r->say, update ? WTR_KIND_FIRMWARE_UPDATE : WTR_KIND_DEVICE_CONFIG, r->bridge);
    wtr_say_text(r->say, WTR_FIELD_SETTING, what);
    wtr_say_text(r->say, WTR_FIELD_VALUE, payload);
    wtr_say_raw(r->say, what, payload);
    wtr_say_end(r->say);
}

void wtr_z2m_read_bridge(struct wtr_z2m_reading *r, struct wtr_text what, struct wtr_text payload)
{
    static const char request[] = "request/";
    const size_t n = sizeof request - 1;
    if (wtr_text_is(what, "state"))
        read_bridge_state(r, payload);
    else if (wtr_text_starts(what, request))
        read_request(r, (struct wtr_text){what.data + n, what.length - n}, payload);
    else if (payload.length == 0)
        return;
    else if (wtr_text_is(what, "info"))
        read_info(r, payload);
    else if (wtr_text_is(what, "devices"))
        wtr_z2m_read_devices(r, payload);
    else if (wtr_text_is(what, "groups"))
        wtr_z2m_read_groups(r, payload);
    else if (wtr_text_is(what, "event"))
        read_event(r, payload);
}

void wtr_z2m_read_availability(struct wtr_z2m_reading *r, struct wtr_text name, struct wtr_text payload)
{
    const struct wtr_mqtt_session *session = wtr_mqtt_session_of(r->message);
    const struct wtr_mqtt_packet *publish = wtr_mqtt_packet_of(r->message, WTR_MQTT_PUBLISH);
    struct wtr_z2m_device *device = wtr_z2m_entry(r, name, (struct wtr_text){NULL, 0});
    bool online = false;
    if (!device || device->group || !wtr_z2m_is_state_word(payload, &online))
        return;
    bool stored = session && wtr_mqtt_retention(session, r->message->direction, publish) != WTR_MQTT_LIVE;
    bool news = device->judged ? device->offline == online : !online;
    if (!stored) {
        device->judged = true;
        device->offline = !online;
    }
    const struct wtr_standing word = {NULL, -1, payload};
    if (news)
        say_session(r, device->device, online, "availability", &word,
                    online ? WTR_TEXT("online") : WTR_TEXT("offline"));
}
