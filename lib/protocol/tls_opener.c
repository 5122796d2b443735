/* SPDX-License-Identifier: Apache-2.0 */
/* Which opener the TLS and DTLS readers use. */
#include "protocol/tls_open.h"

const struct wtr_tls_opener *const wtr_tls_opener = NULL;
