/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly over HTTP and WebSocket: which messages are its own, and whose they are.
 *
 * Gen1 (Shelly API reference for Gen1) [S], /shelly, /status and /settings [V] on real devices' answers:
 *   GET or POST /shelly, /status, /settings…, /relay/<n>[?turn=on|off|toggle[&timer=<s>]], /meter/<n>,
 *   /reboot, /ota?update=1. Every answer is the object's state after the request.
 * Gen2 and later (shelly-api-docs gen2, RPC Channels) [S]:
 *   GET /rpc/<Method>?<params>, answered with the result alone; POST /rpc with a frame, answered with a
 *   frame; WebSocket ws://<device>/rpc, or outbound from the device to a server of the owner's: frames both
 *   ways, and notifications. GET /shelly answers as Shelly.GetDeviceInfo does.
 *
 * A request is believed by its own form where that is the family's alone, and an answer by its request and
 * its form. What is asked says nothing of what answers: a request that nobody answers makes no device. What
 * an action URL of the owner's asks of some other server can't be recognised. */
#include "vendor/shelly/http.h"

#include "vendor/http_target.h"
#include "vendor/shelly/messages.h"

enum { LONGEST_BODY = 128 << 10 };

static bool is_object(struct wtr_text body)
{
    return body.length > 1 && body.length <= LONGEST_BODY && body.data[0] == '{';
}

/* "/relay/0" cut into "/relay/" and 0. */
static bool is_numbered(struct wtr_text path, const char *beginning, unsigned *number)
{
    size_t n = strlen(beginning);
    if (!wtr_text_starts(path, beginning) || path.length != n + 1 || path.data[n] < '0' || path.data[n] > '9')
        return false;
    *number = (unsigned)(path.data[n] - '0');
    return true;
}

struct wtr_shelly_call wtr_shelly_call_of(const struct wtr_http *request)
{
    struct wtr_shelly_call call = {.place = WTR_SHELLY_CALL_NONE};
    struct wtr_http_target target = wtr_http_target_cut(request->target);
    struct wtr_text path = target.path;
    call.query = target.query;
    bool form = wtr_text_is(request->method, "POST") && !is_object(request->body);
    if (form && !call.query.data && request->body.length > 0)
        call.query = request->body;
    if (wtr_text_is(path, "/shelly"))
        call.place = WTR_SHELLY_CALL_IDENTITY;
    else if (wtr_text_is(path, "/status"))
        call.place = WTR_SHELLY_CALL_STATUS;
    else if (wtr_text_is(path, "/rpc") && wtr_text_is(request->method, "POST"))
        call.place = WTR_SHELLY_CALL_FRAME;
    else if (wtr_text_starts(path, "/rpc/") && path.length > 5)
        call.place = WTR_SHELLY_CALL_METHOD;
    else if (is_numbered(path, "/relay/", &call.number))
        call.place = WTR_SHELLY_CALL_RELAY;
    else if (is_numbered(path, "/meter/", &call.number))
        call.place = WTR_SHELLY_CALL_METER;
    else if (is_numbered(path, "/settings/relay/", &call.number))
        call.place = WTR_SHELLY_CALL_RELAY_SETTINGS;
    else if (wtr_text_is(path, "/settings"))
        call.place = WTR_SHELLY_CALL_SETTINGS;
    if (call.place == WTR_SHELLY_CALL_METHOD)
        call.method = wtr_text_of(path.data + 5, path.length - 5);
    return call;
}

/* ---- claims */

/* Whether the text of the turn is one that /relay takes. */
static bool is_turn(struct wtr_text word)
{
    return wtr_text_is(word, "on") || wtr_text_is(word, "off") || wtr_text_is(word, "toggle");
}

static enum wtr_claim claim_request(const struct wtr_http *request)
{
    struct wtr_shelly_call call = wtr_shelly_call_of(request);
    switch (call.place) {
    case WTR_SHELLY_CALL_RELAY:
        return is_turn(wtr_http_query_value(call.query, "turn")) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
    case WTR_SHELLY_CALL_METHOD:
        return wtr_shelly_is_method(call.method) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
    case WTR_SHELLY_CALL_FRAME:
        return is_object(request->body) && wtr_shelly_is_frame(request->body) ? WTR_CLAIM_NAMED
                                                                              : WTR_CLAIM_NONE;
    default:
        return WTR_CLAIM_NONE;
    }
}

