/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112), and WebSocket (RFC 6455) on a connection that was upgraded.
 *
 * Requests and responses are handed out whole, the body without its transfer and content codings: chunked
 * bodies keep their exact places (opening "chunked"), compressed ones cite the whole message ("gzip",
 * "deflate", "chunked+gzip" …). A response is paired with its request (RFC 9112 9.3.2: in order), whose head
 * and body are kept for that, and both bear the same `exchange`. After a loss that leaves the count of
 * messages in doubt, and where the connection's beginning was not seen, nothing is paired: `exchange` is 0
 * and `request` NULL, although the messages are handed out.
 *
 * Cheap for what is of no interest: bodies of pictures, pages, programs and unnamed bytes are read up to
 * 16 KiB, streams of events not at all. Of a longer one, and of any body beyond WTR_HTTP_MAX_BODY or in a
 * coding that is not read, the head is handed out alone as soon as it is there, with body_cut. */
#ifndef WTR_PROTOCOL_HTTP_H
#define WTR_PROTOCOL_HTTP_H

#include "protocol/protocol.h"

enum {
    WTR_HTTP_MAX_HEADERS = 64,
    WTR_HTTP_MAX_BODY = 512 << 10,        /* decoded; a longer body is not read, which is a finding */
    WTR_HTTP_MAX_KEPT_REQUEST = 64 << 10, /* of a request's bytes, until its response was seen */
    WTR_HTTP_MAX_PIPELINED = 16,
};

struct wtr_http_header {
    struct wtr_text name;
    struct wtr_text value; /* without white space around it */
};

/* A request or a response. Its texts point into the message's span (also those of a decoded body: then the
 * span is the head and the decoded body, and its opening names the codings). Interim responses (status 1xx)
 * are messages of their own, with the exchange of the request that still waits. */
struct wtr_http {
    bool is_response;
    struct wtr_text method;  /* request */
    struct wtr_text target;  /* request: as it stands, "/cm?cmnd=Power%20ON" */
    struct wtr_text version; /* "HTTP/1.1" */
    unsigned status;         /* response */
    struct wtr_http_header headers[WTR_HTTP_MAX_HEADERS];
    size_t header_count;
    struct wtr_text body; /* data NULL: there is none, or it was not read */
    bool body_cut;        /* there is more of it than this: it was not read, or goes beyond the bound */
    /* Of a response: the request that it answers; NULL if that is not certain. Its texts are the session's,
     * for the call that hands the response out. */
    const struct wtr_http *request;
};

/* One WebSocket message, put together from its frames and unmasked. */
struct wtr_websocket {
    bool text;      /* a text message; else binary */
    uint8_t opcode; /* 1 text, 2 binary, 8 close, 9 ping, 10 pong */
    struct wtr_text payload;
    const struct wtr_http *request; /* the upgrade: target, host, protocol */
};

/* The first header of the name, compared without case; data NULL if it is not there. */
struct wtr_text wtr_http_header(const struct wtr_http *http, const char *name);

/* Protocol "http" hands out messages of type "request" and "response" whose body is struct wtr_http. */
extern const struct wtr_protocol wtr_http;
/* Messages of WebSocket come from the same streams, as protocol "websocket" over "http": type text, binary,
 * ping, pong, close, body struct wtr_websocket. MQTT in binary messages (subprotocol mqtt) is handed out as
 * protocol "mqtt" over "http/websocket". */
extern const struct wtr_protocol wtr_websocket;

#endif
