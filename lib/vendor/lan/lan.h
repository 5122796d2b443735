/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on the network: plugs as ARP, DHCP, mDNS, SSDP, DNS and NTP show them. */
#ifndef WTR_VENDOR_LAN_LAN_H
#define WTR_VENDOR_LAN_LAN_H

#include "vendor/vendor.h"

extern const struct wtr_vendor wtr_lan;

#endif
