/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a pcapng block: options, packets, secrets (draft-ietf-opsawg-pcapng 3.5, 4.3, 4.4, 4.7; appendix
 * A for the old Packet Block).
 *
 * Interfaces are known by their order alone. Where damage may have swallowed one, or a section's beginning,
 * and another interface is described after it, nothing tells which is which: the section's packets are then
 * passed over, for they could be given a wrong link type or time. */
#include "packet/pcapng_internal.h"

enum { INTERFACE_TYPE = 1, PACKET_TYPE = 6 };
enum { DATA_AT = 28, SIMPLE_DATA_AT = 12, SECRETS_AT = 16, NAMES_AT = 8, STATISTICS_OPTIONS = 20 };

enum wtr_option_step wtr_block_read_option(const struct wtr_block *block, uint32_t *at,
                                           struct wtr_option *option)
{
    uint32_t left = block->length - 4 - *at;
    if (left < 4) {
        return left == 0 ? WTR_OPTIONS_END : WTR_OPTIONS_TRAILED;
    }
    const uint8_t *p = block->bytes + *at;
    option->code = wtr_order16(block->big, p);
    option->length = wtr_order16(block->big, p + 2);
    option->value = p + 4;
    option->offset = block->offset + *at + 4;
    if (option->code == WTR_OPTION_END) {
        return option->length == 0 && left == 4 ? WTR_OPTIONS_END : WTR_OPTIONS_TRAILED;
    }
    if (wtr_block_padded(option->length) > left - 4) {
        return WTR_OPTIONS_OVERRUN;
    }
    *at += 4 + wtr_block_padded(option->length);
    return WTR_OPTION_READ;
}

static void report_comment(struct wtr_capture *capture, uint64_t frame, const struct wtr_option *option)
{
    const uint8_t *zero = memchr(option->value, 0, option->length);
    size_t length = zero ? (size_t)(zero - option->value) : option->length;
    capture->facts.comments++;
    if (capture->watch.comment) {
        capture->watch.comment(capture->watch.payload, frame, option->offset,
                               wtr_text_of(option->value, length));
    }
}

bool wtr_block_option(struct wtr_capture *capture, const struct wtr_block *block, uint32_t *at,
                      uint64_t frame, struct wtr_option *option)
{
    enum wtr_option_step step = wtr_block_read_option(block, at, option);
    if (step == WTR_OPTIONS_OVERRUN || step == WTR_OPTIONS_TRAILED) {
        struct wtr_capture_place place = {.frame = frame,
                                          .record = block->offset,
                                          .offset = block->offset + *at,
                                          .length = block->length - 4 - *at};
        wtr_capture_damage(capture, place,
                           step == WTR_OPTIONS_OVERRUN ? "an option runs past the end of its block"
                                                       : "something follows the end of the options");
    } else if (step == WTR_OPTION_READ && option->code == WTR_OPTION_COMMENT) {
        report_comment(capture, frame, option);
    }
    return step == WTR_OPTION_READ;
}

bool wtr_block_only_options(const struct wtr_block *block, uint32_t at)
{
    struct wtr_option option;
    enum wtr_option_step step = WTR_OPTION_READ;
    while (step == WTR_OPTION_READ) {
        step = wtr_block_read_option(block, &at, &option);
    }
    return step == WTR_OPTIONS_END;
}

void wtr_block_pass_options(struct wtr_capture *capture, const struct wtr_block *block, uint32_t at)
{
    struct wtr_option option;
    while (wtr_block_option(capture, block, &at, 0, &option)) {
    }
}

static enum wtr_status take_interface(struct wtr_capture *capture, struct wtr_section *section,
                                      const struct wtr_block *block)
{
    section->adrift = section->adrift || section->damaged;
    enum wtr_status status = wtr_interfaces_add(capture, &section->interfaces, block);
    if (status == WTR_PARTIAL) {
        wtr_capture_damage(capture, wtr_block_place(block, 0), "there are more interfaces than are kept");
        return WTR_OK;
    }
    return status;
}

