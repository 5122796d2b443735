/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of a run of bytes while it streams through a ring of blocks: on a thread of its own, over the very
 * bytes that the reader of the ring works on. The thread starts when there is enough to hash; a short run
 * never needs one, and where no thread can be had the caller's does the work. */
#ifndef WTR_EVIDENCE_HASHER_H
#define WTR_EVIDENCE_HASHER_H

#include "evidence/blocks.h"
#include "wattrail/status.h"

struct wtr_hasher;

/* Hashes what stands in `blocks`, which outlive the hasher. NULL: no memory. */
struct wtr_hasher *wtr_hasher_new(const struct wtr_blocks *blocks);
/* Ends without a result. */
void wtr_hasher_free(struct wtr_hasher *hasher);

/* The bytes before `end` are there now, and stay as they are until they are hashed. */
void wtr_hasher_add(struct wtr_hasher *hasher, uint64_t end);
/* Returns once the bytes before `end`, which must have been added, are hashed: their room may be used again.
 */
void wtr_hasher_wait(struct wtr_hasher *hasher, uint64_t end);
/* Waits for the rest and gives the digest. WTR_E_INTERNAL if libcrypto failed. Once, at the end. */
enum wtr_status wtr_hasher_finish(struct wtr_hasher *hasher, uint8_t digest[32]);

#endif
