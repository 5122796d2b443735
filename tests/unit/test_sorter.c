/* SPDX-License-Identifier: Apache-2.0 */
/* The sorter, in memory and on disk, against a sort of the same keys by the C library. */
#include "base/sorter.h"

#include <criterion/criterion.h>

#include <stdlib.h>

struct key {
    uint32_t major;
    uint32_t number; /* unique, in the order of adding */
};

static int compare_keys(const void *a, const void *b)
{
    struct key ka, kb;
    memcpy(&ka, a, sizeof ka);
    memcpy(&kb, b, sizeof kb);
    return ka.major < kb.major ? -1 : ka.major > kb.major;
}

static int compare_stable(const void *a, const void *b)
{
    int order = compare_keys(a, b);
    const struct key *ka = a, *kb = b;
    return order ? order : ka->number < kb->number ? -1 : 1;
}

/* Records of different lengths whose bytes follow from their number. */
static struct wtr_text record_for(uint32_t number, uint8_t room[512])
{
    size_t length = number * 7 % 300;
    memset(room, (int)(number & 0xff), length);
    return wtr_text_of(room, length);
}

static void check(struct wtr_sorter *sorter, const struct key *expected, size_t count)
{
    struct wtr_sorted *sorted;
    uint8_t room[512];
    const void *key;
    struct wtr_text record;
    cr_assert_eq(wtr_sorted_open(&sorted, sorter), WTR_OK);
    for (size_t i = 0; i < count; i++) {
        struct key got;
        cr_assert_eq(wtr_sorted_next(sorted, &key, &record), WTR_OK);
        memcpy(&got, key, sizeof got);
        cr_assert_eq(got.major, expected[i].major, "record %zu", i);
        cr_assert_eq(got.number, expected[i].number, "record %zu: equals keep their order", i);
        cr_assert(wtr_text_equal(record, record_for(got.number, room)), "record %zu's bytes", i);
    }
    cr_assert_eq(wtr_sorted_next(sorted, &key, &record), WTR_END);
    wtr_sorted_close(sorted);
}

/* Every `late`-th record (0: none) comes long after its place. */
static void run_with_stragglers(size_t count, size_t memory, uint32_t spread, uint32_t disorder,
                                uint32_t late)
{
    struct wtr_sorter *sorter;
    struct key *keys = calloc(count + 1, sizeof *keys);
    uint8_t room[512];
    uint32_t random = 12345;
    cr_assert_eq(wtr_sorter_new(&sorter, sizeof(struct key), compare_keys, memory, NULL), WTR_OK);
    for (uint32_t i = 0; i < count; i++) {
        random = random * 1664525 + 1013904223;
        uint32_t noise = disorder ? (random >> 8) % disorder : 0;
        keys[i] = (struct key){(i / spread) * 10 + noise, i};
        if (late && i % late == 0)
            keys[i].major /= 10;
        cr_assert_eq(wtr_sorter_add(sorter, &keys[i], record_for(i, room)), WTR_OK);
    }
    cr_assert_eq(wtr_sorter_seal(sorter), WTR_OK);
    cr_assert_eq(wtr_sorter_count(sorter), count);
    qsort(keys, count, sizeof *keys, compare_stable);
    check(sorter, keys, count);
    check(sorter, keys, count); /* a second reading gives the same */
    wtr_sorter_free(sorter);
    free(keys);
}

static void run(size_t count, size_t memory, uint32_t spread, uint32_t disorder)
{
    run_with_stragglers(count, memory, spread, disorder, 0);
}

Test(sorter, empty)
{
    run(0, 1 << 16, 1, 0);
}

Test(sorter, in_memory)
{
    run(100, 1 << 20, 3, 1000);
}

Test(sorter, on_disk_in_order)
{
    run(20000, 1 << 16, 1, 0);
}

Test(sorter, on_disk_nearly_in_order)
{
    run(20000, 1 << 16, 2, 25);
}

Test(sorter, on_disk_with_stragglers)
{
    run_with_stragglers(20000, 1 << 16, 2, 0, 1000);
    run_with_stragglers(20000, 1 << 16, 2, 25, 7);
    run_with_stragglers(20000, 1 << 16, 40, 0, 3);
}

Test(sorter, on_disk_at_random_with_many_runs)
{
    run(40000, 1 << 16, 1, 1 << 24);
}

Test(sorter, large_records_and_misuse)
{
    struct wtr_sorter *sorter;
    struct key key = {1, 0};
    uint8_t *large = calloc(1, 1 << 16);
    cr_assert_eq(wtr_sorter_new(&sorter, sizeof key, compare_keys, 1 << 17, NULL), WTR_OK);
    cr_assert_eq(wtr_sorter_add(sorter, &key, wtr_text_of(large, 1 << 16)), WTR_E_ARGUMENT, "over half");
    for (uint32_t i = 0; i < 4; i++)
        cr_assert_eq(wtr_sorter_add(sorter, &key, wtr_text_of(large, (1 << 16) - 64)), WTR_OK);
    struct wtr_sorted *sorted;
    cr_assert_eq(wtr_sorted_open(&sorted, sorter), WTR_E_ARGUMENT, "not sealed");
    cr_assert_eq(wtr_sorter_seal(sorter), WTR_OK);
    cr_assert_eq(wtr_sorter_seal(sorter), WTR_E_ARGUMENT, "once");
    cr_assert_eq(wtr_sorter_add(sorter, &key, WTR_TEXT("")), WTR_E_ARGUMENT, "sealed");
    wtr_sorter_free(sorter);
    free(large);
}

Test(sorter, directory_that_is_not_there)
{
    struct wtr_sorter *sorter;
    struct key key = {1, 0};
    uint8_t room[512];
    cr_assert_eq(wtr_sorter_new(&sorter, sizeof key, compare_keys, 1 << 12, "/nonexistent/place"), WTR_OK);
    enum wtr_status status = WTR_OK;
    for (uint32_t i = 0; i < 100 && status == WTR_OK; i++)
        status = wtr_sorter_add(sorter, &key, record_for(i, room));
    cr_assert_eq(status, WTR_E_WRITE);
    wtr_sorter_free(sorter);
}
