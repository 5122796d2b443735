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

/* The text of the first member of this name, as a glance without parsing gives it; `name` is in quotes. */
static struct wtr_text glance(struct wtr_text payload, const char *name)
{
    size_t n = strlen(name);
    for (size_t at = 0; at + n < payload.length; at++) {
        const char *quote = memchr(payload.data + at, '"', payload.length - n - at);
        if (!quote)
            break;
        at = (size_t)(quote - payload.data);
        if (memcmp(quote, name, n) != 0)
            continue;
        struct wtr_text rest = {quote + n, payload.length - at - n};
        bool colon = false;
        for (; rest.length > 0 && strchr(" \t\r\n:", *rest.data) && *rest.data; rest.data++, rest.length--)
            colon |= *rest.data == ':';
        if (!colon || rest.length == 0 || *rest.data != '"')
            continue;
        rest = (struct wtr_text){rest.data + 1, rest.length - 1};
        return wtr_text_cut(&rest, '"');
    }
    return (struct wtr_text){NULL, 0};
}

static bool mentions(struct wtr_text payload, const char *name)
{
    size_t n = strlen(name);
    for (size_t at = 0; at + n <= payload.length; at++)
        if (memcmp(payload.data + at, name, n) == 0)
            return true;
    return false;
}

static bool is_object(struct wtr_text payload)
{
    return payload.length > 0 && payload.data[0] == '{';
}

static bool begins_nocase(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    return text.length >= n && wtr_text_is_nocase((struct wtr_text){text.data, n}, z);
}

bool wtr_shelly_has_marks(const struct wtr_shelly_topic *topic, struct wtr_text payload)
{
    uint8_t mac[6];
    if (!is_object(payload))
        return false;
    bool from_device = wtr_shelly_id_mac(glance(payload, "\"src\""), mac);
    if (topic->place == WTR_SHELLY_EVENTS)
        return from_device;
    if (topic->place != WTR_SHELLY_RPC)
        return false;
    struct wtr_text method = glance(payload, "\"method\"");
    if (method.data)
        return begins_nocase(method, "Switch.") || begins_nocase(method, "Shelly.");
    return from_device && (mentions(payload, "\"result\"") || mentions(payload, "\"error\""));
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
    return is_object(payload) && ((is_switch && mentions(payload, "\"output\"")) ||
                                  (wtr_text_is(kind, "pm1") && mentions(payload, "\"apower\"")));
}

/* The device that a frame's src names; false, with a finding, if it names none. The device of the topic's
 * prefix is the same one. */
static bool take_src(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    wtr_json_ref member = wtr_json_get(r->json, 0, "src");
    struct wtr_text src = wtr_json_is(r->json, member, WTR_JSON_STRING) ? wtr_json_raw(r->json, member)
                                                                        : (struct wtr_text){NULL, 0};
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
    if (!wtr_shelly_object(r, publish->payload) || !take_src(r, publish))
        return;
    struct wtr_text method = wtr_json_raw(r->json, wtr_json_get(r->json, 0, "method"));
    wtr_json_ref params = wtr_json_get(r->json, 0, "params");
    bool status = wtr_text_is(method, "NotifyStatus");
    bool full = wtr_text_is(method, "NotifyFullStatus");
    bool event = wtr_text_is(method, "NotifyEvent");
    if (!status && !full && !event)
        return;
    if (!wtr_json_is(r->json, params, WTR_JSON_OBJECT)) {
        wtr_shelly_finding(r, 0, "the notification holds nothing");
        return;
    }
    struct wtr_shelly_sentence clock = {.reading = r, .kind = WTR_KIND_CLOCK_READING};
    wtr_shelly_add_clock(&clock, params, "ts");
    wtr_shelly_end(&clock);
    r->polled = full;
    if (event)
        wtr_shelly_read_events(r, params);
    else
        wtr_shelly_read_components(r, params, full ? WTR_SHELLY_WHOLE : WTR_SHELLY_DELTA);
}

