/* SPDX-License-Identifier: Apache-2.0 */
/* A ClientHello in the form of SSL 2.0, by which clients once began SSL 3.0 and TLS (RFC 5246 E.2): no
 * record, but a length of two bytes with the top bit set, and the message. The challenge is the random's end;
 * the transcript has the message without the two bytes. */
#include "protocol/tls_stream.h"

enum { LENGTH = 2, FIXED = 9, LEAST_CHALLENGE = 16, SPEC = 3 };

struct old_hello {
    uint16_t version;
    size_t length; /* of the message */
    size_t specs, session_id, challenge;
};

static struct old_hello read_front(const uint8_t *b)
{
    return (struct old_hello){.version = wtr_be16(b + 3),
                              .length = wtr_be16(b) & 0x7fffU,
                              .specs = wtr_be16(b + 5),
                              .session_id = wtr_be16(b + 7),
                              .challenge = wtr_be16(b + 9)};
}

bool wtr_tls_is_old_hello(const uint8_t *b)
{
    struct old_hello h = read_front(b);
    return (b[0] & 0x80) && b[2] == WTR_TLS_CLIENT_HELLO && h.version >= WTR_SSL_3 &&
           h.version <= WTR_TLS_1_2 && h.specs > 0 && h.specs % SPEC == 0 && h.session_id <= WTR_TLS_RANDOM &&
           h.challenge >= LEAST_CHALLENGE && h.challenge <= WTR_TLS_RANDOM &&
           h.length == FIXED + h.specs + h.session_id + h.challenge;
}

/* The hello as TLS has it, so far as there are fields for it: version, random, session id. */
static struct wtr_text as_new(const struct old_hello *h, const uint8_t *message,
                              uint8_t out[2 + WTR_TLS_RANDOM + 1 + WTR_TLS_RANDOM + 4])
{
    const uint8_t *id = message + FIXED + h->specs, *challenge = id + h->session_id;
    size_t at = 2 + WTR_TLS_RANDOM;
    out[0] = (uint8_t)(h->version >> 8);
    out[1] = (uint8_t)h->version;
    memset(out + 2, 0, WTR_TLS_RANDOM);
    memcpy(out + at - h->challenge, challenge, h->challenge);
    out[at++] = (uint8_t)h->session_id;
    memcpy(out + at, id, h->session_id);
    at += h->session_id;
    static const uint8_t rest[] = {0, 0, 1, 0}; /* no suites of that form; no compression */
    memcpy(out + at, rest, sizeof rest);
    return wtr_text_of(out, at + sizeof rest);
}

static void cite(struct wtr_tls_walk *w, size_t length)
{
    struct wtr_piece_list pieces = {0};
    if (wtr_piece_list_add(&pieces, w->span, w->at, length)) {
        const struct wtr_span span = {w->span->bytes + w->at, length, pieces.pieces, pieces.count, NULL};
        wtr_tls_cite(&w->state->memory, &span, true);
    }
    wtr_piece_list_free(&pieces);
}

bool wtr_tls_read_old_hello(struct wtr_tls_walk *w)
{
    uint8_t body[2 + WTR_TLS_RANDOM + 1 + WTR_TLS_RANDOM + 4];
    const uint8_t *front = w->span->bytes + w->at;
    struct old_hello h = read_front(front);
    struct wtr_tls_memory *memory = &w->state->memory;
    size_t total = LENGTH + h.length;
    if (w->span->length - w->at < total) {
        w->need = total;
        return false;
    }
    const struct wtr_tls_handshake message = {.type = WTR_TLS_CLIENT_HELLO,
                                              .body = as_new(&h, front + LENGTH, body),
                                              .bytes = wtr_text_of(front + LENGTH, h.length),
                                              .version = h.version};
    const struct wtr_tls_record record = {.direction = w->place.direction,
                                          .content_type = WTR_TLS_HANDSHAKE,
                                          .version = h.version,
                                          .length = (uint32_t)h.length,
                                          .time_ns = wtr_span_locate(w->span, w->at, 1).time_ns};
    wtr_tls_count(memory, &record, LENGTH);
    wtr_tls_take_handshake(&memory->session, w->place.direction, &message);
    memory->session.ja3[0] = memory->session.ja4[0] = '\0'; /* they are of another form of hello */
    cite(w, total);
    wtr_tls_opener_handshake(memory, w->place.direction, &message);
    w->at += total;
    return true;
}
