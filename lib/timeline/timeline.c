/* SPDX-License-Identifier: Apache-2.0 */
/* The second stage: goes through the sorted statements once to find the copies, and once more to make events
 * of what is left: ids, names, change and transition, causes, words. */
#include "timeline/timeline.h"

#include "base/sha256.h"
#include "timeline/copies.h"
#include "timeline/derive.h"
#include "timeline/id.h"
#include "timeline/roster.h"
#include "timeline/state.h"
#include "timeline/wording.h"

#include <stdlib.h>

struct wtr_timeline {
    struct wtr_timeline_setup setup;
    struct wtr_sorter *notes;   /* what holds after the search for copies */
    struct wtr_map same;        /* flows that are one connection */
    struct wtr_sorter *derived; /* NULL: nothing is */
    struct wtr_joined *joined;
    struct wtr_joined_item current;
    struct wtr_made *made; /* the record in the making */
    struct wtr_memory memory;
    struct wtr_roster roster;
    struct wtr_sha256 *sha256;
    struct wtr_timeline_counts counts;
};

/* Finds the copies, and what follows from several of the others together. */
static enum wtr_status find_copies(struct wtr_timeline *t, struct wtr_deriver *deriver)
{
    const struct wtr_timeline_setup *s = &t->setup;
    const struct wtr_originals originals = {deriver, wtr_deriver_add};
    enum wtr_status status =
        wtr_sorter_new(&t->notes, sizeof(struct wtr_key), wtr_key_compare_any, s->memory / 2, s->temporary);
    if (status == WTR_OK)
        status =
            wtr_copies_find(s->items, s->notes, s->devices, t->notes, &t->same, deriver ? &originals : NULL);
    if (status == WTR_OK && deriver)
        status = wtr_deriver_finish(deriver);
    return status == WTR_OK ? wtr_sorter_seal(t->notes) : status;
}

static enum wtr_status first_pass(struct wtr_timeline *t)
{
    const struct wtr_timeline_setup *s = &t->setup;
    struct wtr_deriver *deriver = NULL;
    if (!s->on_times)
        return find_copies(t, NULL);
    enum wtr_status status =
        wtr_sorter_new(&t->derived, sizeof(struct wtr_key), wtr_key_compare_any, s->memory / 4, s->temporary);
    if (status == WTR_OK)
        status = wtr_deriver_new(&deriver, s, t->sha256, t->derived);
    if (status == WTR_OK)
        status = find_copies(t, deriver);
    wtr_deriver_free(deriver);
    return status == WTR_OK ? wtr_sorter_seal(t->derived) : status;
}

enum wtr_status wtr_timeline_new(struct wtr_timeline **timeline, const struct wtr_timeline_setup *setup)
{
    struct wtr_timeline *t = calloc(1, sizeof *t);
    if (!t)
        return WTR_E_MEMORY;
    t->setup = *setup;
    t->sha256 = wtr_sha256_new();
    bool whole = wtr_memory_open(&t->memory, setup->devices->count, setup->cause_window_ns) &&
                 wtr_roster_open(&t->roster, setup->devices) && t->sha256;
    enum wtr_status status = whole ? first_pass(t) : WTR_E_MEMORY;
    if (status == WTR_OK)
        status = wtr_joined_open(&t->joined, setup->items, t->notes, t->derived);
    if (status != WTR_OK) {
        wtr_timeline_free(t);
        return status;
    }
    *timeline = t;
    return WTR_OK;
}

void wtr_timeline_free(struct wtr_timeline *t)
{
    if (!t)
        return;
    wtr_joined_close(t->joined);
    wtr_sorter_free(t->notes);
    wtr_sorter_free(t->derived);
    wtr_map_free(&t->same);
    wtr_memory_close(&t->memory);
    wtr_roster_close(&t->roster);
    wtr_sha256_free(t->sha256);
    free(t);
}

void wtr_made_free(struct wtr_made *made)
{
    wtr_buffer_free(&made->packed);
    wtr_buffer_free(&made->scale);
    wtr_buffer_free(&made->message);
    wtr_arena_free(&made->secrets);
}

