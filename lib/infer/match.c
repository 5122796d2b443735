/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher: the end of the window against each sequence. */
#include "infer/match.h"

void wtr_shape_add(struct wtr_shape_window *window, const struct wtr_shape *shape)
{
    window->last[window->seen++ % WTR_SHAPE_STEPS] = *shape;
}

void wtr_shape_break(struct wtr_shape_window *window)
{
    window->seen = 0;
    window->broken = true;
}

const struct wtr_shape *wtr_shape_back(const struct wtr_shape_window *window, size_t back)
{
    if (back >= WTR_SHAPE_STEPS || back >= window->seen)
        return NULL;
    return &window->last[(window->seen - 1 - back) % WTR_SHAPE_STEPS];
}

static bool is_step(const struct wtr_shape *shape, const struct wtr_shape_step *step)
{
    return shape->from_server == step->from_server && shape->length >= step->min &&
           shape->length <= step->max;
}

bool wtr_shape_matches(const struct wtr_shape_window *window, const struct wtr_shape_sequence *sequence)
{
    if (sequence->count == 0 || window->seen < sequence->count)
        return false;
    if (sequence->first && (window->broken || window->seen != sequence->count))
        return false;
    const struct wtr_shape *later = NULL;
    for (size_t back = 0; back < sequence->count; back++) {
        const struct wtr_shape *shape = wtr_shape_back(window, back);
        if (!shape || !is_step(shape, &sequence->steps[sequence->count - 1 - back]))
            return false;
        bool apart = later && (later->time_ns < shape->time_ns ||
                               later->time_ns - shape->time_ns > sequence->max_gap_ns);
        if (apart)
            return false;
        later = shape;
    }
    return true;
}
