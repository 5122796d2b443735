/* SPDX-License-Identifier: Apache-2.0 */
/* Tuya's key/value store: the images in tests/fuzz/corpus/tuya_kv are captures/flash-tuya/make.py's, which
 * writes as the firmware does and which bk7231tools reads; expected values are what it put into them. */
#include "damage.h"
#include "every.h"

#include "say_record.h"
#include "vendor/tuya/flash_kv.h"
#include "vendor/tuya/tuya.h"

static uint8_t image[DAMAGE_ROOM];

static bool has(const char *lines, const char *part)
{
    return strstr(lines, part) != NULL;
}

Test(tuya_kv, is_found_by_its_key_sector)
{
    size_t size = damage_load("tuya_kv/store", image);
    memmove(image + WTR_FLASH_SECTOR, image, size);
    memset(image, 0xff, WTR_FLASH_SECTOR);
    cr_assert_eq(wtr_tuya_kv.probe(image, size + WTR_FLASH_SECTOR, 0, NULL).bid, WTR_FLASH_NO);
    struct wtr_flash_find find = wtr_tuya_kv.probe(image, size + WTR_FLASH_SECTOR, WTR_FLASH_SECTOR, NULL);
    cr_assert_eq(find.bid, WTR_FLASH_CERTAIN);
    cr_assert_eq(find.before, 0);
    cr_assert_eq(find.length, size);
    /* A damaged sector in its middle does not end it. */
    memset(image + 3 * WTR_FLASH_SECTOR, 0x55, WTR_FLASH_SECTOR);
    find = wtr_tuya_kv.probe(image, size + WTR_FLASH_SECTOR, WTR_FLASH_SECTOR, NULL);
    cr_assert_eq(find.length, size);
}

Test(tuya_kv, gives_what_is_and_what_was)
{
    struct store_lines lines = {0};
    size_t size = damage_load("tuya_kv/store", image);
    const char *text = store_read(&lines, &wtr_tuya_kv, image, size, 0x1ee000);
    cr_assert_eq(lines.findings, 0, "%s", text);
    cr_assert(has(text, "live save_off_stat ok block 0/"), "%s", text);
    cr_assert(has(text, "live gw_wsm ok block 0/"), "%s", text);
    /* The schema's 2339 bytes and a NUL, by hand: 2352 in units of the cipher. */
    cr_assert(has(text, "live 000004seed ok block 0/"), "%s", text);
    cr_assert(has(text, "deleted astro_timer "), "%s", text);
    /* {"power":[true]} is in a page that nothing refers to, and nowhere else. */
    cr_assert(has(text, ": {\"power\":[true]}\n"), "%s", text);
    cr_assert(has(text, "stale gw_wsm none attributed @"), "%s", text);
    wtr_buffer_free(&lines.text);
}

Test(tuya_kv, gives_the_protected_records)
{
    struct store_lines lines = {0};
    size_t size = damage_load("tuya_kv/protected", image);
    const char *text = store_read(&lines, &wtr_tuya_kv, image, size, 0x1ed000);
    /* The value stands behind 32 bytes of head and 36 of record: in the units of 0x1ed040 on. */
    cr_assert(has(text, "live gw_bi ok protected @0x1ed040+32: hex 7b2275756964223a2275756964227d00\n"), "%s",
              text);
    wtr_buffer_free(&lines.text);
}

/* The index page is page 1, the value page 2. Other chips make the key of other strings, one has another
 * magic, some have no key sector, and some give the parts' bytes in place of their number. */
Test(tuya_kv, other_chips)
{
    struct store_lines lines = {0};
    size_t size = damage_load("tuya_kv/rda5981", image);
    cr_assert_eq(wtr_tuya_kv.probe(image, size, 0, NULL).length, size);
    const char *text = store_read(&lines, &wtr_tuya_kv, image, size, 0x1eb000);
    cr_assert(has(text, "live save_off_stat ok block 0/1 exact @0x1ec100+32: "), "%s", text);
    size = damage_load("tuya_kv/keyless", image);
    struct wtr_flash_find find = wtr_tuya_kv.probe(image, size, 0, NULL);
    cr_assert(find.bid == WTR_FLASH_CERTAIN && find.length == size);
    text = store_read(&lines, &wtr_tuya_kv, image, size, 0xf5000);
    cr_assert(has(text, "live 000004seed ok block 0/1 exact @0xf5100+"), "%s", text);
    cr_assert_eq(lines.findings, 0, "%s", text);
    wtr_buffer_free(&lines.text);
}

