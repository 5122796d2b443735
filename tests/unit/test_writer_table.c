/* SPDX-License-Identifier: Apache-2.0 */
/* The table: what a person sees, and that no byte of the evidence steers the terminal. */
#include "writer_page.h"

#include "export/visible.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const struct wtr_source one_source[] = {{"scene.pcapng", "pcapng", 1234, false}};

static struct wtr_header header_of(const struct wtr_source *sources, size_t count)
{
    return (struct wtr_header){.schema = "wattrail/1",
                               .tool = "wattrail 0.1.0",
                               .sources = sources,
                               .source_count = count,
                               .cause_window_ns = 2000000000};
}

static struct wtr_event sample_command(void)
{
    struct wtr_event e = sample_event();
    e.id = (struct wtr_id){"0c11223344556677"};
    e.kind = WTR_KIND_POWER_COMMAND;
    e.evidence.frame = 12;
    e.evidence.offset = 1999;
    e.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_MQTT,
                                 .endpoint = T("192.168.7.20:50312"),
                                 .client_id = T("ha"),
                                 .user = T("u")};
    return e;
}

#define MEANING                                                                                              \
    "\nThat there is no event means something only within the times above, in what was read.\n"              \
    "Times are those of the clock that captured: offset from true time not determined.\n"
#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

/* A row as wide as the longest cells of a_whole_page, which stand in its last row. */
static void put_row(char row[256], const char *time, const char *channel, const char *kind, const char *what,
                    const char *cause, const char *evidence)
{
    bool title = strcmp(channel, "ch") == 0;
    snprintf(row, 256, "%-27s  %-21s  %-2s  %-13s  %-36s  %-47s  %s", time,
             title ? "device" : "mac:dc:4f:22:1a:2b:3c", channel, kind, what, cause, evidence);
}

Test(table, a_whole_page)
{
    struct wtr_header header = header_of(one_source, 1);
    struct wtr_event command = sample_command();
    struct wtr_event state = sample_event();
    state.change = WTR_CHANGE_CHANGED;
    state.has_transition = true;
    state.transition_earliest = (struct wtr_bound){true, SAMPLE_NS - 5000000001};
    state.transition_latest = (struct wtr_bound){true, SAMPLE_NS};
    state.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_MQTT,
                                     .basis = WTR_BASIS_PRECEDING_COMMAND,
                                     .has_event = true,
                                     .event = command.id,
                                     .has_delay = true,
                                     .delay_ns = 41250000};
    state.copies = 3;
    const struct wtr_finding finding = {.evidence = {.frame = 31, .offset = 4466, .length = 12},
                                        .message = T("mqtt: it runs\npast")};
    const struct wtr_coverage coverage[] = {{"mqtt", 311, 1}, {"tasmota", 40, 0}};
    const struct wtr_source_summary source = {.sha256 = DIGEST,
                                              .frames = 1042,
                                              .bytes = 123456,
                                              .has_time = true,
                                              .first_ns = 0,
                                              .last_ns = SAMPLE_NS,
                                              .gaps = 1,
                                              .lost_bytes = 1448,
                                              .flows = 8,
                                              .followed = 2,
                                              .bad_frames = 1,
                                              .repeated = 1,
                                              .coverage = coverage,
                                              .coverage_count = COUNT(coverage)};
    const struct wtr_summary summary = {
        .events = 2, .findings = 1, .copies = 3, .sources = &source, .source_count = 1};
    struct page page;
    page_open(&page, "table", NULL);
    page_header(&page, &header);
    page_event(&page, &command);
    page_finding(&page, &finding);
    page_event(&page, &state);
    page_summary(&page, &summary);
    char rows[3][256];
    put_row(rows[0], "time", "ch", "kind", "what", "cause", "evidence");
    put_row(rows[1], "2026-01-02 03:04:05.678901Z", "1", "power.command", "asked: on",
            "mqtt from 192.168.7.20:50312 client ha user u", "12 @1999+2");
    put_row(rows[2], "2026-01-02 03:04:05.678901Z", "1", "power.state",
            "reported on (changed within 5.001 s)", "mqtt, after the command in frame 12 by 41.25 ms",
            "17 @2210+2, copies: 3");
    struct wtr_text text = wtr_text_z(page_text(&page));
    cr_assert(wtr_text_starts(text, "wattrail 0.1.0\n"
                                    "source 0: scene.pcapng (pcapng, 1234 bytes)\n"
                                    "times: UTC\n"
                                    "evidence: frame @offset+length of the bytes\n\n"));
    for (int i = 0; i < 5; i++)
        wtr_text_cut(&text, '\n');
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wtr_text found = wtr_text_cut(&text, '\n');
        cr_assert(wtr_text_is(found, rows[i]), "%.*s\n%s", (int)found.length, found.data, rows[i]);
    }
    cr_assert_str_eq(text.data, "\n"
                                "2 events, 3 copies, 1 finding\n"
                                "\n"
                                "findings (what could not be read, or was missing):\n"
                                "  31 @4466+12  mqtt: it runs\\u{a}past\n"
                                "\n"
                                "source 0: scene.pcapng: NOT COMPLETE\n"
                                "  SHA-256: " DIGEST "\n"
                                "  1042 frames, 123456 bytes, from 1970-01-01 00:00:00.000000Z to "
                                "2026-01-02 03:04:05.678901Z\n"
                                "  read: 8 TCP connections (followed: 2), mqtt 311 (errors: 1), tasmota 40\n"
                                "  repeated: 1 segment\n"
                                "  lost: 1 gap in followed streams, 1448 bytes missing in them\n"
                                "  whether the capture dropped packets: it does not say\n"
                                "  not read: 1 frame with unsound headers\n" MEANING);
    page_close(&page);
}

