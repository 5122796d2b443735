/* SPDX-License-Identifier: Apache-2.0 */
/* One source from its first packet to its last. */
#include "case/extract.h"

#include "evidence/keylog.h"
#include "protocol/arp.h"
#include "protocol/mqtt.h"

#include <stdlib.h>
#include <string.h>

static size_t vendor_count(void)
{
    size_t n = 0;
    while (wtr_vendors[n])
        n++;
    return n;
}

static size_t count_protocols(const struct wtr_protocol *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    return n;
}

/* All protocols in one list, ended by NULL: the common ones, then the vendors' own. NULL: no memory. */
static const struct wtr_protocol **all_protocols(size_t *count)
{
    size_t n = count_protocols(wtr_protocols);
    for (size_t v = 0; wtr_vendors[v]; v++)
        n += count_protocols(wtr_vendors[v]->protocols);
    const struct wtr_protocol **all = calloc(n + 1, sizeof(const struct wtr_protocol *));
    *count = n;
    if (!all)
        return NULL;
    n = 0;
    for (size_t i = 0; wtr_protocols[i]; i++)
        all[n++] = wtr_protocols[i];
    for (size_t v = 0; wtr_vendors[v]; v++)
        for (size_t i = 0; i < count_protocols(wtr_vendors[v]->protocols); i++)
            all[n++] = wtr_vendors[v]->protocols[i];
    return all;
}

/* A finding of the packet layer, at the current packet's time. */
static void packet_finding(void *payload, uint64_t frame, uint64_t record_offset, uint64_t offset,
                           uint64_t length, const char *where, const char *reason)
{
    struct wtr_extract *x = payload;
    struct wtr_origin origin = {.time_ns = x->timed ? x->now_ns : INT64_MAX,
                                .frame = frame,
                                .record_offset = record_offset,
                                .offset = offset,
                                .length = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX};
    x->capture_errors++;
    wtr_extract_finding(x, WTR_ITEM_FINDING, 0, &origin, wtr_text_z(where), wtr_text_z(reason), 0);
}

static void vendor_finding(void *payload, const struct wtr_span *span, size_t at, size_t length,
                           const char *reason)
{
    struct wtr_extract *x = payload;
    struct wtr_origin origin = wtr_span_locate(span, at, length);
    x->vendor_errors[x->vendor_index]++;
    wtr_extract_finding(x, WTR_ITEM_FINDING, 0, &origin, wtr_text_z(wtr_vendors[x->vendor_index]->name),
                        wtr_text_z(reason), 0);
}

static void vendor_own_connection(void *payload, wtr_device_ref device)
{
    struct wtr_extract *x = payload;
    if (x->flow && x->message->protocol == &wtr_mqtt)
        wtr_mqtt_session_open(x, x->flow, device);
}

static bool open_decoders(struct wtr_extract *x)
{
    size_t vendors = vendor_count();
    size_t protocols;
    x->decoders.protocols = all_protocols(&protocols);
    x->decoders.keys = &x->c->keys;
    x->vendor_states = calloc(vendors + 1, sizeof(void *));
    x->vendor_records = calloc(vendors + 1, sizeof(uint64_t));
    x->vendor_errors = calloc(vendors + 1, sizeof(uint64_t));
    x->protocol_records = calloc(protocols + 1, sizeof(uint64_t));
    x->protocol_errors = calloc(protocols + 1, sizeof(uint64_t));
    x->carried_states = calloc(protocols + 1, sizeof(void *));
    x->carried = calloc(protocols + 1, sizeof *x->carried);
    bool whole = x->decoders.protocols && x->vendor_states && x->vendor_records && x->vendor_errors &&
                 x->protocol_records && x->protocol_errors && x->carried_states && x->carried;
    for (size_t i = 0; whole && i < protocols; i++)
        if (x->decoders.protocols[i]->carried)
            x->carried[x->carried_count++] = i;
    for (size_t i = 0; whole && i < vendors; i++) {
        x->vendor_states[i] = calloc(1, wtr_vendors[i]->state_size ? wtr_vendors[i]->state_size : 1);
        whole = x->vendor_states[i] != NULL;
    }
    return whole;
}

