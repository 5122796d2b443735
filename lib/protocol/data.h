/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that were opened, and that no protocol claims: shown as they are. */
#ifndef WTR_PROTOCOL_DATA_H
#define WTR_PROTOCOL_DATA_H

#include "protocol/protocol.h"

/* The body of its messages. */
struct wtr_data {
    struct wtr_text payload;
    const char *inside; /* the protocol that carried them: "tls" */
};

extern const struct wtr_protocol wtr_data;

#endif
