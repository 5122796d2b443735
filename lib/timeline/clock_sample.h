/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded sample of a source's messages and their times, by which the clocks of two sources that saw the
 * same messages are compared. Which messages are in it depends on their bytes alone, so that two sources
 * sample the same ones, however long each is. */
#ifndef WTR_TIMELINE_CLOCK_SAMPLE_H
#define WTR_TIMELINE_CLOCK_SAMPLE_H

#include "base/map.h"

/* A message that occurred once in the source. */
struct wtr_clock_mark {
    uint64_t hash; /* of its addresses, its place in its stream and its bytes */
    int64_t time_ns;
};

struct wtr_clock_sample;

struct wtr_clock_sample *wtr_clock_sample_new(void); /* NULL: no memory */
void wtr_clock_sample_free(struct wtr_clock_sample *sample);
/* A message that comes twice is no mark: which of them the other source saw can't be told. */
void wtr_clock_sample_add(struct wtr_clock_sample *sample, uint64_t hash, int64_t time_ns);
/* Ends the adding, and gives back the memory that only that needed. */
bool wtr_clock_sample_seal(struct wtr_clock_sample *sample);
/* The marks of a sealed sample, sorted by hash. Owned by the sample. */
size_t wtr_clock_sample_marks(const struct wtr_clock_sample *sample, const struct wtr_clock_mark **marks);

#endif
