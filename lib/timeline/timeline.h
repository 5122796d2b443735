/* SPDX-License-Identifier: Apache-2.0 */
/* Reconciliation: from the statements of all sources, sorted, to the records of the timeline. */
#ifndef WTR_TIMELINE_TIMELINE_H
#define WTR_TIMELINE_TIMELINE_H

#include "base/sorter.h"
#include "model/devices.h"
#include "wattrail/record.h"
#include "wattrail/status.h"

struct wtr_timeline;

/* All of it stays the caller's and outlives the timeline. */
struct wtr_timeline_setup {
    struct wtr_sorter *items;           /* sealed */
    struct wtr_sorter *notes;           /* sealed: what extraction noted */
    const struct wtr_devices *devices;  /* named */
    const uint8_t (*source_sha256)[32]; /* by number */
    size_t source_count;
    const struct wtr_text *paths; /* texts of statements' paths */
    size_t path_count;
    int64_t cause_window_ns;
    bool reveal_secrets;
    size_t memory;
    const char *temporary;
};

enum wtr_status wtr_timeline_new(struct wtr_timeline **timeline, const struct wtr_timeline_setup *setup);
void wtr_timeline_free(struct wtr_timeline *timeline);

/* The next event, finding or window; WTR_END after the last. Borrowed until the next call. */
enum wtr_status wtr_timeline_next(struct wtr_timeline *timeline, const struct wtr_record **record);

/* Counts so far, for the summary. */
struct wtr_timeline_counts {
    uint64_t events, findings, windows, copies;
};
struct wtr_timeline_counts wtr_timeline_counts(const struct wtr_timeline *timeline);

/* The devices, complete once the timeline was read to its end; NULL beyond the last. */
const struct wtr_device_record *wtr_timeline_device(const struct wtr_timeline *timeline, size_t index);

#endif
