/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a volume with a storage format and writes what it hands out as lines of text:
 *
 *     live gw_bi ok block 1/8 exact @0x1400+112: {"uuid":"…"}
 *     stale - none mixed attributed @0x40+3: hex 0100ff
 *     finding @0x1000+4096 the sum of the sector does not hold
 *
 * `@` is the place in the dump of the value's first piece, and the evidence's length of all pieces. The
 * places of all pieces are checked to lie within the volume. Exits on a broken contract. */
#ifndef TEST_STORE_LINES_H
#define TEST_STORE_LINES_H

#include "flash/flash.h"

#include <stdio.h>
#include <stdlib.h>

struct store_lines {
    struct wtr_buffer text;
    uint64_t base; /* of the volume in the dump */
    size_t size;
    size_t entries, findings;
    /* Called for each entry beside the lines; may be NULL. */
    void (*each)(void *payload, const struct wtr_entry *entry);
    void *payload;
};

static inline void store_must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken contract: %s\n", what);
    abort();
}

static inline void store_put_value(struct wtr_buffer *out, const struct wtr_span *span)
{
    bool plain = span->length > 0;
    for (size_t i = 0; i < span->length; i++)
        plain &= span->bytes[i] >= ' ' && span->bytes[i] <= '~';
    if (!plain)
        wtr_put_z(out, "hex ");
    if (plain)
        wtr_put(out, span->bytes, span->length);
    else
        wtr_put_hex(out, span->bytes, span->length);
}

static inline void store_put_place(struct store_lines *lines, const struct wtr_span *span)
{
    char place[64];
    size_t covered = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_piece *p = &span->pieces[i];
        store_must(p->offset >= lines->base && p->offset - lines->base <= lines->size &&
                       p->length <= lines->size - (p->offset - lines->base),
                   "a piece lies outside the volume");
        covered += p->length;
    }
    store_must(span->length == 0 || span->piece_count > 0, "a value has no place");
    store_must(covered >= span->length, "pieces do not cover the value");
    snprintf(place, sizeof place,
             " @0x%llx+%zu: ", (unsigned long long)(span->piece_count > 0 ? span->pieces[0].offset : 0),
             covered);
    wtr_put_z(&lines->text, place);
}

static inline void store_entry(void *payload, const struct wtr_entry *e)
{
    static const char *const states[] = {"live", "superseded", "deleted", "stale"};
    static const char *const checks[] = {"none", "ok", "weak", "failed"};
    static const char *const bases[] = {"none", "exact", "probable"};
    struct store_lines *lines = payload;
    lines->entries++;
    store_must(e->format && e->volume.length > 0, "an entry does not say where it is");
    store_must((e->check == NULL) == (e->integrity == WTR_INTEGRITY_NONE), "check and integrity disagree");
    wtr_put_z(&lines->text, states[e->state]);
    wtr_put_char(&lines->text, ' ');
    wtr_put_text(&lines->text, e->path.length > 0 ? e->path : WTR_TEXT("-"));
    wtr_put_char(&lines->text, ' ');
    wtr_put_z(&lines->text, checks[e->integrity]);
    if (e->type) {
        wtr_put_char(&lines->text, ' ');
        wtr_put_z(&lines->text, e->type);
    }
    if (e->order.has_sequence) {
        wtr_put_char(&lines->text, ' ');
        wtr_put_text(&lines->text, e->order.scope);
        wtr_put_char(&lines->text, '/');
        wtr_put_uint(&lines->text, e->order.sequence);
        wtr_put_char(&lines->text, ' ');
        wtr_put_z(&lines->text, bases[e->order.basis]);
    }
    wtr_put_z(&lines->text, e->mixed ? " mixed" : "");
    wtr_put_z(&lines->text, e->attributed ? " attributed" : "");
    store_put_place(lines, &e->span);
    store_put_value(&lines->text, &e->span);
    wtr_put_char(&lines->text, '\n');
    if (lines->each)
        lines->each(lines->payload, e);
}

static inline void store_finding(void *payload, const struct wtr_volume *volume, size_t at, size_t length,
                                 const char *reason)
{
    struct store_lines *lines = payload;
    char place[64];
    lines->findings++;
    store_must(at <= volume->span.length && length <= volume->span.length - at, "a finding lies outside");
    snprintf(place, sizeof place, "finding @0x%zx+%zu ", at, length);
    wtr_put_z(&lines->text, place);
    wtr_put_z(&lines->text, reason);
    wtr_put_char(&lines->text, '\n');
}

/* The lines of the volume that begins at `base` of a dump; good until the next call with the same `lines`. */
static inline const char *store_read(struct store_lines *lines, const struct wtr_flash_format *format,
                                     const uint8_t *bytes, size_t size, uint64_t base)
{
    const struct wtr_piece piece = {.length = size, .offset = base, .record_offset = base};
    const struct wtr_volume volume = {
        .name = WTR_TEXT("volume"), .offset = base, .span = {bytes, size, &piece, size > 0 ? 1 : 0, NULL}};
    const struct wtr_flash_sink sink = {.payload = lines, .entry = store_entry, .finding = store_finding};
    wtr_buffer_clear(&lines->text);
    lines->base = base;
    lines->size = size;
    lines->entries = lines->findings = 0;
    format->read(&volume, &sink);
    wtr_put_char(&lines->text, '\0');
    return lines->text.data;
}

#endif
