/* SPDX-License-Identifier: Apache-2.0 */
/* What a dump is made of, as JSON lines and as a table; what an event of storage says of its entry. */
#include "writer_page.h"

#include <criterion/criterion.h>

static struct wtr_image_record sample_image(void)
{
    return (struct wtr_image_record){
        .image = 1, .kind = T("ESP32-C3"), .offset = 0, .length = 4194304, .encrypted = true};
}

static struct wtr_volume_record sample_volume(void)
{
    return (struct wtr_volume_record){.image = 1,
                                      .name = T("nvs@0x9000"),
                                      .format = T("nvs"),
                                      .label = T("settings"),
                                      .type = T("nvs"),
                                      .offset = 0x9000,
                                      .length = 4096,
                                      .whole = 20480,
                                      .certain = true,
                                      .entries = 12,
                                      .live = 9,
                                      .failed = 1,
                                      .findings = 2};
}

static struct wtr_entry_record sample_entry(void)
{
    static const struct wtr_evidence parts[] = {{.offset = 100, .length = 2}, {.offset = 300, .length = 3}};
    return (struct wtr_entry_record){
        .image = 1,
        .format = "nvs",
        .volume = T("nvs@0x9000"),
        .path = T("app/\x1bkey"),
        .type = "blob",
        .state = WTR_ENTRY_SUPERSEDED,
        .integrity = WTR_INTEGRITY_WEAK,
        .check = "crc32",
        .order = {.scope = T("pages"), .sequence = 7, .has_sequence = true, .basis = WTR_ORDER_PROBABLE},
        .mixed = true,
        .attributed = true,
        .has_written = true,
        .written_s = 1767323045,
        .encryption = "nvs",
        .secret = true,
        .evidence = {.offset = 100, .length = 2},
        .parts = parts,
        .part_count = 2,
        .transform = {.steps = T("nvs-aes-256-xts"), .key = T("nvs"), .key_origin = T("a.bin, nvs-keys@0x0")},
        .value = T("hush!"),
        .sha256 = "00"};
}

Test(writer_dump, jsonl)
{
    struct page page;
    const struct wtr_image_record image = sample_image();
    const struct wtr_volume_record volume = sample_volume();
    const struct wtr_entry_record entry = sample_entry();
    page_open(&page, "jsonl", NULL);
    cr_expect_eq(wtr_writer_image(page.writer, &image), WTR_OK);
    cr_expect_eq(wtr_writer_volume(page.writer, &volume), WTR_OK);
    cr_expect_eq(wtr_writer_entry(page.writer, &entry), WTR_OK);
    cr_expect_str_eq(
        page_text(&page),
        "{\"record\":\"image\",\"source\":0,\"image\":1,\"kind\":\"ESP32-C3\",\"offset\":0,\"length\":"
        "4194304,"
        "\"encryption\":\"esp32-flash\"}\n"
        "{\"record\":\"volume\",\"source\":0,\"image\":1,\"volume\":\"nvs@0x9000\",\"format\":\"nvs\","
        "\"label\":"
        "\"settings\",\"type\":\"nvs\",\"offset\":36864,\"length\":4096,\"whole\":20480,\"recognised\":"
        "\"certain\","
        "\"entries\":12,\"live\":9,\"failed\":1,\"findings\":2}\n"
        "{\"record\":\"entry\",\"format\":\"nvs\",\"volume\":\"nvs@0x9000\",\"path\":\"app/"
        "\\u001bkey\",\"type\":"
        "\"blob\",\"state\":\"superseded\",\"order\":{\"scope\":\"pages\",\"sequence\":7,\"basis\":"
        "\"probable\"},"
        "\"source\":0,\"image\":1,\"offset\":100,\"length\":5,\"parts\":[{\"offset\":100,\"length\":2},{"
        "\"offset\":300,\"length\":3}],\"mixed\":true,\"integrity\":\"weak\",\"check\":\"crc32\","
        "\"attribution\":\"probable\",\"written\":\"2026-01-02T03:04:05.000000000Z\",\"encryption\":\"nvs\","
        "\"transform\":{\"steps\":\"nvs-aes-256-xts\"},\"key\":{\"name\":\"nvs\",\"from\":\"a.bin, "
        "nvs-keys@0x0\"},\"secret\":true,\"sha256\":\"00\"}\n");
    page_close(&page);
}

