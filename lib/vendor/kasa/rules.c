/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that a device holds: schedule, countdown and anti-theft (softScheck command list, python-kasa
 * rulemodule.py and real devices' answers in its fixtures, tplink-smarthome-api) [S]:
 *
 *   - get_rules {enable, rule_list [{id, name, enable, wday [7, Sunday first], repeat, stime_opt -1 off, 0
 *     clock, 1 sunrise, 2 sunset, smin minutes after midnight, sact 0 off, 1 on, -1 none, eact, emin …; year,
 *     month, day where it does not repeat}]}, in the device's local time.
 *   - count_down: {id, name, enable, delay seconds, act, remain}.
 *   - anti_theft: the same form without actions; the device switches at random between smin and emin.
 *   - get_next_action {type -1 none, id, schd_time seconds after midnight, action}. What the other types
 * stand for is not known. */
#include "vendor/kasa/reading.h"

enum { MAX_RULES = 128, DAYS = 7, MINUTES_A_DAY = 24 * 60 };

static void add_mode(struct wtr_kasa_sentence *s, wtr_json_ref rule)
{
    static const char *const modes[] = {"clock", "sunrise", "sunset"};
    int64_t option = 0;
    if (!wtr_kasa_int(s->reading, rule, "stime_opt", 0, 2, &option))
        return;
    wtr_say_text(s->reading->say, WTR_FIELD_MODE, wtr_text_z(modes[option]));
    wtr_kasa_add_raw(s, rule, "stime_opt");
}

static void add_minute(struct wtr_kasa_sentence *s, wtr_json_ref rule)
{
    int64_t minute = 0;
    if (!wtr_kasa_int(s->reading, rule, "smin", 0, MINUTES_A_DAY, &minute))
        return;
    const int64_t hours = minute / 60, rest = minute % 60;
    const char clock[] = {(char)('0' + hours / 10), (char)('0' + hours % 10), ':', (char)('0' + rest / 10),
                          (char)('0' + rest % 10)};
    wtr_say_text(s->reading->say, WTR_FIELD_AT, wtr_text_of(clock, sizeof clock));
    wtr_kasa_add_raw(s, rule, "smin");
}

/* Seven digits, Sunday first. */
static void add_days(struct wtr_kasa_sentence *s, wtr_json_ref rule)
{
    const struct wtr_kasa_reading *r = s->reading;
    wtr_json_ref days = wtr_kasa_member(r, rule, "wday");
    char digits[DAYS];
    size_t count = 0;
    if (!wtr_json_is(r->json, days, WTR_JSON_ARRAY))
        return;
    for (wtr_json_ref i = wtr_json_first(r->json, days); i >= 0; i = wtr_json_next(r->json, days, i)) {
        bool on = false;
        if (count == DAYS || !wtr_kasa_truth(r, i, &on))
            return;
        digits[count++] = on ? '1' : '0';
    }
    if (count < DAYS)
        return;
    wtr_say_text(r->say, WTR_FIELD_DAYS, wtr_text_of(digits, DAYS));
    wtr_kasa_add_raw(s, rule, "wday");
}

static void say_rule(struct wtr_kasa_reading *r, wtr_json_ref rule, enum wtr_kasa_module module)
{
    static const char *const more[] = {"eact", "etime_opt", "emin",    "soffset", "eoffset",
                                       "year", "month",     "day",     "force",   "frequency",
                                       "name", "duration",  "s_dimmer"};
    struct wtr_kasa_sentence s = wtr_kasa_about(r, WTR_KIND_SCHEDULE_RULE);
    if (!wtr_kasa_add_text(&s, rule, "id", WTR_FIELD_RULE))
        return;
    wtr_kasa_add_flag(&s, rule, "enable", WTR_FIELD_ENABLED);
    add_mode(&s, rule);
    add_minute(&s, rule);
    add_days(&s, rule);
    wtr_kasa_add_flag(&s, rule, "repeat", WTR_FIELD_REPEAT);
    if (module == WTR_KASA_ANTI_THEFT)
        wtr_say_text(r->say, WTR_FIELD_ACTION, WTR_TEXT("random"));
    else if (!wtr_kasa_add_on_off(&s, rule, "sact", WTR_FIELD_ACTION))
        wtr_kasa_add_raw(&s, rule, "sact");
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        wtr_kasa_add_raw(&s, rule, more[i]);
    wtr_kasa_end(&s);
}

void wtr_kasa_add_countdown(struct wtr_kasa_sentence *s, wtr_json_ref rule)
{
    enum { MOST_SECONDS = 366 * 86400 };
    if (!wtr_kasa_add_int(s, rule, "delay", WTR_FIELD_DURATION_S, 0, MOST_SECONDS))
        return;
    wtr_kasa_add_int(s, rule, "remain", WTR_FIELD_REMAINING_S, 0, MOST_SECONDS);
    wtr_kasa_add_on_off(s, rule, "act", WTR_FIELD_ACTION);
    wtr_kasa_add_flag(s, rule, "enable", WTR_FIELD_ENABLED);
    wtr_kasa_add_text(s, rule, "id", WTR_FIELD_RULE);
    wtr_kasa_add_raw(s, rule, "name");
}

static void say_countdown(struct wtr_kasa_reading *r, wtr_json_ref rule)
{
    struct wtr_kasa_sentence s = wtr_kasa_about(r, WTR_KIND_TIMER_SET);
    wtr_kasa_add_countdown(&s, rule);
    wtr_kasa_end(&s);
}

static void read_list(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    wtr_json_ref list = wtr_kasa_member(r, method->value, "rule_list");
    unsigned count = 0;
    if (!wtr_json_is(r->json, list, WTR_JSON_ARRAY))
        return;
    for (wtr_json_ref i = wtr_json_first(r->json, list); i >= 0; i = wtr_json_next(r->json, list, i)) {
        if (count++ == MAX_RULES) {
            wtr_kasa_finding(r, list, "the list has too many rules");
            return;
        }
        if (method->module == WTR_KASA_COUNT_DOWN)
            say_countdown(r, i);
        else
            say_rule(r, i, method->module);
    }
}

static const char *overall(enum wtr_kasa_module module)
{
    return module == WTR_KASA_SCHEDULE ? "schedule.enable" : "anti_theft.enable";
}

void wtr_kasa_read_rules(struct wtr_kasa_reading *r, const struct wtr_kasa_method *method)
{
    struct wtr_text name = wtr_json_raw(r->json, method->name);
    bool rules = wtr_text_is(name, "get_rules");
    if (!rules && !wtr_text_is(name, "get_next_action"))
        return;
    if (r->about == WTR_KASA_ABOUT_UNKNOWN) {
        wtr_kasa_finding(r, method->name, "which outlet this is about can't be told");
    } else if (rules) {
        read_list(r, method);
        if (method->module != WTR_KASA_COUNT_DOWN)
            wtr_kasa_say_setting(r, overall(method->module), method->value, "enable");
    } else {
        struct wtr_kasa_sentence s = wtr_kasa_about(r, WTR_KIND_SCHEDULE_RULE);
        wtr_kasa_read_next_action(&s, method->value, "schd_time");
    }
}
