/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP families share: the parts of a request's target (RFC 3986 3.3, 3.4). */
#ifndef WTR_VENDOR_HTTP_TARGET_H
#define WTR_VENDOR_HTTP_TARGET_H

#include "protocol/http.h"

struct wtr_http_target {
    struct wtr_text path;  /* without a scheme and host before it */
    struct wtr_text query; /* as it stands; data NULL: there is none */
};

struct wtr_http_target wtr_http_target_cut(struct wtr_text target);

/* Takes the next parameter off the query, as it stands; false at the end. */
bool wtr_http_next_parameter(struct wtr_text *query, struct wtr_text *name, struct wtr_text *value);
/* The first parameter of the name, compared without case, as it stands; data NULL if it is not there. */
struct wtr_text wtr_http_query_value(struct wtr_text query, const char *name);
/* Appends the text with %XX and '+' (a space) resolved; what is no such escape stays as it is. */
void wtr_http_decode(struct wtr_text text, struct wtr_buffer *out);

#endif
