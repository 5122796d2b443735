/* SPDX-License-Identifier: Apache-2.0 */
/* What a dump is made of, by scanning: chips, partitions, cuts, reads that went wrong; and dumps as evidence
 * of a case. */
#include "flash/recognise.h"

#include "flash/formats.h"
#include "nvs_image.h"
#include "wattrail/case.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>

enum { CHIP = 1 << 20, TABLE = 0x8000, NVS = 0x9000, APP = 0x10000 };

static uint8_t *chip; /* two of them, one behind the other */
static struct wtr_flash_map map;
static struct wtr_buffer text;

static void start(void)
{
    chip = malloc(2 * CHIP);
    cr_assert_not_null(chip);
    memset(chip, 0xff, 2 * CHIP);
}

static void clean(void)
{
    free(chip);
    wtr_flash_map_free(&map);
    wtr_buffer_free(&text);
}

TestSuite(recognise, .init = start, .fini = clean);

static void row(uint8_t *to, uint8_t type, uint8_t subtype, uint32_t at, uint32_t size, const char *label)
{
    memset(to, 0, 32);
    to[0] = 0xaa;
    to[1] = 0x50;
    to[2] = type;
    to[3] = subtype;
    nvs_put32(to + 4, at);
    nvs_put32(to + 8, size);
    memcpy(to + 12, label, strlen(label));
}

static void end_table(uint8_t *table, size_t rows)
{
    unsigned size = 0;
    uint8_t *to = table + rows * 32;
    memset(to, 0xff, 16);
    to[0] = to[1] = 0xeb;
    EVP_Digest(table, rows * 32, to + 16, &size, EVP_md5(), NULL);
}

/* A boot loader of one segment, without a digest. */
static void put_image(uint8_t *to, uint8_t chip_id)
{
    memset(to, 0, 64);
    to[0] = 0xe9;
    to[1] = 1;
    nvs_put32(to + 4, 0x40080000);
    to[12] = chip_id;
    nvs_put32(to + 24, 0x40080000);
    nvs_put32(to + 28, 16);
    to[63] = 0xef;
}

static struct nvs_image nvs;

static void put_nvs(uint8_t *to)
{
    nvs_begin(&nvs);
    nvs_page(&nvs, 0, 0, 0xfffffffe);
    nvs_number(&nvs, 0, 1, "app", 1);
    nvs_number(&nvs, 1, 1, "relay", 1);
    memcpy(to, nvs.bytes, 4096);
}

/* An ESP32 with an NVS of 20 KiB and one app. */
static void put_chip(uint8_t *to)
{
    put_image(to + 0x1000, 0);
    row(to + TABLE, 1, 2, NVS, 0x5000, "settings");
    row(to + TABLE + 32, 0, 0, APP, 0x80000, "factory");
    end_table(to + TABLE, 2);
    put_nvs(to + NVS);
    put_image(to + APP, 0);
}

static const char *recognise(size_t from, size_t length)
{
    const struct wtr_flash_image image = {chip + from, length, 0, true};
    wtr_flash_recognise(&image, wtr_flash_formats, NULL, &map);
    wtr_buffer_clear(&text);
    wtr_put_z(&text, map.kind);
    for (size_t i = 0; i < map.count; i++) {
        const struct wtr_flash_found *found = &map.list[i];
        wtr_put_z(&text, "\n");
        wtr_put_z(&text, found->format ? found->format->name : "-");
        wtr_put_z(&text, found->label[0] ? " " : "");
        wtr_put_z(&text, found->label);
        wtr_put_char(&text, ' ');
        wtr_put_uint(&text, found->at);
        wtr_put_char(&text, '+');
        wtr_put_uint(&text, found->length);
        wtr_put_z(&text, found->contested ? " contested" : "");
        wtr_put_z(&text, found->encrypted ? " encrypted" : "");
    }
    wtr_put_char(&text, '\0');
    return text.data;
}

#define CHIP_MAP                                                                                             \
    "ESP32\nesp-image 4096+64\npartition-table 32768+4096\nnvs settings 36864+20480\n"                       \
    "esp-image factory 65536+524288"

Test(recognise, a_chip)
{
    put_chip(chip);
    cr_expect_str_eq(recognise(0, CHIP), CHIP_MAP);
    cr_expect_eq(map.oddities, 0);
    /* Its table need not stand where it usually does. */
    memcpy(chip + 0xf000, chip + TABLE, 4096);
    memset(chip + TABLE, 0xff, 4096);
    cr_expect(strstr(recognise(0, CHIP), "nvs settings 36864+20480"), "%s", text.data);
}

