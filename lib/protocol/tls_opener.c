/* SPDX-License-Identifier: Apache-2.0 */
/* The opener of TLS and DTLS connections: keeps what a key schedule needs of the handshake, finds the keys
 * when the first protected record comes, and opens records one by one. A key is right if a record that it
 * opens verifies; nothing else is taken for a proof, and what does not verify gives no plain text.
 *
 * A record's number is part of what is authenticated, and of TLS does not stand in the record. Where records
 * were lost it is searched for among the next few, and found where the record verifies. */
#include "protocol/tls_opener.h"

#include "base/bytes.h"

#include <stdlib.h>

enum {
    SEARCHED = 128,         /* numbers that are tried after a loss */
    MOST_LOST_FAILURES = 4, /* records that may fail while a number is searched for */
    MOST_FAILURES = 64,     /* records in a row that may fail where the number is known */
    MOST_ATTEMPTS = 4,      /* records by which a master secret is looked for in one handshake */
    MOST_TRANSCRIPT = 128 << 10,
    TLS_HEADER = 5,
    DTLS_HEADER = 13,
    CLOSE_NOTIFY = 0,
};

static const char wrong_key[] = "wrong key: no record verifies with a key that is there";

/* ---- the connection */

static bool open_state(void *state, const struct wtr_tls_session *session,
                       const struct wtr_session_setup *setup)
{
    struct wtr_tls_opening *o = state;
    o->session = session;
    o->keys = setup->keys;
    o->end[WTR_FROM_CLIENT].phase = o->end[WTR_FROM_SERVER].phase = WTR_TLS_HANDSHAKING;
    o->inner.inside = session->datagram ? "dtls" : "tls";
    o->inner.keys = setup->keys;
    o->inner.mid_stream = setup->mid_stream;
    return true;
}

static void close_state(void *state)
{
    struct wtr_tls_opening *o = state;
    for (unsigned d = 0; d < 2; d++)
        wtr_buffer_free(&o->said[d].bytes);
    wtr_buffer_free(&o->key_exchange);
    wtr_buffer_wipe(&o->plain);
    free(o->pieces);
    wtr_tls_inside_free(o);
    wtr_wipe(o, sizeof *o);
}

/* ---- the handshake */

static void say(struct wtr_tls_said *said, const struct wtr_tls_handshake *message)
{
    if (said->bytes.length + message->bytes.length > MOST_TRANSCRIPT)
        said->broken = true;
    else
        wtr_put_text(&said->bytes, message->bytes);
    said->broken = said->broken || said->bytes.failed;
}

/* A session hash is for master secrets that are derived here; of the others a key log has the result. */
static bool needs_transcript(const struct wtr_tls_opening *o)
{
    const struct wtr_tls_suite *suite = wtr_tls_suite_of(o->session->suite);
    return !o->session->server_hello_seen || !suite || suite->exchange == WTR_TLS_KX_RSA ||
           suite->exchange == WTR_TLS_KX_PSK;
}

static void forget_handshake(struct wtr_tls_opening *o)
{
    for (unsigned d = 0; d < 2; d++) {
        wtr_buffer_clear(&o->said[d].bytes);
        o->said[d].hello = o->said[d].done = 0;
        o->said[d].broken = false;
    }
    wtr_buffer_clear(&o->key_exchange);
    wtr_wipe(o->master, sizeof o->master);
    wtr_wipe(o->keyed, sizeof o->keyed);
    o->agreed = false;
    o->attempts = 0;
}

/* A ClientHello begins a handshake anew; one that a HelloVerifyRequest answers is no part of the transcript
 * (RFC 6347 4.2.1), and neither is a HelloRequest (RFC 5246 7.4.1.1). */
