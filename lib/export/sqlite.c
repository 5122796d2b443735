/* SPDX-License-Identifier: Apache-2.0 */
/* A SQLite database, made for searching (docs/sqlite.md): all that the canonical lines have. */
#include "export/format.h"
#include "export/parts.h"
#include "export/sqlite_row.h"
#include "export/words.h"

struct state {
    struct wtr_sqlite database;
    struct wtr_buffer text;
    int64_t lines;
    bool opened;
    bool finished;
};

static void put_bound(struct wtr_sqlite *s, bool known, int64_t time_ns)
{
    if (known)
        wtr_sqlite_int(s, time_ns);
    else
        wtr_sqlite_null(s);
}

static void put_some(struct wtr_sqlite *s, struct wtr_text text)
{
    wtr_sqlite_text(s, text.length ? text : (struct wtr_text){NULL, 0});
}

static void put_place(struct wtr_sqlite *s, const struct wtr_evidence *at)
{
    wtr_sqlite_int(s, at->source);
    if (at->frame)
        wtr_sqlite_uint(s, at->frame);
    else
        wtr_sqlite_null(s);
    wtr_sqlite_uint(s, at->record_offset);
    wtr_sqlite_uint(s, at->offset);
    wtr_sqlite_uint(s, at->length);
}

/* ---- header and summary */

static void put_header(struct state *state, const struct wtr_header *header)
{
    struct wtr_sqlite *s = &state->database;
    wtr_sqlite_row(s, WTR_SQLITE_HEADER);
    wtr_sqlite_z(s, header->schema);
    wtr_sqlite_z(s, header->tool);
    wtr_sqlite_int(s, header->cause_window_ns);
    wtr_sqlite_int(s, header->reveal_secrets);
    wtr_sqlite_z(s, header->filter);
    wtr_sqlite_end_row(s);
    for (size_t i = 0; i < header->source_count; i++) {
        wtr_sqlite_row(s, WTR_SQLITE_SOURCE);
        wtr_sqlite_uint(s, i);
        wtr_sqlite_text(s, wtr_text_z(header->sources[i].name));
        wtr_sqlite_z(s, header->sources[i].type);
        wtr_sqlite_uint(s, header->sources[i].size);
        wtr_sqlite_int(s, header->sources[i].compressed);
        wtr_sqlite_end_row(s);
    }
}

static void put_clock(struct wtr_sqlite *s, const struct wtr_source_summary *source)
{
    bool related = source->clock_related;
    put_bound(s, related, source->clock_scale);
    put_bound(s, related, source->clock_offset_ns);
    put_bound(s, related, source->clock_skew_ppb);
    put_bound(s, related, source->clock_uncertainty_ns);
    put_bound(s, related, (int64_t)source->clock_shared);
}

static void put_source(struct wtr_sqlite *s, const struct wtr_source_summary *source, size_t number)
{
    const uint64_t counts[] = {
        source->snapped,    source->gaps,           source->lost_bytes,       source->repeated,
        source->altered,    source->flows,          source->followed,         source->evicted,
        source->fragments,  source->fragments_lost, source->encrypted_frames, source->unread_frames,
        source->bad_frames, source->filtered};
    wtr_sqlite_row(s, WTR_SQLITE_SOURCE_SUMMARY);
    wtr_sqlite_z(s, source->sha256);
    wtr_sqlite_uint(s, source->size);
    wtr_sqlite_uint(s, source->frames);
    wtr_sqlite_uint(s, source->bytes);
    wtr_sqlite_int(s, source->complete);
    put_bound(s, source->has_time, source->first_ns);
    put_bound(s, source->has_time, source->last_ns);
    put_bound(s, source->drops_known, (int64_t)source->dropped);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        wtr_sqlite_uint(s, counts[i]);
    put_clock(s, source);
    wtr_sqlite_uint(s, number);
    wtr_sqlite_end_row(s);
    for (size_t i = 0; i < source->coverage_count; i++) {
        wtr_sqlite_row(s, WTR_SQLITE_COVERAGE);
        wtr_sqlite_uint(s, number);
        wtr_sqlite_z(s, source->coverage[i].decoder);
        wtr_sqlite_uint(s, source->coverage[i].records);
        wtr_sqlite_uint(s, source->coverage[i].errors);
        wtr_sqlite_end_row(s);
    }
}

