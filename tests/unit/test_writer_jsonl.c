/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON lines: records made by hand against lines written by hand. */
#include "base/json.h"
#include "writer_page.h"

#include <criterion/criterion.h>

static void check_event(const struct wtr_event *event, const char *line)
{
    struct page page;
    page_open(&page, "jsonl", NULL);
    page_event(&page, event);
    cr_assert_str_eq(page_text(&page), line);
    page_close(&page);
}

#define WHEN                                                                                                 \
    "\"time\":\"2026-01-02T03:04:05.678901234Z\",\"time_ns\":1767323045678901234,\"time_basis\":"            \
    "\"capture\","                                                                                           \
    "\"time_scale\":\"capture:0\",\"earliest\":\"2026-01-02T03:04:05.678901234Z\","                          \
    "\"latest\":\"2026-01-02T03:04:05.678902233Z\""
#define WHO "\"device\":\"mac:dc:4f:22:1a:2b:3c\",\"channel\":\"1\",\"outlet\":1"
#define PLACE "\"evidence\":{\"source\":0,\"frame\":17,\"record_offset\":2140,\"offset\":2210,\"length\":2}"
#define TAIL                                                                                                 \
    "\"path\":\"eth/ipv4/tcp/mqtt/tasmota\","                                                                \
    "\"message\":\"mac:dc:4f:22:1a:2b:3c channel 1 reported on\"}\n"

Test(jsonl, documented_example)
{
    struct wtr_event e = sample_event();
    e.change = WTR_CHANGE_CHANGED;
    e.has_transition = true;
    e.transition_earliest = (struct wtr_bound){true, SAMPLE_NS - 5000000000};
    e.transition_latest = e.latest;
    e.transition_by[0] = (struct wtr_id){"0000000000000001"};
    e.transition_by[1] = e.id;
    e.transition_by_count = 2;
    e.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_MQTT,
                                 .basis = WTR_BASIS_PRECEDING_COMMAND,
                                 .has_event = true,
                                 .event = {"0c11223344556677"},
                                 .has_delay = true,
                                 .delay_ns = 41000000,
                                 .endpoint = T("192.168.7.20:50312"),
                                 .client_id = T("ha")};
    check_event(
        &e, "{\"record\":\"event\",\"id\":\"9f86d081884c7d65\",\"kind\":\"power.state\"," WHEN "," WHO
            ",\"data\":{\"state\":\"on\",\"change\":\"changed\",\"transition\":{"
            "\"earliest\":\"2026-01-02T03:04:00.678901234Z\",\"latest\":\"2026-01-02T03:04:05.678902233Z\","
            "\"by\":[\"0000000000000001\",\"9f86d081884c7d65\"]}},\"raw\":{\"POWER\":\"ON\"},"
            "\"cause\":{\"trigger\":\"mqtt\",\"event\":\"0c11223344556677\",\"delay_ns\":41000000,"
            "\"basis\":\"preceding_command\",\"endpoint\":\"192.168.7.20:50312\",\"client_id\":\"ha\"},"
            "\"certainty\":\"observed\"," PLACE "," TAIL);
}

Test(jsonl, what_is_absent_is_left_out_and_an_open_time_is_null)
{
    const struct wtr_event e = {.id = {"00000000000000ff"},
                                .kind = WTR_KIND_DEVICE_BOOT,
                                .time_basis = WTR_TIME_ORDER,
                                .time_scale = T("capture:3"),
                                .certainty = WTR_RECOVERED,
                                .evidence = {.source = 3, .record_offset = 5, .offset = 5, .length = 9}};
    check_event(&e,
                "{\"record\":\"event\",\"id\":\"00000000000000ff\",\"kind\":\"device.boot\",\"time\":null,"
                "\"time_ns\":null,\"time_basis\":\"order\",\"time_scale\":\"capture:3\",\"earliest\":null,"
                "\"latest\":null,\"data\":{},\"certainty\":\"recovered\","
                "\"evidence\":{\"source\":3,\"record_offset\":5,\"offset\":5,\"length\":9}}\n");
}

