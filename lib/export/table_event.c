/* SPDX-License-Identifier: Apache-2.0 */
/* One event as a row of the table: short words, but none that claims more than the event does. */
#include "export/table.h"

#include "export/parts.h"
#include "export/visible.h"
#include "export/words.h"

const struct wtr_column wtr_table_event_columns[WTR_TABLE_EVENT_COLUMNS] = {
    {"time", 36}, {"device", 28}, {"ch", 12}, {"kind", 16}, {"what", 48}, {"cause", 52}, {"evidence", 28},
};

/* ---- when */

/* The place of an event that has no time. */
static void put_order(struct wtr_buffer *out, const struct wtr_event *e)
{
    if (!e->order.has_sequence) {
        wtr_put_z(out, "stored, not dated");
        return;
    }
    wtr_put_z(out, e->order.basis == WTR_ORDER_EXACT ? "order " : "probable order ");
    wtr_put_uint(out, e->order.sequence);
    wtr_put_z(out, e->order.scope.length ? " in " : "");
    wtr_put_visible(out, e->order.scope);
}

static void cell_time(struct wtr_buffer *out, const struct wtr_writer_options *o, const struct wtr_event *e)
{
    if (e->has_time) {
        wtr_table_time(out, o, e->time_ns);
    } else if (e->earliest.known && e->latest.known) {
        wtr_table_time(out, o, e->earliest.time_ns);
        wtr_put_z(out, " .. ");
        wtr_table_time(out, o, e->latest.time_ns);
    } else if (e->latest.known) {
        wtr_put_z(out, "<= ");
        wtr_table_time(out, o, e->latest.time_ns);
    } else if (e->earliest.known) {
        wtr_put_z(out, ">= ");
        wtr_table_time(out, o, e->earliest.time_ns);
    } else if (e->stored) {
        put_order(out, e);
    } else {
        wtr_put_z(out, "not known");
    }
}

/* ---- what */

static const char *unit_of(enum wtr_field field)
{
    switch (field) {
    case WTR_FIELD_POWER_W:
        return " W";
    case WTR_FIELD_VOLTAGE_V:
        return " V";
    case WTR_FIELD_CURRENT_A:
        return " A";
    case WTR_FIELD_APPARENT_VA:
        return " VA";
    case WTR_FIELD_REACTIVE_VAR:
        return " var";
    case WTR_FIELD_FREQUENCY_HZ:
        return " Hz";
    case WTR_FIELD_ENERGY_WH:
        return " Wh";
    default:
        return NULL;
    }
}

/* Fields whose value needs no name beside it. */
static bool speaks_for_itself(enum wtr_field field)
{
    return field == WTR_FIELD_STATE || field == WTR_FIELD_SCOPE || unit_of(field);
}

static void put_values(struct wtr_buffer *out, const struct wtr_event *e)
{
    for (size_t i = 0; i < e->data_count; i++) {
        enum wtr_field field = e->data[i].field;
        if (i)
            wtr_put_z(out, ", ");
        if (!speaks_for_itself(field)) {
            wtr_put_z(out, wtr_word_field(field));
            wtr_put_char(out, ' ');
        }
        wtr_part_value_text(out, &e->data[i]);
        if (unit_of(field))
            wtr_put_z(out, unit_of(field));
    }
}

/* "reported" is the device's word at that time; "was last reported" the broker's store; "said it had been"
 * the device's word of its past. */
static const char *verb_of(const struct wtr_event *e)
{
    if (e->kind == WTR_KIND_POWER_COMMAND)
        return "asked: ";
    if (e->kind != WTR_KIND_POWER_STATE)
        return e->past ? "of the past: " : "";
    if (e->certainty == WTR_INFERRED)
        return "as if switched: ";
    if (e->certainty == WTR_DERIVED)
        return "by switch or power restored: ";
    if (e->retained)
        return "was last reported ";
    if (e->stored)
        return e->record_state == WTR_ENTRY_LIVE ? "stores " : "had stored ";
    return e->past ? "said it had been " : "reported ";
}

/* Seconds, rounded up to the millisecond: the switching lies within. */
static void put_span(struct wtr_buffer *out, int64_t from_ns, int64_t to_ns)
{
    const uint64_t ms_ns = 1000000;
    uint64_t span_ns = (uint64_t)to_ns - (uint64_t)from_ns;
    uint64_t ms = span_ns / ms_ns + (span_ns % ms_ns != 0);
    wtr_put_micro(out, (int64_t)(ms * 1000));
    wtr_put_z(out, " s");
}

