/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged pcapng files: what is whole is read, what is not is a finding in its place, and nothing comes out
 * that was not there. */
#include "capture_bytes.h"

static struct file_bytes file;
static struct reading reading;

static const uint64_t stamp = (uint64_t)TEST_SECONDS * 1000000;

static void start(void)
{
    file.length = 0;
    file.big = false;
}

/* Place of the i-th packet block (from 0) of simple_section: 32 bytes and 40 + i, padded to 4. */
static size_t block_at(size_t i)
{
    size_t at = 48;
    for (size_t k = 0; k < i; k++) {
        at += 32 + (40 + k + 3) / 4 * 4;
    }
    return at;
}

static void expect_place(const struct wtr_packet *packet)
{
    size_t i = packet->captured - 40;
    cr_assert(packet->captured >= 40 && packet->record_offset == block_at(i), "no packet is at %llu",
              (unsigned long long)packet->record_offset);
}

/* One packet of `count` is missing, and the others have their numbers. */
static void expect_packets_without(uint32_t count, uint32_t lost)
{
    cr_assert_eq(reading.count, count - 1, "%zu packets", reading.count);
    for (uint32_t i = 0, k = 0; i < count; i++) {
        if (i != lost) {
            cr_assert_eq(reading.packets[k].captured, 40 + i);
            cr_assert_eq(reading.packets[k].frame, i + 1);
            expect_place(&reading.packets[k++]);
        }
    }
    cr_expect_not(reading.facts.complete);
}

Test(damage, cut_at_every_byte)
{
    start();
    simple_section(&file, 5);
    for (size_t length = 28; length < file.length; length++) {
        read_bytes(&reading, file.data, length);
        size_t whole = 0;
        while (block_at(whole + 1) <= length) {
            whole++;
        }
        cr_assert_eq(reading.count, whole, "cut to %zu bytes: %zu packets", length, reading.count);
        size_t rest = length < 48 ? length - 28 : length - block_at(whole);
        cr_assert_eq(reading.facts.complete, rest == 0, "cut to %zu bytes", length);
        if (rest > 0) {
            cr_assert_eq(reading.findings[0].offset, length - rest);
            cr_assert_eq(reading.findings[0].length, rest);
        }
    }
}

/* Every bit of every packet block, turned: at most one packet is lost. */
Test(damage, any_bit_of_a_packet_turned)
{
    start();
    simple_section(&file, 9);
    for (size_t bit = (size_t)48 * 8; bit < file.length * 8; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        read_file(&reading, &file);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert(reading.count >= 8, "byte %zu: %zu packets", bit / 8, reading.count);
        cr_assert(reading.count == 9 || reading.finding_count > 0, "byte %zu: lost without a word", bit / 8);
        for (size_t k = 0; k < reading.count; k++) {
            size_t i = 0;
            while (block_at(i) < reading.packets[k].record_offset) {
                i++;
            }
            cr_assert_eq(reading.packets[k].record_offset, block_at(i), "byte %zu", bit / 8);
            /* A length that the padding can't tell from the right one is off by 3 at most. */
            uint32_t captured = reading.packets[k].captured;
            cr_assert(captured >= 37 + i && captured <= 43 + i, "byte %zu: %u bytes", bit / 8, captured);
        }
    }
}

/* Every bit of the section header and the interface, turned: packets are read or there is a finding, and none
 * has another place or length. */
Test(damage, any_bit_of_the_headers_turned)
{
    start();
    simple_section(&file, 9);
    for (size_t bit = 32; bit < 384; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        read_file(&reading, &file);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool whole = reading.count == 9;
        cr_assert(whole || reading.finding_count > 0 || reading.opened != WTR_OK,
                  "byte %zu: lost without a word", bit / 8);
        for (size_t k = 0; k < reading.count; k++) {
            expect_place(&reading.packets[k]);
        }
    }
}

Test(damage, either_length_of_a_block)
{
    static const uint32_t wrong[] = {0, 11, 12, 32, 75, 80, 1000, 0x7fffffff, 0xfffffffc};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        for (int end = 0; end < 2; end++) {
            start();
            simple_section(&file, 9);
            size_t place = end ? block_at(4) - 4 : block_at(3) + 4;
            set32(&file, place, wrong[i]);
            read_file(&reading, &file);
            cr_assert_eq(reading.count, 9, "the other length is right: %zu", reading.count);
            expect_finding(&reading, 0, 0, place, 4,
                           end ? "the length at the end of the block is not the one at its start"
                               : "the length at the start of the block is not the one at its end");
            cr_expect_not(reading.facts.complete);
        }
    }
}

