/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences. "Reported on" and not "switched on": a statement is not a switching. */
#include "timeline/wording.h"

static const struct wtr_value *value_of(const struct wtr_event *event, enum wtr_field field)
{
    for (size_t i = 0; i < event->data_count; i++)
        if (event->data[i].field == field)
            return &event->data[i];
    return NULL;
}

static void put_value(struct wtr_buffer *out, const struct wtr_value *value)
{
    switch (value->type) {
    case WTR_VALUE_TEXT:
        wtr_put_text(out, value->text);
        break;
    case WTR_VALUE_DECIMAL:
        wtr_put_micro(out, value->number);
        break;
    case WTR_VALUE_INTEGER:
        wtr_put_int(out, value->number);
        break;
    case WTR_VALUE_BOOLEAN:
        wtr_put_z(out, value->number ? "yes" : "no");
        break;
    }
}

static void put_field(struct wtr_buffer *out, const struct wtr_event *event, enum wtr_field field,
                      const char *before, const char *after)
{
    const struct wtr_value *value = value_of(event, field);
    if (!value)
        return;
    wtr_put_z(out, before);
    put_value(out, value);
    wtr_put_z(out, after);
}

static void put_subject(struct wtr_buffer *out, const struct wtr_event *event)
{
    wtr_put_text(out, event->device);
    if (wtr_text_is(event->channel, "*")) {
        wtr_put_z(out, " all channels");
    } else if (event->channel.length) {
        wtr_put_z(out, " channel ");
        wtr_put_text(out, event->channel);
    }
}

/* All values as "name value, name value". */
static void put_all(struct wtr_buffer *out, const struct wtr_event *event)
{
    for (size_t i = 0; i < event->data_count; i++) {
        wtr_put_z(out, i ? ", " : " ");
        wtr_put_z(out, wtr_field_name(event->data[i].field));
        wtr_put_char(out, ' ');
        put_value(out, &event->data[i]);
    }
}

static void put_bound(struct wtr_buffer *out, const struct wtr_bound *bound)
{
    if (bound->known)
        wtr_put_time(out, bound->time_ns);
    else
        wtr_put_z(out, "an unknown time");
}

/* A derived moment says of what it is made, and what it leaves open. */
static void word_on_since(struct wtr_buffer *out, const struct wtr_event *event)
{
    wtr_put_z(out, " went on between ");
    put_bound(out, &event->earliest);
    wtr_put_z(out, " and ");
    put_bound(out, &event->latest);
    wtr_put_z(out, ", by a switch or by power restored, as its on-time");
    put_field(out, event, WTR_FIELD_STATEMENTS, " in ", " statements tells");
}

/* What is inferred is said with what it rests on, and never as the device's word. */
static void word_inferred(struct wtr_buffer *out, const struct wtr_event *event)
{
    const struct wtr_value *state = value_of(event, WTR_FIELD_STATE);
    bool told = state && !wtr_text_is(state->text, "unknown");
    put_field(out, event, WTR_FIELD_TRIGGER_PATH, ": enciphered traffic as after a switching (path ", ")");
    put_field(out, event, WTR_FIELD_STATE, told ? ", as if switched " : ", state ", "");
    put_field(out, event, WTR_FIELD_LIKELIHOOD_RATIO, " (likelihood ratio ", ")");
    wtr_put_z(out, value_of(event, WTR_FIELD_CALIBRATION) ? "; a calibration event" : "");
    wtr_put_z(out, "; inferred, not the device's report");
}

static void word_state(struct wtr_buffer *out, const struct wtr_event *event)
{
    if (event->certainty == WTR_INFERRED) {
        word_inferred(out, event);
        return;
    }
    if (event->certainty == WTR_DERIVED) {
        word_on_since(out, event);
        return;
    }
    if (event->stored)
        wtr_put_z(out,
                  event->record_state == WTR_ENTRY_LIVE ? " stores the state " : " had stored the state ");
    else
        wtr_put_z(out, event->retained ? " was last reported "
                       : event->past   ? " said it had been "
                                       : " reported ");
    put_field(out, event, WTR_FIELD_STATE, "", "");
    if (event->retained)
        wtr_put_z(out, " (stored by the broker)");
}

static void word_command(struct wtr_buffer *out, const struct wtr_event *event)
{
    const struct wtr_value *state = value_of(event, WTR_FIELD_STATE);
    bool switches = state && (wtr_text_is(state->text, "on") || wtr_text_is(state->text, "off"));
    wtr_put_z(out, event->retained ? " had a stored command to " : " was asked to ");
    wtr_put_z(out, switches ? "switch " : "");
    put_field(out, event, WTR_FIELD_STATE, "", "");
    if (event->cause.client_id.length) {
        wtr_put_z(out, " by client ");
        wtr_put_text(out, event->cause.client_id);
    }
    if (event->cause.endpoint.length) {
        wtr_put_z(out, " from ");
        wtr_put_text(out, event->cause.endpoint);
    }
}

