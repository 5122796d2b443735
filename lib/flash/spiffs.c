/* SPDX-License-Identifier: Apache-2.0 */
/* SPIFFS as a store of entries. Whenever a file changes, its first index page is written anew, with name,
 * size and a list of its pages, and the old one is marked as deleted: what a block still holds of these is
 * the file's history since the block was last erased.
 *
 * Nothing has a checksum. Pages bear their file's id and their place in it, so that a list can be held
 * against its pages. Within a block pages are written one after the other. A page in another block than the
 * list that names it may have been erased and written again since: such an earlier content is said to be
 * mixed. Facts: spiffs_nucleus.c (spiffs_object_append, spiffs_object_truncate, spiffs_page_delete,
 * spiffs_gc.c). */
#include "flash/spiffs.h"

#include "flash/formats.h"
#include "flash/gather.h"

#include "base/bytes.h"
#include "base/map.h"

#include <stdlib.h>

enum { MAX_PAGES = 1 << 16 };

struct reader {
    struct wtr_spiffs_shape shape;
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    struct wtr_map pages; /* live pages by file, place and kind; NO_PAGE: several */
    struct wtr_map names; /* names of live files */
    struct wtr_map gone;  /* names of files that were removed */
    uint8_t *seen;        /* pages that a list named */
    struct wtr_gather value;
    struct wtr_gather_budget budget;
    struct wtr_buffer scope;
};

static const uint64_t NO_PAGE = UINT64_MAX;

/* A file as one of its first index pages describes it. */
struct version {
    size_t at; /* the page */
    struct wtr_spiffs_page page;
    uint16_t id;
    uint32_t size;
    struct wtr_text name;
    bool live;
    bool mixed;
    bool broken; /* its list and its pages contradict each other */
};

/* ---- pages */

static uint64_t page_key(uint16_t id, size_t span, bool index)
{
    return (uint64_t)index << 40 | (uint64_t)id << 20 | span;
}

static struct wtr_spiffs_page page_at(const struct reader *r, size_t page)
{
    return wtr_spiffs_page_at(&r->shape, page);
}

/* The id, by the header; by the table where that has one and the header has another. */
static uint16_t id_of(const struct wtr_spiffs_page *p)
{
    bool told = p->lookup != WTR_SPIFFS_ID_FREE && p->lookup != WTR_SPIFFS_ID_DELETED;
    return told ? p->lookup & 0x7fff : p->id;
}

/* Whether the store has the page. */
static bool is_live(const struct wtr_spiffs_page *p)
{
    return p->final && !p->deleted && p->lookup != WTR_SPIFFS_ID_DELETED &&
           (p->used || p->lookup != WTR_SPIFFS_ID_FREE);
}

static bool is_written(const struct wtr_spiffs_page *p)
{
    return p->used || p->lookup != WTR_SPIFFS_ID_FREE;
}

static void put_once(struct wtr_map *map, uint64_t key, uint64_t value)
{
    uint64_t *there = wtr_map_find(map, key);
    if (there)
        *there = NO_PAGE;
    else
        wtr_map_put(map, key, value);
}

static uint64_t name_key(struct wtr_text name)
{
    return wtr_hash64(name.data, name.length, 0);
}

static struct version version_at(const struct reader *r, size_t page)
{
    const uint8_t *bytes = r->shape.bytes + page * r->shape.page;
    struct version v = {.at = page, .page = page_at(r, page)};
    const char *name = (const char *)bytes + WTR_SPIFFS_NAME_AT;
    const char *end = memchr(name, 0, r->shape.name_length);
    v.id = id_of(&v.page);
    v.size = wtr_le32(bytes + WTR_SPIFFS_SIZE_AT);
    v.name = wtr_text_of(name, end ? (size_t)(end - name) : r->shape.name_length);
    v.live = is_live(&v.page) && !v.page.removed;
    return v;
}

static bool is_version(const struct wtr_spiffs_page *p)
{
    return is_written(p) && p->index && p->span == 0;
}

