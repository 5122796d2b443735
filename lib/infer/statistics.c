/* SPDX-License-Identifier: Apache-2.0 */
/* Exact bounds by bisection on the binomial and Poisson distributions, whose terms are summed from their
 * recurrences. Floating point serves here alone: these numbers say how far counts carry, and are no evidence.
 */
#include "infer/statistics.h"

#include <float.h>

#define MILLION 1000000

enum { HALVINGS = 80 };

static long double power(long double base, uint32_t exponent)
{
    long double result = 1;
    while (exponent) {
        if (exponent & 1)
            result *= base;
        base *= base;
        exponent >>= 1;
    }
    return result;
}

/* P(X <= hits) of `trials` with probability p, 0 < p < 1. The sum starts at its first term unless that is too
 * small to be held, in which case all terms up to the mean are left out, and it starts at the other end. */
static long double binomial_up_to(uint32_t hits, uint32_t trials, long double p)
{
    long double term = power(1 - p, trials), sum = term, odds = p / (1 - p);
    if (term < LDBL_MIN / LDBL_EPSILON) {
        long double above = 0;
        term = power(p, trials);
        for (uint32_t i = trials; i > hits; i--) {
            above += term;
            term *= (long double)i / (long double)(trials - i + 1) / odds;
        }
        return 1 - above;
    }
    for (uint32_t i = 0; i < hits; i++) {
        term *= odds * (long double)(trials - i) / (long double)(i + 1);
        sum += term;
    }
    return sum;
}

/* The p at which P(X <= hits) is `level`; it falls as p grows. */
static long double proportion_at(uint32_t hits, uint32_t trials, long double level)
{
    long double low = 0, high = 1;
    for (int i = 0; i < HALVINGS; i++) {
        long double middle = (low + high) / 2;
        if (binomial_up_to(hits, trials, middle) > level)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static int64_t round_down(long double value)
{
    return (int64_t)(value * MILLION);
}

static int64_t round_up(long double value)
{
    int64_t down = round_down(value);
    return (long double)down < value * MILLION ? down + 1 : down;
}

bool wtr_clopper_pearson(uint32_t hits, uint32_t trials, struct wtr_interval *interval)
{
    static const long double tail = 0.025L;
    if (trials == 0 || hits > trials || trials > WTR_MOST_TRIALS)
        return false;
    interval->low_micro = hits == 0 ? 0 : round_down(proportion_at(hits - 1, trials, 1 - tail));
    interval->high_micro = hits == trials ? MILLION : round_up(proportion_at(hits, trials, tail));
    return true;
}

/* P(X <= count) of a Poisson distribution: the first terms of e^mean over all of them. */
static long double poisson_up_to(uint32_t count, long double mean)
{
    long double term = 1, sum = 1, all = 1;
    for (uint32_t i = 1; i <= count || term > all * LDBL_EPSILON; i++) {
        term *= mean / (long double)i;
        all += term;
        if (i <= count)
            sum += term;
    }
    return sum / all;
}

bool wtr_rate_bound(uint32_t count, int64_t exposure_s, int64_t *per_hour_micro)
{
    static const long double tail = 0.05L;
    /* Beyond this the bound lies for every count that is taken; e to it can be held. */
    long double low = 0, high = 2 * (long double)count + 10;
    if (exposure_s <= 0 || count > WTR_MOST_TRIALS / 4)
        return false;
    for (int i = 0; i < HALVINGS; i++) {
        long double middle = (low + high) / 2;
        if (poisson_up_to(count, middle) > tail)
            low = middle;
        else
            high = middle;
    }
    *per_hour_micro = round_up(high * 3600 / (long double)exposure_s);
    return true;
}

int64_t wtr_likelihood_ratio(uint32_t own_hits, uint32_t own, uint32_t other_hits, uint32_t other)
{
    if (own == 0 || other == 0 || own_hits > own || other_hits > other || own > WTR_MOST_TRIALS ||
        other > WTR_MOST_TRIALS)
        return 0;
    /* (own_hits + 1/2) / (own + 1) over (other_hits + 1/2) / (other + 1) */
    int64_t above = (2 * (int64_t)own_hits + 1) * ((int64_t)other + 1);
    int64_t below = (2 * (int64_t)other_hits + 1) * ((int64_t)own + 1);
    int64_t ratio = above * MILLION / below;
    int64_t most = 2 * (int64_t)(own < other ? own : other) * MILLION;
    return ratio < most ? ratio : most;
}
