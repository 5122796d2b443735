/* SPDX-License-Identifier: Apache-2.0 */
/* External merge sort. Records are collected in one half of the memory while a thread sorts and writes the
 * other. Evidence comes nearly in order: each batch continues the run before it, but for some stragglers,
 * which are set aside and become a run of their own when they are many or all is read. So most inputs end
 * with two runs. */
#include "base/sorter_internal.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MERGE_RUNS = 48,
    LATE_SHARE = 16, /* stragglers take this part of a batch's memory at most */
    SMALL_BATCH = 512 * 1024,
};

static size_t record_size(const struct wtr_sorter *s, const uint8_t *record)
{
    uint32_t length;
    memcpy(&length, record, sizeof length);
    return sizeof length + s->key_size + length;
}

static const void *key_at(const struct wtr_sorter_batch *batch, uint32_t offset)
{
    return batch->records + offset + sizeof(uint32_t);
}

enum wtr_status wtr_sorter_new(struct wtr_sorter **sorter, size_t key_size, wtr_sorter_compare compare,
                               size_t memory, const char *directory)
{
    if (key_size > WTR_SORTER_KEY || memory > UINT32_MAX / 2)
        return WTR_E_ARGUMENT;
    const char *tmp = directory ? directory : getenv("TMPDIR");
    struct wtr_sorter *s = calloc(1, sizeof *s);
    if (!s)
        return WTR_E_MEMORY;
    *s = (struct wtr_sorter){.key_size = key_size, .compare = compare, .memory = memory / 2, .file.fd = -1};
    s->directory = strdup(tmp && *tmp ? tmp : "/tmp");
    if (!s->directory) {
        free(s);
        return WTR_E_MEMORY;
    }
    *sorter = s;
    return WTR_OK;
}

static void wait_for_writer(struct wtr_sorter *s);

static void batch_free(struct wtr_sorter_batch *batch)
{
    free(batch->records);
    free(batch->index);
    *batch = (struct wtr_sorter_batch){0};
}

static void file_close(struct wtr_sorter_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->runs);
    *file = (struct wtr_sorter_file){.fd = -1};
}

void wtr_sorter_free(struct wtr_sorter *s)
{
    if (!s)
        return;
    wait_for_writer(s);
    file_close(&s->file);
    batch_free(&s->filling);
    batch_free(&s->writing);
    batch_free(&s->late);
    free(s->directory);
    free(s);
}

/* Merge sort of the index, stable; a stretch that is in order already costs one comparison a record. */
static void sort_index(const struct wtr_sorter *s, const struct wtr_sorter_batch *b, uint32_t *spare,
                       size_t from, size_t to)
{
    if (to - from < 2)
        return;
    size_t middle = from + (to - from) / 2;
    sort_index(s, b, spare, from, middle);
    sort_index(s, b, spare, middle, to);
    if (s->compare(key_at(b, b->index[middle - 1]), key_at(b, b->index[middle])) <= 0)
        return;
    memcpy(spare + from, b->index + from, (middle - from) * sizeof *b->index);
    size_t left = from, right = middle, at = from;
    while (left < middle && right < to) {
        bool take_left = s->compare(key_at(b, spare[left]), key_at(b, b->index[right])) <= 0;
        b->index[at++] = take_left ? spare[left++] : b->index[right++];
    }
    while (left < middle)
        b->index[at++] = spare[left++];
}

static enum wtr_status sort_batch(const struct wtr_sorter *s, const struct wtr_sorter_batch *batch)
{
    uint32_t *spare = malloc((batch->count ? batch->count : 1) * sizeof *spare);
    if (!spare)
        return WTR_E_MEMORY;
    sort_index(s, batch, spare, 0, batch->count);
    free(spare);
    return WTR_OK;
}

static enum wtr_status file_open(struct wtr_sorter_file *file, const char *directory)
{
    if (file->fd >= 0)
        return WTR_OK;
    struct wtr_buffer name = {0};
    wtr_put_z(&name, directory);
    wtr_put_z(&name, "/wattrail-XXXXXX");
    wtr_put(&name, "", 1);
    if (name.failed)
        return WTR_E_MEMORY;
    file->fd = mkstemp(name.data);
    if (file->fd >= 0) {
        unlink(name.data);
        fcntl(file->fd, F_SETFD, FD_CLOEXEC);
    }
    wtr_buffer_free(&name);
    return file->fd >= 0 ? WTR_OK : WTR_E_WRITE;
}

