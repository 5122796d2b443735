/* SPDX-License-Identifier: Apache-2.0 */
/* The protocols that the project reads: one line each. */
#include "protocol/http.h"
#include "protocol/mqtt.h"
#include "protocol/protocol.h"

const struct wtr_protocol *const wtr_protocols[] = {
    &wtr_http,
    &wtr_mqtt,
    NULL,
};
