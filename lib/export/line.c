/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a JSON line, each with a way for the common case and the ordinary writer for the rest. */
#include "export/line.h"

#include "export/visible.h"

/* The numbers from 00 to 99, two digits each. */
static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
    "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969"
    "79899";

void wtr_line_uint(struct wtr_buffer *out, uint64_t value)
{
    char digits[20];
    char *at = digits + sizeof digits;
    for (; value >= 100; value /= 100)
        memcpy(at -= 2, pairs + value % 100 * 2, 2);
    if (value >= 10)
        memcpy(at -= 2, pairs + value * 2, 2);
    else
        *--at = (char)('0' + value);
    wtr_line_put(out, at, (size_t)(digits + sizeof digits - at));
}

void wtr_line_int(struct wtr_buffer *out, int64_t value)
{
    if (value < 0)
        wtr_line(out, "-");
    wtr_line_uint(out, value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value);
}

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Copies the text if it is plain; the last eight bytes of a longer one are looked at as one, some of them
 * twice. */
static bool copy_plain(char *to, struct wtr_text text)
{
    size_t last = text.length >= 8 ? text.length - 8 : 0;
    if (text.length < 8) {
        for (size_t i = 0; i < text.length; i++) {
            if (!is_plain(text.data[i]))
                return false;
            to[i] = text.data[i];
        }
        return true;
    }
    for (size_t i = 0; i < last; i += 8) {
        if (!wtr_is_plain_word(text.data + i))
            return false;
        memcpy(to + i, text.data + i, 8);
    }
    memcpy(to + last, text.data + last, 8);
    return wtr_is_plain_word(text.data + last);
}

/* The text between quotes. False if it is not plain, and then nothing is put. */
static bool put_plain(struct wtr_buffer *out, struct wtr_text text)
{
    char *to = wtr_buffer_room(out, text.length + 2);
    if (!to)
        return true;
    to[0] = '"';
    if (!copy_plain(to + 1, text))
        return false;
    to[text.length + 1] = '"';
    out->length += text.length + 2;
    return true;
}

void wtr_line_text(struct wtr_buffer *out, struct wtr_text text)
{
    struct wtr_json_writer json = {.out = out};
    if (!put_plain(out, text))
        wtr_json_put_bytes(&json, text);
}

void wtr_line_word(struct wtr_buffer *out, const char *word)
{
    wtr_line_text(out, wtr_text_z(word));
}

void wtr_line_sentence(struct wtr_buffer *out, struct wtr_text sentence)
{
    if (put_plain(out, sentence))
        return;
    if (wtr_utf8_valid(sentence.data, sentence.length)) {
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
    if (put_plain(out, name)) {
        wtr_line(out, ":");
        return;
    }
    if (wtr_utf8_valid(name.data, name.length)) {
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
    char fraction[10] = "nnnnnnnnnZ";
    uint32_t rest = (uint32_t)ns;
    for (size_t end = 9; end > 1; end -= 2, rest /= 100)
        memcpy(fraction + end - 2, pairs + (size_t)(rest % 100) * 2, 2);
    fraction[0] = (char)('0' + rest);
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
