/* SPDX-License-Identifier: Apache-2.0 */
/* Which CoAP messages belong together: repeats by message id, answers by token, notifications by the relation
 * that asked for them. Tables of fixed size; the oldest gives way, which costs the link and nothing else. */
#ifndef WTR_PROTOCOL_COAP_EXCHANGE_H
#define WTR_PROTOCOL_COAP_EXCHANGE_H

#include "protocol/coap_wire.h"

enum { WTR_COAP_WAYS = 4 };

/* A message id that was used (RFC 7252 4.4). Acknowledgements and resets echo the other end's ids, and are
 * kept apart from those that an end chose itself. */
struct wtr_coap_recent {
    uint64_t key;
    uint64_t hash[2];  /* of the message's bytes */
    uint64_t token;    /* a hash */
    uint64_t exchange; /* 0: none */
    int64_t time_ns;
    uint32_t slot; /* of that exchange */
    bool used;
    bool notification;
};

/* A request and what became of it. */
struct wtr_coap_exchange {
    uint64_t number;                    /* 0: free */
    struct wtr_endpoint client, server; /* server zero: the request went to a group */
    uint64_t key, token;                /* token: a hash */
    int64_t touched_ns;
    uint16_t message_id;
    bool reliable;
    bool answered;
    bool ambiguous; /* an unanswered request for something else bore the same token */
    bool has_block;
    uint8_t szx; /* the block size that it asks for */
    /* Observing (RFC 7641). */
    bool asks_observe;   /* Observe: 0 */
    bool asks_end;       /* Observe: 1 */
    bool observes;       /* the server agreed */
    bool ended;          /* by the client: a reset, or Observe: 1 */
    bool deleted;        /* the resource was */
    bool unacknowledged; /* the last confirmable notification, as far as seen */
    bool has_sequence, has_format;
    uint16_t last_confirmable;
    uint32_t sequence;
    int64_t sequence_ns;
    uint32_t format;
    struct wtr_coap_request request;
};

/* Zero-initialise; free with wtr_coap_tables_free. */
struct wtr_coap_tables {
    struct wtr_coap_recent *recent;
    struct wtr_coap_exchange *exchanges;
    size_t sets; /* of each; a power of two */
    uint64_t made;
};

/* A message with what is known of its way. */
struct wtr_coap_passing {
    struct wtr_coap *coap;
    struct wtr_endpoint from, to;
    int64_t time_ns;
    const uint8_t *bytes;
    size_t length;
    bool acknowledged_in_view; /* both ways are read, so that a missing acknowledgement means something */
    uint64_t exchange;         /* found: its number; 0: none */
    struct wtr_coap_exchange *found;
};

/* False: no memory, and nothing is matched. */
bool wtr_coap_tables_open(struct wtr_coap_tables *tables, size_t sets);
void wtr_coap_tables_free(struct wtr_coap_tables *tables);

/* Finds the message's exchange, notes in it what the message tells, and sets the message's own marks. */
void wtr_coap_match(struct wtr_coap_tables *tables, struct wtr_coap_passing *passing);

/* coap_observe.c: what an answer tells about the relation that asked for it. */
void wtr_coap_observe_answer(struct wtr_coap_tables *tables, struct wtr_coap_passing *passing,
                             struct wtr_coap_exchange *exchange);
/* A reset came for a notification of the exchange. */
void wtr_coap_observe_reset(struct wtr_coap_exchange *exchange);

#endif
