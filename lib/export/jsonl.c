/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines: the form that loses nothing, one record a line. A header first, the summary last; a file
 * without its last line is incomplete. */
#include "export/jsonl.h"

#include "export/filter.h"
#include "export/format.h"

struct state {
    struct wtr_line_clock clock;
};

static struct wtr_json_writer begin(struct wtr_writer *w, const char *record)
{
    struct wtr_json_writer json = {.out = &w->out};
    wtr_json_begin_object(&json);
    wtr_json_key(&json, "record");
    wtr_json_put_z(&json, record);
    return json;
}

static void end(struct wtr_json_writer *json)
{
    wtr_json_end_object(json);
    wtr_put_char(json->out, '\n');
}

static void member_text(struct wtr_json_writer *json, const char *name, struct wtr_text text)
{
    if (text.length == 0)
        return;
    wtr_json_key(json, name);
    wtr_json_put_bytes(json, text);
}

static void member_uint(struct wtr_json_writer *json, const char *name, uint64_t value)
{
    wtr_json_key(json, name);
    wtr_json_put_uint(json, value);
}

static void member_bool(struct wtr_json_writer *json, const char *name, bool value)
{
    wtr_json_key(json, name);
    wtr_json_put_bool(json, value);
}

static void member_time(struct wtr_json_writer *json, const char *name, bool known, int64_t time_ns)
{
    wtr_json_key(json, name);
    if (known)
        wtr_json_put_time(json, time_ns);
    else
        wtr_json_put_null(json);
}

static void member_sentence(struct wtr_json_writer *json, const char *name, struct wtr_text sentence)
{
    wtr_json_key(json, name);
    wtr_line_sentence(json->out, sentence);
    json->need_comma = true;
}

/* ---- header */

static void put_source(struct wtr_json_writer *json, size_t number, const struct wtr_source *source)
{
    wtr_json_begin_object(json);
    member_uint(json, "source", number);
    member_text(json, "name", wtr_text_z(source->name));
    if (source->type)
        member_text(json, "type", wtr_text_z(source->type));
    if (source->size)
        member_uint(json, "size", source->size);
    if (source->compressed)
        member_text(json, "compressed", WTR_TEXT("gzip"));
    wtr_json_end_object(json);
}

/* The keyrings by name alone: what they hold is secret, its hash not less. */
static void put_keyrings(struct wtr_json_writer *json, const struct wtr_header *header)
{
    if (header->keyring_count == 0)
        return;
    wtr_json_key(json, "keyrings");
    wtr_json_begin_array(json);
    for (size_t i = 0; i < header->keyring_count; i++) {
        wtr_json_begin_object(json);
        member_text(json, "name", wtr_text_z(header->keyrings[i].name));
        member_uint(json, "keys", header->keyrings[i].keys);
        wtr_json_end_object(json);
    }
    wtr_json_end_array(json);
}

static void put_inference(struct wtr_json_writer *json, const struct wtr_header *header)
{
    if (!header->include_inferred)
        return;
    member_bool(json, "include_inferred", true);
    wtr_json_key(json, "signatures");
    wtr_json_begin_array(json);
    for (size_t i = 0; i < header->signature_count; i++)
        wtr_json_put_z(json, header->signatures[i]);
    wtr_json_end_array(json);
}

/* The options that change content, filters among them. */
static void put_options(struct wtr_json_writer *json, const struct wtr_header *header,
                        const struct wtr_writer_options *o)
{
    wtr_json_key(json, "options");
    wtr_json_begin_object(json);
    wtr_json_key(json, "cause_window_ns");
    wtr_json_put_int(json, header->cause_window_ns);
    member_bool(json, "reveal_secrets", header->reveal_secrets);
    if (header->filter)
        member_text(json, "filter", wtr_text_z(header->filter));
    put_keyrings(json, header);
    put_inference(json, header);
    if (o->kind)
        member_text(json, "kind", wtr_text_z(o->kind));
    if (o->device)
        member_text(json, "device", wtr_text_z(o->device));
    if (o->has_from)
        member_time(json, "from", true, o->from_ns);
    if (o->has_to)
        member_time(json, "to", true, o->to_ns);
    wtr_json_end_object(json);
}

