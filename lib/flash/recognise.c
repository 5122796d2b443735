/* SPDX-License-Identifier: Apache-2.0 */
/* The map of an image: every sector is shown to every format, partition tables are read, and what overlaps is
 * settled: what a table says or a check proves stays, what merely fits gives way to it, and of several that
 * merely fit all stay and are contested. */
#include "flash/recognise.h"

#include <stdlib.h>
#include <string.h>

/* A map in the making. */
struct survey {
    const struct wtr_flash_image *image;
    const struct wtr_flash_format *const *formats;
    const struct wtr_keyring *keys;
    struct wtr_flash_map *map;
    bool past, within; /* some partition lies past the image's end, some in it */
};

void wtr_flash_map_free(struct wtr_flash_map *map)
{
    free(map->list);
    *map = (struct wtr_flash_map){0};
}

const char *wtr_flash_oddity_words(enum wtr_flash_oddity oddity)
{
    switch (oddity) {
    case WTR_FLASH_REPEATS:
        return "the second half equals the first: the read went on past the chip's end, or was taken twice";
    case WTR_FLASH_SHORT:
        return "the partition table describes more than the dump holds";
    case WTR_FLASH_ODD_SIZE:
        return "the dump of a chip should have a power of two of bytes: part of it may be missing";
    case WTR_FLASH_ENCRYPTED:
        return "where code should stand the bytes are as even as cipher text: flash encryption fits "
               "(esp32-flash)";
    case WTR_FLASH_NOTHING:
        return "nothing is recognised in it";
    case WTR_FLASH_BLANK:
        return "every byte is the same: nothing is stored in it, or nothing was read";
    }
    return NULL;
}

static struct wtr_flash_found *add(struct wtr_flash_map *map, const struct wtr_flash_found *found)
{
    if (map->count == WTR_FLASH_MAX_VOLUMES) {
        map->full = true;
        return NULL;
    }
    if (map->count == map->capacity) {
        size_t capacity = map->capacity ? map->capacity * 2 : 32;
        struct wtr_flash_found *list = realloc(map->list, capacity * sizeof *list);
        if (!list) {
            map->failed = true;
            return NULL;
        }
        map->list = list;
        map->capacity = capacity;
    }
    map->list[map->count] = *found;
    return &map->list[map->count++];
}

/* ---- probing */

/* What the format finds at the sector; how far it need not look again is stored in *done. */
static void probe_one(struct survey *s, const struct wtr_flash_format *format, size_t at, size_t *done)
{
    const struct wtr_flash_image *image = s->image;
    struct wtr_flash_find find = format->probe(image->bytes, image->length, at, s->keys);
    if (find.bid == WTR_FLASH_NO || find.before > at || find.length == 0)
        return;
    size_t begin = at - find.before;
    size_t length = find.length < image->length - begin ? find.length : image->length - begin;
    add(s->map, &(struct wtr_flash_found){
                    .format = format, .at = begin, .length = length, .whole = find.length, .bid = find.bid});
    *done = begin + length > at ? begin + length : at + 1;
}

static void probe_all(struct survey *s)
{
    size_t done[WTR_FLASH_MAX_FORMATS] = {0};
    for (size_t at = 0; at < s->image->length; at += WTR_FLASH_SECTOR)
        for (size_t f = 0; s->formats[f] && f < WTR_FLASH_MAX_FORMATS; f++)
            if (s->formats[f]->probe && at >= done[f])
                probe_one(s, s->formats[f], at, &done[f]);
}

/* ---- partition tables */

static bool takes_type(const struct wtr_flash_format *format, const char *type)
{
    for (size_t i = 0; format->parts && format->parts[i]; i++)
        if (strcmp(format->parts[i], type) == 0)
            return true;
    return false;
}

static bool overlaps(const struct wtr_flash_found *a, const struct wtr_flash_found *b)
{
    return a->at < b->at + b->length && b->at < a->at + a->length;
}

