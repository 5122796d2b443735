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
    /* Nearly all keys differ in their times, which come first. */
    _Static_assert(offsetof(struct wtr_key, time_ns) == 0, "the time comes first");
    int64_t ta, tb;
    memcpy(&ta, a, sizeof ta);
    memcpy(&tb, b, sizeof tb);
    if (ta != tb)
        return ta < tb ? -1 : 1;
    struct wtr_key ka, kb;
    memcpy(&ka, a, sizeof ka);
    memcpy(&kb, b, sizeof kb);
    return wtr_key_compare(&ka, &kb);
}

/* The texts of an item beside its lists; those that captures give come first. */
enum { TEXTS = 15 };

/* The fixed part is packed as a map of those of its words that are not zero, and these words: most statements
 * lack most of it, and what it repeats of the key is taken out first. */
enum { FIXED_WORDS = sizeof(struct wtr_statement) / sizeof(uint64_t) };

_Static_assert(sizeof(struct wtr_statement) % sizeof(uint64_t) == 0, "the fixed part is whole words");
_Static_assert(FIXED_WORDS <= 32, "each word has its bit");
_Static_assert(offsetof(struct wtr_statement, relay) % sizeof(uint64_t) == 0, "digests are whole words");
_Static_assert(offsetof(struct wtr_statement, segment) % sizeof(uint64_t) == 0, "digests are whole words");

enum { LONGEST_NUMBER = 10 };

/* Its own inverse. */
static void take_key_out(struct wtr_statement *fixed, const struct wtr_key *key)
{
    fixed->origin.time_ns ^= key->time_ns;
    fixed->origin.record_offset ^= key->record_offset;
    fixed->origin.offset ^= key->offset;
}

static uint8_t *put_bytes(uint8_t *to, const void *data, size_t length)
{
    if (length > 0)
        memcpy(to, data, length);
    return to + length;
}

static uint8_t *put_fixed(uint8_t *to, const struct wtr_statement *fixed)
{
    const uint8_t *from = (const uint8_t *)fixed;
    uint8_t *map = to;
    uint32_t present = 0;
    to += sizeof present;
    for (uint32_t i = 0; i < FIXED_WORDS; i++) {
        uint64_t word;
        memcpy(&word, from + i * sizeof word, sizeof word);
        memcpy(to, &word, sizeof word);
        present |= (uint32_t)(word != 0) << i;
        to += word != 0 ? sizeof word : 0;
    }
    memcpy(map, &present, sizeof present);
    return to;
}

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static uint8_t *put_number(uint8_t *to, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *to++ = (uint8_t)(number | 0x80);
    *to++ = (uint8_t)number;
    return to;
}

/* Small for small numbers of either sign. */
static uint64_t folded(int64_t number)
{
    return (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);
}

static int64_t unfolded(uint64_t number)
{
    return (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

static uint8_t *put_lists(uint8_t *to, const struct wtr_item *item)
{
    for (size_t i = 0; i < item->value_count; i++) {
        const struct wtr_value *v = &item->values[i];
        bool text = v->type == WTR_VALUE_TEXT;
        *to++ = (uint8_t)v->field;
        *to++ = (uint8_t)v->type;
        to = put_number(to, text ? v->text.length : folded(v->number));
        to = put_bytes(to, v->text.data, text ? v->text.length : 0);
    }
    for (size_t i = 0; i < item->raw_count; i++) {
        const struct wtr_raw *r = &item->raws[i];
        *to++ = (uint8_t)r->type;
        to = put_number(to, r->name.length);
        to = put_number(to, r->value.length);
        to = put_bytes(to, r->name.data, r->name.length);
        to = put_bytes(to, r->value.data, r->value.length);
    }
    return put_bytes(to, item->parts, item->part_count * sizeof *item->parts);
}

/* A text that is not there is not an empty one. */
static uint8_t *put_text(uint8_t *to, struct wtr_text text)
{
    to = put_number(to, text.data ? text.length + 1 : 0);
    return put_bytes(to, text.data, text.data ? text.length : 0);
}

/* Bytes that the packed item takes at most. */
static size_t most_bytes(const struct wtr_item *item, const struct wtr_text *const texts[TEXTS])
{
    size_t most = sizeof(uint32_t) + sizeof item->fixed + item->channel.length + 4 +
                  item->part_count * sizeof *item->parts;
    for (size_t i = 0; i < item->value_count; i++)
        most += 2 + LONGEST_NUMBER + item->values[i].text.length;
    for (size_t i = 0; i < item->raw_count; i++)
        most += 1 + 2 * LONGEST_NUMBER + item->raws[i].name.length + item->raws[i].value.length;
    for (size_t i = 0; i < TEXTS; i++)
        most += LONGEST_NUMBER + texts[i]->length;
    return most;
}

void wtr_item_pack(const struct wtr_item *item, struct wtr_buffer *out)
{
    const struct wtr_text *const texts[TEXTS] = {
        &item->endpoint, &item->client_id, &item->user,        &item->where,      &item->reason,
        &item->app_id,   &item->transform, &item->key,         &item->key_origin, &item->derived_from,
        &item->volume,   &item->entry,     &item->order_scope, &item->encryption, &item->check};
    uint8_t *start = (uint8_t *)wtr_buffer_room(out, most_bytes(item, texts));
    if (!start)
        return;
    uint8_t text_count = 0; /* up to the last that is there */
    for (size_t i = 0; i < TEXTS; i++)
        text_count = texts[i]->data ? (uint8_t)(i + 1) : text_count;
    struct wtr_statement fixed = item->fixed;
    take_key_out(&fixed, &item->fixed.key);
    memset(&fixed.key, 0, sizeof fixed.key);
    fixed.channel_length = (uint8_t)item->channel.length;
    uint8_t *to = put_fixed(start, &fixed);
    to = put_bytes(to, item->channel.data, item->channel.length);
    *to++ = (uint8_t)item->value_count;
    *to++ = (uint8_t)item->raw_count;
    *to++ = (uint8_t)item->part_count;
    *to++ = text_count;
    to = put_lists(to, item);
    for (size_t i = 0; i < text_count; i++)
        to = put_text(to, *texts[i]);
    out->length += (size_t)(to - start);
}

/* Where a word of the fixed part stands in the packed item. */
static size_t place_of(const uint8_t *packed, size_t word)
{
    uint32_t present;
    memcpy(&present, packed, sizeof present);
    uint32_t before = present & ((UINT32_C(1) << word) - 1);
    return sizeof present + (size_t)__builtin_popcount(before) * sizeof(uint64_t);
}

void wtr_item_set_digests(uint8_t *packed, const uint8_t relay[16], const uint8_t segment[16])
{
    enum {
        RELAY = offsetof(struct wtr_statement, relay) / sizeof(uint64_t),
        SEGMENT = offsetof(struct wtr_statement, segment) / sizeof(uint64_t),
    };
    if (relay)
        memcpy(packed + place_of(packed, RELAY), relay, 16);
    if (segment)
        memcpy(packed + place_of(packed, SEGMENT), segment, 16);
}

static struct wtr_text take_bytes(struct wtr_cursor *c, uint64_t length)
{
    const uint8_t *p = wtr_take(c, (size_t)length);
    return p ? wtr_text_of(p, (size_t)length) : (struct wtr_text){NULL, 0};
}

static uint64_t take_number(struct wtr_cursor *c)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = wtr_take_u8(c);
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return number;
    }
    c->bad = true;
    return 0;
}

