/* SPDX-License-Identifier: Apache-2.0 */
/* Sources: opening them, hashing them beforehand where there are several, and putting them in the order of
 * their hashes, so that the order in which they were given does not matter. */
#include "case/case_internal.h"

#include "packet/capture.h"

#include <stdlib.h>

static int64_t reader_read(void *payload, void *buffer, size_t size)
{
    struct wtr_case_source *s = payload;
    return s->reader.read(s->payload, buffer, size);
}

static int64_t reader_size(void *payload)
{
    struct wtr_case_source *s = payload;
    return s->reader.size ? s->reader.size(s->payload) : -1;
}

static void reader_keep(void *payload)
{
    (void)payload; /* the source closes the caller's reader, when the case is freed */
}

enum wtr_status wtr_source_open(struct wtr_case_source *s, struct wtr_input **input)
{
    static const struct wtr_input_ops ops = {reader_read, reader_size, reader_keep};
    const char *why = NULL;
    if (s->input) {
        *input = s->input;
        s->input = NULL;
        return WTR_OK;
    }
    enum wtr_status status =
        s->path ? wtr_input_open_path(input, s->path, &why) : wtr_input_open(input, &ops, s);
    return status == WTR_OK ? WTR_OK
                            : wtr_case_fail(s->owner, status, s->name, why ? why : "can't be opened");
}

void wtr_source_free(struct wtr_case_source *s)
{
    if (!s)
        return;
    wtr_input_close(s->input);
    if (s->has_reader && s->reader.close)
        s->reader.close(s->payload);
    wtr_clock_sample_free(s->clock_sample);
    free(s->name);
    free(s->path);
    free(s);
}

bool wtr_source_is_again(const struct wtr_case_source *s)
{
    return s->path ? s->is_file : s->has_reader && s->reader.rewind;
}

enum wtr_status wtr_source_rewind(struct wtr_case_source *s)
{
    wtr_clock_sample_free(s->clock_sample);
    s->clock_sample = NULL;
    s->summary = (struct wtr_source_summary){0};
    if (!s->path && (!s->has_reader || !s->reader.rewind || s->reader.rewind(s->payload) != 0))
        return wtr_case_fail(s->owner, WTR_E_READ, s->name, "can't be read again");
    return WTR_OK;
}

static enum wtr_status hash_source(struct wtr_case_source *s)
{
    struct wtr_input *input = NULL;
    enum wtr_status status = wtr_source_open(s, &input);
    if (status != WTR_OK)
        return status;
    status = wtr_input_finish(input, s->sha256, &s->size);
    wtr_input_close(input);
    if (status == WTR_OK)
        status = wtr_source_rewind(s);
    if (status != WTR_OK)
        return wtr_case_fail(s->owner, status, s->name, "can't be read");
    s->hashed = true;
    return WTR_OK;
}

/* Hashed sources by hash, then the others as they were given. */
static bool comes_before(const struct wtr_case_source *a, const struct wtr_case_source *b)
{
    if (a->hashed != b->hashed)
        return a->hashed;
    return a->hashed && memcmp(a->sha256, b->sha256, sizeof a->sha256) < 0;
}

static void sort_sources(struct wtr_case *c)
{
    for (size_t i = 1; i < c->source_count; i++) {
        struct wtr_case_source *s = c->sources[i];
        size_t at = i;
        for (; at > 0 && comes_before(s, c->sources[at - 1]); at--)
            c->sources[at] = c->sources[at - 1];
        c->sources[at] = s;
    }
}

/* A file that was given twice is one source. */
static void drop_repeats(struct wtr_case *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->source_count; i++) {
        struct wtr_case_source *s = c->sources[i];
        const struct wtr_case_source *last = kept ? c->sources[kept - 1] : NULL;
        bool same =
            last && s->hashed && last->hashed && memcmp(s->sha256, last->sha256, sizeof s->sha256) == 0;
        if (same)
            wtr_source_free(s);
        else
            c->sources[kept++] = s;
    }
    c->source_count = kept;
}

enum wtr_status wtr_sources_order(struct wtr_case *c)
{
    if (c->source_count < 2)
        return WTR_OK;
    for (size_t i = 0; i < c->source_count; i++) {
        enum wtr_status status = wtr_source_is_again(c->sources[i]) ? hash_source(c->sources[i]) : WTR_OK;
        if (status != WTR_OK)
            return status;
    }
    sort_sources(c);
    drop_repeats(c);
    return WTR_OK;
}

enum wtr_status wtr_source_finish(struct wtr_case_source *source, struct wtr_input *input)
{
    struct wtr_case *c = source->owner;
    uint8_t sha256[32];
    uint64_t size = 0;
    enum wtr_status status = wtr_input_finish(input, sha256, &size);
    if (status != WTR_OK)
        return wtr_case_fail(c, status, source->name, "can't be read to its end");
    if (source->hashed && memcmp(sha256, source->sha256, sizeof sha256) != 0)
        return wtr_case_fail(c, WTR_E_READ, source->name, "changed while it was being read");
    memcpy(source->sha256, sha256, sizeof sha256);
    source->hashed = true;
    source->size = size;
    source->summary.size = size;
    c->bytes_done += size;
    return WTR_OK;
}

void wtr_source_coverage(struct wtr_case_source *source, const char *decoder, uint64_t records,
                         uint64_t errors)
{
    struct wtr_source_summary *s = &source->summary;
    if ((records == 0 && errors == 0) || s->coverage_count == WTR_MAX_COVERAGE)
        return;
    for (size_t i = 0; i < s->coverage_count; i++) {
        if (strcmp(source->coverage[i].decoder, decoder) == 0) { /* a family and its own protocol */
            source->coverage[i].errors += errors;
            return;
        }
    }
    source->coverage[s->coverage_count++] = (struct wtr_coverage){decoder, records, errors};
    s->coverage = source->coverage;
}
