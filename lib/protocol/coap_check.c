/* SPDX-License-Identifier: Apache-2.0 */
/* What a CoAP message by itself has that the standards do not allow. It is noted and the message is read all
 * the same: a device that breaks a rule still says what it says. */
#include "protocol/coap_wire.h"

/* Odd numbers are critical (RFC 7252 5.4.1): who does not know the option may not act on the message. */
static bool is_critical(uint32_t number)
{
    return number & 1;
}

static void check_option(struct wtr_coap *coap, const struct wtr_coap_option *option, bool again)
{
    const struct wtr_coap_option_rule *rule = wtr_coap_option_rule(coap->code, option->number);
    if (!rule) {
        if (is_critical(option->number))
            wtr_coap_note(coap, "a critical option is not known");
        return;
    }
    if (again && !rule->repeatable)
        wtr_coap_note(coap, "an option stands twice that may not be repeated");
    if (option->value.length < rule->least || option->value.length > rule->most)
        wtr_coap_note(coap, "an option's length is outside its bounds");
    if (rule->format == WTR_COAP_FORMAT_STRING && !wtr_utf8_valid(option->value.data, option->value.length))
        wtr_coap_note(coap, "an option's text is not UTF-8");
}

static void check_options(struct wtr_coap *coap)
{
    uint32_t last = UINT32_MAX;
    for (struct wtr_coap_option o = {0}; wtr_coap_next_option(coap->options, &o); last = o.number)
        check_option(coap, &o, o.number == last);
}

/* RFC 7252 4.1 to 4.3: an empty message is four bytes; which types may carry what. */
static void check_type(struct wtr_coap *coap)
{
    if (coap->code == WTR_COAP_EMPTY) {
        if (coap->token.length > 0 || coap->options.length > 0 || coap->payload.data)
            wtr_coap_note(coap, "an empty message has more than a header");
        if (coap->type == WTR_COAP_NON)
            wtr_coap_note(coap, "a non-confirmable message is empty");
    } else if (coap->type == WTR_COAP_RST) {
        wtr_coap_note(coap, "a reset is not empty");
    } else if (coap->type == WTR_COAP_ACK && wtr_coap_is_request(coap->code)) {
        wtr_coap_note(coap, "an acknowledgement carries a request");
    }
    if (wtr_coap_class(coap->code) == 7)
        wtr_coap_note(coap, "a signal came over UDP");
}

/* RFC 7252 5.5.1: a representation says its format. Only what carries one is held to it. */
static void check_payload(struct wtr_coap *coap)
{
    bool carries = coap->code == WTR_COAP_POST || coap->code == WTR_COAP_PUT ||
                   coap->code == WTR_COAP_FETCH || coap->code == WTR_COAP_PATCH ||
                   coap->code == WTR_COAP_IPATCH || coap->code == WTR_COAP_CODE(2, 5);
    bool has_format = wtr_coap_find_option(coap, WTR_COAP_CONTENT_FORMAT).data != NULL;
    if (carries && coap->payload.data && !has_format)
        wtr_coap_note(coap, "the payload has no Content-Format");
    if (has_format && !coap->payload.data)
        wtr_coap_note(coap, "a Content-Format stands without a payload");
    if ((coap->code == WTR_COAP_GET || coap->code == WTR_COAP_DELETE) && coap->payload.data)
        wtr_coap_note(coap, "the payload of this method has no meaning");
}

static void check_block(struct wtr_coap *coap, uint32_t option, bool holds_payload)
{
    struct wtr_coap_block block;
    if (!wtr_coap_block(coap, option, &block))
        return;
    if (block.szx == 7 && !coap->reliable)
        wtr_coap_note(coap, "the block size (SZX) is the reserved one");
    else if (holds_payload && block.szx < 7 && coap->payload.length > wtr_coap_block_size(&block))
        wtr_coap_note(coap, "the payload is longer than its block");
    else if (holds_payload && block.szx < 7 && block.more &&
             coap->payload.length != wtr_coap_block_size(&block))
        wtr_coap_note(coap, "a block that is not the last one is not full");
}

void wtr_coap_check(struct wtr_coap *coap)
{
    check_options(coap);
    if (!coap->reliable)
        check_type(coap);
    check_payload(coap);
    check_block(coap, WTR_COAP_BLOCK1, wtr_coap_is_request(coap->code));
    check_block(coap, WTR_COAP_BLOCK2, wtr_coap_is_response(coap->code));
}

/* RFC 7252 5.8 and 5.9.1, RFC 8132 2.1 and 3.1; 2.31 goes on with a transfer in blocks. */
bool wtr_coap_answers(uint8_t method, uint8_t code)
{
    if (wtr_coap_class(code) != 2 || code == WTR_COAP_CODE(2, 31))
        return true;
    switch (method) {
    case WTR_COAP_GET:
    case WTR_COAP_FETCH:
        return code == WTR_COAP_CODE(2, 3) || code == WTR_COAP_CODE(2, 5);
    case WTR_COAP_POST:
        return code == WTR_COAP_CODE(2, 1) || code == WTR_COAP_CODE(2, 2) || code == WTR_COAP_CODE(2, 4);
    case WTR_COAP_PUT:
    case WTR_COAP_PATCH:
    case WTR_COAP_IPATCH:
        return code == WTR_COAP_CODE(2, 1) || code == WTR_COAP_CODE(2, 4);
    case WTR_COAP_DELETE:
        return code == WTR_COAP_CODE(2, 2);
    default:
        return true;
    }
}
