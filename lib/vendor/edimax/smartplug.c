/* SPDX-License-Identifier: Apache-2.0 */
/* smartplug.cgi: <SMARTPLUG id="edimax"><CMD id="get|setup">…</CMD></SMARTPLUG>. A get names the elements
 * that it wants and leaves them empty, its answer fills them; a setup fills them, and is answered with OK [V:
 * the captured set-up of an SP-2101W; S: wendlers/ediplug-py src/ediplug/smartplug.py,
 * mwittig/edimax-smartplug]. Powers are in W, currents in A, energies in kWh; NowEnergy counts the day, week
 * and month so far. */
#include "vendor/edimax/smartplug.h"

#define POWER "Device.System.Power."

#define MOST_WATTS INT64_C(100000000000)
#define MOST_AMPERES INT64_C(1000000000)
#define MOST_WATT_HOURS INT64_C(1000000000000000000)

/* The element's text, if it has any: get requests name elements without filling them. */
static struct wtr_text filled(const struct wtr_edimax_reading *r, const char *name)
{
    struct wtr_text raw = wtr_xml_raw(r->xml, wtr_xml_find(r->xml, name));
    return raw.length > 0 ? raw : (struct wtr_text){NULL, 0};
}

static bool number(struct wtr_edimax_reading *r, struct wtr_text raw, int shift, int64_t most, int64_t *micro)
{
    if (!raw.data)
        return false;
    if (wtr_decimal_micro(raw, shift, micro) && *micro >= 0 && *micro <= most)
        return true;
    wtr_say_finding(r->say, raw, "the value is no number within its range");
    return false;
}

/* Begins a statement of a state that is on or off; false, with a finding, if it is neither. */
static bool begin_switching(struct wtr_edimax_reading *r, enum wtr_kind kind, struct wtr_text state)
{
    bool on = wtr_text_is(state, "ON");
    if (!on && !wtr_text_is(state, "OFF")) {
        wtr_say_finding(r->say, state, "the state is neither ON nor OFF");
        return false;
    }
    wtr_say_begin(r->say, kind, r->device);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw(r->say, WTR_TEXT(POWER "State"), state);
    return true;
}

static void add_last_change(struct wtr_edimax_reading *r)
{
    struct wtr_text last = filled(r, POWER "LastToggleTime");
    if (!last.data)
        return;
    wtr_say_text(r->say, WTR_FIELD_LAST_CHANGE, last);
    wtr_say_raw(r->say, WTR_TEXT(POWER "LastToggleTime"), last);
}

void wtr_edimax_read_request(struct wtr_edimax_reading *r)
{
    struct wtr_text id = wtr_xml_attribute(r->xml, wtr_xml_child(r->xml, 0, "CMD"), "id");
    struct wtr_text state = filled(r, POWER "State");
    if (!wtr_text_is(id, "setup"))
        return;
    if (state.data && begin_switching(r, WTR_KIND_POWER_COMMAND, state)) {
        wtr_say_trigger(r->say, WTR_TRIGGER_HTTP, WTR_BASIS_NONE);
        wtr_say_end(r->say);
    }
    wtr_edimax_read_schedules(r);
}

static void say_reading(struct wtr_edimax_reading *r, bool with_change)
{
    struct wtr_text power = filled(r, POWER "NowPower");
    struct wtr_text current = filled(r, POWER "NowCurrent");
    int64_t watts, amperes;
    bool has_power = number(r, power, 0, MOST_WATTS, &watts);
    bool has_current = number(r, current, 0, MOST_AMPERES, &amperes);
    if (!has_power && !has_current)
        return;
    wtr_say_begin(r->say, WTR_KIND_POWER_READING, r->device);
    if (has_power) {
        wtr_say_micro(r->say, WTR_FIELD_POWER_W, watts);
        wtr_say_raw(r->say, WTR_TEXT(POWER "NowPower"), power);
    }
    if (has_current) {
        wtr_say_micro(r->say, WTR_FIELD_CURRENT_A, amperes);
        wtr_say_raw(r->say, WTR_TEXT(POWER "NowCurrent"), current);
    }
    if (with_change)
        add_last_change(r);
    wtr_say_polled(r->say);
    wtr_say_end(r->say);
}

static void say_energy(struct wtr_edimax_reading *r, const char *name, const char *scope)
{
    struct wtr_text raw = filled(r, name);
    int64_t micro;
    if (!number(r, raw, 3, MOST_WATT_HOURS, &micro))
        return;
    wtr_say_begin(r->say, WTR_KIND_ENERGY_COUNTER, r->device);
    wtr_say_micro(r->say, WTR_FIELD_ENERGY_WH, micro);
    wtr_say_text(r->say, WTR_FIELD_SCOPE, wtr_text_z(scope));
    wtr_say_raw(r->say, wtr_text_z(name), raw);
    wtr_say_polled(r->say);
    wtr_say_end(r->say);
}

/* A link address that can be a device's own: not zero, not a group address. */
static bool own_mac(struct wtr_text raw, uint8_t mac[6])
{
    static const uint8_t zero[6];
    return wtr_parse_mac(raw, mac) && (mac[0] & 1) == 0 && memcmp(mac, zero, sizeof zero) != 0;
}

static void say_identity(struct wtr_edimax_reading *r)
{
    static const struct {
        const char *name;
        enum wtr_field field;
    } members[] = {
        {"Run.Cus", WTR_FIELD_VENDOR},
        {"Run.Model", WTR_FIELD_MODEL},
        {"Run.FW.Version", WTR_FIELD_FIRMWARE},
        {"Device.System.Name", WTR_FIELD_NAME},
    };
    bool begun = false;
    struct wtr_text mac_raw = filled(r, "Run.LAN.Client.MAC.Address");
    uint8_t mac[6];
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        wtr_xml_ref at = wtr_xml_find(r->xml, members[i].name);
        if (wtr_xml_text(r->xml, at).length == 0)
            continue;
        if (!begun)
            wtr_say_begin(r->say, WTR_KIND_DEVICE_IDENTITY, r->device);
        begun = true;
        wtr_say_text(r->say, members[i].field, wtr_xml_text(r->xml, at));
        wtr_say_raw(r->say, wtr_text_z(members[i].name), wtr_xml_raw(r->xml, at));
    }
    if (begun && mac_raw.data && own_mac(mac_raw, mac)) {
        struct wtr_buffer text = {0};
        wtr_put_mac(&text, mac);
        wtr_say_tie_mac(r->say, r->device, mac);
        wtr_say_text(r->say, WTR_FIELD_MAC, wtr_buffer_text(&text));
        wtr_say_raw(r->say, WTR_TEXT("Run.LAN.Client.MAC.Address"), mac_raw);
        wtr_buffer_free(&text);
    }
    if (begun)
        wtr_say_end(r->say);
}

void wtr_edimax_read_answer(struct wtr_edimax_reading *r)
{
    struct wtr_text id = wtr_xml_attribute(r->xml, wtr_xml_child(r->xml, 0, "CMD"), "id");
    struct wtr_text state = filled(r, POWER "State");
    if (!wtr_text_is(id, "get"))
        return;
    if (state.data && begin_switching(r, WTR_KIND_POWER_STATE, state)) {
        add_last_change(r);
        wtr_say_polled(r->say);
        wtr_say_end(r->say);
    }
    say_reading(r, !state.data);
    say_energy(r, POWER "NowEnergy.Day", "today");
    say_energy(r, POWER "NowEnergy.Week", "week");
    say_energy(r, POWER "NowEnergy.Month", "month");
    say_identity(r);
    wtr_edimax_read_schedules(r);
    wtr_edimax_read_clock(r);
}