/* Whether the body has the members that an answer at this place has. */
static bool has_form(const struct wtr_shelly_call *call, const struct wtr_http *request, struct wtr_text body)
{
    switch (call->place) {
    case WTR_SHELLY_CALL_IDENTITY:
        return wtr_shelly_mentions(body, "\"mac\"") &&
               (wtr_shelly_mentions(body, "\"type\"") || wtr_shelly_mentions(body, "\"model\""));
    case WTR_SHELLY_CALL_STATUS:
        return wtr_shelly_mentions(body, "\"wifi_sta\"") && wtr_shelly_mentions(body, "\"cfg_changed_cnt\"");
    case WTR_SHELLY_CALL_SETTINGS:
        return wtr_shelly_mentions(body, "\"hostname\"") && wtr_shelly_mentions(body, "\"wifi_sta\"");
    case WTR_SHELLY_CALL_RELAY:
    case WTR_SHELLY_CALL_RELAY_SETTINGS:
        return wtr_shelly_mentions(body, "\"ison\"") && wtr_shelly_mentions(body, "\"has_timer\"");
    case WTR_SHELLY_CALL_METER:
        return wtr_shelly_mentions(body, "\"is_valid\"") && wtr_shelly_mentions(body, "\"counters\"");
    case WTR_SHELLY_CALL_METHOD:
        return wtr_shelly_is_method(call->method);
    case WTR_SHELLY_CALL_FRAME:
        return wtr_shelly_is_frame(body) || wtr_shelly_is_frame(request->body);
    default:
        return false;
    }
}

