/* SPDX-License-Identifier: Apache-2.0 */
/* Which state a report of a device tells, by what the device itself said in clear in the same evidence.
 *
 * The lengths of a report's request and response depend on the state, but also on the server's headers, the
 * account and the path over which the switching was asked for, so that no table of lengths carries over: in
 * captures of one model, a remote ON has the request length of a local OFF. What does carry over is that, on
 * one device, over one path, a pair of lengths that the device itself accounted for stands for the same state
 * again. Only such a pair tells a state; everything else is unknown. */
#ifndef WTR_INFER_CALIBRATE_H
#define WTR_INFER_CALIBRATE_H

#include "infer/signature.h"

enum { WTR_NO_PATH = -1 };

enum wtr_told { WTR_TELLS_NOTHING, WTR_TELLS_OFF, WTR_TELLS_ON };

/* A report as it was found. */
struct wtr_report {
    uint32_t device;    /* in one capture: whichever number the caller gives it there */
    uint32_t signature; /* whichever the caller numbers so */
    int path;           /* index within the signature; WTR_NO_PATH: none, or several fit */
    uint32_t request, response;
    enum wtr_told clear; /* what the device said in clear right after it */
    bool copy;           /* of an earlier one, seen elsewhere: it counts for nothing */
};

/* What a report tells, and on what that rests. */
struct wtr_verdict {
    enum wtr_told told;
    int64_t likelihood_micro; /* 0: nothing is told */
    /* Reports of its path that the device accounted for in clear, and those of them with its very lengths. */
    uint32_t clear_on, clear_off, pair_on, pair_off;
};

/* Judges reports[which] by all of them. */
struct wtr_verdict wtr_calibrate(const struct wtr_report *reports, size_t count, size_t which,
                                 const struct wtr_signature *signature);

#endif
