/* SPDX-License-Identifier: Apache-2.0 */
/* From what vendors say to items for the sorter: keys, bounds, what the digests are made of by which copies
 * are found, and the memory of recent statements in case their bytes come again. */
#include "case/extract.h"

#include "protocol/mqtt.h"

#include <stdlib.h>

static void keep_status(struct wtr_extract *x, enum wtr_status status)
{
    if (x->status == WTR_OK)
        x->status = status;
}

/* A PUBLISH through a broker: topic and payload are what its copies have in common there. At another port it
 * is the place in the stream and all bytes: the digest stands for most of these, and the rest, which says
 * nothing that its sender could not make say the same, is mixed in. */
static struct wtr_digest_work publish_work(const struct wtr_extract *x, const struct wtr_mqtt_packet *packet)
{
    const struct wtr_span *span = &x->say.message->span;
    size_t before_payload = span->length - packet->payload.length;
    return (struct wtr_digest_work){
        .parts = {packet->topic, wtr_text_of("", 1), packet->payload},
        .relayed = true,
        .rest = wtr_hash64(span->bytes, before_payload, wtr_flows_sequence(x->flows)),
    };
}

/* Any other message: of a stream, its place and bytes; a datagram, who sent it to whom, and its bytes. */
static struct wtr_digest_work bytes_work(struct wtr_extract *x)
{
    const struct wtr_span *span = &x->say.message->span;
    struct wtr_text bytes = wtr_text_of(span->bytes, span->length);
    if (!x->flow)
        return (struct wtr_digest_work){.parts = {wtr_text_of(&x->say.sender.ip, sizeof x->say.sender.ip),
                                                  wtr_text_of(&x->say.receiver.ip, sizeof x->say.receiver.ip),
                                                  bytes}};
    x->place = wtr_flows_sequence(x->flows);
    return (struct wtr_digest_work){.parts = {wtr_text_of(&x->place, sizeof x->place), bytes}};
}

/* What the copies of the current message have in common. */
static struct wtr_digest_work digest_work(struct wtr_extract *x)
{
    const struct wtr_message *m = x->say.message;
    const struct wtr_mqtt_packet *packet = x->flow && m->protocol == &wtr_mqtt ? m->body : NULL;
    bool published = packet && packet->type == WTR_MQTT_PUBLISH && x->say.common.leg != WTR_LEG_NONE;
    return published ? publish_work(x, packet) : bytes_work(x);
}

void wtr_extract_segment(struct wtr_extract *x, uint8_t segment[16])
{
    const struct wtr_digest_work work = digest_work(x);
    struct wtr_digests digests;
    wtr_digests_of(x->sha256, &work, &digests);
    memcpy(segment, digests.segment, sizeof digests.segment);
}

/* How many bytes of the stream the message takes up. */
static uint64_t evidence_length(const struct wtr_span *span)
{
    uint64_t length = 0;
    for (size_t i = 0; i < span->piece_count; i++)
        length += span->pieces[i].length;
    return length;
}

static void remember_place(struct wtr_extract *x, const struct wtr_item *item)
{
    struct wtr_connection *connection = x->flow->user;
    enum wtr_direction direction = x->say.message->direction;
    if (!connection->recent[direction])
        connection->recent[direction] = calloc(WTR_RECENT_STATEMENTS, sizeof(struct wtr_recent_statement));
    struct wtr_recent_statement *ring = connection->recent[direction];
    if (!ring || item->part_count > 0)
        return;
    const struct wtr_message *m = x->say.message;
    uint64_t place = wtr_flows_stream_place(x->flows) + x->inside;
    struct wtr_origin first = wtr_span_locate(&m->span, 0, 0);
    uint64_t ahead = item->fixed.origin.frame == first.frame ? item->fixed.origin.offset - first.offset : 0;
    ring[connection->recent_count[direction]++ % WTR_RECENT_STATEMENTS] = (struct wtr_recent_statement){
        .key = item->fixed.key,
        .from = place,
        .to = place + evidence_length(&m->span),
        .value_at = place + ahead,
        .value_length = item->fixed.origin.length,
    };
}

/* The bounds of a session's end that only the broker's last will tells of: after the device's last packet,
 * where its connection is in view. */
static void bound_last_will(const struct wtr_extract *x, struct wtr_statement *fixed)
{
    const uint64_t *last = wtr_map_find(&x->own, fixed->device);
    if (last && (int64_t)*last <= fixed->origin.time_ns) {
        fixed->flags |= WTR_FLAG_EARLIEST;
        fixed->earliest_ns = (int64_t)*last;
    }
}

