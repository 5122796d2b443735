/* SPDX-License-Identifier: Apache-2.0 */
/* securePassthrough (python-kasa aestransport.py):
 *
 *   - POST /app {"method":"handshake","params":{"key":PEM}} answered with {"error_code":0,"result":{"key":
 *     Base64 of RSA PKCS #1 v1.5 over an AES key and an IV, 16 bytes each}}
 *   - POST /app, later /app?token=<token>, {"method":"securePassthrough","params":{"request":Base64}}
 * answered with {"result":{"response":Base64}}: AES-128-CBC.
 *
 * The AES key can be had by the client's private RSA key alone, which no capture holds. So there are
 * messages, their times and lengths, and one finding a session that says so. */
#include "vendor/tapo/passthrough.h"

#include "base/secret.h"
#include "protocol/http.h"

struct state {
    struct wtr_json json;
    struct wtr_json asked;
};

static void close_carried(void *state)
{
    struct state *s = state;
    wtr_json_free(&s->json);
    wtr_json_free(&s->asked);
}

static struct wtr_text string_of(const struct wtr_json *json, wtr_json_ref object, const char *name)
{
    wtr_json_ref value = wtr_json_get(json, object, name);
    const struct wtr_text nothing = {NULL, 0};
    return wtr_json_is(json, value, WTR_JSON_STRING) ? wtr_json_raw(json, value) : nothing;
}

/* The token in the target's query; data NULL: none. */
static struct wtr_text token_of(struct wtr_text target)
{
    struct wtr_text query = target;
    wtr_text_cut(&query, '?');
    while (query.data) {
        struct wtr_text rest = query;
        struct wtr_text value = wtr_text_cut(&rest, '&');
        struct wtr_text key = wtr_text_cut(&value, '=');
        if (wtr_text_is(key, "token"))
            return value;
        query = rest;
    }
    return (struct wtr_text){NULL, 0};
}

/* Which of the two methods the request is; false if it is neither. */
static bool method_of(struct state *s, const struct wtr_http *request, struct wtr_passthrough *p)
{
    struct wtr_text query = request->target;
    if (!wtr_text_is(request->method, "POST") || !wtr_text_is(wtr_text_cut(&query, '?'), "/app") ||
        request->body_cut || !wtr_json_parse(&s->asked, request->body))
        return false;
    struct wtr_text method = string_of(&s->asked, 0, "method");
    p->handshake = wtr_text_is(method, "handshake");
    p->token = token_of(request->target);
    return p->handshake || wtr_text_is(method, "securePassthrough");
}

static void read_request(const struct state *s, struct wtr_passthrough *p)
{
    wtr_json_ref params = wtr_json_get(&s->asked, 0, "params");
    p->key = string_of(&s->asked, params, "key");
    p->enciphered_length = string_of(&s->asked, params, "request").length;
}

static bool read_response(struct state *s, struct wtr_text body, struct wtr_passthrough *p)
{
    if (!wtr_json_parse(&s->json, body))
        return false;
    wtr_json_ref result = wtr_json_get(&s->json, 0, "result");
    p->has_error_code = wtr_json_int(&s->json, wtr_json_get(&s->json, 0, "error_code"), &p->error_code);
    p->key = string_of(&s->json, result, "key");
    p->enciphered_length = string_of(&s->json, result, "response").length;
    return true;
}

static const char *type_of(const struct wtr_passthrough *p)
{
    if (p->handshake)
        return p->is_response ? "handshake_response" : "handshake";
    return p->is_response ? "response" : "request";
}

static void carried(void *state, const struct wtr_carrier *carrier, struct wtr_sink *sink)
{
    struct state *s = state;
    const struct wtr_message *m = carrier->message;
    if (m->protocol != &wtr_http)
        return;
    const struct wtr_http *http = m->body;
    const struct wtr_http *request = http->is_response ? http->request : http;
    struct wtr_passthrough p = {.is_response = http->is_response};
    if (!request || !method_of(s, request, &p))
        return;
    if (!http->is_response)
        read_request(s, &p);
    else if (http->body_cut || !read_response(s, http->body, &p))
        return;
    const struct wtr_message message = {
        .protocol = &wtr_passthrough,
        .type = type_of(&p),
        .direction = m->direction,
        .span = m->span,
        .body = &p,
        .session = m->session,
        .exchange = m->exchange,
        .over = "http",
    };
    sink->message(sink->payload, &message);
    size_t at = 0;
    if (p.handshake && http->is_response && p.key.length > 0 &&
        wtr_span_holds(&m->span, p.key.data, p.key.length, &at))
        sink->finding(sink->payload, &m->span, at, p.key.length,
                      "this session's key is enciphered for the client's own RSA key, so nothing of it is "
                      "read, whatever the account");
}

static void put_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_passthrough *p = message->body;
    if (p->token.data) {
        wtr_json_key(out, "token");
        wtr_json_put_secret(out, p->token);
    }
    if (p->key.data) {
        wtr_json_key(out, "key");
        wtr_json_put_bytes(out, p->key);
    }
    if (p->enciphered_length > 0) {
        wtr_json_key(out, "enciphered_length");
        wtr_json_put_uint(out, p->enciphered_length);
    }
    if (p->has_error_code) {
        wtr_json_key(out, "error_code");
        wtr_json_put_int(out, p->error_code);
    }
}

const struct wtr_protocol wtr_passthrough = {
    .name = "securepassthrough",
    .exchanges = true,
    .fields = put_fields,
    .carried_state_size = sizeof(struct state),
    .close_carried = close_carried,
    .carried = carried,
};
