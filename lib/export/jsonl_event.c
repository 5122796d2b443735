/* SPDX-License-Identifier: Apache-2.0 */
/* Events and messages as JSON lines: the records that come by the million. Members stand in the order of the
 * documented example; what is absent is left out, but a time that is not known is null. */
#include "export/jsonl.h"

#include "export/parts.h"
#include "export/words.h"

static void put_place(struct wtr_buffer *out, const struct wtr_evidence *at)
{
    wtr_line(out, "\"source\":");
    wtr_line_uint(out, at->source);
    if (at->frame) {
        wtr_line(out, ",\"frame\":");
        wtr_line_uint(out, at->frame);
    }
    wtr_line(out, ",\"record_offset\":");
    wtr_line_uint(out, at->record_offset);
    wtr_line(out, ",\"offset\":");
    wtr_line_uint(out, at->offset);
    wtr_line(out, ",\"length\":");
    wtr_line_uint(out, at->length);
}

/* The frame's time, where the record does not say it already. */
static void put_frame_time(struct wtr_buffer *out, const struct wtr_evidence *at, const int64_t *time_ns)
{
    if (!at->frame || (time_ns && *time_ns == at->time_ns))
        return;
    wtr_line(out, ",\"time_ns\":");
    wtr_line_int(out, at->time_ns);
}

static void put_transform(struct wtr_buffer *out, const struct wtr_transform *transform)
{
    wtr_line(out, ",\"transform\":{\"steps\":");
    wtr_line_text(out, transform->steps);
    wtr_line(out, ",\"offset\":");
    wtr_line_uint(out, transform->offset);
    wtr_line(out, ",\"length\":");
    wtr_line_uint(out, transform->length);
    wtr_line(out, "}");
}

void wtr_jsonl_evidence(struct wtr_buffer *out, const struct wtr_evidence *evidence, const int64_t *time_ns,
                        const struct wtr_evidence *parts, size_t part_count,
                        const struct wtr_transform *transform)
{
    wtr_line(out, "{");
    put_place(out, evidence);
    put_frame_time(out, evidence, time_ns);
    for (size_t i = 0; i < part_count; i++) {
        wtr_line(out, i ? ",{" : ",\"parts\":[{");
        put_place(out, &parts[i]);
        wtr_line(out, "}");
    }
    wtr_line(out, part_count ? "]" : "");
    if (transform && transform->steps.length)
        put_transform(out, transform);
    wtr_line(out, "}");
}

static void put_time(struct wtr_buffer *out, struct wtr_line_clock *clock, bool known, int64_t time_ns)
{
    if (!known) {
        wtr_line(out, ",\"time\":null,\"time_ns\":null");
        return;
    }
    wtr_line(out, ",\"time\":");
    wtr_line_time(out, clock, time_ns);
    wtr_line(out, ",\"time_ns\":");
    wtr_line_int(out, time_ns);
}

static void put_id(struct wtr_buffer *out, const struct wtr_id *id)
{
    wtr_line_text(out, wtr_text_of(id->text, strnlen(id->text, sizeof id->text)));
}

/* A member whose text may be absent. */
static void put_optional(struct wtr_buffer *out, const char *name, struct wtr_text text)
{
    if (text.length == 0)
        return;
    wtr_line(out, name);
    wtr_line_text(out, text);
}

static void put_when(struct wtr_buffer *out, struct wtr_line_clock *clock, const struct wtr_event *e)
{
    put_time(out, clock, e->has_time, e->time_ns);
    wtr_line(out, ",\"time_basis\":");
    wtr_line_word(out, wtr_word_time_basis(e->time_basis));
    put_optional(out, ",\"time_scale\":", e->time_scale);
    wtr_line(out, ",\"earliest\":");
    wtr_line_bound(out, clock, &e->earliest);
    wtr_line(out, ",\"latest\":");
    wtr_line_bound(out, clock, &e->latest);
}

static void put_who(struct wtr_buffer *out, const struct wtr_event *e)
{
    put_optional(out, ",\"device\":", e->device);
    put_optional(out, ",\"channel\":", e->channel);
    if (e->outlet) {
        wtr_line(out, ",\"outlet\":");
        wtr_line_uint(out, e->outlet);
    }
}

