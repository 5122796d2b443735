/* SPDX-License-Identifier: Apache-2.0 */
/* EasyFlash 4 and FlashDB, sector by sector and node by node: what is live, what was replaced, what was
 * deleted, each on its own checksum.
 *
 * What the order rests on (ef_env.c, fdb_kvdb.c): a node is appended behind the last one of its sector, so
 * within a sector the order is certain. A collection copies live nodes on and erases their sector; a copy
 * stands where it was written as a copy. Sectors of a ring are taken in turn, but a short node may still go
 * into an earlier sector that a long one did not fit: from sector to sector the order is probable. */
#include "flash/env_node.h"
#include "flash/gather.h"

#include "base/map.h"

#include <stdlib.h>

enum {
    MAX_SECTORS = 1 << 14,
    MAX_NAMES = 1 << 16,
    MAX_STRIDE = 16, /* largest sector, in units of flash */
};

struct sector {
    size_t at;
    size_t end;
    unsigned store;
    uint64_t rank;
    bool has_rank;
};

struct reader {
    const struct wtr_env_kind *kind;
    const struct wtr_env_layout *layout;
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    struct sector *sectors; /* in the order in which the store looks through them */
    size_t sector_count;
    struct wtr_map live;  /* name to the node that the store would find */
    struct wtr_map later; /* name to the last node that is none */
    struct wtr_gather value;
    struct wtr_buffer scope;
};

/* ---- finding sectors */

/* Whether a sector begins at `at`, by its header or, where that is damaged, by a sound node in the first
 * node's place. */
static bool begins(const struct wtr_env_kind *kind, const struct wtr_env_layout *layout, const uint8_t *bytes,
                   size_t length, size_t at, bool *header)
{
    unsigned store;
    const struct wtr_env_layout *found = wtr_env_sector(kind, bytes, length, at, &store);
    *header = found == layout;
    if (*header)
        return true;
    struct wtr_env_node node;
    size_t end = length - at < WTR_FLASH_SECTOR ? length : at + WTR_FLASH_SECTOR;
    size_t first = at + layout->sector_header;
    return first < end && wtr_env_next(kind, layout, bytes, first, end, &node) && node.at == first &&
           node.sound;
}

/* Bytes from one sector to the next, as their headers show it. */
static size_t stride_at(const struct wtr_env_kind *kind, const struct wtr_env_layout *layout,
                        const uint8_t *bytes, size_t length, size_t at)
{
    for (size_t n = 1; n <= MAX_STRIDE; n++) {
        bool header;
        size_t next = at + n * WTR_FLASH_SECTOR;
        if (next < length && begins(kind, layout, bytes, length, next, &header))
            return n * WTR_FLASH_SECTOR;
    }
    return WTR_FLASH_SECTOR;
}

struct wtr_flash_find wtr_env_probe(const struct wtr_env_kind *kind, const uint8_t *image, size_t length,
                                    size_t at)
{
    unsigned store;
    bool header;
    struct wtr_env_node node;
    const struct wtr_env_layout *layout = wtr_env_sector(kind, image, length, at, &store);
    if (!layout)
        return (struct wtr_flash_find){0};
    size_t stride = stride_at(kind, layout, image, length, at);
    size_t start = at, end = at + stride;
    while (start >= stride && begins(kind, layout, image, length, start - stride, &header))
        start -= stride;
    while (end < length &&
           (begins(kind, layout, image, length, end, &header) ||
            (length - end > stride && wtr_env_sector(kind, image, length, end + stride, &store))))
        end += stride;
    bool proven = false;
    for (size_t sector = start; sector < end && sector < length && !proven; sector += stride) {
        size_t last = length - sector < stride ? length : sector + stride;
        proven = wtr_env_next(kind, layout, image, sector + layout->sector_header, last, &node) && node.sound;
    }
    return (struct wtr_flash_find){proven ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE, at - start,
                                   (end < length ? end : length) - start};
}

/* The layout that most headers have, the volume's first ones deciding between equals. */
static const struct wtr_env_layout *layout_of(const struct wtr_env_kind *kind, const struct wtr_span *span,
                                              size_t *first)
{
    const struct wtr_env_layout *best = NULL;
    size_t most = 0;
    for (size_t at = 0; at < span->length; at += WTR_FLASH_SECTOR) {
        unsigned store;
        size_t count = 0;
        const struct wtr_env_layout *layout = wtr_env_sector(kind, span->bytes, span->length, at, &store);
        if (!layout || layout == best)
            continue;
        for (size_t other = at; other < span->length; other += WTR_FLASH_SECTOR)
            count += wtr_env_sector(kind, span->bytes, span->length, other, &store) == layout;
        if (count <= most)
            continue;
        most = count;
        best = layout;
        *first = at;
    }
    return best;
}

