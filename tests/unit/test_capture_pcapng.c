/* SPDX-License-Identifier: Apache-2.0 */
/* pcapng files: each kind of block in both byte orders, sections, interfaces and their clocks, losses. */
#include "capture_bytes.h"

static struct file_bytes file;
static struct reading reading;

enum { OPTION_END = 0, OPTION_COMMENT = 1 };

static const uint64_t stamp = (uint64_t)TEST_SECONDS * 1000000;

static void start(bool big)
{
    file.length = 0;
    file.big = big;
}

static void put_statistics(uint32_t interface, const uint64_t *if_drop, const uint64_t *os_drop)
{
    size_t at = block_begin(&file, STATISTICS_TYPE);
    put32(&file, interface);
    put_number(&file, 0, 8);
    put_option64(&file, 4, 1000); /* isb_ifrecv */
    if (if_drop) {
        put_option64(&file, 5, *if_drop);
    }
    if (os_drop) {
        put_option64(&file, 7, *os_drop);
    }
    put_option(&file, OPTION_END, "", 0);
    block_end(&file, at);
}

/* Section header 28 bytes, interface 20: the first packet's block is at 48 and its data at 76. */
Test(pcapng, enhanced_packets)
{
    for (int big = 0; big < 2; big++) {
        start(big);
        section_block(&file, UINT64_MAX);
        interface_block(&file, 113, 65535);
        packet_block(&file, 0, stamp + 1, 41);
        size_t second = file.length;
        block_end(&file, packet_begin(&file, 0, stamp + 1999999, 10, 99));
        read_file(&reading, &file);
        expect_whole(&reading, 2);
        const struct wtr_packet *packet = reading.packets;
        cr_expect_eq(packet->time_ns, 1767225600000001000);
        cr_expect_eq(packet->resolution_ns, 1000);
        cr_expect_eq(packet->link_type, 113);
        cr_expect_eq(packet->record_offset, 48);
        cr_expect_eq(packet->data_offset, 76);
        cr_expect_eq(packet->captured, 41);
        cr_expect_eq(packet->frame, 1);
        packet++;
        cr_expect_eq(second, 48 + 32 + 44);
        cr_expect_eq(packet->time_ns, 1767225601999999000);
        cr_expect_eq(packet->record_offset, second);
        cr_expect_eq(packet->original, 99);
        cr_expect_eq(packet->frame, 2);
        cr_expect_str_eq(reading.facts.type, "pcapng");
        cr_expect_eq(reading.facts.frames, 2);
        cr_expect_eq(reading.facts.bytes, 51);
        cr_expect_eq(reading.facts.snapped, 1);
        cr_expect_eq(reading.facts.sections, 1);
        cr_expect_eq(reading.facts.interfaces, 1);
        cr_expect_eq(reading.facts.without_time, 0);
    }
}

/* A simple packet has no time, belongs to the first interface and is cut by its snapshot length. */
Test(pcapng, simple_packets)
{
    start(true);
    section_block(&file, UINT64_MAX);
    interface_block(&file, 1, 30);
    interface_block(&file, 113, 0);
    static const uint32_t originals[] = {7, 30, 31, 5000};
    for (uint32_t i = 0; i < 4; i++) {
        size_t at = block_begin(&file, SIMPLE_TYPE);
        put32(&file, originals[i]);
        put_data(&file, originals[i] < 30 ? originals[i] : 30, i);
        block_end(&file, at);
    }
    read_file(&reading, &file);
    expect_whole(&reading, 4);
    cr_expect_eq(reading.packets[0].captured, 7);
    cr_expect_eq(reading.packets[0].data_offset, reading.packets[0].record_offset + 12);
    cr_expect_not(reading.packets[0].has_time);
    cr_expect_eq(reading.packets[1].captured, 30);
    cr_expect_eq(reading.packets[2].captured, 30);
    cr_expect_eq(reading.packets[2].original, 31);
    cr_expect_eq(reading.packets[3].original, 5000);
    cr_expect_eq(reading.packets[3].link_type, 1);
    cr_expect_eq(reading.facts.without_time, 4);
    cr_expect_eq(reading.facts.snapped, 2);
}

static void old_packet(uint32_t interface, uint32_t drops, uint32_t captured)
{
    size_t at = block_begin(&file, OLD_TYPE);
    put16(&file, interface);
    put16(&file, drops);
    put32(&file, (uint32_t)(stamp >> 32));
    put32(&file, (uint32_t)stamp);
    put32(&file, captured);
    put32(&file, captured);
    put_data(&file, captured, 5);
    block_end(&file, at);
}

