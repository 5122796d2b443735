/* SPDX-License-Identifier: Apache-2.0 */
/* IP fragments put together, after RFC 791 3.2, RFC 8200 4.5 and RFC 5722. */
#include "packet/fragments.h"

#include "packet_bytes.h"

enum {
    HEADER = 34,
    RECORD = 16,
    BEFORE = 100000
}; /* of Ethernet and IPv4; of a pcap record; see add_bytes */

static const int64_t SECOND = 1000000000;

/* A part of a datagram of which only the place matters: its bytes are those of `pattern` at that place. */
struct part {
    uint32_t at;
    uint32_t length;
    bool more;
};

static uint8_t pattern(size_t at)
{
    return (uint8_t)(at * 7 + at / 251);
}

struct bench {
    struct wtr_fragments *fragments;
    struct wtr_headers headers; /* key of the parts that are added */
    bool has_time;
    int64_t time_ns;
    uint64_t frame;
    struct wtr_span span; /* the last whole datagram */
    const char *reason;
};

static struct bench bench_new(void)
{
    struct bench bench = {.fragments = wtr_fragments_new(), .has_time = true, .time_ns = 1000 * SECOND};
    cr_assert_not_null(bench.fragments);
    bench.headers.ip_protocol = 17;
    bench.headers.fragment_id = 0x1234;
    bench.headers.src.bytes[15] = 1;
    bench.headers.dst.bytes[15] = 2;
    return bench;
}

/* Frame k's record stands at k * BEFORE of the file, its packet's bytes RECORD behind. */
static enum wtr_fragment_verdict add_bytes(struct bench *bench, struct part part, const uint8_t *bytes)
{
    uint8_t *packet_bytes = malloc(HEADER + part.length);
    cr_assert_not_null(packet_bytes);
    memset(packet_bytes, 0xee, HEADER);
    memcpy(packet_bytes + HEADER, bytes, part.length);
    bench->frame++;
    struct wtr_packet packet = {
        .bytes = packet_bytes,
        .captured = HEADER + part.length,
        .original = HEADER + part.length,
        .has_time = bench->has_time,
        .time_ns = bench->time_ns,
        .frame = bench->frame,
        .record_offset = bench->frame * BEFORE,
        .data_offset = bench->frame * BEFORE + RECORD,
    };
    bench->headers.payload_at = HEADER;
    bench->headers.length = part.length;
    bench->headers.captured = part.length;
    bench->headers.fragment_at = part.at;
    bench->headers.fragment_more = part.more;
    bench->reason = NULL;
    enum wtr_fragment_verdict verdict =
        wtr_fragments_add(bench->fragments, &packet, &bench->headers, &bench->span, &bench->reason);
    cr_assert_eq(bench->reason != NULL, verdict == WTR_FRAGMENT_DROPPED);
    free(packet_bytes);
    return verdict;
}

static enum wtr_fragment_verdict add(struct bench *bench, uint32_t at, uint32_t length, bool more)
{
    static uint8_t bytes[70000];
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = pattern(at + i);
    return add_bytes(bench, (struct part){at, length, more}, bytes);
}

/* The whole datagram has that length and the pattern's bytes. */
static void expect_span(const struct bench *bench, size_t length)
{
    cr_assert_eq(bench->span.length, length);
    for (size_t i = 0; i < length; i++)
        cr_assert_eq(bench->span.bytes[i], pattern(i), "byte %zu", i);
    size_t at = 0;
    for (size_t i = 0; i < bench->span.piece_count; i++) {
        cr_assert_eq(bench->span.pieces[i].at, at);
        at += bench->span.pieces[i].length;
    }
    cr_assert_eq(at, length);
}

static void expect_counts(const struct bench *bench, uint64_t fragments, uint64_t whole, uint64_t dropped,
                          uint64_t expired)
{
    struct wtr_fragment_counts counts = wtr_fragments_counts(bench->fragments);
    cr_assert_eq(counts.fragments, fragments, "fragments %ju", (uintmax_t)counts.fragments);
    cr_assert_eq(counts.whole, whole, "whole %ju", (uintmax_t)counts.whole);
    cr_assert_eq(counts.dropped, dropped, "dropped %ju", (uintmax_t)counts.dropped);
    cr_assert_eq(counts.expired, expired, "expired %ju", (uintmax_t)counts.expired);
}

