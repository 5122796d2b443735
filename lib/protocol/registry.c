/* SPDX-License-Identifier: Apache-2.0 */
/* The protocols that the project reads: one line each. */
#include "protocol/arp.h"
#include "protocol/coap.h"
#include "protocol/data.h"
#include "protocol/dhcp.h"
#include "protocol/dns.h"
#include "protocol/http.h"
#include "protocol/mqtt.h"
#include "protocol/ntp.h"
#include "protocol/protocol.h"
#include "protocol/quic.h"
#include "protocol/ssdp.h"
#include "protocol/tls.h"

/* clang-format off */
const struct wtr_protocol *const wtr_protocols[] = {
    &wtr_arp,
    &wtr_coap,
    &wtr_data, /* inside what was opened */
    &wtr_dhcp,
    &wtr_dns,
    &wtr_dtls,
    &wtr_http,
    &wtr_llmnr,
    &wtr_mdns,
    &wtr_mqtt,
    &wtr_ntp,
    &wtr_quic,
    &wtr_ssdp,
    &wtr_tls,
    &wtr_websocket, /* begins within http */
    NULL,
};