/* `shift_ns` was added to the origin's time; the evidence's is the source's own. */
static struct wtr_evidence evidence_of(uint32_t source, const struct wtr_origin *origin, int64_t shift_ns,
                                       const char *as)
{
    return (struct wtr_evidence){
        .source = source,
        .frame = origin->frame,
        .record_offset = origin->record_offset,
        .offset = origin->offset,
        .length = origin->length,
        .time_ns = origin->time_ns - shift_ns,
        .as = as,
    };
}

static struct wtr_text scale_of(struct wtr_timeline *t, uint32_t source)
{
    wtr_buffer_clear(&t->made->scale);
    wtr_put_z(&t->made->scale, "capture:");
    wtr_put_uint(&t->made->scale, t->setup.clocks[source].scale);
    return wtr_buffer_text(&t->made->scale);
}

/* A message that may have waited in a broker's stored session is known to be new only where its publication
 * was seen. */
static void bound_if_old(struct wtr_timeline *t)
{
    struct wtr_statement *fixed = &t->made->item.fixed;
    bool live = !(fixed->flags & WTR_FLAG_RESUMED);
    for (size_t i = 0; i < t->current.note_count; i++)
        live |= t->current.notes[i].leg == WTR_LEG_TO_BROKER;
    if (live || fixed->flags & WTR_FLAG_BOUNDED)
        return;
    fixed->flags |= WTR_FLAG_BOUNDED | WTR_FLAG_LATEST;
    fixed->latest_ns = fixed->origin.time_ns;
}

/* What a device wrote: dated by its own clock, of which nothing is known, or known by its place in an order.
 */
static void set_stored_time(struct wtr_timeline *t, struct wtr_event *e, const struct wtr_statement *fixed)
{
    wtr_buffer_clear(&t->made->scale);
    wtr_put_z(&t->made->scale, "device:");
    wtr_put_uint(&t->made->scale, fixed->key.source);
    e->time_basis = fixed->flags & WTR_FLAG_WRITTEN ? WTR_TIME_DEVICE : WTR_TIME_ORDER;
    e->has_time = fixed->flags & WTR_FLAG_WRITTEN;
    if (!e->has_time)
        return;
    e->time_ns = fixed->origin.time_ns;
    e->time_scale = wtr_buffer_text(&t->made->scale);
}

static void set_time(struct wtr_timeline *t, struct wtr_event *e, const struct wtr_statement *fixed)
{
    if (fixed->flags & WTR_FLAG_STORED && !(fixed->flags & WTR_FLAG_BOUNDED)) {
        set_stored_time(t, e, fixed);
        return;
    }
    int64_t uncertainty = t->setup.clocks[fixed->key.source].uncertainty_ns;
    e->time_scale = scale_of(t, fixed->key.source);
    if (fixed->flags & WTR_FLAG_BOUNDED) {
        e->time_basis = WTR_TIME_BOUNDED;
        e->earliest = (struct wtr_bound){fixed->flags & WTR_FLAG_EARLIEST, fixed->earliest_ns - uncertainty};
        e->latest = (struct wtr_bound){fixed->flags & WTR_FLAG_LATEST, fixed->latest_ns + uncertainty};
        return;
    }
    int64_t later = (fixed->resolution_ns > 1 ? fixed->resolution_ns - 1 : 0) + uncertainty;
    e->time_basis = WTR_TIME_CAPTURE;
    e->has_time = true;
    e->time_ns = fixed->origin.time_ns;
    e->earliest =
        (struct wtr_bound){true, e->time_ns < INT64_MIN + uncertainty ? INT64_MIN : e->time_ns - uncertainty};
    e->latest = (struct wtr_bound){true, e->time_ns > INT64_MAX - later ? INT64_MAX : e->time_ns + later};
    if (fixed->inferred) /* what is told of lies before the records that tell it */
        e->earliest = (struct wtr_bound){fixed->flags & WTR_FLAG_EARLIEST, fixed->earliest_ns - uncertainty};
}

