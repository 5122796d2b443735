/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of ON, one at a time for each channel. */
#include "timeline/derive.h"

#include "base/arena.h"
#include "base/map.h"
#include "timeline/id.h"

#include <stdlib.h>

#define SECOND INT64_C(1000000000)

/* The device counts whole seconds, by a crystal that is not exact: what such crystals are sold for is within
 * 50 parts in a million; twice that is allowed. */
static const int64_t counting_ns = SECOND;
static const int64_t drift_ns_per_s = 100000;

enum { FIRST_KEPT = WTR_MAX_DERIVED_FROM - 2 }; /* the two that set the bounds are always listed */

/* A run of ON of one channel. */
struct run {
    bool open;
    struct wtr_statement first; /* its first statement's */
    char channel[WTR_MAX_CHANNEL];
    int64_t earliest_ns, latest_ns;
    int64_t last_ns; /* when its last statement was made */
    int64_t last_on_time_ns;
    uint64_t statements;
    struct wtr_id ids[FIRST_KEPT];
    struct wtr_id earliest_by, latest_by;
};

struct wtr_deriver {
    const struct wtr_timeline_setup *setup;
    struct wtr_sha256 *sha256;
    struct wtr_sorter *out;
    struct wtr_map by_channel; /* to index in `runs` */
    struct run *runs;
    size_t run_count, run_capacity;
    struct wtr_buffer packed;
    struct wtr_item item; /* being read */
    struct wtr_item made; /* what is said of a run */
};

/* One statement of ON with its on-time. */
struct poll {
    const struct wtr_item *item;
    struct wtr_id id;
    int64_t time_ns;
    int64_t on_time_ns;
    int64_t earliest_ns, latest_ns;
};

static bool is_listed(const struct wtr_id *list, size_t count, const struct wtr_id *id)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(list[i].text, id->text, sizeof id->text) == 0)
            return true;
    return false;
}

static size_t list_ids(const struct run *run, struct wtr_id list[WTR_MAX_DERIVED_FROM])
{
    size_t count = run->statements < FIRST_KEPT ? (size_t)run->statements : FIRST_KEPT;
    memcpy(list, run->ids, count * sizeof *list);
    const struct wtr_id *bounds[2] = {&run->earliest_by, &run->latest_by};
    for (size_t i = 0; i < 2; i++)
        if (!is_listed(list, count, bounds[i]))
            list[count++] = *bounds[i];
    return count;
}

/* The run is over: what it tells is said. It cites the bytes of its first statement, from which its ordinal
 * tells it apart. */
static enum wtr_status end_run(struct wtr_deriver *d, struct run *run)
{
    struct wtr_id list[WTR_MAX_DERIVED_FROM];
    if (!run->open)
        return WTR_OK;
    run->open = false;
    struct wtr_item *item = &d->made;
    *item = (struct wtr_item){.fixed = run->first};
    struct wtr_statement *fixed = &item->fixed;
    fixed->flags =
        WTR_FLAG_DERIVED | WTR_FLAG_BOUNDED | WTR_FLAG_EARLIEST | WTR_FLAG_LATEST | WTR_FLAG_EXCHANGE;
    fixed->earliest_ns = run->earliest_ns;
    fixed->latest_ns = run->latest_ns;
    fixed->key.time_ns = run->earliest_ns;
    fixed->ordinal++;
    fixed->trigger = WTR_TRIGGER_NONE;
    fixed->basis = WTR_BASIS_NONE;
    fixed->exchange = 0;
    item->channel = wtr_text_of(run->channel, fixed->channel_length);
    item->values[0] =
        (struct wtr_value){.field = WTR_FIELD_STATE, .type = WTR_VALUE_TEXT, .text = WTR_TEXT("on")};
    item->values[1] = (struct wtr_value){
        .field = WTR_FIELD_STATEMENTS, .type = WTR_VALUE_INTEGER, .number = (int64_t)run->statements};
    item->value_count = 2;
    item->derived_from = wtr_text_of(list, list_ids(run, list) * sizeof *list);
    wtr_buffer_clear(&d->packed);
    wtr_item_pack(item, &d->packed);
    return d->packed.failed ? WTR_E_MEMORY : wtr_sorter_add(d->out, &fixed->key, wtr_buffer_text(&d->packed));
}

static void begin_run(struct run *run, const struct poll *p)
{
    *run = (struct run){.open = true,
                        .first = p->item->fixed,
                        .earliest_ns = p->earliest_ns,
                        .latest_ns = p->latest_ns,
                        .earliest_by = p->id,
                        .latest_by = p->id};
    run->first.channel_length = (uint8_t)p->item->channel.length;
    if (p->item->channel.length)
        memcpy(run->channel, p->item->channel.data, p->item->channel.length);
}

/* Whether the relay went on anew since the run's last statement: the counter fell, or the moment that it
 * dates lies behind that statement. A moment before it that no longer meets the run's is the device's clock,
 * which is not exact over hours; there the first statements stand. */
static bool is_new(const struct run *run, const struct poll *p)
{
    if (!run->open || p->on_time_ns < run->last_on_time_ns)
        return true;
    bool meets = p->earliest_ns <= run->latest_ns && p->latest_ns >= run->earliest_ns;
    return !meets && p->latest_ns >= run->last_ns;
}

