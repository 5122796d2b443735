/* SPDX-License-Identifier: Apache-2.0 */
/* External merge sort. Records are collected in one half of the memory while a thread sorts and writes the
 * other. Runs that continue one another (the usual case: evidence comes nearly in order) are joined as they
 * are written, so that most inputs end with very few runs. */
#include "base/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_KEY = 64, MERGE_RUNS = 48, READ_BLOCK = 64 * 1024 };

struct run {
    uint64_t offset;
    uint64_t length;
    uint8_t last_key[MAX_KEY];
};

struct sorter_file {
    int fd;
    uint64_t length;
    struct run *runs;
    size_t run_count;
    size_t run_capacity;
};

/* Records being collected, sorted or written. */
struct batch {
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
    struct batch filling;
    struct batch writing;
    bool is_writing; /* the thread has `writing` */
    pthread_t writer;
    enum wtr_status written; /* what became of the last batch */
    struct sorter_file file;
    uint64_t total;
    bool sealed;
};

static size_t record_size(const struct wtr_sorter *s, const uint8_t *record)
{
    uint32_t length;
    memcpy(&length, record, sizeof length);
    return sizeof length + s->key_size + length;
}

static const void *key_at(const struct batch *batch, uint32_t offset)
{
    return batch->records + offset + sizeof(uint32_t);
}

enum wtr_status wtr_sorter_new(struct wtr_sorter **sorter, size_t key_size, wtr_sorter_compare compare,
                               size_t memory, const char *directory)
{
    if (key_size > MAX_KEY || memory > UINT32_MAX / 2)
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

static void batch_free(struct batch *batch)
{
    free(batch->records);
    free(batch->index);
    *batch = (struct batch){0};
}

static void file_close(struct sorter_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->runs);
    *file = (struct sorter_file){.fd = -1};
}

void wtr_sorter_free(struct wtr_sorter *s)
{
    if (!s)
        return;
    wait_for_writer(s);
    file_close(&s->file);
    batch_free(&s->filling);
    batch_free(&s->writing);
    free(s->directory);
    free(s);
}

/* Merge sort of the index, stable; a stretch that is in order already costs one comparison a record. */
static void sort_index(const struct wtr_sorter *s, const struct batch *b, uint32_t *spare, size_t from,
                       size_t to)
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

static enum wtr_status sort_batch(const struct wtr_sorter *s, const struct batch *batch)
{
    uint32_t *spare = malloc((batch->count ? batch->count : 1) * sizeof *spare);
    if (!spare)
        return WTR_E_MEMORY;
    sort_index(s, batch, spare, 0, batch->count);
    free(spare);
    return WTR_OK;
}

static enum wtr_status file_open(struct sorter_file *file, const char *directory)
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

static enum wtr_status file_write(struct sorter_file *file, const uint8_t *data, size_t length)
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
static struct run *run_for(const struct wtr_sorter *s, struct sorter_file *file, const void *first)
{
    if (file->run_count > 0 && s->compare(file->runs[file->run_count - 1].last_key, first) <= 0)
        return &file->runs[file->run_count - 1];
    if (file->run_count == file->run_capacity) {
        size_t capacity = file->run_capacity ? file->run_capacity * 2 : 16;
        struct run *runs = realloc(file->runs, capacity * sizeof *runs);
        if (!runs)
            return NULL;
        file->runs = runs;
        file->run_capacity = capacity;
    }
    struct run *run = &file->runs[file->run_count++];
    *run = (struct run){.offset = file->length};
    return run;
}

