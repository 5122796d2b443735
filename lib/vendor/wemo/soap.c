/* SPDX-License-Identifier: Apache-2.0 */
/* WeMo's SOAP actions: SOAPACTION "urn:Belkin:service:<service>:1#<Action>", the arguments as elements of the
 * body's only element (UPnP Device Architecture 1.0, 3.2.1). Actions and arguments: service descriptions of
 * real devices, recorded by pywemo/pywemo in tests/vcr [V]; ReSetup's numbers: its ouimeaux_device reset()
 * [S]. A request for a state that the device already has is answered with BinaryState "Error". */
#include "vendor/wemo/reading.h"

static const char service_mark[] = "urn:Belkin:service:";

struct wtr_text wtr_wemo_action(const struct wtr_http *request)
{
    struct wtr_text header = wtr_http_header(request, "SOAPACTION");
    if (header.length >= 2 && header.data[0] == '"' && header.data[header.length - 1] == '"')
        header = wtr_text_of(header.data + 1, header.length - 2);
    if (!header.data || !wtr_text_starts(header, service_mark))
        return (struct wtr_text){NULL, 0};
    (void)wtr_text_cut(&header, '#');
    return header;
}

/* The element of the envelope's body that the message is about. */
static wtr_xml_ref content(const struct wtr_xml *xml)
{
    wtr_xml_ref body = wtr_xml_child(xml, 0, "Body");
    return wtr_xml_first(xml, body);
}

static void say_command(struct wtr_wemo_reading *r, wtr_xml_ref request)
{
    wtr_xml_ref at = wtr_xml_child(r->xml, request, "BinaryState");
    struct wtr_text state = wtr_xml_raw(r->xml, at);
    bool on = wtr_text_is(state, "1");
    if (at < 0)
        return;
    if (!on && !wtr_text_is(state, "0")) {
        wtr_say_finding(r->say, state, "the state that is asked for is neither 0 nor 1");
        return;
    }
    wtr_say_begin(r->say, WTR_KIND_POWER_COMMAND, r->device);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw(r->say, WTR_TEXT("BinaryState"), state);
    wtr_say_trigger(r->say, WTR_TRIGGER_HTTP, WTR_BASIS_NONE);
    wtr_say_end(r->say);
}

/* Actions that change what the device keeps, and the argument that may be shown. */
static const struct setting {
    const char *action;
    const char *argument; /* NULL: none, or a secret */
} settings[] = {
    {"ChangeFriendlyName", "FriendlyName"},
    {"ConnectHomeNetwork", "ssid"},
    {"DeleteRuleID", "RuleID"},
    {"InstaConnectHomeNetwork", "ssid"},
    {"SetAutoPowerThreshold", "PowerThreshold"},
    {"SetPowerThreshold", "PowerThreshold"},
    {"SetRuleID", "RuleID"},
    {"SetRulesDBVersion", "RulesDBVersion"},
    {"StoreRules", "ruleDbVersion"},
    {"TimeSync", "UTC"},
    {"UpdateWeeklyCalendar", NULL},
};

static void say_setting(struct wtr_wemo_reading *r, wtr_xml_ref request, const struct setting *setting)
{
    wtr_xml_ref at = setting->argument ? wtr_xml_child(r->xml, request, setting->argument) : -1;
    struct wtr_wemo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
    wtr_wemo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, wtr_text_z(setting->action));
    wtr_wemo_add_text(&s, at, WTR_FIELD_VALUE);
    wtr_wemo_end(&s);
}

/* Reset 1: name and rules, 2: all, 5: the network. */
static void say_reset(struct wtr_wemo_reading *r, wtr_xml_ref request)
{
    wtr_xml_ref at = wtr_xml_child(r->xml, request, "Reset");
    struct wtr_text what = wtr_xml_raw(r->xml, at);
    struct wtr_wemo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
    wtr_wemo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, WTR_TEXT("ReSetup"));
    wtr_wemo_add_text(&s, at, WTR_FIELD_VALUE);
    if (wtr_text_is(what, "1") || wtr_text_is(what, "2") || wtr_text_is(what, "5"))
        wtr_say_bool(r->say, WTR_FIELD_DESTROYS, true);
    wtr_wemo_end(&s);
}

static void say_update(struct wtr_wemo_reading *r, wtr_xml_ref request)
{
    struct wtr_wemo_sentence s = {.reading = r, .kind = WTR_KIND_FIRMWARE_UPDATE};
    wtr_wemo_add_text(&s, wtr_xml_child(r->xml, request, "NewFirmwareVersion"), WTR_FIELD_FIRMWARE);
    wtr_wemo_add_text(&s, wtr_xml_child(r->xml, request, "URL"), WTR_FIELD_SERVER);
    wtr_wemo_end(&s);
}

void wtr_wemo_read_request(struct wtr_wemo_reading *r, struct wtr_text action)
{
    wtr_xml_ref request = content(r->xml);
    if (!wtr_text_equal(wtr_xml_name(r->xml, request), action)) {
        wtr_say_finding(r->say, r->http->body, "the body is not of the action that the header names");
        return;
    }
    if (wtr_text_is(action, "SetBinaryState"))
        say_command(r, request);
    else if (wtr_text_is(action, "ReSetup"))
        say_reset(r, request);
    else if (wtr_text_is(action, "UpdateFirmware"))
        say_update(r, request);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (wtr_text_is(action, settings[i].action))
            say_setting(r, request, &settings[i]);
}

static void read_countdown(struct wtr_wemo_reading *r, wtr_xml_ref at)
{
    struct wtr_text raw = wtr_xml_raw(r->xml, at);
    int64_t end;
    if (at < 0 || !wtr_decimal_int(raw, &end) || end <= 0)
        return;
    wtr_say_begin(r->say, WTR_KIND_TIMER_SET, r->device);
    wtr_say_text(r->say, WTR_FIELD_AT, raw);
    wtr_say_raw(r->say, WTR_TEXT("CountdownEndTime"), raw);
    wtr_say_end(r->say);
}

void wtr_wemo_read_answer(struct wtr_wemo_reading *r)
{
    wtr_xml_ref answer = content(r->xml);
    struct wtr_text name = wtr_xml_name(r->xml, answer);
    wtr_xml_ref binary = wtr_xml_child(r->xml, answer, "BinaryState");
    r->polled = true;
    if (wtr_text_is(name, "SetBinaryStateResponse"))
        wtr_wemo_read_state(r, binary, WTR_WEMO_ECHOED);
    else if (wtr_text_is(name, "GetBinaryStateResponse"))
        wtr_wemo_read_state(r, binary, WTR_WEMO_STATED);
    else if (wtr_text_is(name, "GetInsightParamsResponse"))
        wtr_wemo_read_state(r, wtr_xml_child(r->xml, answer, "InsightParams"), WTR_WEMO_STATED);
    else if (wtr_text_is(name, "GetFriendlyNameResponse") || wtr_text_is(name, "GetMacAddrResponse") ||
             wtr_text_is(name, "GetSerialNoResponse") || wtr_text_is(name, "GetPluginUDNResponse") ||
             wtr_text_is(name, "GetFirmwareVersionResponse"))
        wtr_wemo_read_identity(r, answer);
    read_countdown(r, wtr_xml_child(r->xml, answer, "CountdownEndTime"));
    wtr_wemo_read_clock(r, wtr_xml_child(r->xml, answer, "deviceCurrentTime"));
}
