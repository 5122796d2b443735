/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP messages: RFC 2131 2 (the form), RFC 2132 9.3 (overload) and 9.6 (types), RFC 3396 (long options). */
#include "protocol/dhcp.h"

#include "base/bytes.h"
#include "protocol/fields.h"

enum {
    SERVER_PORT = 67,
    CLIENT_PORT = 68,
    FIXED = 236, /* all before the cookie */
    COOKIE = 0x63825363,
    CHADDR = 16,
    SNAME = 64,
    FILE_NAME = 128,
    PAD = 0,
    END = 255,
    FILE_HOLDS_OPTIONS = 1,
    SNAME_HOLDS_OPTIONS = 2,
    ETHERNET = 1,
};

static enum wtr_bid probe_datagram(const struct wtr_probe *probe)
{
    bool server = probe->client_port == SERVER_PORT || probe->server_port == SERVER_PORT;
    bool client = probe->client_port == CLIENT_PORT || probe->server_port == CLIENT_PORT;
    if ((!server && !client) || probe->length < FIXED + 4)
        return WTR_BID_NONE;
    bool sound = (probe->bytes[0] == WTR_DHCP_BOOTREQUEST || probe->bytes[0] == WTR_DHCP_BOOTREPLY) &&
                 probe->bytes[2] <= CHADDR && wtr_be32(probe->bytes + FIXED) == COOKIE;
    return sound ? WTR_BID_CERTAIN : WTR_BID_NONE;
}

static struct wtr_ip take_address(struct wtr_cursor *c)
{
    static const uint8_t nothing[4];
    const uint8_t *p = wtr_take(c, 4);
    return wtr_ip_from_v4(p ? p : nothing);
}

static struct wtr_text text_up_to_zero(const uint8_t *bytes, size_t length)
{
    const uint8_t *zero = memchr(bytes, 0, length);
    return wtr_text_of(bytes, zero ? (size_t)(zero - bytes) : length);
}

static void note_option(struct wtr_dhcp *dhcp, struct wtr_dhcp_option option)
{
    if (option.code == WTR_DHCP_MESSAGE_TYPE && option.value.length == 1)
        dhcp->message_type = (uint8_t)option.value.data[0];
    if (option.code == WTR_DHCP_OVERLOAD && option.value.length == 1)
        dhcp->overload = (uint8_t)option.value.data[0];
}

/* Reads the options of a field. NULL, or why the one at *at can't be read. */
static const char *read_options(struct wtr_dhcp *dhcp, const uint8_t *bytes, size_t length,
                                const uint8_t **at)
{
    struct wtr_cursor c = wtr_cursor_over(bytes, length);
    while (wtr_left(&c) > 0) {
        *at = bytes + c.at;
        uint8_t code = wtr_take_u8(&c);
        if (code == PAD)
            continue;
        if (code == END)
            return NULL;
        size_t size = wtr_take_u8(&c);
        const uint8_t *value = wtr_take(&c, size);
        if (c.bad)
            return "an option runs past its field";
        if (dhcp->option_count == WTR_DHCP_MAX_OPTIONS)
            return "more options than are read";
        struct wtr_dhcp_option option = {code, wtr_text_of(value, size)};
        dhcp->options[dhcp->option_count++] = option;
        note_option(dhcp, option);
    }
    return NULL;
}

static void read_fixed(struct wtr_dhcp *dhcp, struct wtr_cursor *c)
{
    dhcp->op = wtr_take_u8(c);
    dhcp->htype = wtr_take_u8(c);
    dhcp->hlen = wtr_take_u8(c);
    dhcp->hops = wtr_take_u8(c);
    dhcp->xid = wtr_take_be32(c);
    dhcp->secs = wtr_take_be16(c);
    dhcp->flags = wtr_take_be16(c);
    dhcp->ciaddr = take_address(c);
    dhcp->yiaddr = take_address(c);
    dhcp->siaddr = take_address(c);
    dhcp->giaddr = take_address(c);
    const uint8_t *chaddr = wtr_take(c, CHADDR);
    dhcp->chaddr = wtr_text_of(chaddr, dhcp->hlen < CHADDR ? dhcp->hlen : CHADDR);
}

static const char *type_of(const struct wtr_dhcp *dhcp)
{
    static const char *const names[] = {"discover", "offer",   "request", "decline",    "ack",
                                        "nak",      "release", "inform",  "forcerenew", "leasequery"};
    if (dhcp->message_type >= 1 && dhcp->message_type <= sizeof names / sizeof *names)
        return names[dhcp->message_type - 1];
    return dhcp->op == WTR_DHCP_BOOTREQUEST ? "bootrequest" : "bootreply";
}

/* The options field, then file and sname where those hold options too. */
static const char *read_all(struct wtr_dhcp *dhcp, const struct wtr_span *span, const uint8_t **at)
{
    struct wtr_cursor c = wtr_cursor_over(span->bytes, span->length);
    read_fixed(dhcp, &c);
    const uint8_t *sname = wtr_take(&c, SNAME);
    const uint8_t *file = wtr_take(&c, FILE_NAME);
    wtr_take(&c, 4);
    *at = span->bytes;
    if (c.bad)
        return "the message ends before its options";
    const char *reason = read_options(dhcp, span->bytes + c.at, span->length - c.at, at);
    if (dhcp->overload & FILE_HOLDS_OPTIONS)
        reason = reason ? reason : read_options(dhcp, file, FILE_NAME, at);
    else
        dhcp->file = text_up_to_zero(file, FILE_NAME);
    if (dhcp->overload & SNAME_HOLDS_OPTIONS)
        reason = reason ? reason : read_options(dhcp, sname, SNAME, at);
    else
        dhcp->sname = text_up_to_zero(sname, SNAME);
    return reason;
}

static void datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    struct wtr_dhcp dhcp = {0};
    const struct wtr_span *span = &datagram->span;
    const uint8_t *at;
    (void)state;
    const char *reason = read_all(&dhcp, span, &at);
    if (reason) {
        size_t place = (size_t)(at - span->bytes);
        sink->finding(sink->payload, span, place, span->length - place, reason);
    }
    const struct wtr_message message = {
        .protocol = &wtr_dhcp,
        .type = type_of(&dhcp),
        .direction = dhcp.op == WTR_DHCP_BOOTREPLY ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
        .span = *span,
        .body = &dhcp,
    };
    if (dhcp.chaddr.data)
        sink->message(sink->payload, &message);
}

struct wtr_text wtr_dhcp_option(const struct wtr_dhcp *dhcp, uint8_t code)
{
    struct wtr_text found = {NULL, 0};
    for (size_t i = 0; i < dhcp->option_count; i++) {
        if (dhcp->options[i].code != code)
            continue;
        if (found.data)
            return (struct wtr_text){NULL, 0};
        found = dhcp->options[i].value;
    }
    return found;
}

const uint8_t *wtr_dhcp_mac(const struct wtr_dhcp *dhcp)
{
    return dhcp->htype == ETHERNET && dhcp->hlen == 6 ? (const uint8_t *)dhcp->chaddr.data : NULL;
}

static const uint16_t ports[] = {SERVER_PORT, 0};

const struct wtr_protocol wtr_dhcp = {
    .name = "dhcp",
    .probe_datagram = probe_datagram,
    .datagram = datagram,
    .fields = wtr_dhcp_fields,
    .ports = ports,
};
