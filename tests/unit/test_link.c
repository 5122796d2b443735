/* SPDX-License-Identifier: Apache-2.0 */
/* Link layers. Bytes are built by hand from the layouts in IEEE 802.3, 802.1Q and 802.2, RFC 1042, RFC 1661,
 * RFC 2516, RFC 826 and tcpdump.org's list of link types. */
#include "packet_bytes.h"

#define TYPE_IPV4 "08 00 "
#define TYPE_IPV6 "86 dd "
#define ARP "00 01 08 00 06 04 00 02 " MAC_A "c0 00 02 01 " MAC_B "c6 33 64 02 " /* a reply; 28 bytes */
#define SNAP "aa aa 03 00 00 00 "
#define PAD_3 "00 00 00 "
/* To us, from an Ethernet device, six bytes of address in a field of eight. */
#define SLL "00 00 00 01 00 06 " MAC_A "ee ee "
/* Protocol, reserved, interface 3, Ethernet, outgoing, six bytes of address. */
#define SLL2(protocol) protocol "00 00 00 00 00 03 00 01 04 06 " MAC_A "ee ee "

static const struct good_packet good_packets[] = {
    /* 14 + 20 + 20 = 54, 14 + 43 = 57 */
    {"Ethernet", 1, ETHERNET TYPE_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 54, 57, 3},
    {"Ethernet, padded to 60", 1, ETHERNET TYPE_IPV4 IPV4_TCP PAD_3, WTR_HEADERS_TCP, 54, 57, 3},
    {"Ethernet, UDP", 1, ETHERNET TYPE_IPV4 IPV4_UDP, WTR_HEADERS_UDP, 42, 45, 3},
    {"Ethernet, IPv6", 1, ETHERNET TYPE_IPV6 IPV6_TCP, WTR_HEADERS_TCP, 74, 77, 3},
    {"802.1Q", 1, ETHERNET "81 00 00 05 " TYPE_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 58, 61, 3},
    {"QinQ", 1, ETHERNET "88 a8 00 05 81 00 00 06 " TYPE_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 62, 65, 3},
    {"old QinQ", 1, ETHERNET "91 00 00 05 81 00 00 06 " TYPE_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 62, 65, 3},
    /* length 8 + 43 = 51 = 0x33, then 2 bytes of padding */
    {"802.3 SNAP", 1, ETHERNET "00 33 " SNAP TYPE_IPV4 IPV4_TCP "00 00 ", WTR_HEADERS_TCP, 62, 65, 3},
    {"802.1H SNAP", 1, ETHERNET "00 33 aa aa 03 00 00 f8 " TYPE_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 62, 65, 3},
    {"802.1Q, 802.3", 1, ETHERNET "81 00 00 05 00 33 " SNAP TYPE_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 66, 69, 3},
    /* length 2 + 43 = 0x2d */
    {"PPPoE", 1, ETHERNET "88 64 11 00 00 07 00 2d 00 21 " IPV4_TCP, WTR_HEADERS_TCP, 62, 65, 3},
    /* length 2 + 63 = 0x41 */
    {"PPPoE, IPv6", 1, ETHERNET "88 64 11 00 00 07 00 41 00 57 " IPV6_TCP, WTR_HEADERS_TCP, 82, 85, 3},
    {"VLAN, PPPoE", 1, ETHERNET "81 00 00 07 88 64 11 00 00 07 00 2d 00 21 " IPV4_TCP PAD_3, WTR_HEADERS_TCP,
     66, 69, 3},
    {"cooked", 113, SLL TYPE_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 56, 59, 3},
    {"cooked, VLAN", 113, SLL "81 00 00 05 " TYPE_IPV4 IPV4_UDP, WTR_HEADERS_UDP, 48, 51, 3},
    {"cooked, LLC", 113, SLL "00 04 " SNAP TYPE_IPV4 IPV4_UDP, WTR_HEADERS_UDP, 52, 55, 3},
    {"cooked v2", 276, SLL2(TYPE_IPV6) IPV6_UDP, WTR_HEADERS_UDP, 68, 71, 3},
    {"null, little end first", 0, "02 00 00 00 " IPV4_TCP, WTR_HEADERS_TCP, 44, 47, 3},
    {"null, big end first", 0, "00 00 00 02 " IPV4_TCP, WTR_HEADERS_TCP, 44, 47, 3},
    {"null, Darwin's IPv6", 0, "1e 00 00 00 " IPV6_TCP, WTR_HEADERS_TCP, 64, 67, 3},
    {"null, FreeBSD's IPv6", 0, "00 00 00 1c " IPV6_TCP, WTR_HEADERS_TCP, 64, 67, 3},
    {"null, NetBSD's IPv6", 0, "18 00 00 00 " IPV6_TCP, WTR_HEADERS_TCP, 64, 67, 3},
    {"loop, OpenBSD's IPv6", 108, "00 00 00 18 " IPV6_TCP, WTR_HEADERS_TCP, 64, 67, 3},
    {"raw", 101, IPV4_TCP, WTR_HEADERS_TCP, 40, 43, 3},
    {"raw, IPv6", 101, IPV6_UDP, WTR_HEADERS_UDP, 48, 51, 3},
    {"raw by its old number", 12, IPV4_UDP, WTR_HEADERS_UDP, 28, 31, 3},
    {"raw by OpenBSD's number", 14, IPV6_TCP, WTR_HEADERS_TCP, 60, 63, 3},
    {"raw IPv4", 228, IPV4_UDP, WTR_HEADERS_UDP, 28, 31, 3},
    {"raw IPv6", 229, IPV6_UDP, WTR_HEADERS_UDP, 48, 51, 3},
    {"PPP", 9, "00 21 " IPV4_TCP, WTR_HEADERS_TCP, 42, 45, 3},
    {"PPP in HDLC framing", 9, "ff 03 00 57 " IPV6_TCP, WTR_HEADERS_TCP, 64, 67, 3},
    {"PPP, protocol compressed", 9, "21 " IPV4_TCP, WTR_HEADERS_TCP, 41, 44, 3},
    {"PPP in HDLC framing, compressed", 9, "ff 03 57 " IPV6_TCP, WTR_HEADERS_TCP, 63, 66, 3},
    {"PPPoE alone", 51, "11 00 00 07 00 2d 00 21 " IPV4_TCP, WTR_HEADERS_TCP, 48, 51, 3},
};

