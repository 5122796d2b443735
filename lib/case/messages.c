/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol messages as records. Streams are read as their bytes become whole, so that messages of different
 * connections come out of order; they are sorted like statements, and handed out when all evidence is read.
 */
#include "case/extract.h"

#include "base/bytes.h"

#include <stdlib.h>

/* What is kept of a message beside its texts and parts. */
struct kept {
    const char *protocol;
    const char *type;
    struct wtr_evidence evidence;
    uint32_t src_length, dst_length, fields_length, part_count;
    uint32_t steps_length, key_length, origin_length, plain_length;
    bool has_time;
};

static struct wtr_evidence evidence_of(uint32_t source, const struct wtr_origin *o)
{
    return (struct wtr_evidence){.source = source,
                                 .frame = o->frame,
                                 .record_offset = o->record_offset,
                                 .offset = o->offset,
                                 .length = o->length,
                                 .time_ns = o->time_ns};
}

static void put_fields(struct wtr_extract *x, const struct wtr_message *m)
{
    struct wtr_json_writer w = {.out = &x->fields, .reveal_secrets = x->c->options.reveal_secrets};
    wtr_buffer_clear(&x->fields);
    wtr_json_begin_object(&w);
    m->protocol->fields(m, &w);
    wtr_json_end_object(&w);
}

static struct wtr_transform transform_of(struct wtr_extract *x, const struct wtr_span *span)
{
    const struct wtr_opening *o = span->opening;
    struct wtr_transform transform = {0};
    uint32_t via = 0;
    for (size_t i = 0; i < span->piece_count && !via; i++)
        via = span->pieces[i].via;
    if (o) {
        transform.steps = wtr_text_z(o->steps);
        transform.key = o->key ? wtr_text_z(o->key) : transform.key;
        transform.key_origin = o->key_origin ? wtr_text_z(o->key_origin) : transform.key_origin;
    }
    if (o || via)
        transform.length = span->length;
    wtr_opened_texts(x, via, &transform.steps, &transform.key, &transform.key_origin);
    return transform;
}

void wtr_keep_message(struct wtr_extract *x, const struct wtr_message *m, struct wtr_text from,
                      struct wtr_text to)
{
    if (!x->c->options.message)
        return;
    put_fields(x, m);
    struct wtr_origin origin = wtr_span_locate(&m->span, 0, m->span.length);
    struct kept kept = {.protocol = m->protocol->name,
                        .type = m->type,
                        .evidence = evidence_of(x->index, &origin),
                        .src_length = (uint32_t)from.length,
                        .dst_length = (uint32_t)to.length,
                        .fields_length = (uint32_t)x->fields.length,
                        .part_count = m->span.piece_count > 1 ? (uint32_t)m->span.piece_count : 0,
                        .has_time = x->timed};
    struct wtr_transform transform = transform_of(x, &m->span);
    kept.steps_length = (uint32_t)transform.steps.length;
    kept.key_length = (uint32_t)transform.key.length;
    kept.origin_length = (uint32_t)transform.key_origin.length;
    kept.plain_length = (uint32_t)transform.length;
    wtr_buffer_clear(&x->packed);
    wtr_put(&x->packed, &kept, sizeof kept);
    for (uint32_t i = 0; i < kept.part_count; i++) {
        struct wtr_origin part = wtr_span_part(&m->span, 0, m->span.length, i);
        struct wtr_evidence evidence = evidence_of(x->index, &part);
        wtr_put(&x->packed, &evidence, sizeof evidence);
    }
    wtr_put_text(&x->packed, from);
    wtr_put_text(&x->packed, to);
    wtr_put_text(&x->packed, wtr_buffer_text(&x->fields));
    wtr_put_text(&x->packed, transform.steps);
    wtr_put_text(&x->packed, transform.key);
    wtr_put_text(&x->packed, transform.key_origin);
    const struct wtr_key key = {.time_ns = x->timed ? origin.time_ns : INT64_MAX,
                                .source = x->index,
                                .record_offset = origin.record_offset,
                                .offset = origin.offset,
                                .sequence = x->sequence++};
    bool failed = x->packed.failed || x->fields.failed;
    enum wtr_status status =
        failed ? WTR_E_MEMORY : wtr_sorter_add(x->c->messages, &key, wtr_buffer_text(&x->packed));
    if (x->status == WTR_OK)
        x->status = status;
}

static struct wtr_text take_text(struct wtr_cursor *c, size_t length)
{
    const uint8_t *p = wtr_take(c, length);
    return wtr_text_of(p, p ? length : 0);
}

static void hand_out(const struct wtr_options *options, struct wtr_text packed, struct wtr_evidence *parts)
{
    struct wtr_cursor c = wtr_cursor_over(packed.data, packed.length);
    struct kept kept;
    memcpy(&kept, wtr_take(&c, sizeof kept), sizeof kept);
    for (uint32_t i = 0; i < kept.part_count; i++)
        memcpy(&parts[i], wtr_take(&c, sizeof *parts), sizeof *parts);
    struct wtr_message_record record = {
        .protocol = kept.protocol,
        .type = kept.type,
        .has_time = kept.has_time,
        .time_ns = kept.evidence.time_ns,
        .evidence = kept.evidence,
        .parts = parts,
        .part_count = kept.part_count,
    };
    record.src = take_text(&c, kept.src_length);
    record.dst = take_text(&c, kept.dst_length);
    record.fields = take_text(&c, kept.fields_length);
    record.transform.steps = take_text(&c, kept.steps_length);
    record.transform.key = take_text(&c, kept.key_length);
    record.transform.key_origin = take_text(&c, kept.origin_length);
    record.transform.length = kept.plain_length;
    options->message(options->message_payload, &record);
}

enum wtr_status wtr_messages_hand_out(struct wtr_case *c)
{
    struct wtr_sorted *sorted = NULL;
    if (!c->options.message)
        return WTR_OK;
    enum wtr_status status = wtr_sorter_seal(c->messages);
    if (status == WTR_OK)
        status = wtr_sorted_open(&sorted, c->messages);
    while (status == WTR_OK) {
        const void *key;
        struct wtr_text packed;
        status = wtr_sorted_next(sorted, &key, &packed);
        if (status != WTR_OK)
            break;
        struct wtr_evidence *parts = malloc(packed.length + 1); /* no part is smaller in the record */
        if (!parts)
            status = WTR_E_MEMORY;
        else
            hand_out(&c->options, packed, parts);
        free(parts);
    }
    wtr_sorted_close(sorted);
    return status == WTR_END ? WTR_OK : status;
}
