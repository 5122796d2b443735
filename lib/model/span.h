/* SPDX-License-Identifier: Apache-2.0 */
/* Where bytes come from. A span is a message's bytes together with the pieces of the source that they were
 * put together from, so that any part of it can be traced back to file offsets and frames. */
#ifndef WTR_MODEL_SPAN_H
#define WTR_MODEL_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in a source: the frame that carried it, where that frame's record starts, and the bytes. */
struct wtr_origin {
    int64_t time_ns;        /* the frame's time, on the capture's clock */
    uint64_t frame;         /* from 1, as tshark counts; 0: the source has no frames */
    uint64_t record_offset; /* where the frame's record or block starts in the file */
    uint64_t offset;        /* the first byte, in the file */
    uint32_t length;        /* bytes at `offset`; may be fewer than the value's if it is scattered */
    uint32_t via;           /* how the frame was opened, as its piece has it */
};

/* One run of a span's bytes that lies in one frame. */
struct wtr_piece {
    size_t at;       /* first byte, in the span */
    size_t length;   /* bytes */
    uint64_t offset; /* the same byte, in the file */
    uint64_t record_offset;
    uint64_t frame;
    int64_t time_ns;
    /* The frame's bytes were deciphered in their places before anything was read: the number of that opening
     * within the source (wtr_wlan_opening). 0: they are the evidence's own. What its protocols open in turn
     * is said by the span. */
    uint32_t via;
};

/* How the bytes of a span were got from those of the evidence, where they are not the same. Borrowed with the
 * span. */
struct wtr_opening {
    /* The steps from the evidence to these bytes, in order: "kasa-xor", "chunked+gzip", "aes-128-ecb". */
    const char *steps;
    /* Byte i of these was made from byte i of the pieces alone (a stream cipher, a mask), so that places in
     * the evidence are exact. Else the pieces are those of the smallest enclosing unit as it stands in the
     * evidence, and no value has a place of its own there. */
    bool keeps_places;
    /* The secret that opened it, by name, and where it came from; NULL: none was needed. */
    const char *key;
    const char *key_origin;
};

/* Bytes with their pieces, which cover them in order and without holes. Borrowed. */
struct wtr_span {
    const uint8_t *bytes;
    size_t length;
    const struct wtr_piece *pieces;
    size_t piece_count;
    const struct wtr_opening *opening; /* NULL: the bytes are the evidence's own */
};

/* Whether parts of the span have no places of their own in the evidence, only the whole of it. */
static inline bool wtr_span_is_opaque(const struct wtr_span *span)
{
    return span->opening && !span->opening->keeps_places;
}

/* The origin of `length` bytes at `at`: of their first piece where they lie in several, with the length of
 * that piece's share; of an opaque span, that of its first piece. A length of 0 names the place alone. */
struct wtr_origin wtr_span_locate(const struct wtr_span *span, size_t at, size_t length);

/* How many pieces the bytes at `at` lie in, and the origin of the k-th share. */
size_t wtr_span_parts(const struct wtr_span *span, size_t at, size_t length);
struct wtr_origin wtr_span_part(const struct wtr_span *span, size_t at, size_t length, size_t k);

/* The pieces of the `length` bytes at `at` as a span of their own would have them; of an opaque span, all.
 * Returns their number, at most `room`. */
size_t wtr_span_cut(const struct wtr_span *span, size_t at, size_t length, struct wtr_piece *pieces,
                    size_t room);

/* Whether the text lies inside the span's bytes; if so its place is stored in *at. */
bool wtr_span_holds(const struct wtr_span *span, const void *data, size_t length, size_t *at);

#endif