static void note_pages(struct reader *r)
{
    for (size_t page = 0; page < r->shape.pages; page++) {
        if (wtr_spiffs_is_lookup(&r->shape, page))
            continue;
        struct wtr_spiffs_page p = page_at(r, page);
        if (is_written(&p) && is_live(&p))
            put_once(&r->pages, page_key(id_of(&p), p.span, p.index), page);
        if (!is_version(&p))
            continue;
        struct version v = version_at(r, page);
        if (v.live && !wtr_map_find(&r->names, name_key(v.name)))
            wtr_map_put(&r->names, name_key(v.name), page);
        if (v.page.removed)
            wtr_map_put(&r->gone, name_key(v.name), page);
    }
}

/* ---- contents */

static size_t in_header(const struct reader *r)
{
    return (r->shape.page - r->shape.table_at) / 2;
}

static size_t in_index(const struct reader *r)
{
    return (r->shape.page - WTR_SPIFFS_INDEX_HEADER) / 2;
}

/* The index page of that place in the file: the live one, or for an earlier version the only one that is
 * left. */
static size_t index_page(const struct reader *r, struct version *v, size_t place)
{
    const uint64_t *live = wtr_map_find(&r->pages, page_key(v->id, place, true));
    if (v->live)
        return live && *live != NO_PAGE ? (size_t)*live : r->shape.pages;
    size_t block = v->at / r->shape.pages_per_block, found = r->shape.pages;
    for (size_t page = block * r->shape.pages_per_block; page < v->at; page++) {
        struct wtr_spiffs_page p = {0};
        if (!wtr_spiffs_is_lookup(&r->shape, page))
            p = page_at(r, page);
        if (p.used && p.index && p.id == v->id && p.span == place)
            found = page; /* the last one before this version */
    }
    if (found == r->shape.pages && live && *live != NO_PAGE) {
        v->mixed = true;
        found = (size_t)*live;
    }
    return found;
}

/* Which page the file's list names for that span; r->shape.pages: none. `*index` is the index page at hand.
 */
static size_t listed(const struct reader *r, struct version *v, size_t span, size_t *index)
{
    size_t first = in_header(r), each = in_index(r);
    size_t at = r->shape.table_at + 2 * span, page = v->at;
    if (span >= first) {
        if ((span - first) % each == 0)
            *index = index_page(r, v, 1 + (span - first) / each);
        page = *index;
        at = WTR_SPIFFS_INDEX_HEADER + 2 * ((span - first) % each);
    }
    if (page >= r->shape.pages)
        return r->shape.pages;
    return wtr_le16(r->shape.bytes + page * r->shape.page + at);
}

/* Whether the page is that part of the file, and for a live file one that the store has. */
static bool belongs(const struct reader *r, const struct version *v, size_t page, size_t span)
{
    if (page >= r->shape.pages || wtr_spiffs_is_lookup(&r->shape, page))
        return false;
    struct wtr_spiffs_page p = page_at(r, page);
    if (!is_written(&p) || p.index || p.span != span)
        return false;
    return v->live ? is_live(&p) && (p.id == v->id || id_of(&p) == v->id) : p.id == v->id;
}

static void gather(struct reader *r, struct version *v)
{
    size_t data = wtr_spiffs_data(&r->shape), left = v->size == UINT32_MAX ? 0 : v->size;
    size_t index = r->shape.pages;
    wtr_gather_clear(&r->value);
    v->broken = left > r->shape.length || !wtr_gather_take(&r->budget, left);
    if (v->broken)
        return;
    for (size_t span = 0; left > 0; span++) {
        size_t page = listed(r, v, span, &index);
        if (!belongs(r, v, page, span)) {
            const uint64_t *other = v->live ? wtr_map_find(&r->pages, page_key(v->id, span, false)) : NULL;
            if (!other || *other == NO_PAGE) {
                v->broken = true;
                return;
            }
            page = (size_t)*other;
            r->sink->finding(r->sink->payload, r->volume, v->at * r->shape.page, r->shape.page,
                             "a list that does not name its file's page");
        }
        size_t take = left < data ? left : data;
        if (!wtr_gather_add(&r->value, &r->volume->span, page * r->shape.page + WTR_SPIFFS_HEADER, take)) {
            v->broken = true;
            return;
        }
        r->seen[page] = 1;
        v->mixed =
            v->mixed || (!v->live && page / r->shape.pages_per_block != v->at / r->shape.pages_per_block);
        left -= take;
    }
    size_t spans = v->size == UINT32_MAX ? 0 : (v->size + data - 1) / data;
    v->broken = v->live && wtr_map_find(&r->pages, page_key(v->id, spans, false));
}

