/* SPDX-License-Identifier: Apache-2.0 */
/* What all writers share: formats, options, filters, and the way to the destination. */
#include "writer_page.h"

#include "export/filter.h"
#include "wattrail/version.h"

#include <criterion/criterion.h>
#include <stddef.h>

static int write_nothing(void *payload, const char *data, size_t length)
{
    (void)payload;
    (void)data;
    (void)length;
    return 0;
}

Test(writer, formats)
{
    const char *purpose = NULL;
    cr_assert_str_eq(wtr_writer_format(0, &purpose), "table");
    cr_assert(purpose && *purpose);
    cr_assert_str_eq(wtr_writer_format(1, NULL), "jsonl");
    cr_assert_str_eq(wtr_writer_format(2, NULL), "csv");
    cr_assert_str_eq(wtr_writer_format(3, NULL), "timesketch");
    cr_assert_str_eq(wtr_writer_format(4, NULL), "l2tcsv");
    cr_assert_str_eq(wtr_writer_format(5, NULL), "tln");
    cr_assert_str_eq(wtr_writer_format(6, NULL), "bodyfile");
    cr_assert_str_eq(wtr_writer_format(7, NULL), "sqlite");
    cr_assert_null(wtr_writer_format(8, &purpose));
    cr_assert_null(wtr_writer_format(SIZE_MAX, &purpose));
}

static enum wtr_status try_new(const char *format, const struct wtr_writer_options *options,
                               wtr_write_fn *write)
{
    wtr_writer *writer = NULL;
    enum wtr_status status = wtr_writer_new(&writer, format, options, write, NULL);
    wtr_writer_free(writer);
    return status;
}

Test(writer, arguments)
{
    struct wtr_writer_options options;
    wtr_writer_options_init(&options);
    cr_assert_eq(try_new("jsonl", NULL, write_nothing), WTR_OK);
    cr_assert_eq(try_new("jsonl", &options, write_nothing), WTR_OK);
    cr_assert_eq(try_new("json", NULL, write_nothing), WTR_E_ARGUMENT);
    cr_assert_eq(try_new("", NULL, write_nothing), WTR_E_ARGUMENT);
    cr_assert_eq(try_new(NULL, NULL, write_nothing), WTR_E_ARGUMENT);
    cr_assert_eq(try_new("jsonl", NULL, NULL), WTR_E_ARGUMENT);
    cr_assert_eq(wtr_writer_new(NULL, "jsonl", NULL, write_nothing, NULL), WTR_E_ARGUMENT);
    options.kind = "power.stat";
    cr_assert_eq(try_new("jsonl", &options, write_nothing), WTR_E_ARGUMENT);
    options.kind = "*.state";
    cr_assert_eq(try_new("jsonl", &options, write_nothing), WTR_OK);
    options.size = 0;
    cr_assert_eq(try_new("jsonl", &options, write_nothing), WTR_E_ARGUMENT);
}

Test(writer, options_of_another_version)
{
    struct {
        struct wtr_writer_options known;
        char later[64];
    } longer;
    memset(&longer, 0xff, sizeof longer);
    wtr_writer_options_init(&longer.known);
    longer.known.size = sizeof longer;
    cr_assert_eq(try_new("table", &longer.known, write_nothing), WTR_OK);
    struct wtr_writer_options shorter;
    wtr_writer_options_init(&shorter);
    shorter.size = offsetof(struct wtr_writer_options, zone_offset);
    shorter.zone_payload = &shorter; /* beyond the caller's version, so never looked at */
    cr_assert_eq(try_new("table", &shorter, write_nothing), WTR_OK);
}

Test(writer, options_are_copied)
{
    char kind[] = "power.*";
    struct wtr_writer_options options;
    struct wtr_event e = sample_event();
    struct page page;
    wtr_writer_options_init(&options);
    options.kind = kind;
    page_open(&page, "csv", &options);
    memset(kind, 'x', sizeof kind - 1);
    page_event(&page, &e);
    cr_assert(strstr(page_text(&page), ",power.state,on,"));
    page_close(&page);
}