/* Whether the page holds the words; it is closed. */
static void check_holds(struct page *page, const char *words)
{
    const char *text = page_text(page);
    cr_assert(strstr(text, words), "no '%s' in:\n%s", words, text);
    page_close(page);
}

static void check_event_holds(const struct wtr_event *event, const char *words)
{
    struct page page;
    page_open(&page, "table", NULL);
    page_event(&page, event);
    check_holds(&page, words);
}

Test(table, words_claim_no_more_than_the_event)
{
    struct wtr_event e = sample_event();
    e.change = WTR_CHANGE_FIRST;
    check_event_holds(&e, "  reported on (first)  ");
    e.change = WTR_CHANGE_NONE;
    e.past = true;
    check_event_holds(&e, "  said it had been on  ");
    e.past = false;
    e.retained = true;
    e.has_time = false;
    e.earliest.known = false;
    check_event_holds(&e, "<= 2026-01-02 03:04:05.678902Z  ");
    check_event_holds(&e, "  was last reported on (stored by the broker)  ");
    e.retained = false;
    e.certainty = WTR_INFERRED;
    e.earliest.known = true;
    check_event_holds(&e, "2026-01-02 03:04:05.678901Z .. 2026-01-02 03:04:05.678902Z  ");
    check_event_holds(&e, "  as if switched: on [inferred]  ");
    e.latest.known = false;
    check_event_holds(&e, ">= 2026-01-02 03:04:05.678901Z  ");
    e.earliest.known = false;
    check_event_holds(&e, "not known  ");
}

Test(table, values)
{
    const struct wtr_value values[] = {
        {.field = WTR_FIELD_POWER_W, .type = WTR_VALUE_DECIMAL, .number = 57310000},
        {.field = WTR_FIELD_POWER_FACTOR, .type = WTR_VALUE_DECIMAL, .number = 990000},
        {.field = WTR_FIELD_ENERGY_WH, .type = WTR_VALUE_DECIMAL, .number = 1500000},
        {.field = WTR_FIELD_SCOPE, .type = WTR_VALUE_TEXT, .text = T("total")},
    };
    struct wtr_event e = sample_event();
    e.kind = WTR_KIND_ENERGY_COUNTER;
    e.data = values;
    e.data_count = COUNT(values);
    check_event_holds(&e, "  57.31 W, power_factor 0.99, 1.5 Wh, total  ");
}

Test(table, causes)
{
    struct wtr_event e = sample_event();
    e.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_BUTTON, .basis = WTR_BASIS_DEVICE_WORD};
    check_event_holds(&e, "  button, says the device  ");
    e.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_UNKNOWN};
    check_event_holds(&e, "  unknown  ");
    e.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_HTTP,
                                 .basis = WTR_BASIS_MATCHED_REQUEST,
                                 .has_event = true,
                                 .event = {"0c11223344556677"},
                                 .other_count = 2};
    check_event_holds(&e, "  http, answers the command 0c11223344556677, others: 2  ");
}