static void take_secrets(struct wtr_capture *capture, const struct wtr_block *block)
{
    uint32_t length = wtr_order32(block->big, block->bytes + 12);
    if (length > block->length - SECRETS_AT - 4) {
        wtr_capture_damage(capture, wtr_block_place(block, 0), "the secrets are longer than their block");
        return;
    }
    capture->facts.secrets_blocks++;
    if (capture->watch.secrets) {
        capture->watch.secrets(capture->watch.payload, wtr_order32(block->big, block->bytes + 8),
                               block->offset + SECRETS_AT, block->bytes + SECRETS_AT, length);
    }
    wtr_block_pass_options(capture, block, SECRETS_AT + wtr_block_padded(length));
}

/* The fields in which packet blocks differ. */
struct packet_fields {
    uint32_t interface;
    uint32_t captured;
    uint32_t original;
    uint32_t data_at;
    uint64_t drops;
    bool drops_stated;
};

static struct packet_fields read_fields(const struct wtr_section *section, const struct wtr_block *block)
{
    const uint8_t *p = block->bytes;
    if (block->kind == WTR_BLOCK_SIMPLE_PACKET) {
        uint32_t original = wtr_order32(block->big, p + 8);
        uint32_t snap = section->interfaces.count > 0 ? section->interfaces.list[0].snap : UINT32_MAX;
        return (struct packet_fields){
            .captured = original < snap ? original : snap, .original = original, .data_at = SIMPLE_DATA_AT};
    }
    struct packet_fields fields = {.interface = wtr_order32(block->big, p + 8),
                                   .captured = wtr_order32(block->big, p + 20),
                                   .original = wtr_order32(block->big, p + 24),
                                   .data_at = DATA_AT};
    if (block->kind == WTR_BLOCK_OLD_PACKET) {
        fields.interface = wtr_order16(block->big, p + 8);
        fields.drops = wtr_order16(block->big, p + 10);
        fields.drops_stated = fields.drops != UINT16_MAX;
    }
    return fields;
}

/* Whether an option that packets have begins here, with the length that it has to have. */
static bool is_packet_option(const struct wtr_block *block, uint32_t at)
{
    static const uint8_t lengths[] = {0, 0, 4, 0, 8, 8, 4, 0, 8}; /* 0: any */
    struct wtr_option option;
    return wtr_block_read_option(block, &at, &option) == WTR_OPTION_READ && option.code < sizeof lengths &&
           (lengths[option.code] == 0 || lengths[option.code] == option.length);
}

/* Whether the block is as long as it has to be for the packet. Options behind the packet may be damaged, but
 * then the captured length must be what the original length says too. Where the block is just as long as the
 * original length would have it, there must be options beyond doubt for the captured length to be right. */
static bool adds_up(const struct wtr_block *block, const struct packet_fields *fields)
{
    uint32_t room = block->length - fields->data_at - 4;
    uint32_t taken = wtr_block_padded(fields->captured);
    if (fields->captured > room) {
        return false;
    }
    if (block->kind == WTR_BLOCK_SIMPLE_PACKET) {
        return taken == room;
    }
    if (fields->captured == fields->original && fields->captured > 0) {
        return true;
    }
    bool fills = fields->original <= room && wtr_block_padded(fields->original) == room;
    if (taken != room && fills && !is_packet_option(block, fields->data_at + taken)) {
        return false;
    }
    return wtr_block_only_options(block, fields->data_at + taken);
}

/* Why the packet can't be read; NULL if it can. */
static const char *packet_trouble(const struct wtr_section *section, const struct wtr_block *block,
                                  const struct packet_fields *fields)
{
    if (section->adrift) {
        return "which interface the packet is of can't be told since an earlier part of the section was lost";
    }
    if (fields->interface >= section->interfaces.count) {
        return "the packet is of an interface that is not described";
    }
    return adds_up(block, fields) ? NULL : "the length of the packet does not fit that of its block";
}

