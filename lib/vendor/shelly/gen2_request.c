/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody asked of a Gen2 or later device (shelly-api-docs gen2, RPC Protocol, Switch, Shelly, Sys,
 * Schedule …) [S]; the names of the methods [V] from a real device's Shelly.ListMethods:
 *
 *   - Switch.Set {id, on, toggle_after}: toggle_after is a countdown in seconds after which the output turns
 *     back. Switch.Toggle {id}. Both are answered with {was_on}.
 *   - Methods that change or destroy what the device keeps are stated as settings, under their own name.
 *     Parameters are shown where they can hold no secret. The firmware's own methods are updates.
 *   - <component>.GetStatus {id} is remembered for its answer. Other methods are not said.
 *
 * The `src` of a request is the name that the asking party gave itself; who it was, the connection tells. A
 * command is not a state: nothing here says what the relay did. */
#include "vendor/http_target.h"
#include "vendor/shelly/reading.h"

enum { MAX_CHANNEL = 255 };

/* Seconds beyond which no timer runs. */
#define MOST_TIMER WTR_SHELLY_UNITS(1000000000)

enum sort {
    SWITCH_SET,
    SWITCH_TOGGLE,
    STATUS, /* the component's status is asked for */
    CHANGE, /* a setting */
    SHOWN,  /* a setting whose parameters hold no secret */
    UPDATE, /* firmware */
};

static const struct method {
    const char *name;
    enum sort sort;
    const char *component; /* what the parameter `id` numbers, or what the method is about; NULL: neither */
} methods[] = {
    {"Switch.Set", SWITCH_SET, "switch"},
    {"Switch.Toggle", SWITCH_TOGGLE, "switch"},
    {"Switch.GetStatus", STATUS, "switch"},
    {"Input.GetStatus", STATUS, "input"},
    {"PM1.GetStatus", STATUS, "pm1"},
    {"Switch.SetConfig", SHOWN, "switch"},
    {"Switch.ResetCounters", SHOWN, "switch"},
    {"PM1.SetConfig", SHOWN, "pm1"},
    {"PM1.ResetCounters", SHOWN, "pm1"},
    {"Input.SetConfig", SHOWN, "input"},
    {"Input.ResetCounters", SHOWN, "input"},
    {"Shelly.Reboot", SHOWN, NULL},
    {"Sys.Reboot", SHOWN, NULL},
    {"Shelly.FactoryReset", SHOWN, NULL},
    {"Shelly.ResetWiFiConfig", SHOWN, NULL},
    {"Shelly.SetProfile", SHOWN, NULL},
    {"Sys.SetConfig", SHOWN, NULL},
    {"Sys.SetTime", SHOWN, NULL},
    {"Schedule.Create", SHOWN, NULL},
    {"Schedule.Update", SHOWN, NULL},
    {"Schedule.Delete", SHOWN, NULL},
    {"Schedule.DeleteAll", SHOWN, NULL},
    {"Script.Create", SHOWN, NULL},
    {"Script.SetConfig", SHOWN, NULL},
    {"Script.Delete", SHOWN, NULL},
    {"Script.Start", SHOWN, NULL},
    {"Script.Stop", SHOWN, NULL},
    {"Script.PutCode", CHANGE, NULL},
    {"Script.Eval", CHANGE, NULL},
    {"Webhook.Create", CHANGE, NULL},
    {"Webhook.Update", CHANGE, NULL},
    {"Webhook.Delete", CHANGE, NULL},
    {"Webhook.DeleteAll", CHANGE, NULL},
    {"KVS.Set", CHANGE, NULL},
    {"KVS.Delete", CHANGE, NULL},
    {"Shelly.SetAuth", CHANGE, NULL},
    {"Wifi.SetConfig", CHANGE, NULL},
    {"Mqtt.SetConfig", CHANGE, NULL},
    {"Cloud.SetConfig", CHANGE, NULL},
    {"WS.SetConfig", CHANGE, NULL},
    {"BLE.SetConfig", CHANGE, NULL},
    {"Matter.FactoryReset", CHANGE, NULL},
    {"Shelly.Update", UPDATE, NULL},
    {"OTA.Update", UPDATE, NULL},
    {"OTA.Start", UPDATE, NULL},
    {"OTA.Revert", UPDATE, NULL},
    {"OTA.Commit", UPDATE, NULL},
};

