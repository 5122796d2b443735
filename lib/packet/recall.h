/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded memory of the bytes that all streams delivered lately, so that bytes that come again can be
 * compared with those that stood, and nothing is called equal that was not compared. The oldest bytes of
 * whatever stream are forgotten first. */
#ifndef WTR_PACKET_RECALL_H
#define WTR_PACKET_RECALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wtr_recall;

/* Consecutive bytes of one stream. */
struct wtr_recall_run {
    int64_t place; /* of the first byte in its stream */
    const uint8_t *bytes;
    size_t length;
};

/* Remembers as many bytes, and at least 64 KiB. NULL: no memory. */
struct wtr_recall *wtr_recall_new(size_t bytes);
void wtr_recall_free(struct wtr_recall *recall);

/* Remembers bytes of the stream whose mark is *mark; a stream's mark is 0 at first. */
void wtr_recall_keep(struct wtr_recall *recall, uint64_t *mark, int64_t place, const uint8_t *bytes,
                     size_t length);

/* Goes back through what is remembered of a stream, latest first: *mark starts as a copy of the stream's
 * mark. False where no more is remembered. */
bool wtr_recall_back(const struct wtr_recall *recall, uint64_t *mark, struct wtr_recall_run *run);

#endif