enum wtr_status wtr_extract_open(struct wtr_extract *x, struct wtr_case *c, uint32_t index)
{
    *x = (struct wtr_extract){.c = c, .source = c->sources[index], .index = index, .timed = false};
    if (c->source_count > 1 && !x->source->clock_sample)
        x->source->clock_sample = wtr_clock_sample_new();
    x->say = (struct wtr_say){.devices = &c->devices,
                              .source = index,
                              .payload = x,
                              .emit = wtr_extract_statement,
                              .finding = vendor_finding,
                              .own_connection = vendor_own_connection,
                              .connection_device = WTR_NO_DEVICE};
    x->own.limit = WTR_MAX_DEVICES;
    x->brokers.limit = WTR_MAX_DEVICES;
    x->sha256 = wtr_sha256_new();
    x->fragments = wtr_fragments_new();
    struct wtr_flow_events events = wtr_extract_flow_events;
    events.payload = x;
    events.record = wtr_shapes_wanted(c) ? wtr_extract_shape : NULL;
    struct wtr_datagram_events datagram_events = wtr_extract_datagram_events;
    datagram_events.payload = x;
    bool whole = open_decoders(x);
    if (whole)
        x->datagrams = wtr_datagrams_new(&datagram_events, &x->decoders);
    enum wtr_status status = whole ? wtr_flows_new(&x->flows, NULL, &events, &x->decoders) : WTR_E_MEMORY;
    if (status == WTR_OK)
        status = wtr_extract_wlan_begin(x);
    if (status == WTR_OK)
        status = wtr_packer_new(&x->packer, c->items);
    if (status == WTR_OK && c->options.filter)
        status = wtr_packet_filter_new(&x->filter, c->options.filter, (char[256]){""});
    bool sampled = c->source_count == 1 || x->source->clock_sample;
    if (status == WTR_OK && (!sampled || !x->sha256 || !x->fragments || !x->datagrams))
        status = WTR_E_MEMORY;
    if (status != WTR_OK)
        wtr_extract_close(x);
    return status;
}

void wtr_extract_close(struct wtr_extract *x)
{
    wtr_flows_free(x->flows);
    wtr_datagrams_free(x->datagrams);
    wtr_packer_free(x->packer);
    wtr_fragments_free(x->fragments);
    wtr_packet_filter_free(x->filter);
    wtr_sha256_free(x->sha256);
    wtr_say_free(&x->say);
    for (size_t i = 0; x->vendor_states && wtr_vendors[i]; i++) {
        if (x->vendor_states[i] && wtr_vendors[i]->close)
            wtr_vendors[i]->close(x->vendor_states[i]);
        free(x->vendor_states[i]);
    }
    free((void *)x->vendor_states);
    wtr_carried_close(x);
    free((void *)x->decoders.protocols);
    free(x->vendor_records);
    free(x->vendor_errors);
    free(x->protocol_records);
    free(x->protocol_errors);
    wtr_map_free(&x->own);
    wtr_map_free(&x->brokers);
    wtr_buffer_free(&x->packed);
    wtr_buffer_free(&x->fields);
    wtr_wlan_free(x->wlan);
    for (size_t i = 0; i < sizeof x->opened / sizeof *x->opened; i++)
        wtr_buffer_free(&x->opened[i]);
}

static void note_time(struct wtr_extract *x, const struct wtr_packet *packet)
{
    struct wtr_source_summary *s = &x->source->summary;
    x->timed = packet->has_time;
    x->resolution_ns = packet->resolution_ns;
    if (!packet->has_time)
        return;
    x->now_ns = packet->time_ns;
    if (!s->has_time || packet->time_ns < s->first_ns)
        s->first_ns = packet->time_ns;
    if (!s->has_time || packet->time_ns > s->last_ns)
        s->last_ns = packet->time_ns;
    s->has_time = true;
}

/* A packet without a time is taken for no older than the last one, so that flows keep their order; what it
 * states has no time all the same. */
static struct wtr_piece piece_of(const struct wtr_extract *x, const struct wtr_packet *packet, uint32_t at,
                                 uint32_t length)
{
    return (struct wtr_piece){.at = 0,
                              .length = length,
                              .offset = packet->data_offset + at,
                              .record_offset = packet->record_offset,
                              .frame = packet->frame,
                              .time_ns = packet->has_time ? packet->time_ns : x->now_ns,
                              .via = packet->via};
}

