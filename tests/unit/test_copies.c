/* SPDX-License-Identifier: Apache-2.0 */
/* The search for copies, rule by rule, on statements made by hand. */
#include "timeline/copies.h"

#include <criterion/criterion.h>

#define MS INT64_C(1000000)

enum { PLUG = 1, HUB = 2, PANEL = 3, NOBODY = 0 };

static struct wtr_devices devices;
static struct wtr_sorter *items, *notes, *out;
static uint64_t sequence;

static void open_all(void)
{
    const size_t memory = 1 << 20;
    sequence = 0;
    wtr_devices_find(&devices, "tasmota", WTR_TEXT("plug1"), WTR_TEXT("10.0.0.2:1883"));
    cr_assert(wtr_devices_name(&devices));
    cr_assert_eq(wtr_sorter_new(&items, sizeof(struct wtr_key), wtr_key_compare_any, memory, NULL), WTR_OK);
    cr_assert_eq(wtr_sorter_new(&notes, sizeof(struct wtr_key), wtr_key_compare_any, memory, NULL), WTR_OK);
    cr_assert_eq(wtr_sorter_new(&out, sizeof(struct wtr_key), wtr_key_compare_any, memory, NULL), WTR_OK);
}

static void close_all(void)
{
    wtr_sorter_free(items);
    wtr_sorter_free(notes);
    wtr_sorter_free(out);
    wtr_devices_free(&devices);
}

TestSuite(copies, .init = open_all, .fini = close_all);

static struct wtr_item statement(int64_t ms, enum wtr_leg leg, uint64_t flow, uint8_t relay)
{
    struct wtr_item item = {.fixed = {.type = WTR_ITEM_STATEMENT,
                                      .kind = WTR_KIND_POWER_STATE,
                                      .leg = (uint8_t)leg,
                                      .flow = flow,
                                      .flow_start_ns = INT64_MIN}};
    item.fixed.relay[0] = relay;
    item.fixed.origin.time_ns = ms * MS;
    item.fixed.key.time_ns = ms * MS;
    return item;
}

static void add(struct wtr_item item)
{
    struct wtr_buffer packed = {0};
    item.fixed.key.sequence = sequence++;
    item.fixed.key.record_offset = sequence * 100;
    wtr_item_pack(&item, &packed);
    cr_assert_eq(wtr_sorter_add(items, &item.fixed.key, wtr_buffer_text(&packed)), WTR_OK);
    wtr_buffer_free(&packed);
}

static void published(int64_t ms, uint64_t flow, uint8_t relay)
{
    add(statement(ms, WTR_LEG_TO_BROKER, flow, relay));
}

static void delivered(int64_t ms, uint64_t flow, uint8_t relay)
{
    add(statement(ms, WTR_LEG_FROM_BROKER, flow, relay));
}

static void lost(int64_t ms, uint64_t flow)
{
    struct wtr_item item = statement(ms, WTR_LEG_NONE, flow, 0);
    item.fixed.type = WTR_ITEM_GAP;
    add(item);
}

/* How many statements are copies, and the time (ms) of the original that the n-th copy belongs to. */
static size_t find(int64_t originals[8])
{
    struct wtr_sorted *sorted;
    const void *key;
    struct wtr_text record;
    size_t copies = 0;
    struct wtr_map same = {0};
    cr_assert_eq(wtr_sorter_seal(items), WTR_OK);
    cr_assert_eq(wtr_sorter_seal(notes), WTR_OK);
    cr_assert_eq(wtr_copies_find(items, notes, &devices, out, &same, NULL), WTR_OK);
    cr_assert_eq(wtr_sorter_seal(out), WTR_OK);
    cr_assert_eq(wtr_sorted_open(&sorted, out), WTR_OK);
    while (wtr_sorted_next(sorted, &key, &record) == WTR_OK) {
        struct wtr_note note;
        struct wtr_key about;
        memcpy(&about, key, sizeof about);
        cr_assert(wtr_note_take(&about, record, &note));
        if (note.type == WTR_NOTE_ALSO && copies < 8)
            originals[copies++] = note.about.time_ns / MS;
    }
    wtr_sorted_close(sorted);
    wtr_map_free(&same);
    return copies;
}

static void expect(size_t count, int64_t first, int64_t second)
{
    int64_t originals[8] = {-1, -1};
    cr_assert_eq(find(originals), count);
    if (count > 0)
        cr_assert_eq(originals[0], first);
    if (count > 1)
        cr_assert_eq(originals[1], second);
}

Test(copies, a_delivery_to_each_subscriber)
{
    published(0, PLUG, 1);
    delivered(1, HUB, 1);
    delivered(2, PANEL, 1);
    expect(2, 0, 0);
}

Test(copies, the_kth_delivery_is_of_the_kth_publication)
{
    published(0, PLUG, 1);
    published(1, PLUG, 1);
    delivered(2, HUB, 1);
    delivered(100, HUB, 1);
    expect(2, 0, 1);
}

Test(copies, other_bytes_are_another_message)
{
    published(0, PLUG, 1);
    delivered(1, HUB, 2);
    expect(0, 0, 0);
}

Test(copies, what_comes_much_later_is_another_message)
{
    published(0, PLUG, 1);
    delivered(10001, HUB, 1);
    expect(0, 0, 0);
}

Test(copies, a_connection_opened_since_was_not_sent_it)
{
    published(0, PLUG, 1);
    struct wtr_item item = statement(1000, WTR_LEG_FROM_BROKER, HUB, 1);
    item.fixed.flow_start_ns = 500 * MS;
    add(item);
    expect(0, 0, 0);
}

