/* SPDX-License-Identifier: Apache-2.0 */
/* Packing and unpacking of statements. The format lives no longer than a run and is read by the machine that
 * wrote it, so numbers are stored as they stand in memory. */
#include "model/statement.h"

#include "base/bytes.h"

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int wtr_key_compare(const struct wtr_key *a, const struct wtr_key *b)
{
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    if (a->source != b->source)
        return compare_u64(a->source, b->source);
    if (a->record_offset != b->record_offset)
        return compare_u64(a->record_offset, b->record_offset);
    if (a->offset != b->offset)
        return compare_u64(a->offset, b->offset);
    return compare_u64(a->sequence, b->sequence);
}

int wtr_key_compare_any(const void *a, const void *b)
{
    struct wtr_key ka, kb;
    memcpy(&ka, a, sizeof ka);
    memcpy(&kb, b, sizeof kb);
    return wtr_key_compare(&ka, &kb);
}

/* The texts of an item beside its lists. */
enum { TEXTS = 9 };

/* The length of a text that is not there, which is not an empty one. */
static const uint32_t absent = UINT32_MAX;

static void put_length_and(struct wtr_buffer *out, struct wtr_text text)
{
    uint32_t n = text.data ? (uint32_t)text.length : absent;
    wtr_put(out, &n, sizeof n);
    wtr_put_text(out, text);
}

struct packed_value {
    int64_t number;
    uint32_t text_length;
    uint8_t field;
    uint8_t type;
    uint8_t spare[2];
};

struct packed_raw {
    uint32_t name_length;
    uint32_t value_length;
    uint32_t type;
};

struct counts {
    uint8_t values, raws, parts, has_texts;
};

static void pack_lists(const struct wtr_item *item, struct wtr_buffer *out)
{
    for (size_t i = 0; i < item->value_count; i++) {
        const struct wtr_value *v = &item->values[i];
        struct packed_value p = {.number = v->number,
                                 .text_length = (uint32_t)v->text.length,
                                 .field = (uint8_t)v->field,
                                 .type = (uint8_t)v->type};
        wtr_put(out, &p, sizeof p);
        wtr_put_text(out, v->text);
    }
    for (size_t i = 0; i < item->raw_count; i++) {
        const struct wtr_raw *r = &item->raws[i];
        struct packed_raw p = {(uint32_t)r->name.length, (uint32_t)r->value.length, (uint32_t)r->type};
        wtr_put(out, &p, sizeof p);
        wtr_put_text(out, r->name);
        wtr_put_text(out, r->value);
    }
    wtr_put(out, item->parts, item->part_count * sizeof *item->parts);
}

void wtr_item_pack(const struct wtr_item *item, struct wtr_buffer *out)
{
    const struct wtr_text *texts[TEXTS] = {&item->endpoint,  &item->client_id, &item->user,
                                           &item->where,     &item->reason,    &item->app_id,
                                           &item->transform, &item->key,       &item->key_origin};
    bool has_texts = false;
    for (size_t i = 0; i < TEXTS; i++)
        has_texts |= texts[i]->data != NULL;
    struct counts counts = {(uint8_t)item->value_count, (uint8_t)item->raw_count, (uint8_t)item->part_count,
                            has_texts};
    struct wtr_statement fixed = item->fixed;
    fixed.channel_length = (uint8_t)item->channel.length;
    wtr_put(out, &fixed, sizeof fixed);
    wtr_put_text(out, item->channel);
    wtr_put(out, &counts, sizeof counts);
    pack_lists(item, out);
    for (size_t i = 0; has_texts && i < TEXTS; i++)
        put_length_and(out, *texts[i]);
}

bool wtr_item_peek(struct wtr_text packed, struct wtr_statement *fixed)
{
    if (packed.length < sizeof *fixed)
        return false;
    memcpy(fixed, packed.data, sizeof *fixed);
    return true;
}

static struct wtr_text take_text(struct wtr_cursor *c, size_t length)
{
    const uint8_t *p = wtr_take(c, length);
    return p ? wtr_text_of(p, length) : (struct wtr_text){NULL, 0};
}

static void take_copy(struct wtr_cursor *c, void *to, size_t length)
{
    const uint8_t *p = wtr_take(c, length);
    if (p && length)
        memcpy(to, p, length);
}

static void unpack_values(struct wtr_cursor *c, struct wtr_item *item)
{
    for (size_t i = 0; i < item->value_count; i++) {
        struct packed_value p = {0};
        take_copy(c, &p, sizeof p);
        item->values[i] = (struct wtr_value){.field = (enum wtr_field)p.field,
                                             .type = (enum wtr_value_type)p.type,
                                             .number = p.number,
                                             .text = take_text(c, p.text_length)};
    }
    for (size_t i = 0; i < item->raw_count; i++) {
        struct packed_raw p = {0};
        take_copy(c, &p, sizeof p);
        item->raws[i].name = take_text(c, p.name_length);
        item->raws[i].value = take_text(c, p.value_length);
        item->raws[i].type = (enum wtr_raw_type)p.type;
    }
}

bool wtr_item_unpack(struct wtr_text packed, struct wtr_item *item)
{
    struct wtr_cursor c = wtr_cursor_over(packed.data, packed.length);
    struct counts counts = {0};
    struct wtr_text *texts[TEXTS] = {&item->endpoint,  &item->client_id, &item->user,
                                     &item->where,     &item->reason,    &item->app_id,
                                     &item->transform, &item->key,       &item->key_origin};
    take_copy(&c, &item->fixed, sizeof item->fixed);
    if (c.bad)
        return false;
    item->channel = take_text(&c, item->fixed.channel_length);
    take_copy(&c, &counts, sizeof counts);
    if (counts.values > WTR_MAX_VALUES || counts.raws > WTR_MAX_RAWS || counts.parts > WTR_MAX_PARTS)
        return false;
    item->value_count = counts.values;
    item->raw_count = counts.raws;
    item->part_count = counts.parts;
    unpack_values(&c, item);
    take_copy(&c, item->parts, item->part_count * sizeof *item->parts);
    for (size_t i = 0; i < TEXTS; i++) {
        *texts[i] = (struct wtr_text){NULL, 0};
        uint32_t n = 0;
        if (counts.has_texts)
            take_copy(&c, &n, sizeof n);
        if (counts.has_texts && n != absent)
            *texts[i] = take_text(&c, n);
    }
    return !c.bad;
}

const struct wtr_value *wtr_item_value(const struct wtr_item *item, enum wtr_field field)
{
    for (size_t i = 0; i < item->value_count; i++)
        if (item->values[i].field == field)
            return &item->values[i];
    return NULL;
}
