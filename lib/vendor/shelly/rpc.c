/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of Gen2 and later, whatever brought them (shelly-api-docs gen2, RPC Protocol, Notifications)
 * [S]:
 *
 *   - A request {id, src, method, params}; the answer {id, src, dst, result | error} bears neither method nor
 *     component, and is read by its request. src is optional in a request; in a device's frame it is its id,
 *     fixed by its maker: "shelly<model>-" and its MAC.
 *   - A notification {src, dst, method, params {ts, …}}: NotifyStatus (what changed), NotifyFullStatus
 *     (everything; not caused by a change), NotifyEvent.
 *   - GET /rpc/<Method>?<name>=<value>… is the request whose params are these, answered with the result
 * alone.
 */
#include "vendor/shelly/rpc.h"

#include "vendor/http_target.h"
#include "vendor/shelly/http.h"
#include "vendor/shelly/messages.h"
#include "vendor/shelly/topic.h"

/* ---- at a glance, without parsing */

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

bool wtr_shelly_mentions(struct wtr_text payload, const char *name)
{
    size_t n = strlen(name);
    for (size_t at = 0; at + n <= payload.length; at++)
        if (memcmp(payload.data + at, name, n) == 0)
            return true;
    return false;
}

static bool begins_nocase(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    return text.length >= n && wtr_text_is_nocase((struct wtr_text){text.data, n}, z);
}

bool wtr_shelly_is_method(struct wtr_text method)
{
    static const char *const components[] = {"Switch.", "Shelly.",   "Input.",   "PM1.",    "Cover.",
                                             "Light.",  "EM.",       "EM1.",     "EMData.", "Sys.",
                                             "Wifi.",   "Mqtt.",     "Cloud.",   "Script.", "WS.",
                                             "BLE.",    "Schedule.", "Webhook.", "KVS.",    "OTA."};
    for (size_t i = 0; i < sizeof components / sizeof *components; i++)
        if (begins_nocase(method, components[i]))
            return true;
    return false;
}

bool wtr_shelly_is_from_device(struct wtr_text text)
{
    uint8_t mac[6];
    return wtr_shelly_id_mac(glance(text, "\"src\""), mac);
}

bool wtr_shelly_is_call_or_answer(struct wtr_text text)
{
    struct wtr_text method = glance(text, "\"method\"");
    if (method.data)
        return begins_nocase(method, "Switch.") || begins_nocase(method, "Shelly.");
    return wtr_shelly_is_from_device(text) &&
           (wtr_shelly_mentions(text, "\"result\"") || wtr_shelly_mentions(text, "\"error\""));
}

bool wtr_shelly_is_frame(struct wtr_text text)
{
    struct wtr_text method = glance(text, "\"method\"");
    if (begins_nocase(method, "Notify"))
        return wtr_shelly_is_from_device(text);
    return wtr_shelly_is_call_or_answer(text) || wtr_shelly_is_method(method);
}

bool wtr_shelly_glance_object(struct wtr_shelly_reading *r, struct wtr_text text)
{
    struct wtr_json *json = wtr_say_json(r->say);
    r->json = json;
    return wtr_json_parse(json, text) && wtr_json_is(json, 0, WTR_JSON_OBJECT);
}

/* ---- frames */

struct wtr_text wtr_shelly_src(const struct wtr_shelly_reading *r)
{
    wtr_json_ref member = wtr_json_get(r->json, 0, "src");
    struct wtr_text src = wtr_json_is(r->json, member, WTR_JSON_STRING) ? wtr_json_raw(r->json, member)
                                                                        : (struct wtr_text){NULL, 0};
    uint8_t mac[6];
    return wtr_shelly_id_mac(src, mac) ? src : (struct wtr_text){NULL, 0};
}

