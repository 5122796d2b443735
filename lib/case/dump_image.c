/* SPDX-License-Identifier: Apache-2.0 */
/* One image of a dump: it is recognised, then its volumes are gone through twice, once for families to learn
 * what they need and for keys to be found, and once for them to say what the entries state. */
#include "case/dump.h"

#include <stdlib.h>

static bool open_states(struct wtr_dump *d)
{
    bool whole = true;
    for (size_t i = 0; i < d->vendor_count && whole; i++) {
        d->vendor_states[i] = calloc(1, wtr_vendors[i]->state_size ? wtr_vendors[i]->state_size : 1);
        whole = d->vendor_states[i] != NULL;
    }
    return whole;
}

static void close_states(struct wtr_dump *d)
{
    for (size_t i = 0; i < d->vendor_count; i++) {
        if (d->vendor_states[i] && wtr_vendors[i]->close)
            wtr_vendors[i]->close(d->vendor_states[i]);
        free(d->vendor_states[i]);
        d->vendor_states[i] = NULL;
    }
}

/* Room for the image's device, which nothing has spoken of yet. */
static bool new_device(struct wtr_dump *d)
{
    wtr_device_ref *devices = realloc(d->devices, (d->image + 1) * sizeof *devices);
    if (!devices)
        return false;
    d->devices = devices;
    devices[d->image] = WTR_NO_DEVICE;
    d->say.dump_device = WTR_NO_DEVICE;
    wtr_buffer_clear(&d->stand_in);
    wtr_put_z(&d->stand_in, "dump:");
    wtr_put_uint(&d->stand_in, d->index);
    wtr_put_char(&d->stand_in, '#');
    wtr_put_uint(&d->stand_in, d->image);
    d->say.dump_id = wtr_buffer_text(&d->stand_in);
    return !d->stand_in.failed;
}

static size_t index_of(const struct wtr_dump *d, const struct wtr_flash_format *format)
{
    size_t i = 0;
    while (d->formats[i] && d->formats[i] != format)
        i++;
    return i;
}

static void name_volume(struct wtr_dump *d, const struct wtr_flash_found *found, uint64_t at)
{
    static const char digits[] = "0123456789abcdef";
    char hex[16];
    size_t n = 0;
    wtr_buffer_clear(&d->name);
    wtr_put_z(&d->name, found->format ? found->format->name : found->type ? found->type : "partition");
    wtr_put_z(&d->name, "@0x");
    do {
        hex[n++] = digits[at & 15];
        at >>= 4;
    } while (at && n < sizeof hex);
    while (n > 0)
        wtr_put_char(&d->name, hex[--n]);
}

/* Room for what the volume gives, counted anew when the image is read. */
static bool count_room(struct wtr_dump *d)
{
    if (d->volume_index >= d->count_capacity) {
        size_t capacity = d->count_capacity ? d->count_capacity * 2 : 32;
        struct wtr_dump_counts *counts = realloc(d->counts, capacity * sizeof *counts);
        if (!counts)
            return false;
        d->counts = counts;
        d->count_capacity = capacity;
    }
    if (d->pass == WTR_DUMP_READ)
        d->counts[d->volume_index] = (struct wtr_dump_counts){0};
    return true;
}

/* Reads one volume, whose bytes are `span`, of the image. What was being read before is read on afterwards.
 */
static void read_volume(struct wtr_dump *d, const struct wtr_flash_found *found, const struct wtr_span *span,
                        uint64_t chip_at, const struct wtr_span *image)
{
    const struct wtr_volume *outer = d->volume;
    const struct wtr_entry *entry = d->entry;
    size_t outer_format = d->format, outer_index = d->volume_index;
    struct wtr_buffer outer_name = d->name;
    struct wtr_flash_sink sink = wtr_dump_sink;
    d->name = (struct wtr_buffer){0};
    name_volume(d, found, wtr_span_locate(span, 0, 0).offset);
    struct wtr_volume volume = {.name = wtr_buffer_text(&d->name),
                                .label = wtr_text_z(found->label),
                                .offset = chip_at,
                                .span = *span,
                                .keys = &d->c->keys,
                                .image = image};
    sink.payload = d;
    d->volume = &volume;
    d->volume_index = d->volume_number++;
    d->format = index_of(d, found->format);
    d->entry = NULL;
    if (d->name.failed || !count_room(d))
        d->status = WTR_E_MEMORY;
    if (d->status == WTR_OK && d->pass == WTR_DUMP_HAND_OUT)
        wtr_dump_hand_volume(d, found);
    if (d->status == WTR_OK && found->format)
        found->format->read(&volume, &sink);
    wtr_buffer_free(&d->name);
    d->name = outer_name;
    d->format = outer_format;
    d->volume_index = outer_index;
    d->volume = outer;
    d->entry = entry;
}

void wtr_dump_inside(struct wtr_dump *d, const struct wtr_part *part, const struct wtr_span *span)
{
    struct wtr_flash_map map = {0};
    d->depth++;
    wtr_flash_recognise_inside(span, part, d->formats, &d->c->keys, &map);
    if (map.failed)
        d->status = WTR_E_MEMORY;
    for (size_t i = 0; i < map.count && d->status == WTR_OK; i++) {
        const struct wtr_flash_found *found = &map.list[i];
        size_t parts = wtr_span_parts(span, found->at, found->length);
        struct wtr_piece *pieces = calloc(parts ? parts : 1, sizeof *pieces);
        if (!pieces) {
            d->status = WTR_E_MEMORY;
            break;
        }
        struct wtr_span cut = {span->bytes + found->at, found->length, pieces, 0, span->opening};
        cut.piece_count = wtr_span_cut(span, found->at, found->length, pieces, parts);
        read_volume(d, found, &cut, d->volume->offset + part->at + found->at, span);
        free(pieces);
    }
    wtr_flash_map_free(&map);
    d->depth--;
}