/* ---- handing on */

static enum wtr_entry_state state_of(const struct reader *r, const struct version *v)
{
    if (v->live) {
        const uint64_t *first = wtr_map_find(&r->names, name_key(v->name));
        return first && *first == v->at ? WTR_ENTRY_LIVE : WTR_ENTRY_SUPERSEDED;
    }
    if (!v->page.final)
        return WTR_ENTRY_STALE; /* begun and not finished */
    if (v->page.removed)
        return WTR_ENTRY_DELETED;
    const uint64_t *page = wtr_map_find(&r->pages, page_key(v->id, 0, true));
    bool lives_on = page && *page != NO_PAGE && !version_at(r, (size_t)*page).page.removed;
    if (wtr_map_find(&r->names, name_key(v->name)) || wtr_map_find(&r->gone, name_key(v->name)) || lives_on)
        return WTR_ENTRY_SUPERSEDED;
    return WTR_ENTRY_DELETED;
}

static struct wtr_entry_order order_of(struct reader *r, size_t page)
{
    size_t block = page / r->shape.pages_per_block;
    uint16_t erased = wtr_spiffs_erased(&r->shape, block);
    wtr_buffer_clear(&r->scope);
    wtr_put_z(&r->scope, "block ");
    wtr_put_uint(&r->scope, block);
    return (struct wtr_entry_order){.scope = wtr_buffer_text(&r->scope),
                                    .sequence = page % r->shape.pages_per_block,
                                    .has_sequence = true,
                                    .basis = WTR_ORDER_EXACT,
                                    .has_rank = r->shape.magic && erased != 0xffff,
                                    .rank = erased};
}

/* Whether the version before it in the block had another content: then this one's time came with it. A file's
 * time may be written anew before its content is. */
static bool brought_content(const struct reader *r, const struct version *v)
{
    size_t table = r->shape.table_at, first = v->at / r->shape.pages_per_block * r->shape.pages_per_block;
    for (size_t page = v->at; page-- > first + r->shape.lookup_pages;) {
        struct wtr_spiffs_page p = page_at(r, page);
        if (!is_version(&p) || id_of(&p) != v->id)
            continue;
        const uint8_t *before = r->shape.bytes + page * r->shape.page;
        const uint8_t *now = r->shape.bytes + v->at * r->shape.page;
        return wtr_le32(before + WTR_SPIFFS_SIZE_AT) != v->size ||
               memcmp(before + table, now + table, r->shape.page - table) != 0;
    }
    return false;
}

static void date(const struct reader *r, const struct version *v, struct wtr_entry *entry)
{
    size_t at = v->at * r->shape.page + WTR_SPIFFS_NAME_AT + r->shape.name_length;
    if (r->shape.meta_length != 4 || (entry->state == WTR_ENTRY_SUPERSEDED && !brought_content(r, v)))
        return;
    uint32_t time = wtr_le32(r->shape.bytes + at);
    entry->has_written = time != 0 && time != UINT32_MAX;
    entry->written_s = entry->has_written ? time : 0;
}

static void hand_on_version(struct reader *r, size_t page)
{
    struct version v = version_at(r, page);
    if (v.name.length == 0 || (v.size == UINT32_MAX && !v.live && !v.page.removed))
        return;
    gather(r, &v);
    struct wtr_entry entry = {.format = wtr_flash_spiffs.name,
                              .volume = r->volume->name,
                              .path = v.name,
                              .type = "file",
                              .state = state_of(r, &v),
                              .integrity = v.broken ? WTR_INTEGRITY_FAILED : WTR_INTEGRITY_NONE,
                              .check = v.broken ? "pages" : NULL,
                              .order = order_of(r, page),
                              .mixed = v.mixed,
                              .span = wtr_gather_span(&r->value, r->volume->span.opening)};
    date(r, &v, &entry);
    if (v.broken && v.live)
        r->sink->finding(r->sink->payload, r->volume, page * r->shape.page, r->shape.page,
                         "a file whose list and pages contradict each other");
    r->sink->entry(r->sink->payload, &entry);
}

