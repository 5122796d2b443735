/* SPDX-License-Identifier: Apache-2.0 */
/* The values of Tuya's key/value store. An index page gives a value's parts by block and page, but not of
 * which generation: in the newest images it means the newest, in an earlier image the parts in other blocks
 * may long have been written over. So the images of each block are tried, the likeliest first, until the
 * value's sum holds.
 *
 * What a sum of bytes proves: nothing about their order, and one damaged unit of the cipher leaves it as it
 * was once in some 700 times. So a value is "ok" only if it is text, the sums of its sectors hold, too, and
 * its parts belong together; else it is "weak", and "failed" where its sum does not hold. Parts that need not
 * belong together are "mixed"; what is no JSON then proves nothing to anyone. */
#include "vendor/tuya/flash_kv.h"

#include "base/bytes.h"

#include <stdio.h>

enum { PAGE = WTR_TUYA_KV_PAGE, UNIT = 16, MOST_BLOCKS = 4, MOST_TRIES = 64, MOST_IMAGES = 8 };

/* A block that parts are in, and its images, the likeliest first. */
struct source {
    uint16_t block;
    size_t images[MOST_IMAGES];
    size_t count, chosen;
};

struct lookup {
    struct wtr_tuya_kv *kv;
    const struct wtr_tuya_kv_index *index;
    size_t home; /* the image that the index page is in */
    struct source sources[MOST_BLOCKS];
    size_t count;
};

/* The image of the block that comes next: that of the index page itself, then from new to old. */
static bool comes_before(const struct lookup *l, size_t a, size_t b)
{
    const struct wtr_tuya_kv_image *x = &l->kv->images[a], *y = &l->kv->images[b];
    if (a == l->home || b == l->home)
        return a == l->home;
    if (x->live != y->live)
        return x->live;
    return x->generation != y->generation ? x->generation > y->generation : a < b;
}

static void add_images(const struct lookup *l, struct source *source)
{
    for (size_t i = 0; i < l->kv->count && source->count < MOST_IMAGES; i++) {
        if (l->kv->images[i].block != source->block)
            continue;
        size_t place = source->count++;
        for (; place > 0 && comes_before(l, i, source->images[place - 1]); place--)
            source->images[place] = source->images[place - 1];
        source->images[place] = i;
    }
}

static struct source *source_of(struct lookup *l, uint16_t block)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->sources[i].block == block)
            return &l->sources[i];
    if (l->count == MOST_BLOCKS)
        return NULL;
    struct source *source = &l->sources[l->count++];
    *source = (struct source){.block = block};
    add_images(l, source);
    return source;
}

static bool find_sources(struct lookup *l)
{
    for (size_t i = 0; i < l->index->count; i++) {
        struct source *source = source_of(l, wtr_le16(l->index->parts + i * 4));
        if (!source || source->count == 0)
            return false;
    }
    return true;
}

/* The image that a part is taken from, as chosen. */
static size_t image_of(struct lookup *l, const uint8_t *part)
{
    const struct source *source = source_of(l, wtr_le16(part));
    return source->images[source->chosen];
}

static bool sum_holds(struct lookup *l)
{
    uint32_t sum = 0;
    size_t left = l->index->length;
    for (size_t i = 0; i < l->index->count; i++) {
        const uint8_t *part = l->index->parts + i * 4;
        size_t n = (size_t)(part[3] - part[2] + 1) * PAGE;
        n = n < left ? n : left;
        sum += wtr_tuya_sum(l->kv->images[image_of(l, part)].plain + (size_t)part[2] * PAGE, n);
        left -= n;
    }
    return sum == l->index->sum;
}

/* The next choice of images; false: all were tried. */
static bool choose_next(struct lookup *l)
{
    for (size_t i = 0; i < l->count; i++) {
        if (++l->sources[i].chosen < l->sources[i].count)
            return true;
        l->sources[i].chosen = 0;
    }
    return false;
}

static bool choose(struct lookup *l)
{
    for (unsigned tries = 0; tries < MOST_TRIES; tries++) {
        if (sum_holds(l))
            return true;
        if (!choose_next(l))
            return false;
    }
    for (size_t i = 0; i < l->count; i++)
        l->sources[i].chosen = 0;
    return false;
}

/* Puts the parts together. Those of a value that holds are taken; what others refer to may be anything. */
static bool gather(struct lookup *l, bool holds)
{
    struct wtr_gather *g = &l->kv->gather;
    size_t left = l->index->length;
    wtr_gather_clear(g);
    for (size_t i = 0; i < l->index->count; i++) {
        const uint8_t *part = l->index->parts + i * 4;
        struct wtr_tuya_kv_image *image = &l->kv->images[image_of(l, part)];
        for (size_t p = part[2]; p <= part[3]; p++) {
            size_t n = left < PAGE ? left : PAGE;
            image->used |= holds ? UINT32_C(1) << p : 0;
            if (n > 0 && !wtr_gather_add_opened(g, &l->kv->volume->span, image->at + p * PAGE,
                                                (n + UNIT - 1) / UNIT * UNIT, image->plain + p * PAGE, n))
                return false;
            left -= n;
        }
    }
    return true;
}