static void set_time(struct wtr_capture *capture, const struct wtr_block *block, struct wtr_packet *packet,
                     const struct wtr_interface *interface)
{
    packet->resolution_ns = interface->resolution_ns;
    packet->has_time = false;
    packet->time_ns = 0;
    if (!interface->has_clock || block->kind == WTR_BLOCK_SIMPLE_PACKET) {
        return;
    }
    const uint8_t *p = block->bytes + 12;
    uint64_t stamp = (uint64_t)wtr_order32(block->big, p) << 32 | wtr_order32(block->big, p + 4);
    packet->has_time = wtr_clock_time(&interface->clock, stamp, &packet->time_ns);
    if (!packet->has_time) {
        struct wtr_capture_place place = {
            .frame = capture->frame + 1, .record = block->offset, .offset = block->offset + 12, .length = 8};
        wtr_capture_damage(capture, place, "the time stamp is beyond the years 1678 to 2261");
    }
}

/* Comments and the drop count of the packet that is about to be delivered. */
static void take_packet_options(struct wtr_capture *capture, const struct wtr_block *block,
                                struct packet_fields *fields)
{
    if (block->kind == WTR_BLOCK_SIMPLE_PACKET) {
        return;
    }
    uint32_t at = fields->data_at + wtr_block_padded(fields->captured);
    struct wtr_option option;
    while (wtr_block_option(capture, block, &at, capture->frame + 1, &option)) {
        if (block->kind == WTR_BLOCK_PACKET && option.code == WTR_OPTION_DROPCOUNT && option.length == 8) {
            fields->drops = wtr_order64(block->big, option.value);
            fields->drops_stated = true;
        }
    }
}

/* Fills in and delivers the packet of the block. False if it can't be read: it still counts as a frame. */
static bool take_packet(struct wtr_capture *capture, struct wtr_section *section,
                        const struct wtr_block *block, struct wtr_packet *packet)
{
    struct packet_fields fields = read_fields(section, block);
    const char *trouble = packet_trouble(section, block, &fields);
    if (trouble) {
        wtr_capture_damage(capture, wtr_block_place(block, ++capture->frame), trouble);
        return false;
    }
    const struct wtr_interface *interface = &section->interfaces.list[fields.interface];
    packet->bytes = block->bytes + fields.data_at;
    packet->captured = fields.captured;
    packet->original = fields.original;
    packet->link_type = interface->link_type;
    packet->interface = section->interfaces.before + fields.interface;
    packet->record_offset = block->offset;
    packet->data_offset = block->offset + fields.data_at;
    if (fields.original < fields.captured) {
        packet->original = fields.captured;
        wtr_capture_note_short_original(capture, wtr_block_place(block, capture->frame + 1));
    }
    set_time(capture, block, packet, interface);
    take_packet_options(capture, block, &fields);
    if (fields.drops_stated) {
        wtr_interfaces_gap(capture, &section->interfaces, fields.interface, fields.drops);
    }
    wtr_capture_deliver(capture, packet, block->length);
    return true;
}

static void take_statistics(struct wtr_capture *capture, struct wtr_section *section,
                            const struct wtr_block *block)
{
    if (section->adrift) {
        wtr_block_pass_options(capture, block, STATISTICS_OPTIONS);
    } else {
        wtr_interfaces_statistics(capture, &section->interfaces, block);
    }
}

/* Names are not needed, but the block has to be one of names: a packet's with its type damaged is not. */
static void take_names(struct wtr_capture *capture, const struct wtr_block *block)
{
    uint32_t at = NAMES_AT;
    uint32_t end = block->length - 4;
    while (at + 4 <= end) {
        uint16_t type = wtr_order16(block->big, block->bytes + at);
        uint16_t length = wtr_order16(block->big, block->bytes + at + 2);
        at += 4;
        if (wtr_block_padded(length) > end - at) {
            wtr_capture_damage(capture, wtr_block_place(block, 0), "a name runs past the end of its block");
            return;
        }
        at += wtr_block_padded(length);
        if (type == 0) {
            break;
        }
    }
    wtr_block_pass_options(capture, block, at);
}

