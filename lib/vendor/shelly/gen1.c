/* SPDX-License-Identifier: Apache-2.0 */
/* What a Gen1 device and its controllers publish by MQTT (Shelly API reference for Gen1, "MQTT Support" and
 * each product's "MQTT") [S]:
 *
 *   - relay/<n> "on", "off", or "overpower" where the device cut off: the relay is off then. Published at
 *     each change and again every update period (30 s unless set).
 *   - relay/<n>/command "on", "off", "toggle".
 *   - relay/<n>/power W; relay/<n>/energy watt-minutes, a whole number that begins anew at each start;
 *     relay/<n>/overpower_value W, the power at which the last cut-off was made, else 0. A Shelly 2 has
 *     relay/power and relay/energy for both of its relays.
 *   - input/<n> 0 or 1, the terminal's position; input_event/<n> {"event": "S", "event_cnt": 2}, empty
 *     where there was none; longpush/<n> 0 for a short, 1 for a long push. Before 1.10 the last input
 *     event was published again every period: event_cnt tells whether it is a new one.
 *   - voltage V. temperature, temperature_f, overtemperature, temperature_status, ext_…: of the device or
 *     its add-ons, and not said.
 *   - announce {id, model, mac, ip, new_fw, fw_ver, mode}; info, the object of /status, at a connection
 *     and when asked.
 *   - command "announce" and "update" ask for these; "update_fw" updates the firmware. */
#include "vendor/shelly/messages.h"

bool wtr_shelly_object(struct wtr_shelly_reading *r, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    if (payload.length == 0)
        return false;
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(r->say, payload, "the message is no JSON object");
        return false;
    }
    r->json = json;
    return wtr_shelly_is_small(r, 0);
}

/* The channel of a relay's topic; none where the topic is of all relays. */
static struct wtr_shelly_sentence about_relay(struct wtr_shelly_reading *r, enum wtr_kind kind,
                                              const struct wtr_shelly_topic *topic,
                                              struct wtr_shelly_channel *room)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = kind};
    *room = wtr_shelly_channel("relay", topic->number);
    if (topic->numbered) {
        s.channel = wtr_shelly_channel_text(room);
        s.outlet = topic->number + 1;
    }
    return s;
}

static void read_relay(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    struct wtr_shelly_channel room;
    struct wtr_shelly_sentence s = about_relay(r, WTR_KIND_POWER_STATE, publish->topic, &room);
    bool on = wtr_text_is(publish->payload, "on");
    bool over = wtr_text_is(publish->payload, "overpower");
    if (!on && !over && !wtr_text_is(publish->payload, "off")) {
        wtr_say_finding(r->say, publish->payload, "the word is not known as a relay's state");
        return;
    }
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw(r->say, publish->topic->ending, publish->payload);
    if (over)
        wtr_say_trigger(r->say, WTR_TRIGGER_OVERLOAD, WTR_BASIS_DEVICE_WORD);
    wtr_shelly_end(&s);
}

static void read_relay_command(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    struct wtr_shelly_channel room;
    struct wtr_shelly_sentence s = about_relay(r, WTR_KIND_POWER_COMMAND, publish->topic, &room);
    bool known = wtr_text_is(publish->payload, "on") || wtr_text_is(publish->payload, "off") ||
                 wtr_text_is(publish->payload, "toggle");
    if (!known) {
        wtr_say_finding(r->say, publish->payload, "the word is not known as a relay's command");
        return;
    }
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_STATE, publish->payload);
    wtr_say_raw(r->say, publish->topic->ending, publish->payload);
    wtr_shelly_end(&s);
}

/* A payload that is a number and nothing else. */
static bool plain_number(struct wtr_shelly_reading *r, struct wtr_text payload, int64_t least, int64_t most,
                         int64_t *micro)
{
    if (wtr_decimal_micro(payload, 0, micro) && *micro >= least && *micro <= most)
        return true;
    wtr_say_finding(r->say, payload, "the message is no number within its range");
    return false;
}

static void read_quantity(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish,
                          enum wtr_field field, int64_t least, int64_t most)
{
    struct wtr_shelly_channel room;
    struct wtr_shelly_sentence s = about_relay(r, WTR_KIND_POWER_READING, publish->topic, &room);
    bool past = publish->topic->place == WTR_SHELLY_OVERPOWER_VALUE;
    int64_t micro = 0;
    if (!plain_number(r, publish->payload, least, most, &micro) || (past && micro == 0))
        return;
    wtr_shelly_begin(&s);
    wtr_say_micro(r->say, field, micro);
    if (past)
        wtr_say_past(r->say);
    wtr_say_raw(r->say, publish->topic->ending, publish->payload);
    wtr_shelly_end(&s);
}

