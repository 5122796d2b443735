/* SPDX-License-Identifier: Apache-2.0 */
/* FAT12 and FAT16 as a store of entries: the files, and the deleted ones whose slots are left.
 *
 * Nothing has a checksum. Deleting a file frees its clusters in the allocation table, so that of a deleted
 * one only the first cluster and the length are known: its content is taken to lie in one run, is given only
 * while all of that run is free, and is said to be mixed since others may have used it in between. Slots are
 * used again where they are free: they show no order. Times are the device's wall clock without a zone, and
 * are handed on as they stand. */
#include "flash/fat.h"

#include "flash/formats.h"
#include "flash/gather.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/map.h"

#include <stdlib.h>

enum {
    AT_ATTRIBUTES = 11,
    AT_CREATED_TIME = 14,
    AT_CREATED_DATE = 16,
    AT_WRITTEN_TIME = 22,
    AT_WRITTEN_DATE = 24,
    AT_CLUSTER = 26,
    AT_SIZE = 28,
    MAX_PATH = 1024,
    MAX_DIRECTORIES = 4096,
};

struct directory {
    struct wtr_text path; /* with a closing '/'; the root's is empty */
    uint32_t cluster;     /* 0: the root */
};

struct reader {
    struct wtr_fat_shape shape;
    const struct wtr_volume *volume;
    const struct wtr_flash_sink *sink;
    struct directory *directories;
    size_t count;
    uint8_t *visited; /* clusters of directories */
    struct wtr_arena paths;
    struct wtr_fat_long long_name;
    struct wtr_gather value;
    struct wtr_gather_budget budget;
    struct wtr_buffer path;
    bool uncertain; /* the wear levelling's state is lost: sectors may be elsewhere */
    bool tables_differ;
    bool ended; /* the dump has not all of the file system */
};

static void find(struct reader *r, size_t at, size_t length, const char *reason)
{
    size_t together, place = wtr_fat_place(&r->shape, at, &together);
    if (place == SIZE_MAX)
        r->ended = true;
    else
        r->sink->finding(r->sink->payload, r->volume, place, length < together ? length : together, reason);
}

/* ---- contents */

static bool gather_run(struct reader *r, size_t at, size_t length)
{
    while (length > 0) {
        size_t together, place = wtr_fat_place(&r->shape, at, &together);
        if (place == SIZE_MAX) {
            r->ended = true;
            return false;
        }
        size_t take = length < together ? length : together;
        if (!wtr_gather_add(&r->value, &r->volume->span, place, take))
            return false;
        at += take;
        length -= take;
    }
    return true;
}

/* Which clusters a table gave, and whether the other table gives the same. */
struct chain {
    size_t table;
    uint64_t clusters; /* a number for all of them */
    bool agrees;
};

/* Follows one allocation table. False: it ends too early, or too late, or leads astray. */
static bool gather_chain(struct reader *r, struct chain *chain, uint32_t cluster, size_t size)
{
    uint32_t end = r->shape.wide ? 0xfff8 : 0xff8;
    size_t left = size;
    wtr_gather_clear(&r->value);
    if (size == 0)
        return cluster == 0;
    for (size_t n = 0; n < r->shape.clusters; n++) {
        size_t take = left < r->shape.cluster ? left : r->shape.cluster;
        if (!wtr_fat_is_cluster(&r->shape, cluster) ||
            !gather_run(r, wtr_fat_cluster_at(&r->shape, cluster), take))
            return false;
        left -= take;
        chain->clusters = wtr_mix64(chain->clusters ^ cluster);
        chain->agrees = chain->agrees && wtr_fat_agrees(&r->shape, cluster);
        cluster = wtr_fat_next(&r->shape, chain->table, cluster);
        if (left == 0)
            return cluster >= end;
    }
    return false;
}

/* Where the tables differ, the one counts that leads to a whole file; if both do, they must lead to the same.
 */
static bool gather_file(struct reader *r, uint32_t cluster, size_t size)
{
    struct chain first = {.table = 0, .agrees = true}, second = {.table = 1, .agrees = true};
    if (!wtr_gather_take(&r->budget, size))
        return false;
    bool one = gather_chain(r, &first, cluster, size);
    if (first.agrees)
        return one;
    r->tables_differ = true;
    bool two = gather_chain(r, &second, cluster, size);
    if (one == two)
        return one && first.clusters == second.clusters;
    return two || gather_chain(r, &first, cluster, size);
}

/* A deleted file's run of clusters, if none of them is in use. */
static bool gather_free(struct reader *r, uint32_t cluster, size_t size)
{
    size_t n = (size + r->shape.cluster - 1) / r->shape.cluster;
    if (size == 0)
        return true;
    if (!wtr_fat_is_cluster(&r->shape, cluster) || n > r->shape.clusters - cluster)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (wtr_fat_next(&r->shape, 0, cluster + (uint32_t)i) != 0)
            return false;
        r->tables_differ = r->tables_differ || !wtr_fat_agrees(&r->shape, cluster + (uint32_t)i);
    }
    return wtr_gather_take(&r->budget, size) && gather_run(r, wtr_fat_cluster_at(&r->shape, cluster), size);
}

