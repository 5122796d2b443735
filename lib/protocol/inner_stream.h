/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of bytes inside another protocol's units, as TLS records carry one each way: what was opened is
 * put in a row, offered to the protocols of streams, and read by the one that claims it. What none claims is
 * handed out as it is (data.h).
 *
 * Where a unit's cipher keeps places, a message's bytes are cited exactly. Else every byte of the plain text
 * stands for its whole unit, and a message cites the units that it lies in, and no others. */
#ifndef WTR_PROTOCOL_INNER_STREAM_H
#define WTR_PROTOCOL_INNER_STREAM_H

#include "protocol/protocol.h"

enum { WTR_INNER_UNITS = 32 };

/* A unit without places, remembered so that messages can cite all of it. */
struct wtr_inner_unit {
    struct wtr_piece *pieces;
    size_t count;
};

struct wtr_inner_side {
    struct wtr_buffer bytes; /* not read yet */
    struct wtr_piece *pieces;
    size_t piece_count, piece_capacity;
    struct wtr_opening opening;
    size_t offered; /* bytes at the last offer, of those not read */
    bool begun;     /* some bytes of this side were there, and are gone */
    bool ended;
    size_t need; /* bytes that the protocol wants to see before it is called again; 0: any more */
    struct wtr_inner_unit units[WTR_INNER_UNITS]; /* a ring */
    uint64_t unit_count;
};

/* Zero-initialise, and set the first three. */
struct wtr_inner_stream {
    const char *inside; /* the carrying protocol: "tls" */
    const struct wtr_keyring *keys;
    bool mid_stream; /* the beginning was not seen */
    const struct wtr_protocol *protocol;
    void *session;
    unsigned judged; /* offers without interest */
    struct wtr_inner_side side[2];
    /* While a protocol reads: */
    enum wtr_direction reading;
    struct wtr_sink *sink;
    struct wtr_piece *shown; /* a message's pieces */
    size_t shown_count, shown_capacity;
    struct wtr_opening opening; /* and its opening */
    char steps[96];
};

/* Takes opened bytes. `unit` is what they were made from, as it stands; `at` its byte that the first one was
 * made from. The opening is copied; what it points to lasts as long as the stream. */
void wtr_inner_feed(struct wtr_inner_stream *inner, enum wtr_direction direction, struct wtr_text plain,
                    const struct wtr_span *unit, size_t at, const struct wtr_opening *opening,
                    struct wtr_sink *sink);
/* Bytes of the direction were lost. */
void wtr_inner_gap(struct wtr_inner_stream *inner, enum wtr_direction direction);
/* The direction was ended by the one who sends there. */
void wtr_inner_end(struct wtr_inner_stream *inner, enum wtr_direction direction);
/* Nothing more comes: what no protocol claimed is handed out. */
void wtr_inner_finish(struct wtr_inner_stream *inner, struct wtr_sink *sink);
void wtr_inner_free(struct wtr_inner_stream *inner);

/* "tls/http" of "tls" and "http": what carries a message that `inner` carries (NULL: nothing) inside `outer`.
 * A constant. */
const char *wtr_inner_over(const char *outer, const char *inner);

#endif
