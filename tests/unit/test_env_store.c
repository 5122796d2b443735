/* SPDX-License-Identifier: Apache-2.0 */
/* EasyFlash 4 and FlashDB on volumes that their own sources wrote:
 *
 *     set OBK_FV 01 00 02, set ssid lab-net, set OBK_FV 02 00 03, set temp 21, del temp, set OBK_FV 03 00 04,
 *     set relay on
 *
 * and, in "collected", 260 values of three names in turn, with a deletion after every 40th. */
#include "flash/formats.h"

#include "flash_damage.h"
#include "store_seed.h"

#include <criterion/criterion.h>

static uint8_t image[SEED_MAX];
static struct store_lines lines;

static const char *lines_of(const struct wtr_flash_format *format, const char *name)
{
    size_t size = seed_load(name, image);
    return store_read(&lines, format, image, size, 0);
}

Test(env_store, easyflash_keeps_what_was_replaced_and_deleted)
{
    const char *text = lines_of(&wtr_flash_easyflash, "easyflash/gran1");
    SEED_HAS(text, "superseded OBK_FV ok sector 0/45 exact @0x4b+3: hex 010002\n");
    SEED_HAS(text, "live ssid ok sector 0/78 exact @0x6a+7: lab-net\n");
    SEED_HAS(text, "superseded OBK_FV ok sector 0/113 exact @0x8f+3: hex 020003\n");
    SEED_HAS(text, "deleted temp ok sector 0/146 exact @0xae+2: 21\n");
    SEED_HAS(text, "live OBK_FV ok sector 0/176 exact @0xce+3: hex 030004\n");
    SEED_HAS(text, "live relay ok sector 0/209 exact @0xee+2: on\n");
    cr_assert_eq(lines.findings, 0, "%s", text);
    cr_assert_eq(lines.entries, 7, "%s", text); /* and the program's own "boot" */
}

/* Where flash is written byte by byte, states are bytes and the headers are longer. */
Test(env_store, states_of_a_byte)
{
    const char *text = lines_of(&wtr_flash_easyflash, "easyflash/gran8");
    SEED_HAS(text, "superseded OBK_FV ok sector 0/53 exact @0x57+3: hex 010002\n");
    SEED_HAS(text, "deleted temp ok ");
    text = lines_of(&wtr_flash_flashdb, "flashdb/gran8");
    SEED_HAS(text, "superseded OBK_FV ok sector 0/20 exact @0x36+3: hex 010002\n");
    SEED_HAS(text, "deleted temp ok ");
    SEED_HAS(text, "live relay ok ");
    text = lines_of(&wtr_flash_flashdb, "flashdb/gran32");
    SEED_HAS(text, "superseded OBK_FV ok sector 0/36 exact ");
    SEED_HAS(text, "live ssid ok ");
    cr_assert_eq(lines.findings, 0, "%s", text);
}

/* FlashDB's bits do not tell a deletion from a replacement: the last of a name that is not there is deleted.
 */
Test(env_store, flashdb_of_single_bits)
{
    const char *text = lines_of(&wtr_flash_flashdb, "flashdb/gran1");
    SEED_HAS(text, "superseded OBK_FV ok sector 0/16 exact @0x2e+3: hex 010002\n");
    SEED_HAS(text, "deleted temp ok ");
    cr_assert_eq(lines.entries, 6, "%s", text);
}

struct history {
    unsigned last[4]; /* value number by sector, of one name */
    unsigned count, live;
    bool sound;
};

/* Values of one name must ascend within a sector. */
static void check_order(void *payload, const struct wtr_entry *e)
{
    struct history *h = payload;
    char number[5] = {0};
    if (!wtr_text_is(e->path, "relay"))
        return;
    size_t sector = (size_t)(e->order.scope.data[e->order.scope.length - 1] - '0');
    memcpy(number, e->span.bytes, 4);
    unsigned n = (unsigned)atoi(number);
    h->sound = h->sound && sector < 4 && n % 3 == 1 && n > h->last[sector];
    h->last[sector] = n;
    h->count++;
    if (e->state == WTR_ENTRY_LIVE)
        h->live = n;
}

Test(env_store, order_after_collections)
{
    static const struct {
        const struct wtr_flash_format *format;
        const char *seed;
    } volumes[] = {{&wtr_flash_easyflash, "easyflash/collected1"},
                   {&wtr_flash_easyflash, "easyflash/collected8"},
                   {&wtr_flash_flashdb, "flashdb/collected1"},
                   {&wtr_flash_flashdb, "flashdb/collected8"}};
    for (size_t i = 0; i < 4; i++) {
        struct history h = {.sound = true};
        lines.each = check_order;
        lines.payload = &h;
        const char *text = lines_of(volumes[i].format, volumes[i].seed);
        cr_assert(h.sound && h.count > 20, "%s: %u\n%s", volumes[i].seed, h.count, text);
        cr_assert_eq(h.live, 259, "%s: %u", volumes[i].seed, h.live);
        cr_assert_eq(lines.findings, 0, "%s", text);
    }
    lines.each = NULL;
}

Test(env_store, a_new_value_that_was_not_finished)
{
    size_t size = seed_load("easyflash/gran1", image);
    image[176] = 0x7f; /* the last OBK_FV is being written, the one before it being replaced */
    image[113] = 0x1f;
    const char *text = store_read(&lines, &wtr_flash_easyflash, image, size, 0);
    SEED_HAS(text, "live OBK_FV ok sector 0/113 exact @0x8f+3: hex 020003\n");
    SEED_HAS(text, "stale OBK_FV ok sector 0/176 exact @0xce+3: hex 030004\n");
}

Test(env_store, marks_and_lengths_that_are_damaged_cost_nothing)
{
    size_t size = seed_load("easyflash/gran1", image);
    image[0] = image[4] = 0; /* the sector's header */
    image[113 + 4] ^= 1;     /* a node's mark */
    image[146 + 8] ^= 1;     /* another's length */
    const char *text = store_read(&lines, &wtr_flash_easyflash, image, size, 0);
    cr_assert_eq(lines.entries, 7, "%s", text);
    SEED_HAS(text, "sector header is damaged");
    SEED_HAS(text, "finding @0x71+33 a node with a damaged mark or length\n");
    cr_assert_eq(lines.findings, 3, "%s", text);
}

Test(env_store, is_found_at_each_of_its_sectors)
{
    seed_found(&wtr_flash_easyflash, "easyflash/collected1", 0, WTR_FLASH_SECTOR);
    seed_found(&wtr_flash_easyflash, "easyflash/gran8", 0, WTR_FLASH_SECTOR);
    seed_found(&wtr_flash_flashdb, "flashdb/collected8", 0, WTR_FLASH_SECTOR);
    seed_found(&wtr_flash_flashdb, "flashdb/gran1", 0, WTR_FLASH_SECTOR);
}

static void damage(const struct wtr_flash_format *format, const char *seed)
{
    size_t size = seed_load(seed, image);
    damage_flip_all(format, image, size, 1, NULL);
    damage_cut_all(format, image, size, NULL);
}

Test(env_store, every_byte_and_every_length, .timeout = 300)
{
    damage(&wtr_flash_easyflash, "easyflash/gran1");
    damage(&wtr_flash_easyflash, "easyflash/gran8");
    damage(&wtr_flash_flashdb, "flashdb/gran1");
    damage(&wtr_flash_flashdb, "flashdb/gran8");
    damage(&wtr_flash_flashdb, "flashdb/gran32");
}