static void add_poll(struct run *run, const struct poll *p)
{
    bool meets = p->earliest_ns <= run->latest_ns && p->latest_ns >= run->earliest_ns;
    if (meets && p->earliest_ns > run->earliest_ns) {
        run->earliest_ns = p->earliest_ns;
        run->earliest_by = p->id;
    }
    if (meets && p->latest_ns < run->latest_ns) {
        run->latest_ns = p->latest_ns;
        run->latest_by = p->id;
    }
    run->last_ns = p->time_ns;
    run->last_on_time_ns = p->on_time_ns;
    if (run->statements < FIRST_KEPT)
        run->ids[run->statements] = p->id;
    run->statements++;
}

static uint64_t channel_key(const struct wtr_deriver *d, uint32_t device, struct wtr_text channel)
{
    return wtr_hash64(channel.data, channel.length, d->setup->devices->list[device].same_as);
}

/* The channel's run; NULL: it never had one. */
static struct run *known_run(const struct wtr_deriver *d, uint32_t device, struct wtr_text channel)
{
    const uint64_t *known = wtr_map_find(&d->by_channel, channel_key(d, device, channel));
    return known ? &d->runs[*known] : NULL;
}

/* The channel's run, made if new; NULL: no memory. */
static struct run *run_of(struct wtr_deriver *d, const struct wtr_item *item)
{
    struct run *run = known_run(d, item->fixed.device, item->channel);
    if (run)
        return run;
    if (d->run_count == d->run_capacity) {
        size_t capacity = d->run_capacity ? d->run_capacity * 2 : 64;
        struct run *runs = realloc(d->runs, capacity * sizeof *runs);
        if (!runs)
            return NULL;
        d->runs = runs;
        d->run_capacity = capacity;
    }
    if (!wtr_map_put(&d->by_channel, channel_key(d, item->fixed.device, item->channel), d->run_count))
        return NULL;
    d->runs[d->run_count] = (struct run){0};
    return &d->runs[d->run_count++];
}

/* False: the on-time is no number of seconds that a relay can have been on. */
static bool read_poll(const struct wtr_deriver *d, const struct wtr_item *item, struct poll *p)
{
    static const int64_t longest_s = INT64_C(3155760000); /* a century */
    const struct wtr_value *on_time = wtr_item_value(item, WTR_FIELD_ON_TIME_S);
    int64_t s = on_time && on_time->type == WTR_VALUE_INTEGER ? on_time->number : -1;
    int64_t time_ns = item->fixed.origin.time_ns;
    if (s < 0 || s > longest_s || time_ns < 0)
        return false;
    int64_t doubt =
        counting_ns + s * drift_ns_per_s + d->setup->clocks[item->fixed.key.source].uncertainty_ns;
    int64_t moment = time_ns - s * SECOND;
    *p = (struct poll){.item = item,
                       .time_ns = time_ns,
                       .on_time_ns = s * SECOND,
                       .earliest_ns = moment - doubt,
                       .latest_ns = moment + doubt < time_ns ? moment + doubt : time_ns};
    wtr_event_id(d->sha256, d->setup->source_sha256, item, &p->id);
    return true;
}

static enum wtr_status look_at(struct wtr_deriver *d, const struct wtr_item *item)
{
    const struct wtr_value *state = wtr_item_value(item, WTR_FIELD_STATE);
    bool on = state && wtr_text_is(state->text, "on");
    bool off = state && wtr_text_is(state->text, "off");
    struct poll p;
    if (!on && !off)
        return WTR_OK;
    struct run *run = run_of(d, item);
    if (!run)
        return WTR_E_MEMORY;
    if (off)
        return end_run(d, run);
    if (!read_poll(d, item, &p))
        return WTR_OK;
    enum wtr_status status = WTR_OK;
    if (is_new(run, &p)) {
        status = end_run(d, run);
        begin_run(run, &p);
    }
    add_poll(run, &p);
    return status;
}

/* A statement without an on-time matters only where one with it came before: it may end a run. */
static bool is_of_interest(const struct wtr_deriver *d, const struct wtr_statement *fixed,
                           struct wtr_text channel)
{
    unsigned unfit = WTR_FLAG_RETAINED | WTR_FLAG_PAST | WTR_FLAG_BOUNDED;
    return fixed->kind == WTR_KIND_POWER_STATE && !fixed->inferred && !(fixed->flags & unfit) &&
           (fixed->flags & WTR_FLAG_ON_TIME || known_run(d, fixed->device, channel));
}

enum wtr_status wtr_deriver_add(void *deriver, const struct wtr_key *key, struct wtr_text packed,
                                const struct wtr_statement *fixed, struct wtr_text channel)
{
    struct wtr_deriver *d = deriver;
    if (!is_of_interest(d, fixed, channel))
        return WTR_OK;
    return wtr_item_unpack(key, packed, &d->item) ? look_at(d, &d->item) : WTR_E_INTERNAL;
}

enum wtr_status wtr_deriver_finish(struct wtr_deriver *d)
{
    enum wtr_status status = WTR_OK;
    for (size_t i = 0; i < d->run_count && status == WTR_OK; i++)
        status = end_run(d, &d->runs[i]);
    return status;
}

enum wtr_status wtr_deriver_new(struct wtr_deriver **deriver, const struct wtr_timeline_setup *setup,
                                struct wtr_sha256 *sha256, struct wtr_sorter *out)
{
    struct wtr_deriver *d = calloc(1, sizeof *d);
    if (!d)
        return WTR_E_MEMORY;
    d->setup = setup;
    d->sha256 = sha256;
    d->out = out;
    *deriver = d;
    return WTR_OK;
}

void wtr_deriver_free(struct wtr_deriver *d)
{
    if (!d)
        return;
    wtr_map_free(&d->by_channel);
    wtr_buffer_free(&d->packed);
    free(d->runs);
    free(d);
}