Test(jsonl, retained_with_copies_and_parts)
{
    const struct wtr_evidence parts[] = {{.frame = 17, .record_offset = 2140, .offset = 2210, .length = 1},
                                         {.frame = 18, .record_offset = 2300, .offset = 2370, .length = 1}};
    const struct wtr_evidence also[] = {{.as = "relay",
                                         .frame = 19,
                                         .record_offset = 3000,
                                         .offset = 3070,
                                         .length = 2,
                                         .time_ns = SAMPLE_NS + 1},
                                        {.as = "vantage",
                                         .source = 1,
                                         .frame = 4,
                                         .record_offset = 24,
                                         .offset = 99,
                                         .length = 2,
                                         .time_ns = -1}};
    struct wtr_event e = sample_event();
    e.has_time = false;
    e.time_basis = WTR_TIME_BOUNDED;
    e.earliest.known = false;
    e.latest.time_ns = SAMPLE_NS;
    e.retained = true;
    e.past = true;
    e.parts = parts;
    e.part_count = COUNT(parts);
    e.also = also;
    e.also_count = COUNT(also);
    e.copies = 20;
    check_event(
        &e, "{\"record\":\"event\",\"id\":\"9f86d081884c7d65\",\"kind\":\"power.state\",\"time\":null,"
            "\"time_ns\":null,\"time_basis\":\"bounded\",\"time_scale\":\"capture:0\",\"earliest\":null,"
            "\"latest\":\"2026-01-02T03:04:05.678901234Z\"," WHO ",\"data\":{\"state\":\"on\"},"
            "\"raw\":{\"POWER\":\"ON\"},\"certainty\":\"observed\",\"retained\":true,\"past\":true,"
            "\"evidence\":{\"source\":0,\"frame\":17,\"record_offset\":2140,\"offset\":2210,\"length\":2,"
            "\"time_ns\":1767323045678901234,\"parts\":["
            "{\"source\":0,\"frame\":17,\"record_offset\":2140,\"offset\":2210,\"length\":1},"
            "{\"source\":0,\"frame\":18,\"record_offset\":2300,\"offset\":2370,\"length\":1}]},"
            "\"also\":[{\"as\":\"relay\",\"source\":0,\"frame\":19,\"record_offset\":3000,\"offset\":3070,"
            "\"length\":2,\"time_ns\":1767323045678901235},{\"as\":\"vantage\",\"source\":1,\"frame\":4,"
            "\"record_offset\":24,\"offset\":99,\"length\":2,\"time_ns\":-1}],\"copies\":20," TAIL);
}

/* ---- parts of an event: what stands between two members */

static void check_between(const struct wtr_event *event, const char *from, const char *to,
                          const char *expected)
{
    struct page page;
    page_open(&page, "jsonl", NULL);
    page_event(&page, event);
    const char *line = page_text(&page);
    const char *start = strstr(line, from);
    const char *end = start ? strstr(start, to) : NULL;
    cr_assert(start && end, "%s", line);
    struct wtr_text found = wtr_text_of(start, (size_t)(end - start));
    cr_assert(wtr_text_is(found, expected), "found %.*s\nwant  %s", (int)found.length, found.data, expected);
    page_close(&page);
}

static void check_data(const struct wtr_value *values, size_t count, const char *expected)
{
    struct wtr_event e = sample_event();
    e.data = values;
    e.data_count = count;
    e.raw_count = 0;
    check_between(&e, "\"data\":", ",\"certainty\"", expected);
}

Test(jsonl, values_are_exact)
{
    const struct wtr_value values[] = {
        {.field = WTR_FIELD_POWER_W, .type = WTR_VALUE_DECIMAL, .number = 57310000},
        {.field = WTR_FIELD_ENERGY_WH, .type = WTR_VALUE_DECIMAL, .number = INT64_MAX},
        {.field = WTR_FIELD_REACTIVE_VAR, .type = WTR_VALUE_DECIMAL, .number = -1},
        {.field = WTR_FIELD_RSSI_DBM, .type = WTR_VALUE_INTEGER, .number = INT64_MIN},
        {.field = WTR_FIELD_CURRENT_A, .type = WTR_VALUE_DECIMAL, .number = 0},
        {.field = WTR_FIELD_ONLINE, .type = WTR_VALUE_BOOLEAN, .number = 1},
        {.field = WTR_FIELD_REPEAT, .type = WTR_VALUE_BOOLEAN, .number = 0},
        {.field = WTR_FIELD_NAME, .type = WTR_VALUE_TEXT, .text = T("")},
        {.field = (enum wtr_field)9999, .type = WTR_VALUE_INTEGER, .number = 7},
    };
    check_data(
        values, COUNT(values),
        "\"data\":{\"power_w\":57.31,\"energy_wh\":9223372036854.775807,\"reactive_var\":-0.000001,"
        "\"rssi_dbm\":-9223372036854775808,\"current_a\":0,\"online\":true,\"repeat\":false,\"name\":\"\","
        "\"unknown\":7}");
}

