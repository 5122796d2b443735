/* SPDX-License-Identifier: Apache-2.0 */
/* A message by its JSON: {module: {method: arguments}}, where an answer has each method's result in the
 * arguments' place [V]. A result has an err_code, 0 if all went well; a module that the device lacks has one
 * in the methods' place. `context` is no module: it names the outlets of a strip (child_ids) and the app
 * (source), and an answer does not repeat it [V: source; S: child_ids, tplink-smarthome-api]. */
#include "vendor/kasa/wire.h"

#include "base/map.h"
#include "base/secret.h"

static bool is_result(const struct wtr_json *json, wtr_json_ref value)
{
    return wtr_json_get(json, value, "err_code") >= 0;
}

static bool is_context(const struct wtr_json *json, wtr_json_ref name)
{
    return wtr_text_is(wtr_json_raw(json, name), "context");
}

static bool has_results(const struct wtr_json *json, wtr_json_ref module)
{
    if (is_result(json, module))
        return true;
    if (!wtr_json_is(json, module, WTR_JSON_OBJECT))
        return false;
    for (wtr_json_ref i = wtr_json_first(json, module); i >= 0; i = wtr_json_next(json, module, i + 1))
        if (is_result(json, i + 1))
            return true;
    return false;
}

static void read_children(const struct wtr_json *json, wtr_json_ref context,
                          struct wtr_kasa_question *question)
{
    wtr_json_ref ids = wtr_json_get(json, context, "child_ids");
    if (ids < 0)
        return;
    question->child_count = WTR_KASA_UNCLEAR;
    if (!wtr_json_is(json, ids, WTR_JSON_ARRAY))
        return;
    unsigned count = 0;
    for (wtr_json_ref i = wtr_json_first(json, ids); i >= 0; i = wtr_json_next(json, ids, i)) {
        struct wtr_text id = wtr_json_raw(json, i);
        if (!wtr_json_is(json, i, WTR_JSON_STRING) || id.length == 0 || id.length > WTR_KASA_MAX_CHILD)
            return;
        memcpy(question->child, id.data, id.length);
        question->child_length = id.length;
        count++;
    }
    question->child_count = count > 0 && count < WTR_KASA_UNCLEAR ? count : WTR_KASA_UNCLEAR;
}

void wtr_kasa_read_shape(const struct wtr_json *json, struct wtr_kasa_shape *shape)
{
    bool context_seen = false;
    *shape = (struct wtr_kasa_shape){.answer = false};
    for (wtr_json_ref i = wtr_json_first(json, 0); i >= 0; i = wtr_json_next(json, 0, i + 1)) {
        struct wtr_text name = wtr_json_raw(json, i);
        if (!is_context(json, i)) {
            shape->question.modules += wtr_hash64(name.data, name.length, 0);
            shape->answer = shape->answer || has_results(json, i + 1);
        } else if (context_seen) {
            shape->question.child_count = WTR_KASA_UNCLEAR;
        } else {
            context_seen = true;
            read_children(json, i + 1, &shape->question);
        }
    }
}

bool wtr_kasa_is_secret(struct wtr_text name)
{
    return wtr_text_is_nocase(name, "password");
}

/* ---- fields of `messages` */

static void put_name(struct wtr_json_writer *out, struct wtr_buffer *scratch, struct wtr_text module,
                     struct wtr_text method)
{
    wtr_buffer_clear(scratch);
    wtr_put_text(scratch, module);
    if (method.data) {
        wtr_put_char(scratch, '.');
        wtr_put_text(scratch, method);
    }
    wtr_json_put_text(out, wtr_buffer_text(scratch));
}

static void put_methods(const struct wtr_json *json, struct wtr_json_writer *out)
{
    struct wtr_buffer scratch = {0};
    const struct wtr_text none = {NULL, 0};
    wtr_json_key(out, "methods");
    wtr_json_begin_array(out);
    for (wtr_json_ref i = wtr_json_first(json, 0); i >= 0; i = wtr_json_next(json, 0, i + 1)) {
        struct wtr_text module = wtr_json_raw(json, i);
        bool methods = wtr_json_is(json, i + 1, WTR_JSON_OBJECT) && !is_result(json, i + 1);
        if (is_context(json, i))
            continue;
        if (!methods)
            put_name(out, &scratch, module, none);
        for (wtr_json_ref m = methods ? wtr_json_first(json, i + 1) : -1; m >= 0;
             m = wtr_json_next(json, i + 1, m + 1))
            put_name(out, &scratch, module, wtr_json_raw(json, m));
    }
    wtr_json_end_array(out);
    wtr_buffer_free(&scratch);
}

/* Whether the string is a member's name: a colon follows it. */
static bool is_name(const struct wtr_json *json, const struct wtr_json_token *token)
{
    if (token->type != WTR_JSON_STRING)
        return false;
    size_t at = token->end + 1;
    while (strchr(" \t\r\n", json->text[at]))
        at++;
    return json->text[at] == ':';
}

/* Puts the value in its hash's form. Returns how many bytes of the text it took up, with its quotes. */
static size_t put_hidden(struct wtr_buffer *text, const struct wtr_json *json,
                         const struct wtr_json_token *value)
{
    struct wtr_json_writer w = {.out = text};
    struct wtr_text secret = {json->text + value->start, value->end - value->start};
    wtr_json_put_secret(&w, secret);
    return secret.length + (value->type == WTR_JSON_STRING ? 2 : 0);
}

/* The body as it stands, but for the values of secrets. */
static void put_body(const struct wtr_json *json, struct wtr_text body, struct wtr_json_writer *out)
{
    struct wtr_buffer text = {0};
    size_t from = 0;
    for (uint32_t i = 0; !out->reveal_secrets && i + 1 < json->count; i++) {
        const struct wtr_json_token *value = &json->tokens[i + 1];
        size_t at = value->start - (value->type == WTR_JSON_STRING ? 1 : 0);
        if (at < from || !is_name(json, &json->tokens[i]) ||
            !wtr_kasa_is_secret(wtr_json_raw(json, (wtr_json_ref)i)))
            continue;
        wtr_put(&text, body.data + from, at - from);
        from = at + put_hidden(&text, json, value);
    }
    wtr_put(&text, body.data + from, body.length - from);
    wtr_json_key(out, "body");
    wtr_json_put_bytes(out, wtr_buffer_text(&text));
    out->out->failed |= text.failed;
    wtr_buffer_free(&text);
}

void wtr_kasa_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_kasa_body *body = message->body;
    put_methods(body->json, out);
    put_body(body->json, wtr_text_of(message->span.bytes, message->span.length), out);
}
