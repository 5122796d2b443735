/* SPDX-License-Identifier: Apache-2.0 */
/* LittleFS 2: from a metadata block's tags to the versions of its files. Ids are positions: creating a file
 * moves those behind it up, deleting one moves them down, so that tags must be followed in their order.
 * Facts: SPEC.md, "Metadata types". */
#include "flash/littlefs.h"

#include "base/bytes.h"

#include <stdlib.h>

enum { NO_OBJECT = -1, NO_VERSION = -1, ATTR_TIME = 't' };

/* A file from its creation to its end. */
struct wtr_lfs_object {
    uint32_t name_at;
    uint16_t name_length;
    uint16_t kind;
    bool named;
    bool name_sound;
    int last; /* its newest version */
    bool has_time;
    uint32_t time_commit;
    int64_t time;
    uint32_t end_commit;
    size_t end_count; /* versions that there were when it was deleted */
};

struct follower {
    const uint8_t *bytes;
    struct wtr_lfs_object *objects;
    size_t object_count;
    int ids[WTR_LFS_IDS]; /* object of each id */
    size_t id_count;
    struct wtr_lfs_history *history;
    bool late; /* behind the last sound commit: nothing there has an effect */
};

static void insert_id(struct follower *f, size_t id)
{
    if (f->id_count == WTR_LFS_IDS || id > f->id_count)
        return;
    memmove(f->ids + id + 1, f->ids + id, (f->id_count - id) * sizeof f->ids[0]);
    f->ids[id] = NO_OBJECT;
    f->id_count++;
}

/* Ids may be used without having been created: a block's first commit often does. */
static void reach_id(struct follower *f, size_t id)
{
    while (f->id_count <= id)
        f->ids[f->id_count++] = NO_OBJECT;
}

static void end_object(struct follower *f, const struct wtr_lfs_tag *tag)
{
    if (tag->id >= f->id_count)
        return;
    int object = f->ids[tag->id];
    if (object != NO_OBJECT && f->objects[object].last != NO_VERSION && !f->late) {
        f->history->versions[f->objects[object].last].deleted = true;
        f->objects[object].end_commit = tag->commit;
        f->objects[object].end_count = f->history->count;
    }
    f->id_count--;
    memmove(f->ids + tag->id, f->ids + tag->id + 1, (f->id_count - tag->id) * sizeof f->ids[0]);
}

static struct wtr_lfs_object *object_of(struct follower *f, const struct wtr_lfs_tag *tag)
{
    reach_id(f, tag->id);
    if (f->ids[tag->id] == NO_OBJECT) {
        f->ids[tag->id] = (int)f->object_count;
        f->objects[f->object_count++] = (struct wtr_lfs_object){.last = NO_VERSION};
    }
    return &f->objects[f->ids[tag->id]];
}

static void name_object(struct follower *f, const struct wtr_lfs_tag *tag)
{
    struct wtr_lfs_object *object = object_of(f, tag);
    object->name_at = tag->at;
    object->name_length = tag->length;
    object->kind = tag->type;
    object->named = true;
    object->name_sound = tag->sound;
}

/* After a damaged commit a directory's struct and a file's can't be told apart but by the kind of the name.
 */
static bool fits_kind(const struct wtr_lfs_object *object, const struct wtr_lfs_tag *tag)
{
    return object->kind == WTR_LFS_DIR ? tag->type == WTR_LFS_DIRSTRUCT : tag->type != WTR_LFS_DIRSTRUCT;
}

static void add_version(struct follower *f, const struct wtr_lfs_tag *tag)
{
    struct wtr_lfs_object *object = object_of(f, tag);
    struct wtr_lfs_history *h = f->history;
    if (object->last != NO_VERSION && !f->late)
        h->versions[object->last].last = false;
    if (tag->gone || !object->named || !fits_kind(object, tag) ||
        (tag->type != WTR_LFS_INLINE && tag->length != 8))
        return;
    object->last = (int)h->count;
    h->versions[h->count++] = (struct wtr_lfs_version){
        .commit = tag->commit,
        .name_at = object->name_at,
        .at = tag->at,
        .name_length = object->name_length,
        .length = tag->length,
        .kind = object->kind,
        .shape = tag->type,
        .sound = tag->sound && object->name_sound,
        .last = true,
        .late = f->late,
        .dated = object->has_time && object->time_commit == tag->commit && tag->commit > 0,
        .time = object->time,
        .object = (uint32_t)(object - f->objects),
    };
}

