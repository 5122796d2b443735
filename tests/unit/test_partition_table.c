/* SPDX-License-Identifier: Apache-2.0 */
/* Partition tables: rows, their MD5, copies, and what damage costs. */
#include "flash/formats.h"

#include "flash_damage.h"

#include <openssl/evp.h>

enum { SECTOR = 4096 };

static uint8_t table[SECTOR];
static struct wtr_buffer text;

static void clean(void)
{
    wtr_buffer_free(&text);
}

TestSuite(partition_table, .fini = clean);

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static void row(uint8_t *to, uint8_t type, uint8_t subtype, uint32_t at, uint32_t size, const char *label)
{
    memset(to, 0, 32);
    to[0] = 0xaa;
    to[1] = 0x50;
    to[2] = type;
    to[3] = subtype;
    put32(to + 4, at);
    put32(to + 8, size);
    memcpy(to + 12, label, strlen(label));
}

static void md5(uint8_t *to, const uint8_t *rows, size_t length)
{
    unsigned size = 0;
    memset(to, 0xff, 16);
    to[0] = to[1] = 0xeb;
    cr_assert_eq(EVP_Digest(rows, length, to + 16, &size, EVP_md5(), NULL), 1);
}

static void make(void)
{
    memset(table, 0xff, sizeof table);
    row(table, 1, 2, 0x9000, 0x5000, "nvs");
    row(table + 32, 1, 0, 0xe000, 0x2000, "otadata");
    row(table + 64, 0, 0x10, 0x10000, 0x100000, "app0");
    row(table + 96, 1, 0x82, 0x110000, 0xf0000, "spiffs");
    table[96 + 28] = 1;
    md5(table + 128, table, 128);
}

static void on_entry(void *payload, const struct wtr_entry *e)
{
    static const char *const checks[] = {"none", "ok", "weak", "failed"};
    (void)payload;
    wtr_put_z(&text, e->state == WTR_ENTRY_LIVE ? "live " : "stale ");
    wtr_put_text(&text, e->path);
    wtr_put_char(&text, ' ');
    wtr_put_z(&text, e->type);
    wtr_put_char(&text, ' ');
    wtr_put_z(&text, checks[e->integrity]);
    wtr_put_char(&text, '\n');
}

static void on_part(void *payload, const struct wtr_volume *volume, const struct wtr_part *part)
{
    (void)payload, (void)volume;
    wtr_put_z(&text, "part ");
    wtr_put_text(&text, part->label);
    wtr_put_char(&text, ' ');
    wtr_put_z(&text, part->type);
    wtr_put_char(&text, ' ');
    wtr_put_uint(&text, part->at);
    wtr_put_char(&text, '+');
    wtr_put_uint(&text, part->length);
    wtr_put_z(&text, part->encrypted ? " encrypted\n" : "\n");
}

static void on_finding(void *payload, const struct wtr_volume *volume, size_t at, size_t length,
                       const char *reason)
{
    (void)payload;
    cr_assert(at <= volume->span.length && length <= volume->span.length - at);
    wtr_put_z(&text, "finding ");
    wtr_put_uint(&text, at);
    wtr_put_char(&text, ' ');
    wtr_put_z(&text, reason);
    wtr_put_char(&text, '\n');
}

/* On memory of just that size. */
static const char *read_table(size_t length)
{
    uint8_t *bytes = malloc(length ? length : 1);
    cr_assert_not_null(bytes);
    memcpy(bytes, table, length);
    const struct wtr_piece piece = {.length = length, .offset = 0x8000};
    const struct wtr_volume volume = {.name = WTR_TEXT("volume"), .span = {bytes, length, &piece, 1, NULL}};
    const struct wtr_flash_sink sink = {.entry = on_entry, .finding = on_finding, .part = on_part};
    wtr_buffer_clear(&text);
    wtr_flash_partition_table.read(&volume, &sink);
    wtr_put_char(&text, '\0');
    free(bytes);
    return text.data;
}

#define WHOLE                                                                                                \
    "live nvs nvs ok\npart nvs nvs 36864+20480\n"                                                            \
    "live otadata otadata ok\npart otadata otadata 57344+8192\n"                                             \
    "live app0 app ok\npart app0 app 65536+1048576\n"                                                        \
    "live spiffs spiffs ok\npart spiffs spiffs 1114112+983040 encrypted\n"