Test(recognise, reads_that_are_not_whole)
{
    put_chip(chip);
    recognise(0, 0x60000);
    cr_expect_eq(map.oddities, WTR_FLASH_SHORT | WTR_FLASH_ODD_SIZE);
    cr_expect_eq(map.list[3].length, 0x50000);
    cr_expect_eq(map.list[3].whole, 0x80000);
    /* What was cut from a chip. */
    cr_expect_str_eq(recognise(NVS, 0x5000), "partition\nnvs 0+4096");
    cr_expect_eq(map.oddities, 0);
    cr_expect_str_eq(recognise(TABLE, 4096), "partition\npartition-table 0+4096");
    cr_expect_eq(map.oddities, 0);
    cr_expect_str_eq(recognise(TABLE + 0x1000 - 0x2000, 0x4000),
                     "storage\npartition-table 4096+4096\nnvs 8192+4096");
}

/* Nothing that is only a number of even bytes is a chip with encryption, but code that should be there is. */
Test(recognise, cipher_text)
{
    uint64_t state = 1;
    put_chip(chip);
    for (size_t at = APP; at < APP + 0x40000; at += 4) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        nvs_put32(chip + at, (uint32_t)(state >> 32));
    }
    cr_expect(strstr(recognise(0, CHIP), "esp-image factory 65536+524288 encrypted"), "%s", text.data);
    cr_expect_eq(map.oddities, WTR_FLASH_ENCRYPTED);
    memset(chip, 0xff, APP);
    cr_expect_str_eq(recognise(0, CHIP), "encrypted");
    cr_expect_eq(map.oddities, WTR_FLASH_ENCRYPTED | WTR_FLASH_NOTHING);
}

Test(recognise, nothing)
{
    cr_expect_str_eq(recognise(0, CHIP), "unknown");
    cr_expect_eq(map.oddities, WTR_FLASH_NOTHING | WTR_FLASH_BLANK);
    for (size_t at = 0; at < CHIP; at++)
        chip[at] = (uint8_t)("No dump, but a text that goes on and on. "[at % 41]);
    cr_expect_str_eq(recognise(0, CHIP), "unknown");
    cr_expect_eq(map.oddities, WTR_FLASH_NOTHING);
}

Test(recognise, images_one_behind_the_other)
{
    put_chip(chip);
    put_chip(chip + CHIP);
    cr_expect_eq(wtr_flash_next_image(chip, 2 * CHIP, 0), CHIP);
    cr_expect_eq(wtr_flash_next_image(chip, 2 * CHIP, CHIP), 2 * CHIP);
    memset(chip + CHIP + TABLE, 0xff, 4096);
    cr_expect_eq(wtr_flash_next_image(chip, 2 * CHIP, 0), 2 * CHIP);
}

/* Whatever byte changes in loader, table and NVS, the NVS is still found where it is. */
Test(recognise, every_byte_changed)
{
    static const size_t used[][2] = {{0x1000, 0x1040}, {TABLE, TABLE + 96}, {NVS, NVS + 128}};
    put_chip(chip);
    for (size_t i = 0; i < 3; i++) {
        for (size_t at = used[i][0]; at < used[i][1]; at++) {
            chip[at] ^= 0x5a;
            const char *said = recognise(0, 0x20000);
            cr_assert(strstr(said, "nvs settings 36864+") || strstr(said, "nvs 36864+"), "at %zu: %s", at,
                      said);
            chip[at] ^= 0x5a;
        }
    }
}

Test(recognise, cut_at_every_sector_and_more)
{
    put_chip(chip);
    for (size_t length = 1; length < 0x20000; length += length % 4096 ? 4095 : 1) {
        uint8_t *whole = chip;
        chip = malloc(length);
        cr_assert_not_null(chip);
        memcpy(chip, whole, length);
        recognise(0, length);
        for (size_t i = 0; i < map.count; i++)
            cr_assert_leq(map.list[i].at + map.list[i].length, length);
        free(chip);
        chip = whole;
    }
}

/* ---- as evidence */

struct bytes {
    const uint8_t *data;
    size_t length, at;
};

static int64_t read_bytes(void *payload, void *buffer, size_t size)
{
    struct bytes *b = payload;
    size_t n = b->length - b->at < size ? b->length - b->at : size;
    memcpy(buffer, b->data + b->at, n);
    b->at += n;
    return (int64_t)n;
}

static int rewind_bytes(void *payload)
{
    ((struct bytes *)payload)->at = 0;
    return 0;
}

static void on_image(void *payload, const struct wtr_image_record *image)
{
    (void)payload;
    wtr_put_z(&text, "image ");
    wtr_put_uint(&text, image->image);
    wtr_put_char(&text, ' ');
    wtr_put_text(&text, image->kind);
    wtr_put_char(&text, '\n');
}

static void on_entry(void *payload, const struct wtr_entry_record *entry)
{
    (void)payload;
    wtr_put_text(&text, entry->volume);
    wtr_put_char(&text, ' ');
    wtr_put_text(&text, entry->path);
    wtr_put_z(&text, entry->secret ? " secret" : "");
    wtr_put_z(&text, entry->transform.key.length ? " opened\n" : "\n");
}