static void set_evidence(struct wtr_timeline *t, struct wtr_event *e)
{
    const struct wtr_item *item = &t->made->item;
    uint32_t source = item->fixed.key.source;
    e->evidence = evidence_of(source, &item->fixed.origin, item->fixed.shift_ns, NULL);
    for (size_t i = 0; i < item->part_count; i++)
        t->made->parts[i] = evidence_of(source, &item->parts[i], item->fixed.shift_ns, NULL);
    e->parts = t->made->parts;
    e->part_count = item->part_count;
    size_t listed = t->current.note_count < WTR_MAX_ALSO ? t->current.note_count : WTR_MAX_ALSO;
    for (size_t i = 0; i < listed; i++) {
        const struct wtr_note *note = &t->current.notes[i];
        t->made->also[i] = evidence_of(note->source, &note->origin, note->shift_ns,
                                       wtr_copy_name((enum wtr_copy)note->copy));
    }
    e->also = t->made->also;
    e->also_count = listed;
    e->copies = t->current.note_count + t->current.more_notes;
    t->counts.copies += e->copies;
}

static bool is_live(const struct wtr_statement *fixed)
{
    return !fixed->inferred &&
           !(fixed->flags & (WTR_FLAG_RETAINED | WTR_FLAG_PAST | WTR_FLAG_BOUNDED | WTR_FLAG_STORED));
}

static void link_cause(struct wtr_timeline *t, struct wtr_event *e, const struct wtr_cause_found *found)
{
    bool device_said = e->cause.trigger != WTR_TRIGGER_NONE;
    bool fits = !device_said || (found->command && e->cause.trigger == found->command->trigger);
    if (found->command && !found->obscured && fits) {
        e->cause.has_event = true;
        e->cause.event = found->command->id;
        e->cause.has_delay = found->has_delay;
        e->cause.delay_ns = found->delay_ns;
        for (size_t i = 0; i < found->other_count; i++)
            t->made->others[i] = found->others[i]->id;
        e->cause.others = t->made->others;
        e->cause.other_count = found->other_count;
        if (!device_said) {
            e->cause.trigger = found->command->trigger;
            e->cause.basis = WTR_BASIS_PRECEDING_COMMAND;
        }
    } else if (!device_said) {
        e->cause.trigger = WTR_TRIGGER_UNKNOWN;
    }
}

/* A command comes before the switching that it makes, so that one just before the earliest moment that an
 * on-time allows for may be the cause, if none lies between the bounds. */
static struct wtr_cause_found find_cause(struct wtr_timeline *t, const struct wtr_event *e, uint32_t device,
                                         const struct wtr_baseline *before, bool on)
{
    const struct wtr_item *item = &t->made->item;
    struct wtr_bound since = e->transition_earliest;
    struct wtr_cause_found found =
        wtr_memory_cause(&t->memory, device, item, on, &since, &e->transition_latest);
    if (found.command || !since.known || since.time_ns <= before->time_ns)
        return found;
    int64_t window_ns = t->memory.cause_window_ns;
    bool within = since.time_ns - before->time_ns <= window_ns;
    since.time_ns = within ? before->time_ns : since.time_ns - window_ns;
    return wtr_memory_cause(&t->memory, device, item, on, &since, &e->transition_latest);
}

/* The state is in the answer to a command for it. */
static bool link_answered(struct wtr_timeline *t, struct wtr_event *e, uint32_t device, bool on)
{
    const struct wtr_recent_command *command = wtr_memory_answered(&t->memory, device, &t->made->item);
    if (!command || !wtr_memory_asks_for(command, on))
        return false;
    e->cause.has_event = true;
    e->cause.event = command->id;
    e->cause.has_delay = true;
    e->cause.delay_ns = e->time_ns - command->time_ns;
    if (e->cause.trigger == WTR_TRIGGER_NONE) {
        e->cause.trigger = command->trigger;
        e->cause.basis = WTR_BASIS_MATCHED_REQUEST;
    }
    return true;
}

/* The bounds of the switching itself: the last contrary statement, this one, and what was derived of when the
 * relay went on. */
