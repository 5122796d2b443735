/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that come in blocks (RFC 7959), put together as far as no block is missing. Their number and length
 * are bounded; what goes beyond stays in its blocks. */
#ifndef WTR_PROTOCOL_COAP_BODY_H
#define WTR_PROTOCOL_COAP_BODY_H

#include "protocol/coap_exchange.h"

enum { WTR_COAP_BODIES = 16 };

/* One body on its way. */
struct wtr_coap_body {
    uint64_t key; /* 0: free */
    uint64_t etag;
    int64_t touched_ns;
    uint8_t *bytes;
    size_t length, capacity;
    struct wtr_piece *pieces;
    size_t piece_count, piece_capacity;
};

/* Zero-initialise; free with wtr_coap_bodies_free. */
struct wtr_coap_bodies {
    struct wtr_coap_body list[WTR_COAP_BODIES];
    /* The message that completed a body, with the whole body in its payload's place. */
    uint8_t *whole;
    struct wtr_piece *pieces;
};

void wtr_coap_bodies_free(struct wtr_coap_bodies *bodies);

/* Takes the message's block, if it has one. If it completes a body, *span and the message's texts are
 * changed: the span is then the message's own header and options followed by the whole body, whose pieces are
 * those of the blocks, and the message's `body` is set. Good until the next call. */
void wtr_coap_take_block(struct wtr_coap_bodies *bodies, const struct wtr_coap_passing *passing,
                         struct wtr_span *span);

#endif
