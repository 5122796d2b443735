/* SPDX-License-Identifier: Apache-2.0 */
/** @file learn.h Learns a signature from records of enciphered streams and labelled switchings. */
#ifndef WATTRAIL_LEARN_H
#define WATTRAIL_LEARN_H

#include "wattrail/case.h"
#include "wattrail/writer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What has been given to learn from. Opaque. */
typedef struct wtr_learner wtr_learner;

/** A switching whose time and kind are known from elsewhere. */
struct wtr_label {
    int64_t time_ns; /**< when it was asked for, on the captures' clock */
    bool on;         /**< the state that it led to */
    bool cloud;      /**< asked for over the cloud; else by a command over the local network */
    bool validation; /**< not to learn from, but to try on what was learned */
};

/** The device that the signature is for. */
struct wtr_learn_device {
    const char *id; /**< the signature's */
    const char *vendor;
    const char *model;
    const char *firmware;
    const char *const *addresses; /**< its IP addresses in the captures, as text */
    size_t address_count;
};

/** How a signature did, in a trial: counts, and what they support with 95 % confidence. */
struct wtr_learn_trial {
    uint32_t events, found;
    int64_t recall_low_micro;  /**< Clopper and Pearson's interval for found / events, millionths */
    int64_t recall_high_micro; /**< with no events 0 to 1 */
    int64_t exposure_s;        /**< time outside the labelled switchings */
    uint32_t false_found;
    bool has_rate;           /**< there was exposure */
    int64_t rate_high_micro; /**< at most so many false matches an hour (one-sided) */
};

/** What was learned. */
struct wtr_learned {
    struct wtr_learn_trial training, validation;
    /** Of each path, local network and cloud: labelled reports of ON and OFF that were found, those that had
     * the lengths of the other state, and the likelihood ratio that so many support, for a state against the
     * other, in millionths (0: none). */
    struct {
        uint32_t on, off, shared;
        int64_t likelihood_micro;
    } path[2];
};

/** WTR_E_MEMORY. */
WTR_API enum wtr_status wtr_learner_new(wtr_learner **learner);
/** Frees it. NULL is allowed. */
WTR_API void wtr_learner_free(wtr_learner *learner);
/** Takes a record (wtr_options.shape). WTR_E_MEMORY. */
WTR_API enum wtr_status wtr_learner_record(wtr_learner *learner, const struct wtr_shape_record *record);
/** Takes a source's hash (64 hexadecimal digits) and from when to when it lasts. WTR_E_ARGUMENT,
 * WTR_E_MEMORY. */
WTR_API enum wtr_status wtr_learner_source(wtr_learner *learner, const char *sha256, int64_t first_ns,
                                           int64_t last_ns);
/** Takes a labelled switching. */
WTR_API enum wtr_status wtr_learner_label(wtr_learner *learner, const struct wtr_label *label);
/** Learns, and writes the signature as JSON. WTR_E_UNRECOGNISED where nothing occurs after nine in ten of the
 * labelled switchings; *why then says what is missing. WTR_E_ARGUMENT, WTR_E_MEMORY, WTR_E_WRITE. */
WTR_API enum wtr_status wtr_learner_learn(wtr_learner *learner, const struct wtr_learn_device *device,
                                          wtr_write_fn *write, void *payload, struct wtr_learned *learned,
                                          const char **why);

#ifdef __cplusplus
}
#endif

#endif
