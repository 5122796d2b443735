/* SPDX-License-Identifier: Apache-2.0 */
/* How the clocks of the sources relate, as far as messages that several of them saw tell. The terms are those
 * of RFC 2330: offset is the difference of two clocks at a moment, skew the difference of their rates. */
#ifndef WTR_TIMELINE_CLOCK_FIT_H
#define WTR_TIMELINE_CLOCK_FIT_H

#include "timeline/clock_sample.h"

/* A source's clock beside the one whose scale it shares. */
struct wtr_clock {
    uint32_t scale;         /* the lowest-numbered source of those whose relation is known; itself if none */
    int64_t reference_ns;   /* on this source's clock */
    int64_t offset_ns;      /* what is added to this source's time at the reference to get the scale's */
    int64_t skew_ppb;       /* what is added per second from there on, in nanoseconds */
    int64_t uncertainty_ns; /* the largest residual of the fit, and of those that it rests on */
    uint64_t shared;        /* messages that both saw and the fit rests on */
};

/* The source's time on its scale, and what was added to it. */
int64_t wtr_clock_shift(const struct wtr_clock *clock, int64_t time_ns);

/* The offset and skew of `from` against `to`; false if they share too little, or if what they share
 * contradicts itself (a clock that was set in between). `scale` is left alone. */
bool wtr_clock_fit(const struct wtr_clock_mark *from, size_t from_count, const struct wtr_clock_mark *to,
                   size_t to_count, struct wtr_clock *clock);

/* The clocks of all sources, by number. A source may lack a sample (NULL). False: no memory. */
bool wtr_clocks_relate(struct wtr_clock_sample *const *samples, size_t count, struct wtr_clock *clocks);

#endif
