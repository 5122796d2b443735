/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the stream reassembly share. */
#ifndef WTR_PACKET_STREAM_INTERNAL_H
#define WTR_PACKET_STREAM_INTERNAL_H

#include "packet/stream.h"

/* Part of a segment that came before what stands in front of it. Its bytes follow its pieces. */
struct wtr_waiting {
    struct wtr_waiting *next;
    int64_t place;
    size_t length;
    int64_t since_ns;       /* when it came */
    uint64_t since_segment; /* the stream's count of segments then */
    size_t piece_count;
    struct wtr_piece pieces[];
};

static inline int64_t wtr_waiting_end(const struct wtr_waiting *waiting)
{
    return waiting->place + (int64_t)waiting->length;
}

static inline struct wtr_span wtr_waiting_span(const struct wtr_waiting *waiting)
{
    return (struct wtr_span){
        .bytes = (const uint8_t *)(waiting->pieces + waiting->piece_count),
        .length = waiting->length,
        .pieces = waiting->pieces,
        .piece_count = waiting->piece_count,
    };
}

/* Counts memory of the stream's buffers. */
void wtr_stream_hold(struct wtr_stream *stream, size_t cost);
void wtr_stream_release(struct wtr_stream *stream, size_t cost);

/* Compare the segment's bytes from place `from` to `to` with those that were delivered, or that wait, and
 * tell the reader. `start` is the place of the segment's first byte. The result is a set of enum
 * wtr_segment_result. */
unsigned wtr_stream_compare_delivered(struct wtr_stream *stream, const struct wtr_segment *segment,
                                      int64_t start, int64_t from, int64_t to);
unsigned wtr_stream_compare_waiting(struct wtr_stream *stream, const struct wtr_segment *segment,
                                    int64_t start, const struct wtr_waiting *waiting, int64_t from,
                                    int64_t to);

/* Tells the reader of the bytes that came again and that it is done with by now. */
void wtr_stream_tell_echoes(struct wtr_stream *stream);
void wtr_stream_forget_echoes(struct wtr_stream *stream);

#endif