/* The old packet block, and the packets lost before each: 0xffff says that it is not known. */
Test(pcapng, old_packets)
{
    for (int big = 0; big < 2; big++) {
        start(big);
        section_block(&file, UINT64_MAX);
        interface_block(&file, 1, 0);
        interface_block(&file, 101, 0);
        old_packet(1, 0xffff, 21);
        read_file(&reading, &file);
        expect_whole(&reading, 1);
        cr_expect_eq(reading.packets[0].link_type, 101);
        cr_expect_eq(reading.packets[0].interface, 1);
        cr_expect_eq(reading.packets[0].time_ns, 1767225600000000000);
        cr_expect_eq(reading.packets[0].data_offset, 68 + 28);
        cr_expect_not(reading.facts.drops_known);
        old_packet(0, 3, 21);
        old_packet(0, 4, 21);
        old_packet(1, 10, 21);
        read_file(&reading, &file);
        expect_whole(&reading, 4);
        cr_expect(reading.facts.drops_known);
        cr_expect_eq(reading.facts.dropped, 17);
    }
}

/* Of each interface the last statement of its statistics counts. */
Test(pcapng, statistics)
{
    const uint64_t values[] = {0, 5, 7, 11, 1000};
    for (int big = 0; big < 2; big++) {
        start(big);
        simple_section(&file, 1);
        interface_block(&file, 1, 0);
        put_statistics(0, NULL, NULL);
        read_file(&reading, &file);
        expect_whole(&reading, 1);
        cr_expect_not(reading.facts.drops_known, "how many were received says nothing of losses");
        put_statistics(0, &values[0], NULL);
        read_file(&reading, &file);
        cr_expect(reading.facts.drops_known);
        cr_expect_eq(reading.facts.dropped, 0);
        put_statistics(0, &values[4], &values[2]);
        put_statistics(0, &values[1], NULL);
        put_statistics(1, &values[3], &values[0]);
        read_file(&reading, &file);
        expect_whole(&reading, 1);
        cr_expect_eq(reading.facts.dropped, 5 + 7 + 11);
        simple_section(&file, 1);
        put_statistics(0, &values[1], NULL);
        read_file(&reading, &file);
        cr_expect_eq(reading.facts.dropped, 5 + 7 + 11 + 5, "another section has its own");
    }
}

/* Losses stated packet by packet and by statistics are the same losses, told twice. */
Test(pcapng, drops_before_packets)
{
    start(false);
    simple_section(&file, 1);
    for (uint64_t i = 1; i <= 3; i++) {
        size_t at = packet_begin(&file, 0, stamp, 20, 20);
        put_option64(&file, 4, i);
        put_option(&file, OPTION_END, "", 0);
        block_end(&file, at);
    }
    read_file(&reading, &file);
    expect_whole(&reading, 4);
    cr_expect_eq(reading.facts.dropped, 6);
    const uint64_t stated = 8;
    put_statistics(0, &stated, NULL);
    read_file(&reading, &file);
    cr_expect_eq(reading.facts.dropped, 8);
}

/* Units of time: powers of ten and of two, with and without an offset. Fractions that are no whole
 * nanoseconds are rounded down. */