/* The format that reads a partition of this type: the one of which something was found in it, the surest
 * first; else the one that bears the type's name; else the first that takes it. */
static const struct wtr_flash_format *format_for(const struct survey *s, const struct wtr_flash_found *part)
{
    const struct wtr_flash_format *best = NULL, *named = NULL, *first = NULL;
    enum wtr_flash_bid highest = WTR_FLASH_NO;
    for (size_t f = 0; s->formats[f] && part->type; f++) {
        const struct wtr_flash_format *format = s->formats[f];
        if (!takes_type(format, part->type))
            continue;
        first = first ? first : format;
        named = strcmp(format->name, part->type) == 0 ? format : named;
        for (size_t i = 0; i < s->map->count; i++) {
            const struct wtr_flash_found *found = &s->map->list[i];
            if (found->format == format && !found->from_table && overlaps(found, part) &&
                found->bid > highest) {
                highest = found->bid;
                best = format;
            }
        }
    }
    return best ? best : named ? named : first;
}

/* Finds of the partition's own format that begin in it are it. */
static void absorb(struct wtr_flash_map *map, const struct wtr_flash_found *part)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++) {
        const struct wtr_flash_found *found = &map->list[i];
        bool inside = !found->from_table && found->format == part->format && overlaps(found, part) &&
                      found->at >= part->at;
        if (!inside)
            map->list[kept++] = *found;
    }
    map->count = kept;
}

static bool is_listed(const struct wtr_flash_map *map, const struct wtr_flash_found *part)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->list[i].from_table && map->list[i].at == part->at && map->list[i].whole == part->whole)
            return true;
    return false;
}

/* A table's row, `payload` being the survey. A chip's first byte is the image's, or lies before the view. */
static void take_part(void *payload, const struct wtr_volume *volume, const struct wtr_part *part)
{
    struct survey *s = payload;
    (void)volume;
    const struct wtr_flash_image *image = s->image;
    bool past = part->at >= image->chip_at + image->length;
    s->past |= past || part->length > image->chip_at + image->length - part->at;
    s->within |= !past;
    if (past || part->at < image->chip_at || part->length == 0)
        return;
    struct wtr_flash_found found = {.at = (size_t)(part->at - image->chip_at),
                                    .whole = part->length,
                                    .bid = WTR_FLASH_CERTAIN,
                                    .from_table = true,
                                    .encrypted = part->encrypted,
                                    .type = part->type};
    size_t left = image->length - found.at;
    found.length = part->length < left ? (size_t)part->length : left;
    size_t label = part->label.length < WTR_FLASH_LABEL ? part->label.length : WTR_FLASH_LABEL;
    if (label)
        memcpy(found.label, part->label.data, label);
    if (is_listed(s->map, &found))
        return;
    found.format = format_for(s, &found);
    if (found.format)
        absorb(s->map, &found);
    add(s->map, &found);
}

static void no_entry(void *payload, const struct wtr_entry *entry)
{
    (void)payload, (void)entry;
}

static void no_finding(void *payload, const struct wtr_volume *volume, size_t at, size_t length,
                       const char *reason)
{
    (void)payload, (void)volume, (void)at, (void)length, (void)reason;
}

static void no_key(void *payload, const struct wtr_key_entry *key)
{
    (void)payload, (void)key;
}

/* Tables are few: what is found while they are read is added behind them. */
static void read_tables(struct survey *s)
{
    const struct wtr_flash_sink sink = {
        .payload = s, .entry = no_entry, .finding = no_finding, .part = take_part, .key = no_key};
    struct wtr_flash_found tables[16];
    size_t count = 0;
    for (size_t i = 0; i < s->map->count && count < sizeof tables / sizeof *tables; i++)
        if (strcmp(s->map->list[i].format->name, "partition-table") == 0)
            tables[count++] = s->map->list[i];
    for (size_t i = 0; i < count; i++) {
        struct wtr_piece piece = {.length = tables[i].length, .offset = tables[i].at};
        struct wtr_volume volume = {
            .name = WTR_TEXT("partition-table"),
            .offset = s->image->chip_at + tables[i].at,
            .span = {s->image->bytes + tables[i].at, tables[i].length, &piece, 1, NULL},
            .keys = s->keys};
        tables[i].format->read(&volume, &sink);
    }
}