static void old_handshake(struct wtr_tls_opening *o, enum wtr_direction direction,
                          const struct wtr_tls_handshake *message)
{
    struct wtr_tls_said *said = &o->said[direction];
    if (message->type == WTR_TLS_CLIENT_HELLO || message->type == WTR_TLS_HELLO_VERIFY_REQUEST)
        forget_handshake(o);
    if (message->type == WTR_TLS_HELLO_VERIFY_REQUEST || message->type == WTR_TLS_HELLO_REQUEST)
        return;
    if (!said->done && (message->type == WTR_TLS_CLIENT_HELLO || needs_transcript(o)))
        say(said, message);
    if (message->type == WTR_TLS_CLIENT_HELLO)
        said->hello = said->bytes.length;
    if (message->type == WTR_TLS_SERVER_HELLO_DONE || message->type == WTR_TLS_CLIENT_KEY_EXCHANGE)
        said->done = said->bytes.length;
    if (message->type == WTR_TLS_CLIENT_KEY_EXCHANGE) {
        wtr_buffer_clear(&o->key_exchange);
        wtr_put_text(&o->key_exchange, message->body);
    }
    if (message->type == WTR_TLS_NEW_SESSION_TICKET)
        wtr_tls_keep_resumable(o);
}

static void handshake(void *state, enum wtr_direction direction, const struct wtr_tls_handshake *message)
{
    struct wtr_tls_opening *o = state;
    bool modern = o->session->server_hello_seen && o->session->version == WTR_TLS_1_3;
    if (message->type == WTR_TLS_CLIENT_HELLO && !message->encrypted) {
        o->end[WTR_FROM_CLIENT].phase =
            o->session->offered_early_data && !o->session->retried ? WTR_TLS_EARLY : WTR_TLS_HANDSHAKING;
        o->inner.mid_stream =
            false; /* what is carried begins behind it, whatever the connection held before */
    }
    if (modern && message->encrypted)
        wtr_tls_modern_handshake(o, direction, message->type);
    else if (!modern)
        old_handshake(o, direction, message);
}

static void change_cipher_spec(void *state, enum wtr_direction direction)
{
    struct wtr_tls_opening *o = state;
    if (!wtr_tls_is_modern(o) && !o->session->datagram)
        o->end[direction].changed = true;
}

/* ---- records */

const char *wtr_tls_unseal_next(struct wtr_tls_target *target, struct wtr_tls_end *end)
{
    struct wtr_tls_sealed *sealed = &target->sealed;
    if (end->now.datagram)
        return wtr_tls_unseal(&end->now, sealed, target->plain, &target->unsealed);
    sealed->sequence = end->next;
    const char *why = wtr_tls_unseal(&end->now, sealed, target->plain, &target->unsealed);
    for (unsigned i = 1; why && end->lost && i <= SEARCHED; i++) {
        sealed->sequence = end->next + i;
        why = wtr_tls_unseal(&end->now, sealed, target->plain, &target->unsealed);
    }
    if (why) {
        wtr_tls_pass(&end->now, sealed);
        end->next += !end->lost;
        end->failures++;
        return why;
    }
    end->next = sealed->sequence + 1;
    end->lost = false;
    end->failures = 0;
    return NULL;
}

/* Takes the keys that were agreed on for the direction, which are looked for if need be. */
static bool take_agreed(struct wtr_tls_target *target)
{
    struct wtr_tls_opening *o = target->opening;
    struct wtr_tls_end *end = &o->end[target->direction];
    if (!o->agreed && (o->attempts++ >= MOST_ATTEMPTS || !wtr_tls_find_master(target)))
        return false;
    wtr_tls_keep_resumable(o);
    end->now = o->keyed[target->direction];
    end->key = o->key;
    end->key_origin = o->key_origin;
    end->next = 0;
    end->changed = false;
    return true;
}

