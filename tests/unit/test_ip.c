/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4, IPv6, TCP and UDP headers, built by hand from RFC 791, RFC 8200, RFC 4302, RFC 2675, RFC 9293 and RFC
 * 768. Link type 228 is IPv4 alone, 229 IPv6 alone. */
#include "packet_bytes.h"

#include <stdio.h>

#define NOPS_4 "01 01 01 01 "

/* IPv6 with `next` first and a payload length. */
#define IPV6(length, next) "60 00 00 00 " length next "40 " ADDRESSES_V6

/* Extension headers: the next header, the length in units of eight bytes beyond the first eight, a PadN
 * option. */
#define HOP_BY_HOP(next) next "00 01 04 00 00 00 00 "
#define DESTINATION(next) next "00 01 04 00 00 00 00 "
#define DESTINATION_16(next) next "01 01 0c 00 00 00 00 00 00 00 00 00 00 00 00 "
/* A routing header of type 0 for one address, with that many segments left. */
#define ROUTING(next, left) next "02 00 " left "00 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09 "
/* Length in units of four bytes, minus two: 12 + 12 bytes. */
#define AH(next) next "04 00 00 00 00 01 00 00 00 00 01 aa aa aa aa aa aa aa aa aa aa aa aa "
#define FRAGMENT(next, place) next "00 " place "00 00 be ef "

#define TCP "06 "
#define UDP "11 "

static const struct good_packet good_packets[] = {
    /* header of 24 = 6 words; 24 + 23 = 0x2f */
    {"IPv4 options", 228, "46 00 00 2f 12 34 40 00 40 06 00 00 " ADDRESSES_V4 NOPS_4 TCP_ABC, WTR_HEADERS_TCP,
     44, 47, 3},
    {"IPv4 options that end inside one", 228,
     "46 00 00 2f 12 34 40 00 40 06 00 00 " ADDRESSES_V4 "01 01 01 94 " TCP_ABC, WTR_HEADERS_TCP, 44, 47, 3},
    /* 60 bytes of header: 60 + 23 = 0x53 */
    {"most IPv4 options", 228,
     "4f 00 00 53 12 34 40 00 40 06 00 00 " ADDRESSES_V4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4
         NOPS_4 NOPS_4 NOPS_4 TCP_ABC,
     WTR_HEADERS_TCP, 80, 83, 3},
    /* data offset 8: 12 bytes of options; 20 + 32 = 0x34 */
    {"TCP options, no payload", 228,
     "45 00 00 34 00 00 40 00 40 06 00 00 " ADDRESSES_V4
     "c0 01 07 5b 00 00 00 01 00 00 00 00 80 02 20 00 00 00 00 00 02 04 05 b4 01 03 03 08 01 01 04 02 ",
     WTR_HEADERS_TCP, 52, 52, 0},
    /* 20 + 24 + 23 = 0x43 */
    {"IPv4 AH", 228, "45 00 00 43 12 34 40 00 40 33 00 00 " ADDRESSES_V4 AH(TCP) TCP_ABC, WTR_HEADERS_TCP, 64,
     67, 3},
    /* 20 + 12 + 23 = 0x37 */
    {"IPv4 AH without a check value", 228,
     "45 00 00 37 12 34 40 00 40 33 00 00 " ADDRESSES_V4 "06 01 00 00 00 00 01 00 00 00 00 01 " TCP_ABC,
     WTR_HEADERS_TCP, 52, 55, 3},
    /* a UDP payload that ends before its datagram: 20 + 11 + 4 = 0x23 */
    {"UDP with a trailer", 228, "45 00 00 23 12 34 40 00 40 11 00 00 " ADDRESSES_V4 UDP_XYZ "00 00 00 00 ",
     WTR_HEADERS_UDP, 28, 35, 3},
    {"empty UDP", 228, "45 00 00 1c 12 34 40 00 40 11 00 00 " ADDRESSES_V4 "c0 02 16 33 00 08 00 00 ",
     WTR_HEADERS_UDP, 28, 28, 0},
    /* 8 + 23 = 0x1f */
    {"hop-by-hop", 229, IPV6("00 1f ", "00 ") HOP_BY_HOP(TCP) TCP_ABC, WTR_HEADERS_TCP, 68, 71, 3},
    {"destination options", 229, IPV6("00 1f ", "3c ") DESTINATION(TCP) TCP_ABC, WTR_HEADERS_TCP, 68, 71, 3},
    /* 24 + 23 = 0x2f */
    {"routing at its end", 229, IPV6("00 2f ", "2b ") ROUTING(TCP, "00 ") TCP_ABC, WTR_HEADERS_TCP, 84, 87,
     3},
    {"IPv6 AH", 229, IPV6("00 2f ", "33 ") AH(TCP) TCP_ABC, WTR_HEADERS_TCP, 84, 87, 3},
    {"atomic fragment", 229, IPV6("00 1f ", "2c ") FRAGMENT(TCP, "00 00 ") TCP_ABC, WTR_HEADERS_TCP, 68, 71,
     3},
    /* 8 + 24 + 8 + 24 + 16 + 11 = 91 = 0x5b */
    {"all of them", 229,
     IPV6("00 5b ", "00 ") HOP_BY_HOP("2b ") ROUTING("2c ", "00 ") FRAGMENT("33 ", "00 00 ") AH("3c ")
         DESTINATION_16(UDP) UDP_XYZ,
     WTR_HEADERS_UDP, 128, 131, 3},
    /* MF, offset 0, 8 bytes: 0x1c */
    {"first IPv4 fragment", 228,
     "45 00 00 1c 12 34 20 00 40 11 00 00 " ADDRESSES_V4 "c0 02 16 33 00 13 00 00 ", WTR_HEADERS_FRAGMENT, 20,
     28, 8},
    {"first IPv6 fragment", 229, IPV6("00 10 ", "2c ") FRAGMENT(UDP, "00 01 ") "c0 02 16 33 00 13 00 00 ",
     WTR_HEADERS_FRAGMENT, 48, 56, 8},
};

