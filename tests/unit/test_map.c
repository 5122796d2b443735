/* SPDX-License-Identifier: Apache-2.0 */
/* The map finds what was put in and nothing else, the key 0 among it, while it grows. */
#include "base/map.h"

#include <criterion/criterion.h>

enum { MANY = 10000 };

static void expect(const struct wtr_map *map, uint64_t key, uint64_t value)
{
    const uint64_t *found = wtr_map_find(map, key);
    cr_assert(found != NULL, "key %u", (unsigned)key);
    cr_assert_eq(*found, value);
}

Test(map, empty)
{
    struct wtr_map map = {0};
    cr_assert_null(wtr_map_find(&map, 0));
    cr_assert_null(wtr_map_find(&map, 1));
    wtr_map_clear(&map);
    wtr_map_free(&map);
}

Test(map, keys_from_zero_on)
{
    struct wtr_map map = {0};
    for (uint64_t key = 0; key < MANY; key++) {
        cr_assert(wtr_map_put(&map, key, 3 * key));
        cr_assert_null(wtr_map_find(&map, key + 1));
        expect(&map, 0, 0);
    }
    for (uint64_t key = 0; key < MANY; key++)
        expect(&map, key, 3 * key);
    cr_assert_null(wtr_map_find(&map, UINT64_MAX));
    cr_assert_eq(map.count, MANY);
    wtr_map_free(&map);
}

Test(map, zero_and_one_are_two)
{
    struct wtr_map map = {0};
    cr_assert(wtr_map_put(&map, 1, 10));
    cr_assert_null(wtr_map_find(&map, 0));
    cr_assert(wtr_map_put(&map, 0, 20));
    cr_assert(wtr_map_put(&map, 0, 21));
    expect(&map, 1, 10);
    expect(&map, 0, 21);
    cr_assert_eq(map.count, 2);
    wtr_map_clear(&map);
    cr_assert_null(wtr_map_find(&map, 0));
    cr_assert_null(wtr_map_find(&map, 1));
    wtr_map_free(&map);
}

Test(map, no_more_than_its_limit)
{
    struct wtr_map map = {.limit = 2};
    cr_assert(wtr_map_put(&map, 0, 1));
    cr_assert(wtr_map_put(&map, 7, 2));
    cr_assert_not(wtr_map_put(&map, 8, 3));
    cr_assert(wtr_map_put(&map, 7, 4));
    expect(&map, 7, 4);
    cr_assert_null(wtr_map_find(&map, 8));
    wtr_map_free(&map);
}
