/* SPDX-License-Identifier: Apache-2.0 */
/* Between the readers and the opener, if one is built in: it is asked for the first time when the first
 * handshake message is whole, and closed as soon as it says that it will open nothing. */
#include "protocol/tls_wire.h"

#include <stdlib.h>

static void ask_opener(struct wtr_tls_memory *memory)
{
    memory->opener_asked = true;
    if (!wtr_tls_opener)
        return;
    memory->opener = calloc(1, wtr_tls_opener->state_size ? wtr_tls_opener->state_size : 1);
    if (!memory->opener || wtr_tls_opener->open(memory->opener, &memory->session, &memory->setup))
        return;
    free(memory->opener);
    memory->opener = NULL;
}

void wtr_tls_opener_close(struct wtr_tls_memory *memory)
{
    if (!memory->opener)
        return;
    wtr_tls_opener->close(memory->opener);
    free(memory->opener);
    memory->opener = NULL;
}

static void take_verdict(struct wtr_tls_memory *memory)
{
    wtr_tls_opener->verdict(memory->opener, &memory->session.verdict);
}

void wtr_tls_opener_handshake(struct wtr_tls_memory *memory, enum wtr_direction direction,
                              const struct wtr_tls_handshake *message)
{
    if (!memory->opener_asked)
        ask_opener(memory);
    if (memory->opener)
        wtr_tls_opener->handshake(memory->opener, direction, message);
}

void wtr_tls_opener_change(struct wtr_tls_memory *memory, enum wtr_direction direction)
{
    if (memory->opener)
        wtr_tls_opener->change_cipher_spec(memory->opener, direction);
}

void wtr_tls_opener_gap(struct wtr_tls_memory *memory, enum wtr_direction direction)
{
    if (memory->opener)
        wtr_tls_opener->gap(memory->opener, direction);
}

/* What was inside may still be referred to: it is closed with the connection. */
void wtr_tls_opener_finish(struct wtr_tls_memory *memory, struct wtr_sink *sink)
{
    if (!memory->opener)
        return;
    wtr_tls_opener->finish(memory->opener, sink);
    take_verdict(memory);
}

bool wtr_tls_wants(struct wtr_tls_memory *memory, const struct wtr_tls_record *record)
{
    if (!memory->opener)
        return false;
    enum wtr_tls_interest interest = wtr_tls_opener->wants(memory->opener, record);
    if (interest == WTR_TLS_NEVER) {
        take_verdict(memory);
        wtr_tls_opener_close(memory);
    }
    return interest == WTR_TLS_THIS;
}

/* ---- what is inside */

const char wtr_tls_too_long[] = "a handshake message of more than 256 KiB";

static bool make_room(struct wtr_tls_assembly *a, size_t length)
{
    if (length <= a->capacity)
        return true;
    size_t capacity = a->capacity * 2 > length ? a->capacity * 2 : length;
    uint8_t *bytes = realloc(a->bytes, capacity);
    if (!bytes)
        return false;
    a->bytes = bytes;
    a->capacity = capacity;
    return true;
}

static void drop(struct wtr_tls_assembly *a)
{
    a->length = 0;
    wtr_piece_list_clear(&a->pieces);
}

/* Bytes that the message in the assembly still lacks: of its header, or of all of it. */
static size_t lacking(const struct wtr_tls_assembly *a)
{
    if (a->length < WTR_TLS_MESSAGE_HEADER)
        return WTR_TLS_MESSAGE_HEADER - a->length;
    size_t body = (size_t)a->bytes[1] << 16 | wtr_be16(a->bytes + 2);
    return WTR_TLS_MESSAGE_HEADER + body - a->length;
}

static void tell_assembled(const struct wtr_tls_place *place, struct wtr_tls_assembly *a,
                           const struct wtr_opening *opening)
{
    const struct wtr_tls_handshake message = {
        .type = a->bytes[0],
        .encrypted = true,
        .body = wtr_text_of(a->bytes + WTR_TLS_MESSAGE_HEADER, a->length - WTR_TLS_MESSAGE_HEADER),
        .bytes = wtr_text_of(a->bytes, a->length),
        .version = place->memory->session.version,
    };
    const struct wtr_span span = {a->bytes, a->length, a->pieces.pieces, a->pieces.count, opening};
    wtr_tls_tell_handshake(place, &message, &span);
}