/* Methods are compared without case, as the devices do: Wifi and WiFi, switch.set and Switch.Set occur. */
static const struct method *find(struct wtr_text name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (wtr_text_is_nocase(name, methods[i].name))
            return &methods[i];
    return NULL;
}

/* One request: what it is, and the component that it is about. */
struct request {
    struct wtr_shelly_reading *reading;
    const struct wtr_shelly_asking *asking;
    const struct method *method;
    bool numbered;
    unsigned number;
    struct wtr_shelly_channel component;
};

static wtr_json_ref param(const struct request *q, const char *name)
{
    return wtr_json_get(q->reading->json, q->asking->params, name);
}

static void read_number(struct request *q)
{
    wtr_json_ref id = param(q, "id");
    int64_t number = 0;
    if (!q->method->component || !wtr_json_int(q->reading->json, id, &number) || number < 0 ||
        number > MAX_CHANNEL)
        return;
    q->numbered = true;
    q->number = (unsigned)number;
    q->component = wtr_shelly_channel(q->method->component, q->number);
}

static struct wtr_shelly_sentence about(const struct request *q, enum wtr_kind kind)
{
    struct wtr_shelly_sentence s = {.reading = q->reading, .kind = kind};
    if (q->numbered) {
        s.channel = wtr_shelly_channel_text(&q->component);
        s.outlet = wtr_text_starts(s.channel, "switch:") ? q->number + 1 : 0;
    }
    return s;
}

static void add_sender(const struct request *q)
{
    struct wtr_shelly_reading *r = q->reading;
    const struct wtr_shelly_asking *asking = q->asking;
    if (asking->sent_method.data) {
        wtr_say_raw(r->say, WTR_TEXT("method"), asking->sent_method);
        if (asking->sent_params.data && q->method->sort != CHANGE)
            wtr_say_raw(r->say, WTR_TEXT("params"), asking->sent_params);
        return;
    }
    wtr_say_raw_json(r->say, "method", r->json, q->asking->method);
    if (wtr_json_is(r->json, q->asking->src, WTR_JSON_STRING))
        wtr_say_raw_json(r->say, "src", r->json, q->asking->src);
}

bool wtr_shelly_say_timer(struct wtr_shelly_reading *r, const struct wtr_shelly_channel *channel,
                          unsigned number, struct wtr_text name, struct wtr_text value, struct wtr_text raw)
{
    struct wtr_shelly_sentence s = {.reading = r,
                                    .kind = WTR_KIND_TIMER_SET,
                                    .channel = wtr_shelly_channel_text(channel),
                                    .outlet = number + 1};
    int64_t micro = 0;
    if (!wtr_decimal_micro(value, 0, &micro) || micro < 0 || micro > MOST_TIMER) {
        wtr_say_finding(r->say, raw, "the countdown is no number of seconds");
        return false;
    }
    wtr_shelly_begin(&s);
    wtr_say_micro(r->say, WTR_FIELD_DURATION_S, micro);
    wtr_say_raw(r->say, name, raw);
    wtr_shelly_end(&s);
    return true;
}

/* The countdown as it stands in the evidence. */
static struct wtr_text timer_as_sent(const struct request *q)
{
    const struct wtr_shelly_asking *asking = q->asking;
    if (asking->sent_method.data)
        return wtr_http_query_value(asking->sent_params, "toggle_after");
    return wtr_json_raw(q->reading->json, param(q, "toggle_after"));
}

