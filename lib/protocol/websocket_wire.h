/* SPDX-License-Identifier: Apache-2.0 */
/* What the WebSocket files share among themselves: frames, and the state of an upgraded connection. */
#ifndef WTR_PROTOCOL_WEBSOCKET_WIRE_H
#define WTR_PROTOCOL_WEBSOCKET_WIRE_H

#include "protocol/http_wire.h"
#include "protocol/mqtt.h"

enum wtr_websocket_opcode {
    WTR_WEBSOCKET_CONTINUATION = 0,
    WTR_WEBSOCKET_TEXT = 1,
    WTR_WEBSOCKET_BINARY = 2,
    WTR_WEBSOCKET_CLOSE = 8,
    WTR_WEBSOCKET_PING = 9,
    WTR_WEBSOCKET_PONG = 10,
};

enum { WTR_WEBSOCKET_MAX_MESSAGE = WTR_HTTP_MAX_BODY };

/* A frame's header (RFC 6455 5.2). */
struct wtr_websocket_frame {
    bool fin;
    bool rsv1; /* of a message's first frame: it is compressed (RFC 7692 6) */
    uint8_t opcode;
    bool masked;
    uint8_t mask[4];
    size_t header;   /* its length */
    uint64_t length; /* of the payload */
};

/* Reads the header at the front; BROKEN, and *reason says why, if no rule allows it. */
enum wtr_http_verdict wtr_websocket_read_frame(const uint8_t *bytes, size_t available,
                                               struct wtr_websocket_frame *frame, const char **reason);
static inline bool wtr_websocket_is_control(uint8_t opcode)
{
    return opcode >= WTR_WEBSOCKET_CLOSE;
}
/* Appends the payload without its mask. */
void wtr_websocket_unmask(struct wtr_buffer *out, const struct wtr_websocket_frame *frame,
                          const uint8_t *payload, size_t length);

struct wtr_websocket_inflater;

struct wtr_websocket_side {
    /* The message being put together: the first frame's header, then the payloads. */
    size_t header;
    struct wtr_buffer plain;
    struct wtr_piece_list pieces;
    uint8_t opcode; /* 0: none */
    bool compressed;
    bool ignore;       /* the rest of a message that can't be put together is to come */
    bool last;         /* the frame that the unread bytes begin ends its message */
    bool lost;         /* frames must be found again */
    bool context_lost; /* what was compressed before, to which what follows refers, was not seen */
    uint64_t expected; /* the length of the frame that the unread bytes begin; 0: not known */
    uint64_t have;     /* bytes of it that were there */
    uint64_t skip;     /* bytes of a frame that is passed over still to come */
    struct wtr_websocket_inflater *inflater;
    /* What MQTT has not read yet. */
    struct wtr_buffer unread;
    struct wtr_piece_list unread_pieces;
};

struct wtr_websocket_state {
    struct wtr_websocket_side side[2];
    bool deflate;       /* permessage-deflate was agreed on */
    bool no_context[2]; /* that end begins each message anew */
    bool mqtt;          /* the subprotocol is MQTT */
    struct wtr_mqtt_session inner;
    struct wtr_buffer scratch;
    struct wtr_opening opening;
};

/* ---- websocket_handshake.c */

/* Whether Sec-WebSocket-Accept answers Sec-WebSocket-Key. */
bool wtr_websocket_accepts(struct wtr_text key, struct wtr_text accept);
/* Begins WebSocket on the connection whose upgrade this response confirms. */
void wtr_websocket_begin(struct wtr_http_session *session, const struct wtr_http *response);
void wtr_websocket_free(struct wtr_websocket_state *state);

/* ---- websocket.c */

/* Reads frames from `at` on; returns where it stopped. */
size_t wtr_websocket_read(struct wtr_http_session *session, enum wtr_direction direction,
                          const struct wtr_span *span, size_t at, struct wtr_sink *sink);
void wtr_websocket_gap(struct wtr_http_session *session, enum wtr_direction direction, uint64_t missing);

/* ---- websocket_search.c */

/* Looks for a frame from *at on, as wtr_http_search does. */
bool wtr_websocket_search(struct wtr_http_session *session, enum wtr_direction direction,
                          const struct wtr_span *span, size_t *at);

/* ---- websocket_deflate.c */

/* Inflates a message's payload into `out`. False: it can't be. `anew`: nothing before it is referred to. */
bool wtr_websocket_inflate(struct wtr_websocket_side *side, bool anew, struct wtr_text payload,
                           struct wtr_buffer *out);
void wtr_websocket_free_inflater(struct wtr_websocket_inflater *inflater);

/* ---- websocket_mqtt.c */

/* Hands a binary message's payload, the span's bytes from `from` on, to MQTT. */
void wtr_websocket_feed_mqtt(struct wtr_websocket_state *state, enum wtr_direction direction,
                             const struct wtr_span *span, size_t from, struct wtr_sink *sink);
void wtr_websocket_mqtt_gap(struct wtr_websocket_state *state, enum wtr_direction direction);

#endif
