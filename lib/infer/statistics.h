/* SPDX-License-Identifier: Apache-2.0 */
/* What counts support, and no more. All results are in millionths. */
#ifndef WTR_INFER_STATISTICS_H
#define WTR_INFER_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

enum { WTR_MOST_TRIALS = 10000 };

/* The two-sided 95 % interval of Clopper and Pearson (Biometrika 26, 1934) for a proportion of which `hits`
 * in `trials` were seen, rounded outwards. False: hits > trials, no trials, or more than WTR_MOST_TRIALS. */
struct wtr_interval {
    int64_t low_micro, high_micro;
};
bool wtr_clopper_pearson(uint32_t hits, uint32_t trials, struct wtr_interval *interval);

/* The upper end of the one-sided 95 % bound of a Poisson rate: events an hour, of which `count` were seen in
 * so many seconds (Garwood, Biometrika 28, 1936), rounded up. False: no exposure, or more than
 * a quarter of WTR_MOST_TRIALS. */
bool wtr_rate_bound(uint32_t count, int64_t exposure_s, int64_t *per_hour_micro);

/* How much likelier the observation is under one state than under the other, where it was seen in `own_hits`
 * of `own` trials of the one and in `other_hits` of `other` trials of the other: the ratio of the two
 * proportions with Jeffreys' prior (half a hit and half a miss), and never more than twice the smaller number
 * of trials, which is what so many can show at most. Without trials of both it is nothing: 0. Rounded down.
 */
int64_t wtr_likelihood_ratio(uint32_t own_hits, uint32_t own, uint32_t other_hits, uint32_t other);

#endif
