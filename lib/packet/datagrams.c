/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams and the memory of those that nobody wants. */
#include "packet/datagrams.h"

#include "base/map.h"

#include <stdlib.h>

/* The memory is a table in which a pair of end points has one place; another pair that falls on the same
 * place takes it over, which costs a few probes and nothing else. */
enum { PLACES = 1 << 14, ENOUGH_REFUSALS = 8 };

struct place {
    uint64_t pair;
    uint8_t refusals;
};

struct wtr_datagrams {
    struct wtr_datagram_events events;
    struct wtr_decoders decoders;
    void **states; /* the protocols' own, in their order; made on need */
    const struct wtr_datagram_view *current;
    struct place places[PLACES];
};

struct wtr_datagrams *wtr_datagrams_new(const struct wtr_datagram_events *events,
                                        const struct wtr_decoders *decoders)
{
    struct wtr_datagrams *d = calloc(1, sizeof *d);
    size_t count = 0;
    if (!d)
        return NULL;
    while (decoders->protocols[count])
        count++;
    d->events = *events;
    d->decoders = *decoders;
    d->states = calloc(count + 1, sizeof *d->states);
    if (!d->states) {
        free(d);
        return NULL;
    }
    return d;
}

void wtr_datagrams_free(struct wtr_datagrams *d)
{
    if (!d)
        return;
    for (size_t i = 0; d->decoders.protocols[i]; i++) {
        if (d->states[i] && d->decoders.protocols[i]->close_datagrams)
            d->decoders.protocols[i]->close_datagrams(d->states[i]);
        free(d->states[i]);
    }
    free((void *)d->states);
    free(d);
}

/* The state that the protocol keeps for this source's datagrams; NULL: no memory. */
static void *state_of(struct wtr_datagrams *d, const struct wtr_protocol *protocol)
{
    size_t i = 0;
    while (d->decoders.protocols[i] != protocol)
        i++;
    if (d->states[i])
        return d->states[i];
    const struct wtr_session_setup setup = {.keys = d->decoders.keys};
    d->states[i] = calloc(1, protocol->datagram_state_size ? protocol->datagram_state_size : 1);
    if (d->states[i] && protocol->open_datagrams)
        protocol->open_datagrams(d->states[i], &setup);
    return d->states[i];
}

static uint64_t pair_of(const struct wtr_headers *h)
{
    uint64_t ports = (uint64_t)h->src_port << 16 | h->dst_port;
    return wtr_hash64(h->src.bytes, sizeof h->src.bytes,
                      wtr_hash64(h->dst.bytes, sizeof h->dst.bytes, ports));
}

static bool is_own_port(const struct wtr_protocol *protocol, uint16_t port)
{
    for (const uint16_t *p = protocol->ports; p && *p; p++)
        if (*p == port)
            return true;
    return false;
}

/* The protocol that bids highest, and alone; NULL: none. */
static const struct wtr_protocol *winner_of(const struct wtr_datagrams *d, const struct wtr_probe *probe)
{
    const struct wtr_protocol *winner = NULL;
    enum wtr_bid highest = WTR_BID_MORE;
    bool tie = false;
    for (const struct wtr_protocol *const *p = d->decoders.protocols; *p; p++) {
        enum wtr_bid bid = (*p)->probe_datagram ? (*p)->probe_datagram(probe) : WTR_BID_NONE;
        tie = bid > highest ? false : tie || (bid == highest && winner);
        if (bid > highest) {
            highest = bid;
            winner = *p;
        }
    }
    return tie ? NULL : winner;
}

static struct wtr_datagram_view view_of(const struct wtr_protocol *protocol,
                                        const struct wtr_datagram *datagram)
{
    return (struct wtr_datagram_view){.from = datagram->from,
                                      .to = datagram->to,
                                      .protocol = protocol,
                                      .path = datagram->path,
                                      .bytes = &datagram->span};
}