static void put_summary(struct wtr_writer *w, const struct wtr_summary *summary)
{
    struct state *state = w->state;
    struct wtr_sqlite *s = &state->database;
    wtr_sqlite_row(s, WTR_SQLITE_SUMMARY);
    wtr_sqlite_uint(s, summary->events);
    wtr_sqlite_uint(s, w->events_written);
    wtr_sqlite_uint(s, summary->findings);
    wtr_sqlite_uint(s, summary->windows);
    wtr_sqlite_uint(s, summary->copies);
    wtr_sqlite_end_row(s);
    for (size_t i = 0; i < summary->source_count; i++)
        put_source(s, &summary->sources[i], i);
}

/* ---- events */

static void put_when(struct state *state, const struct wtr_event *e)
{
    struct wtr_sqlite *s = &state->database;
    wtr_buffer_clear(&state->text);
    if (e->has_time)
        wtr_put_time(&state->text, e->time_ns);
    put_some(s, wtr_buffer_text(&state->text));
    put_bound(s, e->has_time, e->time_ns);
    wtr_sqlite_z(s, wtr_word_time_basis(e->time_basis));
    put_some(s, e->time_scale);
    put_bound(s, e->earliest.known, e->earliest.time_ns);
    put_bound(s, e->latest.known, e->latest.time_ns);
}

static void put_relation(struct wtr_sqlite *s, const struct wtr_event *e)
{
    const struct wtr_cause *cause = &e->cause;
    wtr_sqlite_z(s, e->change != WTR_CHANGE_NONE ? wtr_word_change(e->change) : NULL);
    put_bound(s, e->has_transition && e->transition_earliest.known, e->transition_earliest.time_ns);
    put_bound(s, e->has_transition && e->transition_latest.known, e->transition_latest.time_ns);
    wtr_sqlite_z(s, cause->trigger != WTR_TRIGGER_NONE ? wtr_word_trigger(cause->trigger) : NULL);
    wtr_sqlite_z(s, cause->basis != WTR_BASIS_NONE ? wtr_word_cause_basis(cause->basis) : NULL);
    wtr_sqlite_z(s, cause->has_event ? cause->event.text : NULL);
    put_bound(s, cause->has_delay, cause->delay_ns);
    put_some(s, cause->endpoint);
    wtr_sqlite_text(s, cause->client_id); /* an empty one is one, too */
    put_some(s, cause->user);
    put_some(s, cause->app_id);
}

static void put_transform(struct wtr_sqlite *s, const struct wtr_transform *transform)
{
    bool any = transform->steps.length > 0;
    put_some(s, transform->steps);
    put_bound(s, any, (int64_t)transform->offset);
    put_bound(s, any, (int64_t)transform->length);
    put_some(s, transform->key);
    put_some(s, transform->key_origin);
}

static void put_event_row(struct state *state, const struct wtr_event *e)
{
    struct wtr_sqlite *s = &state->database;
    wtr_sqlite_row(s, WTR_SQLITE_EVENT);
    wtr_sqlite_int(s, state->lines);
    wtr_sqlite_z(s, e->id.text);
    wtr_sqlite_z(s, wtr_word_kind(e->kind));
    put_when(state, e);
    put_some(s, e->device);
    put_some(s, e->channel);
    put_bound(s, e->outlet != 0, e->outlet);
    put_relation(s, e);
    wtr_sqlite_z(s, wtr_word_certainty(e->certainty));
    wtr_sqlite_int(s, e->retained);
    wtr_sqlite_int(s, e->past);
    put_place(s, &e->evidence);
    put_transform(s, &e->transform);
    wtr_sqlite_uint(s, e->copies);
    put_some(s, e->path);
    wtr_sqlite_text(s, e->message);
    wtr_sqlite_end_row(s);
}