/* The name of the file that had the page's id when it was written: ids are given again, so that only an index
 * page before it in its block tells. */
static struct wtr_text name_before(const struct reader *r, size_t page, uint16_t id)
{
    size_t first = page / r->shape.pages_per_block * r->shape.pages_per_block + r->shape.lookup_pages;
    while (page-- > first) {
        struct wtr_spiffs_page p = page_at(r, page);
        if (is_version(&p) && (id_of(&p) == id || p.id == id))
            return version_at(r, page).name;
    }
    return (struct wtr_text){0};
}

/* A page that no list names any more: a part of a file whose id alone is known. */
static void hand_on_page(struct reader *r, size_t page)
{
    struct wtr_spiffs_page p = page_at(r, page);
    uint16_t id = p.used ? p.id : id_of(&p);
    struct wtr_text name = name_before(r, page, id);
    wtr_gather_clear(&r->value);
    if (!wtr_gather_add(&r->value, &r->volume->span, page * r->shape.page + WTR_SPIFFS_HEADER,
                        wtr_spiffs_data(&r->shape)))
        return;
    struct wtr_entry entry = {.format = wtr_flash_spiffs.name,
                              .volume = r->volume->name,
                              .path = name,
                              .type = "page",
                              .state = WTR_ENTRY_STALE,
                              .order = order_of(r, page),
                              .attributed = name.length > 0,
                              .span = wtr_gather_span(&r->value, r->volume->span.opening)};
    r->sink->entry(r->sink->payload, &entry);
}

static void hand_on_all(struct reader *r)
{
    for (size_t page = 0; page < r->shape.pages; page++) {
        if (wtr_spiffs_is_lookup(&r->shape, page))
            continue;
        struct wtr_spiffs_page p = page_at(r, page);
        if (is_written(&p) && !p.agrees)
            r->sink->finding(r->sink->payload, r->volume, page * r->shape.page, r->shape.page,
                             "a page that its block's table contradicts");
        if (is_version(&p))
            hand_on_version(r, page);
    }
    for (size_t page = 0; page < r->shape.pages; page++) {
        if (wtr_spiffs_is_lookup(&r->shape, page) || r->seen[page])
            continue;
        struct wtr_spiffs_page p = page_at(r, page);
        if (!p.index && (p.used || (is_written(&p) && p.lookup != WTR_SPIFFS_ID_DELETED)))
            hand_on_page(r, page);
    }
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct reader r = {.volume = volume, .sink = sink, .budget = wtr_gather_budget_of(volume->span.length)};
    if (!wtr_spiffs_shape_of(&r.shape, volume->span.bytes, volume->span.length)) {
        sink->finding(sink->payload, volume, 0, volume->span.length, "no pages of SPIFFS");
        return;
    }
    if (r.shape.pages > MAX_PAGES)
        r.shape.pages = MAX_PAGES; /* as many as its numbers can tell apart */
    r.seen = calloc(r.shape.pages + 1, 1);
    if (r.seen) {
        note_pages(&r);
        hand_on_all(&r);
    }
    if (r.budget.spent)
        sink->finding(sink->payload, volume, 0, volume->span.length, "more contents than are handed on");
    free(r.seen);
    wtr_map_free(&r.pages);
    wtr_map_free(&r.names);
    wtr_map_free(&r.gone);
    wtr_gather_free(&r.value);
    wtr_buffer_free(&r.scope);
}

static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_spiffs_shape shape;
    (void)keys;
    if (!wtr_spiffs_try(&shape, image, length, at))
        return (struct wtr_flash_find){0};
    size_t left = wtr_spiffs_blocks_left(&shape, image, length, at), start = at, blocks = left;
    while (start >= shape.block &&
           wtr_spiffs_blocks_left(&shape, image, length, start - shape.block) == blocks + 1) {
        start -= shape.block;
        blocks++;
    }
    size_t size = blocks > (length - start) / shape.block ? length - start : blocks * shape.block;
    return (struct wtr_flash_find){blocks > 2 ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE, at - start, size};
}

static const char *const parts[] = {"spiffs", NULL};

const struct wtr_flash_format wtr_flash_spiffs = {
    .name = "spiffs", .probe = probe, .parts = parts, .read = read_volume};