static void set_transition(struct wtr_event *e, const struct wtr_baseline *before, bool on)
{
    /* What stands in the same frame waited for it: when it was said is not known, but after what came before.
     */
    bool same_frame =
        before->known && before->frame == e->evidence.frame && before->source == e->evidence.source;
    bool known = same_frame ? before->has_earlier : before->known;
    int64_t before_ns = same_frame ? before->earlier_ns : before->time_ns;
    e->has_transition = true;
    e->transition_earliest = (struct wtr_bound){known, before_ns};
    e->transition_latest = e->latest;
    bool dated = on && before->dated && before->dated_earliest_ns <= e->time_ns &&
                 (!known || before->dated_latest_ns >= before_ns);
    bool later = dated && (!known || before->dated_earliest_ns > before_ns);
    bool sooner = dated && before->dated_latest_ns < e->latest.time_ns;
    if (later)
        e->transition_earliest = (struct wtr_bound){true, before->dated_earliest_ns};
    if (sooner)
        e->transition_latest = (struct wtr_bound){true, before->dated_latest_ns};
    if (known && !later)
        e->transition_by[e->transition_by_count++] = same_frame ? before->earlier_id : before->id;
    if (later || sooner)
        e->transition_by[e->transition_by_count++] = before->dated_by;
    if (!sooner)
        e->transition_by[e->transition_by_count++] = e->id;
}

/* Before the baseline moves on to the event: what it was in an earlier frame, if of the same state. */
static void keep_earlier(struct wtr_baseline *before, const struct wtr_event *e, bool on)
{
    bool same = before->known && before->on == on;
    bool same_frame = before->frame == e->evidence.frame && before->source == e->evidence.source;
    if (same && same_frame)
        return;
    before->has_earlier = same;
    before->earlier_ns = before->time_ns;
    before->earlier_id = before->id;
}

/* Change, transition and cause of a live statement of a relay's state. */
static void relate_state(struct wtr_timeline *t, struct wtr_event *e, uint32_t device)
{
    const struct wtr_item *item = &t->made->item;
    const struct wtr_value *state = wtr_item_value(item, WTR_FIELD_STATE);
    bool on = state && wtr_text_is(state->text, "on");
    if (!state || (!on && !wtr_text_is(state->text, "off")))
        return;
    uint64_t flow = wtr_continuity_flow(&item->fixed);
    struct wtr_baseline *before = wtr_memory_baseline(&t->memory, device, item->channel, flow);
    if (!before)
        return;
    e->change = !before->known ? WTR_CHANGE_FIRST : before->on == on ? WTR_CHANGE_SAME : WTR_CHANGE_CHANGED;
    if (e->change != WTR_CHANGE_SAME)
        set_transition(e, before, on);
    bool answered = e->change != WTR_CHANGE_SAME && link_answered(t, e, device, on);
    if (e->change == WTR_CHANGE_CHANGED && !answered) {
        struct wtr_cause_found found = find_cause(t, e, device, before, on);
        link_cause(t, e, &found);
    }
    keep_earlier(before, e, on);
    before->known = true;
    before->on = on;
    before->time_ns = e->time_ns;
    before->source = e->evidence.source;
    before->frame = e->evidence.frame;
    before->step = t->memory.step;
    before->id = e->id;
    before->flow = flow;
}

/* A derived event bears no change and sets no baseline; it bounds the next switching on. */
static void remember_derived(struct wtr_timeline *t, const struct wtr_event *e, uint32_t device)
{
    const struct wtr_item *item = &t->made->item;
    struct wtr_baseline *channel = wtr_memory_channel(&t->memory, device, item->channel);
    if (!channel)
        return;
    channel->dated = true;
    channel->dated_earliest_ns = item->fixed.earliest_ns;
    channel->dated_latest_ns = item->fixed.latest_ns;
    channel->dated_by = e->id;
}

static void set_derived(struct wtr_timeline *t, struct wtr_event *e, uint32_t device)
{
    const struct wtr_item *item = &t->made->item;
    if (!(item->fixed.flags & WTR_FLAG_DERIVED))
        return;
    e->certainty = WTR_DERIVED;
    e->derived_from = (const void *)item->derived_from.data;
    e->derived_from_count = item->derived_from.length / sizeof *e->derived_from;
    remember_derived(t, e, device);
}

