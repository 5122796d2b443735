/* SPDX-License-Identifier: Apache-2.0 */
/* OpenBeken's own topics (openshwprojects/OpenBK7231T_App docs/mqttTopics.md, src/mqtt/new_mqtt.c,
 * src/driver/drv_bl_shared.c, docs/flags.md) [S]:
 *
 *   - NAME/<channel>/get is a channel's value when it changes and, with flag 2, at intervals; an empty one
 * asks for it. A channel can be a relay, a dimmer, a temperature, a counter: the topic does not say. What was
 * set to 0, 1 or toggle and never held anything else is taken for a relay.
 *   - NAME/<channel>/set is read by atoi, except "toggle…": "ON" would set 0. So only 0, 1 and toggle are
 * said.
 *   - NAME/voltage/get V, current A, power W, power_apparent VA, power_reactive var, power_factor, 138 (a
 *     special channel) Hz; the second meter of two ends in "_b". Flag 50 leaves out "/get".
 *   - NAME/energycounter/get and its kin are Wh, or kWh with flag 40. Nothing in the message says which;
 * where discovery did not say it either, the value is given as it stands and no energy is claimed.
 *   - NAME/mac, ip, host, build, ssid, rssi dBm, uptime s; datetime is seconds since 1970 in local time. */
#include "vendor/mqtt_publish.h"
#include "vendor/openbeken/reading.h"

#define UNITS(n) ((int64_t)(n)*1000000)

const struct wtr_openbeken_quantity wtr_openbeken_quantities[WTR_OPENBEKEN_QUANTITIES] = {
    {"voltage", "Voltage", WTR_FIELD_VOLTAGE_V, 0, UNITS(2000)},
    {"current", "Current", WTR_FIELD_CURRENT_A, UNITS(-10000), UNITS(10000)},
    {"power", "Power", WTR_FIELD_POWER_W, UNITS(-1000000), UNITS(1000000)},
    {"power_apparent", "ApparentPower", WTR_FIELD_APPARENT_VA, 0, UNITS(1000000)},
    {"power_reactive", "ReactivePower", WTR_FIELD_REACTIVE_VAR, UNITS(-1000000), UNITS(1000000)},
    {"power_factor", "Factor", WTR_FIELD_POWER_FACTOR, UNITS(-1), UNITS(1)},
    {"138", "Frequency", WTR_FIELD_FREQUENCY_HZ, 0, UNITS(1000)},
};

static const struct {
    const char *topic;
    const char *scope;
} counters[] = {
    {"energycounter", "total"},          {"energycounter_last_hour", "period"},
    {"energycounter_today", "today"},    {"energycounter_yesterday", "yesterday"},
    {"energycounter_2_days_ago", "day"}, {"energycounter_3_days_ago", "day"},
};

/* Takes the "_b" off the second meter's topics. */
static struct wtr_text meter_of(struct wtr_text what, int64_t *meter)
{
    *meter = wtr_text_ends(what, "_b") ? 2 : 0;
    if (*meter)
        what.length -= 2;
    return wtr_text_is(what, "frequency") ? WTR_TEXT("138") : what;
}

static bool read_quantity(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload)
{
    int64_t meter = 0;
    struct wtr_text topic = meter_of(what, &meter);
    for (size_t i = 0; i < WTR_OPENBEKEN_QUANTITIES; i++) {
        const struct wtr_openbeken_quantity *q = &wtr_openbeken_quantities[i];
        int64_t micro = 0;
        if (!wtr_text_is(topic, q->topic))
            continue;
        if (!wtr_decimal_micro(payload, 0, &micro) || micro < q->least || micro > q->most) {
            wtr_say_finding(r->say, payload, "the value is no plausible number");
            return true;
        }
        wtr_say_begin(r->say, WTR_KIND_POWER_READING, r->device);
        if (meter)
            wtr_say_int(r->say, WTR_FIELD_PHASE, meter);
        wtr_say_micro(r->say, q->field, micro);
        wtr_say_raw(r->say, what, payload);
        wtr_say_end(r->say);
        return true;
    }
    return false;
}

