/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of a TCP connection: its segments put back in order (RFC 9293 3.4, 3.10.7.4) and handed to a
 * reader, without copying as long as they come in order and the reader takes them whole. It knows nothing of
 * connections, tables or protocols.
 *
 * Bytes are named by their place, which is 0 for the first that the stream knows of and does not wrap.
 * Of bytes that came twice, those that came first stand. */
#ifndef WTR_PACKET_STREAM_H
#define WTR_PACKET_STREAM_H

#include "model/span.h"
#include "packet/recall.h"
#include "packet/unread.h"

enum {
    /* Segments whose sequence number is further away than this are no part of the stream: windows of home
     * devices and of the servers that they talk to stay far below it. */
    WTR_STREAM_WINDOW = 8 << 20,
    /* Segments that wait for a hole to be filled. */
    WTR_STREAM_MAX_WAITING = 1024,
    /* Bytes that came again before the reader was done with the first ones: told of when it is. */
    WTR_STREAM_MAX_ECHOES = 64,
};

/* When bytes that are missing count as lost although the connection goes on. What the other end acknowledged
 * it has, so that no retransmission will come; a capture that is out of order may still bring them, and is
 * given this many further segments of the same direction, or a few and some time. */
enum { WTR_STREAM_LOST_SEGMENTS = 32, WTR_STREAM_LOST_SEGMENTS_WITH_TIME = 3 };
#define WTR_STREAM_LOST_NS INT64_C(1000000000)
/* The same where the other end is not heard any more: longer than most retransmissions take. */
#define WTR_STREAM_LOST_UNHEARD_NS INT64_C(30000000000)

struct wtr_stream;

/* Whom a stream's bytes are handed to. `owner` is the stream's. */
struct wtr_stream_reader {
    /* Reads from the front of the bytes that are not read yet; returns how many it is done with. The rest
     * comes again with more behind it, as soon as there are *need (0: any more). If it returns more than
     * there are, as many of the next ones are passed over: they are neither handed to it nor remembered. */
    size_t (*read)(void *owner, struct wtr_stream *stream, const struct wtr_span *unread, size_t *need);
    /* Bytes at `place` are lost, and what was unread before them is gone. */
    void (*lost)(void *owner, struct wtr_stream *stream, int64_t place, uint64_t missing,
                 const struct wtr_origin *after);
    /* The span's bytes from `at` on go unread; the span's first byte has the place `place`. */
    void (*unreadable)(void *owner, struct wtr_stream *stream, int64_t place, const struct wtr_span *span,
                       size_t at, const char *reason);
    /* Bytes of a followed stream came again: the same as before, or others. */
    void (*repeated)(void *owner, struct wtr_stream *stream, int64_t place, const struct wtr_origin *again);
    void (*altered)(void *owner, struct wtr_stream *stream, int64_t place, const struct wtr_origin *again);
    /* The stream ended with a FIN, all of it was there, and these bytes are left unread: returns how many of
     * them the reader is done with. */
    size_t (*ended)(void *owner, struct wtr_stream *stream, const struct wtr_span *unread);
};

/* What streams share. */
struct wtr_stream_pool {
    size_t held;               /* memory of all streams' buffers */
    uint64_t overflowed;       /* times a bound was hit, or memory was refused */
    struct wtr_recall *recall; /* NULL: nothing is remembered */
    struct wtr_piece *slice;   /* room for the pieces of part of a segment */
    size_t slice_capacity;
};

struct wtr_waiting;
struct wtr_echo;

struct wtr_stream {
    const struct wtr_stream_reader *reader;
    void *owner;
    struct wtr_stream_pool *pool;
    bool known;        /* `next` is set */
    bool from_syn;     /* place 0 is the first byte after the SYN */
    bool followed;     /* bytes that come again are compared and told of */
    bool ended;        /* a FIN was seen: `end` is set */
    bool end_told;     /* the reader was told of the end */
    bool giving_up;    /* what is being told as lost is what stood unread */
    bool lost_within;  /* what is being told as lost lies within what is passed over */
    bool hole_is_lost; /* the other end has acknowledged what stands behind the first hole */
    uint32_t next;     /* sequence number of the byte at `place` */
    int64_t place;     /* the next byte to come */
    int64_t first;     /* the first byte that was handed to the reader since the stream is followed */
    int64_t sent;      /* behind the last byte known to have been sent */
    int64_t acked;     /* behind the last byte that the other end acknowledged */
    int64_t end;
    struct wtr_origin beyond; /* the packet that showed `sent`, `acked` or `end` to be beyond `place` */
    uint64_t segments;        /* with payload */
    uint64_t lost_since_segment;
    int64_t lost_since_ns;
    size_t limit; /* of `held` */
    size_t held;  /* memory of this stream's buffers */
    struct wtr_unread unread;
    uint64_t pass;               /* bytes that the reader passes over; then nothing is unread */
    size_t need;                 /* bytes that must be unread before the reader is called again */
    struct wtr_waiting *waiting; /* in order, without overlap, all behind `place` */
    struct wtr_waiting *waiting_last;
    size_t waiting_count;
    struct wtr_echo *echoes;
    size_t echo_count;
    uint64_t recalled; /* the mark in pool->recall */
};

