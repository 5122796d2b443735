/* SPDX-License-Identifier: Apache-2.0 */
/* The learner: takes records, sources and labels, and makes of them a signature with its counts. */
#include "infer/learn_internal.h"

#include "infer/statistics.h"

#include <stdlib.h>

enum { MOST_PAIRS = 1 << 22, MOST_CONNECTIONS = 1 << 20, MOST_FLOWS = 1 << 12, MOST_LABELS = 4096 };

/* Room for one more; false: no memory, or `most` are there. */
static bool has_room(void **list, size_t count, size_t *capacity, size_t size, size_t most)
{
    if (count < *capacity)
        return true;
    size_t more = *capacity ? *capacity * 2 : 16;
    void *grown = count < most ? realloc(*list, more * size) : NULL;
    if (!grown)
        return false;
    *list = grown;
    *capacity = more;
    return true;
}

#define ROOM(list, count, capacity, most)                                                                    \
    has_room((void **)&(list), (count), &(capacity), sizeof *(list), (most))

enum wtr_status wtr_learner_new(wtr_learner **learner)
{
    if (!learner)
        return WTR_E_ARGUMENT;
    *learner = calloc(1, sizeof **learner);
    return *learner ? WTR_OK : WTR_E_MEMORY;
}

void wtr_learner_free(wtr_learner *l)
{
    if (!l)
        return;
    wtr_map_free(&l->by_connection);
    free(l->pairs);
    free(l->last);
    free(l->flows);
    free(l->clients);
    free(l->sources);
    free(l->labels);
    free(l);
}

/* ---- records */

/* Cuts "address:port" at its last colon. */
static struct wtr_text address_of(struct wtr_text end, uint16_t *port)
{
    size_t at = end.length;
    while (at > 0 && end.data[at - 1] != ':')
        at--;
    uint32_t number = 0;
    for (size_t i = at; i < end.length && end.data[i] >= '0' && end.data[i] <= '9'; i++)
        number = number * 10 + (uint32_t)(end.data[i] - '0');
    *port = (uint16_t)number;
    return (struct wtr_text){end.data, at > 0 ? at - 1 : 0};
}

/* Index of the client, made if new; SIZE_MAX: no room. */
static size_t client_of(struct wtr_learner *l, struct wtr_text address)
{
    for (size_t i = l->client_count; i > 0; i--)
        if (wtr_text_is(address, l->clients[i - 1]))
            return i - 1;
    if (address.length >= WTR_SIGNATURE_TEXT ||
        !ROOM(l->clients, l->client_count, l->client_capacity, MOST_FLOWS))
        return SIZE_MAX;
    memset(l->clients[l->client_count], 0, WTR_SIGNATURE_TEXT);
    if (address.length)
        memcpy(l->clients[l->client_count], address.data, address.length);
    return l->client_count++;
}

/* The same for where the connection goes to. */
static size_t flow_of(struct wtr_learner *l, struct wtr_text name, uint16_t port)
{
    for (size_t i = l->flow_count; i > 0; i--)
        if (l->flows[i - 1].port == port && wtr_text_is(name, l->flows[i - 1].server_name))
            return i - 1;
    if (name.length >= WTR_SIGNATURE_TEXT || !ROOM(l->flows, l->flow_count, l->flow_capacity, MOST_FLOWS))
        return SIZE_MAX;
    l->flows[l->flow_count] = (struct wtr_learn_flow){.port = port};
    if (name.length)
        memcpy(l->flows[l->flow_count].server_name, name.data, name.length);
    return l->flow_count++;
}

static struct wtr_learn_last *last_of(struct wtr_learner *l, uint64_t connection)
{
    const uint64_t *at = wtr_map_find(&l->by_connection, connection);
    if (at)
        return &l->last[*at];
    if (!ROOM(l->last, l->last_count, l->last_capacity, MOST_CONNECTIONS) ||
        !wtr_map_put(&l->by_connection, connection, l->last_count))
        return NULL;
    l->last[l->last_count] = (struct wtr_learn_last){0};
    return &l->last[l->last_count++];
}

