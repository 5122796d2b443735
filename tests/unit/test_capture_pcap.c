/* SPDX-License-Identifier: Apache-2.0 */
/* Classic pcap files: every field of every form, and what becomes of each kind of damage. */
#include "capture_bytes.h"

static struct file_bytes file;
static struct reading reading;

static const char lost_here[] =
    "no packet record can be read here, and those that follow may be numbered too low";
static const char lost_rest[] = "no packet record can be read from here on";
static const char bad_length[] = "the captured length of this record does not lead to the next";
static const char cut[] = "the bytes end inside a packet record";

static void start(bool big)
{
    file.length = 0;
    file.big = big;
}

/* Place and length of the i-th record (from 0) of pcap_records behind a file header. */
static size_t record_at(size_t i)
{
    return 24 + i * (16 + 40) + i * (i - 1) / 2;
}

static void expect_record(const struct wtr_packet *packet, uint32_t i, uint64_t frame)
{
    cr_expect_eq(packet->frame, frame, "frame %llu", (unsigned long long)packet->frame);
    cr_expect_eq(packet->record_offset, record_at(i));
    cr_expect_eq(packet->data_offset, record_at(i) + 16);
    cr_expect_eq(packet->captured, 40 + i);
    cr_expect_eq(packet->original, 40 + i);
    cr_expect(packet->has_time);
    cr_expect_eq(packet->time_ns, (int64_t)(TEST_SECONDS + i) * 1000000000 + (int64_t)i * 10000);
}

/* The capture has the records of pcap_records but those in `lost`, and frame numbers as if none were lost. */
static void expect_records_without(uint32_t count, uint32_t lost)
{
    cr_assert_eq(reading.count, count - 1, "%zu packets", reading.count);
    for (uint32_t i = 0, k = 0; i < count; i++) {
        if (i != lost) {
            expect_record(&reading.packets[k++], i, i + 1);
        }
    }
    cr_expect_not(reading.facts.complete);
}

Test(pcap, recognised_by_its_magic)
{
    static const uint8_t magics[][4] = {{0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0xc3, 0xd4},
                                        {0x4d, 0x3c, 0xb2, 0xa1}, {0xa1, 0xb2, 0x3c, 0x4d},
                                        {0x34, 0xcd, 0xb2, 0xa1}, {0xa1, 0xb2, 0xcd, 0x34},
                                        {0x0a, 0x0d, 0x0d, 0x0a}};
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        cr_expect(wtr_capture_recognise(magics[i], 4), "%zu", i);
        cr_expect_not(wtr_capture_recognise(magics[i], 3), "%zu", i);
    }
    static const uint8_t other[4] = {0xd4, 0xc3, 0xb2, 0xa2};
    cr_expect_not(wtr_capture_recognise(other, 4));
}

Test(pcap, micro_and_nanoseconds_in_both_orders)
{
    static const struct {
        uint32_t magic;
        bool big;
        uint32_t resolution;
    } forms[] = {
        {0xa1b2c3d4, false, 1000}, {0xa1b2c3d4, true, 1000}, {0xa1b23c4d, false, 1}, {0xa1b23c4d, true, 1}};
    for (size_t i = 0; i < 4; i++) {
        start(forms[i].big);
        pcap_header(&file, forms[i].magic, 262144, 1);
        pcap_record_header(&file, TEST_SECONDS, 999999, 6, 6);
        put_data(&file, 6, 1);
        pcap_record_header(&file, 4294967295U, 123456, 5, 9);
        put_data(&file, 5, 2);
        read_file(&reading, &file);
        expect_whole(&reading, 2);
        const struct wtr_packet *packet = reading.packets;
        cr_expect_eq(packet->time_ns, 1767225600000000000 + 999999 * (int64_t)forms[i].resolution);
        cr_expect_eq(packet->resolution_ns, forms[i].resolution);
        cr_expect_eq(packet->frame, 1);
        cr_expect_eq(packet->record_offset, 24);
        cr_expect_eq(packet->data_offset, 40);
        cr_expect_eq(packet->link_type, 1);
        cr_expect_eq(packet->interface, 0);
        packet++;
        cr_expect_eq(packet->time_ns, 4294967295000000000 + 123456 * (int64_t)forms[i].resolution,
                     "seconds are unsigned: 2106 and not 1969");
        cr_expect_eq(packet->captured, 5);
        cr_expect_eq(packet->original, 9);
        cr_expect_eq(packet->record_offset, 46);
        cr_expect_str_eq(reading.facts.type, "pcap");
        cr_expect_eq(reading.facts.frames, 2);
        cr_expect_eq(reading.facts.bytes, 11);
        cr_expect_eq(reading.facts.snapped, 1);
        cr_expect_eq(reading.facts.interfaces, 1);
        cr_expect_not(reading.facts.drops_known);
    }
}

