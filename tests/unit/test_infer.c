/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher over records, and what reports tell by those that were accounted for in clear. */
#include "infer/calibrate.h"
#include "infer/match.h"

#include "signature_json.h"

#include <criterion/criterion.h>

#define MS INT64_C(1000000)

static struct wtr_signature s;

static void open_signature(void)
{
    const char *why;
    cr_assert_eq(wtr_signature_read(&s, WTR_TEXT(SIGNATURE), &why), WTR_OK, "%s", why);
}

TestSuite(match, .init = open_signature);
TestSuite(calibrate, .init = open_signature);

static void add(struct wtr_shape_window *w, int64_t ms, bool from_server, uint32_t length)
{
    const struct wtr_shape shape = {.time_ns = ms * MS, .from_server = from_server, .length = length};
    wtr_shape_add(w, &shape);
}

static bool report_after(struct wtr_shape_window *w)
{
    return wtr_shape_matches(w, &s.sequences[0]);
}

Test(match, request_and_answer)
{
    struct wtr_shape_window w = {0};
    cr_assert_not(report_after(&w));
    add(&w, 0, false, 100);
    cr_assert_not(report_after(&w));
    add(&w, 1000, true, 200);
    cr_assert(report_after(&w));
    cr_assert(wtr_shape_back(&w, 0)->length == 200 && wtr_shape_back(&w, 1)->length == 100);
    cr_assert_null(wtr_shape_back(&w, 2));
    add(&w, 1000, true, 200);
    cr_assert_not(report_after(&w)); /* it ended with the record before */
}

static bool pair_matches(uint32_t request, bool reversed, uint32_t answer, int64_t gap_ms)
{
    struct wtr_shape_window w = {0};
    add(&w, 5000, reversed, request);
    add(&w, 5000 + gap_ms, !reversed, answer);
    return report_after(&w);
}

Test(match, edges_of_lengths_and_gaps)
{
    cr_assert(pair_matches(100, false, 200, 0) && pair_matches(101, false, 200, 1000));
    cr_assert_not(pair_matches(99, false, 200, 0));
    cr_assert_not(pair_matches(102, false, 200, 0));
    cr_assert_not(pair_matches(100, false, 199, 0));
    cr_assert_not(pair_matches(100, false, 201, 0));
    cr_assert_not(pair_matches(107, false, 207, 0)); /* seven bytes longer */
    cr_assert_not(pair_matches(100, false, 200, 1001));
    cr_assert_not(pair_matches(100, false, 200, -1)); /* the answer came before */
    cr_assert_not(pair_matches(100, true, 200, 0));
}

Test(match, first_means_first)
{
    struct wtr_shape_window w = {0};
    add(&w, 0, false, 1);
    add(&w, 0, false, 100);
    add(&w, 0, true, 200);
    cr_assert_not(report_after(&w));
    s.sequences[0].first = false;
    cr_assert(report_after(&w));
}

Test(match, after_a_gap_nothing_is_first)
{
    struct wtr_shape_window w = {0};
    add(&w, 0, false, 100);
    wtr_shape_break(&w);
    add(&w, 0, true, 200);
    cr_assert_not(report_after(&w));
    add(&w, 0, false, 100);
    add(&w, 0, true, 200);
    cr_assert_not(report_after(&w));
    s.sequences[0].first = false;
    cr_assert(report_after(&w));
}

Test(match, window_wraps)
{
    struct wtr_shape_window w = {0};
    for (int i = 0; i < 1000; i++) {
        add(&w, i, true, i % 10 == 0 ? 55 : 61);
        cr_assert_eq(wtr_shape_matches(&w, &s.sequences[1]), i % 10 == 0);
    }
    cr_assert_null(wtr_shape_back(&w, WTR_SHAPE_STEPS));
}

Test(match, an_empty_sequence_is_nowhere)
{
    struct wtr_shape_window w = {0};
    s.sequences[0].count = 0;
    add(&w, 0, false, 100);
    cr_assert_not(report_after(&w));
}

/* ---- */

enum { LAN, CLOUD };