Test(partition_table, rows)
{
    make();
    cr_expect_str_eq(read_table(SECTOR), WHOLE);
    cr_expect_str_eq(read_table(160), WHOLE);
    memset(table + 128, 0xff, 32); /* tables of older releases have no MD5 */
    cr_expect_eq(strncmp(read_table(SECTOR), "live nvs nvs none\npart nvs nvs 36864+20480\n", 41), 0);
}

/* Mongoose OS writes the table four times. Copies that say the same say nothing new. */
Test(partition_table, copies)
{
    make();
    for (size_t at = 0x400; at < SECTOR; at += 0x400)
        memcpy(table + at, table, 160);
    cr_expect_str_eq(read_table(SECTOR), WHOLE);
    table[5] ^= 0x10; /* where the first table's nvs begins: its MD5 fails, the second's holds */
    const char *said = read_table(SECTOR);
    cr_expect(strstr(said, "part nvs nvs 36864+20480\n"), "%s", said);
    cr_expect_not(strstr(said, "part nvs nvs 32768"), "%s", said);
    cr_expect(strstr(said, "stale nvs nvs failed\n"), "%s", said);
}

Test(partition_table, another_copy_is_left_over)
{
    make();
    memcpy(table + 0x400, table, 160);
    row(table + 0x400, 1, 2, 0x9000, 0x4000, "old");
    md5(table + 0x400 + 128, table + 0x400, 128);
    const char *said = read_table(SECTOR);
    cr_expect_eq(strncmp(said, WHOLE, strlen(WHOLE)), 0);
    cr_expect(strstr(said, "stale old nvs ok\n"), "%s", said);
    cr_expect_not(strstr(said, "part old"));
}

/* Whatever byte of a table with an MD5 is wrong, no partition is believed that the whole table does not name.
 */
Test(partition_table, every_byte_changed)
{
    make();
    for (size_t at = 0; at < 160; at++) {
        for (unsigned mask = 1; mask < 256; mask = mask * 4 + 1) {
            table[at] ^= (uint8_t)mask;
            const char *said = read_table(SECTOR);
            for (const char *part = strstr(said, "part "); part; part = strstr(part + 1, "part ")) {
                char line[128];
                snprintf(line, sizeof line, "%.*s\n", (int)strcspn(part, "\n"), part);
                cr_assert(strstr(WHOLE, line), "at %zu: %s", at, line);
            }
            cr_assert(strstr(said, "app0") || (at >= 64 && at < 96), "at %zu: %s", at, said);
            table[at] ^= (uint8_t)mask;
        }
    }
}

Test(partition_table, cut_at_every_length)
{
    make();
    for (size_t length = 0; length < SECTOR; length++) {
        const char *said = read_table(length);
        for (const char *part = strstr(said, "part "); part; part = strstr(part + 1, "part ")) {
            char line[128];
            snprintf(line, sizeof line, "%.*s\n", (int)strcspn(part, "\n"), part);
            cr_assert(strstr(WHOLE, line), "at %zu: %s", length, line);
        }
    }
}

Test(partition_table, recognised)
{
    make();
    cr_expect_eq(wtr_flash_partition_table.probe(table, SECTOR, 0, NULL).bid, WTR_FLASH_CERTAIN);
    cr_expect_eq(wtr_flash_partition_table.probe(table, SECTOR, 0, NULL).length, SECTOR);
    table[0] = 0; /* the first row is damaged */
    cr_expect_eq(wtr_flash_partition_table.probe(table, SECTOR, 0, NULL).bid, WTR_FLASH_CERTAIN);
    memset(table + 32, 0xff, SECTOR - 32);
    table[0] = 0xaa; /* one row alone, without MD5 */
    cr_expect_eq(wtr_flash_partition_table.probe(table, SECTOR, 0, NULL).bid, WTR_FLASH_MAYBE);
    table[5] = 1; /* no partition begins there */
    cr_expect_eq(wtr_flash_partition_table.probe(table, SECTOR, 0, NULL).bid, WTR_FLASH_NO);
}
