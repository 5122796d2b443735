/* SPDX-License-Identifier: Apache-2.0 */
/* Putting bodies together from blocks (RFC 7959): Block1 numbers a request's body, Block2 an answer's. Blocks
 * belong together if the ends and the resource are the same, and the ETag where there is one (2.4). A block's
 * place is its number times its size (2.2), so that a change of size on the way does no harm. */
#include "protocol/coap_body.h"

#include "base/map.h"

#include <stdlib.h>

enum { MAX_PIECES = 8192 };

static void free_body(struct wtr_coap_body *body)
{
    free(body->bytes);
    free(body->pieces);
    *body = (struct wtr_coap_body){0};
}

void wtr_coap_bodies_free(struct wtr_coap_bodies *bodies)
{
    for (size_t i = 0; i < WTR_COAP_BODIES; i++)
        free_body(&bodies->list[i]);
    free(bodies->whole);
    free(bodies->pieces);
    bodies->whole = NULL;
    bodies->pieces = NULL;
}

static struct wtr_coap_body *find_body(struct wtr_coap_bodies *bodies, uint64_t key)
{
    for (size_t i = 0; i < WTR_COAP_BODIES; i++)
        if (bodies->list[i].key == key)
            return &bodies->list[i];
    return NULL;
}

static struct wtr_coap_body *new_body(struct wtr_coap_bodies *bodies)
{
    struct wtr_coap_body *oldest = &bodies->list[0];
    for (size_t i = 0; i < WTR_COAP_BODIES; i++) {
        if (bodies->list[i].key == 0)
            return &bodies->list[i];
        if (bodies->list[i].touched_ns < oldest->touched_ns)
            oldest = &bodies->list[i];
    }
    return oldest;
}

static uint64_t end_hash(const struct wtr_endpoint *end, uint64_t seed)
{
    return wtr_hash64(end->ip.bytes, sizeof end->ip.bytes, seed ^ end->port);
}

/* What the blocks of one body have in common. */
static uint64_t body_key(const struct wtr_coap_passing *p, uint32_t option)
{
    const struct wtr_coap_request *request = &p->found->request;
    uint64_t hash = end_hash(&p->from, end_hash(&p->to, option));
    hash = wtr_hash64(request->path, request->path_length, hash ^ request->code);
    return wtr_hash64(request->query, request->query_length, hash) | 1;
}

static bool room_for(struct wtr_coap_body *body, size_t bytes, size_t pieces)
{
    if (body->length + bytes > body->capacity) {
        size_t capacity = body->capacity ? body->capacity : 1024;
        while (capacity < body->length + bytes)
            capacity *= 2;
        uint8_t *grown = realloc(body->bytes, capacity);
        if (!grown)
            return false;
        body->bytes = grown;
        body->capacity = capacity;
    }
    if (body->piece_count + pieces > body->piece_capacity) {
        size_t capacity = body->piece_capacity ? body->piece_capacity : 16;
        while (capacity < body->piece_count + pieces)
            capacity *= 2;
        struct wtr_piece *grown = realloc(body->pieces, capacity * sizeof *grown);
        if (!grown)
            return false;
        body->pieces = grown;
        body->piece_capacity = capacity;
    }
    return true;
}

/* The pieces of `length` bytes at `at` of the span, placed from `place` on; returns how many. */
static size_t copy_pieces(const struct wtr_span *span, size_t at, size_t length, size_t place,
                          struct wtr_piece *to)
{
    size_t count = wtr_span_parts(span, at, length);
    for (size_t i = 0; i < count; i++) {
        struct wtr_origin o = wtr_span_part(span, at, length, i);
        to[i] = (struct wtr_piece){place, o.length, o.offset, o.record_offset, o.frame, o.time_ns, o.via};
        place += o.length;
    }
    return count;
}

/* Appends the message's payload. False if the body grows beyond its bounds. */
static bool add_block(struct wtr_coap_body *body, const struct wtr_span *span, struct wtr_text payload)
{
    if (payload.length == 0)
        return true;
    size_t at = (size_t)((const uint8_t *)payload.data - span->bytes);
    size_t pieces = wtr_span_parts(span, at, payload.length);
    bool fits =
        body->length + payload.length <= WTR_COAP_MAX_BODY && body->piece_count + pieces <= MAX_PIECES;
    if (!fits || !room_for(body, payload.length, pieces))
        return false;
    memcpy(body->bytes + body->length, payload.data, payload.length);
    body->piece_count +=
        copy_pieces(span, at, payload.length, body->length, body->pieces + body->piece_count);
    body->length += payload.length;
    return true;
}

