/* SPDX-License-Identifier: Apache-2.0 */
/* pcapng files as a run of blocks and sections: draft-ietf-opsawg-pcapng 3.1, 4.1, 10.1. Which blocks beside
 * packets are numbered as frames was observed on tshark 4.0.
 *
 * A block gives its length at both ends, and that is what damage is told by. A block whose two lengths differ
 * counts if another block follows it; else blocks are looked for (packet/resync.h). Blocks inside a packet
 * never lead to one of the file's own, for the packet's block ends with its length and not with its data. */
#include "packet/pcapng_internal.h"

#include <stdlib.h>

enum { SECTION_HEADER = 0x0a0d0d0a, BYTE_ORDER_MAGIC = 0x1a2b3c4d };
#define LOCAL_USE 0x80000000U
enum { BLOCK_LEAST = 12, SECTION_LEAST = 28, SECTION_OPTIONS = 24 };
/* Longest block that is believed where a search meets it. */
enum { BLOCK_BELIEVED = WTR_CAPTURE_LONGEST + (1 << 16) };
/* epb_processid_threadid, the last of the options of packets. */
enum { LAST_PACKET_OPTION = 8 };

static const struct wtr_block_type block_types[] = {
    {6, 6, WTR_BLOCK_PACKET, 32},
    {SECTION_HEADER, SECTION_HEADER, WTR_BLOCK_SECTION, SECTION_LEAST},
    {1, 1, WTR_BLOCK_INTERFACE, 20},
    {2, 2, WTR_BLOCK_OLD_PACKET, 32},
    {3, 3, WTR_BLOCK_SIMPLE_PACKET, 16},
    {4, 4, WTR_BLOCK_NAMES, BLOCK_LEAST},
    {5, 5, WTR_BLOCK_STATISTICS, 24},
    {10, 10, WTR_BLOCK_SECRETS, 20},
    {9, 9, WTR_BLOCK_OTHER_FRAME, BLOCK_LEAST},
    {0x204, 0x204, WTR_BLOCK_OTHER_FRAME, BLOCK_LEAST},
    {0x216, 0x216, WTR_BLOCK_OTHER_FRAME, BLOCK_LEAST},
    {0x221, 0x221, WTR_BLOCK_OTHER_FRAME, BLOCK_LEAST},
    {7, 8, WTR_BLOCK_OTHER, BLOCK_LEAST},
    {0x101, 0x102, WTR_BLOCK_OTHER, BLOCK_LEAST},
    {0x201, 0x222, WTR_BLOCK_OTHER, BLOCK_LEAST},
    {0xbad, 0xbad, WTR_BLOCK_OTHER_FRAME, 16},
    {0x40000bad, 0x40000bad, WTR_BLOCK_OTHER_FRAME, 16},
};

const struct wtr_block_type *wtr_block_type(uint32_t type)
{
    static const struct wtr_block_type unknown = {.kind = WTR_BLOCK_UNKNOWN, .least = BLOCK_LEAST};
    static const struct wtr_block_type local = {.kind = WTR_BLOCK_LOCAL, .least = BLOCK_LEAST};
    for (size_t i = 0; i < sizeof block_types / sizeof block_types[0]; i++) {
        if (type >= block_types[i].first && type <= block_types[i].last) {
            return &block_types[i];
        }
    }
    return (type & LOCAL_USE) != 0 ? &local : &unknown;
}

static bool pcapng_recognise(const uint8_t *bytes, size_t length)
{
    return length >= 4 && wtr_le32(bytes) == SECTION_HEADER;
}

/* Sets the byte order of a section from its header's first 12 bytes. */
static bool section_order(const uint8_t *bytes, bool *big)
{
    *big = wtr_be32(bytes + 8) == BYTE_ORDER_MAGIC;
    return *big || wtr_le32(bytes + 8) == BYTE_ORDER_MAGIC;
}

/* The same from the length of the section header, which stands at both its ends in one order or the other. */
static bool section_order_by_length(const uint8_t *bytes, size_t left, bool *big)
{
    for (int order = 0; order < 2; order++) {
        *big = order == 1;
        uint32_t length = wtr_order32(*big, bytes + 4);
        if (length >= SECTION_LEAST && length % 4 == 0 && length <= left &&
            wtr_order32(*big, bytes + length - 4) == length) {
            return true;
        }
    }
    return false;
}

