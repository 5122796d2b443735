/* SPDX-License-Identifier: Apache-2.0 */
/* The map of a dump and its entries as records for the caller. */
#include "case/dump.h"

#include <stdlib.h>

bool wtr_dump_is_wanted(const struct wtr_dump *d)
{
    const struct wtr_options *o = &d->c->options;
    return o->image || o->volume || o->entry;
}

void wtr_dump_hand_image(struct wtr_dump *d, uint64_t length)
{
    const struct wtr_options *o = &d->c->options;
    const struct wtr_image_record record = {.source = d->index,
                                            .image = d->image + 1,
                                            .kind = wtr_text_z(d->map.kind),
                                            .offset = d->image_at,
                                            .length = length,
                                            .encrypted = d->map.oddities & WTR_FLASH_ENCRYPTED};
    if (o->image && d->chip_at == 0)
        o->image(o->dump_payload, &record);
}

void wtr_dump_hand_volume(struct wtr_dump *d, const struct wtr_flash_found *found)
{
    const struct wtr_options *o = &d->c->options;
    const struct wtr_text nothing = {NULL, 0};
    const struct wtr_dump_counts *counts = &d->counts[d->volume_index];
    const struct wtr_volume_record record = {
        .source = d->index,
        .image = d->image + 1,
        .name = d->volume->name,
        .format = found->format ? wtr_text_z(found->format->name) : nothing,
        .label = d->volume->label,
        .type = found->type ? wtr_text_z(found->type) : nothing,
        .offset = wtr_span_locate(&d->volume->span, 0, 0).offset,
        .length = found->length,
        .whole = found->whole,
        .certain = found->bid == WTR_FLASH_CERTAIN,
        .contested = found->contested,
        .encrypted = found->encrypted,
        .depth = d->depth,
        .entries = counts->entries,
        .live = counts->live,
        .failed = counts->failed,
        .findings = counts->findings,
    };
    if (o->volume)
        o->volume(o->dump_payload, &record);
}

static struct wtr_evidence evidence_of(const struct wtr_dump *d, const struct wtr_origin *origin)
{
    return (struct wtr_evidence){.source = d->index,
                                 .record_offset = origin->offset,
                                 .offset = origin->offset,
                                 .length = origin->length};
}

static struct wtr_transform transform_of(const struct wtr_span *span)
{
    const struct wtr_opening *o = span->opening;
    const struct wtr_text nothing = {NULL, 0};
    if (!o)
        return (struct wtr_transform){0};
    return (struct wtr_transform){.steps = wtr_text_z(o->steps),
                                  .length = span->length,
                                  .key = o->key ? wtr_text_z(o->key) : nothing,
                                  .key_origin = o->key_origin ? wtr_text_z(o->key_origin) : nothing};
}

static void put_sha256(struct wtr_dump *d, struct wtr_text value, char text[65])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[WTR_SHA256_SIZE];
    wtr_sha256_of(d->sha256, value.data, value.length, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[64] = '\0';
}

void wtr_dump_hand_entry(struct wtr_dump *d, const struct wtr_entry *entry, bool secret)
{
    const struct wtr_options *o = &d->c->options;
    const struct wtr_span *span = &entry->span;
    if (!o->entry)
        return;
    size_t parts = span->piece_count > 1 ? span->piece_count : 0;
    struct wtr_evidence *list = calloc(parts ? parts : 1, sizeof *list);
    if (!list) {
        d->status = WTR_E_MEMORY;
        return;
    }
    for (size_t i = 0; i < parts; i++) {
        struct wtr_origin origin = wtr_span_part(span, 0, span->length, i);
        list[i] = evidence_of(d, &origin);
    }
    struct wtr_origin first = wtr_span_locate(span, 0, span->length);
    struct wtr_entry_record record = {
        .source = d->index,
        .image = d->image + 1,
        .format = entry->format,
        .volume = entry->volume,
        .path = entry->path,
        .type = entry->type,
        .state = entry->state,
        .integrity = entry->integrity,
        .check = entry->check,
        .order = entry->order,
        .mixed = entry->mixed,
        .attributed = entry->attributed,
        .has_written = entry->has_written,
        .written_s = entry->written_s,
        .encryption = entry->encryption,
        .secret = secret,
        .evidence = evidence_of(d, &first),
        .parts = list,
        .part_count = parts,
        .transform = transform_of(span),
        .value = wtr_text_of(span->bytes, span->length),
    };
    put_sha256(d, record.value, record.sha256);
    o->entry(o->dump_payload, &record);
    free(list);
}
