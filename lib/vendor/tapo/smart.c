/* SPDX-License-Identifier: Apache-2.0 */
/* Methods, and how they are wrapped (python-kasa kasa/protocols/smartprotocol.py [S]):
 *
 *   - multipleRequest {requests [{method, params}]} answered by {responses [{method, result, error_code}]},
 * in order, cut short at an error;
 *   - control_child {device_id, requestData {method, params}} answered by {responseData {result,
 * error_code}}: a strip's outlet, whose own question may be a multipleRequest. */
#include "vendor/tapo/smart.h"

#include "vendor/tapo/tapo.h"

/* A strip's outlet asked for several things in one of several questions. */
enum { MAX_DEPTH = 4, MAX_MEMBERS = 64 };

static struct wtr_text string_of(const struct wtr_json *json, wtr_json_ref object, const char *name)
{
    wtr_json_ref value = wtr_json_get(json, object, name);
    const struct wtr_text nothing = {NULL, 0};
    return wtr_json_is(json, value, WTR_JSON_STRING) ? wtr_json_raw(json, value) : nothing;
}

/* ---- what is asked for ---- */

static void say_setting(struct wtr_tapo_reading *r, struct wtr_text name, wtr_json_ref value)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
    struct wtr_text raw = wtr_json_raw(r->json, value);
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, name);
    if (value >= 0)
        wtr_say_text(r->say, WTR_FIELD_VALUE, raw);
    wtr_say_raw(r->say, name, raw.data ? raw : name);
    wtr_tapo_end(&s);
}

/* set_device_info: device_on is a command, everything else a setting. */
static void request_device_info(struct wtr_tapo_reading *r, wtr_json_ref params)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_POWER_COMMAND};
    wtr_tapo_add_state(&s, params, "device_on", WTR_FIELD_STATE);
    if (s.begun)
        wtr_say_trigger(r->say, WTR_TRIGGER_LAN, WTR_BASIS_NONE);
    wtr_tapo_end(&s);
    wtr_json_ref name = wtr_json_first(r->json, params);
    for (unsigned n = 0; name >= 0 && n < MAX_MEMBERS; n++, name = wtr_json_next(r->json, params, name + 1))
        if (!wtr_text_is(wtr_json_raw(r->json, name), "device_on"))
            say_setting(r, wtr_json_raw(r->json, name), name + 1);
}

static void say_credential(struct wtr_tapo_reading *r, wtr_json_ref object, const char *of, const char *user,
                           enum wtr_field user_field)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_CREDENTIAL};
    if (!wtr_tapo_has(r, object, "password"))
        return;
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SECRET, wtr_text_z(of));
    wtr_tapo_add_base64(&s, object, user, user_field);
    wtr_tapo_add_base64(&s, object, "password", WTR_FIELD_VALUE);
    wtr_tapo_end(&s);
}

/* set_qs_info: the network and the account that the device is set up with, in Base64. */
static void request_set_up(struct wtr_tapo_reading *r, wtr_json_ref params)
{
    wtr_json_ref wireless = wtr_json_get(r->json, params, "wireless");
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
    wtr_tapo_add_base64(&s, wireless, "ssid", WTR_FIELD_SSID);
    if (s.begun)
        wtr_say_text(r->say, WTR_FIELD_SETTING, WTR_TEXT("wireless"));
    wtr_tapo_end(&s);
    say_credential(r, wireless, "wifi", "ssid", WTR_FIELD_SSID);
    say_credential(r, wtr_json_get(r->json, params, "account"), "account", "username", WTR_FIELD_ACCOUNT);
}

static void request_reset(struct wtr_tapo_reading *r, wtr_json_ref request)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, WTR_TEXT("device_reset"));
    wtr_say_bool(r->say, WTR_FIELD_DESTROYS, true);
    wtr_say_raw_json(r->say, "method", r->json, wtr_json_get(r->json, request, "method"));
    wtr_tapo_end(&s);
}

static void request_update(struct wtr_tapo_reading *r, wtr_json_ref request)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_FIRMWARE_UPDATE};
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, WTR_TEXT("fw_download"));
    wtr_say_raw_json(r->say, "method", r->json, wtr_json_get(r->json, request, "method"));
    wtr_tapo_end(&s);
}

/* A method that is known to ask and to change nothing. */
static bool only_asks(struct wtr_text method)
{
    return wtr_text_starts(method, "get_") || wtr_text_ends(method, "component_nego") ||
           wtr_text_is(method, "login_device") || wtr_text_is(method, "handshake");
}

static void request_other(struct wtr_tapo_reading *r, wtr_json_ref request, struct wtr_text method)
{
    wtr_json_ref params = wtr_json_get(r->json, request, "params");
    if (only_asks(method))
        return;
    wtr_json_ref named = wtr_json_get(r->json, request, "method");
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, method);
    wtr_say_raw_json(r->say, "method", r->json, named);
    if (params >= 0 && !wtr_tapo_holds_secret(wtr_json_raw(r->json, params))) {
        wtr_say_text(r->say, WTR_FIELD_VALUE, wtr_json_raw(r->json, params));
        wtr_say_raw_json(r->say, "params", r->json, params);
    }
    wtr_tapo_end(&s);
}

static void read_request(struct wtr_tapo_reading *r, wtr_json_ref request, unsigned depth);

static void request_several(struct wtr_tapo_reading *r, wtr_json_ref params, unsigned depth)
{
    wtr_json_ref list = wtr_json_get(r->json, params, "requests");
    if (!wtr_json_is(r->json, list, WTR_JSON_ARRAY))
        return;
    wtr_json_ref one = wtr_json_first(r->json, list);
    for (unsigned n = 0; one >= 0 && n < MAX_MEMBERS; n++, one = wtr_json_next(r->json, list, one))
        read_request(r, one, depth + 1);
}

