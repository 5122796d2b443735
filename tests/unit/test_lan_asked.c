/* SPDX-License-Identifier: Apache-2.0 */
/* The names of clouds that hosts look up, and the clocks in their requests for the time. */
#include "protocol/dns.h"
#include "protocol/ntp.h"

#include "lan_hear.h"
#include "say_record.h"

TestSuite(lan_asked, .init = set_up, .fini = tear_down);

/* devs.tplinkcloud.com */
#define DEVS "0464657673 0b74706c696e6b636c6f7564 03636f6d 00 0001 0001 "
#define QUERY "0001 0100 0001 0000 0000 0000 "
#define ANSWERS(n) "0001 8180 0001 " n " 0000 0000 "

static void expect_dns(const char *digits, const char *expected)
{
    expect(&wtr_dns, from_hex(digits), expected);
}

static void asks(void)
{
    say_record_ends(say, "10.10.10.228", 36209, "10.10.10.1", 53);
}

static void is_answered(void)
{
    say_record_ends(say, "10.10.10.1", 53, "10.10.10.228", 36209);
}

Test(lan_asked, a_cloud)
{
    asks();
    expect_dns(QUERY DEVS, "bystander lan:10.10.10.228\n"
                           "network.contact lan:10.10.10.228 server=devs.tplinkcloud.com\n");
    is_answered();
    expect_dns(ANSWERS("0003") DEVS "c00c 0005 0001 0000003c 0003 0161 00 "
                                    "c00c 0001 0001 0000003c 0004 34316b29 "
                                    "c00c 001c 0001 0000003c 0010 20010db8000000000000000000000001",
               "bystander lan:10.10.10.228\n"
               "network.contact lan:10.10.10.228 server=devs.tplinkcloud.com "
               "answer=52.49.107.41, 2001:db8::1\n");
    expect_dns(ANSWERS("0000") DEVS, "");
    expect_dns(ANSWERS("0001") DEVS "c00c 0005 0001 0000003c 0003 0161 00", "");
}

Test(lan_asked, case_and_depth)
{
    asks();
    expect_dns(QUERY "0154 0b54504c494e4b434c4f5544 03434f4d 00 0001 0001",
               "bystander lan:10.10.10.228\nnetwork.contact lan:10.10.10.228 server=T.TPLINKCLOUD.COM\n");
    expect_dns(QUERY "0b74706c696e6b636c6f7564 03636f6d 00 0001 0001",
               "bystander lan:10.10.10.228\nnetwork.contact lan:10.10.10.228 server=tplinkcloud.com\n");
}

Test(lan_asked, names_of_no_interest)
{
    asks();
    expect_dns(QUERY "03777777 06676f6f676c65 03636f6d 00 0001 0001", "");
    expect_dns(QUERY "0b74706c696e6b636c6f7564 026e6c 00 0001 0001", "");        /* tplinkcloud.nl */
    expect_dns(QUERY "0b74706c696e6b636c6f7564 03636f6d 0161 00 0001 0001", ""); /* tplinkcloud.com.a */
    expect_dns(QUERY "0c7874706c696e6b636c6f7564 03636f6d 00 0001 0001", "");    /* xtplinkcloud.com */
    expect_dns(QUERY "03636f6d 00 0001 0001", "");
    expect_dns(QUERY "00 0001 0001", "");
    expect_dns(
        "0001 8180 0000 0001 0000 0000 0b74706c696e6b636c6f7564 03636f6d 00 0001 0001 00000000 0004 01020304",
        ""); /* an answer without its question */
}

/* A server that is not asked on DNS's port. */
Test(lan_asked, another_port)
{
    say_record_ends(say, "10.10.10.228", 53, "10.10.10.1", 36209);
    expect_dns(QUERY DEVS, "");
    say_record_ends(say, "10.10.10.1", 36209, "10.10.10.228", 53);
    expect_dns(ANSWERS("0001") DEVS "c00c 0001 0001 0000003c 0004 34316b29", "");
}

/* ---- NTP */

/* A request at `at` (nanoseconds since 1970) whose clock says `seconds` of NTP's era 0 and a half. */
static void expect_ntp(int64_t at, uint32_t seconds, const char *expected)
{
    struct bytes b = {calloc(1, 48), 48};
    b.data[0] = 0x1b;
    for (int i = 0; i < 4; i++)
        b.data[40 + i] = (uint8_t)(seconds >> (24 - 8 * i));
    b.data[44] = seconds ? 0x80 : 0;
    now_ns = at;
    say_record_ends(say, "10.10.10.228", 123, "1.2.3.4", 123);
    expect(&wtr_ntp, b, expected);
}

static const int64_t now =
    INT64_C(1471865741000000000); /* 2016-08-22T11:35:41Z, in NTP's seconds 3680854541 */
static const uint32_t ntp_now = 3680854541U;

Test(lan_asked, a_clock_near_the_capture_s)
{
    expect_ntp(now, ntp_now - 23,
               "bystander lan:10.10.10.228\n"
               "clock.reading lan:10.10.10.228 device_time=2016-08-22T11:35:18.500000000Z clock_kind=utc "
               "offset_s=-22.5\n");
    expect_ntp(now, ntp_now + 86399,
               "bystander lan:10.10.10.228\n"
               "clock.reading lan:10.10.10.228 device_time=2016-08-23T11:35:40.500000000Z clock_kind=utc "
               "offset_s=86399.5\n");
    expect_ntp(now + 500000000, ntp_now - 86400,
               "bystander lan:10.10.10.228\n"
               "clock.reading lan:10.10.10.228 device_time=2016-08-21T11:35:41.500000000Z clock_kind=utc "
               "offset_s=-86400\n");
}

Test(lan_asked, what_may_be_any_number)
{
    expect_ntp(now, 0, "");
    expect_ntp(now, ntp_now + 86400, "");
    expect_ntp(now, 3155673717U, ""); /* 1999-12-31 and a half day, once */
}

/* Captures whose own clock can't be right. */
Test(lan_asked, times_of_no_capture)
{
    expect_ntp(-1, 2208988799U, "");
    expect_ntp(INT64_MIN, 0x80000000U, "");
    expect_ntp(INT64_MAX, 0x7fffffffU, "");
}

/* A clock that was never set is known by running on: 2000-01-01T00:01:47Z. */
Test(lan_asked, a_clock_that_runs_on)
{
    const uint32_t unset = 3155673707U;
    expect_ntp(now, unset, "");
    expect_ntp(now + INT64_C(10000000000), unset + 10,
               "bystander lan:10.10.10.228\n"
               "clock.reading lan:10.10.10.228 device_time=2000-01-01T00:01:57.500000000Z clock_kind=utc "
               "offset_s=-525180833.5\n");
    expect_ntp(now + INT64_C(20000000000), unset + 22,
               "bystander lan:10.10.10.228\n"
               "clock.reading lan:10.10.10.228 device_time=2000-01-01T00:02:09.500000000Z clock_kind=utc "
               "offset_s=-525180831.5\n");                  /* two seconds too many */
    expect_ntp(now + INT64_C(30000000000), unset + 35, ""); /* three */
    expect_ntp(now + INT64_C(40000000000), unset + 35, ""); /* stands still */
}

Test(lan_asked, answers_are_no_clock_of_the_asker)
{
    struct bytes b = {calloc(1, 48), 48};
    b.data[0] = 0x1c;
    b.data[40] = 0xdb;
    say_record_ends(say, "1.2.3.4", 123, "10.10.10.228", 123);
    expect(&wtr_ntp, b, "");
}