Test(jsonl, a_field_that_stands_twice_is_a_list)
{
    const struct wtr_value values[] = {
        {.field = WTR_FIELD_IP, .type = WTR_VALUE_TEXT, .text = T("10.0.0.7")},
        {.field = WTR_FIELD_MAC, .type = WTR_VALUE_TEXT, .text = T("m")},
        {.field = WTR_FIELD_IP, .type = WTR_VALUE_TEXT, .text = T("10.0.0.8")},
        {.field = WTR_FIELD_IP, .type = WTR_VALUE_INTEGER, .number = 9},
    };
    check_data(values, COUNT(values), "\"data\":{\"ip\":[\"10.0.0.7\",\"10.0.0.8\",9],\"mac\":\"m\"}");
}

Test(jsonl, change_without_values)
{
    struct wtr_event e = sample_event();
    e.data_count = 0;
    e.change = WTR_CHANGE_FIRST;
    check_between(&e, "\"data\":", ",\"raw\"", "\"data\":{\"change\":\"first\"}");
    e.change = WTR_CHANGE_NONE;
    e.has_transition = true;
    check_between(&e, "\"data\":", ",\"raw\"",
                  "\"data\":{\"transition\":{\"earliest\":null,\"latest\":null,\"by\":[]}}");
}

static void check_raw(const struct wtr_raw *raw, size_t count, const char *expected)
{
    struct wtr_event e = sample_event();
    e.raw = raw;
    e.raw_count = count;
    check_between(&e, "\"raw\":", ",\"certainty\"", expected);
}

Test(jsonl, raw_values_as_they_stood)
{
    const struct wtr_raw raw[] = {
        {T("Power"), T("57.310"), WTR_RAW_LITERAL},
        {T("On"), T("true"), WTR_RAW_LITERAL},
        {T("Exp"), T("-1.5E+03"), WTR_RAW_LITERAL},
        {T("Text"), T("57.310"), WTR_RAW_TEXT},
        {T("Name"), T("a\\u00e4b"), WTR_RAW_JSON},
        {T("List"), T("[1,\"x\"]"), WTR_RAW_JSON},
        {T(""), T(""), WTR_RAW_TEXT},
    };
    check_raw(
        raw, COUNT(raw),
        "\"raw\":{\"Power\":57.310,\"On\":true,\"Exp\":-1.5E+03,\"Text\":\"57.310\",\"Name\":\"a\\\\u00e4b\","
        "\"List\":\"[1,\\\"x\\\"]\",\"\":\"\"}");
}

Test(jsonl, what_is_no_literal_is_a_string)
{
    const struct wtr_raw raw[] = {
        {T("a"), T("007"), WTR_RAW_LITERAL}, {T("b"), T("1."), WTR_RAW_LITERAL},
        {T("c"), T(".5"), WTR_RAW_LITERAL},  {T("d"), T("1e"), WTR_RAW_LITERAL},
        {T("e"), T("NaN"), WTR_RAW_LITERAL}, {T("f"), T(""), WTR_RAW_LITERAL},
        {T("g"), T("-"), WTR_RAW_LITERAL},   {T("h"), T("1,\"x\":2"), WTR_RAW_LITERAL},
    };
    check_raw(
        raw, COUNT(raw),
        "\"raw\":{\"a\":\"007\",\"b\":\"1.\",\"c\":\".5\",\"d\":\"1e\",\"e\":\"NaN\",\"f\":\"\",\"g\":\"-\","
        "\"h\":\"1,\\\"x\\\":2\"}");
}

Test(jsonl, hostile_texts)
{
    const struct wtr_raw raw[] = {
        {T("quote\"back\\"), T("line\nbell\a\x7f tab\t"), WTR_RAW_TEXT},
        {T("bytes"), T("\xff\x00\xc3"), WTR_RAW_TEXT},
        {T("bad\xff"), T("\xc2\x9b[2J"), WTR_RAW_TEXT},
        {T("twice"), T("1"), WTR_RAW_LITERAL},
        {T("twice"), T("\xed\xa0\x80"), WTR_RAW_TEXT},
    };
    check_raw(
        raw, COUNT(raw),
        "\"raw\":{\"quote\\\"back\\\\\":\"line\\nbell\\u0007\\u007f tab\\t\",\"bytes\":{\"hex\":\"ff00c3\"},"
        "\"hex:626164ff\":\"\\u009b[2J\",\"twice\":[1,{\"hex\":\"eda080\"}]}");
}

