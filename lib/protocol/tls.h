/* SPDX-License-Identifier: Apache-2.0 */
/* TLS 1.0 to 1.3 over TCP (RFC 2246, 4346, 5246, 8446) and DTLS 1.0 and 1.2 over UDP (RFC 4347, 6347), as an
 * onlooker reads them: records, the handshake messages that are in clear, and what the connection amounts to.
 *
 * A message that is handed out is a handshake message in clear ("client_hello" …), an alert in clear, a
 * change of ciphers, or, when nothing more can come, one "session": no message of the protocol, but the
 * connection as a whole. Its span is that of the hello that began it. The bodies of enciphered records are
 * passed over without being copied, unless an opener (tls_open.h) wants them. */
#ifndef WTR_PROTOCOL_TLS_H
#define WTR_PROTOCOL_TLS_H

#include "protocol/protocol.h"

/* Content types of records (RFC 8446 5.1, RFC 6520 3, RFC 9146 4, RFC 9147 4). */
enum wtr_tls_content {
    WTR_TLS_CHANGE_CIPHER_SPEC = 20,
    WTR_TLS_ALERT = 21,
    WTR_TLS_HANDSHAKE = 22,
    WTR_TLS_APPLICATION_DATA = 23,
    WTR_TLS_HEARTBEAT = 24,
    WTR_TLS_CID = 25,
    WTR_TLS_ACK = 26,
};

/* Handshake types (RFC 8446 4, and those of earlier versions in its B.3). */
enum wtr_tls_handshake_type {
    WTR_TLS_HELLO_REQUEST = 0,
    WTR_TLS_CLIENT_HELLO = 1,
    WTR_TLS_SERVER_HELLO = 2, /* a HelloRetryRequest is one, too (RFC 8446 4.1.3) */
    WTR_TLS_HELLO_VERIFY_REQUEST = 3,
    WTR_TLS_NEW_SESSION_TICKET = 4,
    WTR_TLS_END_OF_EARLY_DATA = 5,
    WTR_TLS_ENCRYPTED_EXTENSIONS = 8,
    WTR_TLS_CERTIFICATE = 11,
    WTR_TLS_SERVER_KEY_EXCHANGE = 12,
    WTR_TLS_CERTIFICATE_REQUEST = 13,
    WTR_TLS_SERVER_HELLO_DONE = 14,
    WTR_TLS_CERTIFICATE_VERIFY = 15,
    WTR_TLS_CLIENT_KEY_EXCHANGE = 16,
    WTR_TLS_FINISHED = 20,
    WTR_TLS_CERTIFICATE_STATUS = 22,
    WTR_TLS_KEY_UPDATE = 24,
    WTR_TLS_MESSAGE_HASH = 254,
};

/* Versions as they stand in records and hellos. */
enum {
    WTR_SSL_3 = 0x0300,
    WTR_TLS_1_0 = 0x0301,
    WTR_TLS_1_1 = 0x0302,
    WTR_TLS_1_2 = 0x0303,
    WTR_TLS_1_3 = 0x0304,
    WTR_DTLS_1_0 = 0xfeff,
    WTR_DTLS_1_2 = 0xfefd,
    WTR_DTLS_1_3 = 0xfefc,
    WTR_DTLS_OLD = 0x0100, /* DTLS 1.0 as OpenSSL had it before 0.9.8f (DTLS1_BAD_VER) */
};

/* Whether the version is TLS 1.3, DTLS 1.3, or one of the drafts of TLS 1.3, which were numbered 0x7fnn. */
static inline bool wtr_tls_is_13(uint16_t version)
{
    return version == WTR_TLS_1_3 || version == WTR_DTLS_1_3 || version >> 8 == 0x7f;
}

enum {
    WTR_TLS_MAX_BODY = (1 << 14) + 2048, /* of a record (RFC 5246 6.2.3) */
    WTR_TLS_MAX_HANDSHAKE = 1 << 18,     /* handshake messages longer than this are passed over */
    WTR_TLS_MAX_KEPT = 1 << 14,          /* bytes kept of a hello, a ticket or an identity */
    WTR_TLS_MAX_CERTIFICATES = 8,        /* of one chain that are listed */
    WTR_TLS_RANDOM = 32,
    WTR_JA3_TEXT = 33, /* with the NUL */
    WTR_JA4_TEXT = 37,
};