static void request_child(struct wtr_tapo_reading *r, wtr_json_ref params, unsigned depth)
{
    struct wtr_tapo_reading inner = *r;
    inner.channel = string_of(r->json, params, "device_id");
    inner.outlet = wtr_tapo_outlet(r->state, inner.channel);
    if (inner.channel.length > 0)
        read_request(&inner, wtr_json_get(r->json, params, "requestData"), depth + 1);
}

static void read_request(struct wtr_tapo_reading *r, wtr_json_ref request, unsigned depth)
{
    struct wtr_text method = string_of(r->json, request, "method");
    wtr_json_ref params = wtr_json_get(r->json, request, "params");
    if (method.length == 0 || depth > MAX_DEPTH)
        return;
    if (wtr_text_is(method, "multipleRequest"))
        request_several(r, params, depth);
    else if (wtr_text_is(method, "control_child"))
        request_child(r, params, depth);
    else if (wtr_text_is(method, "set_device_info"))
        request_device_info(r, params);
    else if (wtr_text_is(method, "set_qs_info"))
        request_set_up(r, params);
    else if (wtr_text_is(method, "device_reset"))
        request_reset(r, request);
    else if (wtr_text_is(method, "fw_download"))
        request_update(r, request);
    else
        request_other(r, request, method);
}

void wtr_smart_read_request(struct wtr_tapo_reading *r, wtr_json_ref request)
{
    r->app = string_of(r->json, request, "terminal_uuid");
    read_request(r, request, 0);
}

/* ---- what is answered ---- */

static const struct {
    const char *method;
    void (*read)(struct wtr_tapo_reading *r, wtr_json_ref result);
} answers[] = {
    {"get_device_info", wtr_smart_read_device_info},
    {"get_child_device_list", wtr_smart_read_children},
    {"get_device_time", wtr_smart_read_time},
    {"get_energy_usage", wtr_smart_read_energy_usage},
    {"get_current_power", wtr_smart_read_current_power},
    {"get_emeter_data", wtr_smart_read_emeter_data},
    {"get_device_usage", wtr_smart_read_device_usage},
    {"get_schedule_rules", wtr_smart_read_schedules},
    {"get_countdown_rules", wtr_smart_read_countdowns},
    {"get_antitheft_rules", wtr_smart_read_antitheft},
    {"get_auto_off_config", wtr_smart_read_auto_off},
    {"get_protection_power", wtr_smart_read_protection},
};

/* An answer, and the question that it answers. */
struct pair {
    const struct wtr_json *asked;
    wtr_json_ref question; /* in `asked`; -1: not known */
    wtr_json_ref answer;   /* in the reading's JSON */
};

static void read_answer(struct wtr_tapo_reading *r, struct wtr_text method, struct pair pair, unsigned depth);

static void answer_several(struct wtr_tapo_reading *r, struct pair pair, wtr_json_ref result, unsigned depth)
{
    wtr_json_ref params = wtr_json_get(pair.asked, pair.question, "params");
    wtr_json_ref questions = wtr_json_get(pair.asked, params, "requests");
    wtr_json_ref list = wtr_json_get(r->json, result, "responses");
    if (!wtr_json_is(r->json, list, WTR_JSON_ARRAY) || !wtr_json_is(pair.asked, questions, WTR_JSON_ARRAY))
        return;
    wtr_json_ref question = wtr_json_first(pair.asked, questions);
    wtr_json_ref one = wtr_json_first(r->json, list);
    for (unsigned n = 0; one >= 0 && question >= 0 && n < MAX_MEMBERS; n++) {
        struct wtr_text method = string_of(r->json, one, "method");
        if (wtr_text_equal(method, string_of(pair.asked, question, "method")))
            read_answer(r, method, (struct pair){pair.asked, question, one}, depth + 1);
        one = wtr_json_next(r->json, list, one);
        question = wtr_json_next(pair.asked, questions, question);
    }
}

static void answer_child(struct wtr_tapo_reading *r, struct pair pair, wtr_json_ref result, unsigned depth)
{
    struct wtr_tapo_reading inner = *r;
    wtr_json_ref params = wtr_json_get(pair.asked, pair.question, "params");
    wtr_json_ref data = wtr_json_get(pair.asked, params, "requestData");
    const struct pair child = {pair.asked, data, wtr_json_get(r->json, result, "responseData")};
    inner.channel = string_of(pair.asked, params, "device_id");
    inner.outlet = wtr_tapo_outlet(r->state, inner.channel);
    if (inner.channel.length > 0)
        read_answer(&inner, string_of(pair.asked, data, "method"), child, depth + 1);
}

static void read_answer(struct wtr_tapo_reading *r, struct wtr_text method, struct pair pair, unsigned depth)
{
    wtr_json_ref code = wtr_json_get(r->json, pair.answer, "error_code");
    wtr_json_ref result = wtr_json_get(r->json, pair.answer, "result");
    if (depth > MAX_DEPTH || !wtr_json_is(r->json, result, WTR_JSON_OBJECT) ||
        (code >= 0 && !wtr_text_is(wtr_json_raw(r->json, code), "0")))
        return;
    if (wtr_text_is(method, "multipleRequest"))
        answer_several(r, pair, result, depth);
    else if (wtr_text_is(method, "control_child"))
        answer_child(r, pair, result, depth);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (wtr_text_is(method, answers[i].method))
            answers[i].read(r, result);
}

void wtr_smart_read_answer(struct wtr_tapo_reading *r, const struct wtr_json *asked)
{
    const struct pair pair = {asked, 0, 0};
    r->polled = true;
    read_answer(r, string_of(asked, 0, "method"), pair, 0);
}