Test(jsonl, names_of_evidence_that_are_not_text)
{
    struct wtr_event e = sample_event();
    e.device = T("tasmota:\xfe");
    e.message = T("tasmota:\xfe reported on");
    check_between(&e, "\"device\":", ",\"channel\"", "\"device\":{\"hex\":\"7461736d6f74613afe\"}");
    check_between(&e, "\"message\":", "\n", "\"message\":\"tasmota:\\\\x{fe} reported on\"}");
}

Test(jsonl, causes)
{
    const struct wtr_id others[] = {{"000000000000000a"}, {"000000000000000b"}};
    struct wtr_event e = sample_event();
    e.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_UNKNOWN};
    check_between(&e, "\"cause\":", ",\"certainty\"", "\"cause\":{\"trigger\":\"unknown\"}");
    e.cause = (struct wtr_cause){.endpoint = T("10.0.0.2:1"), .user = T("u")};
    check_between(&e, "\"cause\":", ",\"certainty\"",
                  "\"cause\":{\"endpoint\":\"10.0.0.2:1\",\"user\":\"u\"}");
    e.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_MQTT,
                                 .basis = WTR_BASIS_MATCHED_REQUEST,
                                 .has_event = true,
                                 .event = {"0000000000000009"},
                                 .others = others,
                                 .other_count = COUNT(others)};
    check_between(&e, "\"cause\":", ",\"certainty\"",
                  "\"cause\":{\"trigger\":\"mqtt\",\"event\":\"0000000000000009\",\"delay_ns\":null,"
                  "\"basis\":\"matched_request\",\"others\":[\"000000000000000a\",\"000000000000000b\"]}");
}

Test(jsonl, frame_time_only_where_it_differs)
{
    struct wtr_event e = sample_event();
    e.evidence.time_ns = SAMPLE_NS - 3000000000;
    check_between(&e, "\"length\":", "},\"path\"", "\"length\":2,\"time_ns\":1767323042678901234");
}

Test(jsonl, times_around_the_epoch_and_at_the_ends)
{
    struct wtr_event e = sample_event();
    e.time_ns = e.evidence.time_ns = -1;
    e.earliest = (struct wtr_bound){true, INT64_MIN};
    e.latest = (struct wtr_bound){true, INT64_MAX};
    check_between(&e, "\"time\":", ",\"device\"",
                  "\"time\":\"1969-12-31T23:59:59.999999999Z\",\"time_ns\":-1,\"time_basis\":\"capture\","
                  "\"time_scale\":\"capture:0\",\"earliest\":\"1677-09-21T00:12:43.145224192Z\","
                  "\"latest\":\"2262-04-11T23:47:16.854775807Z\"");
}

Test(jsonl, seconds_before_and_after_the_epoch_differ)
{
    struct wtr_event e = sample_event();
    e.earliest = (struct wtr_bound){true, -1};
    e.latest = (struct wtr_bound){true, 1};
    check_between(
        &e, "\"earliest\":", ",\"device\"",
        "\"earliest\":\"1969-12-31T23:59:59.999999999Z\",\"latest\":\"1970-01-01T00:00:00.000000001Z\"");
}

static void check_sound(struct wtr_text text)
{
    struct wtr_event e = sample_event();
    struct wtr_json json = {0};
    struct wtr_buffer scratch = {0};
    struct page page;
    e.channel = text;
    page_open(&page, "jsonl", NULL);
    page_event(&page, &e);
    const char *start = page_text(&page);
    struct wtr_text line = wtr_text_of(start, page.text.length - 1); /* without its line feed */
    for (size_t i = 0; i < line.length; i++)
        cr_assert((unsigned char)line.data[i] >= 0x20 && line.data[i] != 0x7f, "byte %zu", i);
    cr_assert(wtr_utf8_valid(line.data, line.length));
    cr_assert(wtr_json_parse(&json, line), "%.*s", (int)line.length, line.data);
    wtr_json_ref channel = wtr_json_get(&json, 0, "channel");
    if (wtr_utf8_valid(text.data, text.length))
        cr_assert(wtr_text_equal(wtr_json_string(&json, channel, &scratch), text));
    else
        cr_assert(wtr_json_is(&json, wtr_json_get(&json, channel, "hex"), WTR_JSON_STRING));
    wtr_json_free(&json);
    wtr_buffer_free(&scratch);
    page_close(&page);
}