/* A record as its header shows it. */
struct wtr_tls_record {
    int64_t time_ns; /* of the frame with its first byte */
    enum wtr_direction direction;
    uint8_t content_type; /* as in the header: of TLS 1.3's enciphered records always application_data */
    uint16_t version;     /* as in the header */
    uint32_t length;      /* of its body: without the header, enciphered as it stands */
    bool encrypted;       /* the body is enciphered */
    /* Of an enciphered one: its number among those of the direction since the last change_cipher_spec (TLS
     * 1.2), or since the first one (1.3; the opener counts from where keys change). Meaningless once
     * side.lost is set. DTLS: epoch and sequence_number of its header. */
    uint16_t epoch;
    uint64_t sequence;
    struct wtr_origin origin; /* header and body, as far as they lie in the first frame */
};

/* A handshake message, whole and put together. */
struct wtr_tls_handshake {
    uint8_t type;
    uint16_t message_seq; /* DTLS */
    bool datagram;        /* DTLS */
    bool encrypted;       /* it came in an enciphered record, which an opener opened */
    struct wtr_text body;
    /* The message with its header, as transcripts take it: 4 bytes before the body, in DTLS 12 (RFC 6347
     * 4.2.6: fragment_offset 0, fragment_length all). */
    struct wtr_text bytes;
    uint16_t version; /* as far as it is known by now; 0: not */
};

/* An alert in clear (RFC 8446 6). */
struct wtr_tls_alert {
    uint8_t level, description;
    bool encrypted;
};

/* What one end of a connection sent. */
struct wtr_tls_side {
    bool seen;               /* any record */
    bool change_cipher_spec; /* what follows is enciphered (up to 1.2) */
    bool lost;        /* bytes were lost or could not be read: enciphered records' numbers are not known */
    bool passing;     /* the rest of the stream is not read */
    uint64_t records; /* all */
    uint64_t application_records; /* with the content type application_data */
    uint64_t application_bytes;   /* their bodies */
    uint64_t bytes;               /* records with their headers */
    uint64_t sequence;            /* of the next enciphered record */
    uint8_t alert_level, alert;   /* the last one in clear; level 0: none */
    int64_t first_ns, last_ns;    /* the first and the last record */
};

/* A certificate of the server's or the client's chain, in clear (or opened). */
struct wtr_tls_certificate {
    uint8_t sha256[32];
    bool read; /* mbedTLS could parse it: the rest is set */
    bool has_spki;
    uint8_t spki_sha256[32];
    char *subject, *issuer;              /* RFC 4514-like, as mbedTLS writes names; NULL: too long */
    char serial[65];                     /* hexadecimal */
    char not_before[21], not_after[21];  /* "2026-11-23T04:05:06Z" */
    int64_t not_before_ns, not_after_ns; /* at the end of what can be held where they lie beyond it */
};

struct wtr_tls_chain {
    bool opened;  /* it was not in clear */
    size_t count; /* certificates in the message, which may be more than are listed */
    struct wtr_tls_certificate *list[WTR_TLS_MAX_CERTIFICATES];
};

/* How a handshake was shortened. */
enum wtr_tls_resumption {
    WTR_TLS_NOT_RESUMED,
    WTR_TLS_RESUMED_ID,     /* the server echoed the session id that the client offered */
    WTR_TLS_RESUMED_TICKET, /* the same, and the client had offered a ticket (RFC 5077 3.4) */
    WTR_TLS_RESUMED_PSK,    /* TLS 1.3: the server chose a pre-shared key, which may be a ticket's or not */
};

/* What became of the enciphered records. Texts last as long as the session and the keyring. */
struct wtr_tls_verdict {
    bool opened;     /* some were opened, and proved it */
    const char *key; /* by what: "key log …", "psk …" */
    const char *key_origin;
    const char *why; /* what was not opened: why; NULL: nothing to say */
};