Test(table, a_command_that_is_not_shown_is_still_named_by_its_frame)
{
    const struct wtr_source sources[] = {{"a", "pcap", 0, true}, {"b", "pcap", 0, false}};
    struct wtr_header header = header_of(sources, 2);
    struct wtr_writer_options options;
    struct wtr_event command = sample_command();
    struct wtr_event state = sample_event();
    struct page page;
    command.evidence.source = 1;
    state.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_MQTT, .has_event = true, .event = command.id};
    wtr_writer_options_init(&options);
    options.kind = "power.state";
    page_open(&page, "table", &options);
    page_header(&page, &header);
    page_event(&page, &command);
    page_event(&page, &state);
    const char *text = page_text(&page);
    cr_assert(strstr(text, "source 0: a (pcap, gzip-compressed: offsets count in the uncompressed file)\n"));
    cr_assert(strstr(text, "only events of the kind: power.state\n"));
    cr_assert(strstr(text, "  mqtt, after the command in frame 1:12  0:17 @2210+2\n"), "%s", text);
    cr_assert_not(strstr(text, "asked"));
    page_close(&page);
}

/* ---- zones */

/* An hour, and two from the time in the payload on. */
static int summer_time(void *payload, int64_t time_ns)
{
    const int64_t *begins = payload;
    return time_ns < *begins ? 3600 : 7200;
}

Test(table, zones)
{
    struct wtr_event e = sample_event();
    struct wtr_writer_options options;
    struct page page;
    int64_t begins = SAMPLE_NS;
    wtr_writer_options_init(&options);
    options.zone_offset_s = -(5 * 3600 + 30 * 60);
    options.zone_name = "-05:30";
    page_open(&page, "table", &options);
    page_event(&page, &e);
    check_holds(&page, "2026-01-01 21:34:05.678901-05:30  ");
    options.zone_offset_s = 3208; /* the local mean time of Berlin, until 1893: 0:53:28 */
    page_open(&page, "table", &options);
    page_event(&page, &e);
    check_holds(&page, "2026-01-02 03:57:33.678901+00:53:28  ");
    options.zone_offset = summer_time;
    options.zone_payload = &begins;
    page_open(&page, "table", &options);
    page_event(&page, &e);
    e.time_ns--;
    page_event(&page, &e);
    const char *text = page_text(&page);
    cr_assert(strstr(text, "2026-01-02 05:04:05.678901+02:00  "), "%s", text);
    cr_assert(strstr(text, "2026-01-02 04:04:05.678901+01:00  "), "%s", text);
    page_close(&page);
}

Test(table, a_zone_at_the_ends_of_time)
{
    struct wtr_event e = sample_event();
    struct wtr_writer_options options;
    struct page page;
    wtr_writer_options_init(&options);
    options.zone_offset_s = 3600;
    e.time_ns = INT64_MAX;
    page_open(&page, "table", &options);
    page_event(&page, &e);
    check_holds(&page, "2262-04-11 23:47:16.854775+01:00");
    options.zone_offset_s = -3600;
    e.time_ns = INT64_MIN;
    page_open(&page, "table", &options);
    page_event(&page, &e);
    check_holds(&page, "1677-09-21 00:12:43.145224-01:00");
}

/* ---- hostile texts */

static void check_visible(struct wtr_text text, const char *expected)
{
    struct wtr_buffer out = {0};
    wtr_put_visible(&out, text);
    cr_assert(wtr_text_is(wtr_buffer_text(&out), expected), "%.*s", (int)out.length, out.data);
    wtr_buffer_free(&out);
}