Test(jsonl, every_byte_at_every_place)
{
    for (int byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < 18; at++) {
            char text[18];
            memset(text, 'a', sizeof text);
            text[at] = (char)byte;
            check_sound(wtr_text_of(text, sizeof text));
        }
    }
}

/* ---- the other records */

static void check_record(const struct wtr_record *record, const struct wtr_writer_options *options,
                         const char *line)
{
    struct page page;
    page_open(&page, "jsonl", options);
    cr_assert_eq(wtr_writer_record(page.writer, record), WTR_OK);
    cr_assert_str_eq(page_text(&page), line);
    page_close(&page);
}

Test(jsonl, header)
{
    const struct wtr_source sources[] = {{"scene.pcapng", "pcapng", 1234, false},
                                         {"b\"\xff.gz", "pcap", 0, true}};
    struct wtr_header header = {.schema = "wattrail/1",
                                .tool = "wattrail 0.1.0",
                                .sources = sources,
                                .source_count = COUNT(sources),
                                .cause_window_ns = 2000000000};
    const struct wtr_record record = {.type = WTR_RECORD_HEADER, .as.header = &header};
    check_record(
        &record, NULL,
        "{\"record\":\"header\",\"schema\":\"wattrail/1\",\"tool\":\"wattrail 0.1.0\",\"sources\":["
        "{\"source\":0,\"name\":\"scene.pcapng\",\"type\":\"pcapng\",\"size\":1234},"
        "{\"source\":1,\"name\":{\"hex\":\"6222ff2e677a\"},\"type\":\"pcap\",\"compressed\":\"gzip\"}],"
        "\"options\":{\"cause_window_ns\":2000000000,\"reveal_secrets\":false}}\n");
    struct wtr_writer_options options;
    wtr_writer_options_init(&options);
    options.kind = "power.*";
    options.device = "mac:1";
    options.has_from = options.has_to = true;
    options.from_ns = 0;
    options.to_ns = SAMPLE_NS;
    header.source_count = 0;
    header.filter = "tcp port 1883";
    header.reveal_secrets = true;
    check_record(
        &record, &options,
        "{\"record\":\"header\",\"schema\":\"wattrail/1\",\"tool\":\"wattrail 0.1.0\",\"sources\":[],"
        "\"options\":{\"cause_window_ns\":2000000000,\"reveal_secrets\":true,\"filter\":\"tcp port 1883\","
        "\"kind\":\"power.*\",\"device\":\"mac:1\",\"from\":\"1970-01-01T00:00:00.000000000Z\","
        "\"to\":\"2026-01-02T03:04:05.678901234Z\"}}\n");
}

Test(jsonl, finding)
{
    struct wtr_finding finding = {
        .evidence = {.frame = 31, .record_offset = 4410, .offset = 4466, .length = 12, .time_ns = SAMPLE_NS},
        .has_time = true,
        .time_ns = SAMPLE_NS,
        .where = T("mqtt"),
        .reason = T("remaining length runs past the segment"),
        .message = T("mqtt: it does"),
    };
    const struct wtr_record record = {.type = WTR_RECORD_FINDING, .as.finding = &finding};
    check_record(&record, NULL,
                 "{\"record\":\"finding\",\"evidence\":{\"source\":0,\"frame\":31,\"record_offset\":4410,"
                 "\"offset\":4466,\"length\":12},\"where\":\"mqtt\","
                 "\"reason\":\"remaining length runs past the segment\",\"message\":\"mqtt: it does\","
                 "\"time\":\"2026-01-02T03:04:05.678901234Z\",\"time_ns\":1767323045678901234}\n");
    finding.has_time = false;
    finding.evidence.frame = 0;
    finding.message = T("");
    check_record(&record, NULL,
                 "{\"record\":\"finding\",\"evidence\":{\"source\":0,\"record_offset\":4410,\"offset\":4466,"
                 "\"length\":12},\"where\":\"mqtt\",\"reason\":\"remaining length runs past the segment\","
                 "\"message\":\"\"}\n");
}

