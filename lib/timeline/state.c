/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of reconciliation, and the rules for baselines and causes:
 *
 * - A baseline holds only while nothing was lost: a gap in, or the end of, the flow that stated it or the
 * flow that states the next, a reboot, or the end of the device's session makes it void.
 * - A command can be a cause only if it was delivered to the device, where the device's own connection is in
 *   view, after the last contrary statement and within the window before the change, and if it asks for the
 *   state that was reached. What was lost in the window leaves the cause unknown: of the flow that states the
 *   change, or, where each answer stands on its own, of any flow over which the device was spoken of; so does
 *   what the device was asked under a cipher that stays shut. The absence of a command never says anything.
 */
#include "timeline/state.h"

#include <stdlib.h>

static void *grown(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    size_t bigger = *capacity ? *capacity * 2 : 64;
    void *moved = realloc(list, bigger * size);
    if (moved)
        *capacity = bigger;
    return moved;
}

bool wtr_memory_open(struct wtr_memory *m, size_t devices, int64_t cause_window_ns)
{
    *m = (struct wtr_memory){.device_count = devices, .cause_window_ns = cause_window_ns};
    m->devices = calloc(devices ? devices : 1, sizeof(struct wtr_device_memory *));
    return m->devices != NULL;
}

void wtr_memory_close(struct wtr_memory *m)
{
    for (size_t i = 0; m->devices && i < m->device_count; i++)
        free(m->devices[i]);
    free((void *)m->devices);
    free(m->baseline_list);
    free(m->flow_list);
    wtr_map_free(&m->baselines);
    wtr_map_free(&m->flows);
    wtr_map_free(&m->device_of_flow);
    wtr_map_free(&m->gap_in_flow);
}

struct wtr_device_memory *wtr_memory_device(struct wtr_memory *m, uint32_t device)
{
    if (device >= m->device_count)
        return NULL;
    if (!m->devices[device]) {
        m->devices[device] = calloc(1, sizeof **m->devices);
        m->failed |= !m->devices[device];
    }
    return m->devices[device];
}

static struct wtr_flow_memory *flow_memory(const struct wtr_memory *m, uint64_t flow)
{
    const uint64_t *index = wtr_map_find(&m->flows, flow);
    return index ? &m->flow_list[*index] : NULL;
}

void wtr_memory_saw_flow(struct wtr_memory *m, uint64_t flow)
{
    if (flow == 0 || flow_memory(m, flow))
        return;
    struct wtr_flow_memory *list =
        grown(m->flow_list, m->flow_count, &m->flow_capacity, sizeof *m->flow_list);
    if (list)
        m->flow_list = list;
    if (!list || !wtr_map_put(&m->flows, flow, m->flow_count)) {
        m->failed = true;
        return;
    }
    m->flow_list[m->flow_count++] = (struct wtr_flow_memory){.first_step = m->step, .broken_ns = INT64_MIN};
}

void wtr_memory_flow_broken(struct wtr_memory *m, uint64_t flow, int64_t time_ns)
{
    wtr_memory_saw_flow(m, flow);
    struct wtr_flow_memory *memory = flow_memory(m, flow);
    if (!memory)
        return;
    memory->broken_step = m->step;
    memory->broken_ns = time_ns;
}

static void note_loss(struct wtr_memory *m, uint32_t device, int64_t time_ns)
{
    struct wtr_device_memory *memory = wtr_memory_device(m, device);
    if (!memory || (memory->lost && memory->lost_ns >= time_ns))
        return;
    memory->lost = true;
    memory->lost_ns = time_ns;
}

void wtr_memory_spoke_of(struct wtr_memory *m, uint64_t flow, uint32_t device)
{
    const uint64_t *gap = flow ? wtr_map_find(&m->gap_in_flow, flow) : NULL;
    if (flow && !wtr_map_put(&m->device_of_flow, flow, device))
        m->failed = true;
    if (gap)
        note_loss(m, device, (int64_t)*gap);
}

void wtr_memory_flow_lost(struct wtr_memory *m, uint64_t flow, int64_t time_ns)
{
    const uint64_t *device = wtr_map_find(&m->device_of_flow, flow);
    if (!wtr_map_put(&m->gap_in_flow, flow, (uint64_t)time_ns))
        m->failed = true;
    if (device)
        note_loss(m, (uint32_t)*device, time_ns);
}

void wtr_memory_unread(struct wtr_memory *m, uint32_t device, int64_t time_ns)
{
    note_loss(m, device, time_ns);
}

void wtr_memory_void(struct wtr_memory *m, uint32_t device)
{
    struct wtr_device_memory *memory = wtr_memory_device(m, device);
    if (memory)
        memory->void_step = m->step;
}

static bool broken_after(const struct wtr_memory *m, uint64_t flow, uint64_t step)
{
    const struct wtr_flow_memory *memory = flow_memory(m, flow);
    return memory && memory->broken_step > step;
}

