/* SPDX-License-Identifier: Apache-2.0 */
/* A Meross message: {"header":{"namespace","method","from","timestamp",…},"payload":{…}} (krahabb/meross_lan
 * merossclient/protocol/message.py, protocol/namespaces) [S], real devices' answers in its emulator_traces
 * [V].
 *
 * Methods: GET is answered by GETACK, SET by SETACK; PUSH is sent by a device at a change, but newer firmware
 * also answers questions with it, over HTTP. Appliance.Control.Multiple is a SET whose payload holds several
 * messages, each with its own method, and is answered alike. */
#include "vendor/meross/reading.h"

enum { MAX_LIST = 512, MAX_MULTIPLE = 32 };

static enum wtr_meross_method method_of(struct wtr_text word)
{
    static const struct {
        const char *word;
        enum wtr_meross_method method;
    } methods[] = {
        {"SET", WTR_MEROSS_SET},
        {"SETACK", WTR_MEROSS_SETACK},
        {"GETACK", WTR_MEROSS_GETACK},
        {"PUSH", WTR_MEROSS_PUSH},
    };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (wtr_text_is(word, methods[i].word))
            return methods[i].method;
    return WTR_MEROSS_OTHER;
}

bool wtr_meross_part_of(const struct wtr_json *json, wtr_json_ref at, struct wtr_meross_part *part)
{
    wtr_json_ref header = wtr_json_get(json, at, "header");
    wtr_json_ref method = wtr_json_get(json, header, "method");
    wtr_json_ref name = wtr_json_get(json, header, "namespace");
    if (!wtr_json_is(json, method, WTR_JSON_STRING) || !wtr_json_is(json, name, WTR_JSON_STRING))
        return false;
    *part = (struct wtr_meross_part){.method = method_of(wtr_json_raw(json, method)),
                                     .name = wtr_json_raw(json, name),
                                     .header = header,
                                     .payload = wtr_json_get(json, at, "payload")};
    return true;
}

void wtr_meross_mark_polled(struct wtr_meross_reading *r, const struct wtr_meross_part *part)
{
    if (part->method != WTR_MEROSS_PUSH || r->over_http)
        wtr_say_polled(r->say);
}

void wtr_meross_finding(struct wtr_meross_reading *r, wtr_json_ref value, const char *reason)
{
    wtr_say_finding(r->say, wtr_json_raw(r->json, value), reason);
}

void wtr_meross_each(struct wtr_meross_reading *r, const struct wtr_meross_part *part, wtr_json_ref at,
                     wtr_meross_take *take)
{
    if (wtr_json_is(r->json, at, WTR_JSON_OBJECT)) {
        take(r, part, at);
        return;
    }
    if (!wtr_json_is(r->json, at, WTR_JSON_ARRAY))
        return;
    size_t n = 0;
    for (wtr_json_ref i = wtr_json_first(r->json, at); i >= 0; i = wtr_json_next(r->json, at, i)) {
        if (n++ == MAX_LIST) {
            wtr_meross_finding(r, at, "the list is longer than any known");
            return;
        }
        if (wtr_json_is(r->json, i, WTR_JSON_OBJECT))
            take(r, part, i);
    }
}

/* Channel 0 of a strip is all its outlets, that of a single plug its only one: it gives no position. */
bool wtr_meross_channel(struct wtr_meross_reading *r, wtr_json_ref object, struct wtr_meross_channel *channel)
{
    enum { MOST = 255, ALL = 65535 };
    wtr_json_ref at = wtr_json_get(r->json, object, "channel");
    int64_t number = 0;
    *channel = (struct wtr_meross_channel){.text = "0", .length = 1};
    if (at < 0)
        return true;
    if (!wtr_json_int(r->json, at, &number) || number < 0 || (number > MOST && number != ALL)) {
        wtr_meross_finding(r, at, "the channel is no number within its range");
        return false;
    }
    struct wtr_text raw = wtr_json_raw(r->json, at);
    if (number == ALL)
        raw = WTR_TEXT("*");
    channel->length = raw.length < sizeof channel->text ? raw.length : 0;
    if (channel->length > 0)
        memcpy(channel->text, raw.data, channel->length);
    channel->outlet = number <= MOST ? (unsigned)number : 0;
    return channel->length > 0;
}

void wtr_meross_say_channel(struct wtr_meross_reading *r, const struct wtr_meross_channel *channel)
{
    wtr_say_channel(r->say, wtr_text_of(channel->text, channel->length), channel->outlet);
}