Test(pcapng, clocks)
{
    static const struct {
        int64_t offset;
        uint64_t stamp;
        int64_t time_ns;
        uint32_t resolution_ns;
        uint8_t resolution;
    } cases[] = {
        {0, 1767225600, 1767225600000000000, 1000000000, 0},
        {0, 1767225600123, 1767225600123000000, 1000000, 3},
        {0, 1767225600000001, 1767225600000001000, 1000, 6},
        {0, 1767225600000000001, 1767225600000000001, 1, 9},
        {-1767225600, 1767225600000000001, 1, 1, 9},
        {1767225600, 5, 1767225600000005000, 1000, 6},
        {-5, 1500000, -3500000000, 1000, 6},
        {0, 1767225600123456, 1767225600123, 1, 12},
        {0, 1999, 1, 1, 12},
        {100, 15000000000000000000U, 101500000000, 1, 19},
        {0, 77, 77000000000, 1000000000, 0x80},
        {0, (uint64_t)1767225600 << 10 | 512, 1767225600500000000, 976563, 0x8a},
        {0, 1, 976562, 976563, 0x8a}, /* 1/1024 s = 976562.5 ns */
        {0, (uint64_t)1767225600 << 32 | 0x80000001, 1767225600500000000, 1, 0xa0},
        {0, 3, 2, 1, 0x9e},                           /* 3 * 2^-30 s = 2.79 ns */
        {0, 0xc000000000000000, 1500000000, 1, 0xbf}, /* 1.5 * 2^63 units of 2^-63 s */
        {0, 0x7fffffffffffffff, 999999999, 1, 0xbf},
        {0, 0, 0, 1000, 6},
        {0, 9223372035999999999, 9223372035999999999, 1, 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(i % 2 == 0);
        section_block(&file, UINT64_MAX);
        clock_block(&file, 1, cases[i].resolution, cases[i].offset);
        packet_block(&file, 0, cases[i].stamp, 20);
        read_file(&reading, &file);
        expect_whole(&reading, 1);
        cr_expect(reading.packets[0].has_time, "case %zu", i);
        cr_expect_eq(reading.packets[0].time_ns, cases[i].time_ns, "case %zu: %lld", i,
                     (long long)reading.packets[0].time_ns);
        cr_expect_eq(reading.packets[0].resolution_ns, cases[i].resolution_ns, "case %zu", i);
    }
}

/* Times beyond what 64 bits of nanoseconds hold are not wrapped into it. */
Test(pcapng, times_out_of_range)
{
    static const struct {
        uint8_t resolution;
        int64_t offset;
        uint64_t stamp;
    } cases[] = {
        {0, 0, 9223372037}, {6, 0, UINT64_MAX},          {0, INT64_MAX, 1},        {0, INT64_MIN, 0},
        {0, 0, UINT64_MAX}, {9, 1, 9223372036000000000}, {6, -9223372037, 500000}, {0x80, 0, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(false);
        section_block(&file, UINT64_MAX);
        clock_block(&file, 1, cases[i].resolution, cases[i].offset);
        size_t at = file.length;
        packet_block(&file, 0, cases[i].stamp, 20);
        read_file(&reading, &file);
        cr_assert_eq(reading.count, 1);
        cr_expect_not(reading.packets[0].has_time, "case %zu", i);
        cr_expect_eq(reading.facts.without_time, 1);
        expect_finding(&reading, 0, 1, at + 12, 8, "the time stamp is beyond the years 1678 to 2261");
    }
}

/* A clock that can't be read leaves packets without time; it is not taken for microseconds. */
Test(pcapng, clock_that_cannot_be_read)
{
    static const uint8_t resolutions[] = {20, 0x7f, 0xc0, 0xff};
    for (size_t i = 0; i < sizeof resolutions; i++) {
        start(true);
        section_block(&file, UINT64_MAX);
        clock_block(&file, 1, resolutions[i], 0);
        packet_block(&file, 0, stamp, 20);
        read_file(&reading, &file);
        cr_assert_eq(reading.count, 1);
        cr_expect_not(reading.packets[0].has_time);
        expect_finding(&reading, 0, 0, 28 + 16, 5, "the time stamp resolution is finer than can be read");
    }
    start(true);
    section_block(&file, UINT64_MAX);
    size_t at = block_begin(&file, INTERFACE_TYPE);
    put32(&file, 1 << 16);
    put32(&file, 0);
    put_option(&file, 9, "\x09\x09", 2);
    block_end(&file, at);
    packet_block(&file, 0, stamp, 20);
    read_file(&reading, &file);
    cr_expect_not(reading.packets[0].has_time);
    expect_finding(&reading, 0, 0, 28 + 16, 6, "an option of the interface has the wrong length");
}

/* Three interfaces, described where they are first needed, and a second section of the other byte order that
 * counts its own from 0. */
Test(pcapng, interfaces_and_sections)
{
    start(false);
    section_block(&file, UINT64_MAX);
    interface_block(&file, 1, 0);
    packet_block(&file, 0, stamp, 20);
    clock_block(&file, 113, 9, 0);
    packet_block(&file, 1, stamp * 1000 + 7, 20);
    packet_block(&file, 0, stamp + 1, 20);
    file.big = true;
    section_block(&file, UINT64_MAX);
    clock_block(&file, 276, 3, 0);
    packet_block(&file, 0, stamp / 1000, 20);
    read_file(&reading, &file);
    expect_whole(&reading, 4);
    static const uint16_t links[] = {1, 113, 1, 276};
    static const uint32_t interfaces[] = {0, 1, 0, 2};
    static const int64_t times[] = {1767225600000000000, 1767225600000000007, 1767225600000001000,
                                    1767225600000000000};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(reading.packets[i].link_type, links[i]);
        cr_expect_eq(reading.packets[i].interface, interfaces[i]);
        cr_expect_eq(reading.packets[i].time_ns, times[i]);
        cr_expect_eq(reading.packets[i].frame, i + 1);
    }
    cr_expect_eq(reading.facts.sections, 2);
    cr_expect_eq(reading.facts.interfaces, 3);
}

Test(pcapng, unknown_interface)
{
    start(false);
    section_block(&file, UINT64_MAX);
    size_t simple = block_begin(&file, SIMPLE_TYPE);
    put32(&file, 4);
    put_data(&file, 4, 1);
    block_end(&file, simple);
    interface_block(&file, 1, 0);
    size_t at = file.length;
    packet_block(&file, 1, stamp, 20);
    packet_block(&file, 0, stamp, 20);
    put_statistics(1, NULL, NULL);
    read_file(&reading, &file);
    cr_assert_eq(reading.count, 1);
    cr_expect_eq(reading.packets[0].frame, 3);
    expect_finding(&reading, 0, 1, simple, 20, "the packet is of an interface that is not described");
    expect_finding(&reading, 1, 2, at, 52, "the packet is of an interface that is not described");
    expect_finding(&reading, 2, 0, at + 104 + 8, 4,
                   "the statistics are of an interface that is not described");
    cr_expect_not(reading.facts.complete);
}

static void put_comment(const char *text)
{
    put_option(&file, OPTION_COMMENT, text, strlen(text));
    put_option(&file, OPTION_END, "", 0);
}

/* Comments of a section, an interface, a packet and statistics, with their places. */
Test(pcapng, comments)
{
    start(true);
    size_t at = block_begin(&file, SECTION_TYPE);
    put32(&file, 0x1a2b3c4d);
    put32(&file, 1 << 16);
    put_number(&file, UINT64_MAX, 8);
    put_option(&file, OPTION_COMMENT, "ends\0here", 9);
    put_comment("second");
    block_end(&file, at);
    interface_block(&file, 1, 0);
    size_t packet = packet_begin(&file, 0, stamp, 21, 21);
    put_comment("of a packet");
    block_end(&file, packet);
    at = block_begin(&file, STATISTICS_TYPE);
    put_number(&file, 0, 8);
    put32(&file, 0);
    put_comment("");
    block_end(&file, at);
    read_file(&reading, &file);
    expect_whole(&reading, 1);
    cr_assert_eq(reading.comment_count, 4);
    cr_expect_eq(reading.facts.comments, 4);
    cr_expect_str_eq(reading.comments[0].text, "ends", "a zero ends a text");
    cr_expect_eq(reading.comments[0].offset, 28);
    cr_expect_str_eq(reading.comments[1].text, "second");
    cr_expect_eq(reading.comments[1].frame, 0);
    cr_expect_str_eq(reading.comments[2].text, "of a packet");
    cr_expect_eq(reading.comments[2].frame, 1);
    cr_expect_eq(reading.comments[2].offset, packet + 28 + 24 + 4);
    cr_expect_str_eq(reading.comments[3].text, "");
}

Test(pcapng, decryption_secrets)
{
    start(false);
    simple_section(&file, 0);
    size_t at = block_begin(&file, SECRETS_TYPE);
    put32(&file, 0x544c534b);
    put32(&file, 13);
    put_bytes(&file, "CLIENT_RANDOM", 13);
    block_end(&file, at);
    packet_block(&file, 0, stamp, 20);
    read_file(&reading, &file);
    expect_whole(&reading, 1);
    cr_expect_eq(reading.facts.secrets_blocks, 1);
    cr_expect_eq(reading.secrets_type, 0x544c534b);
    cr_expect_eq(reading.secrets_offset, at + 16);
    cr_expect_eq(reading.secrets_length, 13);
    set32(&file, at + 12, 17);
    read_file(&reading, &file);
    cr_expect_eq(reading.facts.secrets_blocks, 0);
    expect_finding(&reading, 0, 0, at, 36, "the secrets are longer than their block");
    cr_expect_eq(reading.count, 1);
}

/* Blocks that are passed over. Those of custom blocks, of systemd's journal and of sysdig's events are
 * numbered as frames by tshark 4.0, and so here. */
Test(pcapng, other_blocks)
{
    static const struct {
        uint32_t type;
        bool numbered;
        bool complete;
    } cases[] = {{NAMES_TYPE, false, true}, {CUSTOM_TYPE, true, true}, {0x40000bad, true, true},
                 {9, true, true},           {0x204, true, true},       {0x216, true, true},
                 {0x221, true, true},       {0x80000001, false, true}, {0xc0001234, false, true},
                 {7, false, false},         {0x201, false, false},     {0x1234567, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(i % 2 == 1);
        simple_section(&file, 1);
        size_t at = block_begin(&file, cases[i].type);
        put_number(&file, 0, 8);
        block_end(&file, at);
        packet_block(&file, 0, stamp, 20);
        read_file(&reading, &file);
        cr_assert_eq(reading.count, 2, "type %x", cases[i].type);
        cr_expect_eq(reading.packets[1].frame, cases[i].numbered ? 3 : 2, "type %x", cases[i].type);
        cr_expect_eq(reading.facts.frames, 2);
        cr_expect_eq(reading.facts.complete, cases[i].complete, "type %x", cases[i].type);
        cr_expect_eq(reading.finding_count, cases[i].complete ? 0 : 1);
        cr_expect_eq(reading.facts.unknown_blocks, cases[i].type == NAMES_TYPE ? 0 : 1);
    }
}

/* A name resolution block has to be one. */
Test(pcapng, names)
{
    start(false);
    simple_section(&file, 1);
    size_t at = block_begin(&file, NAMES_TYPE);
    put16(&file, 1);
    put16(&file, 9);
    put_bytes(&file, "\x7f\0\0\1plug", 9);
    pad(&file, at);
    put32(&file, 0);
    put_comment("of names");
    block_end(&file, at);
    read_file(&reading, &file);
    expect_whole(&reading, 1);
    cr_expect_str_eq(reading.comments[0].text, "of names");
    file.data[at + 10] = 200;
    read_file(&reading, &file);
    expect_finding(&reading, 0, 0, at, file.length - at, "a name runs past the end of its block");
}

/* A section of an unknown version is passed over to the next; if it is the first, the file is not recognised.
 */
Test(pcapng, versions)
{
    start(false);
    simple_section(&file, 2);
    file.data[14] = 2; /* 1.2, which some have written, is 1.0 */
    read_file(&reading, &file);
    expect_whole(&reading, 2);
    size_t second = file.length;
    simple_section(&file, 3);
    simple_section(&file, 1);
    file.data[second + 12] = 2;
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 3);
    expect_finding(&reading, 0, 0, second + 12, 4, "the section is of an unknown version and is passed over");
    file.data[12] = 2;
    read_file(&reading, &file);
    cr_expect_eq(reading.opened, WTR_E_UNRECOGNISED);
    cr_expect_str_eq(reading.why, "it is a pcapng capture of a version that is not known");
    read_bytes(&reading, file.data, 27);
    cr_expect_eq(reading.opened, WTR_E_UNRECOGNISED);
    cr_expect_str_eq(reading.why, "it ends inside the pcapng section header");
}

/* A section that states its length tells whether something is missing at its end. */
Test(pcapng, section_length)
{
    for (int more = -1; more <= 1; more++) {
        start(true);
        section_block(&file, 72 + (uint64_t)more * 52);
        interface_block(&file, 1, 0);
        packet_block(&file, 0, stamp, 20);
        size_t second = file.length;
        section_block(&file, (uint64_t)20);
        interface_block(&file, 1, 0);
        read_file(&reading, &file);
        cr_expect_eq(reading.count, 1);
        if (more == 0) {
            expect_whole(&reading, 1);
        } else {
            expect_finding(&reading, 0, 0, second, 0,
                           more > 0 ? "the section is shorter than its header says"
                                    : "the section is longer than its header says");
        }
    }
}

/* Blocks too long to be held are passed, whole, if both their ends give the same length. */
Test(pcapng, oversized_block)
{
    start(false);
    simple_section(&file, 1);
    size_t at = block_begin(&file, SECRETS_TYPE);
    put32(&file, 0x544c534b);
    put32(&file, 1200000);
    put_data(&file, 1200000, 1);
    block_end(&file, at);
    size_t length = file.length - at;
    packet_block(&file, 0, stamp, 20);
    read_file(&reading, &file);
    cr_expect_eq(reading.count, 2);
    expect_finding(&reading, 0, 0, at, length, "the block is too long to be held, and passed over");
    cr_expect_eq(reading.facts.secrets_blocks, 0);
    cr_expect_not(reading.facts.complete);
}

Test(pcapng, many_interfaces)
{
    start(false);
    section_block(&file, UINT64_MAX);
    for (uint32_t i = 0; i < 300; i++) {
        interface_block(&file, i, 0);
        packet_block(&file, i, stamp, 20);
    }
    read_file(&reading, &file);
    expect_whole(&reading, 300);
    cr_expect_eq(reading.packets[299].link_type, 299);
    cr_expect_eq(reading.packets[299].interface, 299);
}
