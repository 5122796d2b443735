/* SPDX-License-Identifier: Apache-2.0 */
/* The public face of a case: it takes evidence, wires the way through the house, and hands out records. */
#include "case/case_internal.h"

#include "case/dump.h"
#include "case/feed.h"
#include "packet/capture.h"
#include "packet/packet_filter.h"
#include "wattrail/version.h"

#include <stdlib.h>

enum { DEFAULT_MEMORY = 12 << 20, LEAST_MEMORY = 1 << 20 };

void wtr_options_init(struct wtr_options *options)
{
    *options = (struct wtr_options){
        .size = sizeof *options,
        .memory = DEFAULT_MEMORY,
        .cause_window_ns = INT64_C(2000000000),
    };
}

enum wtr_status wtr_case_fail(struct wtr_case *c, enum wtr_status status, const char *name, const char *what)
{
    wtr_buffer_clear(&c->error);
    wtr_put_z(&c->error, name);
    wtr_put_z(&c->error, ": ");
    wtr_put_z(&c->error, what);
    wtr_put(&c->error, "", 1);
    return status;
}

const char *wtr_case_error(const wtr_case *c)
{
    return c && c->error.length && !c->error.failed ? c->error.data : "";
}

/* The options as this version knows them: what the caller's version lacks has its default. */
static enum wtr_status take_options(struct wtr_case *c, const struct wtr_options *options)
{
    wtr_options_init(&c->options);
    if (!options)
        return WTR_OK;
    if (options->size == 0 || options->size > sizeof c->options)
        return WTR_E_ARGUMENT;
    memcpy(&c->options, options, options->size);
    bool sane = c->options.cause_window_ns >= 0 && c->options.memory >= LEAST_MEMORY &&
                c->options.memory <= (size_t)1 << 30;
    return sane ? WTR_OK : WTR_E_ARGUMENT;
}

static enum wtr_status check_filter(struct wtr_case *c)
{
    char why[256] = "";
    struct wtr_packet_filter *filter = NULL;
    if (!c->options.filter)
        return WTR_OK;
    enum wtr_status status = wtr_packet_filter_new(&filter, c->options.filter, why);
    wtr_packet_filter_free(filter);
    return status == WTR_OK ? WTR_OK : wtr_case_fail(c, status, "filter", why);
}

enum wtr_status wtr_case_new(wtr_case **out, const struct wtr_options *options)
{
    if (!out)
        return WTR_E_ARGUMENT;
    struct wtr_case *c = calloc(1, sizeof *c);
    if (!c)
        return WTR_E_MEMORY;
    enum wtr_status status = take_options(c, options);
    if (status == WTR_OK)
        status = wtr_case_open_sorters(c);
    if (status == WTR_OK && c->options.include_inferred)
        status = wtr_signatures_ship(c);
    if (status != WTR_OK) {
        wtr_case_free(c);
        return status;
    }
    *out = c;
    return WTR_OK;
}

void wtr_case_free(wtr_case *c)
{
    if (!c)
        return;
    wtr_feed_free(c->feed);
    wtr_ahead_free(c->ahead);
    wtr_timeline_free(c->timeline);
    for (size_t i = 0; i < c->source_count; i++)
        wtr_source_free(c->sources[i]);
    free((void *)c->sources);
    wtr_sorter_free(c->items);
    wtr_sorter_free(c->notes);
    wtr_sorter_free(c->messages);
    wtr_devices_free(&c->devices);
    wtr_keyrings_free(c);
    for (size_t i = 0; i < c->path_count; i++)
        free((void *)c->paths[i].data);
    free(c->paths);
    free(c->path_parts);
    free(c->signatures);
    free((void *)c->signature_ids);
    free(c->source_sha256);
    free(c->clocks);
    free(c->header_sources);
    free(c->header_keyrings);
    free(c->summary_sources);
    wtr_buffer_free(&c->error);
    free(c);
}

const char *wtr_case_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

enum wtr_status wtr_case_new_source(struct wtr_case *c, const char *name, struct wtr_case_source **out)
{
    struct wtr_case_source **sources =
        realloc((void *)c->sources, (c->source_count + 1) * sizeof(struct wtr_case_source *));
    if (!sources)
        return WTR_E_MEMORY;
    c->sources = sources;
    struct wtr_case_source *s = calloc(1, sizeof *s);
    if (!s || !(s->name = strdup(name))) {
        free(s);
        return WTR_E_MEMORY;
    }
    s->owner = c;
    c->sources[c->source_count++] = s;
    *out = s;
    return WTR_OK;
}

/* Opens the source for a first look: what is no capture is read as a dump. It stays open where it can't be
 * opened again. */
