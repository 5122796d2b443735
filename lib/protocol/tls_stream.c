/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS stream: records (RFC 8446 5.1), in clear and enciphered. As long as nothing is lost, a record begins
 * where the last one ended; the body of one that nobody wants is passed over unseen. A loss inside
 * such a body leaves the next record's place known; any other calls for a search: a header is believed if
 * another follows behind its body, or the body ends with what is there.
 *
 * Up to 1.2 what follows a change_cipher_spec is enciphered, in 1.3 what is called application_data. After a
 * loss, or where the beginning was not seen, a handshake record counts as clear only if it is the hello that
 * begins the direction, or messages fill it exactly. */
#include "protocol/tls_stream.h"

enum { CLEAR_ALERT = 2, CLEAR_CHANGE = 1 };

bool wtr_tls_is_header(const uint8_t *header)
{
    return header[0] >= WTR_TLS_CHANGE_CIPHER_SPEC && header[0] <= WTR_TLS_HEARTBEAT && header[1] == 3 &&
           header[2] <= 4 && wtr_tls_body_length(header) <= WTR_TLS_MAX_BODY;
}

static bool wait_for(struct wtr_tls_walk *w, size_t need)
{
    w->need = need;
    return false;
}

/* ---- one record */

static void follow_piece(struct wtr_tls_walk *w, size_t at)
{
    const struct wtr_piece *pieces = w->span->pieces;
    while (w->piece + 1 < w->span->piece_count && pieces[w->piece].at + pieces[w->piece].length <= at)
        w->piece++;
}

static struct wtr_tls_record record_at(struct wtr_tls_walk *w, size_t at, bool encrypted)
{
    const uint8_t *header = w->span->bytes + at;
    struct wtr_tls_record record = {
        .direction = w->place.direction,
        .content_type = header[0],
        .version = wtr_be16(header + 1),
        .length = wtr_tls_body_length(header),
        .encrypted = encrypted,
        .sequence = w->state->memory.session.side[w->place.direction].sequence,
    };
    follow_piece(w, at);
    if (w->piece >= w->span->piece_count)
        return record;
    const struct wtr_piece *piece = &w->span->pieces[w->piece];
    size_t here = piece->at + piece->length - at;
    size_t whole = WTR_TLS_HEADER + record.length;
    record.time_ns = piece->time_ns;
    record.origin = (struct wtr_origin){.time_ns = piece->time_ns,
                                        .frame = piece->frame,
                                        .record_offset = piece->record_offset,
                                        .offset = piece->offset + (at - piece->at),
                                        .length = (uint32_t)(whole < here ? whole : here)};
    return record;
}

static void count(struct wtr_tls_walk *w, const struct wtr_tls_record *record)
{
    wtr_tls_count(&w->state->memory, record, WTR_TLS_HEADER);
    if (w->place.sink->record)
        w->place.sink->record(w->place.sink->payload, record);
}

struct wtr_tls_record wtr_tls_count_header(struct wtr_tls_walk *w, size_t at, bool encrypted)
{
    struct wtr_tls_record record = record_at(w, at, encrypted);
    count(w, &record);
    return record;
}

/* The bytes as a span of their own. */
static bool cut(struct wtr_tls_walk *w, size_t at, size_t length, struct wtr_piece_list *pieces,
                struct wtr_span *span)
{
    pieces->hint = w->piece;
    if (!wtr_piece_list_add(pieces, w->span, at, length))
        return false;
    *span = (struct wtr_span){w->span->bytes + at, length, pieces->pieces, pieces->count, w->span->opening};
    return true;
}

/* Cites the record's header, if nothing is cited yet. */
static void cite_header(struct wtr_tls_walk *w)
{
    struct wtr_piece_list pieces = {0};
    struct wtr_span span;
    if (cut(w, w->at, WTR_TLS_HEADER, &pieces, &span))
        wtr_tls_cite(&w->state->memory, &span, false);
    wtr_piece_list_free(&pieces);
}

/* The body of an alert or a change of ciphers, in clear. */
static void tell_short(struct wtr_tls_walk *w, uint8_t type, size_t length)
{
    struct wtr_piece_list pieces = {0};
    struct wtr_span body;
    follow_piece(w, w->at + WTR_TLS_HEADER);
    if (cut(w, w->at + WTR_TLS_HEADER, length, &pieces, &body)) {
        if (type == WTR_TLS_ALERT)
            wtr_tls_tell_alert(&w->place, &body);
        else
            wtr_tls_tell_change(&w->place, &body);
    }
    wtr_piece_list_free(&pieces);
}

