/* SPDX-License-Identifier: Apache-2.0 */
/* QUIC (RFC 9000, 9001, 9369) as far as an onlooker without keys reads it: Initial packets, whose keys follow
 * from what they bear in clear, and the hellos in them. A message is an Initial packet that was opened
 * ("initial"), a Retry, a Version Negotiation, a hello out of CRYPTO frames ("client_hello", "server_hello"),
 * or, when nothing more can come, the connection as a whole ("session"). Bodies are struct wtr_tls_message,
 * the session a struct wtr_tls_session. */
#ifndef WTR_PROTOCOL_QUIC_H
#define WTR_PROTOCOL_QUIC_H

#include "protocol/protocol.h"

extern const struct wtr_protocol wtr_quic;

#endif
