/* SPDX-License-Identifier: Apache-2.0 */
/* KLAP in HTTP messages (python-kasa klaptransport.py):
 *
 *   - handshake1: 16 bytes local seed; answered with 16 bytes remote seed, 32 bytes server hash, and a cookie
 *     TP_SESSIONID. The server hash tells which of the candidate accounts the device has.
 *   - handshake2: 32 bytes client hash.
 *   - request?seq=<signed 32-bit number>: 32 bytes signature, ciphertext; the answer has the same form under
 *     the same number. What is not signed with the session's key is not read.
 *
 * Only what has this form is taken for KLAP; other ways of TP-Link's are left alone. */
#include "vendor/tapo/klap.h"

#include "protocol/http.h"
#include "vendor/tapo/klap_session.h"

#include <stdlib.h>

enum { MAX_PIECES = 1024, MAX_STEPS = 96 };

struct state {
    struct wtr_klap_accounts accounts;
    struct wtr_klap_sessions sessions;
    struct wtr_buffer plain;
    struct wtr_piece pieces[MAX_PIECES];
    char steps[MAX_STEPS];
};

/* One HTTP message while it is read. */
struct reading {
    struct state *state;
    const struct wtr_message *carrier;
    const struct wtr_http *http;
    struct wtr_klap_ends ends;
    struct wtr_span body;
    struct wtr_sink *sink;
};

static void open_carried(void *state, const struct wtr_session_setup *setup)
{
    struct state *s = state;
    wtr_klap_accounts_open(&s->accounts, setup->keys);
}

static void close_carried(void *state)
{
    struct state *s = state;
    wtr_klap_sessions_close(&s->sessions);
    wtr_klap_accounts_close(&s->accounts);
    wtr_buffer_free(&s->plain);
}

static void finding(struct reading *r, const char *reason)
{
    r->sink->finding(r->sink->payload, &r->body, 0, r->body.length, reason);
}

/* ---- HTTP ---- */

/* The cookie of a name in a Cookie or Set-Cookie header (RFC 6265 4.1.1, 4.2.1); length 0: none. */
static struct wtr_text cookie_in(struct wtr_text header, const char *name)
{
    while (header.data) {
        struct wtr_text rest = header;
        struct wtr_text pair = wtr_text_cut(&rest, ';');
        while (pair.length > 0 && *pair.data == ' ')
            pair = (struct wtr_text){pair.data + 1, pair.length - 1};
        struct wtr_text value = pair;
        struct wtr_text key = wtr_text_cut(&value, '=');
        if (value.data && wtr_text_is(key, name))
            return value;
        header = rest;
    }
    return (struct wtr_text){NULL, 0};
}

static struct wtr_text cookie_of(const struct wtr_http *http)
{
    for (size_t i = 0; http && i < http->header_count; i++) {
        const struct wtr_http_header *h = &http->headers[i];
        if (!wtr_text_is_nocase(h->name, http->is_response ? "Set-Cookie" : "Cookie"))
            continue;
        struct wtr_text cookie = cookie_in(h->value, "TP_SESSIONID");
        if (cookie.length > 0 && cookie.length <= WTR_KLAP_MAX_COOKIE)
            return cookie;
    }
    return (struct wtr_text){NULL, 0};
}

static bool seq_of(struct wtr_text query, int32_t *seq)
{
    while (query.data) {
        struct wtr_text rest = query;
        struct wtr_text value = wtr_text_cut(&rest, '&');
        struct wtr_text key = wtr_text_cut(&value, '=');
        int64_t number = 0;
        if (wtr_text_is(key, "seq") && wtr_decimal_int(value, &number) && number >= INT32_MIN &&
            number <= INT32_MAX) {
            *seq = (int32_t)number;
            return true;
        }
        query = rest;
    }
    return false;
}

/* ---- messages ---- */

static void hand_out(struct reading *r, const struct wtr_klap *klap, const struct wtr_span *span)
{
    static const char *const types[] = {
        [WTR_KLAP_HANDSHAKE1] = "handshake1", [WTR_KLAP_HANDSHAKE1_RESPONSE] = "handshake1_response",
        [WTR_KLAP_HANDSHAKE2] = "handshake2", [WTR_KLAP_HANDSHAKE2_RESPONSE] = "handshake2_response",
        [WTR_KLAP_REQUEST] = "request",       [WTR_KLAP_RESPONSE] = "response",
    };
    const struct wtr_message message = {
        .protocol = &wtr_klap,
        .type = types[klap->step],
        .direction = r->carrier->direction,
        .span = *span,
        .body = klap,
        .session = r->carrier->session,
        .exchange = r->carrier->exchange,
        .over = "http",
    };
    r->sink->message(r->sink->payload, &message);
}

