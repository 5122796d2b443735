/* SPDX-License-Identifier: Apache-2.0 */
/* The counts of a path's reports that were accounted for in clear, and what they support. */
#include "infer/calibrate.h"

#include "infer/statistics.h"

/* Below this a pair of lengths is no support at all for one state against the other. */
enum { LEAST_RATIO_MICRO = 2000000 };

static bool is_same_path(const struct wtr_report *a, const struct wtr_report *b)
{
    return a->device == b->device && a->signature == b->signature && a->path == b->path;
}

static void count(struct wtr_verdict *verdict, const struct wtr_report *own, const struct wtr_report *r)
{
    bool pair = r->request == own->request && r->response == own->response;
    if (r->clear == WTR_TELLS_ON) {
        verdict->clear_on++;
        verdict->pair_on += pair;
    } else if (r->clear == WTR_TELLS_OFF) {
        verdict->clear_off++;
        verdict->pair_off += pair;
    }
}

/* Trials of the other state: those of this evidence, and those of the training if there the two states never
 * shared a pair of lengths on this path. */
static uint32_t others(uint32_t here, uint32_t trained, const struct wtr_path_counts *counts)
{
    return counts->shared == 0 ? here + trained : here;
}

struct wtr_verdict wtr_calibrate(const struct wtr_report *reports, size_t total, size_t which,
                                 const struct wtr_signature *signature)
{
    const struct wtr_report *own = &reports[which];
    struct wtr_verdict v = {.told = WTR_TELLS_NOTHING};
    if (own->path == WTR_NO_PATH)
        return v;
    for (size_t i = 0; i < total; i++)
        if (!reports[i].copy && is_same_path(own, &reports[i]))
            count(&v, own, &reports[i]);
    const struct wtr_path_counts *trained = &signature->paths[own->path].counts;
    if (v.pair_on > 0 && v.pair_off == 0)
        v.likelihood_micro =
            wtr_likelihood_ratio(v.pair_on, v.clear_on, 0, others(v.clear_off, trained->off, trained));
    else if (v.pair_off > 0 && v.pair_on == 0)
        v.likelihood_micro =
            wtr_likelihood_ratio(v.pair_off, v.clear_off, 0, others(v.clear_on, trained->on, trained));
    if (v.likelihood_micro < LEAST_RATIO_MICRO)
        v.likelihood_micro = 0;
    else
        v.told = v.pair_on > 0 ? WTR_TELLS_ON : WTR_TELLS_OFF;
    return v;
}
