/* SPDX-License-Identifier: Apache-2.0 */
/* What the followed flows tell: messages go to the vendor that claims them, gaps and damage become findings,
 * and each flow of a device leaves a window that says from when to when it was followed. */
#include "case/extract.h"

#include "protocol/mqtt.h"

#include <stdlib.h>

static struct wtr_text text_of(const struct wtr_endpoint_text *end)
{
    return (struct wtr_text){end->data, end->length};
}

static void on_claimed(void *payload, struct wtr_flow_view *flow)
{
    struct wtr_extract *x = payload;
    struct wtr_connection *connection = calloc(1, sizeof *connection);
    flow->user = connection;
    if (!connection) {
        x->status = WTR_E_MEMORY;
        return;
    }
    connection->id = (uint64_t)(x->index + 1) << 40 | flow->id;
    connection->device = connection->bystander = WTR_NO_DEVICE;
    connection->end[0].length = wtr_endpoint_text(&flow->end[0], connection->end[0].data);
    connection->end[1].length = wtr_endpoint_text(&flow->end[1], connection->end[1].data);
}

size_t wtr_extract_protocol(const struct wtr_extract *x, const struct wtr_protocol *protocol)
{
    size_t i = 0;
    while (x->decoders.protocols[i] && x->decoders.protocols[i] != protocol)
        i++;
    return i;
}

/* The vendor with the highest claim; NULL if none claims, or if two claim alike. */
static const struct wtr_vendor *highest_claim(struct wtr_extract *x, const struct wtr_message *m,
                                              size_t *index, enum wtr_claim *claimed)
{
    const struct wtr_vendor *best = NULL;
    enum wtr_claim highest = WTR_CLAIM_NONE;
    bool tie = false;
    for (size_t i = 0; wtr_vendors[i]; i++) {
        if (!wtr_vendors[i]->claim) /* known by its storage alone */
            continue;
        enum wtr_claim claim = wtr_vendors[i]->claim(x->vendor_states[i], m);
        tie = claim == highest ? tie || claim != WTR_CLAIM_NONE : claim > highest ? false : tie;
        if (claim > highest) {
            highest = claim;
            best = wtr_vendors[i];
            *index = i;
        }
    }
    if (tie) {
        struct wtr_origin origin = wtr_span_locate(&m->span, 0, m->span.length);
        wtr_extract_finding(x, WTR_ITEM_FINDING, 0, &origin, wtr_text_z(m->protocol->name),
                            WTR_TEXT("two families of plugs claim this message alike, so none is believed"),
                            0);
        return NULL;
    }
    *claimed = highest;
    return best;
}

/* The vendor to read the message. A topic that one family alone had learnt stays with it as long as it says
 * so: then the others are not asked again. */
static const struct wtr_vendor *vendor_for(struct wtr_extract *x, const struct wtr_message *m, size_t *index)
{
    const struct wtr_mqtt_packet *packet = m->protocol == &wtr_mqtt ? m->body : NULL;
    struct wtr_learnt_topic *learnt = NULL;
    uint64_t hash = 0;
    if (packet && packet->type == WTR_MQTT_PUBLISH) {
        hash = wtr_hash64(packet->topic.data, packet->topic.length, 1);
        learnt = &x->learnt_topics[hash % WTR_LEARNT_TOPICS];
    }
    if (learnt && learnt->known && learnt->hash == hash &&
        wtr_vendors[learnt->vendor]->claim(x->vendor_states[learnt->vendor], m) == WTR_CLAIM_LEARNT) {
        *index = learnt->vendor;
        return wtr_vendors[learnt->vendor];
    }
    enum wtr_claim claim = WTR_CLAIM_NONE;
    const struct wtr_vendor *vendor = highest_claim(x, m, index, &claim);
    if (learnt && vendor && claim == WTR_CLAIM_LEARNT)
        *learnt = (struct wtr_learnt_topic){.hash = hash, .vendor = *index, .known = true};
    return vendor;
}

