/* SPDX-License-Identifier: Apache-2.0 */
/* Data and raw values as JSON. Names of the evidence may repeat where JSON's may not: then the values stand
 * in an array, in the order of the evidence. */
#include "export/parts.h"

#include "export/line.h"
#include "export/visible.h"
#include "export/words.h"

void wtr_part_value(struct wtr_buffer *out, const struct wtr_value *value)
{
    switch (value->type) {
    case WTR_VALUE_DECIMAL:
        wtr_put_micro(out, value->number);
        return;
    case WTR_VALUE_INTEGER:
        wtr_line_int(out, value->number);
        return;
    case WTR_VALUE_BOOLEAN:
        wtr_line(out, value->number ? "true" : "false");
        return;
    case WTR_VALUE_TEXT:
        break;
    }
    wtr_line_text(out, value->text);
}

void wtr_part_value_text(struct wtr_buffer *out, const struct wtr_value *value)
{
    if (value->type == WTR_VALUE_TEXT)
        wtr_put_visible(out, value->text);
    else
        wtr_part_value(out, value);
}

/* ---- data */

static bool same_field_before(const struct wtr_event *event, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (event->data[i].field == event->data[index].field)
            return true;
    return false;
}

static bool same_field_after(const struct wtr_event *event, size_t index)
{
    for (size_t i = index + 1; i < event->data_count; i++)
        if (event->data[i].field == event->data[index].field)
            return true;
    return false;
}

static void put_values_of_field(struct wtr_buffer *out, const struct wtr_event *event, size_t first)
{
    wtr_line(out, "[");
    for (size_t i = first; i < event->data_count; i++) {
        if (event->data[i].field != event->data[first].field)
            continue;
        if (i > first)
            wtr_line(out, ",");
        wtr_part_value(out, &event->data[i]);
    }
    wtr_line(out, "]");
}

bool wtr_part_values(struct wtr_buffer *out, const struct wtr_event *event,
                     bool (*leave_out)(const struct wtr_event *event, size_t index))
{
    bool any = false;
    for (size_t i = 0; i < event->data_count; i++) {
        if (same_field_before(event, i) || (leave_out && leave_out(event, i)))
            continue;
        wtr_line(out, any ? ",\"" : "\"");
        wtr_line(out, wtr_word_field(event->data[i].field));
        wtr_line(out, "\":");
        if (same_field_after(event, i))
            put_values_of_field(out, event, i);
        else
            wtr_part_value(out, &event->data[i]);
        any = true;
    }
    return any;
}

/* ---- raw */

static size_t skip_digits(struct wtr_text text, size_t at)
{
    while (at < text.length && text.data[at] >= '0' && text.data[at] <= '9')
        at++;
    return at;
}

static bool is_number(struct wtr_text text)
{
    size_t at = text.length > 0 && text.data[0] == '-' ? 1 : 0;
    size_t whole = at;
    at = skip_digits(text, at);
    if (at == whole || (text.data[whole] == '0' && at - whole > 1))
        return false;
    if (at < text.length && text.data[at] == '.') {
        size_t fraction = at + 1;
        at = skip_digits(text, fraction);
        if (at == fraction)
            return false;
    }
    if (at < text.length && (text.data[at] == 'e' || text.data[at] == 'E')) {
        size_t exponent = at + 1;
        if (exponent < text.length && (text.data[exponent] == '-' || text.data[exponent] == '+'))
            exponent++;
        at = skip_digits(text, exponent);
        if (at == exponent)
            return false;
    }
    return at == text.length;
}

bool wtr_part_is_literal(struct wtr_text text)
{
    return is_number(text) || wtr_text_is(text, "true") || wtr_text_is(text, "false") ||
           wtr_text_is(text, "null");
}

static void put_hex(struct wtr_buffer *out, struct wtr_text bytes)
{
    wtr_line(out, "{\"hex\":\"");
    wtr_put_hex(out, bytes.data, bytes.length);
    wtr_line(out, "\"}");
}

static void put_raw_value(struct wtr_buffer *out, const struct wtr_raw *raw)
{
    if (raw->type == WTR_RAW_LITERAL && wtr_part_is_literal(raw->value))
        wtr_line_put(out, raw->value.data, raw->value.length);
    else if (raw->type == WTR_RAW_BYTES)
        put_hex(out, raw->value);
    else
        wtr_line_text(out, raw->value);
}

static bool same_name(const struct wtr_event *event, size_t a, size_t b)
{
    return wtr_text_equal(event->raw[a].name, event->raw[b].name);
}

static bool same_name_before(const struct wtr_event *event, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (same_name(event, i, index))
            return true;
    return false;
}

static bool same_name_after(const struct wtr_event *event, size_t index)
{
    for (size_t i = index + 1; i < event->raw_count; i++)
        if (same_name(event, i, index))
            return true;
    return false;
}

static void put_values_of_name(struct wtr_buffer *out, const struct wtr_event *event, size_t first)
{
    wtr_line(out, "[");
    for (size_t i = first; i < event->raw_count; i++) {
        if (!same_name(event, i, first))
            continue;
        if (i > first)
            wtr_line(out, ",");
        put_raw_value(out, &event->raw[i]);
    }
    wtr_line(out, "]");
}

void wtr_part_raw(struct wtr_buffer *out, const struct wtr_event *event)
{
    const char *before = "{";
    for (size_t i = 0; i < event->raw_count; i++) {
        if (same_name_before(event, i))
            continue;
        wtr_line(out, before);
        wtr_line_name(out, event->raw[i].name);
        if (same_name_after(event, i))
            put_values_of_name(out, event, i);
        else
            put_raw_value(out, &event->raw[i]);
        before = ",";
    }
    wtr_line(out, event->raw_count ? "}" : "{}");
}
