/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the writers share: a page that collects what is written, and records made by hand. */
#ifndef WTR_TEST_WRITER_PAGE_H
#define WTR_TEST_WRITER_PAGE_H

#include "base/text.h"
#include "wattrail/writer.h"

#include <criterion/criterion.h>

#define T(literal) WTR_TEXT(literal)
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* 2026-01-02T03:04:05.678901234Z */
#define SAMPLE_NS INT64_C(1767323045678901234)

struct page {
    wtr_writer *writer;
    struct wtr_buffer text;
    unsigned writes;
    unsigned writes_before_failure; /* 0: it never fails */
};

static inline int page_write(void *payload, const char *data, size_t length)
{
    struct page *page = payload;
    page->writes++;
    if (page->writes_before_failure && page->writes > page->writes_before_failure)
        return -1;
    wtr_put(&page->text, data, length);
    return 0;
}

static inline void page_open(struct page *page, const char *format, const struct wtr_writer_options *options)
{
    *page = (struct page){0};
    cr_assert_eq(wtr_writer_new(&page->writer, format, options, page_write, page), WTR_OK);
}

static inline void page_event(struct page *page, const struct wtr_event *event)
{
    const struct wtr_record record = {.type = WTR_RECORD_EVENT, .as.event = event};
    cr_assert_eq(wtr_writer_record(page->writer, &record), WTR_OK);
}

static inline void page_header(struct page *page, const struct wtr_header *header)
{
    const struct wtr_record record = {.type = WTR_RECORD_HEADER, .as.header = header};
    cr_assert_eq(wtr_writer_record(page->writer, &record), WTR_OK);
}

static inline void page_finding(struct page *page, const struct wtr_finding *finding)
{
    const struct wtr_record record = {.type = WTR_RECORD_FINDING, .as.finding = finding};
    cr_assert_eq(wtr_writer_record(page->writer, &record), WTR_OK);
}

static inline void page_summary(struct page *page, const struct wtr_summary *summary)
{
    const struct wtr_record record = {.type = WTR_RECORD_SUMMARY, .as.summary = summary};
    cr_assert_eq(wtr_writer_record(page->writer, &record), WTR_OK);
}

/* Ends the page and gives what was written on it, with a NUL behind it. */
static inline const char *page_text(struct page *page)
{
    cr_assert_eq(wtr_writer_finish(page->writer), WTR_OK);
    wtr_put_char(&page->text, '\0');
    cr_assert_not(page->text.failed);
    page->text.length--;
    return page->text.data;
}

static inline void page_close(struct page *page)
{
    wtr_writer_free(page->writer);
    wtr_buffer_free(&page->text);
}

/* The plug's report of the documented example, without what the tests add to it. */
static inline struct wtr_event sample_event(void)
{
    static const struct wtr_value on[] = {
        {.field = WTR_FIELD_STATE, .type = WTR_VALUE_TEXT, .text = {"on", 2}}};
    static const struct wtr_raw raw[] = {{{"POWER", 5}, {"ON", 2}, WTR_RAW_TEXT}};
    return (struct wtr_event){
        .id = {"9f86d081884c7d65"},
        .kind = WTR_KIND_POWER_STATE,
        .time_basis = WTR_TIME_CAPTURE,
        .has_time = true,
        .time_ns = SAMPLE_NS,
        .time_scale = T("capture:0"),
        .earliest = {true, SAMPLE_NS},
        .latest = {true, SAMPLE_NS + 999},
        .device = T("mac:dc:4f:22:1a:2b:3c"),
        .channel = T("1"),
        .outlet = 1,
        .data = on,
        .data_count = COUNT(on),
        .raw = raw,
        .raw_count = COUNT(raw),
        .certainty = WTR_OBSERVED,
        .evidence = {.source = 0,
                     .frame = 17,
                     .record_offset = 2140,
                     .offset = 2210,
                     .length = 2,
                     .time_ns = SAMPLE_NS},
        .path = T("eth/ipv4/tcp/mqtt/tasmota"),
        .message = T("mac:dc:4f:22:1a:2b:3c channel 1 reported on"),
    };
}

#endif
