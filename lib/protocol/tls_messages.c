/* SPDX-License-Identifier: Apache-2.0 */
/* Handshake messages in clear (RFC 8446 4, 5.1): several in a record, or one over several records. Nothing is
 * copied but a message that lies in several records, once it is whole; until then its bytes stay unread. */
#include "protocol/tls_stream.h"

#include <stdlib.h>

static size_t available(const struct wtr_tls_walk *w)
{
    return w->span->length - w->at;
}

static size_t message_length(const uint8_t head[WTR_TLS_MESSAGE_HEADER])
{
    return WTR_TLS_MESSAGE_HEADER + ((size_t)head[1] << 16 | wtr_be16(head + 2));
}

static void tell(struct wtr_tls_walk *w, const uint8_t *bytes, size_t length,
                 const struct wtr_piece_list *pieces)
{
    const struct wtr_tls_handshake message = {
        .type = bytes[0],
        .body = wtr_text_of(bytes + WTR_TLS_MESSAGE_HEADER, length - WTR_TLS_MESSAGE_HEADER),
        .bytes = wtr_text_of(bytes, length),
        .version = w->state->memory.session.version,
    };
    const struct wtr_span span = {bytes, length, pieces->pieces, pieces->count, w->span->opening};
    wtr_tls_tell_handshake(&w->place, &message, &span);
}

/* A message that lies in the rest of this record. */
static void read_here(struct wtr_tls_walk *w, size_t length)
{
    struct wtr_piece_list pieces = {0};
    if (wtr_piece_list_add(&pieces, w->span, w->at, length))
        tell(w, w->span->bytes + w->at, length, &pieces);
    wtr_piece_list_free(&pieces);
    w->at += length;
    w->reader->left -= (uint32_t)length;
}

/* A message whose bytes were followed to their end: from w->at on, with records' headers in between. */
static void read_gathered(struct wtr_tls_walk *w, size_t length)
{
    struct wtr_tls_reader *r = w->reader;
    struct wtr_piece_list pieces = {0};
    uint8_t *bytes = malloc(length);
    size_t at = w->at, left = r->left, have = 0;
    bool whole = bytes != NULL;
    while (whole && have < length) {
        size_t more = left < length - have ? left : length - have;
        whole = wtr_piece_list_add(&pieces, w->span, at, more);
        memcpy(bytes + have, w->span->bytes + at, more);
        have += more;
        at += more;
        if (have < length) {
            left = wtr_tls_body_length(w->span->bytes + at);
            at += WTR_TLS_HEADER;
        }
    }
    if (whole)
        tell(w, bytes, length, &pieces);
    wtr_piece_list_free(&pieces);
    free(bytes);
}

static void forget_walk(struct wtr_tls_reader *r)
{
    r->walked = r->walked_left = r->gathered = 0;
}

/* The message ends here, whatever became of it. */
static void end_walk(struct wtr_tls_walk *w)
{
    w->at += w->reader->walked;
    w->reader->left = w->reader->walked_left;
    forget_walk(w->reader);
}

static void end_message(struct wtr_tls_walk *w, size_t length)
{
    if (w->reader->walked == length) { /* all in one record */
        forget_walk(w->reader);
        read_here(w, length);
        return;
    }
    read_gathered(w, length);
    end_walk(w);
}

/* Takes bytes of the record in which the walk is: of the message's header, then of its body. */
static void walk_body(struct wtr_tls_walk *w, size_t target)
{
    struct wtr_tls_reader *r = w->reader;
    size_t more = target - r->gathered;
    more = more < r->walked_left ? more : r->walked_left;
    more = more < available(w) - r->walked ? more : available(w) - r->walked;
    for (size_t i = 0; i < more && r->gathered + i < sizeof r->head; i++)
        r->head[r->gathered + i] = w->span->bytes[w->at + r->walked + i];
    r->gathered += (uint32_t)more;
    r->walked += more;
    r->walked_left -= (uint32_t)more;
}

/* Goes over to the next record. False: more bytes are needed, or the message does not go on there. */
static bool walk_header(struct wtr_tls_walk *w, bool *broken)
{
    struct wtr_tls_reader *r = w->reader;
    if (available(w) - r->walked < WTR_TLS_HEADER) {
        w->need = r->walked + WTR_TLS_HEADER;
        return false;
    }
    const uint8_t *header = w->span->bytes + w->at + r->walked;
    *broken = header[0] != WTR_TLS_HANDSHAKE || !wtr_tls_is_header(header);
    if (*broken)
        return false;
    wtr_tls_count_header(w, w->at + r->walked, false);
    r->walked += WTR_TLS_HEADER;
    r->walked_left = wtr_tls_body_length(header);
    return true;
}

/* Follows the message over the records that hold it. False: more bytes are needed. */
static bool follow(struct wtr_tls_walk *w)
{
    struct wtr_tls_reader *r = w->reader;
    bool broken = false;
    if (r->walked == 0)
        r->walked_left = r->left;
    for (;;) {
        size_t target = r->gathered < sizeof r->head ? sizeof r->head : message_length(r->head);
        if (target > WTR_TLS_MAX_HANDSHAKE) {
            wtr_tls_find(&w->place, w->span, w->at, r->walked, wtr_tls_too_long);
            r->pass = (uint32_t)(target - r->gathered);
            end_walk(w);
            return true;
        }
        if (r->gathered >= sizeof r->head && r->gathered == target) {
            end_message(w, target);
            return true;
        }
        if (r->walked_left == 0 && !walk_header(w, &broken))
            break;
        if (r->walked_left > 0 && available(w) == r->walked) {
            size_t more = target - r->gathered;
            w->need = r->walked + (more < r->walked_left ? more : r->walked_left);
            return false;
        }
        walk_body(w, target);
    }
    if (!broken)
        return false;
    wtr_tls_find(&w->place, w->span, w->at, r->walked, "a handshake message is broken off by another record");
    end_walk(w);
    return true;
}

bool wtr_tls_read_messages(struct wtr_tls_walk *w)
{
    struct wtr_tls_reader *r = w->reader;
    size_t here = available(w) < r->left ? available(w) : r->left;
    if (r->pass > 0) {
        size_t passed = r->pass < here ? r->pass : here;
        r->pass -= (uint32_t)passed;
        r->left -= (uint32_t)passed;
        w->at += passed;
        return true;
    }
    if (r->walked == 0 && here >= WTR_TLS_MESSAGE_HEADER) {
        size_t length = message_length(w->span->bytes + w->at);
        if (length <= here && length <= WTR_TLS_MAX_HANDSHAKE) {
            read_here(w, length);
            return true;
        }
    }
    return follow(w);
}
