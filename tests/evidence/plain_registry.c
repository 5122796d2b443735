/* SPDX-License-Identifier: Apache-2.0 */
/* The command line with no protocol but TLS and DTLS (and ARP, which frames bring by themselves): linked
 * before the library's own list, so that what they carry is claimed by nobody and comes out as the bytes that
 * were opened (tls_decrypt.py). */
#include "protocol/arp.h"
#include "protocol/data.h"
#include "protocol/tls.h"

const struct wtr_protocol *const wtr_protocols[] = {&wtr_arp, &wtr_data, &wtr_dtls, &wtr_tls, NULL};