static void move_text(struct wtr_text *text, const uint8_t *from, const uint8_t *to)
{
    if (text->data)
        text->data = (const char *)to + ((const uint8_t *)text->data - from);
}

/* The message with the whole body in its payload's place. */
static void make_whole(struct wtr_coap_bodies *bodies, const struct wtr_coap_body *body,
                       struct wtr_coap *coap, struct wtr_span *span)
{
    size_t head =
        coap->payload.data ? (size_t)((const uint8_t *)coap->payload.data - span->bytes) : span->length;
    size_t head_pieces = wtr_span_parts(span, 0, head);
    uint8_t *bytes = realloc(bodies->whole, head + body->length);
    if (bytes)
        bodies->whole = bytes;
    struct wtr_piece *pieces = realloc(bodies->pieces, (head_pieces + body->piece_count) * sizeof *pieces);
    if (pieces)
        bodies->pieces = pieces;
    if (!bytes || !pieces)
        return;
    memcpy(bytes, span->bytes, head);
    memcpy(bytes + head, body->bytes, body->length);
    copy_pieces(span, 0, head, 0, pieces);
    for (size_t i = 0; i < body->piece_count; i++) {
        pieces[head_pieces + i] = body->pieces[i];
        pieces[head_pieces + i].at += head;
    }
    move_text(&coap->token, span->bytes, bytes);
    move_text(&coap->options, span->bytes, bytes);
    coap->body = wtr_text_of(bytes + head, body->length);
    coap->payload = wtr_text_of(bytes + head + body->length - coap->payload.length, coap->payload.length);
    *span = (struct wtr_span){bytes, head + body->length, pieces, head_pieces + body->piece_count, NULL};
}

/* The body that the block goes on with, or begins; NULL, with a note, if one before it is missing. */
static struct wtr_coap_body *body_of(struct wtr_coap_bodies *bodies, const struct wtr_coap_passing *p,
                                     uint64_t key, const struct wtr_coap_block *block)
{
    struct wtr_coap_body *body = find_body(bodies, key);
    uint64_t place = (uint64_t)block->number * wtr_coap_block_size(block);
    struct wtr_text tag = wtr_coap_find_option(p->coap, WTR_COAP_ETAG);
    uint64_t etag = tag.data ? wtr_hash64(tag.data, tag.length, 1) : 0;
    if (block->number == 0) {
        if (!body)
            body = new_body(bodies);
        body->key = key;
        body->etag = etag;
        body->length = 0;
        body->piece_count = 0;
        return body;
    }
    if (body && body->etag != etag) {
        wtr_coap_note(p->coap, "the block is of another version (ETag) than the one before it");
        free_body(body);
        return NULL;
    }
    if (!body || place > body->length)
        wtr_coap_note(p->coap, "a block before it was not seen: the body is not put together");
    return body && place == body->length ? body : NULL;
}

void wtr_coap_take_block(struct wtr_coap_bodies *bodies, const struct wtr_coap_passing *p,
                         struct wtr_span *span)
{
    struct wtr_coap *coap = p->coap;
    struct wtr_coap_block block;
    bool request = wtr_coap_is_request(coap->code);
    uint32_t option = request ? WTR_COAP_BLOCK1 : WTR_COAP_BLOCK2;
    bool carries = request || wtr_coap_class(coap->code) == 2;
    if (!carries || !p->found || coap->repeat || !wtr_coap_block(coap, option, &block) ||
        (block.number == 0 && !block.more))
        return;
    struct wtr_coap_body *body = body_of(bodies, p, body_key(p, option), &block);
    if (!body)
        return;
    body->touched_ns = p->time_ns;
    if (!add_block(body, span, coap->payload)) {
        wtr_coap_note(coap, "the body is longer than what is put together");
        free_body(body);
        return;
    }
    if (block.more)
        return;
    make_whole(bodies, body, coap, span);
    free_body(body);
}