static enum wtr_status add_pair(struct wtr_learner *l, const struct wtr_shape_record *record,
                                const struct wtr_learn_last *last)
{
    uint16_t port, client_port;
    address_of(record->server, &port);
    size_t client = client_of(l, address_of(record->client, &client_port));
    size_t flow = flow_of(l, record->server_name, port);
    if (client == SIZE_MAX || flow == SIZE_MAX ||
        !ROOM(l->pairs, l->pair_count, l->pair_capacity, MOST_PAIRS))
        return WTR_E_MEMORY;
    l->pairs[l->pair_count++] = (struct wtr_pair){
        .time_ns = last->time_ns,
        .gap_ns = record->time_ns > last->time_ns ? record->time_ns - last->time_ns : 0,
        .connection = record->connection,
        .source = record->source,
        .lengths = {last->length, record->length},
        .flow = (uint32_t)flow,
        .client = (uint32_t)client,
        .from_server = last->from_server,
        .first = last->seen == 1 && !record->lost,
    };
    return WTR_OK;
}

enum wtr_status wtr_learner_record(wtr_learner *l, const struct wtr_shape_record *record)
{
    if (!l || !record)
        return WTR_E_ARGUMENT;
    struct wtr_learn_last *last = last_of(l, record->connection);
    if (!last)
        return WTR_E_MEMORY;
    enum wtr_status status = WTR_OK;
    if (last->seen > 0 && last->from_server != record->from_server && !record->lost)
        status = add_pair(l, record, last);
    *last = (struct wtr_learn_last){.time_ns = record->time_ns,
                                    .length = record->length,
                                    .from_server = record->from_server,
                                    .seen = last->seen + 1};
    return status;
}

enum wtr_status wtr_learner_source(wtr_learner *l, const char *sha256, int64_t first_ns, int64_t last_ns)
{
    if (!l || !sha256 || strlen(sha256) != 64 || last_ns < first_ns)
        return WTR_E_ARGUMENT;
    if (!ROOM(l->sources, l->source_count, l->source_capacity, WTR_SIGNATURE_SOURCES))
        return WTR_E_MEMORY;
    struct wtr_learn_source *source = &l->sources[l->source_count++];
    *source = (struct wtr_learn_source){.first_ns = first_ns, .last_ns = last_ns};
    memcpy(source->sha256, sha256, 65);
    return WTR_OK;
}

enum wtr_status wtr_learner_label(wtr_learner *l, const struct wtr_label *label)
{
    if (!l || !label)
        return WTR_E_ARGUMENT;
    if (!ROOM(l->labels, l->label_count, l->label_capacity, MOST_LABELS))
        return WTR_E_MEMORY;
    size_t at = l->label_count++;
    for (; at > 0 && l->labels[at - 1].time_ns > label->time_ns; at--)
        l->labels[at] = l->labels[at - 1];
    l->labels[at] = *label;
    return WTR_OK;
}

/* ---- learning */

static bool *device_clients(const struct wtr_learner *l, const struct wtr_learn_device *device)
{
    bool *is_device = calloc(l->client_count ? l->client_count : 1, sizeof *is_device);
    for (size_t i = 0; is_device && i < l->client_count; i++)
        for (size_t k = 0; k < device->address_count; k++)
            is_device[i] = is_device[i] || strcmp(l->clients[i], device->addresses[k]) == 0;
    return is_device;
}

static bool is_shared(const struct wtr_learner *l, const struct wtr_pair *const *reports, size_t which)
{
    const struct wtr_label *own = &l->labels[which];
    for (size_t i = 0; i < l->label_count; i++) {
        const struct wtr_label *other = &l->labels[i];
        if (reports[i] && !other->validation && other->cloud == own->cloud && other->on != own->on &&
            memcmp(reports[i]->lengths, reports[which]->lengths, sizeof reports[i]->lengths) == 0)
            return true;
    }
    return false;
}

static struct wtr_path_counts count_path(const struct wtr_learner *l, const struct wtr_pair *const *reports,
                                         bool cloud)
{
    struct wtr_path_counts counts = {0};
    for (size_t i = 0; i < l->label_count; i++) {
        if (!reports[i] || l->labels[i].validation || l->labels[i].cloud != cloud)
            continue;
        *(l->labels[i].on ? &counts.on : &counts.off) += 1;
        counts.shared += is_shared(l, reports, i);
    }
    return counts;
}

