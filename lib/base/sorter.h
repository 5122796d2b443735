/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting more records than memory holds: records are collected in a buffer of half the stated size, written
 * to an unnamed temporary file as sorted runs when it is full, and merged when they are read. What fits in
 * the buffer never touches the disk. A sealed sorter may be read several times.
 *
 * A record is a key and some bytes; what is equal in its whole key keeps the order in which it was added. */
#ifndef WTR_BASE_SORTER_H
#define WTR_BASE_SORTER_H

#include "base/text.h"
#include "wattrail/status.h"

struct wtr_sorter;
struct wtr_sorted;

/* A key's order: negative, zero, positive. Keys are copied bytewise. */
typedef int (*wtr_sorter_compare)(const void *a, const void *b);

/* `directory` holds the temporary file; NULL: $TMPDIR, else /tmp. Nothing is created before it is needed. */
enum wtr_status wtr_sorter_new(struct wtr_sorter **sorter, size_t key_size, wtr_sorter_compare compare,
                               size_t memory, const char *directory);
void wtr_sorter_free(struct wtr_sorter *sorter);
/* WTR_E_MEMORY, or WTR_E_WRITE where the temporary file can't be written. Records of at most half the
 * stated memory. */
enum wtr_status wtr_sorter_add(struct wtr_sorter *sorter, const void *key, struct wtr_text record);
/* No more records are added. */
enum wtr_status wtr_sorter_seal(struct wtr_sorter *sorter);
uint64_t wtr_sorter_count(const struct wtr_sorter *sorter);

/* Reads a sealed sorter from its start. Several readers may be open at the same time. */
enum wtr_status wtr_sorted_open(struct wtr_sorted **sorted, struct wtr_sorter *sorter);
void wtr_sorted_close(struct wtr_sorted *sorted);
/* The next record: WTR_OK, WTR_END, or WTR_E_READ where the temporary file fails. Key and record are borrowed
 * until the next call. */
enum wtr_status wtr_sorted_next(struct wtr_sorted *sorted, const void **key, struct wtr_text *record);

#endif
