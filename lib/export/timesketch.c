/* SPDX-License-Identifier: Apache-2.0 */
/* Timesketch's JSON lines: `message`, `datetime` and `timestamp_desc` must be there, the rest is free, and
 * nothing is nested. Its importer does not compare `timestamp` (microseconds) with `datetime` and reads one
 * without the other in its server's zone, so both are given. An index keeps the type that a name had first,
 * so each name here always has one type; the exact time is a text of its own. */
#include "export/format.h"
#include "export/line.h"
#include "export/listing.h"
#include "export/parts.h"
#include "export/visible.h"
#include "export/words.h"

struct state {
    struct wtr_buffer text;
    struct wtr_line_clock clock;
};

static void put_text(struct wtr_writer *w, const char *name, struct wtr_text text)
{
    if (text.length == 0)
        return;
    wtr_line(&w->out, ",\"");
    wtr_line(&w->out, name);
    wtr_line(&w->out, "\":");
    wtr_line_sentence(&w->out, text);
}

static void put_word(struct wtr_writer *w, const char *name, const char *word)
{
    put_text(w, name, wtr_text_z(word));
}

static void put_number(struct wtr_writer *w, const char *name, uint64_t number)
{
    wtr_line(&w->out, ",\"");
    wtr_line(&w->out, name);
    wtr_line(&w->out, "\":");
    wtr_line_uint(&w->out, number);
}

static void put_bound(struct wtr_writer *w, const char *name, const struct wtr_bound *bound)
{
    struct state *s = w->state;
    if (!bound->known)
        return;
    wtr_line(&w->out, ",\"");
    wtr_line(&w->out, name);
    wtr_line(&w->out, "\":");
    wtr_line_time(&w->out, &s->clock, bound->time_ns);
}

/* ---- what must be there */

static void put_head(struct wtr_writer *w, const struct wtr_event *e, int64_t time_ns)
{
    struct state *s = w->state;
    wtr_buffer_clear(&s->text);
    wtr_listing_meaning(&s->text, e);
    wtr_line(&w->out, "{\"message\":");
    wtr_line_sentence(&w->out, e->message);
    wtr_line(&w->out, ",\"datetime\":\"");
    wtr_listing_datetime(&w->out, time_ns);
    wtr_line(&w->out, "\",\"timestamp\":");
    wtr_line_int(&w->out, wtr_listing_micros(time_ns));
    put_text(w, "timestamp_desc", wtr_buffer_text(&s->text));
    wtr_line(&w->out, ",\"data_type\":\"smartplug:");
    for (const char *c = wtr_word_kind(e->kind); *c; c++)
        wtr_put_char(&w->out, *c == '.' ? ':' : *c);
    wtr_line(&w->out, "\"");
}

/* ---- values: numbers where the field is always one, else text; repeated ones as a list */

static bool is_number(const struct wtr_value *value)
{
    return value->type == WTR_VALUE_DECIMAL ||
           (value->type == WTR_VALUE_INTEGER && value->field != WTR_FIELD_VALUE);
}

static bool stands_before(const struct wtr_event *e, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (e->data[i].field == e->data[index].field)
            return true;
    return false;
}

static void put_value(struct wtr_writer *w, const struct wtr_value *value)
{
    struct state *s = w->state;
    wtr_buffer_clear(&s->text);
    wtr_part_value_text(&s->text, value);
    if (is_number(value))
        wtr_put_text(&w->out, wtr_buffer_text(&s->text));
    else
        wtr_line_sentence(&w->out, wtr_buffer_text(&s->text));
}

static void put_field(struct wtr_writer *w, const struct wtr_event *e, size_t index)
{
    size_t count = 0;
    for (size_t i = index; i < e->data_count; i++)
        count += e->data[i].field == e->data[index].field;
    wtr_line(&w->out, ",\"data_");
    wtr_line(&w->out, wtr_word_field(e->data[index].field));
    wtr_line(&w->out, count > 1 ? "\":[" : "\":");
    put_value(w, &e->data[index]);
    for (size_t i = index + 1; i < e->data_count; i++) {
        if (e->data[i].field != e->data[index].field)
            continue;
        wtr_line(&w->out, ",");
        put_value(w, &e->data[i]);
    }
    wtr_line(&w->out, count > 1 ? "]" : "");
}

