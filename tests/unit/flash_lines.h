/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a volume with a storage format and writes what it hands on as lines of text, so that a test compares
 * them:
 *
 *     settings live ok/crc32 save_flag:7/exact @4096+4096
 *     finding @0+4096 the check of these settings does not hold
 *
 * `@` is the place in the volume and the length. Every entry's pieces are checked: they cover its bytes, and
 * lie within the volume. An entry that breaks the rules is a line that begins with "!!". */
#ifndef TEST_FLASH_LINES_H
#define TEST_FLASH_LINES_H

#include "flash/flash.h"

#include <stdlib.h>

struct flash_lines {
    struct wtr_buffer text;
    const struct wtr_volume *volume;
    /* What else is done with each entry; may be NULL. */
    void (*entry)(void *payload, const struct wtr_entry *entry);
    void *payload;
};

static inline void flash_put_pair(struct wtr_buffer *out, const char *before, uint64_t at, uint64_t length)
{
    wtr_put_z(out, before);
    wtr_put_uint(out, at);
    wtr_put_char(out, '+');
    wtr_put_uint(out, length);
}

/* Whether the pieces cover the bytes in order, within the volume, and (where the places are kept and nothing
 * was undone) are the volume's own bytes. */
static inline bool flash_pieces_hold(const struct wtr_volume *volume, const struct wtr_span *span)
{
    size_t covered = 0;
    for (size_t i = 0; i < span->piece_count; i++) {
        const struct wtr_piece *p = &span->pieces[i];
        if (p->at != covered || p->offset < volume->offset ||
            p->offset + p->length > volume->offset + volume->span.length)
            return false;
        bool own = !span->opening && p->at + p->length <= span->length;
        if (own &&
            memcmp(span->bytes + p->at, volume->span.bytes + (p->offset - volume->offset), p->length) != 0)
            return false;
        covered += p->length;
    }
    return wtr_span_is_opaque(span) || covered >= span->length;
}

static inline void flash_take_entry(void *payload, const struct wtr_entry *entry)
{
    static const char *const states[] = {"live", "superseded", "deleted", "stale"};
    static const char *const checks[] = {"none", "ok", "weak", "failed"};
    static const char *const bases[] = {"none", "exact", "probable"};
    struct flash_lines *lines = payload;
    struct wtr_buffer *out = &lines->text;
    if (!flash_pieces_hold(lines->volume, &entry->span) || !entry->format)
        wtr_put_z(out, "!! ");
    wtr_put_text(out, entry->path);
    wtr_put_char(out, ' ');
    wtr_put_z(out, states[entry->state]);
    wtr_put_char(out, ' ');
    wtr_put_z(out, checks[entry->integrity]);
    if (entry->check) {
        wtr_put_char(out, '/');
        wtr_put_z(out, entry->check);
    }
    if (entry->order.has_sequence) {
        wtr_put_char(out, ' ');
        wtr_put_text(out, entry->order.scope);
        wtr_put_char(out, ':');
        wtr_put_uint(out, entry->order.sequence);
        wtr_put_char(out, '/');
        wtr_put_z(out, bases[entry->order.basis]);
    }
    struct wtr_origin origin = wtr_span_locate(&entry->span, 0, entry->span.length);
    flash_put_pair(out, " @", origin.offset - lines->volume->offset, entry->span.length);
    wtr_put_char(out, '\n');
    if (lines->entry)
        lines->entry(lines->payload, entry);
}

static inline void flash_take_finding(void *payload, const struct wtr_volume *volume, size_t at,
                                      size_t length, const char *reason)
{
    struct flash_lines *lines = payload;
    if (at > volume->span.length || length > volume->span.length - at || !reason)
        wtr_put_z(&lines->text, "!! ");
    flash_put_pair(&lines->text, "finding @", at, length);
    wtr_put_char(&lines->text, ' ');
    wtr_put_z(&lines->text, reason);
    wtr_put_char(&lines->text, '\n');
}

static inline void flash_take_part(void *payload, const struct wtr_volume *volume,
                                   const struct wtr_part *part)
{
    struct flash_lines *lines = payload;
    (void)volume;
    wtr_put_z(&lines->text, "part ");
    wtr_put_text(&lines->text, part->label);
    flash_put_pair(&lines->text, " @", part->at, part->length);
    wtr_put_char(&lines->text, '\n');
}

static inline void flash_take_key(void *payload, const struct wtr_key_entry *key)
{
    struct flash_lines *lines = payload;
    (void)key;
    wtr_put_z(&lines->text, "key\n");
}

/* The lines of `length` bytes that stand at `offset` of a dump; good until the next call with the same lines.
 * The bytes are copied to memory of just their size, so that a sanitizer sees any step past their end. */
static inline const char *flash_read_lines(struct flash_lines *lines, const struct wtr_flash_format *format,
                                           const void *bytes, size_t length, uint64_t offset)
{
    uint8_t *copy = malloc(length ? length : 1);
    if (!copy)
        abort();
    if (length)
        memcpy(copy, bytes, length);
    struct wtr_piece piece = {.length = length, .offset = offset, .record_offset = offset};
    struct wtr_volume volume = {
        .name = WTR_TEXT("volume"), .offset = offset, .span = {copy, length, &piece, 1, NULL}};
    struct wtr_flash_sink sink = {.payload = lines,
                                  .entry = flash_take_entry,
                                  .finding = flash_take_finding,
                                  .part = flash_take_part,
                                  .key = flash_take_key};
    wtr_buffer_clear(&lines->text);
    lines->volume = &volume;
    format->read(&volume, &sink);
    wtr_put_char(&lines->text, '\0');
    free(copy);
    if (lines->text.failed)
        abort();
    return lines->text.data;
}

/* The lines of a volume within an image that the format may look at, too. */
static inline const char *flash_read_within(struct flash_lines *lines, const struct wtr_flash_format *format,
                                            const uint8_t *image, size_t image_length, size_t at,
                                            size_t length)
{
    struct wtr_piece pieces[] = {{.length = length, .offset = at, .record_offset = at},
                                 {.length = image_length}};
    struct wtr_span whole = {image, image_length, &pieces[1], 1, NULL};
    struct wtr_volume volume = {.name = WTR_TEXT("volume"),
                                .offset = at,
                                .span = {image + at, length, &pieces[0], 1, NULL},
                                .image = &whole};
    struct wtr_flash_sink sink = {.payload = lines,
                                  .entry = flash_take_entry,
                                  .finding = flash_take_finding,
                                  .part = flash_take_part,
                                  .key = flash_take_key};
    wtr_buffer_clear(&lines->text);
    lines->volume = &volume;
    format->read(&volume, &sink);
    wtr_put_char(&lines->text, '\0');
    return lines->text.data;
}

/* What the format's probe finds, on memory of just the bytes' size. */
static inline struct wtr_flash_find flash_probe(const struct wtr_flash_format *format, const void *bytes,
                                                size_t length, size_t at)
{
    uint8_t *copy = malloc(length ? length : 1);
    if (!copy)
        abort();
    if (length)
        memcpy(copy, bytes, length);
    struct wtr_flash_find find = format->probe(copy, length, at, NULL);
    free(copy);
    return find;
}

#endif
