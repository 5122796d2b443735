/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP messages, laid out by hand from RFC 2131 figure 1 and RFC 2132. */
#include "protocol/dhcp.h"

#include "datagram_feed.h"

#include <criterion/criterion.h>

/* op, htype, hlen, hops; xid; secs, flags; four addresses; chaddr */
#define FIXED(op)                                                                                            \
    op " 01 06 00 0102abcd 0004 8000 00000000 0a000007 0a000001 00000000 50c7bf00fca3 00000000000000000000 "
#define ZEROS16 "00000000000000000000000000000000 "
#define SNAME ZEROS16 ZEROS16 ZEROS16 ZEROS16
#define FILE_NAME SNAME SNAME
#define COOKIE "63825363 "
#define HEAD(op)                                                                                             \
    "{\"op\":" op ",\"htype\":1,\"hlen\":6,\"hops\":0,\"xid\":16952269,\"secs\":4,\"flags\":32768,"          \
    "\"ciaddr\":\"0.0.0.0\",\"yiaddr\":\"10.0.0.7\",\"siaddr\":\"10.0.0.1\",\"giaddr\":\"0.0.0.0\","         \
    "\"chaddr\":\"50:c7:bf:00:fc:a3\",\"options\":["

static void expect(const char *digits, const char *expected)
{
    struct bytes b = from_hex(digits);
    const char *said = feed_datagram(&wtr_dhcp, b);
    cr_expect(strcmp(said, expected) == 0, "said:\n%sexpected:\n%s", said, expected);
    free(b.data);
    wtr_buffer_free(&feed_log);
}

static void expect_options(const char *options, const char *type, const char *expected)
{
    struct wtr_buffer digits = {0}, whole = {0};
    wtr_put_z(&digits, FIXED("01") SNAME FILE_NAME COOKIE);
    wtr_put_z(&digits, options);
    wtr_put(&digits, "", 1);
    wtr_put_z(&whole, type);
    wtr_put_z(&whole, " " HEAD("1"));
    wtr_put_z(&whole, expected);
    wtr_put(&whole, "]}\n", 4);
    expect(digits.data, whole.data);
    wtr_buffer_free(&digits);
    wtr_buffer_free(&whole);
}

Test(dhcp, message_types)
{
    static const char *const types[] = {"discover", "offer",   "request", "decline",    "ack",
                                        "nak",      "release", "inform",  "forcerenew", "leasequery"};
    for (unsigned i = 0; i < 10; i++) {
        char options[24], expected[80];
        snprintf(options, sizeof options, "35 01 %02x ff", i + 1);
        snprintf(expected, sizeof expected, "{\"code\":53,\"name\":\"dhcp_message_type\",\"value\":%u}",
                 i + 1);
        expect_options(options, types[i], expected);
    }
    expect_options("35 01 0b ff", "bootrequest", "{\"code\":53,\"name\":\"dhcp_message_type\",\"value\":11}");
    expect(FIXED("02") SNAME FILE_NAME COOKIE "ff", "bootreply " HEAD("2") "]}\n");
}

Test(dhcp, the_forms_of_options)
{
    expect_options("0c 05 4853313130 3c 02 7564 ff", "bootrequest",
                   "{\"code\":12,\"name\":\"host_name\",\"value\":\"HS110\"},"
                   "{\"code\":60,\"name\":\"vendor_class_identifier\",\"value\":\"ud\"}");
    expect_options("00 00 32 04 0a000007 03 08 0a000001 0a000002 37 03 010306 33 04 00015180 ff",
                   "bootrequest",
                   "{\"code\":50,\"name\":\"requested_ip_address\",\"value\":[\"10.0.0.7\"]},"
                   "{\"code\":3,\"name\":\"router\",\"value\":[\"10.0.0.1\",\"10.0.0.2\"]},"
                   "{\"code\":55,\"name\":\"parameter_request_list\",\"value\":[1,3,6]},"
                   "{\"code\":51,\"name\":\"ip_address_lease_time\",\"value\":86400}");
    expect_options("3d 07 01 50c7bf00fca3 39 02 0240 02 04 fffff1f0 ff", "bootrequest",
                   "{\"code\":61,\"name\":\"client_identifier\","
                   "\"value\":{\"type\":1,\"identifier\":\"50:c7:bf:00:fc:a3\"}},"
                   "{\"code\":57,\"name\":\"maximum_dhcp_message_size\",\"value\":576},"
                   "{\"code\":2,\"name\":\"time_offset\",\"value\":-3600}");
    /* RFC 4702 2: the name as text, and in DNS's form (flag E) */
    expect_options("51 06 00 00 00 706c67 51 00 ff", "bootrequest",
                   "{\"code\":81,\"name\":\"client_fqdn\","
                   "\"value\":{\"flags\":0,\"rcode1\":0,\"rcode2\":0,\"domain_name\":\"plg\"}}");
    expect_options("51 0a 05 ff ff 03706c67 016100 ff", "bootrequest",
                   "{\"code\":81,\"name\":\"client_fqdn\","
                   "\"value\":{\"flags\":5,\"rcode1\":255,\"rcode2\":255,\"domain_name\":\"plg.a\"}}");
    expect_options("e0 02 abcd 31 00 ff", "bootrequest",
                   "{\"code\":224,\"value\":{\"hex\":\"abcd\"}},{\"code\":49,\"value\":{\"hex\":\"\"}}");
}

