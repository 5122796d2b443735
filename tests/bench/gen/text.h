/* SPDX-License-Identifier: Apache-2.0 */
/* A growing run of bytes: the payloads, protocol messages and JSON that the generator puts together. */
#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    uint8_t *at;
    size_t length;
    size_t capacity;
};

void text_clear(struct text *text);
void text_free(struct text *text);
void text_bytes(struct text *text, const void *bytes, size_t length);
void text_u8(struct text *text, unsigned value);
void text_be16(struct text *text, unsigned value);
void text_be32(struct text *text, uint32_t value);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds bytes given as hexadecimal digits; spaces between them are ignored. */
void text_hex(struct text *text, const char *digits);

/* Zeroed memory, never NULL. */
void *allocate(size_t count, size_t size);

/* Ends the program: a generator that cannot go on has nothing to clean up. */
_Noreturn void die(const char *what);

#endif
