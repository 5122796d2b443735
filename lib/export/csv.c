/* SPDX-License-Identifier: Apache-2.0 */
/* CSV (RFC 4180): one row for each event, a fixed set of columns, the first row their names. Lines end with
 * LF, and a row is one line: control characters are written as \u{hex}, so no cell holds a line break.
 * Findings, windows and the summary have no place here. */
#include "export/format.h"
#include "export/line.h"
#include "export/parts.h"
#include "export/visible.h"
#include "export/words.h"

struct state {
    const struct wtr_writer *writer;
    struct wtr_buffer cell;
    struct wtr_line_clock clock;
    bool headed;
};

/* ---- one function for each column that is more than a value of `data` */

static void put_time(struct state *s, bool known, int64_t time_ns)
{
    if (known)
        wtr_line_bare_time(&s->cell, &s->clock, time_ns);
}

static void cell_time(struct state *s, const struct wtr_event *e)
{
    put_time(s, e->has_time, e->time_ns);
}

static void cell_time_ns(struct state *s, const struct wtr_event *e)
{
    if (e->has_time)
        wtr_line_int(&s->cell, e->time_ns);
}

static void cell_time_basis(struct state *s, const struct wtr_event *e)
{
    wtr_line(&s->cell, wtr_word_time_basis(e->time_basis));
}

static void cell_time_scale(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->time_scale);
}

static void cell_earliest(struct state *s, const struct wtr_event *e)
{
    put_time(s, e->earliest.known, e->earliest.time_ns);
}

static void cell_latest(struct state *s, const struct wtr_event *e)
{
    put_time(s, e->latest.known, e->latest.time_ns);
}

static void cell_device(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->device);
}

static void cell_channel(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->channel);
}

static void cell_outlet(struct state *s, const struct wtr_event *e)
{
    if (e->outlet)
        wtr_line_uint(&s->cell, e->outlet);
}

static void cell_kind(struct state *s, const struct wtr_event *e)
{
    wtr_line(&s->cell, wtr_word_kind(e->kind));
}

static void cell_raw(struct state *s, const struct wtr_event *e)
{
    if (e->raw_count)
        wtr_part_raw(&s->cell, e);
}

static void cell_change(struct state *s, const struct wtr_event *e)
{
    if (e->change != WTR_CHANGE_NONE)
        wtr_line(&s->cell, wtr_word_change(e->change));
}

static void cell_transition_earliest(struct state *s, const struct wtr_event *e)
{
    put_time(s, e->has_transition && e->transition_earliest.known, e->transition_earliest.time_ns);
}

static void cell_transition_latest(struct state *s, const struct wtr_event *e)
{
    put_time(s, e->has_transition && e->transition_latest.known, e->transition_latest.time_ns);
}

static void cell_trigger(struct state *s, const struct wtr_event *e)
{
    if (e->cause.trigger != WTR_TRIGGER_NONE)
        wtr_line(&s->cell, wtr_word_trigger(e->cause.trigger));
}

static void cell_cause_basis(struct state *s, const struct wtr_event *e)
{
    if (e->cause.basis != WTR_BASIS_NONE)
        wtr_line(&s->cell, wtr_word_cause_basis(e->cause.basis));
}

static void put_id(struct state *s, const struct wtr_id *id)
{
    wtr_put_visible(&s->cell, wtr_text_of(id->text, strnlen(id->text, sizeof id->text)));
}

static void cell_cause_event(struct state *s, const struct wtr_event *e)
{
    if (e->cause.has_event)
        put_id(s, &e->cause.event);
}

static void cell_endpoint(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->cause.endpoint);
}

static void cell_client_id(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->cause.client_id);
}

static void cell_app_id(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->cause.app_id);
}

/* "kasa-xor@12+5": the steps, and the value's place in the plain text. */
static void cell_transform(struct state *s, const struct wtr_event *e)
{
    if (e->transform.steps.length == 0)
        return;
    wtr_put_visible(&s->cell, e->transform.steps);
    wtr_put_char(&s->cell, '@');
    wtr_put_uint(&s->cell, e->transform.offset);
    wtr_put_char(&s->cell, '+');
    wtr_put_uint(&s->cell, e->transform.length);
}

static void cell_key(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->transform.key);
}

static void cell_user(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->cause.user);
}

static void cell_certainty(struct state *s, const struct wtr_event *e)
{
    wtr_line(&s->cell, wtr_word_certainty(e->certainty));
}

static void cell_retained(struct state *s, const struct wtr_event *e)
{
    if (e->retained)
        wtr_line(&s->cell, "true");
}

