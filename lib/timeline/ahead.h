/* SPDX-License-Identifier: Apache-2.0 */
/* A timeline's records, made ahead of their reader by a thread of their own where there are many. */
#ifndef WTR_TIMELINE_AHEAD_H
#define WTR_TIMELINE_AHEAD_H

#include "timeline/timeline.h"

struct wtr_ahead;

/* `items`: how many the timeline is made of. From here on the timeline is left alone until a reader has come
 * to its end. */
enum wtr_status wtr_ahead_new(struct wtr_ahead **ahead, struct wtr_timeline *timeline, uint64_t items);
/* Ends the thread, whether all was read or not. */
void wtr_ahead_free(struct wtr_ahead *ahead);

/* The next record: WTR_OK, WTR_END or an error. Borrowed until the next call. */
enum wtr_status wtr_ahead_next(struct wtr_ahead *ahead, const struct wtr_record **record);

#endif