/* Runs a case of up to two readers, and gathers what it hands out. */
static enum wtr_status run(struct bytes *a, struct bytes *b, wtr_case **c)
{
    static const struct wtr_reader reader = {.read = read_bytes, .rewind = rewind_bytes};
    struct wtr_options options;
    wtr_options_init(&options);
    options.image = on_image;
    options.entry = on_entry;
    wtr_buffer_clear(&text);
    cr_assert_eq(wtr_case_new(c, &options), WTR_OK);
    cr_assert_eq(wtr_case_add_reader(*c, "a.bin", &reader, a), WTR_OK);
    if (b)
        cr_assert_eq(wtr_case_add_reader(*c, "b.bin", &reader, b), WTR_OK);
    enum wtr_status status = wtr_case_run(*c);
    wtr_put_char(&text, '\0');
    return status;
}

static size_t count_findings(wtr_case *c, const char *reason)
{
    const struct wtr_record *record;
    size_t count = 0;
    while (wtr_case_next(c, &record) == WTR_OK)
        if (record->type == WTR_RECORD_FINDING && wtr_text_starts(record->as.finding->reason, reason))
            count++;
    return count;
}

Test(recognise, a_dump_that_is_read_too_far)
{
    wtr_case *c;
    struct bytes two = {chip, 2 * CHIP, 0};
    put_chip(chip);
    put_chip(chip + CHIP);
    cr_expect_eq(run(&two, NULL, &c), WTR_PARTIAL);
    /* Two equal chips can't be told from one that was read twice over: no image is given twice. */
    cr_expect(strstr(text.data, "image 1 ESP32\n"), "%s", text.data);
    cr_expect_not(strstr(text.data, "image 2"), "%s", text.data);
    cr_expect_eq(count_findings(c, "the second half equals the first"), 1);
    wtr_case_free(c);
}

Test(recognise, several_dumps_in_a_file)
{
    wtr_case *c;
    struct bytes two = {chip, 2 * CHIP, 0};
    put_chip(chip);
    put_chip(chip + CHIP);
    put_image(chip + CHIP + 0x1000, 9);
    cr_expect_eq(run(&two, NULL, &c), WTR_OK, "%s", wtr_case_error(c));
    cr_expect(strstr(text.data, "image 1 ESP32\n"), "%s", text.data);
    cr_expect(strstr(text.data, "image 2 ESP32-S3 or ESP32\n"), "%s", text.data);
    cr_expect(strstr(text.data, "nvs@0x9000 app/relay\n"), "%s", text.data);
    cr_expect(strstr(text.data, "nvs@0x109000 app/relay\n"), "%s", text.data);
    wtr_case_free(c);
}

/* An enciphered NVS in one file, its keys in the other. */
static void encipher(uint8_t *page, const uint8_t key[64])
{
    for (size_t item = 0; item < 2; item++) {
        uint8_t tweak[16] = {(uint8_t)(64 + item * 32)}, out[32];
        int length;
        EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
        EVP_EncryptInit_ex(context, EVP_aes_256_xts(), NULL, key, tweak);
        EVP_EncryptUpdate(context, out, &length, page + 64 + item * 32, 32);
        EVP_CIPHER_CTX_free(context);
        memcpy(page + 64 + item * 32, out, 32);
    }
}

Test(recognise, keys_of_one_dump_open_another)
{
    wtr_case *c;
    put_nvs(chip);
    uint8_t *keys = chip + CHIP;
    for (size_t i = 0; i < 64; i++)
        keys[i] = (uint8_t)(i * 3 + 1);
    nvs_put32(keys + 64, nvs_sum(keys, 64));
    encipher(chip, keys);
    struct bytes closed = {chip, 4096, 0}, key = {keys, 4096, 0};
    for (int order = 0; order < 2; order++) {
        closed.at = key.at = 0;
        cr_expect_eq(run(order ? &closed : &key, order ? &key : &closed, &c), WTR_OK);
        cr_expect(strstr(text.data, "nvs@0x0 app/relay opened\n"), "%s", text.data);
        cr_expect(strstr(text.data, "nvs-keys@0x0 keys secret\n"), "%s", text.data);
        const struct wtr_key_record *record = wtr_case_key(c, 0);
        cr_assert_not_null(record);
        cr_expect(wtr_text_starts(record->line, "nvs 0104070a0d10"));
        cr_expect_str_eq(record->origin, order ? "b.bin, nvs-keys@0x0" : "a.bin, nvs-keys@0x0");
        cr_expect_null(wtr_case_key(c, 1));
        wtr_case_free(c);
    }
    closed.at = 0;
    cr_expect_eq(run(&closed, NULL, &c), WTR_PARTIAL);
    cr_expect_eq(count_findings(c, "no entry can be read: NVS encryption fits"), 1);
    wtr_case_free(c);
}
