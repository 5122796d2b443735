/* SPDX-License-Identifier: Apache-2.0 */
/* The front door: the same evidence by path, through the caller's functions and packet by packet gives the
 * same records, by iterator and by callback; and what goes wrong is said. */
#include "wattrail/wattrail.h"

#include <criterion/criterion.h>
#include <openssl/sha.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPTURE WTR_SOURCE_DIR "/captures/first-plug/first-plug.pcap"

enum { MOST_EVENTS = 4096 };

/* What is compared of an event. */
struct seen {
    char id[17];
    enum wtr_kind kind;
    int64_t time_ns;
    uint64_t frame, record_offset, offset, length, copies;
    char message[256];
};

struct timeline {
    struct seen events[MOST_EVENTS];
    size_t count;
    unsigned headers, summaries;
    char sha256[65];
};

static int note(void *payload, const struct wtr_record *record)
{
    struct timeline *t = payload;
    t->headers += record->type == WTR_RECORD_HEADER;
    t->summaries += record->type == WTR_RECORD_SUMMARY;
    if (record->type == WTR_RECORD_SUMMARY)
        memcpy(t->sha256, record->as.summary->sources[0].sha256, sizeof t->sha256);
    if (record->type != WTR_RECORD_EVENT)
        return 0;
    cr_assert_lt(t->count, MOST_EVENTS);
    const struct wtr_event *e = record->as.event;
    struct seen *s = &t->events[t->count++];
    *s = (struct seen){.kind = e->kind,
                       .time_ns = e->has_time ? e->time_ns : 0,
                       .frame = e->evidence.frame,
                       .record_offset = e->evidence.record_offset,
                       .offset = e->evidence.offset,
                       .length = e->evidence.length,
                       .copies = e->copies};
    memcpy(s->id, e->id.text, sizeof s->id);
    snprintf(s->message, sizeof s->message, "%.*s", (int)e->message.length, e->message.data);
    return 0;
}

static void read_by_iterator(wtr_case *c, struct timeline *t)
{
    const struct wtr_record *record;
    enum wtr_status status;
    while ((status = wtr_case_next(c, &record)) == WTR_OK)
        note(t, record);
    cr_assert_eq(status, WTR_END);
    cr_assert_eq(wtr_case_next(c, &record), WTR_END, "the end stays the end");
    cr_assert_eq(t->headers, 1);
    cr_assert_eq(t->summaries, 1);
}

static struct timeline *by_path(void)
{
    struct timeline *t = calloc(1, sizeof *t);
    wtr_case *c;
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    cr_assert_eq(wtr_case_add_path(c, CAPTURE), WTR_OK, "%s", wtr_case_error(c));
    cr_assert_eq(wtr_case_run(c), WTR_OK, "%s", wtr_case_error(c));
    read_by_iterator(c, t);
    const struct wtr_device_record *device = wtr_case_device(c, 0);
    cr_assert_not_null(device);
    cr_assert_eq(device->device.length, strlen("mac:dc:4f:22:1a:2b:3c"));
    cr_assert_null(wtr_case_device(c, 1));
    wtr_case_free(c);
    return t;
}

static void expect_same(const struct timeline *got, const struct timeline *expected)
{
    cr_assert_gt(expected->count, 50);
    cr_assert_eq(got->count, expected->count);
    for (size_t i = 0; i < got->count; i++)
        cr_assert_eq(memcmp(&got->events[i], &expected->events[i], sizeof got->events[i]), 0, "event %zu: %s",
                     i, expected->events[i].message);
}

/* The capture in memory. */
struct memory {
    uint8_t *bytes;
    size_t length;
    size_t at;
    unsigned closed;
};

static struct memory load(void)
{
    struct memory m = {.bytes = malloc(1 << 20)};
    FILE *file = fopen(CAPTURE, "rb");
    cr_assert_not_null(file);
    m.length = fread(m.bytes, 1, 1 << 20, file);
    fclose(file);
    return m;
}

static int64_t memory_read(void *payload, void *buffer, size_t size)
{
    struct memory *m = payload;
    size_t n = m->length - m->at < size ? m->length - m->at : size;
    n = n > 100 ? 100 : n; /* little by little, as a pipe may */
    memcpy(buffer, m->bytes + m->at, n);
    m->at += n;
    return (int64_t)n;
}

static int64_t memory_fails(void *payload, void *buffer, size_t size)
{
    const struct memory *m = payload;
    return m->at < 5000 ? memory_read(payload, buffer, size) : -1;
}

static void memory_close(void *payload)
{
    ((struct memory *)payload)->closed++;
}

