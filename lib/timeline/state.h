/* SPDX-License-Identifier: Apache-2.0 */
/* What reconciliation remembers while it goes through the statements in order: the last live statement of
 * each channel, the commands of the last moments, and what happened to the flows that they came over. */
#ifndef WTR_TIMELINE_STATE_H
#define WTR_TIMELINE_STATE_H

#include "base/map.h"
#include "model/statement.h"
#include "timeline/note.h"

/* The last live statement of a channel. */
struct wtr_baseline {
    int64_t time_ns; /* of the last statement of this state */
    uint64_t step;   /* when that was taken note of */
    uint64_t flow;
    uint64_t frame; /* of that statement, in the source */
    uint32_t source;
    bool known;
    bool on;
    bool has_earlier; /* there was a statement of this state in an earlier frame: its time and id */
    bool dated;       /* when it last went on was derived: between these bounds, by that event */
    int64_t earlier_ns;
    int64_t dated_earliest_ns, dated_latest_ns;
    struct wtr_id id; /* of the last statement of this state */
    struct wtr_id earlier_id;
    struct wtr_id dated_by;
};

/* A flow, as far as the statements that came over it tell. */
struct wtr_flow_memory {
    uint64_t first_step;  /* of the first statement */
    uint64_t broken_step; /* of the last gap or the end; 0: none */
    int64_t broken_ns;
};

enum { WTR_COMMAND_DELIVERIES = 6, WTR_RECENT_COMMANDS = 8, WTR_RECENT_GROUP_COMMANDS = 32 };

/* A delivery of a command. */
struct wtr_delivery {
    uint64_t flow;
    int64_t time_ns;
};

enum wtr_asked { WTR_ASKED_OFF, WTR_ASKED_ON, WTR_ASKED_TOGGLE, WTR_ASKED_OTHER };

struct wtr_recent_command {
    bool used;
    bool group; /* channel "*" */
    enum wtr_asked asked;
    enum wtr_trigger trigger;
    struct wtr_id id;
    uint64_t channel_hash;
    int64_t time_ns;   /* when it was first seen */
    uint64_t flow;     /* where it was first seen */
    uint64_t exchange; /* what its answers have in common with it; 0: none */
    enum wtr_leg leg;
    struct wtr_delivery deliveries[WTR_COMMAND_DELIVERIES];
    size_t delivery_count;
};

/* A device's memory. */
struct wtr_device_memory {
    uint64_t own_flow;  /* its own connection, 0: not seen */
    uint64_t void_step; /* what was known before is void: reboot, session's end; 0: never */
    bool lost;          /* what it was asked was lost in a gap, or could not be read, */
    int64_t lost_ns;    /* for the last time then */
    struct wtr_recent_command commands[WTR_RECENT_COMMANDS]; /* a ring */
    size_t next_command;
};

struct wtr_memory {
    struct wtr_map baselines; /* device and channel to index */
    struct wtr_baseline *baseline_list;
    size_t baseline_count, baseline_capacity;
    struct wtr_map flows;
    struct wtr_flow_memory *flow_list;
    size_t flow_count, flow_capacity;
    struct wtr_map device_of_flow;      /* flow to the device that was last spoken of over it */
    struct wtr_map gap_in_flow;         /* flow to the time of its last gap */
    struct wtr_device_memory **devices; /* by device, made on need */
    size_t device_count;
    struct wtr_recent_command groups[WTR_RECENT_GROUP_COMMANDS]; /* commands to groups, a ring */
    size_t next_group;
    int64_t cause_window_ns;
    uint64_t step; /* counts the items gone through: equal times have an order, too */
    bool failed;
};

bool wtr_memory_open(struct wtr_memory *memory, size_t devices, int64_t cause_window_ns);
void wtr_memory_close(struct wtr_memory *memory);

/* The device's memory; NULL if there is none to be had. */
struct wtr_device_memory *wtr_memory_device(struct wtr_memory *memory, uint32_t device);

/* The flow by which a statement's continuity is judged, 0 where each answer stands on its own. */
static inline uint64_t wtr_continuity_flow(const struct wtr_statement *fixed)
{
    return fixed->flags & WTR_FLAG_EXCHANGE ? 0 : fixed->flow;
}

/* A statement came over the flow. */
void wtr_memory_saw_flow(struct wtr_memory *memory, uint64_t flow);
/* Bytes of the flow were lost, or it ended. */
void wtr_memory_flow_broken(struct wtr_memory *memory, uint64_t flow, int64_t time_ns);
/* A statement about the device came over the flow, whether or not the flow is its continuity. */
void wtr_memory_spoke_of(struct wtr_memory *memory, uint64_t flow, uint32_t device);
/* Bytes of the flow were lost: what was asked of its device may have been among them. */
void wtr_memory_flow_lost(struct wtr_memory *memory, uint64_t flow, int64_t time_ns);
/* The device was asked something at that time that could not be read. */
void wtr_memory_unread(struct wtr_memory *memory, uint32_t device, int64_t time_ns);
/* What the device was known to be no longer holds: it started, or its session began or ended. */
void wtr_memory_void(struct wtr_memory *memory, uint32_t device);

/* The channel's baseline as it was last set, made if new. NULL: no memory. */
struct wtr_baseline *wtr_memory_channel(struct wtr_memory *memory, uint32_t device, struct wtr_text channel);

/* The channel's baseline as it holds for a statement over `flow`: void if anything broke the continuity.
 * NULL: no memory. */
struct wtr_baseline *wtr_memory_baseline(struct wtr_memory *memory, uint32_t device, struct wtr_text channel,
                                         uint64_t flow);

/* Takes note of a command with all its deliveries. */
void wtr_memory_command(struct wtr_memory *memory, uint32_t device, const struct wtr_item *item,
                        const struct wtr_id *id, const struct wtr_note *notes, size_t note_count);

/* Whether the command asks for the state. */
bool wtr_memory_asks_for(const struct wtr_recent_command *command, bool on);

/* What may have caused a change that lies between the bounds. */
struct wtr_cause_found {
    const struct wtr_recent_command *command; /* NULL: none */
    bool has_delay;
    int64_t delay_ns;
    const struct wtr_recent_command *others[WTR_MAX_OTHERS];
    size_t other_count;
    bool obscured; /* something was lost in the window: a command may have gone unseen */
};

/* The command of the channel that a statement answers: that of the same exchange. NULL: none. */
const struct wtr_recent_command *wtr_memory_answered(const struct wtr_memory *memory, uint32_t device,
                                                     const struct wtr_item *item);

struct wtr_cause_found wtr_memory_cause(struct wtr_memory *memory, uint32_t device,
                                        const struct wtr_item *item, bool on,
                                        const struct wtr_bound *earliest, const struct wtr_bound *latest);

#endif
