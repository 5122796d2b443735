/* SPDX-License-Identifier: Apache-2.0 */
/* Edimax SP-1101W and SP-2101W: smartplug.cgi over HTTP, and their own datagrams. */
#ifndef WTR_VENDOR_EDIMAX_EDIMAX_H
#define WTR_VENDOR_EDIMAX_EDIMAX_H

#include "vendor/vendor.h"

/* A datagram in which a plug says who it is. Its texts point into the message's span. */
struct wtr_edimax_hello {
    struct wtr_text vendor;
    struct wtr_text model;
    struct wtr_text firmware;
    struct wtr_text name;
    struct wtr_text mac; /* twelve hexadecimal digits; length 0 where it stands as bytes: */
    struct wtr_text mac_bytes;
};

extern const struct wtr_protocol wtr_edimax_datagrams;
extern const struct wtr_vendor wtr_edimax;

#endif
