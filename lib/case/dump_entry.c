/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a dump's entries: families learn from them and say what they state, their statements get
 * their place in the order of lines, and keys that they hold are kept for other evidence. */
#include "case/dump.h"

#include "evidence/keyring.h"

#include <stdlib.h>

static void keep_status(struct wtr_dump *d, enum wtr_status status)
{
    if (d->status == WTR_OK)
        d->status = status;
}

/* ---- scopes of order */

static uint64_t scope_hash(struct wtr_text scope, struct wtr_text volume)
{
    return wtr_hash64(scope.data, scope.length, wtr_hash64(volume.data, volume.length, 0));
}

static void add_scope(struct wtr_dump *d, const struct wtr_entry *entry)
{
    struct wtr_text scope = entry->order.scope;
    uint64_t hash = scope_hash(scope, entry->volume);
    if (scope.length == 0)
        return;
    for (size_t i = d->scope_count; i > 0; i--) /* the last is nearly always the one */
        if (d->scopes[i - 1].hash == hash)
            return;
    if (d->scope_count == d->scope_capacity) {
        size_t capacity = d->scope_capacity ? d->scope_capacity * 2 : 32;
        struct wtr_dump_scope *scopes = realloc(d->scopes, capacity * sizeof *scopes);
        if (!scopes) {
            d->status = WTR_E_MEMORY;
            return;
        }
        d->scopes = scopes;
        d->scope_capacity = capacity;
    }
    d->scopes[d->scope_count++] = (struct wtr_dump_scope){.scope = wtr_arena_copy(&d->texts, scope),
                                                          .volume = wtr_arena_copy(&d->texts, entry->volume),
                                                          .has_rank = entry->order.has_rank,
                                                          .rank = entry->order.rank,
                                                          .hash = hash,
                                                          .volume_number = d->volume_number};
}

