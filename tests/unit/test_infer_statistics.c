/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds and ratios. Expected values were worked out with Python's exact fractions (bisection on the binomial
 * sum to 2^-40) and, for n of n and none of n, from the closed forms 0.025^(1/n) and 1 - 0.025^(1/n); for
 * none in an hour the rate is -ln 0.05. */
#include "infer/statistics.h"

#include <criterion/criterion.h>

static void expect(uint32_t hits, uint32_t trials, int64_t low, int64_t high)
{
    struct wtr_interval i = {-1, -1};
    cr_assert(wtr_clopper_pearson(hits, trials, &i));
    cr_assert(i.low_micro == low && i.high_micro == high, "%u of %u: %lld to %lld", hits, trials,
              (long long)i.low_micro, (long long)i.high_micro);
}

Test(statistics, clopper_pearson)
{
    expect(0, 1, 0, 975000);
    expect(1, 1, 25000 - 1, 1000000); /* 0.025 - a little, by halving: rounded down */
    expect(6, 6, 540741, 1000000);
    expect(12, 12, 735351, 1000000);
    expect(14, 14, 768364, 1000000);
    expect(3, 10, 66739, 652453);
    expect(98, 100, 929616, 997569);
    expect(50, 50, 928878, 1000000);
    expect(0, 50, 0, 71122);
    expect(10000, 10000, 999631, 1000000);
    expect(0, 10000, 0, 369);
}

Test(statistics, clopper_pearson_is_symmetric)
{
    for (uint32_t n = 1; n <= 40; n++) {
        for (uint32_t k = 0; k <= n; k++) {
            struct wtr_interval a, b;
            cr_assert(wtr_clopper_pearson(k, n, &a) && wtr_clopper_pearson(n - k, n, &b));
            int64_t across = a.low_micro + b.high_micro - 1000000;
            cr_assert(across >= -1 && across <= 1, "%u of %u", k, n);
            cr_assert(a.low_micro <= (int64_t)k * 1000000 / n && a.high_micro >= (int64_t)k * 1000000 / n);
        }
    }
}

/* In the middle of many trials no term of the sum can be held near either end. */
Test(statistics, many_trials)
{
    struct wtr_interval i;
    cr_assert(wtr_clopper_pearson(5000, 10000, &i));
    cr_assert(i.low_micro > 490100 && i.low_micro < 490200);
    cr_assert(i.high_micro > 509800 && i.high_micro < 509900);
    cr_assert(wtr_clopper_pearson(9999, 10000, &i));
    cr_assert_eq(i.low_micro, 999442); /* 0.99944296…: (1 - p)^n + n p (1 - p)^(n - 1) = 0.025 */
}

Test(statistics, what_is_no_proportion)
{
    struct wtr_interval i;
    cr_assert_not(wtr_clopper_pearson(0, 0, &i));
    cr_assert_not(wtr_clopper_pearson(2, 1, &i));
    cr_assert_not(wtr_clopper_pearson(0, WTR_MOST_TRIALS + 1, &i));
}

static void expect_rate(uint32_t count, int64_t seconds, int64_t wanted)
{
    int64_t rate = -1;
    cr_assert(wtr_rate_bound(count, seconds, &rate));
    cr_assert(rate >= wanted && rate <= wanted + 1, "%u in %lld: %lld", count, (long long)seconds,
              (long long)rate);
}

Test(statistics, rates)
{
    expect_rate(0, 3600, 2995733);
    expect_rate(0, 1033, 10440113);
    expect_rate(1, 3600, 4743865);
    expect_rate(5, 7200, 5256518);
    int64_t rate;
    cr_assert(wtr_rate_bound(WTR_MOST_TRIALS / 4, 3600, &rate));
    cr_assert(rate > INT64_C(2580000000) && rate < INT64_C(2590000000)); /* n + 1.645 sqrt n + ... */
    cr_assert_not(wtr_rate_bound(0, 0, &rate));
    cr_assert_not(wtr_rate_bound(0, -1, &rate));
    cr_assert_not(wtr_rate_bound(WTR_MOST_TRIALS / 4 + 1, 3600, &rate));
}

/* With Jeffreys' prior 6 of 6 against 0 of 6 is (6.5 / 7) / (0.5 / 7) = 13, of which 12 is allowed. */
Test(statistics, likelihood_ratio)
{
    cr_assert_eq(wtr_likelihood_ratio(6, 6, 0, 6), 12000000);
    cr_assert_eq(wtr_likelihood_ratio(1, 1, 0, 1), 2000000);
    cr_assert_eq(wtr_likelihood_ratio(1, 1, 0, 6), 2000000);
    cr_assert_eq(wtr_likelihood_ratio(50, 50, 0, 50), 100000000);
    cr_assert_eq(wtr_likelihood_ratio(5, 6, 1, 6), 3666666); /* 5.5 / 1.5 */
    cr_assert_eq(wtr_likelihood_ratio(3, 6, 3, 6), 1000000);
    cr_assert_eq(wtr_likelihood_ratio(0, 6, 6, 6), 76923); /* 1 / 13 */
}

Test(statistics, no_ratio_without_trials_of_both)
{
    cr_assert_eq(wtr_likelihood_ratio(6, 6, 0, 0), 0);
    cr_assert_eq(wtr_likelihood_ratio(0, 0, 0, 6), 0);
    cr_assert_eq(wtr_likelihood_ratio(7, 6, 0, 6), 0);
    cr_assert_eq(wtr_likelihood_ratio(6, 6, 7, 6), 0);
    cr_assert_eq(wtr_likelihood_ratio(1, UINT32_MAX, 0, 1), 0);
}
