/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the reader of TLS streams share: the session's whole state, and one call of stream(). */
#ifndef WTR_PROTOCOL_TLS_STREAM_H
#define WTR_PROTOCOL_TLS_STREAM_H

#include "protocol/tls_wire.h"

/* One direction. */
struct wtr_tls_reader {
    uint32_t left; /* bytes of a handshake record in clear whose header was read */
    uint32_t pass; /* bytes of a handshake message that is passed over, still to come */
    bool lost;     /* where records begin must be searched for */
    bool followed; /* from the hello on: whether a handshake record is in clear is known */
    /* A handshake message that goes on in the next record: how far it was followed from the first unread
     * byte, and what is left of the record there. */
    size_t walked;
    uint32_t walked_left;
    uint32_t gathered;
    uint8_t head[WTR_TLS_MESSAGE_HEADER];
};

struct wtr_tls_state {
    struct wtr_tls_memory memory;
    struct wtr_tls_reader reader[2];
};

struct wtr_tls_walk {
    struct wtr_tls_state *state;
    struct wtr_tls_reader *reader;
    const struct wtr_span *span;
    struct wtr_tls_place place;
    size_t at;    /* the first byte that is not done with */
    size_t piece; /* holds it */
    size_t need;
};

/* Whether the five bytes can be a record's header. */
bool wtr_tls_is_header(const uint8_t *header);
static inline uint32_t wtr_tls_body_length(const uint8_t *header)
{
    return wtr_be16(header + 3);
}

/* tls_messages.c: reads from the rest of a handshake record in clear. False: more bytes are needed. */
bool wtr_tls_read_messages(struct wtr_tls_walk *w);
/* tls_stream.c: counts the record whose header stands at `at`. */
struct wtr_tls_record wtr_tls_count_header(struct wtr_tls_walk *w, size_t at, bool encrypted);

/* tls_old_hello.c */
enum { WTR_TLS_OLD_FRONT = 11 };
/* Whether so many bytes can be the front of a ClientHello in SSL 2.0's form. */
bool wtr_tls_is_old_hello(const uint8_t *front);
/* Reads it. False: more bytes are needed. */
bool wtr_tls_read_old_hello(struct wtr_tls_walk *w);

/* tls_probe.c */

enum { WTR_TLS_HELLO_FRONT = 11 };
/* Whether a record's first WTR_TLS_HELLO_FRONT bytes begin a ClientHello or ServerHello: its length and
 * version fit. */
bool wtr_tls_is_hello(const uint8_t *b);
enum wtr_bid wtr_tls_probe(const struct wtr_probe *probe);

#endif