Test(damage, both_lengths_of_a_block)
{
    start();
    simple_section(&file, 9);
    set32(&file, block_at(3) + 4, 0x1004);
    set32(&file, block_at(4) - 4, 0x2008);
    read_file(&reading, &file);
    expect_packets_without(9, 3);
    cr_expect_eq(reading.findings[0].frame, 4);
    cr_expect_eq(reading.findings[0].offset, block_at(3));
    cr_expect_eq(reading.findings[0].length, block_at(4) - block_at(3));
}

/* The packet's own length does not fit its block's. */
Test(damage, captured_length)
{
    static const uint32_t wrong[] = {0, 30, 47, 48, 1000, 0xffffffff};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        start();
        simple_section(&file, 9);
        set32(&file, block_at(3) + 20, wrong[i]);
        read_file(&reading, &file);
        expect_packets_without(9, 3);
        expect_finding(&reading, 0, 4, block_at(3), 76,
                       "the length of the packet does not fit that of its block");
    }
}

Test(damage, options)
{
    start();
    simple_section(&file, 2);
    size_t at = packet_begin(&file, 0, stamp, 20, 20);
    size_t option = file.length;
    put_option(&file, 1, "text", 4);
    put_option(&file, 0, "", 0);
    block_end(&file, at);
    file.data[option + 2] = 9;
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 3, "the packet is whole");
    expect_finding(&reading, 0, 3, option, 12, "an option runs past the end of its block");
    file.data[option + 2] = 0;
    file.data[option] = 0;
    read_file(&reading, &file);
    expect_finding(&reading, 0, 3, option, 12, "something follows the end of the options");
}

/* The type of a packet's block is wrong: it is not read, but it is counted. */
Test(damage, type_of_a_packet)
{
    static const uint32_t wrong[] = {0x16, 0x80000006, 0x00ff0006, 0x06000006};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        start();
        simple_section(&file, 9);
        set32(&file, block_at(3), wrong[i]);
        read_file(&reading, &file);
        expect_packets_without(9, 3);
        expect_finding(
            &reading, 0, 4, block_at(3), 76,
            "the type of this block is wrong; by its contents it may be a packet's, and is passed over");
    }
}

/* The type of an interface's block is wrong, and by all else it is one: were it passed over, the second
 * interface would be taken for the first. */
Test(damage, type_of_an_interface)
{
    start();
    section_block(&file, UINT64_MAX);
    clock_block(&file, 1, 9, 0);
    clock_block(&file, 113, 6, 0);
    packet_block(&file, 0, stamp * 1000, 20);
    packet_block(&file, 1, stamp, 20);
    set32(&file, 28, 0x4001);
    read_file(&reading, &file);
    cr_assert_eq(reading.count, 2);
    cr_expect_eq(reading.packets[0].link_type, 1);
    cr_expect_eq(reading.packets[0].time_ns, 1767225600000000000);
    cr_expect_eq(reading.packets[1].link_type, 113);
    expect_finding(&reading, 0, 0, 28, 32,
                   "the type of this block is wrong; by its contents it describes an interface");
    set32(&file, 28, 0x12345678);
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 0, "which interface is which can't be told");
    cr_expect_str_eq(reading.findings[1].reason,
                     "which interface the packet is of can't be told since an earlier "
                     "part of the section was lost");
}

Test(damage, section_header)
{
    start();
    simple_section(&file, 3);
    size_t second = file.length;
    section_block(&file, UINT64_MAX);
    clock_block(&file, 113, 9, 0);
    packet_block(&file, 0, stamp * 1000, 20);
    set32(&file, second, 0x0a0d0d1a);
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 4);
    cr_expect_eq(reading.packets[3].link_type, 113, "it is not taken for the first section's interface");
    cr_expect_eq(reading.facts.sections, 2);
    expect_finding(&reading, 0, 0, second, 28, "a section begins here whose block type is wrong");
    set32(&file, second, 0x0a0d0d0a);
    set32(&file, second + 8, 0x1a2b3c4e);
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 4);
    cr_expect_eq(reading.packets[3].link_type, 113);
    expect_finding(&reading, 0, 0, second + 8, 4,
                   "the byte order of the section can only be told by its header's length");
    set32(&file, 8, 0x1a2b3c4e);
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 4, "of the first section too");
    memset(file.data, 0xee, 28);
    file.data[0] = file.data[3] = 0x0a;
    file.data[1] = file.data[2] = 0x0d;
    read_file(&reading, &file);
    cr_expect_eq(reading.opened, WTR_E_UNRECOGNISED);
    cr_expect_str_eq(reading.why, "the byte order of its pcapng section header can't be told");
}