/* ---- slots */

static void add_directory(struct reader *r, uint32_t cluster)
{
    if (!wtr_fat_is_cluster(&r->shape, cluster) || r->visited[cluster] || r->count == MAX_DIRECTORIES ||
        r->path.length + 1 > MAX_PATH) {
        if (wtr_fat_is_cluster(&r->shape, cluster))
            find(r, wtr_fat_cluster_at(&r->shape, cluster), r->shape.cluster,
                 "a directory that is in two places, or one too many");
        return;
    }
    r->visited[cluster] = 1;
    wtr_put_char(&r->path, '/');
    r->directories[r->count++] =
        (struct directory){wtr_arena_copy(&r->paths, wtr_buffer_text(&r->path)), cluster};
}

static void hand_on(struct reader *r, const uint8_t *slot, bool deleted)
{
    bool directory = slot[AT_ATTRIBUTES] & WTR_FAT_ATTR_DIRECTORY;
    uint32_t cluster = wtr_le16(slot + AT_CLUSTER), size = wtr_le32(slot + AT_SIZE);
    struct wtr_fat_times times = {wtr_le16(slot + AT_WRITTEN_DATE), wtr_le16(slot + AT_WRITTEN_TIME),
                                  wtr_le16(slot + AT_CREATED_DATE), wtr_le16(slot + AT_CREATED_TIME)};
    wtr_gather_clear(&r->value);
    bool fits = directory || (deleted ? gather_free(r, cluster, size) : gather_file(r, cluster, size));
    if (!fits && deleted)
        wtr_gather_clear(&r->value);
    struct wtr_entry entry = {.format = wtr_flash_fat.name,
                              .volume = r->volume->name,
                              .path = wtr_buffer_text(&r->path),
                              .type = directory ? "dir" : "file",
                              .state = deleted ? WTR_ENTRY_DELETED : WTR_ENTRY_LIVE,
                              .integrity = fits && !r->uncertain ? WTR_INTEGRITY_NONE : WTR_INTEGRITY_FAILED,
                              .check = !fits          ? "fat"
                                       : r->uncertain ? "wear levelling"
                                                      : NULL,
                              .mixed = deleted && !directory,
                              .span = wtr_gather_span(&r->value, r->volume->span.opening),
                              .body = &times};
    r->sink->entry(r->sink->payload, &entry);
    if (directory && !deleted)
        add_directory(r, cluster);
}

/* One slot of a directory. False: the directory ends here. */
static bool read_slot(struct reader *r, const struct directory *d, const uint8_t *slot)
{
    char name[WTR_FAT_NAME_MAX];
    uint8_t attributes = slot[AT_ATTRIBUTES];
    if (slot[0] == 0)
        return false;
    if ((attributes & 0x3f) == WTR_FAT_ATTR_LONG) {
        wtr_fat_long_part(&r->long_name, slot);
        return true;
    }
    bool deleted = slot[0] == WTR_FAT_DELETED;
    if (slot[0] != '.' && !(attributes & WTR_FAT_ATTR_VOLUME) && (attributes & 0xc0) == 0) {
        wtr_buffer_clear(&r->path);
        wtr_put_text(&r->path, d->path);
        wtr_put_text(&r->path, wtr_fat_name(&r->long_name, slot, name));
        hand_on(r, slot, deleted);
    }
    r->long_name = (struct wtr_fat_long){0};
    return true;
}

/* Reads `count` slots at `at` of the file system. False: the directory ended. */
static bool read_slots(struct reader *r, size_t directory, size_t at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t together, place = wtr_fat_place(&r->shape, at + i * WTR_FAT_SLOT, &together);
        if (place == SIZE_MAX || together < WTR_FAT_SLOT) {
            r->ended = true;
            return false;
        }
        struct directory d = r->directories[directory];
        if (!read_slot(r, &d, r->shape.bytes + place))
            return false;
    }
    return true;
}

/* A directory has no length: where the tables differ, the one that leads to a cluster is followed. */
static uint32_t next_of_directory(struct reader *r, uint32_t cluster)
{
    uint32_t next = wtr_fat_next(&r->shape, 0, cluster);
    if (wtr_fat_agrees(&r->shape, cluster))
        return next;
    r->tables_differ = true;
    return wtr_fat_is_cluster(&r->shape, next) ? next : wtr_fat_next(&r->shape, 1, cluster);
}

/* A directory below the root begins with a slot for itself. */
static bool is_directory(const struct reader *r, uint32_t cluster)
{
    size_t together, place = wtr_fat_place(&r->shape, wtr_fat_cluster_at(&r->shape, cluster), &together);
    return place != SIZE_MAX && together >= WTR_FAT_SLOT && r->shape.bytes[place] == '.' &&
           r->shape.bytes[place + 1] == ' ' && wtr_le16(r->shape.bytes + place + AT_CLUSTER) == cluster;
}