static void put_raw(struct wtr_writer *w, const struct wtr_event *e)
{
    struct state *s = w->state;
    if (e->raw_count == 0)
        return;
    wtr_buffer_clear(&s->text);
    wtr_part_raw(&s->text, e);
    put_text(w, "raw", wtr_buffer_text(&s->text));
}

/* ---- the rest */

static void put_time(struct wtr_writer *w, const struct wtr_event *e)
{
    struct state *s = w->state;
    put_word(w, "time_basis", wtr_word_time_basis(e->time_basis));
    put_text(w, "time_scale", e->time_scale);
    if (e->has_time) {
        wtr_line(&w->out, ",\"exact_time\":");
        wtr_line_time(&w->out, &s->clock, e->time_ns);
    }
    put_bound(w, "earliest", &e->earliest);
    put_bound(w, "latest", &e->latest);
    if (e->has_transition) {
        put_bound(w, "transition_earliest", &e->transition_earliest);
        put_bound(w, "transition_latest", &e->transition_latest);
    }
}

static void put_cause(struct wtr_writer *w, const struct wtr_cause *cause)
{
    if (cause->trigger != WTR_TRIGGER_NONE)
        put_word(w, "trigger", wtr_word_trigger(cause->trigger));
    if (cause->basis != WTR_BASIS_NONE)
        put_word(w, "cause_basis", wtr_word_cause_basis(cause->basis));
    if (cause->has_event)
        put_word(w, "cause_event", cause->event.text);
    put_text(w, "endpoint", cause->endpoint);
    put_text(w, "client_id", cause->client_id);
    put_text(w, "user_name", cause->user);
    put_text(w, "app_id", cause->app_id);
}

static void put_evidence(struct wtr_writer *w, const struct wtr_event *e)
{
    put_text(w, "display_name", wtr_writer_source(w, e->evidence.source));
    put_number(w, "source_number", e->evidence.source);
    if (e->evidence.frame)
        put_number(w, "frame_number", e->evidence.frame);
    put_number(w, "record_offset", e->evidence.record_offset);
    put_number(w, "byte_offset", e->evidence.offset);
    put_number(w, "byte_length", e->evidence.length);
    if (e->stored)
        put_word(w, "record_state", wtr_word_entry_state(e->record_state));
    put_text(w, "volume", e->volume);
    put_text(w, "entry", e->entry);
    put_text(w, "transform", e->transform.steps);
    put_text(w, "key", e->transform.key);
    put_number(w, "copies", e->copies);
    put_text(w, "parser", e->path);
    put_word(w, "event_uid", e->id.text);
}

static void put_event(struct wtr_writer *w, const struct wtr_event *e)
{
    int64_t time_ns;
    if (!wtr_listing_time(e, &time_ns)) {
        w->undated++;
        return;
    }
    put_head(w, e, time_ns);
    put_text(w, "device", e->device);
    put_text(w, "channel", e->channel);
    for (size_t i = 0; i < e->data_count; i++)
        if (!stands_before(e, i))
            put_field(w, e, i);
    put_raw(w, e);
    if (e->change != WTR_CHANGE_NONE)
        put_word(w, "change", wtr_word_change(e->change));
    put_word(w, "certainty", wtr_word_certainty(e->certainty));
    put_word(w, "retained", e->retained ? "true" : "false");
    put_time(w, e);
    put_cause(w, &e->cause);
    put_evidence(w, e);
    wtr_line(&w->out, "}\n");
}

static void put_record(struct wtr_writer *w, const struct wtr_record *record, bool shown)
{
    struct state *s = w->state;
    if (record->type == WTR_RECORD_EVENT && shown)
        put_event(w, record->as.event);
    w->out.failed |= s->text.failed;
}

static void close_state(void *state)
{
    struct state *s = state;
    wtr_buffer_free(&s->text);
}

const struct wtr_format wtr_format_timesketch = {
    .name = "timesketch",
    .purpose = "JSON lines for Timesketch, one flat object an event",
    .state_size = sizeof(struct state),
    .record = put_record,
    .close = close_state,
    .limits = "gives an event one time, and has no place for findings, windows, the summary, and parts and "
              "copies of the evidence",
};
