/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that OpenBeken writes as Tasmota does, with flag 30 or in answer to a command
 * (openshwprojects/OpenBK7231T_App src/httpserver/json_interface.c) [S]. They look like Tasmota's and mean
 * less:
 *
 *   - POWER is ON also where there is nothing to switch, so a bare ON is only believed after an OFF. POWER<n>
 *     stands only where there are several relays or toggles. Whether n counts from channel 0 or 1 depends on
 *     the set-up and is not said, so the channel is called by the member's own name.
 *   - ENERGY is in Wh: ConsumptionTotal, ConsumptionLastHour, and Yesterday, which is kWh in Tasmota. What
 * the meter has not measured yet is 0; so nothing of a block without a voltage is read, and no frequency of
 * 0.
 *   - MqttCount, LoadAvg, LinkCount, Downtime, RestartReason, BootCount, Boot, Gateway and others are
 * constants in the firmware. They are not read; the rarest of them are what the reports are known by. */
#include "vendor/openbeken/reading.h"

bool wtr_openbeken_signs(struct wtr_text report, struct wtr_text payload)
{
    if (wtr_text_is(report, "SENSOR"))
        return wtr_openbeken_contains(payload, "\"ConsumptionTotal\":") &&
               wtr_openbeken_contains(payload, "\"ConsumptionLastHour\":");
    if (wtr_text_is(report, "STATE"))
        return wtr_openbeken_contains(payload, "\"LinkCount\":21,\"Downtime\":\"0T06:13:34\"") &&
               wtr_openbeken_contains(payload, "\"LoadAvg\":99,\"MqttCount\":23,");
    return wtr_text_starts(report, "STATUS") && wtr_openbeken_contains(payload, "\"SDK\":\"obk\"");
}

struct style {
    struct wtr_openbeken_reading *r;
    const struct wtr_json *json;
    bool polled;
};

static void begin(const struct style *s, enum wtr_kind kind)
{
    wtr_say_begin(s->r->say, kind, s->r->device);
    if (s->polled)
        wtr_say_polled(s->r->say);
}

