/* SPDX-License-Identifier: Apache-2.0 */
/* 802.11 frames in clear, built by hand from IEEE Std 802.11 (9.2.4, 9.3.2) and radiotap.org. */
#include "packet_bytes.h"

#define MAC_C "02 00 00 00 00 0c " /* an access point */
#define MAC_D "02 00 00 00 00 0d "
#define DURATION "2c 00 "
#define SEQUENCE "10 00 " /* number 1, fragment 0 */
#define SNAP_IPV4 "aa aa 03 00 00 00 08 00 "
#define FCS "de ad be ef "

/* Frame control: version 0, type data (0x08), or QoS data (0x88). */
#define TO_AP "08 01 " DURATION MAC_C MAC_A MAC_B SEQUENCE
#define FROM_AP "08 02 " DURATION MAC_B MAC_C MAC_A SEQUENCE
#define AD_HOC "08 00 " DURATION MAC_B MAC_A MAC_C SEQUENCE
#define BETWEEN_APS "08 03 " DURATION MAC_D MAC_C MAC_B SEQUENCE MAC_A
#define QOS_TO_AP "88 01 " DURATION MAC_C MAC_A MAC_B SEQUENCE "06 00 "
#define QOS_BETWEEN_APS "88 03 " DURATION MAC_D MAC_C MAC_B SEQUENCE MAC_A "00 00 "
#define QOS_HT "88 81 " DURATION MAC_C MAC_A MAC_B SEQUENCE "06 00 11 22 33 44 "

/* Nothing present. Flags alone. A time stamp (aligned to 8) and flags, in a header of 17 bytes. Flags behind
 * two more words of presence. */
#define RADIOTAP_EMPTY "00 00 08 00 00 00 00 00 "
#define RADIOTAP_FLAGS(flags) "00 00 09 00 02 00 00 00 " flags
#define RADIOTAP_TIME(flags) "00 00 11 00 03 00 00 00 01 02 03 04 05 06 07 08 " flags
#define RADIOTAP_LONG(flags) "00 00 19 00 03 00 00 a0 00 00 00 a0 00 00 00 00 01 02 03 04 05 06 07 08 " flags

static const struct good_packet good_packets[] = {
    /* 24 + 8 + 20 + 20 = 72 */
    {"to an access point", 105, TO_AP SNAP_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 72, 75, 3},
    {"from an access point", 105, FROM_AP SNAP_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 72, 75, 3},
    {"from one station to another", 105, AD_HOC SNAP_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 72, 75, 3},
    {"between access points", 105, BETWEEN_APS SNAP_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 78, 81, 3},
    {"data with an acknowledgement", 105, "18 01 " DURATION MAC_C MAC_A MAC_B SEQUENCE SNAP_IPV4 IPV4_TCP,
     WTR_HEADERS_TCP, 72, 75, 3},
    {"QoS", 105, QOS_TO_AP SNAP_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 74, 77, 3},
    {"QoS between access points", 105, QOS_BETWEEN_APS SNAP_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 80, 83, 3},
    {"QoS with HT control", 105, QOS_HT SNAP_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 78, 81, 3},
    {"with its check sequence", 105, TO_AP SNAP_IPV4 IPV4_TCP FCS, WTR_HEADERS_TCP, 72, 75, 3},
    {"radiotap", 127, RADIOTAP_EMPTY TO_AP SNAP_IPV4 IPV4_TCP, WTR_HEADERS_TCP, 80, 83, 3},
    {"radiotap, QoS without padding", 127, RADIOTAP_FLAGS("8f ") QOS_TO_AP SNAP_IPV4 IPV4_TCP,
     WTR_HEADERS_TCP, 83, 86, 3},
    {"radiotap, a rate and no flags", 127, "00 00 09 00 04 00 00 00 50 " TO_AP SNAP_IPV4 IPV4_TCP,
     WTR_HEADERS_TCP, 81, 84, 3},
    {"radiotap, check sequence", 127, RADIOTAP_FLAGS("10 ") TO_AP SNAP_IPV4 IPV4_TCP FCS, WTR_HEADERS_TCP, 81,
     88, 3},
    {"radiotap, time", 127, RADIOTAP_TIME("10 ") TO_AP SNAP_IPV4 IPV4_UDP FCS, WTR_HEADERS_UDP, 77, 84, 3},
    {"radiotap, more presence", 127, RADIOTAP_LONG("10 ") TO_AP SNAP_IPV4 IPV4_UDP FCS, WTR_HEADERS_UDP, 85,
     92, 3},
    /* 26 bytes of header and 2 of padding */
    {"radiotap, padded", 127, RADIOTAP_FLAGS("20 ") QOS_TO_AP "00 00 " SNAP_IPV4 IPV4_TCP, WTR_HEADERS_TCP,
     85, 88, 3},
    {"protected", 105, "08 41 " DURATION MAC_C MAC_A MAC_B SEQUENCE "01 02 03 20 ", WTR_HEADERS_ENCRYPTED, 24,
     24, 0},
    {"protected, QoS", 105, "88 41 " DURATION MAC_C MAC_A MAC_B SEQUENCE "00 00 01 ", WTR_HEADERS_ENCRYPTED,
     26, 26, 0},
    {"beacon", 105, "80 00 00 00 ff ff ff ff ff ff ", WTR_HEADERS_WLAN_OTHER, 2, 2, 0},
    {"acknowledgement", 105, "d4 00 00 00 " MAC_A, WTR_HEADERS_WLAN_OTHER, 2, 2, 0},
    {"data without a body", 105, "48 11 " DURATION MAC_C MAC_A MAC_B SEQUENCE, WTR_HEADERS_WLAN_OTHER, 2, 2,
     0},
    {"QoS data without a body", 105, "c8 11 " DURATION MAC_C MAC_A MAC_B SEQUENCE "00 00 ",
     WTR_HEADERS_WLAN_OTHER, 2, 2, 0},
};