static const char *open_old(struct wtr_tls_target *target)
{
    struct wtr_tls_opening *o = target->opening;
    struct wtr_tls_end *end = &o->end[target->direction];
    uint16_t epoch = o->session->datagram ? (uint16_t)(target->sealed.sequence >> 48) : 0;
    bool fresh = !end->now.suite || end->changed || epoch > end->epoch;
    if (!fresh && epoch < end->epoch)
        return "a record of an earlier epoch";
    if (fresh && !take_agreed(target)) {
        end->next += !end->lost;
        const char *hopeless = o->tried ? NULL : wtr_tls_hopeless(o);
        return hopeless ? hopeless : wrong_key;
    }
    end->epoch = epoch;
    return wtr_tls_unseal_next(target, end);
}

/* The number as DTLS has it in the header: epoch and sequence_number. */
static uint64_t sequence_of(const struct wtr_tls_opening *o, const uint8_t *header)
{
    return o->session->datagram ? wtr_be64(header + 3) : 0;
}

/* Keeps the body of the record that was opened, as the unit that its plain text is in. */
static bool keep_unit(struct wtr_tls_opening *o, const struct wtr_span *whole, size_t header)
{
    size_t count = wtr_span_parts(whole, header, whole->length - header);
    if (count > o->piece_capacity) {
        struct wtr_piece *pieces = realloc(o->pieces, count * sizeof *pieces);
        if (!pieces)
            return false;
        o->pieces = pieces;
        o->piece_capacity = count;
    }
    o->piece_count = wtr_span_cut(whole, header, whole->length - header, o->pieces, o->piece_capacity);
    o->unit =
        (struct wtr_span){whole->bytes + header, whole->length - header, o->pieces, o->piece_count, NULL};
    return true;
}

static const char *version_name(const struct wtr_tls_opening *o)
{
    switch (o->session->version) {
    case WTR_SSL_3:
        return "ssl3 ";
    case WTR_TLS_1_0:
        return "tls1.0 ";
    case WTR_TLS_1_1:
        return "tls1.1 ";
    case WTR_TLS_1_2:
        return "tls1.2 ";
    case WTR_DTLS_1_0:
        return "dtls1.0 ";
    case WTR_DTLS_1_2:
        return "dtls1.2 ";
    default:
        return "tls1.3 ";
    }
}

static void tell_opening(struct wtr_tls_opening *o, const struct wtr_tls_target *target,
                         struct wtr_tls_plain *plain)
{
    const struct wtr_tls_end *end = &o->end[target->direction];
    const char *version = version_name(o), *cipher = wtr_tls_suite_cipher(end->now.suite);
    size_t length = strlen(version);
    memcpy(o->steps, version, length);
    memcpy(o->steps + length, cipher, strlen(cipher) + 1);
    o->opening = (struct wtr_opening){.steps = o->steps,
                                      .keeps_places = target->unsealed.keeps_places,
                                      .key = end->key,
                                      .key_origin = end->key_origin};
    o->at = target->unsealed.at;
    *plain = (struct wtr_tls_plain){.content_type = target->unsealed.content_type,
                                    .bytes = target->plain,
                                    .length = target->unsealed.length,
                                    .at = (o->session->datagram ? DTLS_HEADER : TLS_HEADER) + o->at,
                                    .opening = &o->opening};
}

/* What the reader need not know of an opened record, but the opener. */
static void note_content(struct wtr_tls_opening *o, enum wtr_direction direction,
                         const struct wtr_tls_plain *p)
{
    if (p->content_type == WTR_TLS_CHANGE_CIPHER_SPEC) /* within a renegotiation */
        change_cipher_spec(o, direction);
    if (p->content_type == WTR_TLS_ALERT && p->length == 2 && p->bytes[1] == CLOSE_NOTIFY) {
        o->end[direction].ended = true;
        wtr_inner_end(&o->inner, direction);
    }
}

static void fail(struct wtr_tls_opening *o, struct wtr_tls_end *end, const char *why,
                 struct wtr_tls_plain *plain)
{
    unsigned most = end->lost ? MOST_LOST_FAILURES : MOST_FAILURES;
    o->why = why;
    plain->why = end->proven ? why : NULL;
    end->given_up = end->failures >= most || o->attempts >= MOST_ATTEMPTS;
    wtr_inner_gap(&o->inner, (enum wtr_direction)(end - o->end));
}

