/* SPDX-License-Identifier: Apache-2.0 */
/* Buttons and switches (tasmota/docs Buttons-and-Switches.md, Commands.md SetOption73 and SetOption114,
 * Rules.md; support.ino ShowSource, xdrv_02_9_mqtt.ino MqttPublishLoggingAsync) [S]:
 *
 *   - Detached ones are reported as {"Button1":{"Action":"SINGLE"}}, {"Switch1":{"Action":"ON"}}; older
 *     firmware publishes stat/…/BUTTON1 {"ACTION":"SINGLE"}.
 *   - With MqttLog 3 or more the log goes to stat/…/LOGGING. "SRC: Button" and "SRC: Switch" are the device's
 *     own word for what causes the relay's change that follows. Other sources (MQTT, Timer, WebGui …) are no
 *     input, and not said here.
 *   - "Switch1":"ON" in SENSOR is a position at telemetry time, and no press. */
#include "vendor/tasmota/reading.h"
#include "vendor/tasmota/topic.h"

static const struct {
    const char *word;
    const char *action;
} actions[] = {
    {"SINGLE", "single_push"},
    {"DOUBLE", "double_push"},
    {"TRIPLE", "triple_push"},
    {"QUAD", "quadruple_push"},
    {"PENTA", "quintuple_push"},
    {"HOLD", "long_push"},
    {"ON", "on"},
    {"OFF", "off"},
    {"TOGGLE", "toggle"},
};

static void say_input(struct wtr_tasmota_reading *r, struct wtr_text input, wtr_json_ref value)
{
    struct wtr_text word = wtr_json_string(r->json, value, wtr_say_scratch(r->say));
    if (word.length == 0)
        return;
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_SWITCH_INPUT};
    wtr_tasmota_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_INPUT, input);
    const char *action = NULL;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (wtr_text_is(word, actions[i].word))
            action = actions[i].action;
    wtr_say_text(r->say, WTR_FIELD_ACTION, action ? wtr_text_z(action) : word);
    wtr_say_raw_json(r->say, "Action", r->json, value);
    wtr_tasmota_end(&s);
}

void wtr_tasmota_read_input(struct wtr_tasmota_reading *r, const struct wtr_tasmota_member *member)
{
    if (member->numbered && wtr_json_is(r->json, member->value, WTR_JSON_OBJECT))
        say_input(r, member->name, wtr_json_get(r->json, member->value, "Action"));
}

void wtr_tasmota_read_input_topic(struct wtr_tasmota_reading *r, struct wtr_text name)
{
    struct wtr_text word;
    unsigned number = 0;
    bool numbered = false;
    if (wtr_tasmota_cut_number(name, &word, &number, &numbered) && numbered &&
        (wtr_text_is(word, "BUTTON") || wtr_text_is(word, "SWITCH")))
        say_input(r, name, wtr_json_get(r->json, 0, "ACTION"));
}

/* What stands behind "SRC: " up to a space or the end. Only a time stamp (with SetOption130 the heap, too)
 * may stand before it: in the middle of a line it is somebody else's text. */
static struct wtr_text source_word(struct wtr_text line)
{
    static const char stamp[] = "0123456789:.-/T ";
    size_t at = 0;
    while (at < line.length && line.data[at] != '\0' && strchr(stamp, line.data[at]))
        at++;
    struct wtr_text rest = {line.data + at, line.length - at};
    if (!wtr_text_starts(rest, "SRC: "))
        return (struct wtr_text){NULL, 0};
    rest = (struct wtr_text){rest.data + 5, rest.length - 5};
    return wtr_text_cut(&rest, ' ');
}

void wtr_tasmota_read_log_line(struct wtr_tasmota_reading *r, struct wtr_text line)
{
    struct wtr_text word = source_word(line);
    bool button = wtr_text_is(word, "Button");
    if (!button && !wtr_text_is(word, "Switch"))
        return;
    struct wtr_tasmota_sentence s = {.reading = r, .kind = WTR_KIND_SWITCH_INPUT};
    wtr_tasmota_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SOURCE_WORD, word);
    wtr_say_raw(r->say, WTR_TEXT("SRC"), word);
    if (button)
        wtr_say_trigger(r->say, WTR_TRIGGER_BUTTON, WTR_BASIS_DEVICE_WORD);
    wtr_tasmota_end(&s);
}
