/* SPDX-License-Identifier: Apache-2.0 */
/* When a relay went on, from the on-times of polls made by hand. Times are in milliseconds. */
#include "timeline/derive.h"

#include "timeline/copies.h"
#include "timeline/note.h"

#include <criterion/criterion.h>

#define MS INT64_C(1000000)

static struct wtr_devices devices;
static struct wtr_sorter *items, *notes, *out;
static uint64_t sequence;
static struct wtr_clock clock_of_0;

static void open_all(void)
{
    struct wtr_sorter **all[] = {&items, &notes, &out};
    sequence = 0;
    clock_of_0 = (struct wtr_clock){0};
    wtr_devices_find(&devices, "kasa", WTR_TEXT("192.168.0.5"), WTR_TEXT("capture:0"));
    cr_assert(wtr_devices_name(&devices));
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(wtr_sorter_new(all[i], sizeof(struct wtr_key), wtr_key_compare_any, 1 << 20, NULL),
                     WTR_OK);
}

static void close_all(void)
{
    wtr_sorter_free(items);
    wtr_sorter_free(notes);
    wtr_sorter_free(out);
    wtr_devices_free(&devices);
}

TestSuite(derive, .init = open_all, .fini = close_all);

/* on_time_s below 0: the poll gives none. */
static void poll(int64_t ms, const char *state, int64_t on_time_s, uint16_t flags)
{
    struct wtr_item item = {
        .fixed = {.type = WTR_ITEM_STATEMENT, .kind = WTR_KIND_POWER_STATE, .flags = flags}};
    struct wtr_buffer packed = {0};
    item.values[item.value_count++] =
        (struct wtr_value){.field = WTR_FIELD_STATE, .type = WTR_VALUE_TEXT, .text = wtr_text_z(state)};
    if (on_time_s >= 0)
        item.fixed.flags |= WTR_FLAG_ON_TIME;
    if (on_time_s >= 0)
        item.values[item.value_count++] =
            (struct wtr_value){.field = WTR_FIELD_ON_TIME_S, .type = WTR_VALUE_INTEGER, .number = on_time_s};
    item.fixed.origin.time_ns = item.fixed.key.time_ns = ms * MS;
    item.fixed.key.sequence = sequence++;
    item.fixed.origin.offset = item.fixed.key.record_offset = item.fixed.origin.record_offset =
        sequence * 100;
    item.fixed.key.offset = item.fixed.origin.offset;
    wtr_item_pack(&item, &packed);
    cr_assert_eq(wtr_sorter_add(items, &item.fixed.key, wtr_buffer_text(&packed)), WTR_OK);
    wtr_buffer_free(&packed);
}

struct run {
    int64_t earliest_ms, latest_ms;
    int64_t statements;
    size_t listed;
};

/* The runs found, in order of time. */
static size_t derive(struct run *runs, size_t most)
{
    static const uint8_t sha256[1][32];
    struct wtr_sha256 *hash = wtr_sha256_new();
    struct wtr_sorter *kept;
    const struct wtr_timeline_setup setup = {.items = items,
                                             .devices = &devices,
                                             .source_sha256 = sha256,
                                             .source_count = 1,
                                             .clocks = &clock_of_0,
                                             .on_times = true};
    struct wtr_sorted *sorted;
    const void *key;
    struct wtr_text record;
    size_t count = 0;
    struct wtr_deriver *deriver;
    struct wtr_map same = {0};
    cr_assert_eq(wtr_sorter_seal(items), WTR_OK);
    cr_assert_eq(wtr_sorter_seal(notes), WTR_OK);
    cr_assert_eq(wtr_sorter_new(&kept, sizeof(struct wtr_key), wtr_key_compare_any, 1 << 20, NULL), WTR_OK);
    cr_assert_eq(wtr_deriver_new(&deriver, &setup, hash, out), WTR_OK);
    const struct wtr_originals originals = {deriver, wtr_deriver_add};
    cr_assert_eq(wtr_copies_find(items, notes, &devices, kept, &same, &originals), WTR_OK);
    cr_assert_eq(wtr_deriver_finish(deriver), WTR_OK);
    wtr_deriver_free(deriver);
    wtr_map_free(&same);
    wtr_sorter_free(kept);
    cr_assert_eq(wtr_sorter_seal(out), WTR_OK);
    cr_assert_eq(wtr_sorted_open(&sorted, out), WTR_OK);
    while (wtr_sorted_next(sorted, &key, &record) == WTR_OK) {
        struct wtr_item item;
        struct wtr_key at;
        memcpy(&at, key, sizeof at);
        cr_assert(wtr_item_unpack(&at, record, &item));
        cr_assert_eq(item.fixed.flags & (WTR_FLAG_DERIVED | WTR_FLAG_BOUNDED),
                     WTR_FLAG_DERIVED | WTR_FLAG_BOUNDED);
        if (count < most)
            runs[count] = (struct run){item.fixed.earliest_ns / MS, item.fixed.latest_ns / MS,
                                       wtr_item_value(&item, WTR_FIELD_STATEMENTS)->number,
                                       item.derived_from.length / sizeof(struct wtr_id)};
        count++;
    }
    wtr_sorted_close(sorted);
    wtr_sha256_free(hash);
    return count;
}