static enum wtr_status look_at(struct wtr_case *c, struct wtr_case_source *s)
{
    size_t have = 0;
    enum wtr_status status = wtr_source_open(s, &s->input);
    if (status != WTR_OK)
        return status;
    const uint8_t *bytes = wtr_input_peek(s->input, 4, &have);
    int64_t size = wtr_input_size(s->input);
    const char *trouble = wtr_input_trouble(s->input);
    if (have == 0)
        return wtr_case_fail(c, trouble ? WTR_E_READ : WTR_E_UNRECOGNISED, s->name,
                             trouble ? trouble : "is empty");
    static const uint8_t section_header[4] = {0x0a, 0x0d, 0x0d, 0x0a};
    s->is_dump = !wtr_capture_recognise(bytes, have);
    s->type = s->is_dump                                                  ? "dump"
              : memcmp(bytes, section_header, sizeof section_header) == 0 ? "pcapng"
                                                                          : "pcap";
    s->compressed = wtr_input_compressed(s->input);
    s->size = size > 0 ? (uint64_t)size : 0;
    s->is_file = s->path && strcmp(s->path, "-") != 0 && size > 0;
    c->bytes_total += s->size;
    return WTR_OK;
}

static enum wtr_status add_source(struct wtr_case *c, struct wtr_case_source *s)
{
    enum wtr_status status = look_at(c, s);
    if (status != WTR_OK) {
        wtr_source_free(s);
        c->source_count--;
    }
    return status;
}

enum wtr_status wtr_case_add_path(wtr_case *c, const char *path)
{
    if (!c || !path || c->feed || c->stage != WTR_CASE_OPEN)
        return WTR_E_ARGUMENT;
    struct wtr_case_source *s = NULL;
    bool standard_input = strcmp(path, "-") == 0;
    enum wtr_status status =
        wtr_case_new_source(c, standard_input ? "standard input" : wtr_case_base_name(path), &s);
    if (status != WTR_OK)
        return status;
    s->path = strdup(path);
    if (!s->path) {
        wtr_source_free(s);
        c->source_count--;
        return WTR_E_MEMORY;
    }
    return add_source(c, s);
}

enum wtr_status wtr_case_add_reader(wtr_case *c, const char *name, const struct wtr_reader *reader,
                                    void *payload)
{
    struct wtr_case_source *s = NULL;
    bool fits = c && name && reader && reader->read && !c->feed && c->stage == WTR_CASE_OPEN;
    enum wtr_status status = fits ? wtr_case_new_source(c, name, &s) : WTR_E_ARGUMENT;
    if (status != WTR_OK) {
        if (reader && reader->close)
            reader->close(payload);
        return status;
    }
    s->reader = *reader;
    s->payload = payload;
    s->has_reader = true;
    return add_source(c, s);
}

/* Room for one more path; false: there is none. */
static bool path_room(struct wtr_case *c)
{
    struct wtr_text *paths = realloc(c->paths, (c->path_count + 1) * sizeof *paths);
    if (paths)
        c->paths = paths;
    struct wtr_case_path *parts = realloc(c->path_parts, (c->path_count + 1) * sizeof *parts);
    if (parts)
        c->path_parts = parts;
    return paths && parts;
}

uint16_t wtr_case_path(struct wtr_case *c, const char *flow, const char *over, const char *protocol,
                       const char *vendor)
{
    for (size_t i = 0; i < c->path_count; i++) {
        const struct wtr_case_path *known = &c->path_parts[i];
        if (known->flow == flow && known->over == over && known->protocol == protocol &&
            known->vendor == vendor)
            return (uint16_t)i;
    }
    struct wtr_buffer path = {0};
    wtr_put_z(&path, flow);
    if (over) {
        wtr_put_char(&path, '/');
        wtr_put_z(&path, over);
    }
    wtr_put_char(&path, '/');
    wtr_put_z(&path, protocol);
    if (vendor && strcmp(vendor, protocol) != 0) { /* a family's own protocol bears its name */
        wtr_put_char(&path, '/');
        wtr_put_z(&path, vendor);
    }
    if (path.failed || c->path_count == UINT16_MAX || !path_room(c)) {
        wtr_buffer_free(&path);
        return 0;
    }
    c->paths[c->path_count] = wtr_buffer_text(&path);
    c->path_parts[c->path_count] = (struct wtr_case_path){flow, over, protocol, vendor};
    return (uint16_t)c->path_count++;
}

