/* SPDX-License-Identifier: Apache-2.0 */
/* Gen2 and later by MQTT (shelly-api-docs gen2, Mqtt, RPC Protocol, RPC Channels, Notifications) [S]:
 *
 *   - <prefix>/rpc takes requests {id, src, method, params}; the answer {id, src, dst, result | error}
 *     goes to <src of the request>/rpc and bears neither method nor component.
 *   - <prefix>/events/rpc: {src, dst "<prefix>/events", method, params {ts, …}}, method NotifyStatus (what
 *     changed), NotifyFullStatus (everything; not caused by a change) or NotifyEvent. Not retained.
 *   - <prefix>/status/<component>: the component's whole status at each change of it; off unless set.
 *     <prefix>/status: all, when asked by "status_update".
 *   - <prefix>/command/switch:<n> "on", "off", "toggle", "status_update"; "on" and "off" may be followed
 *     by a comma and a countdown in seconds [K].
 *   - <prefix>/command "status_update" and "announce"; <prefix>/announce the answer of
 *     Shelly.GetDeviceInfo.
 *   - The src of a device's frame is its id, fixed by its maker: "shelly<model>-" and its MAC. A prefix,
 *     and a client id, are settings and may have been copied from another device: they tie nothing. */
#include "vendor/shelly/messages.h"
#include "vendor/shelly/rpc.h"

static bool is_object(struct wtr_text payload)
{
    return payload.length > 0 && payload.data[0] == '{';
}

bool wtr_shelly_has_marks(const struct wtr_shelly_topic *topic, struct wtr_text payload)
{
    if (!is_object(payload))
        return false;
    if (topic->place == WTR_SHELLY_EVENTS)
        return wtr_shelly_is_from_device(payload);
    return topic->place == WTR_SHELLY_RPC && wtr_shelly_is_call_or_answer(payload);
}

/* The word before a comma, and what follows it. */
static struct wtr_text command_word(struct wtr_text payload, struct wtr_text *countdown)
{
    *countdown = payload;
    return wtr_text_cut(countdown, ',');
}

static bool is_switch_word(struct wtr_text word)
{
    return wtr_text_is(word, "on") || wtr_text_is(word, "off") || wtr_text_is(word, "toggle");
}

bool wtr_shelly_has_shape(const struct wtr_shelly_topic *topic, struct wtr_text payload)
{
    struct wtr_text kind;
    struct wtr_text countdown;
    unsigned number = 0;
    bool command = topic->place == WTR_SHELLY_COMMAND_TO;
    if ((!command && topic->place != WTR_SHELLY_STATUS_OF) ||
        !wtr_shelly_component(topic->component, &kind, &number))
        return false;
    bool is_switch = wtr_text_is(kind, "switch");
    if (command)
        return is_switch && is_switch_word(command_word(payload, &countdown));
    return is_object(payload) && ((is_switch && wtr_shelly_mentions(payload, "\"output\"")) ||
                                  (wtr_text_is(kind, "pm1") && wtr_shelly_mentions(payload, "\"apower\"")));
}

/* The device that a frame's src names; false, with a finding, if it names none. The device of the topic's
 * prefix is the same one. */
static bool take_src(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    struct wtr_text src = wtr_shelly_src(r);
    uint8_t mac[6];
    if (!wtr_shelly_id_mac(src, mac)) {
        wtr_shelly_finding(r, 0, "the frame's source is no device's id");
        return false;
    }
    wtr_device_ref own = wtr_say_device(r->say, "shelly", src);
    wtr_say_tie_mac(r->say, own, mac);
    if (publish->topic->place == WTR_SHELLY_EVENTS) {
        struct wtr_shelly_base *base = wtr_shelly_learn_base(publish->learnt, publish->topic->base);
        if (base)
            base->introduced = true;
        if (r->device != own)
            wtr_say_tie_mac(r->say, r->device, mac);
        wtr_shelly_learn_same(publish->learnt, r->device, own);
    }
    r->device = own;
    return true;
}

static void read_notification(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    if (wtr_shelly_object(r, publish->payload) && take_src(r, publish))
        wtr_shelly_say_notification(r);
}

static void read_frame(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    if (!wtr_shelly_object(r, publish->payload))
        return;
    if (wtr_json_get(r->json, 0, "method") >= 0) {
        r->device = wtr_shelly_device_of(r->say, publish->topic->base);
        (void)wtr_shelly_ask(r, publish->learnt, true);
    } else if (wtr_json_get(r->json, 0, "result") >= 0 || wtr_json_get(r->json, 0, "error") >= 0) {
        if (take_src(r, publish))
            wtr_shelly_answer(r, publish->learnt, publish->payload);
    }
}

static void read_command(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    struct wtr_text kind;
    struct wtr_text countdown;
    unsigned number = 0;
    struct wtr_text word = command_word(publish->payload, &countdown);
    if (!wtr_shelly_component(publish->topic->component, &kind, &number) || !wtr_text_is(kind, "switch") ||
        wtr_text_is(word, "status_update"))
        return;
    if (!is_switch_word(word)) {
        wtr_say_finding(r->say, publish->payload, "the word is not known as a switch's command");
        return;
    }
    struct wtr_shelly_channel channel = wtr_shelly_channel("switch", number);
    struct wtr_shelly_sentence s = {.reading = r,
                                    .kind = WTR_KIND_POWER_COMMAND,
                                    .channel = wtr_shelly_channel_text(&channel),
                                    .outlet = number + 1};
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_STATE, word);
    wtr_say_raw(r->say, publish->topic->ending, word);
    wtr_shelly_end(&s);
    if (countdown.data && !wtr_text_is(word, "toggle"))
        (void)wtr_shelly_say_timer(r, &channel, number, publish->topic->ending, countdown, countdown);
}

void wtr_shelly_read_gen2(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    switch (publish->topic->place) {
    case WTR_SHELLY_EVENTS:
        read_notification(r, publish);
        break;
    case WTR_SHELLY_RPC:
        read_frame(r, publish);
        break;
    case WTR_SHELLY_STATUS_OF:
        if (wtr_shelly_is_read(publish->topic->component) && wtr_shelly_object(r, publish->payload))
            wtr_shelly_read_component(r, publish->topic->component, 0, WTR_SHELLY_WHOLE);
        break;
    case WTR_SHELLY_STATUS:
        r->polled = true;
        if (wtr_shelly_object(r, publish->payload))
            wtr_shelly_read_components(r, 0, WTR_SHELLY_WHOLE);
        break;
    case WTR_SHELLY_COMMAND_TO:
        read_command(r, publish);
        break;
    default:
        break;
    }
}
