/* SPDX-License-Identifier: Apache-2.0 */
/* What is handed in comes to the sorter in order, and with the digests that libcrypto gives. */
#include "case/packer.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>

enum { FEW = 3, MANY = 20000, MEMORY = 1 << 20, LONG_PAYLOAD = 100000 };

static struct wtr_sorter *sorter;
static struct wtr_packer *packer;
static char long_payload[LONG_PAYLOAD];

static void open_packer(const char *directory)
{
    cr_assert_eq(wtr_sorter_new(&sorter, sizeof(struct wtr_key), wtr_key_compare_any, MEMORY, directory),
                 WTR_OK);
    cr_assert_eq(wtr_packer_new(&packer, sorter), WTR_OK);
}

static void close_packer(void)
{
    wtr_packer_free(packer);
    wtr_sorter_free(sorter);
}

static struct wtr_item item_of(uint64_t number)
{
    return (struct wtr_item){.fixed = {.key = {.time_ns = (int64_t)number}, .type = WTR_ITEM_STATEMENT},
                             .channel = WTR_TEXT("1")};
}

/* A message's payload: its number; every thousandth one is long. */
static struct wtr_text payload_of(uint64_t number, char digits[16])
{
    if (number % 1000 == 999)
        return wtr_text_of(long_payload, sizeof long_payload);
    return wtr_text_of(digits, (size_t)snprintf(digits, 16, "%u", (unsigned)number));
}

static bool is_relayed(uint64_t number)
{
    return number % 2 == 0;
}

static bool is_numbered(uint64_t number)
{
    return number % 5 == 0;
}

static enum wtr_status hand_in(uint64_t number)
{
    char digits[16];
    struct wtr_item item = item_of(number);
    const struct wtr_digest_work work = {.parts = {WTR_TEXT("topic"), payload_of(number, digits)},
                                         .relayed = is_relayed(number),
                                         .rest = UINT64_C(0x0102030405060708)};
    if (is_numbered(number))
        item.fixed.segment[0] = 7;
    enum wtr_status status = wtr_packer_message(packer, &work);
    return status == WTR_OK ? wtr_packer_statement(packer, &item, is_numbered(number)) : status;
}

static void expect_digests(const struct wtr_statement *fixed, uint64_t number)
{
    static char message[LONG_PAYLOAD + 5];
    char digits[16];
    uint8_t digest[32], relay[16] = {0}, segment[16];
    struct wtr_text payload = payload_of(number, digits);
    memcpy(message, "topic", 5);
    memcpy(message + 5, payload.data, payload.length);
    cr_assert_eq(EVP_Digest(message, 5 + payload.length, digest, NULL, EVP_sha256(), NULL), 1);
    memcpy(segment, digest, 16);
    if (is_relayed(number)) {
        memcpy(relay, digest, 16);
        memcpy(segment, digest + 16, 16);
        for (int i = 0; i < 8; i++)
            segment[i] ^= (uint8_t)(8 - i);
    }
    if (is_numbered(number))
        memcpy(segment, (uint8_t[16]){7}, 16);
    cr_assert_arr_eq(fixed->relay, relay, 16, "relay of %u", (unsigned)number);
    cr_assert_arr_eq(fixed->segment, segment, 16, "segment of %u", (unsigned)number);
}

static void expect_all(uint64_t count)
{
    struct wtr_sorted *sorted;
    const void *key;
    struct wtr_text record;
    cr_assert_eq(wtr_sorter_seal(sorter), WTR_OK);
    cr_assert_eq(wtr_sorted_open(&sorted, sorter), WTR_OK);
    for (uint64_t i = 0; i < count; i++) {
        struct wtr_key at;
        struct wtr_item item;
        cr_assert_eq(wtr_sorted_next(sorted, &key, &record), WTR_OK);
        memcpy(&at, key, sizeof at);
        cr_assert_eq(at.time_ns, (int64_t)i);
        cr_assert(wtr_item_unpack(&at, record, &item));
        cr_assert(wtr_text_equal(item.channel, WTR_TEXT("1")));
        expect_digests(&item.fixed, i);
    }
    cr_assert_eq(wtr_sorted_next(sorted, &key, &record), WTR_END);
    wtr_sorted_close(sorted);
}

static void expect_same(uint64_t count)
{
    open_packer(NULL);
    for (uint64_t i = 0; i < count; i++)
        cr_assert_eq(hand_in(i), WTR_OK);
    cr_assert_eq(wtr_packer_finish(packer), WTR_OK);
    expect_all(count);
    close_packer();
}

Test(packer, none)
{
    expect_same(0);
}

Test(packer, few)
{
    expect_same(FEW);
}

Test(packer, many)
{
    expect_same(MANY);
}

Test(packer, an_item_keeps_its_own_digests)
{
    struct wtr_item item = item_of(1);
    struct wtr_sorted *sorted;
    const void *key;
    struct wtr_text record;
    struct wtr_item read;
    open_packer(NULL);
    cr_assert_eq(hand_in(0), WTR_OK);
    memset(item.fixed.segment, 9, 16);
    cr_assert_eq(wtr_packer_item(packer, &item), WTR_OK);
    cr_assert_eq(wtr_packer_finish(packer), WTR_OK);
    cr_assert_eq(wtr_sorter_seal(sorter), WTR_OK);
    cr_assert_eq(wtr_sorted_open(&sorted, sorter), WTR_OK);
    cr_assert_eq(wtr_sorted_next(sorted, &key, &record), WTR_OK);
    cr_assert_eq(wtr_sorted_next(sorted, &key, &record), WTR_OK);
    cr_assert(wtr_item_unpack(&item.fixed.key, record, &read));
    cr_assert_arr_eq(read.fixed.segment, item.fixed.segment, 16);
    cr_assert_arr_eq(read.fixed.relay, ((uint8_t[16]){0}), 16);
    wtr_sorted_close(sorted);
    close_packer();
}

/* The temporary file can't be made: that is said, at the latest at the end. */
Test(packer, an_error_comes_back)
{
    enum wtr_status status = WTR_OK;
    open_packer("/nowhere/at/all");
    for (uint64_t i = 0; i < MANY && status == WTR_OK; i++)
        status = hand_in(i);
    if (status == WTR_OK)
        status = wtr_packer_finish(packer);
    if (status == WTR_OK)
        status = wtr_sorter_seal(sorter);
    cr_assert_eq(status, WTR_E_WRITE);
    close_packer();
}

Test(packer, given_up_half_way)
{
    open_packer(NULL);
    for (uint64_t i = 0; i < MANY; i++)
        cr_assert_eq(hand_in(i), WTR_OK);
    close_packer();
}