Test(copies, unless_the_session_was_resumed)
{
    published(0, PLUG, 1);
    struct wtr_item item = statement(60000, WTR_LEG_FROM_BROKER, HUB, 1);
    item.fixed.flow_start_ns = 59000 * MS;
    item.fixed.flags = WTR_FLAG_RESUMED;
    add(item);
    expect(1, 0, 0);
}

Test(copies, a_loss_may_hide_the_groups_own_delivery)
{
    published(0, PLUG, 1);
    lost(5, HUB);
    delivered(6, HUB, 1);
    expect(0, 0, 0);
}

Test(copies, a_stored_message_is_no_relay)
{
    published(0, PLUG, 1);
    struct wtr_item item = statement(1, WTR_LEG_FROM_BROKER, HUB, 1);
    item.fixed.flags = WTR_FLAG_RETAINED;
    add(item);
    expect(0, 0, 0);
}

Test(copies, but_one_that_may_be_live_is)
{
    published(0, PLUG, 1);
    struct wtr_item item = statement(1, WTR_LEG_FROM_BROKER, HUB, 1);
    item.fixed.flags = WTR_FLAG_RETAINED | WTR_FLAG_OR_LIVE;
    add(item);
    expect(1, 0, 0);
}

Test(copies, overlapping_subscriptions)
{
    published(0, PLUG, 1);
    delivered(1, HUB, 1);
    delivered(2, HUB, 1);
    delivered(500, HUB, 1); /* too late for that: an event of its own */
    expect(2, 0, 0);
}

Test(copies, deliveries_whose_publication_is_not_in_view)
{
    delivered(0, HUB, 1);
    delivered(1, PANEL, 1);
    delivered(1000, PANEL, 1);
    expect(1, 0, 0);
}

Test(copies, the_same_bytes_at_another_port)
{
    struct wtr_item item = statement(0, WTR_LEG_NONE, PLUG, 0);
    item.fixed.segment[0] = 7;
    add(item);
    item = statement(3, WTR_LEG_NONE, HUB, 0);
    item.fixed.segment[0] = 7;
    add(item);
    item = statement(5004, WTR_LEG_NONE, PANEL, 0);
    item.fixed.segment[0] = 7;
    add(item);
    expect(1, 0, 0);
}

/* A publication is no copy of what was delivered before its connection was opened; one captured just behind
 * its delivery is. */
Test(copies, a_delivery_before_the_publications_connection)
{
    struct wtr_item later = statement(1009, WTR_LEG_TO_BROKER, HUB, 7);
    later.fixed.flow_start_ns = 1004 * MS;
    delivered(1000, PLUG, 7);
    add(later);
    expect(0, -1, -1);
}

Test(copies, a_publication_captured_behind_its_delivery)
{
    struct wtr_item later = statement(1009, WTR_LEG_TO_BROKER, HUB, 7);
    later.fixed.flow_start_ns = 900 * MS;
    delivered(1000, PLUG, 7);
    add(later);
    expect(1, 1000, -1);
}

Test(copies, equal_datagrams)
{
    for (int64_t ms = 0; ms <= 1000; ms += ms == 0 ? 1 : 999) {
        struct wtr_item item = statement(ms, WTR_LEG_NONE, NOBODY, 0);
        item.fixed.segment[0] = 7;
        item.fixed.message = (uint64_t)ms + 1;
        add(item);
    }
    expect(1, 0, 0);
}

static struct wtr_item ending(int64_t ms, uint64_t flow, bool will)
{
    struct wtr_item item = statement(ms, WTR_LEG_FROM_BROKER, flow, 0);
    item.fixed.kind = WTR_KIND_SESSION_CLOSE;
    item.fixed.flags = will ? WTR_FLAG_LAST_WILL : 0;
    return item;
}

Test(copies, a_will_beside_the_end_that_it_tells_of)
{
    struct wtr_item will = ending(1000, HUB, true);
    will.fixed.key.time_ns = 0; /* it stands at its earliest time, before the end in order */
    add(will);
    add(ending(1001, PLUG, false));
    expect(1, 1001, 0);
}

Test(copies, a_late_end_of_what_had_ended)
{
    add(ending(1000, HUB, true));
    add(ending(60000, PLUG, false));
    expect(1, 1000, 0);
}

Test(copies, the_end_of_the_next_session)
{
    add(ending(1000, HUB, true));
    struct wtr_item opening = statement(2000, WTR_LEG_TO_BROKER, PLUG, 0);
    opening.fixed.kind = WTR_KIND_SESSION_OPEN;
    add(opening);
    add(ending(60000, PLUG, false));
    expect(0, 0, 0);
}

/* A datagram that says two things of one kind, in different bytes of it. */
static void said_twice(int64_t ms, uint64_t message)
{
    for (int i = 0; i < 2; i++) {
        struct wtr_item item = statement(ms, WTR_LEG_NONE, NOBODY, 0);
        item.fixed.segment[0] = 7;
        item.fixed.message = message;
        add(item);
    }
}

Test(copies, what_a_datagram_says_twice_is_no_copy)
{
    said_twice(0, 1);
    expect(0, 0, 0);
}

Test(copies, a_datagram_that_says_two_things_seen_twice)
{
    said_twice(0, 1);
    said_twice(1, 2);
    expect(2, 0, 0);
}
