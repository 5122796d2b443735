/* SPDX-License-Identifier: Apache-2.0 */
/* Program images of the ESP32 family, and the choice among them. */
#include "flash/esp.h"
#include "flash/formats.h"

#include "flash_damage.h"

#include <openssl/evp.h>
#include <zlib.h>

enum {
    DESC = 256,
    MORE = 100,
    END = 24 + 8 + DESC + 8 + MORE,
    CHECKED = (END | 15) + 1,
    SIZE = CHECKED + 32
};

static uint8_t image[SIZE];
static struct store_lines lines;

static void clean(void)
{
    wtr_buffer_free(&lines.text);
}

TestSuite(esp_image, .fini = clean);

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* An app of two segments, the first of which begins with its description. */
static void make(uint8_t chip)
{
    memset(image, 0, sizeof image);
    image[0] = 0xe9;
    image[1] = 2;
    image[2] = 2;
    put32(image + 4, 0x40081000);
    image[12] = chip;
    image[23] = 1;
    put32(image + 24, 0x3f400020);
    put32(image + 28, DESC);
    put32(image + 32, 0xabcd5432);
    memcpy(image + 32 + 16, "1.2.3", 5);
    memcpy(image + 32 + 48, "relay", 5);
    put32(image + 32 + DESC, 0x40081000);
    put32(image + 36 + DESC, MORE);
    for (size_t i = 0; i < MORE; i++)
        image[40 + DESC + i] = (uint8_t)(i * 37);
    uint8_t sum = 0xef;
    for (size_t i = 0; i < DESC; i++)
        sum ^= image[32 + i];
    for (size_t i = 0; i < MORE; i++)
        sum ^= image[40 + DESC + i];
    image[CHECKED - 1] = sum;
    unsigned size = 0;
    cr_assert_eq(EVP_Digest(image, CHECKED, image + CHECKED, &size, EVP_sha256(), NULL), 1);
}

static const char *read_image(size_t length)
{
    return store_read(&lines, &wtr_flash_esp_image, image, length, 0x10000);
}

Test(esp_image, whole)
{
    make(5);
    const char *said = read_image(SIZE);
    cr_expect_eq(strncmp(said, "live header ok header @0x10000+24: ", 35), 0, "%s", said);
    cr_expect(strstr(said, "\nlive app_desc ok header @0x10020+256: hex 3254cdab"), "%s", said);
    cr_expect_not(strstr(said, "finding"), "%s", said);
    struct wtr_flash_find find = wtr_flash_esp_image.probe(image, SIZE, 0, NULL);
    cr_expect_eq(find.bid, WTR_FLASH_CERTAIN);
    cr_expect_eq(find.length, SIZE);
    const struct wtr_volume volume = {.span = {image, SIZE, NULL, 0, NULL}};
    cr_expect_str_eq(wtr_flash_esp_image.kind(&volume), "ESP32-C3");
    cr_expect_null(wtr_esp_chip(0x7777));
}

/* Without its digest an image is checked by one byte, which proves little. */
Test(esp_image, without_a_digest)
{
    make(0);
    image[23] = 0;
    cr_expect(strstr(read_image(SIZE), "live app_desc weak header"));
    image[100] ^= 1;
    const char *said = read_image(SIZE);
    cr_expect(strstr(said, "live app_desc failed header"));
    cr_expect(strstr(said, "finding @0x0+400 the image's checksum or digest does not hold\n"), "%s", said);
}

/* Of an image with a digest nothing is sound once a byte of it has changed, wherever that is. */
Test(esp_image, every_byte_changed)
{
    make(0);
    for (size_t at = 0; at < SIZE; at++) {
        image[at] ^= 0x11;
        const char *said = read_image(SIZE);
        cr_assert_not(strstr(said, " ok "), "at %zu: %s", at, said);
        image[at] ^= 0x11;
    }
}

Test(esp_image, cut_at_every_length)
{
    make(0);
    uint8_t whole[SIZE];
    memcpy(whole, image, SIZE);
    for (size_t length = 0; length < SIZE; length++) {
        uint8_t *copy = malloc(length ? length : 1);
        cr_assert_not_null(copy);
        memcpy(copy, whole, length);
        const char *said = store_read(&lines, &wtr_flash_esp_image, copy, length, 0);
        cr_assert_not(strstr(said, " ok ") || strstr(said, " weak "), "at %zu: %s", length, said);
        free(copy);
    }
}

/* A stretch of blank sectors where something else should be. */
Test(esp_image, a_hole)
{
    enum { LONG = 5 * 4096, TOTAL = 24 + 8 + LONG + 16 };
    uint8_t *bytes = calloc(1, TOTAL);
    cr_assert_not_null(bytes);
    bytes[0] = 0xe9;
    bytes[1] = 1;
    put32(bytes + 4, 0x40081000);
    put32(bytes + 24, 0x40081000);
    put32(bytes + 28, LONG);
    uint8_t sum = 0xef;
    for (size_t i = 0; i < LONG; i++)
        sum ^= bytes[32 + i] = (uint8_t)(i * 7 + i / 256);
    bytes[(32 + LONG) | 15] = sum;
    const char *said = store_read(&lines, &wtr_flash_esp_image, bytes, TOTAL, 0);
    cr_expect_not(strstr(said, "finding"), "%s", said);
    bytes[9000] = 0; /* so that the sum of the blank ones can't come out right by chance */
    memset(bytes + 2 * 4096, 0xff, 2 * 4096);
    bytes[40] ^= 0xff;
    said = store_read(&lines, &wtr_flash_esp_image, bytes, TOTAL, 0);
    cr_expect(
        strstr(said, "finding @0x2000+8192 the image's sums do not hold, and this stretch of it is blank"),
        "%s", said);
    free(bytes);
}

/* ---- otadata */

static void select_at(uint8_t *to, uint32_t number)
{
    memset(to, 0xff, 32);
    put32(to, number);
    put32(to + 28, (uint32_t)crc32(0xffffffff, to, 4));
}

Test(esp_image, otadata)
{
    static uint8_t bytes[2 * 4096];
    memset(bytes, 0xff, sizeof bytes);
    select_at(bytes, 3);
    select_at(bytes + 4096, 4);
    const char *said = store_read(&lines, &wtr_flash_otadata, bytes, sizeof bytes, 0);
    cr_expect(strstr(said, "superseded select ok select selects/3 exact @0x0+32"), "%s", said);
    cr_expect(strstr(said, "live select ok select selects/4 exact @0x1000+32"), "%s", said);
    cr_expect_eq(wtr_flash_otadata.probe(bytes, sizeof bytes, 0, NULL).bid, WTR_FLASH_CERTAIN);
    bytes[4096] ^= 1; /* a number whose sum does not hold does not count */
    said = store_read(&lines, &wtr_flash_otadata, bytes, sizeof bytes, 0);
    cr_expect(strstr(said, "live select ok select selects/3"), "%s", said);
    cr_expect(strstr(said, "superseded select failed vendor"), "%s", said);
}
