/* SPDX-License-Identifier: Apache-2.0 */
/* TP-Link Kasa: the plugs' own protocol on port 9999, and what its messages mean. */
#ifndef WTR_VENDOR_KASA_H
#define WTR_VENDOR_KASA_H

#include "vendor/vendor.h"

/* Longer bodies than this no device sends; a strip's whole description is about 2 KiB. */
enum { WTR_KASA_MAX_BODY = 1 << 16, WTR_KASA_MAX_CHILD = 63 };

/* What a request says of itself that its answer does not repeat. */
struct wtr_kasa_question {
    uint64_t exchange;
    uint64_t modules; /* a sum over the names of the modules that were asked */
    /* The outlets that it is about: how many, and the only one's id. WTR_KASA_UNCLEAR: not to be told. */
    unsigned child_count;
    size_t child_length;
    char child[WTR_KASA_MAX_CHILD];
};

enum { WTR_KASA_UNCLEAR = 0xffff };

/* A decoded message: its JSON, whose root is an object, in the message's span. */
struct wtr_kasa_body {
    const struct wtr_json *json;
    bool answer; /* from the device */
    /* Of an answer: the request that it answers; NULL: not known. */
    const struct wtr_kasa_question *question;
};

extern const struct wtr_protocol wtr_kasa_protocol;
extern const struct wtr_vendor wtr_kasa;

#endif