static bool record(void *state, const struct wtr_tls_record *record, const struct wtr_span *whole,
                   struct wtr_tls_plain *plain)
{
    struct wtr_tls_opening *o = state;
    size_t header = o->session->datagram ? DTLS_HEADER : TLS_HEADER;
    struct wtr_tls_end *end = &o->end[record->direction];
    if (whole->length < header || end->given_up)
        return false;
    wtr_buffer_clear(&o->plain);
    struct wtr_tls_target target = {
        .opening = o,
        .direction = record->direction,
        .sealed = {whole->bytes, whole->bytes + header, whole->length - header, sequence_of(o, whole->bytes)},
        .plain = (uint8_t *)wtr_buffer_room(&o->plain, whole->length),
    };
    if (!target.plain || !keep_unit(o, whole, header))
        return false;
    bool modern = wtr_tls_is_modern(o);
    const char *why = modern ? wtr_tls_open_modern(&target) : open_old(&target);
    if (why) {
        fail(o, end, why, plain);
        return false;
    }
    o->opened = end->proven = true;
    tell_opening(o, &target, plain);
    note_content(o, record->direction, plain);
    return true;
}

static enum wtr_tls_interest wants(void *state, const struct wtr_tls_record *record)
{
    struct wtr_tls_opening *o = state;
    bool both = o->end[0].given_up && o->end[1].given_up;
    if (o->end[record->direction].given_up)
        return both && !o->opened ? WTR_TLS_NEVER : WTR_TLS_NOT_THIS;
    if (record->content_type == WTR_TLS_CID)
        return WTR_TLS_NOT_THIS;
    if (o->opened || o->agreed)
        return WTR_TLS_THIS;
    const char *hopeless = wtr_tls_is_modern(o) ? wtr_tls_modern_hopeless(o) : wtr_tls_hopeless(o);
    o->why = hopeless ? hopeless : o->why;
    return hopeless ? WTR_TLS_NEVER : WTR_TLS_THIS;
}

/* ---- what was opened */

static void application(void *state, const struct wtr_tls_record *record, const struct wtr_span *plain,
                        struct wtr_sink *sink)
{
    wtr_tls_inside(state, record->direction, wtr_text_of(plain->bytes, plain->length), sink);
}

static void gap(void *state, enum wtr_direction direction)
{
    struct wtr_tls_opening *o = state;
    struct wtr_tls_end *end = &o->end[direction];
    end->lost = true;
    end->failures = 0;
    o->said[direction].broken = true;
    if (end->now.suite && end->now.suite->bulk == WTR_TLS_RC4) {
        end->given_up = true;
        o->why = "records were lost, behind which RC4 can't be taken up again";
    }
    wtr_inner_gap(&o->inner, direction);
}

static void finish(void *state, struct wtr_sink *sink)
{
    struct wtr_tls_opening *o = state;
    wtr_inner_finish(&o->inner, sink);
}

static void verdict(const void *state, struct wtr_tls_verdict *verdict)
{
    const struct wtr_tls_opening *o = state;
    const struct wtr_tls_end *named = o->end[0].key ? &o->end[0] : &o->end[1];
    if (!o->opened)
        wtr_tls_note_wanted(o);
    *verdict = (struct wtr_tls_verdict){.opened = o->opened,
                                        .key = o->opened ? named->key : NULL,
                                        .key_origin = o->opened ? named->key_origin : NULL,
                                        .why = !o->opened && o->tried ? wrong_key : o->why};
}

static const struct wtr_tls_opener opener = {
    .state_size = sizeof(struct wtr_tls_opening),
    .open = open_state,
    .close = close_state,
    .handshake = handshake,
    .change_cipher_spec = change_cipher_spec,
    .wants = wants,
    .record = record,
    .application = application,
    .gap = gap,
    .finish = finish,
    .verdict = verdict,
};

const struct wtr_tls_opener *const wtr_tls_opener = &opener;
