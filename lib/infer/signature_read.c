/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures from JSON. Every object is read by a table of its members, so that none is overlooked: each must
 * be there once, and nothing else. */
#include "infer/signature.h"

#include "base/json.h"

enum { MOST_FILE = 1 << 16, MOST_LENGTH = (1 << 14) + 2048, MOST_MS = 3600 * 1000 };

#define SCHEMA "wattrail-signature/1"
#define MILLISECOND INT64_C(1000000)

struct reading {
    struct wtr_json json;
    struct wtr_buffer scratch;
    struct wtr_signature *into;
    const char *why; /* the first thing wrong */
};

static bool refuse(struct reading *r, const char *why)
{
    if (!r->why)
        r->why = why;
    return false;
}

/* The object has these members, each once, and no others. */
static bool has_members(struct reading *r, wtr_json_ref at, const char *const *names, size_t count)
{
    size_t found = 0;
    if (!wtr_json_is(&r->json, at, WTR_JSON_OBJECT))
        return refuse(r, "an object is expected");
    for (size_t i = 0; i < count; i++)
        if (wtr_json_get(&r->json, at, names[i]) < 0)
            return refuse(r, "a member is missing or given twice");
    for (wtr_json_ref i = wtr_json_first(&r->json, at); i >= 0; i = wtr_json_next(&r->json, at, i + 1))
        found++;
    return found == count || refuse(r, "there is a member that is not known");
}

#define HAS_MEMBERS(r, at, ...)                                                                              \
    has_members(r, at, (const char *const[]){__VA_ARGS__},                                                   \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static bool read_text(struct reading *r, wtr_json_ref at, char out[WTR_SIGNATURE_TEXT], bool may_be_empty)
{
    struct wtr_text text = wtr_json_is(&r->json, at, WTR_JSON_STRING)
                               ? wtr_json_string(&r->json, at, &r->scratch)
                               : (struct wtr_text){NULL, 0};
    if (!text.data || text.length >= WTR_SIGNATURE_TEXT || (text.length == 0 && !may_be_empty))
        return refuse(r, "a text of 1 to 95 bytes is expected");
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < 0x20)
            return refuse(r, "a text holds a control character");
    if (text.length)
        memcpy(out, text.data, text.length);
    out[text.length] = '\0';
    return true;
}

static bool read_number(struct reading *r, wtr_json_ref at, int64_t least, int64_t most, int64_t *out)
{
    bool whole = wtr_json_is(&r->json, at, WTR_JSON_NUMBER) && wtr_json_int(&r->json, at, out);
    return (whole && *out >= least && *out <= most) || refuse(r, "a number is missing or out of range");
}