static void name_account(struct wtr_klap *klap, const struct wtr_klap_session *session)
{
    if (!session || !session->account)
        return;
    klap->version = session->auth->version;
    klap->account = session->account->name;
    klap->account_id = session->account->id;
    klap->account_origin = session->account->origin;
}

/* The device's seed and hash: begins the session, and finds out whose account it is. */
static void begin_session(struct reading *r, struct wtr_klap *klap)
{
    struct state *state = r->state;
    struct wtr_klap_session *session = wtr_klap_session_new(&state->sessions, &r->ends);
    struct wtr_text hash = {klap->body.data + WTR_KLAP_SEED, WTR_KLAP_HASH};
    memcpy(session->seeds.local, r->http->request->body.data, WTR_KLAP_SEED);
    memcpy(session->seeds.remote, klap->body.data, WTR_KLAP_SEED);
    session->account = wtr_klap_account_of(&state->accounts, &session->seeds, hash, &session->auth);
    if (session->account && !wtr_klap_derive(session->auth, &session->seeds, &session->keys))
        session->account = NULL;
    name_account(klap, session);
    hand_out(r, klap, &r->body);
    if (session->account)
        return;
    finding(r, state->accounts.given > 0
                   ? "no account of the keyring is this device's, nor is a blank or built-in one, so nothing "
                     "of this session is read"
                   : "the keyring holds no account for this session, and no blank or built-in one fits, so "
                     "nothing of it is read");
}

static void check_client(struct reading *r, struct wtr_klap *klap)
{
    const struct wtr_klap_session *session = wtr_klap_session_find(&r->state->sessions, &r->ends);
    uint8_t expected[WTR_KLAP_HASH];
    name_account(klap, session);
    klap->proof_fits = klap->account && wtr_klap_client_hash(session->auth, &session->seeds, expected) &&
                       memcmp(expected, klap->body.data, sizeof expected) == 0;
    hand_out(r, klap, &r->body);
    if (klap->account && !klap->proof_fits)
        finding(r, "the client's proof is not of the account that the device has");
}

/* ---- what is enciphered ---- */

/* The steps to the plain text, behind those that the HTTP body took. */
static const char *steps_of(struct reading *r)
{
    static const char own[] = "klap-aes-128-cbc";
    const struct wtr_opening *outer = r->body.opening;
    size_t n = outer ? strlen(outer->steps) : 0;
    if (n == 0 || n + sizeof own + 1 > MAX_STEPS)
        return own;
    memcpy(r->state->steps, outer->steps, n);
    r->state->steps[n] = '+';
    memcpy(r->state->steps + n + 1, own, sizeof own);
    return r->state->steps;
}

/* Deciphers the body, and hands it out; a finding if it can't be. */
static void open_body(struct reading *r, struct wtr_klap *klap, struct wtr_klap_session *session)
{
    struct wtr_buffer *plain = &r->state->plain;
    size_t length = 0;
    wtr_buffer_clear(plain);
    uint8_t *room = (uint8_t *)wtr_buffer_room(plain, klap->body.length);
    if (!wtr_klap_is_signed(&session->keys, klap->seq, klap->body)) {
        hand_out(r, klap, &r->body);
        finding(r, "the signature does not fit the session and its number, so nothing is read");
        return;
    }
    if (!room || !wtr_klap_open(&session->keys, klap->seq, klap->body, room, &length)) {
        hand_out(r, klap, &r->body);
        finding(r, "what is signed can't be deciphered");
        return;
    }
    const struct wtr_opening opening = {
        .steps = steps_of(r), .key = klap->account, .key_origin = klap->account_origin};
    struct wtr_span span = {room, length, r->body.pieces, r->body.piece_count, &opening};
    klap->opened = true;
    klap->text = wtr_text_of(room, length);
    if (klap->step == WTR_KLAP_REQUEST)
        wtr_klap_ask(session, klap->seq, klap->text);
    else
        klap->question = wtr_klap_question(session, klap->seq);
    hand_out(r, klap, &span);
}

static void read_enciphered(struct reading *r, struct wtr_klap *klap)
{
    struct wtr_klap_session *session = wtr_klap_session_find(&r->state->sessions, &r->ends);
    if (!session) {
        wtr_klap_session_new(&r->state->sessions, &r->ends);
        hand_out(r, klap, &r->body);
        finding(r, "the handshake of this session was not seen, so nothing of it is read");
        return;
    }
    name_account(klap, session);
    if (klap->account)
        open_body(r, klap, session);
    else
        hand_out(r, klap, &r->body);
}

/* ---- which message it is ---- */

