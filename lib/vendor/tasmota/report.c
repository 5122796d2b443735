/* SPDX-License-Identifier: Apache-2.0 */
/* What a Tasmota device publishes (xdrv_02_9_mqtt.ino, tasmota/docs MQTT.md, JSON-Status-Responses.md) [S],
 * STATE, SENSOR, RESULT and POWER [V] on a broker with payloads of our own:
 *
 *   - stat: RESULT (with SetOption4 the command's own name instead), POWER<n> as plain text (with SetOption4
 *     also as JSON), STATUS<n> as answers to Status, LOGGING, WARNING, UPGRADE.
 *   - tele: STATE, SENSOR, INFO1 … INFO3, MARGINS, in old firmware UPTIME. MARGINS says by how much the power
 *     changed and which limit was passed, and is followed by a SENSOR with the values: nothing is said of it.
 *   - A RESULT may hold what any other report holds (the command State answers with one), so each is read for
 *     all that it may have. Names are upper case. An empty payload clears what was retained. */
#include "vendor/tasmota/reading.h"
#include "vendor/tasmota/topic.h"

static bool is_one_of(struct wtr_text word, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wtr_text_is(word, words[i]))
            return true;
    return false;
}

#define IS_ONE_OF(word, words) is_one_of(word, words, sizeof(words) / sizeof *(words))

bool wtr_tasmota_is_report(struct wtr_text name, struct wtr_text payload)
{
    static const char *const plain[] = {"RESULT",  "STATE",  "SENSOR",  "LOGGING", "WARNING",
                                        "MARGINS", "UPTIME", "UPGRADE", "LWT",     "HASS_STATE"};
    static const char *const numbered[] = {"POWER", "STATUS", "INFO", "BUTTON", "SWITCH"};
    struct wtr_text word;
    unsigned number = 0;
    bool has_number = false;
    if (IS_ONE_OF(name, plain))
        return true;
    if (!wtr_tasmota_cut_number(name, &word, &number, &has_number))
        return false;
    if (IS_ONE_OF(word, numbered))
        return has_number || wtr_text_is(word, "POWER") || wtr_text_is(word, "STATUS");
    for (size_t i = 0; i < word.length; i++)
        if (word.data[i] < 'A' || word.data[i] > 'Z')
            return false;
    return payload.length > 0 && payload.data[0] == '{' && wtr_tasmota_is_setting(word);
}

/* Where settings are stated: in answers, not in telemetry or status, whose members have their own meaning. */
static bool holds_settings(struct wtr_text name)
{
    static const char *const not_in[] = {"STATE", "SENSOR", "MARGINS", "UPTIME", "WARNING", "HASS_STATE"};
    return !IS_ONE_OF(name, not_in) && !wtr_text_starts(name, "INFO") && !wtr_text_starts(name, "STATUS");
}

static void read_member(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member,
                        bool with_settings)
{
    if (wtr_text_is(member->word, "POWER"))
        wtr_tasmota_read_power(r, member);
    else if (wtr_text_is(member->word, "Button") || wtr_text_is(member->word, "Switch"))
        wtr_tasmota_read_input(r, member);
    else if (wtr_text_is(member->word, "Timer"))
        wtr_tasmota_read_timer(r, member);
    else if (wtr_text_is(member->word, "Timers") && wtr_json_is(r->json, member->value, WTR_JSON_OBJECT))
        wtr_tasmota_read_timers(r, member);
    else if (wtr_text_is_nocase(member->word, "PulseTime"))
        wtr_tasmota_read_pulse_time(r, member);
    else if (with_settings)
        wtr_tasmota_read_setting(r, member);
}

static bool is_read(struct wtr_text word, bool with_settings)
{
    static const char *const words[] = {"POWER", "Button", "Switch", "Timer", "Timers"};
    return with_settings || IS_ONE_OF(word, words) || wtr_text_is_nocase(word, "PulseTime");
}

