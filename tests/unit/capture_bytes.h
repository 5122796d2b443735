/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files built field by field, and all that reading one gives. */
#ifndef WTR_TEST_CAPTURE_BYTES_H
#define WTR_TEST_CAPTURE_BYTES_H

#include "memory_source.h"
#include "packet/capture.h"

#include <criterion/criterion.h>

enum { FILE_ROOM = 1 << 21, READ_ROOM = 1024 };
enum {
    SECTION_TYPE = 0x0a0d0d0a,
    INTERFACE_TYPE = 1,
    OLD_TYPE,
    SIMPLE_TYPE,
    NAMES_TYPE,
    STATISTICS_TYPE,
    PACKET_TYPE
};
enum { SECRETS_TYPE = 10, CUSTOM_TYPE = 0xbad };

/* 2026-01-01T00:00:00Z */
#define TEST_SECONDS 1767225600U

struct file_bytes {
    uint8_t data[FILE_ROOM];
    size_t length;
    bool big;
};

static inline void put_bytes(struct file_bytes *file, const void *data, size_t n)
{
    cr_assert(n <= FILE_ROOM - file->length);
    memcpy(file->data + file->length, data, n);
    file->length += n;
}

static inline void put_number(struct file_bytes *file, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++) {
        bytes[file->big ? size - 1 - i : i] = (uint8_t)(value >> (8 * i));
    }
    put_bytes(file, bytes, size);
}

static inline void put16(struct file_bytes *file, uint32_t value)
{
    put_number(file, value, 2);
}

static inline void put32(struct file_bytes *file, uint32_t value)
{
    put_number(file, value, 4);
}

static inline void set32(struct file_bytes *file, size_t at, uint32_t value)
{
    size_t length = file->length;
    file->length = at;
    put32(file, value);
    file->length = length;
}

/* Packet data that looks like nothing in particular. */
static inline void put_data(struct file_bytes *file, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1103515245U + 12345U;
        uint8_t byte = (uint8_t)(seed >> 16 | 0x81);
        put_bytes(file, &byte, 1);
    }
}

static inline void pcap_header(struct file_bytes *file, uint32_t magic, uint32_t snap, uint32_t link)
{
    put32(file, magic);
    put16(file, 2);
    put16(file, 4);
    put32(file, 0);
    put32(file, 0);
    put32(file, snap);
    put32(file, link);
}

static inline void pcap_record_header(struct file_bytes *file, uint32_t seconds, uint32_t fraction,
                                      uint32_t captured, uint32_t original)
{
    put32(file, seconds);
    put32(file, fraction);
    put32(file, captured);
    put32(file, original);
}

/* Records that are a second apart; the i-th (from 0) has 40 + i bytes. */
static inline void pcap_records(struct file_bytes *file, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        pcap_record_header(file, TEST_SECONDS + i, i * 10, 40 + i, 40 + i);
        put_data(file, 40 + i, i);
    }
}

/* Begins a block; returns where. */
static inline size_t block_begin(struct file_bytes *file, uint32_t type)
{
    size_t at = file->length;
    put32(file, type);
    put32(file, 0);
    return at;
}

static inline void pad(struct file_bytes *file, size_t from)
{
    while ((file->length - from) % 4 != 0) {
        put_bytes(file, "", 1);
    }
}

static inline void block_end(struct file_bytes *file, size_t at)
{
    pad(file, at);
    uint32_t length = (uint32_t)(file->length - at) + 4;
    set32(file, at + 4, length);
    put32(file, length);
}

static inline void put_option(struct file_bytes *file, uint32_t code, const void *value, size_t n)
{
    put16(file, code);
    put16(file, (uint32_t)n);
    size_t at = file->length;
    put_bytes(file, value, n);
    pad(file, at);
}

static inline void put_option64(struct file_bytes *file, uint32_t code, uint64_t value)
{
    put16(file, code);
    put16(file, 8);
    put_number(file, value, 8);
}

/* 28 bytes. */
static inline void section_block(struct file_bytes *file, uint64_t length)
{
    size_t at = block_begin(file, SECTION_TYPE);
    put32(file, 0x1a2b3c4d);
    put16(file, 1);
    put16(file, 0);
    put_number(file, length, 8);
    block_end(file, at);
}

/* 20 bytes. */
static inline void interface_block(struct file_bytes *file, uint32_t link, uint32_t snap)
{
    size_t at = block_begin(file, INTERFACE_TYPE);
    put16(file, link);
    put16(file, 0);
    put32(file, snap);
    block_end(file, at);
}

/* The same with if_tsresol, and if_tsoffset if that is not 0. */
static inline void clock_block(struct file_bytes *file, uint32_t link, uint8_t resolution, int64_t offset)
{
    size_t at = block_begin(file, INTERFACE_TYPE);
    put16(file, link);
    put16(file, 0);
    put32(file, 0);
    put_option(file, 9, &resolution, 1);
    if (offset != 0) {
        put_option64(file, 14, (uint64_t)offset);
    }
    put_option(file, 0, "", 0);
    block_end(file, at);
}