static void on_message(void *payload, const struct wtr_message *message)
{
    const struct wtr_datagrams *d = payload;
    if (!message->about) {
        d->events.message(d->events.payload, d->current, message);
        return;
    }
    const struct wtr_datagram_view view = view_of(message->protocol, message->about);
    d->events.message(d->events.payload, &view, message);
}

static void on_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                       const char *reason)
{
    const struct wtr_datagrams *d = payload;
    d->events.finding(d->events.payload, d->current, span, at, length, reason);
}

static void on_record(void *payload, const struct wtr_tls_record *record)
{
    const struct wtr_datagrams *d = payload;
    d->events.record(d->events.payload, d->current, record);
}

static struct wtr_sink sink_of(struct wtr_datagrams *d)
{
    return (struct wtr_sink){.payload = d,
                             .message = on_message,
                             .finding = on_finding,
                             .record = d->events.record ? on_record : NULL};
}

static const char *path_of(const struct wtr_headers *headers)
{
    static const char *const paths[][2] = {
        [WTR_LAYER_ETHERNET] = {"eth/ipv4/udp", "eth/ipv6/udp"},
        [WTR_LAYER_SLL] = {"sll/ipv4/udp", "sll/ipv6/udp"},
        [WTR_LAYER_SLL2] = {"sll2/ipv4/udp", "sll2/ipv6/udp"},
        [WTR_LAYER_NULL] = {"null/ipv4/udp", "null/ipv6/udp"},
        [WTR_LAYER_RAW] = {"raw/ipv4/udp", "raw/ipv6/udp"},
        [WTR_LAYER_WLAN] = {"wlan/ipv4/udp", "wlan/ipv6/udp"},
        [WTR_LAYER_PPP] = {"ppp/ipv4/udp", "ppp/ipv6/udp"},
    };
    return paths[headers->layer][headers->v6];
}

bool wtr_datagrams_add(struct wtr_datagrams *d, const struct wtr_headers *h, const struct wtr_span *payload)
{
    uint64_t pair = pair_of(h);
    struct place *place = &d->places[pair % PLACES];
    if (place->pair != pair)
        *place = (struct place){.pair = pair};
    if (place->refusals >= ENOUGH_REFUSALS || payload->length == 0)
        return false;
    const struct wtr_probe probe = {.bytes = payload->bytes,
                                    .length = payload->length,
                                    .client_port = h->src_port,
                                    .server_port = h->dst_port};
    const struct wtr_protocol *protocol = winner_of(d, &probe);
    if (!protocol) {
        place->refusals++;
        return false;
    }
    place->refusals = 0;
    bool from_server = is_own_port(protocol, h->src_port) && !is_own_port(protocol, h->dst_port);
    const struct wtr_datagram datagram = {.from = {h->src, h->src_port},
                                          .to = {h->dst, h->dst_port},
                                          .direction = from_server ? WTR_FROM_SERVER : WTR_FROM_CLIENT,
                                          .span = *payload,
                                          .path = path_of(h)};
    wtr_datagrams_hand(d, protocol, &datagram);
    return true;
}

void wtr_datagrams_hand(struct wtr_datagrams *d, const struct wtr_protocol *protocol,
                        const struct wtr_datagram *datagram)
{
    const struct wtr_datagram_view view = view_of(protocol, datagram);
    struct wtr_sink sink = sink_of(d);
    void *state = state_of(d, protocol);
    if (!state)
        return;
    d->current = &view;
    protocol->datagram(state, datagram, &sink);
    d->current = NULL;
}

void wtr_datagrams_finish(struct wtr_datagrams *d)
{
    struct wtr_sink sink = sink_of(d);
    for (size_t i = 0; d->decoders.protocols[i]; i++)
        if (d->states[i] && d->decoders.protocols[i]->finish_datagrams)
            d->decoders.protocols[i]->finish_datagrams(d->states[i], &sink);
}
