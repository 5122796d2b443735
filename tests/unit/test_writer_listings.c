/* SPDX-License-Identifier: Apache-2.0 */
/* The formats of general timeline tools (timesketch, l2tcsv, tln, bodyfile): one event made by hand in each,
 * and texts that would break a line. The times were converted with date(1). */
#include "writer_page.h"

#include <criterion/criterion.h>

#define L2T_NAMES                                                                                            \
    "date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc,version,filename,inode,notes,"      \
    "format,extra\n"

static void head(struct page *page)
{
    static const struct wtr_source sources[] = {{"a|,\x1b.pcap", "pcap", 1, false}};
    const struct wtr_header header = {
        .schema = "wattrail/1", .tool = "wattrail", .sources = sources, .source_count = COUNT(sources)};
    page_header(page, &header);
}

static void check_lines(const char *format, const struct wtr_event *event, const char *lines)
{
    struct page page;
    page_open(&page, format, NULL);
    head(&page);
    page_event(&page, event);
    cr_expect_str_eq(page_text(&page), lines);
    cr_expect_eq(wtr_writer_undated(page.writer), 0);
    cr_expect(wtr_writer_limits(page.writer));
    page_close(&page);
}

/* One channel, a text that holds every separator and a control character, and a cause. */
static struct wtr_event awkward_event(void)
{
    struct wtr_event e = sample_event();
    e.message = T("a|b,c \"d\"\n\xff");
    e.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_MQTT,
                                 .basis = WTR_BASIS_PRECEDING_COMMAND,
                                 .has_event = true,
                                 .event = {"0011223344556677"},
                                 .endpoint = T("10.0.0.1:1"),
                                 .client_id = T("c")};
    return e;
}

Test(listings, tln)
{
    const struct wtr_event e = awkward_event();
    check_lines("tln", &e,
                "1767323045|NET|mac:dc:4f:22:1a:2b:3c||2026-01-02T03:04:05.678901234Z; Power state reported; "
                "a\\u{7c}b,c \"d\"\\u{a}\\x{ff} [a\\u{7c},\\u{1b}.pcap frame 17 offset 2210 event "
                "9f86d081884c7d65]\n");
}

Test(listings, bodyfile)
{
    const struct wtr_event e = awkward_event();
    check_lines("bodyfile", &e,
                "0|[smart plug] Power state reported: a\\u{7c}b,c \"d\"\\u{a}\\x{ff} (a\\u{7c},\\u{1b}.pcap "
                "frame 17 offset 2210 line 1)|1|r/----------|0|0|0|1767323045|1767323045|1767323045|"
                "1767323045\n");
}

Test(listings, l2tcsv)
{
    const struct wtr_event e = awkward_event();
    check_lines("l2tcsv", &e,
                L2T_NAMES
                "01/02/2026,03:04:05,UTC,M...,NET,Smart plug traffic,Power state reported,-,"
                "mac:dc:4f:22:1a:2b:3c,power.state,a|b;c \"d\"\\u{a}\\x{ff},2,a|;\\u{1b}.pcap,-,-,"
                "eth/ipv4/tcp/mqtt/tasmota,time_ns: 1767323045678901234; event: 9f86d081884c7d65; certainty: "
                "observed; frame: 17; offset: 2210; length: 2\n");
}

Test(listings, timesketch)
{
    const struct wtr_event e = awkward_event();
    check_lines(
        "timesketch", &e,
        "{\"message\":\"a|b,c \\\"d\\\"\\\\u{a}\\\\x{ff}\",\"datetime\":\"2026-01-02T03:04:05.678901+00:00\","
        "\"timestamp\":1767323045678901,\"timestamp_desc\":\"Power state reported\","
        "\"data_type\":\"smartplug:power:state\",\"device\":\"mac:dc:4f:22:1a:2b:3c\",\"channel\":\"1\","
        "\"data_state\":\"on\",\"raw\":\"{\\\"POWER\\\":\\\"ON\\\"}\",\"certainty\":\"observed\","
        "\"retained\":\"false\",\"time_basis\":\"capture\",\"time_scale\":\"capture:0\","
        "\"exact_time\":\"2026-01-02T03:04:05.678901234Z\",\"earliest\":\"2026-01-02T03:04:05.678901234Z\","
        "\"latest\":\"2026-01-02T03:04:05.678902233Z\",\"trigger\":\"mqtt\","
        "\"cause_basis\":\"preceding_command\",\"cause_event\":\"0011223344556677\","
        "\"endpoint\":\"10.0.0.1:1\",\"client_id\":\"c\",\"display_name\":\"a|,\\u001b.pcap\","
        "\"source_number\":0,\"frame_number\":17,\"record_offset\":2140,\"byte_offset\":2210,"
        "\"byte_length\":2,\"copies\":0,\"parser\":\"eth/ipv4/tcp/mqtt/tasmota\","
        "\"event_uid\":\"9f86d081884c7d65\"}\n");
}