static void bench_free(struct bench *bench)
{
    wtr_fragments_free(bench->fragments);
}

Test(fragments, three_parts_in_every_order)
{
    static const struct part parts[3] = {{0, 16, true}, {16, 8, true}, {24, 5, false}};
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int i = 0; i < 6; i++) {
        struct bench bench = bench_new();
        for (int k = 0; k < 3; k++) {
            const struct part *part = &parts[orders[i][k]];
            cr_assert_eq(add(&bench, part->at, part->length, part->more),
                         k < 2 ? WTR_FRAGMENT_KEPT : WTR_FRAGMENT_WHOLE);
        }
        expect_span(&bench, 29);
        cr_assert_eq(bench.span.piece_count, 3);
        expect_counts(&bench, 3, 1, 0, 0);
        wtr_fragments_finish(bench.fragments);
        expect_counts(&bench, 3, 1, 0, 0);
        bench_free(&bench);
    }
}

Test(fragments, pieces_name_their_frames_and_places)
{
    struct bench bench = bench_new();
    add(&bench, 16, 5, false);
    bench.time_ns += 7;
    cr_assert_eq(add(&bench, 0, 16, true), WTR_FRAGMENT_WHOLE);
    const struct wtr_piece *pieces = bench.span.pieces;
    cr_assert_eq(pieces[0].frame, 2);
    cr_assert_eq(pieces[0].record_offset, 200000);
    cr_assert_eq(pieces[0].offset, 200000 + 16 + 34);
    cr_assert_eq(pieces[0].time_ns, 1000 * SECOND + 7);
    cr_assert_eq(pieces[1].frame, 1);
    cr_assert_eq(pieces[1].offset, 100000 + 16 + 34);
    cr_assert_eq(pieces[1].time_ns, 1000 * SECOND);
    /* bytes 14 to 19 lie in both: two in frame 2, at 14, and four in frame 1, at its start */
    cr_assert_eq(wtr_span_parts(&bench.span, 14, 6), 2);
    struct wtr_origin first = wtr_span_part(&bench.span, 14, 6, 0);
    struct wtr_origin second = wtr_span_part(&bench.span, 14, 6, 1);
    cr_assert_eq(first.offset, 200000 + 16 + 34 + 14);
    cr_assert_eq(first.length, 2);
    cr_assert_eq(second.offset, 100000 + 16 + 34);
    cr_assert_eq(second.length, 4);
    bench_free(&bench);
}

Test(fragments, one_last_part_at_the_start_is_whole)
{
    /* IPv6 calls it atomic and it comes as no fragment; an IPv4 packet can't say it. */
    struct bench bench = bench_new();
    cr_assert_eq(add(&bench, 0, 5, false), WTR_FRAGMENT_WHOLE);
    expect_span(&bench, 5);
    bench_free(&bench);
}

Test(fragments, repeats_before_and_after_the_datagram_is_whole)
{
    struct bench bench = bench_new();
    cr_assert_eq(add(&bench, 0, 16, true), WTR_FRAGMENT_KEPT);
    cr_assert_eq(add(&bench, 0, 16, true), WTR_FRAGMENT_REPEAT);
    cr_assert_eq(add(&bench, 16, 5, false), WTR_FRAGMENT_WHOLE);
    expect_span(&bench, 21);
    cr_assert_eq(add(&bench, 16, 5, false), WTR_FRAGMENT_REPEAT);
    cr_assert_eq(add(&bench, 0, 16, true), WTR_FRAGMENT_REPEAT);
    wtr_fragments_finish(bench.fragments);
    expect_counts(&bench, 5, 1, 0, 0);
    bench_free(&bench);
}

Test(fragments, an_id_that_is_used_again_for_other_bytes)
{
    struct bench bench = bench_new();
    add(&bench, 0, 16, true);
    cr_assert_eq(add(&bench, 16, 5, false), WTR_FRAGMENT_WHOLE);
    static const uint8_t other[24] = {1, 2, 3};
    cr_assert_eq(add_bytes(&bench, (struct part){0, 16, true}, other), WTR_FRAGMENT_KEPT);
    cr_assert_eq(add_bytes(&bench, (struct part){16, 8, false}, other), WTR_FRAGMENT_WHOLE);
    cr_assert_eq(bench.span.length, 24);
    cr_assert_arr_eq(bench.span.bytes, other, 16);
    expect_counts(&bench, 4, 2, 0, 0);
    bench_free(&bench);
}

