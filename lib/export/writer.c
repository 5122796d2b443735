/* SPDX-License-Identifier: Apache-2.0 */
/* The writer that all formats share: options, filters, counting, and handing text on in large pieces. */
#include "export/filter.h"
#include "export/format.h"

#include <stddef.h>
#include <stdlib.h>

/* How much text is collected before it is handed on. */
enum { CHUNK = 256 * 1024 };

void wtr_writer_options_init(struct wtr_writer_options *options)
{
    *options = (struct wtr_writer_options){.size = sizeof *options};
}

/* Takes those options that the caller's version of the struct has. */
static bool take_options(struct wtr_writer *w, const struct wtr_writer_options *given)
{
    wtr_writer_options_init(&w->options);
    if (!given)
        return true;
    if (given->size < offsetof(struct wtr_writer_options, zone_offset))
        return false;
    size_t known = given->size < sizeof w->options ? given->size : sizeof w->options;
    memcpy(&w->options, given, known);
    w->options.size = sizeof w->options;
    return !w->options.kind || wtr_filter_kind_known(w->options.kind);
}

/* A copy of the text that lives as long as the writer; NULL stays NULL. */
static const char *keep(struct wtr_buffer *copy, const char *text)
{
    if (!text)
        return NULL;
    wtr_put(copy, text, strlen(text) + 1);
    return copy->data;
}

static bool keep_texts(struct wtr_writer *w)
{
    w->options.kind = keep(&w->kind, w->options.kind);
    w->options.device = keep(&w->device, w->options.device);
    w->options.zone_name = keep(&w->zone_name, w->options.zone_name);
    return !w->kind.failed && !w->device.failed && !w->zone_name.failed;
}

enum wtr_status wtr_writer_new(wtr_writer **writer, const char *format_name,
                               const struct wtr_writer_options *options, wtr_write_fn *write, void *payload)
{
    const struct wtr_format *format = format_name ? wtr_format_named(format_name) : NULL;
    if (!writer || !format || !write)
        return WTR_E_ARGUMENT;
    struct wtr_writer *w = calloc(1, sizeof *w);
    if (!w)
        return WTR_E_MEMORY;
    w->format = format;
    w->write = write;
    w->payload = payload;
    w->state = calloc(1, format->state_size ? format->state_size : 1);
    bool sensible = take_options(w, options);
    if (!w->state || !sensible || !keep_texts(w)) {
        wtr_writer_free(w);
        return sensible ? WTR_E_MEMORY : WTR_E_ARGUMENT;
    }
    *writer = w;
    return WTR_OK;
}

void wtr_writer_free(wtr_writer *w)
{
    if (!w)
        return;
    if (w->format->close && w->state)
        w->format->close(w->state);
    free(w->state);
    wtr_buffer_free(&w->out);
    wtr_buffer_free(&w->kind);
    wtr_buffer_free(&w->device);
    wtr_buffer_free(&w->zone_name);
    free(w);
}

/* After something was appended: hands it on once it is `at_least` so much. */
static enum wtr_status settle(struct wtr_writer *w, size_t at_least)
{
    if (w->out.failed)
        return w->failure = WTR_E_MEMORY;
    if (w->out.length < at_least || w->out.length == 0)
        return WTR_OK;
    if (w->write(w->payload, w->out.data, w->out.length) != 0)
        return w->failure = WTR_E_WRITE;
    wtr_buffer_clear(&w->out);
    return WTR_OK;
}

enum wtr_status wtr_writer_record(wtr_writer *w, const struct wtr_record *record)
{
    if (w->failure != WTR_OK)
        return w->failure;
    bool is_event = record->type == WTR_RECORD_EVENT;
    bool shown = !is_event || wtr_filter_passes(&w->options, record->as.event);
    if (is_event && shown)
        w->events_written++;
    w->format->record(w, record, shown);
    return settle(w, CHUNK);
}

enum wtr_status wtr_writer_message(wtr_writer *w, const struct wtr_message_record *message)
{
    if (w->failure != WTR_OK)
        return w->failure;
    if (!w->format->message)
        return WTR_E_ARGUMENT;
    w->format->message(w, message);
    return settle(w, CHUNK);
}

enum wtr_status wtr_writer_device(wtr_writer *w, const struct wtr_device_record *device)
{
    if (w->failure != WTR_OK)
        return w->failure;
    if (!w->format->device)
        return WTR_E_ARGUMENT;
    w->format->device(w, device);
    return settle(w, CHUNK);
}

enum wtr_status wtr_writer_image(wtr_writer *w, const struct wtr_image_record *image)
{
    if (w->failure != WTR_OK)
        return w->failure;
    if (!w->format->image)
        return WTR_E_ARGUMENT;
    w->format->image(w, image);
    return settle(w, CHUNK);
}

enum wtr_status wtr_writer_volume(wtr_writer *w, const struct wtr_volume_record *volume)
{
    if (w->failure != WTR_OK)
        return w->failure;
    if (!w->format->volume)
        return WTR_E_ARGUMENT;
    w->format->volume(w, volume);
    return settle(w, CHUNK);
}

enum wtr_status wtr_writer_entry(wtr_writer *w, const struct wtr_entry_record *entry)
{
    if (w->failure != WTR_OK)
        return w->failure;
    if (!w->format->entry)
        return WTR_E_ARGUMENT;
    w->format->entry(w, entry);
    return settle(w, CHUNK);
}

enum wtr_status wtr_writer_finish(wtr_writer *w)
{
    if (w->failure != WTR_OK)
        return w->failure;
    if (w->format->finish)
        w->format->finish(w);
    return settle(w, 0);
}