static bool read_counter(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload)
{
    int64_t meter = 0;
    struct wtr_text topic = meter_of(what, &meter);
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        int64_t energy_uwh = 0;
        int shift = r->known->energy_unit == WTR_OPENBEKEN_KWH ? 3 : 0;
        if (!wtr_text_is(topic, counters[i].topic))
            continue;
        if (!wtr_decimal_micro(payload, shift, &energy_uwh)) {
            wtr_say_finding(r->say, payload, "the value is no plausible number");
            return true;
        }
        wtr_say_begin(r->say, WTR_KIND_ENERGY_COUNTER, r->device);
        if (meter)
            wtr_say_int(r->say, WTR_FIELD_PHASE, meter);
        if (r->known->energy_unit != WTR_OPENBEKEN_UNIT_UNKNOWN)
            wtr_say_micro(r->say, WTR_FIELD_ENERGY_WH, energy_uwh);
        wtr_say_text(r->say, WTR_FIELD_SCOPE, wtr_text_z(counters[i].scope));
        wtr_say_raw(r->say, what, payload);
        wtr_say_end(r->say);
        return true;
    }
    return false;
}

bool wtr_openbeken_channel_of(struct wtr_text what, unsigned *channel)
{
    if (what.length < 1 || what.length > 2)
        return false;
    *channel = 0;
    for (size_t i = 0; i < what.length; i++) {
        if (what.data[i] < '0' || what.data[i] > '9')
            return false;
        *channel = *channel * 10 + (unsigned)(what.data[i] - '0');
    }
    return *channel < WTR_OPENBEKEN_CHANNELS && (what.length == 1 || what.data[0] != '0');
}

/* A channel's value: 0 or 1 (flag 33 writes 1.000000), anything else is no relay's. */
static void read_channel(struct wtr_openbeken_reading *r, struct wtr_text what, unsigned channel,
                         struct wtr_text payload)
{
    uint64_t bit = (uint64_t)1 << channel;
    int64_t micro = 0;
    if (!wtr_decimal_micro(payload, 0, &micro) || (micro != 0 && micro != 1000000)) {
        r->known->others |= bit;
        return;
    }
    if (!(r->known->switches & bit) || (r->known->others & bit))
        return;
    wtr_say_begin(r->say, WTR_KIND_POWER_STATE, r->device);
    wtr_say_channel(r->say, what, 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, micro ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw(r->say, what, payload);
    wtr_say_end(r->say);
}

void wtr_openbeken_read_value(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload)
{
    unsigned channel = 0;
    if (payload.length == 0)
        return;
    if (wtr_openbeken_channel_of(what, &channel)) {
        read_channel(r, what, channel, payload);
    } else if (wtr_text_starts(what, "energycounter_clear_date")) {
        wtr_say_begin(r->say, WTR_KIND_DEVICE_CONFIG, r->device);
        wtr_say_text(r->say, WTR_FIELD_SETTING, what);
        wtr_say_text(r->say, WTR_FIELD_VALUE, payload);
        wtr_say_raw(r->say, what, payload);
        wtr_say_end(r->say);
    } else if (!read_quantity(r, what, payload)) {
        (void)read_counter(r, what, payload);
    }
}

/* `raw` is where the wish stands: the value, or for toggling by number the number. */
static void say_wish(struct wtr_openbeken_reading *r, struct wtr_text channel, const char *state,
                     struct wtr_text raw_name, struct wtr_text raw)
{
    wtr_say_begin(r->say, WTR_KIND_POWER_COMMAND, r->device);
    wtr_say_channel(r->say, channel, 0);
    wtr_say_text(r->say, WTR_FIELD_STATE, wtr_text_z(state));
    wtr_say_raw(r->say, raw_name, raw);
    wtr_say_end(r->say);
}

static bool begins_with_toggle(struct wtr_text value)
{
    return value.length >= 6 && wtr_text_is_nocase((struct wtr_text){value.data, 6}, "toggle");
}

void wtr_openbeken_say_set(struct wtr_openbeken_reading *r, struct wtr_text channel, struct wtr_text raw_name,
                           struct wtr_text value)
{
    unsigned number = 0;
    const char *state = begins_with_toggle(value) ? "toggle"
                        : wtr_text_is(value, "1") ? "on"
                        : wtr_text_is(value, "0") ? "off"
                                                  : NULL;
    if (!wtr_openbeken_channel_of(channel, &number) || value.length == 0)
        return;
    uint64_t bit = (uint64_t)1 << number;
    if (!state) {
        r->known->others |= bit;
        return;
    }
    r->known->switches |= bit;
    if (!(r->known->others & bit))
        say_wish(r, channel, state, raw_name, value);
}

void wtr_openbeken_say_toggle(struct wtr_openbeken_reading *r, struct wtr_text raw_name,
                              struct wtr_text channel)
{
    unsigned number = 0;
    if (!wtr_openbeken_channel_of(channel, &number))
        return;
    r->known->switches |= (uint64_t)1 << number;
    if (!(r->known->others & (uint64_t)1 << number))
        say_wish(r, channel, "toggle", raw_name, channel);
}

void wtr_openbeken_read_set(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload)
{
    wtr_openbeken_say_set(r, what, what, payload);
}

static void say_text(struct wtr_openbeken_reading *r, enum wtr_kind kind, enum wtr_field field,
                     struct wtr_text what, struct wtr_text payload)
{
    wtr_say_begin(r->say, kind, r->device);
    wtr_say_text(r->say, field, payload);
    wtr_say_raw(r->say, what, payload);
    wtr_say_end(r->say);
}

static void say_mac(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload)
{
    uint8_t mac[6];
    static const uint8_t zero[6];
    if (!wtr_parse_mac(payload, mac) || (mac[0] & 1) || memcmp(mac, zero, sizeof zero) == 0) {
        wtr_say_finding(r->say, payload, "the value is no device's MAC address");
        return;
    }
    struct wtr_buffer *scratch = wtr_say_scratch(r->say);
    wtr_buffer_clear(scratch);
    wtr_put_mac(scratch, mac);
    wtr_say_tie_mac(r->say, r->device, mac);
    wtr_say_begin(r->say, WTR_KIND_DEVICE_IDENTITY, r->device);
    wtr_say_text(r->say, WTR_FIELD_MAC, wtr_buffer_text(scratch));
    wtr_say_raw(r->say, what, payload);
    wtr_say_end(r->say);
}

static void say_number(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload)
{
    int64_t number = 0;
    bool uptime = wtr_text_is(what, "uptime");
    bool fits = wtr_decimal_int(payload, &number) && (uptime ? number >= 0 : number >= -200 && number <= 50);
    if (!fits) {
        wtr_say_finding(r->say, payload, "the value is no plausible number");
        return;
    }
    wtr_say_begin(r->say, uptime ? WTR_KIND_CLOCK_READING : WTR_KIND_NETWORK_JOIN, r->device);
    if (uptime)
        wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND, WTR_TEXT("uptime"));
    wtr_say_int(r->say, uptime ? WTR_FIELD_UPTIME_S : WTR_FIELD_RSSI_DBM, number);
    wtr_say_raw(r->say, what, payload);
    wtr_say_end(r->say);
}

