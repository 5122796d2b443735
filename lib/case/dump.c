/* SPDX-License-Identifier: Apache-2.0 */
/* One dump, or a run of them, through a window of fixed size: an image that fits is read whole, one that is
 * longer half a window at a time. */
#include "case/dump.h"

#include <stdlib.h>

enum { WINDOW = 32 << 20, HALF = WINDOW / 2, STEP = 1 << 20 };

static size_t count_formats(const struct wtr_flash_format *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    return n;
}

/* The common formats, then the vendors' own; ended by NULL. */
static bool gather_formats(struct wtr_dump *d)
{
    size_t n = count_formats(wtr_flash_formats);
    for (d->vendor_count = 0; wtr_vendors[d->vendor_count]; d->vendor_count++)
        n += count_formats(wtr_vendors[d->vendor_count]->formats);
    d->formats = calloc(n + 1, sizeof(const struct wtr_flash_format *));
    d->format_records = calloc(n + 1, sizeof *d->format_records);
    d->format_errors = calloc(n + 1, sizeof *d->format_errors);
    if (!d->formats || !d->format_records || !d->format_errors)
        return false;
    n = 0;
    for (size_t i = 0; wtr_flash_formats[i]; i++)
        d->formats[n++] = wtr_flash_formats[i];
    for (size_t v = 0; v < d->vendor_count; v++)
        for (size_t i = 0; i < count_formats(wtr_vendors[v]->formats); i++)
            d->formats[n++] = wtr_vendors[v]->formats[i];
    return true;
}

static bool open_dump(struct wtr_dump *d, struct wtr_case *c, uint32_t index, bool keys_only)
{
    *d = (struct wtr_dump){.c = c, .source = c->sources[index], .index = index, .keys_only = keys_only};
    d->say = (struct wtr_say){.devices = &c->devices,
                              .source = index,
                              .payload = d,
                              .emit = wtr_dump_statement,
                              .finding = wtr_dump_vendor_finding,
                              .key = wtr_dump_key,
                              .connection_device = WTR_NO_DEVICE,
                              .dump_device = WTR_NO_DEVICE};
    if (!gather_formats(d))
        return false;
    d->vendor_states = calloc(d->vendor_count + 1, sizeof(void *));
    d->vendor_records = calloc(d->vendor_count + 1, sizeof *d->vendor_records);
    d->vendor_errors = calloc(d->vendor_count + 1, sizeof *d->vendor_errors);
    d->sha256 = wtr_sha256_new();
    d->window = malloc(WINDOW); /* costs memory only as far as it is filled */
    return d->vendor_states && d->vendor_records && d->vendor_errors && d->sha256 && d->window;
}

static void close_dump(struct wtr_dump *d)
{
    wtr_say_free(&d->say);
    wtr_flash_map_free(&d->map);
    wtr_arena_free(&d->texts);
    wtr_map_free(&d->secrets);
    wtr_buffer_free(&d->name);
    wtr_buffer_free(&d->stand_in);
    wtr_buffer_free(&d->scratch);
    wtr_buffer_free(&d->packed);
    wtr_sha256_free(d->sha256);
    wtr_keyring_free(&d->found);
    free((void *)d->formats);
    free(d->format_records);
    free(d->format_errors);
    free((void *)d->vendor_states);
    free(d->vendor_records);
    free(d->vendor_errors);
    free(d->devices);
    free(d->scopes);
    free(d->counts);
    free(d->window);
}

/* ---- the window */

static bool report_progress(struct wtr_dump *d, const struct wtr_input *input)
{
    const struct wtr_options *o = &d->c->options;
    if (!o->progress || d->keys_only)
        return true;
    uint64_t done = d->c->bytes_done + wtr_input_consumed(input);
    if (o->progress(o->progress_payload, done, d->c->bytes_total))
        d->status = WTR_E_CANCELLED;
    return d->status == WTR_OK;
}

/* Fills the window as far as the source has bytes. */
static void fill(struct wtr_dump *d, struct wtr_input *input)
{
    if (d->from) {
        memmove(d->window, d->window + d->from, d->have - d->from);
        d->window_at += d->from;
        d->have -= d->from;
        d->from = 0;
    }
    while (!d->ended && report_progress(d, input)) {
        size_t got = 0;
        const uint8_t *bytes = wtr_input_peek(input, d->have < WINDOW ? STEP : 1, &got);
        size_t room = WINDOW - d->have;
        size_t take = got < room ? got : room;
        if (take)
            memcpy(d->window + d->have, bytes, take);
        d->have += take;
        d->ended = got == 0 || !wtr_input_skip(input, take);
        if (d->have == WINDOW && got > 0 && take == 0)
            return;
    }
}

/* An image of which the second half equals the first is one read too far: the first is read. */
static size_t without_repeats(const uint8_t *bytes, size_t length)
{
    enum { SMALLEST = 512 << 10 };
    while (length / 2 >= SMALLEST && (length & (length - 1)) == 0 &&
           memcmp(bytes, bytes + length / 2, length / 2) == 0 && !wtr_flash_is_blank(bytes, length))
        length /= 2;
    return length;
}