static void put_value(struct state *state, const struct wtr_value *value)
{
    struct wtr_sqlite *s = &state->database;
    wtr_buffer_clear(&state->text);
    wtr_part_value_text(&state->text, value);
    wtr_sqlite_row(s, WTR_SQLITE_VALUE);
    wtr_sqlite_int(s, state->lines);
    wtr_sqlite_z(s, wtr_word_field(value->field));
    wtr_sqlite_text(s, wtr_buffer_text(&state->text));
    if (value->type == WTR_VALUE_DECIMAL)
        wtr_sqlite_real(s, (double)value->number / 1e6);
    else if (value->type == WTR_VALUE_TEXT)
        wtr_sqlite_null(s);
    else
        wtr_sqlite_real(s, (double)value->number);
    wtr_sqlite_end_row(s);
}

static void put_origin(struct state *state, const struct wtr_evidence *at, const char *role)
{
    struct wtr_sqlite *s = &state->database;
    wtr_sqlite_row(s, WTR_SQLITE_ORIGIN);
    wtr_sqlite_int(s, state->lines);
    wtr_sqlite_z(s, role);
    put_place(s, at);
    put_bound(s, at->frame != 0, at->time_ns);
    wtr_sqlite_end_row(s);
}

static void put_links(struct state *state, const char *role, const struct wtr_id *ids, size_t count)
{
    struct wtr_sqlite *s = &state->database;
    for (size_t i = 0; i < count; i++) {
        wtr_sqlite_row(s, WTR_SQLITE_LINK);
        wtr_sqlite_int(s, state->lines);
        wtr_sqlite_z(s, role);
        wtr_sqlite_z(s, ids[i].text);
        wtr_sqlite_end_row(s);
    }
}

/* What the entry of a stored event says of itself. */
static void put_storage(struct state *state, const struct wtr_event *e)
{
    struct wtr_sqlite *s = &state->database;
    bool ordered = e->order.has_sequence;
    wtr_sqlite_row(s, WTR_SQLITE_STORAGE);
    wtr_sqlite_int(s, state->lines);
    wtr_sqlite_text(s, e->volume);
    wtr_sqlite_bytes(s, e->entry.length ? e->entry : (struct wtr_text){NULL, 0});
    wtr_sqlite_z(s, wtr_word_entry_state(e->record_state));
    wtr_sqlite_z(s, wtr_word_integrity(e->integrity));
    put_some(s, e->check);
    put_some(s, e->order.scope);
    put_bound(s, e->order.has_rank, (int64_t)e->order.rank);
    put_bound(s, ordered, (int64_t)e->order.sequence);
    wtr_sqlite_z(s, ordered ? wtr_word_order_basis(e->order.basis) : NULL);
    wtr_sqlite_int(s, e->mixed);
    wtr_sqlite_int(s, e->attributed);
    put_some(s, e->encryption);
    wtr_sqlite_end_row(s);
}

/* What a search by words looks at. */
static void put_words(struct state *state, const struct wtr_event *e)
{
    struct wtr_sqlite *s = &state->database;
    wtr_buffer_clear(&state->text);
    if (e->raw_count)
        wtr_part_raw(&state->text, e);
    wtr_sqlite_row(s, WTR_SQLITE_TEXT);
    wtr_sqlite_int(s, state->lines);
    wtr_sqlite_text(s, e->message);
    wtr_sqlite_text(s, wtr_buffer_text(&state->text));
    wtr_sqlite_end_row(s);
}