static void word_reading(struct wtr_buffer *out, const struct wtr_event *event)
{
    static const struct {
        enum wtr_field field;
        const char *unit;
    } units[] = {
        {WTR_FIELD_POWER_W, " W"},        {WTR_FIELD_VOLTAGE_V, " V"},
        {WTR_FIELD_CURRENT_A, " A"},      {WTR_FIELD_APPARENT_VA, " VA"},
        {WTR_FIELD_REACTIVE_VAR, " var"}, {WTR_FIELD_POWER_FACTOR, " power factor"},
        {WTR_FIELD_FREQUENCY_HZ, " Hz"},
    };
    wtr_put_z(out, event->retained ? " had last measured" : " measured");
    const char *before = " ";
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!value_of(event, units[i].field))
            continue;
        put_field(out, event, units[i].field, before, units[i].unit);
        before = ", ";
    }
    put_field(out, event, WTR_FIELD_PHASE, " on phase ", "");
}

static void word_energy(struct wtr_buffer *out, const struct wtr_event *event)
{
    wtr_put_z(out, event->retained ? " had last counted" : " counted");
    put_field(out, event, WTR_FIELD_ENERGY_WH, " ", " Wh");
    put_field(out, event, WTR_FIELD_RUNTIME_MIN, " ", " min on");
    put_field(out, event, WTR_FIELD_SCOPE, " (", ")");
    put_field(out, event, WTR_FIELD_PHASE, " on phase ", "");
}

static void word_session(struct wtr_buffer *out, const struct wtr_event *event, bool open)
{
    const struct wtr_value *by = value_of(event, WTR_FIELD_BY);
    if (open)
        wtr_put_z(out, " opened its session");
    else if (by && wtr_text_is(by->text, "broker"))
        wtr_put_z(out, event->retained ? " was said to be offline (stored by the broker)"
                                       : ": the broker said that its session ended");
    else
        wtr_put_z(out, by ? " ended its session" : ": its session ended");
    put_field(out, event, WTR_FIELD_CLIENT_ID, " (client ", ")");
    put_field(out, event, WTR_FIELD_REASON, ": ", "");
}

static void word_tls(struct wtr_buffer *out, const struct wtr_event *event)
{
    wtr_put_z(out, " had a session");
    put_field(out, event, WTR_FIELD_TLS_VERSION, " of ", "");
    put_field(out, event, WTR_FIELD_PEER, " with ", "");
    put_field(out, event, WTR_FIELD_SNI, " as ", "");
    put_field(out, event, WTR_FIELD_CLIENT_BYTES, ": ", " bytes from the client");
    put_field(out, event, WTR_FIELD_SERVER_BYTES, ", ", " from the server");
}

static void word_other(struct wtr_buffer *out, const struct wtr_event *event)
{
    static const char *const words[WTR_KIND_COUNT] = {
        [WTR_KIND_LOAD_CHANGE] = " load changed:",
        [WTR_KIND_SWITCH_INPUT] = " reported an input:",
        [WTR_KIND_SCHEDULE_RULE] = " holds a rule:",
        [WTR_KIND_SCHEDULE_RUN] = " ran a rule:",
        [WTR_KIND_TIMER_SET] = " holds a timer:",
        [WTR_KIND_DEVICE_BOOT] = " reported that it started:",
        [WTR_KIND_DEVICE_IDENTITY] = " gave its identity:",
        [WTR_KIND_DEVICE_CONFIG] = " setting:",
        [WTR_KIND_DEVICE_LOCATION] = " holds a location:",
        [WTR_KIND_NETWORK_JOIN] = " named its network:",
        [WTR_KIND_NETWORK_CONTACT] = " reached for:",
        [WTR_KIND_CLOCK_READING] = " gave its clock:",
        [WTR_KIND_FIRMWARE_UPDATE] = " firmware update:",
        [WTR_KIND_CREDENTIAL] = " credential:",
        [WTR_KIND_DEVICE_VALUE] = " gave a value of its own:",
    };
    const char *word = (size_t)event->kind < WTR_KIND_COUNT ? words[event->kind] : NULL;
    if (event->kind == WTR_KIND_NETWORK_JOIN && value_of(event, WTR_FIELD_BY))
        word = " joined a network:";
    wtr_put_z(out, word ? word : ":");
    put_all(out, event);
}

void wtr_word_event(const struct wtr_event *event, struct wtr_buffer *out)
{
    put_subject(out, event);
    switch (event->kind) {
    case WTR_KIND_POWER_STATE:
        word_state(out, event);
        break;
    case WTR_KIND_POWER_COMMAND:
        word_command(out, event);
        break;
    case WTR_KIND_POWER_READING:
        word_reading(out, event);
        break;
    case WTR_KIND_ENERGY_COUNTER:
        word_energy(out, event);
        break;
    case WTR_KIND_SESSION_OPEN:
        word_session(out, event, true);
        break;
    case WTR_KIND_SESSION_CLOSE:
        word_session(out, event, false);
        break;
    case WTR_KIND_TLS_SESSION:
        word_tls(out, event);
        break;
    default:
        word_other(out, event);
    }
}
