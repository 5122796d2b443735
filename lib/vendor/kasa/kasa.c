/* SPDX-License-Identifier: Apache-2.0 */
/* Kasa: which device a message is about, and what each of its methods says.
 *
 * Messages go straight between an app and the plug, and bear no name of the plug but in its description. A
 * device is known by its address until that description gives its MAC. A question alone says nothing of it:
 * apps ask every address of the network, and only an answer shows that there is a device. A result is read if
 * it reports no error. */
#include "vendor/kasa/kasa.h"

#include "vendor/kasa/reading.h"
#include "vendor/kasa/wire.h"
#include "vendor/tapo/klap.h"

enum { MAX_METHODS = 128 };

/* Names of one module: the plugs', and the bulbs' and newer devices' (python-kasa iotbulb.py, iotdevice.py)
 * [S]. */
static enum wtr_kasa_module module_of(struct wtr_text name)
{
    static const struct {
        const char *name;
        enum wtr_kasa_module module;
    } modules[] = {
        {"system", WTR_KASA_SYSTEM},
        {"smartlife.iot.common.system", WTR_KASA_SYSTEM},
        {"emeter", WTR_KASA_EMETER},
        {"smartlife.iot.common.emeter", WTR_KASA_EMETER},
        {"schedule", WTR_KASA_SCHEDULE},
        {"smartlife.iot.common.schedule", WTR_KASA_SCHEDULE},
        {"count_down", WTR_KASA_COUNT_DOWN},
        {"countdown", WTR_KASA_COUNT_DOWN},
        {"anti_theft", WTR_KASA_ANTI_THEFT},
        {"smartlife.iot.common.anti_theft", WTR_KASA_ANTI_THEFT},
        {"time", WTR_KASA_TIME},
        {"smartlife.iot.common.timesetting", WTR_KASA_TIME},
        {"cnCloud", WTR_KASA_CLOUD},
        {"smartlife.iot.common.cloud", WTR_KASA_CLOUD},
        {"netif", WTR_KASA_NETIF},
        {"smartlife.iot.common.softaponboarding", WTR_KASA_NETIF},
        {"smartlife.iot.smartbulb.lightingservice", WTR_KASA_LIGHT},
        {"smartlife.iot.lightStrip", WTR_KASA_LIGHT},
        {"smartlife.iot.dimmer", WTR_KASA_DIMMER},
    };
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (wtr_text_is(name, modules[i].name))
            return modules[i].module;
    return WTR_KASA_OTHER;
}

static bool is_good(const struct wtr_kasa_reading *r, wtr_json_ref result)
{
    int64_t code = -1;
    return wtr_kasa_int(r, result, "err_code", INT32_MIN, INT32_MAX, &code) && code == 0;
}

static bool is_sysinfo(const struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    return method->module == WTR_KASA_SYSTEM &&
           wtr_text_is(wtr_json_raw(r->json, method->name), "get_sysinfo");
}

static void read_description(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    if (is_sysinfo(r, method) && is_good(r, method->value))
        wtr_kasa_read_sysinfo(r, method->value);
}

static void read_result(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    if (!is_good(r, method->value))
        return;
    switch (method->module) {
    case WTR_KASA_EMETER:
        wtr_kasa_read_emeter(r, method);
        break;
    case WTR_KASA_SCHEDULE:
        wtr_kasa_read_runtime(r, method);
        wtr_kasa_read_rules(r, method);
        break;
    case WTR_KASA_COUNT_DOWN:
    case WTR_KASA_ANTI_THEFT:
        wtr_kasa_read_rules(r, method);
        break;
    case WTR_KASA_TIME:
        wtr_kasa_read_time(r, method);
        break;
    case WTR_KASA_CLOUD:
        wtr_kasa_read_cloud(r, method);
        break;
    case WTR_KASA_NETIF:
        wtr_kasa_read_network(r, method);
        break;
    case WTR_KASA_LIGHT:
        if (wtr_text_is(wtr_json_raw(r->json, method->name), "get_light_state"))
            wtr_kasa_read_light(r, method->value);
        break;
    default:
        break;
    }
}

/* Goes through all methods of the message, in order. */
static void each_method(struct wtr_kasa_reading *r,
                        void (*read)(struct wtr_kasa_reading *, const struct wtr_kasa_method *))
{
    unsigned count = 0;
    for (wtr_json_ref i = wtr_json_first(r->json, 0); i >= 0; i = wtr_json_next(r->json, 0, i + 1)) {
        struct wtr_text name = wtr_json_raw(r->json, i);
        if (wtr_text_is(name, "context") || !wtr_json_is(r->json, i + 1, WTR_JSON_OBJECT))
            continue;
        struct wtr_kasa_method method = {.module = module_of(name), .module_name = i};
        for (wtr_json_ref m = wtr_json_first(r->json, i + 1); m >= 0;
             m = wtr_json_next(r->json, i + 1, m + 1)) {
            if (count++ == MAX_METHODS) {
                wtr_kasa_finding(r, 0, "the message has too many methods");
                return;
            }
            method.name = m;
            method.value = m + 1;
            read(r, &method);
        }
    }
}

/* ---- answers */