/* The length of the block whose first bytes these are, of which `left` are there; 0 if they are none's. */
static size_t measure(const void *state, const uint8_t *bytes, size_t left)
{
    bool big = *(const bool *)state;
    if (left < BLOCK_LEAST || (wtr_le32(bytes) == SECTION_HEADER && !section_order(bytes, &big))) {
        return 0;
    }
    const struct wtr_block_type *type = wtr_block_type(wtr_order32(big, bytes));
    uint32_t length = wtr_order32(big, bytes + 4);
    if (type->kind == WTR_BLOCK_UNKNOWN || type->kind == WTR_BLOCK_LOCAL || length < type->least ||
        length % 4 != 0 || length > BLOCK_BELIEVED ||
        (length <= left && wtr_order32(big, bytes + length - 4) != length)) {
        return 0;
    }
    return length;
}

static struct wtr_resync_rule rule_of(const struct wtr_section *section)
{
    return (struct wtr_resync_rule){
        .state = &section->big, .measure = measure, .header = BLOCK_LEAST, .longest = BLOCK_BELIEVED};
}

/* The length of the block at hand by its second copy, which must stand right before another block or the end
 * of the file; 0 if it does not. */
static uint32_t length_by_end(struct wtr_capture *capture, const struct wtr_block *block)
{
    size_t have = 0;
    const uint8_t *bytes = wtr_input_peek(capture->input, BLOCK_BELIEVED + BLOCK_LEAST, &have);
    for (uint32_t end = block->least; end <= BLOCK_BELIEVED && end <= have; end += 4) {
        if (wtr_order32(block->big, bytes + end - 4) == end &&
            (end == have || measure(&block->big, bytes + end, have - end) > 0)) {
            return end;
        }
    }
    return 0;
}

/* Leaves a stretch that can't be read. A packet's block counts as one frame; how many more were lost can't be
 * told. */
static enum wtr_status lose(struct wtr_capture *capture, enum wtr_block_kind kind, const char *reason)
{
    struct wtr_section *section = capture->state;
    const struct wtr_resync_rule rule = rule_of(section);
    uint64_t at = wtr_input_offset(capture->input);
    bool found = false;
    uint64_t passed = 0;
    enum wtr_status status = wtr_capture_resync(capture, &rule, 1, &found, &passed);
    if (status != WTR_OK) {
        return status;
    }
    section->damaged = true;
    capture->frame += wtr_block_is_frame(kind);
    struct wtr_capture_place place = {
        .frame = wtr_block_is_frame(kind) ? capture->frame : 0, .record = at, .offset = at, .length = passed};
    wtr_capture_damage(capture, place, found ? reason : "no block can be read from here on");
    return WTR_OK;
}

static enum wtr_status end_cut(struct wtr_capture *capture, enum wtr_block_kind kind, size_t length)
{
    uint64_t at = wtr_input_offset(capture->input);
    capture->frame += wtr_block_is_frame(kind);
    struct wtr_capture_place place = {
        .frame = wtr_block_is_frame(kind) ? capture->frame : 0, .record = at, .offset = at, .length = length};
    wtr_capture_damage(capture, place, "the bytes end inside a block");
    return WTR_END;
}

/* A block runs past the end of the file. Whether that is because the file was cut, and not because its length
 * is wrong: the end comes within the packet by its own length, or within options. */
static bool is_cut(const struct wtr_block *block, size_t have)
{
    bool simple = block->kind == WTR_BLOCK_SIMPLE_PACKET;
    if (!simple && block->kind != WTR_BLOCK_PACKET && block->kind != WTR_BLOCK_OLD_PACKET) {
        return false;
    }
    uint32_t data_at = simple ? 12 : 28;
    if (have < data_at) {
        return true;
    }
    /* Of a simple packet, the original length, which is no less than what was captured. */
    uint32_t packet = wtr_order32(block->big, block->bytes + (simple ? 8 : 20));
    uint64_t options_at = (uint64_t)data_at + packet + (4 - packet % 4) % 4;
    if (packet > WTR_CAPTURE_LONGEST || (!simple && block->length < options_at + 4)) {
        return false;
    }
    if (have < options_at + 2) {
        return true;
    }
    uint16_t code = wtr_order16(block->big, block->bytes + options_at);
    return !simple && block->length > options_at + 4 && code <= LAST_PACKET_OPTION;
}

/* The byte order of the block at hand; of a section header, of the section that it begins. */
static bool order_of(struct wtr_capture *capture, const uint8_t *bytes, bool *big)
{
    const struct wtr_section *section = capture->state;
    *big = section->big;
    if (wtr_le32(bytes) != SECTION_HEADER || section_order(bytes, big)) {
        return true;
    }
    size_t have = 0;
    bytes = wtr_input_peek(capture->input, 1 << 16, &have);
    if (!section_order_by_length(bytes, have, big)) {
        return false;
    }
    uint64_t at = wtr_input_offset(capture->input);
    struct wtr_capture_place place = {.record = at, .offset = at + 8, .length = 4};
    wtr_capture_damage(capture, place,
                       "the byte order of the section can only be told by its header's length");
    return true;
}

