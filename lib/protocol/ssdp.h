/* SPDX-License-Identifier: Apache-2.0 */
/* SSDP (UPnP Device Architecture 2.0, clause 1): heads like those of HTTP/1.1, one in each datagram. */
#ifndef WTR_PROTOCOL_SSDP_H
#define WTR_PROTOCOL_SSDP_H

#include "protocol/protocol.h"

enum { WTR_SSDP_MAX_HEADERS = 48 };

struct wtr_ssdp_header {
    struct wtr_text name;
    struct wtr_text value; /* without white space around it */
};

struct wtr_ssdp {
    struct wtr_text method, target; /* of a request: NOTIFY or M-SEARCH, "*" */
    struct wtr_text version;        /* "HTTP/1.1" */
    struct wtr_text status, reason; /* of a response: "200", "OK" */
    struct wtr_ssdp_header headers[WTR_SSDP_MAX_HEADERS];
    size_t header_count;
};

/* The first header of the name, compared without case; data NULL if it is not there. */
struct wtr_text wtr_ssdp_header(const struct wtr_ssdp *ssdp, const char *name);

/* Messages of type "notify", "m-search" or "response"; body struct wtr_ssdp. */
extern const struct wtr_protocol wtr_ssdp;

#endif