/* What the event means for what comes after it. */
static void remember(struct wtr_timeline *t, const struct wtr_event *e, uint32_t device)
{
    const struct wtr_statement *fixed = &t->made->item.fixed;
    struct wtr_device_memory *memory = wtr_memory_device(&t->memory, device);
    bool past = fixed->flags & (WTR_FLAG_RETAINED | WTR_FLAG_PAST | WTR_FLAG_STORED);
    if (!memory || past || fixed->inferred)
        return;
    switch (e->kind) {
    case WTR_KIND_POWER_COMMAND:
        wtr_memory_command(&t->memory, device, &t->made->item, &e->id, t->current.notes,
                           t->current.note_count);
        return;
    case WTR_KIND_DEVICE_BOOT:
    case WTR_KIND_SESSION_OPEN:
    case WTR_KIND_SESSION_CLOSE:
        wtr_memory_void(&t->memory, device);
        break;
    case WTR_KIND_DEVICE_CONFIG:
        return;
    default:
        break;
    }
    if (fixed->leg == WTR_LEG_TO_BROKER)
        memory->own_flow = fixed->flow;
}

/* How the plain text was got at, and what that says of the event's certainty. */
static void set_transform(struct wtr_timeline *t, struct wtr_event *e)
{
    const struct wtr_item *item = &t->made->item;
    e->transform = (struct wtr_transform){
        .steps = item->transform,
        .offset = item->fixed.plain_offset,
        .length = item->fixed.plain_length,
        .key = item->key,
        .key_origin = item->key_origin,
    };
    if (item->key.length)
        e->certainty = WTR_DECRYPTED;
}

/* What the event's entry says of itself. */
static void set_stored(struct wtr_timeline *t, struct wtr_event *e)
{
    const struct wtr_item *item = &t->made->item;
    const struct wtr_statement *fixed = &item->fixed;
    if (!(fixed->flags & WTR_FLAG_STORED))
        return;
    e->stored = true;
    e->record_state = (enum wtr_entry_state)fixed->entry_state;
    e->integrity = (enum wtr_integrity)fixed->integrity;
    e->check = item->check;
    e->order = (struct wtr_entry_order){.scope = item->order_scope,
                                        .sequence = fixed->order_sequence,
                                        .has_sequence = fixed->flags & WTR_FLAG_SEQUENCE,
                                        .basis = (enum wtr_order_basis)fixed->order_basis};
    e->mixed = fixed->stored & WTR_STORED_MIXED;
    e->attributed = fixed->stored & WTR_STORED_ATTRIBUTED;
    e->encryption = item->encryption;
    e->volume = item->volume;
    e->entry = item->entry;
    if (e->record_state != WTR_ENTRY_LIVE)
        e->certainty = WTR_RECOVERED;
}

static void set_cause(struct wtr_timeline *t, struct wtr_event *e)
{
    const struct wtr_item *item = &t->made->item;
    e->cause.trigger = (enum wtr_trigger)item->fixed.trigger;
    e->cause.basis = (enum wtr_cause_basis)item->fixed.basis;
    e->cause.endpoint = item->endpoint;
    e->cause.client_id = item->client_id;
    e->cause.user = item->user;
    e->cause.app_id = item->app_id;
    bool through_broker = item->fixed.leg != WTR_LEG_NONE;
    if (e->kind == WTR_KIND_POWER_COMMAND && e->cause.trigger == WTR_TRIGGER_NONE && through_broker)
        e->cause.trigger = WTR_TRIGGER_MQTT;
}

/* A secret as it is shown: the start of its SHA-256, and its length. */
static struct wtr_text hidden(struct wtr_timeline *t, struct wtr_text secret)
{
    struct wtr_buffer shown = {0};
    uint8_t digest[32];
    wtr_sha256_of(t->sha256, secret.data, secret.length, digest);
    wtr_put_z(&shown, "sha256:");
    wtr_put_hex(&shown, digest, 8);
    wtr_put_z(&shown, " (");
    wtr_put_uint(&shown, secret.length);
    wtr_put_z(&shown, " bytes)");
    struct wtr_text text = wtr_arena_copy(&t->made->secrets, wtr_buffer_text(&shown));
    wtr_buffer_free(&shown);
    return text;
}

/* In a credential the value and all that stood in the evidence are secrets. */
static void hide_secrets(struct wtr_timeline *t)
{
    struct wtr_item *item = &t->made->item;
    if (t->setup.reveal_secrets || item->fixed.kind != WTR_KIND_CREDENTIAL)
        return;
    wtr_arena_reset(&t->made->secrets);
    for (size_t i = 0; i < item->value_count; i++)
        if (item->values[i].field == WTR_FIELD_VALUE)
            item->values[i].text = hidden(t, item->values[i].text);
    for (size_t i = 0; i < item->raw_count; i++) {
        item->raws[i].value = hidden(t, item->raws[i].value);
        item->raws[i].type = WTR_RAW_TEXT;
    }
}

