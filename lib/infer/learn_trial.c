/* SPDX-License-Identifier: Apache-2.0 */
/* How often the report is found after a labelled switching, and how often where there was none. Each moment
 * of a source belongs to the label before it, or else to the first one behind it, and so to training or to
 * validation; a source without labels is idle time of the training. */
#include "infer/learn_internal.h"

static bool is_within(const struct wtr_pair *pair, const struct wtr_label *label)
{
    return pair->time_ns >= label->time_ns && pair->time_ns - label->time_ns <= wtr_learn_window_ns;
}

static bool is_inside(const struct wtr_learn_source *source, int64_t time_ns)
{
    return time_ns >= source->first_ns && time_ns <= source->last_ns;
}

/* The label to which the moment belongs; labels stand in order of time. NULL: the source has none. */
static const struct wtr_label *owner(const struct wtr_learner *l, const struct wtr_learn_source *source,
                                     int64_t time_ns)
{
    const struct wtr_label *found = NULL;
    for (size_t i = 0; i < l->label_count; i++) {
        const struct wtr_label *label = &l->labels[i];
        if (is_inside(source, label->time_ns) && (!found || label->time_ns <= time_ns))
            found = label;
    }
    return found;
}

static void try_pair(const struct wtr_learner *l, const struct wtr_pair *pair, const struct wtr_pair **chosen,
                     struct wtr_trial *training, struct wtr_trial *validation)
{
    for (size_t i = 0; i < l->label_count; i++) {
        if (!is_within(pair, &l->labels[i]) || chosen[i])
            continue;
        chosen[i] = pair;
        return;
    }
    for (size_t s = 0; s < l->source_count; s++) {
        if (!is_inside(&l->sources[s], pair->time_ns))
            continue;
        const struct wtr_label *label = owner(l, &l->sources[s], pair->time_ns);
        (label && label->validation ? validation : training)->false_found++;
        return;
    }
    training->false_found++;
}

/* Adds what lies between the two moments to whom it belongs. */
static void add_exposure(const struct wtr_label *label, int64_t from_ns, int64_t to_ns, int64_t *training_ns,
                         int64_t *validation_ns)
{
    if (to_ns > from_ns)
        *(label && label->validation ? validation_ns : training_ns) += to_ns - from_ns;
}

static void expose(const struct wtr_learner *l, const struct wtr_learn_source *source, int64_t *training_ns,
                   int64_t *validation_ns)
{
    int64_t from_ns = source->first_ns;
    for (size_t i = 0; i < l->label_count; i++) {
        int64_t label_ns = l->labels[i].time_ns;
        if (!is_inside(source, label_ns))
            continue;
        int64_t before_ns = label_ns > source->first_ns ? label_ns - 1 : label_ns;
        add_exposure(owner(l, source, before_ns), from_ns, label_ns, training_ns, validation_ns);
        from_ns = label_ns + wtr_learn_window_ns > from_ns ? label_ns + wtr_learn_window_ns : from_ns;
    }
    add_exposure(owner(l, source, source->last_ns), from_ns, source->last_ns, training_ns, validation_ns);
}

void wtr_learn_try(const struct wtr_learner *l, const bool *device, const struct wtr_shape_sequence *report,
                   const struct wtr_pair **chosen, struct wtr_trial *training, struct wtr_trial *validation)
{
    int64_t training_ns = 0, validation_ns = 0;
    for (size_t i = 0; i < l->label_count; i++)
        chosen[i] = NULL;
    for (size_t i = 0; i < l->pair_count; i++)
        if (device[l->pairs[i].client] && wtr_learn_fits(l, &l->pairs[i], report))
            try_pair(l, &l->pairs[i], chosen, training, validation);
    for (size_t i = 0; i < l->label_count; i++) {
        struct wtr_trial *trial = l->labels[i].validation ? validation : training;
        trial->events++;
        trial->found += chosen[i] != NULL;
    }
    for (size_t i = 0; i < l->source_count; i++)
        expose(l, &l->sources[i], &training_ns, &validation_ns);
    training->exposure_s = training_ns / INT64_C(1000000000);
    validation->exposure_s = validation_ns / INT64_C(1000000000);
}