static void say_command(const struct request *q)
{
    static const char incomplete[] = "the command lacks what it is to switch, or how";
    struct wtr_shelly_reading *r = q->reading;
    struct wtr_shelly_sentence s = about(q, WTR_KIND_POWER_COMMAND);
    bool toggle = q->method->sort == SWITCH_TOGGLE;
    wtr_json_ref value = param(q, "on");
    bool on = false;
    if (!q->numbered || (!toggle && !wtr_json_bool(r->json, value, &on))) {
        if (q->asking->sent_method.data)
            wtr_say_finding(r->say, q->asking->sent_method, incomplete);
        else
            wtr_shelly_finding(r, 0, incomplete);
        return;
    }
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_STATE,
                 toggle ? WTR_TEXT("toggle")
                 : on   ? WTR_TEXT("on")
                        : WTR_TEXT("off"));
    add_sender(q);
    if (!toggle && !q->asking->sent_method.data)
        wtr_say_raw_json(r->say, "on", r->json, value);
    wtr_shelly_end(&s);
    wtr_json_ref after = param(q, "toggle_after");
    if (!toggle && after >= 0 && !wtr_json_is(r->json, after, WTR_JSON_NULL))
        (void)wtr_shelly_say_timer(r, &q->component, q->number, WTR_TEXT("toggle_after"),
                                   wtr_json_raw(r->json, after), timer_as_sent(q));
}

static void say_setting(const struct request *q)
{
    struct wtr_shelly_reading *r = q->reading;
    bool update = q->method->sort == UPDATE;
    struct wtr_shelly_sentence s = about(q, update ? WTR_KIND_FIRMWARE_UPDATE : WTR_KIND_DEVICE_CONFIG);
    wtr_json_ref params = q->asking->params;
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, wtr_text_z(q->method->name));
    add_sender(q);
    if (q->method->sort == SHOWN && params >= 0) {
        bool sent = q->asking->sent_method.data != NULL;
        wtr_say_text(r->say, WTR_FIELD_VALUE, sent ? q->asking->sent_params : wtr_json_raw(r->json, params));
        if (!sent)
            wtr_say_raw_json(r->say, "params", r->json, params);
    }
    wtr_shelly_end(&s);
}

/* Sys and Wifi have no number. */
static struct wtr_shelly_question whole_component(struct wtr_text method)
{
    struct wtr_shelly_question question = {.asked = WTR_SHELLY_ASKED_OTHER};
    const char *component = wtr_text_is_nocase(method, "Sys.GetStatus")    ? "sys"
                            : wtr_text_is_nocase(method, "Wifi.GetStatus") ? "wifi"
                                                                           : NULL;
    if (component) {
        question.asked = WTR_SHELLY_ASKED_STATUS;
        question.component.length = strlen(component);
        memcpy(question.component.text, component, question.component.length);
    }
    return question;
}

struct wtr_shelly_question wtr_shelly_read_request(struct wtr_shelly_reading *r,
                                                   const struct wtr_shelly_asking *asking)
{
    struct wtr_text name = wtr_json_raw(r->json, asking->method);
    struct request q = {.reading = r, .asking = asking, .method = find(name)};
    if (!q.method)
        return whole_component(name);
    read_number(&q);
    bool is_switch = q.method->sort == SWITCH_SET || q.method->sort == SWITCH_TOGGLE;
    if (is_switch && !asking->quiet)
        say_command(&q);
    else if (q.method->sort != STATUS && !asking->quiet)
        say_setting(&q);
    bool asks = q.numbered && (is_switch || q.method->sort == STATUS);
    return (struct wtr_shelly_question){
        .asked = !asks       ? WTR_SHELLY_ASKED_OTHER
                 : is_switch ? WTR_SHELLY_ASKED_SWITCH
                             : WTR_SHELLY_ASKED_STATUS,
        .component = q.component,
    };
}