static bool append(struct wtr_tls_assembly *a, const struct wtr_span *plain, size_t at, size_t length)
{
    bool opaque = wtr_span_is_opaque(plain);
    bool cited = at > 0 && a->length > 0; /* an opaque record is cited as a whole, once */
    const struct wtr_piece *last = plain->piece_count ? &plain->pieces[plain->piece_count - 1] : NULL;
    if (!make_room(a, a->length + length))
        return false;
    memcpy(a->bytes + a->length, plain->bytes + at, length);
    a->length += length;
    a->pieces.hint = 0;
    if (opaque)
        return cited || !last || wtr_piece_list_add(&a->pieces, plain, 0, last->at + last->length);
    return wtr_piece_list_add(&a->pieces, plain, at, length);
}

/* The message in the assembly has its header: told if it is whole, passed over if it is too long. */
static void settle(const struct wtr_tls_place *place, struct wtr_tls_assembly *a,
                   const struct wtr_span *plain)
{
    size_t missing = lacking(a);
    if (a->length + missing > WTR_TLS_MAX_HANDSHAKE) {
        wtr_tls_find(place, plain, 0, plain->length, wtr_tls_too_long);
        a->pass = missing;
        drop(a);
    } else if (missing == 0) {
        tell_assembled(place, a, plain->opening);
        drop(a);
    }
}

/* Handshake messages of opened TLS records, which may go on from one record to the next. */
static void take_handshake(const struct wtr_tls_place *place, const struct wtr_span *plain)
{
    struct wtr_tls_assembly *a = &place->memory->opened[place->direction];
    size_t more;
    for (size_t at = 0; at < plain->length; at += more) {
        size_t left = plain->length - at;
        more = a->pass ? a->pass : lacking(a);
        more = more < left ? more : left;
        if (a->pass)
            a->pass -= more;
        else if (!append(a, plain, at, more))
            drop(a);
        else if (a->length >= WTR_TLS_MESSAGE_HEADER)
            settle(place, a, plain);
    }
}

static void take_plain(const struct wtr_tls_place *place, const struct wtr_tls_record *record,
                       uint8_t content_type, const struct wtr_span *plain, struct wtr_sink *sink)
{
    if (content_type == WTR_TLS_HANDSHAKE && !place->memory->session.datagram)
        take_handshake(place, plain);
    else if (content_type == WTR_TLS_ALERT && plain->length == 2)
        wtr_tls_tell_alert(place, plain);
    else if (content_type == WTR_TLS_APPLICATION_DATA && place->memory->opener)
        wtr_tls_opener->application(place->memory->opener, record, plain, sink);
}

void wtr_tls_open_record(const struct wtr_tls_place *place, const struct wtr_tls_record *record,
                         const struct wtr_span *whole)
{
    struct wtr_tls_plain plain = {0};
    size_t header = place->memory->session.datagram ? WTR_DTLS_HEADER : WTR_TLS_HEADER;
    if (!wtr_tls_opener->record(place->memory->opener, record, whole, &plain)) {
        if (plain.why)
            wtr_tls_find(place, whole, 0, whole->length, plain.why);
        return;
    }
    struct wtr_piece_list pieces = {0};
    struct wtr_tls_place inside = *place;
    inside.encrypted = true;
    bool opaque = plain.opening && !plain.opening->keeps_places;
    bool cut = opaque ? wtr_piece_list_add(&pieces, whole, header, whole->length - header)
                      : plain.at + plain.length <= whole->length &&
                            wtr_piece_list_add(&pieces, whole, plain.at, plain.length);
    if (cut) {
        const struct wtr_span span = {plain.bytes, plain.length, pieces.pieces, pieces.count, plain.opening};
        take_plain(&inside, record, plain.content_type, &span, place->sink);
    }
    wtr_piece_list_free(&pieces);
}