Test(fragments, other_bytes_for_the_same_part_refuse_the_datagram)
{
    struct bench bench = bench_new();
    static const uint8_t other[16] = {0};
    cr_assert_eq(add(&bench, 0, 16, true), WTR_FRAGMENT_KEPT);
    cr_assert_eq(add_bytes(&bench, (struct part){0, 16, true}, other), WTR_FRAGMENT_DROPPED);
    cr_assert_str_eq(bench.reason, "IP fragments overlap");
    cr_assert_eq(add(&bench, 16, 5, false), WTR_FRAGMENT_DROPPED);
    cr_assert_str_eq(bench.reason, "an IP fragment belongs to a datagram that was refused");
    cr_assert_eq(add(&bench, 0, 16, true), WTR_FRAGMENT_DROPPED);
    wtr_fragments_finish(bench.fragments);
    expect_counts(&bench, 4, 0, 4, 0);
    bench_free(&bench);
}

Test(fragments, every_overlap_that_is_no_repeat_refuses_the_datagram)
{
    /* Against parts at 16..31 and 48..63, with equal bytes: at the start, at the end, inside, around, over
     * both; and the same place with another word on whether it is the last. */
    static const struct part overlapping[] = {
        {8, 16, true}, {24, 16, true}, {16, 8, true},   {24, 8, true},  {8, 32, true},   {24, 32, true},
        {0, 80, true}, {40, 16, true}, {16, 16, false}, {56, 3, false}, {48, 15, false}, {48, 17, false},
    };
    for (size_t i = 0; i < sizeof overlapping / sizeof overlapping[0]; i++) {
        struct bench bench = bench_new();
        cr_assert_eq(add(&bench, 48, 16, true), WTR_FRAGMENT_KEPT);
        cr_assert_eq(add(&bench, 16, 16, true), WTR_FRAGMENT_KEPT);
        const struct part *part = &overlapping[i];
        cr_assert_eq(add(&bench, part->at, part->length, part->more), WTR_FRAGMENT_DROPPED, "case %zu", i);
        cr_assert_str_eq(bench.reason, "IP fragments overlap");
        expect_counts(&bench, 3, 0, 3, 0);
        bench_free(&bench);
    }
}

Test(fragments, ends_that_disagree)
{
    static const char disagree[] = "IP fragments disagree on where their datagram ends";
    struct bench bench = bench_new();
    add(&bench, 16, 8, false);
    cr_assert_eq(add(&bench, 24, 8, true), WTR_FRAGMENT_DROPPED, "a part behind the last");
    cr_assert_str_eq(bench.reason, disagree);
    bench.headers.fragment_id++;
    add(&bench, 16, 8, false);
    cr_assert_eq(add(&bench, 24, 8, false), WTR_FRAGMENT_DROPPED, "another last part");
    cr_assert_str_eq(bench.reason, disagree);
    bench.headers.fragment_id++;
    add(&bench, 16, 8, false);
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_DROPPED, "another last part before it");
    cr_assert_str_eq(bench.reason, disagree);
    bench.headers.fragment_id++;
    add(&bench, 16, 8, true);
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_DROPPED, "a last part before another");
    cr_assert_str_eq(bench.reason, disagree);
    bench.headers.fragment_id++;
    add(&bench, 16, 8, true);
    cr_assert_eq(add(&bench, 16, 8, false), WTR_FRAGMENT_DROPPED, "the same part, and then the last");
    bench_free(&bench);
}