static void read_request(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    struct wtr_shelly_asking asking = {
        .method = wtr_json_get(r->json, 0, "method"),
        .src = wtr_json_get(r->json, 0, "src"),
        .params = wtr_json_get(r->json, 0, "params"),
    };
    if (!wtr_json_is(r->json, asking.method, WTR_JSON_STRING)) {
        wtr_shelly_finding(r, 0, "the request's method is no text");
        return;
    }
    r->device = wtr_shelly_device_of(r->say, publish->topic->base);
    if (asking.params >= 0 && !wtr_json_is(r->json, asking.params, WTR_JSON_OBJECT))
        asking.params = -1;
    struct wtr_shelly_question question = wtr_shelly_read_request(r, &asking);
    struct wtr_shelly_frame_id frame = {
        .device = r->device,
        .src = wtr_json_raw(r->json, asking.src),
        .id = wtr_json_raw(r->json, wtr_json_get(r->json, 0, "id")),
    };
    wtr_shelly_remember(publish->learnt, &frame, question.asked,
                        wtr_shelly_channel_text(&question.component));
}

/* What Switch.Set and Switch.Toggle are answered with: the state before. */
static void say_was_on(struct wtr_shelly_reading *r, struct wtr_text channel, wtr_json_ref was_on)
{
    struct wtr_text kind;
    unsigned number = 0;
    bool on = false;
    if (!wtr_shelly_component(channel, &kind, &number) || !wtr_shelly_truth(r, was_on, &on))
        return;
    struct wtr_shelly_sentence s = {
        .reading = r, .kind = WTR_KIND_POWER_STATE, .channel = channel, .outlet = number + 1};
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_past(r->say);
    wtr_say_raw_json(r->say, "was_on", r->json, was_on);
    wtr_shelly_end(&s);
}

/* Some answers show themselves what they are: they hold the device's own id, the status of its system, its
 * settings, or jobs. */
static void read_result(struct wtr_shelly_reading *r, wtr_json_ref result)
{
    wtr_json_ref id = wtr_json_get(r->json, result, "id");
    wtr_json_ref src = wtr_json_get(r->json, 0, "src");
    wtr_json_ref sys = wtr_json_get(r->json, result, "sys");
    if (wtr_json_is(r->json, id, WTR_JSON_STRING) &&
        wtr_text_equal(wtr_json_raw(r->json, id), wtr_json_raw(r->json, src)))
        wtr_shelly_read_announce(r, result);
    else if (wtr_json_get(r->json, sys, "unixtime") >= 0)
        wtr_shelly_read_components(r, result, WTR_SHELLY_WHOLE);
    else if (wtr_json_get(r->json, sys, "device") >= 0)
        wtr_shelly_read_config(r, result);
    else
        wtr_shelly_read_jobs(r, wtr_json_get(r->json, result, "jobs"));
}

static void read_answer(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    if (!take_src(r, publish))
        return;
    struct wtr_shelly_frame_id frame = {
        .device = r->device,
        .src = wtr_json_raw(r->json, wtr_json_get(r->json, 0, "dst")),
        .id = wtr_json_raw(r->json, wtr_json_get(r->json, 0, "id")),
    };
    struct wtr_text component = {NULL, 0};
    enum wtr_shelly_asked asked = wtr_shelly_recall(publish->learnt, &frame, publish->payload, &component);
    wtr_json_ref result = wtr_json_get(r->json, 0, "result");
    if (!wtr_json_is(r->json, result, WTR_JSON_OBJECT))
        return;
    r->polled = true;
    if (asked == WTR_SHELLY_ASKED_SWITCH)
        say_was_on(r, component, wtr_json_get(r->json, result, "was_on"));
    else if (asked == WTR_SHELLY_ASKED_STATUS)
        wtr_shelly_read_component(r, component, result, WTR_SHELLY_WHOLE);
    else if (wtr_shelly_is_small(r, result))
        read_result(r, result);
}

static void read_frame(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    if (!wtr_shelly_object(r, publish->payload))
        return;
    if (wtr_json_get(r->json, 0, "method") >= 0)
        read_request(r, publish);
    else if (wtr_json_get(r->json, 0, "result") >= 0 || wtr_json_get(r->json, 0, "error") >= 0)
        read_answer(r, publish);
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
        (void)wtr_shelly_say_timer(r, &channel, number, publish->topic->ending, countdown);
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
