/* SPDX-License-Identifier: Apache-2.0 */
/* The fit: robust against a few messages that one source saw late (retransmissions), by medians. */
#include "timeline/clock_fit.h"

#include <stdlib.h>

enum {
    LEAST_SHARED = 3,       /* messages without which nothing is said */
    LEAST_FOR_SKEW = 24,    /* and with which a skew can be told from noise */
    OUTLIER_FACTOR = 8,     /* times the median residual */
    MOST_SKEW_PPB = 500000, /* clocks that differ by more are not related by a line at all */
};

static const int64_t least_tolerance = 1000000;                  /* a millisecond */
static const int64_t least_span_for_skew = INT64_C(60000000000); /* a minute */

/* One message that both saw. */
struct pair {
    int64_t at_ns; /* on the first clock */
    int64_t offset_ns;
};

static int compare_int64(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    return x->at_ns != y->at_ns ? (x->at_ns < y->at_ns ? -1 : 1)
                                : compare_int64(&x->offset_ns, &y->offset_ns);
}

/* The lower median; sorts the list. */
static int64_t median(int64_t *list, size_t count)
{
    qsort(list, count, sizeof *list, compare_int64);
    return list[(count - 1) / 2];
}

static int64_t magnitude(int64_t value)
{
    return value < 0 ? -value : value;
}

int64_t wtr_clock_shift(const struct wtr_clock *clock, int64_t time_ns)
{
    static const int64_t most_us =
        INT64_C(10000000000000); /* 115 days: what the product below has room for */
    int64_t us = (time_ns - clock->reference_ns) / 1000;
    if (us > most_us || us < -most_us)
        us = us < 0 ? -most_us : most_us;
    return clock->offset_ns + us * clock->skew_ppb / 1000000;
}

/* The messages in both lists, which are sorted by hash. Differences beyond a century are left out. */
static size_t pair_up(const struct wtr_clock_mark *from, size_t from_count, const struct wtr_clock_mark *to,
                      size_t to_count, struct pair *pairs)
{
    static const int64_t century = INT64_C(3155760000000000000);
    size_t n = 0, k = 0;
    for (size_t i = 0; i < from_count; i++) {
        while (k < to_count && to[k].hash < from[i].hash)
            k++;
        if (k == to_count || to[k].hash != from[i].hash)
            continue;
        bool sane = from[i].time_ns > -century && from[i].time_ns < century && to[k].time_ns > -century &&
                    to[k].time_ns < century;
        if (sane)
            pairs[n++] = (struct pair){from[i].time_ns, to[k].time_ns - from[i].time_ns};
    }
    qsort(pairs, n, sizeof *pairs, compare_pairs);
    return n;
}

static int64_t median_offset(const struct pair *pairs, size_t count, int64_t *scratch)
{
    for (size_t i = 0; i < count; i++)
        scratch[i] = pairs[i].offset_ns;
    return median(scratch, count);
}

/* What is left of each pair's offset beside the clock's: the median of the magnitudes. */
static int64_t median_residual(const struct pair *pairs, size_t count, const struct wtr_clock *clock,
                               int64_t *scratch)
{
    for (size_t i = 0; i < count; i++)
        scratch[i] = magnitude(pairs[i].offset_ns - wtr_clock_shift(clock, pairs[i].at_ns));
    return median(scratch, count);
}

/* A line through the medians of the first and the last third; taken only if it fits clearly better. */
static void fit_skew(const struct pair *pairs, size_t count, struct wtr_clock *clock, int64_t *scratch)
{
    size_t third = count / 3;
    const struct pair *last = pairs + (count - third);
    int64_t span = last[third / 2].at_ns - pairs[third / 2].at_ns;
    if (count < LEAST_FOR_SKEW || span < least_span_for_skew)
        return;
    int64_t rise = median_offset(last, third, scratch) - median_offset(pairs, third, scratch);
    int64_t ppm_span = span / 1000000000; /* whole seconds: at least 60 */
    struct wtr_clock line = *clock;
    line.skew_ppb = rise / ppm_span;
    if (magnitude(line.skew_ppb) > MOST_SKEW_PPB)
        return;
    for (size_t i = 0; i < count; i++)
        scratch[i] = pairs[i].offset_ns - (wtr_clock_shift(&line, pairs[i].at_ns) - line.offset_ns);
    line.offset_ns = median(scratch, count);
    int64_t level = median_residual(pairs, count, clock, scratch);
    if (median_residual(pairs, count, &line, scratch) * 2 < level)
        *clock = line;
}