/* ---- overlaps */

static int compare(const void *a, const void *b)
{
    const struct wtr_flash_found *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->length != y->length)
        return x->length > y->length ? -1 : 1;
    const char *names[2] = {x->format ? x->format->name : "", y->format ? y->format->name : ""};
    return strcmp(names[0], names[1]);
}

/* Whether something surer that is of another format lies over it. A partition that nothing reads says nothing
 * of what is in it. */
static bool gives_way(const struct wtr_flash_map *map, const struct wtr_flash_found *found)
{
    for (size_t i = 0; found->bid == WTR_FLASH_MAYBE && i < map->count; i++) {
        const struct wtr_flash_found *other = &map->list[i];
        if (other->format && other->format != found->format && other->bid == WTR_FLASH_CERTAIN &&
            overlaps(other, found))
            return true;
    }
    return false;
}

static void settle(struct wtr_flash_map *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++)
        map->list[i].contested = gives_way(map, &map->list[i]); /* for a moment: it goes */
    for (size_t i = 0; i < map->count; i++)
        if (!map->list[i].contested)
            map->list[kept++] = map->list[i];
    map->count = kept;
    for (size_t i = 0; i < map->count; i++)
        for (size_t j = 0; map->list[i].bid == WTR_FLASH_MAYBE && j < map->count; j++)
            if (map->list[j].bid == WTR_FLASH_MAYBE && map->list[j].format != map->list[i].format &&
                overlaps(&map->list[i], &map->list[j]))
                map->list[i].contested = true;
    if (map->count)
        qsort(map->list, map->count, sizeof *map->list, compare);
}

/* ---- what it is */

static bool names_kind(const char *list, const char *kind)
{
    static const char between[] = " or ";
    size_t length = strlen(kind);
    for (const char *at = list; *at;) {
        const char *end = strstr(at, between);
        size_t here = end ? (size_t)(end - at) : strlen(at);
        if (here == length && memcmp(at, kind, length) == 0)
            return true;
        at += here + (end ? sizeof between - 1 : 0);
    }
    return false;
}

static void put_kind(struct wtr_flash_map *map, const char *kind)
{
    size_t have = strlen(map->kind), more = strlen(kind);
    if (names_kind(map->kind, kind) || have + more + 5 >= sizeof map->kind)
        return;
    memcpy(map->kind + have, " or ", have ? 4 : 0);
    memcpy(map->kind + have + (have ? 4 : 0), kind, more + 1);
}

/* Chips by what certain volumes show. Two that differ are both named. */
static void name_kind(struct survey *s)
{
    struct wtr_flash_map *map = s->map;
    for (size_t i = 0; i < map->count; i++) {
        const struct wtr_flash_found *found = &map->list[i];
        if (!found->format || !found->format->kind || found->length == 0)
            continue;
        struct wtr_piece piece = {.length = found->length, .offset = found->at};
        struct wtr_volume volume = {.label = wtr_text_z(found->label),
                                    .offset = s->image->chip_at + found->at,
                                    .span = {s->image->bytes + found->at, found->length, &piece, 1, NULL},
                                    .keys = s->keys};
        const char *kind = found->format->kind(&volume);
        if (kind)
            put_kind(map, kind);
    }
    if (map->kind[0])
        return;
    size_t read = 0;
    for (size_t i = 0; i < map->count; i++)
        read += map->list[i].format != NULL;
    const struct wtr_flash_image *image = s->image;
    bool alone = map->count == 1 && map->list[0].format && map->list[0].at == 0 && image->ends;
    if (alone && wtr_flash_is_blank(image->bytes + map->list[0].length, image->length - map->list[0].length))
        put_kind(map, "partition");
    else
        put_kind(map, read ? "storage" : map->oddities & WTR_FLASH_ENCRYPTED ? "encrypted" : "unknown");
}