/* A name keeps its type: `value` is text whatever it holds, numbers are numbers, and several are a list. */
Test(listings, timesketch_values)
{
    static const struct wtr_value values[] = {
        {.field = WTR_FIELD_VALUE, .type = WTR_VALUE_INTEGER, .number = 7},
        {.field = WTR_FIELD_POWER_W, .type = WTR_VALUE_DECIMAL, .number = -1500000},
        {.field = WTR_FIELD_IP, .type = WTR_VALUE_TEXT, .text = {"10.0.0.1", 8}},
        {.field = WTR_FIELD_IP, .type = WTR_VALUE_TEXT, .text = {"10.0.0.2", 8}},
        {.field = WTR_FIELD_DESTROYS, .type = WTR_VALUE_BOOLEAN, .number = 1}};
    struct page page;
    struct wtr_event e = sample_event();
    e.data = values;
    e.data_count = COUNT(values);
    page_open(&page, "timesketch", NULL);
    page_event(&page, &e);
    cr_expect(strstr(page_text(&page),
                     ",\"data_value\":\"7\",\"data_power_w\":-1.5,\"data_ip\":[\"10.0.0.1\","
                     "\"10.0.0.2\"],\"data_destroys_evidence\":\"true\",\"raw\":"));
    page_close(&page);
}

/* Bounded events stand at a bound, and say so; half a second before 1970 is in the second before it. */
Test(listings, bounds)
{
    struct wtr_event e = sample_event();
    e.message = T("m");
    e.has_time = false;
    e.time_basis = WTR_TIME_BOUNDED;
    e.earliest = (struct wtr_bound){true, -500000000};
    e.evidence.frame = 0;
    check_lines("tln", &e,
                "-1|FLASH|mac:dc:4f:22:1a:2b:3c||1969-12-31T23:59:59.500000000Z; Power state reported (not "
                "before); m [a\\u{7c},\\u{1b}.pcap offset 2210 event 9f86d081884c7d65]\n");
    e.earliest.known = false;
    e.latest.time_ns = 1;
    check_lines("tln", &e,
                "0|FLASH|mac:dc:4f:22:1a:2b:3c||1970-01-01T00:00:00.000000001Z; Power state reported (not "
                "after); m [a\\u{7c},\\u{1b}.pcap offset 2210 event 9f86d081884c7d65]\n");
    e.certainty = WTR_INFERRED;
    e.earliest = (struct wtr_bound){true, -1};
    check_lines(
        "bodyfile", &e,
        "0|[smart plug] Inferred activity (not before): m (a\\u{7c},\\u{1b}.pcap offset 2210 line 1)|1|"
        "r/----------|0|0|0|-1|-1|-1|-1\n");
}

Test(listings, undated)
{
    static const char *const formats[] = {"timesketch", "tln", "bodyfile", "l2tcsv"};
    struct wtr_event e = sample_event();
    e.has_time = e.earliest.known = e.latest.known = false;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct page page;
        page_open(&page, formats[i], NULL);
        page_event(&page, &e);
        page_event(&page, &e);
        cr_expect_str_eq(page_text(&page), strcmp(formats[i], "l2tcsv") == 0 ? L2T_NAMES : "");
        cr_expect_eq(wtr_writer_undated(page.writer), 2);
        page_close(&page);
    }
}
