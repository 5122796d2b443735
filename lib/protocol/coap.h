/* SPDX-License-Identifier: Apache-2.0 */
/* CoAP (RFC 7252) over UDP, with observe (RFC 7641) and block-wise transfer (RFC 7959), and over TCP
 * (RFC 8323). */
#ifndef WTR_PROTOCOL_COAP_H
#define WTR_PROTOCOL_COAP_H

#include "base/text.h"
#include "protocol/protocol.h"

enum wtr_coap_type {
    WTR_COAP_CON = 0, /* confirmable */
    WTR_COAP_NON = 1, /* non-confirmable */
    WTR_COAP_ACK = 2,
    WTR_COAP_RST = 3,
};

/* A code is class << 5 | detail: 0x45 is 2.05. */
#define WTR_COAP_CODE(class, detail) ((uint8_t)((class) << 5 | (detail)))

enum {
    WTR_COAP_EMPTY = 0,
    WTR_COAP_GET = 1,
    WTR_COAP_POST = 2,
    WTR_COAP_PUT = 3,
    WTR_COAP_DELETE = 4,
    WTR_COAP_FETCH = 5,
    WTR_COAP_PATCH = 6,
    WTR_COAP_IPATCH = 7,
    WTR_COAP_COIOT_PUBLISH = 30, /* 0.30, by which Shelly's devices publish their status: no standard's */
};

/* Options that are looked for by number (IANA, CoAP Option Numbers). */
enum {
    WTR_COAP_ETAG = 4,
    WTR_COAP_OBSERVE = 6,
    WTR_COAP_URI_PATH = 11,
    WTR_COAP_CONTENT_FORMAT = 12,
    WTR_COAP_URI_QUERY = 15,
    WTR_COAP_BLOCK2 = 23,
    WTR_COAP_BLOCK1 = 27,
};

enum { WTR_COAP_MAX_ANOMALIES = 8, WTR_COAP_MAX_PATH = 128, WTR_COAP_MAX_BODY = 64 << 10 };

/* What is kept of a request until its answers have come. */
struct wtr_coap_request {
    int64_t time_ns;
    uint8_t code;
    bool cut; /* path and query are longer than what is kept */
    uint8_t path_length, query_length;
    char path[WTR_COAP_MAX_PATH];  /* "/cit/s": the segments of Uri-Path, each behind a slash */
    char query[WTR_COAP_MAX_PATH]; /* the texts of Uri-Query with "&" between them */
};

/* One message. Its texts point into the message's span; a text that it lacks has data NULL. */
struct wtr_coap {
    bool reliable; /* over TCP: without type and message id */
    uint8_t version;
    enum wtr_coap_type type;
    uint8_t code;
    uint16_t message_id;
    struct wtr_text token;
    struct wtr_text options; /* encoded */
    struct wtr_text payload; /* as it came, also where it is one block of a body */

    /* What the exchange tells. */
    bool repeat;       /* the same message was sent before, within its message id's lifetime */
    int64_t repeat_ns; /* how long ago it first was */
    bool notification; /* an answer that came because the resource is observed */
    bool observed;     /* it has an Observe option, or answers a request by which a resource is observed */
    const struct wtr_coap_request *request; /* that it answers; NULL: none, or it was not seen */
    struct wtr_text body;                   /* all blocks put together, in the message that completes them */
    const char *anomalies[WTR_COAP_MAX_ANOMALIES]; /* what is not as the standards have it */
    size_t anomaly_count;
};

/* One option. Zero-initialise; `at` and `number` carry the place from call to call. */
struct wtr_coap_option {
    size_t at;
    uint32_t number;
    struct wtr_text value;
};

/* The next option of a message's encoded options; false at their end. */
bool wtr_coap_next_option(struct wtr_text options, struct wtr_coap_option *option);
/* The value of the first option of this number; data NULL if there is none. */
struct wtr_text wtr_coap_find_option(const struct wtr_coap *coap, uint32_t number);
/* An option's value as a number (RFC 7252 3.2); false if it is longer than four bytes or not there. */
bool wtr_coap_uint(struct wtr_text value, uint32_t *number);
/* The path of a request as struct wtr_coap_request has it: whether it is `path`, with its leading slash. */
bool wtr_coap_path_is(const struct wtr_coap *coap, const char *path);

static inline unsigned wtr_coap_class(uint8_t code)
{
    return code >> 5;
}

static inline bool wtr_coap_is_request(uint8_t code)
{
    return code != WTR_COAP_EMPTY && wtr_coap_class(code) == 0;
}

static inline bool wtr_coap_is_response(uint8_t code)
{
    unsigned class = wtr_coap_class(code);
    return class == 2 || class == 4 || class == 5;
}

/* Hands out messages of type request, response, empty and (over TCP) signal with body struct wtr_coap. */
extern const struct wtr_protocol wtr_coap;

/* The message's body if it is one of CoAP; NULL if it is another protocol's. */
static inline const struct wtr_coap *wtr_coap_of(const struct wtr_message *message)
{
    return message->protocol == &wtr_coap ? message->body : NULL;
}

#endif