static void put_event(struct state *state, const struct wtr_event *e)
{
    struct wtr_sqlite *s = &state->database;
    put_event_row(state, e);
    for (size_t i = 0; i < e->data_count; i++)
        put_value(state, &e->data[i]);
    for (size_t i = 0; i < e->raw_count; i++) {
        wtr_sqlite_row(s, WTR_SQLITE_RAW);
        wtr_sqlite_int(s, state->lines);
        wtr_sqlite_bytes(s, e->raw[i].name);
        wtr_sqlite_bytes(s, e->raw[i].value);
        wtr_sqlite_end_row(s);
    }
    for (size_t i = 0; i < e->part_count; i++)
        put_origin(state, &e->parts[i], "part");
    for (size_t i = 0; i < e->also_count; i++)
        put_origin(state, &e->also[i], e->also[i].as ? e->also[i].as : "also");
    put_links(state, "transition", e->transition_by, e->transition_by_count);
    put_links(state, "other_command", e->cause.others, e->cause.other_count);
    put_links(state, "derived_from", e->derived_from, e->derived_from_count);
    if (e->stored)
        put_storage(state, e);
    put_words(state, e);
}

/* ---- findings and windows */

static void put_finding(struct state *state, const struct wtr_finding *f)
{
    struct wtr_sqlite *s = &state->database;
    wtr_sqlite_row(s, WTR_SQLITE_FINDING);
    wtr_sqlite_int(s, state->lines);
    put_bound(s, f->has_time, f->time_ns);
    wtr_sqlite_text(s, f->where);
    wtr_sqlite_text(s, f->reason);
    wtr_sqlite_text(s, f->message);
    put_place(s, &f->evidence);
    wtr_sqlite_end_row(s);
}

static void put_window(struct state *state, const struct wtr_window *window)
{
    struct wtr_sqlite *s = &state->database;
    wtr_sqlite_row(s, WTR_SQLITE_WINDOW);
    wtr_sqlite_int(s, state->lines);
    wtr_sqlite_int(s, window->source);
    put_some(s, window->device);
    put_some(s, window->protocol);
    put_some(s, window->client);
    put_some(s, window->server);
    put_some(s, window->client_id);
    wtr_sqlite_int(s, window->from_ns);
    wtr_sqlite_int(s, window->to_ns);
    wtr_sqlite_int(s, window->from_start);
    put_some(s, window->end);
    wtr_sqlite_uint(s, window->frames[0]);
    wtr_sqlite_uint(s, window->frames[1]);
    wtr_sqlite_uint(s, window->bytes[0]);
    wtr_sqlite_uint(s, window->bytes[1]);
    wtr_sqlite_uint(s, window->gaps);
    wtr_sqlite_uint(s, window->lost_bytes);
    wtr_sqlite_int(s, window->encrypted);
    wtr_sqlite_end_row(s);
}

/* ---- the format */

static struct state *opened(struct wtr_writer *w)
{
    struct state *state = w->state;
    if (!state->opened)
        wtr_sqlite_open(&state->database, w->options.temporary);
    state->opened = true;
    return state;
}

static void put_record(struct wtr_writer *w, const struct wtr_record *record, bool shown)
{
    struct state *state = opened(w);
    state->lines++;
    switch (record->type) {
    case WTR_RECORD_HEADER:
        put_header(state, record->as.header);
        break;
    case WTR_RECORD_EVENT:
        if (shown)
            put_event(state, record->as.event);
        break;
    case WTR_RECORD_FINDING:
        put_finding(state, record->as.finding);
        break;
    case WTR_RECORD_WINDOW:
        put_window(state, record->as.window);
        break;
    case WTR_RECORD_SUMMARY:
        put_summary(w, record->as.summary);
        break;
    }
    w->out.failed |= state->text.failed;
    w->failure = state->database.failure;
}

static void finish(struct wtr_writer *w)
{
    struct state *state = opened(w);
    if (!state->finished)
        wtr_sqlite_finish(&state->database, w->write, w->payload);
    state->finished = true;
    w->failure = state->database.failure;
}

static void close_state(void *of)
{
    struct state *state = of;
    wtr_sqlite_close(&state->database);
    wtr_buffer_free(&state->text);
}

const struct wtr_format wtr_format_sqlite = {
    .name = "sqlite",
    .purpose = "a SQLite database of tables and views, for searching",
    .state_size = sizeof(struct state),
    .record = put_record,
    .finish = finish,
    .close = close_state,
};
