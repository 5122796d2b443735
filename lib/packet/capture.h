/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files to packets: classic pcap (both byte orders, micro- and nanoseconds, the modified format) and
 * pcapng (both byte orders, several sections and interfaces). libpcap is not used here, because it drops
 * interface statistics, comments and mixed link types.
 *
 * Frames are numbered as tshark numbers them, which counts some blocks that are no packets. A record that
 * can't be read keeps its number; only where damage hides how many records there were can the numbers behind
 * it be too low, and its finding says so. */
#ifndef WTR_PACKET_CAPTURE_H
#define WTR_PACKET_CAPTURE_H

#include "base/text.h"
#include "evidence/input.h"
#include "packet/packet.h"
#include "wattrail/status.h"

struct wtr_capture;

/* What the file says beside its packets, counted as it is read. */
struct wtr_capture_facts {
    const char *type;      /* "pcap" or "pcapng" */
    uint64_t frames;       /* packets that were handed out */
    uint64_t bytes;        /* captured bytes of all of them */
    uint64_t snapped;      /* those that were cut when they were captured */
    uint64_t without_time; /* those that bear no time that can be used */
    uint64_t dropped; /* of each interface, what its last statistics state as dropped by it and by the system,
                         or what its packets state one by one if that is more */
    bool drops_known; /* anything was stated of drops */
    uint64_t comments;
    uint64_t secrets_blocks;
    uint64_t unknown_blocks; /* blocks of a type that is not read, passed over */
    uint64_t sections;       /* of pcap: files, for they may be joined */
    uint64_t interfaces;
    bool complete; /* the file ended where a record ends, and nothing in it was unreadable */
};

/* Receives what is worth keeping beside packets; any of them may be NULL. */
struct wtr_capture_watch {
    void *payload;
    /* A comment of a section, interface or packet (frame 0: not of a packet). */
    void (*comment)(void *payload, uint64_t frame, uint64_t offset, struct wtr_text text);
    /* A decryption secrets block: its type (pcapng 4.7) and its data. */
    void (*secrets)(void *payload, uint32_t type, uint64_t offset, const uint8_t *bytes, size_t length);
};

/* Whether the first bytes are those of a capture file. Needs 4. */
bool wtr_capture_recognise(const uint8_t *bytes, size_t length);

/* Reads from the input, which stays the caller's and outlives the capture; findings and watch may be NULL.
 * WTR_E_UNRECOGNISED if the first bytes are no capture's, or the file is of a version that can't be read:
 * then the capture only gives wtr_capture_why, and is to be closed too. WTR_E_MEMORY: there is none. */
enum wtr_status wtr_capture_open(struct wtr_capture **capture, struct wtr_input *input,
                                 const struct wtr_packet_findings *findings,
                                 const struct wtr_capture_watch *watch);
void wtr_capture_close(struct wtr_capture *capture);
/* Why the file is not recognised: a constant fragment, of which "it" is the file. NULL if it is. */
const char *wtr_capture_why(const struct wtr_capture *capture);

/* The next packet: WTR_OK, WTR_END, or WTR_E_MEMORY. Damage never ends in an error: it is reported as a
 * finding, `complete` becomes false, and reading goes on at the next record if its place can be told. A
 * finding that leaves `complete` as it is tells of something odd of which all was read. */
enum wtr_status wtr_capture_next(struct wtr_capture *capture, struct wtr_packet *packet);
const struct wtr_capture_facts *wtr_capture_facts(const struct wtr_capture *capture);

#endif
