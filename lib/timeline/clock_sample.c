/* SPDX-License-Identifier: Apache-2.0 */
/* The sample: a table of hashes below a threshold, which is halved whenever the table is half full. */
#include "timeline/clock_sample.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 1 << 14, MOST = PLACES / 2 };

struct place {
    struct wtr_clock_mark mark;
    bool used;
    bool repeated;
};

struct wtr_clock_sample {
    struct place *table; /* until it is sealed */
    size_t count;
    unsigned shift; /* hashes below 2^(64 - shift) are sampled */
    struct wtr_clock_mark *marks;
    size_t mark_count;
};

struct wtr_clock_sample *wtr_clock_sample_new(void)
{
    struct wtr_clock_sample *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->table = calloc(PLACES, sizeof *s->table);
    if (s->table)
        return s;
    free(s);
    return NULL;
}

void wtr_clock_sample_free(struct wtr_clock_sample *s)
{
    if (!s)
        return;
    free(s->table);
    free(s->marks);
    free(s);
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

/* Takes out what the halved threshold leaves out. */
static void halve(struct wtr_clock_sample *s)
{
    struct place kept[MOST];
    s->count = 0;
    s->shift++;
    for (size_t i = 0; i < PLACES; i++)
        if (s->table[i].used && is_sampled(s, s->table[i].mark.hash))
            kept[s->count++] = s->table[i];
    memset(s->table, 0, PLACES * sizeof *s->table);
    for (size_t i = 0; i < s->count; i++)
        *place_of(s, kept[i].mark.hash) = kept[i];
}

void wtr_clock_sample_add(struct wtr_clock_sample *s, uint64_t hash, int64_t time_ns)
{
    if (!s->table || !is_sampled(s, hash))
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

bool wtr_clock_sample_seal(struct wtr_clock_sample *s)
{
    s->marks = calloc(s->count + 1, sizeof *s->marks);
    if (!s->marks)
        return false;
    for (size_t i = 0; i < PLACES; i++)
        if (s->table[i].used && !s->table[i].repeated)
            s->marks[s->mark_count++] = s->table[i].mark;
    qsort(s->marks, s->mark_count, sizeof *s->marks, compare_marks);
    free(s->table);
    s->table = NULL;
    return true;
}

size_t wtr_clock_sample_marks(const struct wtr_clock_sample *s, const struct wtr_clock_mark **marks)
{
    *marks = s->marks;
    return s->mark_count;
}
