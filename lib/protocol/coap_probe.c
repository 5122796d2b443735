/* SPDX-License-Identifier: Apache-2.0 */
/* Whether bytes are CoAP. There is no signature, so what is asked for depends on the port.
 *
 * On CoAP's own port 5683 (IANA) a datagram of version 1 with a code of a class that exists is one; whole and
 * sound it is certain. On another port it must be sound to its end, its code defined, and every option a
 * known one of allowed length: a request names a resource, a response describes what it carries. An empty
 * message (four bytes) is never one there. Ports below 1024 are other protocols' (RFC 6335 6) and not asked.
 *
 * A TCP connection begins with a CSM from both ends (RFC 8323 5.3); in the middle of one, on the port alone,
 * frames that fill the segment to its end are likely. */
#include "protocol/coap_wire.h"

enum { COAP_PORT = 5683, SYSTEM_PORTS = 1024, MOST_OPTIONS = 32 };

static bool own_port(const struct wtr_probe *probe)
{
    return probe->client_port == COAP_PORT || probe->server_port == COAP_PORT;
}

static bool has_class(uint8_t code)
{
    return code == WTR_COAP_EMPTY || wtr_coap_is_request(code) || wtr_coap_is_response(code);
}

/* Whether every option is known and of allowed length; counts those of interest. */
static bool knows_options(const struct wtr_coap *coap, unsigned *paths, unsigned *descriptions)
{
    unsigned count = 0;
    for (struct wtr_coap_option o = {0}; wtr_coap_next_option(coap->options, &o);) {
        const struct wtr_coap_option_rule *rule = wtr_coap_option_rule(coap->code, o.number);
        if (!rule || o.value.length < rule->least || o.value.length > rule->most || ++count > MOST_OPTIONS)
            return false;
        if (rule->format == WTR_COAP_FORMAT_STRING && !wtr_utf8_valid(o.value.data, o.value.length))
            return false;
        *paths += o.number == WTR_COAP_URI_PATH && o.value.length > 0;
        *descriptions += o.number == WTR_COAP_CONTENT_FORMAT || o.number == WTR_COAP_OBSERVE ||
                         o.number == WTR_COAP_BLOCK1 || o.number == WTR_COAP_BLOCK2;
    }
    return true;
}

static enum wtr_bid probe_other_port(const struct wtr_probe *probe)
{
    struct wtr_coap coap;
    unsigned paths = 0;
    unsigned descriptions = 0;
    bool system = probe->client_port < SYSTEM_PORTS || probe->server_port < SYSTEM_PORTS;
    if (system || wtr_coap_read_datagram(probe->bytes, probe->length, &coap))
        return WTR_BID_NONE;
    bool known = wtr_coap_code_name(coap.code) || coap.code == WTR_COAP_COIOT_PUBLISH;
    if (coap.code == WTR_COAP_EMPTY || !known || wtr_coap_class(coap.code) == 7 ||
        !knows_options(&coap, &paths, &descriptions))
        return WTR_BID_NONE;
    bool telling = wtr_coap_is_request(coap.code) ? paths > 0 && coap.type <= WTR_COAP_NON
                                                  : descriptions > 0 && coap.type != WTR_COAP_RST;
    return telling ? WTR_BID_LIKELY : WTR_BID_NONE;
}

enum wtr_bid wtr_coap_probe_datagram(const struct wtr_probe *probe)
{
    struct wtr_coap coap;
    if (probe->length < 4)
        return WTR_BID_NONE;
    if (!own_port(probe))
        return probe_other_port(probe);
    bool plausible = probe->bytes[0] >> 6 == 1 && has_class(probe->bytes[1]);
    if (!plausible)
        return WTR_BID_NONE;
    return wtr_coap_read_datagram(probe->bytes, probe->length, &coap) ? WTR_BID_LIKELY : WTR_BID_CERTAIN;
}

/* Whether the bytes are sound frames; *whole counts those that end within them. */
static bool are_frames(const uint8_t *bytes, size_t length, size_t *whole, uint8_t *first_code)
{
    struct wtr_coap coap;
    size_t least;
    *whole = 0;
    while (length > 0) {
        uint64_t frame = wtr_coap_frame_length(bytes, length, &least);
        if (frame == 0 || frame > length)
            return frame <= WTR_COAP_MAX_BODY + 1024;
        bool sound = !wtr_coap_read_frame(bytes, (size_t)frame, &coap) &&
                     (wtr_coap_code_name(coap.code) || coap.code == WTR_COAP_COIOT_PUBLISH);
        if (!sound)
            return false;
        if ((*whole)++ == 0)
            *first_code = coap.code;
        bytes += frame;
        length -= (size_t)frame;
    }
    return true;
}

enum wtr_bid wtr_coap_probe_stream(const struct wtr_probe *probe)
{
    const uint8_t csm = WTR_COAP_CODE(7, 1);
    size_t whole = 0;
    uint8_t first = 0;
    if (probe->length == 0)
        return WTR_BID_MORE;
    if (!are_frames(probe->bytes, probe->length, &whole, &first))
        return WTR_BID_NONE;
    if (whole == 0)
        return own_port(probe) ? WTR_BID_MORE : WTR_BID_NONE;
    bool begins = probe->at_start && first == csm;
    if (own_port(probe))
        return begins ? WTR_BID_CERTAIN : WTR_BID_LIKELY;
    /* Elsewhere the first message must be a CSM that says something known. */
    struct wtr_coap coap;
    size_t least;
    uint64_t frame = wtr_coap_frame_length(probe->bytes, probe->length, &least);
    (void)wtr_coap_read_frame(probe->bytes, (size_t)frame, &coap);
    unsigned ignored = 0;
    bool telling = begins && coap.token.length == 0 && !coap.payload.data && coap.options.length > 0;
    return telling && knows_options(&coap, &ignored, &ignored) ? WTR_BID_LIKELY : WTR_BID_NONE;
}