static enum wtr_claim claim_response(const struct wtr_http *response)
{
    if (response->status != 200 || !is_object(response->body))
        return WTR_CLAIM_NONE;
    if (!response->request) {
        const struct wtr_shelly_call status = {.place = WTR_SHELLY_CALL_STATUS};
        bool own = has_form(&status, NULL, response->body) || wtr_shelly_is_frame(response->body);
        return own ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
    }
    struct wtr_shelly_call call = wtr_shelly_call_of(response->request);
    return has_form(&call, response->request, response->body) ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

enum wtr_claim wtr_shelly_claim_http(const struct wtr_message *message)
{
    if (message->protocol == &wtr_http) {
        const struct wtr_http *http = message->body;
        return http->is_response ? claim_response(http) : claim_request(http);
    }
    const struct wtr_websocket *websocket = message->body;
    bool own = websocket->text && is_object(websocket->payload) && wtr_shelly_is_frame(websocket->payload);
    return own ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

/* ---- whose */

/* The port of a Shelly's own web server. Behind another, devices may share an address (a range extender). */
enum { HTTP_PORT = 80 };

static uint64_t key_of(const struct wtr_endpoint *end)
{
    return wtr_hash64(end->ip.bytes, sizeof end->ip.bytes, end->port);
}

wtr_device_ref wtr_shelly_device_at(struct wtr_shelly_learnt *learnt, struct wtr_say *say,
                                    const struct wtr_endpoint *end)
{
    const uint64_t *known = wtr_map_find(&learnt->ends, key_of(end));
    return known ? (wtr_device_ref)*known : wtr_say_device_at(say, "shelly", &end->ip);
}

wtr_device_ref wtr_shelly_device_from(struct wtr_shelly_learnt *learnt, struct wtr_say *say,
                                      const struct wtr_endpoint *end, struct wtr_text id)
{
    uint8_t mac[6];
    wtr_device_ref device = end->port == HTTP_PORT ? wtr_say_device_at(say, "shelly", &end->ip)
                                                   : wtr_say_device(say, "shelly", id);
    if (wtr_shelly_id_mac(id, mac))
        wtr_say_tie_mac(say, device, mac);
    if (wtr_map_find(&learnt->ends, key_of(end)) || learnt->end_count < WTR_SHELLY_MAX_ENDS) {
        learnt->end_count += !wtr_map_find(&learnt->ends, key_of(end));
        (void)wtr_map_put(&learnt->ends, key_of(end), device);
    }
    return device;
}

/* ---- reading */

static void read_request(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt,
                         const struct wtr_http *request)
{
    struct wtr_shelly_call call = wtr_shelly_call_of(request);
    r->device = wtr_shelly_device_at(learnt, r->say, wtr_say_receiver(r->say));
    r->trigger = WTR_TRIGGER_HTTP;
    if (call.place == WTR_SHELLY_CALL_RELAY)
        wtr_shelly_read_turn(r, &call);
    else if (call.place == WTR_SHELLY_CALL_METHOD)
        (void)wtr_shelly_ask_by_target(r, learnt, &call, true);
    else if (call.place == WTR_SHELLY_CALL_FRAME && wtr_shelly_object(r, request->body))
        (void)wtr_shelly_ask(r, NULL, true);
}

static bool is_change(const struct wtr_shelly_call *call)
{
    return wtr_http_query_value(call->query, "turn").data != NULL;
}

static void read_gen1(struct wtr_shelly_reading *r, const struct wtr_shelly_call *call, struct wtr_text body)
{
    r->polled = !is_change(call);
    if (!wtr_shelly_object(r, body))
        return;
    switch (call->place) {
    case WTR_SHELLY_CALL_STATUS:
        wtr_shelly_read_gen1_status(r, 0);
        break;
    case WTR_SHELLY_CALL_SETTINGS:
        wtr_shelly_read_gen1_settings(r, 0);
        break;
    case WTR_SHELLY_CALL_RELAY:
        wtr_shelly_read_gen1_relay(r, call->number, 0);
        break;
    case WTR_SHELLY_CALL_RELAY_SETTINGS:
        wtr_shelly_read_gen1_relay_settings(r, call->number, 0);
        break;
    case WTR_SHELLY_CALL_METER:
        wtr_shelly_read_gen1_meter(r, call->number, 0);
        break;
    default:
        break;
    }
}

static void read_identity(struct wtr_shelly_reading *r, struct wtr_text body)
{
    r->polled = true;
    if (!wtr_shelly_object(r, body))
        return;
    if (wtr_json_get(r->json, 0, "type") >= 0)
        wtr_shelly_read_gen1_identity(r, 0);
    else
        wtr_shelly_read_announce(r, 0);
}

/* The question is read first: it stands in the request, which is kept. */
static struct wtr_shelly_question question_of(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt,
                                              const struct wtr_shelly_call *call,
                                              const struct wtr_http *request)
{
    if (call->place == WTR_SHELLY_CALL_METHOD)
        return wtr_shelly_ask_by_target(r, learnt, call, false);
    if (wtr_shelly_glance_object(r, request->body))
        return wtr_shelly_ask(r, NULL, false);
    return (struct wtr_shelly_question){.asked = WTR_SHELLY_ASKED_OTHER};
}

static void read_answer(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt,
                        const struct wtr_shelly_call *call, const struct wtr_http *response)
{
    struct wtr_shelly_question question = question_of(r, learnt, call, response->request);
    bool frame = call->place == WTR_SHELLY_CALL_FRAME;
    if (!wtr_shelly_object(r, response->body))
        return;
    wtr_json_ref result = frame ? wtr_json_get(r->json, 0, "result") : 0;
    struct wtr_text src = wtr_shelly_src(r);
    r->polled = true;
    if (frame && src.data)
        r->device = wtr_shelly_device_from(learnt, r->say, wtr_say_sender(r->say), src);
    wtr_shelly_read_answered(r, &question, result);
}

static void read_response(struct wtr_shelly_reading *r, struct wtr_shelly_learnt *learnt,
                          const struct wtr_http *response)
{
    struct wtr_shelly_call call = {.place = WTR_SHELLY_CALL_STATUS};
    r->device = wtr_shelly_device_at(learnt, r->say, wtr_say_sender(r->say));
    if (response->request)
        call = wtr_shelly_call_of(response->request);
    else if (wtr_shelly_is_frame(response->body))
        call.place = WTR_SHELLY_CALL_NONE;
    if (call.place == WTR_SHELLY_CALL_NONE)
        wtr_shelly_read_frame_between(r, learnt, response->body);
    else if (call.place == WTR_SHELLY_CALL_METHOD || call.place == WTR_SHELLY_CALL_FRAME)
        read_answer(r, learnt, &call, response);
    else if (call.place == WTR_SHELLY_CALL_IDENTITY)
        read_identity(r, response->body);
    else
        read_gen1(r, &call, response->body);
}

void wtr_shelly_read_http(struct wtr_shelly_learnt *learnt, const struct wtr_message *message,
                          struct wtr_say *say)
{
    struct wtr_shelly_reading r = {.say = say, .device = WTR_NO_DEVICE, .direct = true};
    if (message->protocol == &wtr_websocket) {
        const struct wtr_websocket *websocket = message->body;
        r.trigger = WTR_TRIGGER_HTTP;
        wtr_shelly_read_frame_between(&r, learnt, websocket->payload);
        return;
    }
    const struct wtr_http *http = message->body;
    if (http->is_response)
        read_response(&r, learnt, http);
    else
        read_request(&r, learnt, http);
}
