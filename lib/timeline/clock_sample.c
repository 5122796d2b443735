/* SPDX-License-Identifier: Apache-2.0 */
/* The sample: a table of hashes below a threshold that is halved whenever the table is full. */
#include "timeline/clock_sample.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 1 << 15, MOST = PLACES / 2 };

struct place {
    struct wtr_clock_mark mark;
    bool used;
    bool repeated;
};

struct wtr_clock_sample {
    struct place table[PLACES];
    size_t count;
    unsigned shift; /* hashes below 2^(64 - shift) are sampled */
    struct wtr_clock_mark marks[MOST];
    size_t mark_count;
};

struct wtr_clock_sample *wtr_clock_sample_new(void)
{
    return calloc(1, sizeof(struct wtr_clock_sample));
}

void wtr_clock_sample_free(struct wtr_clock_sample *sample)
{
    free(sample);
}

static bool is_sampled(const struct wtr_clock_sample *s, uint64_t hash)
{
    return s->shift == 0 || hash >> (64 - s->shift) == 0;
}

static struct place *place_of(struct wtr_clock_sample *s, uint64_t hash)
{
    size_t i = wtr_mix64(hash) % PLACES;
    while (s->table[i].used && s->table[i].mark.hash != hash)
        i = (i + 1) % PLACES;
    return &s->table[i];
}

/* Takes out what the halved threshold leaves out, by building the table anew in place: what is kept fits into
 * `marks`, which serves as its store. */
static void halve(struct wtr_clock_sample *s)
{
    bool repeated[MOST];
    size_t kept = 0;
    s->shift++;
    for (size_t i = 0; i < PLACES; i++) {
        const struct place *p = &s->table[i];
        if (p->used && is_sampled(s, p->mark.hash)) {
            repeated[kept] = p->repeated;
            s->marks[kept++] = p->mark;
        }
    }
    memset(s->table, 0, sizeof s->table);
    for (size_t i = 0; i < kept; i++)
        *place_of(s, s->marks[i].hash) =
            (struct place){.mark = s->marks[i], .used = true, .repeated = repeated[i]};
    s->count = kept;
}

void wtr_clock_sample_add(struct wtr_clock_sample *s, uint64_t hash, int64_t time_ns)
{
    if (!is_sampled(s, hash))
        return;
    struct place *p = place_of(s, hash);
    if (p->used) {
        p->repeated = true;
        return;
    }
    *p = (struct place){.mark = {hash, time_ns}, .used = true};
    s->count++;
    while (s->count == MOST && s->shift < 63)
        halve(s);
}

static int compare_marks(const void *a, const void *b)
{
    const struct wtr_clock_mark *ma = a, *mb = b;
    return ma->hash < mb->hash ? -1 : ma->hash > mb->hash;
}

size_t wtr_clock_sample_marks(struct wtr_clock_sample *s, const struct wtr_clock_mark **marks)
{
    s->mark_count = 0;
    for (size_t i = 0; i < PLACES; i++)
        if (s->table[i].used && !s->table[i].repeated && s->mark_count < MOST)
            s->marks[s->mark_count++] = s->table[i].mark;
    qsort(s->marks, s->mark_count, sizeof *s->marks, compare_marks);
    *marks = s->marks;
    return s->mark_count;
}