Test(table, what_is_not_seen_is_spelt_out)
{
    check_visible(T("plain \\ text"), "plain \\ text");
    check_visible(T("\0\x1b[31m\x7f"), "\\u{0}\\u{1b}[31m\\u{7f}");
    check_visible(T("\xc2\x9b\xc2\xa0\xc2\xad"), "\\u{9b}\\u{a0}\\u{ad}");
    check_visible(T("a\xe2\x80\xaa"
                    "b\xe2\x80\xae"
                    "c"),
                  "a\\u{202a}b\\u{202e}c");
    check_visible(T("\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\x8b\xef\xbb\xbf"),
                  "\\u{2066}\\u{2069}\\u{200b}\\u{feff}");
    check_visible(T("\xf3\xa0\x81\x81\xf4\x8f\xbf\xbf"), "\\u{e0041}\\u{10ffff}");
    check_visible(T("\xef\xb8\x8f\xe3\x85\xa4"), "\\u{fe0f}\\u{3164}");
    check_visible(T("K\xc3\xbc"
                    "che \xe5\xae\xb6 \xf0\x9f\x94\x8c"),
                  "K\xc3\xbc"
                  "che \xe5\xae\xb6 \xf0\x9f\x94\x8c");
    check_visible(T("\xff\xc3\xe2\x82"), "\\x{ff}\\x{c3}\\x{e2}\\x{82}");
    check_visible(T("\xed\xa0\x80\xc0\x80"), "\\x{ed}\\x{a0}\\x{80}\\x{c0}\\x{80}");
    check_visible(T("\\u{202e} \\x{ff} \\u \\x"), "\\u{5c}u{202e} \\u{5c}x{ff} \\u \\x");
}

Test(table, widths)
{
    cr_assert_eq(wtr_visible_width(T("")), 0);
    cr_assert_eq(wtr_visible_width(T("K\xc3\xbc"
                                     "che")),
                 5);
    cr_assert_eq(wtr_visible_width(T("\xe5\xae\xb6\xf0\x9f\x94\x8c")), 4);
    cr_assert_eq(wtr_visible_width(T("e\xcc\x81")), 1);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

Test(table, no_bytes_of_the_evidence_steer_the_terminal)
{
    uint32_t random = 7;
    for (int round = 0; round < 300; round++) {
        char bytes[64];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)(next_random(&random) % (round % 2 ? 256 : 40));
        char name[] = "\x1b]0;x\a.pcap";
        name[0] = bytes[0] ? bytes[0] : 'x';
        const struct wtr_source source = {name, "pcap", 0, false};
        struct wtr_header header = header_of(&source, 1);
        struct wtr_text text = wtr_text_of(bytes, sizeof bytes);
        const struct wtr_value value = {.field = WTR_FIELD_NAME, .type = WTR_VALUE_TEXT, .text = text};
        struct wtr_event e = sample_event();
        e.device = e.channel = e.cause.endpoint = e.cause.client_id = e.cause.user = text;
        e.data = &value;
        const struct wtr_finding finding = {.message = text};
        const struct wtr_summary summary = {.events = 1};
        struct page page;
        page_open(&page, "table", NULL);
        page_header(&page, &header);
        page_event(&page, &e);
        page_finding(&page, &finding);
        page_summary(&page, &summary);
        page_text(&page);
        cr_assert(wtr_utf8_valid(page.text.data, page.text.length));
        for (size_t i = 0; i < page.text.length; i++) {
            unsigned char c = (unsigned char)page.text.data[i];
            cr_assert((c >= 0x20 && c != 0x7f) || c == '\n', "byte %02x", c);
        }
        page_close(&page);
    }
}

/* ---- form */

Test(table, nothing_is_cut_short)
{
    char name[400];
    memset(name, 'n', sizeof name);
    struct wtr_event e = sample_event();
    struct wtr_writer_options options;
    struct page page;
    wtr_writer_options_init(&options);
    options.width = 40;
    e.device = wtr_text_of(name, sizeof name);
    page_open(&page, "table", &options);
    for (int i = 0; i < 500; i++)
        page_event(&page, &e);
    struct wtr_text text = wtr_text_z(page_text(&page));
    wtr_text_cut(&text, '\n');
    for (int i = 0; i < 500; i++) {
        struct wtr_text row = wtr_text_cut(&text, '\n');
        cr_assert(wtr_text_ends(row, "  17 @2210+2"), "row %d: %.*s", i, (int)row.length, row.data);
        const char *start = memchr(row.data, 'n', row.length);
        cr_assert(start && memcmp(start, name, sizeof name) == 0);
    }
    page_close(&page);
}

