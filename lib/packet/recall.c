/* SPDX-License-Identifier: Apache-2.0 */
/* Two rings: one of bytes, one of runs that point into it. Runs of one stream are chained backwards by their
 * numbers, which only rise; a run is forgotten when its place in either ring was used again, and so is
 * everything before it. */
#include "packet/recall.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_BYTES = 1 << 16,
    RUNS_FRACTION = 128,     /* of the bytes: so many runs */
    LONGEST_RUN_FRACTION = 8 /* so that the ring is never one run, forgotten all at once */
};

struct run {
    uint64_t before; /* the mark of the stream's run before this one; 0: none */
    uint64_t at;     /* first byte, counted since the ring's beginning */
    int64_t place;
    uint64_t length;
};

struct wtr_recall {
    uint8_t *bytes;
    size_t size;
    struct run *runs;
    size_t run_count;
    uint64_t written; /* bytes ever taken up */
    uint64_t made;    /* runs ever made; a run's mark is its number from 1 */
};

struct wtr_recall *wtr_recall_new(size_t bytes)
{
    struct wtr_recall *recall = calloc(1, sizeof *recall);
    if (!recall)
        return NULL;
    recall->size = bytes > LEAST_BYTES ? bytes : LEAST_BYTES;
    recall->run_count = recall->size / RUNS_FRACTION;
    recall->bytes = malloc(recall->size);
    recall->runs = calloc(recall->run_count, sizeof *recall->runs);
    if (!recall->bytes || !recall->runs) {
        wtr_recall_free(recall);
        return NULL;
    }
    return recall;
}

void wtr_recall_free(struct wtr_recall *recall)
{
    if (!recall)
        return;
    free(recall->bytes);
    free(recall->runs);
    free(recall);
}

static struct run *run_of(const struct wtr_recall *recall, uint64_t mark)
{
    return &recall->runs[mark % recall->run_count];
}

/* Whether the bytes can go behind the stream's last run: it is the last of all, and there is room before the
 * ring's end. */
static bool extends(const struct wtr_recall *recall, uint64_t mark, int64_t place, size_t length)
{
    if (mark == 0 || mark != recall->made)
        return false;
    const struct run *last = run_of(recall, mark);
    return last->place + (int64_t)last->length == place &&
           last->length + length <= recall->size / LONGEST_RUN_FRACTION &&
           recall->written % recall->size + length <= recall->size &&
           last->at / recall->size == recall->written / recall->size;
}

void wtr_recall_keep(struct wtr_recall *recall, uint64_t *mark, int64_t place, const uint8_t *bytes,
                     size_t length)
{
    if (length == 0 || length > recall->size)
        return;
    if (!extends(recall, *mark, place, length)) {
        uint64_t used = recall->written % recall->size;
        if (used + length > recall->size)
            recall->written += recall->size - used;
        recall->made++;
        *run_of(recall, recall->made) =
            (struct run){.before = *mark, .at = recall->written, .place = place, .length = 0};
        *mark = recall->made;
    }
    memcpy(recall->bytes + recall->written % recall->size, bytes, length);
    recall->written += length;
    run_of(recall, *mark)->length += length;
}

bool wtr_recall_back(const struct wtr_recall *recall, uint64_t *mark, struct wtr_recall_run *run)
{
    if (*mark == 0 || recall->made - *mark >= recall->run_count)
        return false;
    const struct run *found = run_of(recall, *mark);
    if (recall->written - found->at > recall->size)
        return false;
    run->place = found->place;
    run->bytes = recall->bytes + found->at % recall->size;
    run->length = (size_t)found->length;
    *mark = found->before;
    return true;
}
