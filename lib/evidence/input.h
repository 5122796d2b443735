/* SPDX-License-Identifier: Apache-2.0 */
/* A source as a run of bytes: read once, in order, in large blocks, hashed (SHA-256) in the same pass on a
 * thread of its own, and unpacked on the way if it is gzip-compressed. The caller sees a window that slides
 * over the bytes and works in place.
 *
 * Bytes come from a file that is opened read-only, from standard input, or from the caller's functions. */
#ifndef WTR_EVIDENCE_INPUT_H
#define WTR_EVIDENCE_INPUT_H

#include "wattrail/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wtr_input;

/* Where the bytes come from. `read` fills up to `size` bytes and returns how many (0: the end, -1: error);
 * `size` gives the whole length, -1 if it is not known (a pipe); may be NULL. */
struct wtr_input_ops {
    int64_t (*read)(void *payload, void *buffer, size_t size);
    int64_t (*size)(void *payload);
    void (*close)(void *payload);
};

/* Opens a file ("-" is standard input): WTR_E_NOT_FOUND, WTR_E_READ (also for a directory) or WTR_E_MEMORY
 * on failure; then *why, if given, is a constant fragment that names the reason. Reads the first bytes, and
 * so waits for them where the input is a pipe. */
enum wtr_status wtr_input_open_path(struct wtr_input **input, const char *path, const char **why);
/* Takes over `payload`: it is closed with the input, also when this call fails. The functions are called from
 * the thread that uses the input and no other. */
enum wtr_status wtr_input_open(struct wtr_input **input, const struct wtr_input_ops *ops, void *payload);
void wtr_input_close(struct wtr_input *input);

/* `stop` is asked before each block is read or unpacked. Once it returns true the bytes end, and
 * wtr_input_trouble says so. */
void wtr_input_set_stop(struct wtr_input *input, bool (*stop)(void *payload), void *payload);

/* Points at the bytes from the current place on, at least `want` of them if the input has so many, and sets
 * *have to how many there are. Valid until the next call. `want` is at most WTR_INPUT_WINDOW. A read error or
 * a broken gzip stream ends the bytes early: wtr_input_trouble then says so. */
enum { WTR_INPUT_WINDOW = 1 << 20 };
const uint8_t *wtr_input_peek(struct wtr_input *input, size_t want, size_t *have);
/* Moves on by `n` bytes, which may be more than the window holds. False if the input ended before. */
bool wtr_input_skip(struct wtr_input *input, uint64_t n);
/* The current place, in the uncompressed bytes. */
uint64_t wtr_input_offset(const struct wtr_input *input);
/* Whole length in bytes as stored (compressed), -1 if not known; and how many of them have been read. */
int64_t wtr_input_size(const struct wtr_input *input);
uint64_t wtr_input_consumed(const struct wtr_input *input);
bool wtr_input_compressed(const struct wtr_input *input);
/* NULL, or why the bytes ended early or can't be whole (a constant fragment, for instance "the gzip stream is
 * cut short"). */
const char *wtr_input_trouble(const struct wtr_input *input);

/* Reads what is left, so that the hash covers the whole source as stored, and gives its SHA-256 and length.
 * WTR_E_READ if the source could not be read to its end and WTR_E_CANCELLED if it was stopped: then both are
 * those of the part that was read. To be called once, at the end. */
enum wtr_status wtr_input_finish(struct wtr_input *input, uint8_t sha256[32], uint64_t *size);

#endif