static bool read_short(struct wtr_tls_walk *w, uint8_t type, size_t length)
{
    size_t total = WTR_TLS_HEADER + length;
    if (w->span->length - w->at < total)
        return wait_for(w, total);
    wtr_tls_count_header(w, w->at, false);
    tell_short(w, type, length);
    w->at += total;
    return true;
}

static bool read_encrypted(struct wtr_tls_walk *w)
{
    struct wtr_tls_record record = record_at(w, w->at, true);
    size_t total = WTR_TLS_HEADER + record.length;
    size_t available = w->span->length - w->at;
    if (wtr_tls_wants(&w->state->memory, &record)) {
        struct wtr_piece_list pieces = {0};
        struct wtr_span whole;
        if (available < total)
            return wait_for(w, total);
        count(w, &record);
        if (cut(w, w->at, total, &pieces, &whole))
            wtr_tls_open_record(&w->place, &record, &whole);
        wtr_piece_list_free(&pieces);
        w->at += total;
        return true;
    }
    count(w, &record);
    w->at += total; /* which may be beyond what is there: the body is passed over */
    return true;
}

/* Whether messages of known types fill the body exactly. */
static bool looks_clear(const uint8_t *body, size_t length)
{
    size_t at = 0;
    while (length - at >= WTR_TLS_MESSAGE_HEADER && wtr_tls_handshake_name(body[at])) {
        size_t message = WTR_TLS_MESSAGE_HEADER + ((size_t)body[at + 1] << 16 | wtr_be16(body + at + 2));
        if (message > length - at)
            return false;
        at += message;
    }
    return at == length;
}

/* A handshake record of which it is not known whether it is enciphered. False: more bytes are needed. */
static bool judge_handshake(struct wtr_tls_walk *w, bool *clear)
{
    const struct wtr_tls_side *side = &w->state->memory.session.side[w->place.direction];
    const uint8_t *header = w->span->bytes + w->at;
    size_t length = wtr_tls_body_length(header);
    size_t available = w->span->length - w->at;
    if (!side->seen && length >= WTR_TLS_HELLO_FRONT - WTR_TLS_HEADER) {
        if (available < WTR_TLS_HELLO_FRONT)
            return wait_for(w, WTR_TLS_HELLO_FRONT);
        *clear = w->reader->followed = wtr_tls_is_hello(header);
        if (*clear)
            return true;
    }
    if (available < WTR_TLS_HEADER + length)
        return wait_for(w, WTR_TLS_HEADER + length);
    *clear = length > 0 && looks_clear(header + WTR_TLS_HEADER, length);
    return true;
}

static bool read_handshake(struct wtr_tls_walk *w)
{
    const struct wtr_tls_session *s = &w->state->memory.session;
    size_t length = wtr_tls_body_length(w->span->bytes + w->at);
    bool changed = s->side[w->place.direction].change_cipher_spec;
    bool clear = w->reader->followed && (!changed || wtr_tls_is_13(s->version));
    bool sealed = changed && s->version != 0 && !wtr_tls_is_13(s->version);
    if (!clear && !sealed && !judge_handshake(w, &clear))
        return false;
    if (!clear)
        return read_encrypted(w);
    wtr_tls_count_header(w, w->at, false);
    w->reader->left = (uint32_t)length;
    w->at += WTR_TLS_HEADER;
    return true;
}

static void lose(struct wtr_tls_walk *w)
{
    w->reader->lost = true;
    w->reader->followed = false;
    w->state->memory.session.side[w->place.direction].lost = true;
    wtr_tls_opener_gap(&w->state->memory, w->place.direction);
}

/* Whether what begins here may be a hello that is no record: the first of the client's bytes. */
static bool may_be_old(const struct wtr_tls_walk *w)
{
    const struct wtr_tls_session *s = &w->state->memory.session;
    return w->place.direction == WTR_FROM_CLIENT && w->reader->followed && !s->side[WTR_FROM_CLIENT].seen &&
           (w->span->bytes[w->at] & 0x80);
}