/* A stretch is wiped out that begins and ends inside blocks. */
Test(damage, wiped_stretch)
{
    start();
    simple_section(&file, 30);
    size_t from = block_at(10) + 2;
    size_t to = block_at(15) + 30;
    memset(file.data + from, 0, to - from);
    read_file(&reading, &file);
    cr_assert_eq(reading.count, 24, "%zu packets", reading.count);
    for (size_t k = 0; k < reading.count; k++) {
        expect_place(&reading.packets[k]);
    }
    cr_expect_eq(reading.packets[10].captured, 40 + 16);
    cr_expect_eq(reading.findings[0].offset, block_at(10));
    cr_expect_eq(reading.findings[0].length, block_at(16) - block_at(10));
}

Test(damage, nothing_but_damage_follows)
{
    start();
    simple_section(&file, 3);
    size_t length = file.length;
    put_data(&file, 2 * 1024 * 1024 - 3000, 9);
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 3);
    expect_finding(&reading, 0, 0, length, file.length - length, "no block can be read from here on");
}

/* Packets that carry the blocks of another capture, each filling its packet to the end. With the outer
 * block's header damaged, nothing of the inner capture may come out. */
Test(damage, blocks_inside_packets_stay_there)
{
    for (size_t damaged = 0; damaged < 12; damaged++) {
        start();
        section_block(&file, UINT64_MAX);
        interface_block(&file, 1, 0);
        size_t places[12];
        for (uint32_t i = 0; i < 12; i++) {
            places[i] = file.length;
            size_t at = block_begin(&file, PACKET_TYPE);
            put32(&file, 0);
            put32(&file, (uint32_t)(stamp >> 32));
            put32(&file, (uint32_t)stamp);
            put32(&file, 56 + 52 * 3);
            put32(&file, 56 + 52 * 3);
            put_data(&file, 56, i);
            for (int k = 0; k < 3; k++) {
                packet_block(&file, 0, stamp, 20);
            }
            block_end(&file, at);
        }
        memset(file.data + places[damaged], 0xee, 28);
        read_file(&reading, &file);
        cr_assert_eq(reading.count, 11, "%zu: %zu packets", damaged, reading.count);
        for (size_t k = 0; k < reading.count; k++) {
            cr_assert_eq(reading.packets[k].captured, 212, "an inner block came out");
        }
    }
}

/* A gzip-compressed capture that is cut: what is before the cut is read, and both ends are said. One deflate
 * block that is not packed, so that the cut is where the test wants it. */
Test(damage, compressed_and_cut)
{
    start();
    simple_section(&file, 5);
    static uint8_t packed[4096];
    static const uint8_t header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
    memcpy(packed, header, sizeof header);
    packed[10] = 1;
    packed[11] = (uint8_t)file.length;
    packed[12] = (uint8_t)(file.length >> 8);
    packed[13] = (uint8_t)~packed[11];
    packed[14] = (uint8_t)~packed[12];
    memcpy(packed + 15, file.data, file.length);
    size_t cut = block_at(3) + 9;
    memset(&reading, 0, sizeof reading);
    struct memory_source source = memory_of(packed, 15 + cut);
    struct wtr_input *input = NULL;
    cr_assert_eq(wtr_input_open(&input, &memory_ops, &source), WTR_OK);
    const struct wtr_packet_findings findings = {.payload = &reading, .finding = on_finding};
    struct wtr_capture *capture = NULL;
    cr_assert_eq(wtr_capture_open(&capture, input, &findings, NULL), WTR_OK);
    struct wtr_packet packet;
    while (wtr_capture_next(capture, &packet) == WTR_OK) {
        expect_place(&packet);
        reading.count++;
    }
    cr_expect_eq(reading.count, 3);
    expect_finding(&reading, 0, 0, block_at(3), 9, "the bytes end inside a block");
    expect_finding(&reading, 1, 0, block_at(3), 0, "the gzip stream is cut short");
    cr_expect_not(wtr_capture_facts(capture)->complete);
    wtr_capture_close(capture);
    wtr_input_close(input);
}