/* Whether all parts are of the index page's own image, or it and they are the newest. */
static bool belongs_together(struct lookup *l)
{
    bool own = true, newest = l->kv->images[l->home].live;
    for (size_t i = 0; i < l->count; i++) {
        size_t image = l->sources[i].images[l->sources[i].chosen];
        own &= image == l->home;
        newest &= l->kv->images[image].live;
    }
    return own || newest;
}

static bool all_sound(const struct lookup *l)
{
    bool sound = l->kv->images[l->home].sound;
    for (size_t i = 0; i < l->count; i++)
        sound &= l->kv->images[l->sources[i].images[l->sources[i].chosen]].sound;
    return sound;
}

static bool is_live_name(const struct wtr_tuya_kv *kv, struct wtr_text name)
{
    struct wtr_tuya_kv_index index;
    uint16_t block;
    for (size_t i = 0; i < kv->count; i++)
        for (size_t p = 1; p < WTR_TUYA_KV_PAGES && kv->images[i].live; p++)
            if (kv->images[i].map & kv->images[i].shaped & UINT32_C(1) << p &&
                wtr_tuya_kv_index(kv->images[i].plain, p, &block, &index) && wtr_text_equal(index.name, name))
                return true;
    return false;
}

/* Whether the newest image of the block shows all the names that it has. */
static bool newest_is_whole(const struct wtr_tuya_kv *kv, uint16_t block)
{
    for (size_t i = 0; i < kv->count; i++)
        if (kv->images[i].block == block && kv->images[i].live)
            return kv->images[i].sound;
    return false;
}

/* Where damage may hide a name's index page, that it is gone is not said. */
static enum wtr_entry_state state_of(const struct lookup *l, size_t page)
{
    const struct wtr_tuya_kv_image *home = &l->kv->images[l->home];
    if (!home->mapped)
        return WTR_ENTRY_STALE;
    bool marked = home->map & UINT32_C(1) << page;
    if (marked && home->live)
        return WTR_ENTRY_LIVE;
    bool gone = home->live || newest_is_whole(l->kv, home->block);
    return gone && !is_live_name(l->kv, l->index->name) ? WTR_ENTRY_DELETED : WTR_ENTRY_SUPERSEDED;
}

/* A deleted value is older than the image that it is in, by how much is not known. */
static struct wtr_entry_order order_of(const struct lookup *l, size_t page, bool mixed, char scope[24])
{
    const struct wtr_tuya_kv_image *home = &l->kv->images[l->home];
    if (!home->mapped || !(home->map & UINT32_C(1) << page))
        return (struct wtr_entry_order){0};
    snprintf(scope, 24, "block %u", home->block);
    return (struct wtr_entry_order){.scope = wtr_text_z(scope),
                                    .sequence = home->generation,
                                    .has_sequence = true,
                                    .basis = mixed ? WTR_ORDER_PROBABLE : WTR_ORDER_EXACT};
}

static void read_index(struct lookup *l, size_t page)
{
    struct wtr_tuya_kv *kv = l->kv;
    const struct wtr_tuya_kv_image *home = &kv->images[l->home];
    char scope[24];
    bool complete = find_sources(l);
    bool holds = complete && choose(l);
    if (!complete || !gather(l, holds)) {
        kv->sink->finding(kv->sink->payload, kv->volume, home->at + page * PAGE, PAGE,
                          "parts of the value are in blocks that the store does not have");
        return;
    }
    struct wtr_entry entry = {.format = wtr_tuya_kv.name,
                              .volume = kv->volume->name,
                              .path = l->index->name,
                              .check = "sum32",
                              .encryption = wtr_tuya_kv.name,
                              .span = wtr_gather_span(&kv->gather, &kv->opening)};
    struct wtr_text value = wtr_text_of(entry.span.bytes, entry.span.length);
    entry.mixed = !belongs_together(l);
    entry.state = state_of(l, page);
    entry.order = order_of(l, page, entry.mixed, scope);
    bool ok = !entry.mixed && all_sound(l) && wtr_tuya_is_stored_text(value);
    entry.integrity = !holds ? WTR_INTEGRITY_FAILED : ok ? WTR_INTEGRITY_OK : WTR_INTEGRITY_WEAK;
    if (!holds)
        kv->sink->finding(kv->sink->payload, kv->volume, home->at + page * PAGE, PAGE,
                          "the sum of the value does not hold");
    kv->sink->entry(kv->sink->payload, &entry);
}

static void read_image(struct wtr_tuya_kv *kv, size_t i)
{
    struct wtr_tuya_kv_image *image = &kv->images[i];
    struct wtr_tuya_kv_index index;
    uint16_t block;
    for (size_t p = 1; p < WTR_TUYA_KV_PAGES; p++) {
        uint32_t bit = UINT32_C(1) << p;
        if (!(image->shaped & bit)) {
            if (image->mapped && image->map & bit)
                kv->sink->finding(kv->sink->payload, kv->volume, image->at + p * PAGE, PAGE,
                                  "the index page can't be read");
            continue;
        }
        image->used |= bit;
        if (wtr_tuya_kv_index(image->plain, p, &block, &index)) {
            struct lookup l = {.kv = kv, .index = &index, .home = i};
            read_index(&l, p);
        }
    }
}

void wtr_tuya_kv_values(struct wtr_tuya_kv *kv)
{
    for (size_t i = 0; i < kv->count; i++)
        read_image(kv, i);
}
