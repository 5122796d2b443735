/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP and WebSocket files share among themselves: heads, bodies, and the state of a connection. */
#ifndef WTR_PROTOCOL_HTTP_WIRE_H
#define WTR_PROTOCOL_HTTP_WIRE_H

#include "protocol/http.h"
#include "protocol/piece_list.h"

enum {
    WTR_HTTP_MAX_START_LINE = 8 << 10,
    WTR_HTTP_MAX_HEAD = 64 << 10,
    WTR_HTTP_MAX_DULL_BODY =
        16 << 10, /* of a content type that says nothing of plugs: longer ones are left */
    WTR_HTTP_MAX_ENCODED = WTR_HTTP_MAX_BODY + (128 << 10), /* of a body with its codings */
    WTR_HTTP_MAX_LINE = 1 << 10, /* a chunk's size with its extensions, or a trailer field */
};

enum wtr_http_verdict {
    WTR_HTTP_WHOLE,
    WTR_HTTP_MORE,   /* more bytes are needed */
    WTR_HTTP_BROKEN, /* it is not HTTP, or breaks its rules */
};

enum wtr_http_coding { WTR_HTTP_IDENTITY, WTR_HTTP_GZIP, WTR_HTTP_DEFLATE, WTR_HTTP_OTHER_CODING };

/* A head as it stands: the message without its body, and what it says of that. */
struct wtr_http_head {
    struct wtr_http http;
    size_t length; /* of the head, with the empty line that ends it */
    bool has_length;
    uint64_t content_length;
    bool chunked;
    bool has_host;
    bool other_transfer; /* a transfer coding that is not read */
    enum wtr_http_coding coding;
    bool upgrade_websocket; /* Upgrade names it */
    struct wtr_text content_type;
    const char *remark; /* what breaks the specification although the message can be read; NULL: nothing */
};

/* Whether the bytes begin with a request line or a status line. */
enum wtr_http_verdict wtr_http_judge_start(const uint8_t *bytes, size_t available);
/* Looks for the empty line that ends a head, from *scanned on; true if it is there, and *length is set. */
bool wtr_http_find_end(const uint8_t *bytes, size_t available, size_t *scanned, size_t *length);
/* Reads the head of `length` bytes; false, and *reason says why, if it is malformed. */
bool wtr_http_read_head(const uint8_t *bytes, size_t length, struct wtr_http_head *head, const char **reason);

/* ---- bodies (http_body.c) */

enum wtr_http_extent {
    WTR_HTTP_NO_BODY,
    WTR_HTTP_BY_LENGTH,
    WTR_HTTP_BY_CHUNKS,
    WTR_HTTP_UNTIL_CLOSE,
};

/* How long the body is (RFC 9112 6.3). `request_method` is the method of the request that a response answers,
 * data NULL where that was not seen. */
enum wtr_http_extent wtr_http_extent_of(const struct wtr_http_head *head, struct wtr_text request_method);

/* The longest body that is read: none of a stream of events or pictures, little of what pages are made of. */
size_t wtr_http_body_limit(const struct wtr_http_head *head);

/* A walk through a chunked body. */
struct wtr_http_chunks {
    size_t at;     /* the first byte not walked through, from the body's start */
    uint64_t left; /* of the chunk at hand's data */
    uint64_t data; /* bytes of data walked through */
    size_t line;   /* bytes of an unfinished line that were searched for its end */
    size_t trailer;
    enum { WTR_HTTP_CHUNK_SIZE, WTR_HTTP_CHUNK_DATA, WTR_HTTP_CHUNK_END, WTR_HTTP_CHUNK_TRAILER } state;
};

/* Walks on as far as the body's bytes reach. WHOLE: `at` is behind its end. */
enum wtr_http_verdict wtr_http_walk_chunks(struct wtr_http_chunks *chunks, const uint8_t *body,
                                           size_t available, const char **reason);

/* Room in which bodies are freed from their codings. */
struct wtr_http_room {
    struct wtr_buffer plain; /* the head and the body without codings */
    struct wtr_buffer joined;
    struct wtr_piece_list pieces;
    struct wtr_opening opening;
};

/* A message with its codings. */
struct wtr_http_encoded {
    struct wtr_span span; /* all bytes of the message */
    size_t head_length;
    bool chunked;
    enum wtr_http_coding coding;
};

/* Makes the span of the head and the body without codings, in `room`. False, and *reason says why, if the
 * body can't be read; with *cut only its beginning was kept. */
bool wtr_http_decode_body(struct wtr_http_room *room, const struct wtr_http_encoded *encoded,
                          struct wtr_span *span, bool *cut, const char **reason);
void wtr_http_free_room(struct wtr_http_room *room);

/* Inflates into `out`, up to `limit` bytes more; false if the data is damaged. *cut: there is more. `window`
 * is zlib's windowBits. (http_coding.c) */
bool wtr_http_inflate(struct wtr_text data, enum wtr_http_coding coding, size_t limit, struct wtr_buffer *out,
                      bool *cut);

/* ---- the connection */

enum wtr_http_phase {
    WTR_HTTP_AT_START,  /* a head comes next */
    WTR_HTTP_IN_BODY,   /* a body whose message is handed out when it is whole */
    WTR_HTTP_PASS_BODY, /* a body that is not read */
    WTR_HTTP_LOST,      /* the next message must be found again */
    WTR_HTTP_FRAMES,    /* WebSocket */
    WTR_HTTP_ANOTHER,   /* the connection was given to another protocol, or nothing more can follow */
};