void wtr_shelly_say_notification(struct wtr_shelly_reading *r)
{
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

struct wtr_shelly_question wtr_shelly_ask(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt,
                                          bool say)
{
    struct wtr_shelly_asking asking = {
        .method = wtr_json_get(r->json, 0, "method"),
        .src = wtr_json_get(r->json, 0, "src"),
        .params = wtr_json_get(r->json, 0, "params"),
        .quiet = !say,
    };
    if (!wtr_json_is(r->json, asking.method, WTR_JSON_STRING)) {
        if (say)
            wtr_shelly_finding(r, 0, "the request's method is no text");
        return (struct wtr_shelly_question){.asked = WTR_SHELLY_ASKED_OTHER};
    }
    if (asking.params >= 0 && !wtr_json_is(r->json, asking.params, WTR_JSON_OBJECT))
        asking.params = -1;
    struct wtr_shelly_question question = wtr_shelly_read_request(r, &asking);
    struct wtr_shelly_frame_id frame = {
        .device = r->device,
        .src = wtr_json_raw(r->json, asking.src),
        .id = wtr_json_raw(r->json, wtr_json_get(r->json, 0, "id")),
    };
    if (learnt)
        wtr_shelly_remember(learnt, &frame, question.asked, wtr_shelly_channel_text(&question.component));
    return question;
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
    uint8_t mac[6];
    bool own_id =
        wtr_json_is(r->json, id, WTR_JSON_STRING) && wtr_shelly_id_mac(wtr_json_raw(r->json, id), mac);
    bool alone = result == 0 && wtr_json_get(r->json, 0, "mac") >= 0; /* the result of a GET bears no src */
    if (own_id && (alone || wtr_text_equal(wtr_json_raw(r->json, id), wtr_json_raw(r->json, src))))
        wtr_shelly_read_announce(r, result);
    else if (wtr_json_get(r->json, sys, "unixtime") >= 0)
        wtr_shelly_read_components(r, result, WTR_SHELLY_WHOLE);
    else if (wtr_json_get(r->json, sys, "device") >= 0)
        wtr_shelly_read_config(r, result);
    else
        wtr_shelly_read_jobs(r, wtr_json_get(r->json, result, "jobs"));
}

void wtr_shelly_read_answered(struct wtr_shelly_reading *r, const struct wtr_shelly_question *question,
                              wtr_json_ref result)
{
    struct wtr_text component = wtr_shelly_channel_text(&question->component);
    if (!wtr_json_is(r->json, result, WTR_JSON_OBJECT))
        return;
    r->polled = true;
    if (question->asked == WTR_SHELLY_ASKED_SWITCH)
        say_was_on(r, component, wtr_json_get(r->json, result, "was_on"));
    else if (question->asked == WTR_SHELLY_ASKED_STATUS)
        wtr_shelly_read_component(r, component, result, WTR_SHELLY_WHOLE);
    else if (wtr_shelly_is_small(r, result))
        read_result(r, result);
}

void wtr_shelly_answer(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt, struct wtr_text text)
{
    struct wtr_shelly_frame_id frame = {
        .device = r->device,
        .src = wtr_json_raw(r->json, wtr_json_get(r->json, 0, "dst")),
        .id = wtr_json_raw(r->json, wtr_json_get(r->json, 0, "id")),
    };
    struct wtr_text component = {NULL, 0};
    struct wtr_shelly_question question = {.asked = wtr_shelly_recall(learnt, &frame, text, &component)};
    if (component.length <= sizeof question.component.text && component.length > 0) {
        memcpy(question.component.text, component.data, component.length);
        question.component.length = component.length;
    }
    wtr_shelly_read_answered(r, &question, wtr_json_get(r->json, 0, "result"));
}

void wtr_shelly_read_frame_between(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt,
                                   struct wtr_text text)
{
    if (!wtr_shelly_object(r, text))
        return;
    struct wtr_text src = wtr_shelly_src(r);
    wtr_json_ref method = wtr_json_get(r->json, 0, "method");
    bool notification = begins_nocase(wtr_json_raw(r->json, method), "Notify");
    if (method >= 0 && !notification) {
        r->device = wtr_shelly_device_at(learnt, r->say, wtr_say_receiver(r->say));
        (void)wtr_shelly_ask(r, learnt, true);
        return;
    }
    if (!src.data)
        return;
    r->device = wtr_shelly_device_from(learnt, r->say, wtr_say_sender(r->say), src);
    if (notification)
        wtr_shelly_say_notification(r);
    else
        wtr_shelly_answer(r, learnt, text);
}

/* ---- requests in a target */

/* Whether the value is a JSON number, true, false, an object or a list; else it is a text. */
static bool is_literal(struct wtr_json *json, struct wtr_text value)
{
    return wtr_json_parse(json, value) && !wtr_json_is(json, 0, WTR_JSON_STRING);
}

/* The frame that the target stands for, as JSON. */
static void write_frame(struct wtr_json *json, const struct wtr_shelly_call *call, struct wtr_buffer *out)
{
    struct wtr_text query = call->query, name, value;
    struct wtr_buffer plain = {0};
    struct wtr_json_writer w = {.out = out};
    wtr_json_begin_object(&w);
    wtr_json_key(&w, "method");
    wtr_json_put_text(&w, call->method);
    wtr_json_key(&w, "params");
    wtr_json_begin_object(&w);
    while (wtr_http_next_parameter(&query, &name, &value)) {
        wtr_buffer_clear(&plain);
        wtr_http_decode(value, &plain);
        wtr_json_key_text(&w, name);
        if (is_literal(json, wtr_buffer_text(&plain)))
            wtr_json_put_literal(&w, wtr_buffer_text(&plain));
        else
            wtr_json_put_text(&w, wtr_buffer_text(&plain));
    }
    wtr_json_end_object(&w);
    wtr_json_end_object(&w);
    out->failed |= plain.failed;
    wtr_buffer_free(&plain);
}

struct wtr_shelly_question wtr_shelly_ask_by_target(struct wtr_shelly_reading *r,
                                                    struct wtr_shelly_learnt *learnt,
                                                    const struct wtr_shelly_call *call, bool say)
{
    wtr_buffer_clear(&learnt->frame);
    write_frame(wtr_say_json(r->say), call, &learnt->frame);
    if (learnt->frame.failed || !wtr_shelly_glance_object(r, wtr_buffer_text(&learnt->frame)))
        return (struct wtr_shelly_question){.asked = WTR_SHELLY_ASKED_OTHER};
    struct wtr_shelly_asking asking = {
        .method = wtr_json_get(r->json, 0, "method"),
        .src = -1,
        .params = wtr_json_get(r->json, 0, "params"),
        .quiet = !say,
        .sent_method = call->method,
        .sent_params = call->query,
    };
    return wtr_shelly_read_request(r, &asking);
}
