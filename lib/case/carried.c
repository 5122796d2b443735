/* SPDX-License-Identifier: Apache-2.0 */
/* Protocols that stand inside the messages of others: each sees every message, with one state for the whole
 * source, and what it hands out is read like any other message, at the carrier's place in its stream. */
#include "case/extract.h"

#include "protocol/inner_stream.h"

#include <stdlib.h>

struct reading {
    struct wtr_extract *x;
    struct wtr_flow_view *flow;
    const struct wtr_carrier *carrier;
    const struct wtr_protocol *protocol;
    const char *path;
};

/* How many bytes of the evidence stand between the carrier's first one and the one that the span begins
 * with. */
static uint64_t bytes_before(const struct wtr_span *carrier, const struct wtr_span *span)
{
    uint64_t before = 0;
    for (size_t i = 0; span->piece_count && i < carrier->piece_count; i++) {
        const struct wtr_piece *p = &carrier->pieces[i];
        const struct wtr_piece *first = &span->pieces[0];
        if (p->record_offset == first->record_offset && first->offset >= p->offset &&
            first->offset - p->offset < p->length)
            return before + first->offset - p->offset;
        before += p->length;
    }
    return 0;
}

static void on_message(void *payload, const struct wtr_message *message)
{
    struct reading *r = payload;
    struct wtr_message shown = *message;
    const struct wtr_carrier inner = {r->carrier->from, r->carrier->to, &shown};
    if (r->x->status != WTR_OK)
        return;
    const char *outer = r->carrier->message->over;
    if (outer && strncmp(outer, "tls", 3) == 0) /* the protocol knows its own carrier, and not that one's */
        shown.over = wtr_inner_over(outer, message->over);
    r->x->inside = bytes_before(&r->carrier->message->span, &message->span);
    wtr_extract_message(r->x, r->flow, &inner, r->path);
    r->x->inside = 0;
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    struct reading *r = payload;
    wtr_extract_unread(r->x, r->protocol, span, at, length, reason);
}

static void *state_of(struct wtr_extract *x, size_t index)
{
    const struct wtr_protocol *protocol = x->decoders.protocols[index];
    const struct wtr_session_setup setup = {.keys = x->decoders.keys};
    if (x->carried_states[index])
        return x->carried_states[index];
    x->carried_states[index] = calloc(1, protocol->carried_state_size ? protocol->carried_state_size : 1);
    if (!x->carried_states[index])
        x->status = WTR_E_MEMORY;
    else if (protocol->open_carried)
        protocol->open_carried(x->carried_states[index], &setup);
    return x->carried_states[index];
}

void wtr_carried_read(struct wtr_extract *x, struct wtr_flow_view *flow, const struct wtr_carrier *carrier,
                      const char *path)
{
    struct reading reading = {x, flow, carrier, NULL, path};
    struct wtr_sink sink = {.payload = &reading, .message = on_message, .finding = on_finding};
    for (size_t i = 0; i < x->carried_count; i++) {
        void *state = state_of(x, x->carried[i]);
        reading.protocol = x->decoders.protocols[x->carried[i]];
        if (state)
            reading.protocol->carried(state, carrier, &sink);
    }
}

void wtr_carried_close(struct wtr_extract *x)
{
    for (size_t i = 0; x->carried_states && x->decoders.protocols[i]; i++) {
        const struct wtr_protocol *protocol = x->decoders.protocols[i];
        if (x->carried_states[i] && protocol->close_carried)
            protocol->close_carried(x->carried_states[i]);
        free(x->carried_states[i]);
    }
    free((void *)x->carried_states);
    free(x->carried);
}