static void put_header(struct wtr_writer *w, const struct wtr_header *header)
{
    struct wtr_json_writer json = begin(w, "header");
    member_text(&json, "schema", wtr_text_z(header->schema));
    member_text(&json, "tool", wtr_text_z(header->tool));
    wtr_json_key(&json, "sources");
    wtr_json_begin_array(&json);
    for (size_t i = 0; i < header->source_count; i++)
        put_source(&json, i, &header->sources[i]);
    wtr_json_end_array(&json);
    put_options(&json, header, &w->options);
    end(&json);
}

/* ---- findings and windows */

static void put_finding(struct wtr_writer *w, const struct wtr_finding *f)
{
    struct wtr_json_writer json = begin(w, "finding");
    wtr_json_key(&json, "evidence");
    wtr_jsonl_evidence(json.out, &f->evidence, f->has_time ? &f->time_ns : NULL, NULL, 0, NULL);
    json.need_comma = true;
    member_text(&json, "volume", f->volume);
    member_text(&json, "where", f->where);
    member_text(&json, "reason", f->reason);
    member_sentence(&json, "message", f->message);
    if (f->has_time) {
        member_time(&json, "time", true, f->time_ns);
        wtr_json_key(&json, "time_ns");
        wtr_json_put_int(&json, f->time_ns);
    }
    end(&json);
}

static void put_window(struct wtr_writer *w, const struct wtr_window *window)
{
    struct wtr_json_writer json = begin(w, "window");
    member_uint(&json, "source", window->source);
    member_text(&json, "device", window->device);
    member_text(&json, "protocol", window->protocol);
    member_text(&json, "client", window->client);
    member_text(&json, "server", window->server);
    member_text(&json, "client_id", window->client_id);
    member_time(&json, "from", true, window->from_ns);
    member_time(&json, "to", true, window->to_ns);
    member_bool(&json, "from_start", window->from_start);
    member_text(&json, "end", window->end);
    member_uint(&json, "frames_from_client", window->frames[0]);
    member_uint(&json, "frames_from_server", window->frames[1]);
    member_uint(&json, "bytes_from_client", window->bytes[0]);
    member_uint(&json, "bytes_from_server", window->bytes[1]);
    member_uint(&json, "gaps", window->gaps);
    member_uint(&json, "lost_bytes", window->lost_bytes);
    member_bool(&json, "encrypted", window->encrypted);
    end(&json);
}

/* ---- summary */

static void put_coverage(struct wtr_json_writer *json, const struct wtr_source_summary *s)
{
    wtr_json_key(json, "coverage");
    wtr_json_begin_array(json);
    for (size_t i = 0; i < s->coverage_count; i++) {
        wtr_json_begin_object(json);
        member_text(json, "decoder", wtr_text_z(s->coverage[i].decoder));
        member_uint(json, "records", s->coverage[i].records);
        member_uint(json, "errors", s->coverage[i].errors);
        wtr_json_end_object(json);
    }
    wtr_json_end_array(json);
}

static void put_loss(struct wtr_json_writer *json, const struct wtr_source_summary *s)
{
    wtr_json_key(json, "dropped");
    if (s->drops_known)
        wtr_json_put_uint(json, s->dropped);
    else
        wtr_json_put_null(json);
    member_uint(json, "snapped", s->snapped);
    member_uint(json, "gaps", s->gaps);
    member_uint(json, "lost_bytes", s->lost_bytes);
}

static void put_traffic(struct wtr_json_writer *json, const struct wtr_source_summary *s)
{
    member_uint(json, "repeated", s->repeated);
    member_uint(json, "altered", s->altered);
    member_uint(json, "flows", s->flows);
    member_uint(json, "followed", s->followed);
    member_uint(json, "evicted", s->evicted);
    member_uint(json, "fragments", s->fragments);
    member_uint(json, "fragments_lost", s->fragments_lost);
    member_uint(json, "encrypted_frames", s->encrypted_frames);
    member_uint(json, "unread_frames", s->unread_frames);
    member_uint(json, "bad_frames", s->bad_frames);
    member_uint(json, "filtered", s->filtered);
    if (s->opened_frames)
        member_uint(json, "opened_frames", s->opened_frames);
}

/* Nanoseconds and thousand millionths, as measured. */
static void put_clock(struct wtr_json_writer *json, const struct wtr_source_summary *s)
{
    if (!s->clock_related)
        return;
    wtr_json_key(json, "clock");
    wtr_json_begin_object(json);
    member_uint(json, "source", s->clock_scale);
    wtr_json_key(json, "offset_ns");
    wtr_json_put_int(json, s->clock_offset_ns);
    wtr_json_key(json, "skew_ppb");
    wtr_json_put_int(json, s->clock_skew_ppb);
    wtr_json_key(json, "uncertainty_ns");
    wtr_json_put_int(json, s->clock_uncertainty_ns);
    member_uint(json, "shared", s->clock_shared);
    wtr_json_end_object(json);
}