/* The step, as far as the request's target tells; false if it is none of KLAP's. */
static bool step_of(const struct wtr_http *request, bool is_response, struct wtr_klap *klap)
{
    struct wtr_text query = request->target;
    struct wtr_text path = wtr_text_cut(&query, '?');
    if (!wtr_text_is(request->method, "POST"))
        return false;
    if (wtr_text_is(path, "/app/handshake1"))
        klap->step = WTR_KLAP_HANDSHAKE1;
    else if (wtr_text_is(path, "/app/handshake2"))
        klap->step = WTR_KLAP_HANDSHAKE2;
    else if (wtr_text_is(path, "/app/request"))
        klap->step = WTR_KLAP_REQUEST;
    else
        return false;
    klap->has_seq = klap->step == WTR_KLAP_REQUEST && seq_of(query, &klap->seq);
    klap->step += is_response;
    return true;
}

/* Whether the body has the length that the step has. */
static bool has_form(const struct wtr_http *http, const struct wtr_klap *klap)
{
    size_t length = klap->body.length;
    switch (klap->step) {
    case WTR_KLAP_HANDSHAKE1:
        return length == WTR_KLAP_SEED;
    case WTR_KLAP_HANDSHAKE1_RESPONSE:
        return length == WTR_KLAP_SEED + WTR_KLAP_HASH && http->request->body.length == WTR_KLAP_SEED &&
               !http->request->body_cut;
    case WTR_KLAP_HANDSHAKE2:
        return length == WTR_KLAP_HASH;
    case WTR_KLAP_HANDSHAKE2_RESPONSE:
        return true;
    default:
        return klap->has_seq && length > WTR_KLAP_HASH && (length - WTR_KLAP_HASH) % WTR_KLAP_BLOCK == 0;
    }
}

static void read_step(struct reading *r, struct wtr_klap *klap)
{
    switch (klap->step) {
    case WTR_KLAP_HANDSHAKE1_RESPONSE:
        begin_session(r, klap);
        break;
    case WTR_KLAP_HANDSHAKE2:
        check_client(r, klap);
        break;
    case WTR_KLAP_REQUEST:
    case WTR_KLAP_RESPONSE:
        read_enciphered(r, klap);
        break;
    default:
        hand_out(r, klap, &r->body);
    }
}

/* The body of the HTTP message as a span; of an empty one, the whole message. */
static struct wtr_span body_span(struct reading *r)
{
    const struct wtr_span *whole = &r->carrier->span;
    struct wtr_text body = r->http->body;
    size_t at = 0;
    if (body.length == 0 || !wtr_span_holds(whole, body.data, body.length, &at))
        return *whole;
    size_t n = wtr_span_cut(whole, at, body.length, r->state->pieces, MAX_PIECES);
    return (struct wtr_span){(const uint8_t *)body.data, body.length, r->state->pieces, n, whole->opening};
}

/* A response whose request is not known, between two that have a session: its number is not known either. */
static void read_unpaired(struct reading *r, struct wtr_klap *klap)
{
    size_t length = klap->body.length;
    klap->step = WTR_KLAP_RESPONSE;
    if (length <= WTR_KLAP_HASH || (length - WTR_KLAP_HASH) % WTR_KLAP_BLOCK ||
        !wtr_klap_session_find(&r->state->sessions, &r->ends))
        return;
    hand_out(r, klap, &r->body);
    finding(r, "which request this answers is not certain, so nothing of it is read");
}

static void begin_reading(struct reading *r, const struct wtr_carrier *carrier,
                          const struct wtr_http *request)
{
    bool answers = r->http->is_response;
    r->ends.device = answers ? carrier->from : carrier->to;
    r->ends.client = answers ? carrier->to.ip : carrier->from.ip;
    r->ends.cookie = cookie_of(r->http);
    if (r->ends.cookie.length == 0)
        r->ends.cookie = cookie_of(request);
    r->body = body_span(r);
}

static void carried(void *state, const struct wtr_carrier *carrier, struct wtr_sink *sink)
{
    const struct wtr_message *m = carrier->message;
    if (m->protocol != &wtr_http)
        return;
    const struct wtr_http *http = m->body;
    const struct wtr_http *request = http->is_response ? http->request : http;
    struct wtr_klap klap = {.body = http->body};
    if ((http->is_response && http->status != 200) ||
        (request && !step_of(request, http->is_response, &klap)))
        return;
    struct reading r = {.state = state, .carrier = m, .http = http, .sink = sink};
    begin_reading(&r, carrier, request);
    klap.cookie = r.ends.cookie;
    if (!request)
        read_unpaired(&r, &klap);
    else if (http->body_cut)
        finding(&r, "the message is not whole, so nothing of it is read");
    else if (has_form(http, &klap))
        read_step(&r, &klap);
}

const struct wtr_protocol wtr_klap = {
    .name = "klap",
    .exchanges = true,
    .fields = wtr_klap_put_fields,
    .carried_state_size = sizeof(struct state),
    .open_carried = open_carried,
    .close_carried = close_carried,
    .carried = carried,
};