void wtr_extract_transport(struct wtr_extract *x, const struct wtr_packet *packet,
                           const struct wtr_headers *h, const struct wtr_span *payload, bool udp)
{
    if (!udp)
        wtr_flows_add(x->flows, packet, h, payload);
    else if (!wtr_datagrams_add(x->datagrams, h, payload))
        x->source->summary.unread_frames++;
}

static void add_payload(struct wtr_extract *x, const struct wtr_packet *packet, const struct wtr_headers *h,
                        bool udp)
{
    struct wtr_piece piece = piece_of(x, packet, h->payload_at, h->captured);
    struct wtr_span payload = {packet->bytes + h->payload_at, h->captured, &piece, 1, NULL};
    wtr_extract_transport(x, packet, h, &payload, udp);
}

enum { MAX_FRAGMENT_PIECES = 64 };

static void add_fragment(struct wtr_extract *x, const struct wtr_packet *packet, const struct wtr_headers *h)
{
    struct wtr_span datagram;
    const char *reason = NULL;
    enum wtr_fragment_verdict verdict = wtr_fragments_add(x->fragments, packet, h, &datagram, &reason);
    if (verdict == WTR_FRAGMENT_DROPPED)
        packet_finding(x, packet->frame, packet->record_offset, packet->data_offset, packet->captured, "ip",
                       reason);
    if (verdict != WTR_FRAGMENT_WHOLE)
        return;
    struct wtr_headers whole = *h;
    enum wtr_header_verdict transport =
        wtr_headers_transport(datagram.bytes, (uint32_t)datagram.length, &whole);
    if (transport != WTR_HEADERS_TCP && transport != WTR_HEADERS_UDP)
        return;
    struct wtr_piece pieces[MAX_FRAGMENT_PIECES];
    struct wtr_span payload = {datagram.bytes + whole.payload_at, whole.captured, pieces, 0, NULL};
    payload.piece_count = wtr_span_cut(&datagram, whole.payload_at, datagram.length - whole.payload_at,
                                       pieces, MAX_FRAGMENT_PIECES);
    wtr_extract_transport(x, packet, &whole, &payload, transport == WTR_HEADERS_UDP);
}

static void add_arp(struct wtr_extract *x, const struct wtr_packet *packet, const struct wtr_headers *h)
{
    static const char *const paths[] = {
        [WTR_LAYER_ETHERNET] = "eth/arp", [WTR_LAYER_SLL] = "sll/arp", [WTR_LAYER_SLL2] = "sll2/arp",
        [WTR_LAYER_NULL] = "null/arp",    [WTR_LAYER_RAW] = "raw/arp", [WTR_LAYER_WLAN] = "wlan/arp",
        [WTR_LAYER_PPP] = "ppp/arp",
    };
    struct wtr_piece piece = piece_of(x, packet, h->payload_at, h->captured);
    struct wtr_datagram datagram = {.span = {packet->bytes + h->payload_at, h->captured, &piece, 1, NULL},
                                    .path = paths[h->layer]};
    struct wtr_arp arp;
    if (wtr_arp_read(datagram.span.bytes, datagram.span.length, &arp) && arp.ethernet_ipv4) {
        datagram.from.ip = arp.sender_ip;
        datagram.to.ip = arp.target_ip;
    }
    wtr_datagrams_hand(x->datagrams, &wtr_arp, &datagram);
}

void wtr_extract_read(struct wtr_extract *x, const struct wtr_packet *packet, enum wtr_header_verdict verdict,
                      struct wtr_headers *h)
{
    struct wtr_source_summary *s = &x->source->summary;
    switch (verdict) {
    case WTR_HEADERS_TCP:
        add_payload(x, packet, h, false);
        break;
    case WTR_HEADERS_UDP:
        add_payload(x, packet, h, true);
        break;
    case WTR_HEADERS_FRAGMENT:
        add_fragment(x, packet, h);
        break;
    case WTR_HEADERS_ARP:
        add_arp(x, packet, h);
        break;
    case WTR_HEADERS_OTHER:
    case WTR_HEADERS_UNKNOWN_LINK:
        s->unread_frames++;
        break;
    case WTR_HEADERS_WLAN_OTHER:
    case WTR_HEADERS_EAPOL:
    case WTR_HEADERS_ENCRYPTED:
    case WTR_HEADERS_AGGREGATE:
        wtr_extract_wlan(x, packet, verdict, h);
        break;
    case WTR_HEADERS_CUT:
        s->bad_frames++;
        break;
    case WTR_HEADERS_BAD:
        s->bad_frames++;
        packet_finding(x, packet->frame, packet->record_offset, packet->data_offset + h->reason_at,
                       packet->captured - h->reason_at, "headers", h->reason);
        break;
    }
}

