/* SPDX-License-Identifier: Apache-2.0 */
/* What hosts say, one after another, so that lan's memory of them counts. The input is a run of datagrams,
 * each a byte for its protocol and its two ends, a byte for the seconds since the one before, two for its
 * length (the higher first), and its bytes:
 *
 *     bits 0 to 2    0 ARP, 1 DHCP, 2 DNS, 3 mDNS, 4 SSDP, 5 NTP (and again from 6)
 *     bits 3 and 4   the host: 192.168.1.6 and the three after it
 *     bit 5          the host is the receiver
 *     bit 6          lan is told of another port than the protocol's
 *
 * What lan says is recorded (say_record.c), which marks whatever breaks the contract of say.h; no event of
 * power comes from lan; the whole is run twice and must say the same. */
#include "base/map.h"
#include "protocol/arp.h"
#include "protocol/dhcp.h"
#include "protocol/dns.h"
#include "protocol/ntp.h"
#include "protocol/ssdp.h"
#include "say_record.h"
#include "vendor/lan/lan.h"

#include "say_record.c" /* NOLINT(bugprone-suspicious-include): stands in for vendor/say.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_DATAGRAMS = 200, HEAD = 4, PROTOCOLS = 6, OTHER_PORT = 50000 };

static const struct wtr_protocol *const protocols[PROTOCOLS] = {&wtr_arp,  &wtr_dhcp, &wtr_dns,
                                                                &wtr_mdns, &wtr_ssdp, &wtr_ntp};

struct listener {
    struct wtr_say *say;
    void *state;
    uint64_t heard;
    size_t at; /* where the datagram stands in the input */
    int64_t time_ns;
};

static void hold(bool invariant)
{
    if (!invariant)
        __builtin_trap();
}

static bool has_line(const char *lines, const char *begins)
{
    size_t length = strlen(begins);
    for (const char *line = lines; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, begins, length) == 0)
            return true;
    }
    return false;
}

static void hear_message(void *payload, const struct wtr_message *message)
{
    struct listener *l = payload;
    enum wtr_claim claim = wtr_lan.claim(l->state, message);
    const char *lines = say_record(l->say, &wtr_lan, l->state, message);
    hold(say_record_claim(l->say) == claim && claim <= WTR_CLAIM_SHAPE);
    hold(!has_line(lines, "!!") && !has_line(lines, "power."));
    l->heard = wtr_hash64(lines, strlen(lines), l->heard);
}

static void hear_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                         const char *reason)
{
    struct listener *l = payload;
    hold(at <= span->length && length <= span->length - at && reason && *reason);
    l->heard = wtr_hash64(reason, strlen(reason), l->heard + at);
}

/* The datagram stands in memory of its own size, so that a read past its end is seen. */
static void feed(struct listener *l, unsigned selector, struct wtr_text text)
{
    const struct wtr_protocol *protocol = protocols[(selector & 7) % PROTOCOLS];
    uint16_t port = protocol->ports ? protocol->ports[0] : 0;
    bool to_host = selector & 0x20;
    uint8_t *bytes = malloc(text.length ? text.length : 1);
    char host[] = "192.168.1.7";
    struct wtr_sink sink = {.payload = l, .message = hear_message, .finding = hear_finding};
    hold(bytes);
    if (text.length > 0)
        memcpy(bytes, text.data, text.length);
    const struct wtr_probe probe = {
        .bytes = bytes, .length = text.length, .client_port = OTHER_PORT, .server_port = port};
    bool bid =
        text.length > 0 && (!protocol->probe_datagram || protocol->probe_datagram(&probe) != WTR_BID_NONE);
    if (selector & 0x40)
        port = OTHER_PORT;
    host[10] = (char)('6' + (selector >> 3 & 3));
    say_record_ends(l->say, to_host ? "192.168.1.1" : host, to_host ? port : OTHER_PORT,
                    to_host ? host : "192.168.1.1", to_host ? OTHER_PORT : port);
    const struct wtr_piece piece = {
        .length = text.length, .offset = l->at, .frame = 1 + l->at, .time_ns = l->time_ns};
    const struct wtr_datagram datagram = {.from = *wtr_say_sender(l->say),
                                          .to = *wtr_say_receiver(l->say),
                                          .direction = to_host ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
                                          .span = {bytes, text.length, &piece, 1, NULL}};
    if (bid)
        protocol->datagram(NULL, &datagram, &sink);
    free(bytes);
}

static uint64_t run(const uint8_t *data, size_t size)
{
    struct listener l = {.say = say_record_new(),
                         .state = calloc(1, wtr_lan.state_size),
                         .time_ns = INT64_C(1700000000) * 1000000000};
    hold(l.state);
    for (unsigned n = 0; n < MAX_DATAGRAMS && size - l.at >= HEAD; n++) {
        const uint8_t *head = data + l.at;
        size_t length = (size_t)(head[2] << 8 | head[3]);
        l.at += HEAD;
        length = length < size - l.at ? length : size - l.at;
        l.time_ns += head[1] * INT64_C(1000000000);
        feed(&l, head[0], wtr_text_of(data + l.at, length));
        l.at += length;
    }
    free(l.state);
    say_record_free(l.say);
    return l.heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hold(run(data, size) == run(data, size));
    return 0;
}