/* Without a time server the clock counts from 1970; a year of that is more than any device runs. */
enum { FIRST_VALID_EPOCH = 365 * 24 * 60 * 60 };

static void say_clock(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload)
{
    int64_t epoch = 0;
    if (!wtr_decimal_int(payload, &epoch) || epoch < 0) {
        wtr_say_finding(r->say, payload, "the time is no epoch");
        return;
    }
    wtr_say_begin(r->say, WTR_KIND_CLOCK_READING, r->device);
    wtr_say_text(r->say, WTR_FIELD_DEVICE_TIME, payload);
    wtr_say_text(r->say, WTR_FIELD_CLOCK_KIND,
                 epoch < FIRST_VALID_EPOCH ? WTR_TEXT("unset") : WTR_TEXT("local_no_zone"));
    wtr_say_raw(r->say, what, payload);
    wtr_say_end(r->say);
}

void wtr_openbeken_read_info(struct wtr_openbeken_reading *r, struct wtr_text what, struct wtr_text payload)
{
    if (payload.length == 0)
        return;
    if (wtr_text_is(what, "mac"))
        say_mac(r, what, payload);
    else if (wtr_text_is(what, "ip"))
        say_text(r, WTR_KIND_DEVICE_IDENTITY, WTR_FIELD_IP, what, payload);
    else if (wtr_text_is(what, "host"))
        say_text(r, WTR_KIND_DEVICE_IDENTITY, WTR_FIELD_HOSTNAME, what, payload);
    else if (wtr_text_is(what, "build"))
        say_text(r, WTR_KIND_DEVICE_IDENTITY, WTR_FIELD_FIRMWARE, what, payload);
    else if (wtr_text_is(what, "ssid"))
        say_text(r, WTR_KIND_NETWORK_JOIN, WTR_FIELD_SSID, what, payload);
    else if (wtr_text_is(what, "uptime") || wtr_text_is(what, "rssi"))
        say_number(r, what, payload);
    else if (wtr_text_is(what, "datetime"))
        say_clock(r, what, payload);
    else
        wtr_openbeken_read_value(r, what, payload);
}