static enum wtr_status file_write(struct wtr_sorter_file *file, const uint8_t *data, size_t length)
{
    while (length > 0) {
        ssize_t n = pwrite(file->fd, data, length, (off_t)file->length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return WTR_E_WRITE;
        data += n;
        length -= (size_t)n;
        file->length += (uint64_t)n;
    }
    return WTR_OK;
}

/* The run to write to for a stretch that starts with `first`: the last one if it ends before, else a new
 * one. NULL: no memory. */
static struct wtr_sorter_run *run_for(const struct wtr_sorter *s, struct wtr_sorter_file *file,
                                      const void *first)
{
    if (file->run_count > 0 && s->compare(file->runs[file->run_count - 1].last_key, first) <= 0)
        return &file->runs[file->run_count - 1];
    if (file->run_count == file->run_capacity) {
        size_t capacity = file->run_capacity ? file->run_capacity * 2 : 16;
        struct wtr_sorter_run *runs = realloc(file->runs, capacity * sizeof *runs);
        if (!runs)
            return NULL;
        file->runs = runs;
        file->run_capacity = capacity;
    }
    struct wtr_sorter_run *run = &file->runs[file->run_count++];
    *run = (struct wtr_sorter_run){.offset = file->length};
    return run;
}

/* Collects records into large writes. */
struct block_writer {
    struct wtr_sorter_file *file;
    uint8_t data[WTR_SORTER_BLOCK];
    size_t used;
};

static enum wtr_status writer_flush(struct block_writer *w)
{
    enum wtr_status status = file_write(w->file, w->data, w->used);
    w->used = 0;
    return status;
}

static enum wtr_status writer_put(struct block_writer *w, const uint8_t *record, size_t length)
{
    if (length > sizeof w->data - w->used) {
        enum wtr_status status = writer_flush(w);
        if (status != WTR_OK)
            return status;
    }
    if (length > sizeof w->data)
        return file_write(w->file, record, length);
    memcpy(w->data + w->used, record, length);
    w->used += length;
    return WTR_OK;
}

/* Writes the batch's records from the one at `from` on. */
static enum wtr_status write_run(struct wtr_sorter *s, const struct wtr_sorter_batch *batch, size_t from)
{
    if (from == batch->count)
        return WTR_OK;
    enum wtr_status status = file_open(&s->file, s->directory);
    struct wtr_sorter_run *run =
        status == WTR_OK ? run_for(s, &s->file, key_at(batch, batch->index[from])) : NULL;
    struct block_writer *w = run ? malloc(sizeof *w) : NULL;
    if (!w)
        return status == WTR_OK ? WTR_E_MEMORY : status;
    w->file = &s->file;
    w->used = 0;
    for (size_t i = from; i < batch->count && status == WTR_OK; i++) {
        const uint8_t *record = batch->records + batch->index[i];
        status = writer_put(w, record, record_size(s, record));
    }
    if (status == WTR_OK)
        status = writer_flush(w);
    free(w);
    run->length = s->file.length - run->offset;
    memcpy(run->last_key, key_at(batch, batch->index[batch->count - 1]), s->key_size);
    return status;
}

/* A batch that is not small gets all its memory at once: so large a piece goes back to the system when it is
 * freed, whichever thread asked for it, and what is not used of it is not resident. */
static enum wtr_status reserve(const struct wtr_sorter *s, struct wtr_sorter_batch *b, size_t size)
{
    if (b->used + size > b->capacity) {
        size_t capacity = b->capacity ? b->capacity * 2 : WTR_SORTER_BLOCK;
        if (capacity > SMALL_BATCH && capacity < s->memory)
            capacity = s->memory;
        while (capacity < b->used + size)
            capacity *= 2;
        uint8_t *records = realloc(b->records, capacity);
        if (!records)
            return WTR_E_MEMORY;
        b->records = records;
        b->capacity = capacity;
    }
    if (b->count == b->index_capacity) {
        size_t capacity = b->index_capacity ? b->index_capacity * 2 : 1024;
        uint32_t *index = realloc(b->index, capacity * sizeof *index);
        if (!index)
            return WTR_E_MEMORY;
        b->index = index;
        b->index_capacity = capacity;
    }
    return WTR_OK;
}

static void batch_clear(struct wtr_sorter_batch *batch)
{
    batch->used = 0;
    batch->count = 0;
}

static enum wtr_status write_late(struct wtr_sorter *s)
{
    enum wtr_status status = sort_batch(s, &s->late);
    if (status == WTR_OK)
        status = write_run(s, &s->late, 0);
    batch_clear(&s->late);
    return status;
}

/* How many records of the sorted batch belong before the end of the last run. */
static size_t count_stragglers(const struct wtr_sorter *s, const struct wtr_sorter_batch *batch)
{
    if (s->file.run_count == 0)
        return 0;
    const uint8_t *last_key = s->file.runs[s->file.run_count - 1].last_key;
    size_t from = 0, to = batch->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (s->compare(key_at(batch, batch->index[middle]), last_key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Sets the batch's first `count` records aside if there is room for them; else makes room, and leaves them
 * where they are: then the batch begins a new run. */
static enum wtr_status set_aside(struct wtr_sorter *s, const struct wtr_sorter_batch *batch, size_t *count)
{
    size_t size = 0;
    for (size_t i = 0; i < *count; i++)
        size += record_size(s, batch->records + batch->index[i]);
    if (s->late.used + size > s->memory / LATE_SHARE) {
        *count = 0;
        return write_late(s);
    }
    for (size_t i = 0; i < *count; i++) {
        const uint8_t *record = batch->records + batch->index[i];
        size = record_size(s, record);
        enum wtr_status status = reserve(s, &s->late, size);
        if (status != WTR_OK)
            return status;
        memcpy(s->late.records + s->late.used, record, size);
        s->late.index[s->late.count++] = (uint32_t)s->late.used;
        s->late.used += size;
    }
    return WTR_OK;
}

/* The thread: sorts and writes the batch that it was given. It alone touches `writing`, `late` and the file.
 */
static void *write_batch(void *sorter)
{
    struct wtr_sorter *s = sorter;
    size_t late = 0;
    s->written = sort_batch(s, &s->writing);
    if (s->written == WTR_OK) {
        late = count_stragglers(s, &s->writing);
        s->written = set_aside(s, &s->writing, &late);
    }
    if (s->written == WTR_OK)
        s->written = write_run(s, &s->writing, late);
    batch_clear(&s->writing);
    return NULL;
}

static void wait_for_writer(struct wtr_sorter *s)
{
    if (s->is_writing)
        pthread_join(s->writer, NULL);
    s->is_writing = false;
}

/* Hands the collected records over to be written; where no thread is to be had, writes them here. */
static enum wtr_status spill(struct wtr_sorter *s)
{
    if (s->filling.count == 0)
        return WTR_OK;
    wait_for_writer(s);
    if (s->written != WTR_OK)
        return s->written;
    struct wtr_sorter_batch empty = s->writing;
    s->writing = s->filling;
    s->filling = empty;
    s->is_writing = wtr_thread_start(&s->writer, write_batch, s);
    if (!s->is_writing)
        write_batch(s);
    return WTR_OK;
}

enum wtr_status wtr_sorter_add(struct wtr_sorter *s, const void *key, struct wtr_text record)
{
    size_t size = sizeof(uint32_t) + s->key_size + record.length;
    if (s->sealed || size > s->memory)
        return WTR_E_ARGUMENT;
    enum wtr_status status = s->filling.used + size > s->memory ? spill(s) : WTR_OK;
    struct wtr_sorter_batch *b = &s->filling;
    if (status == WTR_OK)
        status = reserve(s, b, size);
    if (status != WTR_OK)
        return status;
    uint8_t *to = b->records + b->used;
    uint32_t length = (uint32_t)record.length;
    memcpy(to, &length, sizeof length);
    memcpy(to + sizeof length, key, s->key_size);
    if (record.length)
        memcpy(to + sizeof length + s->key_size, record.data, record.length);
    b->index[b->count++] = (uint32_t)b->used;
    b->used += size;
    s->total++;
    return WTR_OK;
}

uint64_t wtr_sorter_count(const struct wtr_sorter *sorter)
{
    return sorter->total;
}

/* Merges the runs [from, to) into one of the new file. */
static enum wtr_status merge_into(struct wtr_sorter *s, struct wtr_sorter_file *file, size_t from, size_t to)
{
    struct wtr_sorted *sorted = NULL;
    struct wtr_sorter_run *run = NULL;
    struct block_writer *w = malloc(sizeof *w);
    enum wtr_status status = w ? wtr_sorted_open_runs(&sorted, s, from, to) : WTR_E_MEMORY;
    if (w)
        *w = (struct block_writer){.file = file};
    while (status == WTR_OK) {
        const void *key;
        struct wtr_text record;
        status = wtr_sorted_next(sorted, &key, &record);
        if (status != WTR_OK)
            break;
        if (!run)
            run = run_for(s, file, key);
        if (!run) {
            status = WTR_E_MEMORY;
            break;
        }
        memcpy(run->last_key, key, s->key_size);
        const uint8_t *at = (const uint8_t *)key - sizeof(uint32_t);
        status = writer_put(w, at, record_size(s, at));
    }
    if (status == WTR_END)
        status = writer_flush(w);
    if (run)
        run->length = file->length - run->offset;
    wtr_sorted_close(sorted);
    free(w);
    return status;
}

/* Merges until so few runs are left that all of them can be read at once. */
static enum wtr_status reduce_runs(struct wtr_sorter *s)
{
    while (s->file.run_count > MERGE_RUNS) {
        struct wtr_sorter_file merged = {.fd = -1};
        enum wtr_status status = file_open(&merged, s->directory);
        for (size_t from = 0; from < s->file.run_count && status == WTR_OK; from += MERGE_RUNS) {
            size_t left = s->file.run_count - from;
            status = merge_into(s, &merged, from, from + (left < MERGE_RUNS ? left : MERGE_RUNS));
        }
        if (status != WTR_OK) {
            file_close(&merged);
            return status;
        }
        file_close(&s->file);
        s->file = merged;
    }
    return WTR_OK;
}

enum wtr_status wtr_sorter_seal(struct wtr_sorter *s)
{
    if (s->sealed)
        return WTR_E_ARGUMENT;
    s->sealed = true;
    bool spilt = s->is_writing || s->file.fd >= 0;
    if (!spilt)
        return sort_batch(s, &s->filling);
    enum wtr_status status = spill(s);
    wait_for_writer(s);
    if (status == WTR_OK)
        status = s->written;
    if (status == WTR_OK)
        status = write_late(s);
    batch_free(&s->filling);
    batch_free(&s->writing);
    batch_free(&s->late);
    return status == WTR_OK ? reduce_runs(s) : status;
}