static bool read_record(struct wtr_tls_walk *w)
{
    const uint8_t *header = w->span->bytes + w->at;
    size_t left = w->span->length - w->at;
    if (may_be_old(w) && left < WTR_TLS_OLD_FRONT)
        return wait_for(w, WTR_TLS_OLD_FRONT);
    if (may_be_old(w) && wtr_tls_is_old_hello(header))
        return wtr_tls_read_old_hello(w);
    if (left < WTR_TLS_HEADER)
        return wait_for(w, WTR_TLS_HEADER);
    if (!wtr_tls_is_header(header)) {
        wtr_tls_find(&w->place, w->span, w->at, w->span->length - w->at, "not the header of a TLS record");
        lose(w);
        return true;
    }
    if (!w->state->memory.cited.data)
        cite_header(w);
    size_t length = wtr_tls_body_length(header);
    if (header[0] == WTR_TLS_HANDSHAKE)
        return read_handshake(w);
    if (header[0] == WTR_TLS_ALERT && length == CLEAR_ALERT)
        return read_short(w, WTR_TLS_ALERT, length);
    if (header[0] == WTR_TLS_CHANGE_CIPHER_SPEC && length == CLEAR_CHANGE)
        return read_short(w, WTR_TLS_CHANGE_CIPHER_SPEC, length);
    return read_encrypted(w);
}

/* ---- a direction */

/* Goes to where a record begins. Of the last bytes, those that may be the front of a header are kept. */
static bool search(struct wtr_tls_walk *w)
{
    const uint8_t *bytes = w->span->bytes;
    size_t length = w->span->length;
    for (; length - w->at >= WTR_TLS_HEADER; w->at++) {
        if (!wtr_tls_is_header(bytes + w->at))
            continue;
        size_t next = w->at + WTR_TLS_HEADER + wtr_tls_body_length(bytes + w->at);
        if (next > length || (next < length && length - next < WTR_TLS_HEADER))
            return wait_for(w, next - w->at + WTR_TLS_HEADER);
        if (next < length && !wtr_tls_is_header(bytes + next))
            continue;
        w->reader->lost = false;
        return true;
    }
    return wait_for(w, WTR_TLS_HEADER);
}

static bool step(struct wtr_tls_walk *w)
{
    if (w->reader->lost)
        return search(w);
    if (w->reader->left > 0)
        return wtr_tls_read_messages(w);
    return read_record(w);
}

static size_t stream(void *session, enum wtr_direction direction, const struct wtr_span *unread, size_t *need,
                     struct wtr_sink *sink)
{
    struct wtr_tls_state *state = session;
    struct wtr_tls_reader *reader = &state->reader[direction];
    struct wtr_tls_walk w = {
        .state = state,
        .reader = reader,
        .span = unread,
        .place = {.memory = &state->memory, .direction = direction, .sink = sink},
    };
    bool goes_on = true;
    while (goes_on && w.at < unread->length)
        goes_on = step(&w);
    *need = w.need;
    return w.at;
}

static void gap(void *session, enum wtr_direction direction, uint64_t missing)
{
    struct wtr_tls_state *state = session;
    (void)missing;
    state->reader[direction] = (struct wtr_tls_reader){.lost = true};
    state->memory.session.side[direction].lost = true;
    wtr_tls_opener_gap(&state->memory, direction);
}

/* ---- the protocol */

static void open_session(void *session, const struct wtr_session_setup *setup)
{
    struct wtr_tls_state *state = session;
    state->memory.protocol = &wtr_tls;
    state->memory.setup = *setup;
    state->memory.session.mid_stream = setup->mid_stream;
    state->reader[0].followed = state->reader[1].followed = !setup->mid_stream;
}

static void close_session(void *session)
{
    struct wtr_tls_state *state = session;
    wtr_tls_free_memory(&state->memory);
}

static void finish(void *session, struct wtr_sink *sink)
{
    struct wtr_tls_state *state = session;
    wtr_tls_tell_session(&state->memory, NULL, sink);
}

const struct wtr_tls_session *wtr_tls_session_of(const void *state)
{
    const struct wtr_tls_state *known = state;
    return &known->memory.session;
}

const struct wtr_protocol wtr_tls = {
    .name = "tls",
    .session_size = sizeof(struct wtr_tls_state),
    .probe_stream = wtr_tls_probe,
    .open = open_session,
    .close = close_session,
    .stream = stream,
    .gap = gap,
    .general = true,
    .fields = wtr_tls_fields,
    .finish = finish,
};
