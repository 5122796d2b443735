/* SPDX-License-Identifier: Apache-2.0 */
/* Toggle and ToggleX: {"channel":0,"onoff":1,"lmTime":1713865630}.
 *
 * lmTime is when the device last set the state, by its own clock, in seconds since 1970. It is no proof of a
 * switching: a recorded device that has been on since one midnight pushes "on" with a new lmTime at the next
 * [V: meross_lan emulator_traces, mss310]. It does prove that the state has been this one since then. */
#include "vendor/meross/reading.h"

static void add_text(struct wtr_meross_reading *r, const char *name, wtr_json_ref at, enum wtr_field field)
{
    struct wtr_text text = wtr_json_string(r->json, at, wtr_say_scratch(r->say));
    if (text.length == 0)
        return;
    wtr_say_text(r->say, field, text);
    wtr_say_raw_json(r->say, name, r->json, at);
}

/* Who sent the command: "/app/<user>-<installation>/subscribe". */
static void add_sender(struct wtr_meross_reading *r, const struct wtr_meross_part *part)
{
    wtr_json_ref from = wtr_json_get(r->json, part->header, "from");
    wtr_json_ref source = wtr_json_get(r->json, part->header, "triggerSrc");
    struct wtr_text path = wtr_json_raw(r->json, from);
    if (wtr_text_starts(path, "/app/")) {
        struct wtr_text id = wtr_text_of(path.data + 5, path.length - 5);
        wtr_say_app(r->say, wtr_text_cut(&id, '/'));
        wtr_say_raw_json(r->say, "from", r->json, from);
    }
    if (wtr_json_is(r->json, source, WTR_JSON_STRING))
        wtr_say_raw_json(r->say, "triggerSrc", r->json, source);
    if (r->over_http)
        wtr_say_trigger(r->say, WTR_TRIGGER_HTTP, WTR_BASIS_NONE);
}

static void add_last_change(struct wtr_meross_reading *r, wtr_json_ref object)
{
    wtr_json_ref at = wtr_json_get(r->json, object, "lmTime");
    int64_t seconds;
    if (!wtr_json_int(r->json, at, &seconds) || seconds <= 0)
        return;
    wtr_say_text(r->say, WTR_FIELD_LAST_CHANGE, wtr_json_raw(r->json, at));
    wtr_say_raw_json(r->say, "lmTime", r->json, at);
}

void wtr_meross_read_toggle(struct wtr_meross_reading *r, const struct wtr_meross_part *part,
                            wtr_json_ref object)
{
    wtr_json_ref onoff = wtr_json_get(r->json, object, "onoff");
    bool command = part->method == WTR_MEROSS_SET;
    struct wtr_meross_channel channel;
    int64_t state;
    if (onoff < 0)
        return;
    if (!wtr_json_int(r->json, onoff, &state) || (state != 0 && state != 1)) {
        wtr_meross_finding(r, onoff, "the state is neither 0 nor 1");
        return;
    }
    if (!wtr_meross_channel(r, object, &channel) || (!command && channel.text[0] == '*'))
        return;
    wtr_say_begin(r->say, command ? WTR_KIND_POWER_COMMAND : WTR_KIND_POWER_STATE, r->device);
    wtr_meross_say_channel(r, &channel);
    wtr_say_text(r->say, WTR_FIELD_STATE, state ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw_json(r->say, "onoff", r->json, onoff);
    if (command) {
        add_sender(r, part);
    } else {
        add_last_change(r, object);
        if (part->method == WTR_MEROSS_PUSH)
            add_text(r, "triggerSrc", wtr_json_get(r->json, part->header, "triggerSrc"),
                     WTR_FIELD_SOURCE_WORD);
        wtr_meross_mark_polled(r, part);
    }
    wtr_say_end(r->say);
}