static void read_power(const struct style *s, struct wtr_text name, wtr_json_ref value)
{
    struct wtr_text word = wtr_json_raw(s->json, value);
    bool on = wtr_text_is(word, "ON");
    bool bare = name.length == 5;
    if (!wtr_json_is(s->json, value, WTR_JSON_STRING) || (!on && !wtr_text_is(word, "OFF")))
        return;
    s->r->known->switched_off |= bare && !on;
    if (bare && !s->r->known->switched_off)
        return;
    begin(s, WTR_KIND_POWER_STATE);
    wtr_say_channel(s->r->say, name, 0);
    wtr_say_text(s->r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw(s->r->say, name, word);
    wtr_say_end(s->r->say);
}

/* A member that stands twice is ambiguous. */
static void read_powers(const struct style *s, wtr_json_ref object)
{
    for (unsigned n = 0; n <= WTR_OPENBEKEN_CHANNELS; n++) {
        char name[] = "POWER\0\0";
        if (n >= 10)
            name[5] = (char)('0' + n / 10);
        if (n > 0)
            name[n >= 10 ? 6 : 5] = (char)('0' + n % 10);
        wtr_json_ref value = wtr_json_get(s->json, object, name);
        if (value >= 0)
            read_power(s, wtr_text_z(name), value);
    }
}

static bool is_iso_time(struct wtr_text time)
{
    static const char form[] = "0000-00-00T00:00:00";
    bool fits = time.length == sizeof form - 1;
    for (size_t i = 0; fits && i < time.length; i++)
        fits = form[i] == '0' ? time.data[i] >= '0' && time.data[i] <= '9' : time.data[i] == form[i];
    return fits;
}

static void read_clock(const struct style *s, wtr_json_ref object, const char *name, const char *kind)
{
    wtr_json_ref value = wtr_json_get(s->json, object, name);
    wtr_json_ref uptime = wtr_json_get(s->json, object, "UptimeSec");
    struct wtr_text time = wtr_json_raw(s->json, value);
    int64_t seconds = 0;
    if (!wtr_json_is(s->json, value, WTR_JSON_STRING) || !is_iso_time(time))
        return;
    begin(s, WTR_KIND_CLOCK_READING);
    wtr_say_text(s->r->say, WTR_FIELD_DEVICE_TIME, time);
    wtr_say_text(s->r->say, WTR_FIELD_CLOCK_KIND,
                 wtr_text_starts(time, "1970") ? WTR_TEXT("unset") : wtr_text_z(kind));
    wtr_say_raw_json(s->r->say, name, s->json, value);
    if (wtr_json_int(s->json, uptime, &seconds) && seconds >= 0) {
        wtr_say_int(s->r->say, WTR_FIELD_UPTIME_S, seconds);
        wtr_say_raw_json(s->r->say, "UptimeSec", s->json, uptime);
    }
    wtr_say_end(s->r->say);
}

static void read_quantities(const struct style *s, wtr_json_ref energy)
{
    bool begun = false;
    for (size_t i = 0; i < WTR_OPENBEKEN_QUANTITIES; i++) {
        const struct wtr_openbeken_quantity *q = &wtr_openbeken_quantities[i];
        wtr_json_ref value = wtr_json_get(s->json, energy, q->member);
        int64_t micro = 0;
        if (value < 0)
            continue;
        if (!wtr_json_micro(s->json, value, 0, &micro) || micro < q->least || micro > q->most) {
            wtr_say_finding(s->r->say, wtr_json_raw(s->json, value), "the value is no plausible number");
            continue;
        }
        if (q->field == WTR_FIELD_FREQUENCY_HZ && micro == 0)
            continue;
        if (!begun)
            begin(s, WTR_KIND_POWER_READING);
        begun = true;
        wtr_say_micro(s->r->say, q->field, micro);
        wtr_say_raw_json(s->r->say, q->member, s->json, value);
    }
    if (begun)
        wtr_say_end(s->r->say);
}

static void read_counter(const struct style *s, wtr_json_ref energy, const char *name, const char *scope)
{
    wtr_json_ref value = wtr_json_get(s->json, energy, name);
    int64_t energy_uwh = 0;
    if (!wtr_json_micro(s->json, value, 0, &energy_uwh))
        return;
    begin(s, WTR_KIND_ENERGY_COUNTER);
    wtr_say_micro(s->r->say, WTR_FIELD_ENERGY_WH, energy_uwh);
    wtr_say_text(s->r->say, WTR_FIELD_SCOPE, wtr_text_z(scope));
    wtr_say_raw_json(s->r->say, name, s->json, value);
    wtr_say_end(s->r->say);
}

static void read_energy(const struct style *s, wtr_json_ref object)
{
    wtr_json_ref energy = wtr_json_get(s->json, object, "ENERGY");
    int64_t voltage = 0;
    bool measured =
        wtr_json_micro(s->json, wtr_json_get(s->json, energy, "Voltage"), 0, &voltage) && voltage > 0;
    if (!measured || wtr_json_get(s->json, energy, "Batterypercentage") >= 0)
        return;
    read_quantities(s, energy);
    read_counter(s, energy, "ConsumptionTotal", "total");
    read_counter(s, energy, "Yesterday", "yesterday");
    read_counter(s, energy, "ConsumptionLastHour", "period");
}

/* Up to four texts of one object as one statement. */
struct member {
    const char *name;
    enum wtr_field field;
};

static void read_texts(const struct style *s, wtr_json_ref object, enum wtr_kind kind,
                       const struct member *members, size_t count)
{
    bool begun = false;
    for (size_t i = 0; i < count; i++) {
        wtr_json_ref value = wtr_json_get(s->json, object, members[i].name);
        struct wtr_text text = wtr_json_string(s->json, value, wtr_say_scratch(s->r->say));
        if (text.length == 0)
            continue;
        if (!begun)
            begin(s, kind);
        begun = true;
        wtr_say_text(s->r->say, members[i].field, text);
        wtr_say_raw_json(s->r->say, members[i].name, s->json, value);
    }
    if (begun)
        wtr_say_end(s->r->say);
}

static void read_mac(const struct style *s, wtr_json_ref object)
{
    wtr_json_ref value = wtr_json_get(s->json, object, "Mac");
    uint8_t mac[6];
    if (!wtr_json_is(s->json, value, WTR_JSON_STRING) || !wtr_parse_mac(wtr_json_raw(s->json, value), mac) ||
        (mac[0] & 1))
        return;
    wtr_openbeken_read_info(s->r, WTR_TEXT("mac"), wtr_json_raw(s->json, value));
}

static void read_status(const struct style *s)
{
    static const struct member names[] = {{"DeviceName", WTR_FIELD_NAME}};
    static const struct member firmware[] = {{"Version", WTR_FIELD_FIRMWARE}};
    static const struct member network[] = {{"Hostname", WTR_FIELD_HOSTNAME}, {"IPAddress", WTR_FIELD_IP}};
    wtr_json_ref net = wtr_json_get(s->json, 0, "StatusNET");
    wtr_json_ref clock = wtr_json_get(s->json, 0, "StatusTIM");
    read_texts(s, wtr_json_get(s->json, 0, "Status"), WTR_KIND_DEVICE_IDENTITY, names, 1);
    read_texts(s, wtr_json_get(s->json, 0, "StatusFWR"), WTR_KIND_DEVICE_IDENTITY, firmware, 1);
    read_texts(s, net, WTR_KIND_DEVICE_IDENTITY, network, 2);
    read_mac(s, net);
    read_clock(s, clock, "UTC", "utc");
    read_clock(s, clock, "Local", "local_no_zone");
}

static bool is_small(const struct style *s, wtr_json_ref object)
{
    enum { MAX_MEMBERS = 256 };
    size_t members = 0;
    wtr_json_ref i = wtr_json_first(s->json, object);
    for (; i >= 0 && members < MAX_MEMBERS; i = wtr_json_next(s->json, object, i + 1))
        members++;
    if (i >= 0)
        wtr_say_finding(s->r->say, wtr_json_raw(s->json, object), "the object has too many members");
    return i < 0;
}

static void read_body(const struct style *s, wtr_json_ref object)
{
    static const struct member network[] = {{"SSId", WTR_FIELD_SSID}};
    if (!wtr_json_is(s->json, object, WTR_JSON_OBJECT) || !is_small(s, object))
        return;
    read_clock(s, object, "Time", "local_no_zone");
    read_powers(s, object);
    read_texts(s, wtr_json_get(s->json, object, "Wifi"), WTR_KIND_NETWORK_JOIN, network, 1);
    read_energy(s, object);
}

void wtr_openbeken_read_report(struct wtr_openbeken_reading *r, struct wtr_text report,
                               struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    bool status = wtr_text_starts(report, "STATUS");
    if (payload.length == 0 || payload.data[0] != '{')
        return;
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(r->say, payload, "the report is no JSON object");
        return;
    }
    struct style s = {.r = r, .json = json, .polled = status};
    if (!status) {
        read_body(&s, 0);
        return;
    }
    read_status(&s);
    read_body(&s, wtr_json_get(json, 0, "StatusSTS"));
    read_body(&s, wtr_json_get(json, 0, "StatusSNS"));
}
