/* SPDX-License-Identifier: Apache-2.0 */
/* The header and the summary. */
#include "case/case_internal.h"

#include <stdlib.h>

#define TOOL "wattrail " WTR_VERSION

enum wtr_status wtr_results_header(struct wtr_case *c)
{
    size_t n = c->source_count ? c->source_count : 1;
    c->header_sources = calloc(n, sizeof *c->header_sources);
    c->summary_sources = calloc(n, sizeof *c->summary_sources);
    c->header_keyrings = calloc(c->keyring_count ? c->keyring_count : 1, sizeof *c->header_keyrings);
    if (!c->header_sources || !c->summary_sources || !c->header_keyrings)
        return WTR_E_MEMORY;
    for (size_t i = 0; i < c->source_count; i++) {
        const struct wtr_case_source *s = c->sources[i];
        c->header_sources[i] = (struct wtr_source){s->name, s->type, s->size, s->compressed};
    }
    for (size_t i = 0; i < c->keyring_count; i++) {
        const struct wtr_case_keyring *k = &c->keyrings[i];
        c->header_keyrings[i] = (struct wtr_keyring_file){k->name, wtr_keyring_size(&k->keys)};
    }
    c->header = (struct wtr_header){
        .schema = "wattrail/1",
        .tool = TOOL,
        .sources = c->header_sources,
        .source_count = c->source_count,
        .cause_window_ns = c->options.cause_window_ns,
        .reveal_secrets = c->options.reveal_secrets,
        .filter = c->options.filter,
        .keyrings = c->header_keyrings,
        .keyring_count = c->keyring_count,
        .include_inferred = c->options.include_inferred,
        .signatures = c->signature_ids,
        .signature_count = c->signature_count,
    };
    return WTR_OK;
}

static void put_sha256(char text[65], const uint8_t sha256[32])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        text[2 * i] = digits[sha256[i] >> 4];
        text[2 * i + 1] = digits[sha256[i] & 15];
    }
    text[64] = '\0';
}

void wtr_results_summary(struct wtr_case *c)
{
    struct wtr_timeline_counts counts = wtr_timeline_counts(c->timeline);
    for (size_t i = 0; i < c->source_count; i++) {
        const struct wtr_case_source *s = c->sources[i];
        c->summary_sources[i] = s->summary;
        put_sha256(c->summary_sources[i].sha256, s->sha256);
    }
    c->summary = (struct wtr_summary){
        .events = counts.events,
        .findings = counts.findings,
        .windows = counts.windows,
        .copies = counts.copies,
        .sources = c->summary_sources,
        .source_count = c->source_count,
    };
}
