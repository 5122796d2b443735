/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from several statements together, and from none alone.
 *
 * On since: a plug that says for how long its relay has been on dates the moment at which it went on, by a
 * switch or by power restored: the statement's time less that many seconds, to within a second either way
 * (observed: -0.94 to +0.93 s over 530 polls of a Kasa HS110 whose commands were seen), and what
 * its clock may drift by. All statements of one
 * run of ON date the same moment; it lies where their intervals meet. */
#ifndef WTR_TIMELINE_DERIVE_H
#define WTR_TIMELINE_DERIVE_H

#include "base/sha256.h"
#include "timeline/timeline.h"

struct wtr_deriver;

/* Adds to `out` one derived statement of "on" for each run of ON that statements with `on_time_s` tell of. */
enum wtr_status wtr_deriver_new(struct wtr_deriver **deriver, const struct wtr_timeline_setup *setup,
                                struct wtr_sha256 *sha256, struct wtr_sorter *out);
void wtr_deriver_free(struct wtr_deriver *deriver);
/* Takes the next statement that is no copy (struct wtr_originals). */
enum wtr_status wtr_deriver_add(void *deriver, const struct wtr_key *key, struct wtr_text packed,
                                const struct wtr_statement *fixed, struct wtr_text channel);
/* Says what the runs tell that are still open. */
enum wtr_status wtr_deriver_finish(struct wtr_deriver *deriver);

#endif