/* Whether the two lengths of the block agree, or at least the first leads to another block or the end. */
static bool lengths_agree(struct wtr_capture *capture, const struct wtr_block *block, size_t have)
{
    if (wtr_order32(block->big, block->bytes + block->length - 4) == block->length) {
        return true;
    }
    size_t left = have - block->length;
    if (left > 0 && measure(&block->big, block->bytes + block->length, left) == 0) {
        return false;
    }
    struct wtr_capture_place place = {
        .record = block->offset, .offset = block->offset + block->length - 4, .length = 4};
    wtr_capture_damage(capture, place, "the length at the end of the block is not the one at its start");
    return true;
}

/* At the end of a section: whether it was as long as its header says. */
static void end_section(struct wtr_capture *capture, uint64_t end)
{
    const struct wtr_section *section = capture->state;
    uint64_t length = end - section->start;
    if (section->length_stated && section->length != length) {
        struct wtr_capture_place place = {.record = end, .offset = end};
        wtr_capture_damage(capture, place,
                           length < section->length ? "the section is shorter than its header says"
                                                    : "the section is longer than its header says");
    }
}

/* The length at the block's start is wrong: goes by the one at its end, or leaves the place. */
static enum wtr_status mend(struct wtr_capture *capture, struct wtr_block *block, const char *reason)
{
    block->bytes = NULL;
    bool known = block->kind != WTR_BLOCK_UNKNOWN && block->kind != WTR_BLOCK_LOCAL;
    uint32_t length = known ? length_by_end(capture, block) : 0;
    if (length == 0) {
        return lose(capture, block->kind, reason);
    }
    size_t have = 0;
    block->bytes = wtr_input_peek(capture->input, length, &have);
    block->length = length;
    struct wtr_capture_place place = {.record = block->offset, .offset = block->offset + 4, .length = 4};
    wtr_capture_damage(capture, place, "the length at the start of the block is not the one at its end");
    return WTR_OK;
}

/* A block that is too long to be held. Packets are never so long; others may be, and are passed if their
 * other end bears the length out. */
static enum wtr_status pass_oversized(struct wtr_capture *capture, struct wtr_block *block)
{
    int64_t size = wtr_input_compressed(capture->input) ? -1 : wtr_input_size(capture->input);
    bool beyond = size >= 0 && block->length > (uint64_t)size - block->offset;
    bool may_be = block->kind == WTR_BLOCK_SECRETS || block->kind == WTR_BLOCK_NAMES ||
                  block->kind == WTR_BLOCK_LOCAL || block->kind == WTR_BLOCK_OTHER_FRAME;
    if (beyond || !may_be) {
        return mend(capture, block, "the length of a block can't be right");
    }
    size_t have = 0;
    bool there = wtr_input_skip(capture->input, block->length - 4);
    const uint8_t *end = wtr_input_peek(capture->input, 4, &have);
    if (!there || have < 4 || wtr_order32(block->big, end) != block->length) {
        return lose(capture, block->kind,
                    "the block that ends here is too long to be held, and its two lengths differ");
    }
    wtr_input_skip(capture->input, 4);
    capture->facts.unknown_blocks++;
    capture->frame += wtr_block_is_frame(block->kind);
    wtr_capture_damage(capture, wtr_block_place(block, 0),
                       "the block is too long to be held, and passed over");
    return WTR_OK;
}

/* Reads the next block. WTR_OK with block->bytes NULL: there was none here, and the place was passed. */
static enum wtr_status read_block(struct wtr_capture *capture, struct wtr_block *block)
{
    size_t have = 0;
    *block = (struct wtr_block){.offset = wtr_input_offset(capture->input)};
    const uint8_t *bytes = wtr_input_peek(capture->input, BLOCK_LEAST, &have);
    if (have == 0) {
        end_section(capture, block->offset);
        return WTR_END;
    }
    if (have < BLOCK_LEAST) {
        return end_cut(capture, WTR_BLOCK_UNKNOWN, have);
    }
    if (!order_of(capture, bytes, &block->big)) {
        return lose(capture, WTR_BLOCK_SECTION, "the byte order of the section can't be told");
    }
    bytes = wtr_input_peek(capture->input, BLOCK_LEAST, &have);
    block->type = wtr_order32(block->big, bytes);
    const struct wtr_block_type *type = wtr_block_type(block->type);
    block->kind = type->kind;
    block->least = type->least;
    block->length = wtr_order32(block->big, bytes + 4);
    if (block->length < block->least || block->length % 4 != 0) {
        return mend(capture, block, "the length of a block can't be right");
    }
    if (block->length > WTR_INPUT_WINDOW - BLOCK_LEAST) {
        return pass_oversized(capture, block);
    }
    block->bytes = wtr_input_peek(capture->input, block->length + BLOCK_LEAST, &have);
    if (have >= block->length && lengths_agree(capture, block, have)) {
        return WTR_OK;
    }
    const char *reason = "the two lengths of a block differ";
    if (have < block->length) {
        reason = "the block runs past the end of the bytes";
        if (is_cut(block, have) && length_by_end(capture, block) == 0) {
            return end_cut(capture, block->kind, have);
        }
    }
    return mend(capture, block, reason);
}

