/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the opener share: tls_opener.c (records to plain text), tls_master.c (who has the master
 * secret of a connection up to TLS 1.2), tls_traffic.c (traffic secrets of TLS 1.3), tls_psk.c (pre-shared
 * keys) and tls_inside.c (what is inside). */
#ifndef WTR_PROTOCOL_TLS_OPENER_H
#define WTR_PROTOCOL_TLS_OPENER_H

#include "protocol/inner_stream.h"
#include "protocol/tls_cipher.h"
#include "protocol/tls_open.h"

enum wtr_tls_phase { WTR_TLS_EARLY, WTR_TLS_HANDSHAKING, WTR_TLS_TRAFFIC };

/* What one end sends. */
struct wtr_tls_end {
    struct wtr_tls_protection now; /* suite NULL: no keys */
    uint64_t next;                 /* number of its next record */
    bool lost;                     /* that number is not known */
    unsigned failures;             /* records in a row that could not be opened */
    bool proven;                   /* records of this end were opened */
    bool given_up;
    bool changed;   /* up to 1.2: the next record is the first with the keys that were agreed on */
    uint16_t epoch; /* of DTLS: to which `now` belongs */
    bool ended;     /* a close_notify was opened */
    enum wtr_tls_phase phase;
    uint8_t secret[WTR_TLS_MAX_HASH]; /* of TLS 1.3, the one that `now` was made from */
    const char *key, *key_origin;
};

/* The handshake messages that one end sent, as transcripts take them. */
struct wtr_tls_said {
    struct wtr_buffer bytes;
    size_t hello; /* where its hello ends */
    size_t done;  /* where what the session hash covers ends; 0: not there yet */
    bool broken;  /* some of them are not there */
};

struct wtr_tls_opening {
    const struct wtr_tls_session *session;
    const struct wtr_keyring *keys;
    struct wtr_tls_end end[2];
    struct wtr_tls_said said[2];
    struct wtr_buffer key_exchange; /* body of the ClientKeyExchange */

    bool agreed; /* the current handshake's master secret is known: */
    uint8_t master[WTR_TLS_MASTER];
    struct wtr_tls_protection keyed[2];
    const char *key, *key_origin;
    unsigned attempts; /* records by which it was looked for in vain */

    bool opened;     /* anything */
    bool tried;      /* some key was tried */
    const char *why; /* something could not be opened, and why */
    struct wtr_opening opening;
    char steps[40];
    struct wtr_buffer plain;
    struct wtr_piece *pieces; /* of the last opened record's body, as in a span of its own */
    size_t piece_count, piece_capacity;
    struct wtr_span unit; /* that body */
    size_t at;            /* where in it the plain text was */
    struct wtr_inner_stream inner;
    /* Of DTLS: the protocol inside, and its state. */
    const struct wtr_protocol *datagrams;
    void *datagram_state;
};

/* Where a record that is being opened goes. */
struct wtr_tls_target {
    struct wtr_tls_opening *opening;
    enum wtr_direction direction;
    struct wtr_tls_sealed sealed;
    uint8_t *plain;
    struct wtr_tls_unsealed unsealed;
};

/* ---- tls_opener.c */

/* Opens the record with the end's keys: with the number that its place gives or, where that is not known,
 * with one of those that may be it. NULL: it is open; else why not. */
const char *wtr_tls_unseal_next(struct wtr_tls_target *target, struct wtr_tls_end *end);

/* ---- tls_master.c */

/* Finds the master secret by which the record, the first that is protected by it, opens. */
bool wtr_tls_find_master(struct wtr_tls_target *target);
/* Tries one; adopts it if the record opens. */
bool wtr_tls_try_master(struct wtr_tls_target *target, const uint8_t master[WTR_TLS_MASTER], const char *key,
                        const char *key_origin);
bool wtr_tls_try_premaster(struct wtr_tls_target *target, struct wtr_text premaster, const char *key,
                           const char *key_origin);
/* Why no key that is there can open the connection; NULL: one may. */
const char *wtr_tls_hopeless(const struct wtr_tls_opening *o);
/* Keeps the master secret under the names by which a later connection may go on with it. */
void wtr_tls_keep_resumable(struct wtr_tls_opening *o);
/* Notes what would have opened the connection. */
void wtr_tls_note_wanted(const struct wtr_tls_opening *o);

/* ---- tls_psk.c */

/* Tries the pre-shared keys that fit the identity. */
bool wtr_tls_try_psks(struct wtr_tls_target *target);
/* Whether there are any to try. */
bool wtr_tls_has_psk(const struct wtr_tls_opening *o);

/* ---- tls_traffic.c */

/* As wtr_tls_unseal_next, in TLS 1.3; changes keys where the record calls for it. */
const char *wtr_tls_open_modern(struct wtr_tls_target *target);
/* An opened handshake message of that direction: keys may change behind it. */
void wtr_tls_modern_handshake(struct wtr_tls_opening *o, enum wtr_direction direction, uint8_t type);
const char *wtr_tls_modern_hopeless(const struct wtr_tls_opening *o);

static inline bool wtr_tls_is_modern(const struct wtr_tls_opening *o)
{
    const struct wtr_tls_session *s = o->session;
    return s->server_hello_seen ? s->version == WTR_TLS_1_3 : s->offered_early_data && !s->datagram;
}

/* ---- tls_inside.c */

void wtr_tls_inside(struct wtr_tls_opening *o, enum wtr_direction direction, struct wtr_text plain,
                    struct wtr_sink *sink);
void wtr_tls_inside_free(struct wtr_tls_opening *o);

#endif