static void set_key(struct wtr_extract *x, struct wtr_statement *fixed)
{
    bool stored = fixed->flags & (WTR_FLAG_RETAINED | WTR_FLAG_LAST_WILL);
    fixed->key.source = x->index;
    fixed->key.record_offset = fixed->origin.record_offset;
    fixed->key.offset = fixed->origin.offset;
    fixed->key.sequence = x->sequence++;
    fixed->key.time_ns = fixed->origin.time_ns;
    if (!x->timed) {
        fixed->flags |= WTR_FLAG_BOUNDED;
        fixed->key.time_ns = INT64_MAX;
    } else if (stored) {
        fixed->flags |= WTR_FLAG_BOUNDED | WTR_FLAG_LATEST;
        fixed->latest_ns = fixed->origin.time_ns;
        if (!(fixed->flags & WTR_FLAG_RETAINED))
            bound_last_will(x, fixed);
        if (fixed->flags & WTR_FLAG_EARLIEST)
            fixed->key.time_ns = fixed->earliest_ns;
    }
}

void wtr_extract_statement(void *extract, struct wtr_item *item)
{
    struct wtr_extract *x = extract;
    struct wtr_statement *fixed = &item->fixed;
    struct wtr_connection *connection = x->flow ? x->flow->user : NULL;
    if (x->status != WTR_OK)
        return;
    if (fixed->type == WTR_ITEM_UNREAD) {
        if (x->timed)
            wtr_extract_item(x, item, fixed->origin.time_ns);
        return;
    }
    if (!x->has_digests) {
        const struct wtr_digest_work work = digest_work(x);
        keep_status(x, wtr_packer_message(x->packer, &work));
        x->has_digests = true;
    }
    if (fixed->kind == WTR_KIND_POWER_STATE && wtr_item_value(item, WTR_FIELD_ON_TIME_S)) {
        fixed->flags |= WTR_FLAG_ON_TIME;
        x->c->on_times = true;
    }
    if (x->say.report) {
        fixed->flags |= WTR_FLAG_NUMBERED;
        memset(fixed->segment, 0, sizeof fixed->segment);
        memcpy(fixed->segment, &x->say.report, sizeof x->say.report);
    }
    set_key(x, fixed);
    wtr_opened_item(x, item);
    keep_status(x, wtr_packer_statement(x->packer, item, x->say.report != 0));
    if (connection) {
        bool bystander = x->c->devices.list[fixed->device].bystander;
        connection->has_statements = connection->has_statements || !bystander;
        if (bystander && connection->bystander == WTR_NO_DEVICE)
            connection->bystander = fixed->device;
        remember_place(x, item);
    }
    if (x->vendor)
        x->vendor_records[x->vendor_index]++;
}

void wtr_extract_item(struct wtr_extract *x, struct wtr_item *item, int64_t time_ns)
{
    item->fixed.key = (struct wtr_key){
        .time_ns = time_ns,
        .source = x->index,
        .record_offset = item->fixed.origin.record_offset,
        .offset = item->fixed.origin.offset,
        .sequence = x->sequence++,
    };
    wtr_opened_item(x, item);
    keep_status(x, wtr_packer_item(x->packer, item));
}

void wtr_extract_finding(struct wtr_extract *x, enum wtr_item_type type, uint64_t flow,
                         const struct wtr_origin *origin, struct wtr_text where, struct wtr_text reason,
                         uint64_t missing)
{
    struct wtr_item item = {
        .fixed = {.origin = *origin, .type = (uint8_t)type, .flow = flow, .device = WTR_NO_DEVICE},
        .where = where,
        .reason = reason,
    };
    if (missing > 0) {
        item.values[0] = (struct wtr_value){.field = WTR_FIELD_COUNT_N,
                                            .type = WTR_VALUE_INTEGER,
                                            .number = missing < INT64_MAX ? (int64_t)missing : INT64_MAX};
        item.value_count = 1;
    }
    wtr_extract_item(x, &item, origin->time_ns);
}

void wtr_extract_repeated(struct wtr_extract *x, struct wtr_connection *connection,
                          enum wtr_direction direction, uint64_t at, const struct wtr_origin *again)
{
    const struct wtr_recent_statement *ring = connection->recent[direction];
    uint64_t made = connection->recent_count[direction];
    uint64_t kept = made < WTR_RECENT_STATEMENTS ? made : WTR_RECENT_STATEMENTS;
    for (uint64_t i = made - kept; ring && i < made; i++) {
        const struct wtr_recent_statement *s = &ring[i % WTR_RECENT_STATEMENTS];
        if (s->from < at || s->to > at + again->length)
            continue;
        struct wtr_note note = {.about = s->key,
                                .origin = *again,
                                .flow = connection->id,
                                .source = x->index,
                                .type = WTR_NOTE_ALSO,
                                .copy = WTR_COPY_RETRANSMISSION};
        note.origin.offset += s->value_at - at;
        note.origin.length = s->value_length;
        keep_status(x, wtr_note_add(x->c->notes, &note));
    }
}
