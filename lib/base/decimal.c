/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers without floating point: what the evidence writes is what is kept, to a millionth of the
 * unit, rounded half to even beyond that. */
#include "base/text.h"

/* A number taken apart: digits (without leading zeros) and the power of ten of the last of them. */
struct number {
    bool negative;
    char digits[40];
    int count;
    int exponent;
    bool inexact; /* digits other than zero were left out behind the last one kept */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void add_digit(struct number *n, char c, bool fraction)
{
    if (n->count == (int)sizeof n->digits) {
        n->inexact |= c != '0';
        if (!fraction)
            n->exponent++;
        return;
    }
    if (n->count > 0 || c != '0')
        n->digits[n->count++] = c;
    if (fraction)
        n->exponent--;
}

/* The exponent after 'e'; `at` stands behind the 'e'. False unless at least one digit follows. */
static bool read_exponent(struct wtr_text text, size_t at, int *exponent)
{
    bool negative = at < text.length && text.data[at] == '-';
    if (at < text.length && (text.data[at] == '-' || text.data[at] == '+'))
        at++;
    if (at >= text.length)
        return false;
    int value = 0;
    for (; at < text.length; at++) {
        if (!is_digit(text.data[at]))
            return false;
        value = value < 10000 ? value * 10 + (text.data[at] - '0') : value;
    }
    *exponent = negative ? -value : value;
    return true;
}

/* JSON's number syntax (RFC 8259 section 6), and a leading '+'. */
static bool take_apart(struct wtr_text text, struct number *n)
{
    size_t at = 0;
    *n = (struct number){0};
    if (text.length > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        n->negative = text.data[0] == '-';
        at++;
    }
    size_t first = at;
    for (; at < text.length && is_digit(text.data[at]); at++)
        add_digit(n, text.data[at], false);
    if (at == first || (text.data[first] == '0' && at - first > 1))
        return false;
    if (at < text.length && text.data[at] == '.') {
        size_t point = at++;
        for (; at < text.length && is_digit(text.data[at]); at++)
            add_digit(n, text.data[at], true);
        if (at == point + 1)
            return false;
    }
    if (at == text.length)
        return true;
    int exponent = 0;
    if ((text.data[at] != 'e' && text.data[at] != 'E') || !read_exponent(text, at + 1, &exponent))
        return false;
    n->exponent += exponent;
    return true;
}

/* The first `keep` digits as an integer, with what follows them rounded half to even. */
static bool round_digits(const struct number *n, int keep, uint64_t *value)
{
    uint64_t v = 0;
    for (int i = 0; i < keep; i++) {
        unsigned digit = i < n->count ? (unsigned)(n->digits[i] - '0') : 0;
        if (v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    if (keep >= 0 && keep < n->count) {
        bool rest = n->inexact;
        for (int i = keep + 1; i < n->count; i++)
            rest |= n->digits[i] != '0';
        char next = n->digits[keep];
        if (next > '5' || (next == '5' && (rest || (v & 1))))
            v++;
    }
    *value = v;
    return true;
}

bool wtr_decimal_micro(struct wtr_text text, int shift, int64_t *micro)
{
    struct number n;
    if (!take_apart(text, &n))
        return false;
    uint64_t value = 0;
    int keep = n.count + n.exponent + 6 + shift;
    if (n.count > 0 && keep > 19)
        return false;
    if (n.count > 0 && !round_digits(&n, keep, &value))
        return false;
    if (value > (uint64_t)INT64_MAX)
        return false;
    *micro = n.negative ? -(int64_t)value : (int64_t)value;
    return true;
}

bool wtr_decimal_int(struct wtr_text text, int64_t *value)
{
    size_t at = text.length > 0 && (text.data[0] == '-' || text.data[0] == '+') ? 1 : 0;
    if (at == text.length)
        return false;
    uint64_t v = 0;
    for (; at < text.length; at++) {
        if (!is_digit(text.data[at]) || v > (uint64_t)INT64_MAX / 10)
            return false;
        v = v * 10 + (unsigned)(text.data[at] - '0');
    }
    if (v > (uint64_t)INT64_MAX)
        return false;
    *value = text.data[0] == '-' ? -(int64_t)v : (int64_t)v;
    return true;
}

int64_t wtr_divide_half_even(int64_t value, int64_t divisor)
{
    int64_t quotient = value / divisor;
    int64_t rest = value % divisor;
    int64_t size = rest < 0 ? -rest : rest;
    int64_t other = divisor - size;
    if (size > other || (size == other && (quotient & 1)))
        quotient += value < 0 ? -1 : 1;
    return quotient;
}
