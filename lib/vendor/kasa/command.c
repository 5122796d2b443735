/* SPDX-License-Identifier: Apache-2.0 */
/* What a request asks of a device (softScheck command list, tplink-smarthome-api, python-kasa) [S];
 * set_relay_state with context.source [V]:
 *
 *   - system.set_relay_state {state}, smartlife.iot.dimmer.set_switch_state {state}, lightingservice's
 *     transition_light_state {on_off}: the relay. context.child_ids names the outlets; without it a strip
 *     switches them all.
 *   - reset, erase_…, delete_… and unbind destroy what the device has stored.
 *   - netif.set_stainfo {ssid, password, key_type} and cnCloud.bind {username, password} bear secrets.
 *   - Everything else that does not begin with get_, test_ or check_ changes something, and is said by its
 *     name, with its arguments.
 *
 * An answer with err_code 0 confirms that the request was understood; it states no state. */
#include "vendor/kasa/reading.h"
#include "vendor/kasa/wire.h"

enum { MAX_VALUE = 1024 };

/* One statement of a request: about an outlet of a strip, or the device. */
struct asked {
    struct wtr_kasa_reading *reading;
    const struct wtr_kasa_method *method;
    wtr_json_ref child; /* the outlet's id; -1: none is named */
    struct wtr_kasa_channel channel;
    unsigned position;
};

static struct wtr_kasa_sentence sentence_of(const struct asked *a, enum wtr_kind kind)
{
    return (struct wtr_kasa_sentence){.reading = a->reading,
                                      .kind = kind,
                                      .channel = a->child >= 0 ? &a->channel : NULL,
                                      .position = a->position};
}

static void end(const struct asked *a, struct wtr_kasa_sentence *s)
{
    if (s->begun && a->child >= 0)
        wtr_say_raw_json(a->reading->say, "child_id", a->reading->json, a->child);
    wtr_kasa_end(s);
}

static bool is_method(const struct asked *a, enum wtr_kasa_module module, const char *name)
{
    return a->method->module == module && wtr_text_is(wtr_json_raw(a->reading->json, a->method->name), name);
}

/* ---- switching */

static void say_switch(const struct asked *a, const char *state)
{
    struct wtr_kasa_reading *r = a->reading;
    struct wtr_kasa_sentence s = sentence_of(a, WTR_KIND_POWER_COMMAND);
    if (!wtr_kasa_add_on_off(&s, a->method->value, state, WTR_FIELD_STATE)) {
        wtr_kasa_finding(r, a->method->value, "the state asked for is neither 0 nor 1");
        return;
    }
    wtr_say_trigger(r->say, WTR_TRIGGER_LAN, WTR_BASIS_NONE);
    end(a, &s);
}

/* ---- settings */

/* Whether the arguments hold a secret at any depth. */
static bool holds_secret(const struct wtr_kasa_reading *r, wtr_json_ref value)
{
    if (value < 0)
        return false;
    for (uint32_t i = (uint32_t)value; i < r->json->tokens[value].next; i++)
        if (r->json->tokens[i].type == WTR_JSON_STRING &&
            wtr_kasa_is_secret(wtr_json_raw(r->json, (wtr_json_ref)i)))
            return true;
    return false;
}

static bool destroys(struct wtr_text method)
{
    return wtr_text_is(method, "reset") || wtr_text_is(method, "unbind") ||
           wtr_text_starts(method, "erase_") || wtr_text_starts(method, "delete_");
}

/* "module.method" as the setting, and the method's name as raw value. */
static void begin_setting(const struct asked *a, struct wtr_kasa_sentence *s)
{
    struct wtr_kasa_reading *r = a->reading;
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    wtr_kasa_begin(s);
    wtr_buffer_clear(scratch);
    wtr_put_text(scratch, wtr_json_raw(r->json, a->method->module_name));
    wtr_put_char(scratch, '.');
    wtr_put_text(scratch, wtr_json_raw(r->json, a->method->name));
    wtr_say_text(r->say, WTR_FIELD_SETTING, wtr_buffer_text(scratch));
    wtr_say_raw_json(r->say, "method", r->json, a->method->name);
}

static void add_arguments(const struct asked *a)
{
    struct wtr_kasa_reading *r = a->reading;
    struct wtr_text raw = wtr_json_raw(r->json, a->method->value);
    bool empty = wtr_json_is(r->json, a->method->value, WTR_JSON_NULL) ||
                 wtr_json_first(r->json, a->method->value) < 0;
    bool object = wtr_json_is(r->json, a->method->value, WTR_JSON_OBJECT);
    if ((object && empty) || wtr_json_is(r->json, a->method->value, WTR_JSON_NULL) ||
        holds_secret(r, a->method->value))
        return;
    if (raw.length <= MAX_VALUE)
        wtr_say_text(r->say, WTR_FIELD_VALUE, raw);
    wtr_say_raw_json(r->say, "arguments", r->json, a->method->value);
}

static void say_setting(const struct asked *a, enum wtr_kind kind)
{
    struct wtr_kasa_reading *r = a->reading;
    struct wtr_kasa_sentence s = sentence_of(a, kind);
    begin_setting(a, &s);
    add_arguments(a);
    if (destroys(wtr_json_raw(r->json, a->method->name)))
        wtr_say_bool(r->say, WTR_FIELD_DESTROYS, true);
    end(a, &s);
}

