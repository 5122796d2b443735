/* SPDX-License-Identifier: Apache-2.0 */
/* NVS: every type and state, order, blobs over pages, and what damage costs. */
#include "flash/formats.h"

#include "flash_damage.h"
#include "nvs_image.h"

#include <openssl/evp.h>

static struct nvs_image image;
static struct store_lines lines;

static const char *read_pages(size_t pages)
{
    return store_read(&lines, &wtr_flash_nvs, image.bytes, pages * 4096, 0x9000);
}

static void expect(size_t pages, const char *expected)
{
    const char *said = read_pages(pages);
    cr_expect_str_eq(said, expected);
}

static void clean(void)
{
    wtr_buffer_free(&lines.text);
}

TestSuite(nvs, .fini = clean);

static void begin(void)
{
    nvs_begin(&image);
    nvs_page(&image, 0, 7, 0xfffffffe);
    nvs_number(&image, 0, 1, "app", 1);
}

Test(nvs, every_type)
{
    begin();
    nvs_number(&image, 1, 0x01, "u8", 0xfe);
    nvs_number(&image, 1, 0x12, "i16", 0x8001);
    nvs_number(&image, 1, 0x04, "u32", 0x01020304);
    nvs_number(&image, 1, 0x18, "i64", UINT64_MAX - 1);
    nvs_long(&image, 1, 0x21, 0xff, "text", "hello", 6);
    nvs_long(&image, 1, 0x41, 0xff, "old", "\1\2\3", 3);
    nvs_long(&image, 1, 0x21, 0xff, "nothing", "", 0);
    expect(1, "live app ok namespace pages/896 exact @0x9058+1: hex 01\n"
              "live app/u8 ok u8 pages/897 exact @0x9078+1: hex fe\n"
              "live app/i16 ok i16 pages/898 exact @0x9098+2: hex 0180\n"
              "live app/u32 ok u32 pages/899 exact @0x90b8+4: hex 04030201\n"
              "live app/i64 ok i64 pages/900 exact @0x90d8+8: hex feffffffffffffff\n"
              "live app/text ok str pages/901 exact @0x9100+6: hex 68656c6c6f00\n"
              "live app/old ok blob pages/903 exact @0x9140+3: hex 010203\n"
              "live app/nothing ok str pages/905 exact @0x9180+0: hex \n");
}

/* An erased value keeps its bytes; it has a later one or none. Two that are marked as written: the power went
 * before the first was erased. */
Test(nvs, earlier_values)
{
    begin();
    size_t first = nvs_long(&image, 1, 0x21, 0xff, "ssid", "cellar", 7);
    size_t gone = nvs_number(&image, 1, 1, "gone", 5);
    nvs_mark(&image, 0, first, 2, 0);
    nvs_mark(&image, 0, gone, 1, 0);
    nvs_page(&image, 1, 3, 0xfffffffc);
    size_t oldest = nvs_long(&image, 1, 0x21, 0xff, "ssid", "attic", 6);
    nvs_mark(&image, 1, oldest, 2, 0);
    nvs_page(&image, 2, 9, 0xfffffffe);
    nvs_long(&image, 1, 0x21, 0xff, "ssid", "shed", 5);
    nvs_long(&image, 1, 0x21, 0xff, "ssid", "barn", 5);
    size_t torn = nvs_number(&image, 1, 1, "torn", 6);
    nvs_mark(&image, 2, torn, 1, 3);
    expect(3, "superseded app/ssid ok str pages/384 exact @0xa060+6: hex 617474696300\n"
              "live app ok namespace pages/896 exact @0x9058+1: hex 01\n"
              "superseded app/ssid ok str pages/897 exact @0x9080+7: hex 63656c6c617200\n"
              "deleted app/gone ok u8 pages/899 exact @0x90b8+1: hex 05\n"
              "superseded app/ssid ok str pages/1152 exact @0xb060+5: hex 7368656400\n"
              "live app/ssid ok str pages/1154 exact @0xb0a0+5: hex 6261726e00\n"
              "stale app/torn ok u8 pages/1156 exact @0xb0d8+1: hex 06\n");
}

/* A blob whose parts stand in two pages, written twice; of the first writing all is still there. */
Test(nvs, blobs_in_parts)
{
    begin();
    size_t a = nvs_long(&image, 1, 0x42, 0, "blob", "one-", 4);
    size_t b = nvs_long(&image, 1, 0x42, 1, "blob", "two", 3);
    size_t i = nvs_index(&image, 1, "blob", 7, 2, 0);
    nvs_mark(&image, 0, a, 2, 0);
    nvs_mark(&image, 0, b, 2, 0);
    nvs_mark(&image, 0, i, 1, 0);
    nvs_long(&image, 1, 0x42, 0x80, "blob", "three-", 6);
    nvs_page(&image, 1, 8, 0xfffffffe);
    nvs_long(&image, 1, 0x42, 0x81, "blob", "four", 4);
    nvs_index(&image, 1, "blob", 10, 2, 0x80);
    expect(2, "live app ok namespace pages/896 exact @0x9058+1: hex 01\n"
              "superseded app/blob ok blob pages/901 exact @0x9080+7: one-two\n"
              "live app/blob ok blob pages/1026 exact @0x9120+10: three-four\n");
}

