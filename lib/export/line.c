/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a JSON line, each with a way for the common case and the ordinary writer for the rest. */
#include "export/line.h"

#include "export/visible.h"

void wtr_line_uint(struct wtr_buffer *out, uint64_t value)
{
    char digits[20];
    char *at = digits + sizeof digits;
    while (value >= 10) {
        *--at = (char)('0' + value % 10);
        value /= 10;
    }
    *--at = (char)('0' + value);
    wtr_line_put(out, at, (size_t)(digits + sizeof digits - at));
}

void wtr_line_int(struct wtr_buffer *out, int64_t value)
{
    if (value < 0)
        wtr_line(out, "-");
    wtr_line_uint(out, value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value);
}

static bool is_plain(struct wtr_text text)
{
    size_t i = 0;
    for (; text.length - i >= 8; i += 8) {
        if (!wtr_is_plain_word(text.data + i))
            return false;
    }
    for (; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            return false;
    }
    return true;
}

/* The text between quotes, if it is plain. */
static bool put_plain(struct wtr_buffer *out, struct wtr_text text)
{
    if (!is_plain(text))
        return false;
    wtr_line(out, "\"");
    wtr_line_put(out, text.data, text.length);
    wtr_line(out, "\"");
    return true;
}

void wtr_line_text(struct wtr_buffer *out, struct wtr_text text)
{
    if (text.length == 0) {
        wtr_line(out, "\"\"");
    } else if (!put_plain(out, text)) {
        struct wtr_json_writer json = {.out = out};
        wtr_json_put_bytes(&json, text);
    }
}

void wtr_line_word(struct wtr_buffer *out, const char *word)
{
    wtr_line_text(out, wtr_text_z(word));
}

void wtr_line_sentence(struct wtr_buffer *out, struct wtr_text sentence)
{
    if (sentence.length == 0 || wtr_utf8_valid(sentence.data, sentence.length)) {
        wtr_line_text(out, sentence);
        return;
    }
    struct wtr_buffer readable = {0};
    wtr_put_visible(&readable, sentence);
    wtr_line_text(out, wtr_buffer_text(&readable));
    out->failed |= readable.failed;
    wtr_buffer_free(&readable);
}

void wtr_line_name(struct wtr_buffer *out, struct wtr_text name)
{
    if (name.length == 0 || wtr_utf8_valid(name.data, name.length)) {
        wtr_line_text(out, name);
    } else {
        wtr_line(out, "\"hex:");
        wtr_put_hex(out, name.data, name.length);
        wtr_line(out, "\"");
    }
    wtr_line(out, ":");
}

static const int64_t second_ns = 1000000000;

static void set_second(struct wtr_line_clock *clock, int64_t second, int64_t time_ns)
{
    struct wtr_buffer text = {.data = clock->text, .capacity = sizeof clock->text};
    wtr_put_time(&text, time_ns);
    clock->length = text.length - sizeof "nnnnnnnnnZ" + 1;
    clock->second = second;
    clock->set = true;
}

void wtr_line_bare_time(struct wtr_buffer *out, struct wtr_line_clock *clock, int64_t time_ns)
{
    int64_t second = time_ns / second_ns;
    int64_t ns = time_ns % second_ns;
    if (ns < 0) {
        ns += second_ns;
        second--;
    }
    if (!clock->set || clock->second != second)
        set_second(clock, second, time_ns);
    char fraction[10] = "000000000Z";
    for (size_t i = 9; i-- > 0; ns /= 10)
        fraction[i] = (char)('0' + ns % 10);
    wtr_line_put(out, clock->text, clock->length);
    wtr_line_put(out, fraction, sizeof fraction);
}

void wtr_line_time(struct wtr_buffer *out, struct wtr_line_clock *clock, int64_t time_ns)
{
    wtr_line(out, "\"");
    wtr_line_bare_time(out, clock, time_ns);
    wtr_line(out, "\"");
}

void wtr_line_bound(struct wtr_buffer *out, struct wtr_line_clock *clock, const struct wtr_bound *bound)
{
    if (bound->known)
        wtr_line_time(out, clock, bound->time_ns);
    else
        wtr_line(out, "null");
}
