/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind of pair of records goes with the labelled switchings. The way is that of PingPong (Trimananda et
 * al., NDSS 2020): pairs of request and answer in the seconds after each event, clustered by their lengths;
 * what nine in ten events have is the signature. Lengths are clustered by their distance to a seed, the
 * device's own within ten bytes as there; the server's vary more, with headers that it may change. */
#include "infer/learn_internal.h"

enum { OWN_DISTANCE = 10, SERVER_DISTANCE = 64 };

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

static bool is_like(const struct wtr_pair *pair, const struct wtr_pair *seed)
{
    unsigned own = seed->from_server ? 1 : 0;
    return pair->flow == seed->flow && pair->from_server == seed->from_server &&
           distance(pair->lengths[own], seed->lengths[own]) <= OWN_DISTANCE &&
           distance(pair->lengths[!own], seed->lengths[!own]) <= SERVER_DISTANCE;
}

bool wtr_learn_is_asked(const struct wtr_learner *l, size_t label, bool marks)
{
    return !l->labels[label].validation && (!marks || l->labels[label].cloud);
}

/* Whether the pair lies where the label's is looked for. */
static bool is_near(const struct wtr_pair *pair, const struct wtr_label *label, const struct wtr_pair *report)
{
    if (!report)
        return pair->time_ns >= label->time_ns && pair->time_ns - label->time_ns <= wtr_learn_window_ns;
    return pair->connection != report->connection && pair->source == report->source &&
           pair->time_ns <= report->time_ns && report->time_ns - pair->time_ns <= wtr_learn_within_ns;
}

/* The first pair of the seed's kind near the label; NULL: none. With a seed of NULL any of that direction,
 * after `after`. */
static const struct wtr_pair *find(const struct wtr_learner *l, const bool *device, size_t label, bool marks,
                                   const struct wtr_pair *report, const struct wtr_pair *seed, size_t *from)
{
    for (size_t i = *from; i < l->pair_count; i++) {
        const struct wtr_pair *pair = &l->pairs[i];
        *from = i + 1;
        if (device[pair->client] && pair->from_server == marks && (!seed || is_like(pair, seed)) &&
            is_near(pair, &l->labels[label], report))
            return pair;
    }
    return NULL;
}

static struct wtr_cluster judge(const struct wtr_learner *l, const bool *device, bool marks,
                                const struct wtr_pair *const *reports, const struct wtr_pair *seed)
{
    struct wtr_cluster cluster = {.seed = seed};
    for (size_t i = 0; i < l->label_count; i++) {
        size_t from = 0;
        bool asked = wtr_learn_is_asked(l, i, marks) && (!reports || reports[i]);
        if (asked && find(l, device, i, marks, reports ? reports[i] : NULL, seed, &from))
            cluster.labels++;
    }
    for (size_t i = 0; i < l->pair_count; i++)
        cluster.occurrences += device[l->pairs[i].client] && is_like(&l->pairs[i], seed);
    return cluster;
}

static bool is_better(const struct wtr_cluster *a, const struct wtr_cluster *b)
{
    return !b->seed || a->labels > b->labels || (a->labels == b->labels && a->occurrences < b->occurrences);
}

bool wtr_learn_cluster(const struct wtr_learner *l, const bool *device, bool marks,
                       const struct wtr_pair *const *reports, const struct wtr_pair **chosen)
{
    struct wtr_cluster best = {0};
    size_t asked = 0;
    enum { MOST_SEEDS = 4096 };
    size_t seeds = 0;
    for (size_t i = 0; i < l->label_count; i++) {
        const struct wtr_pair *report = reports ? reports[i] : NULL, *seed;
        if (!wtr_learn_is_asked(l, i, marks))
            continue;
        asked++;
        size_t from = reports && !report ? l->pair_count : 0;
        while (seeds < MOST_SEEDS && (seed = find(l, device, i, marks, report, NULL, &from)) != NULL) {
            struct wtr_cluster cluster = judge(l, device, marks, reports, seed);
            seeds++;
            if (is_better(&cluster, &best))
                best = cluster;
        }
    }
    if (asked == 0 || best.labels * 10 < asked * 9)
        return false;
    for (size_t i = 0; i < l->label_count; i++) {
        size_t from = 0;
        bool looked = wtr_learn_is_asked(l, i, marks) && (!reports || reports[i]);
        chosen[i] = looked ? find(l, device, i, marks, reports ? reports[i] : NULL, best.seed, &from) : NULL;
    }
    return true;
}

static void widen(struct wtr_shape_step *step, uint32_t length)
{
    if (step->max == 0 || length < step->min)
        step->min = length;
    if (length > step->max)
        step->max = length;
}

void wtr_learn_sequence(const struct wtr_learner *l, const struct wtr_pair *const *chosen, bool marks,
                        struct wtr_shape_sequence *q)
{
    static const int64_t least_gap_ns = INT64_C(1000000000);
    *q = (struct wtr_shape_sequence){.first = true, .count = 2, .max_gap_ns = least_gap_ns};
    q->steps[0].from_server = marks;
    q->steps[1].from_server = !marks;
    for (size_t i = 0; i < l->label_count; i++) {
        const struct wtr_pair *pair = chosen[i];
        if (!pair || !wtr_learn_is_asked(l, i, marks))
            continue;
        q->port = l->flows[pair->flow].port;
        memcpy(q->server_name, l->flows[pair->flow].server_name, sizeof q->server_name);
        q->first = q->first && pair->first;
        q->max_gap_ns = pair->gap_ns * 2 > q->max_gap_ns ? pair->gap_ns * 2 : q->max_gap_ns;
        widen(&q->steps[0], pair->lengths[0]);
        widen(&q->steps[1], pair->lengths[1]);
    }
}

bool wtr_learn_fits(const struct wtr_learner *l, const struct wtr_pair *pair,
                    const struct wtr_shape_sequence *q)
{
    const struct wtr_learn_flow *flow = &l->flows[pair->flow];
    bool lengths = true;
    for (size_t i = 0; i < 2; i++)
        lengths = lengths && pair->lengths[i] >= q->steps[i].min && pair->lengths[i] <= q->steps[i].max;
    return lengths && pair->from_server == q->steps[0].from_server && (!q->first || pair->first) &&
           pair->gap_ns <= q->max_gap_ns && flow->port == q->port &&
           strcmp(flow->server_name, q->server_name) == 0;
}
