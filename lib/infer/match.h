/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a signature's sequences among the application-data records of one connection, as they come. Of a
 * connection no more is kept than its last few records. */
#ifndef WTR_INFER_MATCH_H
#define WTR_INFER_MATCH_H

#include "infer/signature.h"
#include "model/span.h"

/* A record: its time, sender, length and place. */
struct wtr_shape {
    int64_t time_ns;
    bool from_server;
    uint32_t length;
    struct wtr_origin origin;
};

/* The last records of a connection. Zero-initialise. */
struct wtr_shape_window {
    struct wtr_shape last[WTR_SHAPE_STEPS]; /* a ring */
    uint64_t seen;                          /* records so far */
    bool broken;                            /* bytes were lost: what is first is not known */
};

void wtr_shape_add(struct wtr_shape_window *window, const struct wtr_shape *shape);
/* Bytes were lost: what comes next does not follow what came before. */
void wtr_shape_break(struct wtr_shape_window *window);
/* The record `back` places before the last one; NULL: there is none. */
const struct wtr_shape *wtr_shape_back(const struct wtr_shape_window *window, size_t back);
/* Whether the last records are the sequence. */
bool wtr_shape_matches(const struct wtr_shape_window *window, const struct wtr_shape_sequence *sequence);

#endif