Test(table, columns_stay_readable_on_any_terminal)
{
    struct wtr_event e = sample_event();
    struct wtr_writer_options options;
    struct page page;
    wtr_writer_options_init(&options);
    options.width = 1;
    page_open(&page, "table", &options);
    page_event(&page, &e);
    cr_assert(wtr_text_starts(wtr_text_z(page_text(&page)), "time          device        ch  kind"));
    page_close(&page);
}

Test(table, colours_only_where_asked_for)
{
    struct wtr_event e = sample_event();
    struct wtr_writer_options options;
    struct page page;
    wtr_writer_options_init(&options);
    page_open(&page, "table", &options);
    page_event(&page, &e);
    cr_assert_not(strchr(page_text(&page), '\x1b'));
    page_close(&page);
    options.colour = true;
    page_open(&page, "table", &options);
    page_event(&page, &e);
    check_holds(&page, "\x1b[1m2026-01-02 03:04:05.678901Z  ");
}

Test(table, the_first_twenty_findings)
{
    struct wtr_header header = header_of(one_source, 1);
    const struct wtr_finding finding = {.evidence = {.frame = 1}, .message = T("it is odd")};
    const struct wtr_summary summary = {.findings = 23};
    struct page page;
    page_open(&page, "table", NULL);
    page_header(&page, &header);
    for (int i = 0; i < 23; i++)
        page_finding(&page, &finding);
    page_summary(&page, &summary);
    const char *text = page_text(&page);
    int lines = 0;
    for (const char *at = text; (at = strstr(at, "  1 @0+0  it is odd\n")) != NULL; at++)
        lines++;
    cr_assert_eq(lines, 20);
    cr_assert(strstr(text, "\n  and 3 more, which the format jsonl lists\n"));
    page_close(&page);
}

Test(table, without_its_summary_it_says_so)
{
    struct wtr_header header = header_of(one_source, 1);
    struct page page;
    page_open(&page, "table", NULL);
    page_header(&page, &header);
    check_holds(&page, "\nINCOMPLETE: ");
}

Test(table, where_the_clock_is_anchored)
{
    struct wtr_event e = sample_event();
    const struct wtr_summary summary = {.events = 1};
    struct page page;
    e.time_scale = T("utc");
    page_open(&page, "table", NULL);
    page_event(&page, &e);
    page_summary(&page, &summary);
    cr_assert_not(strstr(page_text(&page), "offset from true time"));
    page_close(&page);
}

Test(table, messages)
{
    const struct wtr_message_record message = {.protocol = "mqtt",
                                               .type = "publish",
                                               .has_time = true,
                                               .time_ns = 0,
                                               .src = T("10.0.0.7:50312"),
                                               .dst = T("10.0.0.2:1883"),
                                               .fields = T("{\"topic\":\"\xe2\x80\xae\"}"),
                                               .evidence = {.frame = 1, .offset = 94, .length = 14}};
    struct page page;
    page_open(&page, "table", NULL);
    cr_assert_eq(wtr_writer_message(page.writer, &message), WTR_OK);
    cr_assert_str_eq(
        page_text(&page),
        "time                         from            to             message       fields                "
        "evidence\n"
        "1970-01-01 00:00:00.000000Z  10.0.0.7:50312  10.0.0.2:1883  mqtt publish  {\"topic\":\"\\u{202e}\"} "
        " "
        "1 @94+14\n");
    page_close(&page);
}

Test(table, devices)
{
    const struct wtr_text names[] = {T("Kettle"), T("DVES")};
    const struct wtr_text ips[] = {T("10.0.0.7")};
    const struct wtr_device_record device = {.device = T("mac:1"),
                                             .vendor = T("tasmota"),
                                             .names = names,
                                             .name_count = 2,
                                             .ips = ips,
                                             .ip_count = 1,
                                             .events = 12};
    struct page page;
    page_open(&page, "table", NULL);
    cr_assert_eq(wtr_writer_device(page.writer, &device), WTR_OK);
    cr_assert_str_eq(
        page_text(&page),
        "device  vendor   model  firmware  names         MAC  addresses  first seen  last seen  events\n"
        "mac:1   tasmota                   Kettle, DVES       10.0.0.7                          12\n");
    page_close(&page);
}
