/* SPDX-License-Identifier: Apache-2.0 */
/* Records with a MAC of their own: NULL, RC4 and CBC. */
#ifndef WTR_PROTOCOL_TLS_MAC_H
#define WTR_PROTOCOL_TLS_MAC_H

#include "protocol/tls_cipher.h"

/* What is authenticated beside the text: sequence number, type, version and the text's length; 13 bytes. */
size_t wtr_tls_prefix(const struct wtr_tls_sealed *sealed, size_t length, uint8_t prefix[13]);
/* As wtr_tls_unseal. */
const char *wtr_tls_unseal_mac(struct wtr_tls_protection *end, const struct wtr_tls_sealed *sealed,
                               uint8_t *plain, struct wtr_tls_unsealed *unsealed);

#endif