/* What stands before the first unread byte of a direction whose messages must be found again. */
enum wtr_http_front { WTR_HTTP_FRONT_START, WTR_HTTP_FRONT_SEGMENT, WTR_HTTP_FRONT_UNKNOWN };

/* How the next message of a direction is found; see http_search.c. */
struct wtr_http_finder {
    enum wtr_http_front front;
    uint64_t front_segment; /* its length, if front says so */
    int64_t front_ns;       /* and its time; INT64_MAX: not known */
    uint64_t longest_segment;
    uint64_t last_segment;
    bool cut;  /* the unread bytes begin inside a segment */
    bool told; /* a finding has said that bytes are passed over */
};

struct wtr_http_side {
    enum wtr_http_phase phase;
    struct wtr_http_finder finder;
    size_t scanned; /* of a head whose end is looked for */
    enum wtr_http_extent extent;
    size_t head_length;
    uint64_t body_length; /* BY_LENGTH; of a body that is passed over, what is left of it */
    size_t body_limit;
    struct wtr_http_chunks chunks;
    uint64_t have;   /* bytes of the message at hand that were there */
    uint64_t number; /* of the message at hand: the n-th request, or the request that is answered */
};

/* A request that waits for its response. */
struct wtr_http_kept {
    uint64_t number;
    bool is_head, is_connect, upgrades;
    bool has_message;
    struct wtr_http http; /* over `bytes` */
    struct wtr_buffer bytes;
};

struct wtr_websocket_state;

struct wtr_http_session {
    bool mid_stream;
    bool roles_known;
    enum wtr_direction client; /* the direction of requests; meaningful if roles_known */
    uint64_t requests;         /* heads of requests, and of final responses, counted from the start */
    uint64_t responses;
    uint64_t certain; /* up to this number the n-th response answers the n-th request */
    struct wtr_http_side side[2];
    struct wtr_http_kept *kept[WTR_HTTP_MAX_PIPELINED]; /* at its number modulo their count */
    struct wtr_http_kept *spare;
    uint64_t upgrading; /* number of the last request that asks for WebSocket and has no response; 0: none */
    struct wtr_http_kept *upgrade; /* the request by which WebSocket began */
    struct wtr_websocket_state *websocket;
    struct wtr_http_room room;
    struct wtr_piece_list pieces; /* of the message being handed out, as it stands */
};

/* ---- pairs (http_pair.c) */

/* Numbers a request whose head was read. */
void wtr_http_pair_request(struct wtr_http_session *session, struct wtr_http_side *side,
                           const struct wtr_http_head *head);
/* Keeps the request for its response. */
void wtr_http_keep_request(struct wtr_http_session *session, uint64_t number, const struct wtr_span *span,
                           const struct wtr_http *http);
/* Numbers a response; the request that it answers, NULL if that is not certain. */
const struct wtr_http_kept *wtr_http_pair_response(struct wtr_http_session *session,
                                                   struct wtr_http_side *side,
                                                   const struct wtr_http_head *head);
/* The request of this number that still waits; NULL: none. */
struct wtr_http_kept *wtr_http_waiting(const struct wtr_http_session *session, uint64_t number);
/* What joins the message of this number to its pair; 0: nothing certain. */
uint64_t wtr_http_exchange(const struct wtr_http_session *session, uint64_t number);
/* The response of this number was handed out, or lost. */
void wtr_http_answered(struct wtr_http_session *session, uint64_t number);
/* The request of this number began WebSocket: it is kept for as long as the connection lasts. */
void wtr_http_keep_upgrade(struct wtr_http_session *session, uint64_t number);
/* How many messages of this direction there are is not known any more. */
void wtr_http_unpair(struct wtr_http_session *session, enum wtr_direction direction);
void wtr_http_free_pairs(struct wtr_http_session *session);

/* ---- losses (http_search.c) */

/* Looks for the next message from *at on; *at is moved past what holds none. True if one begins there. */
bool wtr_http_search(struct wtr_http_session *session, enum wtr_direction direction,
                     const struct wtr_span *span, size_t *at);
/* Whether a message may begin with the piece, by what stands before it. */
bool wtr_http_may_begin(const struct wtr_http_finder *finder, const struct wtr_piece *piece);
/* The piece was passed over, and stands before what comes now. */
void wtr_http_note_front(struct wtr_http_finder *finder, const struct wtr_piece *piece);
void wtr_http_note_segment(struct wtr_http_finder *finder, const struct wtr_span *unread);
/* Bytes were lost behind what was seen last. */
void wtr_http_note_gap(struct wtr_http_finder *finder, uint64_t missing);
/* The rest of the segment that holds `at` can't be read; returns its end. */
size_t wtr_http_pass_segment(struct wtr_http_finder *finder, const struct wtr_span *span, size_t at);
/* Whether the byte at `at` is inside a segment. */
bool wtr_http_is_inside(const struct wtr_http_finder *finder, const struct wtr_span *span, size_t at);

enum wtr_bid wtr_http_probe(const struct wtr_probe *probe);
void wtr_http_fields(const struct wtr_message *message, struct wtr_json_writer *out);

#endif