/* Whether what was stated over `before->flow` still holds when `flow` states the next. */
static bool continuous(const struct wtr_memory *m, const struct wtr_baseline *before, uint64_t flow)
{
    if (broken_after(m, before->flow, before->step) || broken_after(m, flow, before->step))
        return false;
    const struct wtr_flow_memory *memory = flow_memory(m, flow);
    return flow == before->flow || (memory && memory->first_step <= before->step);
}

struct wtr_baseline *wtr_memory_channel(struct wtr_memory *m, uint32_t device, struct wtr_text channel)
{
    uint64_t key = wtr_hash64(channel.data, channel.length, device);
    const uint64_t *index = wtr_map_find(&m->baselines, key);
    if (index)
        return &m->baseline_list[*index];
    struct wtr_baseline *list =
        grown(m->baseline_list, m->baseline_count, &m->baseline_capacity, sizeof *m->baseline_list);
    if (list)
        m->baseline_list = list;
    if (!list || !wtr_map_put(&m->baselines, key, m->baseline_count)) {
        m->failed = true;
        return NULL;
    }
    m->baseline_list[m->baseline_count] = (struct wtr_baseline){0};
    return &m->baseline_list[m->baseline_count++];
}

struct wtr_baseline *wtr_memory_baseline(struct wtr_memory *m, uint32_t device, struct wtr_text channel,
                                         uint64_t flow)
{
    struct wtr_baseline *baseline = wtr_memory_channel(m, device, channel);
    if (!baseline || !baseline->known)
        return baseline;
    const struct wtr_device_memory *memory = wtr_memory_device(m, device);
    bool is_void = memory && memory->void_step > baseline->step;
    if (is_void || !continuous(m, baseline, flow))
        baseline->known = false;
    return baseline;
}

static enum wtr_asked asked_of(const struct wtr_item *item)
{
    const struct wtr_value *state = wtr_item_value(item, WTR_FIELD_STATE);
    if (!state || state->type != WTR_VALUE_TEXT)
        return WTR_ASKED_OTHER;
    if (wtr_text_is(state->text, "on"))
        return WTR_ASKED_ON;
    if (wtr_text_is(state->text, "off"))
        return WTR_ASKED_OFF;
    return wtr_text_is(state->text, "toggle") ? WTR_ASKED_TOGGLE : WTR_ASKED_OTHER;
}

static void add_delivery(struct wtr_recent_command *c, uint64_t flow, int64_t time_ns)
{
    if (c->delivery_count < WTR_COMMAND_DELIVERIES)
        c->deliveries[c->delivery_count++] = (struct wtr_delivery){flow, time_ns};
}

void wtr_memory_command(struct wtr_memory *m, uint32_t device, const struct wtr_item *item,
                        const struct wtr_id *id, const struct wtr_note *notes, size_t note_count)
{
    const struct wtr_statement *fixed = &item->fixed;
    bool group = wtr_text_is(item->channel, "*");
    struct wtr_device_memory *memory = wtr_memory_device(m, device);
    if (!memory)
        return;
    struct wtr_recent_command *c = group ? &m->groups[m->next_group++ % WTR_RECENT_GROUP_COMMANDS]
                                         : &memory->commands[memory->next_command++ % WTR_RECENT_COMMANDS];
    *c = (struct wtr_recent_command){
        .used = true,
        .group = group,
        .asked = asked_of(item),
        .trigger = fixed->trigger ? (enum wtr_trigger)fixed->trigger : WTR_TRIGGER_MQTT,
        .id = *id,
        .channel_hash = wtr_hash64(item->channel.data, item->channel.length, 0),
        .time_ns = fixed->origin.time_ns,
        .flow = fixed->flow,
        .exchange = fixed->exchange,
        .leg = (enum wtr_leg)fixed->leg,
    };
    if (fixed->leg != WTR_LEG_TO_BROKER)
        add_delivery(c, fixed->flow, fixed->origin.time_ns);
    for (size_t i = 0; i < note_count; i++)
        if (notes[i].leg == WTR_LEG_FROM_BROKER && notes[i].copy == WTR_COPY_RELAY)
            add_delivery(c, notes[i].flow, notes[i].origin.time_ns);
}

/* The time at which the command reached the device; false if it did not, as far as can be seen. *exact is
 * false where the device's own connection is not in view. */
static bool reached(const struct wtr_recent_command *c, uint64_t own_flow, int64_t *time_ns, bool *exact)
{
    *exact = true;
    for (size_t i = 0; i < c->delivery_count; i++) {
        if (c->deliveries[i].flow == own_flow || c->leg == WTR_LEG_NONE) {
            *time_ns = c->deliveries[i].time_ns;
            return true;
        }
    }
    *exact = false;
    *time_ns = c->time_ns;
    return own_flow == 0 && !c->group;
}

bool wtr_memory_asks_for(const struct wtr_recent_command *c, bool on)
{
    return c->asked == WTR_ASKED_TOGGLE || c->asked == (on ? WTR_ASKED_ON : WTR_ASKED_OFF);
}