Test(fragments, datagrams_differ_by_every_part_of_their_key)
{
    struct bench bench = bench_new();
    const struct wtr_headers key = bench.headers;
    cr_assert_eq(add(&bench, 0, 8, true), WTR_FRAGMENT_KEPT);
    bench.headers.src.bytes[12] ^= 1;
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_KEPT);
    bench.headers = key;
    bench.headers.dst.bytes[0] ^= 1;
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_KEPT);
    bench.headers = key;
    bench.headers.fragment_id ^= 0x10000;
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_KEPT);
    bench.headers = key;
    bench.headers.ip_protocol = 6;
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_KEPT);
    bench.headers = key;
    bench.headers.v6 = true;
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_KEPT);
    bench.headers = key;
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_WHOLE);
    wtr_fragments_finish(bench.fragments);
    expect_counts(&bench, 7, 1, 0, 5);
    wtr_fragments_finish(bench.fragments);
    expect_counts(&bench, 7, 1, 0, 5);
    bench_free(&bench);
}

Test(fragments, parts_that_are_wrong_by_themselves)
{
    struct bench bench = bench_new();
    cr_assert_eq(add(&bench, 0, 0, true), WTR_FRAGMENT_DROPPED);
    cr_assert_str_eq(bench.reason, "an IP fragment is empty");
    cr_assert_eq(add(&bench, 0, 15, true), WTR_FRAGMENT_DROPPED);
    cr_assert_str_eq(bench.reason, "the length of an IP fragment that is not the last is no multiple of 8");
    cr_assert_eq(add(&bench, 65528, 8, false), WTR_FRAGMENT_DROPPED);
    cr_assert_str_eq(bench.reason, "an IP fragment ends beyond the longest datagram");
    cr_assert_eq(add(&bench, 0, 65536, false), WTR_FRAGMENT_DROPPED);
    cr_assert_str_eq(bench.reason, "an IP fragment ends beyond the longest datagram");
    expect_counts(&bench, 4, 0, 4, 0);
    /* They leave no trace. */
    cr_assert_eq(add(&bench, 0, 16, true), WTR_FRAGMENT_KEPT);
    cr_assert_eq(add(&bench, 16, 1, false), WTR_FRAGMENT_WHOLE);
    bench_free(&bench);
}

Test(fragments, a_part_that_the_capture_cut)
{
    static const uint8_t bytes[HEADER + 8] = {0};
    struct bench bench = bench_new();
    struct wtr_packet packet = {.bytes = bytes, .captured = HEADER + 8, .original = HEADER + 16, .frame = 1};
    bench.headers.payload_at = HEADER;
    bench.headers.length = 16;
    bench.headers.captured = 8;
    bench.headers.fragment_more = true;
    cr_assert_eq(wtr_fragments_add(bench.fragments, &packet, &bench.headers, &bench.span, &bench.reason),
                 WTR_FRAGMENT_DROPPED);
    cr_assert_str_eq(bench.reason, "the capture cut an IP fragment");
    bench_free(&bench);
}

Test(fragments, the_longest_datagram)
{
    struct bench bench = bench_new();
    for (uint32_t at = 0; at < 65520; at += 1456) /* 45 times */
        cr_assert_eq(add(&bench, at, 1456, true), WTR_FRAGMENT_KEPT);
    cr_assert_eq(add(&bench, 65520, 15, false), WTR_FRAGMENT_WHOLE);
    expect_span(&bench, 65535);
    bench_free(&bench);
}

Test(fragments, as_many_parts_as_are_kept_and_one_more)
{
    struct bench bench = bench_new();
    for (uint32_t i = 63; i > 0; i--)
        cr_assert_eq(add(&bench, i * 8, 8, i != 63), WTR_FRAGMENT_KEPT);
    cr_assert_eq(add(&bench, 0, 8, true), WTR_FRAGMENT_WHOLE);
    expect_span(&bench, 512);
    cr_assert_eq(bench.span.piece_count, 64);
    bench.headers.fragment_id++;
    for (uint32_t i = 0; i < 64; i++)
        cr_assert_eq(add(&bench, i * 8, 8, true), WTR_FRAGMENT_KEPT);
    cr_assert_eq(add(&bench, 64 * 8, 8, false), WTR_FRAGMENT_DROPPED);
    cr_assert_str_eq(bench.reason, "a datagram has more IP fragments than are kept");
    expect_counts(&bench, 64 + 65, 1, 65, 0);
    bench_free(&bench);
}