static struct wtr_report report(int path, uint32_t request, uint32_t response, enum wtr_told clear)
{
    return (struct wtr_report){.path = path, .request = request, .response = response, .clear = clear};
}

static struct wtr_verdict judge(const struct wtr_report *reports, size_t count, size_t which)
{
    return wtr_calibrate(reports, count, which, &s);
}

Test(calibrate, nothing_in_clear_tells_nothing)
{
    const struct wtr_report r[] = {report(LAN, 100, 200, 0), report(LAN, 101, 200, 0)};
    for (size_t i = 0; i < 2; i++) {
        struct wtr_verdict v = judge(r, 2, i);
        cr_assert(v.told == WTR_TELLS_NOTHING && v.likelihood_micro == 0);
    }
}

Test(calibrate, the_same_pair_on_the_same_path)
{
    const struct wtr_report r[] = {report(LAN, 100, 200, WTR_TELLS_ON),
                                   report(LAN, 101, 200, WTR_TELLS_OFF),
                                   report(LAN, 100, 200, 0),
                                   report(LAN, 101, 200, 0),
                                   report(LAN, 101, 201, 0),
                                   report(LAN, 100, 201, 0)};
    static const enum wtr_told told[] = {WTR_TELLS_ON, WTR_TELLS_OFF, WTR_TELLS_ON, WTR_TELLS_OFF, 0, 0};
    for (size_t i = 0; i < 6; i++)
        cr_assert_eq(judge(r, 6, i).told, told[i], "%zu", i);
    struct wtr_verdict v = judge(r, 6, 2);
    cr_assert(v.clear_on == 1 && v.clear_off == 1 && v.pair_on == 1 && v.pair_off == 0);
    cr_assert_eq(v.likelihood_micro, 2000000);
}

/* As in the captures of 2018: a remote ON has the request of a local OFF. */
Test(calibrate, another_path_calibrates_nothing)
{
    struct wtr_report r[] = {report(LAN, 100, 200, WTR_TELLS_ON),
                             report(LAN, 101, 200, WTR_TELLS_OFF),
                             report(CLOUD, 101, 200, 0),
                             report(WTR_NO_PATH, 101, 200, 0),
                             report(LAN, 101, 200, 0),
                             report(LAN, 101, 200, 0)};
    r[4].device = 1;
    r[5].signature = 1;
    for (size_t i = 2; i < 6; i++)
        cr_assert_eq(judge(r, 6, i).told, WTR_TELLS_NOTHING, "%zu", i);
}

Test(calibrate, a_pair_of_both_states_tells_neither)
{
    const struct wtr_report r[] = {report(LAN, 100, 200, WTR_TELLS_ON), report(LAN, 100, 200, WTR_TELLS_OFF),
                                   report(LAN, 100, 200, 0)};
    cr_assert_eq(judge(r, 3, 2).told, WTR_TELLS_NOTHING);
}

/* The other state was in no report here; that it has other lengths is known from the training alone, and only
 * if it had them there. The cloud's counts have one shared pair. */
Test(calibrate, one_state_alone)
{
    struct wtr_report r[] = {report(LAN, 100, 200, WTR_TELLS_ON), report(LAN, 100, 200, 0),
                             report(LAN, 101, 200, 0)};
    cr_assert_eq(judge(r, 3, 1).told, WTR_TELLS_ON);
    cr_assert_eq(judge(r, 3, 2).told, WTR_TELLS_NOTHING);
    s.paths[LAN].counts.off = 0;
    cr_assert_eq(judge(r, 3, 1).told, WTR_TELLS_NOTHING);
    for (size_t i = 0; i < 3; i++)
        r[i].path = CLOUD;
    cr_assert_eq(judge(r, 3, 1).told, WTR_TELLS_NOTHING);
}

Test(calibrate, copies_count_for_nothing)
{
    struct wtr_report r[] = {report(LAN, 100, 200, WTR_TELLS_ON), report(LAN, 100, 200, WTR_TELLS_ON)};
    r[1].copy = true;
    cr_assert_eq(judge(r, 2, 0).clear_on, 1);
    r[0].copy = true;
    cr_assert_eq(judge(r, 2, 0).told, WTR_TELLS_NOTHING);
}