/* Collects records into large writes. */
struct block_writer {
    struct sorter_file *file;
    uint8_t data[READ_BLOCK];
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

static enum wtr_status write_run(struct wtr_sorter *s, const struct batch *batch)
{
    enum wtr_status status = file_open(&s->file, s->directory);
    struct run *run = status == WTR_OK ? run_for(s, &s->file, key_at(batch, batch->index[0])) : NULL;
    struct block_writer *w = run ? malloc(sizeof *w) : NULL;
    if (!w)
        return status == WTR_OK ? WTR_E_MEMORY : status;
    w->file = &s->file;
    w->used = 0;
    for (size_t i = 0; i < batch->count && status == WTR_OK; i++) {
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

/* The thread: sorts and writes the batch that it was given. It alone touches `writing` and the file. */
static void *write_batch(void *sorter)
{
    struct wtr_sorter *s = sorter;
    s->written = sort_batch(s, &s->writing);
    if (s->written == WTR_OK)
        s->written = write_run(s, &s->writing);
    s->writing.used = 0;
    s->writing.count = 0;
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
    struct batch empty = s->writing;
    s->writing = s->filling;
    s->filling = empty;
    s->is_writing = pthread_create(&s->writer, NULL, write_batch, s) == 0;
    if (!s->is_writing)
        write_batch(s);
    return WTR_OK;
}

static enum wtr_status reserve(struct batch *b, size_t size)
{
    if (b->used + size > b->capacity) {
        size_t capacity = b->capacity ? b->capacity * 2 : READ_BLOCK;
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

enum wtr_status wtr_sorter_add(struct wtr_sorter *s, const void *key, struct wtr_text record)
{
    size_t size = sizeof(uint32_t) + s->key_size + record.length;
    if (s->sealed || size > s->memory)
        return WTR_E_ARGUMENT;
    enum wtr_status status = s->filling.used + size > s->memory ? spill(s) : WTR_OK;
    struct batch *b = &s->filling;
    if (status == WTR_OK)
        status = reserve(b, size);
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

/* One run being read. */
struct run_reader {
    uint64_t at; /* in the file: what comes after the block */
    uint64_t end;
    uint8_t *block;
    size_t block_size;
    size_t have;
    size_t used;
    const uint8_t *current;
};

struct wtr_sorted {
    const struct wtr_sorter *sorter;
    int fd;
    size_t memory_next; /* for what never left memory */
    struct run_reader *readers;
    size_t *heap;
    size_t heap_count;
    size_t reader_count;
    bool started;
};

/* Makes sure that `want` bytes of the run stand in the block. WTR_END: the run is over. */
static enum wtr_status reader_fill(struct run_reader *r, int fd, size_t want)
{
    if (r->have - r->used >= want)
        return WTR_OK;
    memmove(r->block, r->block + r->used, r->have - r->used);
    r->have -= r->used;
    r->used = 0;
    if (want > r->block_size) {
        uint8_t *block = realloc(r->block, want);
        if (!block)
            return WTR_E_MEMORY;
        r->block = block;
        r->block_size = want;
    }
    while (r->have < want && r->at < r->end) {
        size_t room = r->block_size - r->have;
        size_t left = r->end - r->at < room ? (size_t)(r->end - r->at) : room;
        ssize_t n = pread(fd, r->block + r->have, left, (off_t)r->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return WTR_E_READ;
        r->have += (size_t)n;
        r->at += (uint64_t)n;
    }
    return r->have >= want ? WTR_OK : r->have == 0 ? WTR_END : WTR_E_READ;
}

static enum wtr_status reader_next(struct wtr_sorted *sorted, struct run_reader *r)
{
    uint32_t length;
    enum wtr_status status = reader_fill(r, sorted->fd, sizeof length);
    if (status != WTR_OK)
        return status;
    memcpy(&length, r->block + r->used, sizeof length);
    size_t size = sizeof length + sorted->sorter->key_size + length;
    status = reader_fill(r, sorted->fd, size);
    if (status != WTR_OK)
        return WTR_E_READ;
    r->current = r->block + r->used;
    r->used += size;
    return WTR_OK;
}

/* Whether run `a` comes before run `b`; of equals the earlier run does. */
static bool before(const struct wtr_sorted *sorted, size_t a, size_t b)
{
    const uint8_t *ka = sorted->readers[a].current + sizeof(uint32_t);
    const uint8_t *kb = sorted->readers[b].current + sizeof(uint32_t);
    int order = sorted->sorter->compare(ka, kb);
    return order < 0 || (order == 0 && a < b);
}

static void sift_down(struct wtr_sorted *sorted, size_t at)
{
    size_t *heap = sorted->heap;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= sorted->heap_count)
            return;
        if (child + 1 < sorted->heap_count && before(sorted, heap[child + 1], heap[child]))
            child++;
        if (!before(sorted, heap[child], heap[at]))
            return;
        size_t swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

static enum wtr_status start_reading(struct wtr_sorted *sorted)
{
    sorted->started = true;
    for (size_t i = 0; i < sorted->reader_count; i++) {
        enum wtr_status status = reader_next(sorted, &sorted->readers[i]);
        if (status == WTR_OK)
            sorted->heap[sorted->heap_count++] = i;
        else if (status != WTR_END)
            return status;
    }
    for (size_t i = sorted->heap_count / 2; i-- > 0;)
        sift_down(sorted, i);
    return WTR_OK;
}

/* Opens the runs [from, to) of the file. */
static enum wtr_status open_runs(struct wtr_sorted **out, const struct wtr_sorter *s, size_t from, size_t to)
{
    struct wtr_sorted *sorted = calloc(1, sizeof *sorted);
    if (!sorted)
        return WTR_E_MEMORY;
    size_t n = to - from;
    *sorted = (struct wtr_sorted){.sorter = s, .fd = s->file.fd};
    sorted->readers = calloc(n ? n : 1, sizeof *sorted->readers);
    sorted->heap = calloc(n ? n : 1, sizeof *sorted->heap);
    bool whole = sorted->readers && sorted->heap;
    for (size_t i = 0; whole && i < n; i++) {
        const struct run *run = &s->file.runs[from + i];
        struct run_reader *r = &sorted->readers[i];
        *r = (struct run_reader){.at = run->offset, .end = run->offset + run->length};
        r->block = malloc(READ_BLOCK);
        r->block_size = READ_BLOCK;
        sorted->reader_count = i + 1;
        whole = r->block != NULL;
    }
    if (!whole) {
        wtr_sorted_close(sorted);
        return WTR_E_MEMORY;
    }
    *out = sorted;
    return WTR_OK;
}

enum wtr_status wtr_sorted_open(struct wtr_sorted **out, struct wtr_sorter *s)
{
    return s->sealed ? open_runs(out, s, 0, s->file.run_count) : WTR_E_ARGUMENT;
}

void wtr_sorted_close(struct wtr_sorted *sorted)
{
    if (!sorted)
        return;
    for (size_t i = 0; sorted->readers && i < sorted->reader_count; i++)
        free(sorted->readers[i].block);
    free(sorted->readers);
    free(sorted->heap);
    free(sorted);
}

static void hand_out(const struct wtr_sorter *s, const uint8_t *at, const void **key, struct wtr_text *record)
{
    uint32_t length;
    memcpy(&length, at, sizeof length);
    *key = at + sizeof length;
    *record = wtr_text_of(at + sizeof length + s->key_size, length);
}

enum wtr_status wtr_sorted_next(struct wtr_sorted *sorted, const void **key, struct wtr_text *record)
{
    const struct wtr_sorter *s = sorted->sorter;
    if (sorted->reader_count == 0) {
        const struct batch *b = &s->filling;
        if (sorted->memory_next == b->count)
            return WTR_END;
        hand_out(s, b->records + b->index[sorted->memory_next++], key, record);
        return WTR_OK;
    }
    enum wtr_status status = WTR_OK;
    if (!sorted->started) {
        status = start_reading(sorted);
    } else if (sorted->heap_count > 0) {
        status = reader_next(sorted, &sorted->readers[sorted->heap[0]]);
        if (status == WTR_END) {
            sorted->heap[0] = sorted->heap[--sorted->heap_count];
            status = WTR_OK;
        }
        sift_down(sorted, 0);
    }
    if (status != WTR_OK)
        return status;
    if (sorted->heap_count == 0)
        return WTR_END;
    hand_out(s, sorted->readers[sorted->heap[0]].current, key, record);
    return WTR_OK;
}

/* Merges the runs [from, to) into one of the new file. */
static enum wtr_status merge_into(struct wtr_sorter *s, struct sorter_file *file, size_t from, size_t to)
{
    struct wtr_sorted *sorted = NULL;
    struct run *run = NULL;
    struct block_writer *w = malloc(sizeof *w);
    enum wtr_status status = w ? open_runs(&sorted, s, from, to) : WTR_E_MEMORY;
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
        struct sorter_file merged = {.fd = -1};
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
    batch_free(&s->filling);
    batch_free(&s->writing);
    return status == WTR_OK ? reduce_runs(s) : status;
}
