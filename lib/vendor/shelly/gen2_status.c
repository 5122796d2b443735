/* SPDX-License-Identifier: Apache-2.0 */
/* The status of a component of Gen2 and later, whatever brought it (shelly-api-docs gen2, Switch, Input,
 * Notifications) [S], names and forms [V] on real devices' answers:
 *
 *   - switch:<n> {id, source, output, apower …, aenergy …, temperature, timer_started_at (epoch, a
 *     decimal), timer_duration in seconds, errors}. pm1:<n> is a meter without a relay.
 *   - A change is told by a delta, which leaves out what did not change: an absent value is not zero. Keys
 *     that cease to be are null there.
 *   - source names the last command. In a delta it stands only where the output changed, so there it is
 *     the device's own word for what caused this change. In a whole status it explains the last change,
 *     which may be days old, and is no cause of this statement.
 *   - input:<n> {id, state}: a switch's position; null for a button.
 *   - cover:<n> has a meter as a switch has, which alone is said; em:<n>: see gen2_em.c.
 *   - sys and wifi: see system.c. Lights, sensors, cloud, mqtt and the like are not said; nor is
 *     the device's temperature, which is no reading of the load. */
#include "vendor/shelly/reading.h"
#include "vendor/shelly/topic.h"

/* Seconds beyond which no timer runs. */
#define MOST_TIMER WTR_SHELLY_UNITS(1000000000)

static void read_timer(const struct wtr_shelly_sentence *of, wtr_json_ref status)
{
    struct wtr_shelly_sentence s = *of;
    struct wtr_shelly_reading *r = s.reading;
    s.kind = WTR_KIND_TIMER_SET;
    wtr_shelly_add_number(&s, status, "timer_duration", WTR_FIELD_DURATION_S, 0, MOST_TIMER);
    wtr_json_ref started = wtr_json_get(r->json, status, "timer_started_at");
    if (s.begun && wtr_json_is(r->json, started, WTR_JSON_NUMBER)) {
        wtr_say_text(r->say, WTR_FIELD_STARTED, wtr_json_raw(r->json, started));
        wtr_say_raw_json(r->say, "timer_started_at", r->json, started);
    }
    wtr_shelly_end(&s);
}

static void read_output(const struct wtr_shelly_sentence *of, wtr_json_ref status,
                        enum wtr_shelly_extent extent)
{
    struct wtr_shelly_sentence s = *of;
    struct wtr_shelly_reading *r = s.reading;
    wtr_json_ref output = wtr_json_get(r->json, status, "output");
    bool on = false;
    if (!wtr_shelly_truth(r, output, &on))
        return;
    s.kind = WTR_KIND_POWER_STATE;
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw_json(r->say, "output", r->json, output);
    wtr_shelly_add_text(&s, status, "source", WTR_FIELD_SOURCE_WORD);
    wtr_json_ref source = wtr_json_get(r->json, status, "source");
    struct wtr_text word = wtr_json_string(r->json, source, wtr_say_scratch(r->say));
    enum wtr_trigger trigger = word.data ? wtr_shelly_trigger(word) : WTR_TRIGGER_NONE;
    if (extent == WTR_SHELLY_DELTA && trigger != WTR_TRIGGER_NONE)
        wtr_say_trigger(r->say, trigger, WTR_BASIS_DEVICE_WORD);
    wtr_json_ref errors = wtr_json_get(r->json, status, "errors");
    if (wtr_json_is(r->json, errors, WTR_JSON_ARRAY))
        wtr_say_raw_json(r->say, "errors", r->json, errors);
    wtr_shelly_end(&s);
}

static void read_input(struct wtr_shelly_reading *r, struct wtr_text component, wtr_json_ref status)
{
    struct wtr_shelly_sentence s = {.reading = r, .kind = WTR_KIND_SWITCH_INPUT};
    wtr_json_ref state = wtr_json_get(r->json, status, "state");
    bool on = false;
    if (!wtr_shelly_truth(r, state, &on))
        return;
    wtr_shelly_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_INPUT, component);
    wtr_say_text(r->say, WTR_FIELD_STATE, on ? WTR_TEXT("on") : WTR_TEXT("off"));
    wtr_say_raw_json(r->say, "state", r->json, state);
    wtr_shelly_end(&s);
}

/* Whether the status bears the number that the component's name bears, or none. */
static bool is_of(struct wtr_shelly_reading *r, unsigned number, wtr_json_ref status)
{
    wtr_json_ref id = wtr_json_get(r->json, status, "id");
    int64_t value = -1;
    if (id < 0 || (wtr_json_int(r->json, id, &value) && value == number))
        return true;
    wtr_shelly_finding(r, id, "the status bears another number than its component");
    return false;
}

static void read_numbered(struct wtr_shelly_reading *r, struct wtr_text component, struct wtr_text kind,
                          unsigned number, wtr_json_ref status, enum wtr_shelly_extent extent)
{
    bool is_switch = wtr_text_is(kind, "switch");
    if (!is_of(r, number, status))
        return;
    if (wtr_text_is(kind, "input")) {
        read_input(r, component, status);
        return;
    }
    if (wtr_text_starts(kind, "em")) {
        wtr_shelly_read_three_phases(r, number, status);
        return;
    }
    struct wtr_shelly_sentence of = {
        .reading = r, .channel = component, .outlet = is_switch ? number + 1 : 0};
    if (is_switch) {
        read_output(&of, status, extent);
        read_timer(&of, status);
    }
    wtr_shelly_read_meter(r, component, of.outlet, status);
}

bool wtr_shelly_is_read(struct wtr_text component)
{
    struct wtr_text kind;
    unsigned number = 0;
    if (!wtr_shelly_component(component, &kind, &number))
        return wtr_text_is(component, "sys") || wtr_text_is(component, "wifi");
    return wtr_text_is(kind, "switch") || wtr_text_is(kind, "pm1") || wtr_text_is(kind, "input") ||
           wtr_text_is(kind, "cover") || wtr_text_is(kind, "em") || wtr_text_is(kind, "emdata");
}

void wtr_shelly_read_component(struct wtr_shelly_reading *r, struct wtr_text component, wtr_json_ref status,
                               enum wtr_shelly_extent extent)
{
    struct wtr_text kind;
    unsigned number = 0;
    bool object = wtr_json_is(r->json, status, WTR_JSON_OBJECT);
    if (!wtr_shelly_is_read(component) || !object || !wtr_shelly_is_small(r, status))
        return;
    if (wtr_shelly_component(component, &kind, &number))
        read_numbered(r, component, kind, number, status, extent);
    else if (wtr_text_is(component, "sys"))
        wtr_shelly_read_sys(r, status);
    else
        wtr_shelly_read_wifi(r, status);
}

/* Members that occur twice are ambiguous, and none of them is read. */
void wtr_shelly_read_components(struct wtr_shelly_reading *r, wtr_json_ref object,
                                enum wtr_shelly_extent extent)
{
    enum { MAX_NAME = 31 };
    char name[MAX_NAME + 1];
    if (!wtr_json_is(r->json, object, WTR_JSON_OBJECT) || !wtr_shelly_is_small(r, object))
        return;
    for (wtr_json_ref i = wtr_json_first(r->json, object); i >= 0;
         i = wtr_json_next(r->json, object, i + 1)) {
        struct wtr_text component = wtr_json_raw(r->json, i);
        if (component.length == 0 || component.length > MAX_NAME)
            continue;
        memcpy(name, component.data, component.length);
        name[component.length] = '\0';
        if (wtr_json_get(r->json, object, name) == i + 1)
            wtr_shelly_read_component(r, component, i + 1, extent);
    }
}