/* Counts the pairs that fit, and takes the largest of their residuals for the uncertainty. */
static bool judge(const struct pair *pairs, size_t count, struct wtr_clock *clock, int64_t *scratch)
{
    int64_t tolerance = median_residual(pairs, count, clock, scratch) * OUTLIER_FACTOR;
    if (tolerance < least_tolerance)
        tolerance = least_tolerance;
    clock->shared = 0;
    clock->uncertainty_ns = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t residual = magnitude(pairs[i].offset_ns - wtr_clock_shift(clock, pairs[i].at_ns));
        if (residual > tolerance)
            continue;
        clock->shared++;
        if (residual > clock->uncertainty_ns)
            clock->uncertainty_ns = residual;
    }
    bool agree = clock->shared >= LEAST_SHARED && clock->shared * 4 >= count * 3;
    return agree && clock->uncertainty_ns <= INT64_C(1000000000);
}

static bool fit_pairs(struct pair *pairs, size_t count, struct wtr_clock *clock, int64_t *scratch)
{
    if (count < LEAST_SHARED)
        return false;
    *clock = (struct wtr_clock){.scale = clock->scale,
                                .reference_ns = pairs[count / 2].at_ns,
                                .offset_ns = median_offset(pairs, count, scratch)};
    fit_skew(pairs, count, clock, scratch);
    return judge(pairs, count, clock, scratch);
}

bool wtr_clock_fit(const struct wtr_clock_mark *from, size_t from_count, const struct wtr_clock_mark *to,
                   size_t to_count, struct wtr_clock *clock)
{
    size_t most = from_count < to_count ? from_count : to_count;
    struct pair *pairs = calloc(most + 1, sizeof *pairs);
    int64_t *scratch = calloc(most + 1, sizeof *scratch);
    bool fits =
        pairs && scratch && fit_pairs(pairs, pair_up(from, from_count, to, to_count, pairs), clock, scratch);
    free(pairs);
    free(scratch);
    return fits;
}

/* `next` fits against `base`, which has its own place on the scale. */
static struct wtr_clock compose(const struct wtr_clock *next, const struct wtr_clock *base)
{
    struct wtr_clock sum = *next;
    sum.scale = base->scale;
    sum.offset_ns += wtr_clock_shift(base, next->reference_ns + next->offset_ns);
    sum.skew_ppb += base->skew_ppb;
    sum.uncertainty_ns += base->uncertainty_ns;
    return sum;
}

/* The sources' marks, sealed once each. */
struct marks {
    const struct wtr_clock_mark *list;
    size_t count;
};

/* The source that shares most with `placed` and stands alone yet, among those above `root`; `count` if none.
 * *best is replaced by its place on the scale if it shares more than that does. */
static size_t nearest_to(const struct marks *marks, size_t count, uint32_t root, size_t placed,
                         const struct wtr_clock *clocks, struct wtr_clock *best)
{
    size_t nearest = count;
    for (size_t s = root + 1; s < count; s++) {
        struct wtr_clock fit = {0};
        if (clocks[s].scale != s ||
            !wtr_clock_fit(marks[s].list, marks[s].count, marks[placed].list, marks[placed].count, &fit))
            continue;
        if (fit.shared > best->shared) {
            *best = compose(&fit, &clocks[placed]);
            nearest = s;
        }
    }
    return nearest;
}

/* Relates one more source to those that are related to `root` already: the one that shares most. */
static bool relate_one(const struct marks *marks, size_t count, uint32_t root, struct wtr_clock *clocks)
{
    struct wtr_clock best = {0};
    size_t nearest = count;
    for (size_t placed = root; placed < count; placed++) {
        size_t s =
            clocks[placed].scale == root ? nearest_to(marks, count, root, placed, clocks, &best) : count;
        if (s != count)
            nearest = s;
    }
    if (nearest == count)
        return false;
    clocks[nearest] = best;
    return true;
}

bool wtr_clocks_relate(struct wtr_clock_sample *const *samples, size_t count, struct wtr_clock *clocks)
{
    struct marks *marks = calloc(count + 1, sizeof *marks);
    if (!marks)
        return false;
    for (size_t i = 0; i < count; i++) {
        clocks[i] = (struct wtr_clock){.scale = (uint32_t)i};
        if (samples[i])
            marks[i].count = wtr_clock_sample_marks(samples[i], &marks[i].list);
    }
    for (uint32_t root = 0; root < count; root++)
        while (clocks[root].scale == root && relate_one(marks, count, root, clocks))
            ;
    free(marks);
    return true;
}