/* Namespaces that change what the device keeps. What is sent may hold secrets: it is not shown. */
static bool is_setting(struct wtr_text name)
{
    static const char *const settings[] = {
        "Appliance.Control.Bind",   "Appliance.Control.ConsumptionConfig", "Appliance.Control.Timer",
        "Appliance.Control.TimerX", "Appliance.Control.Trigger",           "Appliance.Control.TriggerX",
        "Appliance.Control.Unbind", "Appliance.System.Position",           "Appliance.System.Time",
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (wtr_text_is(name, settings[i]))
            return true;
    return wtr_text_starts(name, "Appliance.Config.");
}

static void read_request(struct wtr_meross_reading *r, const struct wtr_meross_part *part)
{
    bool update = wtr_text_is(part->name, "Appliance.Control.Upgrade");
    if (wtr_text_is(part->name, "Appliance.Control.ToggleX"))
        wtr_meross_each(r, part, wtr_json_get(r->json, part->payload, "togglex"), wtr_meross_read_toggle);
    else if (wtr_text_is(part->name, "Appliance.Control.Toggle"))
        wtr_meross_each(r, part, wtr_json_get(r->json, part->payload, "toggle"), wtr_meross_read_toggle);
    if (!update && !is_setting(part->name))
        return;
    wtr_say_begin(r->say, update ? WTR_KIND_FIRMWARE_UPDATE : WTR_KIND_DEVICE_CONFIG, r->device);
    wtr_say_text(r->say, WTR_FIELD_SETTING, part->name);
    wtr_say_raw(r->say, WTR_TEXT("namespace"), part->name);
    wtr_say_end(r->say);
}

static void read_told(struct wtr_meross_reading *r, const struct wtr_meross_part *part)
{
    static const struct {
        const char *name;
        const char *member;
        wtr_meross_take *take;
    } lists[] = {
        {"Appliance.Control.ToggleX", "togglex", wtr_meross_read_toggle},
        {"Appliance.Control.Toggle", "toggle", wtr_meross_read_toggle},
        {"Appliance.Control.Electricity", "electricity", wtr_meross_read_electricity},
        {"Appliance.Control.ElectricityX", "electricity", wtr_meross_read_electricity},
        {"Appliance.Control.ConsumptionX", "consumptionx", wtr_meross_read_day},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (wtr_text_is(part->name, lists[i].name))
            wtr_meross_each(r, part, wtr_json_get(r->json, part->payload, lists[i].member), lists[i].take);
    if (wtr_text_is(part->name, "Appliance.System.All"))
        wtr_meross_read_all(r, part);
    else if (wtr_text_is(part->name, "Appliance.System.Time"))
        wtr_meross_read_clock(r, wtr_json_get(r->json, part->payload, "time"));
    else if (wtr_text_is(part->name, "Appliance.System.Position"))
        wtr_meross_read_position(r, wtr_json_get(r->json, part->payload, "position"));
    else if (wtr_text_is(part->name, "Appliance.System.Debug"))
        wtr_meross_read_debug(r, wtr_json_get(r->json, part->payload, "debug"));
}

static void read_part(struct wtr_meross_reading *r, const struct wtr_meross_part *part)
{
    bool told = part->method == WTR_MEROSS_GETACK || part->method == WTR_MEROSS_PUSH;
    if (!r->from_device && part->method == WTR_MEROSS_SET)
        read_request(r, part);
    else if (r->from_device && told)
        read_told(r, part);
}

void wtr_meross_read_message(struct wtr_meross_reading *r, const struct wtr_meross_part *part)
{
    wtr_json_ref list = wtr_json_get(r->json, part->payload, "multiple");
    struct wtr_meross_part inner;
    size_t n = 0;
    if (r->from_device)
        wtr_meross_read_clock(r, part->header);
    if (!wtr_text_is(part->name, "Appliance.Control.Multiple")) {
        read_part(r, part);
        return;
    }
    if (!wtr_json_is(r->json, list, WTR_JSON_ARRAY))
        return;
    for (wtr_json_ref i = wtr_json_first(r->json, list); i >= 0; i = wtr_json_next(r->json, list, i)) {
        if (n++ == MAX_MULTIPLE) {
            wtr_meross_finding(r, list, "the list is longer than any known");
            return;
        }
        if (wtr_meross_part_of(r->json, i, &inner))
            read_part(r, &inner);
    }
}
