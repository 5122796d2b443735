/* SPDX-License-Identifier: Apache-2.0 */
/* Events of Gen2 and later (shelly-api-docs gen2, Notifications, Input, Sys, Introduction) [S], the forms
 * below as real devices sent them, quoted in public logs [S]:
 *
 *   {"component":"input:0","id":0,"event":"single_push","ts":…}: also btn_down, btn_up, double_push,
 *     triple_push, long_push. A switch's position is told by a status, not by an event.
 *   {"component":"sys","event":"sys_btn_push","ts":…}: also sys_btn_down, sys_btn_up; the device's own
 *     button.
 *   {"component":"switch:0","id":0,"event":"config_changed","restart_required":false,"ts":…,"cfg_rev":35}:
 *     any component's settings were changed; what was changed is not told.
 *   {"component":"sys","event":"scheduled_restart","time_ms":435,"ts":…}: it will restart, which is no
 *     start.
 *   {"component":"sys","event":"ota_progress","msg":…,"progress_percent":99,"ts":…}: also ota_begin,
 *     ota_success, ota_error. The same events of a bthomedevice are about another device. */
#include "vendor/shelly/reading.h"

enum { MAX_EVENTS = 64 };

struct event {
    struct wtr_shelly_reading *reading;
    wtr_json_ref object;
    wtr_json_ref component;
    wtr_json_ref word;
};

static bool is_one_of(struct wtr_text word, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wtr_text_is(word, words[i]))
            return true;
    return false;
}

#define IS_ONE_OF(word, words) is_one_of(word, words, sizeof(words) / sizeof *(words))

/* Begins the statement, and says the event's word as what was done. */
static struct wtr_shelly_sentence begin(const struct event *e, enum wtr_kind kind, enum wtr_field field,
                                        struct wtr_text what)
{
    struct wtr_shelly_reading *r = e->reading;
    struct wtr_shelly_sentence s = {.reading = r, .kind = kind};
    wtr_shelly_begin(&s);
    if (what.length > 0)
        wtr_say_text(r->say, field, what);
    wtr_say_text(r->say, WTR_FIELD_ACTION, wtr_json_raw(r->json, e->word));
    wtr_say_raw_json(r->say, "component", r->json, e->component);
    wtr_say_raw_json(r->say, "event", r->json, e->word);
    return s;
}

static void add_raw(const struct event *e, const char *name)
{
    struct wtr_shelly_reading *r = e->reading;
    wtr_json_ref value = wtr_json_get(r->json, e->object, name);
    if (value >= 0)
        wtr_say_raw_json(r->say, name, r->json, value);
}

static void say_input(const struct event *e, struct wtr_text input)
{
    struct wtr_shelly_sentence s = begin(e, WTR_KIND_SWITCH_INPUT, WTR_FIELD_INPUT, input);
    add_raw(e, "ts");
    wtr_shelly_end(&s);
}

static void say_config(const struct event *e, struct wtr_text component)
{
    struct wtr_shelly_sentence s = begin(e, WTR_KIND_DEVICE_CONFIG, WTR_FIELD_SETTING, component);
    add_raw(e, "restart_required");
    add_raw(e, "ts");
    add_raw(e, "cfg_rev");
    wtr_shelly_end(&s);
}

static void say_update(const struct event *e)
{
    struct wtr_shelly_sentence s =
        begin(e, WTR_KIND_FIRMWARE_UPDATE, WTR_FIELD_ACTION, (struct wtr_text){NULL, 0});
    wtr_shelly_add_text(&s, e->object, "msg", WTR_FIELD_REASON);
    add_raw(e, "progress_percent");
    add_raw(e, "ts");
    wtr_shelly_end(&s);
}

static void say_restart(const struct event *e)
{
    struct wtr_shelly_sentence s = begin(e, WTR_KIND_DEVICE_CONFIG, WTR_FIELD_SETTING, WTR_TEXT("restart"));
    add_raw(e, "time_ms");
    add_raw(e, "ts");
    wtr_shelly_end(&s);
}

static void read_event(const struct event *e)
{
    static const char *const pushes[] = {"btn_down",    "btn_up",      "single_push",
                                         "double_push", "triple_push", "long_push"};
    static const char *const own_pushes[] = {"sys_btn_down", "sys_btn_up", "sys_btn_push"};
    static const char *const updates[] = {"ota_begin", "ota_progress", "ota_success", "ota_error"};
    const struct wtr_json *json = e->reading->json;
    struct wtr_text component = wtr_json_raw(json, e->component);
    struct wtr_text word = wtr_json_raw(json, e->word);
    bool sys = wtr_text_is(component, "sys");
    bool input = wtr_text_starts(component, "input:") && IS_ONE_OF(word, pushes);
    if (wtr_text_is(word, "config_changed"))
        say_config(e, component);
    else if (input || (sys && IS_ONE_OF(word, own_pushes)))
        say_input(e, component);
    else if (sys && IS_ONE_OF(word, updates))
        say_update(e);
    else if (sys && wtr_text_is(word, "scheduled_restart"))
        say_restart(e);
}

void wtr_shelly_read_events(struct wtr_shelly_reading *r, wtr_json_ref params)
{
    wtr_json_ref events = wtr_json_get(r->json, params, "events");
    if (!wtr_json_is(r->json, events, WTR_JSON_ARRAY)) {
        wtr_shelly_finding(r, params, "the notification holds no events");
        return;
    }
    wtr_json_ref object = wtr_json_first(r->json, events);
    for (unsigned i = 0; i < MAX_EVENTS && object >= 0; i++) {
        struct event e = {
            .reading = r,
            .object = object,
            .component = wtr_json_get(r->json, object, "component"),
            .word = wtr_json_get(r->json, object, "event"),
        };
        bool texts = wtr_json_is(r->json, e.component, WTR_JSON_STRING) &&
                     wtr_json_is(r->json, e.word, WTR_JSON_STRING);
        if (texts)
            read_event(&e);
        else
            wtr_shelly_finding(r, object, "the event bears no name");
        object = wtr_json_next(r->json, events, object);
    }
    if (object >= 0)
        wtr_shelly_finding(r, object, "there are too many events");
}
