/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats of general timeline tools share: one time for each event, one phrase for what happened
 * then, and texts that hold none of the characters by which the format separates its fields. */
#ifndef WTR_EXPORT_LISTING_H
#define WTR_EXPORT_LISTING_H

#include "base/text.h"
#include "wattrail/record.h"

/* The time under which the event is listed: its own; of one that is only bounded, the bound at which its line
 * stands in the canonical order. False: it has none. */
bool wtr_listing_time(const struct wtr_event *e, int64_t *time_ns);

/* "Power state reported", and " (not before)" or " (not after)" where the time is a bound: one of a closed
 * list of phrases for each kind. */
void wtr_listing_meaning(struct wtr_buffer *out, const struct wtr_event *e);

/* Times of the format's coarseness, rounded down. */
int64_t wtr_listing_seconds(int64_t time_ns);
int64_t wtr_listing_micros(int64_t time_ns);
/* RFC 3339 with six digits and "+00:00". */
void wtr_listing_datetime(struct wtr_buffer *out, int64_t time_ns);

/* Visible text (visible.h) in which `separator` is written as \u{hex}. */
void wtr_listing_text(struct wtr_buffer *out, struct wtr_text text, char separator);

#endif