static void expect(size_t count, struct run first, struct run second)
{
    struct run got[2] = {{0}};
    const struct run want[2] = {first, second};
    cr_assert_eq(derive(got, 2), count);
    for (size_t i = 0; i < count && i < 2; i++) {
        cr_assert_eq(got[i].earliest_ms, want[i].earliest_ms, "%zu: %ld", i, (long)got[i].earliest_ms);
        cr_assert_eq(got[i].latest_ms, want[i].latest_ms, "%zu: %ld", i, (long)got[i].latest_ms);
        cr_assert_eq(got[i].statements, want[i].statements);
        cr_assert_eq(got[i].listed, want[i].listed);
    }
}

static const struct run nothing;

Test(derive, one_poll)
{
    poll(100000, "on", 40, 0);
    expect(1, (struct run){58996, 61004, 1, 1}, nothing); /* 40 s: 4 ms of drift */
}

Test(derive, polls_of_one_run_meet)
{
    poll(100000, "on", 40, 0); /* 58.996 .. 61.004 */
    poll(110700, "on", 50, 0); /* 59.695 .. 61.705 */
    poll(120200, "on", 60, 0); /* 59.194 .. 61.206 */
    expect(1, (struct run){59695, 61004, 3, 3}, nothing);
}

Test(derive, never_after_the_poll)
{
    poll(100000, "on", 0, 0);
    expect(1, (struct run){99000, 100000, 1, 1}, nothing);
}

Test(derive, off_ends_the_run)
{
    poll(100000, "on", 40, 0);
    poll(150000, "off", 0, 0);
    poll(200000, "on", 5, 0);
    expect(2, (struct run){58996, 61004, 1, 1}, (struct run){193999, 196000, 1, 1});
}

Test(derive, off_and_on_between_two_polls)
{
    poll(100000, "on", 40, 0);
    poll(200000, "on", 50, 0); /* more than before, and yet since 149 at the earliest */
    expect(2, (struct run){58996, 61004, 1, 1}, (struct run){148995, 151005, 1, 1});
}

Test(derive, a_counter_that_fell)
{
    poll(100000, "on", 40, 0);
    poll(101000, "on", 1, 0);
    expect(2, (struct run){58996, 61004, 1, 1}, (struct run){98999, 101000, 1, 1});
}

/* A device's clock that runs slow for three hours: the moment that it dates wanders by a second, and is one
 * moment all the same; the bounds still hold it, whose truth is 90 s. */
Test(derive, a_clock_that_drifts)
{
    struct run got = {0};
    for (int64_t s = 0; s <= 10800; s += 60)
        poll(100000 + s * 1000, "on", 10 + s - s / 10000, 0);
    cr_assert_eq(derive(&got, 1), 1);
    cr_assert(got.earliest_ms <= 90000 && got.latest_ms >= 90000, "%ld .. %ld", (long)got.earliest_ms,
              (long)got.latest_ms);
    cr_assert(got.latest_ms - got.earliest_ms <= 2002);
    cr_assert_eq(got.statements, 181);
    cr_assert_eq(got.listed, 14); /* the first 14, whose first set both bounds */
}

/* One that wanders by more than any crystal is no reason for another run, nor for bounds that meet nowhere.
 */
Test(derive, a_clock_that_is_broken)
{
    struct run got = {0};
    for (int64_t s = 0; s <= 10800; s += 60)
        poll(100000 + s * 1000, "on", 10 + s - s / 1000, 0);
    cr_assert_eq(derive(&got, 1), 1);
    cr_assert_leq(got.earliest_ms, got.latest_ms);
}

Test(derive, past_and_stored_statements_date_nothing)
{
    poll(100000, "on", 40, WTR_FLAG_PAST);
    poll(110000, "on", 40, WTR_FLAG_RETAINED | WTR_FLAG_BOUNDED);
    poll(120000, "on", -1, 0);
    poll(130000, "on", INT64_MAX, 0);
    expect(0, nothing, nothing);
}

Test(derive, the_clocks_relation_widens_it)
{
    clock_of_0.uncertainty_ns = 20 * MS;
    poll(100000, "on", 40, 0);
    expect(1, (struct run){58976, 61024, 1, 1}, nothing);
}