Test(fragments, the_oldest_makes_room_for_the_next)
{
    struct bench bench = bench_new();
    for (uint32_t id = 0; id < 64; id++) {
        bench.headers.fragment_id = id;
        cr_assert_eq(add(&bench, 0, 8, true), WTR_FRAGMENT_KEPT);
    }
    expect_counts(&bench, 64, 0, 0, 0);
    bench.headers.fragment_id = 64;
    add(&bench, 0, 8, true);
    expect_counts(&bench, 65, 0, 0, 1);
    /* Datagram 0 went. Datagram 1 did not; and as it is whole, it goes before 2 does. */
    bench.headers.fragment_id = 1;
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_WHOLE);
    bench.headers.fragment_id = 65;
    add(&bench, 0, 8, true);
    expect_counts(&bench, 67, 1, 0, 1);
    bench.headers.fragment_id = 2;
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_WHOLE);
    bench.headers.fragment_id = 0;
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_KEPT);
    wtr_fragments_finish(bench.fragments);
    /* 3 to 65 and the second 0 remained */
    expect_counts(&bench, 69, 2, 0, 1 + 63 + 1);
    bench_free(&bench);
}

Test(fragments, what_is_done_with_makes_room_first)
{
    struct bench bench = bench_new();
    for (uint32_t id = 0; id < 64; id++) {
        bench.headers.fragment_id = id;
        cr_assert_eq(add(&bench, 0, 8, true), WTR_FRAGMENT_KEPT);
    }
    cr_assert_eq(add(&bench, 8, 8, false), WTR_FRAGMENT_WHOLE);
    bench.headers.fragment_id = 62;
    cr_assert_eq(add(&bench, 0, 16, true), WTR_FRAGMENT_DROPPED);
    for (uint32_t id = 64; id < 66; id++) {
        bench.headers.fragment_id = id;
        cr_assert_eq(add(&bench, 0, 8, true), WTR_FRAGMENT_KEPT);
    }
    expect_counts(&bench, 68, 1, 2, 0);
    bench_free(&bench);
}

static void expect_after(int64_t first_ns, int64_t second_ns, bool has_time, bool together)
{
    struct bench bench = bench_new();
    bench.time_ns = first_ns;
    bench.has_time = has_time;
    cr_assert_eq(add(&bench, 0, 8, true), WTR_FRAGMENT_KEPT);
    bench.time_ns = second_ns;
    bench.has_time = true;
    cr_assert_eq(add(&bench, 8, 8, false), together ? WTR_FRAGMENT_WHOLE : WTR_FRAGMENT_KEPT, "%jd and %jd",
                 (intmax_t)first_ns, (intmax_t)second_ns);
    expect_counts(&bench, 2, together, 0, !together);
    bench_free(&bench);
}

Test(fragments, thirty_seconds_either_way)
{
    const int64_t start = 1700000000 * SECOND;
    expect_after(start, start + 30 * SECOND, true, true);
    expect_after(start, start + 30 * SECOND + 1, true, false);
    expect_after(start, start - 30 * SECOND, true, true);
    expect_after(start, start - 30 * SECOND - 1, true, false);
    expect_after(INT64_MIN, INT64_MAX, true, false);
    expect_after(INT64_MAX, INT64_MIN, true, false);
    expect_after(-10 * SECOND, 10 * SECOND, true, true);
    expect_after(0, start, false, true);
}

Test(fragments, age_counts_from_the_first_part)
{
    struct bench bench = bench_new();
    add(&bench, 0, 8, true);
    bench.time_ns += 20 * SECOND;
    add(&bench, 8, 8, true);
    bench.time_ns += 20 * SECOND;
    cr_assert_eq(add(&bench, 16, 8, false), WTR_FRAGMENT_KEPT);
    expect_counts(&bench, 3, 0, 0, 1);
    bench_free(&bench);
}

Test(fragments, a_refused_datagram_is_forgotten_in_time)
{
    struct bench bench = bench_new();
    add(&bench, 0, 16, true);
    cr_assert_eq(add(&bench, 8, 16, true), WTR_FRAGMENT_DROPPED);
    bench.time_ns += 31 * SECOND;
    cr_assert_eq(add(&bench, 0, 16, true), WTR_FRAGMENT_KEPT);
    cr_assert_eq(add(&bench, 16, 1, false), WTR_FRAGMENT_WHOLE);
    expect_counts(&bench, 4, 1, 2, 0);
    bench_free(&bench);
}