static inline size_t packet_begin(struct file_bytes *file, uint32_t interface, uint64_t stamp,
                                  uint32_t captured, uint32_t original)
{
    size_t at = block_begin(file, PACKET_TYPE);
    put32(file, interface);
    put32(file, (uint32_t)(stamp >> 32));
    put32(file, (uint32_t)stamp);
    put32(file, captured);
    put32(file, original);
    put_data(file, captured, (uint32_t)stamp);
    pad(file, at);
    return at;
}

/* 32 bytes and the packet, padded. */
static inline void packet_block(struct file_bytes *file, uint32_t interface, uint64_t stamp,
                                uint32_t captured)
{
    block_end(file, packet_begin(file, interface, stamp, captured, captured));
}

/* A section with one Ethernet interface and packets a second apart; the i-th (from 0) has 40 + i bytes. */
static inline void simple_section(struct file_bytes *file, uint32_t count)
{
    section_block(file, UINT64_MAX);
    interface_block(file, 1, 0);
    for (uint32_t i = 0; i < count; i++) {
        packet_block(file, 0, (TEST_SECONDS + i) * (uint64_t)1000000, 40 + i);
    }
}

struct read_finding {
    uint64_t frame, record, offset, length;
    const char *reason;
};

struct read_comment {
    uint64_t frame, offset;
    char text[64];
};

struct reading {
    enum wtr_status opened;
    const char *why;
    struct wtr_packet packets[READ_ROOM]; /* their bytes are gone */
    size_t count;
    struct read_finding findings[READ_ROOM];
    size_t finding_count;
    struct read_comment comments[8];
    size_t comment_count;
    uint32_t secrets_type;
    uint64_t secrets_offset;
    size_t secrets_length;
    struct wtr_capture_facts facts;
};

static inline void on_finding(void *payload, uint64_t frame, uint64_t record, uint64_t offset,
                              uint64_t length, const char *where, const char *reason)
{
    struct reading *reading = payload;
    cr_assert_not_null(where);
    if (reading->finding_count < READ_ROOM) {
        reading->findings[reading->finding_count++] =
            (struct read_finding){frame, record, offset, length, reason};
    }
}

static inline void on_comment(void *payload, uint64_t frame, uint64_t offset, struct wtr_text text)
{
    struct reading *reading = payload;
    cr_assert(reading->comment_count < 8 && text.length < sizeof reading->comments[0].text);
    struct read_comment *comment = &reading->comments[reading->comment_count++];
    comment->frame = frame;
    comment->offset = offset;
    memcpy(comment->text, text.data, text.length);
    comment->text[text.length] = '\0';
}

static inline void on_secrets(void *payload, uint32_t type, uint64_t offset, const uint8_t *bytes,
                              size_t length)
{
    struct reading *reading = payload;
    (void)bytes;
    reading->secrets_type = type;
    reading->secrets_offset = offset;
    reading->secrets_length = length;
}

/* Reads `length` bytes as a capture. Every packet's bytes are compared with those at its data_offset. */
static inline void read_bytes(struct reading *reading, const uint8_t *data, size_t length)
{
    memset(reading, 0, sizeof *reading);
    struct memory_source source = memory_of(data, length);
    struct wtr_input *input = NULL;
    cr_assert_eq(wtr_input_open(&input, &memory_ops, &source), WTR_OK);
    const struct wtr_packet_findings findings = {.payload = reading, .finding = on_finding};
    const struct wtr_capture_watch watch = {.payload = reading, .comment = on_comment, .secrets = on_secrets};
    struct wtr_capture *capture = NULL;
    reading->opened = wtr_capture_open(&capture, input, &findings, &watch);
    reading->why = wtr_capture_why(capture);
    struct wtr_packet packet;
    while (reading->opened == WTR_OK && wtr_capture_next(capture, &packet) == WTR_OK) {
        cr_assert(packet.data_offset + packet.captured <= length && reading->count < READ_ROOM);
        cr_assert(memcmp(packet.bytes, data + packet.data_offset, packet.captured) == 0);
        reading->packets[reading->count++] = packet;
    }
    reading->facts = *wtr_capture_facts(capture);
    wtr_capture_close(capture);
    wtr_input_close(input);
}

static inline void read_file(struct reading *reading, const struct file_bytes *file)
{
    read_bytes(reading, file->data, file->length);
}

static inline void expect_finding(const struct reading *reading, size_t i, uint64_t frame, uint64_t offset,
                                  uint64_t length, const char *reason)
{
    cr_assert(i < reading->finding_count, "there is no finding %zu: %s", i, reason);
    const struct read_finding *finding = &reading->findings[i];
    cr_expect_str_eq(finding->reason, reason);
    cr_expect_eq(finding->frame, frame, "frame %llu", (unsigned long long)finding->frame);
    cr_expect_eq(finding->offset, offset, "offset %llu", (unsigned long long)finding->offset);
    cr_expect_eq(finding->length, length, "length %llu", (unsigned long long)finding->length);
}

/* An undamaged file, with so many packets in it. */
static inline void expect_whole(const struct reading *reading, size_t packets)
{
    cr_assert_eq(reading->opened, WTR_OK, "%s", reading->why ? reading->why : "");
    cr_expect_eq(reading->count, packets, "%zu packets", reading->count);
    cr_expect_eq(reading->finding_count, 0, "%s", reading->finding_count ? reading->findings[0].reason : "");
    cr_expect(reading->facts.complete);
}

#endif