/* The modified format: 8 further bytes in each record's header. */
Test(pcap, modified_format)
{
    start(true);
    pcap_header(&file, 0xa1b2cd34, 2048, 1);
    for (uint32_t i = 0; i < 3; i++) {
        pcap_record_header(&file, TEST_SECONDS + i, 7, 10, 10);
        put32(&file, 3);      /* interface index */
        put16(&file, 0x0800); /* protocol */
        put16(&file, 0x0400); /* packet type, padding */
        put_data(&file, 10, i);
    }
    read_file(&reading, &file);
    expect_whole(&reading, 3);
    cr_expect_eq(reading.packets[1].record_offset, 24 + 34);
    cr_expect_eq(reading.packets[1].data_offset, 24 + 34 + 24);
    cr_expect_eq(reading.packets[2].time_ns, 1767225602000007000);
}

/* Versions before 2.3 give the original length first; in 2.3 both orders occur. */
Test(pcap, older_orders_of_the_lengths)
{
    static const uint8_t minors[] = {0, 2, 3};
    for (size_t i = 0; i < 3; i++) {
        start(false);
        pcap_header(&file, 0xa1b2c3d4, 20, 1);
        file.data[6] = minors[i];
        for (uint32_t k = 0; k < 4; k++) {
            pcap_record_header(&file, TEST_SECONDS, k, 90, 20);
            put_data(&file, 20, k);
        }
        read_file(&reading, &file);
        expect_whole(&reading, 4);
        cr_expect_eq(reading.packets[3].captured, 20);
        cr_expect_eq(reading.packets[3].original, 90);
        cr_expect_eq(reading.packets[3].record_offset, 24 + 3 * 36);
    }
}

/* The upper half of the link type field: the length of the frame check sequence, and reserved bits. */
Test(pcap, link_type_field)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 0x24000000 | 105);
    pcap_records(&file, 1);
    read_file(&reading, &file);
    expect_whole(&reading, 1);
    cr_expect_eq(reading.packets[0].link_type, 105);
    set32(&file, 20, 0x00010000 | 105);
    read_file(&reading, &file);
    cr_expect_eq(reading.packets[0].link_type, 105);
    expect_finding(&reading, 0, 0, 20, 4, "reserved bits of the link type field are set");
    cr_expect_not(reading.facts.complete);
}

Test(pcap, no_packets)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    read_file(&reading, &file);
    expect_whole(&reading, 0);
}

Test(pcap, not_a_capture)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    read_bytes(&reading, file.data, 23);
    cr_expect_eq(reading.opened, WTR_E_UNRECOGNISED);
    cr_expect_str_eq(reading.why, "it ends inside the pcap file header");
    read_bytes(&reading, file.data, 3);
    cr_expect_eq(reading.opened, WTR_E_UNRECOGNISED);
    cr_expect_str_eq(reading.why, "its first bytes are not those of a pcap or pcapng capture");
    read_bytes(&reading, file.data, 0);
    cr_expect_eq(reading.opened, WTR_E_UNRECOGNISED);
    cr_expect_str_eq(reading.why, "it is empty");
    file.data[6] = 5;
    read_file(&reading, &file);
    cr_expect_eq(reading.opened, WTR_E_UNRECOGNISED);
    cr_expect_str_eq(reading.why, "it is a pcap capture of a version that is not known");
}

Test(pcap, unknown_version_with_records_of_the_known_one)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    pcap_records(&file, 6);
    file.data[5] = 0x10;
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 6);
    expect_finding(&reading, 0, 0, 4, 4,
                   "the file is of an unknown version, but its records read as those of 2.4");
    cr_expect_not(reading.facts.complete);
}

/* Odd but undamaged: times that leap over years and back, lengths beyond the snapshot length, more captured
 * than there was, empty packets. Every record is read. */
