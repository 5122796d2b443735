/* SPDX-License-Identifier: Apache-2.0 */
/* One captured packet, as the capture file gives it, and where in the file it stands. */
#ifndef WTR_PACKET_PACKET_H
#define WTR_PACKET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wtr_packet {
    const uint8_t *bytes; /* borrowed until the next packet is read */
    uint32_t captured;    /* bytes that are there */
    uint32_t original;    /* bytes that were on the wire; more than `captured` where the capture cut */
    bool has_time;        /* false: a simple packet block, or no usable clock or stamp */
    int64_t time_ns;
    uint32_t resolution_ns; /* the stamp is that coarse (1 at the finest) */
    uint16_t link_type;     /* LINKTYPE_ value of the interface */
    uint32_t interface;     /* index within the whole file, from 0 */
    uint64_t frame;         /* from 1, as tshark numbers */
    uint64_t record_offset; /* where the record or block starts in the (uncompressed) file */
    uint64_t data_offset;   /* where `bytes` start in the (uncompressed) file */
    uint32_t via;           /* the opening by which they were deciphered in their places; 0: none */
};

/* Where the packet layer reports what it could not read. `reason` is a constant sentence fragment. */
struct wtr_packet_findings {
    void *payload;
    void (*finding)(void *payload, uint64_t frame, uint64_t record_offset, uint64_t offset, uint64_t length,
                    const char *where, const char *reason);
};

#endif