static void go_through(struct wtr_dump *d, const struct wtr_flash_image *image, uint64_t at, size_t read_to,
                       enum wtr_dump_pass pass)
{
    const struct wtr_piece whole = {.length = image->length, .offset = at, .record_offset = at};
    const struct wtr_span span = {image->bytes, image->length, &whole, 1, NULL};
    d->pass = pass;
    d->volume_number = 0;
    for (size_t i = 0; i < d->map.count && d->status == WTR_OK; i++) {
        const struct wtr_flash_found *found = &d->map.list[i];
        uint64_t place = at + found->at;
        struct wtr_piece piece = {.length = found->length, .offset = place, .record_offset = place};
        const struct wtr_span bytes = {image->bytes + found->at, found->length, &piece, 1, NULL};
        bool later = !image->ends && found->at >= read_to && !found->from_table;
        if (!later)
            read_volume(d, found, &bytes, image->chip_at + found->at, &span);
    }
}

/* ---- what is odd about the image */

static void image_finding(struct wtr_dump *d, uint64_t at, uint64_t length, const char *reason)
{
    struct wtr_origin origin = {.time_ns = INT64_MAX,
                                .record_offset = at,
                                .offset = at,
                                .length = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX};
    wtr_dump_finding(d, &origin, WTR_TEXT("flash"), reason);
}

static void say_oddities(struct wtr_dump *d, const struct wtr_flash_image *image, uint64_t at)
{
    static const enum wtr_flash_oddity all[] = {WTR_FLASH_REPEATS,   WTR_FLASH_SHORT,   WTR_FLASH_ODD_SIZE,
                                                WTR_FLASH_ENCRYPTED, WTR_FLASH_NOTHING, WTR_FLASH_BLANK};
    unsigned oddities = d->map.oddities | (d->repeats ? WTR_FLASH_REPEATS : 0);
    if (oddities & (WTR_FLASH_BLANK | WTR_FLASH_ENCRYPTED))
        oddities &= ~(unsigned)WTR_FLASH_NOTHING;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (oddities & all[i])
            image_finding(d, at, image->length, wtr_flash_oddity_words(all[i]));
    for (size_t i = 0; i < d->map.count; i++)
        if (d->map.list[i].contested)
            image_finding(d, at + d->map.list[i].at, d->map.list[i].length,
                          "more than one format fits these bytes: all readings are given");
    if (d->map.full)
        image_finding(d, at, image->length, "it holds more volumes than are read");
    d->odd |= oddities & ~(unsigned)WTR_FLASH_BLANK || d->map.full;
}

/* A blank image is known to be blank. What merely may be cipher text is not known. */
static bool is_known(const struct wtr_dump *d)
{
    return d->map.count > 0 || d->map.oddities & (WTR_FLASH_ENCRYPTED | WTR_FLASH_BLANK);
}

/* ---- the passes */

/* Joins the keys that were found to the case's; whether there was any new one. */
static bool join_keys(struct wtr_dump *d)
{
    size_t before = d->c->keys.count;
    for (size_t i = 0; i < d->found.count; i++)
        if (!wtr_keyring_add(&d->c->keys, &d->found.list[i]) ||
            !wtr_keyring_add(&d->c->found, &d->found.list[i]))
            d->status = WTR_E_MEMORY;
    wtr_keyring_free(&d->found);
    return d->c->keys.count > before;
}

static void recognise(struct wtr_dump *d, const struct wtr_flash_image *image)
{
    wtr_flash_recognise(image, d->formats, &d->c->keys, &d->map);
    if (d->map.failed)
        d->status = WTR_E_MEMORY;
}

/* Families learn; where that gave keys, again with what they open. */
static void learn(struct wtr_dump *d, const struct wtr_flash_image *image, uint64_t at, size_t read_to)
{
    recognise(d, image);
    go_through(d, image, at, read_to, WTR_DUMP_LEARN);
    if (d->status == WTR_OK && join_keys(d)) {
        close_states(d);
        if (!open_states(d))
            d->status = WTR_E_MEMORY;
        wtr_dump_forget_scopes(d);
        recognise(d, image);
        go_through(d, image, at, read_to, WTR_DUMP_LEARN);
    }
    wtr_dump_sort_scopes(d);
}

bool wtr_dump_image(struct wtr_dump *d, const struct wtr_flash_image *image, uint64_t at, size_t read_to)
{
    if (image->chip_at == 0 && (!new_device(d) || !open_states(d))) {
        close_states(d);
        d->status = WTR_E_MEMORY;
        return false;
    }
    learn(d, image, at, read_to);
    d->known |= is_known(d);
    if (d->status == WTR_OK) {
        go_through(d, image, at, read_to, WTR_DUMP_READ);
        join_keys(d);
    }
    if (d->status == WTR_OK && !d->keys_only) {
        say_oddities(d, image, at);
        if (wtr_dump_is_wanted(d)) {
            wtr_dump_hand_image(d, image->length);
            go_through(d, image, at, read_to, WTR_DUMP_HAND_OUT);
        }
    }
    if (d->say.dump_device != WTR_NO_DEVICE)
        d->devices[d->image] = d->say.dump_device;
    wtr_dump_forget_scopes(d);
    if (image->ends || d->status != WTR_OK) {
        close_states(d);
        wtr_map_clear(&d->secrets);
    }
    return d->status == WTR_OK;
}
