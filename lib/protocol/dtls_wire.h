/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the DTLS reader share. */
#ifndef WTR_PROTOCOL_DTLS_WIRE_H
#define WTR_PROTOCOL_DTLS_WIRE_H

#include "base/map.h"
#include "protocol/patches.h"
#include "protocol/tls_wire.h"

enum {
    WTR_DTLS_WAITING = 8,     /* handshake messages of a direction that wait to be whole, or their turn */
    WTR_DTLS_MAX_PARTS = 128, /* fragments of one message */
    WTR_DTLS_MAX_MEMORY = 4 << 20,   /* bytes of waiting messages, of all connections of a source */
    WTR_DTLS_MAX_CONNECTIONS = 4096, /* of a source at a time */
};

/* A message that is not whole yet, or whose turn has not come. */
struct wtr_dtls_waiting {
    bool used;
    uint8_t type;
    uint16_t message_seq;
    uint32_t length;
    uint8_t *bytes;             /* header as for the transcript, and body */
    struct wtr_patches patches; /* of the body */
    struct wtr_piece header;    /* of the first fragment's header, for a message without a body */
};

struct wtr_dtls_connection {
    struct wtr_tls_memory memory;
    struct wtr_datagram about; /* the ends, the client first, and the path */
    bool ends_known;           /* which end is the client's, by a hello */
    uint16_t next[2];          /* message_seq whose turn it is */
    struct wtr_dtls_waiting waiting[2][WTR_DTLS_WAITING];
};

struct wtr_dtls_state {
    struct wtr_session_setup setup;
    struct wtr_dtls_connection *connections[WTR_DTLS_MAX_CONNECTIONS];
    size_t count;         /* places in use, from the front */
    size_t victim;        /* the next to make room */
    struct wtr_map index; /* hash of the ends to a place, from 1 */
    size_t held;          /* bytes of waiting messages */
};

/* A handshake record's fragment. */
struct wtr_dtls_fragment {
    uint8_t type;
    uint32_t length;
    uint16_t message_seq;
    uint32_t offset, fragment_length;
};

/* dtls_fragments.c */

/* Reads the 12 bytes before a fragment. False: it does not fit into what is left. */
bool wtr_dtls_read_fragment(const uint8_t *bytes, size_t length, struct wtr_dtls_fragment *fragment);
/* Takes the fragment that stands at `at` of the span with its header. Messages that are whole are told in the
 * order of their message_seq. */
void wtr_dtls_take_fragment(struct wtr_dtls_state *state, struct wtr_dtls_connection *connection,
                            const struct wtr_tls_place *place, const struct wtr_span *span, size_t at,
                            const struct wtr_dtls_fragment *fragment);
/* What waits for messages that were lost is told, what is not whole is given up. */
void wtr_dtls_flush(struct wtr_dtls_state *state, struct wtr_dtls_connection *connection,
                    const struct wtr_tls_place *place);

#endif