static void put_transition(struct wtr_buffer *out, struct wtr_line_clock *clock, const struct wtr_event *e)
{
    wtr_line(out, "\"transition\":{\"earliest\":");
    wtr_line_bound(out, clock, &e->transition_earliest);
    wtr_line(out, ",\"latest\":");
    wtr_line_bound(out, clock, &e->transition_latest);
    wtr_line(out, ",\"by\":[");
    for (size_t i = 0; i < e->transition_by_count; i++) {
        if (i)
            wtr_line(out, ",");
        put_id(out, &e->transition_by[i]);
    }
    wtr_line(out, "]}");
}

static void put_data(struct wtr_buffer *out, struct wtr_line_clock *clock, const struct wtr_event *e)
{
    wtr_line(out, ",\"data\":{");
    bool any = wtr_part_values(out, e, NULL);
    if (e->change != WTR_CHANGE_NONE) {
        wtr_line(out, any ? ",\"change\":" : "\"change\":");
        wtr_line_word(out, wtr_word_change(e->change));
        any = true;
    }
    if (e->has_transition) {
        if (any)
            wtr_line(out, ",");
        put_transition(out, clock, e);
    }
    wtr_line(out, "}");
    if (e->raw_count) {
        wtr_line(out, ",\"raw\":");
        wtr_part_raw(out, e);
    }
}

static void put_others(struct wtr_buffer *out, const struct wtr_cause *cause)
{
    if (cause->other_count == 0)
        return;
    wtr_line(out, ",\"others\":[");
    for (size_t i = 0; i < cause->other_count; i++) {
        if (i)
            wtr_line(out, ",");
        put_id(out, &cause->others[i]);
    }
    wtr_line(out, "]");
}

/* A command that is no switching (a setting, say) has a sender and no trigger. */
static bool has_cause(const struct wtr_cause *cause)
{
    return cause->trigger != WTR_TRIGGER_NONE || cause->has_event || cause->endpoint.length ||
           cause->client_id.length || cause->user.length || cause->app_id.length;
}

/* Every member but the first brings its comma, and the first may be missing: the object is written with a
 * comma in front of each, and the first of these becomes the brace. */
static void put_cause(struct wtr_buffer *out, const struct wtr_cause *cause)
{
    if (!has_cause(cause))
        return;
    wtr_line(out, ",\"cause\":");
    size_t brace = out->length;
    if (cause->trigger != WTR_TRIGGER_NONE) {
        wtr_line(out, ",\"trigger\":");
        wtr_line_word(out, wtr_word_trigger(cause->trigger));
    }
    if (cause->has_event) {
        wtr_line(out, ",\"event\":");
        put_id(out, &cause->event);
        wtr_line(out, ",\"delay_ns\":");
        if (cause->has_delay)
            wtr_line_int(out, cause->delay_ns);
        else
            wtr_line(out, "null");
    }
    if (cause->basis != WTR_BASIS_NONE) {
        wtr_line(out, ",\"basis\":");
        wtr_line_word(out, wtr_word_cause_basis(cause->basis));
    }
    put_optional(out, ",\"endpoint\":", cause->endpoint);
    if (cause->client_id.data) { /* an empty one is one that the sender gave */
        wtr_line(out, ",\"client_id\":");
        wtr_line_text(out, cause->client_id);
    }
    put_optional(out, ",\"user\":", cause->user);
    put_optional(out, ",\"app_id\":", cause->app_id);
    put_others(out, cause);
    if (!out->failed)
        out->data[brace] = '{';
    wtr_line(out, "}");
}

/* The secret that opened it, by name, and where it came from. */
static void put_key(struct wtr_buffer *out, const struct wtr_transform *transform)
{
    if (transform->key.length == 0)
        return;
    wtr_line(out, ",\"key\":{\"name\":");
    wtr_line_text(out, transform->key);
    put_optional(out, ",\"from\":", transform->key_origin);
    wtr_line(out, "}");
}

static void put_derived_from(struct wtr_buffer *out, const struct wtr_event *e)
{
    for (size_t i = 0; i < e->derived_from_count; i++) {
        wtr_line(out, i ? "," : ",\"derived_from\":[");
        put_id(out, &e->derived_from[i]);
    }
    if (e->derived_from_count)
        wtr_line(out, "]");
}

static void put_copies(struct wtr_buffer *out, const struct wtr_event *e)
{
    const int64_t *time_ns = e->has_time ? &e->time_ns : NULL;
    for (size_t i = 0; i < e->also_count; i++) {
        wtr_line(out, i ? ",{" : ",\"also\":[{");
        if (e->also[i].as) {
            wtr_line(out, "\"as\":");
            wtr_line_word(out, e->also[i].as);
            wtr_line(out, ",");
        }
        put_place(out, &e->also[i]);
        put_frame_time(out, &e->also[i], time_ns);
        wtr_line(out, "}");
    }
    if (e->also_count)
        wtr_line(out, "]");
    if (e->copies) {
        wtr_line(out, ",\"copies\":");
        wtr_line_uint(out, e->copies);
    }
}

