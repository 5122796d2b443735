/* SPDX-License-Identifier: Apache-2.0 */
/* A CoAP message as the members of a JSON object: what stands in it, under the standard's names, then what
 * its exchange tells. What the message does not have is left out. */
#include "protocol/coap_wire.h"

static void put_hex(struct wtr_json_writer *out, struct wtr_text bytes)
{
    struct wtr_buffer hex = {0};
    wtr_put_hex(&hex, bytes.data, bytes.length);
    wtr_json_put_text(out, wtr_buffer_text(&hex));
    if (hex.failed)
        out->out->failed = true;
    wtr_buffer_free(&hex);
}

static void put_hex_object(struct wtr_json_writer *out, struct wtr_text bytes)
{
    wtr_json_begin_object(out);
    wtr_json_key(out, "hex");
    put_hex(out, bytes);
    wtr_json_end_object(out);
}

static void put_code(struct wtr_json_writer *out, const char *name, uint8_t code)
{
    const char text[4] = {(char)('0' + wtr_coap_class(code)), '.', (char)('0' + (code & 31) / 10),
                          (char)('0' + (code & 31) % 10)};
    wtr_json_key(out, name);
    wtr_json_put_text(out, (struct wtr_text){text, sizeof text});
}

static void put_named(struct wtr_json_writer *out, const char *name, uint64_t number)
{
    wtr_json_key(out, name);
    wtr_json_put_uint(out, number);
}

static void put_text(struct wtr_json_writer *out, const char *name, struct wtr_text text)
{
    wtr_json_key(out, name);
    wtr_json_put_bytes(out, text);
}

static void put_block(struct wtr_json_writer *out, uint32_t value)
{
    const struct wtr_coap_block block = {.szx = value & 7};
    wtr_json_begin_object(out);
    put_named(out, "num", value >> 4);
    wtr_json_key(out, "m");
    wtr_json_put_bool(out, value >> 3 & 1);
    put_named(out, "szx", value & 7);
    put_named(out, "size", wtr_coap_block_size(&block));
    wtr_json_end_object(out);
}

/* The value in its option's format; what does not fit it, or is of no known option, as bytes. */
static void put_value(struct wtr_json_writer *out, const struct wtr_coap_option_rule *rule,
                      struct wtr_text value)
{
    uint32_t number = 0;
    bool is_number = wtr_coap_uint(value, &number) && rule && value.length <= rule->most;
    wtr_json_key(out, "value");
    if (rule && rule->format == WTR_COAP_FORMAT_STRING)
        wtr_json_put_bytes(out, value);
    else if (is_number && rule->format == WTR_COAP_FORMAT_UINT)
        wtr_json_put_uint(out, number);
    else if (is_number && rule->format == WTR_COAP_FORMAT_BLOCK)
        put_block(out, number);
    else
        put_hex_object(out, value);
}

static void put_option(struct wtr_json_writer *out, uint8_t code, const struct wtr_coap_option *option)
{
    enum { ACCEPT = 17 };
    const struct wtr_coap_option_rule *rule = wtr_coap_option_rule(code, option->number);
    bool is_media = option->number == WTR_COAP_CONTENT_FORMAT || option->number == ACCEPT;
    uint32_t format = 0;
    wtr_json_begin_object(out);
    put_named(out, "number", option->number);
    if (rule) {
        wtr_json_key(out, "name");
        wtr_json_put_z(out, rule->name);
    }
    if (!rule || rule->format != WTR_COAP_FORMAT_EMPTY || option->value.length > 0)
        put_value(out, rule, option->value);
    if (rule && is_media && wtr_coap_uint(option->value, &format) && wtr_coap_media_type(format)) {
        wtr_json_key(out, "media_type");
        wtr_json_put_z(out, wtr_coap_media_type(format));
    }
    wtr_json_end_object(out);
}

static void put_options(struct wtr_json_writer *out, const struct wtr_coap *coap)
{
    wtr_json_key(out, "options");
    wtr_json_begin_array(out);
    for (struct wtr_coap_option o = {0}; wtr_coap_next_option(coap->options, &o);)
        put_option(out, coap->code, &o);
    wtr_json_end_array(out);
}

static void put_request(struct wtr_json_writer *out, const struct wtr_coap_request *request)
{
    wtr_json_key(out, "request");
    wtr_json_begin_object(out);
    put_code(out, "code", request->code);
    put_text(out, "uri_path", (struct wtr_text){request->path, request->path_length});
    if (request->query_length > 0)
        put_text(out, "uri_query", (struct wtr_text){request->query, request->query_length});
    if (request->cut) {
        wtr_json_key(out, "cut");
        wtr_json_put_bool(out, true);
    }
    wtr_json_end_object(out);
}

static void put_exchange(struct wtr_json_writer *out, const struct wtr_message *message)
{
    const struct wtr_coap *coap = message->body;
    if (message->exchange)
        put_named(out, "exchange", message->exchange);
    if (coap->request)
        put_request(out, coap->request);
    if (coap->repeat) {
        wtr_json_key(out, "repeat");
        wtr_json_put_bool(out, true);
    }
    if (coap->notification) {
        wtr_json_key(out, "notification");
        wtr_json_put_bool(out, true);
    }
    if (coap->body.data)
        put_text(out, "body", coap->body);
    if (coap->anomaly_count == 0)
        return;
    wtr_json_key(out, "anomalies");
    wtr_json_begin_array(out);
    for (size_t i = 0; i < coap->anomaly_count; i++)
        wtr_json_put_z(out, coap->anomalies[i]);
    wtr_json_end_array(out);
}

void wtr_coap_fields(const struct wtr_message *message, struct wtr_json_writer *out)
{
    static const char *const types[] = {"CON", "NON", "ACK", "RST"};
    const struct wtr_coap *coap = message->body;
    const char *name = wtr_coap_code_name(coap->code);
    if (!coap->reliable) {
        wtr_json_key(out, "type");
        wtr_json_put_z(out, types[coap->type]);
    }
    put_code(out, "code", coap->code);
    if (name) {
        wtr_json_key(out, "code_name");
        wtr_json_put_z(out, name);
    }
    if (!coap->reliable)
        put_named(out, "message_id", coap->message_id);
    wtr_json_key(out, "token");
    put_hex(out, coap->token);
    put_options(out, coap);
    if (coap->payload.data)
        put_text(out, "payload", coap->payload);
    put_exchange(out, message);
}