static void add_path(struct wtr_signature *s, const char *name, bool cloud, size_t sequence,
                     struct wtr_path_counts counts)
{
    struct wtr_signature_path *path = &s->paths[s->path_count++];
    *path = (struct wtr_signature_path){
        .after_command = !cloud, .sequence = sequence, .within_ns = wtr_learn_within_ns, .counts = counts};
    memcpy(path->name, name, strlen(name) + 1);
}

static void add_paths(const struct wtr_learner *l, const bool *device, const struct wtr_pair *const *reports,
                      const struct wtr_pair **marks, struct wtr_signature *s)
{
    struct wtr_path_counts lan = count_path(l, reports, false), cloud = count_path(l, reports, true);
    if (lan.on + lan.off > 0)
        add_path(s, "lan", false, 0, lan);
    if (cloud.on + cloud.off == 0 || !wtr_learn_cluster(l, device, true, reports, marks))
        return;
    wtr_learn_sequence(l, marks, true, &s->sequences[s->sequence_count]);
    add_path(s, "cloud", true, s->sequence_count++, cloud);
}

static struct wtr_learn_trial bounds_of(const struct wtr_trial *trial)
{
    struct wtr_interval recall = {0, 1000000};
    struct wtr_learn_trial bounds = {.events = trial->events,
                                     .found = trial->found,
                                     .exposure_s = trial->exposure_s,
                                     .false_found = trial->false_found};
    wtr_clopper_pearson(trial->found, trial->events, &recall);
    bounds.recall_low_micro = recall.low_micro;
    bounds.recall_high_micro = recall.high_micro;
    bounds.has_rate = wtr_rate_bound(trial->false_found, trial->exposure_s, &bounds.rate_high_micro);
    return bounds;
}

static void tell(const struct wtr_signature *s, struct wtr_learned *learned)
{
    *learned =
        (struct wtr_learned){.training = bounds_of(&s->training), .validation = bounds_of(&s->validation)};
    for (size_t i = 0; i < s->path_count; i++) {
        const struct wtr_path_counts *c = &s->paths[i].counts;
        size_t at = s->paths[i].after_command ? 0 : 1;
        learned->path[at].on = c->on;
        learned->path[at].off = c->off;
        learned->path[at].shared = c->shared;
        int64_t on = wtr_likelihood_ratio(c->on, c->on, 0, c->off);
        int64_t off = wtr_likelihood_ratio(c->off, c->off, 0, c->on);
        learned->path[at].likelihood_micro = c->shared > 0 ? 0 : on < off ? on : off;
    }
}

static enum wtr_status learn(const struct wtr_learner *l, const bool *device, const struct wtr_pair **reports,
                             const struct wtr_pair **marks, struct wtr_signature *s, const char **why)
{
    *s = (struct wtr_signature){.calibration_ns = INT64_C(10000000000)};
    *why = "no pair of records follows nine in ten of the labelled switchings";
    if (!wtr_learn_cluster(l, device, false, NULL, reports))
        return WTR_E_UNRECOGNISED;
    wtr_learn_sequence(l, reports, false, &s->sequences[s->sequence_count++]);
    wtr_learn_try(l, device, &s->sequences[0], reports, &s->training, &s->validation);
    add_paths(l, device, reports, marks, s);
    *why = "the switchings over no path can be told from others";
    return s->path_count > 0 ? WTR_OK : WTR_E_UNRECOGNISED;
}

enum wtr_status wtr_learner_learn(wtr_learner *l, const struct wtr_learn_device *device, wtr_write_fn *write,
                                  void *payload, struct wtr_learned *learned, const char **why)
{
    if (!l || !device || !write || !learned || !why || l->label_count == 0 || l->source_count == 0)
        return WTR_E_ARGUMENT;
    bool *is_device = device_clients(l, device);
    const struct wtr_pair **reports =
        (const struct wtr_pair **)calloc(2 * l->label_count, sizeof(const struct wtr_pair *));
    struct wtr_signature *s = malloc(sizeof *s);
    enum wtr_status status = WTR_E_MEMORY;
    if (is_device && reports && s)
        status = learn(l, is_device, reports, reports + l->label_count, s, why);
    if (status == WTR_OK) {
        tell(s, learned);
        status = wtr_learn_write(l, device, s, write, payload);
    }
    free(is_device);
    free((void *)reports);
    free(s);
    return status;
}
