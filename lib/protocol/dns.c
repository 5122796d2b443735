/* SPDX-License-Identifier: Apache-2.0 */
/* DNS, mDNS and LLMNR as protocols. Each is claimed on its own port alone (53, 5353, 5355) and by the shape
 * of the header: an opcode that exists, and room for as many questions and records as it counts. Over TCP a
 * message stands behind its length (RFC 1035 4.2.2). */
#include "base/bytes.h"
#include "protocol/dns_wire.h"

enum {
    LEAST_QUESTION = 5, /* the root, type, class */
    LEAST_RECORD = 11,
    STATUS = 2, /* opcodes: RFC 1035 query, inverse query, status; 1996 notify; 2136 update; 8490 */
    NOTIFY = 4,
    STATEFUL = 6,
    LAST_RCODE = 11, /* RFC 1035, 2136, 8490 */
};

static bool plausible(const uint8_t *bytes, size_t length)
{
    if (length < WTR_DNS_HEADER)
        return false;
    uint16_t flags = wtr_be16(bytes + 2);
    unsigned opcode = wtr_dns_opcode(flags);
    size_t questions = wtr_be16(bytes + 4);
    size_t records = (size_t)wtr_be16(bytes + 6) + wtr_be16(bytes + 8) + wtr_be16(bytes + 10);
    bool known = opcode <= STATUS || (opcode >= NOTIFY && opcode <= STATEFUL);
    return known && (flags & 15) <= LAST_RCODE && questions + records > 0 &&
           questions * LEAST_QUESTION + records * LEAST_RECORD <= length - WTR_DNS_HEADER;
}

static enum wtr_bid bid_for(const struct wtr_probe *probe, uint16_t port)
{
    if (probe->client_port != port && probe->server_port != port)
        return WTR_BID_NONE;
    return plausible(probe->bytes, probe->length) ? WTR_BID_LIKELY : WTR_BID_NONE;
}

static enum wtr_bid probe_dns(const struct wtr_probe *probe)
{
    return bid_for(probe, WTR_DNS_PORT);
}

static enum wtr_bid probe_mdns(const struct wtr_probe *probe)
{
    return bid_for(probe, WTR_MDNS_PORT);
}

static enum wtr_bid probe_llmnr(const struct wtr_probe *probe)
{
    return bid_for(probe, WTR_LLMNR_PORT);
}

/* Hands out what can be read of the message, and says what can't. */
static void read_message(const struct wtr_protocol *protocol, const struct wtr_span *span,
                         struct wtr_sink *sink)
{
    struct wtr_dns dns;
    size_t at;
    const char *reason = wtr_dns_read(span->bytes, span->length, &dns, &at);
    if (reason)
        sink->finding(sink->payload, span, at, span->length - at, reason);
    if (dns.length == 0)
        return;
    bool response = dns.flags & WTR_DNS_RESPONSE;
    const struct wtr_message message = {
        .protocol = protocol,
        .type = response ? "response" : "query",
        .direction = response ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
        .span = *span,
        .body = &dns,
    };
    sink->message(sink->payload, &message);
}

static void dns_datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    (void)state;
    read_message(&wtr_dns, &datagram->span, sink);
}

static void mdns_datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    (void)state;
    read_message(&wtr_mdns, &datagram->span, sink);
}

static void llmnr_datagram(void *state, const struct wtr_datagram *datagram, struct wtr_sink *sink)
{
    (void)state;
    read_message(&wtr_llmnr, &datagram->span, sink);
}

/* ---- over TCP */

/* After lost bytes nothing shows where a message begins: what follows in that direction is left alone. */
struct session {
    bool lost[2];
};

enum { LENGTH = 2, MAX_PIECES = 64 };

/* The message as a span of its own; false if it lies in more pieces than there is room for. */
static bool cut(const struct wtr_span *unread, size_t at, size_t length, struct wtr_piece pieces[MAX_PIECES],
                struct wtr_span *message)
{
    size_t count = wtr_span_parts(unread, at, length);
    size_t place = 0;
    *message = (struct wtr_span){unread->bytes + at, length, pieces, count, unread->opening};
    if (count > MAX_PIECES)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct wtr_origin o = wtr_span_part(unread, at, length, i);
        pieces[i] = (struct wtr_piece){place, o.length, o.offset, o.record_offset, o.frame, o.time_ns, o.via};
        place += o.length;
    }
    return true;
}

static void open_session(void *session, const struct wtr_session_setup *setup)
{
    (void)session;
    (void)setup;
}

static void close_session(void *session)
{
    (void)session;
}

static enum wtr_bid probe_stream(const struct wtr_probe *probe)
{
    if (probe->client_port != WTR_DNS_PORT && probe->server_port != WTR_DNS_PORT)
        return WTR_BID_NONE;
    if (probe->length < LENGTH + WTR_DNS_HEADER)
        return probe->at_start ? WTR_BID_MORE : WTR_BID_NONE;
    size_t length = wtr_be16(probe->bytes);
    size_t there = probe->length - LENGTH;
    bool whole = length == there || (probe->at_start && length > WTR_DNS_HEADER);
    return whole && plausible(probe->bytes + LENGTH, length < there ? length : there) ? WTR_BID_LIKELY
                                                                                      : WTR_BID_NONE;
}

static size_t stream(void *state, enum wtr_direction direction, const struct wtr_span *unread, size_t *need,
                     struct wtr_sink *sink)
{
    const struct session *session = state;
    size_t at = 0;
    if (session->lost[direction])
        return unread->length;
    while (unread->length - at >= LENGTH) {
        size_t length = wtr_be16(unread->bytes + at);
        if (length > unread->length - at - LENGTH) {
            *need = LENGTH + length;
            break;
        }
        struct wtr_piece pieces[MAX_PIECES];
        struct wtr_span message;
        if (cut(unread, at + LENGTH, length, pieces, &message))
            read_message(&wtr_dns, &message, sink);
        else
            sink->finding(sink->payload, unread, at, LENGTH, "a message in more pieces than are read");
        at += LENGTH + length;
    }
    return at;
}

static void gap(void *state, enum wtr_direction direction, uint64_t missing)
{
    struct session *session = state;
    (void)missing;
    session->lost[direction] = true;
}

static const uint16_t dns_ports[] = {WTR_DNS_PORT, 0};
static const uint16_t mdns_ports[] = {WTR_MDNS_PORT, 0};
static const uint16_t llmnr_ports[] = {WTR_LLMNR_PORT, 0};

const struct wtr_protocol wtr_dns = {
    .name = "dns",
    .session_size = sizeof(struct session),
    .probe_stream = probe_stream,
    .open = open_session,
    .close = close_session,
    .stream = stream,
    .gap = gap,
    .probe_datagram = probe_dns,
    .datagram = dns_datagram,
    .exchanges = true,
    .fields = wtr_dns_fields,
    .ports = dns_ports,
};

const struct wtr_protocol wtr_mdns = {
    .name = "mdns",
    .probe_datagram = probe_mdns,
    .datagram = mdns_datagram,
    .fields = wtr_dns_fields,
    .ports = mdns_ports,
};

const struct wtr_protocol wtr_llmnr = {
    .name = "llmnr",
    .probe_datagram = probe_llmnr,
    .datagram = llmnr_datagram,
    .fields = wtr_dns_fields,
    .ports = llmnr_ports,
};