Test(pcap, odd_files_are_read_whole)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 30, 1);
    static const uint32_t seconds[] = {0, 1767225600, 5, 900000000, 4000000000U, 1};
    size_t offsets[12];
    for (uint32_t i = 0; i < 12; i++) {
        offsets[i] = file.length;
        pcap_record_header(&file, seconds[i % 6], i, 50 + i, i % 4 == 3 ? 20 : 50 + i);
        put_data(&file, 50 + i, i);
    }
    read_file(&reading, &file);
    cr_assert_eq(reading.count, 12, "%zu packets", reading.count);
    for (uint32_t i = 0; i < 12; i++) {
        cr_expect_eq(reading.packets[i].record_offset, offsets[i]);
        cr_expect_eq(reading.packets[i].frame, i + 1);
        cr_expect_eq(reading.packets[i].time_ns, (int64_t)seconds[i % 6] * 1000000000 + (int64_t)i * 1000);
        cr_expect_eq(reading.packets[i].original, 50 + i);
    }
    cr_expect(reading.facts.complete, "nothing was unreadable");
    expect_finding(&reading, 0, 1, 32, 8, "this and maybe other packets are longer than the snapshot length");
    expect_finding(&reading, 1, 4, offsets[3] + 8, 8,
                   "more was captured of this and maybe other packets than their original length");
    cr_expect_eq(reading.finding_count, 2);
}

/* A packet whose fraction of a second is impossible has bytes but no time. */
Test(pcap, impossible_fraction)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    pcap_records(&file, 6);
    set32(&file, record_at(2) + 4, 1000000);
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 6);
    cr_expect_not(reading.packets[2].has_time);
    expect_record(&reading.packets[3], 3, 4);
    cr_expect_eq(reading.facts.without_time, 1);
    expect_finding(&reading, 0, 3, record_at(2) + 4, 4, "the fraction of the time stamp is a second or more");
}

/* Cut at every byte: the records that are whole are read, and a record that is not is a finding in its place.
 */
Test(pcap, cut_at_every_byte)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    pcap_records(&file, 6);
    for (size_t length = 24; length < file.length; length++) {
        read_bytes(&reading, file.data, length);
        size_t whole = 0;
        while (record_at(whole + 1) <= length) {
            whole++;
        }
        cr_assert_eq(reading.count, whole, "cut to %zu bytes: %zu packets", length, reading.count);
        size_t rest = length - record_at(whole);
        cr_assert_eq(reading.facts.complete, rest == 0);
        if (rest > 0) {
            expect_finding(&reading, 0, whole + 1, record_at(whole), rest, cut);
        }
    }
}

/* Every bit of every byte behind the file header, turned: at most one packet is lost, and whatever is read
 * has its place, length and number. */
Test(pcap, any_bit_turned)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    pcap_records(&file, 12);
    for (size_t bit = (size_t)24 * 8; bit < file.length * 8; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        read_file(&reading, &file);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert(reading.count >= 11, "bit %zu of byte %zu: %zu packets", bit % 8, bit / 8, reading.count);
        cr_assert(reading.count == 12 || reading.finding_count > 0, "byte %zu: lost without a word", bit / 8);
        for (size_t k = 0; k < reading.count; k++) {
            const struct wtr_packet *packet = &reading.packets[k];
            cr_assert_eq(packet->record_offset, record_at(packet->frame - 1), "byte %zu", bit / 8);
            cr_assert_eq(packet->captured, 40 + packet->frame - 1, "byte %zu", bit / 8);
        }
    }
}

/* The captured length of one record is wrong; its original length tells where the next one is. */
Test(pcap, wrong_captured_length)
{
    static const uint32_t wrong[] = {0, 1, 43, 45, 100, 300, 70000, 262144, 262145, 0x7fffffff, 0xffffffff};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        start(true);
        pcap_header(&file, 0xa1b2c3d4, 65535, 1);
        pcap_records(&file, 12);
        set32(&file, record_at(4) + 8, wrong[i]);
        read_file(&reading, &file);
        expect_records_without(12, 4);
        expect_finding(&reading, 0, 5, record_at(4), 60, bad_length);
        cr_expect_eq(reading.finding_count, 1);
    }
}