/* Lets the vendor that claims the message say what it states. */
static void read_message(struct wtr_extract *x, const struct wtr_message *m, const char *path)
{
    x->has_digests = false;
    x->vendor = vendor_for(x, m, &x->vendor_index);
    if (!x->vendor)
        return;
    x->say.common.path = wtr_case_path(x->c, path, m->over, m->protocol->name, x->vendor->name);
    x->vendor->read(x->vendor_states[x->vendor_index], m, &x->say);
    x->vendor = NULL;
}

/* `place` tells the sessions apart: the flow, 0 for the source's datagrams. */
static void begin_message(struct wtr_extract *x, const struct wtr_message *m, uint64_t place)
{
    uint64_t session = place ? place : (uint64_t)(x->index + 1) << 40;
    if (x->decoders.protocols[x->last_protocol] != m->protocol)
        x->last_protocol = wtr_extract_protocol(x, m->protocol);
    x->protocol_records[x->last_protocol]++;
    x->message = m;
    wtr_say_message(&x->say, m);
    x->say.common =
        (struct wtr_statement){.type = WTR_ITEM_STATEMENT,
                               .message = ++x->messages,
                               .device = WTR_NO_DEVICE,
                               .exchange = m->exchange ? wtr_mix64(session ^ wtr_mix64(m->exchange)) : 0,
                               .resolution_ns = x->resolution_ns};
}

/* A message that goes straight between a plug and the one that asks it. */
static void direct_context(struct wtr_extract *x, struct wtr_text from)
{
    const struct wtr_text nothing = {NULL, 0};
    x->say.scope = nothing;
    x->say.connection_device = WTR_NO_DEVICE;
    x->say.endpoint = from;
    x->say.client_id = nothing;
    x->say.user = nothing;
}

/* The message as a mark for comparing clocks with sources that saw it, too. `sequence` is its place in its
 * stream. */
static void sample_clock(struct wtr_extract *x, const struct wtr_endpoint *from,
                         const struct wtr_endpoint *to, uint32_t sequence, const struct wtr_message *m)
{
    if (!x->source->clock_sample || !x->timed)
        return;
    uint64_t hash = wtr_hash64(from->ip.bytes, sizeof from->ip.bytes, from->port);
    hash = wtr_hash64(to->ip.bytes, sizeof to->ip.bytes, hash ^ to->port);
    hash = wtr_hash64(m->span.bytes, m->span.length, wtr_mix64(hash ^ sequence));
    wtr_clock_sample_add(x->source->clock_sample, hash, wtr_span_locate(&m->span, 0, 0).time_ns);
}

void wtr_extract_message(struct wtr_extract *x, struct wtr_flow_view *flow, const struct wtr_carrier *carrier,
                         const char *path)
{
    const struct wtr_message *m = carrier->message;
    struct wtr_connection *connection = flow ? flow->user : NULL;
    struct wtr_endpoint_text from, to;
    if (connection) {
        from = connection->end[m->direction];
        to = connection->end[!m->direction];
    } else {
        from.length = wtr_endpoint_text(&carrier->from, from.data);
        to.length = wtr_endpoint_text(&carrier->to, to.data);
    }
    x->flow = flow;
    begin_message(x, m, connection ? connection->id : 0);
    wtr_keep_message(x, m, text_of(&from), text_of(&to));
    x->say.sender = carrier->from;
    x->say.receiver = carrier->to;
    sample_clock(x, &carrier->from, &carrier->to, flow ? wtr_flows_sequence(x->flows) : 0, m);
    x->say.common.flags = !flow || m->protocol->exchanges ? WTR_FLAG_EXCHANGE : 0;
    if (connection) {
        x->say.common.flow = connection->id;
        x->say.common.flow_start_ns = flow->started ? flow->first_ns : INT64_MIN;
    }
    if (connection && m->protocol == &wtr_mqtt) {
        connection->mqtt = m->session;
        connection->mqtt_over = m->over;
        wtr_mqtt_context(x, flow, m);
    } else {
        direct_context(x, text_of(&from));
    }
    if (!x->c->options.messages_only)
        read_message(x, m, path);
}