/* Parts without their index, and an index whose parts are gone, are not put together. */
Test(nvs, parts_that_are_missing)
{
    begin();
    nvs_long(&image, 1, 0x42, 0, "left", "part", 4);
    nvs_index(&image, 1, "lost", 4, 1, 0);
    size_t a = nvs_long(&image, 1, 0x42, 0, "half", "12", 2);
    nvs_index(&image, 1, "half", 4, 2, 0);
    (void)a;
    expect(1, "live app ok namespace pages/896 exact @0x9058+1: hex 01\n"
              "live app/lost failed blob pages/899 exact @0x0+0: hex \n"
              "finding @0xa0+32 a blob's parts are not all there and sound\n"
              "live app/half failed blob pages/902 exact @0x90e0+2: 12\n"
              "finding @0x100+32 a blob's parts are not all there and sound\n"
              "stale app/left ok blob_data pages/897 exact @0x9080+4: part\n"
              "stale app/half ok blob_data pages/900 exact @0x90e0+2: 12\n");
}

Test(nvs, sums_that_fail)
{
    begin();
    nvs_long(&image, 1, 0x21, 0xff, "text", "hello", 6);
    nvs_number(&image, 1, 1, "next", 9);
    image.bytes[64 + 2 * 32] ^= 1; /* the text itself */
    expect(1, "live app ok namespace pages/896 exact @0x9058+1: hex 01\n"
              "live app/text failed str pages/897 exact @0x9080+6: hex 69656c6c6f00\n"
              "finding @0x60+64 the checksum of an entry's value does not hold\n"
              "live app/next ok u8 pages/899 exact @0x90b8+1: hex 09\n");
    image.bytes[28] ^= 1; /* the page's header */
    expect(1, "finding @0x0+64 the checksum of the page's header does not hold: its place in the order of "
              "pages is not known\n"
              "live app ok namespace @0x9058+1: hex 01\n"
              "live app/text failed str @0x9080+6: hex 69656c6c6f00\n"
              "finding @0x60+64 the checksum of an entry's value does not hold\n"
              "live app/next ok u8 @0x90b8+1: hex 09\n");
}

Test(nvs, a_name_that_is_not_known)
{
    nvs_begin(&image);
    nvs_page(&image, 0, 0, 0xfffffffe);
    nvs_number(&image, 9, 1, "key", 1);
    expect(1, "live #9/key ok u8 pages/0 exact @0x9058+1: hex 01\n");
}

/* ---- encryption: each item is a unit of XTS-AES-256 whose number is its place in the partition */

static void encipher(const uint8_t key[64], size_t pages)
{
    for (size_t page = 0; page < pages; page++) {
        for (size_t item = 0; item < 126; item++) {
            size_t at = page * 4096 + 64 + item * 32;
            uint8_t tweak[16] = {(uint8_t)at, (uint8_t)(at >> 8)}, out[32];
            unsigned mark = image.bytes[page * 4096 + 32 + item / 4] >> item % 4 * 2 & 3;
            int length;
            if (mark == 3)
                continue;
            EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
            EVP_EncryptInit_ex(context, EVP_aes_256_xts(), NULL, key, tweak);
            EVP_EncryptUpdate(context, out, &length, image.bytes + at, 32);
            EVP_CIPHER_CTX_free(context);
            memcpy(image.bytes + at, out, 32);
        }
    }
}

static struct wtr_keyring keyring(uint8_t first)
{
    static uint8_t secret[64];
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)(first + i);
    struct wtr_keyring keys = {0};
    const struct wtr_key_entry entry = {
        .type = WTR_KEY_NVS, .secret = wtr_text_of(secret, sizeof secret), .name = "nvs", .origin = "test"};
    cr_assert(wtr_keyring_add(&keys, &entry));
    return keys;
}

static void count_enciphered(void *payload, const struct wtr_entry *entry)
{
    size_t *count = payload;
    *count += entry->encryption && strcmp(entry->encryption, "nvs") == 0 && entry->span.opening &&
              strcmp(entry->span.opening->key, "nvs") == 0;
}

static void read_with(const struct wtr_keyring *keys, size_t from, size_t pages, size_t *enciphered)
{
    const struct wtr_piece piece = {.length = pages * 4096, .offset = 0x9000};
    const struct wtr_volume volume = {.name = WTR_TEXT("volume"),
                                      .span = {image.bytes + from, pages * 4096, &piece, 1, NULL},
                                      .keys = keys};
    struct store_lines *to = &lines;
    const struct wtr_flash_sink sink = {.payload = to, .entry = store_entry, .finding = store_finding};
    wtr_buffer_clear(&lines.text);
    lines.base = 0x9000;
    lines.size = pages * 4096;
    lines.each = count_enciphered;
    lines.payload = enciphered;
    *enciphered = 0;
    wtr_flash_nvs.read(&volume, &sink);
    wtr_put_char(&lines.text, '\0');
    lines.each = NULL;
}