static void read_directory(struct reader *r, size_t i)
{
    uint32_t cluster = r->directories[i].cluster;
    r->long_name = (struct wtr_fat_long){0};
    if (cluster == 0) {
        read_slots(r, i, r->shape.root, r->shape.root_slots);
        return;
    }
    if (!is_directory(r, cluster)) {
        find(r, wtr_fat_cluster_at(&r->shape, cluster), r->shape.cluster,
             "no directory, although one refers to it");
        return;
    }
    for (size_t n = 0; n < r->shape.clusters; n++) {
        if (!read_slots(r, i, wtr_fat_cluster_at(&r->shape, cluster), r->shape.cluster / WTR_FAT_SLOT))
            return;
        cluster = next_of_directory(r, cluster);
        if (!wtr_fat_is_cluster(&r->shape, cluster) || r->visited[cluster])
            return;
        r->visited[cluster] = 1;
    }
}

static void report(struct reader *r)
{
    const struct wtr_flash_sink *sink = r->sink;
    size_t length = r->volume->span.length;
    if (r->tables_differ)
        find(r, r->shape.table, r->shape.table_length, "the allocation table and its copy differ");
    if (r->shape.has_wear && r->shape.wear.torn)
        sink->finding(sink->payload, r->volume, (r->shape.wear.sectors + 1) * WTR_FLASH_SECTOR,
                      WTR_FLASH_SECTOR, "the two states of wear levelling differ");
    if (r->budget.spent)
        sink->finding(sink->payload, r->volume, 0, length, "more contents than are handed on");
    if (r->ended)
        sink->finding(sink->payload, r->volume, length, 0, "the dump ends before the file system does");
    if (r->shape.doubtful)
        sink->finding(sink->payload, r->volume, 0, length,
                      "boot sector and allocation tables contradict each other");
    else if (r->uncertain)
        sink->finding(sink->payload, r->volume, 0, length,
                      "no state of wear levelling: sectors may stand in other places");
}

static void read_volume(const struct wtr_volume *volume, const struct wtr_flash_sink *sink)
{
    struct reader r = {.volume = volume, .sink = sink, .budget = wtr_gather_budget_of(volume->span.length)};
    if (!wtr_fat_shape_of(&r.shape, volume->span.bytes, volume->span.length)) {
        sink->finding(sink->payload, volume, 0, volume->span.length, "no boot sector of FAT12 or FAT16");
        return;
    }
    /* A file system that does not fill its volume to the last sector stood on wear levelling. */
    r.uncertain = r.shape.doubtful;
    r.uncertain |= !r.shape.has_wear && (r.shape.total > volume->span.length ||
                                         volume->span.length - r.shape.total >= (size_t)4 * WTR_FLASH_SECTOR);
    r.directories = malloc(MAX_DIRECTORIES * sizeof *r.directories);
    r.visited = calloc(r.shape.clusters, 1);
    if (r.directories && r.visited) {
        r.directories[r.count++] = (struct directory){0};
        for (size_t i = 0; i < r.count; i++)
            read_directory(&r, i);
        report(&r);
    }
    free(r.directories);
    free(r.visited);
    wtr_arena_free(&r.paths);
    wtr_gather_free(&r.value);
    wtr_buffer_free(&r.path);
}

/* The boot sector is the file system's first sector, which wear levelling may have put anywhere. */
static struct wtr_flash_find probe(const uint8_t *image, size_t length, size_t at,
                                   const struct wtr_keyring *keys)
{
    struct wtr_fat_shape shape;
    struct wtr_wear wear;
    (void)keys;
    if (!wtr_fat_boot(&shape, image, length, at))
        return (struct wtr_flash_find){0};
    size_t reach = at + shape.total + (size_t)4 * WTR_FLASH_SECTOR;
    if (wtr_wear_find(&wear, image, length, at + WTR_FLASH_SECTOR, reach) && wear.start <= at &&
        wtr_wear_place(&wear, 0) == at)
        return (struct wtr_flash_find){WTR_FLASH_CERTAIN, at - wear.start,
                                       (wear.end < length ? wear.end : length) - wear.start};
    bool certain = wtr_fat_next(&shape, 0, 0) == (shape.wide ? 0xff00u : 0xf00u) + image[at + 21] &&
                   wtr_fat_agrees(&shape, 0);
    size_t size = shape.total < length - at ? shape.total : length - at;
    return (struct wtr_flash_find){certain ? WTR_FLASH_CERTAIN : WTR_FLASH_MAYBE, 0, size};
}

static const char *const parts[] = {"fat", NULL};

const struct wtr_flash_format wtr_flash_fat = {
    .name = "fat", .probe = probe, .parts = parts, .read = read_volume};