static void on_message(void *payload, struct wtr_flow_view *flow, const struct wtr_message *m)
{
    struct wtr_extract *x = payload;
    const struct wtr_connection *connection = flow->user;
    if (!connection || x->status != WTR_OK)
        return;
    const struct wtr_carrier carrier = {flow->end[m->direction], flow->end[!m->direction], m};
    wtr_extract_message(x, flow, &carrier, flow->path);
    wtr_carried_read(x, flow, &carrier, flow->path);
    if (connection->device != WTR_NO_DEVICE)
        wtr_map_put(&x->own, connection->device, (uint64_t)flow->last_ns);
    const struct wtr_mqtt_packet *packet = m->protocol == &wtr_mqtt ? m->body : NULL;
    if (packet && packet->type == WTR_MQTT_DISCONNECT) {
        struct wtr_origin origin = wtr_span_locate(&m->span, 0, m->span.length);
        wtr_mqtt_session_close(x, flow, m->direction, false, &origin);
    }
    x->flow = NULL;
}

void wtr_extract_unread(struct wtr_extract *x, const struct wtr_protocol *protocol,
                        const struct wtr_span *span, size_t at, size_t length, const char *reason)
{
    struct wtr_origin origin = wtr_span_locate(span, at, length);
    x->protocol_errors[wtr_extract_protocol(x, protocol)]++;
    wtr_extract_finding(x, WTR_ITEM_FINDING, 0, &origin, wtr_text_z(protocol->name), wtr_text_z(reason), 0);
}

/* Whether what can't be read of the connection is worth a line, and not only a count. */
static bool is_listed(const struct wtr_flow_view *flow)
{
    const struct wtr_connection *connection = flow->user;
    return connection && (!flow->protocol->general || connection->has_statements);
}

static void on_finding(void *payload, struct wtr_flow_view *flow, const struct wtr_span *span, size_t at,
                       size_t length, const char *reason)
{
    struct wtr_extract *x = payload;
    if (is_listed(flow))
        wtr_extract_unread(x, flow->protocol, span, at, length, reason);
    else
        x->protocol_errors[wtr_extract_protocol(x, flow->protocol)]++;
}

static void on_gap(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction, uint64_t missing,
                   const struct wtr_origin *after)
{
    struct wtr_extract *x = payload;
    const struct wtr_connection *connection = flow->user;
    x->flow_errors++;
    wtr_extract_shape_gap(flow->user);
    if (is_listed(flow))
        wtr_extract_finding(x, WTR_ITEM_GAP, connection->id, after, WTR_TEXT("tcp"),
                            direction == WTR_FROM_CLIENT
                                ? WTR_TEXT("bytes from the client are missing in the capture")
                                : WTR_TEXT("bytes from the server are missing in the capture"),
                            missing);
}

static void on_repeated(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction, uint64_t at,
                        const struct wtr_origin *again)
{
    if (flow->user)
        wtr_extract_repeated(payload, flow->user, direction, at, again);
}

static void on_altered(void *payload, struct wtr_flow_view *flow, enum wtr_direction direction,
                       const struct wtr_origin *again)
{
    struct wtr_extract *x = payload;
    (void)direction;
    const struct wtr_connection *connection = flow->user;
    x->flow_errors++;
    if (is_listed(flow))
        wtr_extract_finding(x, WTR_ITEM_FINDING, connection->id, again, WTR_TEXT("tcp"),
                            WTR_TEXT("bytes were sent again with another content; the first ones stand"), 0);
}

static void on_closing(void *payload, struct wtr_flow_view *flow, enum wtr_direction by, bool reset,
                       const struct wtr_origin *origin)
{
    struct wtr_extract *x = payload;
    const struct wtr_connection *connection = flow->user;
    if (connection && connection->mqtt)
        wtr_mqtt_session_close(x, flow, by, reset, origin);
}

static struct wtr_text end_name(enum wtr_flow_end end)
{
    switch (end) {
    case WTR_FLOW_FIN:
        return WTR_TEXT("fin");
    case WTR_FLOW_RST:
        return WTR_TEXT("rst");
    case WTR_FLOW_REUSED:
        return WTR_TEXT("reused");
    case WTR_FLOW_EVICTED:
        return WTR_TEXT("evicted");
    default:
        return WTR_TEXT("capture_end");
    }
}