static bool is_power_of_two(size_t n)
{
    return n && (n & (n - 1)) == 0;
}

static size_t count_even(const struct wtr_flash_image *image, size_t from, size_t length, size_t *written)
{
    size_t even = 0;
    *written = 0;
    for (size_t at = from; at + WTR_FLASH_SECTOR <= from + length; at += WTR_FLASH_SECTOR) {
        if (wtr_flash_is_blank(image->bytes + at, WTR_FLASH_SECTOR))
            continue;
        ++*written;
        even += wtr_flash_is_even(image->bytes + at, WTR_FLASH_SECTOR);
    }
    return even;
}

/* Code that is cipher text: of a partition that should hold an image and does not begin with one, or of
 * a whole chip in which nothing is recognised. Nine of ten sectors that are not blank, of which there are
 * sixteen. */
static void look_for_cipher(struct survey *s)
{
    struct wtr_flash_map *map = s->map;
    size_t written;
    size_t even;
    for (size_t i = 0; i < map->count; i++) {
        struct wtr_flash_found *found = &map->list[i];
        bool code = found->from_table && found->type && strcmp(found->type, "app") == 0 && found->length;
        if (!code || s->image->bytes[found->at] == 0xe9)
            continue;
        even = count_even(s->image, found->at, found->length, &written);
        found->encrypted |= written >= 16 && even * 10 >= written * 9;
        map->oddities |= found->encrypted ? WTR_FLASH_ENCRYPTED : 0;
    }
    bool chip = s->image->chip_at == 0 && s->image->length >= (size_t)256 << 10 &&
                s->image->length % WTR_FLASH_SECTOR == 0;
    if (map->count || !chip)
        return;
    even = count_even(s->image, 0, s->image->length, &written);
    if (written >= 16 && even * 10 >= written * 9)
        map->oddities |= WTR_FLASH_ENCRYPTED;
}

static bool is_chip(const struct wtr_flash_map *map)
{
    static const char *const others[] = {"partition", "storage", "unknown", "encrypted", WTR_FLASH_BACKUP};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(map->kind, others[i]) == 0)
            return false;
    return true;
}

static void clear(struct wtr_flash_map *map)
{
    map->count = 0;
    map->oddities = 0;
    map->failed = map->full = false;
    map->kind[0] = '\0';
}

void wtr_flash_recognise_inside(const struct wtr_span *span, const struct wtr_part *part,
                                const struct wtr_flash_format *const *formats, const struct wtr_keyring *keys,
                                struct wtr_flash_map *map)
{
    const struct wtr_flash_image image = {span->bytes, span->length, 0, true};
    const struct wtr_part whole = {.label = part->label, .type = part->type, .length = span->length};
    struct survey s = {.image = &image, .formats = formats, .keys = keys, .map = map};
    clear(map);
    probe_all(&s);
    if (part->type)
        take_part(&s, NULL, &whole);
    settle(map);
}

void wtr_flash_recognise(const struct wtr_flash_image *image, const struct wtr_flash_format *const *formats,
                         const struct wtr_keyring *keys, struct wtr_flash_map *map)
{
    struct survey s = {.image = image, .formats = formats, .keys = keys, .map = map};
    clear(map);
    if (wtr_flash_is_blank(image->bytes, image->length))
        map->oddities |= WTR_FLASH_BLANK;
    else
        probe_all(&s);
    read_tables(&s);
    if (image->ends && s.past && s.within) /* a table alone describes what nobody read */
        map->oddities |= WTR_FLASH_SHORT;
    settle(map);
    look_for_cipher(&s);
    name_kind(&s);
    if (map->count == 0)
        map->oddities |= WTR_FLASH_NOTHING;
    if (is_chip(map) && image->ends && !is_power_of_two(image->length + (size_t)image->chip_at))
        map->oddities |= WTR_FLASH_ODD_SIZE;
}
