/* SPDX-License-Identifier: Apache-2.0 */
/* Handshake messages of DTLS: fragments that come out of order, overlap and come again, put together by their
 * places, and messages told in the order of message_seq (RFC 6347 4.2.2, 4.2.3). */
#include "protocol/dtls_wire.h"

#include <stdlib.h>

static uint32_t take_be24(struct wtr_cursor *c)
{
    uint32_t high = wtr_take_u8(c);
    return high << 16 | wtr_take_be16(c);
}

bool wtr_dtls_read_fragment(const uint8_t *bytes, size_t length, struct wtr_dtls_fragment *fragment)
{
    struct wtr_cursor c = wtr_cursor_over(bytes, length);
    fragment->type = wtr_take_u8(&c);
    fragment->length = take_be24(&c);
    fragment->message_seq = wtr_take_be16(&c);
    fragment->offset = take_be24(&c);
    fragment->fragment_length = take_be24(&c);
    wtr_take(&c, fragment->fragment_length);
    return !c.bad && fragment->offset + fragment->fragment_length <= fragment->length;
}

/* ---- memory */

static void release(struct wtr_dtls_state *state, struct wtr_dtls_waiting *w)
{
    if (w->used)
        state->held -= w->length + WTR_DTLS_MESSAGE_HEADER;
    free(w->bytes);
    wtr_patches_free(&w->patches);
    *w = (struct wtr_dtls_waiting){0};
}

static struct wtr_dtls_waiting *find(struct wtr_dtls_connection *c, enum wtr_direction direction,
                                     uint16_t message_seq)
{
    for (size_t i = 0; i < WTR_DTLS_WAITING; i++)
        if (c->waiting[direction][i].used && c->waiting[direction][i].message_seq == message_seq)
            return &c->waiting[direction][i];
    return NULL;
}

static void put_header(uint8_t out[WTR_DTLS_MESSAGE_HEADER], const struct wtr_dtls_fragment *f)
{
    const uint8_t length[] = {(uint8_t)(f->length >> 16), (uint8_t)(f->length >> 8), (uint8_t)f->length};
    out[0] = f->type;
    memcpy(out + 1, length, sizeof length);
    out[4] = (uint8_t)(f->message_seq >> 8);
    out[5] = (uint8_t)f->message_seq;
    memset(out + 6, 0, 3);
    memcpy(out + 9, length, sizeof length);
}

static struct wtr_dtls_waiting *begin(struct wtr_dtls_state *state, struct wtr_dtls_connection *c,
                                      enum wtr_direction direction, const struct wtr_dtls_fragment *f)
{
    size_t size = (size_t)f->length + WTR_DTLS_MESSAGE_HEADER;
    if (state->held + size > WTR_DTLS_MAX_MEMORY)
        return NULL;
    for (size_t i = 0; i < WTR_DTLS_WAITING; i++) {
        struct wtr_dtls_waiting *w = &c->waiting[direction][i];
        if (w->used)
            continue;
        w->bytes = malloc(size);
        if (!w->bytes)
            return NULL;
        put_header(w->bytes, f);
        w->used = true;
        w->type = f->type;
        w->message_seq = f->message_seq;
        w->length = f->length;
        state->held += size;
        return w;
    }
    return NULL;
}

/* ---- telling */

static bool is_whole(const struct wtr_dtls_waiting *w)
{
    return w->patches.have == w->length;
}

static void tell(const struct wtr_tls_place *place, uint16_t message_seq, const uint8_t *bytes, size_t length,
                 const struct wtr_span *span)
{
    const struct wtr_tls_handshake message = {
        .type = bytes[0],
        .message_seq = message_seq,
        .datagram = true,
        .body = wtr_text_of(bytes + WTR_DTLS_MESSAGE_HEADER, length),
        .bytes = wtr_text_of(bytes, WTR_DTLS_MESSAGE_HEADER + length),
        .version = place->memory->session.version,
    };
    wtr_tls_tell_handshake(place, &message, span);
}

