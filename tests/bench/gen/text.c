/* SPDX-License-Identifier: Apache-2.0 */
/* A growing run of bytes. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(const char *what)
{
    fprintf(stderr, "gen: %s\n", what);
    exit(1);
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        die("out of memory");
    return memory;
}

static void reserve(struct text *text, size_t more)
{
    if (text->capacity - text->length >= more)
        return;
    size_t capacity = text->capacity ? text->capacity : 512;
    while (capacity - text->length < more)
        capacity *= 2;
    text->at = realloc(text->at, capacity);
    if (!text->at)
        die("out of memory");
    text->capacity = capacity;
}

void text_clear(struct text *text)
{
    text->length = 0;
}

void text_free(struct text *text)
{
    free(text->at);
    *text = (struct text){0};
}

void text_bytes(struct text *text, const void *bytes, size_t length)
{
    if (!length)
        return;
    reserve(text, length);
    memcpy(text->at + text->length, bytes, length);
    text->length += length;
}

void text_u8(struct text *text, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    text_bytes(text, &byte, 1);
}

void text_be16(struct text *text, unsigned value)
{
    text_u8(text, value >> 8 & 0xff);
    text_u8(text, value & 0xff);
}

void text_be32(struct text *text, uint32_t value)
{
    text_be16(text, value >> 16);
    text_be16(text, value & 0xffff);
}

void text_format(struct text *text, const char *format, ...)
{
    va_list first, second;
    va_start(first, format);
    va_copy(second, first);
    int length = vsnprintf(NULL, 0, format, first);
    va_end(first);
    if (length < 0)
        die("a text cannot be formatted");
    reserve(text, (size_t)length + 1);
    vsnprintf((char *)text->at + text->length, (size_t)length + 1, format, second);
    va_end(second);
    text->length += (size_t)length;
}

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

void text_hex(struct text *text, const char *digits)
{
    while (*digits) {
        if (*digits == ' ') {
            digits++;
            continue;
        }
        text_u8(text, digit(digits[0]) << 4 | digit(digits[1]));
        digits += 2;
    }
}
