/* SPDX-License-Identifier: Apache-2.0 */
/* Reconciliation: from the statements of all sources, sorted, to the records of the timeline. */
#ifndef WTR_TIMELINE_TIMELINE_H
#define WTR_TIMELINE_TIMELINE_H

#include "base/arena.h"
#include "base/sorter.h"
#include "model/devices.h"
#include "model/statement.h"
#include "timeline/clock_fit.h"
#include "wattrail/record.h"
#include "wattrail/status.h"

struct wtr_timeline;

/* All of it stays the caller's and outlives the timeline. */
struct wtr_timeline_setup {
    struct wtr_sorter *items;           /* sealed */
    struct wtr_sorter *notes;           /* sealed: what extraction noted */
    const struct wtr_devices *devices;  /* named */
    const uint8_t (*source_sha256)[32]; /* by number */
    const struct wtr_clock *clocks; /* by number: whose scale each source's times are on, and how surely */
    size_t source_count;
    const struct wtr_text *paths; /* texts of statements' paths */
    size_t path_count;
    bool on_times; /* some statement says for how long the relay had been on */
    int64_t cause_window_ns;
    bool reveal_secrets;
    size_t memory;
    const char *temporary;
};

enum wtr_status wtr_timeline_new(struct wtr_timeline **timeline, const struct wtr_timeline_setup *setup);
void wtr_timeline_free(struct wtr_timeline *timeline);

/* A record with all that it points to, but for what belongs to the case: names of devices, texts of paths.
 * Zero-initialise; may be used again for another record. */
struct wtr_made {
    struct wtr_record record;
    union {
        struct wtr_event event;
        struct wtr_finding finding;
        struct wtr_window window;
    } as;
    struct wtr_item item;
    struct wtr_buffer packed; /* what the item's texts point into */
    struct wtr_evidence also[WTR_MAX_ALSO];
    struct wtr_evidence parts[WTR_MAX_PARTS];
    struct wtr_id others[WTR_MAX_OTHERS];
    struct wtr_buffer scale;
    struct wtr_buffer message;
    struct wtr_arena secrets;
};

void wtr_made_free(struct wtr_made *made);

/* Makes the next event, finding or window; WTR_END after the last. An event lacks its sentence yet. */
enum wtr_status wtr_timeline_next(struct wtr_timeline *timeline, struct wtr_made *made);
/* Puts the event into words, which takes the record alone. False: no memory. */
bool wtr_made_word(struct wtr_made *made);

/* Counts so far, for the summary. */
struct wtr_timeline_counts {
    uint64_t events, findings, windows, copies;
};
struct wtr_timeline_counts wtr_timeline_counts(const struct wtr_timeline *timeline);

/* The devices, complete once the timeline was read to its end; NULL beyond the last. */
const struct wtr_device_record *wtr_timeline_device(const struct wtr_timeline *timeline, size_t index);

#endif
