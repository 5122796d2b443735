/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the TLS, DTLS and QUIC readers share: hellos taken apart, the memory of a connection, and
 * how handshake messages are put together and told. */
#ifndef WTR_PROTOCOL_TLS_WIRE_H
#define WTR_PROTOCOL_TLS_WIRE_H

#include "base/bytes.h"
#include "base/text.h"
#include "protocol/piece_list.h"
#include "protocol/tls_open.h"

/* Extensions that are read (IANA, TLS ExtensionType Values). */
enum wtr_tls_extension_type {
    WTR_TLS_SERVER_NAME = 0,
    WTR_TLS_MAX_FRAGMENT_LENGTH = 1,
    WTR_TLS_TRUNCATED_HMAC = 4,
    WTR_TLS_SUPPORTED_GROUPS = 10,
    WTR_TLS_EC_POINT_FORMATS = 11,
    WTR_TLS_SIGNATURE_ALGORITHMS = 13,
    WTR_TLS_ALPN = 16,
    WTR_TLS_ENCRYPT_THEN_MAC = 22,
    WTR_TLS_EXTENDED_MASTER_SECRET = 23,
    WTR_TLS_RECORD_SIZE_LIMIT = 28,
    WTR_TLS_SESSION_TICKET = 35,
    WTR_TLS_PRE_SHARED_KEY = 41,
    WTR_TLS_EARLY_DATA = 42,
    WTR_TLS_SUPPORTED_VERSIONS = 43,
    WTR_TLS_COOKIE = 44,
    WTR_TLS_PSK_KEY_EXCHANGE_MODES = 45,
    WTR_TLS_SIGNATURE_ALGORITHMS_CERT = 50,
    WTR_TLS_KEY_SHARE = 51,
};

enum { WTR_TLS_HEADER = 5, WTR_DTLS_HEADER = 13, WTR_TLS_MESSAGE_HEADER = 4, WTR_DTLS_MESSAGE_HEADER = 12 };

/* ---- tls_hello.c */

/* A ClientHello or ServerHello. Texts point into its body. */
struct wtr_tls_hello {
    uint16_t version; /* as it stands in the hello: of TLS 1.3 that of 1.2 */
    struct wtr_text random, session_id;
    struct wtr_text cookie;       /* ClientHello of DTLS */
    struct wtr_text suites;       /* ClientHello: two bytes each */
    struct wtr_text compressions; /* ClientHello */
    uint16_t suite;               /* ServerHello */
    uint8_t compression;          /* ServerHello */
    bool has_extensions;
    struct wtr_text extensions; /* without the length of them all */
    bool loose;                 /* bytes follow that are none of its fields */
};

struct wtr_tls_extension {
    uint16_t type;
    struct wtr_text data;
};

/* Take a message's body apart. False: it ends too early. */
bool wtr_tls_read_client_hello(struct wtr_text body, bool datagram, struct wtr_tls_hello *hello);
bool wtr_tls_read_server_hello(struct wtr_text body, struct wtr_tls_hello *hello);
/* Goes through the extensions; *at starts at 0. False: no more, or the rest has not the form of any. */
bool wtr_tls_next_extension(const struct wtr_tls_hello *hello, size_t *at, struct wtr_tls_extension *out);
/* The first extension of the type. */
bool wtr_tls_find_extension(const struct wtr_tls_hello *hello, uint16_t type, struct wtr_text *data);
/* Numbers of two bytes behind a length of two (or one) bytes, as far as they are there. */
struct wtr_text wtr_tls_list16(struct wtr_text data);
struct wtr_text wtr_tls_list8(struct wtr_text data);
static inline uint16_t wtr_tls_number(struct wtr_text list, size_t i)
{
    return wtr_be16((const uint8_t *)list.data + 2 * i);
}
/* Values that are reserved so that unknown ones go on being tolerated (RFC 8701 2). */
static inline bool wtr_tls_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff);
}

/* The first host_name of server_name; data NULL: none. */
struct wtr_text wtr_tls_host_name(const struct wtr_tls_hello *hello);
/* Goes through the names of an ALPN extension; *at starts at 0. */
bool wtr_tls_next_protocol(struct wtr_text data, size_t *at, struct wtr_text *name);
/* The highest version that a ClientHello offers, GREASE aside. */
uint16_t wtr_tls_offered_version(const struct wtr_tls_hello *hello);
/* The version that a ServerHello chooses. */
uint16_t wtr_tls_chosen_version(const struct wtr_tls_hello *hello);
/* A ServerHello that is a HelloRetryRequest (RFC 8446 4.1.3). */
bool wtr_tls_is_retry(const struct wtr_tls_hello *hello);

/* ---- tls_fingerprint.c */

/* JA3 and JA3S: MD5 of the hello's numbers; false, and an empty text, if there is no memory. */
bool wtr_tls_ja3(const struct wtr_tls_hello *client, char out[WTR_JA3_TEXT]);
bool wtr_tls_ja3s(const struct wtr_tls_hello *server, char out[WTR_JA3_TEXT]);
/* JA4; `transport` is 't', 'd' or 'q'. */
bool wtr_tls_ja4(const struct wtr_tls_hello *client, char transport, char out[WTR_JA4_TEXT]);

/* ---- tls_names.c: IANA's names; NULL: not listed */