void wtr_extract_packet(struct wtr_extract *x, const struct wtr_packet *packet)
{
    struct wtr_headers h;
    note_time(x, packet);
    if (x->filter && !wtr_packet_filter_passes(x->filter, packet)) {
        x->source->summary.filtered++;
        return;
    }
    enum wtr_header_verdict verdict = wtr_headers_read(packet, &h);
    wtr_extract_read(x, packet, verdict, &h);
}

void wtr_extract_finish(struct wtr_extract *x)
{
    struct wtr_source_summary *s = &x->source->summary;
    wtr_extract_wlan_end(x);
    wtr_flows_finish(x->flows);
    wtr_datagrams_finish(x->datagrams);
    wtr_fragments_finish(x->fragments);
    enum wtr_status packed = wtr_packer_finish(x->packer);
    if (x->status == WTR_OK)
        x->status = packed;
    if (x->source->clock_sample && !wtr_clock_sample_seal(x->source->clock_sample))
        x->status = WTR_E_MEMORY;
    struct wtr_flow_counts flows = wtr_flows_counts(x->flows);
    struct wtr_fragment_counts fragments = wtr_fragments_counts(x->fragments);
    s->gaps = flows.gaps;
    s->lost_bytes = flows.lost_bytes;
    s->repeated = flows.repeated;
    s->altered = flows.altered;
    s->flows = flows.flows;
    s->followed = flows.claimed;
    s->evicted = flows.evicted;
    s->fragments = fragments.fragments;
    s->fragments_lost = fragments.dropped + fragments.expired;
    wtr_source_coverage(x->source, x->source->type, s->frames, x->capture_errors);
    if (x->wlan) {
        const struct wtr_wlan_counts *wlan = wtr_wlan_counts(x->wlan);
        wtr_source_coverage(x->source, "wlan", wlan->opened + wlan->checked, wlan->forged.count);
    }
    wtr_source_coverage(x->source, "tcp", flows.segments, x->flow_errors);
    for (size_t i = 0; x->decoders.protocols[i]; i++)
        wtr_source_coverage(x->source, x->decoders.protocols[i]->name, x->protocol_records[i],
                            x->protocol_errors[i]);
    for (size_t i = 0; wtr_vendors[i]; i++)
        wtr_source_coverage(x->source, wtr_vendors[i]->name, x->vendor_records[i], x->vendor_errors[i]);
    bool damaged = x->capture_errors || x->header_errors || x->flow_errors || s->bad_frames || s->gaps ||
                   s->evicted || s->fragments_lost || s->dropped || s->snapped || flows.overflowed;
    for (size_t i = 0; x->decoders.protocols[i]; i++)
        damaged = damaged || x->protocol_errors[i];
    for (size_t i = 0; wtr_vendors[i]; i++)
        damaged = damaged || x->vendor_errors[i];
    s->complete = s->complete && !damaged;
}

static void take_facts(struct wtr_case_source *source, const struct wtr_capture_facts *facts)
{
    struct wtr_source_summary *s = &source->summary;
    s->frames = facts->frames;
    s->bytes = facts->bytes;
    s->snapped = facts->snapped;
    s->dropped = facts->dropped;
    s->drops_known = facts->drops_known;
    s->complete = facts->complete;
}

/* Packets between two looks at the clock of progress: about a megabyte of a usual capture. */
enum { PROGRESS_PACKETS = 4096 };

static enum wtr_status report_progress(struct wtr_case *c, const struct wtr_input *input)
{
    const struct wtr_options *o = &c->options;
    if (!o->progress)
        return WTR_OK;
    uint64_t done = c->bytes_done + wtr_input_consumed(input);
    return o->progress(o->progress_payload, done, c->bytes_total) ? WTR_E_CANCELLED : WTR_OK;
}