static void add_window(struct wtr_extract *x, const struct wtr_flow_view *flow)
{
    const struct wtr_connection *connection = flow->user;
    bool known = connection->device != WTR_NO_DEVICE || connection->has_statements;
    wtr_device_ref device = known ? connection->device : connection->bystander;
    struct wtr_item item = {.fixed = {.type = WTR_ITEM_WINDOW, .device = device},
                            .endpoint = text_of(&connection->end[0]),
                            .user = text_of(&connection->end[1]),
                            .where = wtr_text_z(flow->protocol->name),
                            .reason = end_name(flow->end_reason),
                            .value_count = WTR_WINDOW_VALUES};
    const struct wtr_mqtt_session *session = connection->mqtt;
    if (session && session->client_id)
        item.client_id = wtr_text_of(session->client_id, session->client_id_length);
    const int64_t numbers[WTR_WINDOW_VALUES] = {
        [WTR_WINDOW_TO_NS] = flow->last_ns,
        [WTR_WINDOW_CLIENT_FRAMES] = (int64_t)flow->packets[0],
        [WTR_WINDOW_SERVER_FRAMES] = (int64_t)flow->packets[1],
        [WTR_WINDOW_CLIENT_BYTES] = (int64_t)flow->payload_bytes[0],
        [WTR_WINDOW_SERVER_BYTES] = (int64_t)flow->payload_bytes[1],
        [WTR_WINDOW_GAPS] = (int64_t)(flow->gaps[0] + flow->gaps[1]),
        [WTR_WINDOW_LOST_BYTES] = (int64_t)(flow->lost_bytes[0] + flow->lost_bytes[1]),
        [WTR_WINDOW_FROM_START] = flow->started,
    };
    for (size_t i = 0; i < WTR_WINDOW_VALUES; i++)
        item.values[i] = (struct wtr_value){.type = WTR_VALUE_INTEGER, .number = numbers[i]};
    wtr_extract_item(x, &item, flow->first_ns);
}

static void on_closed(void *payload, struct wtr_flow_view *flow)
{
    struct wtr_extract *x = payload;
    struct wtr_connection *connection = flow->user;
    if (!connection)
        return;
    if (connection->has_statements || connection->device != WTR_NO_DEVICE) {
        struct wtr_item ended = {.fixed = {.type = WTR_ITEM_FLOW_END, .flow = connection->id}};
        int64_t time_ns = flow->closed_by >= 0 ? flow->closed_ns : flow->last_ns;
        if (flow->end_reason != WTR_FLOW_CAPTURE_END || flow->closed_by >= 0)
            wtr_extract_item(x, &ended, time_ns);
    }
    if (connection->has_statements || connection->device != WTR_NO_DEVICE ||
        connection->bystander != WTR_NO_DEVICE)
        add_window(x, flow);
    free(connection->shapes);
    free(connection->recent[0]);
    free(connection->recent[1]);
    free(connection);
    flow->user = NULL;
}

const struct wtr_flow_events wtr_extract_flow_events = {
    .claimed = on_claimed,
    .message = on_message,
    .finding = on_finding,
    .gap = on_gap,
    .repeated = on_repeated,
    .altered = on_altered,
    .closing = on_closing,
    .closed = on_closed,
};

static void on_datagram_message(void *payload, const struct wtr_datagram_view *datagram,
                                const struct wtr_message *m)
{
    struct wtr_extract *x = payload;
    const struct wtr_carrier carrier = {datagram->from, datagram->to, m};
    if (x->status != WTR_OK)
        return;
    wtr_extract_message(x, NULL, &carrier, datagram->path);
    wtr_carried_read(x, NULL, &carrier, datagram->path);
}

static void on_datagram_finding(void *payload, const struct wtr_datagram_view *datagram,
                                const struct wtr_span *span, size_t at, size_t length, const char *reason)
{
    wtr_extract_unread(payload, datagram->protocol, span, at, length, reason);
}

const struct wtr_datagram_events wtr_extract_datagram_events = {
    .message = on_datagram_message,
    .finding = on_datagram_finding,
};
