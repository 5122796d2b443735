/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the times of several sources on one scale, once their clocks' relation is known: items and notes are
 * sorted anew by the shifted times. */
#ifndef WTR_TIMELINE_ALIGN_H
#define WTR_TIMELINE_ALIGN_H

#include "base/sorter.h"
#include "timeline/clock_fit.h"

/* Whether any source's times are shifted at all. */
bool wtr_align_needed(const struct wtr_clock *clocks, size_t count);
/* Reads what is sealed and adds it, shifted, to `out`. */
enum wtr_status wtr_align_items(struct wtr_sorter *items, const struct wtr_clock *clocks,
                                struct wtr_sorter *out);
enum wtr_status wtr_align_notes(struct wtr_sorter *notes, const struct wtr_clock *clocks,
                                struct wtr_sorter *out);

#endif