/* What is known of a connection. */
struct wtr_tls_session {
    bool datagram;   /* DTLS */
    bool quic;       /* the hellos of a QUIC connection: there are no records */
    bool mid_stream; /* the beginning was not seen */
    bool client_hello_seen, server_hello_seen, retried; /* retried: by a HelloRetryRequest */
    bool verified;                                      /* by a HelloVerifyRequest (DTLS) */
    uint16_t version;                                   /* negotiated; 0: not known */
    uint16_t record_version;                            /* of the last record in clear */
    uint16_t offered_version;                           /* the highest of the ClientHello */
    uint16_t suite;                                     /* chosen; only with server_hello_seen */
    uint8_t compression;                                /* chosen */
    uint8_t client_random[WTR_TLS_RANDOM], server_random[WTR_TLS_RANDOM];
    uint8_t session_id[32], client_session_id[32]; /* the server's, and the one that the client sent */
    uint8_t session_id_length, client_session_id_length;
    struct wtr_text ticket;       /* that the client offered (RFC 5077), kept */
    struct wtr_text new_ticket;   /* that the server gave in clear (RFC 5077), kept */
    bool server_hello_done;       /* the server's part of a full handshake was seen to its end */
    struct wtr_text psk_identity; /* up to 1.2: of the ClientKeyExchange, once the suite is a PSK one; kept */
    struct wtr_text psk_hint;     /* of the ServerKeyExchange; kept; data NULL: none */
    struct wtr_text sni;          /* the first host_name of the first ClientHello; in client_hello */
    struct wtr_text alpn;         /* that the server chose in clear (or opened); kept */
    bool has_alpn, alpn_opened;   /* alpn_opened: it was not in clear */
    bool extended_master_secret, encrypt_then_mac, truncated_hmac; /* agreed: both hellos have them */
    uint8_t max_fragment_length;                                   /* agreed (RFC 6066 4); 0: none */
    uint16_t record_size_limit[2];                                 /* each end's (RFC 8449); 0: none */
    bool offered_early_data;                                       /* the client sent early_data */
    bool chose_psk; /* TLS 1.3: the ServerHello has pre_shared_key, with this index */
    uint16_t psk_index;
    bool dhe; /* TLS 1.3: the ServerHello has key_share */
    enum wtr_tls_resumption resumption;
    char ja3[WTR_JA3_TEXT], ja4[WTR_JA4_TEXT]; /* of the first ClientHello; empty: none, or not readable */
    char ja3s[WTR_JA3_TEXT];                   /* of the ServerHello */
    /* The first ClientHello, handshake header and all, and WTR_TLS_MAX_KEPT bytes at most. */
    struct wtr_text client_hello;
    struct wtr_tls_chain chain[2]; /* by the direction in which it was sent */
    struct wtr_tls_side side[2];
    struct wtr_tls_verdict verdict;
};

struct wtr_quic_packet;

/* The body of each message. Types are "client_hello", "hello_retry_request" and so on, "handshake" for a
 * number without a name, "alert", "change_cipher_spec" and "session". `session` of struct wtr_message is the
 * struct wtr_tls_session. */
struct wtr_tls_message {
    uint8_t content_type;                      /* 0: the whole session */
    const struct wtr_tls_handshake *handshake; /* content_type handshake */
    const struct wtr_tls_alert *alert;         /* content_type alert */
    const struct wtr_quic_packet *packet;      /* QUIC: a packet; else NULL */
};

/* IANA's name of a cipher suite; "TLS 1.2", "DTLS 1.0"; NULL: not listed. */
const char *wtr_tls_suite_name(uint16_t suite);
const char *wtr_tls_version_name(uint16_t version);
/* "session_id" and so on; NULL: not resumed. */
const char *wtr_tls_resumption_name(enum wtr_tls_resumption resumption);

/* What the state that wtr_tls keeps of a stream knows of its connection. */
const struct wtr_tls_session *wtr_tls_session_of(const void *state);

extern const struct wtr_protocol wtr_tls;
extern const struct wtr_protocol wtr_dtls;

#endif