Test(tuya_kv, a_changed_byte_costs_what_it_touches, .timeout = 500)
{
    /* A page of one value, an index page, or a header with the map; the key is in 24 bytes alone. */
    const struct damage_limit limit = {.lost = 2, .from = 0, .to = 32};
    damage_flip(&wtr_tuya_kv, "tuya_kv/store", &limit);
}

Test(tuya_kv, a_changed_byte_makes_nothing_protected_false, .timeout = 500)
{
    const struct damage_limit limit = {.lost = 1};
    damage_flip(&wtr_tuya_kv, "tuya_kv/protected", &limit);
}

Test(tuya_kv, is_cut_anywhere, .timeout = 500)
{
    damage_cut(&wtr_tuya_kv, "tuya_kv/store", EVERY(13));
}

/* ---- what a damaged store makes the family say */

struct said {
    struct wtr_say *say;
    void *state;
    bool learning;
    struct wtr_buffer text;
};

static void hear(void *payload, const struct wtr_entry *entry)
{
    struct said *said = payload;
    if (entry->integrity == WTR_INTEGRITY_FAILED)
        return;
    if (said->learning)
        wtr_tuya.learn_entry(said->state, entry);
    else
        wtr_put_z(&said->text, say_record_entry(said->say, &wtr_tuya, said->state, entry));
}

static void hear_all(struct said *said, struct store_lines *lines, size_t size)
{
    memset(said->state, 0, wtr_tuya.state_size);
    wtr_buffer_clear(&said->text);
    lines->each = hear;
    lines->payload = said;
    for (int pass = 0; pass < 2; pass++) {
        said->learning = pass == 0;
        store_read(lines, &wtr_tuya_kv, image, size, 0x1000);
    }
    wtr_put_char(&said->text, '\0');
    wtr_tuya.close(said->state);
}

/* The line without the places of its raw values: damage moves a value to an older copy of the same. */
static struct wtr_text without_raw(const char *line, size_t length)
{
    const char *raw = strstr(line, " raw{");
    return wtr_text_of(line, raw && raw < line + length ? (size_t)(raw - line) : length);
}

static bool was_said(const char *all, struct wtr_text line)
{
    for (const char *at = all; *at;) {
        size_t length = strcspn(at, "\n");
        if (wtr_text_equal(without_raw(at, length), line))
            return true;
        at += length + (at[length] == '\n');
    }
    return false;
}

Test(tuya_kv, damage_makes_the_family_say_nothing_else, .timeout = 500)
{
    struct store_lines lines = {0};
    struct said whole = {.say = say_record_new(), .state = calloc(1, wtr_tuya.state_size)};
    struct said now = {.say = say_record_new(), .state = calloc(1, wtr_tuya.state_size)};
    size_t size = damage_load("tuya_kv/store", image);
    hear_all(&whole, &lines, size);
    cr_assert(has(whole.text.data, "power.state"), "%s", whole.text.data);
    cr_assert(has(whole.text.data, "key wifi"), "%s", whole.text.data);
    for (size_t at = 0; at < size; at += EVERY(7)) {
        image[at] ^= 0xff;
        hear_all(&now, &lines, size);
        image[at] ^= 0xff;
        for (const char *line = now.text.data; *line;) {
            size_t length = strcspn(line, "\n");
            cr_assert(was_said(whole.text.data, without_raw(line, length)), "byte %zu: %.*s\n%s", at,
                      (int)length, line, whole.text.data);
            line += length + (line[length] == '\n');
        }
    }
    wtr_buffer_free(&lines.text);
    wtr_buffer_free(&whole.text);
    wtr_buffer_free(&now.text);
    say_record_free(whole.say);
    say_record_free(now.say);
    free(whole.state);
    free(now.state);
}
