/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a CoAP message: header, token, options, payload (RFC 7252 3 for UDP, RFC 8323 3.2 for TCP). */
#include "protocol/coap_wire.h"

#include "base/bytes.h"

enum { VERSION = 1, MAX_TOKEN = 8, PAYLOAD_MARKER = 0xff };

/* An option's delta or length: a nibble, with 13 and 14 for one and two bytes more (RFC 7252 3.1). */
static uint32_t take_extended(struct wtr_cursor *c, unsigned nibble)
{
    switch (nibble) {
    case 13:
        return 13u + wtr_take_u8(c);
    case 14:
        return 269u + wtr_take_be16(c);
    case 15:
        c->bad = true;
        return 0;
    default:
        return nibble;
    }
}

static bool take_option(struct wtr_cursor *c, struct wtr_coap_option *option)
{
    uint8_t first = wtr_take_u8(c);
    option->number += take_extended(c, first >> 4);
    uint32_t length = take_extended(c, first & 15);
    const uint8_t *value = wtr_take(c, length);
    option->value = wtr_text_of(value, value ? length : 0);
    option->at = c->at;
    return !c->bad && option->number <= UINT16_MAX;
}

bool wtr_coap_next_option(struct wtr_text options, struct wtr_coap_option *option)
{
    struct wtr_cursor c = wtr_cursor_over(options.data, options.length);
    c.at = option->at;
    return c.at < c.length && take_option(&c, option);
}

struct wtr_text wtr_coap_find_option(const struct wtr_coap *coap, uint32_t number)
{
    for (struct wtr_coap_option o = {0}; wtr_coap_next_option(coap->options, &o) && o.number <= number;)
        if (o.number == number)
            return o.value;
    return (struct wtr_text){NULL, 0};
}

bool wtr_coap_uint(struct wtr_text value, uint32_t *number)
{
    uint32_t result = 0;
    if (!value.data || value.length > sizeof result)
        return false;
    for (size_t i = 0; i < value.length; i++)
        result = result << 8 | (uint8_t)value.data[i];
    *number = result;
    return true;
}

bool wtr_coap_path_is(const struct wtr_coap *coap, const char *path)
{
    struct wtr_text rest = wtr_text_z(path);
    for (struct wtr_coap_option o = {0}; wtr_coap_next_option(coap->options, &o);) {
        if (o.number != WTR_COAP_URI_PATH)
            continue;
        bool fits = rest.length > o.value.length && rest.data[0] == '/' &&
                    memcmp(rest.data + 1, o.value.data, o.value.length) == 0;
        if (!fits)
            return false;
        rest = (struct wtr_text){rest.data + 1 + o.value.length, rest.length - 1 - o.value.length};
    }
    return rest.length == 0;
}

bool wtr_coap_block(const struct wtr_coap *coap, uint32_t option, struct wtr_coap_block *block)
{
    uint32_t value;
    struct wtr_text text = wtr_coap_find_option(coap, option);
    if (text.length > 3 || !wtr_coap_uint(text, &value))
        return false;
    *block = (struct wtr_coap_block){.number = value >> 4, .more = value >> 3 & 1, .szx = value & 7};
    return true;
}

void wtr_coap_note(struct wtr_coap *coap, const char *anomaly)
{
    if (coap->anomaly_count < WTR_COAP_MAX_ANOMALIES)
        coap->anomalies[coap->anomaly_count++] = anomaly;
}

/* Options and payload: what stands behind the token. */
static const char *read_rest(struct wtr_cursor *c, struct wtr_coap *coap)
{
    size_t start = c->at;
    struct wtr_coap_option option = {0};
    while (wtr_left(c) > 0 && c->data[c->at] != PAYLOAD_MARKER)
        if (!take_option(c, &option))
            return c->bad ? "an option is malformed or runs past the message's end"
                          : "an option's number is beyond 65535";
    coap->options = wtr_text_of(c->data + start, c->at - start);
    if (wtr_left(c) == 0)
        return NULL;
    wtr_take(c, 1);
    if (wtr_left(c) == 0)
        return "a payload marker is followed by no payload";
    coap->payload = wtr_text_of(c->data + c->at, c->length - c->at);
    return NULL;
}

static const char *read_token(struct wtr_cursor *c, unsigned length, struct wtr_coap *coap)
{
    if (length > MAX_TOKEN)
        return "the token's length is a reserved one";
    const uint8_t *token = wtr_take(c, length);
    if (!token)
        return "the message ends within its token";
    coap->token = wtr_text_of(token, length);
    return NULL;
}

const char *wtr_coap_read_datagram(const uint8_t *bytes, size_t length, struct wtr_coap *coap)
{
    struct wtr_cursor c = wtr_cursor_over(bytes, length);
    *coap = (struct wtr_coap){0};
    uint8_t first = wtr_take_u8(&c);
    coap->code = wtr_take_u8(&c);
    coap->message_id = wtr_take_be16(&c);
    if (c.bad)
        return "the message is shorter than its header";
    coap->version = first >> 6;
    coap->type = (enum wtr_coap_type)(first >> 4 & 3);
    if (coap->version != VERSION)
        return "the version is not 1";
    const char *reason = read_token(&c, first & 15, coap);
    return reason ? reason : read_rest(&c, coap);
}

/* The header of a frame up to its code: length of options and payload, token length, code. */
static uint64_t take_frame_header(struct wtr_cursor *c, unsigned *token_length, uint8_t *code)
{
    uint8_t first = wtr_take_u8(c);
    uint64_t length = first >> 4;
    switch (first >> 4) {
    case 13:
        length = 13u + wtr_take_u8(c);
        break;
    case 14:
        length = 269u + wtr_take_be16(c);
        break;
    case 15:
        length = UINT64_C(65805) + wtr_take_be32(c);
        break;
    default:
        break;
    }
    *token_length = first & 15;
    *code = wtr_take_u8(c);
    return length;
}

uint64_t wtr_coap_frame_length(const uint8_t *bytes, size_t available, size_t *least)
{
    static const uint8_t extra[16] = {[13] = 1, [14] = 2, [15] = 4};
    struct wtr_cursor c = wtr_cursor_over(bytes, available);
    unsigned token_length;
    uint8_t code;
    *least = 2;
    if (available > 0)
        *least = 2u + extra[bytes[0] >> 4];
    if (available < *least)
        return 0;
    uint64_t rest = take_frame_header(&c, &token_length, &code);
    return c.at + token_length + rest;
}

const char *wtr_coap_read_frame(const uint8_t *bytes, size_t length, struct wtr_coap *coap)
{
    struct wtr_cursor c = wtr_cursor_over(bytes, length);
    unsigned token_length;
    *coap = (struct wtr_coap){.reliable = true, .version = VERSION};
    uint64_t rest = take_frame_header(&c, &token_length, &coap->code);
    if (c.bad)
        return "the frame is shorter than its header";
    const char *reason = read_token(&c, token_length, coap);
    if (reason)
        return reason;
    if (wtr_left(&c) != rest)
        return "the frame's length is not that of what it holds";
    return read_rest(&c, coap);
}
