/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the sorter share: sorter.c collects and writes, sorter_read.c reads. */
#ifndef WTR_BASE_SORTER_INTERNAL_H
#define WTR_BASE_SORTER_INTERNAL_H

#include "base/sorter.h"

#include <pthread.h>

enum { WTR_SORTER_KEY = 64, WTR_SORTER_BLOCK = 64 * 1024 };

struct wtr_sorter_run {
    uint64_t offset;
    uint64_t length;
    uint8_t last_key[WTR_SORTER_KEY];
};

struct wtr_sorter_file {
    int fd;
    uint64_t length;
    struct wtr_sorter_run *runs;
    size_t run_count;
    size_t run_capacity;
};

/* Records being collected, sorted or written. */
struct wtr_sorter_batch {
    uint8_t *records; /* each: length (u32), key, bytes */
    size_t used;
    size_t capacity;
    uint32_t *index; /* offsets into `records`; after sorting, in order */
    size_t count;
    size_t index_capacity;
};

struct wtr_sorter {
    size_t key_size;
    wtr_sorter_compare compare;
    size_t memory; /* of one batch */
    char *directory;
    struct wtr_sorter_batch filling;
    struct wtr_sorter_batch writing;
    struct wtr_sorter_batch
        late;        /* stragglers: what came when its place in the last run was written already */
    bool is_writing; /* the thread has `writing`, `late` and the file */
    pthread_t writer;
    enum wtr_status written; /* what became of the last batch */
    struct wtr_sorter_file file;
    uint64_t total;
    bool sealed;
};

/* Opens the runs [from, to) of the file. */
enum wtr_status wtr_sorted_open_runs(struct wtr_sorted **out, const struct wtr_sorter *sorter, size_t from,
                                     size_t to);

#endif
