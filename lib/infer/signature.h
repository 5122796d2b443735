/* SPDX-License-Identifier: Apache-2.0 */
/* A signature: the shape that a device's enciphered traffic has when something happens to it, and the counts
 * from which it was learned. It is data, read strictly from JSON (docs/inference.md has the members): a
 * member that is unknown, missing or out of range refuses the whole file, because a signature that is half
 * understood would claim what it was never tested for. */
#ifndef WTR_INFER_SIGNATURE_H
#define WTR_INFER_SIGNATURE_H

#include "base/text.h"
#include "wattrail/status.h"

enum {
    WTR_SHAPE_STEPS = 8,        /* records in a sequence */
    WTR_SHAPE_SEQUENCES = 4,    /* of a signature: the report's, and one for each path that has its own */
    WTR_SIGNATURE_PATHS = 3,    /* trigger paths */
    WTR_SIGNATURE_NAMES = 16,   /* models or firmware versions */
    WTR_SIGNATURE_TEXT = 96,    /* longest name, with its NUL */
    WTR_SIGNATURE_SOURCES = 64, /* captures that it was learned from */
};

/* One record: who sent it, and between which lengths its body is. */
struct wtr_shape_step {
    bool from_server;
    uint32_t min, max;
};

/* Application-data records of one connection, one right behind the other. */
struct wtr_shape_sequence {
    uint16_t port;                        /* the server's */
    char server_name[WTR_SIGNATURE_TEXT]; /* that the client asked for; empty: it asked for none */
    bool first;                           /* they are the connection's first */
    size_t count;
    struct wtr_shape_step steps[WTR_SHAPE_STEPS];
    int64_t max_gap_ns; /* between two neighbours */
};

/* Labelled switchings of one path in the training captures. */
struct wtr_path_counts {
    uint32_t on, off;
    uint32_t shared; /* of these, how many had a pair of lengths that the other state had, too */
};

/* What makes a report one of a command over this path: what came before it. */
struct wtr_signature_path {
    char name[WTR_SIGNATURE_TEXT]; /* "lan", "cloud" */
    bool after_command;            /* a command in clear; else the sequence */
    size_t sequence;               /* index within the signature */
    int64_t within_ns;
    struct wtr_path_counts counts;
};

/* How often the shape was found where it had to be, and where nothing was switched. */
struct wtr_trial {
    uint32_t events, found, false_found;
    int64_t exposure_s;
};

struct wtr_signature {
    char id[WTR_SIGNATURE_TEXT];
    char vendor[WTR_SIGNATURE_TEXT];
    size_t model_count, firmware_count, source_count;
    char models[WTR_SIGNATURE_NAMES][WTR_SIGNATURE_TEXT];
    char firmware[WTR_SIGNATURE_NAMES][WTR_SIGNATURE_TEXT];
    uint8_t sources[WTR_SIGNATURE_SOURCES][32]; /* SHA-256 of what it was learned from */
    size_t sequence_count;
    struct wtr_shape_sequence sequences[WTR_SHAPE_SEQUENCES]; /* 0: the report: request, then response */
    size_t path_count;
    struct wtr_signature_path paths[WTR_SIGNATURE_PATHS];
    int64_t calibration_ns;                /* how soon after a report a state in clear is the report's */
    struct wtr_trial training, validation; /* validation.events 0: it was not validated */
};

/* Reads one signature. On WTR_E_UNRECOGNISED *why is a constant sentence fragment that says what is wrong. */
enum wtr_status wtr_signature_read(struct wtr_signature *signature, struct wtr_text json, const char **why);

/* Whether it was learned for this model and this firmware. */
bool wtr_signature_fits(const struct wtr_signature *signature, struct wtr_text model,
                        struct wtr_text firmware);

/* The signatures that ship with the library, as JSON texts, ended by an empty one. */
extern const struct wtr_text wtr_shipped_signatures[];

#endif
