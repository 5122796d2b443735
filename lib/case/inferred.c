/* SPDX-License-Identifier: Apache-2.0 */
/* From shapes to inferred events, once all evidence is read and devices have their names. The sorted items
 * are gone through twice: for the devices that have a report's shape, and then for what was said of these.
 * So a report is judged by what its own device said in clear, in whichever source. */
#include "case/case_internal.h"
#include "infer/calibrate.h"
#include "wattrail/field.h"

#include <stdlib.h>

enum { MOST_REPORTS = 1 << 13, MOST_TRACKED = 1 << 10 };

/* What is known of a device that has reports, from the sources that share one scale of time: what it said a
 * year before calibrates nothing. */
struct tracked {
    uint32_t device;
    bool identified, varied; /* by its own words; model or firmware were not always the same */
    char model[WTR_SIGNATURE_TEXT], firmware[WTR_SIGNATURE_TEXT];
    int64_t command_ns;                    /* the last command in clear; INT64_MIN: none */
    int64_t shape_ns[WTR_SHAPE_SEQUENCES]; /* the last match of each sequence of its last signature */
    uint32_t shape_signature[WTR_SHAPE_SEQUENCES];
    size_t pending; /* the report that waits for a state in clear, from 1; 0: none */
};

/* A report as it was found, and its item for when it is judged. */
struct found {
    size_t tracked;
    struct wtr_key key;
    int64_t since_ns; /* what came before it; INT64_MIN: nothing did */
    uint8_t segment[16];
};

struct inference {
    struct wtr_case *c;
    struct wtr_map by_device; /* and scale, to index in `tracked` */
    struct tracked *tracked;
    size_t tracked_count;
    struct wtr_report *reports;
    struct found *found;
    size_t count, judged;
    bool full; /* there are more than are kept */
    struct wtr_sorter *out;
    struct wtr_item item, made;
    struct wtr_buffer packed;
};

typedef enum wtr_status each_item(struct inference *f, const struct wtr_key *key, struct wtr_text packed,
                                  const struct wtr_statement *fixed);

static enum wtr_status go_through(struct inference *f, each_item *each)
{
    struct wtr_sorted *sorted = NULL;
    enum wtr_status status = wtr_sorted_open(&sorted, f->c->items);
    while (status == WTR_OK) {
        const void *at;
        struct wtr_text packed, channel;
        struct wtr_key key;
        struct wtr_statement fixed;
        status = wtr_sorted_next(sorted, &at, &packed);
        if (status != WTR_OK)
            break;
        memcpy(&key, at, sizeof key);
        status =
            wtr_item_peek(&key, packed, &fixed, &channel) ? each(f, &key, packed, &fixed) : WTR_E_INTERNAL;
    }
    wtr_sorted_close(sorted);
    return status == WTR_END ? WTR_OK : status;
}

static uint32_t same_device(const struct inference *f, uint32_t device)
{
    return device < f->c->devices.count ? f->c->devices.list[device].same_as : WTR_NO_DEVICE;
}

static uint64_t tracked_key(const struct inference *f, const struct wtr_statement *fixed,
                            const struct wtr_key *key)
{
    return (uint64_t)same_device(f, fixed->device) << 32 | f->c->clocks[key->source].scale;
}

static struct tracked *tracked_of(const struct inference *f, const struct wtr_statement *fixed,
                                  const struct wtr_key *key)
{
    const uint64_t *at = wtr_map_find(&f->by_device, tracked_key(f, fixed, key));
    return at ? &f->tracked[*at] : NULL;
}

/* ---- first: whose shapes there are */

static enum wtr_status track(struct inference *f, const struct wtr_key *key, struct wtr_text packed,
                             const struct wtr_statement *fixed)
{
    (void)packed;
    if (fixed->type != WTR_ITEM_SHAPE || tracked_of(f, fixed, key))
        return WTR_OK;
    if (f->tracked_count == MOST_TRACKED) {
        f->full = true;
        return WTR_OK;
    }
    if (!wtr_map_put(&f->by_device, tracked_key(f, fixed, key), f->tracked_count))
        return WTR_E_MEMORY;
    struct tracked *t = &f->tracked[f->tracked_count++];
    *t = (struct tracked){.device = same_device(f, fixed->device), .command_ns = INT64_MIN};
    for (size_t i = 0; i < WTR_SHAPE_SEQUENCES; i++)
        t->shape_ns[i] = INT64_MIN;
    return WTR_OK;
}

