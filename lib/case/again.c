/* SPDX-License-Identifier: Apache-2.0 */
/* Extraction of all sources, to a fixpoint of the keys: what evidence gives of secrets opens what is read
 * after it at once; where it would have opened something that was read before, everything is read again with
 * all that is known by then. So neither the order of sources nor a secret's place in them matters. */
#include "case/case_internal.h"

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

static enum wtr_status extract_once(struct wtr_case *c)
{
    enum wtr_status status = WTR_OK;
    c->keys.tls->again = false;
    for (uint32_t i = 0; i < c->source_count && status == WTR_OK; i++)
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