static void begin_section(struct wtr_capture *capture, const struct wtr_block *block)
{
    struct wtr_section *section = capture->state;
    uint16_t major = wtr_order16(block->big, block->bytes + 12);
    uint16_t minor = wtr_order16(block->big, block->bytes + 14);
    section->big = block->big;
    section->readable = major == 1;
    section->damaged = section->adrift = false;
    section->start = block->offset + block->length;
    section->length = wtr_order64(block->big, block->bytes + 16);
    section->length_stated = section->length <= INT64_MAX;
    wtr_interfaces_restart(&section->interfaces);
    capture->facts.sections++;
    struct wtr_capture_place place = {.record = block->offset, .offset = block->offset + 12, .length = 4};
    if (!section->readable) {
        wtr_capture_damage(capture, place, "the section is of an unknown version and is passed over");
        return;
    }
    if (minor != 0 && minor != 2) {
        wtr_capture_note(capture, place, "the section is of an unknown minor version");
    }
    wtr_block_pass_options(capture, block, SECTION_OPTIONS);
}

/* A section header whose type was damaged shows in its byte-order magic and version. */
static bool begins_section(struct wtr_capture *capture, const struct wtr_block *block)
{
    if (block->kind == WTR_BLOCK_SECTION) {
        return true;
    }
    if (block->kind != WTR_BLOCK_UNKNOWN || block->length < SECTION_LEAST ||
        wtr_order32(block->big, block->bytes + 8) != BYTE_ORDER_MAGIC ||
        wtr_order16(block->big, block->bytes + 12) != 1) {
        return false;
    }
    wtr_capture_damage(capture, wtr_block_place(block, 0), "a section begins here whose block type is wrong");
    return true;
}

static enum wtr_status pcapng_next(struct wtr_capture *capture, struct wtr_packet *packet)
{
    struct wtr_section *section = capture->state;
    for (;;) {
        struct wtr_block block;
        enum wtr_status status = read_block(capture, &block);
        if (status != WTR_OK) {
            return status;
        }
        if (!block.bytes) {
            continue;
        }
        bool taken = false;
        if (begins_section(capture, &block)) {
            end_section(capture, block.offset);
            begin_section(capture, &block);
        } else if (section->readable) {
            status = wtr_block_take(capture, section, &block, packet, &taken);
        }
        if (taken || status != WTR_OK) {
            return status;
        }
        wtr_input_skip(capture->input, block.length);
    }
}

static enum wtr_status pcapng_open(struct wtr_capture *capture)
{
    size_t have = 0;
    const uint8_t *bytes = wtr_input_peek(capture->input, 1 << 16, &have);
    bool big = false;
    if (have < SECTION_LEAST) {
        capture->why = "it ends inside the pcapng section header";
    } else if (!section_order(bytes, &big) && !section_order_by_length(bytes, have, &big)) {
        capture->why = "the byte order of its pcapng section header can't be told";
    } else if (wtr_order16(big, bytes + 12) != 1) {
        capture->why = "it is a pcapng capture of a version that is not known";
    }
    if (capture->why) {
        return WTR_E_UNRECOGNISED;
    }
    struct wtr_section *section = calloc(1, sizeof *section);
    capture->state = section;
    if (!section) {
        return WTR_E_MEMORY;
    }
    section->big = big;
    return WTR_OK;
}

static void pcapng_close(struct wtr_capture *capture)
{
    struct wtr_section *section = capture->state;
    if (section) {
        free(section->interfaces.list);
        free(section);
    }
}

const struct wtr_capture_format wtr_capture_pcapng = {
    .type = "pcapng",
    .recognise = pcapng_recognise,
    .open = pcapng_open,
    .next = pcapng_next,
    .close = pcapng_close,
};