static void put_change(struct wtr_buffer *out, const struct wtr_event *e)
{
    if (e->change == WTR_CHANGE_NONE)
        return;
    wtr_put_z(out, " (");
    wtr_put_z(out, wtr_word_change(e->change));
    const struct wtr_bound *from = &e->transition_earliest;
    const struct wtr_bound *to = &e->transition_latest;
    if (e->has_transition && from->known && to->known && from->time_ns <= to->time_ns) {
        wtr_put_z(out, " within ");
        put_span(out, from->time_ns, to->time_ns);
    }
    wtr_put_char(out, ')');
}

static void cell_what(struct wtr_buffer *out, const struct wtr_event *e)
{
    wtr_put_z(out, verb_of(e));
    put_values(out, e);
    put_change(out, e);
    if (e->retained)
        wtr_put_z(out, " (stored by the broker)");
    if (e->certainty != WTR_OBSERVED) {
        wtr_put_z(out, " [");
        wtr_put_z(out, wtr_word_certainty(e->certainty));
        if (e->stored && e->certainty == WTR_RECOVERED) {
            wtr_put_z(out, ": ");
            wtr_put_z(out, wtr_word_entry_state(e->record_state));
        }
        wtr_put_char(out, ']');
    }
}

/* ---- why */

static const struct wtr_table_command *command_of(const struct wtr_table *table, const struct wtr_id *id)
{
    for (size_t i = 0; i < WTR_TABLE_COMMANDS; i++)
        if (memcmp(table->commands[i].id.text, id->text, sizeof id->text) == 0)
            return &table->commands[i];
    return NULL;
}

static void put_command(struct wtr_buffer *out, const struct wtr_table *table, const struct wtr_cause *cause)
{
    const struct wtr_table_command *command = command_of(table, &cause->event);
    wtr_put_z(out, cause->basis == WTR_BASIS_MATCHED_REQUEST ? "answers the command " : "after the command ");
    if (command && command->frame) {
        wtr_put_z(out, "in frame ");
        if (table->source_count > 1) {
            wtr_put_uint(out, command->source);
            wtr_put_char(out, ':');
        }
        wtr_put_uint(out, command->frame);
    } else {
        wtr_put_visible(out,
                        wtr_text_of(cause->event.text, strnlen(cause->event.text, sizeof cause->event.text)));
    }
    if (cause->has_delay) {
        wtr_put_z(out, " by ");
        wtr_put_micro(out, cause->delay_ns); /* millionths of a millisecond */
        wtr_put_z(out, " ms");
    }
    if (cause->other_count) {
        wtr_put_z(out, ", others: ");
        wtr_put_uint(out, cause->other_count);
    }
}

static void put_sender(struct wtr_buffer *out, const char *before, struct wtr_text text)
{
    if (text.length == 0)
        return;
    wtr_put_z(out, before);
    wtr_put_visible(out, text);
}

static void cell_cause(struct wtr_buffer *out, const struct wtr_table *table, const struct wtr_cause *cause)
{
    if (cause->trigger != WTR_TRIGGER_NONE)
        wtr_put_z(out, wtr_word_trigger(cause->trigger));
    if (cause->basis == WTR_BASIS_DEVICE_WORD)
        wtr_put_z(out, ", says the device");
    put_sender(out, " from ", cause->endpoint);
    put_sender(out, " client ", cause->client_id);
    put_sender(out, " user ", cause->user);
    put_sender(out, " app ", cause->app_id);
    if (cause->has_event) {
        wtr_put_z(out, ", ");
        put_command(out, table, cause);
    }
}

void wtr_table_note(struct wtr_table *table, const struct wtr_event *event)
{
    if (event->kind != WTR_KIND_POWER_COMMAND)
        return;
    table->commands[table->next_command++ % WTR_TABLE_COMMANDS] = (struct wtr_table_command){
        .id = event->id, .source = event->evidence.source, .frame = event->evidence.frame};
}

void wtr_table_event(struct wtr_table *table, const struct wtr_writer_options *options,
                     const struct wtr_event *e)
{
    struct wtr_columns *c = &table->columns;
    cell_time(&c->row, options, e);
    wtr_columns_end_cell(c);
    wtr_put_visible(&c->row, e->device);
    wtr_columns_end_cell(c);
    wtr_put_visible(&c->row, e->channel);
    wtr_columns_end_cell(c);
    wtr_put_z(&c->row, wtr_word_kind(e->kind));
    wtr_columns_end_cell(c);
    cell_what(&c->row, e);
    wtr_columns_end_cell(c);
    cell_cause(&c->row, table, &e->cause);
    wtr_columns_end_cell(c);
    wtr_table_place(&c->row, table, &e->evidence);
    if (e->copies) {
        wtr_put_z(&c->row, ", copies: ");
        wtr_put_uint(&c->row, e->copies);
    }
    wtr_columns_end_cell(c);
}
