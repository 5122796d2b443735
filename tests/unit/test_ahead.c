/* SPDX-License-Identifier: Apache-2.0 */
/* Records made ahead by a thread are those that are made one by one, wherever their reader stops. */
#include "timeline/ahead.h"

#include <criterion/criterion.h>

enum { MANY = 20000, FEW = 100, MEMORY = 1 << 20 };

static const uint8_t source_sha256[1][32] = {{1, 2, 3}};
static const struct wtr_clock clocks[1];
static struct wtr_devices devices;
static struct wtr_sorter *items, *notes;

static void add_statement(uint64_t number)
{
    const char *state = number % 3 ? "on" : "off";
    struct wtr_item item = {.fixed = {.type = WTR_ITEM_STATEMENT,
                                      .kind = WTR_KIND_POWER_STATE,
                                      .flow = 1,
                                      .device = (uint32_t)(number % devices.count)},
                            .channel = WTR_TEXT("1"),
                            .value_count = 1};
    struct wtr_buffer packed = {0};
    item.values[0] =
        (struct wtr_value){.field = WTR_FIELD_STATE, .type = WTR_VALUE_TEXT, .text = wtr_text_z(state)};
    item.fixed.key = (struct wtr_key){.time_ns = (int64_t)number * 1000, .offset = number * 100};
    item.fixed.origin =
        (struct wtr_origin){.time_ns = (int64_t)number * 1000, .frame = number + 1, .offset = number * 100};
    wtr_item_pack(&item, &packed);
    cr_assert_eq(wtr_sorter_add(items, &item.fixed.key, wtr_buffer_text(&packed)), WTR_OK);
    wtr_buffer_free(&packed);
}

static struct wtr_timeline *timeline_of(uint64_t count)
{
    struct wtr_timeline *timeline;
    cr_assert_eq(wtr_sorter_new(&items, sizeof(struct wtr_key), wtr_key_compare_any, MEMORY, NULL), WTR_OK);
    cr_assert_eq(wtr_sorter_new(&notes, sizeof(struct wtr_key), wtr_key_compare_any, MEMORY, NULL), WTR_OK);
    wtr_devices_find(&devices, "test", WTR_TEXT("a"), WTR_TEXT(""));
    wtr_devices_find(&devices, "test", WTR_TEXT("b"), WTR_TEXT(""));
    cr_assert(wtr_devices_name(&devices));
    wtr_devices_settle(&devices);
    for (uint64_t i = 0; i < count; i++)
        add_statement(i);
    cr_assert_eq(wtr_sorter_seal(items), WTR_OK);
    cr_assert_eq(wtr_sorter_seal(notes), WTR_OK);
    const struct wtr_timeline_setup setup = {.items = items,
                                             .notes = notes,
                                             .devices = &devices,
                                             .source_sha256 = source_sha256,
                                             .source_count = 1,
                                             .clocks = clocks,
                                             .memory = MEMORY};
    cr_assert_eq(wtr_timeline_new(&timeline, &setup), WTR_OK);
    return timeline;
}

static void close_timeline(struct wtr_timeline *timeline)
{
    wtr_timeline_free(timeline);
    wtr_sorter_free(items);
    wtr_sorter_free(notes);
    wtr_devices_free(&devices);
}

/* Reads `stop` records at most, and expects each to be what another timeline of the same items makes of it.
 */
static void expect_same(uint64_t count, uint64_t stop)
{
    struct wtr_timeline *timeline = timeline_of(count);
    struct wtr_timeline *other;
    struct wtr_ahead *ahead;
    struct wtr_made made = {0};
    const struct wtr_record *record = NULL;
    const struct wtr_timeline_setup setup = {.items = items,
                                             .notes = notes,
                                             .devices = &devices,
                                             .source_sha256 = source_sha256,
                                             .source_count = 1,
                                             .clocks = clocks,
                                             .memory = MEMORY};
    cr_assert_eq(wtr_timeline_new(&other, &setup), WTR_OK);
    cr_assert_eq(wtr_ahead_new(&ahead, timeline, count), WTR_OK);
    for (uint64_t i = 0; i < count && i < stop; i++) {
        cr_assert_eq(wtr_timeline_next(other, &made), WTR_OK);
        cr_assert(wtr_made_word(&made));
        cr_assert_eq(wtr_ahead_next(ahead, &record), WTR_OK, "record %u", (unsigned)i);
        const struct wtr_event *event = record->as.event, *expected = made.record.as.event;
        cr_assert_eq(event->time_ns, (int64_t)i * 1000);
        cr_assert_str_eq(event->id.text, expected->id.text);
        cr_assert_eq(event->change, expected->change);
        cr_assert_eq(event->evidence.frame, i + 1);
        cr_assert(wtr_text_equal(event->device, expected->device));
        cr_assert(event->message.length > 0);
        cr_assert(wtr_text_equal(event->message, expected->message));
    }
    if (stop > count) {
        cr_assert_eq(wtr_ahead_next(ahead, &record), WTR_END);
        cr_assert_eq(wtr_ahead_next(ahead, &record), WTR_END, "and it stays so");
        cr_assert_eq(wtr_timeline_counts(timeline).events, count);
    }
    wtr_ahead_free(ahead);
    wtr_made_free(&made);
    wtr_timeline_free(other);
    close_timeline(timeline);
}

Test(ahead, all_of_many)
{
    expect_same(MANY, UINT64_MAX);
}

Test(ahead, all_of_few)
{
    expect_same(FEW, UINT64_MAX);
}

Test(ahead, none)
{
    expect_same(0, UINT64_MAX);
}

Test(ahead, a_reader_that_stops)
{
    expect_same(MANY, 0);
    expect_same(MANY, 1);
    expect_same(MANY, 64);
    expect_same(MANY, 65);
    expect_same(MANY, MANY / 2);
}
