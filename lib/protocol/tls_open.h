/* SPDX-License-Identifier: Apache-2.0 */
/* What opens enciphered records: key schedules and record protection. An opener follows the handshake of one
 * connection, is asked of each enciphered record whether it wants it, and gives back the plain text of those
 * that it could open and prove. The TLS and DTLS readers (tls_session.c, dtls_session.c) do all that is not
 * cryptography: framing, putting handshake messages together, in clear and out of opened records alike.
 *
 * The order of calls for a connection: open; then for each record in the order of its direction: handshake
 * (for each whole handshake message), wants and, if it does, record, and for opened application data
 * application; gap where bytes were lost; finish when nothing more comes; close. */
#ifndef WTR_PROTOCOL_TLS_OPEN_H
#define WTR_PROTOCOL_TLS_OPEN_H

#include "protocol/tls.h"

enum wtr_tls_interest {
    WTR_TLS_NEVER,    /* nothing of this connection can be opened any more: verdict is asked for, and the
                         opener closed */
    WTR_TLS_NOT_THIS, /* not this record: its body is passed over */
    WTR_TLS_THIS,     /* its body is wanted whole */
};

/* Plain text. Borrowed until the next call. */
struct wtr_tls_plain {
    uint8_t content_type; /* the inner one */
    const uint8_t *bytes;
    size_t length;
    size_t at; /* where opening->keeps_places: the place in the record, with its header, of the first byte */
    const struct wtr_opening *opening; /* steps, key, where the key came from */
    const char
        *why; /* not opened, with a key that opened others: what is wrong with it; NULL: nothing to say */
};

struct wtr_tls_opener {
    size_t state_size;

    /* `state` is state_size zeroed bytes; the session and what `setup` points to outlive it. Called before
     * the first handshake message. False: it has nothing to offer (no keys at all), and is not asked again.
     */
    bool (*open)(void *state, const struct wtr_tls_session *session, const struct wtr_session_setup *setup);
    void (*close)(void *state);

    /* A handshake message is whole; the session knows already what it says. In TLS also those of opened
     * records (in DTLS these are the opener's own business). Of DTLS each message_seq comes once, in order; a
     * ClientHello that a HelloVerifyRequest or a HelloRetryRequest answers comes, too, and so do these. */
    void (*handshake)(void *state, enum wtr_direction direction, const struct wtr_tls_handshake *message);

    /* The direction changes ciphers (up to 1.2; in 1.3 the message means nothing). */
    void (*change_cipher_spec)(void *state, enum wtr_direction direction);

    /* An enciphered record begins. For TLS also called where the body is not there yet, and again then. */
    enum wtr_tls_interest (*wants)(void *state, const struct wtr_tls_record *record);

    /* A record that it wanted: `whole` is the header (TLS: 5 bytes, DTLS: 13) and the body. True: it was
     * opened, and its authentication holds. */
    bool (*record)(void *state, const struct wtr_tls_record *record, const struct wtr_span *whole,
                   struct wtr_tls_plain *plain);

    /* Opened application data as a span of its own (opaque or not as plain.opening says; its pieces are the
     * record's body's), to be read by the protocols inside, whose messages go to the sink. */
    void (*application)(void *state, const struct wtr_tls_record *record, const struct wtr_span *plain,
                        struct wtr_sink *sink);

    /* Records of the direction were lost, or could not be read. */
    void (*gap)(void *state, enum wtr_direction direction);

    /* Nothing more will come: what inside is not read yet may be said to the sink. */
    void (*finish)(void *state, struct wtr_sink *sink);

    /* What became of the enciphered records. */
    void (*verdict)(const void *state, struct wtr_tls_verdict *verdict);
};

/* The opener; NULL: none is built in. */
extern const struct wtr_tls_opener *const wtr_tls_opener;

#endif
