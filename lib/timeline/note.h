/* SPDX-License-Identifier: Apache-2.0 */
/* Notes to statements: further origins of a statement, or that it is itself a further origin of another.
 * Notes are sorted by the key of the statement that they are about, and joined to it when it is read. */
#ifndef WTR_TIMELINE_NOTE_H
#define WTR_TIMELINE_NOTE_H

#include "base/sorter.h"
#include "model/statement.h"

enum wtr_note_type {
    WTR_NOTE_ALSO, /* the statement was seen there, too */
    WTR_NOTE_DROP, /* the statement is a further origin of another: no event of its own */
};

enum wtr_copy {
    WTR_COPY_RELAY,          /* the broker's delivery of a publication, or one more of its deliveries */
    WTR_COPY_RETRANSMISSION, /* the same bytes of the same stream again */
    WTR_COPY_REPEAT,         /* the same fact in another message */
    WTR_COPY_VANTAGE,        /* the same bytes at another port or in another file */
};

struct wtr_note {
    struct wtr_key about;
    struct wtr_origin origin;
    uint64_t flow;    /* over which it was seen; 0: none */
    int64_t shift_ns; /* what was added to the origin's time to put it on the common scale */
    uint32_t source;
    uint8_t type;
    uint8_t copy;
    uint8_t leg;
};

enum wtr_status wtr_note_add(struct wtr_sorter *notes, const struct wtr_note *note);
/* The note that was added under the key as this record; false if it is none. */
bool wtr_note_take(const struct wtr_key *about, struct wtr_text record, struct wtr_note *note);

const char *wtr_copy_name(enum wtr_copy copy);

/* Reads items in order, each with the notes about it. */
struct wtr_joined;

enum { WTR_JOINED_NOTES = 64 };

struct wtr_joined_item {
    struct wtr_key key;
    struct wtr_text packed;
    struct wtr_note notes[WTR_JOINED_NOTES];
    size_t note_count;
    uint64_t more_notes; /* beyond those held */
    bool dropped;
};

/* `derived` holds more items, which no note is about; NULL: none. */
enum wtr_status wtr_joined_open(struct wtr_joined **joined, struct wtr_sorter *items,
                                struct wtr_sorter *notes, struct wtr_sorter *derived);
void wtr_joined_close(struct wtr_joined *joined);
/* WTR_OK, WTR_END or an error. What `item` points to is valid until the next call. */
enum wtr_status wtr_joined_next(struct wtr_joined *joined, struct wtr_joined_item *item);

#endif
