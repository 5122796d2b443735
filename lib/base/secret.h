/* SPDX-License-Identifier: Apache-2.0 */
/* How a secret (a password, a key) stands in output: the one place that decides it. */
#ifndef WTR_BASE_SECRET_H
#define WTR_BASE_SECRET_H

#include "base/json.h"

/* Overwrites what was a secret, so that it does not stay in freed memory. */
void wtr_wipe(void *data, size_t length);
/* Wipes and frees the buffer. */
void wtr_buffer_wipe(struct wtr_buffer *buffer);

/* Appends the secret's hash and length, "sha256:<first 16 hex digits>, <n> bytes". */
void wtr_put_secret(struct wtr_buffer *out, struct wtr_text secret);

/* Writes the secret's hash and length, "sha256:<first 16 hex digits>, <n> bytes"; the secret itself (as
 * wtr_json_put_bytes) only if the writer reveals secrets. If the hash can't be made the output has failed. */
void wtr_json_put_secret(struct wtr_json_writer *w, struct wtr_text secret);

#endif