/* The same of a packet that was cut at the snapshot length, which then tells it. */
Test(pcap, wrong_captured_length_of_a_cut_packet)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 32, 1);
    for (uint32_t i = 0; i < 8; i++) {
        pcap_record_header(&file, TEST_SECONDS, i, 32, 1500);
        put_data(&file, 32, i);
    }
    set32(&file, 24 + 3 * 48 + 8, 33);
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 7);
    expect_finding(&reading, 0, 4, 24 + 3 * 48, 48, bad_length);
    cr_expect_eq(reading.packets[3].frame, 5);
}

/* A header is wiped out. The packet before it gives its length twice and stands. Records are found again at
 * the next, but the lost packet could have held those that follow within the length of a full Ethernet frame,
 * 1514 bytes and a header's 16, and so they are passed. */
Test(pcap, lost_header)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    pcap_records(&file, 60);
    memset(file.data + record_at(5), 0xee, 16);
    uint32_t next = 6;
    while (record_at(next) - record_at(6) < 1530) {
        next++;
    }
    read_file(&reading, &file);
    cr_assert_eq(reading.count, 5 + 60 - next, "%zu packets", reading.count);
    expect_record(&reading.packets[4], 4, 5);
    expect_record(&reading.packets[5], next, 7);
    expect_record(&reading.packets[reading.count - 1], 59, reading.count + 1);
    expect_finding(&reading, 0, 6, record_at(5), record_at(next) - record_at(5), lost_here);
    cr_expect_eq(reading.finding_count, 1);
}

/* Bytes are missing in the middle of a packet: its length now reaches into the next, and neither is read. */
Test(pcap, missing_bytes)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    pcap_records(&file, 60);
    size_t at = record_at(5) + 20;
    memmove(file.data + at, file.data + at + 7, file.length - at - 7);
    file.length -= 7;
    read_file(&reading, &file);
    cr_assert(reading.count >= 35);
    expect_record(&reading.packets[4], 4, 5);
    for (size_t i = 5; i < reading.count; i++) {
        cr_expect_eq(reading.packets[i].record_offset + 7, record_at(reading.packets[i].captured - 40));
    }
    cr_expect_eq(reading.findings[0].offset, record_at(5));
}

/* Read 4 bytes too late, a header gives its second length for its first, so that record seems to follow
 * record there too. Times close to 1970 and packets that begin with zeros, or with a large number, make it
 * hard to tell. */
Test(pcap, four_missing_bytes)
{
    static const uint32_t first_words[] = {0, 0x28000045, 2};
    for (size_t k = 0; k < 3; k++) {
        start(false);
        pcap_header(&file, 0xa1b2c3d4, 65535, 1);
        for (uint32_t i = 0; i < 60; i++) {
            pcap_record_header(&file, 0, 1000 * i, 60, 60);
            put32(&file, first_words[k]);
            put_data(&file, 56, i);
        }
        size_t at = 24 + 5 * 76 + 30;
        memmove(file.data + at, file.data + at + 4, file.length - at - 4);
        file.length -= 4;
        read_file(&reading, &file);
        cr_assert(reading.count >= 35, "%zu packets", reading.count);
        for (size_t i = 0; i < reading.count; i++) {
            uint64_t place = reading.packets[i].record_offset;
            cr_assert_neq(place, at - 30, "the packet without its bytes is no packet");
            cr_assert_eq((place < at ? place - 24 : place + 4 - 24) % 76, 0, "misread at %llu",
                         (unsigned long long)place);
        }
    }
}

/* A packet that was cut, and a damaged length in the header behind it: only the second is lost. */
Test(pcap, wrong_length_behind_a_cut_packet)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    for (uint32_t i = 0; i < 12; i++) {
        uint32_t captured = i == 3 ? 32 : 40;
        pcap_record_header(&file, TEST_SECONDS + i, 0, captured, i == 3 ? 1500 : 40);
        put_data(&file, captured, i);
    }
    size_t fifth = 24 + 3 * 56 + 48;
    set32(&file, fifth + 8, 0x70000028);
    read_file(&reading, &file);
    cr_assert_eq(reading.count, 11, "%zu packets", reading.count);
    cr_expect_eq(reading.packets[3].captured, 32);
    cr_expect_eq(reading.packets[4].frame, 6);
    expect_finding(&reading, 0, 5, fifth, 56, bad_length);
}