Test(ip, every_good_packet_cut_at_every_length)
{
    for (size_t i = 0; i < sizeof good_packets / sizeof good_packets[0]; i++)
        cut_everywhere(&good_packets[i]);
}

Test(ip, fields_of_ipv4_and_tcp)
{
    static const struct wtr_ip src = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}};
    static const struct wtr_ip dst = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 2}};
    struct wtr_headers headers;
    cr_assert_eq(read_hex(228, IPV4_TCP, &headers), WTR_HEADERS_TCP);
    cr_assert_arr_eq(headers.src.bytes, src.bytes, 16);
    cr_assert_arr_eq(headers.dst.bytes, dst.bytes, 16);
    cr_assert(wtr_ip_is_v4(&headers.src));
    cr_assert_not(headers.v6);
    cr_assert_eq(headers.ip_protocol, 6);
    cr_assert_eq(headers.src_port, 49153);
    cr_assert_eq(headers.dst_port, 1883);
    cr_assert_eq(headers.seq, 0x11223344);
    cr_assert_eq(headers.ack, 0x55667788);
    cr_assert_eq(headers.flags, WTR_TCP_PSH | WTR_TCP_ACK);
}

Test(ip, fields_of_ipv6_and_udp)
{
    static const uint8_t src[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    static const uint8_t dst[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    struct wtr_headers headers;
    cr_assert_eq(read_hex(229, IPV6_UDP, &headers), WTR_HEADERS_UDP);
    cr_assert_arr_eq(headers.src.bytes, src, 16);
    cr_assert_arr_eq(headers.dst.bytes, dst, 16);
    cr_assert_not(wtr_ip_is_v4(&headers.src));
    cr_assert(headers.v6);
    cr_assert_eq(headers.ip_protocol, 17);
    cr_assert_eq(headers.src_port, 49154);
    cr_assert_eq(headers.dst_port, 5683);
}

Test(ip, every_tcp_flag)
{
    static const char *const flags[] = {"01", "02", "04", "08", "10", "20", "40", "80"};
    for (int i = 0; i < 8; i++) {
        char hex[512];
        (void)snprintf(hex, sizeof hex, "%s c0 01 07 5b 00 00 00 00 00 00 00 00 51 %s 20 00 00 00 00 00",
                       "45 00 00 28 12 34 40 00 40 06 00 00 " ADDRESSES_V4, flags[i]);
        struct wtr_headers headers;
        cr_assert_eq(read_hex(228, hex, &headers), WTR_HEADERS_TCP);
        cr_assert_eq(headers.flags, 1 << i);
    }
}

Test(ip, ipv4_contradictions)
{
    expect_bad(228, "35 00 00 2b 12 34 40 00 40 06 00 00 " ADDRESSES_V4 TCP_ABC, 0,
               "the IPv4 version or header length is wrong");
    expect_bad(228, "44 00 00 2b 12 34 40 00 40 06 00 00 " ADDRESSES_V4 TCP_ABC, 0,
               "the IPv4 version or header length is wrong");
    /* less than its own header of 20, and of 24 */
    expect_bad(228, "45 00 00 13 12 34 40 00 40 06 00 00 " ADDRESSES_V4 TCP_ABC, 2,
               "the IPv4 total length does not fit");
    expect_bad(228, "46 00 00 17 12 34 40 00 40 06 00 00 " ADDRESSES_V4 NOPS_4 TCP_ABC, 2,
               "the IPv4 total length does not fit");
    /* one byte more than was sent */
    expect_bad(228, "45 00 00 2c 12 34 40 00 40 06 00 00 " ADDRESSES_V4 TCP_ABC, 2,
               "the IPv4 total length does not fit");
}

Test(ip, segmentation_offload_leaves_no_ipv4_total_length)
{
#define TSO "45 00 00 00 12 34 40 00 40 06 00 00 " ADDRESSES_V4 TCP_ABC
    struct wtr_headers headers;
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t length = bytes_of(TSO, bytes);
    memset(bytes + length, 0x64, 1000);
    cr_assert_eq(read_bytes(228, bytes, length + 1000, length + 1000, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.length, 1003);
    cr_assert_eq(headers.captured, 1003);
    cr_assert_eq(read_bytes(228, bytes, length, 70000, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.length, 70000 - 40);
    cr_assert_eq(headers.captured, 3);
    /* A frame of 60 bytes may have been padded; one of 61 was not. */
    cr_assert_eq(read_bytes(228, bytes, 60, 60, &headers), WTR_HEADERS_BAD);
    cr_assert_eq(read_bytes(228, bytes, 61, 61, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.length, 21);
    bytes[6] = 0x20;
    cr_assert_eq(read_bytes(228, bytes, length + 1000, length + 1000, &headers), WTR_HEADERS_BAD);
    cr_assert_str_eq(headers.reason, "an IPv4 fragment does not tell its length");
    cr_assert_eq(headers.reason_at, 2);
#undef TSO
}

Test(ip, a_source_route_that_is_not_at_its_end)
{
    /* loose route: 7 bytes, pointer 4 of 7 (pending) or 8 (done), one address; a no-operation fills up to 8
     */
#define ROUTED(pointer)                                                                                      \
    "47 00 00 33 12 34 40 00 40 06 00 00 " ADDRESSES_V4 "83 07 " pointer "c0 00 02 63 01 " TCP_ABC
    struct wtr_headers headers;
    expect_other(228, ROUTED("04 "), "a source route is not yet at its end");
    cr_assert_eq(read_hex(228, ROUTED("08 "), &headers), WTR_HEADERS_TCP);
    /* behind another option; and a malformed option before it ends the search */
    expect_other(228,
                 "48 00 00 37 12 34 40 00 40 06 00 00 " ADDRESSES_V4
                 "01 94 02 01 01 89 03 03 01 01 01 01 " TCP_ABC,
                 "a source route is not yet at its end");
    cr_assert_eq(
        read_hex(228, "47 00 00 33 12 34 40 00 40 06 00 00 " ADDRESSES_V4 "94 00 83 03 03 01 01 01 " TCP_ABC,
                 &headers),
        WTR_HEADERS_TCP);
    expect_other(229, IPV6("00 2f ", "2b ") ROUTING(TCP, "01 ") TCP_ABC,
                 "a source route is not yet at its end");
#undef ROUTED
}

Test(ip, ipv6_contradictions)
{
    expect_bad(229, IPV6("00 18 ", TCP) TCP_ABC, 4, "the IPv6 payload length runs past the frame");
    /* No payload has no room for TCP. */
    expect_bad(229, IPV6("00 00 ", TCP) TCP_ABC, 40, "the packet ends inside its TCP header");
    expect_bad(229, IPV6("00 27 ", "3c ") DESTINATION("00 ") HOP_BY_HOP(TCP) TCP_ABC, 48,
               "hop-by-hop options are not the first extension header");
    expect_bad(229, IPV6("00 1f ", "33 ") "06 00 00 00 00 00 00 01 " TCP_ABC, 41,
               "the AH length is less than its header's");
    expect_bad(229, IPV6("00 1f ", "3c ") "06 20 01 04 00 00 00 00 " TCP_ABC, 40,
               "the packet ends inside its extension header");
}

Test(ip, as_many_extension_headers_as_are_followed_and_one_more)
{
#define FOUR DESTINATION("3c ") DESTINATION("3c ") DESTINATION("3c ") DESTINATION("3c ")
    /* 16 * 8 + 23 = 151 = 0x97; 17 * 8 + 23 = 159 = 0x9f */
    struct wtr_headers headers;
    cr_assert_eq(read_hex(229,
                          IPV6("00 97 ", "3c ") FOUR FOUR FOUR DESTINATION("3c ") DESTINATION("3c ")
                              DESTINATION("3c ") DESTINATION(TCP) TCP_ABC,
                          &headers),
                 WTR_HEADERS_TCP);
    expect_bad(229, IPV6("00 9f ", "3c ") FOUR FOUR FOUR FOUR DESTINATION(TCP) TCP_ABC, 40 + 16 * 8,
               "more extension headers than are followed");
#undef FOUR
}

Test(ip, tcp_contradictions)
{
#define HEADER "45 00 00 2b 12 34 40 00 40 06 00 00 " ADDRESSES_V4 "c0 01 07 5b 11 22 33 44 55 66 77 88 "
    expect_bad(228, HEADER "40 18 20 00 00 00 00 00 61 62 63 ", 32, "the TCP data offset is less than 5");
    expect_bad(228, HEADER "60 18 20 00 00 00 00 00 61 62 63 ", 20,
               "the TCP data offset runs past the segment");
    /* The Ethernet padding behind the packet is none of its bytes. */
    expect_bad(228, HEADER "60 18 20 00 00 00 00 00 61 62 63 00 00 00 ", 20,
               "the TCP data offset runs past the segment");
#undef HEADER
}

Test(ip, udp_contradictions)
{
#define HEADER "45 00 00 1f 12 34 40 00 40 11 00 00 " ADDRESSES_V4 "c0 02 16 33 "
    expect_bad(228, HEADER "00 07 00 00 78 79 7a ", 24, "the UDP length is less than its header's");
    expect_bad(228, HEADER "00 00 00 00 78 79 7a ", 24, "the UDP length is less than its header's");
    expect_bad(228, HEADER "00 0c 00 00 78 79 7a ", 24, "the UDP length runs past the datagram");
    expect_bad(228, HEADER "00 0c 00 00 78 79 7a 00 00 00 ", 24, "the UDP length runs past the datagram");
    expect_bad(229, IPV6("00 0b ", UDP) "c0 02 16 33 00 00 00 00 78 79 7a ", 44,
               "the UDP length is less than its header's");
#undef HEADER
}

Test(ip, jumbograms)
{
    /* 0x00011178 = 70008 = 8 of options and 70000 of UDP, whose own length is 0; the capture kept 3 bytes of
     * its payload */
#define JUMBO(length, udp) IPV6("00 00 ", "00 ") "11 00 c2 04 " length "c0 02 16 33 " udp "00 00 78 79 7a "
    uint8_t bytes[TEST_PACKET_SIZE];
    struct wtr_headers headers;
    uint32_t captured = bytes_of(JUMBO("00 01 11 78 ", "00 00 "), bytes);
    cr_assert_eq(read_bytes(229, bytes, captured, 40 + 70008, &headers), WTR_HEADERS_UDP);
    cr_assert_eq(headers.payload_at, 56);
    cr_assert_eq(headers.length, 70000 - 8);
    cr_assert_eq(headers.captured, 3);
    for (uint32_t n = 0; n < 56; n++)
        cr_assert_eq(read_bytes(229, bytes, n, 40 + 70008, &headers), WTR_HEADERS_CUT, "captured to %u", n);
    static const char absent[] = "the IPv6 jumbo payload length is absent or does not fit";
    cr_assert_eq(read_bytes(229, bytes, captured, 40 + 70007, &headers), WTR_HEADERS_BAD);
    cr_assert_str_eq(headers.reason, absent);
    /* Not more than 65535, so it is none. */
    bytes_of(JUMBO("00 00 ff ff ", "00 00 "), bytes);
    cr_assert_eq(read_bytes(229, bytes, captured, 40 + 70008, &headers), WTR_HEADERS_BAD);
    cr_assert_str_eq(headers.reason, absent);
    expect_bad(229, IPV6("00 00 ", "00 ") HOP_BY_HOP(UDP) UDP_XYZ, 40, absent);
    /* An option is none where the options are over, here in the ports behind them. */
    captured =
        bytes_of(IPV6("00 00 ", "00 ") "11 00 00 00 00 00 00 00 c2 04 00 01 11 78 00 00 78 79 7a ", bytes);
    cr_assert_eq(read_bytes(229, bytes, captured, 40 + 70008, &headers), WTR_HEADERS_BAD);
    cr_assert_str_eq(headers.reason, absent);
    cr_assert_eq(read_bytes(229, bytes, 48, 40 + 70008, &headers), WTR_HEADERS_BAD);
    /* The shortest there is. */
    captured = bytes_of(IPV6("00 00 ", "00 ") "06 00 c2 04 00 01 00 00 " TCP_ABC, bytes);
    cr_assert_eq(read_bytes(229, bytes, captured, 40 + 65536, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.length, 65536 - 8 - 20);
    /* Behind one Pad1; 16 bytes of options in all. */
    captured =
        bytes_of(IPV6("00 00 ", "00 ") "06 01 00 c2 04 00 01 11 70 01 05 00 00 00 00 00 " TCP_ABC, bytes);
    cr_assert_eq(read_bytes(229, bytes, captured, 40 + 70000, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.length, 70000 - 16 - 20);
#undef JUMBO
}

Test(ip, fields_of_a_fragment)
{
    struct wtr_headers headers;
    /* more to come, offset 0x00b9 * 8 = 1480 */
    cr_assert_eq(read_hex(228, "45 00 00 1c 12 34 20 b9 40 11 00 00 " ADDRESSES_V4 "00 01 02 03 04 05 06 07 ",
                          &headers),
                 WTR_HEADERS_FRAGMENT);
    cr_assert_eq(headers.fragment_id, 0x1234);
    cr_assert_eq(headers.fragment_at, 1480);
    cr_assert(headers.fragment_more);
    cr_assert_eq(headers.ip_protocol, 17);
    /* the largest offset, the last */
    cr_assert_eq(read_hex(228, "45 00 00 1c 12 34 1f ff 40 06 00 00 " ADDRESSES_V4 "00 01 02 03 04 05 06 07 ",
                          &headers),
                 WTR_HEADERS_FRAGMENT);
    cr_assert_eq(headers.fragment_at, 65528);
    cr_assert_not(headers.fragment_more);
    /* 8 of hop-by-hop, 8 of fragment header (offset 1448 = 0x05a8), 3 of data */
    cr_assert_eq(
        read_hex(229, IPV6("00 13 ", "00 ") HOP_BY_HOP("2c ") FRAGMENT(UDP, "05 a8 ") "01 02 03 ", &headers),
        WTR_HEADERS_FRAGMENT);
    cr_assert_eq(headers.fragment_id, 0xbeef);
    cr_assert_eq(headers.fragment_at, 1448);
    cr_assert_not(headers.fragment_more);
    cr_assert_eq(headers.ip_protocol, 17);
    cr_assert_eq(headers.payload_at, 56);
    cr_assert_eq(headers.length, 3);
}

Test(ip, what_an_icmp_error_quotes_is_not_traffic)
{
    /* port unreachable: 8 bytes, then the packet that it answers; 20 + 8 + 43 = 0x47 */
    expect_other(228, "45 00 00 47 00 01 00 00 40 01 00 00 " ADDRESSES_V4 "03 03 00 00 00 00 00 00 " IPV4_TCP,
                 NULL);
    expect_other(229, IPV6("00 47 ", "3a ") "01 04 00 00 00 00 00 00 " IPV6_TCP, NULL);
}

Test(ip, what_may_hold_traffic_and_is_not_followed)
{
#define IPV4_OF(protocol) "45 00 00 3f 12 34 40 00 40 " protocol "00 00 " ADDRESSES_V4 IPV4_TCP
    expect_other(228, IPV4_OF("04 "), "IP inside IP is not followed");
    expect_other(228, IPV4_OF("29 "), "IP inside IP is not followed");
    expect_other(228, IPV4_OF("2f "), "GRE is not followed");
    expect_other(228, IPV4_OF("32 "), "IPsec ESP is not followed");
    expect_other(228, IPV4_OF("73 "), "a tunnel is not followed");
    expect_other(228, IPV4_OF("61 "), "a tunnel is not followed");
    expect_other(228, IPV4_OF("89 "), "a tunnel is not followed");
    /* IGMP, SCTP; IPv6's extension headers are none in IPv4; no next header */
    expect_other(228, IPV4_OF("02 "), NULL);
    expect_other(228, IPV4_OF("84 "), NULL);
    expect_other(228, IPV4_OF("00 "), NULL);
    expect_other(228, IPV4_OF("2c "), NULL);
    expect_other(229, IPV6("00 00 ", "3b "), NULL);
#undef IPV4_OF
}

static enum wtr_header_verdict read_transport(const char *hex, bool v6, uint8_t protocol,
                                              struct wtr_headers *headers)
{
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t length = bytes_of(hex, bytes);
    uint8_t *copy = malloc(length + 1);
    cr_assert_not_null(copy);
    memcpy(copy, bytes, length);
    *headers = (struct wtr_headers){
        .v6 = v6, .ip_protocol = protocol, .fragment_id = 7, .reason = "", .reason_at = 1};
    enum wtr_header_verdict verdict = wtr_headers_transport(copy, length, headers);
    free(copy);
    return verdict;
}

Test(ip, transport_of_a_datagram_that_was_put_together)
{
    struct wtr_headers headers;
    cr_assert_eq(read_transport(UDP_XYZ, false, 17, &headers), WTR_HEADERS_UDP);
    cr_assert_eq(headers.payload_at, 8);
    cr_assert_eq(headers.length, 3);
    cr_assert_eq(headers.captured, 3);
    cr_assert_eq(headers.dst_port, 5683);
    cr_assert_eq(headers.fragment_id, 7);
    cr_assert_null(headers.reason);
    cr_assert_eq(headers.reason_at, 0);
    cr_assert_eq(read_transport(TCP_ABC, true, 6, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.payload_at, 20);
    cr_assert_eq(headers.seq, 0x11223344);
    cr_assert_eq(read_transport(DESTINATION(UDP) UDP_XYZ, true, 60, &headers), WTR_HEADERS_UDP);
    cr_assert_eq(headers.payload_at, 16);
    cr_assert_eq(headers.ip_protocol, 17);
    cr_assert_eq(read_transport("08 00 00 00 ", false, 1, &headers), WTR_HEADERS_OTHER);
}

Test(ip, a_datagram_that_was_put_together_and_is_wrong)
{
    struct wtr_headers headers;
    cr_assert_eq(read_transport("c0 02 16 33 00 0c 00 00 78 79 7a ", false, 17, &headers), WTR_HEADERS_BAD);
    cr_assert_eq(headers.reason_at, 4);
    cr_assert_eq(read_transport("", false, 6, &headers), WTR_HEADERS_BAD);
    cr_assert_eq(read_transport("c0 02 16 ", true, 17, &headers), WTR_HEADERS_BAD);
    cr_assert_eq(read_transport(FRAGMENT(UDP, "00 01 ") UDP_XYZ, true, 44, &headers), WTR_HEADERS_BAD);
    cr_assert_str_eq(headers.reason, "a fragment lies inside a fragment");
    cr_assert_eq(read_transport(HOP_BY_HOP(UDP) UDP_XYZ, true, 0, &headers), WTR_HEADERS_BAD);
}
