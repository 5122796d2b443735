/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the learner share: the pairs of neighbouring records that were seen, and the labels. */
#ifndef WTR_INFER_LEARN_INTERNAL_H
#define WTR_INFER_LEARN_INTERNAL_H

#include "base/map.h"
#include "infer/signature.h"
#include "wattrail/learn.h"

/* A labelled switching's report comes within this; a command and its mark in the cloud come that soon before
 * the report. */
static const int64_t wtr_learn_window_ns = INT64_C(15000000000);
static const int64_t wtr_learn_within_ns = INT64_C(2000000000);

/* Two neighbouring records of a connection, from different ends. */
struct wtr_pair {
    int64_t time_ns, gap_ns;
    uint64_t connection;
    uint32_t source;
    uint32_t lengths[2];
    uint32_t flow; /* index of where it goes to */
    uint32_t client;
    bool from_server; /* the first of the two */
    bool first;       /* it is the connection's first record */
};

/* Where connections go to: a port and a name, as in a sequence. */
struct wtr_learn_flow {
    uint16_t port;
    char server_name[WTR_SIGNATURE_TEXT];
};

struct wtr_learn_source {
    char sha256[65];
    int64_t first_ns, last_ns;
};

/* The last record of a connection. */
struct wtr_learn_last {
    int64_t time_ns;
    uint32_t length;
    bool from_server;
    uint64_t seen;
};

struct wtr_learner {
    struct wtr_pair *pairs;
    size_t pair_count, pair_capacity;
    struct wtr_map by_connection; /* to index in `last` */
    struct wtr_learn_last *last;
    size_t last_count, last_capacity;
    struct wtr_learn_flow *flows;
    size_t flow_count, flow_capacity;
    char (*clients)[WTR_SIGNATURE_TEXT];
    size_t client_count, client_capacity;
    struct wtr_learn_source *sources;
    size_t source_count, source_capacity;
    struct wtr_label *labels;
    size_t label_count, label_capacity;
};

/* One kind of pair, as it was found after the labels. */
struct wtr_cluster {
    const struct wtr_pair *seed;
    size_t labels;      /* that it follows */
    size_t occurrences; /* in all */
};

/* learn_cluster.c: the kind of pair that most of the training labels of the path have, which for a report
 * means after the label, for a mark (`reports` not NULL: the label's report) shortly before that. `chosen`
 * has each label's pair, NULL where it has none; `device` says which clients are the device. False: none is
 * there for nine in ten. */
bool wtr_learn_cluster(const struct wtr_learner *l, const bool *device, bool marks,
                       const struct wtr_pair *const *reports, const struct wtr_pair **chosen);
/* Whether label i is one of those that are asked for: training, and with marks of the cloud alone. */
bool wtr_learn_is_asked(const struct wtr_learner *l, size_t label, bool marks);
/* The sequence that all chosen pairs of training labels fit. */
void wtr_learn_sequence(const struct wtr_learner *l, const struct wtr_pair *const *chosen, bool marks,
                        struct wtr_shape_sequence *sequence);
/* Whether the pair fits the sequence. */
bool wtr_learn_fits(const struct wtr_learner *l, const struct wtr_pair *pair,
                    const struct wtr_shape_sequence *sequence);

/* learn_trial.c: tries the report on all labels; chosen[i] becomes the report of label i. */
void wtr_learn_try(const struct wtr_learner *l, const bool *device, const struct wtr_shape_sequence *report,
                   const struct wtr_pair **chosen, struct wtr_trial *training, struct wtr_trial *validation);

/* learn_write.c */
enum wtr_status wtr_learn_write(const struct wtr_learner *l, const struct wtr_learn_device *device,
                                const struct wtr_signature *signature, wtr_write_fn *write, void *payload);

#endif