Test(pcap, nothing_but_damage_follows)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    pcap_records(&file, 3);
    size_t length = file.length;
    put_data(&file, 2 * 1024 * 1024 - 3000, 9);
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 3);
    expect_finding(&reading, 0, 4, length, file.length - length, lost_rest);
}

/* Packets that carry records of another capture, each ending just where its packet does, as a remote
 * capture's stream does. With any outer header damaged, nothing of the inner capture may come out. */
Test(pcap, records_inside_packets_stay_there)
{
    for (size_t damaged = 0; damaged < 40; damaged++) {
        start(false);
        pcap_header(&file, 0xa1b2c3d4, 65535, 1);
        for (uint32_t i = 0; i < 40; i++) {
            pcap_record_header(&file, TEST_SECONDS + i, 5, 54 + 16 + 80, 54 + 16 + 80);
            put_data(&file, 54, i);
            pcap_record_header(&file, TEST_SECONDS + i, 3, 80, 80);
            put_data(&file, 80, i + 100);
        }
        memset(file.data + 24 + damaged * 166, 0xee, 16);
        read_file(&reading, &file);
        cr_assert(reading.count >= 28, "%zu: %zu packets", damaged, reading.count);
        for (size_t k = 0; k < reading.count; k++) {
            cr_assert_eq((reading.packets[k].record_offset - 24) % 166, 0, "an inner record came out");
            cr_assert_eq(reading.packets[k].captured, 150);
        }
    }
}

/* A capture file in transit: segments of 1448 bytes full of records of 56 bytes, which straddle them. */
Test(pcap, capture_in_transit_stays_there)
{
    static struct file_bytes inner;
    inner.length = 0;
    for (uint32_t i = 0; i < 600; i++) {
        pcap_record_header(&inner, TEST_SECONDS + i, i, 40, 40);
        put_data(&inner, 40, i);
    }
    for (size_t damaged = 2; damaged < 12; damaged++) {
        start(false);
        pcap_header(&file, 0xa1b2c3d4, 65535, 1);
        for (uint32_t i = 0; i < 23; i++) {
            pcap_record_header(&file, TEST_SECONDS + i, 5, 1514, 1514);
            put_data(&file, 66, i);
            put_bytes(&file, inner.data + (size_t)i * 1448, 1448);
        }
        memset(file.data + 24 + damaged * 1530 + 8, 0xee, 8);
        read_file(&reading, &file);
        cr_assert(reading.count >= 20, "%zu packets", reading.count);
        for (size_t k = 0; k < reading.count; k++) {
            cr_assert_eq((reading.packets[k].record_offset - 24) % 1530, 0, "an inner record came out");
        }
    }
}

/* Two files joined, of different byte orders, units and link types. */
Test(pcap, joined_files)
{
    start(false);
    pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    pcap_records(&file, 3);
    size_t second = file.length;
    file.big = true;
    pcap_header(&file, 0xa1b23c4d, 65535, 113);
    pcap_records(&file, 3);
    read_file(&reading, &file);
    cr_assert_eq(reading.count, 6);
    cr_expect_eq(reading.packets[2].link_type, 1);
    cr_expect_eq(reading.packets[3].link_type, 113);
    cr_expect_eq(reading.packets[3].interface, 1);
    cr_expect_eq(reading.packets[3].record_offset, second + 24);
    cr_expect_eq(reading.packets[5].frame, 6);
    cr_expect_eq(reading.packets[5].time_ns, (int64_t)(TEST_SECONDS + 2) * 1000000000 + 20);
    expect_finding(&reading, 0, 0, second, 24, "another pcap file begins inside this one");
    cr_expect_eq(reading.facts.sections, 2);
}

/* The longest packet that is believed, and one byte more. */
Test(pcap, longest_packet)
{
    for (uint32_t more = 0; more < 2; more++) {
        start(false);
        pcap_header(&file, 0xa1b2c3d4, 1000000, 1);
        pcap_record_header(&file, TEST_SECONDS, 0, 262144 + more, 262144 + more);
        put_data(&file, 262144 + more, 3);
        pcap_record_header(&file, TEST_SECONDS, 0, 60, 60);
        put_data(&file, 60, 4);
        read_file(&reading, &file);
        if (more == 0) {
            expect_whole(&reading, 2);
        } else {
            cr_expect(reading.count <= 1);
            cr_expect_not(reading.facts.complete);
        }
    }
}