Test(nvs, enciphered)
{
    struct wtr_keyring right = keyring(3), wrong = keyring(4);
    uint8_t secret[64];
    size_t enciphered;
    memcpy(secret, right.list[0].secret.data, sizeof secret);
    begin();
    nvs_long(&image, 1, 0x21, 0xff, "text", "hello", 6);
    nvs_page(&image, 1, 8, 0xfffffffe);
    nvs_number(&image, 1, 4, "u32", 0x01020304);
    encipher(secret, 2);
    read_with(&right, 0, 2, &enciphered);
    cr_expect_eq(enciphered, 3);
    cr_expect_str_eq(lines.text.data, "live app ok namespace pages/896 exact @0x9040+32: hex 01\n"
                                      "live app/text ok str pages/897 exact @0x9080+32: hex 68656c6c6f00\n"
                                      "live app/u32 ok u32 pages/1024 exact @0xa040+32: hex 04030201\n");
    /* The partition's first page is not there, so places in it are found by trying. */
    read_with(&right, 4096, 1, &enciphered);
    cr_expect_str_eq(lines.text.data, "live #1/u32 ok u32 pages/1024 exact @0x9040+32: hex 04030201\n");
    read_with(&wrong, 0, 2, &enciphered);
    cr_expect_eq(enciphered, 0);
    cr_expect(strncmp(lines.text.data, "finding @0x0+8192 no entry can be read", 38) == 0, "%s",
              lines.text.data);
    wtr_keyring_free(&right);
    wtr_keyring_free(&wrong);
}

/* ---- damage */

static void make_small(void)
{
    begin();
    nvs_number(&image, 1, 1, "u8", 200);
    size_t first = nvs_long(&image, 1, 0x21, 0xff, "ssid", "cellar", 7);
    nvs_mark(&image, 0, first, 2, 0);
    nvs_long(&image, 1, 0x42, 0, "blob", "a blob in", 9);
    nvs_page(&image, 1, 8, 0xfffffffe);
    nvs_long(&image, 1, 0x42, 1, "blob", " two parts", 10);
    nvs_index(&image, 1, "blob", 19, 2, 0);
    nvs_long(&image, 1, 0x21, 0xff, "ssid", "shed", 5);
    nvs_number(&image, 1, 8, "u64", 123456789);
}

/* Without the item that names it, the namespace is known by its number; without its index a blob is parts. */
static bool allowed(const char *fact, size_t at)
{
    static const char *const more[] = {"app/blob: a blob in", "app/blob:  two parts"};
    (void)at;
    if (strncmp(fact, "#1/", 3) == 0)
        return true;
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (strcmp(fact, more[i]) == 0)
            return true;
    return false;
}

Test(nvs, every_byte_changed)
{
    make_small();
    damage_flip_all(&wtr_flash_nvs, image.bytes, 64 + 32 * 12, 6, allowed);
    /* Within the second page one item goes with its own bytes alone. */
    static struct damage_facts whole, now;
    damage_gather(read_pages(2), &whole);
    for (size_t at = 4096 + 64; at < 4096 + 64 + 6 * 32; at++) {
        image.bytes[at] ^= 0x55;
        damage_gather(read_pages(2), &now);
        cr_expect_geq(damage_kept(&whole, &now, allowed, at) + 1, whole.count, "at %zu", at);
        image.bytes[at] ^= 0x55;
    }
    for (size_t at = 4096; at < 4096 + 32; at++) { /* the page's header costs its place in the order alone */
        image.bytes[at] ^= 0x55;
        damage_gather(read_pages(2), &now);
        cr_expect_eq(damage_kept(&whole, &now, allowed, at), whole.count, "at %zu", at);
        image.bytes[at] ^= 0x55;
    }
}

Test(nvs, cut_at_every_length)
{
    make_small();
    damage_cut_all(&wtr_flash_nvs, image.bytes, 4096 + 64 + 8 * 32, allowed);
}

Test(nvs, recognised)
{
    make_small();
    struct wtr_flash_find find = wtr_flash_nvs.probe(image.bytes, NVS_SIZE, 0, NULL);
    cr_expect_eq(find.bid, WTR_FLASH_CERTAIN);
    cr_expect_eq(find.before, 0);
    cr_expect_eq(find.length, 2 * 4096);
    for (size_t at = 0; at < 32;
         at++) { /* one byte of the header changed: the items behind it speak for it */
        image.bytes[at] ^= 0x55;
        cr_expect_eq(wtr_flash_nvs.probe(image.bytes, NVS_SIZE, 0, NULL).bid, WTR_FLASH_CERTAIN, "at %zu",
                     at);
        image.bytes[at] ^= 0x55;
    }
    memset(image.bytes + 64, 0x11, 4096 - 64);
    image.bytes[4] ^= 1; /* a header that does not hold, and nothing behind it */
    cr_expect_eq(wtr_flash_nvs.probe(image.bytes, NVS_SIZE, 0, NULL).bid, WTR_FLASH_NO);
    cr_expect_eq(wtr_flash_nvs.probe(image.bytes, 4095, 0, NULL).bid, WTR_FLASH_NO);
}