/* Where the repeats of the image that ends at `to` end. */
static size_t behind_repeats(const struct wtr_dump *d, size_t to)
{
    size_t length = to - d->from;
    while (d->have - to >= length && memcmp(d->window + d->from, d->window + to, length) == 0)
        to += length;
    return to;
}

/* Reads the image at the window's `from`, which ends at `to` or goes on behind it. */
static void read_image(struct wtr_dump *d, size_t to, bool ends)
{
    struct wtr_flash_image image = {d->window + d->from, to - d->from, d->chip_at, ends};
    bool whole = ends && d->chip_at == 0;
    size_t end = whole ? behind_repeats(d, to) : to;
    if (whole)
        image.length = without_repeats(image.bytes, image.length);
    d->repeats = end > d->from + image.length;
    if (d->chip_at == 0)
        d->image_at = d->window_at + d->from;
    wtr_dump_image(d, &image, d->window_at + d->from, ends ? image.length : HALF);
    d->from = ends ? end : d->from + HALF;
    d->chip_at = ends ? 0 : d->chip_at + HALF;
    d->image += ends;
}

/* Every image of the source. Where the next one begins is looked for in as much as the window takes. */
static void read_images(struct wtr_dump *d, struct wtr_input *input)
{
    fill(d, input);
    while (d->status == WTR_OK && d->from < d->have) {
        size_t next = wtr_flash_next_image(d->window, d->have, d->from);
        if (next == d->have && !d->ended && d->from > 0) {
            fill(d, input);
            continue;
        }
        bool ends = next < d->have || d->ended;
        read_image(d, next, ends);
        if (!d->ended && d->have - d->from <= HALF)
            fill(d, input);
    }
}

/* ---- the source */

/* The image's device by the source's hash, which is known only now. */
static bool name_devices(struct wtr_dump *d)
{
    for (uint32_t i = 0; i < d->image; i++) {
        if (!d->devices || d->devices[i] == WTR_NO_DEVICE)
            continue;
        wtr_buffer_clear(&d->scratch);
        wtr_put_z(&d->scratch, "dump:");
        wtr_put_hex(&d->scratch, d->source->sha256, 4);
        if (d->image > 1) {
            wtr_put_char(&d->scratch, '#');
            wtr_put_uint(&d->scratch, i + 1);
        }
        if (d->scratch.failed ||
            !wtr_devices_rename(&d->c->devices, d->devices[i], wtr_buffer_text(&d->scratch)))
            return false;
    }
    return true;
}

static void summarise(struct wtr_dump *d, uint64_t length, const char *trouble)
{
    struct wtr_source_summary *s = &d->source->summary;
    uint64_t errors = 0;
    for (size_t f = 0; d->formats[f]; f++) {
        wtr_source_coverage(d->source, d->formats[f]->name, d->format_records[f], d->format_errors[f]);
        errors += d->format_errors[f];
    }
    for (size_t v = 0; v < d->vendor_count; v++) {
        wtr_source_coverage(d->source, wtr_vendors[v]->name, d->vendor_records[v], d->vendor_errors[v]);
        errors += d->vendor_errors[v];
    }
    s->bytes = length;
    s->drops_known = true;
    s->complete = errors == 0 && !trouble && !d->odd;
}

static enum wtr_status read_all(struct wtr_dump *d, struct wtr_input *input)
{
    read_images(d, input);
    if (d->status != WTR_OK)
        return d->status;
    if (!d->known && !d->keys_only)
        return wtr_case_fail(d->c, WTR_E_UNRECOGNISED, d->source->name,
                             "not a capture file (expected pcap or pcapng, plain or gzip-compressed), and as "
                             "the dump of a flash memory nothing in it is recognised");
    return WTR_OK;
}

static enum wtr_status read_source(struct wtr_dump *d, struct wtr_input *input)
{
    enum wtr_status status = read_all(d, input);
    if (status != WTR_OK || d->keys_only)
        return status;
    summarise(d, wtr_input_offset(input), wtr_input_trouble(input));
    status = wtr_source_finish(d->source, input);
    if (status != WTR_OK)
        return status;
    return name_devices(d) ? WTR_OK : WTR_E_MEMORY;
}

enum wtr_status wtr_dump_source(struct wtr_case *c, uint32_t index, bool keys_only)
{
    struct wtr_dump *d = malloc(sizeof *d);
    struct wtr_input *input = NULL;
    if (!d)
        return WTR_E_MEMORY;
    enum wtr_status status = open_dump(d, c, index, keys_only) ? WTR_OK : WTR_E_MEMORY;
    if (status == WTR_OK)
        status = wtr_source_open(d->source, &input);
    if (status == WTR_OK)
        status = read_source(d, input);
    wtr_input_close(input);
    close_dump(d);
    free(d);
    return status;
}