Test(link, every_good_packet_cut_at_every_length)
{
    for (size_t i = 0; i < sizeof good_packets / sizeof good_packets[0]; i++)
        cut_everywhere(&good_packets[i]);
}

Test(link, ethernet_addresses)
{
    static const uint8_t a[6] = {2, 0, 0, 0, 0, 0x0a};
    static const uint8_t b[6] = {2, 0, 0, 0, 0, 0x0b};
    struct wtr_headers headers;
    cr_assert_eq(read_hex(1, ETHERNET TYPE_IPV4 IPV4_TCP, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.layer, WTR_LAYER_ETHERNET);
    cr_assert(headers.has_mac);
    cr_assert_arr_eq(headers.src_mac, a, 6);
    cr_assert_arr_eq(headers.dst_mac, b, 6);
    cr_assert_eq(headers.vlans, 0);
    cr_assert_not(headers.pppoe);
    cr_assert_not(headers.v6);
    cr_assert_null(headers.reason);
}

Test(link, tags_and_pppoe_are_noted)
{
    struct wtr_headers headers;
    read_hex(1, ETHERNET "88 a8 00 05 81 00 00 06 " TYPE_IPV4 IPV4_TCP, &headers);
    cr_assert_eq(headers.vlans, 2);
    cr_assert_not(headers.pppoe);
    read_hex(1, ETHERNET "88 64 11 00 00 07 00 2d 00 21 " IPV4_TCP, &headers);
    cr_assert_eq(headers.vlans, 0);
    cr_assert(headers.pppoe);
    read_hex(51, "11 00 00 07 00 2d 00 21 " IPV4_TCP, &headers);
    cr_assert(headers.pppoe);
    cr_assert_eq(headers.layer, WTR_LAYER_PPP);
    cr_assert_not(headers.has_mac);
}

Test(link, as_many_tags_as_are_followed_and_one_more)
{
#define TAGS_4 "81 00 00 05 81 00 00 05 81 00 00 05 81 00 00 05 "
    struct wtr_headers headers;
    cr_assert_eq(read_hex(1, ETHERNET TAGS_4 TAGS_4 TYPE_IPV4 IPV4_TCP, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.vlans, 8);
    /* 12 bytes of addresses, the first tag's type, then eight tags of 4 bytes */
    expect_bad(1, ETHERNET TAGS_4 TAGS_4 "81 00 00 05 " TYPE_IPV4 IPV4_TCP, 14 + 8 * 4,
               "more VLAN tags than are followed");
#undef TAGS_4
}

Test(link, tags_behind_snap_count_too)
{
    /* Each round is a SNAP header and a tag that leads to an 802.3 length: 12 bytes. */
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t at = bytes_of(ETHERNET "05 dc ", bytes);
    while (at + 12 <= 1514) {
        at += bytes_of(SNAP "81 00 00 05 ", bytes + at);
        uint32_t left = 1514 - at - 2;
        bytes[at] = (uint8_t)(left >> 8);
        bytes[at + 1] = (uint8_t)left;
        at += 2;
    }
    struct wtr_headers headers;
    cr_assert_eq(read_bytes(1, bytes, 1514, 1514, &headers), WTR_HEADERS_BAD);
    cr_assert_str_eq(headers.reason, "more VLAN tags than are followed");
}

Test(link, arp_without_its_padding)
{
    /* 18 bytes bring the frame to the 60 that Ethernet asks for */
    static const struct good_packet padded = {
        "ARP", 1, ETHERNET "08 06 " ARP PAD_3 PAD_3 PAD_3 PAD_3 PAD_3 PAD_3, WTR_HEADERS_ARP, 14, 42, 28};
    struct wtr_headers headers;
    cr_assert_eq(read_hex(1, padded.hex, &headers), WTR_HEADERS_ARP);
    cr_assert_eq(headers.payload_at, padded.headers_end);
    cr_assert_eq(headers.length, padded.length);
    cr_assert_eq(headers.captured, padded.length);
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t whole = bytes_of(padded.hex, bytes);
    for (uint32_t n = 0; n < padded.packet_end; n++) {
        cr_assert_eq(read_bytes(1, bytes, n, whole, &headers), WTR_HEADERS_CUT, "captured to %u", n);
        cr_assert_eq(read_bytes(1, bytes, n, n, &headers), WTR_HEADERS_BAD, "sent to %u", n);
    }
    cr_assert_eq(read_bytes(1, bytes, padded.packet_end, whole, &headers), WTR_HEADERS_ARP);
}

Test(link, the_cooked_sender)
{
    static const uint8_t a[6] = {2, 0, 0, 0, 0, 0x0a};
    static const uint8_t none[6] = {0};
    struct wtr_headers headers;
    read_hex(113, SLL TYPE_IPV4 IPV4_TCP, &headers);
    cr_assert_eq(headers.layer, WTR_LAYER_SLL);
    cr_assert(headers.has_mac);
    cr_assert_arr_eq(headers.src_mac, a, 6);
    cr_assert_arr_eq(headers.dst_mac, none, 6);
    cr_assert_eq(headers.vlans, 0);
    read_hex(276, SLL2(TYPE_IPV4) IPV4_TCP, &headers);
    cr_assert_eq(headers.layer, WTR_LAYER_SLL2);
    cr_assert(headers.has_mac);
    cr_assert_arr_eq(headers.src_mac, a, 6);
}

Test(link, a_loopback_device_has_no_address)
{
    /* ARPHRD_LOOPBACK is 772 */
    struct wtr_headers headers;
    enum wtr_header_verdict verdict =
        read_hex(113, "00 00 03 04 00 06 00 00 00 00 00 00 00 00 08 00 " IPV4_TCP, &headers);
    cr_assert_eq(verdict, WTR_HEADERS_TCP);
    cr_assert_not(headers.has_mac);
}

Test(link, cooked_packets_whose_protocol_is_no_ether_type)
{
    /* netlink is 824 = 0x338, GRE 778 = 0x30a, frame relay 770 = 0x302, 802.11 from 801 = 0x321 to 803 */
    expect_other(113, "00 04 03 38 00 00 00 00 00 00 00 00 00 00 08 00 " IPV4_TCP, NULL);
    expect_other(113, "00 00 03 0a 00 00 00 00 00 00 00 00 00 00 08 00 " IPV4_TCP, NULL);
    expect_other(113, "00 00 03 02 00 00 00 00 00 00 00 00 00 00 08 00 " IPV4_TCP, NULL);
    expect_other(113, "00 00 03 21 00 06 " MAC_A "00 00 08 00 " IPV4_TCP,
                 "802.11 inside a cooked capture is not followed");
    expect_other(113, "00 00 03 23 00 06 " MAC_A "00 00 00 04 " IPV4_TCP,
                 "802.11 inside a cooked capture is not followed");
    /* 0x0001: a Novell frame without LLC */
    expect_other(113, SLL "00 01 ff ff 00 20 ", NULL);
}

Test(link, what_is_not_ip)
{
    expect_other(1, ETHERNET "88 cc 02 07 04 ", NULL);
    expect_other(1, ETHERNET "88 63 11 09 00 00 00 00 ", NULL);
    /* spanning tree; a SNAP header of Cisco's; a length between the longest and the first type (0x05ff) */
    expect_other(1, ETHERNET "00 03 42 42 03 ", NULL);
    expect_other(1, ETHERNET "00 08 aa aa 03 00 00 0c 20 00 ", NULL);
    expect_other(1, ETHERNET "05 ff aa aa 03 00 00 00 08 00 ", NULL);
    expect_other(9, "c0 21 01 01 00 04 ", NULL);
    expect_other(9, "ff 7d 00 21 ", NULL);
    expect_other(0, "07 00 00 00 45 00 ", NULL);
    /* LOOP is in network order alone */
    expect_other(108, "02 00 00 00 " IPV4_TCP, NULL);
}

Test(link, what_may_hold_ip_and_is_not_followed)
{
    expect_other(1, ETHERNET "88 47 00 01 01 ff " IPV4_TCP, "MPLS is not followed");
    expect_other(1, ETHERNET "65 58 " ETHERNET TYPE_IPV4 IPV4_TCP,
                 "Ethernet inside Ethernet is not followed");
    expect_other(1, ETHERNET "88 48 00 01 01 ff " IPV4_TCP, "MPLS is not followed");
    expect_other(1, ETHERNET "88 e7 00 00 00 01 " ETHERNET, "Ethernet inside Ethernet is not followed");
    expect_other(1, ETHERNET "88 e5 00 00 ", "MACsec is not followed");
}

Test(link, contradictions)
{
    expect_bad(1, ETHERNET "00 34 " SNAP TYPE_IPV4 IPV4_TCP, 12, "the 802.3 length runs past the frame");
    expect_bad(1, ETHERNET "00 07 " SNAP TYPE_IPV4 IPV4_TCP, 14, "the packet ends inside its LLC header");
    expect_bad(1, ETHERNET "88 64 11 00 00 07 00 2e 00 21 " IPV4_TCP, 18,
               "the PPPoE length runs past the frame");
    expect_bad(1, ETHERNET "88 64 12 00 00 07 00 2d 00 21 " IPV4_TCP, 14,
               "the PPPoE version or type is not 1");
    expect_bad(1, ETHERNET "88 64 11 09 00 07 00 2d 00 21 " IPV4_TCP, 15,
               "a PPPoE session packet bears a discovery code");
    expect_bad(101, "50 00 00 00 ", 0, "the IP version is neither 4 nor 6");
    expect_bad(228, IPV6_TCP, 0, "the IPv4 version or header length is wrong");
    expect_bad(229, IPV4_TCP PAD_3, 0, "the IPv6 version is wrong");
    expect_bad(1, ETHERNET TYPE_IPV6 IPV4_TCP, 14, "the IPv6 version is wrong");
}

Test(link, a_link_type_that_is_not_read)
{
    struct wtr_headers headers;
    cr_assert_eq(read_hex(189, IPV4_TCP, &headers), WTR_HEADERS_UNKNOWN_LINK);
    cr_assert_eq(read_bytes(65535, (const uint8_t *)"", 0, 0, &headers), WTR_HEADERS_UNKNOWN_LINK);
}

Test(link, an_original_length_that_is_less_than_the_captured_one)
{
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t length = bytes_of(ETHERNET TYPE_IPV4 IPV4_TCP, bytes);
    struct wtr_headers headers;
    cr_assert_eq(read_bytes(1, bytes, length, 0, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.captured, 3);
}