static bool read_count(struct reading *r, wtr_json_ref at, uint32_t *out)
{
    int64_t value = 0;
    if (!read_number(r, at, 0, 10000, &value))
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool read_ms(struct reading *r, wtr_json_ref at, int64_t *ns)
{
    int64_t ms = 0;
    if (!read_number(r, at, 1, MOST_MS, &ms))
        return false;
    *ns = ms * MILLISECOND;
    return true;
}

static wtr_json_ref member(const struct reading *r, wtr_json_ref at, const char *name)
{
    return wtr_json_get(&r->json, at, name);
}

static bool is_word(struct reading *r, wtr_json_ref at, const char *word)
{
    return (wtr_json_is(&r->json, at, WTR_JSON_STRING) && wtr_text_is(wtr_json_raw(&r->json, at), word)) ||
           refuse(r, "a word is not one that is known");
}

static bool read_names(struct reading *r, wtr_json_ref at, char (*names)[WTR_SIGNATURE_TEXT], size_t *count)
{
    if (!wtr_json_is(&r->json, at, WTR_JSON_ARRAY))
        return refuse(r, "a list is expected");
    for (wtr_json_ref i = wtr_json_first(&r->json, at); i >= 0; i = wtr_json_next(&r->json, at, i)) {
        if (*count == WTR_SIGNATURE_NAMES)
            return refuse(r, "a list is too long");
        if (!read_text(r, i, names[*count], false))
            return false;
        ++*count;
    }
    return *count > 0 || refuse(r, "a list is empty");
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_sha256(struct reading *r, wtr_json_ref at, uint8_t out[32])
{
    struct wtr_text text = wtr_json_raw(&r->json, at);
    if (!wtr_json_is(&r->json, at, WTR_JSON_STRING) || text.length != 64)
        return refuse(r, "a SHA-256 is expected");
    for (size_t i = 0; i < 32; i++) {
        int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return refuse(r, "a SHA-256 is expected");
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_sources(struct reading *r, wtr_json_ref at)
{
    struct wtr_signature *s = r->into;
    if (!wtr_json_is(&r->json, at, WTR_JSON_ARRAY))
        return refuse(r, "a list is expected");
    for (wtr_json_ref i = wtr_json_first(&r->json, at); i >= 0; i = wtr_json_next(&r->json, at, i)) {
        if (s->source_count == WTR_SIGNATURE_SOURCES)
            return refuse(r, "a list is too long");
        if (!read_sha256(r, i, s->sources[s->source_count]))
            return false;
        s->source_count++;
    }
    return s->source_count > 0 || refuse(r, "a list is empty");
}

static bool read_step(struct reading *r, wtr_json_ref at, struct wtr_shape_step *step)
{
    int64_t min = 0, max = 0;
    if (!HAS_MEMBERS(r, at, "from", "min", "max"))
        return false;
    step->from_server = wtr_text_is(wtr_json_raw(&r->json, member(r, at, "from")), "server");
    if (!step->from_server && !is_word(r, member(r, at, "from"), "client"))
        return false;
    if (!read_number(r, member(r, at, "min"), 1, MOST_LENGTH, &min) ||
        !read_number(r, member(r, at, "max"), min, MOST_LENGTH, &max))
        return false;
    step->min = (uint32_t)min;
    step->max = (uint32_t)max;
    return true;
}

static bool read_steps(struct reading *r, wtr_json_ref at, struct wtr_shape_sequence *sequence)
{
    if (!wtr_json_is(&r->json, at, WTR_JSON_ARRAY))
        return refuse(r, "a list is expected");
    for (wtr_json_ref i = wtr_json_first(&r->json, at); i >= 0; i = wtr_json_next(&r->json, at, i)) {
        if (sequence->count == WTR_SHAPE_STEPS)
            return refuse(r, "a sequence is too long");
        if (!read_step(r, i, &sequence->steps[sequence->count]))
            return false;
        sequence->count++;
    }
    return sequence->count > 0 || refuse(r, "a list is empty");
}

static bool read_sequence(struct reading *r, wtr_json_ref at, size_t *index)
{
    struct wtr_signature *s = r->into;
    int64_t port = 0;
    if (s->sequence_count == WTR_SHAPE_SEQUENCES)
        return refuse(r, "there are too many sequences");
    struct wtr_shape_sequence *q = &s->sequences[s->sequence_count];
    if (!HAS_MEMBERS(r, at, "transport", "unit", "port", "server_name", "first", "records", "max_gap_ms") ||
        !is_word(r, member(r, at, "transport"), "tcp") || !is_word(r, member(r, at, "unit"), "tls_record") ||
        !read_number(r, member(r, at, "port"), 1, 65535, &port) ||
        !read_text(r, member(r, at, "server_name"), q->server_name, true) ||
        !read_steps(r, member(r, at, "records"), q) ||
        !read_ms(r, member(r, at, "max_gap_ms"), &q->max_gap_ns))
        return false;
    if (!wtr_json_bool(&r->json, member(r, at, "first"), &q->first))
        return refuse(r, "true or false is expected");
    q->port = (uint16_t)port;
    *index = s->sequence_count++;
    return true;
}

static bool read_path_counts(struct reading *r, wtr_json_ref at, struct wtr_path_counts *counts)
{
    if (!HAS_MEMBERS(r, at, "on", "off", "shared") || !read_count(r, member(r, at, "on"), &counts->on) ||
        !read_count(r, member(r, at, "off"), &counts->off) ||
        !read_count(r, member(r, at, "shared"), &counts->shared))
        return false;
    return counts->shared <= counts->on + counts->off || refuse(r, "more are shared than were counted");
}

static bool is_repeated(const struct wtr_signature *s, const char *name)
{
    for (size_t i = 0; i < s->path_count; i++)
        if (strcmp(s->paths[i].name, name) == 0)
            return true;
    return false;
}

static bool read_path(struct reading *r, wtr_json_ref at, struct wtr_signature_path *path)
{
    if (!HAS_MEMBERS(r, at, "path", "after", "within_ms", "counts") ||
        !read_text(r, member(r, at, "path"), path->name, false) ||
        !read_ms(r, member(r, at, "within_ms"), &path->within_ns) ||
        !read_path_counts(r, member(r, at, "counts"), &path->counts))
        return false;
    if (strcmp(path->name, "lan") != 0 && strcmp(path->name, "cloud") != 0)
        return refuse(r, "a path is neither lan nor cloud");
    if (is_repeated(r->into, path->name))
        return refuse(r, "a path is given twice");
    wtr_json_ref after = member(r, at, "after");
    path->after_command = wtr_json_is(&r->json, after, WTR_JSON_STRING);
    return path->after_command ? is_word(r, after, "command") : read_sequence(r, after, &path->sequence);
}

static bool read_paths(struct reading *r, wtr_json_ref at)
{
    struct wtr_signature *s = r->into;
    if (!wtr_json_is(&r->json, at, WTR_JSON_ARRAY))
        return refuse(r, "a list is expected");
    for (wtr_json_ref i = wtr_json_first(&r->json, at); i >= 0; i = wtr_json_next(&r->json, at, i)) {
        if (s->path_count == WTR_SIGNATURE_PATHS)
            return refuse(r, "there are too many paths");
        if (!read_path(r, i, &s->paths[s->path_count]))
            return false;
        s->path_count++;
    }
    return s->path_count > 0 || refuse(r, "a list is empty");
}

static bool read_trial(struct reading *r, wtr_json_ref at, struct wtr_trial *trial)
{
    if (!HAS_MEMBERS(r, at, "events", "found", "exposure_s", "false") ||
        !read_count(r, member(r, at, "events"), &trial->events) ||
        !read_count(r, member(r, at, "found"), &trial->found) ||
        !read_count(r, member(r, at, "false"), &trial->false_found) ||
        !read_number(r, member(r, at, "exposure_s"), 0, INT64_C(1) << 40, &trial->exposure_s))
        return false;
    return trial->found <= trial->events || refuse(r, "more were found than there were");
}

static bool read_device(struct reading *r, wtr_json_ref at)
{
    struct wtr_signature *s = r->into;
    return HAS_MEMBERS(r, at, "vendor", "models", "firmware") &&
           read_text(r, member(r, at, "vendor"), s->vendor, false) &&
           read_names(r, member(r, at, "models"), s->models, &s->model_count) &&
           read_names(r, member(r, at, "firmware"), s->firmware, &s->firmware_count);
}

static bool is_report(struct reading *r)
{
    const struct wtr_shape_sequence *q = &r->into->sequences[0];
    return (q->count == 2 && !q->steps[0].from_server && q->steps[1].from_server) ||
           refuse(r, "a report is one record from the client and one from the server");
}

static bool read_all(struct reading *r)
{
    struct wtr_signature *s = r->into;
    size_t report = 0;
    return HAS_MEMBERS(r, 0, "schema", "id", "device", "vantage", "event", "report", "paths",
                       "calibration_ms", "captures", "training", "validation") &&
           is_word(r, member(r, 0, "schema"), SCHEMA) && is_word(r, member(r, 0, "vantage"), "lan") &&
           is_word(r, member(r, 0, "event"), "cloud_report") &&
           read_text(r, member(r, 0, "id"), s->id, false) && read_device(r, member(r, 0, "device")) &&
           read_sequence(r, member(r, 0, "report"), &report) && is_report(r) &&
           read_paths(r, member(r, 0, "paths")) &&
           read_ms(r, member(r, 0, "calibration_ms"), &s->calibration_ns) &&
           read_sources(r, member(r, 0, "captures")) &&
           read_trial(r, member(r, 0, "training"), &s->training) &&
           read_trial(r, member(r, 0, "validation"), &s->validation);
}

enum wtr_status wtr_signature_read(struct wtr_signature *signature, struct wtr_text json, const char **why)
{
    struct reading r = {.into = signature};
    *signature = (struct wtr_signature){0};
    *why = "no JSON object of a signature's size";
    bool whole = json.length <= MOST_FILE && wtr_json_parse(&r.json, json) && read_all(&r);
    if (r.why)
        *why = r.why;
    bool memory = !r.scratch.failed;
    wtr_json_free(&r.json);
    wtr_buffer_free(&r.scratch);
    return whole ? WTR_OK : memory ? WTR_E_UNRECOGNISED : WTR_E_MEMORY;
}

static bool is_listed(const char (*names)[WTR_SIGNATURE_TEXT], size_t count, struct wtr_text name)
{
    for (size_t i = 0; i < count; i++)
        if (wtr_text_is(name, names[i]))
            return true;
    return false;
}

bool wtr_signature_fits(const struct wtr_signature *s, struct wtr_text model, struct wtr_text firmware)
{
    return is_listed(s->models, s->model_count, model) && is_listed(s->firmware, s->firmware_count, firmware);
}