static void say_place(const struct asked *a)
{
    const int64_t pole = WTR_KASA_UNITS(90), around = WTR_KASA_UNITS(180);
    wtr_json_ref place = a->method->value;
    struct wtr_kasa_sentence s = sentence_of(a, WTR_KIND_DEVICE_CONFIG);
    begin_setting(a, &s);
    if (!wtr_kasa_add_number(&s, place, "latitude", 0, WTR_FIELD_LATITUDE, -pole, pole))
        wtr_kasa_add_number(&s, place, "latitude_i", -4, WTR_FIELD_LATITUDE, -pole, pole);
    if (!wtr_kasa_add_number(&s, place, "longitude", 0, WTR_FIELD_LONGITUDE, -around, around))
        wtr_kasa_add_number(&s, place, "longitude_i", -4, WTR_FIELD_LONGITUDE, -around, around);
    end(a, &s);
}

static void say_countdown(const struct asked *a)
{
    struct wtr_kasa_sentence s = sentence_of(a, WTR_KIND_TIMER_SET);
    wtr_kasa_add_countdown(&s, a->method->value);
    end(a, &s);
}

/* ---- secrets */

/* Who or what the password is for, said as a setting, and the password as a credential. */
static void say_secret(const struct asked *a, const char *what, const char *whose, enum wtr_field field)
{
    struct wtr_kasa_reading *r = a->reading;
    wtr_json_ref arguments = a->method->value;
    struct wtr_kasa_sentence setting = sentence_of(a, WTR_KIND_DEVICE_CONFIG);
    begin_setting(a, &setting);
    wtr_kasa_add_text(&setting, arguments, whose, field);
    wtr_kasa_add_raw(&setting, arguments, "key_type");
    end(a, &setting);
    struct wtr_kasa_sentence s = sentence_of(a, WTR_KIND_CREDENTIAL);
    if (!wtr_kasa_add_text(&s, arguments, "password", WTR_FIELD_VALUE))
        return;
    wtr_say_text(r->say, WTR_FIELD_SECRET, wtr_text_z(what));
    struct wtr_text name =
        wtr_json_string(r->json, wtr_kasa_member(r, arguments, whose), wtr_say_scratch(r->say));
    if (name.length > 0)
        wtr_say_text(r->say, field, name);
    wtr_kasa_end(&s);
}

/* ---- which request is which */

static bool asks_only(struct wtr_text method)
{
    return wtr_text_starts(method, "get_") || wtr_text_starts(method, "test_") ||
           wtr_text_starts(method, "check_");
}

static void say_one(const struct asked *a)
{
    bool firmware =
        is_method(a, WTR_KASA_SYSTEM, "download_firmware") || is_method(a, WTR_KASA_SYSTEM, "flash_firmware");
    if (is_method(a, WTR_KASA_SYSTEM, "set_relay_state") || is_method(a, WTR_KASA_DIMMER, "set_switch_state"))
        say_switch(a, "state");
    else if (is_method(a, WTR_KASA_LIGHT, "transition_light_state") &&
             wtr_kasa_member(a->reading, a->method->value, "on_off") >= 0)
        say_switch(a, "on_off");
    else if (is_method(a, WTR_KASA_NETIF, "set_stainfo"))
        say_secret(a, "wifi", "ssid", WTR_FIELD_SSID);
    else if (is_method(a, WTR_KASA_CLOUD, "bind"))
        say_secret(a, "account", "username", WTR_FIELD_ACCOUNT);
    else if (is_method(a, WTR_KASA_SYSTEM, "set_dev_location"))
        say_place(a);
    else if (is_method(a, WTR_KASA_COUNT_DOWN, "add_rule") || is_method(a, WTR_KASA_COUNT_DOWN, "edit_rule"))
        say_countdown(a);
    else
        say_setting(a, firmware ? WTR_KIND_FIRMWARE_UPDATE : WTR_KIND_DEVICE_CONFIG);
}

/* Says the request of each outlet that it names. */
static void say_each(struct asked *a, const struct wtr_kasa_known *known)
{
    struct wtr_kasa_reading *r = a->reading;
    unsigned count = 0;
    for (wtr_json_ref i = wtr_json_first(r->json, r->child_ids); i >= 0 && count < WTR_KASA_MAX_OUTLETS;
         i = wtr_json_next(r->json, r->child_ids, i), count++) {
        struct wtr_text id = wtr_json_raw(r->json, i);
        if (!wtr_json_is(r->json, i, WTR_JSON_STRING) ||
            !wtr_kasa_full_id(known ? &known->id : NULL, id, &a->channel)) {
            wtr_kasa_finding(r, i, "which outlet this is can't be told");
            continue;
        }
        a->child = i;
        a->position = wtr_kasa_position(known, &a->channel);
        say_one(a);
    }
}

void wtr_kasa_read_asked(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    struct asked a = {.reading = r, .method = method, .child = -1};
    if (asks_only(wtr_json_raw(r->json, method->name)))
        return;
    if (r->everybody)
        wtr_kasa_finding(r, method->name,
                         "asked of every device of the network: whom it reached is not known");
    else if (r->unclear)
        wtr_kasa_finding(r, method->name, "which outlets this is asked of can't be told");
    else if (r->child_ids >= 0)
        say_each(&a, wtr_kasa_find(r->learnt, &r->plug->ip));
    else
        say_one(&a);
}