/* ---- second: what they are, and what was said in clear */

static bool keep_text(char to[WTR_SIGNATURE_TEXT], struct wtr_text text)
{
    if (text.length == 0 || text.length >= WTR_SIGNATURE_TEXT)
        return false;
    memcpy(to, text.data, text.length);
    to[text.length] = '\0';
    return true;
}

static void identify(struct tracked *t, const struct wtr_item *item)
{
    const struct wtr_value *model = wtr_item_value(item, WTR_FIELD_MODEL);
    const struct wtr_value *firmware = wtr_item_value(item, WTR_FIELD_FIRMWARE);
    if (!model || !firmware)
        return;
    bool same = wtr_text_is(model->text, t->model) && wtr_text_is(firmware->text, t->firmware);
    if (t->identified && !same)
        t->varied = true;
    if (!t->identified)
        t->identified = keep_text(t->model, model->text) && keep_text(t->firmware, firmware->text);
}

/* The first state that a device says in clear soon after a report, with nothing between them, is what the
 * report told. */
static void calibrate(struct inference *f, struct tracked *t, const struct wtr_item *item)
{
    unsigned unfit =
        WTR_FLAG_RETAINED | WTR_FLAG_PAST | WTR_FLAG_BOUNDED | WTR_FLAG_STORED | WTR_FLAG_DERIVED;
    const struct wtr_value *state = wtr_item_value(item, WTR_FIELD_STATE);
    if (item->fixed.flags & unfit || !state || t->pending == 0)
        return;
    struct wtr_report *report = &f->reports[t->pending - 1];
    int64_t report_ns = f->found[t->pending - 1].key.time_ns;
    t->pending = 0;
    if (item->fixed.key.time_ns - report_ns > f->c->signatures[report->signature].calibration_ns)
        return;
    if (wtr_text_is(state->text, "on"))
        report->clear = WTR_TELLS_ON;
    else if (wtr_text_is(state->text, "off"))
        report->clear = WTR_TELLS_OFF;
}

static void take_statement(struct inference *f, struct tracked *t)
{
    const struct wtr_item *item = &f->item;
    switch ((enum wtr_kind)item->fixed.kind) {
    case WTR_KIND_DEVICE_IDENTITY:
        identify(t, item);
        break;
    case WTR_KIND_POWER_COMMAND:
        t->command_ns = item->fixed.key.time_ns;
        t->pending = 0;
        break;
    case WTR_KIND_POWER_STATE:
        calibrate(f, t, item);
        break;
    default:
        break;
    }
}

/* The one path whose mark came shortly before; WTR_NO_PATH: none, or several. */
static int path_of(const struct tracked *t, const struct wtr_signature *s, uint32_t signature,
                   int64_t time_ns, int64_t *since_ns)
{
    int path = WTR_NO_PATH;
    *since_ns = INT64_MIN;
    for (size_t i = 0; i < s->path_count; i++) {
        const struct wtr_signature_path *p = &s->paths[i];
        bool own = !p->after_command && t->shape_signature[p->sequence] == signature;
        int64_t mark = p->after_command ? t->command_ns : own ? t->shape_ns[p->sequence] : INT64_MIN;
        if (mark == INT64_MIN || mark > time_ns || time_ns - mark > p->within_ns)
            continue;
        *since_ns = path == WTR_NO_PATH ? mark : INT64_MIN;
        if (path != WTR_NO_PATH)
            return WTR_NO_PATH;
        path = (int)i;
    }
    return path;
}

/* The same records were seen before, at another port or in another file. */
static bool is_copy(const struct inference *f, const struct wtr_statement *fixed, size_t tracked)
{
    static const uint8_t none[16];
    enum { LOOK_BACK = 16 };
    if (memcmp(fixed->segment, none, sizeof none) == 0)
        return false;
    for (size_t i = f->count, n = 0; i > 0 && n < LOOK_BACK; i--, n++)
        if (f->found[i - 1].tracked == tracked &&
            memcmp(f->found[i - 1].segment, fixed->segment, sizeof none) == 0)
            return true;
    return false;
}

