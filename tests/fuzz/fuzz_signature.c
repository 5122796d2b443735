/* SPDX-License-Identifier: Apache-2.0 */
/* Signature files: what is taken keeps the bounds that the matcher relies on. */
#include "infer/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check(const struct wtr_signature *s)
{
    hold(s->id[0] && s->vendor[0] && s->model_count > 0 && s->model_count <= WTR_SIGNATURE_NAMES);
    hold(s->source_count > 0 && s->source_count <= WTR_SIGNATURE_SOURCES);
    hold(s->sequence_count > 0 && s->sequence_count <= WTR_SHAPE_SEQUENCES && s->sequences[0].count == 2);
    for (size_t i = 0; i < s->sequence_count; i++) {
        const struct wtr_shape_sequence *q = &s->sequences[i];
        hold(q->count > 0 && q->count <= WTR_SHAPE_STEPS && q->max_gap_ns > 0 && q->port > 0);
        for (size_t k = 0; k < q->count; k++)
            hold(q->steps[k].min > 0 && q->steps[k].min <= q->steps[k].max);
    }
    hold(s->path_count > 0 && s->path_count <= WTR_SIGNATURE_PATHS);
    for (size_t i = 0; i < s->path_count; i++)
        hold(s->paths[i].within_ns > 0 && s->paths[i].sequence < s->sequence_count);
    hold(s->training.found <= s->training.events && s->validation.found <= s->validation.events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wtr_signature s;
    const char *why = NULL;
    enum wtr_status status = wtr_signature_read(&s, wtr_text_of(data, size), &why);
    hold(status == WTR_OK || (status == WTR_E_UNRECOGNISED && why && why[0]));
    if (status == WTR_OK)
        check(&s);
    return 0;
}
