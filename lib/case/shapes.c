/* SPDX-License-Identifier: Apache-2.0 */
/* Records of enciphered streams, as their headers show them: those that fit a signature become items, which
 * reconciliation reads once it knows whose they are; and the caller sees all of them if it wants to. */
#include "case/extract.h"

#include "protocol/tls.h"

#include <stdlib.h>

bool wtr_shapes_wanted(const struct wtr_case *c)
{
    return c->signature_count > 0 || c->options.shape;
}

/* What the copies of a record at another port have in common: the connection's client random, which stays as
 * it is through any router, and the record's number. Zero where the connection's beginning was not seen. */
static void digest(struct wtr_extract *x, const struct wtr_tls_session *session, uint64_t number,
                   uint8_t segment[16])
{
    uint8_t sum[WTR_SHA256_SIZE];
    if (!session->client_hello_seen)
        return;
    wtr_sha256_add(x->sha256, "shape", sizeof "shape");
    wtr_sha256_add(x->sha256, session->client_random, sizeof session->client_random);
    wtr_sha256_add(x->sha256, &number, sizeof number);
    wtr_sha256_finish(x->sha256, sum);
    memcpy(segment, sum, 16);
}

static bool is_flow(const struct wtr_flow_view *flow, const struct wtr_tls_session *session,
                    const struct wtr_shape_sequence *sequence)
{
    bool named = session->sni.data ? wtr_text_is(session->sni, sequence->server_name)
                                   : sequence->server_name[0] == '\0';
    return flow->end[WTR_FROM_SERVER].port == sequence->port && named;
}

static struct wtr_value number(uint64_t value)
{
    return (struct wtr_value){.type = WTR_VALUE_INTEGER, .number = (int64_t)value};
}

/* The last records of the connection fit. */
static void add_shape(struct wtr_extract *x, const struct wtr_flow_view *flow, size_t signature,
                      size_t sequence, size_t length)
{
    const struct wtr_connection *connection = flow->user;
    const struct wtr_shape_window *window = connection->shapes;
    const struct wtr_shape *first = wtr_shape_back(window, length - 1);
    const struct wtr_shape *second = wtr_shape_back(window, length > 1 ? length - 2 : 0);
    struct wtr_item item = {
        .fixed = {.type = WTR_ITEM_SHAPE,
                  .kind = WTR_KIND_POWER_STATE,
                  .origin = first->origin,
                  .flow = connection->id,
                  .message = ++x->messages,
                  .resolution_ns = x->resolution_ns,
                  .path = wtr_case_path(x->c, flow->path, NULL, flow->protocol->name, "infer"),
                  .device = wtr_say_bystander_at(&x->say, WTR_LAN_VENDOR, &flow->end[WTR_FROM_CLIENT].ip)},
        .value_count = WTR_SHAPE_VALUES,
    };
    if (item.fixed.device == WTR_NO_DEVICE || !x->timed)
        return;
    digest(x, wtr_tls_session_of(flow->session), window->seen, item.fixed.segment);
    item.values[WTR_SHAPE_SIGNATURE] = number(signature);
    item.values[WTR_SHAPE_SEQUENCE] = number(sequence);
    item.values[WTR_SHAPE_REQUEST] = number(first->length);
    item.values[WTR_SHAPE_RESPONSE] = number(second->length);
    for (size_t i = 0; i < length; i++)
        item.parts[item.part_count++] = wtr_shape_back(window, length - 1 - i)->origin;
    wtr_extract_item(x, &item, first->time_ns);
}

static void match(struct wtr_extract *x, const struct wtr_flow_view *flow)
{
    const struct wtr_tls_session *session = wtr_tls_session_of(flow->session);
    const struct wtr_connection *connection = flow->user;
    for (size_t i = 0; i < x->c->signature_count; i++) {
        const struct wtr_signature *s = &x->c->signatures[i];
        for (size_t k = 0; k < s->sequence_count; k++)
            if (is_flow(flow, session, &s->sequences[k]) &&
                wtr_shape_matches(connection->shapes, &s->sequences[k]))
                add_shape(x, flow, i, k, s->sequences[k].count);
    }
}

static void show(const struct wtr_extract *x, const struct wtr_flow_view *flow,
                 const struct wtr_tls_record *record)
{
    const struct wtr_connection *c = flow->user;
    const struct wtr_shape_record shown = {
        .source = x->index,
        .connection = c->id,
        .time_ns = record->time_ns,
        .client = {c->end[WTR_FROM_CLIENT].data, c->end[WTR_FROM_CLIENT].length},
        .server = {c->end[WTR_FROM_SERVER].data, c->end[WTR_FROM_SERVER].length},
        .server_name = wtr_tls_session_of(flow->session)->sni,
        .from_server = record->direction == WTR_FROM_SERVER,
        .length = record->length,
        .lost = flow->gaps[0] + flow->gaps[1] > 0,
    };
    x->c->options.shape(x->c->options.shape_payload, &shown);
}

void wtr_extract_shape(void *extract, struct wtr_flow_view *flow, const struct wtr_tls_record *record)
{
    struct wtr_extract *x = extract;
    struct wtr_connection *connection = flow->user;
    bool data = record->content_type == WTR_TLS_APPLICATION_DATA && record->encrypted;
    if (!connection || !data || x->status != WTR_OK)
        return;
    if (x->c->options.shape)
        show(x, flow, record);
    if (x->c->signature_count == 0)
        return;
    if (!connection->shapes) {
        connection->shapes = calloc(1, sizeof *connection->shapes);
        if (!connection->shapes) {
            x->status = WTR_E_MEMORY;
            return;
        }
        connection->shapes->broken = wtr_tls_session_of(flow->session)->mid_stream;
    }
    const struct wtr_shape shape = {.time_ns = record->time_ns,
                                    .from_server = record->direction == WTR_FROM_SERVER,
                                    .length = record->length,
                                    .origin = record->origin};
    wtr_shape_add(connection->shapes, &shape);
    match(x, flow);
}

void wtr_extract_shape_gap(struct wtr_connection *connection)
{
    if (connection && connection->shapes)
        wtr_shape_break(connection->shapes);
}
