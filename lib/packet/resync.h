/* SPDX-License-Identifier: Apache-2.0 */
/* Where records begin again after damage.
 *
 * A packet may itself hold records of a capture (a capture file in transit, a remote capture), and they look
 * like the file's own. So one plausible header proves nothing. A place is believed only if from there on
 * record follows record, without a gap, for more bytes than the longest packet can have, or to the end of the
 * file: a chain inside a packet ends with that packet. */
#ifndef WTR_PACKET_RESYNC_H
#define WTR_PACKET_RESYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wtr_resync_rule {
    const void *state;
    /* The length of the record whose header stands at `bytes`, of which `left` are there (at least `header`);
     * 0: no plausible header stands there. May be more than `left`. */
    size_t (*measure)(const void *state, const uint8_t *bytes, size_t left);
    size_t header;   /* bytes that `measure` needs */
    size_t longest;  /* the longest length that it gives; at most WTR_RESYNC_LONGEST */
    bool cut_counts; /* a chain may end in a record that the end of the file cuts */
};

enum { WTR_RESYNC_LONGEST = 3 << 17 };

struct wtr_resync;

struct wtr_resync *wtr_resync_new(void); /* NULL: no memory */
void wtr_resync_free(struct wtr_resync *resync);

/* Looks for the first believable place in bytes[from .. until - 1]. `length` is at most WTR_INPUT_WINDOW;
 * unless `last`, when nothing follows them, there are at least 2 * rule->longest bytes behind `until`. Takes
 * time in proportion to `length`. Returns the place, or `until`. */
size_t wtr_resync_find(struct wtr_resync *resync, const struct wtr_resync_rule *rule, const uint8_t *bytes,
                       size_t length, bool last, size_t from, size_t until);

#endif
