/* SPDX-License-Identifier: Apache-2.0 */
/* Length-counted text, a growing buffer to write text into, and the few character facts that evidence
 * needs: UTF-8 validity, exact decimal numbers, hexadecimal. Nothing here looks at the locale. */
#ifndef WTR_BASE_TEXT_H
#define WTR_BASE_TEXT_H

#include "wattrail/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WTR_TEXT(literal) ((struct wtr_text){(literal), sizeof(literal) - 1})

static inline struct wtr_text wtr_text_of(const void *data, size_t length)
{
    return (struct wtr_text){(const char *)data, length};
}

static inline struct wtr_text wtr_text_z(const char *z)
{
    return (struct wtr_text){z, strlen(z)};
}

static inline bool wtr_text_is(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    return text.length == n && (n == 0 || (text.data && memcmp(text.data, z, n) == 0));
}

static inline bool wtr_text_equal(struct wtr_text a, struct wtr_text b)
{
    return a.length == b.length &&
           (a.length == 0 || (a.data && b.data && memcmp(a.data, b.data, a.length) == 0));
}

/* Whether the text equals `z`, ASCII letters compared without case. */
bool wtr_text_is_nocase(struct wtr_text text, const char *z);

static inline bool wtr_text_starts(struct wtr_text text, const char *z)
{
    size_t n = strlen(z);
    return text.length >= n && (n == 0 || (text.data && memcmp(text.data, z, n) == 0));
}

bool wtr_text_ends(struct wtr_text text, const char *z);

/* Cuts the text at the first `separator`: returns what stands before it and leaves what stands after in
 * `*rest`. Without a separator the whole is returned and `*rest` is empty with data NULL. */
struct wtr_text wtr_text_cut(struct wtr_text *rest, char separator);

/* Whether each of eight bytes is printable ASCII other than '"' and '\\'. */
static inline bool wtr_is_plain_word(const char *eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = ones * 0x80;
    uint64_t word;
    memcpy(&word, eight, sizeof word);
    /* Each term has the top bit of a byte set for which it is not (and perhaps of those above it). */
    uint64_t control = word - ones * 0x20;
    uint64_t quote = (word ^ ones * '"') - ones;
    uint64_t backslash = (word ^ ones * '\\') - ones;
    uint64_t delete = (word ^ ones * 0x7f) - ones;
    return ((word | control | quote | backslash | delete) & tops) == 0;
}

/* Whether the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool wtr_utf8_valid(const void *data, size_t length);

/* An exact decimal number as integer millionths of ten to the `shift`: value * 10^(6 + shift), rounded half
 * to even. Accepts JSON's number syntax (and a leading '+'); false if the text is anything else or the
 * result leaves int64. shift is within -12 .. 12. */
bool wtr_decimal_micro(struct wtr_text text, int shift, int64_t *micro);

/* The text as an integer without fraction or exponent; false if it is not one or leaves int64. */
bool wtr_decimal_int(struct wtr_text text, int64_t *value);

/* value / divisor rounded half to even; divisor > 0. */
int64_t wtr_divide_half_even(int64_t value, int64_t divisor);

/* Twelve hexadecimal digits, with or without ':' or '-' between the pairs, as six bytes. */
bool wtr_parse_mac(struct wtr_text text, uint8_t mac[6]);

/* A text that grows. Zero-initialise; free with wtr_buffer_free. After a failed allocation `failed` is set,
 * what is appended later is dropped, and the owner checks once at the end. */
struct wtr_buffer {
    char *data;
    size_t length;
    size_t capacity;
    bool failed;
};

void wtr_buffer_free(struct wtr_buffer *buffer);

static inline void wtr_buffer_clear(struct wtr_buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
}

/* Makes the room that is lacking for `n` more bytes. False: no memory, or there was none before. */
bool wtr_buffer_grow(struct wtr_buffer *buffer, size_t n);

/* Room for `n` more bytes, to be written at the returned place; then add to `length` what was written. */
static inline char *wtr_buffer_room(struct wtr_buffer *buffer, size_t n)
{
    if (n > buffer->capacity - buffer->length && !wtr_buffer_grow(buffer, n))
        return NULL;
    return buffer->failed ? NULL : buffer->data + buffer->length;
}

static inline void wtr_put(struct wtr_buffer *buffer, const void *data, size_t length)
{
    char *to = length > 0 ? wtr_buffer_room(buffer, length) : NULL;
    if (!to || !data)
        return;
    memcpy(to, data, length);
    buffer->length += length;
}

static inline void wtr_put_text(struct wtr_buffer *buffer, struct wtr_text text)
{
    wtr_put(buffer, text.data, text.length);
}

static inline void wtr_put_z(struct wtr_buffer *buffer, const char *z)
{
    wtr_put(buffer, z, strlen(z));
}

static inline void wtr_put_char(struct wtr_buffer *buffer, char c)
{
    wtr_put(buffer, &c, 1);
}

void wtr_put_int(struct wtr_buffer *buffer, int64_t value);
void wtr_put_uint(struct wtr_buffer *buffer, uint64_t value);
/* Millionths as a decimal number without trailing zeros: 57310000 is "57.31". */
void wtr_put_micro(struct wtr_buffer *buffer, int64_t micro);
void wtr_put_hex(struct wtr_buffer *buffer, const void *data, size_t length);
void wtr_put_mac(struct wtr_buffer *buffer, const uint8_t mac[6]);
/* Nanoseconds since 1970-01-01T00:00:00Z as RFC 3339 with nine digits and Z. */
void wtr_put_time(struct wtr_buffer *buffer, int64_t time_ns);

static inline struct wtr_text wtr_buffer_text(const struct wtr_buffer *buffer)
{
    return (struct wtr_text){buffer->data, buffer->length};
}

#endif