static void read_energy(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    struct wtr_shelly_channel room;
    struct wtr_shelly_sentence s = about_relay(r, WTR_KIND_ENERGY_COUNTER, publish->topic, &room);
    int64_t micro = 0;
    if (!plain_number(r, publish->payload, 0, WTR_SHELLY_MOST_WATT_HOURS, &micro))
        return;
    wtr_shelly_add_watt_minutes(&s, WTR_SHELLY_GEN1_SCOPE, micro);
    wtr_say_raw(r->say, publish->topic->ending, publish->payload);
    wtr_shelly_end(&s);
}

/* input/<n> and longpush/<n>: 0 or 1, each of which has a word. */
static void read_zero_or_one(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish,
                             enum wtr_field field, const char *zero, const char *one)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_SWITCH_INPUT};
    struct wtr_shelly_channel name = wtr_shelly_channel("input", publish->topic->number);
    bool is_one = wtr_text_is(publish->payload, "1");
    if (!is_one && !wtr_text_is(publish->payload, "0")) {
        wtr_say_finding(r->say, publish->payload, "the message is neither 0 nor 1");
        return;
    }
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_INPUT, wtr_shelly_channel_text(&name));
    wtr_say_text(r->say, field, wtr_text_z(is_one ? one : zero));
    wtr_say_raw(r->say, publish->topic->ending, publish->payload);
    wtr_shelly_end(&s);
}

static void read_input_event(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_SWITCH_INPUT};
    struct wtr_shelly_channel name = wtr_shelly_channel("input", publish->topic->number);
    if (!wtr_shelly_object(r, publish->payload))
        return;
    wtr_shelly_add_push(&s, 0);
    if (s.begun)
        wtr_say_text(r->say, WTR_FIELD_INPUT, wtr_shelly_channel_text(&name));
    wtr_shelly_end(&s);
}

void wtr_shelly_read_device_command(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_FIRMWARE_UPDATE};
    if (!wtr_text_is(publish->payload, "update_fw"))
        return;
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, publish->payload);
    wtr_say_raw(r->say, WTR_TEXT("command"), publish->payload);
    wtr_shelly_end(&s);
}

void wtr_shelly_read_group_announce(struct wtr_shelly_reading *r, struct wtr_text payload)
{
    static const char start[] = "shellies/";
    const size_t n = sizeof start - 1;
    char base[WTR_SHELLY_MAX_BASE];
    if (!wtr_shelly_object(r, payload))
        return;
    struct wtr_text id = wtr_json_string(r->json, wtr_json_get(r->json, 0, "id"), wtr_say_scratch(r->say));
    if (id.length == 0 || id.length > sizeof base - n) {
        wtr_say_finding(r->say, payload, "the announcement names no device");
        return;
    }
    memcpy(base, start, n);
    memcpy(base + n, id.data, id.length);
    r->device = wtr_shelly_device_of(r->say, (struct wtr_text){base, n + id.length});
    wtr_shelly_read_announce(r, 0);
}

void wtr_shelly_read_gen1(struct wtr_shelly_reading *r, const struct wtr_shelly_publish *publish)
{
    switch (publish->topic->place) {
    case WTR_SHELLY_RELAY:
        read_relay(r, publish);
        break;
    case WTR_SHELLY_RELAY_COMMAND:
        read_relay_command(r, publish);
        break;
    case WTR_SHELLY_POWER:
    case WTR_SHELLY_OVERPOWER_VALUE:
        read_quantity(r, publish, WTR_FIELD_POWER_W, -WTR_SHELLY_MOST_WATTS, WTR_SHELLY_MOST_WATTS);
        break;
    case WTR_SHELLY_VOLTAGE:
        read_quantity(r, publish, WTR_FIELD_VOLTAGE_V, 0, WTR_SHELLY_UNITS(1000));
        break;
    case WTR_SHELLY_ENERGY:
        read_energy(r, publish);
        break;
    case WTR_SHELLY_INPUT:
        read_zero_or_one(r, publish, WTR_FIELD_STATE, "off", "on");
        break;
    case WTR_SHELLY_LONGPUSH:
        read_zero_or_one(r, publish, WTR_FIELD_ACTION, "single_push", "long_push");
        break;
    case WTR_SHELLY_INPUT_EVENT:
        read_input_event(r, publish);
        break;
    case WTR_SHELLY_INFO:
        r->polled = true;
        if (wtr_shelly_object(r, publish->payload))
            wtr_shelly_read_gen1_status(r, 0);
        break;
    default:
        break;
    }
}
