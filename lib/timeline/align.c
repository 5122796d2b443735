/* SPDX-License-Identifier: Apache-2.0 */
/* Shifting. Every time that an item or a note holds is moved by what its own source's clock asks for there.
 */
#include "timeline/align.h"

#include "timeline/note.h"

#include <stdlib.h>

bool wtr_align_needed(const struct wtr_clock *clocks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (clocks[i].offset_ns != 0 || clocks[i].skew_ppb != 0)
            return true;
    return false;
}

static bool is_time(int64_t time_ns)
{
    return time_ns != INT64_MAX && time_ns != INT64_MIN;
}

static void shift(const struct wtr_clock *clock, int64_t *time_ns)
{
    if (is_time(*time_ns))
        *time_ns += wtr_clock_shift(clock, *time_ns);
}

static void shift_item(const struct wtr_clock *clock, struct wtr_item *item)
{
    struct wtr_statement *fixed = &item->fixed;
    fixed->shift_ns = is_time(fixed->origin.time_ns) ? wtr_clock_shift(clock, fixed->origin.time_ns) : 0;
    shift(clock, &fixed->key.time_ns);
    fixed->origin.time_ns += fixed->shift_ns;
    shift(clock, &fixed->flow_start_ns);
    shift(clock, &fixed->earliest_ns);
    shift(clock, &fixed->latest_ns);
    for (size_t i = 0; i < item->part_count; i++)
        item->parts[i].time_ns += fixed->shift_ns;
    if (fixed->type == WTR_ITEM_WINDOW)
        shift(clock, &item->values[WTR_WINDOW_TO_NS].number);
}

enum wtr_status wtr_align_items(struct wtr_sorter *items, const struct wtr_clock *clocks,
                                struct wtr_sorter *out)
{
    struct wtr_sorted *sorted = NULL;
    struct wtr_buffer packed = {0};
    struct wtr_item *item = malloc(sizeof *item);
    enum wtr_status status = item ? wtr_sorted_open(&sorted, items) : WTR_E_MEMORY;
    while (status == WTR_OK) {
        const void *key;
        struct wtr_text record;
        status = wtr_sorted_next(sorted, &key, &record);
        if (status != WTR_OK)
            break;
        struct wtr_key at;
        memcpy(&at, key, sizeof at);
        if (!wtr_item_unpack(&at, record, item)) {
            status = WTR_E_INTERNAL;
            break;
        }
        shift_item(&clocks[item->fixed.key.source], item);
        wtr_buffer_clear(&packed);
        wtr_item_pack(item, &packed);
        status =
            packed.failed ? WTR_E_MEMORY : wtr_sorter_add(out, &item->fixed.key, wtr_buffer_text(&packed));
    }
    wtr_sorted_close(sorted);
    wtr_buffer_free(&packed);
    free(item);
    return status == WTR_END ? WTR_OK : status;
}

enum wtr_status wtr_align_notes(struct wtr_sorter *notes, const struct wtr_clock *clocks,
                                struct wtr_sorter *out)
{
    struct wtr_sorted *sorted = NULL;
    enum wtr_status status = wtr_sorted_open(&sorted, notes);
    while (status == WTR_OK) {
        const void *key;
        struct wtr_text record;
        struct wtr_note note;
        status = wtr_sorted_next(sorted, &key, &record);
        if (status != WTR_OK)
            break;
        struct wtr_key about;
        memcpy(&about, key, sizeof about);
        if (!wtr_note_take(&about, record, &note)) {
            status = WTR_E_INTERNAL;
            break;
        }
        shift(&clocks[note.about.source], &note.about.time_ns);
        if (is_time(note.origin.time_ns)) {
            note.shift_ns = wtr_clock_shift(&clocks[note.source], note.origin.time_ns);
            note.origin.time_ns += note.shift_ns;
        }
        status = wtr_note_add(out, &note);
    }
    wtr_sorted_close(sorted);
    return status == WTR_END ? WTR_OK : status;
}