static void make_event(struct wtr_timeline *t)
{
    const struct wtr_item *item = &t->made->item;
    struct wtr_event *e = &t->made->as.event;
    *e = (struct wtr_event){.kind = (enum wtr_kind)item->fixed.kind, .certainty = WTR_OBSERVED};
    const struct wtr_device *named = &t->setup.devices->list[item->fixed.device];
    uint32_t device = named->same_as;
    bound_if_old(t);
    hide_secrets(t);
    wtr_event_id(t->sha256, t->setup.source_sha256, item, &e->id);
    set_time(t, e, &item->fixed);
    e->device = named->name;
    e->channel = item->channel;
    e->outlet = item->fixed.outlet;
    e->data = item->values;
    e->data_count = item->value_count;
    e->raw = item->raws;
    e->raw_count = item->raw_count;
    e->retained = item->fixed.flags & WTR_FLAG_RETAINED;
    e->past = item->fixed.flags & WTR_FLAG_PAST;
    if (item->fixed.path < t->setup.path_count)
        e->path = t->setup.paths[item->fixed.path];
    set_evidence(t, e);
    set_transform(t, e);
    set_stored(t, e);
    set_cause(t, e);
    set_derived(t, e, device);
    if (item->fixed.inferred)
        e->certainty = WTR_INFERRED;
    wtr_memory_saw_flow(&t->memory, wtr_continuity_flow(&item->fixed));
    if (item->fixed.flags & WTR_FLAG_EXCHANGE)
        wtr_memory_spoke_of(&t->memory, item->fixed.flow, device);
    if (e->kind == WTR_KIND_POWER_STATE && is_live(&item->fixed))
        relate_state(t, e, device);
    remember(t, e, device);
    wtr_roster_add(&t->roster, device, item);
    t->counts.events++;
    t->made->record = (struct wtr_record){.type = WTR_RECORD_EVENT, .as.event = e};
}

static void make_finding(struct wtr_timeline *t)
{
    const struct wtr_item *item = &t->made->item;
    struct wtr_finding *f = &t->made->as.finding;
    *f = (struct wtr_finding){
        .evidence = evidence_of(item->fixed.key.source, &item->fixed.origin, item->fixed.shift_ns, NULL),
        .has_time = item->fixed.key.time_ns != INT64_MAX,
        .time_ns = item->fixed.key.time_ns,
        .where = item->where,
        .reason = item->reason,
        .volume = item->volume,
    };
    wtr_buffer_clear(&t->made->message);
    wtr_put_text(&t->made->message, item->where);
    wtr_put_z(&t->made->message, ": ");
    wtr_put_text(&t->made->message, item->reason);
    if (item->value_count > 0) {
        wtr_put_z(&t->made->message, ": ");
        wtr_put_int(&t->made->message, item->values[0].number);
        wtr_put_char(&t->made->message, ' ');
        wtr_put_text(&t->made->message, item->value_count > 1 ? item->values[1].text : WTR_TEXT("bytes"));
    }
    f->message = wtr_buffer_text(&t->made->message);
    t->counts.findings++;
    t->made->record = (struct wtr_record){.type = WTR_RECORD_FINDING, .as.finding = f};
}

static void make_window(struct wtr_timeline *t)
{
    const struct wtr_item *item = &t->made->item;
    const struct wtr_value *v = item->values;
    struct wtr_window *w = &t->made->as.window;
    const struct wtr_devices *devices = t->setup.devices;
    *w = (struct wtr_window){
        .source = item->fixed.key.source,
        .protocol = item->where,
        .client = item->endpoint,
        .server = item->user,
        .client_id = item->client_id,
        .from_ns = item->fixed.key.time_ns,
        .to_ns = v[WTR_WINDOW_TO_NS].number,
        .from_start = v[WTR_WINDOW_FROM_START].number,
        .end = item->reason,
        .frames = {(uint64_t)v[WTR_WINDOW_CLIENT_FRAMES].number,
                   (uint64_t)v[WTR_WINDOW_SERVER_FRAMES].number},
        .bytes = {(uint64_t)v[WTR_WINDOW_CLIENT_BYTES].number, (uint64_t)v[WTR_WINDOW_SERVER_BYTES].number},
        .gaps = (uint64_t)v[WTR_WINDOW_GAPS].number,
        .lost_bytes = (uint64_t)v[WTR_WINDOW_LOST_BYTES].number,
    };
    if (item->fixed.device < devices->count)
        w->device = devices->list[item->fixed.device].name;
    t->counts.windows++;
    t->made->record = (struct wtr_record){.type = WTR_RECORD_WINDOW, .as.window = w};
}