Test(case, through_the_callers_functions)
{
    struct timeline *expected = by_path();
    struct timeline *got = calloc(1, sizeof *got);
    struct memory m = load();
    const struct wtr_reader reader = {.read = memory_read, .close = memory_close};
    wtr_case *c;
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    cr_assert_eq(wtr_case_add_reader(c, "evidence", &reader, &m), WTR_OK);
    cr_assert_eq(wtr_case_run(c), WTR_OK);
    cr_assert_eq(wtr_case_each(c, note, got), WTR_OK);
    wtr_case_free(c);
    cr_assert_eq(m.closed, 1);
    expect_same(got, expected);
    cr_assert_str_eq(got->sha256, expected->sha256);
    free(m.bytes);
    free(got);
    free(expected);
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* The capture is a little-endian microsecond pcap of Ethernet (tcpdump's): 24 bytes, then 16 before each
 * packet. */
static void feed_all(wtr_feed *feed, const struct memory *m)
{
    for (size_t at = 24; at + 16 <= m->length; at += 16 + le32(m->bytes + at + 8)) {
        const struct wtr_feed_packet packet = {
            .bytes = m->bytes + at + 16,
            .captured = le32(m->bytes + at + 8),
            .original = le32(m->bytes + at + 12),
            .time_ns = (int64_t)le32(m->bytes + at) * 1000000000 + (int64_t)le32(m->bytes + at + 4) * 1000,
            .resolution_ns = 1000,
            .link_type = 1,
            .record_offset = at,
            .data_offset = at + 16,
        };
        cr_assert_eq(wtr_feed_packet(feed, &packet), WTR_OK);
    }
}

Test(case, packet_by_packet)
{
    struct timeline *expected = by_path();
    struct timeline *got = calloc(1, sizeof *got);
    struct memory m = load();
    uint8_t sha256[32];
    wtr_feed *feed;
    wtr_case *c;
    SHA256(m.bytes, m.length, sha256);
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    cr_assert_eq(wtr_case_add_feed(c, "live", sha256, &feed), WTR_OK);
    cr_assert_eq(wtr_case_add_path(c, CAPTURE), WTR_E_ARGUMENT, "a feed is alone");
    feed_all(feed, &m);
    cr_assert_eq(wtr_case_run(c), WTR_OK);
    read_by_iterator(c, got);
    wtr_case_free(c);
    expect_same(got, expected);
    free(m.bytes);
    free(got);
    free(expected);
}

static int stop_at_third(void *payload, const struct wtr_record *record)
{
    (void)record;
    return ++*(int *)payload == 3;
}

Test(case, the_caller_may_stop)
{
    wtr_case *c;
    int calls = 0;
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    cr_assert_eq(wtr_case_add_path(c, CAPTURE), WTR_OK);
    cr_assert_eq(wtr_case_run(c), WTR_OK);
    cr_assert_eq(wtr_case_each(c, stop_at_third, &calls), WTR_E_CANCELLED);
    cr_assert_eq(calls, 3);
    wtr_case_free(c);
}

static void expect_refused(const char *path, enum wtr_status expected, const char *words)
{
    wtr_case *c;
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    cr_assert_eq(wtr_case_add_path(c, path), expected, "%s", path);
    cr_assert_not_null(strstr(wtr_case_error(c), words), "%s: %s", path, wtr_case_error(c));
    cr_assert_eq(wtr_case_run(c), WTR_E_ARGUMENT, "nothing was added");
    wtr_case_free(c);
}

/* What is no capture is read as a dump, and only that shows that it is none. */
static void expect_unrecognised(const char *path, const char *words)
{
    wtr_case *c;
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    cr_assert_eq(wtr_case_add_path(c, path), WTR_OK, "%s", path);
    cr_assert_eq(wtr_case_run(c), WTR_E_UNRECOGNISED, "%s", path);
    cr_assert_not_null(strstr(wtr_case_error(c), words), "%s: %s", path, wtr_case_error(c));
    wtr_case_free(c);
}

Test(case, what_is_no_capture)
{
    expect_refused(WTR_SOURCE_DIR "/no/such/file.pcap", WTR_E_NOT_FOUND, "file.pcap");
    expect_refused(WTR_SOURCE_DIR "/captures", WTR_E_READ, "captures");
    expect_unrecognised(WTR_SOURCE_DIR "/README.md", "README.md");
    expect_refused("/dev/null", WTR_E_UNRECOGNISED, "null");
}

Test(case, a_reader_that_fails)
{
    struct memory m = load();
    const struct wtr_reader reader = {.read = memory_fails, .close = memory_close};
    wtr_case *c;
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    cr_assert_eq(wtr_case_add_reader(c, "evidence", &reader, &m), WTR_OK);
    cr_assert_eq(wtr_case_run(c), WTR_E_READ);
    cr_assert_not_null(strstr(wtr_case_error(c), "evidence"));
    const struct wtr_record *record;
    cr_assert_eq(wtr_case_next(c, &record), WTR_E_ARGUMENT, "a failed run has no records");
    wtr_case_free(c);
    cr_assert_eq(m.closed, 1);
    free(m.bytes);
}

Test(case, a_file_twice_is_one_source)
{
    struct timeline *expected = by_path();
    struct timeline *got = calloc(1, sizeof *got);
    wtr_case *c;
    cr_assert_eq(wtr_case_new(&c, NULL), WTR_OK);
    cr_assert_eq(wtr_case_add_path(c, CAPTURE), WTR_OK);
    cr_assert_eq(wtr_case_add_path(c, CAPTURE), WTR_OK);
    cr_assert_eq(wtr_case_run(c), WTR_OK);
    read_by_iterator(c, got);
    wtr_case_free(c);
    expect_same(got, expected);
    free(got);
    free(expected);
}

Test(case, options)
{
    struct wtr_options options;
    wtr_case *c;
    wtr_options_init(&options);
    options.memory = 1;
    cr_assert_eq(wtr_case_new(&c, &options), WTR_E_ARGUMENT);
    wtr_options_init(&options);
    options.filter = "this is no filter";
    cr_assert_eq(wtr_case_new(&c, &options), WTR_OK);
    cr_assert_eq(wtr_case_add_path(c, CAPTURE), WTR_OK);
    cr_assert_eq(wtr_case_run(c), WTR_E_ARGUMENT);
    cr_assert_not_null(strstr(wtr_case_error(c), "filter"));
    wtr_case_free(c);
    wtr_case_free(NULL);
}