static void take_other(struct wtr_capture *capture, const struct wtr_block *block)
{
    capture->facts.unknown_blocks++;
    wtr_capture_damage(capture, wtr_block_place(block, 0),
                       "a block of a type that is not read is passed over");
}

/* Whether the block's type is that of `kind` but for one byte, as damage leaves it. */
static bool one_byte_off(const struct wtr_block *block, uint32_t type)
{
    uint32_t differ = block->type ^ type;
    return differ != 0 && ((differ & ~0xffU) == 0 || (differ & ~0xff00U) == 0 || (differ & ~0xff0000U) == 0 ||
                           (differ & ~0xff000000U) == 0);
}

static bool fits_packet(const struct wtr_section *section, const struct wtr_block *block)
{
    if (block->length < DATA_AT + 4) {
        return false;
    }
    struct packet_fields fields = read_fields(section, block);
    return fields.captured <= fields.original && !packet_trouble(section, block, &fields);
}

/* Whether by all but its type the block is a packet's; then it is counted as one. */
static bool take_misnamed_packet(struct wtr_capture *capture, struct wtr_section *section,
                                 const struct wtr_block *block)
{
    if (!one_byte_off(block, PACKET_TYPE) || !fits_packet(section, block)) {
        return false;
    }
    section->damaged = true;
    wtr_capture_damage(
        capture, wtr_block_place(block, ++capture->frame),
        "the type of this block is wrong; by its contents it may be a packet's, and is passed over");
    return true;
}

/* If only the type can be damaged, an interface is taken, because all that follow would be numbered wrongly
 * without it. */
static enum wtr_status take_unknown(struct wtr_capture *capture, struct wtr_section *section,
                                    const struct wtr_block *block)
{
    if (one_byte_off(block, INTERFACE_TYPE) && wtr_interfaces_fits(block)) {
        wtr_capture_damage(capture, wtr_block_place(block, 0),
                           "the type of this block is wrong; by its contents it describes an interface");
        return take_interface(capture, section, block);
    }
    capture->facts.unknown_blocks++;
    if (!take_misnamed_packet(capture, section, block)) {
        section->damaged = true;
        wtr_capture_damage(
            capture, wtr_block_place(block, 0),
            "a block of a type that is not read is passed over; if it was a packet's, the frames "
            "behind it are numbered too low");
    }
    return WTR_OK;
}

enum wtr_status wtr_block_take(struct wtr_capture *capture, struct wtr_section *section,
                               const struct wtr_block *block, struct wtr_packet *packet, bool *taken)
{
    switch (block->kind) {
    case WTR_BLOCK_PACKET:
    case WTR_BLOCK_OLD_PACKET:
    case WTR_BLOCK_SIMPLE_PACKET:
        *taken = take_packet(capture, section, block, packet);
        break;
    case WTR_BLOCK_INTERFACE:
        return take_interface(capture, section, block);
    case WTR_BLOCK_STATISTICS:
        take_statistics(capture, section, block);
        break;
    case WTR_BLOCK_SECRETS:
        take_secrets(capture, block);
        break;
    case WTR_BLOCK_OTHER_FRAME:
        capture->frame++;
        capture->facts.unknown_blocks++;
        break;
    case WTR_BLOCK_LOCAL:
        capture->facts.unknown_blocks++;
        take_misnamed_packet(capture, section, block);
        break;
    case WTR_BLOCK_UNKNOWN:
        return take_unknown(capture, section, block);
    case WTR_BLOCK_OTHER:
        take_other(capture, block);
        break;
    case WTR_BLOCK_NAMES:
        take_names(capture, block);
        break;
    default: /* section headers do not come here */
        break;
    }
    return WTR_OK;
}
