/* SPDX-License-Identifier: Apache-2.0 */
/* Which characters are not seen: the Unicode Character Database's Cc, Cf, Zl and Zp, its
 * Default_Ignorable_Code_Point, spaces other than U+0020, and non-characters (UnicodeData.txt and
 * DerivedCoreProperties.txt, 15.0). Widths are those of EastAsianWidth.txt, by blocks. */
#include "export/visible.h"

struct range {
    uint32_t first, last;
};

static const struct range unseen[] = {
    {0x0000, 0x001f},   {0x007f, 0x00a0},   {0x00ad, 0x00ad},     {0x034f, 0x034f},   {0x0600, 0x0605},
    {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},     {0x0890, 0x0891},   {0x08e2, 0x08e2},
    {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5},     {0x180b, 0x180f},   {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x2800, 0x2800},     {0x3000, 0x3000},   {0x3164, 0x3164},
    {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},     {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
    {0xfffe, 0xffff},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},   {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff},   {0x3fffe, 0x3ffff}, {0xe0000, 0xe0fff},
    {0xefffe, 0xeffff}, {0xffffe, 0xfffff}, {0x10fffe, 0x10ffff},
};

static const struct range wide[] = {
    {0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
};

static bool within(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code <= ranges[i].last)
            return code >= ranges[i].first;
    return false;
}

/* The character at the start of the bytes and how many of them it takes; 0: they are not UTF-8. */
static size_t take_character(struct wtr_text text, uint32_t *code)
{
    const uint8_t *p = (const uint8_t *)text.data;
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (n > text.length || !wtr_utf8_valid(p, n))
        return 0;
    *code = n == 1 ? p[0] : p[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++)
        *code = *code << 6 | (p[i] & 0x3fU);
    return n;
}

static void put_escape(struct wtr_buffer *out, char letter, uint32_t code)
{
    static const char digits[] = "0123456789abcdef";
    char text[12];
    size_t at = sizeof text;
    text[--at] = '}';
    do {
        text[--at] = digits[code & 15];
        code >>= 4;
    } while (code);
    text[--at] = '{';
    text[--at] = letter;
    text[--at] = '\\';
    wtr_put(out, text + at, sizeof text - at);
}

/* Whether the text begins like one of the escapes. */
static bool looks_escaped(struct wtr_text text)
{
    return text.length >= 3 && text.data[0] == '\\' && (text.data[1] == 'u' || text.data[1] == 'x') &&
           text.data[2] == '{';
}

static size_t plain_run(struct wtr_text text)
{
    size_t n = 0;
    while (n < text.length && text.data[n] >= 0x20 && text.data[n] < 0x7f && text.data[n] != '\\')
        n++;
    return n;
}

/* One character; returns how many bytes it took. */
static size_t put_character(struct wtr_buffer *out, struct wtr_text text)
{
    uint32_t code = 0;
    size_t n = take_character(text, &code);
    if (n == 0) {
        put_escape(out, 'x', (uint8_t)text.data[0]);
        return 1;
    }
    if (within(code, unseen, sizeof unseen / sizeof *unseen) || looks_escaped(text))
        put_escape(out, 'u', code);
    else
        wtr_put(out, text.data, n);
    return n;
}

void wtr_put_visible(struct wtr_buffer *out, struct wtr_text text)
{
    if (!text.data)
        return;
    while (text.length > 0) {
        size_t n = plain_run(text);
        wtr_put(out, text.data, n);
        if (n < text.length)
            n += put_character(out, wtr_text_of(text.data + n, text.length - n));
        text = wtr_text_of(text.data + n, text.length - n);
    }
}

size_t wtr_visible_width(struct wtr_text text)
{
    size_t width = 0;
    while (text.length > 0) {
        uint32_t code = 0;
        size_t n = take_character(text, &code);
        bool combines = code >= 0x0300 && code <= 0x036f;
        width += combines ? 0 : within(code, wide, sizeof wide / sizeof *wide) ? 2 : 1;
        n = n ? n : 1;
        text = wtr_text_of(text.data + n, text.length - n);
    }
    return width;
}
