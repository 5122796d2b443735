/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) by libcrypto, which uses the processor's own instructions where it has them. The
 * algorithm is looked up once, when the hash is made: a hash is meant to be kept and used again, so that a
 * short text costs no look-up and no allocation. */
#ifndef WTR_BASE_SHA256_H
#define WTR_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WTR_SHA256_SIZE = 32 };

struct wtr_sha256;

/* A hash of nothing so far; NULL: no memory. */
struct wtr_sha256 *wtr_sha256_new(void);
void wtr_sha256_free(struct wtr_sha256 *hash);

void wtr_sha256_add(struct wtr_sha256 *hash, const void *data, size_t length);
/* Gives the digest of all that was added and starts afresh. False, and a digest of zeros, if libcrypto failed
 * at any step since the start. */
bool wtr_sha256_finish(struct wtr_sha256 *hash, uint8_t digest[WTR_SHA256_SIZE]);

/* The digest of one run of bytes. Nothing must have been added before. */
bool wtr_sha256_of(struct wtr_sha256 *hash, const void *data, size_t length, uint8_t digest[WTR_SHA256_SIZE]);

#endif