static void put_source_summary(struct wtr_json_writer *json, size_t number,
                               const struct wtr_source_summary *s)
{
    wtr_json_begin_object(json);
    member_uint(json, "source", number);
    member_text(json, "sha256", wtr_text_of(s->sha256, strnlen(s->sha256, sizeof s->sha256)));
    member_uint(json, "size", s->size);
    member_uint(json, "frames", s->frames);
    member_uint(json, "bytes", s->bytes);
    member_bool(json, "complete", s->complete);
    member_time(json, "first", s->has_time, s->first_ns);
    member_time(json, "last", s->has_time, s->last_ns);
    put_clock(json, s);
    put_loss(json, s);
    put_traffic(json, s);
    put_coverage(json, s);
    wtr_json_end_object(json);
}

static void put_summary(struct wtr_writer *w, const struct wtr_summary *summary)
{
    struct wtr_json_writer json = begin(w, "summary");
    member_uint(&json, "events", summary->events);
    if (wtr_filter_is_on(&w->options))
        member_uint(&json, "events_written", w->events_written);
    member_uint(&json, "findings", summary->findings);
    member_uint(&json, "windows", summary->windows);
    member_uint(&json, "copies", summary->copies);
    wtr_json_key(&json, "sources");
    wtr_json_begin_array(&json);
    for (size_t i = 0; i < summary->source_count; i++)
        put_source_summary(&json, i, &summary->sources[i]);
    wtr_json_end_array(&json);
    end(&json);
}

/* ---- devices */

static void member_list(struct wtr_json_writer *json, const char *name, const struct wtr_text *list,
                        size_t count)
{
    wtr_json_key(json, name);
    wtr_json_begin_array(json);
    for (size_t i = 0; i < count; i++)
        wtr_json_put_bytes(json, list[i]);
    wtr_json_end_array(json);
}

static void put_device(struct wtr_writer *w, const struct wtr_device_record *d)
{
    struct wtr_json_writer json = begin(w, "device");
    member_text(&json, "device", d->device);
    member_text(&json, "vendor", d->vendor);
    member_text(&json, "model", d->model);
    member_text(&json, "firmware", d->firmware);
    member_list(&json, "macs", d->macs, d->mac_count);
    member_list(&json, "ips", d->ips, d->ip_count);
    member_list(&json, "names", d->names, d->name_count);
    member_time(&json, "first", d->has_time, d->first_ns);
    member_time(&json, "last", d->has_time, d->last_ns);
    member_uint(&json, "events", d->events);
    end(&json);
}

/* ---- the format */

static void put_message(struct wtr_writer *w, const struct wtr_message_record *message)
{
    struct state *state = w->state;
    wtr_jsonl_message(&w->out, &state->clock, message);
}

static void put_image(struct wtr_writer *w, const struct wtr_image_record *image)
{
    wtr_jsonl_image(&w->out, image);
}

static void put_volume(struct wtr_writer *w, const struct wtr_volume_record *volume)
{
    wtr_jsonl_volume(&w->out, volume);
}

static void put_entry(struct wtr_writer *w, const struct wtr_entry_record *entry)
{
    struct state *state = w->state;
    wtr_jsonl_entry(&w->out, &state->clock, entry);
}

static void put_record(struct wtr_writer *w, const struct wtr_record *record, bool shown)
{
    struct state *state = w->state;
    if (!shown)
        return;
    switch (record->type) {
    case WTR_RECORD_HEADER:
        put_header(w, record->as.header);
        break;
    case WTR_RECORD_EVENT:
        wtr_jsonl_event(&w->out, &state->clock, record->as.event);
        break;
    case WTR_RECORD_FINDING:
        put_finding(w, record->as.finding);
        break;
    case WTR_RECORD_WINDOW:
        put_window(w, record->as.window);
        break;
    case WTR_RECORD_SUMMARY:
        put_summary(w, record->as.summary);
        break;
    }
}

const struct wtr_format wtr_format_jsonl = {
    .name = "jsonl",
    .purpose = "one JSON object a line: everything, for other tools",
    .state_size = sizeof(struct state),
    .record = put_record,
    .message = put_message,
    .device = put_device,
    .image = put_image,
    .volume = put_volume,
    .entry = put_entry,
};