const char *wtr_tls_extension_name(uint16_t type);
const char *wtr_tls_alert_name(uint8_t description);
const char *wtr_tls_handshake_name(uint8_t type);

/* ---- tls_certificate.c */

/* Takes the certificates of a Certificate message's body: each as `take` is handed it. False: the message's
 * form is broken. `v13`: the form of TLS 1.3 (RFC 8446 4.4.2). */
bool wtr_tls_each_certificate(struct wtr_text body, bool v13,
                              void (*take)(void *payload, struct wtr_text der), void *payload);
/* Hashes it, and reads it with mbedTLS. False: no memory. */
bool wtr_tls_read_certificate(struct wtr_text der, struct wtr_tls_certificate *certificate);
void wtr_tls_forget_certificate(struct wtr_tls_certificate *certificate);

/* ---- tls_state.c: what messages tell of the connection */

/* Takes what a whole handshake message says; returns what is wrong with it, or NULL. */
const char *wtr_tls_take_handshake(struct wtr_tls_session *session, enum wtr_direction direction,
                                   const struct wtr_tls_handshake *message);
/* Frees what the session keeps. */
void wtr_tls_free_session(struct wtr_tls_session *session);

/* ---- tls_memory.c: a connection's memory beyond what others see, the same for TLS and DTLS */

/* Handshake bytes of opened records that are not whole messages yet. */
struct wtr_tls_assembly {
    uint8_t *bytes;
    size_t length, capacity;
    struct wtr_piece_list pieces;
    size_t pass; /* bytes of a message that is too long, still to come */
};

struct wtr_tls_memory {
    struct wtr_tls_session session;
    const struct wtr_protocol *protocol;
    struct wtr_session_setup setup;
    bool opener_asked;
    void *opener; /* the opener's state; NULL: there is none */
    struct wtr_tls_assembly opened[2];
    /* What the session as a whole cites: the first ClientHello, or else what was seen first. */
    bool cites_hello;
    struct wtr_text cited;
    struct wtr_piece_list cited_pieces;
    const struct wtr_opening *cited_opening; /* of QUIC */
};

/* What is being read: of which connection, which way, and where it is told. */
struct wtr_tls_place {
    struct wtr_tls_memory *memory;
    enum wtr_direction direction;
    bool encrypted;
    struct wtr_sink *sink;
    const struct wtr_datagram *about; /* as in struct wtr_message */
};

void wtr_tls_free_memory(struct wtr_tls_memory *memory);
/* A whole handshake message; the span is what it is cited by. */
void wtr_tls_tell_handshake(const struct wtr_tls_place *place, const struct wtr_tls_handshake *message,
                            const struct wtr_span *span);
/* An alert, and a change of ciphers. */
void wtr_tls_tell_alert(const struct wtr_tls_place *place, const struct wtr_span *body);
void wtr_tls_tell_change(const struct wtr_tls_place *place, const struct wtr_span *body);
/* The connection as a whole, if any of it was seen. `about`: a datagram of the client's, for one of
 * datagrams.
 */
void wtr_tls_tell_session(struct wtr_tls_memory *memory, const struct wtr_datagram *about,
                          struct wtr_sink *sink);
/* Something that can't be read. */
void wtr_tls_find(const struct wtr_tls_place *place, const struct wtr_span *span, size_t at, size_t length,
                  const char *reason);
/* Counts a record. */
void wtr_tls_count(struct wtr_tls_memory *memory, const struct wtr_tls_record *record, size_t header);
/* Keeps the bytes that the session as a whole cites, unless there are better ones. */
void wtr_tls_cite(struct wtr_tls_memory *memory, const struct wtr_span *span, bool hello);

/* ---- tls_opening.c: the opener, if there is one */

/* Whether the record's body is wanted. */
bool wtr_tls_wants(struct wtr_tls_memory *memory, const struct wtr_tls_record *record);
extern const char wtr_tls_too_long[];
/* Opens the record, and tells what is inside. */
void wtr_tls_open_record(const struct wtr_tls_place *place, const struct wtr_tls_record *record,
                         const struct wtr_span *whole);
void wtr_tls_opener_handshake(struct wtr_tls_memory *memory, enum wtr_direction direction,
                              const struct wtr_tls_handshake *message);
void wtr_tls_opener_change(struct wtr_tls_memory *memory, enum wtr_direction direction);
void wtr_tls_opener_gap(struct wtr_tls_memory *memory, enum wtr_direction direction);
/* Nothing more comes: what is inside and not told yet is, and the verdict is taken. */
void wtr_tls_opener_finish(struct wtr_tls_memory *memory, struct wtr_sink *sink);
void wtr_tls_opener_close(struct wtr_tls_memory *memory);

/* ---- tls_fields.c */

void wtr_tls_fields(const struct wtr_message *message, struct wtr_json_writer *out);
/* tls_hello_fields.c */
void wtr_tls_client_hello_fields(struct wtr_text body, char transport, struct wtr_json_writer *out);
void wtr_tls_server_hello_fields(struct wtr_text body, struct wtr_json_writer *out);
void wtr_tls_put_suite(struct wtr_json_writer *out, uint16_t suite);
void wtr_tls_put_version(struct wtr_json_writer *out, const char *name, uint16_t version);

#endif
