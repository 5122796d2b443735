/* SPDX-License-Identifier: Apache-2.0 */
/* Timers, schedules and limits that the device holds (python-kasa kasa/smart/modules autooff.py,
 * powerprotection.py [S]; get_schedule_rules of a real EP40M [V]; countdown rules: add_countdown_rule {delay
 * seconds, desired_states {on}, enable, remain} as several clients write it [S]):
 *
 *   - get_schedule_rules {enable, rule_list [{id, enable, mode "repeat" or "once", s_type "normal",
 * "sunrise", "sunset", s_min minutes after local midnight, week_day a bit for each day, desired_states {on},
 * …}]}
 *   - get_auto_off_config {enable, delay_min}
 *   - get_protection_power {enabled or protection_enabled, protection_power watts} */
#include "vendor/tapo/smart.h"

enum { MAX_RULES = 64, MINUTES_OF_A_DAY = 1440, MOST_SECONDS = 86400 * 31 };

typedef void rule_reader(struct wtr_tapo_reading *r, wtr_json_ref list, wtr_json_ref rule);

static void each_rule(struct wtr_tapo_reading *r, wtr_json_ref result, rule_reader *read)
{
    wtr_json_ref list = wtr_json_get(r->json, result, "rule_list");
    if (!wtr_json_is(r->json, list, WTR_JSON_ARRAY))
        return;
    wtr_json_ref rule = wtr_json_first(r->json, list);
    for (unsigned n = 0; rule >= 0 && n < MAX_RULES; n++, rule = wtr_json_next(r->json, list, rule))
        if (wtr_json_is(r->json, rule, WTR_JSON_OBJECT))
            read(r, result, rule);
}

static void add_word(struct wtr_tapo_sentence *s, wtr_json_ref rule, const char *name, enum wtr_field field)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, rule, name);
    if (!wtr_json_is(r->json, value, WTR_JSON_NUMBER))
        return;
    wtr_tapo_begin(s);
    wtr_say_text(r->say, field, wtr_json_raw(r->json, value));
    wtr_say_raw_json(r->say, name, r->json, value);
}

static void add_desired(struct wtr_tapo_sentence *s, wtr_json_ref rule)
{
    wtr_json_ref desired = wtr_json_get(s->reading->json, rule, "desired_states");
    wtr_tapo_add_state(s, desired, "on", WTR_FIELD_ACTION);
}

/* Whether the rule is in force: it and the list that holds it are enabled. */
static void add_enabled(struct wtr_tapo_sentence *s, wtr_json_ref list, wtr_json_ref rule)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref own = wtr_json_get(r->json, rule, "enable");
    wtr_json_ref all = wtr_json_get(r->json, list, "enable");
    bool enabled = false;
    bool every = true;
    if (!wtr_json_bool(r->json, own, &enabled))
        return;
    wtr_json_bool(r->json, all, &every);
    wtr_tapo_begin(s);
    wtr_say_bool(r->say, WTR_FIELD_ENABLED, enabled && every);
    wtr_say_raw_json(r->say, "enable", r->json, own);
}

/* "normal" is a time of the clock; the others are named as everywhere. */
static void add_mode(struct wtr_tapo_sentence *s, wtr_json_ref rule)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, rule, "s_type");
    struct wtr_text word = wtr_json_raw(r->json, value);
    if (!wtr_json_is(r->json, value, WTR_JSON_STRING))
        return;
    wtr_tapo_begin(s);
    wtr_say_text(r->say, WTR_FIELD_MODE, wtr_text_is(word, "normal") ? WTR_TEXT("clock") : word);
    wtr_say_raw_json(r->say, "s_type", r->json, value);
}

static void add_repeat(struct wtr_tapo_sentence *s, wtr_json_ref rule)
{
    struct wtr_tapo_reading *r = s->reading;
    wtr_json_ref value = wtr_json_get(r->json, rule, "mode");
    struct wtr_text word = wtr_json_raw(r->json, value);
    if (!wtr_text_is(word, "repeat") && !wtr_text_is(word, "once"))
        return;
    wtr_tapo_begin(s);
    wtr_say_bool(r->say, WTR_FIELD_REPEAT, wtr_text_is(word, "repeat"));
    wtr_say_raw_json(r->say, "mode", r->json, value);
}