Test(wlan, every_good_packet_cut_at_every_length)
{
    for (size_t i = 0; i < sizeof good_packets / sizeof good_packets[0]; i++)
        if (good_packets[i].link_type == 105)
            cut_everywhere(&good_packets[i]);
}

/* A radiotap header with nothing behind it tells of a frame without a body; that is no contradiction. */
Test(wlan, every_good_packet_behind_radiotap_cut_at_every_length)
{
    for (size_t i = 0; i < sizeof good_packets / sizeof good_packets[0]; i++) {
        const struct good_packet *good = &good_packets[i];
        uint8_t bytes[TEST_PACKET_SIZE];
        uint32_t whole = bytes_of(good->hex, bytes);
        uint32_t radiotap = good->link_type == 127 ? (uint32_t)(bytes[2] | bytes[3] << 8) : whole + 1;
        struct wtr_headers headers;
        for (uint32_t n = 0; n <= whole && good->link_type == 127; n++) {
            enum wtr_header_verdict verdict = read_bytes(127, bytes, n, whole, &headers);
            cr_assert_eq(verdict, n < good->headers_end ? WTR_HEADERS_CUT : good->verdict,
                         "%s captured to %u: %d", good->name, n, (int)verdict);
            verdict = read_bytes(127, bytes, n, n, &headers);
            enum wtr_header_verdict expected = n < good->packet_end ? WTR_HEADERS_BAD : good->verdict;
            cr_assert_eq(verdict, n == radiotap ? WTR_HEADERS_WLAN_OTHER : expected, "%s sent to %u: %d",
                         good->name, n, (int)verdict);
        }
    }
}

static void expect_macs(const char *frame, uint8_t src, uint8_t dst)
{
    const uint8_t src_mac[6] = {2, 0, 0, 0, 0, src};
    const uint8_t dst_mac[6] = {2, 0, 0, 0, 0, dst};
    struct wtr_headers headers;
    read_hex(105, frame, &headers);
    cr_assert_eq(headers.layer, WTR_LAYER_WLAN);
    cr_assert(headers.has_mac);
    cr_assert_arr_eq(headers.src_mac, src_mac, 6, "source of %s", frame);
    cr_assert_arr_eq(headers.dst_mac, dst_mac, 6, "destination of %s", frame);
    cr_assert_eq(headers.vlans, 0);
}

Test(wlan, addresses_by_way_through_the_distribution_system)
{
    expect_macs(TO_AP SNAP_IPV4 IPV4_TCP, 0x0a, 0x0b);
    expect_macs(FROM_AP SNAP_IPV4 IPV4_TCP, 0x0a, 0x0b);
    expect_macs(AD_HOC SNAP_IPV4 IPV4_TCP, 0x0a, 0x0b);
    expect_macs(BETWEEN_APS SNAP_IPV4 IPV4_TCP, 0x0a, 0x0b);
    expect_macs("08 41 " DURATION MAC_C MAC_A MAC_B SEQUENCE "01 02 03 20 ", 0x0a, 0x0b);
}