struct wtr_segment {
    uint32_t seq;    /* of the first payload byte */
    uint32_t length; /* of the payload on the wire; the capture may have cut it */
    const struct wtr_span *payload;
    struct wtr_origin origin; /* the packet */
    int64_t now;
};

/* What a segment was, as a set. */
enum wtr_segment_result {
    WTR_SEGMENT_NEW = 1,     /* brought bytes that were not there */
    WTR_SEGMENT_OLD = 2,     /* brought bytes that were there */
    WTR_SEGMENT_ALTERED = 4, /* and some differ */
    WTR_SEGMENT_OUTSIDE = 8, /* lies before the stream's first byte or behind its end */
};

void wtr_stream_init(struct wtr_stream *stream, const struct wtr_stream_reader *reader, void *owner,
                     struct wtr_stream_pool *pool, size_t limit);
/* Frees what the stream holds, without a word to the reader. */
void wtr_stream_clear(struct wtr_stream *stream);
/* Sets the sequence number of the first byte. */
void wtr_stream_start(struct wtr_stream *stream, uint32_t seq, bool from_syn);

int64_t wtr_stream_place_of(const struct wtr_stream *stream, uint32_t seq);
/* Whether the sequence number is too far away to belong to the stream. */
bool wtr_stream_is_far(const struct wtr_stream *stream, uint32_t seq);

/* Takes a segment that is not far; returns a set of enum wtr_segment_result. */
unsigned wtr_stream_add(struct wtr_stream *stream, const struct wtr_segment *segment);
/* The other end acknowledged everything before `ack`. */
void wtr_stream_acknowledge(struct wtr_stream *stream, uint32_t ack, const struct wtr_origin *origin);
/* Everything before `seq` was sent; with `fin`, nothing behind it will be. */
void wtr_stream_sent(struct wtr_stream *stream, uint32_t seq, bool fin, const struct wtr_origin *origin);
/* Takes a segment's sequence range if that is what the reader passes over next, which is quick. */
static inline bool wtr_stream_pass(struct wtr_stream *stream, uint32_t seq, uint32_t length)
{
    if (stream->pass < length || seq != stream->next || stream->waiting || stream->ended)
        return false;
    stream->pass -= length;
    stream->place += length;
    stream->next += length;
    stream->segments++;
    if (stream->sent < stream->place)
        stream->sent = stream->place;
    return true;
}
/* Gives up the holes that are certain to stay. `other_ns`: time of the other end's last packet, INT64_MIN if
 * none. */
void wtr_stream_give_up_holes(struct wtr_stream *stream, int64_t now, int64_t other_ns);
/* Gives up every hole behind which bytes wait. */
void wtr_stream_skip_holes(struct wtr_stream *stream);
/* Nothing more will come: gives up every hole, and what is unread. */
void wtr_stream_finish(struct wtr_stream *stream);
/* Tells the reader once of the end, if all that was sent is there and some of it unread. */
void wtr_stream_tell_end(struct wtr_stream *stream);
/* Gives up what is unread: the bytes count as lost. */
void wtr_stream_drop_unread(struct wtr_stream *stream);

/* Behind the last byte that is known to have been sent. */
int64_t wtr_stream_known_end(const struct wtr_stream *stream);
/* Whether all that is known to have been sent was handed to the reader. */
bool wtr_stream_is_whole(const struct wtr_stream *stream);

/* From now on the stream is followed: `unread` are the bytes at its front that were not read yet. */
void wtr_stream_follow(struct wtr_stream *stream, const struct wtr_span *unread, size_t limit);
/* Hands the unread bytes to the reader once more. */
void wtr_stream_read_again(struct wtr_stream *stream);

/* then to now, never negative. */
uint64_t wtr_elapsed(int64_t then, int64_t now);

#endif
