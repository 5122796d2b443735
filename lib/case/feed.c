/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that the caller supplies one by one: a live capture, or another tool's own reader. */
#include "case/feed.h"

#include "base/bytes.h"

#include <stdlib.h>

enum wtr_status wtr_feed_packet(wtr_feed *feed, const struct wtr_feed_packet *given)
{
    if (!feed || !given || (given->captured && !given->bytes) || given->captured > UINT32_MAX ||
        given->original > UINT32_MAX || given->captured > given->original)
        return WTR_E_ARGUMENT;
    struct wtr_extract *x = &feed->extract;
    struct wtr_source_summary *s = &x->source->summary;
    feed->frame = given->frame ? given->frame : feed->frame + 1;
    const struct wtr_packet packet = {
        .bytes = given->bytes,
        .captured = (uint32_t)given->captured,
        .original = (uint32_t)given->original,
        .has_time = true,
        .time_ns = given->time_ns,
        .resolution_ns = given->resolution_ns ? given->resolution_ns : 1,
        .link_type = given->link_type,
        .frame = feed->frame,
        .record_offset = given->record_offset,
        .data_offset = given->data_offset,
    };
    if (!feed->has_identity) {
        uint8_t head[16];
        wtr_put_be64(head, (uint64_t)given->time_ns);
        wtr_put_be64(head + 8, given->captured);
        wtr_sha256_add(feed->sha256, head, sizeof head);
        wtr_sha256_add(feed->sha256, given->bytes, given->captured);
    }
    s->frames++;
    s->bytes += given->captured;
    s->snapped += given->captured < given->original;
    wtr_extract_packet(x, &packet);
    return x->status;
}

enum wtr_status wtr_feed_finish(struct wtr_feed *feed)
{
    struct wtr_extract *x = &feed->extract;
    x->source->summary.complete = true;
    wtr_extract_finish(x);
    if (!feed->has_identity)
        wtr_sha256_finish(feed->sha256, x->source->sha256);
    x->source->hashed = true;
    return x->status;
}

void wtr_feed_free(struct wtr_feed *feed)
{
    if (!feed)
        return;
    wtr_extract_close(&feed->extract);
    wtr_sha256_free(feed->sha256);
    free(feed);
}

enum wtr_status wtr_case_add_feed(wtr_case *c, const char *name, const uint8_t *sha256, wtr_feed **feed)
{
    if (!c || !name || !feed)
        return WTR_E_ARGUMENT;
    if (c->stage != WTR_CASE_OPEN || c->source_count > 0)
        return wtr_case_fail(c, WTR_E_ARGUMENT, name, "a feed is the only source of its case");
    struct wtr_case_source *source = NULL;
    enum wtr_status status = wtr_keyrings_join(c);
    if (status == WTR_OK)
        status = wtr_case_new_source(c, name, &source);
    if (status != WTR_OK)
        return status;
    source->type = "packets";
    struct wtr_feed *f = calloc(1, sizeof *f);
    if (!f)
        return WTR_E_MEMORY;
    f->has_identity = sha256 != NULL;
    if (sha256)
        memcpy(source->sha256, sha256, sizeof source->sha256);
    f->sha256 = wtr_sha256_new();
    status = f->sha256 ? wtr_extract_open(&f->extract, c, 0) : WTR_E_MEMORY;
    if (status != WTR_OK) {
        wtr_sha256_free(f->sha256);
        free(f);
        return status;
    }
    c->feed = f;
    *feed = f;
    return WTR_OK;
}