static bool take_fixed(struct wtr_cursor *c, const struct wtr_key *key, struct wtr_statement *fixed)
{
    uint8_t *to = (uint8_t *)fixed;
    const uint8_t *map = wtr_take(c, sizeof(uint32_t));
    uint32_t present = 0;
    memset(fixed, 0, sizeof *fixed);
    if (map)
        memcpy(&present, map, sizeof present);
    if (!map || (uint64_t)present >> FIXED_WORDS != 0)
        return false;
    for (; present != 0; present &= present - 1) {
        const uint8_t *word = wtr_take(c, sizeof(uint64_t));
        if (!word)
            return false;
        memcpy(to + (size_t)__builtin_ctz(present) * sizeof(uint64_t), word, sizeof(uint64_t));
    }
    fixed->key = *key;
    take_key_out(fixed, key);
    return !c->bad;
}

bool wtr_item_peek(const struct wtr_key *key, struct wtr_text packed, struct wtr_statement *fixed,
                   struct wtr_text *channel)
{
    struct wtr_cursor c = wtr_cursor_over(packed.data, packed.length);
    if (!take_fixed(&c, key, fixed))
        return false;
    *channel = take_bytes(&c, fixed->channel_length);
    return !c.bad;
}

static void take_values(struct wtr_cursor *c, struct wtr_item *item)
{
    for (size_t i = 0; i < item->value_count; i++) {
        struct wtr_value *v = &item->values[i];
        v->field = (enum wtr_field)wtr_take_u8(c);
        v->type = (enum wtr_value_type)wtr_take_u8(c);
        uint64_t number = take_number(c);
        bool text = v->type == WTR_VALUE_TEXT;
        v->number = text ? 0 : unfolded(number);
        v->text = text ? take_bytes(c, number) : (struct wtr_text){NULL, 0};
    }
    for (size_t i = 0; i < item->raw_count; i++) {
        struct wtr_raw *r = &item->raws[i];
        r->type = (enum wtr_raw_type)wtr_take_u8(c);
        uint64_t name_length = take_number(c);
        uint64_t value_length = take_number(c);
        r->name = take_bytes(c, name_length);
        r->value = take_bytes(c, value_length);
    }
    struct wtr_text parts = take_bytes(c, item->part_count * sizeof *item->parts);
    if (parts.length)
        memcpy(item->parts, parts.data, parts.length);
}

bool wtr_item_unpack(const struct wtr_key *key, struct wtr_text packed, struct wtr_item *item)
{
    struct wtr_cursor c = wtr_cursor_over(packed.data, packed.length);
    struct wtr_text *const texts[TEXTS] = {
        &item->endpoint, &item->client_id, &item->user,        &item->where,      &item->reason,
        &item->app_id,   &item->transform, &item->key,         &item->key_origin, &item->derived_from,
        &item->volume,   &item->entry,     &item->order_scope, &item->encryption, &item->check};
    if (!take_fixed(&c, key, &item->fixed))
        return false;
    item->channel = take_bytes(&c, item->fixed.channel_length);
    item->value_count = wtr_take_u8(&c);
    item->raw_count = wtr_take_u8(&c);
    item->part_count = wtr_take_u8(&c);
    uint8_t text_count = wtr_take_u8(&c);
    if (item->value_count > WTR_MAX_VALUES || item->raw_count > WTR_MAX_RAWS ||
        item->part_count > WTR_MAX_PARTS || text_count > TEXTS)
        return false;
    take_values(&c, item);
    for (size_t i = 0; i < TEXTS; i++) {
        uint64_t length = i < text_count ? take_number(&c) : 0;
        *texts[i] = length ? take_bytes(&c, length - 1) : (struct wtr_text){NULL, 0};
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
