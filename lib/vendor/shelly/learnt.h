/* SPDX-License-Identifier: Apache-2.0 */
/* What a source has taught about its Shelly devices: under which topic prefixes they talk, which device
 * stands behind a prefix, and what was asked last, so that an answer that does not repeat the question can be
 * read. Bounded; what no longer fits is not learnt, which only costs certainty. */
#ifndef WTR_VENDOR_SHELLY_LEARNT_H
#define WTR_VENDOR_SHELLY_LEARNT_H

#include "base/map.h"
#include "vendor/shelly/coiot.h"
#include "vendor/shelly/reading.h"

/* The firmware's own limit for a topic prefix is 300 characters. */
enum {
    WTR_SHELLY_MAX_BASE = 300,
    WTR_SHELLY_MAX_BASES = 1 << 13,
    WTR_SHELLY_REQUESTS = 64,
    WTR_SHELLY_MAX_ENDS = 1 << 13
};

/* A topic without its ending. */
struct wtr_shelly_base {
    struct wtr_text text; /* owned */
    bool introduced;      /* a device of this family was seen to talk under it */
    bool left; /* "false" was last published by a client, so that what the broker delivers is no last will */
};

/* What an answer has in common with its request: the asking party's name and the frame's number, as written.
 */
struct wtr_shelly_frame_id {
    wtr_device_ref device;
    struct wtr_text src;
    struct wtr_text id;
};

enum { WTR_SHELLY_MAX_SRC = 96, WTR_SHELLY_MAX_ID = 24, WTR_SHELLY_MAX_COMPONENT = 20 };

struct wtr_shelly_request {
    bool used;
    bool ambiguous; /* different questions bore the same name and number before the first was answered */
    bool answered;
    enum wtr_shelly_asked asked;
    wtr_device_ref device;
    uint32_t open;   /* questions not answered yet */
    uint64_t answer; /* a hash of the last answer's bytes */
    uint8_t src_length, id_length, component_length;
    char src[WTR_SHELLY_MAX_SRC];
    char id[WTR_SHELLY_MAX_ID];
    char component[WTR_SHELLY_MAX_COMPONENT]; /* "switch:0" */
};

/* Zero-initialise. */
struct wtr_shelly_learnt {
    struct wtr_map index; /* a base's hash to its place in the list */
    struct wtr_shelly_base *bases;
    size_t base_count;
    size_t base_capacity;
    struct wtr_map same; /* the device known by its prefix to the device known by its own id */
    struct wtr_shelly_request requests[WTR_SHELLY_REQUESTS];
    size_t next_request;
    struct wtr_coiot coiot; /* by CoAP */
    struct wtr_map ends;    /* end points of HTTP to the device that named itself there */
    size_t end_count;
    struct wtr_buffer frame; /* room for a request that is put together from a target */
};

void wtr_shelly_forget(struct wtr_shelly_learnt *learnt);

/* The base; made if new. NULL: no room. Good until the next is made. */
struct wtr_shelly_base *wtr_shelly_learn_base(struct wtr_shelly_learnt *learnt, struct wtr_text text);
/* Whether a device was seen to talk under the base. */
bool wtr_shelly_is_introduced(const struct wtr_shelly_learnt *learnt, struct wtr_text text);
/* The device that a prefix stands for is the one with this id of its own. */
void wtr_shelly_learn_same(struct wtr_shelly_learnt *learnt, wtr_device_ref prefix, wtr_device_ref own);

/* Keeps a request. `component` is empty where none is asked. */
void wtr_shelly_remember(struct wtr_shelly_learnt *learnt, const struct wtr_shelly_frame_id *frame,
                         enum wtr_shelly_asked asked, struct wtr_text component);
/* What the answer is about: what the request with the same name and number asked of this device, and of which
 * component; WTR_SHELLY_ASKED_OTHER if that can't be told. To be called for every answer, once for each time
 * that it is seen; `answer` is its text. */
enum wtr_shelly_asked wtr_shelly_recall(struct wtr_shelly_learnt *learnt,
                                        const struct wtr_shelly_frame_id *frame, struct wtr_text answer,
                                        struct wtr_text *component);

#endif