static void date_object(struct follower *f, const struct wtr_lfs_tag *tag)
{
    struct wtr_lfs_object *object = object_of(f, tag);
    object->has_time = !tag->gone && !tag->alone && tag->sound && (tag->length == 4 || tag->length == 8);
    if (!object->has_time)
        return;
    object->time =
        tag->length == 4 ? (int64_t)wtr_le32(f->bytes + tag->at) : (int64_t)wtr_le64(f->bytes + tag->at);
    object->has_time = object->time > 0;
    object->time_commit = tag->commit;
    if (object->last == NO_VERSION || f->history->versions[object->last].commit != tag->commit ||
        tag->commit == 0)
        return;
    f->history->versions[object->last].dated = object->has_time;
    f->history->versions[object->last].time = object->time;
}

static void follow_global(struct follower *f, const struct wtr_lfs_tag *tag)
{
    struct wtr_lfs_history *h = f->history;
    if (tag->type == WTR_LFS_SOFTTAIL || tag->type == WTR_LFS_HARDTAIL) {
        h->has_tail = !tag->gone && tag->length == 8 && tag->sound;
        h->tail_type = tag->type;
        for (size_t i = 0; i < 2 && h->has_tail; i++)
            h->tail[i] = wtr_le32(f->bytes + tag->at + 4 * i);
    } else if (tag->type == WTR_LFS_MOVESTATE) {
        h->has_move = !tag->gone && tag->length == sizeof h->move && tag->sound;
        if (h->has_move)
            memcpy(h->move, f->bytes + tag->at, sizeof h->move);
    }
}

static void follow(struct follower *f, const struct wtr_lfs_tag *tag)
{
    if (tag->id >= WTR_LFS_IDS) {
        if (!f->late)
            follow_global(f, tag);
    } else if (tag->type == WTR_LFS_CREATE) {
        if (tag->id > 0)
            reach_id(f, tag->id - 1u);
        insert_id(f, tag->id);
    } else if (tag->type == WTR_LFS_DELETE) {
        end_object(f, tag);
    } else if (tag->type >> 8 == 0) {
        name_object(f, tag);
    } else if (tag->type >> 8 == WTR_LFS_DIRSTRUCT >> 8) {
        add_version(f, tag);
    } else if (tag->type == WTR_LFS_ATTR + ATTR_TIME && !f->late) {
        date_object(f, tag);
    }
}

/* What is still there keeps its id and has the file's last time. */
static void finish(struct follower *f)
{
    for (size_t id = 0; id < f->id_count; id++) {
        if (f->ids[id] == NO_OBJECT || f->objects[f->ids[id]].last == NO_VERSION)
            continue;
        const struct wtr_lfs_object *object = &f->objects[f->ids[id]];
        struct wtr_lfs_version *version = &f->history->versions[object->last];
        version->id = (uint16_t)id;
        version->dated = object->has_time;
        version->time = object->time;
    }
}

/* Whether the version was written in that commit under the name of the one that is gone. */
static bool takes_name(const struct follower *f, const struct wtr_lfs_version *version, uint32_t commit,
                       const struct wtr_lfs_version *gone)
{
    return version->commit == commit && version->object != gone->object &&
           version->name_length == gone->name_length &&
           memcmp(f->bytes + version->name_at, f->bytes + gone->name_at, gone->name_length) == 0;
}

/* A file that took a deleted one's name in the same commit replaced it. */
static void see_renames(struct follower *f)
{
    struct wtr_lfs_history *h = f->history;
    for (size_t i = 0; i < h->count; i++) {
        struct wtr_lfs_version *gone = &h->versions[i];
        const struct wtr_lfs_object *object = &f->objects[gone->object];
        if (!gone->deleted)
            continue;
        for (size_t k = object->end_count; k > 0 && h->versions[k - 1].commit == object->end_commit; k--)
            gone->renamed = gone->renamed || takes_name(f, &h->versions[k - 1], object->end_commit, gone);
        for (size_t k = object->end_count; k < h->count && h->versions[k].commit == object->end_commit; k++)
            gone->renamed = gone->renamed || takes_name(f, &h->versions[k], object->end_commit, gone);
    }
}

bool wtr_lfs_history(const uint8_t *bytes, const struct wtr_lfs_block *block, struct wtr_lfs_scratch *scratch,
                     struct wtr_lfs_history *history)
{
    struct wtr_lfs_version *versions = history->versions;
    *history = (struct wtr_lfs_history){.versions = versions};
    if (scratch->room < block->count + 1) {
        struct wtr_lfs_object *objects = realloc(scratch->objects, (block->count + 1) * sizeof *objects);
        if (!objects)
            return false;
        scratch->objects = objects;
        scratch->room = block->count + 1;
    }
    struct follower f = {.bytes = bytes, .objects = scratch->objects, .history = history};
    for (size_t i = 0; i < block->trusted; i++)
        follow(&f, &block->tags[i]);
    finish(&f);
    see_renames(&f);
    f.late = true;
    for (size_t i = block->trusted; i < block->count; i++)
        follow(&f, &block->tags[i]);
    return true;
}