static bool add_sector(struct reader *r, size_t at, size_t end, bool header)
{
    unsigned store = 0;
    if (r->sector_count == MAX_SECTORS)
        return false;
    if (header)
        wtr_env_sector(r->kind, r->volume->span.bytes, r->volume->span.length, at, &store);
    else
        r->sink->finding(r->sink->payload, r->volume, at, r->layout->sector_header,
                         "sector header is damaged");
    r->sectors[r->sector_count++] = (struct sector){.at = at, .end = end, .store = store};
    return true;
}

/* Lists the sectors in the order of their places. What has no header is one if it holds nodes. */
static bool list_sectors(struct reader *r)
{
    const struct wtr_span *span = &r->volume->span;
    size_t first = 0;
    r->layout = layout_of(r->kind, span, &first);
    if (!r->layout)
        return false;
    size_t stride = stride_at(r->kind, r->layout, span->bytes, span->length, first);
    r->sectors = calloc(span->length / stride + 1, sizeof *r->sectors);
    if (!r->sectors)
        return false;
    for (size_t at = first % stride; at < span->length; at += stride) {
        bool header;
        size_t end = span->length - at < stride ? span->length : at + stride;
        if (begins(r->kind, r->layout, span->bytes, span->length, at, &header)) {
            if (!add_sector(r, at, end, header))
                break;
        } else if (!wtr_env_erased(span->bytes + at, end - at)) {
            r->sink->finding(r->sink->payload, r->volume, at, end - at, "no sector of the store");
        }
    }
    return r->sector_count > 0;
}

/* ---- order */

static size_t count_store(const struct reader *r, unsigned store)
{
    size_t n = 0;
    for (size_t i = 0; i < r->sector_count; i++)
        n += r->sectors[i].store == store;
    return n;
}

/* A ring begins behind its empty sectors: the store looks through it from there. */
static void turn_ring(struct reader *r)
{
    size_t oldest = 0;
    for (size_t i = 1; i < r->sector_count; i++) {
        if (r->sectors[i - 1].store == WTR_ENV_SECTOR_EMPTY && r->sectors[i].store >= WTR_ENV_SECTOR_USING)
            oldest = i;
    }
    for (size_t turn = 0; turn < oldest; turn++) {
        struct sector first = r->sectors[0];
        memmove(r->sectors, r->sectors + 1, (r->sector_count - 1) * sizeof *r->sectors);
        r->sectors[r->sector_count - 1] = first;
    }
    bool known = count_store(r, WTR_ENV_SECTOR_EMPTY) > 0;
    for (size_t i = 0; i < r->sector_count; i++) {
        r->sectors[i].has_rank = known;
        r->sectors[i].rank = i;
    }
}

/* Without a ring a sector that is full was probably filled before the only one in use. */
static void rank_full(struct reader *r)
{
    bool known = count_store(r, WTR_ENV_SECTOR_USING) == 1;
    for (size_t i = 0; i < r->sector_count; i++) {
        r->sectors[i].has_rank = known && r->sectors[i].store >= WTR_ENV_SECTOR_USING;
        r->sectors[i].rank = r->sectors[i].store;
    }
}

/* ---- nodes */

/* A node's place in the order in which the store looks. */
static uint64_t place_of(size_t sector, const struct sector *s, const struct wtr_env_node *node)
{
    return (uint64_t)sector << 32 | (uint32_t)(node->at - s->at);
}

static void note_name(struct reader *r, size_t i, const struct wtr_env_node *node)
{
    uint64_t key = wtr_hash64(node->name.data, node->name.length, 0);
    uint64_t place = place_of(i, &r->sectors[i], node);
    if (node->name.length == 0)
        return;
    if (node->status == WTR_ENV_WRITE) {
        if (!wtr_map_find(&r->live, key))
            wtr_map_put(&r->live, key, place);
    } else if (node->status == WTR_ENV_DELETED) {
        wtr_map_put(&r->later, key, place);
    }
}