/* Tells a whole message that waited: it is cited by its body's fragments, or by its header. */
static void tell_waiting(const struct wtr_tls_place *place, const struct wtr_dtls_waiting *w)
{
    struct wtr_piece pieces[WTR_PATCHES_MAX];
    size_t count = wtr_patches_pieces(&w->patches, w->length, pieces);
    const struct wtr_span body = {w->bytes + WTR_DTLS_MESSAGE_HEADER, w->length, pieces, count, NULL};
    const struct wtr_span header = {w->bytes, w->header.length, &w->header, 1, NULL};
    const struct wtr_span span = w->length > 0 ? body : header;
    tell(place, w->message_seq, w->bytes, w->length, &span);
}

/* Tells the messages whose turn it is. */
static void tell_next(struct wtr_dtls_state *state, struct wtr_dtls_connection *c,
                      const struct wtr_tls_place *place)
{
    struct wtr_dtls_waiting *w;
    while ((w = find(c, place->direction, c->next[place->direction])) != NULL && is_whole(w)) {
        c->next[place->direction]++;
        tell_waiting(place, w);
        release(state, w);
    }
}

void wtr_dtls_flush(struct wtr_dtls_state *state, struct wtr_dtls_connection *c,
                    const struct wtr_tls_place *place)
{
    for (;;) {
        struct wtr_dtls_waiting *first = NULL;
        for (size_t i = 0; i < WTR_DTLS_WAITING; i++) {
            struct wtr_dtls_waiting *w = &c->waiting[place->direction][i];
            if (w->used && (!first || w->message_seq < first->message_seq))
                first = w;
        }
        if (!first)
            return;
        if (first->message_seq != c->next[place->direction] || !is_whole(first)) {
            place->memory->session.side[place->direction].lost = true;
            wtr_tls_opener_gap(place->memory, place->direction);
        }
        c->next[place->direction] = (uint16_t)(first->message_seq + 1);
        if (is_whole(first))
            tell_waiting(place, first);
        release(state, first);
    }
}

/* A message in one fragment, in its turn. */
static void tell_whole(struct wtr_dtls_connection *c, const struct wtr_tls_place *place,
                       const struct wtr_span *span, size_t at, const struct wtr_dtls_fragment *f)
{
    struct wtr_piece_list pieces = {0};
    size_t whole = WTR_DTLS_MESSAGE_HEADER + f->length;
    c->next[place->direction]++;
    if (wtr_piece_list_add(&pieces, span, at, whole)) {
        const struct wtr_span message = {span->bytes + at, whole, pieces.pieces, pieces.count, span->opening};
        tell(place, f->message_seq, span->bytes + at, f->length, &message);
    }
    wtr_piece_list_free(&pieces);
}

void wtr_dtls_take_fragment(struct wtr_dtls_state *state, struct wtr_dtls_connection *c,
                            const struct wtr_tls_place *place, const struct wtr_span *span, size_t at,
                            const struct wtr_dtls_fragment *f)
{
    uint16_t next = c->next[place->direction];
    size_t whole = WTR_DTLS_MESSAGE_HEADER + f->fragment_length;
    if (f->message_seq < next)
        return; /* it came before */
    if (f->length > WTR_TLS_MAX_HANDSHAKE) {
        wtr_tls_find(place, span, at, whole, wtr_tls_too_long);
        return;
    }
    struct wtr_dtls_waiting *w = find(c, place->direction, f->message_seq);
    if (!w && f->message_seq == next && f->fragment_length == f->length) {
        tell_whole(c, place, span, at, f);
        tell_next(state, c, place);
        return;
    }
    if (!w && (w = begin(state, c, place->direction, f)) != NULL)
        wtr_span_cut(span, at, WTR_DTLS_MESSAGE_HEADER, &w->header, 1);
    if (!w) {
        wtr_tls_find(place, span, at, whole, "no room to put handshake messages together");
        return;
    }
    if (w->type != f->type || w->length != f->length)
        wtr_tls_find(place, span, at, whole, "a fragment that does not fit the message's others");
    else if (!wtr_patches_add(&w->patches, w->bytes + WTR_DTLS_MESSAGE_HEADER, f->offset, span,
                              at + WTR_DTLS_MESSAGE_HEADER, f->fragment_length))
        wtr_tls_find(place, span, at, whole, "a handshake message in too many fragments");
    tell_next(state, c, place);
}