static enum wtr_status reconcile(struct wtr_case *c)
{
    enum wtr_status status = wtr_sorter_seal(c->items);
    if (status == WTR_OK)
        status = wtr_sorter_seal(c->notes);
    if (status == WTR_OK)
        status = wtr_case_relate_clocks(c);
    bool named = !c->devices.failed && wtr_devices_adopt(&c->devices) && wtr_devices_name(&c->devices);
    if (status == WTR_OK && !named)
        status = WTR_E_MEMORY;
    wtr_devices_settle(&c->devices);
    if (status == WTR_OK && c->signature_count > 0)
        status = wtr_case_infer(c);
    c->source_sha256 = calloc(c->source_count, sizeof *c->source_sha256);
    if (status == WTR_OK && !c->source_sha256)
        status = WTR_E_MEMORY;
    for (size_t i = 0; i < c->source_count && status == WTR_OK; i++)
        memcpy(c->source_sha256[i], c->sources[i]->sha256, sizeof c->source_sha256[i]);
    const struct wtr_timeline_setup setup = {
        .items = c->items,
        .notes = c->notes,
        .devices = &c->devices,
        .source_sha256 = (const uint8_t(*)[32])c->source_sha256,
        .source_count = c->source_count,
        .clocks = c->clocks,
        .paths = c->paths,
        .path_count = c->path_count,
        .on_times = c->on_times,
        .cause_window_ns = c->options.cause_window_ns,
        .reveal_secrets = c->options.reveal_secrets,
        .memory = c->options.memory,
        .temporary = c->options.temporary,
    };
    if (status == WTR_OK)
        status = wtr_timeline_new(&c->timeline, &setup);
    return status == WTR_OK ? wtr_ahead_new(&c->ahead, c->timeline, wtr_sorter_count(c->items)) : status;
}

enum wtr_status wtr_case_run(wtr_case *c)
{
    if (!c || c->stage != WTR_CASE_OPEN || c->source_count == 0)
        return WTR_E_ARGUMENT;
    c->stage = WTR_CASE_RUNNING;
    enum wtr_status status = check_filter(c);
    if (status == WTR_OK)
        status = wtr_keyrings_join(c);
    if (status == WTR_OK)
        status = wtr_extract_all(c);
    if (status == WTR_OK)
        status = wtr_messages_hand_out(c);
    if (status == WTR_OK)
        status = wtr_keyrings_list_found(c);
    if (status == WTR_OK)
        status = reconcile(c);
    c->stage = status == WTR_OK ? WTR_CASE_READY : WTR_CASE_FAILED;
    if (status != WTR_OK) {
        if (c->error.length == 0)
            wtr_case_fail(c, status, "analysis", wtr_status_text((int)status));
        return status;
    }
    for (size_t i = 0; i < c->source_count; i++)
        c->partial |= !c->sources[i]->summary.complete;
    c->partial |= c->devices.full;
    return c->partial ? WTR_PARTIAL : WTR_OK;
}

static enum wtr_status hand_out(struct wtr_case *c, enum wtr_record_type type,
                                const struct wtr_record **record)
{
    c->record.type = type;
    *record = &c->record;
    return WTR_OK;
}

enum wtr_status wtr_case_next(wtr_case *c, const struct wtr_record **record)
{
    if (!c || !record)
        return WTR_E_ARGUMENT;
    bool header_is_made = c->next == WTR_NEXT_HEADER && c->header.schema;
    if (c->stage != WTR_CASE_READY && !(c->stage == WTR_CASE_RUNNING && header_is_made))
        return WTR_E_ARGUMENT;
    if (c->next == WTR_NEXT_HEADER) {
        c->next = WTR_NEXT_TIMELINE;
        c->record.as.header = &c->header;
        return hand_out(c, WTR_RECORD_HEADER, record);
    }
    if (c->next == WTR_NEXT_TIMELINE) {
        enum wtr_status status = wtr_ahead_next(c->ahead, record);
        if (status != WTR_END)
            return status == WTR_OK ? WTR_OK
                                    : wtr_case_fail(c, status, "analysis", wtr_status_text((int)status));
        c->next = WTR_NEXT_SUMMARY;
    }
    if (c->next == WTR_NEXT_SUMMARY) {
        c->next = WTR_NEXT_END;
        wtr_results_summary(c);
        c->record.as.summary = &c->summary;
        return hand_out(c, WTR_RECORD_SUMMARY, record);
    }
    return WTR_END;
}

enum wtr_status wtr_case_each(wtr_case *c, int (*each)(void *payload, const struct wtr_record *record),
                              void *payload)
{
    const struct wtr_record *record;
    enum wtr_status status;
    if (!each)
        return WTR_E_ARGUMENT;
    while ((status = wtr_case_next(c, &record)) == WTR_OK)
        if (each(payload, record) != 0)
            return WTR_E_CANCELLED;
    return status == WTR_END ? WTR_OK : status;
}

const struct wtr_device_record *wtr_case_device(const wtr_case *c, size_t index)
{
    return c && c->timeline && c->next == WTR_NEXT_END ? wtr_timeline_device(c->timeline, index) : NULL;
}

const struct wtr_key_record *wtr_case_key(const wtr_case *c, size_t index)
{
    bool run = c && (c->stage == WTR_CASE_READY || c->stage == WTR_CASE_RUNNING);
    return run && c->key_records && index < c->found.count ? &c->key_records[index] : NULL;
}