static void read_schedule(struct wtr_tapo_reading *r, wtr_json_ref list, wtr_json_ref rule)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_SCHEDULE_RULE};
    wtr_tapo_add_text(&s, rule, "id", WTR_FIELD_RULE);
    add_enabled(&s, list, rule);
    add_mode(&s, rule);
    add_word(&s, rule, "s_min", WTR_FIELD_AT);
    add_word(&s, rule, "week_day", WTR_FIELD_DAYS);
    add_repeat(&s, rule);
    add_desired(&s, rule);
    wtr_tapo_end(&s);
}

void wtr_smart_read_schedules(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    each_rule(r, result, read_schedule);
}

static void read_countdown(struct wtr_tapo_reading *r, wtr_json_ref list, wtr_json_ref rule)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_TIMER_SET};
    wtr_tapo_add_text(&s, rule, "id", WTR_FIELD_RULE);
    add_enabled(&s, list, rule);
    wtr_tapo_add_int(&s, rule, "delay", WTR_FIELD_DURATION_S, 0, MOST_SECONDS);
    wtr_tapo_add_int(&s, rule, "remain", WTR_FIELD_REMAINING_S, 0, MOST_SECONDS);
    add_desired(&s, rule);
    wtr_tapo_end(&s);
}

void wtr_smart_read_countdowns(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    each_rule(r, result, read_countdown);
}

static void read_random(struct wtr_tapo_reading *r, wtr_json_ref list, wtr_json_ref rule)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_SCHEDULE_RULE};
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_MODE, WTR_TEXT("antitheft"));
    wtr_tapo_add_text(&s, rule, "id", WTR_FIELD_RULE);
    add_enabled(&s, list, rule);
    wtr_say_raw_json(r->say, "rule", r->json, rule);
    wtr_tapo_end(&s);
}

void wtr_smart_read_antitheft(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    each_rule(r, result, read_random);
}

void wtr_smart_read_auto_off(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_TIMER_SET};
    wtr_json_ref value = wtr_json_get(r->json, result, "delay_min");
    int64_t minutes = 0;
    wtr_tapo_add_bool(&s, result, "enable", WTR_FIELD_ENABLED);
    if (!s.begun)
        return;
    wtr_say_text(r->say, WTR_FIELD_RULE, WTR_TEXT("auto_off"));
    wtr_say_text(r->say, WTR_FIELD_ACTION, WTR_TEXT("off"));
    if (wtr_json_int(r->json, value, &minutes) && minutes >= 0 && minutes <= INT64_C(31) * MINUTES_OF_A_DAY) {
        wtr_say_int(r->say, WTR_FIELD_DURATION_S, minutes * 60);
        wtr_say_raw_json(r->say, "delay_min", r->json, value);
    }
    wtr_tapo_end(&s);
}

void wtr_smart_read_protection(struct wtr_tapo_reading *r, wtr_json_ref result)
{
    struct wtr_tapo_sentence s = {.reading = r, .kind = WTR_KIND_DEVICE_CONFIG};
    const char *enabled = wtr_tapo_has(r, result, "enabled") ? "enabled" : "protection_enabled";
    wtr_json_ref power = wtr_json_get(r->json, result, "protection_power");
    if (!wtr_json_is(r->json, power, WTR_JSON_NUMBER))
        return;
    wtr_tapo_add_bool(&s, result, enabled, WTR_FIELD_ENABLED);
    wtr_tapo_begin(&s);
    wtr_say_text(r->say, WTR_FIELD_SETTING, WTR_TEXT("protection_power"));
    wtr_say_text(r->say, WTR_FIELD_VALUE, wtr_json_raw(r->json, power));
    wtr_say_raw_json(r->say, "protection_power", r->json, power);
    wtr_tapo_end(&s);
}