/* A value is shown by no format, and what could steer a terminal is spelt out. */
Test(writer_dump, table)
{
    struct page page;
    const struct wtr_image_record image = sample_image();
    const struct wtr_volume_record volume = sample_volume();
    const struct wtr_entry_record entry = sample_entry();
    page_open(&page, "table", NULL);
    wtr_writer_image(page.writer, &image);
    wtr_writer_volume(page.writer, &volume);
    const char *text = page_text(&page);
    cr_expect(strstr(text, "image 1: ESP32-C3, 4194304 bytes at 0x0, encryption fits (esp32-flash)\n"), "%s",
              text);
    cr_expect(strstr(text, "nvs@0x9000  settings  nvs   0x9000  0x1000  12       16384 bytes are missing, "
                           "3 not live, 1 unsound, 2 findings\n"),
              "%s", text);
    page_close(&page);
    page_open(&page, "table", NULL);
    wtr_writer_entry(page.writer, &entry);
    text = page_text(&page);
    cr_expect(strstr(text,
                     "nvs@0x9000  app/\\u{1b}key  blob  superseded  probably pages 7  crc32 weak  5       "
                     "@100+2    secret, name by size and shape, parts of different generations, nvs, "
                     "2 pieces\n"),
              "%s", text);
    cr_expect_not(strstr(text, "hush"), "%s", text);
    page_close(&page);
}

Test(writer_dump, csv_has_no_place_for_it)
{
    struct page page;
    const struct wtr_image_record image = sample_image();
    const struct wtr_volume_record volume = sample_volume();
    page_open(&page, "csv", NULL);
    cr_expect_eq(wtr_writer_image(page.writer, &image), WTR_E_ARGUMENT);
    cr_expect_eq(wtr_writer_volume(page.writer, &volume), WTR_E_ARGUMENT);
    page_close(&page);
}

Test(writer_dump, an_event_of_storage)
{
    struct page page;
    const struct wtr_raw raw[] = {{T("power"), T("ABCD"), WTR_RAW_BYTES}};
    struct wtr_event e = {.id = {"1"},
                          .time_basis = WTR_TIME_ORDER,
                          .certainty = WTR_RECOVERED,
                          .raw = raw,
                          .raw_count = 1,
                          .evidence = {.record_offset = 64, .offset = 64, .length = 4},
                          .path = T("flash/nvs/tasmota"),
                          .stored = true,
                          .record_state = WTR_ENTRY_DELETED,
                          .integrity = WTR_INTEGRITY_OK,
                          .check = T("crc32"),
                          .order = {.scope = T("pages"), .basis = WTR_ORDER_NONE},
                          .mixed = true,
                          .attributed = true,
                          .encryption = T("nvs"),
                          .volume = T("nvs@0x0"),
                          .entry = T("app/key")};
    page_open(&page, "jsonl", NULL);
    page_event(&page, &e);
    const char *text = page_text(&page);
    cr_expect(
        strstr(text,
               "\"raw\":{\"power\":{\"hex\":\"41424344\"}},\"certainty\":\"recovered\",\"record_state\":"
               "\"deleted\",\"integrity\":\"ok\",\"check\":\"crc32\",\"order\":{\"scope\":\"pages\","
               "\"sequence\":null,\"basis\":\"none\"},\"encryption\":\"nvs\",\"mixed\":true,"
               "\"attribution\":\"probable\",\"evidence\":{\"source\":0,\"record_offset\":64,"
               "\"offset\":64,\"length\":4,\"volume\":\"nvs@0x0\",\"path\":\"app/key\"},\"path\":"
               "\"flash/nvs/tasmota\"}"),
        "%s", text);
    page_close(&page);
}