/* A length that does not fit the option: the bytes, and no guess. */
Test(dhcp, options_of_other_lengths)
{
    expect_options("32 03 0a0000 33 03 000151 3d 01 01 51 02 0000 35 00 ff", "bootrequest",
                   "{\"code\":50,\"name\":\"requested_ip_address\",\"value\":{\"hex\":\"0a0000\"}},"
                   "{\"code\":51,\"name\":\"ip_address_lease_time\",\"value\":{\"hex\":\"000151\"}},"
                   "{\"code\":61,\"name\":\"client_identifier\",\"value\":{\"hex\":\"01\"}},"
                   "{\"code\":81,\"name\":\"client_fqdn\",\"value\":{\"hex\":\"0000\"}},"
                   "{\"code\":53,\"name\":\"dhcp_message_type\",\"value\":{\"hex\":\"\"}}");
}

/* RFC 3396: pieces of one option are joined, in the order options, file, sname. */
Test(dhcp, long_options_and_overload)
{
    expect_options("0c 02 4853 3c 01 75 0c 03 313130 ff", "bootrequest",
                   "{\"code\":12,\"name\":\"host_name\",\"value\":\"HS110\"},"
                   "{\"code\":60,\"name\":\"vendor_class_identifier\",\"value\":\"u\"}");
    expect(FIXED("01") "0c 03 313130 ff " ZEROS16 ZEROS16 ZEROS16 "00000000000000000000 "
                       "0c 02 4853 ff " SNAME ZEROS16 ZEROS16 ZEROS16 "0000000000000000000000 " COOKIE
                       "34 01 03 ff",
           "bootrequest " HEAD("1") "{\"code\":52,\"name\":\"option_overload\",\"value\":3},"
                                    "{\"code\":12,\"name\":\"host_name\",\"value\":\"HS110\"}]}\n");
}

Test(dhcp, server_and_file_names)
{
    expect(
        FIXED("02") "7372 00"
                    "78"
                    "00000000 00000000 00000000 " ZEROS16 ZEROS16 ZEROS16 FILE_NAME COOKIE "ff",
        "bootreply {\"op\":2,\"htype\":1,\"hlen\":6,\"hops\":0,\"xid\":16952269,\"secs\":4,\"flags\":32768,"
        "\"ciaddr\":\"0.0.0.0\",\"yiaddr\":\"10.0.0.7\",\"siaddr\":\"10.0.0.1\",\"giaddr\":\"0.0.0.0\","
        "\"chaddr\":\"50:c7:bf:00:fc:a3\",\"sname\":\"sr\",\"options\":[]}\n");
}

Test(dhcp, damage)
{
    expect(FIXED("01") SNAME FILE_NAME COOKIE "35 01 01 0c 05 4853",
           "! 243+4 an option runs past its field\n"
           "discover " HEAD("1") "{\"code\":53,\"name\":\"dhcp_message_type\",\"value\":1}]}\n");
    expect(FIXED("01") SNAME FILE_NAME COOKIE "35 01 01 0c",
           "! 243+1 an option runs past its field\n"
           "discover " HEAD("1") "{\"code\":53,\"name\":\"dhcp_message_type\",\"value\":1}]}\n");
    expect(FIXED("01") SNAME FILE_NAME COOKIE, "bootrequest " HEAD("1") "]}\n");
}

/* One option more than there is room for. */
Test(dhcp, many_options)
{
    struct wtr_buffer digits = {0};
    wtr_put_z(&digits, FIXED("01") SNAME FILE_NAME COOKIE);
    for (int i = 0; i < WTR_DHCP_MAX_OPTIONS; i++)
        wtr_put_z(&digits, "e0 00 ");
    wtr_put_z(&digits, "35 01 01 ff");
    wtr_put(&digits, "", 1);
    expect(digits.data, "! 496+4 more options than are read\nbootrequest " HEAD(
                            "1") "{\"code\":224,\"value\":{\"hex\":\"\"}}]}\n");
    wtr_buffer_free(&digits);
}

Test(dhcp, bids)
{
    struct bytes b = from_hex(FIXED("01") SNAME FILE_NAME COOKIE);
    cr_expect_eq(b.length, 240);
    cr_expect_eq(feed_bid(&wtr_dhcp, b, 68, 67), WTR_BID_CERTAIN);
    cr_expect_eq(feed_bid(&wtr_dhcp, b, 67, 68), WTR_BID_CERTAIN);
    cr_expect_eq(feed_bid(&wtr_dhcp, b, 67, 67), WTR_BID_CERTAIN); /* between a relay and its server */
    cr_expect_eq(feed_bid(&wtr_dhcp, b, 66, 69), WTR_BID_NONE);
    struct bytes cut = {b.data, 239};
    cr_expect_eq(feed_bid(&wtr_dhcp, cut, 68, 67), WTR_BID_NONE);
    b.data[2] = 17; /* hlen */
    cr_expect_eq(feed_bid(&wtr_dhcp, b, 68, 67), WTR_BID_NONE);
    b.data[2] = 16;
    cr_expect_eq(feed_bid(&wtr_dhcp, b, 68, 67), WTR_BID_CERTAIN);
    b.data[0] = 3; /* op */
    cr_expect_eq(feed_bid(&wtr_dhcp, b, 68, 67), WTR_BID_NONE);
    b.data[0] = 1;
    b.data[239] = 0; /* the cookie */
    cr_expect_eq(feed_bid(&wtr_dhcp, b, 68, 67), WTR_BID_NONE);
    free(b.data);
}
