/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON writer. Text from the evidence is escaped so that a terminal or a page that shows the line is
 * safe from it: control characters, DEL, and the C1 controls as \u escapes. */
#include "base/json.h"

static void comma(struct wtr_json_writer *w)
{
    if (w->need_comma)
        wtr_put_char(w->out, ',');
    w->need_comma = true;
}

static void open_with(struct wtr_json_writer *w, char bracket)
{
    comma(w);
    wtr_put_char(w->out, bracket);
    w->need_comma = false;
}

static void close_with(struct wtr_json_writer *w, char bracket)
{
    wtr_put_char(w->out, bracket);
    w->need_comma = true;
}

void wtr_json_begin_object(struct wtr_json_writer *w)
{
    open_with(w, '{');
}

void wtr_json_end_object(struct wtr_json_writer *w)
{
    close_with(w, '}');
}

void wtr_json_begin_array(struct wtr_json_writer *w)
{
    open_with(w, '[');
}

void wtr_json_end_array(struct wtr_json_writer *w)
{
    close_with(w, ']');
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && c != 0xc2;
}

static void put_escape(struct wtr_buffer *out, unsigned code)
{
    const uint8_t bytes[2] = {(uint8_t)(code >> 8), (uint8_t)code};
    wtr_put_z(out, "\\u");
    wtr_put_hex(out, bytes, 2);
}

/* One character that is not plain, at text.data[i]; returns how many bytes it took. */
static size_t put_special(struct wtr_buffer *out, struct wtr_text text, size_t i)
{
    unsigned char c = (unsigned char)text.data[i];
    unsigned char next = i + 1 < text.length ? (unsigned char)text.data[i + 1] : 0;
    if (c == 0xc2 && next >= 0x80 && next <= 0x9f) {
        put_escape(out, next);
        return 2;
    }
    switch (c) {
    case '"':
        wtr_put_z(out, "\\\"");
        break;
    case '\\':
        wtr_put_z(out, "\\\\");
        break;
    case '\n':
        wtr_put_z(out, "\\n");
        break;
    case '\r':
        wtr_put_z(out, "\\r");
        break;
    case '\t':
        wtr_put_z(out, "\\t");
        break;
    case 0xc2:
        wtr_put_char(out, (char)c);
        break;
    default:
        put_escape(out, c);
    }
    return 1;
}

static void put_quoted(struct wtr_buffer *out, struct wtr_text text)
{
    wtr_put_char(out, '"');
    for (size_t i = 0; i < text.length;) {
        size_t plain = i;
        while (plain < text.length && is_plain((unsigned char)text.data[plain]))
            plain++;
        wtr_put(out, text.data + i, plain - i);
        i = plain;
        if (i < text.length)
            i += put_special(out, text, i);
    }
    wtr_put_char(out, '"');
}

void wtr_json_key_text(struct wtr_json_writer *w, struct wtr_text name)
{
    comma(w);
    put_quoted(w->out, name);
    wtr_put_char(w->out, ':');
    w->need_comma = false;
}

void wtr_json_key(struct wtr_json_writer *w, const char *name)
{
    wtr_put_z(w->out, w->need_comma ? ",\"" : "\"");
    wtr_put_z(w->out, name);
    wtr_put_z(w->out, "\":");
    w->need_comma = false;
}

void wtr_json_put_text(struct wtr_json_writer *w, struct wtr_text text)
{
    comma(w);
    put_quoted(w->out, text);
}

void wtr_json_put_bytes(struct wtr_json_writer *w, struct wtr_text bytes)
{
    if (wtr_utf8_valid(bytes.data, bytes.length)) {
        wtr_json_put_text(w, bytes);
        return;
    }
    wtr_json_begin_object(w);
    wtr_json_key(w, "hex");
    wtr_put_char(w->out, '"');
    wtr_put_hex(w->out, bytes.data, bytes.length);
    wtr_put_char(w->out, '"');
    wtr_json_end_object(w);
}

void wtr_json_put_z(struct wtr_json_writer *w, const char *z)
{
    wtr_json_put_text(w, wtr_text_z(z));
}

void wtr_json_put_int(struct wtr_json_writer *w, int64_t value)
{
    comma(w);
    wtr_put_int(w->out, value);
}

void wtr_json_put_uint(struct wtr_json_writer *w, uint64_t value)
{
    comma(w);
    wtr_put_uint(w->out, value);
}

void wtr_json_put_micro(struct wtr_json_writer *w, int64_t micro)
{
    comma(w);
    wtr_put_micro(w->out, micro);
}

void wtr_json_put_bool(struct wtr_json_writer *w, bool value)
{
    comma(w);
    wtr_put_z(w->out, value ? "true" : "false");
}

void wtr_json_put_null(struct wtr_json_writer *w)
{
    comma(w);
    wtr_put_z(w->out, "null");
}

void wtr_json_put_time(struct wtr_json_writer *w, int64_t time_ns)
{
    comma(w);
    wtr_put_char(w->out, '"');
    wtr_put_time(w->out, time_ns);
    wtr_put_char(w->out, '"');
}

void wtr_json_put_literal(struct wtr_json_writer *w, struct wtr_text literal)
{
    comma(w);
    wtr_put_text(w->out, literal);
}