/* Makes a record of the current item; false: it makes none. */
static bool make_record(struct wtr_timeline *t)
{
    const struct wtr_statement *fixed = &t->made->item.fixed;
    switch ((enum wtr_item_type)fixed->type) {
    case WTR_ITEM_STATEMENT:
        if (!wtr_devices_shown(t->setup.devices, fixed->device))
            return false;
        make_event(t);
        return true;
    case WTR_ITEM_GAP:
        wtr_memory_flow_broken(&t->memory, fixed->flow, fixed->key.time_ns);
        wtr_memory_flow_lost(&t->memory, fixed->flow, fixed->key.time_ns);
        make_finding(t);
        return true;
    case WTR_ITEM_FINDING:
        make_finding(t);
        return true;
    case WTR_ITEM_FLOW_END:
        wtr_memory_flow_broken(&t->memory, fixed->flow, fixed->key.time_ns);
        return false;
    case WTR_ITEM_WINDOW:
        if (fixed->device != WTR_NO_DEVICE && !wtr_devices_shown(t->setup.devices, fixed->device))
            return false;
        make_window(t);
        return true;
    case WTR_ITEM_UNREAD:
        wtr_memory_unread(&t->memory, t->setup.devices->list[fixed->device].same_as, fixed->key.time_ns);
        return false;
    case WTR_ITEM_SHAPE:
        return false;
    }
    return false;
}

/* Unpacks the current item where it will stay. */
static enum wtr_status keep_item(struct wtr_timeline *t)
{
    struct wtr_made *made = t->made;
    wtr_buffer_clear(&made->packed);
    wtr_put_text(&made->packed, t->current.packed);
    if (made->packed.failed)
        return WTR_E_MEMORY;
    bool whole = wtr_item_unpack(&t->current.key, wtr_buffer_text(&made->packed), &made->item);
    return whole ? WTR_OK : WTR_E_INTERNAL;
}

/* One connection that was seen at several places has one flow from here on. */
static void join_flows(struct wtr_timeline *t)
{
    if (t->same.count == 0)
        return;
    struct wtr_statement *fixed = &t->made->item.fixed;
    fixed->flow = wtr_same_flow(&t->same, fixed->flow);
    for (size_t i = 0; i < t->current.note_count; i++)
        t->current.notes[i].flow = wtr_same_flow(&t->same, t->current.notes[i].flow);
}

enum wtr_status wtr_timeline_next(struct wtr_timeline *t, struct wtr_made *made)
{
    t->made = made;
    for (;;) {
        enum wtr_status status = wtr_joined_next(t->joined, &t->current);
        if (status != WTR_OK)
            return status;
        t->memory.step++;
        if (t->current.dropped)
            continue;
        status = keep_item(t);
        if (status != WTR_OK)
            return status;
        join_flows(t);
        bool is_record = make_record(t);
        if (t->memory.failed || t->roster.failed || made->message.failed)
            return WTR_E_MEMORY;
        if (is_record)
            return WTR_OK;
    }
}

bool wtr_made_word(struct wtr_made *made)
{
    if (made->record.type != WTR_RECORD_EVENT)
        return true;
    wtr_buffer_clear(&made->message);
    wtr_word_event(&made->as.event, &made->message);
    made->as.event.message = wtr_buffer_text(&made->message);
    return !made->message.failed;
}

struct wtr_timeline_counts wtr_timeline_counts(const struct wtr_timeline *timeline)
{
    return timeline->counts;
}

const struct wtr_device_record *wtr_timeline_device(const struct wtr_timeline *timeline, size_t index)
{
    return wtr_roster_get(&timeline->roster, index);
}