/* What the answer is about, by the request and by what is known of the device. */
static void tell_about(struct wtr_kasa_reading *r, const struct wtr_kasa_question *question)
{
    const struct wtr_kasa_known *known = wtr_kasa_find(r->learnt, &r->plug->ip);
    bool single = known && known->sort == WTR_KASA_SINGLE;
    r->about = WTR_KASA_ABOUT_UNKNOWN;
    if (single || (question && question->child_count == 0)) {
        r->about = WTR_KASA_ABOUT_DEVICE;
    } else if (question && question->child_count == 1 &&
               wtr_kasa_full_id(known ? &known->id : NULL,
                                wtr_text_of(question->child, question->child_length), &r->outlet)) {
        r->about = WTR_KASA_ABOUT_OUTLET;
        r->position = wtr_kasa_position(known, &r->outlet);
    }
}

static void read_answer(struct wtr_kasa_reading *r, const struct wtr_kasa_body *body)
{
    each_method(r, read_description);
    tell_about(r, body->question);
    each_method(r, read_result);
}

/* ---- requests */

/* Addresses that are no host's: broadcast and multicast. A network's own broadcast address can't be told
 * without its mask; it ends in 255 in all but a few. */
static bool is_everybody(const struct wtr_ip *ip)
{
    return wtr_ip_is_v4(ip) ? ip->bytes[15] == 255 || ip->bytes[12] >= 224 : ip->bytes[0] == 0xff;
}

static void read_context(struct wtr_kasa_reading *r)
{
    struct wtr_kasa_shape shape;
    wtr_json_ref context = wtr_json_get(r->json, 0, "context");
    wtr_json_ref source = wtr_json_get(r->json, context, "source");
    wtr_kasa_read_shape(r->json, &shape);
    r->source = wtr_json_is(r->json, source, WTR_JSON_STRING) ? source : -1;
    r->child_ids = wtr_json_get(r->json, context, "child_ids");
    r->unclear = shape.question.child_count == WTR_KASA_UNCLEAR;
}

static void read_request(struct wtr_kasa_reading *r)
{
    r->everybody = is_everybody(&r->plug->ip);
    read_context(r);
    each_method(r, wtr_kasa_read_asked);
}

static void read_body(void *state, const struct wtr_kasa_body *body, struct wtr_say *say)
{
    struct wtr_kasa_reading r = {
        .say = say,
        .json = body->json,
        .learnt = state,
        .plug = body->answer ? wtr_say_sender(say) : wtr_say_receiver(say),
        .answer = body->answer,
        .child_ids = -1,
        .source = -1,
    };
    if (body->answer)
        read_answer(&r, body);
    else
        read_request(&r);
}

/* ---- inside KLAP */

/* Newer devices hand the same JSON through KLAP instead of port 9999 (python-kasa IotDevice over
 * KlapTransport [S]). It is told by its first member: a module, or the outlets that it is for. */
static bool is_kasa_json(struct wtr_text text)
{
    struct wtr_text name;
    if (!wtr_text_starts(text, "{\""))
        return false;
    text = (struct wtr_text){text.data + 2, text.length - 2};
    name = wtr_text_cut(&text, '"');
    return text.data && (module_of(name) != WTR_KASA_OTHER || wtr_text_is(name, "context"));
}

static bool is_in_klap(const struct wtr_klap *klap)
{
    struct wtr_text asked = klap->step == WTR_KLAP_REQUEST ? klap->text : klap->question;
    return klap->opened && is_kasa_json(klap->text) && (!asked.data || is_kasa_json(asked));
}

/* Each answer in KLAP belongs to the request that it came with. */
static void read_klap(void *state, const struct wtr_klap *klap, struct wtr_say *say)
{
    struct wtr_json asked = {0};
    struct wtr_json *json = wtr_say_json(say);
    struct wtr_kasa_shape shape;
    struct wtr_kasa_body body = {.json = json, .answer = klap->step == WTR_KLAP_RESPONSE};
    if (!wtr_json_parse(json, klap->text) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(say, klap->text, "what was deciphered is no JSON");
        return;
    }
    if (body.answer && klap->question.data && wtr_json_parse(&asked, klap->question)) {
        wtr_kasa_read_shape(&asked, &shape);
        body.question = &shape.question;
    }
    read_body(state, &body, say);
    wtr_json_free(&asked);
}

static enum wtr_claim claim(const void *state, const struct wtr_message *message)
{
    (void)state;
    bool own = message->protocol == &wtr_kasa_protocol ||
               (message->protocol == &wtr_klap && is_in_klap(message->body));
    return own ? WTR_CLAIM_NAMED : WTR_CLAIM_NONE;
}

static void read(void *state, const struct wtr_message *message, struct wtr_say *say)
{
    if (message->protocol == &wtr_klap)
        read_klap(state, message->body, say);
    else
        read_body(state, message->body, say);
}

static void close_state(void *state)
{
    wtr_kasa_forget(state);
}

static const struct wtr_protocol *const protocols[] = {&wtr_kasa_protocol, NULL};

const struct wtr_vendor wtr_kasa = {
    .name = "kasa",
    .protocols = protocols,
    .state_size = sizeof(struct wtr_kasa_learnt),
    .close = close_state,
    .claim = claim,
    .read = read,
};