struct search {
    struct wtr_cause_found found;
    uint64_t own_flow;
    int64_t from_ns, until_ns; /* where candidates lie */
    int64_t to_ns;             /* the statement's time */
    bool on;
    bool polled;
    int64_t best_ns;
    int64_t contrary_ns; /* the last command for the other state */
};

static void add_other(struct wtr_cause_found *found, const struct wtr_recent_command *c)
{
    if (found->other_count < WTR_MAX_OTHERS)
        found->others[found->other_count++] = c;
}

static bool is_in_window(const struct search *s, const struct wtr_recent_command *c, int64_t *time_ns,
                         bool *exact)
{
    return c->used && reached(c, s->own_flow, time_ns, exact) && *time_ns >= s->from_ns &&
           *time_ns <= s->until_ns;
}

static void note_contrary(struct search *s, const struct wtr_recent_command *c)
{
    int64_t time_ns;
    bool exact;
    if (is_in_window(s, c, &time_ns, &exact) && !wtr_memory_asks_for(c, s->on) &&
        wtr_memory_asks_for(c, !s->on) && time_ns > s->contrary_ns)
        s->contrary_ns = time_ns;
}

/* Of several, a change that was pushed is laid to the last one before it. A poll may come after further
 * commands for a state that was held by then: it is laid to the first one since the other state was asked
 * for. */
static void consider(struct search *s, const struct wtr_recent_command *c)
{
    int64_t time_ns;
    bool exact;
    if (!is_in_window(s, c, &time_ns, &exact) || !wtr_memory_asks_for(c, s->on) ||
        (s->polled && time_ns <= s->contrary_ns))
        return;
    bool better = s->polled ? time_ns < s->best_ns : time_ns > s->best_ns;
    if (s->found.command && !better) {
        add_other(&s->found, c);
        return;
    }
    if (s->found.command)
        add_other(&s->found, s->found.command);
    s->found.command = c;
    s->best_ns = time_ns;
    s->found.has_delay = exact;
    s->found.delay_ns = exact ? s->to_ns - time_ns : 0;
}

const struct wtr_recent_command *wtr_memory_answered(const struct wtr_memory *m, uint32_t device,
                                                     const struct wtr_item *item)
{
    const struct wtr_device_memory *memory = device < m->device_count ? m->devices[device] : NULL;
    uint64_t channel = wtr_hash64(item->channel.data, item->channel.length, 0);
    for (size_t i = 0; memory && item->fixed.exchange && i < WTR_RECENT_COMMANDS; i++) {
        const struct wtr_recent_command *c = &memory->commands[i];
        if (c->used && c->exchange == item->fixed.exchange && c->channel_hash == channel)
            return c;
    }
    return NULL;
}

static void each_command(struct search *s, const struct wtr_memory *m, const struct wtr_device_memory *memory,
                         uint64_t channel, void (*look)(struct search *, const struct wtr_recent_command *))
{
    for (size_t i = 0; i < WTR_RECENT_COMMANDS; i++)
        if (memory->commands[i].channel_hash == channel)
            look(s, &memory->commands[i]);
    for (size_t i = 0; i < WTR_RECENT_GROUP_COMMANDS; i++)
        look(s, &m->groups[i]);
}

struct wtr_cause_found wtr_memory_cause(struct wtr_memory *m, uint32_t device, const struct wtr_item *item,
                                        bool on, const struct wtr_bound *earliest,
                                        const struct wtr_bound *latest)
{
    const struct wtr_device_memory *memory = wtr_memory_device(m, device);
    struct search s = {.on = on, .to_ns = item->fixed.origin.time_ns, .contrary_ns = INT64_MIN};
    if (!memory)
        return s.found;
    s.polled = item->fixed.flags & WTR_FLAG_POLLED;
    s.until_ns = latest->time_ns < s.to_ns ? latest->time_ns : s.to_ns;
    s.from_ns = s.polled && earliest->known ? earliest->time_ns : s.to_ns - m->cause_window_ns;
    if (earliest->known && earliest->time_ns > s.from_ns)
        s.from_ns = earliest->time_ns;
    s.own_flow = memory->own_flow                       ? memory->own_flow
                 : item->fixed.leg == WTR_LEG_TO_BROKER ? item->fixed.flow
                                                        : 0;
    uint64_t channel = wtr_hash64(item->channel.data, item->channel.length, 0);
    each_command(&s, m, memory, channel, note_contrary);
    each_command(&s, m, memory, channel, consider);
    if (s.polled)
        s.found.has_delay = false;
    const struct wtr_flow_memory *flow =
        flow_memory(m, s.own_flow ? s.own_flow : wtr_continuity_flow(&item->fixed));
    bool alone = item->fixed.flags & WTR_FLAG_EXCHANGE;
    s.found.obscured =
        (flow && flow->broken_ns >= s.from_ns) || (alone && memory->lost && memory->lost_ns >= s.from_ns);
    return s.found;
}