/* From the wire: a UDP datagram of 8 + 11 bytes in two fragments, then its transport header. */
static void read_in_two(uint16_t link_type, const char *first, const char *second)
{
    const char *const parts[2] = {second, first};
    struct bench bench = bench_new();
    struct wtr_headers headers;
    enum wtr_fragment_verdict verdict = WTR_FRAGMENT_DROPPED;
    for (int i = 0; i < 2; i++) {
        uint8_t bytes[TEST_PACKET_SIZE];
        uint32_t length = bytes_of(parts[i], bytes);
        struct wtr_packet packet = {
            .bytes = bytes, .captured = length, .original = length, .link_type = link_type, .frame = 1};
        cr_assert_eq(wtr_headers_read(&packet, &headers), WTR_HEADERS_FRAGMENT);
        verdict = wtr_fragments_add(bench.fragments, &packet, &headers, &bench.span, &bench.reason);
    }
    cr_assert_eq(verdict, WTR_FRAGMENT_WHOLE);
    cr_assert_eq(wtr_headers_transport(bench.span.bytes, (uint32_t)bench.span.length, &headers),
                 WTR_HEADERS_UDP);
    cr_assert_eq(headers.dst_port, 5683);
    cr_assert_eq(headers.payload_at, 8);
    cr_assert_eq(headers.length, 11);
    cr_assert_arr_eq(bench.span.bytes + 8, "hello world", 11);
    bench_free(&bench);
}

Test(fragments, from_the_wire)
{
#define UDP_START "c0 02 16 33 00 13 00 00 68 65 6c 6c 6f 20 77 6f "
#define UDP_REST "72 6c 64 "
    /* 20 + 16 = 0x24, MF; 20 + 3 = 0x17, offset 2 * 8 */
    read_in_two(228, "45 00 00 24 12 34 20 00 40 11 00 00 " ADDRESSES_V4 UDP_START,
                "45 00 00 17 12 34 00 02 40 11 00 00 " ADDRESSES_V4 UDP_REST);
    /* 8 + 16 = 0x18; 8 + 3 = 0x0b, offset 16 */
    read_in_two(229, "60 00 00 00 00 18 2c 40 " ADDRESSES_V6 "11 00 00 01 00 00 be ef " UDP_START,
                "60 00 00 00 00 0b 2c 40 " ADDRESSES_V6 "11 00 00 10 00 00 be ef " UDP_REST);
#undef UDP_START
#undef UDP_REST
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

/* Many datagrams, each split at random, shuffled and with repeats: each is whole once, with the right bytes.
 */
Test(fragments, random_splits_orders_and_repeats)
{
    uint32_t state = 1;
    struct bench bench = bench_new();
    for (uint32_t round = 0; round < 300; round++) {
        struct part parts[64];
        size_t count = 0;
        uint32_t length = 1 + next_random(&state) % 4000;
        for (uint32_t at = 0; at < length; count++) {
            uint32_t own = 8 * (1 + next_random(&state) % 40);
            own = own < length - at && count < 63 ? own : length - at;
            parts[count] = (struct part){at, own, at + own < length};
            at += own;
        }
        for (size_t i = count; i > 1; i--) {
            size_t k = next_random(&state) % i;
            struct part swapped = parts[i - 1];
            parts[i - 1] = parts[k];
            parts[k] = swapped;
        }
        bench.headers.fragment_id = round;
        for (size_t i = 0; i < count; i++) {
            enum wtr_fragment_verdict expected = i + 1 < count ? WTR_FRAGMENT_KEPT : WTR_FRAGMENT_WHOLE;
            cr_assert_eq(add(&bench, parts[i].at, parts[i].length, parts[i].more), expected, "round %u",
                         round);
            const struct part *again = &parts[next_random(&state) % (i + 1)];
            cr_assert_eq(add(&bench, again->at, again->length, again->more), WTR_FRAGMENT_REPEAT);
        }
        expect_span(&bench, length);
    }
    wtr_fragments_finish(bench.fragments);
    struct wtr_fragment_counts counts = wtr_fragments_counts(bench.fragments);
    cr_assert_eq(counts.whole, 300);
    cr_assert_eq(counts.dropped, 0);
    cr_assert_eq(counts.expired, 0);
    bench_free(&bench);
}