static enum wtr_status read_packets(struct wtr_extract *x, struct wtr_capture *capture,
                                    struct wtr_input *input)
{
    struct wtr_packet packet;
    enum wtr_status status = WTR_OK;
    for (uint64_t n = 1; status == WTR_OK; n++) {
        status = wtr_capture_next(capture, &packet);
        if (status != WTR_OK)
            break;
        wtr_extract_packet(x, &packet);
        status = x->status;
        if (status == WTR_OK && n % PROGRESS_PACKETS == 0)
            status = report_progress(x->c, input);
    }
    return status == WTR_END ? WTR_OK : status;
}

/* The type of a decryption secrets block that holds a TLS key log (draft-ietf-opsawg-pcapng 4.7). */
enum { TLS_KEY_LOG = 0x544c534b };

static void find_secrets(struct wtr_extract *x, uint64_t offset, size_t length, const char *reason)
{
    struct wtr_origin origin = {.time_ns = x->timed ? x->now_ns : INT64_MAX,
                                .record_offset = offset,
                                .offset = offset,
                                .length = (uint32_t)length};
    x->capture_errors++;
    wtr_extract_finding(x, WTR_ITEM_FINDING, 0, &origin, WTR_TEXT("pcapng"), wtr_text_z(reason), 0);
}

static void take_secrets(void *payload, uint32_t type, uint64_t offset, const uint8_t *bytes, size_t length)
{
    struct wtr_extract *x = payload;
    struct wtr_tls_keys *tls = x->c->keys.tls;
    struct wtr_keylog_facts facts;
    struct wtr_buffer name = {0};
    if (type != TLS_KEY_LOG)
        return;
    wtr_put_z(&name, "secrets block at ");
    wtr_put_uint(&name, offset);
    wtr_put_z(&name, " of ");
    wtr_put(&name, x->source->name, strlen(x->source->name) + 1);
    bool again = tls->again;
    enum wtr_status status =
        name.failed ? WTR_E_MEMORY : wtr_keylog_read(tls, name.data, wtr_text_of(bytes, length), &facts);
    wtr_buffer_free(&name);
    if (status == WTR_E_MEMORY)
        x->status = status;
    else if (status != WTR_OK)
        find_secrets(x, offset, length, "secrets of which not all lines can be read");
    if (tls->again && !again && !wtr_source_is_again(x->source))
        find_secrets(x, offset, length,
                     "secrets of records that came before, and this source can't be read again");
}

static enum wtr_status read_capture(struct wtr_extract *x, struct wtr_input *input)
{
    struct wtr_case_source *source = x->source;
    struct wtr_capture *capture = NULL;
    const struct wtr_packet_findings findings = {x, packet_finding};
    const struct wtr_capture_watch watch = {.payload = x, .secrets = take_secrets};
    enum wtr_status status = wtr_capture_open(&capture, input, &findings, &watch);
    if (status != WTR_OK) {
        const char *why = capture ? wtr_capture_why(capture) : NULL;
        wtr_case_fail(x->c, status, source->name,
                      why ? why : "not a capture file (expected pcap or pcapng, plain or gzip-compressed)");
        wtr_capture_close(capture);
        return status;
    }
    status = read_packets(x, capture, input);
    take_facts(source, wtr_capture_facts(capture));
    if (status == WTR_OK)
        wtr_extract_finish(x);
    wtr_capture_close(capture);
    return status == WTR_OK ? x->status : status;
}

enum wtr_status wtr_extract_source(struct wtr_case *c, uint32_t index)
{
    struct wtr_extract *x = malloc(sizeof *x);
    struct wtr_input *input = NULL;
    if (!x)
        return WTR_E_MEMORY;
    enum wtr_status status = wtr_extract_open(x, c, index);
    if (status == WTR_OK) {
        status = wtr_source_open(c->sources[index], &input);
        if (status == WTR_OK)
            status = read_capture(x, input);
        if (status == WTR_OK)
            status = wtr_source_finish(x->source, input);
        wtr_input_close(input);
        wtr_extract_close(x);
    }
    free(x);
    return status;
}