static void take_report(struct inference *f, struct tracked *t, uint32_t signature)
{
    const struct wtr_statement *fixed = &f->item.fixed;
    if (f->count == MOST_REPORTS) {
        f->full = true;
        return;
    }
    struct found *found = &f->found[f->count];
    struct wtr_report *report = &f->reports[f->count];
    found->tracked = (size_t)(t - f->tracked);
    found->key = fixed->key;
    memcpy(found->segment, fixed->segment, sizeof found->segment);
    *report = (struct wtr_report){
        .device = (uint32_t)found->tracked,
        .signature = signature,
        .request = (uint32_t)f->item.values[WTR_SHAPE_REQUEST].number,
        .response = (uint32_t)f->item.values[WTR_SHAPE_RESPONSE].number,
        .copy = is_copy(f, fixed, found->tracked),
    };
    report->path = path_of(t, &f->c->signatures[signature], signature, fixed->key.time_ns, &found->since_ns);
    f->count++;
    if (!report->copy)
        t->pending = f->count;
}

static void take_shape(struct inference *f, struct tracked *t)
{
    const struct wtr_value *v = f->item.values;
    uint32_t signature = (uint32_t)v[WTR_SHAPE_SIGNATURE].number;
    size_t sequence = (size_t)v[WTR_SHAPE_SEQUENCE].number;
    t->shape_ns[sequence] = f->item.fixed.key.time_ns;
    t->shape_signature[sequence] = signature;
    if (sequence == 0)
        take_report(f, t, signature);
}

static enum wtr_status collect(struct inference *f, const struct wtr_key *key, struct wtr_text packed,
                               const struct wtr_statement *fixed)
{
    bool of_use = fixed->type == WTR_ITEM_SHAPE || fixed->type == WTR_ITEM_STATEMENT;
    struct tracked *t = of_use ? tracked_of(f, fixed, key) : NULL;
    if (!t)
        return WTR_OK;
    if (!wtr_item_unpack(key, packed, &f->item))
        return WTR_E_INTERNAL;
    if (fixed->type == WTR_ITEM_SHAPE)
        take_shape(f, t);
    else
        take_statement(f, t);
    return WTR_OK;
}

/* ---- third: the items again, with what is inferred in the shapes' place */

static void put_text(struct wtr_item *item, enum wtr_field field, const char *text)
{
    item->values[item->value_count++] =
        (struct wtr_value){.field = field, .type = WTR_VALUE_TEXT, .text = wtr_text_z(text)};
}

static void put_number(struct wtr_item *item, enum wtr_field field, int64_t number)
{
    item->values[item->value_count++] =
        (struct wtr_value){.field = field, .type = WTR_VALUE_INTEGER, .number = number};
}

static void put_true(struct wtr_item *item, enum wtr_field field)
{
    item->values[item->value_count++] =
        (struct wtr_value){.field = field, .type = WTR_VALUE_BOOLEAN, .number = 1};
}

static bool is_trained_here(const struct inference *f, const struct wtr_signature *s, uint32_t source)
{
    for (size_t i = 0; i < s->source_count; i++)
        if (memcmp(s->sources[i], f->c->sources[source]->sha256, sizeof s->sources[i]) == 0)
            return true;
    return false;
}

static void put_counts(struct inference *f, const struct wtr_signature *s, const struct wtr_verdict *v)
{
    struct wtr_item *item = &f->made;
    put_number(item, WTR_FIELD_CLEAR_ON_N, v->clear_on);
    put_number(item, WTR_FIELD_CLEAR_OFF_N, v->clear_off);
    if (v->told != WTR_TELLS_NOTHING)
        put_number(item, WTR_FIELD_PAIR_N, v->told == WTR_TELLS_ON ? v->pair_on : v->pair_off);
    put_number(item, WTR_FIELD_TRAINED_N, s->training.events);
    put_number(item, WTR_FIELD_TRAINED_FOUND_N, s->training.found);
    put_number(item, WTR_FIELD_EXPOSURE_S, s->training.exposure_s);
    put_number(item, WTR_FIELD_FALSE_N, s->training.false_found);
    if (is_trained_here(f, s, item->fixed.key.source))
        put_true(item, WTR_FIELD_TRAINED_HERE);
}

