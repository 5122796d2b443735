/* SPDX-License-Identifier: Apache-2.0 */
/* The search walks the chain from every place that could begin one. Chains run into each other, so each place
 * that was once part of a chain that broke is marked, and no chain is walked twice. */
#include "packet/resync.h"

#include "evidence/input.h"

#include <stdlib.h>
#include <string.h>

struct wtr_resync {
    uint8_t broken[WTR_INPUT_WINDOW / 8]; /* a bit per place: the chain from here breaks */
};

struct wtr_resync *wtr_resync_new(void)
{
    return malloc(sizeof(struct wtr_resync));
}

void wtr_resync_free(struct wtr_resync *resync)
{
    free(resync);
}

static bool mark_broken(struct wtr_resync *resync, size_t at)
{
    uint8_t bit = (uint8_t)(1U << (at % 8));
    bool before = (resync->broken[at / 8] & bit) != 0;
    resync->broken[at / 8] |= bit;
    return before;
}

/* Whether the chain that starts at `start` is believable. At the end of the file one whole record that ends
 * there is enough, or two whole ones with the cut part of a third where that counts. */
static bool holds(struct wtr_resync *resync, const struct wtr_resync_rule *rule, const uint8_t *bytes,
                  size_t length, bool last, size_t start)
{
    size_t at = start;
    size_t whole = 0;
    while (at - start <= rule->longest) {
        size_t left = length - at;
        bool cut = last && rule->cut_counts && whole >= 2;
        if (left < rule->header) {
            return cut || (last && left == 0 && whole >= 1);
        }
        if (mark_broken(resync, at)) {
            return false;
        }
        size_t record = rule->measure(rule->state, bytes + at, left);
        if (record == 0 || record > left) {
            return record > 0 && cut;
        }
        at += record;
        whole++;
    }
    return true;
}

size_t wtr_resync_find(struct wtr_resync *resync, const struct wtr_resync_rule *rule, const uint8_t *bytes,
                       size_t length, bool last, size_t from, size_t until)
{
    memset(resync->broken, 0, sizeof resync->broken);
    for (size_t at = from; at < until && length - at >= rule->header; at++) {
        if (rule->measure(rule->state, bytes + at, length - at) > 0 &&
            holds(resync, rule, bytes, length, last, at)) {
            return at;
        }
    }
    return until;
}