static enum wtr_entry_state state_of(const struct reader *r, size_t i, const struct wtr_env_node *node)
{
    uint64_t key = wtr_hash64(node->name.data, node->name.length, 0);
    const uint64_t *live = wtr_map_find(&r->live, key);
    const uint64_t *later = wtr_map_find(&r->later, key);
    uint64_t place = place_of(i, &r->sectors[i], node);
    switch (node->status) {
    case WTR_ENV_WRITE:
        return live && *live == place ? WTR_ENTRY_LIVE : WTR_ENTRY_SUPERSEDED;
    case WTR_ENV_PRE_DELETE: /* at its next start the store takes it back, unless the new one was finished */
        return live ? WTR_ENTRY_SUPERSEDED : WTR_ENTRY_LIVE;
    case WTR_ENV_DELETED:
        if (node->deleted_outright)
            return WTR_ENTRY_DELETED;
        return !live && later && *later == place ? WTR_ENTRY_DELETED : WTR_ENTRY_SUPERSEDED;
    default:
        return WTR_ENTRY_STALE; /* begun and not finished */
    }
}

static void hand_on(struct reader *r, size_t i, const struct wtr_env_node *node)
{
    const struct sector *s = &r->sectors[i];
    wtr_gather_clear(&r->value);
    if (!wtr_gather_add(&r->value, &r->volume->span, node->value_at, node->value_length))
        return;
    wtr_buffer_clear(&r->scope);
    wtr_put_z(&r->scope, "sector ");
    wtr_put_uint(&r->scope, s->at / WTR_FLASH_SECTOR);
    struct wtr_entry entry = {
        .format = r->kind->name,
        .volume = r->volume->name,
        .path = node->name,
        .state = state_of(r, i, node),
        .integrity = node->sound ? WTR_INTEGRITY_OK : WTR_INTEGRITY_FAILED,
        .check = "crc32",
        .order = {.scope = wtr_buffer_text(&r->scope),
                  .sequence = node->at - s->at,
                  .has_sequence = true,
                  .basis = WTR_ORDER_EXACT,
                  .has_rank = s->has_rank,
                  .rank = s->rank},
        .span = wtr_gather_span(&r->value, r->volume->span.opening),
    };
    r->sink->entry(r->sink->payload, &entry);
}

static void report(struct reader *r, const struct wtr_env_node *node)
{
    const char *what = NULL;
    if (!node->sound && node->status < WTR_ENV_WRITE)
        what = "a node that was not finished";
    else if (!node->sound)
        what = "a node whose checksum does not hold";
    else if (node->repaired)
        what = "a node with a damaged mark or length";
    else if (node->status_odd)
        what = "a node with a status that the store does not write";
    if (what)
        r->sink->finding(r->sink->payload, r->volume, node->at, node->length, what);
}

/* Goes through one sector: `see` each node, and with `say` what lies between them. */
static void walk(struct reader *r, size_t i,
                 void (*see)(struct reader *, size_t, const struct wtr_env_node *), bool say)
{
    const uint8_t *bytes = r->volume->span.bytes;
    const struct sector *s = &r->sectors[i];
    struct wtr_env_node node;
    size_t from = s->at + r->layout->sector_header, free = from;
    while (from < s->end && wtr_env_next(r->kind, r->layout, bytes, from, s->end, &node)) {
        if (say && node.at > free && !wtr_env_erased(bytes + free, node.at - free))
            r->sink->finding(r->sink->payload, r->volume, free, node.at - free, "no node of the store");
        if (say)
            report(r, &node);
        if (!say || node.sound || node.name.length > 0)
            see(r, i, &node);
        from = node.sound ? node.at + node.length : node.at + 1;
        free = node.at + node.length;
        if (!node.sound && node.name.length > 0)
            free = s->end; /* its rest would be named a second time */
    }
    if (say && free < s->end && !wtr_env_erased(bytes + free, s->end - free))
        r->sink->finding(r->sink->payload, r->volume, free, s->end - free, "no node of the store");
}

void wtr_env_read(const struct wtr_env_kind *kind, const struct wtr_volume *volume,
                  const struct wtr_flash_sink *sink)
{
    struct reader r = {.kind = kind,
                       .volume = volume,
                       .sink = sink,
                       .live = {.limit = MAX_NAMES},
                       .later = {.limit = MAX_NAMES}};
    if (!list_sectors(&r)) {
        sink->finding(sink->payload, volume, 0, volume->span.length, "no sector of the store");
    } else {
        if (kind->ring)
            turn_ring(&r);
        else
            rank_full(&r);
        for (size_t i = 0; i < r.sector_count; i++)
            walk(&r, i, note_name, false);
        for (size_t i = 0; i < r.sector_count; i++)
            walk(&r, i, hand_on, true);
    }
    free(r.sectors);
    wtr_map_free(&r.live);
    wtr_map_free(&r.later);
    wtr_gather_free(&r.value);
    wtr_buffer_free(&r.scope);
}
