/* SPDX-License-Identifier: Apache-2.0 */
/* A signature as JSON, in the form that signature_read.c takes. */
#include "infer/learn_internal.h"

#include "base/json.h"

static void member_z(struct wtr_json_writer *w, const char *name, const char *z)
{
    wtr_json_key(w, name);
    wtr_json_put_z(w, z);
}

static void member_int(struct wtr_json_writer *w, const char *name, int64_t value)
{
    wtr_json_key(w, name);
    wtr_json_put_int(w, value);
}

static void list_of_one(struct wtr_json_writer *w, const char *name, const char *z)
{
    wtr_json_key(w, name);
    wtr_json_begin_array(w);
    wtr_json_put_z(w, z);
    wtr_json_end_array(w);
}

static void put_device(struct wtr_json_writer *w, const struct wtr_learn_device *device)
{
    wtr_json_key(w, "device");
    wtr_json_begin_object(w);
    member_z(w, "vendor", device->vendor);
    list_of_one(w, "models", device->model);
    list_of_one(w, "firmware", device->firmware);
    wtr_json_end_object(w);
}

static void put_sequence(struct wtr_json_writer *w, const char *name, const struct wtr_shape_sequence *q)
{
    static const int64_t ms = 1000000;
    wtr_json_key(w, name);
    wtr_json_begin_object(w);
    member_z(w, "transport", "tcp");
    member_z(w, "unit", "tls_record");
    member_int(w, "port", q->port);
    member_z(w, "server_name", q->server_name);
    wtr_json_key(w, "first");
    wtr_json_put_bool(w, q->first);
    wtr_json_key(w, "records");
    wtr_json_begin_array(w);
    for (size_t i = 0; i < q->count; i++) {
        wtr_json_begin_object(w);
        member_z(w, "from", q->steps[i].from_server ? "server" : "client");
        member_int(w, "min", q->steps[i].min);
        member_int(w, "max", q->steps[i].max);
        wtr_json_end_object(w);
    }
    wtr_json_end_array(w);
    member_int(w, "max_gap_ms", (q->max_gap_ns + ms - 1) / ms);
    wtr_json_end_object(w);
}

static void put_path(struct wtr_json_writer *w, const struct wtr_signature *s,
                     const struct wtr_signature_path *path)
{
    wtr_json_begin_object(w);
    member_z(w, "path", path->name);
    if (path->after_command)
        member_z(w, "after", "command");
    else
        put_sequence(w, "after", &s->sequences[path->sequence]);
    member_int(w, "within_ms", path->within_ns / 1000000);
    wtr_json_key(w, "counts");
    wtr_json_begin_object(w);
    member_int(w, "on", path->counts.on);
    member_int(w, "off", path->counts.off);
    member_int(w, "shared", path->counts.shared);
    wtr_json_end_object(w);
    wtr_json_end_object(w);
}

static void put_trial(struct wtr_json_writer *w, const char *name, const struct wtr_trial *trial)
{
    wtr_json_key(w, name);
    wtr_json_begin_object(w);
    member_int(w, "events", trial->events);
    member_int(w, "found", trial->found);
    member_int(w, "exposure_s", trial->exposure_s);
    member_int(w, "false", trial->false_found);
    wtr_json_end_object(w);
}

static void put_signature(struct wtr_json_writer *w, const struct wtr_learner *l,
                          const struct wtr_learn_device *device, const struct wtr_signature *s)
{
    wtr_json_begin_object(w);
    member_z(w, "schema", "wattrail-signature/1");
    member_z(w, "id", device->id);
    put_device(w, device);
    member_z(w, "vantage", "lan");
    member_z(w, "event", "cloud_report");
    put_sequence(w, "report", &s->sequences[0]);
    wtr_json_key(w, "paths");
    wtr_json_begin_array(w);
    for (size_t i = 0; i < s->path_count; i++)
        put_path(w, s, &s->paths[i]);
    wtr_json_end_array(w);
    member_int(w, "calibration_ms", s->calibration_ns / 1000000);
    wtr_json_key(w, "captures");
    wtr_json_begin_array(w);
    for (size_t i = 0; i < l->source_count; i++)
        wtr_json_put_z(w, l->sources[i].sha256);
    wtr_json_end_array(w);
    put_trial(w, "training", &s->training);
    put_trial(w, "validation", &s->validation);
    wtr_json_end_object(w);
}

enum wtr_status wtr_learn_write(const struct wtr_learner *l, const struct wtr_learn_device *device,
                                const struct wtr_signature *signature, wtr_write_fn *write, void *payload)
{
    struct wtr_buffer out = {0};
    struct wtr_json_writer w = {.out = &out};
    put_signature(&w, l, device, signature);
    wtr_put_char(&out, '\n');
    enum wtr_status status = out.failed                                  ? WTR_E_MEMORY
                             : write(payload, out.data, out.length) != 0 ? WTR_E_WRITE
                                                                         : WTR_OK;
    wtr_buffer_free(&out);
    return status;
}