static int compare_texts(struct wtr_text a, struct wtr_text b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* By volume as they lie in the image, in it by rank where scopes have one, then by name. */
static int compare_scopes(const void *a, const void *b)
{
    const struct wtr_dump_scope *x = a, *y = b;
    if (x->volume_number != y->volume_number)
        return x->volume_number < y->volume_number ? -1 : 1;
    if (x->has_rank != y->has_rank)
        return x->has_rank ? 1 : -1;
    if (x->has_rank && x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    int order = compare_texts(x->scope, y->scope);
    return order ? order : compare_texts(x->volume, y->volume);
}

void wtr_dump_sort_scopes(struct wtr_dump *d)
{
    if (d->texts.failed)
        d->status = WTR_E_MEMORY;
    else if (d->scope_count)
        qsort(d->scopes, d->scope_count, sizeof *d->scopes, compare_scopes);
}

void wtr_dump_forget_scopes(struct wtr_dump *d)
{
    d->scope_count = 0;
    wtr_arena_reset(&d->texts);
}

/* From 1; 0: the entry has no scope. */
static uint64_t scope_rank(const struct wtr_dump *d, const struct wtr_entry *entry)
{
    if (entry->order.scope.length == 0)
        return 0;
    uint64_t hash = scope_hash(entry->order.scope, entry->volume);
    size_t i = 0;
    while (i < d->scope_count && d->scopes[i].hash != hash)
        i++;
    return i < d->scope_count ? i + 1 : 0;
}

/* ---- statements and findings */

static void add_item(struct wtr_dump *d, const struct wtr_item *item)
{
    if (d->keys_only || (d->c->options.messages_only && item->fixed.type == WTR_ITEM_STATEMENT))
        return;
    wtr_buffer_clear(&d->packed);
    wtr_item_pack(item, &d->packed);
    keep_status(d, d->packed.failed
                       ? WTR_E_MEMORY
                       : wtr_sorter_add(d->c->items, &item->fixed.key, wtr_buffer_text(&d->packed)));
}

/* Lines without any time stand by image, scope, place in it, and place in the dump. */
static void set_key(struct wtr_dump *d, struct wtr_statement *fixed)
{
    uint64_t running = d->sequence++;
    fixed->key = (struct wtr_key){.time_ns = fixed->origin.time_ns,
                                  .source = d->index,
                                  .record_offset = fixed->origin.record_offset,
                                  .offset = fixed->origin.offset,
                                  .sequence = running};
    if (fixed->flags & WTR_FLAG_BOUNDED)
        fixed->key.time_ns = fixed->flags & WTR_FLAG_EARLIEST ? fixed->earliest_ns : fixed->latest_ns;
    if (fixed->key.time_ns != INT64_MAX)
        return;
    const uint64_t most = (1 << 20) - 1;
    fixed->key.record_offset = (uint64_t)d->image << 32 | (d->entry ? scope_rank(d, d->entry) : 0);
    fixed->key.offset = fixed->flags & WTR_FLAG_SEQUENCE ? fixed->order_sequence : fixed->origin.offset;
    fixed->key.sequence = fixed->origin.offset << 20 | (running & most);
}

void wtr_dump_statement(void *dump, struct wtr_item *item)
{
    struct wtr_dump *d = dump;
    struct wtr_statement *fixed = &item->fixed;
    if (fixed->type != WTR_ITEM_STATEMENT || d->status != WTR_OK)
        return;
    fixed->origin.time_ns = fixed->flags & WTR_FLAG_WRITTEN ? fixed->earliest_ns : INT64_MAX;
    fixed->origin.record_offset = fixed->origin.offset;
    for (size_t i = 0; i < item->part_count; i++)
        item->parts[i].record_offset = item->parts[i].offset;
    d->told_secret |= fixed->kind == WTR_KIND_CREDENTIAL;
    set_key(d, fixed);
    add_item(d, item);
    d->vendor_records[d->vendor_index]++;
}

void wtr_dump_finding(struct wtr_dump *d, const struct wtr_origin *origin, struct wtr_text where,
                      const char *reason)
{
    struct wtr_item item = {
        .fixed = {.origin = *origin, .type = WTR_ITEM_FINDING, .device = WTR_NO_DEVICE},
        .where = where,
        .reason = wtr_text_z(reason),
    };
    if (d->volume)
        item.volume = d->volume->name;
    item.fixed.origin.time_ns = INT64_MAX;
    item.fixed.origin.record_offset = origin->offset;
    const struct wtr_entry *entry = d->entry;
    d->entry = NULL;
    set_key(d, &item.fixed);
    d->entry = entry;
    add_item(d, &item);
}

void wtr_dump_vendor_finding(void *dump, const struct wtr_span *span, size_t at, size_t length,
                             const char *reason)
{
    struct wtr_dump *d = dump;
    struct wtr_origin origin = wtr_span_locate(span, at, length);
    d->vendor_errors[d->vendor_index]++;
    wtr_dump_finding(d, &origin, wtr_text_z(wtr_vendors[d->vendor_index]->name), reason);
}

/* ---- keys */

static void put_place(struct wtr_dump *d)
{
    wtr_put_z(&d->scratch, d->source->name);
    wtr_put_z(&d->scratch, ", ");
    wtr_put_text(&d->scratch, d->volume->name);
    if (d->entry && d->entry->path.length) {
        wtr_put_char(&d->scratch, ' ');
        wtr_put_text(&d->scratch, d->entry->path);
    }
    wtr_put(&d->scratch, "", 1);
}

void wtr_dump_key(void *dump, enum wtr_key_type type, struct wtr_text id, struct wtr_text secret)
{
    struct wtr_dump *d = dump;
    struct wtr_key_entry key = {.type = type, .id = id, .secret = secret, .name = "", .origin = ""};
    d->told_secret = true;
    if (!wtr_keyring_takes(&key))
        return;
    wtr_buffer_clear(&d->scratch);
    wtr_put_z(&d->scratch, wtr_keyring_word(type));
    wtr_put_z(&d->scratch, id.length ? " " : "");
    wtr_put_text(&d->scratch, id);
    wtr_put(&d->scratch, "", 1);
    size_t place = d->scratch.length;
    put_place(d);
    if (d->scratch.failed) {
        d->status = WTR_E_MEMORY;
        return;
    }
    key.name = d->scratch.data;
    key.origin = d->scratch.data + place;
    if (!wtr_keyring_add(&d->found, &key))
        d->status = WTR_E_MEMORY;
}

/* ---- what a format hands on */

static void learn_entry(struct wtr_dump *d, const struct wtr_entry *entry)
{
    add_scope(d, entry);
    if (entry->integrity == WTR_INTEGRITY_FAILED)
        return;
    for (size_t i = 0; i < d->vendor_count; i++)
        if (wtr_vendors[i]->learn_entry)
            wtr_vendors[i]->learn_entry(d->vendor_states[i], entry);
}

/* The vendor with the highest claim; NULL if none claims, or if two claim alike. */
static const struct wtr_vendor *vendor_for(struct wtr_dump *d, const struct wtr_entry *entry)
{
    enum wtr_claim highest = WTR_CLAIM_NONE;
    bool tie = false;
    for (size_t i = 0; i < d->vendor_count; i++) {
        if (!wtr_vendors[i]->claim_entry || !wtr_vendors[i]->read_entry)
            continue;
        enum wtr_claim claim = wtr_vendors[i]->claim_entry(d->vendor_states[i], entry);
        tie = claim > highest ? false : tie || (claim == highest && claim != WTR_CLAIM_NONE);
        if (claim > highest) {
            highest = claim;
            d->vendor_index = i;
        }
    }
    if (tie) {
        struct wtr_origin origin = wtr_span_locate(&entry->span, 0, entry->span.length);
        wtr_dump_finding(d, &origin, wtr_text_z(entry->format),
                         "two families of plugs claim this entry alike, so none is believed");
    }
    return tie || highest == WTR_CLAIM_NONE ? NULL : wtr_vendors[d->vendor_index];
}

static uint64_t path_hash(const struct wtr_entry *entry)
{
    return wtr_hash64(entry->path.data, entry->path.length,
                      wtr_hash64(entry->format, strlen(entry->format), 0));
}

static void read_entry(struct wtr_dump *d, const struct wtr_entry *entry)
{
    static const struct wtr_protocol storage = {.name = "flash"};
    const struct wtr_message message = {.protocol = &storage, .span = entry->span};
    struct wtr_dump_counts *counts = &d->counts[d->volume_index];
    d->format_records[d->format]++;
    counts->entries++;
    counts->live += entry->state == WTR_ENTRY_LIVE;
    counts->failed += entry->integrity == WTR_INTEGRITY_FAILED;
    if (entry->integrity == WTR_INTEGRITY_FAILED)
        return;
    d->told_secret = entry->secret;
    d->vendor = vendor_for(d, entry);
    if (d->vendor) {
        wtr_say_entry(&d->say, &message, entry);
        d->say.common = (struct wtr_statement){
            .type = WTR_ITEM_STATEMENT,
            .message = ++d->messages,
            .device = WTR_NO_DEVICE,
            .path = wtr_case_path(d->c, "flash", NULL, entry->format, d->vendor->name),
        };
        d->vendor->read_entry(d->vendor_states[d->vendor_index], entry, &d->say);
    }
    if (d->told_secret && !wtr_map_put(&d->secrets, path_hash(entry), 1))
        d->status = WTR_E_MEMORY;
    d->vendor = NULL;
}

static void on_entry(void *payload, const struct wtr_entry *entry)
{
    struct wtr_dump *d = payload;
    if (d->status != WTR_OK)
        return;
    d->entry = entry;
    if (d->pass == WTR_DUMP_LEARN)
        learn_entry(d, entry);
    else if (d->pass == WTR_DUMP_READ)
        read_entry(d, entry);
    else
        wtr_dump_hand_entry(d, entry, entry->secret || wtr_map_find(&d->secrets, path_hash(entry)));
    d->entry = NULL;
}

static void on_finding(void *payload, const struct wtr_volume *volume, size_t at, size_t length,
                       const char *reason)
{
    struct wtr_dump *d = payload;
    if (d->pass != WTR_DUMP_READ)
        return;
    struct wtr_origin origin = wtr_span_locate(&volume->span, at, length);
    d->format_errors[d->format]++;
    d->counts[d->volume_index].findings++;
    wtr_dump_finding(d, &origin, wtr_text_z(d->formats[d->format] ? d->formats[d->format]->name : "flash"),
                     reason);
}

static void on_part(void *payload, const struct wtr_volume *volume, const struct wtr_part *part)
{
    (void)payload, (void)volume, (void)part; /* the map has them */
}

static void on_inside(void *payload, const struct wtr_volume *volume, const struct wtr_part *part,
                      const struct wtr_span *span)
{
    struct wtr_dump *d = payload;
    (void)volume;
    if (d->status == WTR_OK && d->depth < WTR_DUMP_DEPTH)
        wtr_dump_inside(d, part, span);
}

static void on_key(void *payload, const struct wtr_key_entry *key)
{
    struct wtr_dump *d = payload;
    wtr_dump_key(d, key->type, key->id, key->secret);
}

const struct wtr_flash_sink wtr_dump_sink = {
    .entry = on_entry, .finding = on_finding, .part = on_part, .key = on_key, .inside = on_inside};
