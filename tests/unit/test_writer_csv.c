/* SPDX-License-Identifier: Apache-2.0 */
/* CSV: rows made by hand, and that a row is always one line of as many cells as there are names. */
#include "writer_page.h"

#include <criterion/criterion.h>

#define NAMES                                                                                                \
    "time,time_ns,time_basis,time_scale,earliest,latest,device,channel,outlet,kind,state,power_w,voltage_v," \
    "current_a,energy_wh,scope,data,raw,change,transition_earliest,transition_latest,trigger,cause_basis,"   \
    "cause_event,endpoint,client_id,user,app_id,certainty,retained,source,source_name,frame,record_offset,"  \
    "offset,"                                                                                                \
    "length,copies,transform,key,record_state,integrity,order_scope,order_sequence,order_basis,volume,"      \
    "entry,"                                                                                                 \
    "path,id,message\n"

enum { CELLS = 49 };

static void head(struct page *page)
{
    static const struct wtr_source sources[] = {{"a.pcap", "pcap", 1, false},
                                                {"b, \"\x1b.pcap", "pcap", 2, false}};
    const struct wtr_header header = {
        .schema = "wattrail/1", .tool = "wattrail", .sources = sources, .source_count = COUNT(sources)};
    page_header(page, &header);
}

static void check_row(const struct wtr_event *event, const char *row)
{
    struct page page;
    page_open(&page, "csv", NULL);
    head(&page);
    page_event(&page, event);
    const char *text = page_text(&page);
    cr_assert_eq(strncmp(text, NAMES, strlen(NAMES)), 0, "%s", text);
    cr_assert_str_eq(text + strlen(NAMES), row);
    page_close(&page);
}

Test(csv, names_alone)
{
    struct page page;
    page_open(&page, "csv", NULL);
    cr_assert_str_eq(page_text(&page), NAMES);
    page_close(&page);
    page_open(&page, "csv", NULL);
    head(&page);
    const struct wtr_finding finding = {.message = T("m")};
    page_finding(&page, &finding);
    const struct wtr_summary summary = {.events = 0};
    page_summary(&page, &summary);
    cr_assert_str_eq(page_text(&page), NAMES);
    page_close(&page);
}

Test(csv, state)
{
    struct wtr_event e = sample_event();
    e.change = WTR_CHANGE_CHANGED;
    e.has_transition = true;
    e.transition_latest = e.latest;
    e.cause = (struct wtr_cause){.trigger = WTR_TRIGGER_MQTT,
                                 .basis = WTR_BASIS_PRECEDING_COMMAND,
                                 .has_event = true,
                                 .event = {"0c11223344556677"}};
    e.copies = 2;
    e.transform = (struct wtr_transform){T("kasa-xor"), 12, 5, T("tuya bf1"), T("keyring")};
    check_row(&e,
              "2026-01-02T03:04:05.678901234Z,1767323045678901234,capture,capture:0,"
              "2026-01-02T03:04:05.678901234Z,2026-01-02T03:04:05.678902233Z,mac:dc:4f:22:1a:2b:3c,1,1,"
              "power.state,on,,,,,,,\"{\"\"POWER\"\":\"\"ON\"\"}\",changed,,2026-01-02T03:04:05.678902233Z,"
              "mqtt,preceding_command,0c11223344556677,,,,,observed,,0,a.pcap,17,2140,2210,2,2,kasa-xor@12+5,"
              "tuya bf1,,,,,,,,"
              "eth/ipv4/tcp/mqtt/tasmota,9f86d081884c7d65,mac:dc:4f:22:1a:2b:3c channel 1 reported on\n");
}