Test(jsonl, window)
{
    const struct wtr_window window = {
        .source = 2,
        .device = T("mac:x"),
        .protocol = T("mqtt"),
        .client = T("10.0.0.7:50312"),
        .server = T("10.0.0.2:1883"),
        .client_id = T("DVES"),
        .from_ns = SAMPLE_NS,
        .to_ns = SAMPLE_NS + 1000000000,
        .from_start = true,
        .end = T("fin"),
        .frames = {3, 4},
        .bytes = {30, UINT64_MAX},
        .gaps = 1,
        .lost_bytes = 1448,
    };
    const struct wtr_record record = {.type = WTR_RECORD_WINDOW, .as.window = &window};
    check_record(&record, NULL,
                 "{\"record\":\"window\",\"source\":2,\"device\":\"mac:x\",\"protocol\":\"mqtt\","
                 "\"client\":\"10.0.0.7:50312\",\"server\":\"10.0.0.2:1883\",\"client_id\":\"DVES\","
                 "\"from\":\"2026-01-02T03:04:05.678901234Z\",\"to\":\"2026-01-02T03:04:06.678901234Z\","
                 "\"from_start\":true,\"end\":\"fin\",\"frames_from_client\":3,\"frames_from_server\":4,"
                 "\"bytes_from_client\":30,\"bytes_from_server\":18446744073709551615,\"gaps\":1,"
                 "\"lost_bytes\":1448,\"encrypted\":false}\n");
}

#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Test(jsonl, summary)
{
    const struct wtr_coverage coverage[] = {{"mqtt", 311, 1}};
    struct wtr_source_summary source = {
        .sha256 = DIGEST,
        .size = 1,
        .frames = 1042,
        .bytes = 123456,
        .complete = true,
        .has_time = true,
        .first_ns = 0,
        .last_ns = SAMPLE_NS,
        .drops_known = true,
        .dropped = 2,
        .snapped = 3,
        .gaps = 4,
        .lost_bytes = 5,
        .repeated = 6,
        .altered = 7,
        .flows = 8,
        .followed = 9,
        .evicted = 10,
        .fragments = 11,
        .fragments_lost = 12,
        .encrypted_frames = 13,
        .unread_frames = 14,
        .bad_frames = 15,
        .filtered = 16,
        .coverage = coverage,
        .coverage_count = 1,
    };
    const struct wtr_summary summary = {
        .events = 42, .findings = 1, .windows = 2, .copies = 3, .sources = &source, .source_count = 1};
    const struct wtr_record record = {.type = WTR_RECORD_SUMMARY, .as.summary = &summary};
#define TRAFFIC                                                                                              \
    "\"snapped\":3,\"gaps\":4,\"lost_bytes\":5,\"repeated\":6,\"altered\":7,\"flows\":8,\"followed\":9,"     \
    "\"evicted\":10,\"fragments\":11,\"fragments_lost\":12,\"encrypted_frames\":13,\"unread_frames\":14,"    \
    "\"bad_frames\":15,\"filtered\":16,"
    check_record(
        &record, NULL,
        "{\"record\":\"summary\",\"events\":42,\"findings\":1,\"windows\":2,\"copies\":3,\"sources\":["
        "{\"source\":0,\"sha256\":\"" DIGEST "\",\"size\":1,\"frames\":1042,\"bytes\":123456,"
        "\"complete\":true,\"first\":\"1970-01-01T00:00:00.000000000Z\","
        "\"last\":\"2026-01-02T03:04:05.678901234Z\",\"dropped\":2," TRAFFIC
        "\"coverage\":[{\"decoder\":\"mqtt\",\"records\":311,\"errors\":1}]}]}\n");
    source.has_time = source.drops_known = source.complete = false;
    source.coverage_count = 0;
    check_record(
        &record, NULL,
        "{\"record\":\"summary\",\"events\":42,\"findings\":1,\"windows\":2,\"copies\":3,\"sources\":["
        "{\"source\":0,\"sha256\":\"" DIGEST "\",\"size\":1,\"frames\":1042,\"bytes\":123456,"
        "\"complete\":false,\"first\":null,\"last\":null,\"dropped\":null," TRAFFIC "\"coverage\":[]}]}\n");
}

