/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the copies among statements: a broker's deliveries of one publication, the same segment at another
 * port, a last will beside the end of the session that it tells of.
 *
 * One rule for relays: a group of equal messages holds at most one publication and at most one delivery for
 * each subscriber's connection. A message joins the oldest group that lacks its place and is recent enough;
 * else it begins a group of its own. So the k-th delivery to a subscriber belongs to the k-th publication,
 * and two equal publications are two. In doubt there are two events. */
#ifndef WTR_TIMELINE_COPIES_H
#define WTR_TIMELINE_COPIES_H

#include "model/devices.h"
#include "timeline/note.h"

/* Told of each statement that is no copy, in order. */
struct wtr_originals {
    void *payload;
    enum wtr_status (*statement)(void *payload, const struct wtr_key *key, struct wtr_text packed,
                                 const struct wtr_statement *fixed, struct wtr_text channel);
};

/* Reads items and the notes that extraction made about them, and writes to `out` (unsealed) the notes that
 * hold from then on: what was said about a copy is said about its original instead. `same` is given the flows
 * that are one connection seen at several places. `originals` may be NULL. */
enum wtr_status wtr_copies_find(struct wtr_sorter *items, struct wtr_sorter *notes,
                                const struct wtr_devices *devices, struct wtr_sorter *out,
                                struct wtr_map *same, const struct wtr_originals *originals);

/* The flow that stands for the connection. */
uint64_t wtr_same_flow(const struct wtr_map *same, uint64_t flow);

#endif
