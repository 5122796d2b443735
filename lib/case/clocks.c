/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks of the case's sources. */
#include "case/case_internal.h"
#include "timeline/align.h"

#include <stdlib.h>

/* What is added to a sorter's records goes to another sorter, which takes its place. */
static enum wtr_status replace(struct wtr_case *c, struct wtr_sorter **sorter, size_t memory,
                               enum wtr_status (*align)(struct wtr_sorter *, const struct wtr_clock *,
                                                        struct wtr_sorter *))
{
    struct wtr_sorter *aligned = NULL;
    enum wtr_status status =
        wtr_sorter_new(&aligned, sizeof(struct wtr_key), wtr_key_compare_any, memory, c->options.temporary);
    if (status == WTR_OK)
        status = align(*sorter, c->clocks, aligned);
    if (status == WTR_OK)
        status = wtr_sorter_seal(aligned);
    if (status != WTR_OK) {
        wtr_sorter_free(aligned);
        return status;
    }
    wtr_sorter_free(*sorter);
    *sorter = aligned;
    return WTR_OK;
}

static void summarise(struct wtr_source_summary *s, uint32_t source, const struct wtr_clock *clock)
{
    s->clock_scale = clock->scale;
    s->clock_related = clock->scale != source;
    s->clock_offset_ns = -clock->offset_ns;
    s->clock_skew_ppb = -clock->skew_ppb;
    s->clock_uncertainty_ns = clock->uncertainty_ns;
    s->clock_shared = clock->shared;
}

enum wtr_status wtr_case_relate_clocks(struct wtr_case *c)
{
    struct wtr_clock_sample **samples = calloc(c->source_count, sizeof(struct wtr_clock_sample *));
    c->clocks = calloc(c->source_count, sizeof *c->clocks);
    if (!samples || !c->clocks) {
        free((void *)samples);
        return WTR_E_MEMORY;
    }
    for (size_t i = 0; i < c->source_count; i++)
        samples[i] = c->sources[i]->clock_sample;
    bool whole = wtr_clocks_relate(samples, c->source_count, c->clocks);
    free((void *)samples);
    for (uint32_t i = 0; i < c->source_count && whole; i++) {
        summarise(&c->sources[i]->summary, i, &c->clocks[i]);
        whole = c->clocks[i].scale == i || wtr_devices_join_sources(&c->devices, i, c->clocks[i].scale);
    }
    if (!whole)
        return WTR_E_MEMORY;
    if (!wtr_align_needed(c->clocks, c->source_count))
        return WTR_OK;
    enum wtr_status status = replace(c, &c->items, c->options.memory, wtr_align_items);
    return status == WTR_OK ? replace(c, &c->notes, c->options.memory / 4, wtr_align_notes) : status;
}