static void put_verdict(struct inference *f, size_t which)
{
    const struct wtr_report *report = &f->reports[which];
    const struct wtr_signature *s = &f->c->signatures[report->signature];
    struct wtr_verdict v = wtr_calibrate(f->reports, f->count, which, s);
    struct wtr_item *item = &f->made;
    put_text(item, WTR_FIELD_STATE,
             v.told == WTR_TELLS_ON    ? "on"
             : v.told == WTR_TELLS_OFF ? "off"
                                       : "unknown");
    put_text(item, WTR_FIELD_TRIGGER_PATH,
             report->path == WTR_NO_PATH ? "unknown" : s->paths[report->path].name);
    put_text(item, WTR_FIELD_SIGNATURE, s->id);
    if (v.told != WTR_TELLS_NOTHING)
        item->values[item->value_count++] = (struct wtr_value){
            .field = WTR_FIELD_LIKELIHOOD_RATIO, .type = WTR_VALUE_DECIMAL, .number = v.likelihood_micro};
    if (report->clear != WTR_TELLS_NOTHING)
        put_true(item, WTR_FIELD_CALIBRATION);
    put_number(item, WTR_FIELD_REQUEST_LENGTH, report->request);
    put_number(item, WTR_FIELD_RESPONSE_LENGTH, report->response);
    put_counts(f, s, &v);
}

static enum wtr_status say_report(struct inference *f, size_t which)
{
    struct wtr_item *item = &f->made;
    const struct found *found = &f->found[which];
    *item = f->item;
    item->value_count = 0;
    item->fixed.type = WTR_ITEM_STATEMENT;
    item->fixed.kind = WTR_KIND_POWER_STATE;
    item->fixed.inferred = 1;
    item->fixed.device = f->tracked[found->tracked].device;
    if (found->since_ns != INT64_MIN) {
        item->fixed.flags |= WTR_FLAG_EARLIEST;
        item->fixed.earliest_ns = found->since_ns;
    }
    put_verdict(f, which);
    wtr_buffer_clear(&f->packed);
    wtr_item_pack(item, &f->packed);
    return f->packed.failed ? WTR_E_MEMORY
                            : wtr_sorter_add(f->out, &item->fixed.key, wtr_buffer_text(&f->packed));
}

/* A signature speaks of the model and the firmware for which it was learned, and of no other. */
static bool is_of(const struct inference *f, size_t which)
{
    const struct tracked *t = &f->tracked[f->found[which].tracked];
    const struct wtr_signature *s = &f->c->signatures[f->reports[which].signature];
    return t->identified && !t->varied &&
           wtr_signature_fits(s, wtr_text_z(t->model), wtr_text_z(t->firmware));
}

static enum wtr_status rewrite(struct inference *f, const struct wtr_key *key, struct wtr_text packed,
                               const struct wtr_statement *fixed)
{
    if (fixed->type != WTR_ITEM_SHAPE)
        return wtr_sorter_add(f->out, key, packed);
    bool next = f->judged < f->count && wtr_key_compare(&f->found[f->judged].key, key) == 0;
    if (!next)
        return WTR_OK;
    size_t which = f->judged++;
    if (!is_of(f, which))
        return WTR_OK;
    return wtr_item_unpack(key, packed, &f->item) ? say_report(f, which) : WTR_E_INTERNAL;
}

/* ---- */

static enum wtr_status infer(struct inference *f)
{
    struct wtr_case *c = f->c;
    f->tracked = calloc(MOST_TRACKED, sizeof *f->tracked);
    f->reports = calloc(MOST_REPORTS, sizeof *f->reports);
    f->found = calloc(MOST_REPORTS, sizeof *f->found);
    enum wtr_status status = f->tracked && f->reports && f->found ? go_through(f, track) : WTR_E_MEMORY;
    if (status == WTR_OK && f->tracked_count == 0)
        return WTR_OK;
    if (status == WTR_OK)
        status = go_through(f, collect);
    if (status == WTR_OK)
        status = wtr_sorter_new(&f->out, sizeof(struct wtr_key), wtr_key_compare_any, c->options.memory,
                                c->options.temporary);
    if (status == WTR_OK)
        status = go_through(f, rewrite);
    if (status == WTR_OK)
        status = wtr_sorter_seal(f->out);
    if (status != WTR_OK)
        return status;
    wtr_sorter_free(c->items);
    c->items = f->out;
    f->out = NULL;
    c->partial |= f->full;
    return WTR_OK;
}

enum wtr_status wtr_case_infer(struct wtr_case *c)
{
    struct inference *f = calloc(1, sizeof *f);
    if (!f)
        return WTR_E_MEMORY;
    f->c = c;
    enum wtr_status status = infer(f);
    wtr_sorter_free(f->out);
    wtr_map_free(&f->by_device);
    wtr_buffer_free(&f->packed);
    free(f->tracked);
    free(f->reports);
    free(f->found);
    free(f);
    return status;
}
