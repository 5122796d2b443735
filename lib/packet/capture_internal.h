/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of capture formats share. A format is a struct of functions; capture.c lists them. */
#ifndef WTR_PACKET_CAPTURE_INTERNAL_H
#define WTR_PACKET_CAPTURE_INTERNAL_H

#include "base/bytes.h"
#include "packet/capture.h"
#include "packet/resync.h"

/* The longest packet that is believed where nothing else vouches for it: the largest snapshot length of
 * libpcap and Wireshark. */
enum { WTR_CAPTURE_LONGEST = 262144 };

struct wtr_capture_format {
    const char *type;
    bool (*recognise)(const uint8_t *bytes, size_t length); /* of 4 bytes */
    /* Reads the file's header. WTR_E_UNRECOGNISED with capture->why set if it can't be read. */
    enum wtr_status (*open)(struct wtr_capture *capture);
    enum wtr_status (*next)(struct wtr_capture *capture, struct wtr_packet *packet);
    void (*close)(struct wtr_capture *capture);
};

extern const struct wtr_capture_format wtr_capture_pcap;
extern const struct wtr_capture_format wtr_capture_pcapng;

struct wtr_capture {
    struct wtr_input *input;
    struct wtr_packet_findings findings;
    struct wtr_capture_watch watch;
    struct wtr_capture_facts facts;
    const struct wtr_capture_format *format; /* NULL: unrecognised */
    void *state;                             /* the format's own */
    const char *why;
    struct wtr_resync *resync;
    uint64_t frame;   /* number of the last frame, as tshark counts */
    uint64_t pending; /* length of the record that was handed out and is still to be passed */
    bool short_original_noted;
    bool ended;
};

/* Integers in the byte order of the file. */
static inline uint16_t wtr_order16(bool big, const uint8_t *p)
{
    return big ? wtr_be16(p) : wtr_le16(p);
}

static inline uint32_t wtr_order32(bool big, const uint8_t *p)
{
    return big ? wtr_be32(p) : wtr_le32(p);
}

static inline uint64_t wtr_order64(bool big, const uint8_t *p)
{
    return big ? wtr_be64(p) : wtr_le64(p);
}

/* A place in the file that a finding is about. */
struct wtr_capture_place {
    uint64_t frame;  /* 0: none */
    uint64_t record; /* where its record starts */
    uint64_t offset;
    uint64_t length;
};

/* Something is odd but all of it was read. */
void wtr_capture_note(struct wtr_capture *capture, struct wtr_capture_place place, const char *reason);
/* More of a packet was captured than its original length: noted once, for it may be so in all packets. */
void wtr_capture_note_short_original(struct wtr_capture *capture, struct wtr_capture_place place);
/* Something could not be read: the capture is not complete. */
void wtr_capture_damage(struct wtr_capture *capture, struct wtr_capture_place place, const char *reason);

/* What records are searched with, made when it is first needed; NULL: no memory. */
struct wtr_resync *wtr_capture_searcher(struct wtr_capture *capture);

/* Moves the input to the next place from which records follow one another again, looking from `from` bytes
 * behind the current place on, and sets *passed to how many bytes it went. False: there is none, and the
 * input is at its end. WTR_E_MEMORY if there is no memory to look with. */
enum wtr_status wtr_capture_resync(struct wtr_capture *capture, const struct wtr_resync_rule *rule,
                                   size_t from, bool *found, uint64_t *passed);

/* Counts the packet, which is filled in but for its number, as the next frame. `record_length` bytes will be
 * passed before the next one is read. */
void wtr_capture_deliver(struct wtr_capture *capture, struct wtr_packet *packet, uint64_t record_length);

#endif
