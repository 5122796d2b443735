/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the pcapng reader: pcapng.c walks the blocks and sections, pcapng_block.c reads what is in a
 * block, pcapng_interface.c keeps what a section says of its interfaces, their clocks and their losses. */
#ifndef WTR_PACKET_PCAPNG_INTERNAL_H
#define WTR_PACKET_PCAPNG_INTERNAL_H

#include "packet/capture_internal.h"

enum wtr_block_kind {
    WTR_BLOCK_UNKNOWN, /* none of these */
    WTR_BLOCK_LOCAL,   /* none either, and of a type that any writer may use for itself */
    WTR_BLOCK_SECTION,
    WTR_BLOCK_INTERFACE,
    WTR_BLOCK_OLD_PACKET,
    WTR_BLOCK_SIMPLE_PACKET,
    WTR_BLOCK_PACKET,
    WTR_BLOCK_STATISTICS,
    WTR_BLOCK_NAMES,
    WTR_BLOCK_SECRETS,
    WTR_BLOCK_OTHER,       /* listed by the draft, and not read */
    WTR_BLOCK_OTHER_FRAME, /* not read, and numbered as a frame by tshark */
};

struct wtr_block_type {
    uint32_t first, last;
    enum wtr_block_kind kind;
    uint32_t least; /* length of a block that has all its fixed fields */
};

/* What a block type is; never NULL. */
const struct wtr_block_type *wtr_block_type(uint32_t type);

static inline bool wtr_block_is_frame(enum wtr_block_kind kind)
{
    return kind == WTR_BLOCK_PACKET || kind == WTR_BLOCK_SIMPLE_PACKET || kind == WTR_BLOCK_OLD_PACKET ||
           kind == WTR_BLOCK_OTHER_FRAME;
}

/* Option codes (draft-ietf-opsawg-pcapng 3.5, 4.2, 4.3, 4.6). */
enum {
    WTR_OPTION_END = 0,
    WTR_OPTION_COMMENT = 1,
    WTR_OPTION_TSRESOL = 9,
    WTR_OPTION_TSOFFSET = 14,
    WTR_OPTION_DROPCOUNT = 4,
    WTR_OPTION_IFDROP = 5,
    WTR_OPTION_OSDROP = 7,
};

/* A whole block in memory. */
struct wtr_block {
    const uint8_t *bytes;
    uint32_t length;
    uint32_t type;
    enum wtr_block_kind kind;
    uint32_t least;  /* length that its kind has at least */
    uint64_t offset; /* in the file */
    bool big;        /* byte order of its section */
};

static inline struct wtr_capture_place wtr_block_place(const struct wtr_block *block, uint64_t frame)
{
    return (struct wtr_capture_place){
        .frame = frame, .record = block->offset, .offset = block->offset, .length = block->length};
}

struct wtr_option {
    uint16_t code;
    uint16_t length;
    const uint8_t *value;
    uint64_t offset; /* of the value in the file */
};

/* The clock of an interface. */
struct wtr_interface_clock {
    uint8_t resolution; /* if_tsresol as it stands */
    int64_t offset;     /* if_tsoffset: seconds to add */
};

struct wtr_interface {
    uint16_t link_type;
    uint32_t snap; /* UINT32_MAX: no limit */
    bool has_clock;
    struct wtr_interface_clock clock;
    uint32_t resolution_ns;
    uint64_t if_drops, os_drops; /* as last stated by statistics */
    uint64_t gap_drops;          /* as packets stated one by one */
};

/* The interfaces of one section. */
struct wtr_interfaces {
    struct wtr_interface *list;
    uint32_t count;
    uint32_t capacity;
    uint32_t before; /* interfaces of earlier sections */
};

enum { WTR_INTERFACES_MAX = 65536 };

/* Begins a section: its interfaces are numbered from 0 again. */
void wtr_interfaces_restart(struct wtr_interfaces *interfaces);
/* Adds the interface that the block describes. WTR_E_MEMORY, or WTR_PARTIAL if there are too many. */
enum wtr_status wtr_interfaces_add(struct wtr_capture *capture, struct wtr_interfaces *interfaces,
                                   const struct wtr_block *block);
/* Whether the block could be an interface's by all but its type. */
bool wtr_interfaces_fits(const struct wtr_block *block);
/* Takes the statistics block of an interface. */
void wtr_interfaces_statistics(struct wtr_capture *capture, struct wtr_interfaces *interfaces,
                               const struct wtr_block *block);
/* `drops` more packets were lost before a packet of the interface. */
void wtr_interfaces_gap(struct wtr_capture *capture, struct wtr_interfaces *interfaces, uint32_t id,
                        uint64_t drops);

/* A time stamp as nanoseconds since 1970, rounded down. False if they leave int64. The resolution is one that
 * wtr_clock_usable accepts. */
bool wtr_clock_time(const struct wtr_interface_clock *clock, uint64_t stamp, int64_t *time_ns);
/* Whether a second's units fit into 64 bits. */
bool wtr_clock_usable(uint8_t resolution);

/* Length of an option's or packet's bytes with their padding. */
static inline uint32_t wtr_block_padded(uint32_t length)
{
    return (length + 3) & ~3U;
}

enum wtr_option_step {
    WTR_OPTION_READ,
    WTR_OPTIONS_END,
    WTR_OPTIONS_OVERRUN, /* an option runs past the end of the block */
    WTR_OPTIONS_TRAILED, /* the options end before the block does */
};

/* Reads the option at `at`, an offset in the block that is at most its length without the last 4 bytes, and
 * moves on behind it. */
enum wtr_option_step wtr_block_read_option(const struct wtr_block *block, uint32_t *at,
                                           struct wtr_option *option);
/* The same for options that are meant to be there: reports comments, and what is wrong as damage. False at
 * the end. */
bool wtr_block_option(struct wtr_capture *capture, const struct wtr_block *block, uint32_t *at,
                      uint64_t frame, struct wtr_option *option);
/* Whether from `at` on there are well-formed options and nothing else. */
bool wtr_block_only_options(const struct wtr_block *block, uint32_t at);
/* Walks all of them for what is reported of every block. */
void wtr_block_pass_options(struct wtr_capture *capture, const struct wtr_block *block, uint32_t at);

/* A section as it is read. */
struct wtr_section {
    bool big;
    bool readable; /* else it is of an unknown version, and its blocks are passed over */
    bool damaged;  /* something in it was lost */
    bool adrift;   /* and its interfaces can't be told any more */
    bool length_stated;
    uint64_t start; /* offset behind the section's header block */
    uint64_t length;
    struct wtr_interfaces interfaces;
};

/* Deals with a whole block that is no section header. Sets *taken if that delivered a packet. */
enum wtr_status wtr_block_take(struct wtr_capture *capture, struct wtr_section *section,
                               const struct wtr_block *block, struct wtr_packet *packet, bool *taken);

#endif