/* ---- filters */

Test(writer, globs)
{
    static const struct {
        const char *glob, *text;
        bool matches;
    } cases[] = {
        {"power.state", "power.state", true},
        {"power.state", "power.stat", false},
        {"power.*", "power.state", true},
        {"power.*", "power.", true},
        {"power.*", "power", false},
        {"*", "", true},
        {"", "", true},
        {"", "x", false},
        {"*.*", "a.b", true},
        {"*state", "power.statestate", true},
        {"p*r.s?ate", "power.state", true},
        {"p*r.s?ate", "power.sate", false},
        {"?", "", false},
        {"**", "anything", true},
        {"*a*b*c", "xxaxxbxxc", true},
        {"*a*b*c", "xxaxxcxxb", false},
        {"[p]ower", "power", false},
        {"POWER.*", "power.state", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_assert_eq(wtr_glob_match(cases[i].glob, cases[i].text), cases[i].matches, "%s on %s",
                     cases[i].glob, cases[i].text);
}

Test(writer, a_hostile_glob_takes_no_time, .timeout = 10)
{
    char text[20001];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cr_assert_not(wtr_glob_match("*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

static bool passes(const struct wtr_writer_options *options, struct wtr_bound earliest,
                   struct wtr_bound latest)
{
    struct wtr_event e = sample_event();
    e.earliest = earliest;
    e.latest = latest;
    return wtr_filter_passes(options, &e);
}

Test(writer, filter_by_time)
{
    const struct wtr_bound open = {false, 0};
    struct wtr_writer_options o;
    wtr_writer_options_init(&o);
    o.has_from = o.has_to = true;
    o.from_ns = 100;
    o.to_ns = 200;
    cr_assert(passes(&o, (struct wtr_bound){true, 100}, (struct wtr_bound){true, 100}));
    cr_assert(passes(&o, (struct wtr_bound){true, 200}, (struct wtr_bound){true, 200}));
    cr_assert_not(passes(&o, (struct wtr_bound){true, 99}, (struct wtr_bound){true, 99}));
    cr_assert_not(passes(&o, (struct wtr_bound){true, 201}, (struct wtr_bound){true, 201}));
    cr_assert(passes(&o, (struct wtr_bound){true, 0}, (struct wtr_bound){true, 999}));
    cr_assert(passes(&o, open, (struct wtr_bound){true, 100}));
    cr_assert_not(passes(&o, open, (struct wtr_bound){true, 99}));
    cr_assert(passes(&o, (struct wtr_bound){true, 200}, open));
    cr_assert_not(passes(&o, (struct wtr_bound){true, 201}, open));
    cr_assert(passes(&o, open, open));
    cr_assert(passes(&o, (struct wtr_bound){false, 999}, (struct wtr_bound){false, 0}));
    o.has_from = false;
    cr_assert(passes(&o, (struct wtr_bound){true, INT64_MIN}, (struct wtr_bound){true, INT64_MIN}));
    o.has_from = true;
    o.has_to = false;
    cr_assert(passes(&o, (struct wtr_bound){true, INT64_MAX}, (struct wtr_bound){true, INT64_MAX}));
}

Test(writer, filter_by_device_and_kind)
{
    struct wtr_event e = sample_event();
    struct wtr_writer_options o;
    wtr_writer_options_init(&o);
    cr_assert_not(wtr_filter_is_on(&o));
    o.device = "mac:dc:4f:22:1a:2b:3c";
    cr_assert(wtr_filter_is_on(&o));
    cr_assert(wtr_filter_passes(&o, &e));
    o.device = "mac:dc:4f:22:1a:2b:3";
    cr_assert_not(wtr_filter_passes(&o, &e));
    o.device = NULL;
    o.kind = "energy.*";
    cr_assert_not(wtr_filter_passes(&o, &e));
    o.kind = "*";
    cr_assert(wtr_filter_passes(&o, &e));
    e.kind = (enum wtr_kind)9999;
    cr_assert_not(wtr_filter_passes(&o, &e));
}

Test(writer, filters_leave_out_events_alone)
{
    struct wtr_event e = sample_event();
    const struct wtr_finding finding = {.where = T("mqtt"), .reason = T("r"), .message = T("m")};
    struct wtr_writer_options options;
    struct page page;
    wtr_writer_options_init(&options);
    options.kind = "device.boot";
    page_open(&page, "jsonl", &options);
    page_event(&page, &e);
    page_finding(&page, &finding);
    cr_assert_str_eq(page_text(&page),
                     "{\"record\":\"finding\",\"evidence\":{\"source\":0,\"record_offset\":0,"
                     "\"offset\":0,\"length\":0},\"where\":\"mqtt\",\"reason\":\"r\","
                     "\"message\":\"m\"}\n");
    page_close(&page);
}

/* ---- the way out */

Test(writer, a_failing_destination)
{
    struct wtr_event e = sample_event();
    const struct wtr_record record = {.type = WTR_RECORD_EVENT, .as.event = &e};
    const struct wtr_device_record device = {.events = 0};
    struct page page;
    page_open(&page, "jsonl", NULL);
    page.writes_before_failure = 1;
    enum wtr_status status = WTR_OK;
    for (int i = 0; i < 10000 && status == WTR_OK; i++)
        status = wtr_writer_record(page.writer, &record);
    cr_assert_eq(status, WTR_E_WRITE);
    cr_assert_eq(page.writes, 2);
    cr_assert_eq(wtr_writer_record(page.writer, &record), WTR_E_WRITE);
    cr_assert_eq(wtr_writer_device(page.writer, &device), WTR_E_WRITE);
    cr_assert_eq(wtr_writer_finish(page.writer), WTR_E_WRITE);
    cr_assert_eq(page.writes, 2, "nothing is written after a failure");
    page_close(&page);
}

Test(writer, large_pieces)
{
    struct wtr_event e = sample_event();
    struct page page;
    page_open(&page, "jsonl", NULL);
    page_event(&page, &e);
    cr_assert_eq(page.writes, 0);
    for (int i = 1; i < 5000; i++)
        page_event(&page, &e);
    struct wtr_text text = wtr_text_z(page_text(&page));
    struct wtr_text first = wtr_text_cut(&text, '\n');
    int lines = 1;
    while (text.length > 0) {
        cr_assert(wtr_text_equal(wtr_text_cut(&text, '\n'), first));
        lines++;
    }
    cr_assert_eq(lines, 5000);
    cr_assert_leq(page.writes, page.text.length / 262144 + 1);
    page_close(&page);
}

Test(writer, what_csv_has_no_form_for)
{
    const struct wtr_message_record message = {.protocol = "mqtt", .type = "pingreq"};
    const struct wtr_device_record device = {.events = 0};
    struct page page;
    page_open(&page, "csv", NULL);
    cr_assert_eq(wtr_writer_message(page.writer, &message), WTR_E_ARGUMENT);
    cr_assert_eq(wtr_writer_device(page.writer, &device), WTR_E_ARGUMENT);
    page_close(&page);
}

Test(writer, a_record_of_a_later_version_is_passed_over)
{
    static const char *const formats[] = {"table", "jsonl"};
    const struct wtr_record record = {.type = (enum wtr_record_type)99};
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct page page;
        page_open(&page, formats[i], NULL);
        cr_assert_eq(wtr_writer_record(page.writer, &record), WTR_OK);
        cr_assert_str_eq(page_text(&page), "");
        page_close(&page);
    }
}

Test(writer, free_of_nothing)
{
    wtr_writer_free(NULL);
}

Test(writer, every_status_has_its_words)
{
    cr_assert_str_eq(wtr_version(), WTR_VERSION);
    for (int a = WTR_OK; a <= WTR_E_INTERNAL; a++)
        for (int b = WTR_OK; b < a; b++)
            cr_assert_str_neq(wtr_status_text(a), wtr_status_text(b));
    cr_assert_str_eq(wtr_status_text(-1), "an unknown status");
    cr_assert_str_eq(wtr_status_text(WTR_E_INTERNAL + 1), "an unknown status");
}
