/* SPDX-License-Identifier: Apache-2.0 */
/* Joining notes to the statements that they are about: both come sorted by the same key. */
#include "timeline/note.h"

#include <stdlib.h>

/* Items in order, and the one that comes next. */
struct queue {
    struct wtr_sorted *sorted; /* NULL: none */
    bool has_head;
    struct wtr_key key;
    struct wtr_text packed;
};

struct wtr_joined {
    struct queue items;
    struct queue derived;
    struct queue *taken; /* whose head was handed out last */
    struct wtr_sorted *notes;
    struct wtr_note note;
    bool has_note;
};

const char *wtr_copy_name(enum wtr_copy copy)
{
    static const char *const names[] = {
        [WTR_COPY_RELAY] = "relay",
        [WTR_COPY_RETRANSMISSION] = "retransmission",
        [WTR_COPY_REPEAT] = "repeat",
        [WTR_COPY_VANTAGE] = "vantage",
    };
    return names[copy];
}

/* What is kept of a note under its key; of one that drops its statement, nothing. */
struct kept {
    struct wtr_origin origin;
    uint64_t flow;
    uint32_t source;
    uint8_t type;
    uint8_t copy;
    uint8_t leg;
};

enum wtr_status wtr_note_add(struct wtr_sorter *notes, const struct wtr_note *note)
{
    const struct kept kept = {.origin = note->origin,
                              .flow = note->flow,
                              .source = note->source,
                              .type = note->type,
                              .copy = note->copy,
                              .leg = note->leg};
    size_t length = note->type == WTR_NOTE_DROP ? 0 : sizeof kept;
    return wtr_sorter_add(notes, &note->about, wtr_text_of(&kept, length));
}

bool wtr_note_take(const struct wtr_key *about, struct wtr_text record, struct wtr_note *note)
{
    struct kept kept = {.type = WTR_NOTE_DROP};
    if (record.length == sizeof kept)
        memcpy(&kept, record.data, sizeof kept);
    *note = (struct wtr_note){.about = *about,
                              .origin = kept.origin,
                              .flow = kept.flow,
                              .source = kept.source,
                              .type = kept.type,
                              .copy = kept.copy,
                              .leg = kept.leg};
    return record.length == sizeof kept || record.length == 0;
}

static enum wtr_status next_note(struct wtr_joined *j)
{
    const void *key;
    struct wtr_text record;
    enum wtr_status status = wtr_sorted_next(j->notes, &key, &record);
    struct wtr_key about;
    j->has_note = status == WTR_OK;
    if (j->has_note) {
        memcpy(&about, key, sizeof about);
        j->has_note = wtr_note_take(&about, record, &j->note);
    }
    return status == WTR_END ? WTR_OK : status;
}

static enum wtr_status advance(struct queue *q)
{
    const void *key;
    enum wtr_status status = wtr_sorted_next(q->sorted, &key, &q->packed);
    q->has_head = status == WTR_OK;
    if (q->has_head)
        memcpy(&q->key, key, sizeof q->key);
    return status == WTR_END ? WTR_OK : status;
}

static enum wtr_status open_queue(struct queue *q, struct wtr_sorter *sorter)
{
    enum wtr_status status = sorter ? wtr_sorted_open(&q->sorted, sorter) : WTR_OK;
    return sorter && status == WTR_OK ? advance(q) : status;
}

enum wtr_status wtr_joined_open(struct wtr_joined **joined, struct wtr_sorter *items,
                                struct wtr_sorter *notes, struct wtr_sorter *derived)
{
    struct wtr_joined *j = calloc(1, sizeof *j);
    if (!j)
        return WTR_E_MEMORY;
    enum wtr_status status = open_queue(&j->items, items);
    if (status == WTR_OK)
        status = open_queue(&j->derived, derived);
    if (status == WTR_OK)
        status = wtr_sorted_open(&j->notes, notes);
    if (status == WTR_OK)
        status = next_note(j);
    if (status != WTR_OK) {
        wtr_joined_close(j);
        return status;
    }
    *joined = j;
    return WTR_OK;
}

void wtr_joined_close(struct wtr_joined *j)
{
    if (!j)
        return;
    wtr_sorted_close(j->items.sorted);
    wtr_sorted_close(j->derived.sorted);
    wtr_sorted_close(j->notes);
    free(j);
}

static void keep_note(struct wtr_joined_item *item, const struct wtr_note *note)
{
    if (note->type == WTR_NOTE_DROP)
        item->dropped = true;
    else if (item->note_count < WTR_JOINED_NOTES)
        item->notes[item->note_count++] = *note;
    else
        item->more_notes++;
}

/* The next item of both queues; WTR_END after the last. What was handed out last is let go. */
static enum wtr_status take_next(struct wtr_joined *j, struct wtr_joined_item *item)
{
    enum wtr_status status = j->taken ? advance(j->taken) : WTR_OK;
    bool first =
        j->items.has_head && (!j->derived.has_head || wtr_key_compare(&j->items.key, &j->derived.key) <= 0);
    j->taken = first ? &j->items : j->derived.has_head ? &j->derived : NULL;
    if (status != WTR_OK || !j->taken)
        return status == WTR_OK ? WTR_END : status;
    item->key = j->taken->key;
    item->packed = j->taken->packed;
    return WTR_OK;
}

enum wtr_status wtr_joined_next(struct wtr_joined *j, struct wtr_joined_item *item)
{
    enum wtr_status status = take_next(j, item);
    if (status != WTR_OK)
        return status;
    item->note_count = 0;
    item->more_notes = 0;
    item->dropped = false;
    while (j->has_note && status == WTR_OK) {
        int order = wtr_key_compare(&j->note.about, &item->key);
        if (order > 0)
            break;
        if (order == 0)
            keep_note(item, &j->note);
        status = next_note(j);
    }
    return status;
}
