/* SPDX-License-Identifier: Apache-2.0 */
/* A message as the members of a JSON object. Credentials are secrets: those of the fields that RFC 9110 11
 * and RFC 6265 name, and passwords and tokens among the parameters of a target or a form. */
#include "base/secret.h"
#include "protocol/http_wire.h"

static void put_text(struct wtr_json_writer *out, const char *name, struct wtr_text text)
{
    if (!text.data)
        return;
    wtr_json_key(out, name);
    wtr_json_put_bytes(out, text);
}

/* ---- secrets among parameters */

static bool is_secret_parameter(struct wtr_text name)
{
    static const char *const names[] = {"password", "passwd", "pass",         "pwd",   "psw",
                                        "token",    "auth",   "access_token", "secret"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (wtr_text_is_nocase(name, names[i]))
            return true;
    return false;
}

/* Copies "name=value&name=value" with the secret values replaced by their hashes. */
static void hide_parameters(struct wtr_buffer *to, struct wtr_text parameters)
{
    while (parameters.data) {
        struct wtr_text value = wtr_text_cut(&parameters, '&');
        struct wtr_text name = wtr_text_cut(&value, '=');
        wtr_put_text(to, name);
        if (value.data)
            wtr_put_char(to, '=');
        if (value.length > 0 && is_secret_parameter(name))
            wtr_put_secret(to, value);
        else
            wtr_put_text(to, value);
        if (parameters.data)
            wtr_put_char(to, '&');
    }
}

/* `text` is a target, or with `form` its parameters alone. */
static void put_hidden(struct wtr_json_writer *out, const char *name, struct wtr_text text, bool form)
{
    struct wtr_buffer hidden = {0};
    struct wtr_text rest = text;
    if (!text.data || out->reveal_secrets) {
        put_text(out, name, text);
        return;
    }
    if (!form) {
        wtr_put_text(&hidden, wtr_text_cut(&rest, '?'));
        if (rest.data)
            wtr_put_char(&hidden, '?');
    }
    hide_parameters(&hidden, rest);
    wtr_json_key(out, name);
    wtr_json_put_bytes(out, wtr_buffer_text(&hidden));
    if (hidden.failed)
        out->out->failed = true;
    wtr_buffer_free(&hidden);
}

/* ---- header fields */

static bool is_secret_field(struct wtr_text name)
{
    static const char *const names[] = {"authorization", "proxy-authorization", "cookie", "set-cookie"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (wtr_text_is_nocase(name, names[i]))
            return true;
    return false;
}

static void put_field(struct wtr_json_writer *out, const struct wtr_http_header *field)
{
    bool is_target =
        wtr_text_is_nocase(field->name, "referer") || wtr_text_is_nocase(field->name, "location");
    wtr_json_begin_object(out);
    put_text(out, "name", field->name);
    if (is_secret_field(field->name)) {
        wtr_json_key(out, "value");
        wtr_json_put_secret(out, field->value);
    } else if (is_target) {
        put_hidden(out, "value", field->value, false);
    } else {
        put_text(out, "value", field->value);
    }
    wtr_json_end_object(out);
}

void wtr_http_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    const struct wtr_http *http = message->body;
    struct wtr_text type = wtr_http_header(http, "content-type");
    put_text(out, "method", http->method);
    put_hidden(out, "target", http->target, false);
    put_text(out, "version", http->version);
    if (http->is_response) {
        wtr_json_key(out, "status");
        wtr_json_put_uint(out, http->status);
    }
    wtr_json_key(out, "headers");
    wtr_json_begin_array(out);
    for (size_t i = 0; i < http->header_count; i++)
        put_field(out, &http->headers[i]);
    wtr_json_end_array(out);
    bool form = wtr_text_starts(type, "application/x-www-form-urlencoded");
    if (form)
        put_hidden(out, "body", http->body, true);
    else
        put_text(out, "body", http->body);
    if (http->body_cut) {
        wtr_json_key(out, "body_cut");
        wtr_json_put_bool(out, true);
    }
}