/* The members whose names bear numbers, or may be any setting. One that occurs twice is ambiguous. */
static void read_members(struct wtr_tasmota_reading *r, wtr_json_ref object, bool with_settings)
{
    enum { MAX_NAME = 31 };
    for (wtr_json_ref i = wtr_json_first(r->json, object); i >= 0;
         i = wtr_json_next(r->json, object, i + 1)) {
        struct wtr_tasmota_member member = {.name = wtr_json_raw(r->json, i), .value = i + 1};
        char name[MAX_NAME + 1];
        if (member.name.length > MAX_NAME ||
            !wtr_tasmota_cut_number(member.name, &member.word, &member.number, &member.numbered) ||
            !is_read(member.word, with_settings))
            continue;
        memcpy(name, member.name.data, member.name.length);
        name[member.name.length] = '\0';
        if (wtr_json_get(r->json, object, name) == member.value)
            read_member(r, &member, with_settings);
    }
}

/* Everything that a report may state about now. */
static void read_body(struct wtr_tasmota_reading *r, wtr_json_ref object, bool with_settings)
{
    wtr_tasmota_read_clock(r, object);
    read_members(r, object, with_settings);
    wtr_tasmota_read_wifi(r, object);
    wtr_tasmota_read_energy(r, object);
}

static void read_info(struct wtr_tasmota_reading *r, struct wtr_text name)
{
    static const char *const wraps[] = {"Info1", "Info2", "Info3"};
    unsigned number = name.length == 5 ? (unsigned)(name.data[4] - '0') : 0;
    if (number < 1 || number > 3)
        return;
    wtr_json_ref wrapped = wtr_tasmota_object(r, 0, wraps[number - 1]);
    wtr_tasmota_read_info(r, number, wrapped >= 0 ? wrapped : 0);
}

static void read_status(struct wtr_tasmota_reading *r)
{
    wtr_tasmota_read_status(r, 0);
    wtr_json_ref part = wtr_tasmota_object(r, 0, "StatusSTS");
    if (part >= 0)
        read_body(r, part, false);
    part = wtr_tasmota_object(r, 0, "StatusSNS");
    if (part >= 0)
        read_body(r, part, false);
}

static void read_object(struct wtr_tasmota_reading *r, struct wtr_text name)
{
    bool telemetry =
        wtr_text_is(name, "STATE") || wtr_text_is(name, "UPTIME") || wtr_text_is(name, "HASS_STATE");
    if (wtr_text_starts(name, "INFO")) {
        read_info(r, name);
        return;
    }
    if (wtr_text_starts(name, "STATUS")) {
        r->polled = true;
        read_status(r);
        return;
    }
    r->polled = !telemetry && wtr_json_get(r->json, 0, "Uptime") >= 0;
    read_body(r, 0, holds_settings(name));
    if (wtr_text_is(name, "WARNING"))
        wtr_tasmota_read_limits(r, 0);
    wtr_tasmota_read_input_topic(r, name);
}

void wtr_tasmota_read_report(struct wtr_tasmota_reading *r, struct wtr_text name, struct wtr_text payload)
{
    struct wtr_json *json = wtr_say_json(r->say);
    struct wtr_text word;
    unsigned number = 0;
    bool numbered = false;
    bool braces = payload.length > 0 && payload.data[0] == '{';
    if (payload.length == 0 || !wtr_tasmota_is_report(name, payload) ||
        !wtr_tasmota_cut_number(name, &word, &number, &numbered))
        return;
    if (wtr_text_is(name, "LOGGING")) {
        wtr_tasmota_read_log_line(r, payload);
        return;
    }
    if (wtr_text_is(word, "POWER") && !braces) {
        if (number >= 1 && number <= 32)
            wtr_tasmota_say_power(r, number, name, payload, payload);
        return;
    }
    if (wtr_text_is(name, "UPGRADE") && !braces)
        return;
    if (!wtr_json_parse(json, payload) || !wtr_json_is(json, 0, WTR_JSON_OBJECT)) {
        wtr_say_finding(r->say, payload, "the report is no JSON object");
        return;
    }
    r->json = json;
    if (wtr_tasmota_is_small(r, 0))
        read_object(r, name);
}