Test(wlan, the_check_sequence_is_no_payload)
{
    /* An IPv4 total length of 0: the payload reaches to the end of the frame, which is before the FCS. */
#define TSO_TCP "45 00 00 00 12 34 40 00 40 06 00 00 " ADDRESSES_V4 TCP_ABC
    struct wtr_headers headers;
    cr_assert_eq(read_hex(127, RADIOTAP_FLAGS("10 ") TO_AP SNAP_IPV4 TSO_TCP FCS, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.length, 3);
    cr_assert_eq(headers.captured, 3);
    cr_assert_eq(read_hex(127, RADIOTAP_FLAGS("00 ") TO_AP SNAP_IPV4 TSO_TCP FCS, &headers), WTR_HEADERS_TCP);
    cr_assert_eq(headers.length, 7);
#undef TSO_TCP
}

Test(wlan, prism_in_both_orders_and_avs)
{
    uint8_t bytes[TEST_PACKET_SIZE];
    struct wtr_headers headers;
    uint8_t frame[TEST_PACKET_SIZE];
    uint32_t length = bytes_of(TO_AP SNAP_IPV4 IPV4_TCP, frame);
    static const struct {
        const char *start;
        uint16_t link_type;
        uint32_t header;
    } cases[] = {
        {"44 00 00 00 90 00 00 00 ", 119, 144}, {"00 00 00 44 00 00 00 90 ", 119, 144},
        {"41 00 00 00 90 00 00 00 ", 119, 144}, {"80 21 10 01 00 00 00 40 ", 119, 64},
        {"80 21 10 02 00 00 00 50 ", 163, 80},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(bytes, 0, sizeof bytes);
        bytes_of(cases[i].start, bytes);
        memcpy(bytes + cases[i].header, frame, length);
        uint32_t whole = cases[i].header + length;
        cr_assert_eq(read_bytes(cases[i].link_type, bytes, whole, whole, &headers), WTR_HEADERS_TCP,
                     "case %zu", i);
        cr_assert_eq(headers.payload_at, cases[i].header + 72);
        for (uint32_t n = 0; n < headers.payload_at; n++) {
            struct wtr_headers cut;
            cr_assert_eq(read_bytes(cases[i].link_type, bytes, n, whole, &cut), WTR_HEADERS_CUT);
            cr_assert_eq(read_bytes(cases[i].link_type, bytes, n, n, &cut), WTR_HEADERS_BAD);
        }
    }
    expect_bad(119, "44 00 00 00 07 00 00 00 " TO_AP, 4, "the Prism length does not fit");
    expect_bad(163, "80 21 10 01 00 00 00 3f " TO_AP, 4, "the AVS length does not fit");
    expect_bad(163, "80 21 10 01 ff ff ff ff " TO_AP, 0, "the AVS length does not fit");
}

Test(wlan, what_is_left)
{
    /* more fragments; fragment number 1; an aggregate; version 1 */
    expect_other(105, "08 05 " DURATION MAC_C MAC_A MAC_B SEQUENCE SNAP_IPV4 IPV4_TCP,
                 "802.11 fragments are not put together");
    expect_other(105, "08 01 " DURATION MAC_C MAC_A MAC_B "11 00 " SNAP_IPV4 IPV4_TCP,
                 "802.11 fragments are not put together");
    expect_other(105, "09 01 " DURATION MAC_C MAC_A MAC_B SEQUENCE SNAP_IPV4 IPV4_TCP,
                 "802.11 of another version than 0 is not read");
}

Test(wlan, eapol_is_told_apart)
{
    struct wtr_headers headers;
    cr_assert_eq(read_hex(105, TO_AP "aa aa 03 00 00 00 88 8e 01 03 00 5f ", &headers), WTR_HEADERS_EAPOL);
    cr_assert_eq(headers.payload_at, 32);
    cr_assert_eq(headers.length, 4);
    cr_assert_eq(headers.wlan_at, 0);
    cr_assert_eq(headers.wlan_end, 36);
}

/* 14 + 8 + 43 bytes, filled up to 68; then 14 + 8 + 31 without filling. */
#define AGGREGATE "88 01 " DURATION MAC_C MAC_A MAC_B SEQUENCE "80 00 "
#define FIRST_MSDU MAC_B MAC_A "00 33 " SNAP_IPV4 IPV4_TCP
#define SECOND_MSDU MAC_D MAC_A "00 27 " SNAP_IPV4 IPV4_UDP

struct msdus {
    size_t count;
    enum wtr_header_verdict verdict[8];
    struct wtr_headers headers[8];
};

static void read_aggregate(const char *hex, uint32_t captured, struct msdus *found)
{
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t whole = bytes_of(hex, bytes);
    if (captured > whole)
        captured = whole;
    uint8_t *copy = malloc(captured);
    cr_assert_not_null(copy);
    memcpy(copy, bytes, captured);
    struct wtr_packet packet = {.bytes = copy, .captured = captured, .original = whole, .link_type = 105};
    struct wtr_headers headers;
    cr_assert_eq(wtr_headers_read(&packet, &headers), WTR_HEADERS_AGGREGATE);
    found->count = 0;
    while (found->count < 8 && wtr_headers_msdu(&packet, &headers, &found->verdict[found->count]))
        found->headers[found->count++] = headers;
    free(copy);
}

Test(wlan, an_aggregate_is_taken_apart)
{
    struct msdus found;
    read_aggregate(AGGREGATE FIRST_MSDU "00 00 00 " SECOND_MSDU, UINT32_MAX, &found);
    cr_assert_eq(found.count, 2);
    cr_assert_eq(found.verdict[0], WTR_HEADERS_TCP);
    cr_assert_eq(found.headers[0].payload_at, 26 + 14 + 8 + 40);
    cr_assert_eq(found.headers[0].length, 3);
    cr_assert_eq(found.headers[0].dst_mac[5], 0x0b);
    cr_assert_eq(found.verdict[1], WTR_HEADERS_UDP);
    cr_assert_eq(found.headers[1].payload_at, 26 + 68 + 14 + 8 + 28);
    cr_assert_eq(found.headers[1].dst_mac[5], 0x0d);
    cr_assert_eq(found.headers[1].src_mac[5], 0x0a);
    cr_assert_eq(found.headers[1].layer, WTR_LAYER_WLAN);
}

/* Bytes behind an MSDU's start: none, too few for its header, a length that is too long, an LLC header where
 * addresses are to stand. */
Test(wlan, an_unsound_aggregate_ends_where_it_is_unsound)
{
    struct msdus found;
    read_aggregate(AGGREGATE, UINT32_MAX, &found);
    cr_assert_eq(found.count, 0);
    read_aggregate(AGGREGATE FIRST_MSDU "00 00 00 " MAC_B MAC_A "00 ", UINT32_MAX, &found);
    cr_assert_eq(found.count, 2);
    cr_assert_eq(found.verdict[1], WTR_HEADERS_BAD);
    read_aggregate(AGGREGATE MAC_B MAC_A "00 34 " SNAP_IPV4 IPV4_TCP, UINT32_MAX, &found);
    cr_assert_eq(found.count, 1);
    cr_assert_eq(found.verdict[0], WTR_HEADERS_BAD);
    cr_assert_eq(found.headers[0].reason_at, 26 + 12);
    read_aggregate(AGGREGATE SNAP_IPV4 IPV4_TCP, UINT32_MAX, &found);
    cr_assert_eq(found.verdict[0], WTR_HEADERS_BAD);
    cr_assert_str_eq(found.headers[0].reason, "an address in the A-MSDU is an LLC header");
}

Test(wlan, an_aggregate_cut_at_every_length)
{
    struct msdus whole, found;
    read_aggregate(AGGREGATE FIRST_MSDU "00 00 00 " SECOND_MSDU, UINT32_MAX, &whole);
    for (uint32_t n = 26; n < 26 + 68 + 14 + 8 + 31; n++) {
        read_aggregate(AGGREGATE FIRST_MSDU "00 00 00 " SECOND_MSDU, n, &found);
        for (size_t i = 0; i < found.count; i++)
            cr_assert(found.verdict[i] == WTR_HEADERS_CUT || found.verdict[i] == whole.verdict[i],
                      "captured to %u: %d", n, (int)found.verdict[i]);
        cr_assert_eq(found.count, n < 26 + 68 ? 1 : 2, "captured to %u", n);
    }
}

Test(wlan, radiotap_contradictions)
{
    expect_bad(127, "01 00 08 00 00 00 00 00 " TO_AP, 0, "the radiotap version is not 0");
    expect_bad(127, "00 00 07 00 00 00 00 00 " TO_AP, 2, "the radiotap length does not fit");
    expect_bad(127, "00 00 09 00 00 00 00 00 ", 0, "the radiotap length does not fit");
    expect_bad(127, RADIOTAP_FLAGS("50 ") TO_AP SNAP_IPV4 IPV4_TCP FCS, 9,
               "the receiver found the frame check sequence wrong");
    expect_bad(127, RADIOTAP_FLAGS("10 ") "d4 00 00 ", 9, "the packet ends inside its frame check sequence");
    /* Words of presence without an end, and flags behind the end: there are none. */
    struct wtr_headers headers;
    cr_assert_eq(
        read_hex(127, "00 00 10 00 03 00 00 a0 00 00 00 a0 00 00 00 a0 " TO_AP SNAP_IPV4 IPV4_TCP, &headers),
        WTR_HEADERS_TCP);
    uint8_t bytes[TEST_PACKET_SIZE];
    uint32_t captured = bytes_of("00 00 10 00 03 00 00 a0 00 00 00 a0 00 00 00 a0 ", bytes);
    cr_assert_eq(read_bytes(127, bytes, captured, 100, &headers), WTR_HEADERS_CUT);
    cr_assert_eq(read_hex(127, "00 00 0c 00 02 00 00 80 40 00 00 80 " TO_AP SNAP_IPV4 IPV4_TCP, &headers),
                 WTR_HEADERS_TCP);
    cr_assert_eq(read_hex(127, "00 00 08 00 02 00 00 00 " TO_AP SNAP_IPV4 IPV4_TCP, &headers),
                 WTR_HEADERS_TCP);
}