Test(jsonl, summary_of_filtered_events)
{
    const struct wtr_summary summary = {.events = 2};
    struct wtr_event e = sample_event();
    struct wtr_writer_options options;
    struct page page;
    wtr_writer_options_init(&options);
    options.kind = "power.command";
    page_open(&page, "jsonl", &options);
    page_event(&page, &e);
    page_event(&page, &e);
    page_summary(&page, &summary);
    cr_assert_str_eq(page_text(&page),
                     "{\"record\":\"summary\",\"events\":2,\"events_written\":0,\"findings\":0,"
                     "\"windows\":0,\"copies\":0,\"sources\":[]}\n");
    page_close(&page);
}

Test(jsonl, message)
{
    const struct wtr_evidence parts[] = {{.frame = 1, .record_offset = 24, .offset = 94, .length = 1},
                                         {.frame = 2, .record_offset = 111, .offset = 181, .length = 3}};
    struct wtr_message_record message = {
        .protocol = "mqtt",
        .type = "publish",
        .has_time = true,
        .time_ns = 1,
        .src = T("10.0.0.7:50312"),
        .dst = T("10.0.0.2:1883"),
        .fields = T("{\"topic\":\"stat/plug/POWER\",\"qos\":0}"),
        .evidence = {.frame = 1, .record_offset = 24, .offset = 94, .length = 1, .time_ns = 1},
        .parts = parts,
        .part_count = COUNT(parts),
    };
    struct page page;
    page_open(&page, "jsonl", NULL);
    cr_assert_eq(wtr_writer_message(page.writer, &message), WTR_OK);
    message.part_count = 0;
    message.has_time = false;
    message.fields = T("");
    cr_assert_eq(wtr_writer_message(page.writer, &message), WTR_OK);
    cr_assert_str_eq(
        page_text(&page),
        "{\"record\":\"message\",\"protocol\":\"mqtt\",\"type\":\"publish\","
        "\"time\":\"1970-01-01T00:00:00.000000001Z\",\"time_ns\":1,\"src\":\"10.0.0.7:50312\","
        "\"dst\":\"10.0.0.2:1883\",\"fields\":{\"topic\":\"stat/plug/"
        "POWER\",\"qos\":0},\"evidence\":{\"source\":0,"
        "\"frame\":1,\"record_offset\":24,\"offset\":94,\"length\":1,\"parts\":["
        "{\"source\":0,\"frame\":1,\"record_offset\":24,\"offset\":94,\"length\":1},"
        "{\"source\":0,\"frame\":2,\"record_offset\":111,\"offset\":181,\"length\":3}]}}\n"
        "{\"record\":\"message\",\"protocol\":\"mqtt\",\"type\":\"publish\",\"time\":null,\"time_ns\":null,"
        "\"src\":\"10.0.0.7:50312\",\"dst\":\"10.0.0.2:1883\",\"fields\":{},\"evidence\":{\"source\":0,"
        "\"frame\":1,"
        "\"record_offset\":24,\"offset\":94,\"length\":1,\"time_ns\":1}}\n");
    page_close(&page);
}

Test(jsonl, device)
{
    const struct wtr_text macs[] = {T("dc:4f:22:1a:2b:3c")};
    const struct wtr_text names[] = {T("Kettle"), T("\xff")};
    const struct wtr_device_record device = {.device = T("mac:dc:4f:22:1a:2b:3c"),
                                             .vendor = T("tasmota"),
                                             .model = T("S20"),
                                             .firmware = T("13.1.0"),
                                             .macs = macs,
                                             .mac_count = 1,
                                             .names = names,
                                             .name_count = 2,
                                             .has_time = true,
                                             .first_ns = 0,
                                             .last_ns = SAMPLE_NS,
                                             .events = 12};
    struct page page;
    page_open(&page, "jsonl", NULL);
    cr_assert_eq(wtr_writer_device(page.writer, &device), WTR_OK);
    cr_assert_str_eq(page_text(&page),
                     "{\"record\":\"device\",\"device\":\"mac:dc:4f:22:1a:2b:3c\",\"vendor\":\"tasmota\","
                     "\"model\":\"S20\",\"firmware\":\"13.1.0\",\"macs\":[\"dc:4f:22:1a:2b:3c\"],\"ips\":[],"
                     "\"names\":[\"Kettle\",{\"hex\":\"ff\"}],\"first\":\"1970-01-01T00:00:00.000000000Z\","
                     "\"last\":\"2026-01-02T03:04:05.678901234Z\",\"events\":12}\n");
    page_close(&page);
}