/* What the event's entry says of itself. */
static void put_stored(struct wtr_buffer *out, const struct wtr_event *e)
{
    if (!e->stored)
        return;
    wtr_line(out, ",\"record_state\":");
    wtr_line_word(out, wtr_word_entry_state(e->record_state));
    wtr_line(out, ",\"integrity\":");
    wtr_line_word(out, wtr_word_integrity(e->integrity));
    put_optional(out, ",\"check\":", e->check);
    wtr_jsonl_order(out, &e->order);
    put_optional(out, ",\"encryption\":", e->encryption);
    if (e->mixed)
        wtr_line(out, ",\"mixed\":true");
    if (e->attributed)
        wtr_line(out, ",\"attribution\":\"probable\"");
}

void wtr_jsonl_order(struct wtr_buffer *out, const struct wtr_entry_order *order)
{
    if (order->scope.length == 0 && !order->has_sequence)
        return;
    wtr_line(out, ",\"order\":{");
    if (order->scope.length) {
        wtr_line(out, "\"scope\":");
        wtr_line_text(out, order->scope);
        wtr_line(out, ",");
    }
    wtr_line(out, "\"sequence\":");
    if (order->has_sequence)
        wtr_line_uint(out, order->sequence);
    else
        wtr_line(out, "null");
    if (order->has_rank) {
        wtr_line(out, ",\"rank\":");
        wtr_line_uint(out, order->rank);
    }
    wtr_line(out, ",\"basis\":");
    wtr_line_word(out, wtr_word_order_basis(order->basis));
    wtr_line(out, "}");
}

/* The object `evidence` of an event: of a stored one with its store and entry. */
static void put_event_evidence(struct wtr_buffer *out, const struct wtr_event *e)
{
    wtr_line(out, ",\"evidence\":");
    wtr_jsonl_evidence(out, &e->evidence, e->has_time ? &e->time_ns : NULL, e->parts, e->part_count,
                       &e->transform);
    if (!e->stored || out->failed)
        return;
    out->length--; /* the closing brace */
    put_optional(out, ",\"volume\":", e->volume);
    put_optional(out, ",\"path\":", e->entry);
    wtr_line(out, "}");
}

void wtr_jsonl_event(struct wtr_buffer *out, struct wtr_line_clock *clock, const struct wtr_event *e)
{
    wtr_line(out, "{\"record\":\"event\",\"id\":");
    put_id(out, &e->id);
    wtr_line(out, ",\"kind\":");
    wtr_line_word(out, wtr_word_kind(e->kind));
    put_when(out, clock, e);
    put_who(out, e);
    put_data(out, clock, e);
    put_cause(out, &e->cause);
    wtr_line(out, ",\"certainty\":");
    wtr_line_word(out, wtr_word_certainty(e->certainty));
    put_derived_from(out, e);
    put_key(out, &e->transform);
    if (e->retained)
        wtr_line(out, ",\"retained\":true");
    if (e->past)
        wtr_line(out, ",\"past\":true");
    put_stored(out, e);
    put_event_evidence(out, e);
    put_copies(out, e);
    put_optional(out, ",\"path\":", e->path);
    if (e->message.length) {
        wtr_line(out, ",\"message\":");
        wtr_line_sentence(out, e->message);
    }
    wtr_line(out, "}\n");
}

void wtr_jsonl_message(struct wtr_buffer *out, struct wtr_line_clock *clock,
                       const struct wtr_message_record *m)
{
    wtr_line(out, "{\"record\":\"message\",\"protocol\":");
    wtr_line_word(out, m->protocol);
    wtr_line(out, ",\"type\":");
    wtr_line_word(out, m->type);
    put_time(out, clock, m->has_time, m->time_ns);
    put_optional(out, ",\"src\":", m->src);
    put_optional(out, ",\"dst\":", m->dst);
    wtr_line(out, ",\"fields\":");
    if (m->fields.length)
        wtr_line_put(out, m->fields.data, m->fields.length);
    else
        wtr_line(out, "{}");
    put_key(out, &m->transform);
    wtr_line(out, ",\"evidence\":");
    wtr_jsonl_evidence(out, &m->evidence, m->has_time ? &m->time_ns : NULL, m->parts, m->part_count,
                       &m->transform);
    wtr_line(out, "}\n");
}
