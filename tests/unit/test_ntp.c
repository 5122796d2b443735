/* SPDX-License-Identifier: Apache-2.0 */
/* NTP packets, laid out by hand from RFC 5905 figure 8; times worked out with date(1). */
#include "protocol/ntp.h"

#include "datagram_feed.h"

#include <criterion/criterion.h>

/* Leap 0, version 4, the mode; stratum 2, poll 6, precision -20. */
#define SERVER "24 02 06 ec 00000100 00018000 c0a80101 "

static void expect(const char *digits, const char *expected)
{
    struct bytes b = from_hex(digits);
    const char *said = feed_datagram(&wtr_ntp, b);
    cr_expect(strcmp(said, expected) == 0, "%s\nsaid:\n%sexpected:\n%s", digits, said, expected);
    free(b.data);
    wtr_buffer_free(&feed_log);
}

Test(ntp, server)
{
    /* 83aa7e80 is 1970-01-01 (RFC 868), 80000000 half a second */
    expect(SERVER "00000000 00000000 83aa7e80 80000000 83aa7e81 00000001 83aa7e82 ffffffff",
           "server {\"leap_indicator\":0,\"version\":4,\"mode\":4,\"stratum\":2,\"poll\":6,\"precision\":-20,"
           "\"root_delay\":0.003906,\"root_dispersion\":1.5,\"reference_id\":{\"hex\":\"c0a80101\"},"
           "\"reference_timestamp\":{\"seconds\":0,\"fraction\":0},"
           "\"origin_timestamp\":{\"seconds\":2208988800,\"fraction\":2147483648,\"era\":0,"
           "\"time\":\"1970-01-01T00:00:00.500000000Z\"},"
           "\"receive_timestamp\":{\"seconds\":2208988801,\"fraction\":1,\"era\":0,"
           "\"time\":\"1970-01-01T00:00:01.000000000Z\"},"
           "\"transmit_timestamp\":{\"seconds\":2208988802,\"fraction\":4294967295,\"era\":0,"
           "\"time\":\"1970-01-01T00:00:02.999999999Z\"}}\n");
}

Test(ntp, reference_words_and_extensions)
{
    expect("1b 01 00 00 00000000 00000000 47505300 0000000000000000 0000000000000000 0000000000000000 "
           "0000000000000000 0000000a",
           "client {\"leap_indicator\":0,\"version\":3,\"mode\":3,\"stratum\":1,\"poll\":0,\"precision\":0,"
           "\"root_delay\":0,\"root_dispersion\":0,\"reference_id\":\"GPS\","
           "\"reference_timestamp\":{\"seconds\":0,\"fraction\":0},"
           "\"origin_timestamp\":{\"seconds\":0,\"fraction\":0},"
           "\"receive_timestamp\":{\"seconds\":0,\"fraction\":0},"
           "\"transmit_timestamp\":{\"seconds\":0,\"fraction\":0},\"extension\":{\"hex\":\"0000000a\"}}\n");
}

/* The last second of era 0, and the first of era 1: 2036-02-07T06:28:16Z (RFC 5905 figure 4). With the top
 * bit set a time lies in 1968 to 2036 (RFC 4330 3). */
Test(ntp, eras)
{
    static const struct {
        struct wtr_ntp_time time;
        unsigned era;
        int64_t seconds;
    } cases[] = {
        {{0xffffffff, 0}, 0, INT64_C(2085978495)}, /* 2036-02-07T06:28:15Z */
        {{0, 1}, 1, INT64_C(2085978496)},
        {{0x80000000, 0}, 0, INT64_C(-61505152)},  /* 1968-01-20T03:14:08Z */
        {{0x7fffffff, 0}, 1, INT64_C(4233462143)}, /* 2104-02-26T09:42:23Z */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(wtr_ntp_era(cases[i].time), cases[i].era, "%zu", i);
        cr_expect_eq(wtr_ntp_time_ns(cases[i].time) / 1000000000, cases[i].seconds, "%zu", i);
    }
}

Test(ntp, bids)
{
    struct bytes b =
        from_hex("1b" SERVER "0000000000000000 0000000000000000 0000000000000000 00000000000000");
    cr_expect_eq(b.length, 48);
    cr_expect_eq(feed_bid(&wtr_ntp, b, 50000, 123), WTR_BID_LIKELY);
    cr_expect_eq(feed_bid(&wtr_ntp, b, 123, 50000), WTR_BID_LIKELY);
    cr_expect_eq(feed_bid(&wtr_ntp, b, 50000, 124), WTR_BID_NONE);
    struct bytes cut = {b.data, 47};
    cr_expect_eq(feed_bid(&wtr_ntp, cut, 50000, 123), WTR_BID_NONE);
    static const struct {
        uint8_t first;
        enum wtr_bid bid;
    } firsts[] = {
        {0x03, WTR_BID_NONE},   /* version 0 */
        {0x0b, WTR_BID_LIKELY}, /* version 1 */
        {0x2b, WTR_BID_NONE},   /* version 5 */
        {0x18, WTR_BID_NONE},   /* mode 0 */
        {0x1d, WTR_BID_LIKELY}, /* broadcast */
        {0x1e, WTR_BID_NONE},   /* control */
        {0x17, WTR_BID_NONE},   /* private */
    };
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        b.data[0] = firsts[i].first;
        cr_expect_eq(feed_bid(&wtr_ntp, b, 123, 123), firsts[i].bid, "%02x", firsts[i].first);
    }
    free(b.data);
}
