/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing and cutting text, UTF-8 validity (RFC 3629), MAC addresses. */
#include "base/text.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool wtr_text_is_nocase(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    if (text.length != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(text.data[i]) != lower(z[i]))
            return false;
    return true;
}

bool wtr_text_ends(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    return text.length >= n && memcmp(text.data + text.length - n, z, n) == 0;
}

struct wtr_text wtr_text_cut(struct wtr_text *rest, char separator)
{
    struct wtr_text whole = *rest;
    const char *at = whole.length ? memchr(whole.data, separator, whole.length) : NULL;
    if (!at) {
        *rest = (struct wtr_text){NULL, 0};
        return whole;
    }
    size_t before = (size_t)(at - whole.data);
    *rest = (struct wtr_text){at + 1, whole.length - before - 1};
    return (struct wtr_text){whole.data, before};
}

/* Length of the well-formed sequence of several bytes at p, 0 if there is none. */
static size_t utf8_sequence(const uint8_t *p, size_t left)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    if (n == 0 || n > left)
        return 0;
    uint32_t code = p[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        code = code << 6 | (p[i] & 0x3fU);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[n] || code > 0x10ffff || surrogate ? 0 : n;
}

static bool is_ascii_word(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

bool wtr_utf8_valid(const void *data, size_t length)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < length;) {
        if (length - i >= 8 && is_ascii_word(p + i)) {
            i += 8;
            continue;
        }
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        size_t n = utf8_sequence(p + i, length - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool wtr_parse_mac(struct wtr_text text, uint8_t mac[6])
{
    bool separated = text.length == 17;
    if (!separated && text.length != 12)
        return false;
    size_t step = separated ? 3 : 2;
    for (size_t i = 0; i < 6; i++) {
        const char *pair = text.data + i * step;
        int high = hex_digit(pair[0]);
        int low = hex_digit(pair[1]);
        if (high < 0 || low < 0)
            return false;
        if (separated && i < 5 && (pair[2] != text.data[2] || (pair[2] != ':' && pair[2] != '-')))
            return false;
        mac[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