static void cell_source(struct state *s, const struct wtr_event *e)
{
    wtr_line_uint(&s->cell, e->evidence.source);
}

static void cell_source_name(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, wtr_writer_source(s->writer, e->evidence.source));
}

static void cell_frame(struct state *s, const struct wtr_event *e)
{
    if (e->evidence.frame)
        wtr_line_uint(&s->cell, e->evidence.frame);
}

static void cell_record_offset(struct state *s, const struct wtr_event *e)
{
    wtr_line_uint(&s->cell, e->evidence.record_offset);
}

static void cell_offset(struct state *s, const struct wtr_event *e)
{
    wtr_line_uint(&s->cell, e->evidence.offset);
}

static void cell_length(struct state *s, const struct wtr_event *e)
{
    wtr_line_uint(&s->cell, e->evidence.length);
}

static void cell_copies(struct state *s, const struct wtr_event *e)
{
    wtr_line_uint(&s->cell, e->copies);
}

static void cell_path(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->path);
}

/* ---- what an event of storage says of its entry */

static void cell_record_state(struct state *s, const struct wtr_event *e)
{
    if (e->stored)
        wtr_line(&s->cell, wtr_word_entry_state(e->record_state));
}

static void cell_integrity(struct state *s, const struct wtr_event *e)
{
    if (e->stored)
        wtr_line(&s->cell, wtr_word_integrity(e->integrity));
}

static void cell_order_scope(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->order.scope);
}

static void cell_order_sequence(struct state *s, const struct wtr_event *e)
{
    if (e->order.has_sequence)
        wtr_line_uint(&s->cell, e->order.sequence);
}

static void cell_order_basis(struct state *s, const struct wtr_event *e)
{
    if (e->stored)
        wtr_line(&s->cell, wtr_word_order_basis(e->order.basis));
}

static void cell_volume(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->volume);
}

static void cell_entry(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->entry);
}

static void cell_id(struct state *s, const struct wtr_event *e)
{
    put_id(s, &e->id);
}

static void cell_message(struct state *s, const struct wtr_event *e)
{
    wtr_put_visible(&s->cell, e->message);
}

static void cell_data(struct state *s, const struct wtr_event *e);

/* A column is a value of `data`, or what `put` writes. */
struct column {
    const char *name;
    void (*put)(struct state *s, const struct wtr_event *e);
    enum wtr_field field; /* where `put` is NULL */
};

static const struct column columns[] = {
    {.name = "time", .put = cell_time},
    {.name = "time_ns", .put = cell_time_ns},
    {.name = "time_basis", .put = cell_time_basis},
    {.name = "time_scale", .put = cell_time_scale},
    {.name = "earliest", .put = cell_earliest},
    {.name = "latest", .put = cell_latest},
    {.name = "device", .put = cell_device},
    {.name = "channel", .put = cell_channel},
    {.name = "outlet", .put = cell_outlet},
    {.name = "kind", .put = cell_kind},
    {.name = "state", .field = WTR_FIELD_STATE},
    {.name = "power_w", .field = WTR_FIELD_POWER_W},
    {.name = "voltage_v", .field = WTR_FIELD_VOLTAGE_V},
    {.name = "current_a", .field = WTR_FIELD_CURRENT_A},
    {.name = "energy_wh", .field = WTR_FIELD_ENERGY_WH},
    {.name = "scope", .field = WTR_FIELD_SCOPE},
    {.name = "data", .put = cell_data},
    {.name = "raw", .put = cell_raw},
    {.name = "change", .put = cell_change},
    {.name = "transition_earliest", .put = cell_transition_earliest},
    {.name = "transition_latest", .put = cell_transition_latest},
    {.name = "trigger", .put = cell_trigger},
    {.name = "cause_basis", .put = cell_cause_basis},
    {.name = "cause_event", .put = cell_cause_event},
    {.name = "endpoint", .put = cell_endpoint},
    {.name = "client_id", .put = cell_client_id},
    {.name = "user", .put = cell_user},
    {.name = "app_id", .put = cell_app_id},
    {.name = "certainty", .put = cell_certainty},
    {.name = "retained", .put = cell_retained},
    {.name = "source", .put = cell_source},
    {.name = "source_name", .put = cell_source_name},
    {.name = "frame", .put = cell_frame},
    {.name = "record_offset", .put = cell_record_offset},
    {.name = "offset", .put = cell_offset},
    {.name = "length", .put = cell_length},
    {.name = "copies", .put = cell_copies},
    {.name = "transform", .put = cell_transform},
    {.name = "key", .put = cell_key},
    {.name = "record_state", .put = cell_record_state},
    {.name = "integrity", .put = cell_integrity},
    {.name = "order_scope", .put = cell_order_scope},
    {.name = "order_sequence", .put = cell_order_sequence},
    {.name = "order_basis", .put = cell_order_basis},
    {.name = "volume", .put = cell_volume},
    {.name = "entry", .put = cell_entry},
    {.name = "path", .put = cell_path},
    {.name = "id", .put = cell_id},
    {.name = "message", .put = cell_message},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

/* The value of a field if it stands once; one that stands several times is left to the column `data`. */
static const struct wtr_value *only_value(const struct wtr_event *e, enum wtr_field field)
{
    const struct wtr_value *found = NULL;
    for (size_t i = 0; i < e->data_count; i++) {
        if (e->data[i].field != field)
            continue;
        if (found)
            return NULL;
        found = &e->data[i];
    }
    return found;
}

static bool has_own_column(const struct wtr_event *e, size_t index)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (!columns[i].put && columns[i].field == e->data[index].field)
            return only_value(e, e->data[index].field) != NULL;
    return false;
}

