/* SPDX-License-Identifier: Apache-2.0 */
/* BinaryState and InsightParams: "0", or fields joined by '|' (pywemo/pywemo ouimeaux_device/insight.py and
 * ouimeaux_device/__init__.py, parse_basic_state) [S], recorded answers of real devices [V]:
 *
 *   state | last change | on for | on today | on total | period | (7th) | power | today | total | threshold
 *   0,1,8   epoch         s        s          s          s        ?       mW      mW min  mW min  mW
 *
 * BinaryState has the first ten, InsightParams all eleven; totals may have a decimal fraction. State 8 is a
 * relay that is on with no load above the threshold. The last change is that between the three: it dates
 * when a relay that is off went off, but of one that is on only says that it was on from then. "On for" is
 * not counted from the last change (a recorded answer has 231 s where the change was 2498 s before the
 * device's own clock), so nothing is worked out from it. What the 7th field means, the sources contradict:
 * it is not read. */
#include "vendor/wemo/reading.h"

enum field { STATE, LAST_CHANGE, POWER = 7, TODAY = 8, TOTAL = 9, FIELDS = 11 };

struct params {
    struct wtr_text whole;
    struct wtr_text field[FIELDS];
    size_t count;
};

static struct params split(struct wtr_text text)
{
    struct params p = {.whole = text};
    while (text.data && p.count < FIELDS)
        p.field[p.count++] = wtr_text_cut(&text, '|');
    if (text.data)
        p.count = 0;
    return p;
}

/* A decimal in millionths; false, with a finding, if it is none or beyond the bound. */
static bool number(struct wtr_wemo_reading *r, struct wtr_text text, int shift, int64_t most, int64_t *micro)
{
    if (wtr_decimal_micro(text, shift, micro) && *micro >= 0 && *micro <= most)
        return true;
    wtr_say_finding(r->say, text, "the value is no number within its range");
    return false;
}

static void say_state(struct wtr_wemo_reading *r, struct wtr_text name, const struct params *p)
{
    bool off = wtr_text_is(p->field[STATE], "0");
    if (!off && !wtr_text_is(p->field[STATE], "1") && !wtr_text_is(p->field[STATE], "8")) {
        wtr_say_finding(r->say, p->field[STATE], "the state is none of 0, 1 and 8");
        return;
    }
    wtr_say_begin(r->say, WTR_KIND_POWER_STATE, r->device);
    wtr_say_text(r->say, WTR_FIELD_STATE, off ? WTR_TEXT("off") : WTR_TEXT("on"));
    wtr_say_raw(r->say, name, p->field[STATE]);
    if (p->count > LAST_CHANGE) {
        wtr_say_text(r->say, WTR_FIELD_LAST_CHANGE, p->field[LAST_CHANGE]);
        wtr_say_raw(r->say, WTR_TEXT("lastchange"), p->field[LAST_CHANGE]);
    }
    if (r->polled)
        wtr_say_polled(r->say);
    wtr_say_end(r->say);
}

#define MOST_WATTS INT64_C(100000000000) /* 100 kW in millionths */
#define MOST_MILLIWATT_MINUTES INT64_C(6000000000000000000)

static void say_power(struct wtr_wemo_reading *r, const struct params *p)
{
    int64_t micro;
    if (!number(r, p->field[POWER], -3, MOST_WATTS, &micro))
        return;
    wtr_say_begin(r->say, WTR_KIND_POWER_READING, r->device);
    wtr_say_micro(r->say, WTR_FIELD_POWER_W, micro);
    wtr_say_raw(r->say, WTR_TEXT("currentmw"), p->field[POWER]);
    if (r->polled)
        wtr_say_polled(r->say);
    wtr_say_end(r->say);
}

/* A milliwatt-minute is 1/60000 Wh. */
static void say_energy(struct wtr_wemo_reading *r, struct wtr_text text, const char *scope, const char *name)
{
    int64_t micro;
    if (!number(r, text, 0, MOST_MILLIWATT_MINUTES, &micro))
        return;
    wtr_say_begin(r->say, WTR_KIND_ENERGY_COUNTER, r->device);
    wtr_say_micro(r->say, WTR_FIELD_ENERGY_WH, wtr_divide_half_even(micro, 60000));
    wtr_say_text(r->say, WTR_FIELD_SCOPE, wtr_text_z(scope));
    wtr_say_raw(r->say, wtr_text_z(name), text);
    if (r->polled)
        wtr_say_polled(r->say);
    wtr_say_end(r->say);
}

void wtr_wemo_read_state(struct wtr_wemo_reading *r, wtr_xml_ref at, enum wtr_wemo_claim claim)
{
    if (at < 0)
        return;
    struct params p = split(wtr_xml_raw(r->xml, at));
    bool plain = p.count == 1;
    bool insight = p.count == FIELDS || p.count == FIELDS - 1;
    if (claim == WTR_WEMO_ECHOED && wtr_text_is(p.whole, "Error"))
        return; /* the command asked for the state that the device had */
    if (!plain && !insight) {
        wtr_say_finding(r->say, p.whole, "the state has neither one field nor ten or eleven");
        return;
    }
    if (claim == WTR_WEMO_STATED)
        say_state(r, wtr_xml_name(r->xml, at), &p);
    if (!insight)
        return;
    say_power(r, &p);
    say_energy(r, p.field[TODAY], "today", "todaymw");
    say_energy(r, p.field[TOTAL], "total", "totalmw");
}

void wtr_wemo_read_clock(struct wtr_wemo_reading *r, wtr_xml_ref at)
{
    struct wtr_clock_said clock = {.name = "deviceCurrentTime", .raw = wtr_xml_raw(r->xml, at)};
    if (at < 0)
        return;
    if (!wtr_decimal_int(clock.raw, &clock.seconds)) {
        wtr_say_finding(r->say, clock.raw, "the clock is no whole number of seconds");
        return;
    }
    wtr_say_clock(r->say, r->device, &clock);
}
