/* SPDX-License-Identifier: Apache-2.0 */
/* Extraction of all sources, to a fixpoint of the keys: what evidence gives of secrets opens what is read
 * after it at once; where it would have opened something that was read before, everything is read again with
 * all that is known by then. So neither the order of sources nor a secret's place in them matters. */
#include "case/case_internal.h"

#include "case/dump.h"
#include "case/feed.h"

/* Each pass but the last finds a secret that was wanted. */
enum { MOST_PASSES = 8 };

enum wtr_status wtr_case_open_sorters(struct wtr_case *c)
{
    size_t memory = c->options.memory, size = sizeof(struct wtr_key);
    const char *directory = c->options.temporary;
    enum wtr_status status = wtr_sorter_new(&c->items, size, wtr_key_compare_any, memory, directory);
    if (status == WTR_OK)
        status = wtr_sorter_new(&c->notes, size, wtr_key_compare_any, memory / 4, directory);
    if (status == WTR_OK)
        status = wtr_sorter_new(&c->messages, size, wtr_key_compare_any, memory, directory);
    return status;
}

/* Dumps are read for their keys first, and again as long as these gave more, so that it does not matter in
 * what order the evidence was given. A source that can be read once only is left for its own turn. */
static enum wtr_status gather_keys(struct wtr_case *c)
{
    enum { MOST_ROUNDS = 4 };
    enum wtr_status status = WTR_OK;
    bool more = c->source_count > 1;
    for (int round = 0; more && round < MOST_ROUNDS && status == WTR_OK; round++) {
        size_t before = c->keys.count;
        for (uint32_t i = 0; i < c->source_count && status == WTR_OK; i++) {
            struct wtr_case_source *s = c->sources[i];
            if (!s->is_dump || !wtr_source_is_again(s))
                continue;
            status = wtr_dump_source(c, i, true);
            if (status == WTR_OK)
                status = wtr_source_rewind(s);
        }
        more = c->keys.count > before;
    }
    return status;
}

/* Dumps, then captures, so that keys of the ones open the others. */
static enum wtr_status extract_once(struct wtr_case *c)
{
    enum wtr_status status = WTR_OK;
    c->keys.tls->again = false;
    for (uint32_t i = 0; i < c->source_count && status == WTR_OK; i++)
        if (c->sources[i]->is_dump)
            status = wtr_dump_source(c, i, false);
    for (uint32_t i = 0; i < c->source_count && status == WTR_OK; i++)
        if (!c->sources[i]->is_dump)
            status = wtr_extract_source(c, i);
    return status;
}

static bool all_again(const struct wtr_case *c)
{
    for (size_t i = 0; i < c->source_count; i++)
        if (!wtr_source_is_again(c->sources[i]))
            return false;
    return true;
}

/* Forgets all that was extracted; the keys that were found stay. */
static enum wtr_status forget(struct wtr_case *c)
{
    enum wtr_status status = WTR_OK;
    wtr_sorter_free(c->items);
    wtr_sorter_free(c->notes);
    wtr_sorter_free(c->messages);
    c->items = c->notes = c->messages = NULL;
    wtr_devices_free(&c->devices);
    c->devices = (struct wtr_devices){0};
    c->on_times = false;
    for (size_t i = 0; i < c->source_count && status == WTR_OK; i++) {
        c->bytes_total += c->sources[i]->size;
        status = wtr_source_rewind(c->sources[i]);
    }
    return status == WTR_OK ? wtr_case_open_sorters(c) : status;
}

/* A secret came too late for a source that can't be read again: its result is not all that there is. */
static void tell_partial(struct wtr_case *c)
{
    for (size_t i = 0; i < c->source_count; i++)
        if (!wtr_source_is_again(c->sources[i]))
            c->sources[i]->summary.complete = false;
}

enum wtr_status wtr_extract_all(struct wtr_case *c)
{
    enum wtr_status status = c->feed ? WTR_OK : wtr_sources_order(c);
    if (status == WTR_OK)
        status = wtr_results_header(c);
    if (status == WTR_OK && c->feed)
        return wtr_feed_finish(c->feed);
    if (status == WTR_OK)
        status = gather_keys(c);
    for (unsigned pass = 1; status == WTR_OK; pass++) {
        status = extract_once(c);
        if (status != WTR_OK || !c->keys.tls->again || pass == MOST_PASSES)
            break;
        if (!all_again(c)) {
            tell_partial(c);
            break;
        }
        status = forget(c);
    }
    return status;
}