Test(csv, values_without_a_column_stand_in_data)
{
    const struct wtr_value values[] = {
        {.field = WTR_FIELD_POWER_W, .type = WTR_VALUE_DECIMAL, .number = 57310000},
        {.field = WTR_FIELD_POWER_FACTOR, .type = WTR_VALUE_DECIMAL, .number = 990000},
        {.field = WTR_FIELD_VOLTAGE_V, .type = WTR_VALUE_INTEGER, .number = 230},
        {.field = WTR_FIELD_CURRENT_A, .type = WTR_VALUE_DECIMAL, .number = 1},
        {.field = WTR_FIELD_ENERGY_WH, .type = WTR_VALUE_DECIMAL, .number = -500000},
        {.field = WTR_FIELD_SCOPE, .type = WTR_VALUE_TEXT, .text = T("total")},
        {.field = WTR_FIELD_CURRENT_A, .type = WTR_VALUE_DECIMAL, .number = 2000000},
    };
    struct wtr_event e = {.id = {"1"},
                          .kind = WTR_KIND_POWER_READING,
                          .time_basis = WTR_TIME_BOUNDED,
                          .data = values,
                          .data_count = COUNT(values),
                          .retained = true,
                          .evidence = {.source = 1}};
    check_row(&e, ",,bounded,,,,,,,power.reading,,57.31,230,,-0.5,total,"
                  "\"{\"\"power_factor\"\":0.99,\"\"current_a\"\":[0.000001,2]}\",,,,,,,,,,,,observed,true,1,"
                  "\"b, \"\"\\u{1b}.pcap\",,0,0,0,0,,,,,,,,,,,1,\n");
}

Test(csv, hostile_texts_stay_in_their_cell)
{
    struct wtr_event e = {
        .id = {"1"},
        .device = T("a,b"),
        .channel = T("say \"hi\""),
        .cause = {.client_id = T("x\r\ny"), .user = T("\xe2\x80\xae\xff"), .endpoint = T(" ")},
        .evidence = {.source = 9},
        .message = T("=cmd()")};
    check_row(&e, ",,capture,,,,\"a,b\",\"say \"\"hi\"\"\",,power.state,,,,,,,,,,,,,,, ,x\\u{d}\\u{a}y,"
                  "\\u{202e}\\x{ff},,observed,,9,,,0,0,0,0,,,,,,,,,,,1,=cmd()\n");
}

Test(csv, storage)
{
    struct wtr_event e = {
        .id = {"1"},
        .time_basis = WTR_TIME_ORDER,
        .certainty = WTR_RECOVERED,
        .stored = true,
        .record_state = WTR_ENTRY_SUPERSEDED,
        .integrity = WTR_INTEGRITY_OK,
        .order = {.scope = T("pages"), .sequence = 384, .has_sequence = true, .basis = WTR_ORDER_EXACT},
        .volume = T("nvs@0x9000"),
        .entry = T("app/relay"),
        .path = T("flash/nvs/tasmota")};
    check_row(&e, ",,order,,,,,,,power.state,,,,,,,,,,,,,,,,,,,recovered,,0,a.pcap,,0,0,0,0,,,superseded,ok,"
                  "pages,384,exact,nvs@0x9000,app/relay,flash/nvs/tasmota,1,\n");
}

/* The cells of a row by RFC 4180, or 0 if it is not well-formed. */
static size_t count_cells(struct wtr_text row)
{
    size_t cells = 1;
    bool quoted = false;
    for (size_t i = 0; i < row.length; i++) {
        if (row.data[i] == '"')
            quoted = !quoted;
        else if (row.data[i] == ',' && !quoted)
            cells++;
    }
    return quoted ? 0 : cells;
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

Test(csv, any_bytes_give_one_line_of_all_cells)
{
    uint32_t random = 1;
    for (int round = 0; round < 300; round++) {
        char bytes[64];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)next_random(&random);
        const struct wtr_value value = {
            .field = WTR_FIELD_NAME, .type = WTR_VALUE_TEXT, .text = wtr_text_of(bytes, 20)};
        const struct wtr_raw raw = {wtr_text_of(bytes + 20, 9), wtr_text_of(bytes + 30, 20), WTR_RAW_JSON};
        const struct wtr_event e = {.id = {"1"},
                                    .device = wtr_text_of(bytes, 40),
                                    .data = &value,
                                    .data_count = 1,
                                    .raw = &raw,
                                    .raw_count = 1,
                                    .message = wtr_text_of(bytes + 3, 61)};
        struct page page;
        page_open(&page, "csv", NULL);
        page_event(&page, &e);
        struct wtr_text text = wtr_text_z(page_text(&page));
        cr_assert_eq(text.length, page.text.length, "a NUL was written");
        cr_assert_eq(count_cells(wtr_text_cut(&text, '\n')), CELLS);
        cr_assert_eq(count_cells(wtr_text_cut(&text, '\n')), CELLS);
        cr_assert_eq(text.length, 0, "more than two lines");
        page_close(&page);
    }
}