static void cell_data(struct state *s, const struct wtr_event *e)
{
    wtr_line(&s->cell, "{");
    if (wtr_part_values(&s->cell, e, has_own_column))
        wtr_line(&s->cell, "}");
    else
        s->cell.length = 0;
}

/* ---- rows */

static void put_quoted(struct wtr_buffer *out, const char *before, struct wtr_text cell)
{
    wtr_line(out, "\"");
    wtr_line(out, before);
    while (cell.length > 0) {
        const char *quote = memchr(cell.data, '"', cell.length);
        size_t n = quote ? (size_t)(quote - cell.data) + 1 : cell.length;
        wtr_line_put(out, cell.data, n);
        if (quote)
            wtr_line(out, "\"");
        cell = wtr_text_of(cell.data + n, cell.length - n);
    }
    wtr_line(out, "\"");
}

/* Visible text has no tabs or line breaks, which some spreadsheets skip at the beginning of a cell. */
static bool is_formula(struct wtr_text cell)
{
    static const char signs[] = {'=', '+', '-', '@'};
    return cell.length > 0 && memchr(signs, cell.data[0], sizeof signs) && !wtr_part_is_literal(cell);
}

static void put_cell(struct wtr_buffer *out, struct wtr_text cell, bool formula)
{
    bool quoted = cell.length && (memchr(cell.data, ',', cell.length) || memchr(cell.data, '"', cell.length));
    if (quoted || formula)
        put_quoted(out, formula ? "'" : "", cell);
    else if (cell.length)
        wtr_line_put(out, cell.data, cell.length);
}

static void put_column(struct state *s, const struct column *column, const struct wtr_event *e)
{
    if (column->put) {
        column->put(s, e);
        return;
    }
    const struct wtr_value *value = only_value(e, column->field);
    if (value)
        wtr_part_value_text(&s->cell, value);
}

static void put_row(struct wtr_writer *w, const struct wtr_event *e)
{
    struct state *s = w->state;
    s->writer = w;
    for (size_t i = 0; i < COLUMNS; i++) {
        wtr_buffer_clear(&s->cell);
        put_column(s, &columns[i], e);
        w->out.failed |= s->cell.failed;
        struct wtr_text cell = wtr_buffer_text(&s->cell);
        put_cell(&w->out, cell, w->options.csv_safe && is_formula(cell));
        wtr_line(&w->out, i + 1 < COLUMNS ? "," : "\n");
    }
}

/* The names of the columns, also where there is nothing below them. */
static void put_names(struct wtr_writer *w)
{
    struct state *s = w->state;
    if (s->headed)
        return;
    s->headed = true;
    for (size_t i = 0; i < COLUMNS; i++) {
        wtr_line(&w->out, columns[i].name);
        wtr_line(&w->out, i + 1 < COLUMNS ? "," : "\n");
    }
}

static void put_record(struct wtr_writer *w, const struct wtr_record *record, bool shown)
{
    put_names(w);
    if (record->type == WTR_RECORD_EVENT && shown)
        put_row(w, record->as.event);
}

static void close_state(void *state)
{
    struct state *s = state;
    wtr_buffer_free(&s->cell);
}

const struct wtr_format wtr_format_csv = {
    .name = "csv",
    .purpose = "one row an event, for spreadsheets: less than everything",
    .state_size = sizeof(struct state),
    .record = put_record,
    .finish = put_names,
    .close = close_state,
    .limits = "has no place for findings, windows, the summary, and parts and copies of the evidence",
};
