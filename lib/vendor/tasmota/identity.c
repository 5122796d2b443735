/* SPDX-License-Identifier: Apache-2.0 */
/* Who a Tasmota device is, and that it started (xdrv_02_9_mqtt.ino MqttConnected, support_command.ino
 * CmndStatus, support_crash_recorder.ino, tasmota/docs API.md, MQTT.md) [S]:
 *
 *   - INFO1 {Module, Version, FallbackTopic, GroupTopic}, INFO2 {…, Hostname, IPAddress}, INFO3
 * {RestartReason, BootCount}: wrapped in Info1 … in current firmware, flat in older. They go out at the first
 * connection after a start, so INFO3 is a start; after a crash RestartReason is an object with a Reason.
 *   - FallbackTopic is "cmnd/<client id>_fb/"; GroupTopic the whole topic in INFO1 and the bare name in
 *     StatusPRM, by default "tasmotas".
 *   - Status {DeviceName, FriendlyName[], Topic, Power, PowerOnState}, StatusFWR {Version}, StatusNET
 *     {Hostname, IPAddress, Mac}, StatusMQT {MqttHost, MqttClient, MqttUser}. The Mac is the device's own
 *     word; the six digits in DVES_XXXXXX are the last three bytes of it and no more than a hint. */
#include "vendor/tasmota/reading.h"
#include "vendor/tasmota/topic.h"

/* A link address that can be a device's own: not zero, not a group address. */
static bool is_own_mac(const uint8_t mac[6])
{
    static const uint8_t zero[6];
    return (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0;
}

void wtr_tasmota_say_mac(struct wtr_tasmota_sentence *s, wtr_json_ref object, const char *name)
{
    struct wtr_tasmota_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, object, name);
    uint8_t mac[6];
    if (!wtr_json_is(r->json, value, WTR_JSON_STRING) || !wtr_parse_mac(wtr_json_raw(r->json, value), mac) ||
        !is_own_mac(mac))
        return;
    wtr_say_tie_mac(r->say, r->device, mac);
    wtr_tasmota_begin(s);
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    wtr_buffer_clear(scratch);
    wtr_put_mac(scratch, mac);
    wtr_say_text(r->say, WTR_FIELD_MAC, wtr_buffer_text(scratch));
    wtr_say_raw_json(r->say, name, r->json, value);
}

/* The last level of a topic that may end with a slash. */
static struct wtr_text last_level(struct wtr_text topic)
{
    if (topic.length == 0)
        return topic;
    if (wtr_text_ends(topic, "/"))
        topic.length--;
    size_t at = topic.length;
    while (at > 0 && topic.data[at - 1] != '/')
        at--;
    return (struct wtr_text){topic.data + at, topic.length - at};
}

static void learn_names(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    struct wtr_text fallback = last_level(wtr_tasmota_member_text(r, object, "FallbackTopic"));
    if (fallback.length > 0 && r->known)
        wtr_tasmota_learn_alias(r->learnt, fallback, r->known);
    struct wtr_text group = last_level(wtr_tasmota_member_text(r, object, "GroupTopic"));
    if (group.length > 0)
        wtr_tasmota_learn_group(r->learnt, group);
}

static void read_boot(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_BOOT};
    wtr_json_ref reason = wtr_json_get(r->json, object, "RestartReason");
    if (reason < 0)
        return;
    if (wtr_json_is(r->json, reason, WTR_JSON_OBJECT)) {
        struct wtr_text text = wtr_tasmota_member_text(r, reason, "Reason");
        wtr_tasmota_begin(&s);
        if (text.length > 0)
            wtr_say_text(r->say, WTR_FIELD_REASON, text);
        wtr_say_raw_json(r->say, "RestartReason", r->json, reason);
    } else {
        wtr_tasmota_add_text(&s, object, "RestartReason", WTR_FIELD_REASON);
    }
    wtr_tasmota_add_int(&s, object, "BootCount", WTR_FIELD_BOOT_COUNT, 0, INT32_MAX);
    wtr_tasmota_end(&s);
}

void wtr_tasmota_read_info(struct wtr_tasmota_reading *r, unsigned number, wtr_json_ref object)
{
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    switch (number) {
    case 1:
        wtr_tasmota_add_text(&s, object, "Module", WTR_FIELD_MODEL);
        wtr_tasmota_add_text(&s, object, "Version", WTR_FIELD_FIRMWARE);
        wtr_tasmota_end(&s);
        learn_names(r, object);
        break;
    case 2:
        wtr_tasmota_add_text(&s, object, "Hostname", WTR_FIELD_HOSTNAME);
        wtr_tasmota_add_text(&s, object, "IPAddress", WTR_FIELD_IP);
        wtr_tasmota_end(&s);
        break;
    case 3:
        read_boot(r, object);
        break;
    default:
        break;
    }
}

static void read_status_base(struct wtr_tasmota_reading *r, wtr_json_ref status)
{
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_tasmota_add_text(&s, status, "DeviceName", WTR_FIELD_NAME);
    wtr_tasmota_add_text(&s, status, "Topic", WTR_FIELD_DEVICE_ID);
    wtr_tasmota_end(&s);
    wtr_tasmota_read_power_bits(r, status);
    wtr_json_ref start = wtr_json_get(r->json, status, "PowerOnState");
    if (wtr_json_is(r->json, start, WTR_JSON_NUMBER)) {
        struct wtr_tasmota_sentence setting = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
        wtr_tasmota_begin(&setting);
        wtr_say_text(r->say, WTR_FIELD_SETTING, WTR_TEXT("PowerOnState"));
        wtr_say_text(r->say, WTR_FIELD_VALUE, wtr_json_raw(r->json, start));
        wtr_say_raw_json(r->say, "PowerOnState", r->json, start);
        wtr_tasmota_end(&setting);
    }
}

static void read_connection(struct wtr_tasmota_reading *r, wtr_json_ref object)
{
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    wtr_tasmota_add_text(&s, object, "MqttClient", WTR_FIELD_CLIENT_ID);
    wtr_tasmota_add_text(&s, object, "MqttUser", WTR_FIELD_USER);
    wtr_tasmota_add_text(&s, object, "MqttHost", WTR_FIELD_SERVER);
    wtr_tasmota_end(&s);
}

void wtr_tasmota_read_status(struct wtr_tasmota_reading *r, wtr_json_ref root)
{
    wtr_json_ref part = wtr_tasmota_object(r, root, "Status");
    if (part >= 0)
        read_status_base(r, part);
    part = wtr_tasmota_object(r, root, "StatusPRM");
    if (part >= 0) {
        wtr_tasmota_read_parameters(r, part);
        learn_names(r, part);
    }
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_IDENTITY};
    part = wtr_tasmota_object(r, root, "StatusFWR");
    wtr_tasmota_add_text(&s, part, "Version", WTR_FIELD_FIRMWARE);
    wtr_tasmota_end(&s);
    part = wtr_tasmota_object(r, root, "StatusNET");
    wtr_tasmota_add_text(&s, part, "Hostname", WTR_FIELD_HOSTNAME);
    wtr_tasmota_add_text(&s, part, "IPAddress", WTR_FIELD_IP);
    wtr_tasmota_say_mac(&s, part, "Mac");
    wtr_tasmota_end(&s);
    part = wtr_tasmota_object(r, root, "StatusMQT");
    if (part >= 0)
        read_connection(r, part);
    part = wtr_tasmota_object(r, root, "StatusTIM");
    if (part >= 0)
        wtr_tasmota_read_status_time(r, part);
}
